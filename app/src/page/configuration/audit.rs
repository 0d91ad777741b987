//! The audit log: who did what, when, from where, and what was refused.

use crate::{
    components::{
        Appearance, Badge, Button, Choice, Column, CommandBar, CommandLink, Grid, Intent, LinkButton, Moment, Pager,
        Select, TextField,
    },
    context,
    error::AppError,
    layout::{Area, PageHeader},
    page,
};
use leptos::prelude::*;
use leptos_router::{hooks::use_query_map, location::Url, params::ParamsMap};
use model::{
    Timestamp,
    audit::{AuditAction, AuditEntry, AuditFilter, AuditOutcome, AuditSubject, FieldChange},
    id::UserId,
    page::Page,
};
use pipelines::audit;
use std::time::Duration;

/// Address of this page.
pub const PATH: &str = "/configuration/audit";
/// Where the log is exported, with a format after it.
const EXPORT: &str = "/audit";

const DAY: Duration = Duration::from_hours(24);
/// Characters of an id that are looked at.
const LONGEST_ID: usize = 100;

/// Reads a filter from a query, given as a way to look up its fields. What cannot be read narrows nothing.
pub fn read<'a>(field: impl Fn(&str) -> Option<&'a str>) -> AuditFilter {
    let text = |name: &str| field(name).map(str::trim).filter(|text| !text.is_empty());
    AuditFilter {
        actor: text("who").and_then(|id| id.parse().ok()),
        action: text("action").and_then(AuditAction::from_name),
        subject: text("subject").and_then(AuditSubject::from_name),
        subject_id: text("id").map(|id| id.chars().take(LONGEST_ID).collect()),
        outcome: text("outcome").and_then(AuditOutcome::from_name),
        from: text("from").and_then(Timestamp::start_of_day),
        until: text("until").and_then(Timestamp::start_of_day).map(|day| day + DAY),
    }
}

/// The fields of a filter as a query names them.
fn query(filter: &AuditFilter) -> String {
    let fields = [
        ("who", filter.actor.map(|id| id.to_string())),
        ("action", filter.action.map(|action| action.name().to_owned())),
        ("subject", filter.subject.map(|subject| subject.name().to_owned())),
        ("id", filter.subject_id.clone()),
        ("outcome", filter.outcome.map(|outcome| outcome.name().to_owned())),
        ("from", filter.from.map(Timestamp::day)),
        ("until", filter.until.map(last_day)),
    ];
    let fields = fields.into_iter().filter_map(|(name, value)| Some(format!("{name}={}", Url::escape(&value?))));
    fields.collect::<Vec<_>>().join("&")
}

fn last_day(until: Timestamp) -> String {
    Timestamp(until.0.saturating_sub(1)).day()
}

fn with_query(path: &str, filter: &AuditFilter, page: u64) -> String {
    let page = (page > 1).then(|| format!("page={page}"));
    let parts = [Some(query(filter)).filter(|query| !query.is_empty()), page];
    let query = parts.into_iter().flatten().collect::<Vec<_>>().join("&");
    if query.is_empty() { path.to_owned() } else { format!("{path}?{query}") }
}

/// `/configuration/audit`
#[component]
pub fn AuditLog() -> impl IntoView {
    let query: ParamsMap = use_query_map().get_untracked();
    let filter = read(|name| query.get_str(name));
    let number = query.get_str("page").and_then(|page| page.parse().ok()).unwrap_or(1);
    page::load(
        Area::Configuration,
        async move {
            let (host, caller) = (context::host(), context::caller()?);
            let entries = audit::list(&host, &caller, &filter, number).await?;
            let actors = audit::actors(&host, &caller).await?;
            Ok::<_, AppError>((filter, entries, actors))
        },
        |(filter, entries, actors)| show(filter, entries, actors),
    )
}

fn show(filter: AuditFilter, entries: Page<AuditEntry>, actors: Vec<(UserId, String)>) -> impl IntoView {
    let columns = vec![
        Column::new("When"),
        Column::new("Who"),
        Column::new("Action"),
        Column::new("Subject"),
        Column::new("Changes"),
        Column::new("Outcome"),
        Column::new("From"),
    ];
    let (number, last, more) = (entries.number, entries.last(), entries.more);
    let (itself, csv, lines) = (
        with_query(PATH, &filter, number),
        with_query(&format!("{EXPORT}/csv"), &filter, 1),
        with_query(&format!("{EXPORT}/jsonl"), &filter, 1),
    );
    let paged = filter.clone();
    view! {
        <CommandBar>
            <CommandLink icon="arrow-clockwise" href=itself>"Refresh"</CommandLink>
            <CommandLink icon="arrow-download" href=csv>"Export CSV"</CommandLink>
            <CommandLink icon="arrow-download" href=lines>"Export JSON Lines"</CommandLink>
        </CommandBar>
        <PageHeader title="Audit log" subtitle="What was done and what was refused. Nobody can change it."/>
        <Filters filter actors/>
        <section class="card">
            <Grid
                caption="Audit log"
                hide_caption=true
                columns
                rows=entries.rows.into_iter().map(row).collect()
                empty="There is no entry like this."
            />
            <Pager number last more label="Audit log" href=move |page| with_query(PATH, &paged, page)/>
        </section>
    }
}

