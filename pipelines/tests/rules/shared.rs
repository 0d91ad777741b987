//! Real packages, and pre-flight over them.

use environment::{
    TargetState,
    staging::{installed, stage},
};
use model::{Finding, Timestamp, package::PackageFacts};
use slipway_pipelines::preflight::{self, Subject};
use solution::Limits;
use std::io::{Cursor, Read};
pub use testbed::shared::folder;

/// The files of a real package, in memory; none when it is not there.
pub fn files(name: &str) -> Option<Vec<(String, Vec<u8>)>> {
    let path = folder("samples/solutions")?.join(name);
    let mut archive = zip::ZipArchive::new(std::fs::File::open(path).unwrap()).unwrap();
    let mut files = Vec::new();
    for index in 0..archive.len() {
        let mut file = archive.by_index(index).unwrap();
        let mut content = Vec::new();
        file.read_to_end(&mut content).unwrap();
        files.push((file.name().unwrap().into_owned(), content));
    }
    Some(files)
}

/// A zip of files.
pub fn zip(files: &[(String, Vec<u8>)]) -> Vec<u8> {
    let files: Vec<(&str, &[u8])> = files.iter().map(|(name, content)| (name.as_str(), content.as_slice())).collect();
    let mut bytes = Cursor::new(Vec::new());
    solution::pack(&files, &mut bytes).unwrap();
    bytes.into_inner()
}

pub fn read(bytes: &[u8]) -> Result<PackageFacts, solution::PackageError> {
    solution::read(Cursor::new(bytes), &Limits::default())
}

/// A target with packages installed.
pub fn target(packages: &[PackageFacts]) -> TargetState {
    TargetState {
        solutions: packages.iter().map(|package| installed(package, Timestamp(0))).collect(),
        ..TargetState::default()
    }
}

/// What pre-flight finds before settings are given.
pub fn check(package: &PackageFacts, target: &TargetState) -> Vec<Finding> {
    let staged = stage(package, target);
    preflight::check(&Subject {
        package,
        staged: &staged,
        stage_installed: None,
        settings: None,
        redeployment: false,
        missing_rights: &[],
    })
}
