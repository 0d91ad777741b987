//! *Security Teams*: people who have roles and shares together.

use super::team;
use crate::{
    components::{Column, CommandBar, CommandLink, Grid},
    context,
    error::AppError,
    layout::{Area, PageHeader},
    page,
};
use leptos::prelude::*;
use model::team::{Membership, TeamSummary};

/// Address of this page.
pub const PATH: &str = "/configuration/teams";

/// `/configuration/teams`
#[component]
pub fn Teams() -> impl IntoView {
    page::load(
        Area::Configuration,
        async {
            let (host, caller) = (context::host(), context::caller()?);
            let teams = pipelines::team::list(&host, &caller).await?;
            Ok::<_, AppError>((teams, caller.is_system_administrator()))
        },
        |(teams, creates)| {
            let columns = vec![
                Column::new("Name"),
                Column::new("Security roles"),
                Column::new("Members from"),
                Column::new("Members").numeric(),
            ];
            let new = creates.then(|| view! { <CommandLink icon="add" href=team::NEW>"New"</CommandLink> });
            view! {
                <CommandBar>
                    {new}
                    <CommandLink icon="arrow-clockwise" href=PATH>"Refresh"</CommandLink>
                </CommandBar>
                <PageHeader title="Security Teams" subtitle="People who have roles and shares together"/>
                <section class="card">
                    <Grid
                        caption="Security Teams"
                        hide_caption=true
                        columns
                        rows=teams.into_iter().map(row).collect()
                        empty="There are no teams."
                    />
                </section>
            }
        },
    )
}

fn row(team: TeamSummary) -> AnyView {
    let from = match team.membership {
        Membership::Local => "Slipway".to_owned(),
        Membership::Group { provider, .. } => provider,
    };
    view! {
        <tr>
            <th scope="row">
                <a href=team::address(team.id)>{team.name}</a>
                <br/>
                <small>{team.description}</small>
            </th>
            <td>{team.roles.label()}</td>
            <td>{from}</td>
            <td class="numeric">{team.members.to_string()}</td>
        </tr>
    }
    .into_any()
}
