#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing, reason = "tests")]

use super::*;
use model::{Component, ComponentType};
use std::{io::Cursor, path::PathBuf};

/// A package of a manifest and customizations, read as any other.
fn package(name: &str, version: &str, roots: &str, missing: &str, customizations: &str) -> PackageFacts {
    let manifest = format!(
        r#"<ImportExportXml version="9.2" SolutionPackageVersion="9.2" languagecode="1033"><SolutionManifest>
        <UniqueName>{name}</UniqueName><LocalizedNames /><Descriptions /><Version>{version}</Version><Managed>1</Managed>
        <Publisher><UniqueName>contoso</UniqueName><CustomizationPrefix>new</CustomizationPrefix></Publisher>
        <RootComponents>{roots}</RootComponents><MissingDependencies>{missing}</MissingDependencies>
        </SolutionManifest></ImportExportXml>"#
    );
    let customizations = format!("<ImportExportXml>{customizations}</ImportExportXml>");
    let mut bytes = Cursor::new(Vec::new());
    let files = [
        ("solution.xml", manifest.as_bytes()),
        ("customizations.xml", customizations.as_bytes()),
        ("[Content_Types].xml", b"<Types />".as_slice()),
    ];
    solution::pack(&files, &mut bytes).unwrap();
    solution::read(bytes, &solution::Limits::default()).unwrap()
}

