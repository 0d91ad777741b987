//! The table of teams.

use model::{id::UserId, team::Membership};
use sea_orm::entity::prelude::*;

/// A team.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "team")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    pub name: String,
    pub name_key: String,
    pub description: String,
    pub administrator_id: Option<Uuid>,
    pub provider: Option<String>,
    pub group_id: Option<String>,
    pub row_version: i32,
    pub created: i64,
    pub modified: i64,
}

#[derive(Clone, Copy, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}

impl Model {
    /// Where members come from.
    pub(super) fn membership(&self) -> Membership {
        match (&self.provider, &self.group_id) {
            (Some(provider), Some(group_id)) => {
                Membership::Group { provider: provider.clone(), group_id: group_id.clone() }
            }
            _ => Membership::Local,
        }
    }

    /// The person who may change who is a member.
    pub(super) fn administrator(&self) -> Option<UserId> {
        self.administrator_id.map(UserId)
    }
}
