//! Records: queries about tables, and what is done with one record.

use crate::{
    call::{Answer, Call, ENTITY_ID, Segment},
    change::{self, Pending, Planned},
    error::{ApiError, Result},
    odata::{Page, Query, Row, Snapshot, apply::Style, apply::etag, apply::record, query::Way, select},
    organization::Organization,
    table::{Kind, Table},
    tables::ORGANIZATION,
};
use environment::builtin::{Alteration, DoneOperation};
use http::{HeaderMap, StatusCode, header};
use serde_json::{Map, Value, json};

/// The platform's `operationtype` of an uninstallation.
const UNINSTALL: i32 = 208;

/// Tables whose rows a change may lead to.
const FOR_CHANGES: [&str; 4] = ["publisher", "solution", "environmentvariabledefinition", "environmentvariablevalue"];

/// Answers what is asked of a table.
pub async fn answer(organization: &Organization, call: Call, table: &'static Table) -> Result<Answer> {
    let first = call.segments.first().cloned().unwrap_or(Segment { name: String::new(), key: None });
    let rest: Vec<Segment> = call.segments.iter().skip(1).cloned().collect();
    match (call.method.as_str(), first.key.as_deref(), rest.as_slice()) {
        ("GET", None, []) => list(organization, &call, Query::parse(&call.query, ORGANIZATION, table)?).await,
        ("GET", None, [count]) if count.name == "$count" => {
            let mut query = Query::parse(&call.query, ORGANIZATION, table)?;
            query.count = true;
            let snapshot = organization.snapshot(&query.tables(), query.filter.as_ref()).await?;
            let page = select(&query, ORGANIZATION, &snapshot, Style::default())?;
            Ok(Answer::text("text/plain", page.count.unwrap_or_default().to_string()))
        }
        ("POST", None, []) => create(organization, call, table).await,
        ("GET", Some(key), []) => show(organization, &call, table, key).await,
        ("GET", Some(key), rest) => show_part(organization, &call, table, key, rest).await,
        ("PATCH", Some(key), []) => {
            let key = key.to_owned();
            let (headers, representation) = (call.headers.clone(), call.preferences().representation);
            let query = call.query.clone();
            let body = call.object().await?;
            update(organization, table, &key, &headers, &body, (representation, &query)).await
        }
        ("PUT", Some(key), [property]) => {
            let (key, property, headers) = (key.to_owned(), property.name.clone(), call.headers.clone());
            let mut body = call.object().await?;
            let value = body.remove("value").unwrap_or_default();
            let body = Map::from_iter([(property, value)]);
            update(organization, table, &key, &headers, &body, (false, "")).await
        }
        ("DELETE", Some(key), [property]) => {
            let body = Map::from_iter([(property.name.clone(), Value::Null)]);
            update(organization, table, key, &call.headers, &body, (false, "")).await
        }
        ("DELETE", Some(key), []) => delete(organization, table, key, &call.headers).await,
        (method, ..) => Err(ApiError::not_allowed(format!("The method {method} is not supported at this address."))),
    }
}

fn style(call: &Call) -> Style {
    let preferences = call.preferences();
    Style { annotated: preferences.annotated, page_size: preferences.page_size }
}

async fn list(organization: &Organization, call: &Call, query: Query) -> Result<Answer> {
    let style = style(call);
    let snapshot = organization.snapshot(&needed(&query, style), query.filter.as_ref()).await?;
    let page = select(&query, ORGANIZATION, &snapshot, style)?;
    Ok(Answer::json(page_json(organization, call, &query, page, query.table.set_name)))
}

fn page_json(organization: &Organization, call: &Call, query: &Query, page: Page, path: &str) -> Value {
    let mut body = Map::new();
    let context = format!("{}$metadata#{}{}", organization.base, query.table.set_name, shape(query));
    body.insert("@odata.context".to_owned(), context.into());
    if let Some(count) = page.count {
        body.insert("@odata.count".to_owned(), count.into());
    }
    body.insert("value".to_owned(), Value::Array(page.records));
    if let Some(token) = page.skip_token {
        let others = call.query.split('&').filter(|part| {
            !part.is_empty()
                && !part.starts_with("$skiptoken=")
                && !part.to_ascii_lowercase().starts_with("%24skiptoken=")
        });
        let mut options: Vec<String> = others.map(str::to_owned).collect();
        options.push(format!("$skiptoken={token}"));
        let link = format!("{}{path}?{}", organization.base, options.join("&"));
        body.insert("@odata.nextLink".to_owned(), link.into());
    }
    Value::Object(body)
}

