//! *What will change*: what the deployment does to the target, component by component.

use super::{after, before, footer};
use crate::{
    components::{Icon, Intent, MessageBar},
    page::maker::address,
};
use leptos::prelude::*;
use model::stage_run::{Change, ChangeKind, Wizard, WizardStep};
use std::collections::BTreeMap;

/// Components of one kind of change that are listed at once; the rest is counted.
const MOST_ROWS: usize = 500;

/// The step.
pub fn step(wizard: &Wizard) -> impl IntoView + use<> {
    let run = &wizard.run;
    let back = before(&wizard.steps, WizardStep::Changes).map(|step| address::step(run.id, step));
    let next = address::step(run.id, after(&wizard.steps, WizardStep::Changes));
    let losses: Vec<_> = wizard.changes.iter().filter(|change| change.loses_data).collect();
    let from = run.previous_version.as_ref().map_or_else(
        || format!("{} does not have this solution yet.", run.target_name),
        |version| format!("{} has version {version}.", run.target_name),
    );
    let sections = [ChangeKind::Removed, ChangeKind::Added, ChangeKind::Changed, ChangeKind::Unchanged]
        .into_iter()
        .map(|kind| section(kind, &wizard.changes))
        .collect_view();
    view! {
        <div class="wizard-form">
            <div class="wizard-content">
                <h2>"What will change"</h2>
                <p>{from}</p>
                <p class="strong">{summary(&wizard.changes)}</p>
                {(!losses.is_empty())
                    .then(|| {
                        view! {
                            <MessageBar intent=Intent::Warning>
                                {format!(
                                    "Data will be deleted: {} of {} removed components hold data of the target.",
                                    losses.len(),
                                    wizard.changes.iter().filter(|change| change.kind == ChangeKind::Removed).count(),
                                )}
                            </MessageBar>
                        }
                    })}
                {sections}
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

/// One line that says it all: `12 added, 3 changed, 1 removed`.
pub fn summary(changes: &[Change]) -> String {
    let count = |kind| changes.iter().filter(|change| change.kind == kind).count();
    let parts: Vec<_> = [
        (count(ChangeKind::Added), "added"),
        (count(ChangeKind::Changed), "changed"),
        (count(ChangeKind::Removed), "removed"),
    ]
    .into_iter()
    .filter(|(count, _)| *count > 0)
    .map(|(count, word)| format!("{count} {word}"))
    .collect();
    if parts.is_empty() { "No component changes.".to_owned() } else { format!("{}.", parts.join(", ")) }
}

fn section(kind: ChangeKind, changes: &[Change]) -> Option<impl IntoView + use<>> {
    let (title, icon) = match kind {
        ChangeKind::Added => ("Added", "add-circle"),
        ChangeKind::Changed => ("Changed", "edit"),
        ChangeKind::Removed => ("Removed", "subtract-circle"),
        ChangeKind::Unchanged => ("Unchanged", "checkmark-circle"),
    };
    let of_kind: Vec<_> = changes.iter().filter(|change| change.kind == kind).collect();
    let total = of_kind.len();
    if total == 0 {
        return None;
    }
    let mut by_type: BTreeMap<String, Vec<&Change>> = BTreeMap::new();
    for change in of_kind.into_iter().take(MOST_ROWS) {
        by_type.entry(change.component.kind.label()).or_default().push(change);
    }
    let groups = by_type
        .into_iter()
        .map(|(label, changes)| {
            let rows = changes
                .into_iter()
                .map(|change| {
                    let component = &change.component;
                    let name = component.label().to_owned();
                    let technical = (component.name != name).then(|| component.name.clone());
                    view! {
                        <li>
                            <span>{name}</span>
                            {technical.map(|name| view! { " " <span class="muted">{name}</span> })}
                            {component.parent.clone().map(|parent| view! { " " <span class="muted">{format!("of {parent}")}</span> })}
                            {change.loses_data.then(|| view! { " " <strong class="danger">"its data will be deleted"</strong> })}
                        </li>
                    }
                })
                .collect_view();
            view! {
                <h4>{label}</h4>
                <ul class="changes">{rows}</ul>
            }
        })
        .collect_view();
    let hidden = total.saturating_sub(MOST_ROWS);
    Some(view! {
        <details class="change-section" open=kind != ChangeKind::Unchanged>
            <summary>
                <Icon name=icon/>
                <h3>{format!("{title} ({total})")}</h3>
            </summary>
            {groups}
            {(hidden > 0).then(|| view! { <p class="muted">{format!("… and {hidden} more.")}</p> })}
        </details>
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use model::{Component, ComponentType};

    fn change(kind: ChangeKind) -> Change {
        Change { kind, component: Component::new(ComponentType::ENTITY, "a"), loses_data: false }
    }

    #[test]
    fn the_summary_counts_what_changes_and_leaves_out_what_does_not() {
        assert_eq!(summary(&[]), "No component changes.");
        assert_eq!(summary(&[change(ChangeKind::Unchanged)]), "No component changes.");
        let changes = [change(ChangeKind::Added), change(ChangeKind::Added), change(ChangeKind::Removed)];
        assert_eq!(summary(&changes), "2 added, 1 removed.");
    }
}
