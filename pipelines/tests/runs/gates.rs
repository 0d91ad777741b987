//! Gates: approvals by people, steps that something outside completes, and that nothing waits for ever.

use crate::{
    common::{assert_forbidden, assert_not_found, message_at, refusal},
    package::Package,
    scene::Scene,
};
use model::{
    gate::{Approver, Gate, Gates},
    id::{StageId, StageRunId},
    stage_run::{StageRun, StageRunStatus, StepStatus},
};
use slipway_pipelines::{Caller, gate, stage_run};
use std::time::Duration;
use testbed::each_database;

const APPROVE: i32 = 20;
const REJECT: i32 = 30;

async fn gates(scene: &Scene, stage: StageId, gates: &Gates) {
    gate::save(&scene.host, &scene.administrator, stage, gates).await.unwrap();
}

fn approved_by(people: &[&Caller], needed: u32) -> Gates {
    Gates {
        approvers: people.iter().map(|person| Approver::Person(person.user)).collect(),
        approvals_needed: needed,
        ..Gates::default()
    }
}

/// A run of *Expenses* at the test stage that waits at a gate after *Deploy*.
async fn waits(scene: &Scene, version: &str) -> StageRun {
    let draft = scene.draft("Expenses", scene.contoso.test_stage).await;
    scene.deploy(draft.id, version).await;
    waits_for(scene, draft.id, "Waiting for").await
}

async fn waits_for(scene: &Scene, id: StageRunId, what: &str) -> StageRun {
    scene.until_true(id, what, |run| run.waiting_for.starts_with(what)).await
}

#[tokio::test]
async fn a_run_goes_on_when_enough_approvers_have_approved() {
    each_database(|database| async move {
        let scene = Scene::new(database).await;
        let (host, maker, admin, stage) = (&scene.host, &scene.maker, &scene.administrator, scene.contoso.test_stage);
        let nestor = scene.test.another_user().await;
        gates(&scene, stage, &approved_by(&[&nestor, admin, maker], 2)).await;
        let worker = scene.worker();
        scene.import(&Package::named("Expenses")).await;
        let run = waits(&scene, "1.0.0.1").await;
        assert_eq!(run.waiting_for, "Waiting for approval at Test.");
        assert_eq!(run.status, StageRunStatus::PreDeployInProgress);
        assert!(run.artifact.is_some() && run.cancellable, "what is approved is stored already");
        let importing = run.steps.iter().find(|step| step.step.code() == 200_000_105).unwrap();
        assert_eq!(importing.status, StepStatus::Pending);

        // Whoever asked for it does not find it in the inbox; the others do, until they have answered.
        let pending = async |caller: &Caller| {
            let inbox = stage_run::inbox(host, caller).await.unwrap();
            assert_eq!(inbox.len() as u64, stage_run::pending_count(host, caller).await.unwrap());
            inbox.len()
        };
        assert_eq!((pending(maker).await, pending(&nestor).await, pending(admin).await), (0, 1, 1));
        assert_forbidden(stage_run::update_approval_status(host, maker, run.id, APPROVE, "").await);
        stage_run::update_approval_status(host, &nestor, run.id, APPROVE, "Tested it").await.unwrap();
        assert_eq!(
            refusal(stage_run::update_approval_status(host, &nestor, run.id, REJECT, "No").await),
            "You have answered already."
        );
        assert_eq!((pending(&nestor).await, pending(admin).await), (0, 1));
        let waiting = stage_run::waiting(host, admin, run.id).await.unwrap();
        assert_eq!((waiting.gate, waiting.needed, waiting.mine), (Some(Gate::Approval), 2, true));
        assert_eq!(waiting.approvals[0].comment, "Tested it");
        stage_run::update_approval_status(host, admin, run.id, APPROVE, "").await.unwrap();
        scene.until(run.id, StageRunStatus::Succeeded).await;
        let log: Vec<_> = scene.log(run.id).await.into_iter().map(|entry| entry.message).collect();
        assert!(
            log.contains(
                &"Nestor Wilke approved the deployment to Test: Tested it. 1 more approval is needed.".to_owned()
            ),
            "{log:?}"
        );
        assert!(
            refusal(stage_run::update_approval_status(host, admin, run.id, APPROVE, "").await)
                .contains("does not wait")
        );
        worker.stop().await;
    })
    .await;
}

