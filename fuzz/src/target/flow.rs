//! The file of a cloud flow.

use super::package;
use crate::corpus;

/// The flow of the kept package.
pub(super) const FILE: &str = "Workflows/Approve-5A0B6F4E-0A5C-4C1B-9E55-0D5B7C2F1A10.json";

pub(super) fn run(bytes: &[u8]) {
    let changed = corpus::package_with(FILE, bytes);
    package::run(&changed);
    package::compared(corpus::package(), &changed);
    let other: Vec<u8> = bytes.iter().map(|byte| if *byte == b'7' { b'8' } else { *byte }).collect();
    package::compared(&changed, &corpus::package_with(FILE, &other));
}
