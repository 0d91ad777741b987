//! A comparison, component by component: what was added, changed and removed, with what differs inside.

use super::{Icon, Intent, MessageBar};
use leptos::prelude::*;
use model::{
    comparison::{ComparedComponent, Comparison, Difference, TextRow},
    stage_run::ChangeKind,
};

/// Components of one kind of change that are listed at once; the rest is counted.
const MOST_COMPONENTS: usize = 500;
/// Differences of one component that are shown; the rest is counted.
const MOST_DIFFERENCES: usize = 100;
/// Rows of a text that are shown; the rest is counted.
const MOST_ROWS: usize = 400;

/// Everything that differs, with a warning where data goes with it.
#[component]
pub fn ComparisonView(comparison: Comparison) -> AnyView {
    let counts = comparison.counts();
    let loses = counts.lost_tables + counts.lost_columns > 0;
    let solution = comparison.solution.clone();
    let sections = [ChangeKind::Removed, ChangeKind::Changed, ChangeKind::Added, ChangeKind::Unchanged]
        .into_iter()
        .filter_map(|kind| section(kind, &comparison))
        .collect_view();
    let remarks = comparison.remarks.iter().map(|remark| format!("{}: {}", remark.file, remark.message));
    let remarks: Vec<String> = remarks.collect();
    view! {
        <p class="strong">{counts.to_string()}</p>
        {loses
            .then(|| {
                view! {
                    <MessageBar intent=Intent::Warning>
                        "Rows of data are deleted along with the tables and columns that are removed."
                    </MessageBar>
                }
            })}
        {(!solution.is_empty())
            .then(|| {
                view! {
                    <details class="change-section" open>
                        <summary>
                            <Icon name="edit"/>
                            <h3>"The solution itself"</h3>
                        </summary>
                        {differences(&solution)}
                    </details>
                }
            })}
        {sections}
        {(!remarks.is_empty())
            .then(|| {
                view! {
                    <h3>"Not compared"</h3>
                    <ul class="changes">{remarks.into_iter().map(|remark| view! { <li>{remark}</li> }).collect_view()}</ul>
                }
            })}
    }
    .into_any()
}

fn section(kind: ChangeKind, comparison: &Comparison) -> Option<AnyView> {
    let (title, icon) = match kind {
        ChangeKind::Added => ("Added", "add-circle"),
        ChangeKind::Changed => ("Changed", "edit"),
        ChangeKind::Removed => ("Removed", "subtract-circle"),
        ChangeKind::Unchanged => ("Unchanged", "checkmark-circle"),
    };
    let of_kind: Vec<_> = comparison.components.iter().filter(|compared| compared.change == kind).collect();
    let total = of_kind.len();
    if total == 0 {
        return None;
    }
    let hidden = total.saturating_sub(MOST_COMPONENTS);
    // Components come sorted by their types.
    let shown: Vec<_> = of_kind.into_iter().take(MOST_COMPONENTS).collect();
    let groups = shown
        .chunk_by(|one, other| one.component.kind == other.component.kind)
        .filter_map(|group| Some((group.first()?.component.kind.label(), group)))
        .map(|(label, group)| {
            let rows = group.iter().map(|compared| row(compared)).collect_view();
            view! {
                <h4>{label}</h4>
                <ul class="changes">{rows}</ul>
            }
        })
        .collect_view();
    Some(
        view! {
            <details class="change-section" open=kind != ChangeKind::Unchanged>
                <summary>
                    <Icon name=icon/>
                    <h3>{format!("{title} ({total})")}</h3>
                </summary>
                {groups}
                {(hidden > 0).then(|| view! { <p class="muted">{format!("… and {hidden} more.")}</p> })}
            </details>
        }
        .into_any(),
    )
}

/// The place of a component on the page.
pub fn anchor(compared: &ComparedComponent) -> String {
    let letters = format!("{}-{}", compared.component.kind, compared.component.name).to_lowercase();
    letters
        .chars()
        .map(|character| if character.is_alphanumeric() || "-_.".contains(character) { character } else { '-' })
        .collect()
}

fn row(compared: &ComparedComponent) -> AnyView {
    let component = &compared.component;
    let name = component.label().to_owned();
    let technical = (component.name != name).then(|| component.name.clone());
    let parent = component.parent.clone().map(|parent| format!("of {parent}"));
    let anchor = anchor(compared);
    let address = format!("#{anchor}");
    let details = (!compared.differences.is_empty() || compared.omitted > 0).then(|| {
        let count = compared.differences.len() + compared.omitted as usize;
        let summary = if count == 1 { "1 difference".to_owned() } else { format!("{count} differences") };
        let hidden = compared.differences.len().saturating_sub(MOST_DIFFERENCES)
            + usize::try_from(compared.omitted).unwrap_or(0);
        view! {
            <details class="differences">
                <summary>{summary}</summary>
                {differences(&compared.differences)}
                {(hidden > 0).then(|| view! { <p class="muted">{format!("… and {hidden} more.")}</p> })}
            </details>
        }
    });
    view! {
        <li id=anchor>
            <a href=address>{name}</a>
            {technical.map(|name| view! { " " <span class="muted">{name}</span> })}
            {parent.map(|parent| view! { " " <span class="muted">{parent}</span> })}
            {compared.loses_data.then(|| view! { " " <strong class="danger">"its data will be deleted"</strong> })}
            {details}
        </li>
    }
    .into_any()
}

