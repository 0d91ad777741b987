//! A real package, broken in one way for every code that the rules' table knows.

use crate::shared::{check, files, read, target, zip};
use environment::TargetState;
use model::{
    ComponentType, ErrorCode, Finding, access::EnvironmentRight, environment::EnvironmentProperties,
    package::PackageFacts,
};
use slipway_pipelines::{environment_role::MissingRight, preflight};
use std::collections::BTreeSet;

/// It has flows, canvas apps, a web resource, a connection reference, a variable and dependencies.
const SAMPLE: &str = "microsoft_CopilotStudioSamples__MCSResponsesAnalyzer_2_0_0_2_managed.zip";

type Files = Vec<(String, Vec<u8>)>;

/// The sample with one text of a file in another's place.
fn replaced(files: &Files, file: &str, from: &str, to: &str) -> Files {
    let mut files = files.clone();
    let (_, content) = files.iter_mut().find(|(name, _)| name == file).unwrap();
    let text = String::from_utf8(content.clone()).unwrap();
    assert!(text.contains(from), "{file} does not have {from}");
    *content = text.replacen(from, to, 1).into_bytes();
    files
}

fn without(files: &Files, is_gone: impl Fn(&str) -> bool) -> Files {
    let kept: Files = files.iter().filter(|(name, _)| !is_gone(name)).cloned().collect();
    assert!(kept.len() < files.len());
    kept
}

/// What stands between two marks, with them.
fn piece(files: &Files, file: &str, start: &str, end: &str) -> String {
    let (_, content) = files.iter().find(|(name, _)| name == file).unwrap();
    let text = String::from_utf8(content.clone()).unwrap();
    let from = text.find(start).unwrap_or_else(|| panic!("{file} does not have {start}"));
    let to = text[from..].find(end).unwrap() + from + end.len();
    text[from..to].to_owned()
}

/// The package with a code of the manifest's own refused at reading, or found by a rule.
fn found(files: &Files, place: &TargetState) -> Vec<Finding> {
    check(&read(&zip(files)).unwrap(), place)
}

/// A target that has what the sample requires.
fn complete(package: &PackageFacts) -> TargetState {
    let mut everything = package.clone();
    "Everything".clone_into(&mut everything.unique_name);
    everything.components = package.missing_dependencies.iter().map(|missing| missing.required.clone()).collect();
    everything.missing_dependencies.clear();
    everything.connection_references.clear();
    everything.environment_variables.clear();
    target(&[everything])
}

