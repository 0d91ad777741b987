//! What differs between two nodes.

use super::{
    node::{Kind, Node, keys},
    text::{self, LONGEST},
};
use model::{comparison::Difference, stage_run::ChangeKind};
use std::{collections::HashMap, fmt::Write};

/// Differences shown of one component. The rest is counted.
const SHOWN: usize = 500;
/// Differences kept of one component until they are sorted. With more, none is shown.
const KEPT: usize = 20_000;
/// Steps of a path below which texts are not looked into.
const DEEPEST: usize = 200;
/// Rows of texts kept of one component. With more, no difference is shown.
const KEPT_ROWS: usize = 100_000;

/// The differences of one component, gathered.
#[derive(Debug, Default)]
pub(super) struct Differences {
    list: Vec<Difference>,
    count: usize,
    rows: usize,
    /// Whether the two packages are a managed and an unmanaged one. The platform leaves labels that a form takes from
    /// the column out of managed packages, and of what belongs to another solution it writes only what is changed.
    is_of_two_kinds: bool,
    /// Parts that cannot be compared, by their names.
    deltas: Vec<String>,
}

/// The part of a component that is looked at.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Part<'a> {
    /// Its kind, such as `Column`.
    pub(super) kind: &'static str,
    /// Its name.
    pub(super) name: &'a str,
}

impl Differences {
    /// None yet. Some of what differs between a managed and an unmanaged package is no difference.
    pub(super) fn new(is_of_two_kinds: bool) -> Self {
        Self { is_of_two_kinds, ..Self::default() }
    }

    /// Names of parts that cannot be compared, as the managed package has only what it changes in them.
    pub(super) fn take_deltas(&mut self) -> Vec<String> {
        std::mem::take(&mut self.deltas)
    }

    /// The differences in the order in which they are shown, and how many more there are.
    pub(super) fn finish(mut self) -> (Vec<Difference>, u32) {
        if self.count > self.list.len() || self.rows > KEPT_ROWS {
            self.list.retain(|difference| difference.loses_data);
        }
        // Nothing in this order tells one direction from the other.
        self.list.sort_by_cached_key(|difference| {
            let (one, other) = (difference.before.clone(), difference.after.clone());
            let values = if one <= other { (one, other) } else { (other, one) };
            (rank(&difference.part), natural(&difference.name), natural(&difference.property), values)
        });
        let mut at = 0;
        self.list.retain(|difference| {
            at += 1;
            at <= SHOWN || difference.loses_data
        });
        let omitted = self.count - self.list.len();
        (self.list, u32::try_from(omitted).unwrap_or(u32::MAX))
    }

    /// Whether nothing differs.
    pub(super) fn is_empty(&self) -> bool {
        self.list.is_empty()
    }

    fn push(&mut self, difference: Difference) {
        self.count += 1;
        self.rows += difference.rows.len();
        if (self.list.len() < KEPT && self.rows <= KEPT_ROWS) || difference.loses_data {
            self.list.push(difference);
        }
    }

    /// A part that is only in one of the packages.
    pub(super) fn part(&mut self, part: Part<'_>, change: ChangeKind, loses_data: bool) {
        self.push(Difference { loses_data, ..empty(part, change, String::new()) });
    }

    /// Something of which only the size can be told, and both have one size.
    pub(super) fn alike_in_size(&mut self, part: Part<'_>, property: &str, size: &str) {
        let difference = empty(part, ChangeKind::Changed, property.to_owned());
        self.push(Difference { before: Some(size.to_owned()), after: Some(size.to_owned()), ..difference });
    }

    /// A value; nothing where both are the same.
    pub(super) fn value(&mut self, part: Part<'_>, property: &str, before: Option<&str>, after: Option<&str>) {
        let change = match (before, after) {
            (None, None) => return,
            (None, Some(_)) => ChangeKind::Added,
            (Some(_), None) => ChangeKind::Removed,
            (Some(one), Some(other)) if one == other => return,
            (Some(_), Some(_)) => ChangeKind::Changed,
        };
        let mut difference = empty(part, change, property.to_owned());
        let is_text = |text: Option<&str>| text.is_some_and(|text| text.contains('\n'));
        if is_text(before) || is_text(after) {
            (difference.rows, difference.omitted_rows) =
                text::rows(before.unwrap_or_default(), after.unwrap_or_default());
            if difference.rows.is_empty() && difference.omitted_rows == 0 {
                // Only line ends differ.
                return;
            }
        } else {
            let (one, other) = text::window(before.unwrap_or_default(), after.unwrap_or_default());
            difference.before = before.map(|_| one);
            difference.after = after.map(|_| other);
        }
        self.push(difference);
    }

