//! One deployment at a time in each target.

use crate::{package::Package, scene::Scene};
use model::stage_run::{StageRun, StageRunStatus};
use std::time::Duration;
use testbed::each_database;

#[tokio::test]
async fn runs_of_one_target_go_one_after_the_other_in_the_order_they_were_deployed() {
    each_database(|database| async move {
        let scene = Scene::new(database).await;
        let worker = scene.worker();
        let stage = scene.contoso.test_stage;
        let names = ["Zeta", "Alpha", "Mu"];
        let mut runs = Vec::new();
        for name in ["Alpha", "Mu", "Zeta"] {
            scene.import(&Package::named(name)).await;
        }
        for name in names {
            runs.push(scene.draft(name, stage).await.id);
        }
        scene.watched.hold("start_import");
        for run in &runs {
            scene.test.clock.advance(Duration::from_millis(1));
            scene.deploy(*run, "1.0.0.1").await;
        }
        scene.until(runs[0], StageRunStatus::Deploying).await;
        for run in &runs[1..] {
            scene.until(*run, StageRunStatus::PreDeploySucceeded).await;
            // Runs that wait look again by themselves now and then.
            scene.test.clock.advance(Duration::from_secs(6));
            let sentence = "Contoso Expenses 1.0.0.1 is being deployed to Contoso Test at the moment.";
            scene.until_true(*run, sentence, |run: &StageRun| run.waiting_for == sentence).await;
        }
        scene.watched.let_go("start_import");
        let mut began = Vec::new();
        for run in &runs {
            scene.until(*run, StageRunStatus::Succeeded).await;
            let log = scene.log(*run).await;
            began.push(log.iter().find(|entry| entry.message.starts_with("Importing")).unwrap().at);
        }
        assert!(began.is_sorted(), "{began:?}");
        assert_eq!(scene.watched.jobs().len(), 3);
        worker.stop().await;
    })
    .await;
}

#[tokio::test]
async fn the_earlier_deployment_goes_first_even_when_the_later_one_is_ready_before_it() {
    each_database(|database| async move {
        let scene = Scene::new(database).await;
        let worker = scene.worker();
        let stage = scene.contoso.test_stage;
        for name in ["Slow", "Quick"] {
            scene.import(&Package::named(name)).await;
        }
        let slow = scene.draft("Slow", stage).await.id;
        let quick = scene.draft("Quick", stage).await.id;
        scene.watched.hold("set_version");
        scene.deploy(slow, "1.0.0.1").await;
        scene.watched.asked("set_version", 1).await;
        scene.test.clock.advance(Duration::from_millis(1));
        // The version that development has need not be raised.
        scene.deploy(quick, "1.0.0.0").await;
        let waits = |run: &StageRun| run.waiting_for.contains("goes to Contoso Test first");
        let waiting = scene.until_true(quick, "waiting for the earlier one", waits).await;
        assert_eq!(
            waiting.waiting_for,
            "Contoso Expenses 1.0.0.1 was asked for earlier and goes to Contoso Test first."
        );
        scene.watched.let_go("set_version");
        scene.until(slow, StageRunStatus::Succeeded).await;
        scene.until(quick, StageRunStatus::Succeeded).await;
        worker.stop().await;
    })
    .await;
}
