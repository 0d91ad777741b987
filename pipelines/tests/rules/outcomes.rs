//! What the platform did with real packages, row by row of the table that tells it.

use crate::shared::{check, folder, target};
use model::{ErrorCode, Finding};
use solution::{Limits, read_file};
use std::path::{Path, PathBuf};

/// One row: the package, what the target had, and whether the platform took it.
struct Case {
    package: PathBuf,
    installed: Vec<PathBuf>,
    fails: bool,
}

/// The rows whose packages are here. In a row with two packages the second one goes over the first, as its text says.
fn cases(table: &str, samples: &Path) -> Vec<Case> {
    let mut cases = Vec::new();
    for line in table.lines().skip(1) {
        let columns: Vec<&str> = line.split('\t').collect();
        let [_, under_test, state, outcome, files, ..] = columns.as_slice() else { panic!("{line}") };
        let first = files.split(',').next().unwrap().split(" + ").next().unwrap().trim();
        let package = samples.join(first);
        if !first.ends_with(".zip") || !package.exists() {
            continue;
        }
        // `Name 1.0.0.6 then 1.0.1.0`, and `Name 1.0.0.0 managed installed` in the target.
        if let Some((_, later)) = under_test.split_once(" then ") {
            let (_, ending) = files.split_once(", ").unwrap();
            let stem = first.strip_suffix("_managed.zip").unwrap();
            let second = samples.join(format!("{}{ending}", &stem[..stem.rfind("_1_").unwrap()]));
            assert!(later.starts_with("1.0.1.0") && second.exists(), "{line}");
            cases.push(Case { package: second, installed: vec![package.clone()], fails: false });
        }
        let before = state.strip_suffix(" managed installed").map(|name| name.replace([' ', '.'], "_"));
        let before = before.map(|name| samples.join(format!("WaelHamze_xrm-ci-framework__{name}_managed.zip")));
        cases.push(Case { package, installed: before.into_iter().collect(), fails: outcome.starts_with("FAIL") });
    }
    cases
}

#[test]
fn every_outcome_that_is_known_is_foretold() {
    let (Some(fixtures), Some(samples)) = (folder("fixtures"), folder("samples/solutions")) else { return };
    let table = std::fs::read_to_string(fixtures.join("import-outcomes.tsv")).unwrap();
    let cases = cases(&table, &samples);
    assert!(cases.len() >= 6, "{} cases", cases.len());
    for Case { package, installed, fails } in cases {
        let read = |path: &PathBuf| read_file(path, &Limits::default()).unwrap();
        let facts = read(&package);
        let findings = check(&facts, &target(&installed.iter().map(read).collect::<Vec<_>>()));
        let errors: Vec<&Finding> = findings.iter().filter(|finding| finding.blocks()).collect();
        assert_eq!(!errors.is_empty(), fails, "{}: {errors:?}", package.display());
        // Every package that was refused was refused for its dependencies, and the message named all of them.
        let mut named: Vec<_> = errors
            .iter()
            .inspect(|finding| assert_eq!(finding.code, Some(ErrorCode::MISSING_DEPENDENCIES)))
            .flat_map(|finding| &finding.components)
            .map(|component| (component.parent.clone(), component.name.clone()))
            .collect();
        named.sort();
        let mut expected: Vec<_> = if fails {
            let required = facts.missing_dependencies.iter().map(|missing| &missing.required);
            required.map(|component| (component.parent.clone(), component.name.clone())).collect()
        } else {
            Vec::new()
        };
        expected.sort();
        assert_eq!(named, expected, "{}", package.display());
    }
}
