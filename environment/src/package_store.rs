//! Packages on disk, found by their SHA-256.

/// A package in the store.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct StoredPackage {
    /// SHA-256 of its bytes, hexadecimal, lower case.
    pub sha256: String,
    /// Its size in bytes.
    pub bytes: u64,
}

/// The store.
#[derive(Clone, Debug)]
pub struct PackageStore {}
