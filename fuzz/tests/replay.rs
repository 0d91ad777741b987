//! Every kept input, once: what was mended stays mended.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "tests")]

use slipway_fuzz::{TARGETS, corpus, named};
use std::{
    collections::BTreeSet,
    fs,
    time::{Duration, Instant},
};

/// How long one input may take, without optimisation and beside other tests.
const LONGEST: Duration = Duration::from_secs(10);

fn replay(name: &str) {
    let target = named(name).unwrap();
    let inputs = corpus::kept(target).unwrap();
    assert!(!inputs.is_empty(), "nothing is kept for {name}");
    for input in inputs {
        eprintln!("{}", input.name);
        let began = Instant::now();
        (target.run)(&input.bytes);
        assert!(began.elapsed() < LONGEST, "{} took {:?}", input.name, began.elapsed());
    }
}

#[test]
fn package() {
    replay("package");
}

#[test]
fn manifest() {
    replay("manifest");
}

#[test]
fn customizations() {
    replay("customizations");
}

#[test]
fn flow() {
    replay("flow");
}

#[test]
fn canvas_app() {
    replay("canvas_app");
}

#[test]
fn expression() {
    replay("expression");
}

#[test]
fn settings() {
    replay("settings");
}

#[test]
fn every_folder_of_the_corpus_has_a_target() {
    let folders = fs::read_dir(corpus::folder("")).unwrap().map(|entry| entry.unwrap().file_name());
    let folders: BTreeSet<String> = folders.map(|name| name.to_string_lossy().into_owned()).collect();
    let names: BTreeSet<String> = TARGETS.iter().map(|target| target.name.to_owned()).collect();
    assert_eq!(folders, names);
}
