//! The targets.

mod canvas_app;
mod customizations;
mod expression;
mod flow;
mod manifest;
mod package;
mod settings;

use solution::PackageError;

/// A reader, and what always holds of it.
#[derive(Clone, Copy, Debug)]
pub struct Target {
    /// Its name, and that of its folder in the corpus.
    pub name: &'static str,
    /// Reads some bytes.
    ///
    /// Panics where something that should always hold does not.
    pub run: fn(&[u8]),
    /// The part of the kept package that is an input of this target.
    pub part: Option<&'static str>,
    /// Whether its inputs are zips, whose parts are worth changing one by one.
    pub is_zip: bool,
}

/// Every target.
pub const TARGETS: [Target; 7] = [
    Target { name: "package", run: package::run, part: None, is_zip: true },
    Target { name: "manifest", run: manifest::run, part: Some("solution.xml"), is_zip: false },
    Target { name: "customizations", run: customizations::run, part: Some("customizations.xml"), is_zip: false },
    Target { name: "flow", run: flow::run, part: Some(flow::FILE), is_zip: false },
    Target { name: "canvas_app", run: canvas_app::run, part: Some(canvas_app::FILE), is_zip: true },
    Target { name: "expression", run: expression::run, part: None, is_zip: false },
    Target { name: "settings", run: settings::run, part: None, is_zip: false },
];

/// The target of a name.
pub fn named(name: &str) -> Option<&'static Target> {
    TARGETS.iter().find(|target| target.name == name)
}

/// A refusal has a code and a sentence of a sensible length.
fn refused(refusal: &PackageError) {
    assert!(refusal.code().0 != 0, "{refusal:?}");
    assert_sentence(&refusal.to_string());
}

fn assert_sentence(text: &str) {
    assert!(text.ends_with('.') && text.len() > 10, "{text:?} is no sentence");
    assert!(text.len() < 20_000, "a sentence of {} bytes", text.len());
}

/// How many times larger what is told may be than what was read: names stand with everything that belongs to what they
/// name, but they have a bound.
const TIMES: u64 = 100;

/// What is told must not be many times larger than what was read.
fn assert_in_proportion(what: &str, told: &impl serde::Serialize, read: u64) {
    let told = serde_json::to_vec(told).expect("plain data has a JSON form").len() as u64;
    assert!(told <= TIMES * read + (64 << 10), "{what}: {told} bytes are told of {read}");
}
