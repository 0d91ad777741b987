//! Packages written again as another version, managed or unmanaged.

use crate::Host;
use environment::{PackageStoreError, StoredPackage};
use model::SolutionVersion;
use solution::Changes;
use std::fs::File;

/// Stores a package again. Everything but the two marks in its manifest stays byte for byte.
pub(super) async fn rewritten(
    host: &Host,
    package: &StoredPackage,
    version: SolutionVersion,
    managed: bool,
) -> Result<StoredPackage, PackageStoreError> {
    let path = host.packages.path(package);
    let changes = Changes { version: Some(version), managed: Some(managed) };
    let write = move |target: &mut File| -> Result<(), PackageStoreError> {
        let source = File::open(&path)?;
        Ok(solution::rewrite(source, target, &changes)?)
    };
    host.packages.put_with(write).await
}
