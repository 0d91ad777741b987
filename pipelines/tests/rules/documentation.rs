//! `docs/rules.md` is made from the table of rules, and stays true. `UPDATE_DOCUMENTS=1` writes it anew.

use model::ErrorCode;
use slipway_pipelines::preflight::{self, Entry};
use std::{collections::BTreeSet, fmt::Write as _, path::Path};

fn document() -> String {
    let mut text = "# What pre-flight looks for\n\n\
        Made from the table of rules in `pipelines/src/preflight`; `UPDATE_DOCUMENTS=1 cargo nextest run -p slipway-pipelines documentation` writes it anew.\n\n\
        An error keeps a deployment from starting.\n"
        .to_owned();
    let groups: BTreeSet<_> = preflight::entries().map(|entry| entry.group).collect();
    for group in groups {
        let _ = write!(text, "\n## {}\n\n| finding | severity | code | when |\n|---|---|---|---|\n", group.label());
        for entry in preflight::entries().filter(|entry| entry.group == group) {
            let _ = writeln!(
                text,
                "| `{}` | {} | {} | {} |",
                entry.id,
                entry.severity.label(),
                codes(entry),
                entry.summary
            );
        }
    }
    text
}

fn codes(entry: &Entry) -> String {
    let code = |code: &ErrorCode| format!("`{code}` {}", code.symbol().unwrap_or_default());
    entry.codes.iter().map(code).collect::<Vec<_>>().join("<br>")
}

#[test]
fn the_document_of_the_rules_is_true() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../docs/rules.md");
    if std::env::var_os("UPDATE_DOCUMENTS").is_some() {
        std::fs::write(&path, document()).unwrap();
    }
    assert_eq!(std::fs::read_to_string(&path).unwrap_or_default(), document());
}

#[test]
fn every_kind_of_finding_has_a_name_of_its_own() {
    let mut seen = BTreeSet::new();
    for entry in preflight::entries() {
        assert!(seen.insert(entry.id), "{} stands twice", entry.id);
        assert!(entry.id.bytes().all(|byte| byte.is_ascii_lowercase() || byte == b'-' || byte.is_ascii_digit()));
        assert!(entry.summary.ends_with('.') && entry.codes.iter().all(|code| code.symbol().is_some()), "{entry:?}");
    }
}
