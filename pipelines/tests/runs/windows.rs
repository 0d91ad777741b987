//! Deployment windows and freezes of stages: runs wait for them, visibly, and go on by themselves.

use crate::{
    common::{assert_changed, assert_forbidden, assert_not_found, message_at, refusal},
    package::Package,
    scene::Scene,
};
use model::{
    audit::{AuditAction, AuditFilter},
    deployment_window::{Weekday, Window},
    id::{FreezeId, StageId, StageRunId},
    stage_run::StageRunStatus,
};
use slipway_pipelines::{
    audit,
    deployment_window::{self, NewFreeze},
    stage_run,
    time_zone::Zone,
};
use testbed::each_database;

/// The clock of the tests stands at noon UTC on Sunday, November 22, 2026: 1 PM in Vienna.
fn window(days: &[Weekday], from: &str, until: &str) -> Window {
    Window { days: days.to_vec(), from: from.parse().unwrap(), until: until.parse().unwrap() }
}

async fn windows(scene: &Scene, windows: &[Window]) {
    let (host, admin, stage) = (&scene.host, &scene.administrator, scene.contoso.test_stage);
    let before = deployment_window::get(host, admin, stage).await.unwrap();
    deployment_window::save(host, admin, stage, "Europe/Vienna", windows, before.row_version).await.unwrap();
}

fn freeze(from: &str, until: &str, reason: &str) -> NewFreeze {
    NewFreeze { from: from.to_owned(), until: until.to_owned(), reason: reason.to_owned() }
}

async fn deployed(scene: &Scene, solution: &str) -> StageRunId {
    scene.import(&Package::named(solution)).await;
    let id = scene.draft(solution, scene.contoso.test_stage).await.id;
    scene.deploy(id, "1.0.0.1").await;
    id
}

fn go_to(scene: &Scene, moment: &str) {
    let at = Zone::utc().moment(moment).unwrap();
    scene.test.clock.advance(at.since(scene.host.clock().now()));
}

#[tokio::test]
async fn a_run_waits_for_the_next_window_and_goes_on_by_itself() {
    each_database(|database| async move {
        let scene = Scene::new(database).await;
        windows(&scene, &[window(&[Weekday::Monday], "20:00", "23:00")]).await;
        let worker = scene.worker();
        scene.import(&Package::named("Expenses")).await;
        let draft = scene.draft("Expenses", scene.contoso.test_stage).await.id;
        let sentence = "Test is deployed to in its deployment windows only. The run goes on by itself on Mon, Nov 23, 2026 \
                        8:00 PM (Europe/Vienna).";
        // The wizard says so beforehand.
        let timing = stage_run::wizard(&scene.host, &scene.maker, draft).await.unwrap().timing;
        assert_eq!(timing.waits_for.as_deref(), Some(sentence));
        assert_eq!(timing.windows.as_deref(), Some("Mon 20:00–23:00 (Europe/Vienna)"));

        scene.deploy(draft, "1.0.0.1").await;
        let run = scene.until(draft, StageRunStatus::Scheduled).await;
        assert_eq!(run.waiting_for, sentence);
        let held = stage_run::queues(&scene.host, &scene.administrator).await.unwrap();
        assert_eq!((held[0].held[0].run, held[0].waiting.len()), (draft, 0));
        go_to(&scene, "2026-11-23T18:59");
        assert_eq!(scene.run(draft).await.status, StageRunStatus::Scheduled);
        go_to(&scene, "2026-11-23T19:00");
        scene.until(draft, StageRunStatus::Succeeded).await;
        worker.stop().await;
    })
    .await;
}

