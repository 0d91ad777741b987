//! The import, and the look whether the target has what was imported.

use super::{Step, Work, trouble::Trouble};
use crate::{
    Error,
    stage_run::{
        entity::Model,
        journal,
        patience::{FOR_ANSWERS, FOR_PACKAGES, within},
        state::Event,
    },
};
use environment::{Environment, EnvironmentError, Import, ImportJob, ImportStatus};
use model::{
    id::{EnvironmentId, ImportJobId},
    stage_run::{StepStatus, SubOperation},
};
use sea_orm::ActiveValue::Set;
use std::{sync::Arc, time::Duration};

const IMPORTING: SubOperation = SubOperation::DeployingArtifact;
const VERIFYING: SubOperation = SubOperation::ExecutingPostStep;

/// The first pause between two looks at an import. Into a built-in environment it may take no longer; for one that does
/// the pauses have grown to a second before long.
const FIRST_PAUSE: Duration = Duration::from_millis(1);

/// The longest pause between two looks at an import.
const LONGEST_PAUSE: Duration = Duration::from_secs(1);

impl Work {
    /// Imports the artifact and looks whether the target has it. The job's id was stored before, so asking again finds
    /// the same import.
    pub(super) async fn import(&self, run: &Model) -> Result<Step, Trouble> {
        let doing = format!("Importing {} {} into {}", run.solution_display_name, run.version, run.target_name);
        let trouble = |error| Trouble::at(IMPORTING, &doing, &run.target_name, Error::Environment(error));
        let (Some(job), Some(package)) = (run.import_job.map(ImportJobId), run.package()) else {
            let error = Error::Internal(format!("run {} has nothing to import", run.id));
            return Err(Trouble::at(IMPORTING, &doing, "Slipway", error));
        };
        let target = self.host.environments.open(EnvironmentId(run.target_id)).await.map_err(trouble)?;
        let import = Import { job, package, settings: run.settings(), overwrite_customizations: false };
        match within(FOR_PACKAGES, target.start_import(&import)).await {
            Ok(()) => {}
            Err(EnvironmentError::Busy { running }) => {
                let target = &run.target_name;
                let waiting_for =
                    format!("{target} is busy with another operation ({running}). The run goes on after it.");
                return self.wait_for_busy(run, waiting_for).await;
            }
            Err(error) => return Err(trouble(error)),
        }
        let Some(ended) = self.follow(run, target.as_ref(), &import).await? else { return Ok(Step::Rests) };
        if ended.status == ImportStatus::Failed {
            let code = ended.code.map(|code| format!(" ({code})")).unwrap_or_default();
            return Err(Trouble::import_fails(
                IMPORTING,
                format!(
                    "{doing} failed{code}: {} Mend what it names, then deploy again with a higher version.",
                    ended.message
                ),
            ));
        }
        self.verify(run, &target, &ended).await
    }

    /// Follows an import to its end. None when somebody else has the run by now, or the worker is to stop.
    async fn follow(
        &self,
        run: &Model,
        target: &dyn Environment,
        import: &Import,
    ) -> Result<Option<ImportJob>, Trouble> {
        let doing = format!("Importing {} {} into {}", run.solution_display_name, run.version, run.target_name);
        let trouble = |error| Trouble::at(IMPORTING, &doing, &run.target_name, Error::Environment(error));
        let mut pause = FIRST_PAUSE;
        let mut told = None;
        loop {
            match within(FOR_ANSWERS, target.import_job(import.job)).await.map_err(trouble)? {
                Some(job) if job.status == ImportStatus::Running => {
                    if told != Some(job.progress) {
                        told = Some(job.progress);
                        let (id, percent) = (run.run(), job.progress);
                        let held =
                            journal::write_progress(&self.host, id, self.lease, IMPORTING, percent, &job.message)
                                .await?;
                        if !held {
                            return Ok(None);
                        }
                    }
                }
                Some(job) => return Ok(Some(job)),
                // The environment has forgotten the job, so it cannot have taken effect.
                None => within(FOR_PACKAGES, target.start_import(import)).await.map_err(trouble)?,
            }
            tokio::select! {
                () = tokio::time::sleep(pause) => {}
                () = self.shutdown.cancelled() => {
                    // The import goes on without anybody looking; the next worker finds it by its job.
                    self.leave(run).await?;
                    return Ok(None);
                }
            }
            pause = pause.saturating_mul(3).div_f64(2.0).min(LONGEST_PAUSE);
        }
    }

    /// Looks whether the target has the version that was imported.
    async fn verify(&self, run: &Model, target: &Arc<dyn Environment>, job: &ImportJob) -> Result<Step, Trouble> {
        let began = self.now();
        let doing = format!("Looking for {} {} in {}", run.solution_display_name, run.version, run.target_name);
        let trouble = |error| Trouble::at(VERIFYING, &doing, &run.target_name, Error::Environment(error));
        let installed = within(FOR_ANSWERS, target.solution(&run.solution))
            .await
            .map_err(trouble)?
            .map(|solution| solution.summary);
        let has = match &installed {
            Some(installed) if installed.managed && installed.version == run.version() => {
                format!("{} has version {}", run.target_name, installed.version)
            }
            Some(installed) => {
                return Err(Trouble::import_fails(
                    VERIFYING,
                    format!(
                        "{doing} failed: the import was reported as done, but version {} is installed. Look into the target, \
                     then deploy again with a higher version.",
                        installed.version
                    ),
                ));
            }
            None => {
                return Err(Trouble::import_fails(
                    VERIFYING,
                    format!(
                        "{doing} failed: the import was reported as done, but the solution is not there. Look into the \
                     target, then deploy again with a higher version."
                    ),
                ));
            }
        };
        let mut change = self
            .change(run)
            .advance(Event::Imported)?
            .say(format!("{has} of {}.", run.solution_display_name))
            .step(IMPORTING, StepStatus::Succeeded, began, &job.message)
            .step(VERIFYING, StepStatus::Succeeded, began, has);
        change.columns.error_message = Set(String::new());
        self.write(change).await
    }
}
