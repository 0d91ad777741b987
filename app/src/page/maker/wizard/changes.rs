//! *What will change*: what the deployment does to the target, component by component.

use super::{after, before, footer};
use crate::{
    components::{ComparisonView, Intent, MessageBar},
    page::maker::address,
};
use leptos::prelude::*;
use model::{
    comparison::Comparison,
    stage_run::{Wizard, WizardStep},
};

/// The step.
pub fn step(wizard: &Wizard) -> impl IntoView + use<> {
    let run = &wizard.run;
    let back = before(&wizard.steps, WizardStep::Changes).map(|step| address::step(run.id, step));
    let next = address::step(run.id, after(&wizard.steps, WizardStep::Changes));
    let from = run.previous_version.as_ref().map_or_else(
        || format!("{} does not have this solution yet.", run.target_name),
        |version| format!("{} has version {version}.", run.target_name),
    );
    view! {
        <div class="wizard-form">
            <div class="wizard-content">
                <h2>"What will change"</h2>
                <p>{from}</p>
                {told(wizard.comparison.clone())}
            </div>
            {footer(
                back,
                view! { <a class="button primary" href=next>"Next"</a> },
                run.source,
                &run.solution,
            )}
        </div>
    }
}

/// What will change, or why that cannot be told.
fn told(comparison: Result<Comparison, String>) -> AnyView {
    match comparison {
        Ok(comparison) => view! { <ComparisonView comparison/> }.into_any(),
        Err(sentence) => view! { <MessageBar intent=Intent::Warning>{sentence}</MessageBar> }.into_any(),
    }
}
