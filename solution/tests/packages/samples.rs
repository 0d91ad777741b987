//! Every real package.

use crate::shared::{folder, table, zips};
use model::{ComponentType, ErrorCode, package::PackageFacts};
use slipway_solution::{Limits, manifest, read_file};
use std::{collections::HashMap, fs::File};

/// Its manifest is whole, but one of its files is not: what the platform's index leaves open is left open.
const DAMAGED: [&str; 2] = [
    "microsoft_terraform-provider-power-platform__TerraformSolutionExample_1_0_0_1_managed.zip",
    "rnwood_Rnwood.Dataverse.Data.PowerShell__test_solution_with_rel.zip",
];

fn check(row: &HashMap<String, String>, column: &str, found: &impl ToString) {
    let expected = &row[column];
    if !expected.is_empty() {
        assert_eq!(&found.to_string(), expected, "{column} of {}", row["file"]);
    }
}

#[test]
fn every_sample_is_read_with_what_its_index_says() {
    let Some(folder) = folder("samples/solutions") else { return };
    for row in table(folder.join("INDEX.tsv")) {
        let facts = read_file(folder.join(&row["file"]), &Limits::default())
            .unwrap_or_else(|error| panic!("{}: {error}", row["file"]));
        check(&row, "UniqueName", &facts.unique_name);
        check(&row, "Version", &facts.version);
        check(&row, "Managed", &u8::from(facts.managed));
        check(&row, "RootComponents", &facts.root_components.len());
        check(&row, "MissingDependencies", &facts.missing_dependencies.len());
        check(&row, "ConnectionReferences", &facts.connection_references.len());
        check(&row, "CanvasApps", &facts.canvas_apps);
        check(&row, "Workflows", &facts.workflows);
        check(&row, "Entities", &facts.entities);
        check(&row, "SolutionPackageVersion", &facts.solution_package_version.as_deref().unwrap_or_default());
        check(&row, "Publisher", &facts.publisher);
        check(&row, "Prefix", &facts.publisher_details.prefix);
        // The index counts variables of the current layout only.
        if !row["file"].contains("EnvVarsSample") && !row["file"].contains("AuditLogs_1_3_5") {
            check(&row, "EnvVarDefinitions", &facts.environment_variables.len());
            check(&row, "EnvVarValues", &facts.environment_variable_values);
        }
        let damaged: Vec<_> = facts.unreadable_files.iter().map(|file| file.file.as_str()).collect();
        let expected: &[&str] = if DAMAGED.contains(&row["file"].as_str()) { &["customizations.xml"] } else { &[] };
        assert_eq!(damaged, expected, "{}: {:?}", row["file"], facts.unreadable_files);
    }
}

#[test]
fn variables_of_2020_are_read_with_their_values() {
    let Some(folder) = folder("samples/solutions") else { return };
    let facts = read_file(
        folder.join("microsoft_PowerPlatform-DataverseServiceClient__EnvVarsSample_1_0_0_2.zip"),
        &Limits::default(),
    )
    .unwrap();
    let names: Vec<_> = facts.environment_variables.iter().map(|variable| variable.schema_name.as_str()).collect();
    assert_eq!(names, ["name_1", "name_2"]);
    assert_eq!(facts.environment_variable_values, 1);
}

#[test]
fn what_real_packages_have_in_common_holds_for_their_facts() {
    for path in zips("samples/solutions") {
        let facts = read_file(&path, &Limits::default()).unwrap();
        if !facts.unreadable_files.is_empty() {
            continue;
        }
        let name = path.display();
        for root in &facts.root_components {
            assert!(
                facts.components.iter().any(|one| one.kind == root.kind && one.name.eq_ignore_ascii_case(&root.name))
            );
        }
        assert_eq!(roots(&facts, &ComponentType::CANVAS_APP), facts.canvas_apps as usize, "{name}");
        assert!(roots(&facts, &ComponentType::WORKFLOW) <= facts.workflow_details.len(), "{name}");
        for workflow in &facts.workflow_details {
            for used in &workflow.connection_references {
                let declared =
                    facts.connection_references.iter().any(|one| one.logical_name.eq_ignore_ascii_case(used));
                let required =
                    facts.missing_dependencies.iter().any(|one| one.required.name.eq_ignore_ascii_case(used));
                assert!(declared || required, "{name}: {used}");
            }
        }
        let mut keys: Vec<_> = facts
            .components
            .iter()
            .map(|one| {
                (
                    one.kind.clone(),
                    one.parent.clone().filter(|_| one.kind == ComponentType::ATTRIBUTE),
                    one.name.to_lowercase(),
                )
            })
            .collect();
        let count = keys.len();
        keys.sort();
        keys.dedup();
        assert_eq!(keys.len(), count, "{name}: a component stands twice");
    }
}

fn roots(facts: &PackageFacts, kind: &ComponentType) -> usize {
    facts.root_components.iter().filter(|component| component.kind == *kind).count()
}

#[test]
fn the_manifest_alone_says_the_same_as_the_whole_package() {
    for path in zips("samples/solutions") {
        let alone = manifest(File::open(&path).unwrap(), &Limits::default()).unwrap();
        let facts = read_file(&path, &Limits::default()).unwrap();
        assert_eq!(alone.unique_name, facts.unique_name);
        assert_eq!(alone.root_components, facts.root_components);
        assert_eq!(alone.missing_dependencies, facts.missing_dependencies);
        assert_eq!(alone.publisher, facts.publisher_details);
    }
}

#[test]
fn everything_that_is_no_solution_is_refused_with_the_platforms_code() {
    for path in zips("samples/not-solutions") {
        let error = read_file(&path, &Limits::default()).expect_err(&path.display().to_string());
        assert_eq!(error.code(), ErrorCode::INVALID_SOLUTION_FILE, "{}: {error}", path.display());
        let message = error.to_string();
        assert!(message.starts_with("The solution file is invalid: ") && message.ends_with('.'), "{message}");
    }
}
