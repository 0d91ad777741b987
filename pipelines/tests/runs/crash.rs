//! Workers that die, and workers that come back too late.

use crate::{
    package::Package,
    scene::{Scene, within},
    ways_back::{allow_redeployments, later},
};
use model::stage_run::{StageRunStatus, StepStatus};
use slipway_pipelines::stage_run;
use std::time::Duration;
use testbed::each_database;

/// Longer than any lease.
const LONG: Duration = Duration::from_mins(2);

#[tokio::test]
async fn a_run_is_finished_by_the_next_worker_wherever_the_last_one_died() {
    each_database(|database| async move {
        let scene = Scene::new(database).await;
        let stage = scene.contoso.test_stage;
        scene.import(&Package::named("Expenses")).await;
        let mut deployments = 0;
        for moment in 0.. {
            // Pre-flight, with a worker that dies at the moment, and another one if it did.
            scene.watched.stop_at(None);
            let id = scene.ask("Expenses", stage).await.unwrap();
            scene.watched.stop_at(Some(moment));
            let died_in_preflight = work_or_die(&scene, id, StageRunStatus::ValidationSucceeded).await;

            scene.watched.stop_at(None);
            deployments += 1;
            scene.deploy(id, &format!("1.0.0.{deployments}")).await;
            scene.watched.stop_at(Some(moment));
            let died = work_or_die(&scene, id, StageRunStatus::Succeeded).await;

            let run = scene.run(id).await;
            assert_eq!(run.version.to_string(), format!("1.0.0.{deployments}"));
            assert!(run.steps.iter().all(|step| step.status == StepStatus::Succeeded), "{:?}", run.steps);
            assert_eq!(scene.log(id).await.len(), 7, "at moment {moment}");
            assert_eq!(scene.watched.jobs().len(), deployments, "at moment {moment}");
            let target = scene.contoso.test.environment_id;
            assert_eq!(scene.version_in(target, "Expenses").await.unwrap(), run.version.to_string());
            if !died && !died_in_preflight {
                assert!(moment > 10, "the worker asks more of environments than {moment} times");
                break;
            }
        }
    })
    .await;
}

#[tokio::test]
async fn a_run_to_a_later_stage_is_finished_by_the_next_worker_wherever_the_last_one_died() {
    each_database(|database| async move {
        let (scene, worker) = Scene::with_expenses_in_test(database).await;
        worker.stop().await;
        for moment in 0.. {
            scene.watched.stop_at(None);
            if moment > 0 {
                let worker = scene.worker();
                scene.test.clock.advance(Duration::from_mins(1));
                scene.deployed("Expenses", scene.contoso.test_stage, &format!("1.0.0.{}", moment + 1)).await;
                worker.stop().await;
            }
            let imports = scene.watched.jobs().len();
            let id = scene.ask("Expenses", scene.contoso.production_stage).await.unwrap();
            scene.watched.stop_at(Some(moment));
            let died_in_preflight = work_or_die(&scene, id, StageRunStatus::ValidationSucceeded).await;
            scene.watched.stop_at(None);
            scene.deploy(id, "").await;
            scene.watched.stop_at(Some(moment));
            let died = work_or_die(&scene, id, StageRunStatus::Succeeded).await;

            let run = scene.run(id).await;
            assert!(run.steps.iter().all(|step| step.status == StepStatus::Succeeded), "{:?}", run.steps);
            assert_eq!(scene.watched.jobs().len(), imports + 1, "at moment {moment}");
            scene.log(id).await;
            let target = scene.contoso.production.environment_id;
            assert_eq!(scene.version_in(target, "Expenses").await.unwrap(), run.version.to_string());
            if !died && !died_in_preflight {
                assert!(moment > 5, "the worker asks more of environments than {moment} times");
                break;
            }
        }
    })
    .await;
}

