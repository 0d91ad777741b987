//! Runs that begin later: at the time their maker chose, in their time zone.

use crate::{
    common::{assert_forbidden, message_at, refusal},
    package::Package,
    scene::Scene,
};
use model::{
    Timestamp,
    audit::{AuditAction, AuditFilter},
    gate::{Approver, Gates},
    id::StageRunId,
    policy::Policy,
    stage_run::StageRunStatus,
};
use slipway_pipelines::{
    Error, audit, gate,
    policy::{self, Of},
    stage_run::{self, LocalTime},
    user,
};
use std::time::Duration;
use testbed::each_database;

/// The clock of the tests stands at noon UTC on Sunday, November 22, 2026: 1 PM in Vienna.
fn vienna(time: &str) -> LocalTime {
    LocalTime { time: time.to_owned(), time_zone: "Europe/Vienna".to_owned() }
}

async fn later(scene: &Scene, id: StageRunId, time: &LocalTime) -> Result<(), Error> {
    scene.settle(id).await;
    stage_run::deploy_later(&scene.host, &scene.maker, id, "1.0.0.1", "Notes", time).await
}

/// A run of *Expenses* at the test stage that waits for a time.
async fn scheduled(scene: &Scene, time: &LocalTime) -> StageRunId {
    scene.import(&Package::named("Expenses")).await;
    let id = scene.draft("Expenses", scene.contoso.test_stage).await.id;
    later(scene, id, time).await.unwrap();
    scene.until(id, StageRunStatus::Scheduled).await;
    id
}

/// Moves the clock to a moment that lies ahead.
fn go_to(scene: &Scene, moment: &str) {
    let at = slipway_pipelines::time_zone::Zone::utc().moment(moment).unwrap();
    scene.test.clock.advance(at.since(scene.host.clock().now()));
}

#[tokio::test]
async fn a_run_waits_for_its_time_and_goes_on_by_itself() {
    each_database(|database| async move {
        let scene = Scene::new(database).await;
        let worker = scene.worker();
        let id = scheduled(&scene, &vienna("2026-11-23T08:00")).await;
        let run = scene.run(id).await;
        assert_eq!(run.waiting_for, "Scheduled for Mon, Nov 23, 2026 8:00 AM (Europe/Vienna).");
        let time = run.scheduled.unwrap();
        assert_eq!(time.at.to_rfc3339(), "2026-11-23T07:00:00Z");
        assert_eq!(time.text, "Mon, Nov 23, 2026 8:00 AM (Europe/Vienna)");
        assert!(run.artifact.is_some() && run.cancellable, "what is deployed is stored already");
        assert!(scene.watched.jobs().is_empty());

        // It keeps nobody else from the target, and everybody else from its stage.
        scene.import(&Package::named("Orders")).await;
        scene.deployed("Orders", scene.contoso.test_stage, "1.0.0.1").await;
        let again = refusal(scene.ask("Expenses", scene.contoso.test_stage).await);
        assert_eq!(
            again,
            "Version 1.0.0.1 is to be deployed to Test later. Scheduled for Mon, Nov 23, 2026 8:00 AM (Europe/Vienna). Cancel \
             that run, or wait until it has ended."
        );
        go_to(&scene, "2026-11-23T06:59");
        assert_eq!(scene.run(id).await.status, StageRunStatus::Scheduled);

        go_to(&scene, "2026-11-23T07:00");
        scene.until(id, StageRunStatus::Succeeded).await;
        let log: Vec<_> = scene.log(id).await.into_iter().map(|entry| entry.message).collect();
        let asked = "Miguel Silva asked to deploy version 1.0.0.1 to Contoso Test on Mon, Nov 23, 2026 8:00 AM (Europe/Vienna).";
        assert!(log.iter().any(|message| message == asked), "{log:?}");
        assert!(log.iter().any(|message| message == "Its time has come."), "{log:?}");
        worker.stop().await;
    })
    .await;
}