#[tokio::test]
async fn runs_that_waited_for_a_window_keep_the_order_in_which_they_were_deployed() {
    each_database(|database| async move {
        let scene = Scene::new(database).await;
        windows(&scene, &[window(&[Weekday::Monday], "20:00", "23:00")]).await;
        let worker = scene.worker();
        let mut runs = Vec::new();
        for name in ["Zeta", "Alpha", "Mu"] {
            runs.push(deployed(&scene, name).await);
            scene.until(*runs.last().unwrap(), StageRunStatus::Scheduled).await;
        }
        scene.watched.hold("start_import");
        go_to(&scene, "2026-11-23T19:00");
        scene.until(runs[0], StageRunStatus::Deploying).await;
        for run in &runs[1..] {
            scene.until(*run, StageRunStatus::PreDeploySucceeded).await;
        }
        let queues = stage_run::queues(&scene.host, &scene.administrator).await.unwrap();
        assert_eq!(queues[0].waiting.iter().map(|run| run.run).collect::<Vec<_>>(), runs[1..]);
        scene.watched.let_go("start_import");
        for run in runs {
            scene.until(run, StageRunStatus::Succeeded).await;
        }
        worker.stop().await;
    })
    .await;
}

#[tokio::test]
async fn a_freeze_holds_runs_until_it_ends_or_is_taken_back() {
    each_database(|database| async move {
        let scene = Scene::new(database).await;
        let (host, admin, stage) = (&scene.host, &scene.administrator, scene.contoso.test_stage);
        windows(&scene, &[]).await;
        let id =
            deployment_window::freeze(host, admin, stage, &freeze("2026-11-22T12:00", "2026-11-23T06:00", "Audit"))
                .await
                .unwrap();
        let worker = scene.worker();
        let run = deployed(&scene, "Expenses").await;
        let held = scene.until(run, StageRunStatus::Scheduled).await;
        assert_eq!(
            held.waiting_for,
            "Test is frozen: Audit. The run goes on by itself on Mon, Nov 23, 2026 6:00 AM (Europe/Vienna)."
        );
        deployment_window::unfreeze(host, admin, stage, id).await.unwrap();
        scene.until(run, StageRunStatus::Succeeded).await;
        assert_not_found(deployment_window::unfreeze(host, admin, stage, id).await);

        // Settings alone wait, too; and one freeze after the other.
        deployment_window::freeze(host, admin, stage, &freeze("2026-11-22T12:00", "2026-11-23T06:00", "Audit."))
            .await
            .unwrap();
        deployment_window::freeze(host, admin, stage, &freeze("2026-11-23T06:00", "2026-11-24T06:00", "More"))
            .await
            .unwrap();
        let run = deployed(&scene, "Orders").await;
        let held = scene.until(run, StageRunStatus::Scheduled).await;
        assert!(
            held.waiting_for.contains("Test is frozen: Audit. The run goes on by itself on Tue, Nov 24, 2026 6:00 AM")
        );
        go_to(&scene, "2026-11-24T05:00");
        scene.until(run, StageRunStatus::Succeeded).await;
        worker.stop().await;
    })
    .await;
}

#[tokio::test]
async fn an_administrator_lets_a_run_go_on_in_spite_of_a_freeze_with_a_reason() {
    each_database(|database| async move {
        let scene = Scene::new(database).await;
        let (host, admin, maker, stage) = (&scene.host, &scene.administrator, &scene.maker, scene.contoso.test_stage);
        let worker = scene.worker();
        deployment_window::freeze(host, admin, stage, &freeze("2026-11-22T12:00", "2026-11-23T06:00", "Audit"))
            .await
            .unwrap();
        let run = deployed(&scene, "Expenses").await;
        scene.until(run, StageRunStatus::Scheduled).await;
        assert_forbidden(stage_run::override_window(host, maker, run, "Urgent").await);
        assert_eq!(message_at("reason", stage_run::override_window(host, admin, run, " ").await), "Enter a reason.");
        stage_run::override_window(host, admin, run, "Payroll is down").await.unwrap();
        let done = scene.until(run, StageRunStatus::Succeeded).await;
        assert_eq!(done.window_override.as_deref(), Some("Payroll is down – Adele Vance"));
        assert!(refusal(stage_run::override_window(host, admin, run, "Again").await).contains("does not wait"));
        let entries = AuditFilter { action: Some(AuditAction::Override), ..AuditFilter::default() };
        let entries = audit::list(host, admin, &entries, 1).await.unwrap().rows;
        assert_eq!(entries.iter().map(|entry| entry.reason.is_some()).collect::<Vec<_>>(), [false, true]);
        assert!(
            entries[0].changes.iter().any(|change| change.after.as_deref() == Some("Payroll is down – Adele Vance"))
        );
        worker.stop().await;
    })
    .await;
}

