//! Deployment notes, drafted from what a deployment changes.

use model::{
    comparison::{ComparedComponent, Comparison},
    stage_run::ChangeKind,
};
use std::collections::BTreeMap;

/// Components named of one kind of change; the rest is counted.
const NAMED: usize = 12;

/// What changes, in words: a proposal for whoever deploys. Empty where nothing changes.
pub(crate) fn draft(comparison: &Comparison) -> String {
    let mut lines = Vec::new();
    for (kind, title) in
        [(ChangeKind::Added, "Added"), (ChangeKind::Changed, "Changed"), (ChangeKind::Removed, "Removed")]
    {
        let of_kind: Vec<_> = comparison.components.iter().filter(|compared| compared.change == kind).collect();
        if of_kind.is_empty() {
            continue;
        }
        lines.push(format!("{title}:"));
        lines.extend(of_kind.iter().take(NAMED).map(|compared| format!("- {}", told(compared))));
        if let Some(more) = of_kind.len().checked_sub(NAMED).filter(|more| *more > 0) {
            lines.push(format!("- and {more} more"));
        }
    }
    lines.join("\n")
}

fn told(compared: &ComparedComponent) -> String {
    let component = &compared.component;
    let what = format!("{} “{}”", component.kind.label(), component.label());
    if compared.loses_data {
        return format!("{what}, with its data");
    }
    // Parts are counted once, however many of their properties differ.
    let mut parts: BTreeMap<(&str, ChangeKind), Vec<&str>> = BTreeMap::new();
    for difference in compared.differences.iter().filter(|difference| !difference.part.is_empty()) {
        let kind = if difference.property.is_empty() { difference.change } else { ChangeKind::Changed };
        let names = parts.entry((difference.part.as_str(), kind)).or_default();
        if !names.contains(&difference.name.as_str()) {
            names.push(&difference.name);
        }
    }
    let parts: Vec<String> = parts
        .into_iter()
        .map(|((part, kind), names)| {
            let verb = match kind {
                ChangeKind::Added => "added",
                ChangeKind::Removed => "removed",
                ChangeKind::Changed | ChangeKind::Unchanged => "changed",
            };
            let part = part.to_lowercase();
            match names.as_slice() {
                [name] => format!("{part} “{name}” {verb}"),
                names => format!("{} {} {verb}", names.len(), plural(&part)),
            }
        })
        .collect();
    if parts.is_empty() { what } else { format!("{what}: {}", parts.join(", ")) }
}

fn plural(part: &str) -> String {
    match part {
        "media" => "media files".to_owned(),
        part => part
            .strip_suffix('y')
            .filter(|stem| !stem.ends_with('e'))
            .map_or_else(|| format!("{part}s"), |stem| format!("{stem}ies")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use model::{Component, ComponentType, comparison::Difference};

    fn difference(change: ChangeKind, part: &str, name: &str, property: &str) -> Difference {
        Difference {
            change,
            part: part.to_owned(),
            name: name.to_owned(),
            property: property.to_owned(),
            before: None,
            after: None,
            rows: Vec::new(),
            omitted_rows: 0,
            loses_data: false,
        }
    }

    fn compared(change: ChangeKind, name: &str, differences: Vec<Difference>) -> ComparedComponent {
        let component = Component::new(ComponentType::ENTITY, name);
        ComparedComponent { change, component, loses_data: change == ChangeKind::Removed, differences, omitted: 0 }
    }

    #[test]
    fn notes_say_what_changes_in_words() {
        let differences = vec![
            difference(ChangeKind::Added, "Column", "price", ""),
            difference(ChangeKind::Changed, "Form", "Main", "a"),
            difference(ChangeKind::Added, "Form", "Main", "b"),
            difference(ChangeKind::Removed, "Key", "one", ""),
            difference(ChangeKind::Removed, "Key", "two", ""),
            difference(ChangeKind::Changed, "", "", "Description"),
        ];
        let comparison = Comparison {
            components: vec![
                compared(ChangeKind::Added, "invoice", Vec::new()),
                compared(ChangeKind::Changed, "order", differences),
                compared(ChangeKind::Removed, "region", Vec::new()),
                compared(ChangeKind::Unchanged, "same", Vec::new()),
            ],
            ..Comparison::default()
        };
        assert_eq!(
            draft(&comparison),
            "Added:\n- Table “invoice”\n\
             Changed:\n- Table “order”: column “price” added, form “Main” changed, 2 keys removed\n\
             Removed:\n- Table “region”, with its data"
        );
        assert_eq!(draft(&Comparison::default()), "");
    }

    #[test]
    fn notes_of_a_large_deployment_stay_short() {
        let components = (0..40).map(|number| compared(ChangeKind::Added, &format!("t{number}"), Vec::new())).collect();
        let notes = draft(&Comparison { components, ..Comparison::default() });
        assert_eq!(notes.lines().count(), 14);
        assert!(notes.ends_with("- and 28 more"), "{notes}");
    }
}
