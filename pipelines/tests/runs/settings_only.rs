//! Runs that apply settings and import nothing.

use crate::{
    common::{assert_not_found, refusal},
    crash::work_or_die,
    package::Package,
    scene::Scene,
};
use environment::{EnvironmentError, Environments};
use model::{
    id::StageRunId,
    settings::VariableSetting,
    solution::SolutionContents,
    stage_run::{RunKind, StageRun, StageRunStatus, StepStatus, WizardStep},
};
use slipway_pipelines::{
    Caller, Error,
    deployment_settings::Destination,
    drift,
    stage_run::{self, Request},
};
use std::time::Duration;
use testbed::each_database;

fn request(scene: &Scene) -> Request {
    Request { environment: scene.development(), solution: "Expenses".to_owned(), stage: scene.contoso.test_stage }
}

async fn apply(scene: &Scene, caller: &Caller) -> Result<StageRunId, Error> {
    stage_run::apply_settings(&scene.host, caller, &request(scene)).await
}

/// The solution as the test environment has it.
async fn there(scene: &Scene) -> SolutionContents {
    let environment = scene.test.built_in.open(scene.contoso.test.environment_id).await.unwrap();
    environment.solution("Expenses").await.unwrap().unwrap()
}

fn limit(contents: &SolutionContents) -> Option<&str> {
    let mut variables = contents.environment_variables.iter();
    variables.find(|variable| variable.definition.schema_name == "contoso_ApprovalLimit")?.value.as_deref()
}

/// A run that waits for its settings, with another approval limit.
async fn drafted(scene: &Scene, value: &str) -> StageRun {
    scene.test.clock.advance(Duration::from_mins(1));
    let id = apply(scene, &scene.maker).await.unwrap();
    let draft = scene.until(id, StageRunStatus::ValidationSucceeded).await;
    give(scene, id, value).await;
    draft
}

/// Enters another approval limit for a run.
async fn give(scene: &Scene, id: StageRunId, value: &str) {
    let given = [VariableSetting { schema_name: "contoso_ApprovalLimit".to_owned(), value: value.to_owned() }];
    stage_run::save_variables(&scene.host, &scene.maker, id, &given).await.unwrap();
}

#[tokio::test]
async fn a_value_is_changed_in_the_target_by_a_run_without_an_import() {
    each_database(|database| async move {
        let scene = Scene::new(database).await;
        let worker = scene.worker();
        let (host, maker, stage) = (&scene.host, &scene.maker, scene.contoso.test_stage);
        scene.import(&Package::named("Expenses")).await;
        assert!(refusal(apply(&scene, maker).await).starts_with("Nothing has been deployed to Test yet"));
        let first = scene.deployed("Expenses", stage, "1.0.0.1").await;
        let imports = scene.watched.jobs().len();

        // Development has gone on meanwhile, which is none of its business.
        scene.import(&Package::named("Expenses").version("5.0").component(61, "contoso_script")).await;
        let draft = drafted(&scene, "250").await;
        assert_eq!(apply(&scene, maker).await.unwrap(), draft.id, "asked for twice");
        assert_eq!((draft.kind, draft.version.as_str()), (RunKind::Settings, "1.0.0.1"));
        let wizard = stage_run::wizard(host, maker, draft.id).await.unwrap();
        assert!(!wizard.steps.contains(&WizardStep::Changes), "{:?}", wizard.steps);
        assert_eq!(limit(&there(&scene).await), Some("100"), "nothing happens before somebody says so");
        stage_run::deploy(host, maker, draft.id, "", "Higher limit").await.unwrap();
        let run = scene.until(draft.id, StageRunStatus::Succeeded).await;
        assert_eq!((run.artifact_sha256, run.changes), (first.artifact_sha256, None));
        assert_eq!(limit(&there(&scene).await), Some("250"));
        assert_eq!(scene.watched.jobs().len(), imports, "nothing was imported");
        let said: Vec<_> = scene.log(draft.id).await.into_iter().map(|entry| entry.message).collect();
        assert!(said.iter().any(|message| message.contains("Nothing is imported.")), "{said:?}");

        // The version came with the deployment, which can still be taken back on its own; the settings come with the
        // next one, and are what drift is told from.
        assert!(stage_run::ways_on(host, maker, draft.id).await.unwrap().roll_back.is_none());
        let of = Destination { environment: scene.development(), solution: "Expenses".to_owned(), stage };
        drift::check(host, maker, &of).await.unwrap();
        assert_eq!(drift::get(host, maker, &of).await.unwrap().check.unwrap().drifts, []);
        let next = scene.draft("Expenses", stage).await;
        assert_eq!(next.settings.value("contoso_ApprovalLimit"), Some("250"));
        worker.stop().await;
    })
    .await;
}

