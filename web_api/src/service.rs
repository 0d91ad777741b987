//! The service of one environment: from an address to an answer.

use crate::{
    call::{Answer, Call, Segment},
    error::{ApiError, Result},
    metadata, operation,
    organization::Organization,
    record,
    tables::ORGANIZATION,
};
use http::Method;

/// Answers a request.
pub async fn dispatch(organization: &Organization, call: Call) -> Result<Answer> {
    let Some(first) = call.segments.first().cloned() else {
        organization.environment().await?.identity().await?;
        return Ok(Answer::json(metadata::service(ORGANIZATION, &organization.base)));
    };
    match first.name.as_str() {
        "$metadata" => return Ok(Answer::text("application/xml", metadata::csdl(ORGANIZATION))),
        "EntityDefinitions" => return definitions(&call, &first),
        _ => {}
    }
    if let Some(table) = ORGANIZATION.set(&first.name) {
        return record::answer(organization, call, table).await;
    }
    let name = first.name.clone();
    match operation::answer(organization, call, &first).await {
        Some(answer) => answer,
        None => Err(ApiError::no_segment(&name)),
    }
}

fn definitions(call: &Call, first: &Segment) -> Result<Answer> {
    if call.method != Method::GET {
        return Err(ApiError::not_allowed("Tables of a built-in environment are not changed by clients."));
    }
    let rest: Vec<&str> = call.segments.iter().skip(1).map(|segment| segment.name.as_str()).collect();
    metadata::entity_definitions(ORGANIZATION, first.key.as_deref(), &rest, &call.query).map(Answer::json)
}