    /// Two texts side by side; only one where the other is missing.
    pub(super) fn text(&mut self, part: Part<'_>, property: &str, before: &str, after: &str) {
        let (rows, omitted_rows) = text::rows(before, after);
        if !rows.is_empty() || omitted_rows > 0 {
            self.push(Difference { rows, omitted_rows, ..empty(part, ChangeKind::Changed, property.to_owned()) });
        }
    }

    /// Two nodes, piece by piece.
    pub(super) fn nodes(&mut self, part: Part<'_>, before: &Node, after: &Node) {
        if self.is_of_two_kinds && before != after && is_delta(before) != is_delta(after) {
            self.deltas.push(part.name.to_owned());
            return;
        }
        self.walk(part, &mut Vec::new(), before, after);
    }

    fn walk(&mut self, part: Part<'_>, path: &mut Vec<String>, before: &Node, after: &Node) {
        if before == after {
            return;
        }
        let is_scalar = |kind| matches!(kind, Kind::Text | Kind::Literal);
        if before.kind != after.kind && !(is_scalar(before.kind) && is_scalar(after.kind)) {
            let (one, other) = (before.brief(LONGEST), after.brief(LONGEST));
            self.value(part, &written(path), Some(&one), Some(&other));
            return;
        }
        self.attributes(part, path, before, after);
        // JSON in a text in JSON, and so on: a small text can be nested deeper than the stack is.
        let json = |text: &str| if path.len() < DEEPEST { json(text) } else { None };
        match (json(&before.text), json(&after.text)) {
            (Some(one), Some(other)) => self.walk(part, path, &one, &other),
            _ if before.kind != after.kind && before.text == after.text => {
                // The text 1 and the number 1 are two things.
                let shown = |node: &Node| {
                    if node.kind == Kind::Text { format!("\"{}\"", node.text) } else { node.text.clone() }
                };
                self.value(part, &written(path), Some(&shown(before)), Some(&shown(after)));
            }
            _ => {
                let given = |text: &str, other: &str| !text.is_empty() || other.is_empty();
                let one = Some(before.text.as_str()).filter(|text| given(text, &after.text));
                let other = Some(after.text.as_str()).filter(|text| given(text, &before.text));
                self.value(part, &written(path), one, other);
            }
        }
        if before.children.is_empty() && after.children.is_empty() {
            return;
        }
        let is_set = before.is_set() && after.is_set();
        if !is_set && before.is_record() && after.is_record() {
            self.record(part, path, before, after);
        } else if let (Some(one), Some(other)) = (keys(&before.children), keys(&after.children)) {
            self.keyed(part, path, (before, &one), (after, &other), is_set);
        } else {
            self.list_items(part, path, before, after, is_set);
        }
    }

    fn attributes(&mut self, part: Part<'_>, path: &mut Vec<String>, before: &Node, after: &Node) {
        if before.attributes == after.attributes {
            return;
        }
        let mut names: Vec<&str> =
            before.attributes.iter().chain(&after.attributes).map(|(name, _)| name.as_str()).collect();
        names.sort_unstable();
        names.dedup();
        for name in names {
            let (one, other) = (before.attribute(name), after.attribute(name));
            if one == other || self.is_inherited(before, name, one, other) {
                continue;
            }
            // The text of a label is what the label is.
            let is_the_value = matches!(name, "description" | "Description")
                && before.attributes.iter().any(|(name, _)| name.eq_ignore_ascii_case("languagecode"));
            if !is_the_value {
                path.push(step(name.to_owned()));
            }
            self.value(part, &written(path), one, other);
            if !is_the_value {
                path.pop();
            }
        }
    }