#[test]
fn every_code_of_the_table_is_told_for_a_real_package_that_was_broken() {
    let Some(sample) = files(SAMPLE) else { return };
    let package = read(&zip(&sample)).unwrap();
    let whole = complete(&package);
    let before: Vec<Finding> = found(&sample, &whole).into_iter().filter(Finding::blocks).collect();
    assert!(before.is_empty(), "{before:?}");

    let (manifest, customizations) = ("solution.xml", "customizations.xml");
    let with = |change: &dyn Fn(&mut TargetState)| {
        let mut place = whole.clone();
        change(&mut place);
        place
    };
    let older = |change: &dyn Fn(&mut PackageFacts)| {
        let mut installed = package.clone();
        installed.version = "1.0.0.0".parse().unwrap();
        change(&mut installed);
        let mut place = whole.clone();
        place.solutions.extend(target(&[installed]).solutions);
        place
    };
    let reference = piece(&sample, customizations, "<connectionreference ", "</connectionreference>");
    let root_app = piece(&sample, manifest, "<RootComponent type=\"300\"", "/>");
    let workflow_id = "{11111111-2222-3333-4444-555555555555}";
    let is_flow = |name: &str| name.starts_with("Workflows/");
    let mut truncated = sample.clone();
    let (_, document) = truncated.iter_mut().find(|(name, _)| name.ends_with(".msapp")).unwrap();
    document.truncate(document.len() / 2);
    let mut no_flow = sample.clone();
    no_flow.iter_mut().find(|(name, _)| is_flow(name)).unwrap().1 = b"{ no JSON".to_vec();

    let app = package.components.iter().find(|one| one.kind == ComponentType::CANVAS_APP).unwrap().clone();
    let mut damaged = zip(&sample);
    let name_at = damaged.windows(customizations.len()).position(|at| at == customizations.as_bytes()).unwrap();
    for byte in &mut damaged[name_at + 200..name_at + 260] {
        *byte ^= 0x5a;
    }

    let mut codes = BTreeSet::new();
    let mut tell = |expected: ErrorCode, findings: Vec<Finding>| {
        let all: Vec<_> = findings.iter().filter_map(|finding| finding.code).collect();
        assert!(all.contains(&expected), "{expected} ({:?}) is not among {all:?}", expected.symbol());
        codes.insert(expected);
    };
    let plain = &whole;
    tell(ErrorCode::INVALID_SOLUTION_FILE, check(&read(&damaged).unwrap(), plain));
    tell(ErrorCode::INVALID_XML, found(&replaced(&sample, customizations, "</Entities>", "</Entitles>"), plain));
    tell(ErrorCode::INVALID_SCHEMA, found(&no_flow, plain));
    tell(ErrorCode::INVALID_FILE, found(&without(&sample, is_flow), plain));
    tell(ErrorCode::MISSING_APP_FILE, found(&without(&sample, |name| name.ends_with(".msapp")), plain));
    tell(ErrorCode::MISSING_APP_FILE, found(&truncated, plain));
    tell(
        ErrorCode::MISSING_WEB_RESOURCE_FILE,
        found(&without(&sample, |name| name.starts_with("WebResources/")), plain),
    );
    tell(
        ErrorCode::MISSING_COMPONENT,
        found(
            &replaced(
                &sample,
                manifest,
                &root_app,
                &format!("{root_app}<RootComponent type=\"29\" id=\"{workflow_id}\" behavior=\"0\" />"),
            ),
            plain,
        ),
    );
    tell(ErrorCode::MISSING_ROOT_COMPONENT, found(&replaced(&sample, manifest, &root_app, ""), plain));
    tell(
        ErrorCode::DUPLICATE_COMPONENT,
        found(&replaced(&sample, customizations, &reference, &format!("{reference}{reference}")), plain),
    );
    tell(ErrorCode::MISSING_REQUIRED_ROW, found(&replaced(&sample, customizations, &reference, ""), plain));
    let needs = format!(
        "<MissingDependencies><MissingDependency><Required type=\"1\" schemaName=\"new_gone\" solution=\"Active\" />\
         <Dependent type=\"29\" id=\"{workflow_id}\" /></MissingDependency>"
    );
    tell(ErrorCode::MISSING_DEPENDENCIES, found(&replaced(&sample, manifest, "<MissingDependencies>", &needs), plain));
    tell(
        ErrorCode::INVALID_PREFIX,
        found(&replaced(&sample, manifest, "<CustomizationPrefix>", "<CustomizationPrefix>9"), plain),
    );
    tell(
        ErrorCode::INVALID_OPTION_VALUE_PREFIX,
        found(
            &replaced(&sample, manifest, "<CustomizationOptionValuePrefix>", "<CustomizationOptionValuePrefix>9"),
            plain,
        ),
    );
    tell(
        ErrorCode::PACKAGE_NEEDS_UPGRADE,
        found(&replaced(&sample, manifest, "SolutionPackageVersion=\"9.2\"", "SolutionPackageVersion=\"8.2\""), plain),
    );
    let old = EnvironmentProperties { platform_version: Some("9.1.0.1".parse().unwrap()), ..Default::default() };
    tell(ErrorCode::PACKAGE_VERSION_TOO_NEW, found(&sample, &with(&|place| place.properties = Some(old.clone()))));
    let strict = EnvironmentProperties { blocked_extensions: vec!["json".to_owned()], ..Default::default() };
    tell(ErrorCode::ATTACHMENT_BLOCKED, found(&sample, &with(&|place| place.properties = Some(strict.clone()))));
    let french = EnvironmentProperties { languages: vec![1036], ..Default::default() };
    tell(ErrorCode::LANGUAGES_IGNORED, found(&sample, &with(&|place| place.properties = Some(french.clone()))));
    tell(
        ErrorCode::SOLUTION_CONCURRENCY,
        found(&sample, &with(&|place| place.running_operation = Some("Import".to_owned()))),
    );
    tell(ErrorCode::MANAGED_OVER_UNMANAGED, found(&sample, &older(&|installed| installed.managed = false)));
    tell(
        ErrorCode::UNMANAGED_OVER_MANAGED,
        found(&replaced(&sample, manifest, "<Managed>1</Managed>", "<Managed>0</Managed>"), &older(&|_| {})),
    );
    tell(
        ErrorCode::WRONG_PUBLISHER,
        found(&sample, &older(&|installed| installed.publisher_details.unique_name = "fabrikam".to_owned())),
    );
    tell(
        ErrorCode::UPGRADE_FAILED,
        found(&sample, &older(&|installed| installed.unique_name = format!("{}_Upgrade", package.unique_name))),
    );
    let needing = |installed: &mut PackageFacts| {
        installed.components.push(model::Component::new(ComponentType::ENTITY, "new_gone"));
    };
    let mut in_use = older(&needing);
    let mut other = package.clone();
    other.unique_name = "Other".to_owned();
    other.missing_dependencies[0].required = model::Component::new(ComponentType::ENTITY, "new_gone");
    other.components.clear();
    in_use.solutions.extend(target(&[other]).solutions);
    tell(ErrorCode::COMPONENT_IN_USE, found(&sample, &in_use));
    let mut playground = package.clone();
    playground.unique_name = "Playground".to_owned();
    playground.managed = false;
    playground.components = vec![app];
    let on_top = with(&|place| place.solutions.extend(target(&[playground.clone()]).solutions));
    tell(ErrorCode::OVERWRITES_ACTIVE_COMPONENT, found(&sample, &on_top));

    // Who deploys is no matter of the package.
    let missing = [MissingRight {
        unknown: false,
        who: "Miguel Silva".to_owned(),
        right: EnvironmentRight::Import,
        environment: "Contoso Test".to_owned(),
        delegated: false,
        disabled: false,
    }];
    let staged = environment::staging::stage(&package, plain);
    tell(
        ErrorCode::PRIVILEGE_DENIED,
        preflight::check(&preflight::Subject {
            package: &package,
            staged: &staged,
            stage_installed: None,
            settings: None,
            redeployment: false,
            missing_rights: &missing,
        }),
    );

    let known: BTreeSet<ErrorCode> = preflight::entries().flat_map(|entry| entry.codes).copied().collect();
    assert_eq!(codes, known, "a code of the table has no broken package here");
}