fn needing(required: &str) -> PackageFacts {
    let missing =
        format!(r#"<MissingDependency><Required {required} /><Dependent type="60" id="{{f1}}" /></MissingDependency>"#);
    package("Orders", "1.0.0.0", "", &missing, "")
}

fn target(packages: &[&PackageFacts]) -> TargetState {
    let solutions = packages.iter().map(|package| installed(package, Timestamp(0))).collect();
    TargetState { solutions, ..TargetState::default() }
}

fn regions(version: &str) -> PackageFacts {
    package(
        "Regions",
        version,
        r#"<RootComponent type="1" schemaName="new_region" behavior="0" />"#,
        "",
        r#"<Entities><Entity><Name LocalizedName="Region">new_Region</Name>
           <EntityInfo><entity Name="new_Region"><attributes>
             <attribute PhysicalName="new_Name"><LogicalName>new_name</LogicalName></attribute></attributes></entity></EntityInfo>
           <SavedQueries><savedqueries><savedquery><savedqueryid>{AAAA}</savedqueryid>
             <LocalizedNames><LocalizedName description="Active Regions" languagecode="1033" /></LocalizedNames>
           </savedquery></savedqueries></SavedQueries></Entity></Entities>
           <connectionreferences><connectionreference connectionreferencelogicalname="new_Mail">
             <connectorid>/providers/x</connectorid></connectionreference></connectionreferences>"#,
    )
}

fn unmet(package: &PackageFacts, target: &TargetState) -> usize {
    stage(package, target).unmet.len()
}

#[test]
fn a_component_is_found_by_every_name_a_dependency_may_use() {
    let there = target(&[&regions("1.0.0.0")]);
    for required in [
        r#"type="1" schemaName="NEW_region" solution="Active""#,
        r#"type="2" schemaName="new_name" parentSchemaName="new_region" solution="Active""#,
        r#"type="26" schemaName="Active Regions" parentSchemaName="new_region" solution="Active""#,
        r#"type="26" schemaName="renamed" parentSchemaName="new_region" solution="Active" id="{aaaa}""#,
        r#"type="26" solution="Active" id="{aaaa}""#,
        r#"type="connectionreference" solution="Active" id.connectionreferencelogicalname="new_mail""#,
    ] {
        assert_eq!(unmet(&needing(required), &there), 0, "{required}");
        assert_eq!(unmet(&needing(required), &target(&[])), 1, "{required}");
    }
    for required in [
        r#"type="2" schemaName="new_name" parentSchemaName="new_other" solution="Active""#,
        r#"type="9" schemaName="new_region" solution="Active""#,
        r#"type="26" schemaName="Active Regions" parentSchemaName="new_other" solution="Active""#,
    ] {
        assert_eq!(unmet(&needing(required), &there), 1, "{required}");
    }
}

#[test]
fn a_required_solution_will_do_in_the_same_or_a_later_build() {
    for (needed, there, met) in [
        ("1.2.3.99", "1.2.3.1", true),
        ("1.2.3.99", "1.2.2.999", false),
        ("1.2.3", "1.3", true),
        ("1.2.3.0", "1.2.3.0", true),
        ("2.0.0.0", "1.9.9.9", false),
        ("9.0.2103.4000 ", "9.0.2103.1", true),
    ] {
        let asking = needing(&format!(r#"type="1" schemaName="new_absent" solution="Regions ({needed})""#));
        let staged = stage(&asking, &target(&[&regions(there)]));
        assert_eq!(staged.unmet.is_empty(), met, "{needed} with {there}");
        if !met {
            assert_eq!(staged.unmet[0].installed, Some(there.parse().unwrap()));
        }
    }
}

#[test]
fn a_component_will_do_whoever_brought_it() {
    let asking = needing(r#"type="1" schemaName="new_region" solution="Elsewhere (9.9)""#);
    assert_eq!(unmet(&asking, &target(&[&regions("1.0")])), 0);
}

#[test]
fn solutions_of_the_platform_are_assumed_unless_the_target_shows_an_older_one() {
    let asking = needing(r#"type="61" schemaName="x.png" solution="AppModuleWebResources (2.5)""#);
    let staged = stage(&asking, &target(&[]));
    assert_eq!((staged.unmet.len(), staged.assumed.len()), (0, 1));
    let staged = stage(&needing(r#"type="1" schemaName="account" solution="System (5.0)""#), &target(&[]));
    assert_eq!((staged.unmet.len(), staged.assumed.len()), (0, 1));
    for (version, unmet, assumed) in [("2.4", 1, 0), ("2.5", 0, 0)] {
        let there = package("AppModuleWebResources", version, "", "", "");
        let staged = stage(&asking, &target(&[&there]));
        assert_eq!((staged.unmet.len(), staged.assumed.len()), (unmet, assumed), "{version}");
    }
    assert_eq!(
        unmet(&needing(r#"type="1" schemaName="msdyn_workorder" solution="FieldService (8.2)""#), &target(&[])),
        1
    );
}

#[test]
fn the_package_brings_what_it_has_itself_but_not_what_it_only_extends() {
    let missing = |solution: &str| {
        format!(
            r#"<MissingDependency><Required type="1" schemaName="new_region" solution="{solution}" /><Dependent type="60" id="{{f1}}" /></MissingDependency>"#
        )
    };
    for (behavior, solution, unmet) in [
        ("0", "Active", 0),
        ("1", "Active", 1),
        ("2", "Active", 1),
        ("0", "Regions (1.0)", 1),
        ("0", "Orders (1.0)", 0),
    ] {
        let roots = format!(r#"<RootComponent type="1" schemaName="new_region" behavior="{behavior}" />"#);
        let asking = package("Orders", "1.0.0.0", &roots, &missing(solution), "");
        assert_eq!(self::unmet(&asking, &target(&[])), unmet, "behavior {behavior}, {solution}");
    }
}

#[test]
fn what_leaves_with_the_version_before_does_not_count() {
    let before = package("Orders", "0.9", r#"<RootComponent type="1" schemaName="new_old" behavior="0" />"#, "", "");
    let asking = needing(r#"type="1" schemaName="new_old" solution="Active""#);
    let staged = stage(&asking, &target(&[&before]));
    assert_eq!(staged.unmet.len(), 1);
    assert_eq!(staged.previous.unwrap().summary.version, "0.9".parse().unwrap());
    let mut unmanaged = before;
    unmanaged.managed = false;
    assert_eq!(unmet(&asking, &target(&[&unmanaged])), 0, "an unmanaged solution keeps its components");
}

/// A real package; none, said aloud, when they are not here.
fn sample(name: &str) -> Option<PackageFacts> {
    let path = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../shared/samples/solutions").join(name);
    if !path.exists() {
        println!("skipped: ../shared/samples is not here");
        return None;
    }
    Some(solution::read_file(path, &solution::Limits::default()).unwrap())
}

#[test]
fn real_packages_meet_the_fate_that_the_platform_gave_them() {
    for (name, installed, unmet) in [
        ("WaelHamze_xrm-ci-framework__Success_1_0_0_0_managed.zip", None, 0),
        (
            "WaelHamze_xrm-ci-framework__Success_1_1_0_0_managed.zip",
            Some("WaelHamze_xrm-ci-framework__Success_1_0_0_0_managed.zip"),
            0,
        ),
        ("WaelHamze_xrm-ci-framework__MissingDependency_1_0_0_0_managed.zip", None, 3),
        ("microsoft_PowerPlatform-DataverseServiceClient__PowerPlatformIPManagement_1_0_0_6_managed.zip", None, 0),
        ("microsoft_terraform-provider-power-platform__TerraformTestSolution_Complex_1_1_0_0.zip", None, 0),
    ] {
        let Some(asking) = sample(name) else { return };
        let there: Vec<_> = installed.and_then(sample).into_iter().collect();
        let staged = stage(&asking, &target(&there.iter().collect::<Vec<_>>()));
        assert_eq!(staged.unmet.len(), unmet, "{name}: {:?}", staged.unmet);
    }
}

#[test]
fn the_missing_components_of_a_real_package_are_named() {
    let Some(asking) = sample("WaelHamze_xrm-ci-framework__MissingDependency_1_0_0_0_managed.zip") else { return };
    let staged = stage(&asking, &target(&[]));
    let named: Vec<_> = staged.unmet.iter().map(|unmet| unmet.dependency.required.clone()).collect();
    let column = |name: &str| (ComponentType::ATTRIBUTE, name.to_owned(), Some("ud_testentity4".to_owned()));
    let expected =
        [(ComponentType::ENTITY, "ud_testentity4".to_owned(), None), column("ud_name"), column("ud_testentity4id")];
    assert_eq!(
        named.into_iter().map(|Component { kind, name, parent, .. }| (kind, name, parent)).collect::<Vec<_>>(),
        expected
    );
}

#[test]
fn every_real_package_fits_into_a_target_that_has_all_it_requires() {
    let folder = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../shared/samples/solutions");
    let Ok(entries) = std::fs::read_dir(folder) else {
        println!("skipped: ../shared/samples is not here");
        return;
    };
    for path in
        entries.map(|entry| entry.unwrap().path()).filter(|path| path.extension().is_some_and(|end| end == "zip"))
    {
        let asking = solution::read_file(&path, &solution::Limits::default()).unwrap();
        let missing = stage(&asking, &TargetState::default());
        assert!(missing.unmet.len() + missing.assumed.len() <= asking.missing_dependencies.len());
        let mut everything = regions("1.0");
        everything.components = asking.missing_dependencies.iter().map(|one| one.required.clone()).collect();
        let staged = stage(&asking, &target(&[&everything]));
        assert!(staged.unmet.is_empty() && staged.assumed.is_empty(), "{}", path.display());
    }
}

#[test]
fn what_leaves_and_another_managed_solution_brings_too_stays_in_the_target() {
    let own = regions("1.0.0.0");
    let newer = package("Regions", "1.1.0.0", "", "", "");
    let again = PackageFacts { unique_name: "Atlas".to_owned(), ..regions("1.0.0.0") };
    let shared = |there: &TargetState| stage(&newer, there).shared.len();
    assert_eq!(shared(&target(&[&own])), 0);
    let leaving = target(&[&own]).solutions[0].components.len();
    assert!(leaving > 2);
    assert_eq!(shared(&target(&[&own, &again])), leaving);
    let unmanaged = PackageFacts { managed: false, ..again.clone() };
    assert_eq!(shared(&target(&[&own, &unmanaged])), 0, "nothing unmanaged keeps what a managed solution brought");
    assert_eq!(stage(&own, &target(&[&own, &again])).shared.len(), 0, "nothing leaves");
}
