//! Events: written with what happened, told to the webhooks they concern, in order, once while a lease holds, and again
//! until they are taken or given up.

use crate::{
    common::{assert_changed, assert_forbidden, assert_not_found, message_at, problems, refusal},
    package::Package,
    scene::{Scene, within},
};
use async_trait::async_trait;
use model::{
    event::EventName,
    gate::{Approver, Gates},
    id::{StageRunId, WebhookId},
    stage_run::StageRunStatus,
    webhook::{Delivery, DeliveryStatus},
};
use sea_orm::{
    ConnectionTrait, DatabaseConnection, ExprTrait, Order,
    sea_query::{Expr, Query},
};
use serde_json::Value;
use slipway_pipelines::{
    Host, gate,
    secret::{ExposeSecret, Secret},
    stage_run,
    webhook::{self, Answer, Call, Outgoing, Sender, WebhookFields, delivery, reach::Reach},
};
use std::{
    sync::{Arc, Mutex},
    time::Duration,
};
use testbed::each_database;
use tokio::{sync::Notify, task::JoinHandle};
use tokio_util::sync::CancellationToken;

/// A receiver that answers as it is told and remembers what it got.
#[derive(Default)]
struct Receiver {
    calls: Mutex<Vec<Call>>,
    /// Statuses of the next answers; 200 when there are none left.
    answers: Mutex<Vec<u16>>,
    /// Whether a call never ends.
    hangs: Mutex<bool>,
    called: Notify,
}

#[async_trait]
impl Sender for Receiver {
    async fn send(&self, call: &Call) -> Answer {
        self.calls.lock().unwrap().push(call.clone());
        self.called.notify_one();
        if *self.hangs.lock().unwrap() {
            std::future::pending::<()>().await;
        }
        let mut answers = self.answers.lock().unwrap();
        let status = if answers.is_empty() { 200 } else { answers.remove(0) };
        Answer::Status { status, body: "an answer".to_owned() }
    }
}

impl Receiver {
    fn calls(&self) -> Vec<Call> {
        self.calls.lock().unwrap().clone()
    }

    fn answer(&self, statuses: &[u16]) {
        *self.answers.lock().unwrap() = statuses.to_vec();
    }
}

fn header(call: &Call, name: &str) -> String {
    call.headers.iter().find(|(header, _)| *header == name).map(|(_, value)| value.clone()).unwrap()
}

/// A worker of webhooks.
struct Telling {
    shutdown: CancellationToken,
    task: JoinHandle<()>,
}

impl Telling {
    fn new(host: &Host, receiver: &Arc<Receiver>) -> Self {
        let shutdown = CancellationToken::new();
        let task = tokio::spawn(webhook::worker::run(host.clone(), receiver.clone(), shutdown.clone()));
        Self { shutdown, task }
    }

    async fn stop(self) {
        self.shutdown.cancel();
        self.task.await.unwrap();
    }

    async fn kill(self) {
        self.task.abort();
        let _ = self.task.await;
    }
}

fn told_of(events: &[EventName]) -> WebhookFields {
    WebhookFields {
        name: "Operations".to_owned(),
        url: "https://hooks.contoso.com/slipway?sig=hidden".to_owned(),
        secret: Secret::from("a secret of many words"),
        form: "event".to_owned(),
        events: events.iter().map(|event| event.name().to_owned()).collect(),
        pipeline: String::new(),
        active: true,
    }
}

async fn subscribe(scene: &Scene, fields: &WebhookFields) -> WebhookId {
    webhook::create(&scene.host, &scene.administrator, fields).await.unwrap().0
}

async fn deliveries(scene: &Scene, webhook: WebhookId) -> Vec<Delivery> {
    delivery::deliveries(&scene.host, &scene.administrator, webhook, 1).await.unwrap().rows
}

/// The events of a run as they stand in the outbox.
async fn outbox(database: &DatabaseConnection, run: StageRunId) -> Vec<String> {
    let query = Query::select()
        .column("name")
        .from("event_outbox")
        .and_where(Expr::col("run_id").eq(run.0))
        .order_by("number", Order::Asc)
        .to_owned();
    let rows = database.query_all(&query).await.unwrap();
    rows.iter().map(|row| row.try_get::<String>("", "name").unwrap()).collect()
}

