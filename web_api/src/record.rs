//! Records: queries about tables, and what is done with one record.

use crate::{
    call::{Answer, Call, Content, ENTITY_ID, Segment},
    change::{self, Change, ChangeKind, Known},
    error::{ApiError, Result},
    load,
    odata::{
        Filter, Part, Query, Row, Snapshot,
        apply::{Style, View, belonging, etag},
        part,
        query::{Way, options},
    },
    organization::{Organization, Wanted},
    table::{Column, Kind, Table},
};
use http::{HeaderMap, StatusCode, header};
use serde_json::{Map, Value, json};

/// Answers what is asked of a table.
pub async fn answer(organization: &dyn Organization, call: Call, table: &'static Table) -> Result<Answer> {
    let first = call.segments.first().cloned().unwrap_or(Segment { name: String::new(), key: None });
    let rest: Vec<Segment> = call.segments.iter().skip(1).cloned().collect();
    match (call.method.as_str(), first.key.as_deref(), rest.as_slice()) {
        ("GET", None, []) => list(organization, &call, Query::parse(&call.query, organization.schema(), table)?).await,
        ("GET", None, [count]) if count.name == "$count" => {
            let mut query = Query::parse(&call.query, organization.schema(), table)?;
            query.count = true;
            let snapshot = load::deciding(organization, &query, Style::default()).await?;
            let part = part(&query, &snapshot, Style::default())?;
            Ok(Answer::text("text/plain", part.count.unwrap_or_default().to_string()))
        }
        ("GET", Some(key), []) => show(organization, &call, table, key).await,
        ("GET", Some(key), rest) => show_part(organization, &call, table, key, rest).await,
        _ => {
            let (show, query) = (Shown::of(organization, &call, table), call.query.clone());
            let change = change_of(organization, call, table, None).await?;
            let done = organization.change(vec![change]).await.map_err(|failed| failed.error)?;
            match done.into_iter().next().flatten() {
                Some(found) => changed(organization, table, &found, show, &query).await,
                None => Ok(Answer::done()),
            }
        }
    }
}

/// How a record is shown after its change.
#[derive(Clone, Copy, Debug)]
pub struct Shown {
    whole: bool,
    created: bool,
    style: Style,
}

impl Shown {
    /// As a call asks for it.
    pub fn of(organization: &dyn Organization, call: &Call, table: &'static Table) -> Self {
        let created = call.method == http::Method::POST;
        let names_properties = || {
            let asked = options(&call.query).unwrap_or_default();
            organization.shows_created(table) && asked.iter().any(|(name, _)| name == "$select")
        };
        let whole = call.preferences().representation || (created && names_properties());
        Self { whole, created, style: style(call) }
    }
}