#[tokio::test]
async fn settings_for_a_version_that_is_gone_are_not_applied_to_another_one() {
    each_database(|database| async move {
        let (scene, worker) = Scene::with_expenses_in_test(database).await;
        let draft = drafted(&scene, "250").await;
        let other = Package::named("Expenses").version("9.0").managed().store(&scene.host).await;
        scene.import_stored(scene.contoso.test.environment_id, other).await.unwrap();
        stage_run::deploy(&scene.host, &scene.maker, draft.id, "", "").await.unwrap();
        let run = scene.until(draft.id, StageRunStatus::Failed).await;
        assert!(run.error_message.contains("has version 9.0 by now"), "{}", run.error_message);
        assert_eq!(limit(&there(&scene).await), Some("100"));
        worker.stop().await;
    })
    .await;
}

#[tokio::test]
async fn a_target_that_does_not_take_settings_is_asked_again_or_fails_the_run() {
    each_database(|database| async move {
        let (scene, worker) = Scene::with_expenses_in_test(database).await;
        let draft = drafted(&scene, "250").await;
        scene.watched.refuse("reconfigure", || EnvironmentError::Busy { running: "Import".to_owned() });
        stage_run::deploy(&scene.host, &scene.maker, draft.id, "", "").await.unwrap();
        scene.until_true(draft.id, "the wait for the target", |run| run.waiting_for.contains("is busy")).await;
        scene.watched.refuse("reconfigure", || EnvironmentError::Refused {
            code: None,
            message: "No such connection.".to_owned(),
        });
        scene.test.clock.advance(Duration::from_mins(10));
        let run = scene.until(draft.id, StageRunStatus::Failed).await;
        assert!(run.error_message.contains("No such connection."), "{}", run.error_message);
        scene.watched.answer("reconfigure");
        stage_run::retry(&scene.host, &scene.maker, draft.id).await.unwrap();
        scene.until(draft.id, StageRunStatus::Succeeded).await;
        assert_eq!(limit(&there(&scene).await), Some("250"));
        worker.stop().await;
    })
    .await;
}

#[tokio::test]
async fn settings_are_applied_by_the_next_worker_wherever_the_last_one_died() {
    each_database(|database| async move {
        let (scene, worker) = Scene::with_expenses_in_test(database).await;
        worker.stop().await;
        let imports = scene.watched.jobs().len();
        for moment in 0.. {
            // Pre-flight, with a worker that dies at the moment, and another one if it did.
            scene.watched.stop_at(None);
            scene.test.clock.advance(Duration::from_mins(1));
            let id = apply(&scene, &scene.maker).await.unwrap();
            scene.watched.stop_at(Some(moment));
            let died_in_preflight = work_or_die(&scene, id, StageRunStatus::ValidationSucceeded).await;

            scene.watched.stop_at(None);
            let value = (200 + moment).to_string();
            give(&scene, id, &value).await;
            stage_run::deploy(&scene.host, &scene.maker, id, "", "").await.unwrap();
            scene.watched.stop_at(Some(moment));
            let died = work_or_die(&scene, id, StageRunStatus::Succeeded).await;

            let run = scene.run(id).await;
            assert!(run.steps.iter().all(|step| step.status == StepStatus::Succeeded), "{:?}", run.steps);
            assert_eq!(limit(&there(&scene).await), Some(value.as_str()), "at moment {moment}");
            assert_eq!(scene.log(id).await.len(), 6, "at moment {moment}");
            assert_eq!(scene.watched.jobs().len(), imports, "nothing is imported");
            if !died && !died_in_preflight {
                assert!(moment > 3, "the worker asks more of environments than {moment} times");
                break;
            }
        }
    })
    .await;
}

#[tokio::test]
async fn only_whoever_may_deploy_applies_settings() {
    each_database(|database| async move {
        let (scene, worker) = Scene::with_expenses_in_test(database).await;
        assert_not_found(apply(&scene, &scene.test.another_user().await).await);
        worker.stop().await;
    })
    .await;
}