const TRAIN: [&str; 7] = [
    "OnDeploymentRequested",
    "OnApprovalStarted",
    "OnApprovalCompleted",
    "OnPreDeploymentStarted",
    "OnPreDeploymentCompleted",
    "OnDeploymentStarted",
    "OnDeploymentCompleted",
];

#[tokio::test]
async fn a_run_is_told_of_in_the_order_and_with_the_names_of_the_platform() {
    each_database(|database| async move {
        let scene = Scene::new(database).await;
        let (host, admin, stage) = (&scene.host, &scene.administrator, scene.contoso.test_stage);
        let gates = Gates {
            approvers: vec![Approver::Person(admin.user)],
            approvals_needed: 1,
            pre_deployment_step_required: true,
            ..Gates::default()
        };
        gate::save(host, admin, stage, &gates).await.unwrap();
        let all = subscribe(&scene, &told_of(&EventName::ALL)).await;
        let ends = subscribe(&scene, &told_of(&[EventName::DeploymentCompleted])).await;
        let off = subscribe(&scene, &WebhookFields { active: false, ..told_of(&EventName::ALL) }).await;
        let other = scene.test.pipeline("Other").await;
        let elsewhere =
            subscribe(&scene, &WebhookFields { pipeline: other.to_string(), ..told_of(&EventName::ALL) }).await;
        let (worker, receiver) = (scene.worker(), Arc::new(Receiver::default()));
        let telling = Telling::new(host, &receiver);

        scene.import(&Package::named("Expenses")).await;
        let id = scene.draft("Expenses", stage).await.id;
        scene.deploy(id, "1.0.0.1").await;
        let waits = async |what: &str| scene.until_true(id, what, |run| run.waiting_for.starts_with(what)).await;
        waits("Waiting for approval").await;
        stage_run::update_approval_status(host, admin, id, 20, "").await.unwrap();
        waits("Waiting for the pre-deployment step").await;
        stage_run::update_pre_deployment_step_status(host, admin, id, 20, "").await.unwrap();
        scene.until(id, StageRunStatus::Succeeded).await;
        assert_eq!(outbox(&scene.test.database, id).await, TRAIN);

        within("every delivery", async || {
            let rows = [deliveries(&scene, all).await, deliveries(&scene, ends).await].concat();
            (rows.len() == 8 && rows.iter().all(|row| row.status == DeliveryStatus::Delivered)).then_some(())
        })
        .await;
        let of_all: Vec<_> = receiver.calls().into_iter().map(|call| (header(&call, "webhook-id"), call)).collect();
        let ids: Vec<_> = deliveries(&scene, all).await.into_iter().map(|row| row.id.to_string()).collect();
        let told: Vec<_> =
            of_all.iter().filter(|(id, _)| ids.contains(id)).map(|(_, call)| header(call, "webhook-event")).collect();
        assert_eq!(told, TRAIN, "in order");
        assert!(deliveries(&scene, off).await.is_empty() && deliveries(&scene, elsewhere).await.is_empty());

        let body: Value = serde_json::from_str(&receiver.calls().last().unwrap().body).unwrap();
        assert_eq!(body["EventName"], "OnDeploymentCompleted");
        assert_eq!(body["InputParameters"]["StageRunId"], id.to_string());
        assert_eq!(body["OutputParameters"]["DeploymentStageName"], "Test");
        assert_eq!(body["OutputParameters"]["ArtifactName"], "Expenses");
        assert_eq!(body["OutputParameters"]["SolutionArtifactVersion"], "1.0.0.1");
        assert_eq!(body["OutputParameters"]["DeploymentNotes"], "Notes");
        assert!(body["OutputParameters"]["ArtifactFileDownloadLink"].as_str().unwrap().ends_with("/managed"));
        assert_eq!(body["StageRun"]["StageRunStatus"], StageRunStatus::Succeeded.code());
        telling.stop().await;
        worker.stop().await;
    })
    .await;
}

