//! The table of runs' steps. A step that has not begun has no row.

use model::{
    Timestamp,
    stage_run::{StageRunStatus, Step, StepStatus, SubOperation},
};
use sea_orm::entity::prelude::*;

/// A step of a run.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "stage_run_step")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub run_id: Uuid,
    #[sea_orm(primary_key, auto_increment = false)]
    pub step: i32,
    pub status: i32,
    pub started: Option<i64>,
    pub ended: Option<i64>,
    pub detail: String,
    pub progress: Option<i32>,
}

#[derive(Clone, Copy, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}

/// All steps of a run as its page shows them, those without a row included.
pub(crate) fn views(run: StageRunStatus, rows: &[Model]) -> Vec<Step> {
    let unbegun = match run {
        StageRunStatus::Failed | StageRunStatus::Canceled => StepStatus::Canceled,
        _ => StepStatus::NotStarted,
    };
    SubOperation::ALL
        .iter()
        .map(|step| match rows.iter().find(|row| row.step == step.code()) {
            Some(row) => Step {
                step: *step,
                status: StepStatus::from_code(row.status).unwrap_or(unbegun),
                started: row.started.map(Timestamp),
                ended: row.ended.map(Timestamp),
                detail: row.detail.clone(),
                progress: row.progress.and_then(|percent| u8::try_from(percent).ok()),
            },
            None => {
                Step { step: *step, status: unbegun, started: None, ended: None, detail: String::new(), progress: None }
            }
        })
        .collect()
}
