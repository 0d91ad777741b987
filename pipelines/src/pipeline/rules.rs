//! The rules of pipelines, as pure functions over stages and environments.
//!
//! The stages of a pipeline are a chain: the first has no previous stage, every other follows exactly one, and no two
//! follow the same. Source: the platform's documentation, `custom-host-pipelines.md`.

use model::{
    environment::{DeploymentEnvironment, EnvironmentType, ValidationStatus},
    id::{DeploymentEnvironmentId, EnvironmentId, StageId},
    pipeline::{MOST_PERSONAL_STAGES, MOST_STAGES, Stage},
};
use std::collections::HashMap;

/// What is wrong, in a sentence.
pub(crate) type Message = String;

/// Puts stages in the order of their chain. Stages that cannot be reached from a first one come last, by id.
pub(crate) fn in_order(stages: Vec<Stage>) -> Vec<Stage> {
    let count = stages.len();
    let mut by_previous: HashMap<Option<StageId>, Vec<Stage>> = HashMap::new();
    for stage in stages {
        by_previous.entry(stage.previous).or_default().push(stage);
    }
    for followers in by_previous.values_mut() {
        followers.sort_by_key(|stage| std::cmp::Reverse(stage.id));
    }
    let mut ordered = Vec::with_capacity(count);
    let mut next = by_previous.get_mut(&None).and_then(Vec::pop);
    while let Some(stage) = next {
        next = by_previous.get_mut(&Some(stage.id)).and_then(Vec::pop);
        ordered.push(stage);
    }
    let mut unreachable: Vec<_> = by_previous.into_values().flatten().collect();
    unreachable.sort_by_key(|stage| stage.id);
    ordered.append(&mut unreachable);
    ordered
}

/// Whether stages in order are one chain.
pub(crate) fn is_chain(stages: &[Stage]) -> bool {
    let mut previous = None;
    stages.iter().all(|stage| previous.replace(stage.id) == stage.previous)
}

/// Whether one more stage fits.
pub(crate) fn check_room(stages: &[Stage], personal: bool) -> Result<(), Message> {
    let (kind, most) = if personal { ("personal pipeline", MOST_PERSONAL_STAGES) } else { ("pipeline", MOST_STAGES) };
    if stages.len() < most {
        return Ok(());
    }
    Err(format!("A {kind} has at most {most} stages, and this one has them all."))
}

/// Whether a stage may follow `previous`. `stage` is the stage that is changed; none for a new one.
pub(crate) fn check_previous(
    stages: &[Stage],
    stage: Option<StageId>,
    previous: Option<StageId>,
) -> Result<(), Message> {
    let others = || stages.iter().filter(|other| Some(other.id) != stage);
    let Some(previous) = previous else {
        return match others().find(|other| other.previous.is_none()) {
            None => Ok(()),
            Some(first) => Err(format!(
                "“{}” is the first stage of this pipeline, and there is only one. Choose the stage that this one follows.",
                first.name
            )),
        };
    };
    if Some(previous) == stage {
        return Err("A stage cannot follow itself. Choose another one, or none for the first stage.".to_owned());
    }
    let Some(chosen) = stages.iter().find(|other| other.id == previous) else {
        return Err("Choose a stage of this pipeline.".to_owned());
    };
    if let Some(follower) = others().find(|other| other.previous == Some(previous)) {
        return Err(format!(
            "“{}” follows “{}” already, and only one stage can. Choose the last stage of the pipeline, or delete “{}” \
             first and add it again afterwards.",
            follower.name, chosen.name, follower.name
        ));
    }
    if let Some(stage) = stage
        && comes_after(stages, chosen, stage)
    {
        return Err(format!("“{}” comes after this stage, so this stage cannot follow it.", chosen.name));
    }
    Ok(())
}

/// Whether going back from a stage leads to another one. Bounded by the number of stages, whatever the data.
fn comes_after(stages: &[Stage], stage: &Stage, earlier: StageId) -> bool {
    let mut at = Some(stage);
    for _ in 0..=stages.len() {
        let Some(previous) = at.and_then(|stage| stage.previous) else { return false };
        if previous == earlier {
            return true;
        }
        at = stages.iter().find(|other| other.id == previous);
    }
    true
}

