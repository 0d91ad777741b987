//! A whole package: read, checked, compared and written again.

use super::{assert_in_proportion, assert_sentence, refused};
use environment::{
    TargetState,
    staging::{installed, stage},
};
use model::{SolutionVersion, Timestamp, comparison::Comparison, package::PackageFacts, stage_run::ChangeKind};
use pipelines::preflight::{self, Subject};
use solution::{Changes, Limits, compare, manifest, read, rewrite};
use std::{collections::BTreeMap, io::Cursor};

pub(super) fn run(bytes: &[u8]) {
    let limits = Limits::default();
    let facts = match read(Cursor::new(bytes), &limits) {
        Ok(facts) => facts,
        Err(refusal) => return refused(&refusal),
    };
    assert_in_proportion("facts", &facts, facts.unpacked_bytes);
    facts.unreadable_files.iter().for_each(|file| assert_sentence(&file.message));
    let alone = manifest(Cursor::new(bytes), &limits).expect("what is read has a manifest");
    assert_eq!((&alone.unique_name, &alone.version), (&facts.unique_name, &facts.version));
    let json = serde_json::to_vec(&facts).expect("facts have a JSON form");
    let again: PackageFacts = serde_json::from_slice(&json).expect("facts are read again");
    assert_eq!(again, facts, "facts come back from JSON as they were");

    check(&facts, &TargetState::default());
    let solutions = vec![installed(&facts, Timestamp(0))];
    check(&facts, &TargetState { solutions, ..TargetState::default() });
    written_again(bytes, &facts);
    match compare(Some(Cursor::new(bytes)), Cursor::new(bytes), &limits) {
        Ok(comparison) => assert!(comparison.is_empty(), "a package differs from itself: {comparison:?}"),
        Err(refusal) => refused(&refusal),
    }
}

fn check(facts: &PackageFacts, target: &TargetState) {
    let staged = stage(facts, target);
    let findings = preflight::check(&Subject {
        package: facts,
        staged: &staged,
        stage_installed: None,
        settings: None,
        redeployment: false,
        missing_rights: &[],
    });
    for finding in &findings {
        assert!(!finding.title.is_empty(), "{finding:?}");
        assert_sentence(&finding.message);
    }
    assert_in_proportion("findings", &findings, facts.unpacked_bytes);
}

/// Written again under another version, a package is the same but for that.
fn written_again(bytes: &[u8], facts: &PackageFacts) {
    let version: SolutionVersion = "9.8.7.6".parse().expect("a version");
    let changes = Changes { version: Some(version.clone()), managed: Some(!facts.managed) };
    let mut written = Cursor::new(Vec::new());
    if let Err(refusal) = rewrite(Cursor::new(bytes), &mut written, &changes) {
        return refused(&refusal);
    }
    let again = read(&mut written, &Limits::default()).expect("what is written is read again");
    let expected = PackageFacts {
        version,
        managed: !facts.managed,
        packed_bytes: again.packed_bytes,
        unpacked_bytes: again.unpacked_bytes,
        ..facts.clone()
    };
    assert_eq!(again, expected, "a package written again is another one");
}

/// Two packages, compared in both directions, differ in the same components.
pub(super) fn compared(before: &[u8], after: &[u8]) {
    let limits = Limits::default();
    let there = compare(Some(Cursor::new(before)), Cursor::new(after), &limits);
    let back = compare(Some(Cursor::new(after)), Cursor::new(before), &limits);
    let (there, back) = match (there, back) {
        (Ok(there), Ok(back)) => (there, back),
        (Err(one), Err(other)) => {
            refused(&one);
            return refused(&other);
        }
        (one, other) => panic!("one direction is refused: {:?} {:?}", one.err(), other.err()),
    };
    let turned = |change| match change {
        ChangeKind::Added => ChangeKind::Removed,
        ChangeKind::Removed => ChangeKind::Added,
        other => other,
    };
    assert_eq!(changes(&there, |change| change), changes(&back, turned), "the directions do not mirror each other");
    assert_in_proportion("the comparison", &there, 4 * (before.len() + after.len()) as u64);
}

/// How components change, and in how many places.
fn changes(comparison: &Comparison, turn: impl Fn(ChangeKind) -> ChangeKind) -> BTreeMap<String, Vec<String>> {
    let mut changes: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for compared in &comparison.components {
        let places = match compared.change {
            ChangeKind::Changed => compared.differences.len() + compared.omitted as usize,
            _ => 0,
        };
        let name = format!("{:?} {}", compared.component.kind, compared.component.name.to_lowercase());
        changes.entry(name).or_default().push(format!("{:?} {places}", turn(compared.change)));
    }
    for of_one_name in changes.values_mut() {
        of_one_name.sort();
    }
    changes
}