#[tokio::test]
async fn a_rejected_run_fails_with_the_reason_and_asks_again_when_it_is_retried() {
    each_database(|database| async move {
        let scene = Scene::new(database).await;
        let (host, maker, admin, stage) = (&scene.host, &scene.maker, &scene.administrator, scene.contoso.test_stage);
        gates(&scene, stage, &approved_by(&[admin], 1)).await;
        let worker = scene.worker();
        scene.import(&Package::named("Expenses")).await;
        let run = waits(&scene, "1.0.0.1").await;
        assert_eq!(
            message_at("status", stage_run::update_approval_status(host, admin, run.id, 10, "").await),
            "Answer with 20 (completed) or 30 (rejected)."
        );
        assert!(
            message_at("comment", stage_run::update_approval_status(host, admin, run.id, REJECT, " ").await)
                .starts_with("Say why")
        );
        stage_run::update_approval_status(host, admin, run.id, REJECT, "Not on a Friday").await.unwrap();
        let failed = scene.until(run.id, StageRunStatus::Failed).await;
        assert!(failed.error_message.starts_with("Adele Vance rejected the deployment to Test: Not on a Friday."));
        assert!(scene.watched.jobs().is_empty());

        stage_run::retry(host, maker, run.id).await.unwrap();
        waits_for(&scene, run.id, "Waiting for approval").await;
        assert!(stage_run::waiting(host, admin, run.id).await.unwrap().approvals.is_empty());
        stage_run::update_approval_status(host, admin, run.id, APPROVE, "").await.unwrap();
        let done = scene.until(run.id, StageRunStatus::Succeeded).await;
        assert_eq!(done.artifact_sha256, failed.artifact_sha256);
        worker.stop().await;
    })
    .await;
}

#[tokio::test]
async fn a_run_that_waits_can_be_canceled_keeps_nobody_from_the_target_and_fails_at_its_deadline() {
    each_database(|database| async move {
        let scene = Scene::new(database).await;
        let (host, maker, stage) = (&scene.host, &scene.maker, scene.contoso.test_stage);
        gates(&scene, stage, &approved_by(&[&scene.administrator], 1)).await;
        let worker = scene.worker();
        scene.import(&Package::named("Expenses")).await;
        let run = waits(&scene, "1.0.0.1").await;
        stage_run::cancel(host, maker, run.id).await.unwrap();
        let said = refusal(stage_run::update_approval_status(host, &scene.administrator, run.id, APPROVE, "").await);
        assert!(said.contains("does not wait"), "{said}");

        let run = waits(&scene, "1.0.0.2").await;
        gates(&scene, stage, &Gates::default()).await;
        scene.import(&Package::named("Orders")).await;
        scene.deployed("Orders", stage, "1.0.0.1").await;
        gates(&scene, stage, &approved_by(&[&scene.administrator], 1)).await;
        assert_eq!(scene.run(run.id).await.status, StageRunStatus::PreDeployInProgress);

        scene.test.clock.advance(Duration::from_hours(73));
        let failed = scene.until(run.id, StageRunStatus::Failed).await;
        assert!(
            failed.error_message.starts_with("Nobody answered the approval within 72 hours."),
            "{}",
            failed.error_message
        );
        worker.stop().await;
    })
    .await;
}

