//! `customizations.xml`.

use super::package;
use crate::corpus;

pub(super) fn run(bytes: &[u8]) {
    let changed = corpus::package_with("customizations.xml", bytes);
    package::run(&changed);
    package::compared(corpus::package(), &changed);
    let other: Vec<u8> = bytes.iter().map(|byte| if *byte == b'7' { b'8' } else { *byte }).collect();
    package::compared(&changed, &corpus::package_with("customizations.xml", &other));
}
