//! The table of roles given to teams.

use model::user::{Role, Roles};
use sea_orm::entity::prelude::*;

/// A role of a team.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "team_role")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub team_id: Uuid,
    #[sea_orm(primary_key, auto_increment = false)]
    pub role: String,
}

#[derive(Clone, Copy, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}

/// The roles of rows.
pub(crate) fn roles<'a>(rows: impl IntoIterator<Item = &'a Model>) -> Roles {
    rows.into_iter().filter_map(|row| Role::from_name(&row.role)).collect()
}
