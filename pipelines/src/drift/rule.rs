//! The rule: what was deployed and what the target has go in, and where they differ comes out.

use crate::{preflight, stage_run::MASK};
use model::{
    Component,
    drift::{Drift, DriftKind},
    package::PackageFacts,
    settings::DeploymentSettings,
    solution::SolutionContents,
    stage_run::ChangeKind,
    variable::VariableType,
};

/// What was deployed.
#[derive(Clone, Copy, Debug)]
pub struct Deployed<'a> {
    /// The package, with the version it was deployed as.
    pub package: &'a PackageFacts,
    /// The connections and values that were set with it.
    pub settings: &'a DeploymentSettings,
}

/// What the target has.
#[derive(Clone, Copy, Debug, Default)]
pub struct Found<'a> {
    /// The solution; none where it is not there.
    pub solution: Option<&'a SolutionContents>,
    /// Components with other content than they were deployed with, where that can be told.
    pub changed: &'a [Component],
    /// Components on top of which an unmanaged change lies.
    pub overlaid: &'a [Component],
}

/// Where the target differs, in the order of the kinds.
pub fn drifts(deployed: Deployed<'_>, found: Found<'_>) -> Vec<Drift> {
    let package = deployed.package;
    let of_solution =
        |kind, deployed: String, found: String| Drift { kind, name: package.display_name.clone(), deployed, found };
    let Some(solution) = found.solution else {
        return vec![of_solution(DriftKind::Solution, package.version.to_string(), String::new())];
    };
    let mut drifts = Vec::new();
    let version = &solution.summary.version;
    if *version != package.version {
        drifts.push(of_solution(DriftKind::Version, package.version.to_string(), version.to_string()));
    }
    if solution.summary.managed != package.managed {
        let word = |managed: bool| if managed { "Managed" } else { "Unmanaged" }.to_owned();
        drifts.push(of_solution(DriftKind::Managed, word(package.managed), word(solution.summary.managed)));
    }
    let of_component = |kind, component: &Component| {
        let (here, there) = ("Deployed".to_owned(), "In the target".to_owned());
        let (deployed, found) = match kind {
            DriftKind::Missing => (here, String::new()),
            DriftKind::Added => (String::new(), there),
            _ => (here, "Changed".to_owned()),
        };
        Drift { kind, name: format!("{} “{}”", component.kind.label(), component.label()), deployed, found }
    };
    drifts.extend(preflight::changes(package, Some(solution), &[]).iter().filter_map(|change| match change.kind {
        ChangeKind::Added => Some(of_component(DriftKind::Missing, &change.component)),
        ChangeKind::Removed => Some(of_component(DriftKind::Added, &change.component)),
        ChangeKind::Changed | ChangeKind::Unchanged => None,
    }));
    drifts.extend(found.changed.iter().map(|component| of_component(DriftKind::Changed, component)));
    drifts.extend(found.overlaid.iter().map(|component| of_component(DriftKind::Overlaid, component)));
    drifts.extend(values(deployed, solution));
    drifts.extend(connections(deployed.settings, solution));
    drifts.sort_by(|one, other| (one.kind, &one.name).cmp(&(other.kind, &other.name)));
    drifts
}

/// Values that were set and are others by now. What was not set was left as it was, and may be anything.
fn values(deployed: Deployed<'_>, solution: &SolutionContents) -> Vec<Drift> {
    let set = deployed.settings.environment_variables.iter().filter(|setting| !setting.value.is_empty());
    set.filter_map(|setting| {
        let name = &setting.schema_name;
        let mut current = solution.environment_variables.iter();
        let current = current.find(|variable| variable.definition.schema_name.eq_ignore_ascii_case(name));
        let found = current.and_then(|variable| variable.value.clone()).unwrap_or_default();
        if found == setting.value {
            return None;
        }
        let mut definitions = deployed.package.environment_variables.iter();
        let defined = definitions.find(|definition| definition.schema_name.eq_ignore_ascii_case(name));
        let kind = defined.map(|definition| definition.kind).or(current.map(|current| current.definition.kind));
        let is_secret = kind.is_none_or(|kind| kind == VariableType::Secret);
        let shown = |value: String| if is_secret && !value.is_empty() { MASK.to_owned() } else { value };
        Some(Drift {
            kind: DriftKind::Value,
            name: name.clone(),
            deployed: shown(setting.value.clone()),
            found: shown(found),
        })
    })
    .collect()
}