#[tokio::test]
async fn a_run_that_is_rejected_retried_and_canceled_is_told_of_each_time() {
    each_database(|database| async move {
        let scene = Scene::new(database).await;
        let (host, admin, stage) = (&scene.host, &scene.administrator, scene.contoso.test_stage);
        let approvers = vec![Approver::Person(admin.user)];
        let gates = Gates { approvers, approvals_needed: 1, ..Gates::default() };
        gate::save(host, admin, stage, &gates).await.unwrap();
        let worker = scene.worker();
        scene.import(&Package::named("Expenses")).await;
        let id = scene.draft("Expenses", stage).await.id;
        scene.deploy(id, "1.0.0.1").await;
        let waits = async || {
            scene.until_true(id, "the approval", |run| run.waiting_for.starts_with("Waiting for approval")).await
        };
        waits().await;
        stage_run::update_approval_status(host, admin, id, 30, "No").await.unwrap();
        stage_run::retry(host, &scene.maker, id).await.unwrap();
        waits().await;
        stage_run::cancel(host, &scene.maker, id).await.unwrap();
        assert_eq!(
            outbox(&scene.test.database, id).await,
            [
                "OnDeploymentRequested",
                "OnApprovalStarted",
                "OnDeploymentFailed",
                "OnApprovalStarted",
                "OnDeploymentCanceled"
            ]
        );
        worker.stop().await;
    })
    .await;
}

#[tokio::test]
async fn nothing_is_told_of_what_was_not_done() {
    each_database(|database| async move {
        let scene = Scene::new(database).await;
        let worker = scene.worker();
        scene.import(&Package::named("Expenses")).await;
        let id = scene.draft("Expenses", scene.contoso.test_stage).await.id;
        stage_run::cancel(&scene.host, &scene.maker, id).await.unwrap();
        refusal(stage_run::cancel(&scene.host, &scene.maker, id).await);
        refusal(stage_run::retry(&scene.host, &scene.maker, id).await);
        assert_eq!(outbox(&scene.test.database, id).await, ["OnDeploymentRequested", "OnDeploymentCanceled"]);
        worker.stop().await;
    })
    .await;
}

/// A webhook with a test that is due.
async fn tested(scene: &Scene) -> (WebhookId, model::id::DeliveryId) {
    let webhook = subscribe(scene, &told_of(&[EventName::DeploymentFailed])).await;
    (webhook, delivery::send_test(&scene.host, &scene.administrator, webhook).await.unwrap())
}

async fn until(scene: &Scene, webhook: WebhookId, what: &str, holds: impl Fn(&Delivery) -> bool) -> Delivery {
    within(what, async || deliveries(scene, webhook).await.into_iter().find(|row| holds(row))).await
}

#[tokio::test]
async fn a_call_is_signed_and_what_fails_is_tried_again_until_it_is_given_up_and_can_be_sent_again() {
    each_database(|database| async move {
        let scene = Scene::new(database).await;
        let receiver = Arc::new(Receiver::default());
        let telling = Telling::new(&scene.host, &receiver);
        receiver.answer(&[500; 9]);
        let (webhook, id) = tested(&scene).await;
        for tries in 1..9 {
            let row = until(&scene, webhook, "a try", |row| row.tries == tries).await;
            assert_eq!((row.status, row.outcome.as_str()), (DeliveryStatus::Waiting, "Answered 500"));
            let pause = row.due.unwrap().since(scene.host.clock().now());
            assert!(pause >= Duration::from_secs(10), "{pause:?}");
            assert_eq!(u32::try_from(receiver.calls().len()).unwrap(), tries, "not before its time");
            scene.test.clock.advance(pause + Duration::from_millis(1));
        }
        let row = until(&scene, webhook, "the end", |row| row.status == DeliveryStatus::GivenUp).await;
        assert_eq!((row.tries, row.due), (9, None));

        delivery::send_again(&scene.host, &scene.administrator, id).await.unwrap();
        let row = until(&scene, webhook, "another answer", |row| row.status == DeliveryStatus::Delivered).await;
        assert_eq!((row.tries, row.outcome.as_str()), (10, "Answered 200"));
        let inspection = delivery::inspect(&scene.host, &scene.administrator, id).await.unwrap();
        assert_eq!(inspection.tries.len(), 10);
        assert_eq!(inspection.tries[0].answer_status, Some(200));
        assert_eq!(inspection.tries[0].answer, "an answer");
        assert_eq!(inspection.tries[1].error, "The receiver answered 500.");
        assert_eq!(inspection.origin, "https://hooks.contoso.com");

        let calls = receiver.calls();
        let (first, last) = (&calls[0], &calls[9]);
        assert_eq!(first.url.expose_secret(), "https://hooks.contoso.com/slipway?sig=hidden");
        assert_eq!((header(first, "webhook-id"), header(first, "webhook-event")), (id.to_string(), "Test".to_owned()));
        assert_eq!(header(last, "webhook-id"), id.to_string(), "receivers know a repetition by its id");
        assert_eq!(first.body, inspection.body);
        assert_ne!(header(first, "webhook-signature"), header(last, "webhook-signature"), "the time is signed, too");
        telling.stop().await;
    })
    .await;
}

