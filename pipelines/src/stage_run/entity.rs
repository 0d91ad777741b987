//! The table of runs.

use super::{state::State, step};
use crate::{
    Caller,
    artifact::entity::{bytes, version},
    time_zone::Zone,
};
use environment::StoredPackage;
use model::{
    Finding, SolutionVersion, Timestamp,
    gate::{Gate, GateStatus},
    id::{ArtifactId, EnvironmentId, PipelineId, StageId, StageRunId, UserId},
    package::Publisher,
    settings::DeploymentSettings,
    stage_run::{RunKind, ScheduledTime, StageRun, StageRunStatus},
};
use sea_orm::entity::prelude::*;
use serde::{Serialize, de::DeserializeOwned};

/// A run.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "stage_run")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    pub status: i32,
    pub pipeline_id: Uuid,
    pub pipeline_name: String,
    pub stage_id: Uuid,
    pub stage_name: String,
    pub source_id: Uuid,
    pub source_name: String,
    pub target_id: Uuid,
    pub target_name: String,
    pub solution: String,
    pub solution_key: String,
    pub solution_display_name: String,
    pub publisher: Option<String>,
    pub development_version: String,
    pub version: String,
    pub version_key: String,
    pub version_is_fixed: bool,
    pub previous_version: Option<String>,
    pub requested_by: Uuid,
    pub requested_by_name: String,
    /// Whom it deploys as, where that is not who asked.
    pub run_as: Option<Uuid>,
    pub run_as_name: Option<String>,
    pub notes: String,
    pub requested: i64,
    pub ended: Option<i64>,
    pub error_message: String,
    pub waiting_for: String,
    pub findings: String,
    pub settings: String,
    /// Names of the variables whose values are shown to nobody.
    pub secret_variables: String,
    /// The package that pre-flight looks at: an export of the source as the managed package it is going to be, or the
    /// artifact of an earlier stage.
    #[sea_orm(column_name = "staged_sha256")]
    pub staged_sha256: Option<String>,
    pub staged_bytes: Option<i64>,
    /// When that package was fetched.
    pub staged_at: Option<i64>,
    pub artifact_id: Option<Uuid>,
    /// The managed package of the artifact.
    #[sea_orm(column_name = "artifact_sha256")]
    pub artifact_sha256: Option<String>,
    pub artifact_bytes: Option<i64>,
    /// Chosen before the import is asked for, so that it is found again after a crash.
    pub import_job: Option<Uuid>,
    /// Since when it stands in the queue of its target; none before and after.
    pub queued: Option<i64>,
    /// Its place in that queue, which the lowest one heads: the moment at which it joined, until somebody moves it. A run
    /// that waits for a deployment window keeps its place.
    pub queue_place: Option<i64>,
    /// When it is to begin, where its maker chose a time.
    pub scheduled_for: Option<i64>,
    /// The time zone in which that was chosen.
    pub scheduled_zone: Option<String>,
    /// Why it may go on outside of its stage's deployment windows, and who said so.
    pub window_override: Option<String>,
    /// When the worker has something to do with it; none while it waits for a person, and in the end.
    pub due: Option<i64>,
    /// How often an environment did not answer since something last went well.
    pub attempts: i32,
    pub lease_owner: Option<Uuid>,
    /// Raised with every change of hands; only whoever has the current one may write.
    pub lease_token: i64,
    pub lease_until: Option<i64>,
    /// Number of the last entry of its log.
    pub last_event: i64,
    /// Where it stood when it failed.
    pub failed_at: Option<i32>,
    /// Whether it may put an older version in the place of a newer one.
    pub redeployment: bool,
    /// Whether it sets connections and values of the version that is there, and imports nothing.
    pub settings_only: bool,
    /// The run whose change of the target it takes back.
    pub rolls_back: Option<Uuid>,
    /// Where it stands at its gates, in the platform's values; none before it comes to them.
    pub pre_export_step_status: Option<i32>,
    pub approval_status: Option<i32>,
    pub pre_deployment_step_status: Option<i32>,
    /// When it fails at the gate at which it waits.
    pub gate_deadline: Option<i64>,
    /// How many components it changes how; none before *Deploy*.
    pub changes: Option<String>,
}

#[derive(Clone, Copy, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}

impl Model {
    /// Where it stands. The database lets no other number in.
    pub(crate) fn status(&self) -> StageRunStatus {
        StageRunStatus::from_code(self.status).unwrap_or(StageRunStatus::Failed)
    }

    /// Where it stands, for the state machine.
    pub(crate) fn state(&self) -> State {
        State { status: self.status(), failed_at: self.failed_at.and_then(StageRunStatus::from_code) }
    }

    /// Where it stands at a gate; none before it comes to it.
    pub(crate) fn gate_status(&self, gate: Gate) -> Option<GateStatus> {
        let code = match gate {
            Gate::PreExportStep => self.pre_export_step_status,
            Gate::Approval => self.approval_status,
            Gate::PreDeploymentStep => self.pre_deployment_step_status,
        };
        code.and_then(GateStatus::from_code)
    }

