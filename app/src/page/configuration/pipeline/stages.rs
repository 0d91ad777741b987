//! The stages of a pipeline, in the order of deployment.

use super::super::{
    environment,
    record::ConfirmedCommand,
    stage::{self, DeleteStage},
};
use crate::components::{Column, DialogButton, Grid, LinkButton};
use leptos::{prelude::*, server_fn::ServerFn};
use model::pipeline::{MOST_STAGES, Pipeline, Stage};

/// Where the stages stand on the pipeline's page.
pub const ANCHOR: &str = "deployment-stages";

/// The grid *Deployment stages*.
#[component]
pub fn Stages(
    /// The pipeline.
    pipeline: Pipeline,
) -> impl IntoView {
    let columns = vec![
        Column::new("Order"),
        Column::new("Name"),
        Column::new("Previous deployment stage"),
        Column::new("Target deployment environment"),
        Column::new("Description"),
        Column::new("Commands").hidden(),
    ];
    let full = (pipeline.stages.len() >= MOST_STAGES)
        .then(|| format!("A pipeline has at most {MOST_STAGES} stages. Delete one to add another."));
    let names: Vec<_> = pipeline.stages.iter().map(|stage| (stage.id, stage.name.clone())).collect();
    let rows = pipeline
        .stages
        .into_iter()
        .zip(1_usize..)
        .map(|(stage, number)| {
            let previous = names.iter().find(|(id, _)| Some(*id) == stage.previous).map(|(_, name)| name.clone());
            row(number, previous, stage)
        })
        .collect();
    view! {
        <section class="card" id=ANCHOR>
            <header>
                <h2>"Deployment stages"</h2>
                <LinkButton href=stage::new_address(pipeline.id) icon="add" disabled=full>"New deployment stage"</LinkButton>
            </header>
            <Grid
                caption="Deployment stages"
                hide_caption=true
                columns
                rows
                empty="There are no deployment stages yet. Add the first one, such as Test."
            />
        </section>
    }
}

fn row(number: usize, previous: Option<String>, stage: Stage) -> AnyView {
    view! {
        <tr>
            <td>{number.to_string()}</td>
            <th scope="row"><a href=stage::address(stage.id)>{stage.name.clone()}</a></th>
            <td>{previous.unwrap_or_else(|| "None: the first stage".to_owned())}</td>
            <td><a href=environment::address(stage.target)>{stage.target_name}</a></td>
            <td>{stage.description}</td>
            <td class="commands">
                <ConfirmedCommand
                    action=DeleteStage::PATH
                    verb="Delete"
                    what=format!("the stage {}", stage.name)
                    consequence=stage::CONSEQUENCE
                    fields=vec![("id", stage.id.to_string())]
                    button=DialogButton::Subtle
                />
            </td>
        </tr>
    }
    .into_any()
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing, reason = "tests")]

    use super::*;
    use crate::page::configuration::sample;

    fn shown(stages: &[(&str, &str)]) -> String {
        view! { <Stages pipeline=sample::pipeline(stages)/> }.to_html()
    }

    #[test]
    fn each_stage_names_the_one_before_it() {
        let html = shown(&[("Test", "Contoso Test"), ("Production", "Contoso Production")]);
        assert!(html.contains("None: the first stage"), "{html}");
        assert!(html.contains("<td>Test</td>"), "{html}");
    }

    #[test]
    fn a_full_pipeline_takes_no_further_stage_and_says_why() {
        let seven: Vec<_> = (0..MOST_STAGES).map(|_| ("Stage", "Target")).collect();
        assert!(shown(&seven).contains("at most 7 stages"));
        assert!(!shown(&seven).contains("/stages/new"));
        assert!(shown(seven.get(1..).unwrap()).contains("/stages/new"));
    }
}
