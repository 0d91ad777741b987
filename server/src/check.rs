//! `slipway check`: pre-flight on the command line.

use environment::{
    TargetState,
    staging::{installed, stage},
};
use model::{
    ErrorCode, Finding, Severity, Timestamp,
    package::{CheckReport, PackageFacts},
};
use pipelines::preflight::{self, Subject};
use serde_json::json;
use solution::{Limits, PackageError, read_file};
use std::{
    fmt::Write as _,
    io::Write,
    path::{Path, PathBuf},
};

/// Exit status when nothing keeps the package from being deployed.
const WITHOUT_ERRORS: u8 = 0;
/// Exit status when an error was found.
const WITH_ERRORS: u8 = 1;
/// Exit status when a file is not a solution package.
const NOT_A_SOLUTION: u8 = 2;

/// Prints what pre-flight says to a package in a target that has the `others` installed. Returns the exit status: 0
/// without errors, 1 with errors, 2 when a file is not a solution package.
///
/// Nothing is known of the target's connections, so they are spoken of as what a deployment will ask for.
pub fn check(package: &Path, others: &[PathBuf], json: bool, out: &mut dyn Write) -> u8 {
    let (text, status) = match report(package, others) {
        Ok(report) => {
            let status = if report.findings.iter().any(Finding::blocks) { WITH_ERRORS } else { WITHOUT_ERRORS };
            (if json { as_json(&report) } else { as_text(&report, others.len()) }, status)
        }
        Err(refused) => (if json { refused.as_json() } else { refused.as_text() }, NOT_A_SOLUTION),
    };
    // Whoever stopped reading knows enough; the exit status still tells.
    let _ = out.write_all(text.as_bytes()).and_then(|()| out.flush());
    status
}

fn report(package: &Path, others: &[PathBuf]) -> Result<CheckReport, Refused> {
    let limits = Limits::default();
    let package = read_file(package, &limits).map_err(|error| Refused { file: None, error })?;
    let mut target = TargetState::default();
    for path in others {
        let other =
            read_file(path, &limits).map_err(|error| Refused { file: Some(path.display().to_string()), error })?;
        // Named twice, the later one is what the target ends up with.
        target.solutions.retain(|solution| !solution.summary.unique_name.eq_ignore_ascii_case(&other.unique_name));
        target.solutions.push(installed(&other, Timestamp::default()));
    }
    let staged = stage(&package, &target);
    let subject = Subject {
        package: &package,
        staged: &staged,
        stage_installed: None,
        settings: None,
        redeployment: false,
        missing_rights: &[],
    };
    let findings = preflight::check(&subject);
    Ok(CheckReport { package, findings })
}

/// A file that is not a solution package; named when it is one of the others.
struct Refused {
    file: Option<String>,
    error: PackageError,
}

impl Refused {
    fn code(&self) -> ErrorCode {
        self.error.code()
    }

    fn message(&self) -> String {
        match &self.file {
            Some(file) => format!("{file}: {}", self.error),
            None => self.error.to_string(),
        }
    }

    fn as_json(&self) -> String {
        format!("{:#}\n", json!({ "error": { "code": self.code(), "message": self.message() } }))
    }

    fn as_text(&self) -> String {
        format!("{} ({})\n", self.message(), self.code())
    }
}

fn as_json(report: &CheckReport) -> String {
    // Plain data always has a JSON form.
    serde_json::to_string_pretty(report).unwrap_or_default() + "\n"
}

fn as_text(report: &CheckReport, others: usize) -> String {
    let mut text = heading(&report.package);
    for finding in &report.findings {
        let code = finding.code.map(|code| format!(" {code}")).unwrap_or_default();
        let _ = write!(text, "\n{}{code}: {}\n  {}\n", finding.severity.label(), finding.title, finding.message);
        if !finding.remedy.is_empty() {
            let _ = writeln!(text, "  {}", finding.remedy);
        }
    }
    let count = |severity| report.findings.iter().filter(|finding| finding.severity == severity).count();
    let (errors, warnings) = (count(Severity::Error), count(Severity::Warning));
    let target = match others {
        0 => "an empty environment".to_owned(),
        1 => "an environment with the one given solution".to_owned(),
        many => format!("an environment with the {many} given solutions"),
    };
    let verdict = if errors > 0 { "cannot be deployed" } else { "can be deployed" };
    let _ = writeln!(
        text,
        "\n{}, {}. The package {verdict} to {target}.",
        counted(errors, "error"),
        counted(warnings, "warning")
    );
    text
}

fn heading(package: &PackageFacts) -> String {
    let kind = if package.managed { "managed" } else { "unmanaged" };
    let name = if package.display_name == package.unique_name {
        package.unique_name.clone()
    } else {
        format!("{} ({})", package.display_name, package.unique_name)
    };
    let contents = [
        (package.root_components.len(), "root component"),
        (package.entities as usize, "table"),
        (package.workflows as usize, "process"),
        (package.canvas_apps as usize, "canvas app"),
        (package.connection_references.len(), "connection reference"),
        (package.environment_variables.len(), "environment variable"),
        (package.missing_dependencies.len(), "dependency"),
    ];
    let contents: Vec<String> =
        contents.into_iter().filter(|(count, _)| *count > 0).map(|(count, noun)| counted(count, noun)).collect();
    let contents = if contents.is_empty() { "No components".to_owned() } else { contents.join(", ") };
    format!("{name} {}, {kind}, from {}\n{contents}\n", package.version, package.publisher_details.display_name)
}