#[component]
fn Filters(filter: AuditFilter, actors: Vec<(UserId, String)>) -> impl IntoView {
    let actions = AuditAction::ALL.iter().map(|action| Choice::new(action.name(), action.label())).collect();
    let subjects = AuditSubject::ALL.iter().map(|subject| Choice::new(subject.name(), subject.label())).collect();
    let outcomes = AuditOutcome::ALL.iter().map(|outcome| Choice::new(outcome.name(), outcome.label())).collect();
    let who = filter.actor.map(|id| id.to_string()).unwrap_or_default();
    let clear = (filter != AuditFilter::default())
        .then(|| view! { <LinkButton href=PATH icon="dismiss">"Clear filters"</LinkButton> });
    view! {
        <form class="filters card" method="get" action=PATH role="search" aria-label="Audit log">
            <Select
                name="who"
                label="Who"
                choices=actors.into_iter().map(|(id, name)| Choice::new(id, name)).collect()
                value=who
                none="Everybody"
            />
            <Select
                name="action"
                label="Action"
                choices=actions
                value=filter.action.map(AuditAction::name).unwrap_or_default()
                none="All"
            />
            <Select
                name="subject"
                label="Subject"
                choices=subjects
                value=filter.subject.map(AuditSubject::name).unwrap_or_default()
                none="All"
            />
            <Select
                name="outcome"
                label="Outcome"
                choices=outcomes
                value=filter.outcome.map(AuditOutcome::name).unwrap_or_default()
                none="All"
            />
            <TextField name="from" label="From (UTC)" kind="date" value=filter.from.map(Timestamp::day).unwrap_or_default()/>
            <TextField name="until" label="Until (UTC)" kind="date" value=filter.until.map(last_day).unwrap_or_default()/>
            <TextField name="id" label="ID of the subject" value=filter.subject_id.clone().unwrap_or_default() autocomplete="off" maxlength=100/>
            <div class="buttons">
                <Button appearance=Appearance::Primary icon="filter">"Apply filters"</Button>
                {clear}
            </div>
        </form>
    }
    .into_any()
}

fn row(entry: AuditEntry) -> AnyView {
    let outcome = match entry.outcome {
        AuditOutcome::Allowed => view! { <Badge intent=Intent::Success>"Allowed"</Badge> }.into_any(),
        AuditOutcome::Refused => {
            view! { <Badge intent=Intent::Error>"Refused"</Badge><br/><small>{entry.reason}</small> }.into_any()
        }
    };
    let about = match &entry.subject_id {
        Some(id) => with_query(PATH, &AuditFilter { subject_id: Some(id.clone()), ..AuditFilter::default() }, 1),
        None => PATH.to_owned(),
    };
    let name = if entry.subject_name.is_empty() {
        entry.subject_id.unwrap_or_else(|| "---".to_owned())
    } else {
        entry.subject_name
    };
    let through = match &entry.through_id {
        Some(id) => format!("{} {id}", entry.through.label()),
        None => entry.through.label().to_owned(),
    };
    view! {
        <tr>
            <td><Moment at=entry.at absolute=true/></td>
            <th scope="row">{entry.actor_name}</th>
            <td>{entry.action.label()}</td>
            <td>{entry.subject.label()}<br/><a href=about>{name}</a></td>
            <td>{changes(entry.changes)}</td>
            <td>{outcome}</td>
            <td>
                {entry.remote_address.unwrap_or_else(|| "---".to_owned())}
                <br/>
                <small>{through}</small>
                <br/>
                <small>{entry.request_id}</small>
            </td>
        </tr>
    }
    .into_any()
}

fn changes(changes: Vec<FieldChange>) -> impl IntoView {
    let items = changes.into_iter().map(|change| {
        let text = match (change.before, change.after) {
            (Some(before), Some(after)) => format!("{before} → {after}"),
            (Some(before), None) => format!("{before} →"),
            (None, after) => after.unwrap_or_default(),
        };
        view! { <li><strong>{change.field}</strong>": "{text}</li> }
    });
    view! { <ul class="plain">{items.collect_view()}</ul> }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing, reason = "tests")]

    use super::*;

    #[test]
    fn a_filter_is_read_as_it_is_written() {
        let filter = AuditFilter {
            action: Some(AuditAction::Share),
            subject: Some(AuditSubject::Pipeline),
            subject_id: Some("a&b=c".to_owned()),
            outcome: Some(AuditOutcome::Refused),
            from: Timestamp::start_of_day("2026-11-01"),
            until: Timestamp::start_of_day("2026-11-03"),
            ..AuditFilter::default()
        };
        assert_eq!(
            with_query(PATH, &filter, 2),
            "/configuration/audit?action=share&subject=pipeline&id=a%26b%3Dc&outcome=refused&from=2026%2D11%2D01&until=2026%2D11%2D02&page=2"
        );
        let fields = [
            ("action", "share"),
            ("subject", "pipeline"),
            ("id", "a&b=c"),
            ("outcome", "refused"),
            ("from", "2026-11-01"),
            ("until", "2026-11-02"),
            ("who", "nonsense"),
        ];
        let read = read(|name| fields.iter().find(|(field, _)| *field == name).map(|(_, value)| *value));
        assert_eq!(read, filter);
    }

    #[test]
    fn hostile_names_in_the_log_stay_text() {
        let hostile = "</td><script>alert(1)</script>";
        let entry = AuditEntry {
            id: 1,
            at: Timestamp(0),
            actor: None,
            actor_name: hostile.to_owned(),
            through: model::audit::AuditThrough::Session,
            through_id: Some(hostile.to_owned()),
            action: AuditAction::Update,
            subject: AuditSubject::Pipeline,
            subject_id: Some(hostile.to_owned()),
            subject_name: hostile.to_owned(),
            changes: vec![FieldChange {
                field: hostile.to_owned(),
                before: Some(hostile.to_owned()),
                after: Some(hostile.to_owned()),
            }],
            outcome: AuditOutcome::Refused,
            reason: Some(hostile.to_owned()),
            remote_address: Some(hostile.to_owned()),
            request_id: Some(hostile.to_owned()),
        };
        let html = row(entry).to_html();
        assert!(!html.contains("<script"), "{html}");
    }
}
