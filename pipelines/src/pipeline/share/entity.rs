//! The table of shares of pipelines.

use crate::principal;
use model::access::{AccessRights, Principal};
use sea_orm::entity::prelude::*;

/// A share: what a person or a team may do with a pipeline.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "pipeline_share")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    pub pipeline_id: Uuid,
    pub person_id: Option<Uuid>,
    pub team_id: Option<Uuid>,
    /// The platform's `AccessRights`, added up.
    pub rights: i32,
}

#[derive(Clone, Copy, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}

impl Model {
    /// Whom it is shared with. The database lets no row in without one.
    pub(crate) fn principal(&self) -> Option<Principal> {
        principal::of(self.person_id, self.team_id)
    }

    /// What they may do.
    pub(crate) fn rights(&self) -> AccessRights {
        AccessRights::from_code(self.rights)
    }
}
