//! The steps of a wizard.

use super::Icon;
use leptos::prelude::*;

/// Where a step is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum StepState {
    /// Done.
    Done,
    /// The one to do now.
    Current,
    /// Still to do.
    ToDo,
}

/// One step.
#[derive(Clone, Debug)]
pub struct StepItem {
    label: String,
    state: StepState,
    href: Option<String>,
}

impl StepItem {
    /// A step. A step with an address is a link.
    pub fn new(label: impl Into<String>, state: StepState, href: Option<String>) -> Self {
        Self { label: label.into(), state, href }
    }
}

/// The steps of a wizard, from top to bottom.
#[component]
pub fn Stepper(
    /// The steps.
    steps: Vec<StepItem>,
) -> impl IntoView {
    let steps = steps.into_iter().map(|step| {
        let (class, words) = match step.state {
            StepState::Done => ("done", Some(" (done)")),
            StepState::Current => ("current", None),
            StepState::ToDo => ("to-do", None),
        };
        let current = (step.state == StepState::Current).then_some("step");
        let done = step.state == StepState::Done;
        let label = match step.href {
            Some(href) => view! { <a href=href>{step.label}</a> }.into_any(),
            None => view! { <span>{step.label}</span> }.into_any(),
        };
        view! {
            <li class=class aria-current=current>
                <span class="mark">{done.then(|| view! { <Icon name="checkmark"/> })}</span>
                {label}
                {words.map(|words| view! { <span class="visually-hidden">{words}</span> })}
            </li>
        }
    });
    view! { <nav class="stepper" aria-label="Steps"><ol>{steps.collect_view()}</ol></nav> }.into_any()
}
