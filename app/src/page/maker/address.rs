//! Addresses that several pages lead to.

use leptos_router::location::Url;
use model::{
    id::{EnvironmentId, PipelineId, StageId, StageRunId},
    stage_run::WizardStep,
};

/// The overview of a solution.
pub fn solution(environment: EnvironmentId, unique_name: &str) -> String {
    format!("/environments/{environment}/solutions/{}", Url::escape(unique_name))
}

/// The Pipelines page of a solution.
pub fn pipelines(environment: EnvironmentId, unique_name: &str, pipeline: Option<PipelineId>) -> String {
    let page = format!("{}/pipelines", solution(environment, unique_name));
    pipeline.map_or_else(|| page.clone(), |pipeline| format!("{page}?pipeline={pipeline}"))
}

/// The beginning of the wizard for a stage.
pub fn deploy(environment: EnvironmentId, unique_name: &str, pipeline: PipelineId, stage: StageId) -> String {
    format!("{}/deploy?pipeline={pipeline}&stage={stage}", solution(environment, unique_name))
}

/// A step of the wizard for a run.
pub fn step(run: StageRunId, step: WizardStep) -> String {
    format!("/runs/{run}/deploy/{}", step.name())
}

/// A run.
pub fn run(run: StageRunId) -> String {
    format!("/runs/{run}")
}
