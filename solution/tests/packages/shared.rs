//! Real packages beside the project. Tests over them say so and pass when they are not there.

use std::{collections::HashMap, fs, path::PathBuf};

/// A folder beside the project; none, said aloud, when it is not there.
pub fn folder(name: &str) -> Option<PathBuf> {
    let path = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../shared").join(name);
    if path.is_dir() {
        return Some(path);
    }
    println!("skipped: ../shared/{name} is not here");
    None
}

/// The rows of a table with tabs.
pub fn table(path: PathBuf) -> Vec<HashMap<String, String>> {
    let text = fs::read_to_string(path).unwrap();
    let mut lines = text.lines();
    let head: Vec<&str> = lines.next().unwrap().split('\t').collect();
    lines
        .map(|line| head.iter().map(|name| (*name).to_owned()).zip(line.split('\t').map(str::to_owned)).collect())
        .collect()
}

/// The zip files of a folder, in order.
pub fn zips(folder: &str) -> Vec<PathBuf> {
    let Some(folder) = self::folder(folder) else { return Vec::new() };
    let mut paths: Vec<PathBuf> = fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .filter(|path| path.extension().is_some_and(|extension| extension == "zip"))
        .collect();
    paths.sort();
    paths
}
