//! A real package, broken in one way for every kind of finding and every code that the rules' table knows.

use crate::shared::{check, files, read, target, zip};
use environment::{TargetState, staging::stage};
use model::{
    ComponentType, ErrorCode, Finding, Severity, access::EnvironmentRight, environment::EnvironmentProperties,
    package::PackageFacts, settings::DeploymentSettings,
};
use slipway_pipelines::{
    environment_role::MissingRight,
    preflight::{self, Subject},
};
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

/// What pre-flight finds in a package of these files.
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
fn every_finding_of_the_table_is_made_of_a_real_package_that_was_broken() {
    let Some(sample) = files(SAMPLE) else { return };
    let package = read(&zip(&sample)).unwrap();
    let whole = complete(&package);
    let before: Vec<Finding> = found(&sample, &whole).into_iter().filter(Finding::blocks).collect();
    assert!(before.is_empty(), "{before:?}");

    let (manifest, customizations) = ("solution.xml", "customizations.xml");
    let in_folder = |folder: &str| {
        let mut names = sample.iter().map(|(name, _)| name.as_str());
        names.find(|name| name.starts_with(folder) && !name.ends_with("values.json")).unwrap()
    };
    let (flow, variable) = (in_folder("Workflows/"), in_folder("environmentvariabledefinitions/"));
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
    let properties = |properties: EnvironmentProperties| with(&|place| place.properties = Some(properties.clone()));
    let of_version = |version: &str| {
        properties(EnvironmentProperties { platform_version: Some(version.parse().unwrap()), ..Default::default() })
    };
    let reference = piece(&sample, customizations, "<connectionreference ", "</connectionreference>");
    let root_app = piece(&sample, manifest, "<RootComponent type=\"300\"", "/>");
    let workflow = piece(&sample, customizations, "<Workflow ", "</Workflow>");
    let workflow_id = "{11111111-2222-3333-4444-555555555555}";
    let is_flow = |name: &str| name.starts_with("Workflows/");
    let mut truncated = sample.clone();
    let (_, document) = truncated.iter_mut().find(|(name, _)| name.ends_with(".msapp")).unwrap();
    document.truncate(document.len() / 2);
    let mut no_flow = sample.clone();
    no_flow.iter_mut().find(|(name, _)| is_flow(name)).unwrap().1 = b"{ no JSON".to_vec();
    let telling = |text: &str| {
        let schema = "\"contentVersion\": \"1.0.0.0\"";
        replaced(&sample, flow, schema, &format!("{schema}, \"description\": \"{text}\""))
    };

    let app = package.components.iter().find(|one| one.kind == ComponentType::CANVAS_APP).unwrap().clone();
    let mut damaged = zip(&sample);
    let name_at = damaged.windows(customizations.len()).position(|at| at == customizations.as_bytes()).unwrap();
    for byte in &mut damaged[name_at + 200..name_at + 260] {
        *byte ^= 0x5a;
    }

    let mut seen = BTreeSet::new();
    let mut tell = |rule: &'static str, code: Option<ErrorCode>, findings: Vec<Finding>| {
        let all: Vec<_> = findings.iter().map(|finding| (finding.rule.as_str(), finding.code)).collect();
        assert!(all.contains(&(rule, code)), "{rule} ({code:?}) is not among {all:?}");
        seen.insert((rule, code));
    };
    let plain = &whole;

    // The package.
    tell("unreadable-file", Some(ErrorCode::INVALID_SOLUTION_FILE), check(&read(&damaged).unwrap(), plain));
    let unclosed = replaced(&sample, customizations, "</Entities>", "</Entitles>");
    tell("unreadable-file", Some(ErrorCode::INVALID_XML), found(&unclosed, plain));
    let nameless = replaced(&sample, variable, "schemaname=\"msftcsa_MCSFeedbackSettings\"", "");
    tell("unreadable-file", Some(ErrorCode::INVALID_SCHEMA), found(&nameless, plain));
    tell("malformed-file", Some(ErrorCode::INVALID_SCHEMA), found(&no_flow, plain));
    tell("missing-file", Some(ErrorCode::INVALID_FILE), found(&without(&sample, is_flow), plain));
    let no_apps = without(&sample, |name| name.ends_with(".msapp"));
    tell("missing-file", Some(ErrorCode::MISSING_APP_FILE), found(&no_apps, plain));
    let no_scripts = without(&sample, |name| name.starts_with("WebResources/"));
    tell("missing-file", Some(ErrorCode::MISSING_WEB_RESOURCE_FILE), found(&no_scripts, plain));
    tell("damaged-app", Some(ErrorCode::MISSING_APP_FILE), found(&truncated, plain));
    let one_more = format!("{root_app}<RootComponent type=\"29\" id=\"{workflow_id}\" behavior=\"0\" />");
    let undefined = replaced(&sample, manifest, &root_app, &one_more);
    tell("undefined-component", Some(ErrorCode::MISSING_COMPONENT), found(&undefined, plain));
    let undeclared = replaced(&sample, manifest, &root_app, "");
    tell("undeclared-component", Some(ErrorCode::MISSING_ROOT_COMPONENT), found(&undeclared, plain));
    let twice = replaced(&sample, customizations, &reference, &format!("{reference}{reference}"));
    tell("repeated-component", Some(ErrorCode::DUPLICATE_COMPONENT), found(&twice, plain));
    let prefix = "<CustomizationPrefix>";
    let odd = replaced(&sample, manifest, prefix, &format!("{prefix}9"));
    tell("invalid-prefix", Some(ErrorCode::INVALID_PREFIX), found(&odd, plain));
    let prefix = "<CustomizationOptionValuePrefix>";
    let odd = replaced(&sample, manifest, prefix, &format!("{prefix}9"));
    tell("invalid-option-value-prefix", Some(ErrorCode::INVALID_OPTION_VALUE_PREFIX), found(&odd, plain));
    let untyped = replaced(&sample, "[Content_Types].xml", "Extension=\"json\"", "Extension=\"jsonc\"");
    tell("file-without-content-type", None, found(&untyped, plain));
    let format = "SolutionPackageVersion=\"9.2\"";
    let old = replaced(&sample, manifest, format, "SolutionPackageVersion=\"8.2\"");
    tell("old-format", Some(ErrorCode::PACKAGE_NEEDS_UPGRADE), found(&old, plain));
    let platform = piece(&sample, manifest, "<ImportExportXml version=\"", format);
    let of_2011 = replaced(&sample, manifest, &platform, "<ImportExportXml version=\"5.0.9690.1992\"");
    tell("format-of-2011", Some(ErrorCode::PACKAGE_VERSION_TOO_NEW), found(&of_2011, plain));
    let mut values_of_2020 = sample.clone();
    values_of_2020.push(("environment_variable_values.json".to_owned(), b"{}".to_vec()));
    tell("old-variable-values", None, found(&values_of_2020, plain));

    // What it needs.
    let needs = format!(
        "<MissingDependencies><MissingDependency><Required type=\"1\" schemaName=\"new_gone\" solution=\"Active\" />\
         <Dependent type=\"29\" id=\"{workflow_id}\" /></MissingDependency>"
    );
    let needing = replaced(&sample, manifest, "<MissingDependencies>", &needs);
    tell("missing-dependency", Some(ErrorCode::MISSING_DEPENDENCIES), found(&needing, plain));
    let forgotten = replaced(&sample, customizations, &reference, "");
    tell("implied-dependency", Some(ErrorCode::MISSING_REQUIRED_ROW), found(&forgotten, plain));
    tell("platform-dependency-assumed", None, found(&sample, &target(&[])));

    // The target.
    tell("format-too-new", Some(ErrorCode::PACKAGE_VERSION_TOO_NEW), found(&sample, &of_version("9.1.0.1")));
    tell("target-is-older", None, found(&sample, &of_version("9.2.0.1")));
    let strict =
        properties(EnvironmentProperties { blocked_extensions: vec!["json".to_owned()], ..Default::default() });
    tell("blocked-file-type", Some(ErrorCode::ATTACHMENT_BLOCKED), found(&sample, &strict));
    let small = properties(EnvironmentProperties { largest_file_megabytes: 0, ..Default::default() });
    tell("file-too-large", Some(ErrorCode::ATTACHMENT_BLOCKED), found(&sample, &small));
    let french = properties(EnvironmentProperties { languages: vec![1036], ..Default::default() });
    tell("language-not-installed", Some(ErrorCode::LANGUAGES_IGNORED), found(&sample, &french));
    let busy = with(&|place| place.running_operation = Some("Import".to_owned()));
    tell("operation-running", Some(ErrorCode::SOLUTION_CONCURRENCY), found(&sample, &busy));
    let unmanaged = older(&|installed| installed.managed = false);
    tell("managed-over-unmanaged", Some(ErrorCode::MANAGED_OVER_UNMANAGED), found(&sample, &unmanaged));
    let source = replaced(&sample, manifest, "<Managed>1</Managed>", "<Managed>0</Managed>");
    tell("unmanaged-over-managed", Some(ErrorCode::UNMANAGED_OVER_MANAGED), found(&source, &older(&|_| {})));
    let of_another = older(&|installed| installed.publisher_details.unique_name = "fabrikam".to_owned());
    tell("publisher-differs", Some(ErrorCode::WRONG_PUBLISHER), found(&sample, &of_another));
    let begun = older(&|installed| installed.unique_name = format!("{}_Upgrade", package.unique_name));
    tell("upgrade-pending", Some(ErrorCode::UPGRADE_FAILED), found(&sample, &begun));
    tell("version-not-higher", None, found(&sample, &older(&|installed| installed.version = package.version.clone())));
    let gone = model::Component::new(ComponentType::ENTITY, "new_gone");
    let mut in_use = older(&|installed| installed.components.push(gone.clone()));
    tell("components-removed", None, found(&sample, &in_use));
    let mut other = package.clone();
    other.unique_name = "Other".to_owned();
    other.missing_dependencies[0].required = gone.clone();
    other.components.clear();
    in_use.solutions.extend(target(&[other]).solutions);
    tell("component-in-use", Some(ErrorCode::COMPONENT_IN_USE), found(&sample, &in_use));
    let mut playground = package.clone();
    playground.unique_name = "Playground".to_owned();
    playground.managed = false;
    playground.components = vec![app];
    let on_top = with(&|place| place.solutions.extend(target(&[playground.clone()]).solutions));
    tell("unmanaged-layer", Some(ErrorCode::OVERWRITES_ACTIVE_COMPONENT), found(&sample, &on_top));

    // Connections and variables.
    tell("connection-reference-without-connection", None, found(&sample, plain));
    let custom = "</connectorid><customconnectorid><connectorid>{5d6e0bf1-0000-4000-8000-000000000001}</connectorid></customconnectorid>";
    tell(
        "custom-connector-missing",
        None,
        found(&replaced(&sample, customizations, &reference, &reference.replace("</connectorid>", custom)), plain),
    );
    tell("packaged-variable-value", None, found(&sample, plain));
    let is_value = |name: &str| name.ends_with("environmentvariablevalues.json");
    let default = piece(&sample, variable, "<defaultvalue>", "</defaultvalue>");
    let valueless = replaced(&without(&sample, is_value), variable, &default, "");
    tell("variable-without-value", None, found(&valueless, plain));
    let number = replaced(&sample, variable, "<type>100000003</type>", "<type>100000001</type>");
    tell("packaged-value-of-wrong-type", None, found(&number, plain));

    // Secrets and hygiene.
    tell("secret-in-package", None, found(&telling("https://example.org/run?sig=0123456789abcdefABCDEF"), plain));
    let tenant = "https://login.microsoftonline.com/00000000-aaaa-4000-8000-000000000001/oauth2";
    tell("tenant-in-package", None, found(&telling(tenant), plain));
    tell("mail-address-in-package", None, found(&telling("Ask ada@contoso.com"), plain));
    tell("environment-address-in-package", None, found(&telling("https://contoso.crm4.dynamics.com/main.aspx"), plain));
    let off = workflow.replace("<StateCode>1</StateCode>", "<StateCode>0</StateCode>");
    tell("flow-switched-off", None, found(&replaced(&sample, customizations, &workflow, &off), plain));
    let logical_name = "\"connectionReferenceLogicalName\": \"msftcsa_MCSResponseAnalyzerDataverse\"";
    let embedded = replaced(&sample, flow, logical_name, "\"name\": \"shared-commondataser-1\"");
    tell("embedded-connection", None, found(&embedded, plain));

    // What is no matter of the package alone.
    let staged = stage(&package, plain);
    let newer = stage(&package, &older(&|installed| installed.version = "3.0".parse().unwrap()));
    let mut validated = staged.clone();
    validated.validation.push((Severity::Warning, None, "It is Friday.".to_owned()));
    let missing = [MissingRight {
        unknown: false,
        who: "Miguel Silva".to_owned(),
        right: EnvironmentRight::Import,
        environment: "Contoso Test".to_owned(),
        delegated: false,
        disabled: false,
    }];
    let settings = DeploymentSettings::default();
    let subject = Subject {
        package: &package,
        staged: &staged,
        stage_installed: None,
        settings: None,
        redeployment: false,
        missing_rights: &[],
    };
    let lacking = Subject { missing_rights: &missing, ..subject };
    tell("missing-right", Some(ErrorCode::PRIVILEGE_DENIED), preflight::check(&lacking));
    tell("target-validation", None, preflight::check(&Subject { staged: &validated, ..subject }));
    tell("version-lower", None, preflight::check(&Subject { staged: &newer, redeployment: true, ..subject }));
    tell("value-of-development", None, preflight::check(&Subject { settings: Some(&settings), ..subject }));

    let known: BTreeSet<(&str, Option<ErrorCode>)> = preflight::entries()
        .flat_map(|entry| {
            let codes: Vec<_> = entry.codes.iter().copied().map(Some).collect();
            let codes = if codes.is_empty() { vec![None] } else { codes };
            codes.into_iter().map(|code| (entry.id, code))
        })
        .collect();
    assert_eq!(seen, known, "a finding of the table has no broken package here");
}
