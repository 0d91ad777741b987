//! Live streams: everything as it stands, then what changes, then the end.

use crate::{
    bed::{Bed, Browser},
    contoso::{Contoso, record},
};
use axum::body::{Body, BodyDataStream};
use futures::StreamExt;
use http::{HeaderName, Method, StatusCode, header};
use model::{
    environment::{DeploymentEnvironment, ValidationStatus},
    stage_run::{RunUpdate, StageRunStatus},
    user::Roles,
};
use pipelines::{deployment_environment, stage_run, user};
use std::time::Duration;

const LAST_EVENT_ID: HeaderName = HeaderName::from_static("last-event-id");

/// An open stream.
struct Events {
    body: BodyDataStream,
    buffer: String,
}

/// One event.
#[derive(Debug, Default)]
struct Event {
    name: String,
    id: String,
    data: String,
}

impl Event {
    fn update(&self) -> RunUpdate {
        assert_eq!(self.name, "update", "{self:?}");
        serde_json::from_str(&self.data).unwrap()
    }
}

impl Events {
    async fn open(browser: &mut Browser, path: &str, headers: &[(HeaderName, &str)]) -> Self {
        let response = browser.open(Method::GET, path, headers, Body::empty()).await;
        assert_eq!(response.status(), StatusCode::OK);
        assert_eq!(response.headers()[header::CONTENT_TYPE], "text/event-stream");
        assert_eq!(response.headers()[header::CACHE_CONTROL], "no-store");
        Self { body: response.into_body().into_data_stream(), buffer: String::new() }
    }

    /// The next event; none when the stream is over.
    async fn next(&mut self) -> Option<Event> {
        tokio::time::timeout(Duration::from_secs(30), self.wait()).await.expect("an event within the time limit")
    }

    async fn wait(&mut self) -> Option<Event> {
        loop {
            while let Some(end) = self.buffer.find("\n\n") {
                let text: String = self.buffer.drain(..end + 2).collect();
                let mut event = Event::default();
                for line in text.lines() {
                    match line.split_once(": ").or_else(|| line.split_once(':')) {
                        Some(("event", value)) => value.clone_into(&mut event.name),
                        Some(("id", value)) => value.clone_into(&mut event.id),
                        Some(("data", value)) => event.data.push_str(value),
                        _ => {}
                    }
                }
                if !event.name.is_empty() {
                    return Some(event);
                }
            }
            self.buffer.push_str(std::str::from_utf8(&self.body.next().await?.unwrap()).unwrap());
        }
    }
}

#[tokio::test]
async fn a_run_is_sent_as_it_stands_then_as_it_changes_until_it_ends() {
    testbed::each_database(|database| async move {
        let bed = Bed::new(database);
        let contoso = Box::pin(Contoso::new(&bed)).await;
        let run = Box::pin(contoso.run(&bed)).await;
        let mut browser = bed.signed_in(&contoso.mia).await;
        let mut events = Events::open(&mut browser, &format!("/events/runs/{run}"), &[]).await;

        let first = events.next().await.unwrap();
        let snapshot = first.update();
        assert_eq!(snapshot.run.id, run);
        assert_eq!(first.id, snapshot.log.last().map_or(0, |entry| entry.sequence).to_string());

        stage_run::cancel(bed.host(), &contoso.mia, run).await.unwrap();
        let next = events.next().await.unwrap().update();
        assert_eq!(next.run.status, StageRunStatus::Canceled);
        let sent: Vec<_> = snapshot.log.iter().chain(&next.log).map(|entry| entry.sequence).collect();
        let all = stage_run::log(bed.host(), &contoso.mia, run, 0).await.unwrap();
        assert_eq!(sent, all.iter().map(|entry| entry.sequence).collect::<Vec<_>>(), "each entry once, none left out");

        assert_eq!(events.next().await.unwrap().name, "end");
        assert!(events.next().await.is_none());
    })
    .await;
}

#[tokio::test]
async fn a_browser_that_comes_back_gets_only_the_log_it_has_not_seen() {
    testbed::each_database(|database| async move {
        let bed = Bed::new(database);
        let contoso = Box::pin(Contoso::new(&bed)).await;
        let run = Box::pin(contoso.run(&bed)).await;
        stage_run::cancel(bed.host(), &contoso.mia, run).await.unwrap();
        let log = stage_run::log(bed.host(), &contoso.mia, run, 0).await.unwrap();
        assert!(log.len() >= 2, "{log:?}");
        let seen = log[0].sequence.to_string();
        let mut browser = bed.signed_in(&contoso.mia).await;

        let mut events = Events::open(&mut browser, &format!("/events/runs/{run}"), &[(LAST_EVENT_ID, &seen)]).await;
        assert_eq!(events.next().await.unwrap().update().log, log[1..]);
        assert_eq!(events.next().await.unwrap().name, "end");

        for nonsense in ["x", "-5"] {
            let headers = [(LAST_EVENT_ID, nonsense)];
            let mut events = Events::open(&mut browser, &format!("/events/runs/{run}"), &headers).await;
            assert_eq!(events.next().await.unwrap().update().log, log);
        }
    })
    .await;
}