#[tokio::test]
async fn a_time_that_is_none_or_has_passed_comes_back_at_its_field() {
    each_database(|database| async move {
        let scene = Scene::new(database).await;
        let worker = scene.worker();
        scene.import(&Package::named("Expenses")).await;
        let id = scene.draft("Expenses", scene.contoso.test_stage).await.id;
        for (time, said) in [
            (vienna(""), "Enter a date and a time"),
            (vienna("soon"), "Enter a date and a time"),
            (vienna("2026-11-22T12:30"), "Sun, Nov 22, 2026 12:30 PM (Europe/Vienna) has passed."),
            (vienna("2027-10-31T02:30"), "2:30 AM on Oct 31, 2027 comes twice in Europe/Vienna"),
            (vienna("2027-03-28T02:30"), "2:30 AM on Mar 28, 2027 does not exist in Europe/Vienna"),
            (vienna("2028-01-01T08:00"), "Choose a time within a year"),
        ] {
            let message = message_at("scheduled", later(&scene, id, &time).await);
            assert!(message.starts_with(said), "{message}");
        }
        let nowhere = LocalTime { time: "2026-11-23T08:00".to_owned(), time_zone: "Mars/Olympus".to_owned() };
        assert_eq!(message_at("time_zone", later(&scene, id, &nowhere).await), "Choose a time zone from the list.");
        assert_eq!(scene.run(id).await.status, StageRunStatus::ValidationSucceeded);
        worker.stop().await;
    })
    .await;
}

#[tokio::test]
async fn a_schedule_is_changed_and_canceled_by_who_asked_and_by_administrators() {
    each_database(|database| async move {
        let scene = Scene::new(database).await;
        let (host, maker, admin) = (&scene.host, &scene.maker, &scene.administrator);
        let nestor = scene.test.another_user().await;
        let worker = scene.worker();
        let pipeline = scene.run(scheduled(&scene, &vienna("2026-11-23T08:00")).await).await;
        let id = pipeline.id;
        scene.test.share(pipeline.pipeline, &nestor, model::access::AccessRight::Read).await;
        assert_forbidden(stage_run::reschedule(host, &nestor, id, Some(&vienna("2026-11-24T08:00"))).await);
        assert!(stage_run::time_changes(host, &nestor, id).await.unwrap().is_none());
        stage_run::reschedule(host, admin, id, Some(&vienna("2026-11-24T08:00"))).await.unwrap();
        let moved = "Scheduled for Tue, Nov 24, 2026 8:00 AM (Europe/Vienna).";
        scene.until_true(id, moved, |run| run.waiting_for == moved).await;
        go_to(&scene, "2026-11-23T12:00");
        assert_eq!(scene.run(id).await.status, StageRunStatus::Scheduled);

        // The person's own zone is proposed.
        assert_eq!(
            message_at("time_zone", user::set_time_zone(host, maker, "Nowhere").await),
            "Choose a time zone from the list."
        );
        user::set_time_zone(host, maker, "America/New_York").await.unwrap();
        let changes = stage_run::time_changes(host, maker, id).await.unwrap().unwrap();
        assert_eq!((changes.proposed.as_str(), changes.time_zone.as_str()), ("2026-11-24T02:00", "America/New_York"));
        assert!(!changes.may_override);

        stage_run::reschedule(host, maker, id, None).await.unwrap();
        scene.until(id, StageRunStatus::Succeeded).await;
        assert!(refusal(stage_run::reschedule(host, maker, id, None).await).contains("it has ended"));
        let entries = AuditFilter { action: Some(AuditAction::Schedule), ..AuditFilter::default() };
        let entries = audit::list(host, admin, &entries, 1).await.unwrap().rows;
        assert_eq!(entries.iter().map(|entry| entry.reason.is_some()).collect::<Vec<_>>(), [false, false, true]);

        scene.import(&Package::named("Orders")).await;
        let draft = scene.draft("Orders", scene.contoso.test_stage).await.id;
        assert!(refusal(stage_run::reschedule(host, maker, draft, None).await).contains("give its settings first"));
        later(&scene, draft, &vienna("2026-11-30T08:00")).await.unwrap();
        scene.until(draft, StageRunStatus::Scheduled).await;
        stage_run::cancel(host, admin, draft).await.unwrap();
        go_to(&scene, "2026-11-30T12:00");
        assert_eq!(scene.run(draft).await.status, StageRunStatus::Canceled);
        worker.stop().await;
    })
    .await;
}