/// The change that a call asks for.
pub async fn change_of(
    organization: &dyn Organization,
    call: Call,
    table: &'static Table,
    content_id: Option<String>,
) -> Result<Change> {
    let key = call.segments.first().and_then(|first| first.key.clone());
    let rest: Vec<Segment> = call.segments.iter().skip(1).cloned().collect();
    let method = call.method.clone();
    let not_allowed = || ApiError::not_allowed(format!("The method {method} is not supported at this address."));
    let known = |key: String| Known { key, headers: call.headers.clone() };
    let names: Vec<&str> = rest.iter().map(|segment| segment.name.as_str()).collect();
    let kind = match (call.method.as_str(), key, names.as_slice()) {
        ("POST", None, []) => ChangeKind::Create(call.object().await?),
        ("PATCH", Some(key), []) => {
            let known = known(key);
            ChangeKind::Update(known, call.object().await?)
        }
        ("DELETE", Some(key), []) => ChangeKind::Delete(known(key)),
        ("POST" | "PUT", Some(key), [navigation, "$ref"]) => {
            let (known, navigation) = (known(key), (*navigation).to_owned());
            let body = call.object().await?;
            let address = body.get("@odata.id").and_then(Value::as_str).map(str::to_owned);
            let address = address.ok_or_else(|| ApiError::odata("A reference has to say its '@odata.id'."))?;
            match way(table, &navigation)? {
                Way::Collection(_) => ChangeKind::Link(known, navigation, address),
                Way::Lookup(_) => {
                    ChangeKind::Update(known, Map::from_iter([(format!("{navigation}@odata.bind"), address.into())]))
                }
            }
        }
        ("DELETE", Some(key), [navigation, "$ref"]) => {
            let known = known(key);
            match way(table, navigation)? {
                Way::Lookup(_) => {
                    ChangeKind::Update(known, Map::from_iter([(format!("{navigation}@odata.bind"), Value::Null)]))
                }
                Way::Collection(collection) => {
                    let of_path = rest.first().and_then(|segment| segment.key.clone());
                    let target = organization.schema().table(collection.table);
                    let of_path = of_path.zip(target).map(|(key, target)| format!("{}({key})", target.set_name));
                    let of_query = options(&call.query)?.into_iter().find(|(name, _)| name == "$id");
                    let address = of_path.or_else(|| of_query.map(|(_, address)| address));
                    let address = address.ok_or_else(|| {
                        ApiError::odata("Say what is to be taken out: its key in the address, or '$id' in the query.")
                    })?;
                    ChangeKind::Unlink(known, (*navigation).to_owned(), address)
                }
            }
        }
        ("PUT", Some(key), [property]) => {
            let (known, property) = (known(key), (*property).to_owned());
            let value = call.object().await?.remove("value").unwrap_or_default();
            ChangeKind::Update(known, Map::from_iter([(property, value)]))
        }
        ("DELETE", Some(key), [property]) => {
            ChangeKind::Update(known(key), Map::from_iter([((*property).to_owned(), Value::Null)]))
        }
        _ => return Err(not_allowed()),
    };
    Ok(Change { table, content_id, kind })
}

/// How the records behind a navigation property hang together with those of a table.
fn way(table: &'static Table, navigation: &str) -> Result<Way> {
    if let Some((column, _)) = table.lookup(navigation) {
        return Ok(Way::Lookup(column));
    }
    table.collection(navigation).map(Way::Collection).ok_or_else(|| ApiError::no_segment(navigation))
}

fn style(call: &Call) -> Style {
    let preferences = call.preferences();
    Style { annotated: preferences.annotated, page_size: preferences.page_size }
}

async fn list(organization: &dyn Organization, call: &Call, query: Query) -> Result<Answer> {
    let style = style(call);
    let snapshot = load::deciding(organization, &query, style).await?;
    page(organization, call, &query, snapshot, query.table.set_name).await
}

