//! The table of roles given in built-in environments.

use crate::principal;
use model::access::{EnvironmentRole, Principal};
use sea_orm::entity::prelude::*;

/// A role in an environment, given to a person or to a team.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "environment_role")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    pub environment_id: Uuid,
    pub person_id: Option<Uuid>,
    pub team_id: Option<Uuid>,
    pub role: String,
}

#[derive(Clone, Copy, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}

impl Model {
    /// Whom it was given to. The database lets no row in without one.
    pub(crate) fn principal(&self) -> Option<Principal> {
        principal::of(self.person_id, self.team_id)
    }

    /// The role. The database lets no other name in.
    pub(crate) fn role(&self) -> Option<EnvironmentRole> {
        EnvironmentRole::from_name(&self.role)
    }
}