    /// The gate at which it waits.
    pub(crate) fn waits_at(&self) -> Option<Gate> {
        if self.status().is_final() {
            return None;
        }
        Gate::ALL.into_iter().find(|gate| self.gate_status(*gate) == Some(GateStatus::Pending))
    }

    /// What it has changed so far, outside of Slipway's own records, in a sentence or two.
    pub(crate) fn done_so_far(&self) -> String {
        let untouched = format!("Nothing has been changed in {}.", self.target_name);
        let (source, version) = (&self.source_name, &self.version);
        match self.status() {
            StageRunStatus::PreDeployInProgress if !self.version_is_fixed && self.artifact_id.is_none() => {
                format!("{untouched} The version in {source} may have been raised to {version} already.")
            }
            status if status.is_final() || status == StageRunStatus::Deploying => String::new(),
            _ if !self.version_is_fixed && self.artifact_id.is_some() => {
                format!("{untouched} Version {version} stays stored as an artifact, and {source} has that version.")
            }
            _ => untouched,
        }
    }

    /// When it is to begin, where its maker chose a time.
    pub(crate) fn scheduled(&self) -> Option<ScheduledTime> {
        let at = Timestamp(self.scheduled_for?);
        let zone = self.scheduled_zone.as_deref().map_or_else(Zone::utc, Zone::kept);
        Some(ScheduledTime { at, text: zone.show(at) })
    }

    /// The version it takes along.
    pub(crate) fn version(&self) -> SolutionVersion {
        version(&self.version)
    }

    /// Id.
    pub(crate) fn run(&self) -> StageRunId {
        StageRunId(self.id)
    }

    /// The settings as they are kept, secrets included.
    pub(crate) fn settings(&self) -> DeploymentSettings {
        read(&self.settings)
    }

    /// The package that pre-flight looks at, once there is one.
    pub(crate) fn staged(&self) -> Option<StoredPackage> {
        Some(StoredPackage { sha256: self.staged_sha256.clone()?, bytes: bytes(self.staged_bytes?) })
    }

    /// The managed package of the artifact, once it is stored.
    pub(crate) fn package(&self) -> Option<StoredPackage> {
        Some(StoredPackage { sha256: self.artifact_sha256.clone()?, bytes: bytes(self.artifact_bytes?) })
    }

    /// The run as its page shows it to a person.
    pub(crate) fn view(self, steps: &[step::Model], caller: &Caller) -> StageRun {
        let status = self.status();
        let done_so_far = self.done_so_far();
        let scheduled = self.scheduled();
        let mine = self.requested_by == caller.user.0;
        let secret: Vec<String> = read(&self.secret_variables);
        let mut settings = self.settings();
        for setting in &mut settings.environment_variables {
            let is_secret = secret.iter().any(|name| name.eq_ignore_ascii_case(&setting.schema_name));
            if is_secret && !setting.value.is_empty() {
                MASK.clone_into(&mut setting.value);
            }
        }
        StageRun {
            id: StageRunId(self.id),
            status,
            pipeline: PipelineId(self.pipeline_id),
            stage: StageId(self.stage_id),
            source: EnvironmentId(self.source_id),
            target: EnvironmentId(self.target_id),
            publisher: self
                .publisher
                .as_deref()
                .and_then(|publisher| serde_json::from_str::<Publisher>(publisher).ok()),
            development_version: version(&self.development_version),
            version: self.version(),
            previous_version: self.previous_version.as_deref().map(version),
            version_is_fixed: self.version_is_fixed,
            artifact: self.artifact_id.map(ArtifactId),
            requested_by: UserId(self.requested_by),
            requested: Timestamp(self.requested),
            ended: self.ended.map(Timestamp),
            steps: step::views(status, steps),
            findings: read::<Vec<Finding>>(&self.findings),
            settings,
            cancellable: status.is_cancellable() && (mine || caller.is_administrator()),
            mine,
            pipeline_name: self.pipeline_name,
            stage_name: self.stage_name,
            source_name: self.source_name,
            target_name: self.target_name,
            solution: self.solution,
            solution_display_name: self.solution_display_name,
            artifact_sha256: self.artifact_sha256,
            requested_by_name: self.requested_by_name,
            run_as_name: self.run_as_name,
            notes: self.notes,
            changes: self.changes.as_deref().and_then(|changes| serde_json::from_str(changes).ok()),
            error_message: self.error_message,
            waiting_for: self.waiting_for,
            scheduled,
            window_override: self.window_override,
            done_so_far,
            kind: match (self.rolls_back, self.redeployment) {
                _ if self.settings_only => RunKind::Settings,
                (Some(run), _) => RunKind::RollBack(StageRunId(run)),
                (None, true) => RunKind::Redeployment,
                (None, false) => RunKind::Deployment,
            },
        }
    }
}

/// What stands in place of a secret value.
pub(crate) const MASK: &str = "••••••••";

/// A document as it is kept. Only what was written by [`write`] is ever read; anything else reads as empty.
pub(crate) fn read<T: DeserializeOwned + Default>(text: &str) -> T {
    serde_json::from_str(text).unwrap_or_default()
}

/// A document to keep.
pub(crate) fn write<T: Serialize>(document: &T) -> String {
    serde_json::to_string(document).unwrap_or_default()
}