/// Whether a stage may deploy into `target`. `stage` is the stage that is changed; none for a new one. `development`
/// are the host's records of development environments, active or not.
pub(crate) fn check_target(
    stages: &[Stage],
    stage: Option<StageId>,
    target: &DeploymentEnvironment,
    development: &[(EnvironmentId, String)],
) -> Result<(), Message> {
    if target.kind != EnvironmentType::Target {
        return Err(format!("“{}” is a development environment. Choose a target environment.", target.name));
    }
    if let Some((_, name)) = development.iter().find(|(environment, _)| *environment == target.environment_id) {
        return Err(format!(
            "“{}” is the same environment as the development environment “{name}”, and an environment cannot be both. \
             Choose another target environment.",
            target.name
        ));
    }
    let others = || stages.iter().filter(|other| Some(other.id) != stage);
    if let Some(other) =
        others().find(|other| other.target == target.id || other.target_environment == target.environment_id)
    {
        return Err(format!(
            "“{}” deploys into “{}” already. Each stage of a pipeline has a target environment of its own.",
            other.name, other.target_name
        ));
    }
    let kept = stages.iter().any(|old| Some(old.id) == stage && old.target == target.id);
    if !target.active && !kept {
        return Err(format!(
            "“{}” is deactivated. Activate it first, or choose another target environment.",
            target.name
        ));
    }
    Ok(())
}

/// Whether a development environment may be linked. `linked` are those that are; `stages` those of the pipeline.
pub(crate) fn check_link(
    linked: &[DeploymentEnvironment],
    stages: &[Stage],
    environment: &DeploymentEnvironment,
) -> Result<(), Message> {
    if environment.kind != EnvironmentType::Development {
        return Err(format!("“{}” is a target environment. Choose a development environment.", environment.name));
    }
    if !environment.active {
        return Err(format!("“{}” is deactivated. Activate it first.", environment.name));
    }
    if let Some(other) = linked.iter().find(|other| other.environment_id == environment.environment_id) {
        return Err(format!("“{}” is linked to this pipeline already.", other.name));
    }
    if let Some(stage) = stages.iter().find(|stage| stage.target_environment == environment.environment_id) {
        return Err(format!(
            "“{}” is the environment that the stage “{}” deploys into, and an environment cannot be both.",
            environment.name, stage.name
        ));
    }
    Ok(())
}

/// Why an environment cannot take part in a run; none when it can.
pub(crate) fn environment_obstacle(environment: &DeploymentEnvironment) -> Option<Message> {
    let name = &environment.name;
    if !environment.active {
        return Some(format!("The environment “{name}” is deactivated. Activate it."));
    }
    match environment.validation {
        ValidationStatus::Success => None,
        ValidationStatus::Pending => Some(format!("The environment “{name}” is still being validated.")),
        ValidationStatus::Failed => {
            Some(format!("The environment “{name}” failed its validation: {}", environment.error_message))
        }
    }
}

/// What keeps a pipeline from being used at all: each of these stops every stage. Of several development environments
/// one that works is enough.
pub(crate) fn start_obstacles(active: bool, development: &[DeploymentEnvironment], stages: &[Stage]) -> Vec<Message> {
    let mut obstacles = Vec::new();
    if !active {
        obstacles.push("The pipeline is deactivated. Activate it.".to_owned());
    }
    if development.is_empty() {
        obstacles.push("Link at least one development environment.".to_owned());
    } else {
        let unusable: Vec<_> = development.iter().filter_map(environment_obstacle).collect();
        if unusable.len() == development.len() {
            obstacles.extend(unusable);
        }
    }
    if stages.is_empty() {
        obstacles.push("Add at least one deployment stage.".to_owned());
    } else if !is_chain(stages) {
        obstacles.push("The stages are not one chain. Give every stage but the first a previous stage.".to_owned());
    }
    obstacles
}

/// Everything that still keeps a pipeline from being usable from end to end: what stops it altogether
/// ([`start_obstacles`]), then the targets that do not work.
pub(crate) fn obstacles(
    active: bool,
    development: &[DeploymentEnvironment],
    stages: &[Stage],
    targets: &HashMap<DeploymentEnvironmentId, DeploymentEnvironment>,
) -> Vec<Message> {
    let mut obstacles = start_obstacles(active, development, stages);
    let of_targets = stages.iter().filter_map(|stage| targets.get(&stage.target)).filter_map(environment_obstacle);
    obstacles.extend(of_targets);
    obstacles
}

#[cfg(test)]
mod tests;
