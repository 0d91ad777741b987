//! The table of stages' approvers.

use crate::Caller;
use model::{
    gate::Approver,
    id::{TeamId, UserId},
};
use sea_orm::{Condition, QuerySelect, QueryTrait, entity::prelude::*, sea_query::SelectStatement};

/// A person or a team that approves at a stage.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "stage_approver")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub stage_id: Uuid,
    #[sea_orm(primary_key, auto_increment = false)]
    pub approver_id: Uuid,
    pub is_team: bool,
}

#[derive(Clone, Copy, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}

impl Model {
    /// Who it is.
    pub(crate) fn approver(&self) -> Approver {
        if self.is_team { Approver::Team(TeamId(self.approver_id)) } else { Approver::Person(UserId(self.approver_id)) }
    }
}

/// The stages at which a person approves, by themselves or as a member of a team, as a query.
pub(crate) fn stages_of(caller: &Caller) -> SelectStatement {
    let teams = caller.teams.iter().map(|team| team.0);
    let is_team = Condition::all().add(Column::IsTeam.eq(true)).add(Column::ApproverId.is_in(teams));
    let is_person = Condition::all().add(Column::IsTeam.eq(false)).add(Column::ApproverId.eq(caller.user.0));
    let stages = Entity::find().select_only().column(Column::StageId);
    stages.filter(Condition::any().add(is_person).add(is_team)).into_query()
}