#[tokio::test]
async fn gates_come_before_the_time_and_what_stands_against_it_then_fails_the_run() {
    each_database(|database| async move {
        let scene = Scene::new(database).await;
        let (host, admin, stage) = (&scene.host, &scene.administrator, scene.contoso.test_stage);
        let gates = Gates { approvers: vec![Approver::Person(admin.user)], approvals_needed: 1, ..Gates::default() };
        gate::save(host, admin, stage, &gates).await.unwrap();
        let worker = scene.worker();
        scene.import(&Package::named("Expenses")).await;
        let id = scene.draft("Expenses", stage).await.id;
        later(&scene, id, &vienna("2026-11-23T08:00")).await.unwrap();
        scene.until_true(id, "an approval", |run| run.waiting_for.starts_with("Waiting for approval")).await;
        stage_run::update_approval_status(host, admin, id, 20, "").await.unwrap();
        scene.until(id, StageRunStatus::Scheduled).await;

        // Whoever asked for it has lost the right to it meanwhile.
        slipway_pipelines::user::set_enabled(host, admin, scene.maker.user, false).await.unwrap();
        go_to(&scene, "2026-11-23T08:00");
        let failed = scene.until(id, StageRunStatus::Failed).await;
        assert!(!failed.error_message.is_empty() && failed.error_message.ends_with('.'), "{}", failed.error_message);
        assert!(scene.watched.jobs().is_empty());
        worker.stop().await;
    })
    .await;
}

#[tokio::test]
async fn what_policies_ask_by_then_is_asked_when_the_time_has_come() {
    each_database(|database| async move {
        let scene = Scene::new(database).await;
        let worker = scene.worker();
        let id = scheduled(&scene, &vienna("2026-11-23T08:00")).await;
        let strict = Policy { denied_connectors: vec!["shared_office365".to_owned()], ..Policy::default() };
        let of = Of::Stage(scene.contoso.test_stage);
        policy::save(&scene.host, &scene.administrator, of, &strict, 0).await.unwrap();
        go_to(&scene, "2026-11-23T07:00");
        let failed = scene.until(id, StageRunStatus::Failed).await;
        assert!(failed.error_message.contains("shared_office365"), "{}", failed.error_message);
        assert!(scene.watched.jobs().is_empty());

        // What was mended is tried again, and its time has passed.
        policy::save(&scene.host, &scene.administrator, of, &Policy::default(), 1).await.unwrap();
        stage_run::retry(&scene.host, &scene.maker, id).await.unwrap();
        scene.until(id, StageRunStatus::Succeeded).await;
        worker.stop().await;
    })
    .await;
}

#[tokio::test]
async fn a_worker_that_dies_leaves_the_time_as_it_is() {
    each_database(|database| async move {
        let scene = Scene::new(database).await;
        let worker = scene.worker();
        let id = scheduled(&scene, &vienna("2026-11-23T08:00")).await;
        worker.kill().await;
        go_to(&scene, "2026-11-23T07:00");
        let worker = scene.worker();
        let run = scene.until(id, StageRunStatus::Succeeded).await;
        assert!(run.ended >= Some(Timestamp(run.scheduled.unwrap().at.0)));
        assert_eq!(scene.watched.jobs().len(), 1);
        scene.test.clock.advance(Duration::from_secs(1));
        worker.stop().await;
    })
    .await;
}
