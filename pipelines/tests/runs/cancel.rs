//! Withdrawing runs.

use crate::{
    common::{assert_forbidden, refusal},
    package::Package,
    scene::Scene,
};
use model::stage_run::{StageRun, StageRunStatus, StepStatus};
use slipway_pipelines::stage_run;
use testbed::each_database;

fn assert_canceled(run: &StageRun) {
    assert_eq!(run.status, StageRunStatus::Canceled);
    assert!(run.ended.is_some() && !run.cancellable && run.waiting_for.is_empty());
    let done = [StepStatus::Succeeded, StepStatus::Canceled];
    assert!(run.steps.iter().all(|step| done.contains(&step.status)), "{:?}", run.steps);
}

#[tokio::test]
async fn a_run_is_withdrawn_wherever_it_stands_before_its_import() {
    each_database(|database| async move {
        let scene = Scene::new(database).await;
        let (host, maker, stage) = (&scene.host, &scene.maker, scene.contoso.test_stage);
        scene.import(&Package::named("Expenses")).await;

        let unclaimed = scene.ask("Expenses", stage).await.unwrap();
        stage_run::cancel(host, maker, unclaimed).await.unwrap();
        assert_canceled(&scene.run(unclaimed).await);

        let worker = scene.worker();
        for (operation, status) in [("export", StageRunStatus::Started), ("stage", StageRunStatus::Validating)] {
            scene.watched.hold(operation);
            let run = scene.ask("Expenses", stage).await.unwrap();
            scene.until(run, status).await;
            stage_run::cancel(host, maker, run).await.unwrap();
            scene.watched.let_go(operation);
            assert_canceled(&scene.run(run).await);
        }

        let draft = scene.draft("Expenses", stage).await;
        stage_run::cancel(host, maker, draft.id).await.unwrap();
        assert_canceled(&scene.run(draft.id).await);

        let preparing = scene.draft("Expenses", stage).await;
        scene.watched.hold("set_version");
        scene.deploy(preparing.id, "1.0.0.5").await;
        scene.until(preparing.id, StageRunStatus::PreDeployInProgress).await;
        stage_run::cancel(host, &scene.administrator, preparing.id).await.unwrap();
        scene.watched.let_go("set_version");
        assert_canceled(&scene.run(preparing.id).await);
        let last = scene.log(preparing.id).await.pop().unwrap();
        assert_eq!(
            last.message,
            "Adele Vance canceled the run. Nothing has been changed in Contoso Test. The version in Contoso Dev may have \
             been raised to 1.0.0.5 already."
        );

        // The worker was in the middle of each of them and has written nothing since; it goes on with others.
        let version = scene.version_in(scene.development(), "Expenses").await.unwrap();
        assert!(["1.0.0.0", "1.0.0.5"].contains(&version.as_str()));
        scene.deployed("Expenses", stage, "1.0.0.6").await;
        for run in [unclaimed, draft.id, preparing.id] {
            assert_canceled(&scene.run(run).await);
        }
        worker.stop().await;
    })
    .await;
}

#[tokio::test]
async fn a_run_that_waits_for_its_target_is_withdrawn_and_lets_the_next_one_go() {
    each_database(|database| async move {
        let scene = Scene::new(database).await;
        let (host, maker, stage) = (&scene.host, &scene.maker, scene.contoso.test_stage);
        let worker = scene.worker();
        let mut runs = Vec::new();
        for name in ["First", "Second", "Third"] {
            scene.import(&Package::named(name)).await;
            runs.push(scene.draft(name, stage).await.id);
        }
        scene.watched.hold("start_import");
        for (index, run) in runs.iter().enumerate() {
            scene.test.clock.advance(std::time::Duration::from_millis(1));
            scene.deploy(*run, "1.0.0.1").await;
            let expected = if index == 0 { StageRunStatus::Deploying } else { StageRunStatus::PreDeploySucceeded };
            scene.until(*run, expected).await;
        }
        stage_run::cancel(host, maker, runs[1]).await.unwrap();
        scene.watched.let_go("start_import");
        scene.until(runs[0], StageRunStatus::Succeeded).await;
        scene.until(runs[2], StageRunStatus::Succeeded).await;
        assert_canceled(&scene.run(runs[1]).await);
        assert_eq!(scene.version_in(scene.contoso.test.environment_id, "Second").await, None);
        worker.stop().await;
    })
    .await;
}

#[tokio::test]
async fn a_run_is_not_withdrawn_once_its_import_has_begun_nor_by_others() {
    each_database(|database| async move {
        let scene = Scene::new(database).await;
        let (host, maker, stage) = (&scene.host, &scene.maker, scene.contoso.test_stage);
        let worker = scene.worker();
        scene.import(&Package::named("Expenses")).await;
        let of_administrator = scene.ask_as(&scene.administrator, "Expenses", stage).await.unwrap();
        assert_forbidden(stage_run::cancel(host, maker, of_administrator).await);

        let draft = scene.draft("Expenses", stage).await;
        scene.watched.hold("import_job");
        scene.deploy(draft.id, "1.0.0.1").await;
        scene.until(draft.id, StageRunStatus::Deploying).await;
        assert_eq!(
            refusal(stage_run::cancel(host, maker, draft.id).await),
            "This run cannot be canceled any more: its import has begun."
        );
        scene.watched.let_go("import_job");
        scene.until(draft.id, StageRunStatus::Succeeded).await;
        assert!(refusal(stage_run::cancel(host, maker, draft.id).await).contains("succeeded already"));
        worker.stop().await;
    })
    .await;
}