    fn is_inherited(&self, node: &Node, name: &str, one: Option<&str>, other: Option<&str>) -> bool {
        let is_empty = |text: Option<&str>| text.is_none_or(str::is_empty);
        self.is_of_two_kinds && node.name == "label" && name == "description" && (is_empty(one) || is_empty(other))
    }

    /// Whether a child that stands on one side only says nothing: a label in a language that a managed form inherits,
    /// or what an export writes although the solution has not changed it.
    fn says_nothing(&self, parent: &Node, child: &Node) -> bool {
        self.is_of_two_kinds && ((parent.name == "labels" && child.name == "label") || is_unmodified(child))
    }

    fn record(&mut self, part: Part<'_>, path: &mut Vec<String>, before: &Node, after: &Node) {
        let others: HashMap<&str, &Node> = after.children.iter().map(|child| (child.name.as_str(), child)).collect();
        for child in &before.children {
            match others.get(child.name.as_str()) {
                Some(other) => self.inside(part, path, child.name.clone(), child, other),
                None => self.lone(part, path, before, child, child.name.clone(), ChangeKind::Removed),
            }
        }
        let ones: HashMap<&str, &Node> = before.children.iter().map(|child| (child.name.as_str(), child)).collect();
        for child in after.children.iter().filter(|child| !ones.contains_key(child.name.as_str())) {
            self.lone(part, path, after, child, child.name.clone(), ChangeKind::Added);
        }
    }

    fn keyed(
        &mut self,
        part: Part<'_>,
        path: &mut Vec<String>,
        (before, ones): (&Node, &HashMap<String, usize>),
        (after, others): (&Node, &HashMap<String, usize>),
        is_set: bool,
    ) {
        let mut moved = false;
        let mut last = 0;
        for child in &before.children {
            let Some(key) = child.key() else { continue };
            match others.get(&key).and_then(|at| Some((*at, after.children.get(*at)?))) {
                Some((at, other)) => {
                    moved |= at < last;
                    last = last.max(at);
                    self.inside(part, path, known_as(child, &key), child, other);
                }
                None => self.lone(part, path, before, child, known_as(child, &key), ChangeKind::Removed),
            }
        }
        for child in &after.children {
            if let Some(key) = child.key().filter(|key| !ones.contains_key(key)) {
                self.lone(part, path, after, child, known_as(child, &key), ChangeKind::Added);
            }
        }
        if moved && !is_set {
            let order = |node: &Node| {
                let names: Vec<String> =
                    node.children.iter().filter_map(|child| Some(known_as(child, &child.key()?))).collect();
                names.join(", ")
            };
            path.push("order".to_owned());
            self.value(part, &written(path), Some(&order(before)), Some(&order(after)));
            path.pop();
        }
    }

    fn list_items(&mut self, part: Part<'_>, path: &mut Vec<String>, before: &Node, after: &Node, is_set: bool) {
        let digests = |node: &Node| {
            let mut digests: Vec<(u128, usize)> =
                node.children.iter().enumerate().map(|(at, child)| (child.digest(), at)).collect();
            if is_set {
                digests.sort_unstable();
            }
            digests
        };
        let (ones, others) = (digests(before), digests(after));
        let only = |list: &[(u128, usize)]| -> Vec<u128> { list.iter().map(|(digest, _)| *digest).collect() };
        for (removed, added) in text::hunks(&only(&ones), &only(&others)) {
            let child = |node: &'_ Node, list: &[(u128, usize)], at: usize| {
                list.get(at).and_then(|(_, at)| Some((*at, node.children.get(*at)?.clone())))
            };
            for offset in 0..removed.len().max(added.len()) {
                let one = Some(removed.start + offset).filter(|at| *at < removed.end);
                let other = Some(added.start + offset).filter(|at| *at < added.end);
                let one = one.and_then(|at| child(before, &ones, at));
                let other = other.and_then(|at| child(after, &others, at));
                match (one, other) {
                    (Some((at, one)), Some((other_at, other))) if one.name == other.name => {
                        // The lower of two numbers is the same in both directions.
                        self.inside(part, path, numbered(&one, at.min(other_at)), &one, &other);
                    }
                    (one, other) => {
                        if let Some((at, one)) = one {
                            self.lone(part, path, before, &one, numbered(&one, at), ChangeKind::Removed);
                        }
                        if let Some((at, other)) = other {
                            self.lone(part, path, after, &other, numbered(&other, at), ChangeKind::Added);
                        }
                    }
                }
            }
        }
    }

    fn inside(&mut self, part: Part<'_>, path: &mut Vec<String>, name: String, before: &Node, after: &Node) {
        path.push(step(name));
        self.walk(part, path, before, after);
        path.pop();
    }

    /// A node that stands on one side only.
    fn lone(
        &mut self,
        part: Part<'_>,
        path: &mut Vec<String>,
        parent: &Node,
        node: &Node,
        name: String,
        change: ChangeKind,
    ) {
        if self.says_nothing(parent, node) {
            return;
        }
        path.push(step(name));
        let mut brief = node.brief(LONGEST);
        text::shorten(&mut brief);
        let mut difference = empty(part, change, written(path));
        if change == ChangeKind::Added {
            difference.after = Some(brief);
        } else {
            difference.before = Some(brief);
        }
        self.push(difference);
        path.pop();
    }
}