/// `1 process`, `2 processes`, `3 dependencies`.
fn counted(count: usize, noun: &str) -> String {
    match (count, noun.strip_suffix('y')) {
        (1, _) => format!("1 {noun}"),
        (_, Some(stem)) => format!("{count} {stem}ies"),
        _ if noun.ends_with('s') => format!("{count} {noun}es"),
        _ => format!("{count} {noun}s"),
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing, reason = "tests")]

    use super::*;
    use serde_json::Value;
    use std::fs::File;

    struct Place(tempfile::TempDir);

    impl Place {
        fn new() -> Self {
            Self(tempfile::tempdir().unwrap())
        }

        fn package(&self, name: &str, version: &str, roots: &str, missing: &str) -> PathBuf {
            let manifest = format!(
                r#"<ImportExportXml version="9.2"><SolutionManifest><UniqueName>{name}</UniqueName>
                <Version>{version}</Version><Managed>1</Managed><Publisher><UniqueName>contoso</UniqueName></Publisher>
                <RootComponents>{roots}</RootComponents><MissingDependencies>{missing}</MissingDependencies>
                </SolutionManifest></ImportExportXml>"#
            );
            let path = self.0.path().join(format!("{name}_{version}.zip"));
            let files = [
                ("solution.xml", manifest.as_bytes()),
                ("customizations.xml", b"<ImportExportXml />".as_slice()),
                ("[Content_Types].xml", b"<Types />".as_slice()),
            ];
            solution::pack(&files, File::create(&path).unwrap()).unwrap();
            path
        }
    }

    const REGION: &str = r#"<RootComponent type="1" schemaName="new_region" behavior="0" />"#;
    const NEEDS_REGION: &str = r#"<MissingDependency>
        <Required type="1" schemaName="new_region" displayName="Region" solution="Active" />
        <Dependent type="60" displayName="Main" id="{f1}" /></MissingDependency>"#;

    fn run(package: &Path, others: &[PathBuf], json: bool) -> (u8, String) {
        let mut out = Vec::new();
        let status = check(package, others, json, &mut out);
        (status, String::from_utf8(out).unwrap())
    }

    fn run_json(package: &Path, others: &[PathBuf]) -> (u8, Value) {
        let (status, text) = run(package, others, true);
        (status, serde_json::from_str(&text).unwrap())
    }

    #[test]
    fn a_missing_dependency_is_an_error_until_a_package_with_it_is_installed() {
        let place = Place::new();
        let orders = place.package("Orders", "1.0.0.0", "", NEEDS_REGION);
        let (status, report) = run_json(&orders, &[]);
        assert_eq!(status, 1);
        assert_eq!(report["package"]["uniqueName"], "Orders");
        assert_eq!(report["package"]["managed"], true);
        let finding = &report["findings"][0];
        assert_eq!(
            (&finding["severity"], &finding["code"], &finding["rule"]),
            (&json!("error"), &json!("0x8004801D"), &json!("missing-dependency"))
        );
        assert_eq!(
            finding["components"][0],
            json!({ "type": 1, "name": "new_region", "parent": null, "displayName": "Region" })
        );

        let regions = place.package("Regions", "1.0.0.0", REGION, "");
        let (status, report) = run_json(&orders, &[regions]);
        assert_eq!((status, &report["findings"]), (0, &json!([])));
    }

    #[test]
    fn what_is_no_solution_has_a_status_and_a_code_of_its_own() {
        let place = Place::new();
        let other = place.0.path().join("other.zip");
        std::fs::write(&other, "text").unwrap();
        let (status, report) = run_json(&other, &[]);
        assert_eq!((status, &report["error"]["code"]), (2, &json!("0x80048060")));

        let orders = place.package("Orders", "1.0.0.0", "", "");
        let (status, report) = run_json(&orders, &[other]);
        assert_eq!(status, 2);
        assert!(report["error"]["message"].as_str().unwrap().contains("other.zip: The solution file is invalid"));

        let (status, report) = run_json(&place.0.path().join("nowhere.zip"), &[]);
        assert_eq!((status, &report["error"]["code"]), (2, &json!("0x80048000")));
    }

    #[test]
    fn the_later_of_two_packages_of_one_solution_is_installed() {
        let place = Place::new();
        let others = [place.package("Orders", "2.0.0.0", "", ""), place.package("Orders", "1.0.0.0", "", "")];
        let (status, _) = run_json(&place.package("Orders", "1.5.0.0", "", ""), &others);
        assert_eq!(status, 0);
    }

    #[test]
    fn people_read_the_verdict_and_what_to_do() {
        let place = Place::new();
        let (status, text) = run(&place.package("Orders", "1.0.0.0", "", NEEDS_REGION), &[], false);
        assert_eq!(status, 1);
        assert!(text.starts_with("Orders 1.0.0.0, managed, from contoso\n1 dependency\n"), "{text}");
        assert!(text.contains("Error 0x8004801D: Missing table “Region” (new_region)"), "{text}");
        assert!(
            text.ends_with("1 error, 0 warnings. The package cannot be deployed to an empty environment.\n"),
            "{text}"
        );
    }
}
