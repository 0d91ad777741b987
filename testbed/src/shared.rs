//! Real packages beside the project, and what the platform did with them.

use model::{ErrorCode, Finding, package::PackageFacts};
use std::path::{Path, PathBuf};

/// A folder beside the project; none, said aloud, when it is not there.
pub fn folder(name: &str) -> Option<PathBuf> {
    let path = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../shared").join(name);
    if path.is_dir() {
        return Some(path);
    }
    println!("skipped: ../shared/{name} is not here");
    None
}

/// A package, what the target had, and whether the platform took it.
#[derive(Debug)]
pub struct Outcome {
    /// The package.
    pub package: PathBuf,
    /// Packages that were installed in the target.
    pub installed: Vec<PathBuf>,
    /// Whether the platform refused it.
    pub fails: bool,
    /// Components that the platform's message named.
    named: Vec<String>,
}

/// The outcomes whose packages are here; none, said aloud, when nothing is.
///
/// # Panics
/// When the table is not as it was, or hardly any of its packages is here.
pub fn outcomes() -> Option<Vec<Outcome>> {
    let (fixtures, samples) = (folder("fixtures")?, folder("samples/solutions")?);
    let table = std::fs::read_to_string(fixtures.join("import-outcomes.tsv")).expect("the table of outcomes");
    let mut outcomes = Vec::new();
    for line in table.lines().skip(1) {
        outcomes.extend(of_row(line, &samples));
    }
    assert!(outcomes.len() >= 6, "{} outcomes", outcomes.len());
    Some(outcomes)
}

/// The outcomes of one row. In a row with two packages the second one goes over the first, as its text says.
fn of_row(line: &str, samples: &Path) -> Vec<Outcome> {
    let columns: Vec<&str> = line.split('\t').collect();
    let [_, under_test, state, outcome, files, ..] = columns.as_slice() else { panic!("{line}") };
    let first = files.split([',', '+']).next().unwrap_or_default().trim();
    let package = samples.join(first);
    if package.extension().is_none_or(|extension| extension != "zip") || !package.exists() {
        return Vec::new();
    }
    let mut outcomes = Vec::new();
    // `Name 1.0.0.6 then 1.0.1.0`, and `Name 1.0.0.0 managed installed` in the target.
    if let Some((_, later)) = under_test.split_once(" then ") {
        let (_, ending) = files.split_once(", ").expect("two packages");
        let stem = first.strip_suffix("_managed.zip").and_then(|stem| stem.rsplit_once("_1_")).expect("a version").0;
        let second = samples.join(format!("{stem}{ending}"));
        assert!(later.starts_with("1.0.1.0") && second.exists(), "{line}");
        let installed = vec![package.clone()];
        outcomes.push(Outcome { package: second, installed, fails: false, named: Vec::new() });
    }
    let before = state.strip_suffix(" managed installed").map(|name| name.replace([' ', '.'], "_"));
    let before = before.map(|name| samples.join(format!("WaelHamze_xrm-ci-framework__{name}_managed.zip")));
    let fails = outcome.starts_with("FAIL");
    let schema_names = outcome.split("<Required ").skip(1).filter_map(|required| {
        let (_, name) = required.split("/>").next()?.split_once("schemaName=\"")?;
        Some(name.split('"').next()?.to_owned())
    });
    let named = schema_names.collect();
    outcomes.push(Outcome { package, installed: before.into_iter().collect(), fails, named });
    outcomes
}

impl Outcome {
    /// Asserts that pre-flight says what the platform did, of the same components.
    ///
    /// # Panics
    /// When it does not.
    pub fn assert_foretold(&self, facts: &PackageFacts, findings: &[Finding]) {
        let package = self.package.display();
        let errors: Vec<&Finding> = findings.iter().filter(|finding| finding.blocks()).collect();
        assert_eq!(!errors.is_empty(), self.fails, "{package}: {errors:?}");
        // Every package that was refused was refused for its dependencies, and the message named all of them.
        let mut named: Vec<_> = errors
            .iter()
            .inspect(|finding| assert_eq!(finding.code, Some(ErrorCode::MISSING_DEPENDENCIES), "{package}"))
            .flat_map(|finding| &finding.components)
            .map(|component| (component.parent.clone(), component.name.clone()))
            .collect();
        named.sort();
        let required = facts.missing_dependencies.iter().map(|missing| &missing.required);
        let mut expected: Vec<_> = required
            .filter(|_| self.fails)
            .map(|component| (component.parent.clone(), component.name.clone()))
            .collect();
        expected.sort();
        assert_eq!(named, expected, "{package}");
        for name in &self.named {
            assert!(named.iter().any(|(_, told)| told == name), "{package}: {name} is not among {named:?}");
        }
    }
}
