//! The list of Dataverse environments that are connected.

use super::dataverse_connection;
use crate::{
    components::{Badge, Column, CommandBar, CommandLink, Grid, Intent, Moment},
    context,
    error::AppError,
    layout::{Area, PageHeader},
    page,
};
use leptos::prelude::*;
use model::dataverse::{ConnectionTrial, DataverseConnection};

/// Address of this page.
pub const PATH: &str = "/configuration/dataverse-connections";

/// `/configuration/dataverse-connections`
#[component]
pub fn DataverseConnections() -> impl IntoView {
    page::load(
        Area::Configuration,
        async {
            let (host, caller) = (context::host(), context::caller()?);
            Ok::<_, AppError>(pipelines::dataverse_connection::list(&host, &caller).await?)
        },
        list,
    )
}

fn list(connections: Vec<DataverseConnection>) -> impl IntoView {
    let columns = ["Name", "Address", "Last try"].into_iter().map(Column::new).collect();
    view! {
        <CommandBar>
            <CommandLink icon="add" href=dataverse_connection::NEW>"New"</CommandLink>
            <CommandLink icon="arrow-clockwise" href=PATH>"Refresh"</CommandLink>
        </CommandBar>
        <PageHeader title="Dataverse connections" subtitle="Power Platform environments that pipelines may deploy from and to"/>
        <section class="card">
            <Grid
                caption="Dataverse connections"
                hide_caption=true
                columns
                rows=connections.into_iter().map(row).collect()
                empty="No Power Platform environment is connected yet. Choose New to connect one with an application of Microsoft Entra ID."
            />
        </section>
    }
}

fn row(connection: DataverseConnection) -> AnyView {
    view! {
        <tr>
            <th scope="row"><a href=dataverse_connection::address(connection.id)>{connection.name}</a></th>
            <td>{connection.url}</td>
            <td>{state(connection.tried.as_ref())}</td>
        </tr>
    }
    .into_any()
}

/// What came of the last try, in a word.
pub(super) fn state(tried: Option<&ConnectionTrial>) -> AnyView {
    match tried {
        None => view! { <Badge>"Not tried"</Badge> }.into_any(),
        Some(trial) => {
            let badge = if trial.succeeded() {
                view! { <Badge intent=Intent::Success>"Success"</Badge> }
            } else {
                view! { <Badge intent=Intent::Error>"Failed"</Badge> }
            };
            view! { {badge} " " <Moment at=trial.at/> }.into_any()
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use model::{Timestamp, dataverse::TrialStep, id::EnvironmentId};

    #[test]
    fn connections_are_listed_with_what_came_of_the_last_try_and_names_stay_text() {
        let hostile = "</th><script>alert(1)</script>".to_owned();
        let failed = TrialStep { step: "Sign in".to_owned(), succeeded: false, message: hostile.clone() };
        let connection = |tried| DataverseConnection {
            id: EnvironmentId(uuid::Uuid::from_u128(1)),
            name: hostile.clone(),
            url: hostile.clone(),
            tenant: String::new(),
            client_id: String::new(),
            authority: String::new(),
            has_certificate: false,
            tried,
            row_version: 1,
            modified: (Timestamp(0), String::new()),
        };
        let trial = ConnectionTrial { at: Timestamp(0), steps: vec![failed] };
        let html = Owner::new().with(|| {
            leptos_meta::provide_meta_context();
            list(vec![connection(None), connection(Some(trial))]).to_html()
        });
        assert!(!html.contains("<script"), "{html}");
        assert!(html.contains("Not tried") && html.contains("Failed"), "{html}");
    }
}