/// References that have another connection than was set.
fn connections(settings: &DeploymentSettings, solution: &SolutionContents) -> Vec<Drift> {
    let set = settings.connection_references.iter().filter(|setting| !setting.connection_id.is_empty());
    set.filter_map(|setting| {
        let name = &setting.logical_name;
        let mut bound = solution.connection_references.iter();
        let bound = bound.find(|bound| bound.reference.logical_name.eq_ignore_ascii_case(name));
        let found = bound.and_then(|bound| bound.connection_id.clone()).unwrap_or_default();
        let deployed = setting.connection_id.clone();
        let same = found.eq_ignore_ascii_case(&deployed);
        (!same).then(|| Drift { kind: DriftKind::Connection, name: name.clone(), deployed, found })
    })
    .collect()
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing, reason = "tests")]

    use super::*;
    use crate::preflight::fixture;
    use environment::staging::installed;
    use model::{
        ComponentType, Timestamp,
        settings::{ConnectionSetting, VariableSetting},
        solution::{BoundReference, CurrentVariable},
        variable::EnvironmentVariable,
    };

    fn package() -> PackageFacts {
        let mut package = fixture::package("Orders", "1.0.0.2");
        package.components = ["new_order", "new_region"].map(|name| Component::new(ComponentType::ENTITY, name)).into();
        package.environment_variables = vec![
            fixture::variable("new_Url"),
            EnvironmentVariable { kind: VariableType::Secret, ..fixture::variable("new_Key") },
            fixture::variable("new_Free"),
        ];
        package.connection_references = vec![fixture::reference("new_Ref")];
        package
    }

    fn settings() -> DeploymentSettings {
        let value = |name: &str, value: &str| VariableSetting { schema_name: name.to_owned(), value: value.to_owned() };
        DeploymentSettings {
            environment_variables: vec![
                value("new_Url", "https://a"),
                value("new_Key", "vault-a"),
                value("new_Free", ""),
            ],
            connection_references: vec![ConnectionSetting {
                logical_name: "new_Ref".to_owned(),
                connection_id: "c1".to_owned(),
                connector_id: String::new(),
            }],
        }
    }

    /// The target as the deployment left it.
    fn target() -> SolutionContents {
        let mut target = installed(&package(), Timestamp(0));
        let values = [("NEW_url", "https://a"), ("new_Key", "vault-a"), ("new_Free", "anything")];
        target.environment_variables = values
            .map(|(name, value)| CurrentVariable { definition: fixture::variable(name), value: Some(value.to_owned()) })
            .into();
        target.connection_references =
            vec![BoundReference { reference: fixture::reference("NEW_ref"), connection_id: Some("C1".to_owned()) }];
        target
    }

    fn found(change: impl FnOnce(&mut SolutionContents)) -> Vec<(DriftKind, String, String, String)> {
        let mut target = target();
        change(&mut target);
        told(Found { solution: Some(&target), ..Found::default() })
    }

    fn told(found: Found<'_>) -> Vec<(DriftKind, String, String, String)> {
        let (package, settings) = (package(), settings());
        let drifts = drifts(Deployed { package: &package, settings: &settings }, found);
        drifts.into_iter().map(|drift| (drift.kind, drift.name, drift.deployed, drift.found)).collect()
    }

    fn one(kind: DriftKind, name: &str, deployed: &str, found: &str) -> Vec<(DriftKind, String, String, String)> {
        vec![(kind, name.to_owned(), deployed.to_owned(), found.to_owned())]
    }

    #[test]
    fn a_target_as_it_was_deployed_has_not_drifted() {
        assert_eq!(found(|_| ()), []);
    }

    #[test]
    fn every_difference_is_told() {
        assert_eq!(told(Found::default()), one(DriftKind::Solution, "Orders", "1.0.0.2", ""));
        for (is, expected) in [
            (
                found(|target| target.summary.version = "1.0.0.3".parse().unwrap()),
                one(DriftKind::Version, "Orders", "1.0.0.2", "1.0.0.3"),
            ),
            (found(|target| target.summary.managed = false), one(DriftKind::Managed, "Orders", "Managed", "Unmanaged")),
            (
                found(|target| target.components.retain(|component| component.name != "new_region")),
                one(DriftKind::Missing, "Table “new_region”", "Deployed", ""),
            ),
            (
                found(|target| target.components.push(Component::new(ComponentType::ENTITY, "new_more"))),
                one(DriftKind::Added, "Table “new_more”", "", "In the target"),
            ),
            (
                found(|target| target.environment_variables[0].value = Some("https://b".to_owned())),
                one(DriftKind::Value, "new_Url", "https://a", "https://b"),
            ),
            (
                found(|target| target.environment_variables[0].value = None),
                one(DriftKind::Value, "new_Url", "https://a", ""),
            ),
            (
                found(|target| target.environment_variables[1].value = Some("vault-b".to_owned())),
                one(DriftKind::Value, "new_Key", MASK, MASK),
            ),
            (found(|target| target.environment_variables[2].value = None), Vec::new()),
            (
                found(|target| target.connection_references[0].connection_id = Some("c2".to_owned())),
                one(DriftKind::Connection, "new_Ref", "c1", "c2"),
            ),
            (found(|target| target.connection_references.clear()), one(DriftKind::Connection, "new_Ref", "c1", "")),
        ] {
            assert_eq!(is, expected);
        }
        let target = target();
        let order = [Component::new(ComponentType::ENTITY, "new_order")];
        let changed = Found { solution: Some(&target), changed: &order, overlaid: &[] };
        assert_eq!(told(changed), one(DriftKind::Changed, "Table “new_order”", "Deployed", "Changed"));
        let overlaid = Found { solution: Some(&target), changed: &[], overlaid: &order };
        assert_eq!(told(overlaid), one(DriftKind::Overlaid, "Table “new_order”", "Deployed", "Changed"));
    }

    #[test]
    fn a_value_whose_type_nobody_knows_is_masked() {
        let mut package = package();
        package.environment_variables.clear();
        let settings = settings();
        let mut target = target();
        target.environment_variables.clear();
        let drifts = drifts(
            Deployed { package: &package, settings: &settings },
            Found { solution: Some(&target), ..Found::default() },
        );
        assert!(drifts.iter().all(|drift| drift.kind == DriftKind::Value && drift.deployed == MASK), "{drifts:?}");
    }
}