#[tokio::test]
async fn windows_and_freezes_are_checked_field_by_field_and_are_for_administrators() {
    each_database(|database| async move {
        let scene = Scene::new(database).await;
        let (host, admin, maker, stage) = (&scene.host, &scene.administrator, &scene.maker, scene.contoso.test_stage);
        let good = [window(&[Weekday::Friday, Weekday::Monday], "20:00", "02:00")];
        assert_eq!(
            message_at("time_zone", deployment_window::save(host, admin, stage, "Nowhere", &good, 0).await),
            "Choose a time zone from the list."
        );
        let dayless = [window(&[], "20:00", "02:00")];
        assert_eq!(
            message_at("windows", deployment_window::save(host, admin, stage, "UTC", &dayless, 0).await),
            "Choose at least one day for each window."
        );
        let many = vec![good[0].clone(); 22];
        assert_eq!(
            message_at("windows", deployment_window::save(host, admin, stage, "UTC", &many, 0).await),
            "Use at most 21 windows."
        );
        assert_forbidden(deployment_window::save(host, maker, stage, "UTC", &good, 0).await);
        assert_forbidden(deployment_window::get(host, maker, stage).await);
        assert_forbidden(deployment_window::freeze(host, maker, stage, &NewFreeze::default()).await);
        let nowhere = StageId(uuid::Uuid::nil());
        assert_not_found(deployment_window::save(host, admin, nowhere, "UTC", &good, 0).await);
        deployment_window::save(host, admin, stage, "europe/vienna", &good, 0).await.unwrap();
        assert_changed(deployment_window::save(host, admin, stage, "UTC", &good, 0).await);
        let kept = deployment_window::get(host, admin, stage).await.unwrap();
        assert_eq!((kept.time_zone.as_str(), kept.row_version), ("Europe/Vienna", 1));
        assert_eq!(kept.windows[0].days, [Weekday::Monday, Weekday::Friday]);

        for (bad, field) in [
            (freeze("", "2026-12-27T06:00", "Audit"), "from"),
            (freeze("2026-12-24T12:00", "soon", "Audit"), "until"),
            (freeze("2026-12-24T12:00", "2026-12-24T12:00", "Audit"), "until"),
            (freeze("2026-12-24T12:00", "2028-01-24T12:00", "Audit"), "until"),
            (freeze("2026-09-24T12:00", "2026-09-25T12:00", "Audit"), "until"),
            (freeze("2027-03-28T02:30", "2027-03-30T12:00", "Audit"), "from"),
            (freeze("2026-12-24T12:00", "2026-12-27T06:00", " "), "reason"),
            (freeze("2026-12-24T12:00", "2026-12-27T06:00", &"x".repeat(501)), "reason"),
        ] {
            let problems = crate::common::problems(deployment_window::freeze(host, admin, stage, &bad).await);
            assert!(problems.iter().any(|problem| problem.field == field), "{bad:?} {problems:?}");
        }
        assert_not_found(deployment_window::unfreeze(host, admin, stage, FreezeId(uuid::Uuid::nil())).await);
        deployment_window::freeze(host, admin, stage, &freeze("2026-12-24T12:00", "2026-12-27T06:00", "Audit"))
            .await
            .unwrap();
        let kept = deployment_window::get(host, admin, stage).await.unwrap().freezes;
        assert_eq!((kept.len(), kept[0].declared_by.as_str()), (1, "Adele Vance"));
        assert_eq!(kept[0].from.to_rfc3339(), "2026-12-24T11:00:00Z");
    })
    .await;
}
