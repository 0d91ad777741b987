//! What a rule is, and what is said of it in the documentation and to administrators.

use super::Subject;
use model::{ErrorCode, Finding, Severity};

/// What a rule looks at.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Group {
    /// Who deploys.
    Rights,
    /// The package itself.
    Package,
    /// What it needs from elsewhere.
    Dependencies,
    /// What the target is like and has.
    Target,
    /// Connection references and connections.
    Connections,
    /// Environment variables and their values.
    Variables,
    /// Secrets and hygiene.
    Hygiene,
}

impl Group {
    /// The heading.
    pub fn label(self) -> &'static str {
        match self {
            Self::Rights => "Rights",
            Self::Package => "Package",
            Self::Dependencies => "Dependencies",
            Self::Target => "Target",
            Self::Connections => "Connections",
            Self::Variables => "Variables",
            Self::Hygiene => "Secrets and hygiene",
        }
    }
}

/// One kind of finding.
#[derive(Clone, Copy, Debug)]
pub struct Entry {
    /// Its name in findings and policies: `missing-dependency`.
    pub id: &'static str,
    /// What it looks at.
    pub group: Group,
    /// How much it matters where no policy says otherwise.
    pub severity: Severity,
    /// The platform's codes it comes with.
    pub codes: &'static [ErrorCode],
    /// When it is found, in a sentence.
    pub summary: &'static str,
}

/// A rule: a pure function, and the kinds of findings it makes.
#[derive(Clone, Copy, Debug)]
pub(super) struct Rule {
    /// What it finds.
    pub(super) findings: fn(&Subject<'_>) -> Vec<Finding>,
    /// The kinds of its findings.
    pub(super) entries: &'static [Entry],
}
