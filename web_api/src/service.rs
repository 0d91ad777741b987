//! The service of one organisation: from an address to an answer.

use crate::{
    call::{Answer, Call, Segment},
    error::{ApiError, Result},
    metadata,
    organization::Organization,
    record,
};
use http::Method;

/// Answers a request.
pub async fn dispatch(organization: &dyn Organization, call: Call) -> Result<Answer> {
    let schema = organization.schema();
    let Some(first) = call.segments.first().cloned() else {
        return Ok(Answer::json(metadata::service(schema, organization.base())));
    };
    match first.name.as_str() {
        "$metadata" => return Ok(Answer::text("application/xml", metadata::csdl(schema, organization.signatures()))),
        "EntityDefinitions" => return definitions(organization, &call, &first),
        _ => {}
    }
    if let Some(table) = schema.set(&first.name) {
        return record::answer(organization, call, table).await;
    }
    let name = first.name.clone();
    match organization.operation(call, &first).await {
        Some(answer) => answer,
        None => Err(ApiError::no_segment(&name)),
    }
}

fn definitions(organization: &dyn Organization, call: &Call, first: &Segment) -> Result<Answer> {
    if call.method != Method::GET {
        return Err(ApiError::not_allowed("Tables are not changed by clients."));
    }
    let rest: Vec<&str> = call.segments.iter().skip(1).map(|segment| segment.name.as_str()).collect();
    let schema = organization.schema();
    metadata::entity_definitions(schema, first.key.as_deref(), &rest, &call.query).map(Answer::json)
}
