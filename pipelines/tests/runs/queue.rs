//! One deployment at a time in each target.

use crate::{
    common::{assert_forbidden, refusal},
    package::Package,
    scene::Scene,
};
use model::{
    audit::{AuditAction, AuditFilter},
    id::StageRunId,
    queue::{Move, TargetQueue},
    stage_run::{StageRun, StageRunStatus},
};
use slipway_pipelines::{audit, stage_run};
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
        for (position, run) in (1..).zip(&runs[1..]) {
            scene.until(*run, StageRunStatus::PreDeploySucceeded).await;
            // Runs that wait look again by themselves now and then.
            scene.test.clock.advance(Duration::from_secs(6));
            let sentence = format!(
                "Position {position} in the queue of Contoso Test: Contoso Expenses 1.0.0.1 is being deployed at the moment."
            );
            scene.until_true(*run, &sentence, |run: &StageRun| run.waiting_for == sentence).await;
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
        let waits = |run: &StageRun| run.waiting_for.contains("goes first");
        let waiting = scene.until_true(quick, "waiting for the earlier one", waits).await;
        assert_eq!(
            waiting.waiting_for,
            "Position 2 in the queue of Contoso Test: Contoso Expenses 1.0.0.1 goes first."
        );
        scene.watched.let_go("set_version");
        scene.until(slow, StageRunStatus::Succeeded).await;
        scene.until(quick, StageRunStatus::Succeeded).await;
        worker.stop().await;
    })
    .await;
}

/// Runs of solutions that wait for their settings.
async fn drafts(scene: &Scene, names: &[&str]) -> Vec<StageRunId> {
    let stage = scene.contoso.test_stage;
    let mut runs = Vec::new();
    for name in names {
        scene.import(&Package::named(name)).await;
        runs.push(scene.draft(name, stage).await.id);
    }
    runs
}

/// Has a run join the queue, at another moment than those before.
async fn join(scene: &Scene, run: StageRunId, stands: StageRunStatus) {
    scene.test.clock.advance(Duration::from_millis(1));
    scene.deploy(run, "1.0.0.1").await;
    scene.until(run, stands).await;
}

async fn only(scene: &Scene) -> TargetQueue {
    let mut queues = stage_run::queues(&scene.host, &scene.administrator).await.unwrap();
    assert_eq!(queues.len(), 1, "{queues:?}");
    queues.remove(0)
}

fn waiting(queue: &TargetQueue) -> Vec<StageRunId> {
    queue.waiting.iter().map(|run| run.run).collect()
}

#[tokio::test]
async fn an_administrator_moves_runs_in_a_queue_and_the_worker_keeps_to_it() {
    each_database(|database| async move {
        let scene = Scene::new(database).await;
        let (host, maker, admin) = (&scene.host, &scene.maker, &scene.administrator);
        let worker = scene.worker();
        let runs = drafts(&scene, &["First", "Second", "Third", "Fourth", "Late"]).await;
        let late = runs[4];
        scene.watched.hold("start_import");
        join(&scene, runs[0], StageRunStatus::Deploying).await;
        for run in &runs[1..4] {
            join(&scene, *run, StageRunStatus::PreDeploySucceeded).await;
        }
        let shown = only(&scene).await;
        assert_eq!(shown.running.as_ref().map(|run| run.run), Some(runs[0]));
        assert_eq!((waiting(&shown), shown.held.len()), (runs[1..4].to_vec(), 0));

        assert_forbidden(stage_run::queues(host, maker).await);
        assert_forbidden(stage_run::move_in_queue(host, maker, runs[3], Move::Up).await);
        stage_run::move_in_queue(host, admin, runs[3], Move::Up).await.unwrap();
        stage_run::move_in_queue(host, admin, runs[3], Move::Up).await.unwrap();
        // It is the first already.
        stage_run::move_in_queue(host, admin, runs[3], Move::Up).await.unwrap();
        stage_run::move_in_queue(host, admin, runs[1], Move::Down).await.unwrap();
        assert_eq!(waiting(&only(&scene).await), [runs[3], runs[2], runs[1]]);
        assert_eq!(
            refusal(stage_run::move_in_queue(host, admin, runs[0], Move::Down).await),
            "This run does not stand in a queue any more, or not yet."
        );
        for (run, position) in [(runs[3], 1), (runs[2], 2), (runs[1], 3)] {
            let sentence = format!("Position {position} in the queue of Contoso Test");
            scene.until_true(run, &sentence, |run| run.waiting_for.starts_with(&sentence)).await;
        }
        let moves = AuditFilter { action: Some(AuditAction::Move), ..AuditFilter::default() };
        let moves = audit::list(host, admin, &moves, 1).await.unwrap().rows;
        assert_eq!(moves.iter().filter(|entry| entry.reason.is_none()).count(), 3, "{moves:?}");
        assert!(
            scene
                .log(runs[3])
                .await
                .iter()
                .any(|entry| { entry.message == "Adele Vance moved the run to position 1 in the queue." })
        );

        // Whoever joins comes last, and whoever is removed is canceled.
        join(&scene, late, StageRunStatus::PreDeploySucceeded).await;
        stage_run::cancel(host, admin, runs[2]).await.unwrap();
        assert_eq!(waiting(&only(&scene).await), [runs[3], runs[1], late]);

        for run in [runs[0], runs[3], runs[1], late] {
            scene.until(run, StageRunStatus::Deploying).await;
            assert_eq!(only(&scene).await.running.map(|running| running.run), Some(run));
            scene.watched.let_one_go("start_import");
            scene.until(run, StageRunStatus::Succeeded).await;
        }
        assert_eq!(scene.run(runs[2]).await.status, StageRunStatus::Canceled);
        assert!(stage_run::queues(host, admin).await.unwrap().is_empty());
        worker.stop().await;
    })
    .await;
}
