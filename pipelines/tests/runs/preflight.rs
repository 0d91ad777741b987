//! Pre-flight as a part of runs.

use crate::{common::refusal, package::Package, scene::Scene};
use environment::EnvironmentError;
use model::{
    ErrorCode,
    stage_run::{StageRunStatus, StepStatus, SubOperation},
};
use slipway_pipelines::stage_run;
use std::time::Duration;
use testbed::each_database;

#[tokio::test]
async fn a_missing_dependency_fails_the_run_and_is_named() {
    each_database(|database| async move {
        let scene = Scene::new(database).await;
        let worker = scene.worker();
        scene.import(&Package::named("FabrikamRates").table("fabrikam", "Rate")).await;
        scene.import(&Package::named("Expenses").needs("FabrikamRates")).await;
        let run = scene.ask("Expenses", scene.contoso.test_stage).await.unwrap();
        let run = scene.ended(run).await;
        assert_eq!(run.status, StageRunStatus::Failed);
        let missing = run.findings.iter().find(|finding| finding.blocks()).unwrap();
        assert_eq!(missing.code, Some(ErrorCode::MISSING_DEPENDENCIES));
        assert!(missing.components.iter().any(|component| component.name == "fabrikam_rate"), "{missing:?}");
        assert!(run.error_message.starts_with("Pre-flight against Contoso Test found an error: "));
        let wizard = stage_run::wizard(&scene.host, &scene.maker, run.id).await.unwrap();
        let at_hand: Vec<_> = wizard.at_hand.iter().map(|solution| solution.unique_name.as_str()).collect();
        assert_eq!(at_hand, ["FabrikamRates"], "it can be deployed first");
        assert_eq!(run.steps[2].status, StepStatus::Failed);
        assert!(run.steps[3..].iter().all(|step| step.status == StepStatus::Canceled));
        assert!(!run.cancellable);
        let deployed = stage_run::deploy(&scene.host, &scene.maker, run.id, "1.0.0.1", "").await;
        assert_eq!(refusal(deployed), "This run cannot be deployed: it has failed already.");
        worker.stop().await;
    })
    .await;
}

#[tokio::test]
async fn a_target_that_does_not_answer_is_asked_again_and_then_found_unreachable() {
    each_database(|database| async move {
        let scene = Scene::new(database).await;
        let worker = scene.worker();
        scene.import(&Package::named("Expenses")).await;
        scene.watched.refuse("stage", || EnvironmentError::Unreachable {
            reason: "The connection was reset.".to_owned(),
            retry_after: None,
        });
        let id = scene.ask("Expenses", scene.contoso.test_stage).await.unwrap();
        let waiting = scene.until_true(id, "waiting", |run| !run.waiting_for.is_empty()).await;
        assert_eq!(waiting.waiting_for, "Contoso Test does not answer: The connection was reset. Slipway tries again.");
        assert_eq!(waiting.steps[2].status, StepStatus::Pending);
        for attempt in 2..=5 {
            scene.test.clock.advance(Duration::from_secs(61));
            scene.watched.asked("stage", attempt).await;
        }
        let run = scene.ended(id).await;
        assert_eq!(run.findings.len(), 1);
        assert_eq!(run.findings[0].rule, "target-unreachable");
        assert!(run.error_message.contains("Contoso Test does not answer"), "{}", run.error_message);

        scene.watched.answer("stage");
        let run = scene.draft("Expenses", scene.contoso.test_stage).await;
        assert_eq!(run.waiting_for, "");
        worker.stop().await;
    })
    .await;
}

#[tokio::test]
async fn a_target_that_answers_again_lets_the_run_go_on() {
    each_database(|database| async move {
        let scene = Scene::new(database).await;
        let worker = scene.worker();
        scene.import(&Package::named("Expenses")).await;
        let draft = scene.draft("Expenses", scene.contoso.test_stage).await;
        scene.watched.refuse("start_import", || EnvironmentError::Unreachable {
            reason: "No route.".to_owned(),
            retry_after: None,
        });
        scene.deploy(draft.id, "1.0.0.1").await;
        scene.until_true(draft.id, "waiting", |run| !run.waiting_for.is_empty()).await;
        scene.watched.answer("start_import");
        scene.test.clock.advance(Duration::from_secs(61));
        let run = scene.until(draft.id, StageRunStatus::Succeeded).await;
        assert_eq!(run.waiting_for, "");
        worker.stop().await;
    })
    .await;
}

