//! `slipway diff`: two packages compared on the command line.

use crate::comparison_report::{as_markdown, as_text};
use serde_json::json;
use solution::{Limits, PackageError};
use std::{io::Write, path::Path};

/// Exit status when nothing differs.
const EQUAL: u8 = 0;
/// Exit status when something differs.
const DIFFERENT: u8 = 1;
/// Exit status when a file is not a solution package.
const NOT_A_SOLUTION: u8 = 2;

/// How a comparison is printed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Form {
    /// For a terminal.
    Text,
    /// For a pull request or a page of notes.
    Markdown,
    /// For programs.
    Json,
}

/// Prints what differs between two packages. Returns the exit status, as `diff` has it: 0 when nothing differs, 1 when
/// something does, 2 when a file is not a solution package.
pub fn diff(before: &Path, after: &Path, form: Form, out: &mut dyn Write) -> u8 {
    let limits = Limits::default();
    let (text, status) = match solution::compare_files(Some(before), after, &limits) {
        Ok(comparison) => {
            let text = match form {
                Form::Text => as_text(&comparison),
                Form::Markdown => as_markdown(&comparison),
                // Plain data always has a JSON form.
                Form::Json => serde_json::to_string_pretty(&comparison).unwrap_or_default() + "\n",
            };
            (text, if comparison.is_empty() { EQUAL } else { DIFFERENT })
        }
        Err(error) => (refusal(before, after, &error, form), NOT_A_SOLUTION),
    };
    // Whoever stopped reading knows enough; the exit status still tells.
    let _ = out.write_all(text.as_bytes()).and_then(|()| out.flush());
    status
}

/// What is wrong, with the file that it is wrong with.
fn refusal(before: &Path, after: &Path, error: &PackageError, form: Form) -> String {
    let can_be_read = |path| solution::compare_files(None, path, &Limits::default()).is_ok();
    let file = if can_be_read(before) { after } else { before };
    let message = format!("{}: {error}", file.display());
    match form {
        Form::Json => format!("{:#}\n", json!({ "error": { "code": error.code(), "message": message } })),
        Form::Text | Form::Markdown => format!("{message} ({})\n", error.code()),
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing, reason = "tests")]

    use super::*;
    use serde_json::Value;
    use std::{fs::File, path::PathBuf};

    fn package(place: &tempfile::TempDir, version: &str, script: &str) -> PathBuf {
        let manifest = format!(
            r#"<ImportExportXml version="9.2"><SolutionManifest><UniqueName>Orders</UniqueName>
            <Version>{version}</Version><Managed>1</Managed><Publisher><UniqueName>contoso</UniqueName></Publisher>
            <RootComponents /><MissingDependencies /></SolutionManifest></ImportExportXml>"#
        );
        let customizations = "<ImportExportXml><WebResources><WebResource><Name>new_main.js</Name>\
             <FileName>/WebResources/new_main.js</FileName></WebResource></WebResources></ImportExportXml>";
        let path = place.path().join(format!("{version}.zip"));
        let files = [
            ("solution.xml", manifest.as_bytes()),
            ("customizations.xml", customizations.as_bytes()),
            ("[Content_Types].xml", b"<Types />".as_slice()),
            ("WebResources/new_main.js", script.as_bytes()),
        ];
        solution::pack(&files, File::create(&path).unwrap()).unwrap();
        path
    }

    fn run(before: &Path, after: &Path, form: Form) -> (u8, String) {
        let mut out = Vec::new();
        let status = diff(before, after, form, &mut out);
        (status, String::from_utf8(out).unwrap())
    }

    #[test]
    fn what_differs_is_told_in_three_forms() {
        let place = tempfile::tempdir().unwrap();
        let (one, two) = (package(&place, "1.0.0.0", "let a;\n"), package(&place, "1.1.0.0", "let <b>;\n"));
        let (status, text) = run(&one, &two, Form::Text);
        assert_eq!(status, 1);
        assert!(text.starts_with("Orders 1.0.0.0 → 1.1.0.0\n1 changed\n"), "{text}");
        assert!(text.contains("~ Web resource new_main.js\n") && text.contains("    + 1 let <b>;\n"), "{text}");
        let (status, markdown) = run(&one, &two, Form::Markdown);
        assert_eq!(status, 1);
        assert!(markdown.contains("```diff\n-let a;\n+let <b>;\n```"), "{markdown}");
        let (status, json) = run(&one, &two, Form::Json);
        assert_eq!(status, 1);
        let json: Value = serde_json::from_str(&json).unwrap();
        assert_eq!(json["components"][0]["differences"][0]["rows"][0]["after"]["text"], "let <b>;");
    }

    #[test]
    fn equal_packages_and_what_is_none_have_a_status_of_their_own() {
        let place = tempfile::tempdir().unwrap();
        let one = package(&place, "1.0.0.0", "let a;\n");
        assert_eq!(run(&one, &one, Form::Text), (0, "Orders 1.0.0.0\nNothing differs.\n".to_owned()));
        let other = place.path().join("other.zip");
        std::fs::write(&other, "text").unwrap();
        let (status, text) = run(&one, &other, Form::Text);
        assert_eq!(status, 2);
        assert!(text.contains("other.zip: The solution file is invalid"), "{text}");
        let (status, json) = run(&other, &one, Form::Json);
        let json: Value = serde_json::from_str(&json).unwrap();
        assert_eq!((status, json["error"]["code"].as_str()), (2, Some("0x80048060")));
        assert!(json["error"]["message"].as_str().unwrap().contains("other.zip"));
    }
}
