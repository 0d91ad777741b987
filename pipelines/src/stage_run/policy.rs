//! What policies ask of a run.

use super::{entity::Model, look::Look, record};
use crate::{
    Error, Host, Result,
    policy::{self, Before},
    preflight, stage,
};
use model::{
    FieldProblem, Finding, SolutionVersion, Timestamp, id::StageId, package::PackageFacts, settings::DeploymentSettings,
};
use sea_orm::EntityTrait;

/// The findings of a run under the policies of its pipeline and stage.
pub(super) async fn under(
    host: &Host,
    run: &Model,
    package: &PackageFacts,
    findings: Vec<Finding>,
) -> Result<Vec<Finding>> {
    let policies = policy::of_stage(&host.database, run.pipeline_id, StageId(run.stage_id)).await?;
    if policies.is_empty() {
        return Ok(findings);
    }
    // How long the stage before has had a version matters to what brings it on.
    let before = if run.settings_only { None } else { before(host, run).await? };
    Ok(policy::apply(&policies, package, before.as_ref(), Timestamp(host.now()), findings).await)
}

/// Refuses a run that the policies, as they are by now, do not let through: they may have changed since pre-flight, and
/// hours pass.
pub(super) async fn require(
    host: &Host,
    run: &Model,
    look: &Look,
    settings: &DeploymentSettings,
    version: &SolutionVersion,
) -> Result<()> {
    let mut package = look.facts.clone();
    package.version = version.clone();
    let subject = preflight::Subject {
        package: &package,
        staged: &look.staged,
        stage_installed: None,
        settings: Some(settings),
        redeployment: run.redeployment,
        missing_rights: &[],
    };
    // What would fail without any policy, the target says itself.
    let findings = preflight::check(&subject).into_iter().filter(|finding| !finding.blocks()).collect();
    let findings = under(host, run, &package, findings).await?;
    let errors: Vec<&str> =
        findings.iter().filter(|finding| finding.blocks()).map(|finding| finding.message.as_str()).collect();
    if errors.is_empty() { Ok(()) } else { Err(Error::Refused(errors.join(" "))) }
}

/// That notes are missing where a policy asks for them.
pub(super) async fn notes_problem(host: &Host, run: &Model, notes: Option<&str>) -> Result<Option<FieldProblem>> {
    if notes.is_none_or(|notes| !notes.is_empty()) {
        return Ok(None);
    }
    let policies = policy::of_stage(&host.database, run.pipeline_id, StageId(run.stage_id)).await?;
    let asks = policies.iter().any(|policy| policy.notes_required);
    Ok(asks.then(|| FieldProblem::new("notes", "Write notes: a policy asks for them here.")))
}

/// The stage before the one of a run, and since when it has this very version.
async fn before(host: &Host, run: &Model) -> Result<Option<Before>> {
    let stages = stage::entity::Entity::find_by_id(run.stage_id).one(&host.database).await?;
    let Some(previous) = stages.and_then(|stage| stage.previous_id) else { return Ok(None) };
    let Some(previous) = stage::entity::Entity::find_by_id(previous).one(&host.database).await? else {
        return Ok(None);
    };
    let brought = record::brought(&host.database, StageId(previous.id), &run.solution_key).await?;
    let same = brought.filter(|brought| brought.version_key == run.version_key);
    Ok(Some(Before { stage: previous.name, since: same.and_then(|run| run.ended).map(Timestamp) }))
}