/// What a context says about the properties shown: `(uniquename,publisherid())`.
fn shape(query: &Query) -> String {
    let selected = query.select.iter().map(|column| column.property());
    let expanded =
        query.expand.iter().map(|expand| format!("{}{}", expand.navigation, or_brackets(shape(&expand.query))));
    let parts: Vec<String> = selected.chain(expanded).collect();
    if parts.is_empty() { String::new() } else { format!("({})", parts.join(",")) }
}

fn or_brackets(shape: String) -> String {
    if shape.is_empty() { "()".to_owned() } else { shape }
}

/// The tables an answer needs: those of the query, and, for names of what lookups lead to, theirs.
fn needed(query: &Query, style: Style) -> Vec<&'static str> {
    let mut tables = vec![query.table.logical_name];
    tables.extend(query.tables());
    if style.annotated {
        let columns = query.table.columns.iter();
        tables.extend(columns.filter_map(|column| match column.kind {
            Kind::Lookup { table, .. } => Some(table),
            _ => None,
        }));
    }
    tables
}

async fn show(organization: &Organization, call: &Call, table: &'static Table, key: &str) -> Result<Answer> {
    let query = Query::parse(&call.query, ORGANIZATION, table)?;
    let style = style(call);
    let snapshot = narrowed(organization, &needed(&query, style), table, key).await?;
    let row = change::find(table, key, &snapshot)?;
    let tag = etag(row).unwrap_or_default();
    if let Some(known) = call.headers.get(header::IF_NONE_MATCH).and_then(|value| value.to_str().ok())
        && matches(known, &tag)
    {
        return Ok(Answer::done().status(StatusCode::NOT_MODIFIED).with(header::ETAG, &tag));
    }
    let mut body = Map::new();
    let context = format!("{}$metadata#{}{}/$entity", organization.base, table.set_name, shape(&query));
    body.insert("@odata.context".to_owned(), context.into());
    body.extend(record(row, &query, ORGANIZATION, &snapshot, style));
    Ok(Answer::json(Value::Object(body)).with(header::ETAG, &tag))
}