#[tokio::test]
async fn a_busy_target_is_waited_for_and_the_run_can_be_withdrawn_meanwhile() {
    each_database(|database| async move {
        let scene = Scene::new(database).await;
        let worker = scene.worker();
        scene.import(&Package::named("Expenses")).await;
        let draft = scene.draft("Expenses", scene.contoso.test_stage).await;
        scene.watched.refuse("start_import", || EnvironmentError::Busy { running: "PublishAll".to_owned() });
        scene.deploy(draft.id, "1.0.0.1").await;
        let busy = |run: &model::stage_run::StageRun| run.waiting_for.contains("PublishAll");
        let run = scene.until_true(draft.id, "busy", busy).await;
        assert_eq!(run.status, StageRunStatus::PreDeploySucceeded);
        assert!(run.cancellable);
        scene.test.clock.advance(Duration::from_secs(5));
        scene.watched.asked("start_import", 2).await;
        scene.watched.answer("start_import");
        scene.test.clock.advance(Duration::from_secs(5));
        let run = scene.until(draft.id, StageRunStatus::Succeeded).await;
        let importing = &run.steps[4];
        assert_eq!((importing.step, importing.status), (SubOperation::DeployingArtifact, StepStatus::Succeeded));
        worker.stop().await;
    })
    .await;
}

#[tokio::test]
async fn pre_flight_runs_again_on_what_the_solution_is_like_now() {
    each_database(|database| async move {
        let scene = Scene::new(database).await;
        let worker = scene.worker();
        scene.import(&Package::named("Expenses")).await;
        let draft = scene.draft("Expenses", scene.contoso.test_stage).await;
        scene.settle(draft.id).await;
        scene.import(&Package::named("Expenses").version("1.0.0.5")).await;
        stage_run::check_again(&scene.host, &scene.maker, draft.id).await.unwrap();
        let again = |run: &model::stage_run::StageRun| {
            run.status == StageRunStatus::ValidationSucceeded && run.development_version.to_string() == "1.0.0.5"
        };
        let run = scene.until_true(draft.id, "the second pre-flight", again).await;
        assert_eq!(run.version.to_string(), "1.0.0.6");
        assert_eq!(run.settings.value("contoso_ApprovalLimit"), Some("100"));
        scene.log(draft.id).await;
        worker.stop().await;
    })
    .await;
}

#[tokio::test]
async fn a_run_that_waits_for_its_settings_is_taken_up_again() {
    each_database(|database| async move {
        let scene = Scene::new(database).await;
        let worker = scene.worker();
        let stage = scene.contoso.test_stage;
        scene.import(&Package::named("Expenses")).await;
        let draft = scene.draft("Expenses", stage).await;
        scene.settle(draft.id).await;
        assert_eq!(scene.ask("Expenses", stage).await.unwrap(), draft.id);
        assert_eq!(scene.run(draft.id).await.status, StageRunStatus::ValidationSucceeded);
        assert_ne!(scene.ask_as(&scene.administrator, "Expenses", stage).await.unwrap(), draft.id);

        scene.import(&Package::named("Expenses").version("1.0.0.7")).await;
        assert_eq!(scene.ask("Expenses", stage).await.unwrap(), draft.id);
        let again = |run: &model::stage_run::StageRun| {
            run.status == StageRunStatus::ValidationSucceeded && run.development_version.to_string() == "1.0.0.7"
        };
        let run = scene.until_true(draft.id, "pre-flight of what has changed", again).await;
        assert_eq!(run.version.to_string(), "1.0.0.8");
        assert_eq!(run.settings.value("contoso_approvallimit"), Some("100"));
        worker.stop().await;
    })
    .await;
}

#[tokio::test]
async fn a_damaged_artifact_is_not_deployed() {
    each_database(|database| async move {
        let scene = Scene::new(database).await;
        let worker = scene.worker();
        scene.import(&Package::named("Expenses")).await;
        let tested = scene.deployed("Expenses", scene.contoso.test_stage, "1.0.0.1").await;
        let artifact = slipway_pipelines::artifact::open(
            &scene.host,
            &scene.administrator,
            tested.artifact.unwrap(),
            environment::PackageKind::Managed,
        );
        let path = artifact.await.unwrap().path;
        let mut bytes = std::fs::read(&path).unwrap();
        let middle = bytes.len() / 2;
        bytes[middle] ^= 1;
        std::fs::write(&path, bytes).unwrap();
        let run = scene.ask("Expenses", scene.contoso.production_stage).await.unwrap();
        let run = scene.ended(run).await;
        assert_eq!(run.status, StageRunStatus::Failed);
        assert_eq!(run.findings[0].rule, "artifact-damaged");
        assert!(run.error_message.contains("Restore Slipway's package folder"), "{}", run.error_message);
        worker.stop().await;
    })
    .await;
}
