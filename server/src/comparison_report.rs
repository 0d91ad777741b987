//! A comparison written down: for a terminal, and as Markdown.

use model::{
    comparison::{ComparedComponent, Comparison, Difference, TextRow},
    stage_run::ChangeKind,
};
use std::fmt::Write;

/// For a terminal.
pub fn as_text(comparison: &Comparison) -> String {
    let mut text = heading(comparison);
    text.push('\n');
    if comparison.is_empty() {
        text.push_str("Nothing differs.\n");
    } else {
        let _ = writeln!(text, "{}", comparison.summary());
    }
    if !comparison.solution.is_empty() {
        text.push_str("\nThe solution\n");
        for difference in &comparison.solution {
            write_difference(&mut text, difference, 1);
        }
    }
    for (kind, title) in KINDS {
        let components: Vec<_> = of_kind(comparison, kind).collect();
        if components.is_empty() {
            continue;
        }
        let _ = writeln!(text, "\n{title}");
        for compared in components {
            let _ = writeln!(text, "  {} {}{}", sign(kind), title_of(compared), loss(compared.loses_data));
            for difference in &compared.differences {
                write_difference(&mut text, difference, 2);
            }
            if compared.omitted > 0 {
                let _ = writeln!(text, "    … and {} more", compared.omitted);
            }
        }
    }
    if !comparison.remarks.is_empty() {
        text.push_str("\nNot compared\n");
        for remark in &comparison.remarks {
            let side = if remark.of_after { "second" } else { "first" };
            let _ = writeln!(text, "  {} ({side} package): {}", remark.file, remark.message);
        }
    }
    text
}

/// As Markdown, with differences of texts as `diff` blocks.
pub fn as_markdown(comparison: &Comparison) -> String {
    let mut text = format!("# {}\n\n", escaped(&heading(comparison)));
    if comparison.is_empty() {
        text.push_str("Nothing differs.\n");
    } else {
        let _ = writeln!(text, "{}", escaped(&comparison.summary()));
    }
    if !comparison.solution.is_empty() {
        text.push_str("\n## The solution\n\n");
        comparison.solution.iter().for_each(|difference| write_item(&mut text, difference));
    }
    for (kind, title) in KINDS {
        let components: Vec<_> = of_kind(comparison, kind).collect();
        if components.is_empty() {
            continue;
        }
        let _ = writeln!(text, "\n## {title}");
        if kind == ChangeKind::Changed {
            for compared in components {
                let _ = writeln!(text, "\n### {}\n", escaped(&title_of(compared)));
                compared.differences.iter().for_each(|difference| write_item(&mut text, difference));
                if compared.omitted > 0 {
                    let _ = writeln!(text, "- … and {} more", compared.omitted);
                }
            }
            continue;
        }
        text.push('\n');
        for compared in components {
            let _ = writeln!(text, "- {}{}", escaped(&title_of(compared)), loss(compared.loses_data));
            for difference in &compared.differences {
                text.push_str("  ");
                write_item(&mut text, difference);
            }
        }
    }
    if !comparison.remarks.is_empty() {
        text.push_str("\n## Not compared\n\n");
        for remark in &comparison.remarks {
            let _ = writeln!(text, "- {}: {}", code(&remark.file), escaped(&remark.message));
        }
    }
    text
}

const KINDS: [(ChangeKind, &str); 3] =
    [(ChangeKind::Added, "Added"), (ChangeKind::Changed, "Changed"), (ChangeKind::Removed, "Removed")];

fn of_kind(comparison: &Comparison, kind: ChangeKind) -> impl Iterator<Item = &ComparedComponent> {
    comparison.components.iter().filter(move |compared| compared.change == kind)
}

fn heading(comparison: &Comparison) -> String {
    match (&comparison.before, &comparison.after) {
        (Some(before), Some(after)) if before == after => format!("{} {}", after.display_name, after.version),
        (Some(before), Some(after)) if before.unique_name.eq_ignore_ascii_case(&after.unique_name) => {
            format!("{} {} → {}", after.display_name, before.version, after.version)
        }
        (Some(before), Some(after)) => {
            format!("{} {} → {} {}", before.display_name, before.version, after.display_name, after.version)
        }
        (None, Some(one)) | (Some(one), None) => format!("{} {}", one.display_name, one.version),
        (None, None) => String::new(),
    }
}

fn title_of(compared: &ComparedComponent) -> String {
    let component = &compared.component;
    let label = component.label();
    let kind = component.kind.label();
    if label == component.name { format!("{kind} {label}") } else { format!("{kind} {label} ({})", component.name) }
}

fn loss(loses_data: bool) -> &'static str {
    if loses_data { " — its data will be deleted" } else { "" }
}

fn sign(change: ChangeKind) -> char {
    match change {
        ChangeKind::Added => '+',
        ChangeKind::Removed => '-',
        ChangeKind::Changed => '~',
        ChangeKind::Unchanged => ' ',
    }
}

