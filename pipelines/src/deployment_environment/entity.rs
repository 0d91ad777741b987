//! The table of the host's records of environments.

use crate::{Result, user};
use model::{
    Timestamp,
    environment::{DeploymentEnvironment, EnvironmentChoice, EnvironmentType, ValidationStatus},
    id::{DeploymentEnvironmentId, EnvironmentId, UserId},
};
use sea_orm::entity::prelude::*;

/// A record.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "deployment_environment")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    pub name: String,
    pub name_key: String,
    pub description: String,
    pub environment_type: i32,
    pub environment_id: Uuid,
    pub owner_id: Uuid,
    pub validation_status: i32,
    pub error_message: String,
    pub active: bool,
    pub row_version: i32,
    pub created: i64,
    pub modified: i64,
}

#[derive(Clone, Copy, Debug, EnumIter, DeriveRelation)]
pub enum Relation {
    #[sea_orm(belongs_to = "user::entity::Entity", from = "Column::OwnerId", to = "user::entity::Column::Id")]
    Owner,
}

impl Related<user::entity::Entity> for Entity {
    fn to() -> RelationDef {
        Relation::Owner.def()
    }
}

impl ActiveModelBehavior for ActiveModel {}

impl Model {
    /// Development or target.
    pub(crate) fn kind(&self) -> Result<EnvironmentType> {
        EnvironmentType::from_code(self.environment_type)
            .ok_or_else(|| crate::Error::Internal(format!("Environment {} has no type.", self.id)))
    }

    /// What came of connecting to it. The database lets no other number in.
    pub(crate) fn validation(&self) -> ValidationStatus {
        ValidationStatus::from_code(self.validation_status).unwrap_or(ValidationStatus::Pending)
    }

    /// The record as pages show it.
    pub(crate) fn record(self, owner: Option<user::entity::Model>) -> Result<DeploymentEnvironment> {
        let (kind, validation) = (self.kind()?, self.validation());
        Ok(DeploymentEnvironment {
            id: DeploymentEnvironmentId(self.id),
            name: self.name,
            description: self.description,
            kind,
            environment_id: EnvironmentId(self.environment_id),
            owner: UserId(self.owner_id),
            owner_name: owner.map(|owner| owner.display_name).unwrap_or_default(),
            validation,
            error_message: self.error_message,
            active: self.active,
            row_version: self.row_version,
            modified: Timestamp(self.modified),
        })
    }

    /// The environment as a person chooses it.
    pub(crate) fn choice(self) -> Result<EnvironmentChoice> {
        let kind = self.kind()?;
        Ok(EnvironmentChoice { id: EnvironmentId(self.environment_id), name: self.name, kind })
    }
}
