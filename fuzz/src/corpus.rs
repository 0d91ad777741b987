//! Inputs that are kept, in `fuzz/corpus/<target>/`.
//!
//! A folder there stands for a zip of the files in it, and a folder inside of one whose name ends in `.msapp` for a zip
//! in the zip: so packages can be read, and changed, like everything else.

use crate::Target;
use std::{
    fs,
    io::{self, Cursor},
    path::{Path, PathBuf},
    sync::LazyLock,
};

/// A file of a package.
pub type File = (String, Vec<u8>);

/// An input with its name.
#[derive(Debug)]
pub struct Input {
    /// Where it is kept.
    pub name: String,
    /// The input.
    pub bytes: Vec<u8>,
}

/// The folder of a target's inputs.
pub fn folder(target: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("corpus").join(target)
}

/// The inputs of a target, sorted by name.
pub fn kept(target: &Target) -> io::Result<Vec<Input>> {
    let mut inputs = Vec::new();
    for path in entries(&folder(target.name))? {
        let bytes = if path.is_dir() { zipped(&files(&path)?) } else { fs::read(&path)? };
        inputs.push(Input { name: path.display().to_string(), bytes });
    }
    let part = target.part.and_then(|part| PARTS.iter().find(|(name, _)| name == part));
    inputs.extend(part.map(|(name, bytes)| Input { name: name.clone(), bytes: bytes.clone() }));
    Ok(inputs)
}

static PARTS: LazyLock<Vec<File>> =
    LazyLock::new(|| files(&folder("package").join("orders")).expect("the kept package"));

static PACKAGE: LazyLock<Vec<u8>> = LazyLock::new(|| zipped(&PARTS));

/// A package with components of every kind.
pub fn package() -> &'static [u8] {
    &PACKAGE
}

/// The package with other content in one of its files.
pub fn package_with(name: &str, content: &[u8]) -> Vec<u8> {
    let pick = |(part, own): &'static File| (part.as_str(), if part == name { content } else { own.as_slice() });
    let files: Vec<(&str, &[u8])> = PARTS.iter().map(pick).collect();
    packed(&files)
}

/// Packs files into a zip.
pub fn zipped(files: &[File]) -> Vec<u8> {
    let files: Vec<(&str, &[u8])> = files.iter().map(|(name, content)| (name.as_str(), content.as_slice())).collect();
    packed(&files)
}

fn packed(files: &[(&str, &[u8])]) -> Vec<u8> {
    let mut zip = Cursor::new(Vec::new());
    solution::pack(files, &mut zip).expect("small files can be packed");
    zip.into_inner()
}

fn entries(folder: &Path) -> io::Result<Vec<PathBuf>> {
    let mut paths = fs::read_dir(folder)?.map(|entry| Ok(entry?.path())).collect::<io::Result<Vec<_>>>()?;
    paths.sort();
    Ok(paths)
}

/// The files of a folder by their paths in it.
fn files(folder: &Path) -> io::Result<Vec<File>> {
    let mut found = Vec::new();
    for path in entries(folder)? {
        let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
        let is_zip = path.extension().is_some_and(|extension| extension == "msapp");
        match (path.is_dir(), is_zip) {
            (true, true) => found.push((name, zipped(&files(&path)?))),
            (true, false) => {
                found.extend(files(&path)?.into_iter().map(|(file, content)| (format!("{name}/{file}"), content)));
            }
            (false, _) => found.push((name, fs::read(&path)?)),
        }
    }
    Ok(found)
}
