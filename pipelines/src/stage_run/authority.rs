//! As whom a run deploys, and what they lack for it: the right to export in the source, and the right to import in the
//! target, exactly as by hand. Asked again before every step that matters, because roles and stages change meanwhile.

use super::entity::{ActiveModel, Model};
use crate::{
    Error, Host, Result,
    environment_role::{MissingRight, standing},
    stage, user,
};
use model::{
    access::EnvironmentRight,
    id::{EnvironmentId, StageId, UserId},
    pipeline::Stage,
};
use sea_orm::{ActiveValue::Set, ConnectionTrait};

/// As whom a run deploys at the moment, and what is missing.
pub(super) struct Authority {
    /// Whom its stage is delegated to.
    run_as: Option<RunAs>,
    /// Rights that it would need and that are not there.
    pub missing: Vec<MissingRight>,
}

/// Whom a delegated stage deploys as.
pub(super) struct RunAs {
    id: UserId,
    name: String,
}

impl RunAs {
    /// Whom a stage is delegated to; none where it deploys as whoever asks.
    pub async fn of(database: &impl ConnectionTrait, stage: &Stage) -> Result<Option<Self>> {
        let Some(delegation) = stage.delegation else { return Ok(None) };
        let account = user::require(database, delegation.delegate).await?;
        Ok(Some(Self { id: delegation.delegate, name: account.display_name }))
    }
}

/// Writes down as whom a run deploys.
pub(super) fn keep(run_as: Option<&RunAs>, columns: &mut ActiveModel) {
    columns.run_as = Set(run_as.map(|run_as| run_as.id.0));
    columns.run_as_name = Set(run_as.map(|run_as| run_as.name.clone()));
}

/// As whom a run deploys, for the end of a sentence: ` as Contoso Deployment`; empty for whoever asked.
pub(super) fn words(run_as: Option<&RunAs>) -> String {
    run_as.map(|run_as| format!(" as {}", run_as.name)).unwrap_or_default()
}

/// As whom a run deploys by now, and what is missing.
pub(super) async fn of(host: &Host, run: &Model) -> Result<Authority> {
    let stage = stage::find(&host.database, StageId(run.stage_id)).await?;
    let run_as = match stage {
        // What was delegated is the target that the stage has now, and no other.
        Some(stage) if stage.target_environment.0 == run.target_id => RunAs::of(&host.database, &stage).await?,
        _ => None,
    };
    let mut missing = Vec::new();
    // Later stages and redeployments take a stored artifact: nothing is exported.
    if !run.version_is_fixed {
        let source = (EnvironmentId(run.source_id), run.source_name.as_str());
        let asked = UserId(run.requested_by);
        missing.extend(standing::missing(host, asked, false, source, EnvironmentRight::Export).await?);
    }
    let target = (EnvironmentId(run.target_id), run.target_name.as_str());
    let who = run_as.as_ref().map_or(UserId(run.requested_by), |run_as| run_as.id);
    missing.extend(standing::missing(host, who, run_as.is_some(), target, EnvironmentRight::Import).await?);
    Ok(Authority { run_as, missing })
}

/// Why nobody deploys for whoever asked for a run any more; none where they may still use its pipeline. Between *Deploy*
/// and the import lie approvals and queues, and in the meantime accounts are disabled and shares taken back.
pub(super) async fn requester_obstacle(host: &Host, run: &Model) -> Result<Option<String>> {
    let name = &run.requested_by_name;
    let Some((requester, _)) = user::visitor(host, UserId(run.requested_by)).await? else {
        return Ok(Some(format!(
            "The account of {name}, who asked for this run, is disabled. Somebody else has to deploy."
        )));
    };
    match super::access::require_pipeline(host, &requester, run).await {
        Ok(()) => Ok(None),
        Err(Error::Forbidden(_)) => Ok(Some(format!(
            "The pipeline “{}” is not shared any more with {name}, who asked for this run. Somebody else has to deploy.",
            run.pipeline_name
        ))),
        Err(error) => Err(error),
    }
}

impl Authority {
    /// Writes down as whom the run deploys.
    pub fn keep(&self, columns: &mut ActiveModel) {
        keep(self.run_as.as_ref(), columns);
    }

    /// As whom the run deploys; see [`words`].
    pub fn words(&self) -> String {
        words(self.run_as.as_ref())
    }

    /// Goes on only where nothing is missing.
    pub fn require(&self) -> Result<()> {
        match self.missing.first() {
            None => Ok(()),
            Some(missing) => Err(Error::Forbidden(format!("{} {}", missing.sentence(), missing.remedy()))),
        }
    }
}
