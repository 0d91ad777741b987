//! A run in the wizard.

use super::{
    access,
    look::{self, Look},
    patience::{OF_PEOPLE, within},
    settings::{choices, chosen, problems},
    step,
};
use crate::{Caller, Host, Result, comparison, deployment_window, user};
use model::{
    Action,
    comparison::Comparison,
    id::StageRunId,
    settings::DeploymentSettings,
    stage_run::{
        ReferenceToBind, RunKind, SolutionAtHand, StageRun, StageRunStatus, Timing, VariableToSet, Wizard, WizardStep,
    },
    variable::VariableType,
};
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter};

/// Everything the wizard shows of a run. Before pre-flight is done there is nothing to give yet; afterwards only steps
/// that apply to the package are there.
pub async fn wizard(host: &Host, caller: &Caller, id: StageRunId) -> Result<Wizard> {
    let run = access::find_own(host, caller, id).await?;
    let look = match run.status() {
        StageRunStatus::ValidationSucceeded => Some(look::at(host, &run, OF_PEOPLE).await?),
        _ => None,
    };
    let kept = run.settings();
    let steps = step::Entity::find().filter(step::Column::RunId.eq(run.id)).all(&host.database).await?;
    let run = run.view(&steps, caller);
    let mut wizard = Wizard {
        run,
        steps: vec![WizardStep::Destination, WizardStep::PreFlight],
        connections: Vec::new(),
        variables: Vec::new(),
        comparison: Ok(Comparison::default()),
        drafted_notes: String::new(),
        at_hand: Vec::new(),
        problems: Vec::new(),
        timing: Timing::default(),
    };
    wizard.at_hand = at_hand(host, &wizard.run).await;
    if let Some(look) = look {
        wizard.timing = timing(host, caller, &wizard.run).await?;
        wizard.connections = connections(&look, &kept);
        wizard.variables = variables(&look, &kept);
        if wizard.run.kind != RunKind::Settings {
            wizard.comparison = comparison::told(host, wizard.run.target, &look).await;
            wizard.drafted_notes = wizard.comparison.as_ref().map(comparison::draft_notes).unwrap_or_default();
        }
        wizard.problems = problems(&look, &kept);
        for (applies, step) in [
            (!wizard.connections.is_empty(), WizardStep::Connections),
            (!wizard.variables.is_empty(), WizardStep::Variables),
            (wizard.comparison.as_ref().map_or(true, |changes| !changes.components.is_empty()), WizardStep::Changes),
            (true, WizardStep::Summary),
        ] {
            if applies {
                wizard.steps.push(step);
            }
        }
    }
    Ok(wizard)
}

/// When a run can be deployed.
async fn timing(host: &Host, caller: &Caller, run: &StageRun) -> Result<Timing> {
    let now = host.clock.now();
    let closed = deployment_window::closed(&host.database, run.stage, &run.stage_name, now).await?;
    Ok(Timing {
        waits_for: closed.map(|closed| closed.sentence),
        windows: deployment_window::in_words(&host.database, run.stage).await?,
        time_zone: user::time_zone(host, caller).await?.name().to_owned(),
    })
}

/// The solutions that findings ask for, as far as the source has them. Where it does not answer, none.
async fn at_hand(host: &Host, run: &StageRun) -> Vec<SolutionAtHand> {
    let asked = |name: &str| {
        let mut actions = run.findings.iter().filter_map(|finding| finding.action.as_ref());
        actions.any(
            |action| matches!(action, Action::DeploySolution { unique_name } if unique_name.eq_ignore_ascii_case(name)),
        )
    };
    if !run.findings.iter().any(|finding| matches!(finding.action, Some(Action::DeploySolution { .. }))) {
        return Vec::new();
    }
    let there = async { host.environments.open(run.source).await?.solutions().await };
    let there = within(OF_PEOPLE, there).await.unwrap_or_default();
    let there = there.into_iter().filter(|solution| !solution.managed && asked(&solution.unique_name));
    there.map(|found| SolutionAtHand { unique_name: found.unique_name, display_name: found.display_name }).collect()
}

fn connections(look: &Look, kept: &DeploymentSettings) -> Vec<ReferenceToBind> {
    let references = look.facts.connection_references.iter();
    references
        .map(|reference| {
            let choices: Vec<_> = choices(look, reference).cloned().collect();
            let chosen = chosen(look, kept, reference);
            let chosen = chosen.filter(|id| choices.iter().any(|choice| choice.usable && choice.id == *id));
            ReferenceToBind { reference: reference.clone(), choices, chosen }
        })
        .collect()
}

fn variables(look: &Look, kept: &DeploymentSettings) -> Vec<VariableToSet> {
    let current = |name: &str| {
        let mut variables = look.staged.previous.iter().flat_map(|previous| &previous.environment_variables);
        let same = variables.find(|variable| variable.definition.schema_name.eq_ignore_ascii_case(name));
        same.and_then(|variable| variable.value.clone())
    };
    let definitions = look.facts.environment_variables.iter();
    definitions
        .map(|definition| {
            let is_secret = definition.kind == VariableType::Secret;
            let entered = kept.value(&definition.schema_name).map(str::to_owned);
            let target_value = current(&definition.schema_name);
            let mut definition = definition.clone();
            let given = |value: &Option<String>| value.as_deref().is_some_and(|value| !value.is_empty());
            let has_own = given(&definition.default_value) || given(&definition.packaged_value);
            if is_secret {
                for value in [&mut definition.default_value, &mut definition.packaged_value].into_iter().flatten() {
                    super::entity::MASK.clone_into(value);
                }
            }
            VariableToSet {
                is_needed: !has_own && !given(&target_value),
                is_entered: entered.is_some(),
                entered: entered.filter(|_| !is_secret),
                target_value: target_value.map(|value| if is_secret { super::entity::MASK.to_owned() } else { value }),
                definition,
            }
        })
        .collect()
}