/// What a difference is about: `Column new_price › MaxLength`.
fn subject(difference: &Difference) -> String {
    let part = format!("{} {}", difference.part, difference.name);
    match (part.trim(), difference.property.as_str()) {
        (part, "") => part.to_owned(),
        ("", property) => property.to_owned(),
        (part, property) => format!("{part} › {property}"),
    }
}

fn values(difference: &Difference) -> Option<String> {
    let shown = |value: &str| if value.is_empty() { "(empty)".to_owned() } else { value.to_owned() };
    match (&difference.before, &difference.after) {
        (Some(before), Some(after)) => Some(format!("{} → {}", shown(before), shown(after))),
        (Some(value), None) | (None, Some(value)) => Some(shown(value)),
        (None, None) => None,
    }
}

fn write_difference(text: &mut String, difference: &Difference, depth: usize) {
    let indent = "  ".repeat(depth);
    let value = values(difference).map(|value| format!(": {value}")).unwrap_or_default();
    let loss = loss(difference.loses_data);
    let _ = writeln!(text, "{indent}{} {}{value}{loss}", sign(difference.change), subject(difference));
    for row in &difference.rows {
        for (sign, line) in lines(row) {
            let _ = writeln!(text, "{indent}{sign} {} {}", line.number, line.text);
        }
    }
    if difference.omitted_rows > 0 {
        let _ = writeln!(text, "{indent}… and {} more lines", difference.omitted_rows);
    }
}

fn write_item(text: &mut String, difference: &Difference) {
    let subject = match subject(difference) {
        subject if subject.is_empty() => String::new(),
        subject => format!(" {}", escaped(&subject)),
    };
    let word = match difference.change {
        ChangeKind::Added => "Added",
        ChangeKind::Removed => "Removed",
        ChangeKind::Changed => "Changed",
        ChangeKind::Unchanged => "",
    };
    let shown = |value: &str| if value.is_empty() { "(empty)".to_owned() } else { code(value) };
    let value = match (&difference.before, &difference.after) {
        (Some(before), Some(after)) => format!(": {} → {}", shown(before), shown(after)),
        (Some(value), None) | (None, Some(value)) => format!(": {}", shown(value)),
        (None, None) => String::new(),
    };
    let _ = writeln!(text, "- {word}{subject}{value}{}", loss(difference.loses_data));
    if difference.rows.is_empty() {
        return;
    }
    let written: Vec<String> = difference
        .rows
        .iter()
        .flat_map(|row| lines(row).into_iter().map(|(sign, line)| format!("{sign}{}", line.text)))
        .collect();
    let fence = fence(written.iter().map(String::as_str));
    let _ = writeln!(text, "\n{fence}diff\n{}\n{fence}\n", written.join("\n"));
}

/// The lines of a row as a unified difference has them.
fn lines(row: &TextRow) -> Vec<(char, &model::comparison::TextLine)> {
    match (&row.before, &row.after) {
        (Some(before), Some(after)) if before.text == after.text => vec![(' ', after)],
        (before, after) => {
            let before = before.iter().map(|line| ('-', line));
            before.chain(after.iter().map(|line| ('+', line))).collect()
        }
    }
}

/// A fence longer than any that stands in the text.
fn fence<'a>(lines: impl Iterator<Item = &'a str>) -> String {
    let longest = lines
        .map(|line| line.trim_start_matches(['+', '-', ' ']).chars().take_while(|character| *character == '`').count())
        .max()
        .unwrap_or_default();
    "`".repeat(longest.max(2) + 1)
}

/// A value as code, whatever backticks are in it.
fn code(value: &str) -> String {
    let value = value.replace(['\r', '\n'], " ");
    let longest = value.split(|character| character != '`').map(str::len).max().unwrap_or_default();
    let ticks = "`".repeat(longest + 1);
    if value.starts_with('`') || value.ends_with('`') {
        format!("{ticks} {value} {ticks}")
    } else {
        format!("{ticks}{value}{ticks}")
    }
}

/// A text in which Markdown reads nothing but the text.
fn escaped(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for character in text.chars() {
        match character {
            '\\' | '`' | '*' | '_' | '[' | ']' | '<' | '>' | '#' | '|' | '&' => {
                escaped.push('\\');
                escaped.push(character);
            }
            '\n' | '\r' => escaped.push(' '),
            other => escaped.push(other),
        }
    }
    escaped
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_in_a_package_becomes_markdown() {
        assert_eq!(escaped("<b>*a*_b_"), "\\<b\\>\\*a\\*\\_b\\_");
        assert_eq!(code("a`b"), "``a`b``");
        assert_eq!(code("`"), "`` ` ``");
        assert_eq!(fence(["+```js", " x"].into_iter()), "````");
    }
}
