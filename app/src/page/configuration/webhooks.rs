//! The list of webhooks.

use super::webhook;
use crate::{
    components::{Badge, Column, CommandBar, CommandLink, Grid, Intent},
    context,
    error::AppError,
    layout::{Area, PageHeader},
    page,
};
use leptos::prelude::*;
use model::webhook::Webhook;

/// Address of this page.
pub const PATH: &str = "/configuration/webhooks";

/// `/configuration/webhooks`
#[component]
pub fn Webhooks() -> impl IntoView {
    page::load(
        Area::Configuration,
        async { Ok::<_, AppError>(pipelines::webhook::list(&context::host(), &context::caller()?).await?) },
        list,
    )
}

fn list(webhooks: Vec<Webhook>) -> impl IntoView {
    let columns = ["Name", "Address", "Events", "State"].into_iter().map(Column::new).collect();
    view! {
        <CommandBar>
            <CommandLink icon="add" href=webhook::NEW>"New"</CommandLink>
            <CommandLink icon="arrow-clockwise" href=PATH>"Refresh"</CommandLink>
        </CommandBar>
        <PageHeader title="Webhooks" subtitle="Addresses that are told what happens to runs, by signed calls"/>
        <section class="card">
            <Grid
                caption="Webhooks"
                hide_caption=true
                columns
                rows=webhooks.into_iter().map(row).collect()
                empty="Nobody is told of runs yet. Choose New to have an address called, such as a workflow of Microsoft Teams."
            />
        </section>
    }
    .into_any()
}

fn row(webhook: Webhook) -> AnyView {
    let state = if webhook.active {
        view! { <Badge intent=Intent::Success>"On"</Badge> }
    } else {
        view! { <Badge icon="prohibited">"Off"</Badge> }
    };
    let events = match webhook.events.as_slice() {
        [one] => one.name().to_owned(),
        events => format!("{} events", events.len()),
    };
    view! {
        <tr>
            <th scope="row"><a href=webhook::address(webhook.id)>{webhook.name}</a></th>
            <td>{webhook.origin}</td>
            <td>{events}{webhook.pipeline.map(|_| " of one pipeline")}</td>
            <td>{state}</td>
        </tr>
    }
    .into_any()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::page::configuration::sample;

    #[test]
    fn webhooks_are_listed_by_host_and_names_stay_text() {
        let hostile = "</th><script>alert(1)</script>".to_owned();
        let webhook = Webhook { name: hostile.clone(), origin: hostile, active: false, ..sample::webhook() };
        let html = Owner::new().with(|| {
            leptos_meta::provide_meta_context();
            list(vec![webhook]).to_html()
        });
        assert!(!html.contains("<script"), "{html}");
        assert!(html.contains("Off") && !html.contains("sig="), "an address may hold what gives access: {html}");
    }
}
