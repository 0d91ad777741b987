//! Values for tests of pure rules.

use model::{
    Component, ComponentType, SolutionVersion, Timestamp,
    package::{MissingDependency, PackageFacts, Publisher, RequiredSolution},
    solution::{SolutionContents, SolutionSummary},
};

fn version(text: &str) -> SolutionVersion {
    text.parse().expect("a version")
}

fn publisher() -> Publisher {
    Publisher {
        unique_name: "Contoso".to_owned(),
        display_name: "Contoso Ltd".to_owned(),
        prefix: "new".to_owned(),
        option_value_prefix: 10_000,
    }
}

/// The facts of a package without components.
pub(crate) fn facts(unique_name: &str, version_text: &str, managed: bool) -> PackageFacts {
    PackageFacts {
        unique_name: unique_name.to_owned(),
        display_name: unique_name.to_owned(),
        description: String::new(),
        version: version(version_text),
        managed,
        publisher: publisher().unique_name,
        publisher_details: publisher(),
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

/// A solution of an environment, without components.
pub(crate) fn contents(unique_name: &str, version_text: &str, managed: bool) -> SolutionContents {
    SolutionContents {
        summary: SolutionSummary {
            unique_name: unique_name.to_owned(),
            display_name: unique_name.to_owned(),
            version: version(version_text),
            managed,
            publisher: publisher(),
            installed: Timestamp(0),
            modified: Timestamp(0),
        },
        description: String::new(),
        components: Vec::new(),
        connection_references: Vec::new(),
        environment_variables: Vec::new(),
        missing_dependencies: Vec::new(),
    }
}

/// A dependency of the canvas app `new_app` on a table: of `Active`, or of `Name (version)`.
pub(crate) fn dependency(table: &str, solution: &str) -> MissingDependency {
    let required_solution = match solution.trim_end_matches(')').split_once(" (") {
        Some((name, text)) => RequiredSolution::Named { name: name.to_owned(), version: Some(version(text)) },
        None => RequiredSolution::Active,
    };
    MissingDependency {
        required: Component::new(ComponentType::ENTITY, table),
        required_solution,
        dependent: Component::new(ComponentType::CANVAS_APP, "new_app"),
        required_id: None,
    }
}