/// The rows of tables, of the first only the one with an id where the key is one.
async fn narrowed(
    organization: &Organization,
    tables: &[&'static str],
    table: &'static Table,
    key: &str,
) -> Result<Snapshot> {
    let filter = match uuid::Uuid::parse_str(key) {
        Ok(id) => Some(crate::odata::Filter::parse(&format!("{} eq {id}", table.id), ORGANIZATION, table)?),
        Err(_) => None,
    };
    organization.snapshot(tables, filter.as_ref()).await
}

/// A property of a record, the record a lookup leads to, or the records that lead to it.
async fn show_part(
    organization: &Organization,
    call: &Call,
    table: &'static Table,
    key: &str,
    rest: &[Segment],
) -> Result<Answer> {
    let (part, tail) = match rest {
        [part] => (part, None),
        [part, tail] => (part, Some(tail.name.as_str())),
        _ => return Err(ApiError::no_segment(&rest.last().map(|last| last.name.clone()).unwrap_or_default())),
    };
    let name = part.name.as_str();
    if let Some(column) = table.property(name) {
        let snapshot = narrowed(organization, &[table.logical_name], table, key).await?;
        let row = change::find(table, key, &snapshot)?;
        let value = row.get(&column.property()).cloned().unwrap_or_default();
        return match (tail, &value) {
            (_, Value::Null) => Ok(Answer::done()),
            (Some("$value"), Value::String(text)) => Ok(Answer::text("text/plain", text.clone())),
            (Some("$value"), value) => Ok(Answer::text("text/plain", value.to_string())),
            (None, _) => {
                let id = row.get(table.id).and_then(Value::as_str).unwrap_or_default();
                let context = format!("{}$metadata#{}({id})/{name}", organization.base, table.set_name);
                Ok(Answer::json(json!({"@odata.context": context, "value": value})))
            }
            (Some(other), _) => Err(ApiError::no_segment(other)),
        };
    }
    let (way, target) = if let Some((column, target)) = table.lookup(name) {
        (Way::Lookup(column), target)
    } else if let Some(collection) = table.collection(name) {
        (Way::Collection(collection), collection.table)
    } else {
        return Err(ApiError::no_segment(name));
    };
    let target = ORGANIZATION.table(target).ok_or_else(|| ApiError::no_segment(name))?;
    let query = Query::parse(&call.query, ORGANIZATION, target)?;
    let style = style(call);
    let mut tables = needed(&query, style);
    tables.push(table.logical_name);
    let mut snapshot = organization.snapshot(&tables, None).await?;
    let row = change::find(table, key, &snapshot)?.clone();
    let own = row.get(table.id).cloned().unwrap_or_default();
    let only_refs = tail == Some("$ref");
    match way {
        Way::Lookup(column) => {
            let id = row.get(&column.property()).and_then(Value::as_str).unwrap_or_default().to_owned();
            if id.is_empty() {
                return Ok(Answer::done());
            }
            let found = change::find(target, &id, &snapshot)?;
            if only_refs {
                return Ok(Answer::json(json!({
                    "@odata.context": format!("{}$metadata#$ref", organization.base),
                    "@odata.id": address(organization, target, &id),
                })));
            }
            let mut body = Map::new();
            let context = format!("{}$metadata#{}{}/$entity", organization.base, target.set_name, shape(&query));
            body.insert("@odata.context".to_owned(), context.into());
            body.extend(record(found, &query, ORGANIZATION, &snapshot, style));
            Ok(Answer::json(Value::Object(body)))
        }
        Way::Collection(collection) => {
            let property = format!("_{}_value", collection.column);
            if let Some(rows) = snapshot.get_mut(target.logical_name) {
                rows.retain(|other| other.get(&property) == Some(&own));
            }
            let page = select(&query, ORGANIZATION, &snapshot, style)?;
            if only_refs {
                let ids = page.records.iter().filter_map(|row| row.get(target.id)).filter_map(Value::as_str);
                let refs: Vec<Value> = ids.map(|id| json!({"@odata.id": address(organization, target, id)})).collect();
                let context = format!("{}$metadata#Collection($ref)", organization.base);
                return Ok(Answer::json(json!({"@odata.context": context, "value": refs})));
            }
            let path = format!("{}({})/{name}", table.set_name, own.as_str().unwrap_or_default());
            Ok(Answer::json(page_json(organization, call, &query, page, &path)))
        }
    }
}

fn address(organization: &Organization, table: &Table, id: &str) -> String {
    format!("{}{}({id})", organization.base, table.set_name)
}

async fn create(organization: &Organization, call: Call, table: &'static Table) -> Result<Answer> {
    let (representation, query) = (call.preferences().representation, call.query.clone());
    let body = call.object().await?;
    let planned = plan_create(organization, table, &body, &Pending::new()).await?;
    carry_out(organization, planned.alteration.into_iter().collect()).await?;
    created(organization, table, &planned.found_by, representation, &query).await
}

/// Works out a create against the rows there are.
pub async fn plan_create(
    organization: &Organization,
    table: &'static Table,
    body: &Map<String, Value>,
    pending: &Pending,
) -> Result<Planned> {
    let snapshot = organization.snapshot(&FOR_CHANGES, None).await?;
    change::create(table, body, ORGANIZATION, &snapshot, pending)
}

/// Makes changes, all or none.
pub async fn carry_out(organization: &Organization, alterations: Vec<Alteration>) -> Result<()> {
    if alterations.is_empty() {
        return Ok(());
    }
    Ok(organization.api.built_in.alter(organization.id, alterations).await?)
}

/// The answer to a create that was carried out.
pub async fn created(
    organization: &Organization,
    table: &'static Table,
    (column, value): &(&'static str, String),
    representation: bool,
    query: &str,
) -> Result<Answer> {
    let row = organization.find(table.logical_name, column, value).await?;
    let answer = changed(organization, table, &row, representation, query).await?;
    Ok(if representation { answer.status(StatusCode::CREATED) } else { answer })
}

/// The answer to a change that was carried out.
async fn changed(
    organization: &Organization,
    table: &'static Table,
    row: &Row,
    representation: bool,
    query: &str,
) -> Result<Answer> {
    let id = row.get(table.id).and_then(Value::as_str).unwrap_or_default();
    let address = address(organization, table, id);
    let tag = etag(row).unwrap_or_default();
    if !representation {
        return Ok(Answer::done().with(ENTITY_ID, &address).with(header::LOCATION, &address));
    }
    let query = Query::parse(query, ORGANIZATION, table)?;
    let snapshot = organization.snapshot(&query.tables(), None).await?;
    let mut body = Map::new();
    let context = format!("{}$metadata#{}{}/$entity", organization.base, table.set_name, shape(&query));
    body.insert("@odata.context".to_owned(), context.into());
    body.extend(record(row, &query, ORGANIZATION, &snapshot, Style::default()));
    Ok(Answer::json(Value::Object(body))
        .with(ENTITY_ID, &address)
        .with(header::LOCATION, &address)
        .with(header::ETAG, &tag))
}

/// Works out an update, having checked that the record is as the client knows it.
pub async fn plan_update(
    organization: &Organization,
    table: &'static Table,
    key: &str,
    headers: &HeaderMap,
    body: &Map<String, Value>,
) -> Result<Planned> {
    let snapshot = organization.snapshot(&[table.logical_name], None).await?;
    let row = change::find(table, key, &snapshot)?;
    check_preconditions(headers, row)?;
    change::update(table, row, body)
}

async fn update(
    organization: &Organization,
    table: &'static Table,
    key: &str,
    headers: &HeaderMap,
    body: &Map<String, Value>,
    (representation, query): (bool, &str),
) -> Result<Answer> {
    let planned = plan_update(organization, table, key, headers, body).await?;
    carry_out(organization, planned.alteration.into_iter().collect()).await?;
    let (column, value) = planned.found_by;
    let row = organization.find(table.logical_name, column, &value).await?;
    changed(organization, table, &row, representation, query).await
}

/// Works out a delete, having checked that the record is as the client knows it.
pub async fn plan_delete(
    organization: &Organization,
    table: &'static Table,
    key: &str,
    headers: &HeaderMap,
) -> Result<Alteration> {
    let snapshot = organization.snapshot(&[table.logical_name], None).await?;
    let row = change::find(table, key, &snapshot)?;
    check_preconditions(headers, row)?;
    change::delete(table, row)
}

async fn delete(organization: &Organization, table: &'static Table, key: &str, headers: &HeaderMap) -> Result<Answer> {
    if table.logical_name == "solution" {
        let snapshot = organization.snapshot(&[table.logical_name], None).await?;
        let row = change::find(table, key, &snapshot)?;
        check_preconditions(headers, row)?;
        uninstall(organization, row.get("uniquename").and_then(Value::as_str).unwrap_or_default()).await?;
        return Ok(Answer::done());
    }
    let alteration = plan_delete(organization, table, key, headers).await?;
    carry_out(organization, vec![alteration]).await?;
    Ok(Answer::done())
}

/// Uninstalls a solution. Returns the operation's id.
pub async fn uninstall(organization: &Organization, unique_name: &str) -> Result<uuid::Uuid> {
    let done = organization.environment().await?.uninstall(unique_name).await;
    let record = DoneOperation {
        operation_type: UNINSTALL,
        message_name: "UninstallSolution",
        name: unique_name,
        failure: done.as_ref().err(),
    };
    let operation = organization.api.built_in.record_operation(organization.id, record).await?;
    done?;
    Ok(operation)
}

fn check_preconditions(headers: &HeaderMap, row: &Row) -> Result<()> {
    let tag = etag(row).unwrap_or_default();
    if headers.get(header::IF_NONE_MATCH).and_then(|value| value.to_str().ok()) == Some("*") {
        return Err(ApiError::precondition("A record with matching key values already exists."));
    }
    match headers.get(header::IF_MATCH).and_then(|value| value.to_str().ok()) {
        Some(wanted) if !matches(wanted, &tag) => Err(ApiError::precondition(
            "The version of the existing record doesn't match the RowVersion property provided.",
        )),
        _ => Ok(()),
    }
}

fn matches(wanted: &str, tag: &str) -> bool {
    wanted.split(',').map(str::trim).any(|one| one == "*" || one == tag)
}
