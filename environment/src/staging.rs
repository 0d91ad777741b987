//! What a target says to a package: a pure function over what the package asks and what the target has.

mod inventory;
mod needs;
mod platform;

pub use platform::is_platform_solution;

pub use needs::Need;

pub(crate) use inventory::Inventory;
use model::{
    Component, ErrorCode, SolutionVersion, Timestamp,
    connection::Connection,
    environment::EnvironmentProperties,
    package::{MissingDependency, PackageFacts, RequiredSolution},
    solution::{BoundReference, CurrentVariable, SolutionContents, SolutionSummary},
};
pub(crate) use needs::{Other, implied, needs};

/// What a target has, as far as pre-flight is concerned.
#[derive(Clone, Debug, Default)]
pub struct TargetState {
    /// Every solution with its contents.
    pub solutions: Vec<SolutionContents>,
    /// Its connections.
    pub connections: Vec<Connection>,
    /// The solution operation that is running, such as `Import`.
    pub running_operation: Option<String>,
    /// What it is like and what it takes, where that is known.
    pub properties: Option<EnvironmentProperties>,
}

/// A dependency the target does not meet.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct UnmetDependency {
    /// The dependency as the package states it.
    pub dependency: MissingDependency,
    /// The version of the required solution that the target has, where it has it but without the component or too old.
    pub installed: Option<SolutionVersion>,
}

/// What a target says to a package.
#[derive(Clone, Debug, Default)]
pub struct Staged {
    /// The solution of the same name that is there already, with its contents.
    pub previous: Option<SolutionContents>,
    /// Every solution of the target.
    pub solutions: Vec<SolutionSummary>,
    /// Dependencies that are not met: the import would fail.
    pub unmet: Vec<UnmetDependency>,
    /// Dependencies on solutions of the platform, whose presence this target cannot tell.
    pub assumed: Vec<MissingDependency>,
    /// Connections that can be bound.
    pub connections: Vec<Connection>,
    /// The solution operation that is running, such as `Import`.
    pub running_operation: Option<String>,
    /// What flows of the package use and the package does not declare, where the target does not have it either.
    pub implied: Vec<MissingDependency>,
    /// What other solutions need of components that leave the target with this package.
    pub needed: Vec<Need>,
    /// Components that leave the solution with this package and stay in the target, as other managed solutions bring them
    /// too.
    pub shared: Vec<Component>,
    /// Components of the package that the target has unmanaged, outside of this solution: these lie on top of what a
    /// managed package brings.
    pub overlaid: Vec<Component>,
    /// What the target is like and what it takes, where that is known.
    pub properties: Option<EnvironmentProperties>,
    /// What the target's own validation says beyond that.
    pub validation: Vec<(model::Severity, Option<ErrorCode>, String)>,
}

impl Staged {
    /// The upgrade of a solution that was begun and not applied: the platform keeps it as a solution of its own.
    pub fn pending_upgrade(&self, unique_name: &str) -> Option<&SolutionSummary> {
        let holding = format!("{unique_name}_Upgrade");
        self.solutions.iter().find(|solution| is_named(solution, &holding))
    }
}

/// Stages a package against what a target has.
///
/// A dependency is met when the required component is in the target, whoever brought it there; what only the version
/// that is about to be replaced brings does not count, because it leaves with that version. Beyond that it depends on
/// the solution that had the component at the source:
///
/// - `Active`: the package itself may bring it.
/// - A solution of the platform: assumed to be there, unless the target has it in a version that is too old.
/// - Any other solution: met when the target has it in the same or a later version. Only major, minor and build count,
///   as on the platform: what differs in the revision is the same release.
pub fn stage(package: &PackageFacts, target: &TargetState) -> Staged {
    let previous = target.solutions.iter().find(|solution| is_named(&solution.summary, &package.unique_name));
    let stays = |solution: &&SolutionContents| {
        let is_replaced =
            is_named(&solution.summary, &package.unique_name) && solution.summary.managed && package.managed;
        !is_replaced
    };
    let present = Inventory::of_solutions(target.solutions.iter().filter(stays));
    let brought = Inventory::of_package(package);

    let mut unmet = Vec::new();
    let mut assumed = Vec::new();
    for dependency in &package.missing_dependencies {
        if present.has(&dependency.required, dependency.required_id.as_deref()) {
            continue;
        }
        match meet(dependency, package, target, &brought) {
            Met::Yes => {}
            Met::Assumed => assumed.push(dependency.clone()),
            Met::No(installed) => unmet.push(UnmetDependency { dependency: dependency.clone(), installed }),
        }
    }
    let is_there =
        |dependency: &MissingDependency| present.has(&dependency.required, dependency.required_id.as_deref());
    Staged {
        implied: implied(package).into_iter().filter(|dependency| !is_there(dependency)).collect(),
        needed: previous.map(|previous| needed(package, previous, target)).unwrap_or_default(),
        shared: previous.map(|previous| shared(package, previous, target)).unwrap_or_default(),
        overlaid: overlaid(package, target, &brought),
        properties: target.properties.clone(),
        previous: previous.cloned(),
        solutions: target.solutions.iter().map(|solution| solution.summary.clone()).collect(),
        unmet,
        assumed,
        connections: target.connections.clone(),
        running_operation: target.running_operation.clone(),
        validation: Vec::new(),
    }
}

