//! Waiting at gates, never longer than their deadline.

use super::{Step, Work, trouble::Trouble};
use crate::{
    gate,
    stage_run::{approval, entity::Model},
};
use model::{
    gate::{Gate, GateStatus, Gates},
    id::StageId,
    stage_run::StepStatus,
};
use sea_orm::ActiveValue::Set;
use std::time::Duration;

/// Whether a stage has a gate.
fn has(gates: &Gates, gate: Gate) -> bool {
    match gate {
        Gate::PreExportStep => gates.pre_export_step_required,
        Gate::Approval => gates.approvals_needed > 0,
        Gate::PreDeploymentStep => gates.pre_deployment_step_required,
    }
}

/// The first of some gates that a run has not passed.
pub(super) fn first(run: &Model, gates: &Gates, among: &[Gate]) -> Option<Gate> {
    let closed = |gate: &Gate| has(gates, *gate) && run.gate_status(*gate) != Some(GateStatus::Completed);
    among.iter().copied().find(closed)
}

impl Work {
    /// The first of some gates that a run has to wait at, with all gates of its stage.
    pub(super) async fn gate(&self, run: &Model, among: &[Gate]) -> Result<Option<(Gate, Gates)>, Trouble> {
        let gates = gate::of(&self.host.database, StageId(run.stage_id)).await?;
        Ok(first(run, &gates, among).map(|gate| (gate, gates)))
    }

    /// Waits at a gate: says so at first, and fails the run when nobody has answered until the deadline.
    pub(super) async fn wait_at(&self, run: &Model, gate: Gate, gates: &Gates) -> Result<Step, Trouble> {
        let now = self.now();
        let waits = run.gate_status(gate) == Some(GateStatus::Pending);
        match run.gate_deadline.filter(|_| waits) {
            Some(deadline) if deadline <= now.0 => {
                let message = format!("Nobody answered the {} within {} hours.", gate.label(), gates.deadline_hours);
                self.write(approval::refuse(self.change(run), run, gate, &message)?).await?;
            }
            Some(deadline) => {
                self.write(self.change(run).due(Some(model::Timestamp(deadline)))).await?;
            }
            None => {
                let deadline = now + Duration::from_hours(u64::from(gates.deadline_hours));
                let message = match gate {
                    Gate::Approval => format!("Waiting for approval at {}.", run.stage_name),
                    gate => format!("Waiting for the {} to be completed outside of Slipway.", gate.label()),
                };
                let step = approval::step_of(gate);
                let mut change = self.change(run).say(&message).step(step, StepStatus::Pending, now, &message);
                approval::set_status(&mut change.columns, gate, Some(GateStatus::Pending));
                change.columns.gate_deadline = Set(Some(deadline.0));
                change.columns.waiting_for = Set(message);
                // A run that waits for people keeps nobody else from the target.
                change.columns.queued = Set(None);
                self.write(change.due(Some(deadline))).await?;
            }
        }
        Ok(Step::Rests)
    }
}