#[tokio::test]
async fn a_worker_that_dies_between_claim_and_answer_is_followed_by_another_when_its_lease_is_over() {
    each_database(|database| async move {
        let scene = Scene::new(database).await;
        let (dying, next) = (Arc::new(Receiver::default()), Arc::new(Receiver::default()));
        *dying.hangs.lock().unwrap() = true;
        let first = Telling::new(&scene.host, &dying);
        let (webhook, id) = tested(&scene).await;
        tokio::time::timeout(Duration::from_secs(30), dying.called.notified()).await.unwrap();
        let second = Telling::new(&scene.host, &next);
        let said = refusal(delivery::send_again(&scene.host, &scene.administrator, id).await);
        assert_eq!(said, "This delivery is being sent at the moment.");
        first.kill().await;

        // A round of the second worker, which leaves it alone: another webhook's delivery is sent in that round.
        let (other, _) = tested(&scene).await;
        until(&scene, other, "the other one", |row| row.status == DeliveryStatus::Delivered).await;
        assert_eq!(next.calls().len(), 1, "the lease holds, whoever had it");
        scene.test.clock.advance(Duration::from_mins(2));
        until(&scene, webhook, "the delivery", |row| row.status == DeliveryStatus::Delivered).await;
        assert_eq!((dying.calls().len(), next.calls().len()), (1, 2));
        second.stop().await;
    })
    .await;
}

#[tokio::test]
async fn workers_that_share_the_work_send_every_delivery_once() {
    each_database(|database| async move {
        let scene = Scene::new(database).await;
        // First, as it moves the clock: a claim that is a minute old is let go.
        scene.import(&Package::named("Expenses")).await;
        let receiver = Arc::new(Receiver::default());
        let workers: Vec<_> = (0..3).map(|_| Telling::new(&scene.host, &receiver)).collect();
        let webhook = subscribe(&scene, &told_of(&[EventName::DeploymentRequested])).await;
        for _ in 0..20 {
            delivery::send_test(&scene.host, &scene.administrator, webhook).await.unwrap();
        }
        scene.ask("Expenses", scene.contoso.test_stage).await.unwrap();
        within("every delivery", async || {
            let rows = deliveries(&scene, webhook).await;
            (rows.len() == 21 && rows.iter().all(|row| row.status == DeliveryStatus::Delivered)).then_some(())
        })
        .await;
        let mut ids: Vec<_> = receiver.calls().iter().map(|call| header(call, "webhook-id")).collect();
        assert_eq!(ids.len(), 21);
        ids.sort();
        ids.dedup();
        assert_eq!(ids.len(), 21);
        for worker in workers {
            worker.stop().await;
        }
    })
    .await;
}

