//! Live streams (server-sent events): first everything as it stands, then what changes.
//!
//! Word of a change only wakes a stream; what it sends it reads from the database, as the person who looks, who is read
//! again each time. A stream whose person may no longer look, or whose session has ended, ends, and the browser that asks again is refused.

mod environment;
mod run;

pub use environment::environment;
pub use run::run;

use crate::{refusal, slipway::Slipway};
use axum::response::{
    IntoResponse, Response,
    sse::{Event, KeepAlive, Sse},
};
use futures::{Stream, StreamExt, stream};
use http::{HeaderMap, HeaderName, HeaderValue, header};
use model::Problem;
use pipelines::{Caller, Error, Proof, Result, Topic, user};
use std::{convert::Infallible, time::Duration};
use tokio::sync::{
    OwnedSemaphorePermit,
    broadcast::{self, error::RecvError},
};

/// How often a quiet stream says that it lives, and looks for itself whether something changed.
const KEEP_ALIVE: Duration = Duration::from_secs(15);

/// The least time between two events, so that many small changes become one.
const PAUSE: Duration = Duration::from_millis(50);

/// How long a browser waits before it connects again.
const RETRY: Duration = Duration::from_secs(2);

/// What somebody looks at.
trait Subject: Send + 'static {
    /// Word of it.
    fn topic(&self) -> Topic;

    /// Reads it as the caller sees it; none when nothing changed since the last time.
    fn read(&mut self, slipway: &Slipway, caller: &Caller) -> impl Future<Output = Result<Option<Change>>> + Send;
}

/// What is sent.
struct Change {
    event: Event,
    then: Then,
}

/// What comes after an event.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Then {
    /// The next change.
    Wait,
    /// More that is there already.
    More,
    /// Nothing: it will not change any more.
    End,
}

/// Answers with a live stream, or with why there is none.
async fn follow(
    slipway: Slipway,
    (caller, proof): (Caller, Proof),
    headers: HeaderMap,
    mut subject: impl Subject,
) -> Response {
    let Ok(permit) = slipway.streams.clone().try_acquire_owned() else {
        let message = "Too many pages are being watched at the moment. Reload the page to see what changed.";
        return refusal::response(&headers, &Problem::Unavailable(message.to_owned()));
    };
    // Listening begins before reading, so that nothing falls in between.
    let news = slipway.host.news().listen();
    let first = match subject.read(&slipway, &caller).await {
        Ok(Some(change)) => change,
        Ok(None) => Change { event: Event::default().comment("nothing new"), then: Then::Wait },
        Err(error) => return refusal::of(&headers, &error),
    };
    let shutdown = slipway.shutdown.clone();
    let watch = Watch { slipway, caller, proof, subject, news, then: Some(first.then), _permit: permit };
    let rest = stream::unfold(watch, Watch::next);
    let events = stream::iter([first.event.retry(RETRY)]).chain(rest).take_until(shutdown.cancelled_owned());
    answer(events.map(Ok))
}

fn answer(events: impl Stream<Item = Result<Event, Infallible>> + Send + 'static) -> Response {
    let mut response = Sse::new(events).keep_alive(KeepAlive::new().interval(KEEP_ALIVE)).into_response();
    let headers = response.headers_mut();
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    // Proxies are asked not to hold events back.
    headers.insert(HeaderName::from_static("x-accel-buffering"), HeaderValue::from_static("no"));
    response
}

struct Watch<S> {
    slipway: Slipway,
    caller: Caller,
    /// What shows that the caller may still look.
    proof: Proof,
    subject: S,
    news: broadcast::Receiver<Topic>,
    then: Option<Then>,
    _permit: OwnedSemaphorePermit,
}

impl<S: Subject> Watch<S> {
    async fn next(mut self) -> Option<(Event, Self)> {
        loop {
            match self.then? {
                Then::End => {
                    self.then = None;
                    return Some((Event::default().event("end").data("{}"), self));
                }
                Then::Wait => self.word().await,
                Then::More => {}
            }
            match self.read().await {
                Ok(Some(change)) => {
                    self.then = Some(change.then);
                    return Some((change.event, self));
                }
                Ok(None) => self.then = Some(Then::Wait),
                Err(error) => {
                    tracing::debug!(%error, "a live stream ends");
                    return None;
                }
            }
        }
    }

    /// Waits for word of the subject, or for the time to look without it.
    async fn word(&mut self) {
        let topics = [self.subject.topic(), Topic::Person(self.caller.user)];
        let heard = async {
            loop {
                match self.news.recv().await {
                    Ok(heard) if topics.contains(&heard) => return,
                    Ok(_) => {}
                    Err(RecvError::Lagged(_)) => return,
                    Err(RecvError::Closed) => std::future::pending().await,
                }
            }
        };
        // Running into the time limit is as good as word.
        let _ = tokio::time::timeout(KEEP_ALIVE, heard).await;
        tokio::time::sleep(PAUSE).await;
        // What is read next includes everything told until now.
        self.news = self.news.resubscribe();
    }

    async fn read(&mut self) -> Result<Option<Change>> {
        let gone = || Error::NotFound("The person may no longer look.".to_owned());
        if !self.proof.holds(&self.slipway.host).await? {
            return Err(gone());
        }
        let (caller, person) = user::visitor(&self.slipway.host, self.caller.user).await?.ok_or_else(gone)?;
        if person.must_change_password {
            return Err(gone());
        }
        let caller = caller.from(self.caller.origin.clone()).limited_to(self.caller.scopes);
        self.subject.read(&self.slipway, &caller).await
    }
}

/// An event with data as JSON.
fn event<T: serde::Serialize>(id: i64, data: &T) -> Result<Event> {
    Event::default()
        .event("update")
        .id(id.to_string())
        .json_data(data)
        .map_err(|error| Error::Internal(format!("an event cannot be written: {error}")))
}