fn differences(differences: &[Difference]) -> AnyView {
    let rows = differences.iter().take(MOST_DIFFERENCES).map(difference).collect_view();
    view! { <ul class="difference-list">{rows}</ul> }.into_any()
}

fn difference(difference: &Difference) -> AnyView {
    let verb = match difference.change {
        ChangeKind::Added => "Added",
        ChangeKind::Removed => "Removed",
        ChangeKind::Changed | ChangeKind::Unchanged => "Changed",
    };
    let part = format!("{} {}", difference.part, difference.name).trim().to_owned();
    let subject = [part, difference.property.clone()];
    let subject: Vec<String> = subject.into_iter().filter(|part| !part.is_empty()).collect();
    let shown = |value: &str| if value.is_empty() { "(empty)".to_owned() } else { value.to_owned() };
    let before = difference.before.as_deref().map(|value| view! { " " <del>{shown(value)}</del> });
    let after = difference.after.as_deref().map(|value| view! { " " <ins>{shown(value)}</ins> });
    view! {
        <li>
            <strong>{verb}</strong>
            " "
            {subject.join(" › ")}
            {before}
            {after}
            {difference.loses_data.then(|| view! { " " <strong class="danger">"its data will be deleted"</strong> })}
            {(!difference.rows.is_empty()).then(|| side_by_side(difference))}
        </li>
    }
    .into_any()
}

fn side_by_side(difference: &Difference) -> AnyView {
    let rows = difference.rows.iter().take(MOST_ROWS).map(text_row).collect_view();
    let hidden = difference.rows.len().saturating_sub(MOST_ROWS) + difference.omitted_rows as usize;
    view! {
        <div class="side-by-side" role="region" tabindex="0" aria-label="Lines that differ">
            <table>
                <thead>
                    <tr>
                        <th scope="col" colspan="2">"Before"</th>
                        <th scope="col" colspan="2">"After"</th>
                    </tr>
                </thead>
                <tbody>{rows}</tbody>
            </table>
        </div>
        {(hidden > 0).then(|| view! { <p class="muted">{format!("… and {hidden} more lines.")}</p> })}
    }
    .into_any()
}

fn text_row(row: &TextRow) -> AnyView {
    let differs = row.before.as_ref().map(|line| &line.text) != row.after.as_ref().map(|line| &line.text);
    let cells = |line: &Option<model::comparison::TextLine>, changed: &'static str| {
        let number = line.as_ref().map(|line| line.number.to_string());
        let text = line.as_ref().map(|line| line.text.clone());
        let class = if differs && text.is_some() { changed } else { "" };
        view! {
            <td class="number">{number}</td>
            <td class=class><code>{text}</code></td>
        }
    };
    view! { <tr>{cells(&row.before, "removed")}{cells(&row.after, "added")}</tr> }.into_any()
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing, reason = "tests")]

    use super::*;
    use model::{Component, ComponentType, comparison::TextLine};

    #[test]
    fn what_differs_is_shown_and_nothing_of_it_becomes_markup() {
        let line = |text: &str| Some(TextLine { number: 1, text: text.to_owned() });
        let difference = Difference {
            change: ChangeKind::Changed,
            part: "Column".to_owned(),
            name: "<i>price".to_owned(),
            property: "MaxLength".to_owned(),
            before: Some("<b>1".to_owned()),
            after: Some("2".to_owned()),
            rows: vec![TextRow { before: line("<script>"), after: line("other") }],
            omitted_rows: 3,
            loses_data: true,
        };
        let compared = ComparedComponent {
            change: ChangeKind::Changed,
            component: Component::new(ComponentType::ENTITY, "new_Order \"x\""),
            loses_data: false,
            differences: vec![difference],
            omitted: 2,
        };
        assert_eq!(anchor(&compared), "1-new_order--x-");
        let comparison = Comparison { components: vec![compared], ..Comparison::default() };
        let html = view! { <ComparisonView comparison/> }.to_html();
        assert!(html.contains("1 changed, 1 column removed — its data will be deleted"), "{html}");
        assert!(html.contains("&lt;b&gt;1") && html.contains("&lt;script&gt;"), "{html}");
        assert!(!html.contains("<script") && !html.contains("<i>"), "{html}");
        assert!(html.contains("3 differences") && html.contains("… and 3 more lines."), "{html}");
    }
}