#[tokio::test]
async fn webhooks_are_for_administrators_and_checked_field_by_field() {
    each_database(|database| async move {
        let scene = Scene::new(database).await;
        let (admin, maker) = (&scene.administrator, &scene.maker);
        let host = scene.host.clone().with_outgoing(Outgoing {
            public_url: "https://slipway.contoso.com".to_owned(),
            reach: Reach { http: false, networks: vec!["10.0.0.0/8".parse().unwrap()] },
        });
        let good = told_of(&[EventName::DeploymentFailed]);
        for (bad, field) in [
            (WebhookFields { name: String::new(), ..good.clone() }, "name"),
            (WebhookFields { url: "http://hooks.contoso.com".to_owned(), ..good.clone() }, "url"),
            (WebhookFields { url: "https://127.0.0.1/".to_owned(), ..good.clone() }, "url"),
            (WebhookFields { secret: Secret::from("short"), ..good.clone() }, "secret"),
            (WebhookFields { form: "carrier-pigeon".to_owned(), ..good.clone() }, "form"),
            (WebhookFields { events: Vec::new(), ..good.clone() }, "events"),
            (WebhookFields { events: vec!["OnNothing".to_owned()], ..good.clone() }, "events"),
            (WebhookFields { pipeline: "nonsense".to_owned(), ..good.clone() }, "pipeline"),
            (WebhookFields { pipeline: uuid::Uuid::from_u128(404).to_string(), ..good.clone() }, "pipeline"),
        ] {
            message_at(field, webhook::create(&host, admin, &bad).await);
        }
        assert_eq!(
            problems(
                webhook::create(
                    &host,
                    admin,
                    &WebhookFields { name: String::new(), url: String::new(), events: Vec::new(), ..good.clone() }
                )
                .await
            )
            .len(),
            3,
            "everything at once"
        );
        let inside = WebhookFields { url: "https://10.1.2.3/".to_owned(), ..good.clone() };
        webhook::create(&host, admin, &inside).await.unwrap();

        let unsigned = WebhookFields { secret: Secret::default(), ..good.clone() };
        let (id, made) = webhook::create(&host, admin, &unsigned).await.unwrap();
        assert!(made.unwrap().expose_secret().starts_with("whsec_"));
        let stored = webhook::get(&host, admin, id).await.unwrap();
        let sent = delivery::send_test(&host, admin, id).await.unwrap();
        assert!(
            delivery::inspect(&host, admin, sent).await.unwrap().body.contains("https://slipway.contoso.com/runs/")
        );

        assert_forbidden(webhook::create(&host, maker, &good).await);
        assert_forbidden(webhook::update(&host, maker, id, &good, 1).await);
        assert_forbidden(webhook::renew_secret(&host, maker, id).await);
        assert_forbidden(webhook::delete(&host, maker, id).await);
        assert_forbidden(webhook::list(&host, maker).await);
        assert_forbidden(webhook::get(&host, maker, id).await);
        assert_forbidden(delivery::send_test(&host, maker, id).await);
        assert_forbidden(delivery::send_again(&host, maker, sent).await);
        assert_forbidden(delivery::inspect(&host, maker, sent).await);
        assert_forbidden(delivery::deliveries(&host, maker, id, 1).await);

        let off = WebhookFields { active: false, secret: Secret::default(), ..good.clone() };
        webhook::update(&host, admin, id, &off, stored.row_version).await.unwrap();
        assert_changed(webhook::update(&host, admin, id, &off, stored.row_version).await);
        assert!(refusal(delivery::send_test(&host, admin, id).await).contains("switched off"));
        assert!(refusal(delivery::send_again(&host, admin, sent).await).contains("switched off"));
        assert_ne!(webhook::renew_secret(&host, admin, id).await.unwrap().expose_secret(), "");
        webhook::delete(&host, admin, id).await.unwrap();
        assert_not_found(delivery::inspect(&host, admin, sent).await);
        assert_not_found(webhook::get(&host, admin, id).await);
    })
    .await;
}

#[tokio::test]
async fn old_deliveries_are_forgotten_and_what_waits_is_not() {
    each_database(|database| async move {
        let scene = Scene::new(database).await;
        let receiver = Arc::new(Receiver::default());
        let telling = Telling::new(&scene.host, &receiver);
        let (webhook, _) = tested(&scene).await;
        until(&scene, webhook, "the delivery", |row| row.status == DeliveryStatus::Delivered).await;
        telling.stop().await;
        let (waiting, _) = tested(&scene).await;
        scene.test.clock.advance(Duration::from_hours(24 * 29));
        assert_eq!(webhook::worker::prune(&scene.host).await.unwrap(), 0);
        scene.test.clock.advance(Duration::from_hours(48));
        assert_eq!(webhook::worker::prune(&scene.host).await.unwrap(), 1);
        assert!(deliveries(&scene, webhook).await.is_empty());
        assert_eq!(deliveries(&scene, waiting).await.len(), 1);
    })
    .await;
}