#[tokio::test]
async fn steps_outside_of_slipway_open_their_gates_with_the_platforms_values() {
    each_database(|database| async move {
        let scene = Scene::new(database).await;
        let (host, maker, admin, stage) = (&scene.host, &scene.maker, &scene.administrator, scene.contoso.test_stage);
        let both = Gates { pre_export_step_required: true, pre_deployment_step_required: true, ..Gates::default() };
        gates(&scene, stage, &both).await;
        let worker = scene.worker();
        scene.import(&Package::named("Expenses")).await;
        let id = scene.ask("Expenses", stage).await.unwrap();
        waits_for(&scene, id, "Waiting for the pre-export step").await;
        assert_eq!(scene.run(id).await.status, StageRunStatus::Started);
        assert_forbidden(stage_run::update_pre_export_step_status(host, maker, id, APPROVE, "").await);
        assert!(
            refusal(stage_run::update_pre_deployment_step_status(host, admin, id, APPROVE, "").await)
                .contains("or not yet")
        );
        stage_run::update_pre_export_step_status(host, admin, id, APPROVE, "").await.unwrap();
        scene.until(id, StageRunStatus::ValidationSucceeded).await;
        // What is exported anew has to be let through anew.
        stage_run::check_again(host, maker, id).await.unwrap();
        waits_for(&scene, id, "Waiting for the pre-export step").await;
        stage_run::update_pre_export_step_status(host, admin, id, APPROVE, "").await.unwrap();
        scene.until(id, StageRunStatus::ValidationSucceeded).await;
        scene.deploy(id, "1.0.0.1").await;
        waits_for(&scene, id, "Waiting for the pre-deployment step").await;
        stage_run::update_pre_deployment_step_status(host, admin, id, REJECT, "Backup missing").await.unwrap();
        let failed = scene.until(id, StageRunStatus::Failed).await;
        assert!(failed.error_message.starts_with("The pre-deployment step failed: Backup missing."));
        stage_run::retry(host, maker, id).await.unwrap();
        waits_for(&scene, id, "Waiting for the pre-deployment step").await;
        stage_run::update_pre_deployment_step_status(host, admin, id, APPROVE, "Done").await.unwrap();
        scene.until(id, StageRunStatus::Succeeded).await;
        assert_eq!(scene.watched.jobs().len(), 1);
        worker.stop().await;
    })
    .await;
}

#[tokio::test]
async fn the_gates_of_a_stage_are_checked_field_by_field() {
    each_database(|database| async move {
        let scene = Scene::new(database).await;
        let (host, admin) = (&scene.host, &scene.administrator);
        let (first, second) = (scene.contoso.test_stage, scene.contoso.production_stage);
        let nobody = Approver::Person(model::id::UserId(uuid::Uuid::from_u128(404)));
        let export = Gates { pre_export_step_required: true, ..Gates::default() };
        for (stage, bad, field) in [
            (second, export, "pre_export"),
            (first, Gates { approvers: vec![nobody], approvals_needed: 1, ..Gates::default() }, "approvers"),
            (first, Gates { approvals_needed: 1, ..Gates::default() }, "approvers"),
            (first, approved_by(&[admin], 0), "needed"),
            (first, approved_by(&[admin], 2), "needed"),
            (first, Gates { deadline_hours: 0, ..Gates::default() }, "deadline"),
            (first, Gates { deadline_hours: 5_000, ..Gates::default() }, "deadline"),
        ] {
            let problems = crate::common::problems(gate::save(host, admin, stage, &bad).await);
            assert!(problems.iter().any(|problem| problem.field == field), "{bad:?} {problems:?}");
        }
        assert_eq!(gate::get(host, admin, first).await.unwrap(), Gates::default());
        let good = Gates { requester_may_approve: true, ..approved_by(&[admin, &scene.maker], 2) };
        gate::save(host, admin, first, &good).await.unwrap();
        let kept = gate::get(host, admin, first).await.unwrap();
        assert_eq!((kept.approvers.len(), kept.approvals_needed, kept.requester_may_approve), (2, 2, true));
        assert_forbidden(gate::save(host, &scene.maker, first, &good).await);
        assert_forbidden(gate::get(host, &scene.maker, first).await);
        assert_not_found(gate::save(host, admin, StageId(uuid::Uuid::nil()), &good).await);
    })
    .await;
}
