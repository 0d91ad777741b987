//! A deployment-settings file.

use super::assert_sentence;
use crate::corpus;
use environment::staging::installed;
use model::{Timestamp, settings::DeploymentSettings, solution::SolutionContents};
use pipelines::deployment_settings::file::{SettingsFile, write};
use solution::Limits;
use std::{io::Cursor, sync::LazyLock};

static SOLUTION: LazyLock<SolutionContents> = LazyLock::new(|| {
    let facts = solution::read(Cursor::new(corpus::package()), &Limits::default()).expect("the kept package is sound");
    installed(&facts, Timestamp(0))
});

pub(super) fn run(bytes: &[u8]) {
    let file = match SettingsFile::read(bytes) {
        Ok(file) => file,
        Err(problem) => return assert_sentence(&problem),
    };
    let taken = match file.settle(&SOLUTION, |_, _| None) {
        Ok(taken) => taken,
        Err(problems) => return problems.iter().for_each(|problem| assert_sentence(problem)),
    };
    let written = write(&SOLUTION, &taken.settings);
    let again = SettingsFile::read(written.as_bytes()).expect("what is written is read again");
    let again = again.settle(&SOLUTION, |_, _| None).expect("what is written fits");
    assert!(again.unknown.is_empty(), "{again:?}");
    assert_eq!(sorted(again.settings), sorted(taken.settings), "settings come back as they were");
}

/// What is written stands in the order of the solution.
fn sorted(mut settings: DeploymentSettings) -> DeploymentSettings {
    settings.environment_variables.sort_by(|one, other| one.schema_name.cmp(&other.schema_name));
    settings.connection_references.sort_by(|one, other| one.logical_name.cmp(&other.logical_name));
    settings
}
