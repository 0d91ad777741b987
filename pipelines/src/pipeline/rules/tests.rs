#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing, reason = "tests")]

use super::*;
use model::{
    Timestamp,
    id::{PipelineId, UserId},
};
use proptest::prelude::*;
use uuid::Uuid;

fn id<T: From<Uuid>>(number: u128) -> T {
    T::from(Uuid::from_u128(number))
}

fn stage(number: u128, previous: Option<u128>) -> Stage {
    Stage {
        id: id(number),
        pipeline: PipelineId(Uuid::nil()),
        name: format!("Stage {number}"),
        description: String::new(),
        previous: previous.map(id),
        target: id(100 + number),
        target_name: format!("Target {number}"),
        target_environment: id(200 + number),
        delegation: None,
        row_version: 1,
    }
}

fn environment(number: u128, kind: EnvironmentType) -> DeploymentEnvironment {
    DeploymentEnvironment {
        id: id(100 + number),
        name: format!("Environment {number}"),
        description: String::new(),
        kind,
        environment_id: id(200 + number),
        owner: UserId(Uuid::nil()),
        owner_name: String::new(),
        validation: ValidationStatus::Success,
        error_message: String::new(),
        active: true,
        row_version: 1,
        modified: Timestamp(0),
    }
}

fn chain(length: u128) -> Vec<Stage> {
    (1..=length).map(|number| stage(number, (number > 1).then_some(number - 1))).collect()
}

fn numbers(stages: &[Stage]) -> Vec<u128> {
    stages.iter().map(|stage| stage.id.0.as_u128()).collect()
}

#[test]
fn stages_stand_in_the_order_of_their_chain() {
    for (stages, expected, one_chain) in [
        (vec![], vec![], true),
        (vec![stage(3, Some(2)), stage(1, None), stage(2, Some(1))], vec![1, 2, 3], true),
        (vec![stage(1, Some(2)), stage(2, None)], vec![2, 1], true),
        (vec![stage(2, None), stage(1, None)], vec![1, 2], false),
        (vec![stage(1, Some(2)), stage(2, Some(1))], vec![1, 2], false),
        (vec![stage(3, Some(1)), stage(2, Some(1)), stage(1, None)], vec![1, 2, 3], false),
        (vec![stage(2, Some(9)), stage(1, None)], vec![1, 2], false),
    ] {
        let ordered = in_order(stages);
        assert_eq!(numbers(&ordered), expected);
        assert_eq!(is_chain(&ordered), one_chain, "{expected:?}");
    }
}

#[test]
fn a_stage_follows_the_last_one_and_nothing_else() {
    let three = chain(3);
    for (stage, previous, wrong) in [
        // New stages.
        (None, Some(3), None),
        (None, None, Some("“Stage 1” is the first stage")),
        (None, Some(1), Some("“Stage 2” follows “Stage 1” already")),
        (None, Some(2), Some("“Stage 3” follows “Stage 2” already")),
        (None, Some(9), Some("a stage of this pipeline")),
        // Stages that stay where they are.
        (Some(1), None, None),
        (Some(2), Some(1), None),
        (Some(3), Some(2), None),
        // Stages that would move.
        (Some(1), Some(1), Some("cannot follow itself")),
        (Some(1), Some(3), Some("“Stage 3” comes after this stage")),
        (Some(2), Some(3), Some("“Stage 3” comes after this stage")),
        (Some(3), Some(1), Some("“Stage 2” follows “Stage 1” already")),
        (Some(3), None, Some("“Stage 1” is the first stage")),
    ] {
        let result = check_previous(&three, stage.map(id), previous.map(id));
        match wrong {
            None => assert_eq!(result, Ok(()), "{stage:?} after {previous:?}"),
            Some(words) => {
                assert!(result.clone().unwrap_err().contains(words), "{stage:?} after {previous:?}: {result:?}");
            }
        }
    }
    assert_eq!(check_previous(&[], None, None), Ok(()));
}

#[test]
fn a_loop_in_the_data_does_not_keep_the_rules_busy_for_ever() {
    let loops = [stage(1, Some(2)), stage(2, Some(1)), stage(3, None)];
    assert!(comes_after(&loops, &loops[0], id(3)));
}

#[test]
fn a_pipeline_has_room_for_seven_stages() {
    assert_eq!(check_room(&chain(6), false), Ok(()));
    assert!(check_room(&chain(7), false).unwrap_err().contains("at most 7"));
    assert_eq!(check_room(&chain(1), true), Ok(()));
    assert!(check_room(&chain(2), true).unwrap_err().contains("at most 2"));
}

#[test]
fn a_target_is_a_target_and_used_once() {
    let stages = chain(2);
    let fine = environment(9, EnvironmentType::Target);
    let development = [(id(250), "Dev".to_owned())];
    assert_eq!(check_target(&stages, None, &fine, &development), Ok(()));

    let mut inactive = fine.clone();
    inactive.active = false;
    let mut same_as_development = fine.clone();
    same_as_development.environment_id = id(250);
    let mut same_environment = fine.clone();
    same_environment.environment_id = id(201);
    for (target, words) in [
        (&environment(9, EnvironmentType::Development), "is a development environment"),
        (&same_as_development, "as the development environment “Dev”"),
        (&environment(1, EnvironmentType::Target), "“Stage 1” deploys into “Target 1” already"),
        (&same_environment, "“Stage 1” deploys into “Target 1” already"),
        (&inactive, "is deactivated"),
    ] {
        let message = check_target(&stages, None, target, &development).unwrap_err();
        assert!(message.contains(words), "{message}");
    }
    // A stage keeps its own target, even when that was deactivated meanwhile.
    let mut own = environment(1, EnvironmentType::Target);
    own.active = false;
    assert_eq!(check_target(&stages, Some(id(1)), &own, &development), Ok(()));
}

