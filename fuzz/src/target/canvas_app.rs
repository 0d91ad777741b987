//! The document of a canvas app, a zip in the zip.

use super::package;
use crate::corpus;

/// The app of the kept package.
pub(super) const FILE: &str = "CanvasApps/new_orders_DocumentUri.msapp";

pub(super) fn run(bytes: &[u8]) {
    let changed = corpus::package_with(FILE, bytes);
    package::run(&changed);
    package::compared(corpus::package(), &changed);
}