/// What of a solution is not in the package that replaces it. Only a managed package takes it away, and a damaged one
/// hides what it has.
fn leaving<'a>(package: &PackageFacts, previous: &'a SolutionContents) -> Vec<&'a Component> {
    let removes = package.managed && previous.summary.managed && package.unreadable_files.is_empty();
    if !removes {
        return Vec::new();
    }
    let kept = Inventory::of_components(&package.components);
    previous.components.iter().filter(|component| !kept.has(component, None)).collect()
}

/// What of that other managed solutions of the target bring too.
fn shared(package: &PackageFacts, previous: &SolutionContents, target: &TargetState) -> Vec<Component> {
    let others = target
        .solutions
        .iter()
        .filter(|other| other.summary.managed && !is_named(&other.summary, &package.unique_name));
    let elsewhere = Inventory::of_solutions(others);
    leaving(package, previous).into_iter().filter(|component| elsewhere.has(component, None)).cloned().collect()
}

/// What other solutions need of the components that an upgrade removes.
fn needed(package: &PackageFacts, previous: &SolutionContents, target: &TargetState) -> Vec<Need> {
    let leaving = Inventory::of_components(leaving(package, previous));
    let others = || target.solutions.iter().filter(|other| !is_named(&other.summary, &package.unique_name));
    let mut elsewhere = Inventory::of_solutions(others());
    elsewhere.add_components(&package.components);
    let asking: Vec<Other> = others()
        .map(|other| Other {
            unique_name: other.summary.unique_name.clone(),
            dependencies: other.missing_dependencies.clone(),
        })
        .collect();
    needs(None, &leaving, &asking, &elsewhere)
}

/// What the target has unmanaged of what a managed package brings.
fn overlaid(package: &PackageFacts, target: &TargetState, brought: &Inventory) -> Vec<Component> {
    if !package.managed {
        return Vec::new();
    }
    let unmanaged = target
        .solutions
        .iter()
        .filter(|solution| !solution.summary.managed && !is_named(&solution.summary, &package.unique_name));
    let mut overlaid: Vec<Component> = unmanaged
        .flat_map(|solution| &solution.components)
        .filter(|component| brought.has(component, None))
        .cloned()
        .collect();
    overlaid.sort();
    overlaid.dedup();
    overlaid
}

enum Met {
    Yes,
    Assumed,
    No(Option<SolutionVersion>),
}

/// Whether a dependency is met although its component was not found in the target.
fn meet(dependency: &MissingDependency, package: &PackageFacts, target: &TargetState, brought: &Inventory) -> Met {
    let brings = || brought.has(&dependency.required, dependency.required_id.as_deref());
    match &dependency.required_solution {
        RequiredSolution::Active if brings() => Met::Yes,
        RequiredSolution::Active => Met::No(None),
        RequiredSolution::System => Met::Assumed,
        RequiredSolution::Named { name, .. } if name.eq_ignore_ascii_case(&package.unique_name) && brings() => Met::Yes,
        RequiredSolution::Named { name, version } => {
            let installed = target.solutions.iter().find(|solution| is_named(&solution.summary, name));
            match installed.map(|solution| &solution.summary.version) {
                Some(installed) if version.as_ref().is_none_or(|needed| is_same_or_later(installed, needed)) => {
                    Met::Yes
                }
                Some(installed) => Met::No(Some(installed.clone())),
                None if is_platform_solution(name) => Met::Assumed,
                None => Met::No(None),
            }
        }
    }
}

fn is_named(solution: &SolutionSummary, unique_name: &str) -> bool {
    solution.unique_name.eq_ignore_ascii_case(unique_name)
}

/// Whether an installed version will do where another one is needed: major, minor and build decide.
fn is_same_or_later(installed: &SolutionVersion, needed: &SolutionVersion) -> bool {
    let [major, minor, build, _] = installed.parts();
    let [needed_major, needed_minor, needed_build, _] = needed.parts();
    (major, minor, build) >= (needed_major, needed_minor, needed_build)
}

/// What a target has once a package is installed in it. References are not bound yet, and variables have the values
/// that were packaged.
pub fn installed(package: &PackageFacts, when: Timestamp) -> SolutionContents {
    SolutionContents {
        summary: SolutionSummary {
            unique_name: package.unique_name.clone(),
            display_name: package.display_name.clone(),
            version: package.version.clone(),
            managed: package.managed,
            publisher: package.publisher_details.clone(),
            installed: when,
            modified: when,
        },
        description: package.description.clone(),
        components: package.components.clone(),
        connection_references: package
            .connection_references
            .iter()
            .map(|reference| BoundReference { reference: reference.clone(), connection_id: None })
            .collect(),
        environment_variables: package
            .environment_variables
            .iter()
            .map(|variable| CurrentVariable { definition: variable.clone(), value: variable.packaged_value.clone() })
            .collect(),
        missing_dependencies: package.missing_dependencies.clone(),
    }
}

#[cfg(test)]
mod tests;