#[tokio::test]
async fn a_run_one_may_not_see_does_not_exist() {
    testbed::each_database(|database| async move {
        let bed = Bed::new(database);
        let contoso = Box::pin(Contoso::new(&bed)).await;
        let run = Box::pin(contoso.run(&bed)).await;
        let record = record(&bed, &contoso.ada, contoso.development).await;
        pipelines::pipeline::unlink_environment(bed.host(), &contoso.ada, contoso.pipeline, record).await.unwrap();
        let outsider = bed.person("ola", Roles::USER).await;
        let mut browser = bed.signed_in(&outsider).await;
        for id in [run.to_string(), "00000000-0000-0000-0000-0000000000ff".to_owned(), "x".to_owned()] {
            assert_eq!(browser.get(&format!("/events/runs/{id}")).await.status, StatusCode::NOT_FOUND, "{id}");
        }
        assert_eq!(browser.get(&format!("/events/environments/{record}")).await.status, StatusCode::FORBIDDEN);
    })
    .await;
}

#[tokio::test]
async fn a_stream_ends_when_its_person_may_no_longer_look() {
    testbed::each_database(|database| async move {
        let bed = Bed::new(database);
        let contoso = Box::pin(Contoso::new(&bed)).await;
        let run = Box::pin(contoso.run(&bed)).await;
        let mut browser = bed.signed_in(&contoso.mia).await;
        let mut events = Events::open(&mut browser, &format!("/events/runs/{run}"), &[]).await;
        events.next().await.unwrap();
        user::set_enabled(bed.host(), &contoso.ada, contoso.mia.user, false).await.unwrap();
        stage_run::cancel(bed.host(), &contoso.ada, run).await.unwrap();
        assert!(events.next().await.is_none(), "nothing more is told, and no end is claimed");
        assert_eq!(browser.get(&format!("/events/runs/{run}")).await.status, StatusCode::UNAUTHORIZED);
    })
    .await;
}

#[tokio::test]
async fn streams_end_when_the_process_does() {
    testbed::each_database(|database| async move {
        let bed = Bed::new(database);
        let contoso = Box::pin(Contoso::new(&bed)).await;
        let run = Box::pin(contoso.run(&bed)).await;
        let mut browser = bed.signed_in(&contoso.mia).await;
        let mut events = Events::open(&mut browser, &format!("/events/runs/{run}"), &[]).await;
        events.next().await.unwrap();
        bed.slipway.shutdown.cancel();
        assert!(events.next().await.is_none());
    })
    .await;
}

#[tokio::test]
async fn the_record_of_an_environment_is_sent_again_whenever_it_changes() {
    testbed::each_database(|database| async move {
        let bed = Bed::new(database);
        let contoso = Box::pin(Contoso::new(&bed)).await;
        let record = record(&bed, &contoso.ada, contoso.development).await;
        let mut browser = bed.signed_in(&contoso.ada).await;
        let mut events = Events::open(&mut browser, &format!("/events/environments/{record}"), &[]).await;
        let read = |event: Event| serde_json::from_str::<DeploymentEnvironment>(&event.data).unwrap().validation;
        assert_eq!(read(events.next().await.unwrap()), ValidationStatus::Success);

        deployment_environment::validate_again(bed.host(), &contoso.ada, record).await.unwrap();
        assert_eq!(read(events.next().await.unwrap()), ValidationStatus::Pending);
        deployment_environment::validate_pending(bed.host()).await.unwrap();
        assert_eq!(read(events.next().await.unwrap()), ValidationStatus::Success);
    })
    .await;
}

#[tokio::test]
async fn no_more_streams_are_opened_than_there_are_places() {
    testbed::each_database(|database| async move {
        let bed = Bed::new(database);
        let contoso = Box::pin(Contoso::new(&bed)).await;
        let run = Box::pin(contoso.run(&bed)).await;
        let mut browser = bed.signed_in(&contoso.mia).await;
        let free = u32::try_from(bed.slipway.streams.available_permits()).unwrap();
        let places = bed.slipway.streams.acquire_many(free - 1).await.unwrap();
        let path = format!("/events/runs/{run}");
        let open = Events::open(&mut browser, &path, &[]).await;
        assert_eq!(browser.get(&path).await.status, StatusCode::SERVICE_UNAVAILABLE);
        drop(open);
        Events::open(&mut browser, &path, &[]).await;
        drop(places);
    })
    .await;
}
