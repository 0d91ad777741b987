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
            let (name, people) = share::check_access(&context::host(), &context::caller()?, id).await?;
            Ok::<_, AppError>((id, name, people))
        },
        |(id, name, people)| show(id, &name, people),
    )
}

fn show(id: PipelineId, name: &str, people: Vec<PersonsAccess>) -> impl IntoView + use<> {
    let mut columns = vec![Column::new("Person")];
    columns.extend(AccessRight::ALL.map(|right| Column::new(right.label())));
    columns.push(Column::new("Through"));
    let rights = AccessRight::ALL.map(|right| {
        view! { <div><dt>{right.label()}</dt><dd>{right.description()}</dd></div> }
    });
    view! {
        <CommandBar>
            <CommandLink icon="people" href=sharing_address(id)>"Share"</CommandLink>
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
