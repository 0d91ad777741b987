//! What every environment does behind the port, whichever adapter stands behind it. A new adapter gets a file like
//! `builtin.rs` and runs the same suite.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    missing_docs,
    reason = "tests"
)]

extern crate slipway_environment as environment;

mod builtin;
mod dataverse;
mod package;
mod package_store;
mod real_packages;
mod suite;
