//! *Check access*: who may do what with a pipeline, and through which role, team or share.

use super::{address, sharing::sharing_address};
use crate::{
    components::{Column, CommandBar, CommandLink, Grid},
    context,
    error::AppError,
    layout::Area,
    page::{
        self,
        configuration::record::{RecordHeader, RecordState},
    },
};
use leptos::prelude::*;
use model::{
    access::{AccessRight, Ground},
    id::PipelineId,
    pipeline::PersonsAccess,
};
use pipelines::pipeline::share;

/// Address of the page.
pub fn check_access_address(id: PipelineId) -> String {
    format!("{}/access", address(id))
}

/// `/configuration/pipelines/{id}/access`
#[component]
pub fn CheckAccess() -> impl IntoView {
    let id = page::parameter::<PipelineId>("id");
    page::load(
        Area::Configuration,
        async move {
            let id = id?;
            let caller = context::caller()?;
            let (name, people) = share::check_access(&context::host(), &caller, id).await?;
            let own = people.iter().find(|person| person.person == caller.user);
            let shares = own.is_some_and(|own| SHARING.into_iter().any(|right| own.rights.has(right)));
            Ok::<_, AppError>((id, name, people, shares))
        },
        |(id, name, people, shares)| show(id, &name, people, shares),
    )
}

/// The rights of which one opens the page *Share*.
const SHARING: [AccessRight; 2] = [AccessRight::Share, AccessRight::Assign];

fn show(id: PipelineId, name: &str, people: Vec<PersonsAccess>, shares: bool) -> impl IntoView + use<> {
    let share = shares.then(|| view! { <CommandLink icon="people" href=sharing_address(id)>"Share"</CommandLink> });
    let mut columns = vec![Column::new("Person")];
    columns.extend(AccessRight::ALL.map(|right| Column::new(right.label())));
    columns.push(Column::new("Through"));
    let rights = AccessRight::ALL.map(|right| {
        view! { <div><dt>{right.label()}</dt><dd>{right.description()}</dd></div> }
    });
    view! {
        <CommandBar>
            {share}
            <CommandLink icon="arrow-clockwise" href=check_access_address(id)>"Refresh"</CommandLink>
        </CommandBar>
        <RecordHeader title=format!("Access to {name}") kind="Deployment Pipeline" state=RecordState::Active/>
        <section class="card">
            <Grid
                caption=format!("Access to {name}")
                hide_caption=true
                columns
                rows=people.into_iter().map(row).collect()
                empty="Nobody may use this pipeline."
            />
        </section>
        <section class="card">
            <h2>"What the rights are for"</h2>
            <dl class="facts">{rights}</dl>
        </section>
    }
}

fn row(person: PersonsAccess) -> AnyView {
    let cells = AccessRight::ALL.map(|right| {
        let word = if person.rights.has(right) { "Yes" } else { "No" };
        view! { <td>{word}</td> }
    });
    let grounds = person.grounds.iter().map(|ground| view! { <li>{Ground::label(ground)}</li> }).collect_view();
    view! {
        <tr>
            <th scope="row">{person.name}<br/><small>{person.user_name}</small></th>
            {cells}
            <td><ul class="plain">{grounds}</ul></td>
        </tr>
    }
    .into_any()
}
