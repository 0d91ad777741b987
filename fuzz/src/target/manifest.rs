//! `solution.xml`.

use super::package;
use crate::corpus;

pub(super) fn run(bytes: &[u8]) {
    package::run(&corpus::package_with("solution.xml", bytes));
}
