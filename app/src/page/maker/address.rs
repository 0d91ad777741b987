//! Addresses that several pages lead to.

use leptos_router::location::Url;
use model::{
    id::{EnvironmentId, PipelineId, StageId, StageRunId},
    stage_run::WizardStep,
};

/// The solutions of an environment.
pub fn solutions(environment: EnvironmentId) -> String {
    format!("/environments/{environment}/solutions")
}

/// The form for a new solution. Not below [`solutions`], where every name is a solution's.
pub fn new_solution(environment: EnvironmentId) -> String {
    format!("/environments/{environment}/new-solution")
}

/// The form for a solution package.
pub fn import_solution(environment: EnvironmentId) -> String {
    format!("/environments/{environment}/import-solution")
}

/// The overview of a solution.
pub fn solution(environment: EnvironmentId, unique_name: &str) -> String {
    format!("{}/{}", solutions(environment), segment(unique_name))
}

/// A name as a part of an address: as it is where that is possible, so that addresses stay readable.
fn segment(name: &str) -> String {
    let plain = name.chars().all(|letter| letter.is_ascii_alphanumeric() || letter == '_');
    if plain { name.to_owned() } else { Url::escape(name) }
}

/// The Pipelines page of a solution.
pub fn pipelines(environment: EnvironmentId, unique_name: &str, pipeline: Option<PipelineId>) -> String {
    let page = format!("{}/pipelines", solution(environment, unique_name));
    pipeline.map_or_else(|| page.clone(), |pipeline| format!("{page}?pipeline={pipeline}"))
}

/// The form for a new personal pipeline.
pub fn new_pipeline(environment: EnvironmentId, unique_name: &str) -> String {
    format!("{}/new", pipelines(environment, unique_name, None))
}

/// The form of a personal pipeline.
pub fn edit_pipeline(environment: EnvironmentId, unique_name: &str, pipeline: PipelineId) -> String {
    format!("{}/{pipeline}", pipelines(environment, unique_name, None))
}

/// The beginning of the wizard for a stage.
pub fn deploy(environment: EnvironmentId, unique_name: &str, pipeline: PipelineId, stage: StageId) -> String {
    format!("{}/deploy?pipeline={pipeline}&stage={stage}", solution(environment, unique_name))
}

/// What is prepared for a solution at a stage.
pub fn settings(environment: EnvironmentId, unique_name: &str, stage: StageId) -> String {
    format!("{}/settings/{stage}", solution(environment, unique_name))
}

/// Where the target of a stage differs from what was last deployed there.
pub fn drift(environment: EnvironmentId, unique_name: &str, stage: StageId) -> String {
    format!("{}/drift/{stage}", solution(environment, unique_name))
}

/// What is prepared for a solution at a stage as a file, to be fetched and to be sent.
pub fn settings_file(environment: EnvironmentId, unique_name: &str, stage: StageId) -> String {
    format!("/deployment-settings/{environment}/{}/{stage}", segment(unique_name))
}

/// A step of the wizard for a run.
pub fn step(run: StageRunId, step: WizardStep) -> String {
    format!("/runs/{run}/deploy/{}", step.name())
}

/// A run.
pub fn run(run: StageRunId) -> String {
    format!("/runs/{run}")
}

#[cfg(test)]
mod tests {
    use super::*;
    use uuid::Uuid;

    #[test]
    fn names_stay_readable_in_addresses_and_never_leave_their_part() {
        let environment = EnvironmentId(Uuid::nil());
        assert!(solution(environment, "contoso_Expenses").ends_with("/solutions/contoso_Expenses"));
        assert!(solution(environment, "a/b?c#d").ends_with("/solutions/a%2Fb%3Fc%23d"));
    }
}
