//! The XML of `importjob.data`: what came of an import, component by component.

use model::ErrorCode;
use quick_xml::{Reader, XmlVersion, events::Event};

/// Bytes of a report that are looked at.
const MOST: usize = 32 * 1024 * 1024;

/// Results that are kept.
const MOST_RESULTS: usize = 1000;

/// How deep elements may be nested.
const DEEPEST: usize = 64;

/// What came of one component.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ComponentResult {
    /// What it is, in the report's own word: `optionSet`, `webResource`, `solutionManifest`.
    pub kind: String,
    /// Its name, or its id where it has none.
    pub name: String,
    /// Whether it failed; a warning otherwise.
    pub failed: bool,
    /// The platform's code.
    pub code: Option<ErrorCode>,
    /// What went wrong.
    pub message: String,
}

/// What stands in a report.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ImportReport {
    /// Components that came in.
    pub succeeded: usize,
    /// Failures and warnings, in their order.
    pub problems: Vec<ComponentResult>,
}

impl ImportReport {
    /// Reads a report, or as much of it as can be read.
    pub fn parse(xml: &str) -> Self {
        let mut report = Self::default();
        let end = (0..=xml.len().min(MOST)).rev().find(|at| xml.is_char_boundary(*at)).unwrap_or_default();
        let mut reader = Reader::from_str(xml.get(..end).unwrap_or_default());
        let mut open: Vec<(String, String)> = Vec::new();
        loop {
            match reader.read_event() {
                Ok(Event::Start(element)) => {
                    let name = local(element.name().as_ref());
                    let attributes = attributes(&element);
                    if name == "result" {
                        report.take(&open, &attributes);
                    }
                    let shown = ["LocalizedName", "id", "name", "Name"].iter().find_map(|wanted| {
                        attributes
                            .iter()
                            .find(|(name, value)| name == wanted && !value.is_empty())
                            .map(|(_, value)| value.clone())
                    });
                    if open.len() >= DEEPEST {
                        return report;
                    }
                    open.push((name, shown.unwrap_or_default()));
                }
                Ok(Event::Empty(element)) => {
                    if local(element.name().as_ref()) == "result" {
                        report.take(&open, &attributes(&element));
                    }
                }
                Ok(Event::End(_)) => {
                    open.pop();
                }
                Ok(Event::Eof) | Err(_) => return report,
                Ok(_) => {}
            }
        }
    }

    /// The failure that explains the others: the first one.
    pub fn failure(&self) -> Option<&ComponentResult> {
        self.problems.iter().find(|problem| problem.failed)
    }

    fn take(&mut self, open: &[(String, String)], attributes: &[(String, String)]) {
        let text = |wanted: &str| {
            attributes.iter().find(|(name, _)| name == wanted).map(|(_, value)| value.as_str()).unwrap_or_default()
        };
        let outcome = text("result").to_ascii_lowercase();
        if outcome == "success" {
            self.succeeded += 1;
            return;
        }
        if self.problems.len() >= MOST_RESULTS {
            return;
        }
        let (kind, name) = open.last().cloned().unwrap_or_default();
        let message = text("errortext");
        self.problems.push(ComponentResult {
            kind,
            name,
            failed: outcome == "failure",
            code: super::http::read_code(text("errorcode")),
            message: message.split_once(": FAILURE: ").map_or(message, |(_, rest)| rest).to_owned(),
        });
    }
}

fn local(name: &str) -> String {
    name.to_owned()
}

fn attributes(element: &quick_xml::events::BytesStart<'_>) -> Vec<(String, String)> {
    element
        .attributes()
        .filter_map(std::result::Result::ok)
        .take(50)
        .map(|attribute| {
            let value = attribute.normalized_value(XmlVersion::Implicit1_0).unwrap_or_default().into_owned();
            (local(attribute.key.as_ref()), value)
        })
        .collect()
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "tests")]

    use super::*;

    #[test]
    fn a_report_is_read_component_by_component() {
        let report = ImportReport::parse(
            r#"<importexportxml progress="80"><solutionManifests><solutionManifest id="Orders"><result result="success" errorcode="0"/>
            </solutionManifest></solutionManifests><optionSets><optionSet id="new_size" LocalizedName="Size"><result result="warning"
            errorcode="0x80045043" errortext="Was there"/></optionSet></optionSets><workflows><workflow id="w" LocalizedName="Mail"><result
            result="failure" errorcode="-2147188707" errortext="Workflow import: FAILURE: No &quot;x&quot;"><parameters/></result></workflow></workflows></importexportxml>"#,
        );
        assert_eq!((report.succeeded, report.problems.len()), (1, 2));
        let failure = report.failure().unwrap();
        assert_eq!((failure.kind.as_str(), failure.name.as_str()), ("workflow", "Mail"));
        assert_eq!((failure.code, failure.message.as_str()), (Some(ErrorCode::MISSING_DEPENDENCIES), "No \"x\""));
        assert_eq!(report.problems[0].name, "Size");
        assert_eq!(ImportReport::parse("<a><b"), ImportReport::default());
    }

    #[test]
    fn recorded_reports_are_read() {
        let folder = std::path::PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../shared/fixtures");
        let read = |name: &str| std::fs::read_to_string(folder.join(name));
        let (Ok(failed), Ok(done)) =
            (read("importjob_data_failure_missingdeps.xml"), read("importjob_data_success_doc_sample.xml"))
        else {
            println!("skipped: ../shared/fixtures is not here");
            return;
        };
        let report = ImportReport::parse(&failed);
        let failure = report.failure().unwrap();
        assert_eq!((failure.code, failure.name.as_str()), (Some(ErrorCode::MISSING_DEPENDENCIES), "Solution Name"));
        assert!(
            failure
                .message
                .starts_with("The following solution cannot be imported: SolutionId. Some dependencies are missing.")
        );
        let report = ImportReport::parse(&done);
        assert_eq!((report.succeeded, report.problems.len()), (5, 0));
    }
}