/// One step of a path. The path stands with every difference below.
fn step(mut name: String) -> String {
    text::shorten(&mut name);
    name
}

fn empty(part: Part<'_>, change: ChangeKind, property: String) -> Difference {
    Difference {
        change,
        part: part.kind.to_owned(),
        name: step(part.name.to_owned()),
        property: step(property),
        before: None,
        after: None,
        rows: Vec::new(),
        omitted_rows: 0,
        loses_data: false,
    }
}

/// Whether it only says what a managed solution changes in something of another solution.
fn is_delta(node: &Node) -> bool {
    node.attribute("solutionaction").is_some() || node.children.iter().any(is_delta)
}

fn is_unmodified(node: &Node) -> bool {
    node.attribute("unmodified") == Some("1") || (!node.children.is_empty() && node.children.iter().all(is_unmodified))
}

/// JSON inside a text, so that it is compared by its meaning.
fn json(text: &str) -> Option<Node> {
    let value = text.starts_with(['{', '[']).then(|| serde_json::from_str(text).ok()).flatten()?;
    Some(Node::of_json("", &value))
}

/// How a keyed child is called in a path.
fn known_as(child: &Node, key: &str) -> String {
    match child.title() {
        Some(title) => format!("{} “{title}”", child.name),
        None if child.name.is_empty() => key.trim_matches(['[', ']']).to_owned(),
        None => key.to_owned(),
    }
}

fn numbered(child: &Node, at: usize) -> String {
    format!("{}[{}]", child.name, at + 1)
}

/// Names that only hold what they are called after.
const WRAPPERS: [&str; 3] = ["", "properties", "LocalizedNames"];

fn written(path: &[String]) -> String {
    let parts: Vec<&str> = path.iter().map(String::as_str).filter(|part| !WRAPPERS.contains(part)).collect();
    parts.join(" › ")
}

/// In which order kinds of parts are shown.
fn rank(part: &str) -> usize {
    const ORDER: [&str; 20] = [
        "",
        "Column",
        "Key",
        "Relationship",
        "Form",
        "View",
        "Chart",
        "Trigger",
        "Step",
        "Connection",
        "Parameter",
        "Screen",
        "Component",
        "Control",
        "Data source",
        "Media",
        "Setting",
        "Privilege",
        "Dependency",
        "File",
    ];
    ORDER.iter().position(|known| *known == part).unwrap_or(ORDER.len())
}

/// A name as people sort it: without regard to case, and numbers by their size.
pub(super) fn natural(name: &str) -> (String, String) {
    let mut sorted = String::with_capacity(name.len() + 8);
    let mut digits = String::new();
    let flush = |digits: &mut String, sorted: &mut String| {
        if !digits.is_empty() {
            let number = digits.trim_start_matches('0');
            let _ = write!(sorted, "{number:0>12}");
            digits.clear();
        }
    };
    for character in name.chars() {
        if character.is_ascii_digit() {
            digits.push(character);
            continue;
        }
        flush(&mut digits, &mut sorted);
        sorted.extend(character.to_lowercase());
    }
    flush(&mut digits, &mut sorted);
    (sorted, name.to_owned())
}
