//! The program as a shell runs it.
#![allow(clippy::unwrap_used, clippy::panic, reason = "tests")]

use model::package::CheckReport;
use serde_json::Value;
use std::{
    path::{Path, PathBuf},
    process::{Command, Output},
};

fn check(package: &Path, installed: &[PathBuf]) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_slipway"));
    command.arg("check").arg("--json").arg(package);
    for other in installed {
        command.arg("--installed").arg(other);
    }
    command.output().unwrap()
}

#[test]
fn a_check_foretells_every_outcome_that_is_known() {
    for outcome in testbed::shared::outcomes().into_iter().flatten() {
        let output = check(&outcome.package, &outcome.installed);
        let report: CheckReport =
            serde_json::from_slice(&output.stdout).unwrap_or_else(|error| panic!("{outcome:?}: {error}: {output:?}"));
        outcome.assert_foretold(&report.package, &report.findings);
        assert_eq!(output.status.code(), Some(i32::from(outcome.fails)), "{outcome:?}");
    }
}

/// The last outcome that is known: the platform takes no text for a solution.
#[test]
fn a_text_is_refused_as_the_platform_refuses_it() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("InvalidSolutionFile.txt");
    std::fs::write(&path, "This is no solution.").unwrap();
    let output = check(&path, &[]);
    assert_eq!(output.status.code(), Some(2));
    let refusal: Value = serde_json::from_slice(&output.stdout).unwrap();
    let message = refusal.pointer("/error/message").and_then(Value::as_str).unwrap();
    assert!(message.starts_with("The solution file is invalid"), "{message}");
}
