//! Connections and values for the version that is there, without an import.

use super::{Step, Work, trouble::Trouble};
use crate::{
    Error,
    stage_run::{
        entity::Model,
        patience::{FOR_ANSWERS, within},
        state::Event,
    },
};
use environment::EnvironmentError;
use model::{
    id::EnvironmentId,
    settings::DeploymentSettings,
    solution::SolutionContents,
    stage_run::{StepStatus, SubOperation},
};
use sea_orm::ActiveValue::Set;

const APPLYING: SubOperation = SubOperation::DeployingArtifact;
const VERIFYING: SubOperation = SubOperation::ExecutingPostStep;

impl Work {
    /// Applies the settings and looks whether the target has them. Doing it again does the same.
    pub(super) async fn reconfigure(&self, run: &Model) -> Result<Step, Trouble> {
        let began = self.now();
        let (solution, target) = (&run.solution_display_name, &run.target_name);
        let doing = format!("Applying the settings of {solution} to {target}");
        let trouble = |error| Trouble::at(APPLYING, &doing, target, Error::Environment(error));
        let environment = self.host.environments.open(EnvironmentId(run.target_id)).await.map_err(trouble)?;
        let there = within(FOR_ANSWERS, environment.solution(&run.solution)).await.map_err(trouble)?;
        let version = there.map(|there| there.summary.version);
        if version != Some(run.version()) {
            let has = version
                .map_or_else(|| "does not have the solution".to_owned(), |version| format!("has version {version}"));
            return Err(Trouble::fails(
                APPLYING,
                format!(
                    "{doing} failed: they are for version {}, and {target} {has} by now. Apply them anew.",
                    run.version
                ),
            ));
        }
        let settings = run.settings();
        match within(FOR_ANSWERS, environment.reconfigure(&run.solution, &settings)).await {
            Ok(()) => {}
            Err(EnvironmentError::Busy { running }) => {
                let waiting_for =
                    format!("{target} is busy with another operation ({running}). The run goes on after it.");
                return self.wait_for_busy(run, waiting_for).await;
            }
            Err(error) => return Err(trouble(error)),
        }
        let applied = self.now();
        let doing = format!("Looking for the settings of {solution} in {target}");
        let trouble = |error| Trouble::at(VERIFYING, &doing, target, Error::Environment(error));
        let there = within(FOR_ANSWERS, environment.solution(&run.solution)).await.map_err(trouble)?;
        if let Some(name) = there.as_ref().and_then(|there| missing(there, &settings)) {
            return Err(Trouble::fails(
                VERIFYING,
                format!("{doing} failed: {target} has something else for {name}. Look into the target, then retry."),
            ));
        }
        let count = settings.connection_references.len() + settings.environment_variables.len();
        let detail = format!("{count} {} set, nothing imported", if count == 1 { "setting" } else { "settings" });
        let mut change = self
            .change(run)
            .advance(Event::Imported)?
            .say(format!("{target} has the settings of {solution}."))
            .step(APPLYING, StepStatus::Succeeded, began, detail)
            .step(VERIFYING, StepStatus::Succeeded, applied, format!("{target} has them"));
        change.columns.error_message = Set(String::new());
        self.write(change).await
    }
}

/// The name of a setting that a solution does not have as it was given.
fn missing(there: &SolutionContents, settings: &DeploymentSettings) -> Option<String> {
    let references = there.connection_references.iter().filter_map(|bound| {
        let name = &bound.reference.logical_name;
        let given = settings.connection(name)?;
        (bound.connection_id.as_deref() != Some(given)).then(|| name.clone())
    });
    let variables = there.environment_variables.iter().filter_map(|variable| {
        let name = &variable.definition.schema_name;
        let given = settings.value(name)?;
        (variable.value.as_deref() != Some(given)).then(|| name.clone())
    });
    references.chain(variables).next()
}
