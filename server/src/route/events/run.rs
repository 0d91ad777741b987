//! A run, live.

use super::{Change, Subject, Then, event, follow};
use crate::{refusal, slipway::Slipway};
use axum::{
    Extension,
    extract::{Path, State},
    response::Response,
};
use http::{HeaderMap, HeaderName};
use model::{
    Problem,
    id::StageRunId,
    stage_run::{RunUpdate, StageRun},
};
use pipelines::{Caller, Proof, Result, Topic, stage_run};

/// The last event a browser saw before its connection broke.
const LAST_EVENT_ID: HeaderName = HeaderName::from_static("last-event-id");

/// Log entries read at once.
const LOG_PAGE: usize = 1000;

/// `/events/runs/{id}`: [`RunUpdate`]s with the log entries after the one the browser saw last.
pub async fn run(
    State(slipway): State<Slipway>,
    Extension(caller): Extension<Caller>,
    Extension(proof): Extension<Proof>,
    Path(id): Path<String>,
    headers: HeaderMap,
) -> Response {
    let Ok(id) = id.parse() else {
        return refusal::response(
            &headers,
            &Problem::NotFound("The run does not exist, or you may not see it.".to_owned()),
        );
    };
    let after =
        headers.get(LAST_EVENT_ID).and_then(|value| value.to_str().ok()?.trim().parse().ok()).unwrap_or(0).max(0);
    follow(slipway, (caller, proof), headers, Run { id, after, last: None }).await
}

struct Run {
    id: StageRunId,
    /// Number of the last log entry sent.
    after: i64,
    last: Option<StageRun>,
}

impl Subject for Run {
    fn topic(&self) -> Topic {
        Topic::Run(self.id)
    }

    async fn read(&mut self, slipway: &Slipway, caller: &Caller) -> Result<Option<Change>> {
        // The run before its log: what is logged by a final run is all there is.
        let run = stage_run::get(&slipway.host, caller, self.id).await?;
        let log = stage_run::log(&slipway.host, caller, self.id, self.after).await?;
        if log.is_empty() && self.last.as_ref() == Some(&run) {
            return Ok(None);
        }
        self.after = log.last().map_or(self.after, |entry| entry.sequence);
        let then = if log.len() >= LOG_PAGE {
            Then::More
        } else if run.status.is_final() {
            Then::End
        } else {
            Then::Wait
        };
        self.last = Some(run.clone());
        Ok(Some(Change { event: event(self.after, &RunUpdate { run, log })?, then }))
    }
}
