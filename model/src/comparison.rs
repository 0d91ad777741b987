//! What differs between two solution packages, or between a package and what an environment has.

use crate::{Component, ComponentType, SolutionVersion, stage_run::ChangeKind};
use serde::{Deserialize, Serialize};

/// Two packages compared. Both directions mirror each other: swapped, what was added is removed.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Comparison {
    /// The package that was there; none where there is nothing to compare with.
    pub before: Option<ComparedSolution>,
    /// The package that comes.
    pub after: Option<ComparedSolution>,
    /// What differs in the solution itself: its version, its publisher, what it needs from the target.
    pub solution: Vec<Difference>,
    /// Every component of either package, by type and name.
    pub components: Vec<ComparedComponent>,
    /// What could not be compared.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub remarks: Vec<Remark>,
}

/// One of two packages that are compared.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct ComparedSolution {
    /// Unique name.
    pub unique_name: String,
    /// Name for people.
    pub display_name: String,
    /// Version.
    pub version: SolutionVersion,
    /// Whether it is managed.
    pub managed: bool,
}

/// A component of either package.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct ComparedComponent {
    /// What becomes of it.
    pub change: ChangeKind,
    /// The component.
    pub component: Component,
    /// Whether its data goes with it: a table that leaves.
    pub loses_data: bool,
    /// What differs in it, when it is in both packages.
    pub differences: Vec<Difference>,
    /// How many differences more there are than those listed.
    #[serde(default)]
    pub omitted: u32,
}

/// One difference within a component.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Difference {
    /// Added, changed or removed.
    pub change: ChangeKind,
    /// The kind of part it is in, such as `Column`, `Step` or `Control`; empty for the component itself.
    pub part: String,
    /// The name of that part; empty for the component itself.
    pub name: String,
    /// What of it differs, as a path of names; empty where the whole part was added or removed.
    pub property: String,
    /// What it was, shortened.
    pub before: Option<String>,
    /// What it is, shortened.
    pub after: Option<String>,
    /// Longer texts side by side, with some equal lines around each difference.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub rows: Vec<TextRow>,
    /// How many rows more there are.
    #[serde(default)]
    pub omitted_rows: u32,
    /// Whether data goes with it: a column that leaves.
    #[serde(default)]
    pub loses_data: bool,
}

/// One row of two texts side by side. Equal lines are in both, with one text.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct TextRow {
    /// The line as it was.
    pub before: Option<TextLine>,
    /// The line as it is.
    pub after: Option<TextLine>,
}

/// A line of a text.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct TextLine {
    /// Its number, from 1.
    pub number: u32,
    /// The line, shortened.
    pub text: String,
}

/// Something that could not be compared.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Remark {
    /// Whether it is in the package that comes, rather than in the one that was there.
    pub of_after: bool,
    /// The file it is about.
    pub file: String,
    /// What is the matter, in a sentence.
    pub message: String,
}

/// How many components change how.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct ChangeCounts {
    /// Components added.
    pub added: usize,
    /// Components changed.
    pub changed: usize,
    /// Components removed.
    pub removed: usize,
    /// Components that stay as they are.
    pub unchanged: usize,
    /// Tables removed with their data.
    pub lost_tables: usize,
    /// Columns removed with their data, in tables that stay.
    pub lost_columns: usize,
}

impl Comparison {
    /// Whether nothing differs, neither in the solution nor in a component.
    pub fn is_empty(&self) -> bool {
        self.solution.is_empty() && self.components.iter().all(|component| component.change == ChangeKind::Unchanged)
    }

    /// How many components change how.
    pub fn counts(&self) -> ChangeCounts {
        let mut counts = ChangeCounts::default();
        for component in &self.components {
            match component.change {
                ChangeKind::Added => counts.added += 1,
                ChangeKind::Changed => counts.changed += 1,
                ChangeKind::Removed => counts.removed += 1,
                ChangeKind::Unchanged => counts.unchanged += 1,
            }
            counts.lost_tables +=
                usize::from(component.loses_data && component.component.kind == ComponentType::ENTITY);
            counts.lost_columns += component.differences.iter().filter(|difference| difference.loses_data).count();
        }
        counts
    }

    /// The comparison in one line, such as “12 added, 3 changed, 1 table removed — its data will be deleted”.
    pub fn summary(&self) -> String {
        self.counts().to_string()
    }
}

impl ChangeCounts {
    /// Whether rows of data go with what is removed.
    pub fn loses_data(&self) -> bool {
        self.lost_tables + self.lost_columns > 0
    }
}

impl std::fmt::Display for ChangeCounts {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let mut parts = Vec::new();
        let other_removed = self.removed.saturating_sub(self.lost_tables);
        for (count, word) in [(self.added, "added"), (self.changed, "changed"), (other_removed, "removed")] {
            if count > 0 {
                parts.push(format!("{count} {word}"));
            }
        }
        for (count, one, many) in [(self.lost_tables, "table", "tables"), (self.lost_columns, "column", "columns")] {
            match count {
                0 => {}
                1 => parts.push(format!("1 {one} removed")),
                count => parts.push(format!("{count} {many} removed")),
            }
        }
        if parts.is_empty() {
            return formatter.write_str("Nothing changes");
        }
        formatter.write_str(&parts.join(", "))?;
        match self.lost_tables + self.lost_columns {
            0 => Ok(()),
            1 => formatter.write_str(" — its data will be deleted"),
            _ => formatter.write_str(" — their data will be deleted"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_summary_says_what_loses_data() {
        let counts = |added, changed, removed, lost_tables, lost_columns| {
            ChangeCounts { added, changed, removed, unchanged: 7, lost_tables, lost_columns }.to_string()
        };
        assert_eq!(counts(0, 0, 0, 0, 0), "Nothing changes");
        assert_eq!(counts(12, 3, 1, 1, 0), "12 added, 3 changed, 1 table removed — its data will be deleted");
        assert_eq!(
            counts(0, 1, 3, 1, 2),
            "1 changed, 2 removed, 1 table removed, 2 columns removed — their data will be deleted"
        );
    }
}
