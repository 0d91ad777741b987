//! The list of environments that Slipway keeps itself.

use super::built_in_environment;
use crate::{
    components::{Column, CommandBar, CommandLink, Grid, Moment},
    context,
    error::AppError,
    layout::{Area, PageHeader},
    page,
};
use leptos::prelude::*;
use model::environment::BuiltInEnvironment;
use pipelines::built_in;

/// Address of this page.
pub const PATH: &str = "/configuration/built-in-environments";

/// `/configuration/built-in-environments`
#[component]
pub fn BuiltInEnvironments() -> impl IntoView {
    page::load(
        Area::Configuration,
        async { Ok::<_, AppError>(built_in::list(&context::host(), &context::caller()?).await?) },
        |environments| {
            let columns = vec![
                Column::new("Name"),
                Column::new("Environment ID"),
                Column::new("Solutions").numeric(),
                Column::new("Import pace").numeric(),
                Column::new("Created"),
            ];
            view! {
                <CommandBar>
                    <CommandLink icon="add" href=built_in_environment::NEW>"New"</CommandLink>
                    <CommandLink icon="arrow-clockwise" href=PATH>"Refresh"</CommandLink>
                </CommandBar>
                <PageHeader title="Built-in environments" subtitle="Environments that Slipway keeps in its own database"/>
                <section class="card">
                    <Grid
                        caption="Built-in environments"
                        hide_caption=true
                        columns
                        rows=environments.into_iter().map(row).collect()
                        empty="There are no built-in environments yet. Choose New to create one to practise with, or to keep packages in."
                    />
                </section>
            }
        },
    )
}

fn row(environment: BuiltInEnvironment) -> AnyView {
    let pace = match environment.import_pace {
        0 => "As fast as possible".to_owned(),
        pace => format!("{pace} ms per component"),
    };
    view! {
        <tr>
            <th scope="row"><a href=built_in_environment::address(environment.id)>{environment.name}</a></th>
            <td><code>{environment.id.to_string()}</code></td>
            <td class="numeric">{environment.solutions.to_string()}</td>
            <td class="numeric">{pace}</td>
            <td><Moment at=environment.created/></td>
        </tr>
    }
    .into_any()
}
