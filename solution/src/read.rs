//! Reading packages.

use crate::{Limits, PackageError, Result};
use model::{ErrorCode, package::PackageFacts};
use std::{
    io::{Read, Seek},
    path::Path,
};

/// What stands in `solution.xml`.
#[derive(Clone, Debug)]
pub struct Manifest {}

/// Reads a package.
pub fn read(_reader: impl Read + Seek, _limits: &Limits) -> Result<PackageFacts> {
    Err(PackageError::new(ErrorCode::INVALID_FILE, "Reading packages is not there yet."))
}

/// Reads a package from a file.
pub fn read_file(_path: impl AsRef<Path>, _limits: &Limits) -> Result<PackageFacts> {
    Err(PackageError::new(ErrorCode::INVALID_FILE, "Reading packages is not there yet."))
}

/// Reads the manifest of a package only.
pub fn manifest(_reader: impl Read + Seek, _limits: &Limits) -> Result<Manifest> {
    Err(PackageError::new(ErrorCode::INVALID_FILE, "Reading packages is not there yet."))
}
