//! Writing packages.

use crate::{PackageError, Result};
use model::{ErrorCode, SolutionVersion, package::Publisher};
use std::io::{Read, Seek, Write};

/// What to write differently.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Changes {
    /// Another version of the solution.
    pub version: Option<SolutionVersion>,
    /// Managed or unmanaged.
    pub managed: Option<bool>,
}

/// An empty unmanaged package to write.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewPackage {
    /// Unique name of the solution.
    pub unique_name: String,
    /// Name for people.
    pub display_name: String,
    /// Description, possibly empty.
    pub description: String,
    /// Version.
    pub version: SolutionVersion,
    /// Publisher.
    pub publisher: Publisher,
}

/// Writes a package again with changes in its manifest. Every other byte of content stays as it is.
pub fn rewrite(_source: impl Read + Seek, _target: impl Write + Seek, _changes: &Changes) -> Result<()> {
    Err(PackageError::new(ErrorCode::INVALID_FILE, "Writing packages is not there yet."))
}

/// Writes an empty unmanaged package.
pub fn write_new(_new: &NewPackage, _target: impl Write + Seek) -> Result<()> {
    Err(PackageError::new(ErrorCode::INVALID_FILE, "Writing packages is not there yet."))
}

/// Packs files into a zip, the same bytes for the same files.
pub fn pack(_files: &[(&str, &[u8])], _target: impl Write + Seek) -> Result<()> {
    Err(PackageError::new(ErrorCode::INVALID_FILE, "Writing packages is not there yet."))
}
