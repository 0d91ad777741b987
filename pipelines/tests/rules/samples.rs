//! No false alarm on what the platform exported itself.

use crate::shared::{check, folder, target};
use model::environment::EnvironmentProperties;
use slipway_pipelines::preflight;
use solution::{Limits, read_file};
use std::collections::BTreeMap;

#[test]
fn no_real_package_is_refused_by_a_target_that_has_everything_it_requires() {
    let Some(folder) = folder("samples/solutions") else { return };
    let mut told: BTreeMap<String, Vec<String>> = BTreeMap::new();
    let mut count = 0;
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.extension().is_none_or(|extension| extension != "zip") {
            continue;
        }
        count += 1;
        let name = path.file_name().unwrap().to_string_lossy().into_owned();
        let package = read_file(&path, &Limits::default()).unwrap();
        let mut everything = package.clone();
        everything.unique_name = "Everything".to_owned();
        everything.managed = true;
        everything.components = package.missing_dependencies.iter().map(|missing| missing.required.clone()).collect();
        everything.missing_dependencies.clear();
        everything.connection_references.clear();
        everything.environment_variables.clear();
        let mut place = target(&[everything]);
        place.properties = Some(EnvironmentProperties::default());
        for finding in check(&package, &place) {
            assert!(!finding.blocks(), "{name}: {finding:?}");
            assert!(!finding.message.is_empty() && finding.message.ends_with('.'), "{name}: {finding:?}");
            told.entry(finding.rule).or_default().push(name.clone());
        }
    }
    assert!(count > 100);
    // The rules that have a case among real packages fire on it.
    for rule in [
        "damaged-app",
        "unreadable-file",
        "old-format",
        "format-of-2011",
        "old-variable-values",
        "undefined-component",
        "language-not-installed",
        "mail-address-in-package",
        "flow-switched-off",
        "embedded-connection",
        "connection-reference-without-connection",
        "variable-without-value",
        "packaged-variable-value",
    ] {
        assert!(told.contains_key(rule), "{rule} fires on no sample: {:?}", told.keys());
        assert!(preflight::entries().any(|entry| entry.id == rule));
    }
    for (rule, packages) in &told {
        eprintln!("{rule}: {} packages, such as {}", packages.len(), packages[0]);
    }
}