#[test]
fn a_development_environment_is_linked_once_and_is_no_target() {
    let linked = [environment(1, EnvironmentType::Development)];
    let stages = [stage(7, None)];
    assert_eq!(check_link(&linked, &stages, &environment(2, EnvironmentType::Development)), Ok(()));
    let mut inactive = environment(2, EnvironmentType::Development);
    inactive.active = false;
    for (environment, words) in [
        (environment(2, EnvironmentType::Target), "is a target environment"),
        (inactive, "is deactivated"),
        (environment(1, EnvironmentType::Development), "is linked to this pipeline already"),
        (environment(7, EnvironmentType::Development), "the stage “Stage 7” deploys into"),
    ] {
        let message = check_link(&linked, &stages, &environment).unwrap_err();
        assert!(message.contains(words), "{message}");
    }
}

#[test]
fn a_pipeline_says_what_keeps_it_from_being_usable() {
    let works = environment(1, EnvironmentType::Development);
    let mut pending = environment(2, EnvironmentType::Development);
    pending.validation = ValidationStatus::Pending;
    let mut failed = environment(3, EnvironmentType::Target);
    failed.validation = ValidationStatus::Failed;
    failed.error_message = "It does not answer.".to_owned();
    let mut inactive = failed.clone();
    inactive.active = false;
    let one = chain(1);
    let targets = |target: &DeploymentEnvironment| HashMap::from([(one[0].target, target.clone())]);
    let fine = targets(&environment(1, EnvironmentType::Target));
    let none: Vec<String> = vec![];
    assert_eq!(
        obstacles(true, &[], &[], &HashMap::new()),
        ["Link at least one development environment.", "Add at least one deployment stage."]
    );
    assert_eq!(obstacles(true, std::slice::from_ref(&works), &one, &fine), none);
    assert_eq!(obstacles(true, &[works.clone(), pending.clone()], &one, &fine), none);
    assert_eq!(
        obstacles(false, &[pending], &one, &fine),
        ["The pipeline is deactivated. Activate it.", "The environment “Environment 2” is still being validated."]
    );
    assert_eq!(
        obstacles(true, std::slice::from_ref(&works), &one, &targets(&failed)),
        ["The environment “Environment 3” failed its validation: It does not answer."]
    );
    assert_eq!(
        obstacles(true, std::slice::from_ref(&works), &one, &targets(&inactive)),
        ["The environment “Environment 3” is deactivated. Activate it."]
    );
    assert_eq!(obstacles(true, &[works], &[stage(2, Some(1))], &HashMap::new()).len(), 1);
}

#[derive(Clone, Debug)]
enum Edit {
    Add { previous: Option<usize>, target: u128 },
    Change { stage: usize, previous: Option<usize>, target: u128 },
    Delete { stage: usize },
}

fn edits() -> impl Strategy<Value = Vec<Edit>> {
    let previous = || proptest::option::weighted(0.9, 0_usize..9);
    let edit = prop_oneof![
        4 => (previous(), 1_u128..12).prop_map(|(previous, target)| Edit::Add { previous, target }),
        3 => (0_usize..9, previous(), 1_u128..12)
            .prop_map(|(stage, previous, target)| Edit::Change { stage, previous, target }),
        1 => (0_usize..9).prop_map(|stage| Edit::Delete { stage }),
    ];
    proptest::collection::vec(edit, 0..60)
}

proptest! {
    #[test]
    fn whatever_is_edited_the_stages_stay_one_chain_of_at_most_seven_with_a_target_each(edits in edits()) {
        let mut stages: Vec<Stage> = vec![];
        for (number, edit) in (1_u128..).zip(edits) {
            // A number beyond the stages stands for a stage of another pipeline.
            let at = |index: usize| stages.get(index).map_or_else(|| id(999), |stage| stage.id);
            match edit {
                Edit::Add { previous, target } => {
                    let (previous, target) = (previous.map(at), environment(target, EnvironmentType::Target));
                    if check_room(&stages, false).is_ok()
                        && check_previous(&stages, None, previous).is_ok()
                        && check_target(&stages, None, &target, &[]).is_ok()
                    {
                        let new = Stage {
                            previous,
                            target: target.id,
                            target_environment: target.environment_id,
                            ..stage(number, None)
                        };
                        stages.push(new);
                    }
                }
                Edit::Change { stage, previous, target } => {
                    let (changed, previous) = (at(stage), previous.map(at));
                    let target = environment(target, EnvironmentType::Target);
                    if check_previous(&stages, Some(changed), previous).is_ok()
                        && check_target(&stages, Some(changed), &target, &[]).is_ok()
                        && let Some(stage) = stages.iter_mut().find(|stage| stage.id == changed)
                    {
                        stage.previous = previous;
                        stage.target = target.id;
                        stage.target_environment = target.environment_id;
                    }
                }
                Edit::Delete { stage } => {
                    if stage < stages.len() {
                        let deleted = stages.remove(stage);
                        for stage in stages.iter_mut().filter(|stage| stage.previous == Some(deleted.id)) {
                            stage.previous = deleted.previous;
                        }
                    }
                }
            }
            stages = in_order(stages);
            prop_assert!(is_chain(&stages), "{:?}", stages);
            prop_assert!(stages.len() <= MOST_STAGES);
            let mut targets: Vec<_> = stages.iter().map(|stage| stage.target_environment).collect();
            targets.sort();
            targets.dedup();
            prop_assert_eq!(targets.len(), stages.len());
        }
    }
}
