//! What the platform did with real packages.

use crate::shared::{check, target};
use solution::{Limits, read_file};
use std::path::PathBuf;

#[test]
fn every_outcome_that_is_known_is_foretold() {
    for outcome in testbed::shared::outcomes().into_iter().flatten() {
        let read = |path: &PathBuf| read_file(path, &Limits::default()).unwrap();
        let facts = read(&outcome.package);
        let installed: Vec<_> = outcome.installed.iter().map(read).collect();
        outcome.assert_foretold(&facts, &check(&facts, &target(&installed)));
    }
}
