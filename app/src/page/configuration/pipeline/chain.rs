//! A pipeline at a glance: from its development environments through its stages, in order.

use super::stage;
use crate::components::Icon;
use leptos::prelude::*;
use model::pipeline::Pipeline;

/// A pipeline as the chain that it is. Nothing for one that has no stage yet.
#[component]
pub fn Chain(
    /// The pipeline.
    pipeline: Pipeline,
) -> impl IntoView {
    if pipeline.stages.is_empty() {
        return ().into_any();
    }
    let names: Vec<_> = pipeline
        .development_environments
        .into_iter()
        .map(|environment| view! { <small>{environment.name}</small> })
        .collect();
    let development =
        if names.is_empty() { view! { <small>"None linked yet"</small> }.into_any() } else { names.into_any() };
    let stages = pipeline.stages.into_iter().map(|stage| {
        view! {
            <li>
                <Icon name="arrow-right"/>
                <a href=stage::address(stage.id)><strong>{stage.name}</strong><small>{stage.target_name}</small></a>
            </li>
        }
    });
    view! {
        <div role="group" aria-label="Order of deployment">
            <ol class="chain">
                <li><span><strong>"Development"</strong>{development}</span></li>
                {stages.collect_view()}
            </ol>
        </div>
    }
    .into_any()
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing, reason = "tests")]

    use super::*;
    use crate::page::configuration::sample;

    fn shown(stages: &[(&str, &str)]) -> String {
        view! { <Chain pipeline=sample::pipeline(stages)/> }.to_html()
    }

    #[test]
    fn stages_stand_in_the_order_of_deployment_with_an_arrow_before_each() {
        let html = shown(&[("Test", "Contoso Test"), ("Production", "Contoso Production")]);
        let positions: Vec<_> = ["Contoso Dev", "Contoso Test", "Contoso Production"]
            .map(|name| html.find(name).unwrap_or_else(|| panic!("{name} is missing: {html}")))
            .to_vec();
        assert!(positions.is_sorted(), "{html}");
        assert_eq!(html.matches("#arrow-right").count(), 2, "{html}");
    }

    #[test]
    fn a_pipeline_without_stages_is_no_chain() {
        assert!(!shown(&[]).contains("<ol"));
    }

    #[test]
    fn hostile_names_of_stages_stay_text() {
        let html = shown(&[("<script>alert(1)</script>", "\"><img src=x onerror=alert(1)>")]);
        assert!(!html.contains("<script") && !html.contains("<img"), "{html}");
    }
}
