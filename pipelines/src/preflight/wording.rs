//! How findings speak of components.

use model::Component;

/// How many names a sentence lists before it only counts.
const MOST: usize = 5;

/// A component with its type and both of its names: `table “Test” (ud_test)`.
pub(super) fn described(component: &Component) -> String {
    let kind = component.kind.label();
    let kind = if kind.starts_with("SLA") || kind.starts_with("SDK") || kind.starts_with("AI ") {
        kind
    } else {
        lower_first(&kind)
    };
    let label = component.label();
    let mut text = format!("{kind} “{label}”");
    if label != component.name {
        text = format!("{text} ({})", component.name);
    }
    text
}

/// A few of many, the rest counted: `a, b and 3 more`.
pub(super) fn listed(mut names: Vec<String>) -> String {
    names.dedup();
    let more = names.len().saturating_sub(MOST);
    if more > 0 {
        names.truncate(MOST);
        return format!("{} and {more} more", names.join(", "));
    }
    match names.pop() {
        Some(last) if names.is_empty() => last,
        Some(last) => format!("{} and {last}", names.join(", ")),
        None => String::new(),
    }
}

fn lower_first(text: &str) -> String {
    let mut characters = text.chars();
    characters.next().map(|first| first.to_lowercase().chain(characters).collect()).unwrap_or_default()
}