#[tokio::test]
async fn a_roll_back_and_a_redeployment_are_finished_by_the_next_worker_wherever_the_last_one_died() {
    each_database(|database| async move {
        let (scene, worker) = Scene::with_expenses_in_test(database).await;
        let (host, maker, stage) = (&scene.host, &scene.maker, scene.contoso.test_stage);
        allow_redeployments(&scene).await;
        later(&scene);
        let second = scene.deployed("Expenses", stage, "1.0.0.2").await;
        worker.stop().await;
        let mut newest = second.id;
        let target = scene.contoso.test.environment_id;
        for moment in 0.. {
            // Back to the first version, which goes on by itself.
            scene.watched.stop_at(None);
            later(&scene);
            let imports = scene.watched.jobs().len();
            let back = stage_run::roll_back(host, maker, newest).await.unwrap();
            scene.watched.stop_at(Some(moment));
            let died = work_or_die(&scene, back, StageRunStatus::Succeeded).await;
            assert_eq!(scene.version_in(target, "Expenses").await.unwrap(), "1.0.0.1");
            assert_eq!(scene.watched.jobs().len(), imports + 1, "at moment {moment}");
            scene.log(back).await;

            // And the second one once more.
            scene.watched.stop_at(None);
            later(&scene);
            newest = stage_run::redeploy(host, maker, second.id).await.unwrap();
            scene.watched.stop_at(Some(moment));
            let died_in_preflight = work_or_die(&scene, newest, StageRunStatus::ValidationSucceeded).await;
            scene.watched.stop_at(None);
            scene.deploy(newest, "").await;
            scene.watched.stop_at(Some(moment));
            let died_again = work_or_die(&scene, newest, StageRunStatus::Succeeded).await;
            assert_eq!(scene.version_in(target, "Expenses").await.unwrap(), "1.0.0.2");
            assert_eq!(scene.watched.jobs().len(), imports + 2, "at moment {moment}");
            scene.log(newest).await;
            if !died && !died_in_preflight && !died_again {
                assert!(moment > 5, "the worker asks more of environments than {moment} times");
                break;
            }
        }
    })
    .await;
}

/// Works on a run until it stands somewhere. Where the worker stops before that, it is killed and another one goes on;
/// tells whether that was so.
pub async fn work_or_die(scene: &Scene, id: model::id::StageRunId, status: StageRunStatus) -> bool {
    let worker = scene.worker();
    let died = within("the run or the end of the worker", async || {
        if scene.watched.has_stopped() {
            return Some(true);
        }
        (scene.run(id).await.status == status).then_some(false)
    })
    .await;
    // A worker that stands at a moment is in the middle of nothing else; one that has done its work may be.
    if died {
        worker.kill().await;
        scene.watched.stop_at(None);
        scene.test.clock.advance(LONG);
        let next = scene.worker();
        scene.until(id, status).await;
        next.stop().await;
    } else {
        worker.stop().await;
    }
    died
}

#[tokio::test]
async fn runs_survive_workers_that_are_killed_again_and_again() {
    each_database(|database| async move {
        let scene = Scene::new(database).await;
        let stages = [scene.contoso.test_stage, scene.contoso.production_stage];
        let names: Vec<_> = (0..6).map(|number| format!("Solution{number}")).collect();
        for name in &names {
            scene.import(&Package::named(name)).await;
        }
        // A small generator of numbers that look random, and are the same every time.
        let mut seed = 0x2545_f491_4f6c_dd1d_u64;
        let mut random = move |most: u64| {
            seed ^= seed << 13;
            seed ^= seed >> 7;
            seed ^= seed << 17;
            seed % most
        };
        let mut expected = 0;
        for stage in stages {
            let mut drafts = Vec::new();
            for name in &names {
                drafts.push(scene.ask(name, stage).await.unwrap());
            }
            let mut left = drafts.clone();
            let mut deployed = Vec::new();
            let mut kills = 0;
            while !left.is_empty() || !deployed.is_empty() {
                let worker = scene.worker();
                kills += 1;
                assert!(kills < 100, "{kills} workers have not brought {left:?} and {deployed:?} to an end");
                if kills <= 40 {
                    tokio::time::sleep(Duration::from_millis(random(40))).await;
                } else {
                    let all_go_on = async {
                        for run in left.iter().chain(&deployed) {
                            within("a run that goes on", async || {
                                let status = scene.run(*run).await.status;
                                (status.is_final() || status == StageRunStatus::ValidationSucceeded).then_some(())
                            })
                            .await;
                        }
                    };
                    // What an earlier death left behind is waited for by the clock, and that stands still in here.
                    tokio::time::timeout(Duration::from_secs(3), all_go_on).await.ok();
                }
                worker.kill().await;
                scene.test.clock.advance(LONG);
                for run in std::mem::take(&mut left) {
                    if scene.run(run).await.status == StageRunStatus::ValidationSucceeded {
                        scene.deploy(run, if stage == stages[0] { "1.0.0.1" } else { "" }).await;
                        deployed.push(run);
                        expected += 1;
                    } else {
                        left.push(run);
                    }
                }
                let mut open = Vec::new();
                for run in deployed {
                    let run = scene.run(run).await;
                    assert!(!matches!(run.status, StageRunStatus::Failed | StageRunStatus::Canceled), "{run:?}");
                    if !run.status.is_final() {
                        open.push(run.id);
                    }
                }
                deployed = open;
            }
            for run in drafts {
                assert_eq!(scene.run(run).await.status, StageRunStatus::Succeeded);
                scene.log(run).await;
            }
        }
        assert_eq!(scene.watched.jobs().len(), expected);
    })
    .await;
}

