//! The record of an environment, live.

use super::{Change, Subject, Then, event, follow};
use crate::{refusal, slipway::Slipway};
use axum::{
    Extension,
    extract::{Path, State},
    response::Response,
};
use http::HeaderMap;
use model::{Problem, environment::DeploymentEnvironment, id::DeploymentEnvironmentId};
use pipelines::{Caller, Proof, Result, Topic, deployment_environment};

/// `/events/environments/{id}`: the record as it stands, and again whenever it changes.
pub async fn environment(
    State(slipway): State<Slipway>,
    Extension(caller): Extension<Caller>,
    Extension(proof): Extension<Proof>,
    Path(id): Path<String>,
    headers: HeaderMap,
) -> Response {
    let Ok(id) = id.parse() else {
        let message = "The environment does not exist, or you may not see it.";
        return refusal::response(&headers, &Problem::NotFound(message.to_owned()));
    };
    follow(slipway, (caller, proof), headers, Record { id, last: None }).await
}

struct Record {
    id: DeploymentEnvironmentId,
    last: Option<DeploymentEnvironment>,
}

impl Subject for Record {
    fn topic(&self) -> Topic {
        Topic::Environment(self.id)
    }

    async fn read(&mut self, slipway: &Slipway, caller: &Caller) -> Result<Option<Change>> {
        let record = deployment_environment::get(&slipway.host, caller, self.id).await?;
        if self.last.as_ref() == Some(&record) {
            return Ok(None);
        }
        let event = event(i64::from(record.row_version), &record)?;
        self.last = Some(record);
        Ok(Some(Change { event, then: Then::Wait }))
    }
}
