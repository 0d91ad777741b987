//! The table of pipelines.

use crate::user;
use sea_orm::entity::prelude::*;

/// A pipeline.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "pipeline")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    pub name: String,
    pub name_key: String,
    pub description: String,
    pub owner_id: Uuid,
    /// The team that owns it, above the owner, who gave it to the team.
    pub owner_team_id: Option<Uuid>,
    /// Whether it is a maker's own: one development environment, at most two stages, never shared.
    pub personal: bool,
    pub active: bool,
    /// *Allow redeployments of older versions*.
    pub redeployment: bool,
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