/// The answer with the records that a query means among rows.
async fn page(
    organization: &dyn Organization,
    call: &Call,
    query: &Query,
    mut snapshot: Snapshot,
    path: &str,
) -> Result<Answer> {
    let style = style(call);
    let Part { rows, count, skip_token } = part(query, &snapshot, style)?;
    load::related(organization, query, &rows, style, &mut snapshot).await?;
    let records = {
        let view = View::new(organization.schema(), &snapshot, style);
        rows.iter().map(|row| Ok(Value::Object(view.record(row, query)?))).collect::<Result<Vec<Value>>>()?
    };
    let mut body = Map::new();
    let context = format!("{}$metadata#{}{}", organization.base(), query.table.set_name, shape(query));
    body.insert("@odata.context".to_owned(), context.into());
    if let Some(count) = count {
        body.insert("@odata.count".to_owned(), count.into());
    }
    body.insert("value".to_owned(), Value::Array(records));
    if let Some(token) = skip_token {
        let others = call.query.split('&').filter(|part| {
            !part.is_empty()
                && !part.starts_with("$skiptoken=")
                && !part.to_ascii_lowercase().starts_with("%24skiptoken=")
        });
        let mut options: Vec<String> = others.map(str::to_owned).collect();
        options.push(format!("$skiptoken={token}"));
        let link = format!("{}{path}?{}", organization.base(), options.join("&"));
        body.insert("@odata.nextLink".to_owned(), link.into());
    }
    Ok(Answer::json(Value::Object(body)))
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

async fn show(organization: &dyn Organization, call: &Call, table: &'static Table, key: &str) -> Result<Answer> {
    let query = Query::parse(&call.query, organization.schema(), table)?;
    let row = row(organization, table, key).await?;
    let tag = etag(&row).unwrap_or_default();
    if let Some(known) = call.headers.get(header::IF_NONE_MATCH).and_then(|value| value.to_str().ok())
        && matches(known, &tag)
    {
        return Ok(Answer::done().status(StatusCode::NOT_MODIFIED).with(header::ETAG, &tag));
    }
    entity(organization, &query, row, style(call)).await
}

/// The answer with one record.
async fn entity(organization: &dyn Organization, query: &Query, row: Row, style: Style) -> Result<Answer> {
    let tag = etag(&row).unwrap_or_default();
    let rows = [row];
    let mut snapshot = Snapshot::new();
    load::related(organization, query, &rows, style, &mut snapshot).await?;
    let mut body = Map::new();
    let context = format!("{}$metadata#{}{}/$entity", organization.base(), query.table.set_name, shape(query));
    body.insert("@odata.context".to_owned(), context.into());
    let view = View::new(organization.schema(), &snapshot, style);
    for row in &rows {
        body.extend(view.record(row, query)?);
    }
    Ok(Answer::json(Value::Object(body)).with(header::ETAG, &tag))
}

/// The row that a key means.
pub async fn row(organization: &dyn Organization, table: &'static Table, key: &str) -> Result<Row> {
    let filter = match uuid::Uuid::parse_str(key.trim_matches('\'')) {
        Ok(id) => Some(format!("{} eq {id}", table.id)),
        // What is wrong with a key is told before anything is read; one that names the id says as much as the id alone.
        Err(_) => change::conditions(table, key)?.into_iter().find_map(|(property, value)| {
            let id = uuid::Uuid::parse_str(&value).ok().filter(|_| property == table.id)?;
            Some(format!("{} eq {id}", table.id))
        }),
    };
    let filter = filter.map(|filter| Filter::parse(&filter, organization.schema(), table)).transpose()?;
    let rows = organization.rows(table, &Wanted::meant_by(filter.as_ref())).await?;
    change::find_in(table, key, &rows).cloned()
}

/// The row of a record that a client says to know.
pub async fn known(organization: &dyn Organization, table: &'static Table, known: &Known) -> Result<Row> {
    let row = row(organization, table, &known.key).await?;
    check_preconditions(&known.headers, &row)?;
    Ok(row)
}

/// A property of a record, its file, the record a lookup leads to, or the records that lead to it.
async fn show_part(
    organization: &dyn Organization,
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
    let row = row(organization, table, key).await?;
    if let Some(column) = table.property(name) {
        return property(organization, table, column, &row, tail).await;
    }
    let only_refs = match tail {
        None => false,
        Some("$ref") => true,
        Some(other) => return Err(ApiError::no_segment(other)),
    };
    let way = way(table, name)?;
    let target = match way {
        Way::Lookup(column) => match column.kind {
            Kind::Lookup { table, .. } => organization.schema().table(table),
            _ => None,
        },
        Way::Collection(collection) => organization.schema().table(collection.table),
    };
    let target = target.ok_or_else(|| ApiError::no_segment(name))?;
    let query = Query::parse(&call.query, organization.schema(), target)?;
    match way {
        Way::Lookup(column) => {
            let id = row.get(&column.property()).and_then(Value::as_str).unwrap_or_default();
            if id.is_empty() {
                return Ok(Answer::done());
            }
            let found = self::row(organization, target, id).await?;
            if only_refs {
                return Ok(Answer::json(json!({
                    "@odata.context": format!("{}$metadata#$ref", organization.base()),
                    "@odata.id": address(organization, target, id),
                })));
            }
            entity(organization, &query, found, style(call)).await
        }
        Way::Collection(collection) => {
            let own = row.get(table.id).cloned().unwrap_or_default();
            let mut snapshot = Snapshot::new();
            let rows = std::slice::from_ref(&row);
            load::belonging(organization, table, rows, collection, target, &mut snapshot).await?;
            let found = snapshot.remove(target.logical_name).unwrap_or_default();
            let belonging = belonging(Some(&own), collection, target, &snapshot);
            let mut found: Vec<Row> = found.into_iter().filter(|row| belonging.holds(row)).collect();
            if let Some(id) = part.key.as_deref() {
                found = vec![change::find_in(target, id, &found)?.clone()];
            }
            if only_refs {
                let ids = found.iter().filter_map(|row| row.get(target.id)).filter_map(Value::as_str);
                let refs: Vec<Value> = ids.map(|id| json!({"@odata.id": address(organization, target, id)})).collect();
                let context = format!("{}$metadata#Collection($ref)", organization.base());
                return Ok(Answer::json(json!({"@odata.context": context, "value": refs})));
            }
            let mut decided = load::deciding_among(organization, &query).await?;
            decided.insert(target.logical_name, found);
            let path = format!("{}({})/{name}", table.set_name, own.as_str().unwrap_or_default());
            page(organization, call, &query, decided, &path).await
        }
    }
}

async fn property(
    organization: &dyn Organization,
    table: &'static Table,
    column: &'static Column,
    row: &Row,
    tail: Option<&str>,
) -> Result<Answer> {
    let value = row.get(&column.property()).cloned().unwrap_or_default();
    let is_file = matches!(column.kind, Kind::File);
    match (tail, &value) {
        (Some("$value"), Value::Null) if is_file => Err(ApiError::missing("fileattachment", column.name)),
        (_, Value::Null) => Ok(Answer::done()),
        (Some("$value"), _) if is_file => {
            let file = organization.file(table, column, row).await?;
            Ok(Answer { status: StatusCode::OK, headers: HeaderMap::new(), content: Content::File(file) })
        }
        (Some("$value"), Value::String(text)) => Ok(Answer::text("text/plain", text.clone())),
        (Some("$value"), value) => Ok(Answer::text("text/plain", value.to_string())),
        (None, _) => {
            let id = row.get(table.id).and_then(Value::as_str).unwrap_or_default();
            let context = format!("{}$metadata#{}({id})/{}", organization.base(), table.set_name, column.property());
            Ok(Answer::json(json!({"@odata.context": context, "value": value})))
        }
        (Some(other), _) => Err(ApiError::no_segment(other)),
    }
}

fn address(organization: &dyn Organization, table: &Table, id: &str) -> String {
    format!("{}{}({id})", organization.base(), table.set_name)
}

/// The answer to a change that was carried out.
pub async fn changed(
    organization: &dyn Organization,
    table: &'static Table,
    (column, value): &(&'static str, String),
    shown: Shown,
    query: &str,
) -> Result<Answer> {
    let row = if *column == table.id {
        row(organization, table, value).await?
    } else {
        let rows = organization.rows(table, &Wanted::default()).await?;
        let same =
            |row: &Row| row.get(*column).and_then(Value::as_str).is_some_and(|own| own.eq_ignore_ascii_case(value));
        rows.into_iter().find(same).ok_or_else(|| ApiError::missing(table.logical_name, value))?
    };
    let id = row.get(table.id).and_then(Value::as_str).unwrap_or_default();
    let address = address(organization, table, id);
    let answer = if shown.whole {
        let query = Query::parse(query, organization.schema(), table)?;
        let answer = entity(organization, &query, row, shown.style).await?;
        if shown.created { answer.status(StatusCode::CREATED) } else { answer }
    } else {
        Answer::done()
    };
    Ok(answer.with(ENTITY_ID, &address).with(header::LOCATION, &address))
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
