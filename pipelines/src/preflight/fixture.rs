//! Small packages and targets for the tests of the rules.
#![allow(clippy::unwrap_used, reason = "tests")]

use super::{Subject, check};
use environment::{TargetState, staging};
use model::{
    Component, ComponentType, Finding, Timestamp,
    connection::{Connection, ConnectionReference},
    package::{MissingDependency, PackageFacts, Publisher, RequiredSolution},
    settings::DeploymentSettings,
    variable::{EnvironmentVariable, VariableType},
};

pub const SHAREPOINT: &str = "/providers/Microsoft.PowerApps/apis/shared_sharepointonline";

/// An empty managed package.
pub fn package(unique_name: &str, version: &str) -> PackageFacts {
    PackageFacts {
        unique_name: unique_name.to_owned(),
        display_name: unique_name.to_owned(),
        description: String::new(),
        version: version.parse().unwrap(),
        managed: true,
        publisher: "contoso".to_owned(),
        publisher_details: Publisher {
            unique_name: "contoso".to_owned(),
            display_name: "Contoso".to_owned(),
            prefix: "new".to_owned(),
            option_value_prefix: 10_000,
        },
        platform_version: None,
        solution_package_version: None,
        language_code: None,
        root_components: Vec::new(),
        missing_dependencies: Vec::new(),
        connection_references: Vec::new(),
        environment_variables: Vec::new(),
        workflow_details: Vec::new(),
        components: Vec::new(),
        extended_tables: Vec::new(),
        unreadable_files: Vec::new(),
        inspection: model::inspection::Inspection::default(),
        environment_variable_values: 0,
        canvas_apps: 0,
        workflows: 0,
        entities: 0,
        files: 3,
        packed_bytes: 0,
        unpacked_bytes: 0,
    }
}

/// A target with packages installed.
pub fn target(packages: &[PackageFacts]) -> TargetState {
    let solutions = packages.iter().map(|package| staging::installed(package, Timestamp(0))).collect();
    TargetState { solutions, ..TargetState::default() }
}

/// A form that needs a component of a solution, written as the platform writes it.
pub fn needs(required: Component, solution: &str) -> MissingDependency {
    let required_solution = match solution.split_once(" (") {
        None => RequiredSolution::Active,
        Some((name, version)) => {
            RequiredSolution::Named { name: name.to_owned(), version: version.trim_end_matches(')').parse().ok() }
        }
    };
    let dependent = Component { display_name: Some("Main".to_owned()), ..Component::new(ComponentType::FORM, "Main") };
    MissingDependency { required, required_solution, dependent, required_id: None }
}

pub fn reference(logical_name: &str) -> ConnectionReference {
    ConnectionReference {
        logical_name: logical_name.to_owned(),
        display_name: logical_name.to_owned(),
        description: String::new(),
        connector_id: SHAREPOINT.to_owned(),
        custom_connector_id: None,
    }
}

pub fn connection(id: &str, connector_id: &str, usable: bool) -> Connection {
    Connection {
        id: id.to_owned(),
        display_name: id.to_owned(),
        connector_id: connector_id.to_owned(),
        owner: "Ada".to_owned(),
        usable,
    }
}

pub fn variable(schema_name: &str) -> EnvironmentVariable {
    EnvironmentVariable {
        schema_name: schema_name.to_owned(),
        display_name: schema_name.to_owned(),
        description: String::new(),
        kind: VariableType::String,
        default_value: None,
        packaged_value: None,
        required: false,
    }
}

/// What pre-flight finds before settings are given.
pub fn verdict(package: &PackageFacts, target: &TargetState) -> Vec<Finding> {
    let staged = staging::stage(package, target);
    check(&Subject {
        package,
        staged: &staged,
        stage_installed: None,
        settings: None,
        redeployment: false,
        missing_rights: &[],
    })
}

/// What pre-flight finds with settings.
pub fn verdict_with(package: &PackageFacts, target: &TargetState, settings: &DeploymentSettings) -> Vec<Finding> {
    let staged = staging::stage(package, target);
    check(&Subject {
        package,
        staged: &staged,
        stage_installed: None,
        settings: Some(settings),
        redeployment: false,
        missing_rights: &[],
    })
}

pub fn rules(findings: &[Finding]) -> Vec<&str> {
    findings.iter().map(|finding| finding.rule.as_str()).collect()
}

pub fn codes(findings: &[Finding]) -> Vec<String> {
    findings
        .iter()
        .filter(|finding| finding.blocks())
        .filter_map(|finding| finding.code)
        .map(|code| code.to_string())
        .collect()
}