#[tokio::test]
async fn a_worker_that_comes_back_too_late_writes_nothing() {
    each_database(|database| async move {
        let scene = Scene::new(database).await;
        scene.import(&Package::named("Expenses")).await;
        for (operation, version) in [("export", None), ("stage", None), ("set_version", Some("1.0.0.2"))] {
            let asked = scene.ask("Expenses", scene.contoso.test_stage).await.unwrap();
            if operation == "stage" {
                // The run that was left waiting for its settings has been taken up again.
                stage_run::check_again(&scene.host, &scene.maker, asked).await.unwrap();
            }
            if let Some(version) = version {
                let worker = scene.worker();
                scene.until(asked, StageRunStatus::ValidationSucceeded).await;
                worker.stop().await;
                scene.deploy(asked, version).await;
            }
            scene.watched.hold(operation);
            let late = scene.worker();
            let before = match operation {
                "export" => StageRunStatus::Started,
                "stage" => StageRunStatus::Validating,
                _ => StageRunStatus::PreDeployInProgress,
            };
            scene.until(asked, before).await;
            within("the late worker to be held up", async || (scene.watched.waiting(operation) == 1).then_some(()))
                .await;
            scene.test.clock.advance(LONG);

            // Another worker takes the run over, and is held up at the same place.
            let quick = scene.worker();
            within("the quick worker to be held up", async || (scene.watched.waiting(operation) == 2).then_some(()))
                .await;
            scene.watched.let_go(operation);
            let after = if version.is_some() { StageRunStatus::Succeeded } else { StageRunStatus::ValidationSucceeded };
            scene.until(asked, after).await;
            late.stop().await;
            quick.stop().await;
            let log = scene.log(asked).await;
            let mut sentences: Vec<_> = log.iter().map(|entry| &entry.message).collect();
            sentences.sort();
            sentences.dedup();
            // Pre-flight ran a second time for the second of the three, and says so.
            let twice = if operation == "export" { 0 } else { 2 };
            assert_eq!(sentences.len() + twice, log.len(), "written twice: {log:?}");
        }
        assert_eq!(scene.watched.jobs().len(), 1);
    })
    .await;
}

#[tokio::test]
async fn a_worker_that_is_stopped_leaves_its_runs_to_the_next_one_at_once() {
    each_database(|database| async move {
        let scene = Scene::new(database).await;
        let worker = scene.worker();
        scene.import(&Package::named("Expenses")).await;
        scene.test.built_in.update(scene.contoso.test.environment_id, "Contoso Test", 30).await.unwrap();
        let draft = scene.draft("Expenses", scene.contoso.test_stage).await;
        scene.deploy(draft.id, "1.0.0.1").await;
        scene.until(draft.id, StageRunStatus::Deploying).await;
        worker.stop().await;
        let run = scene.run(draft.id).await;
        if run.status == StageRunStatus::Deploying {
            let next = scene.worker();
            scene.until(draft.id, StageRunStatus::Succeeded).await;
            next.stop().await;
        }
        assert_eq!(scene.watched.jobs().len(), 1);
    })
    .await;
}
