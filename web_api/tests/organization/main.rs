//! Built-in environments as organisations of the Dataverse Web API.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    missing_docs,
    reason = "tests"
)]

extern crate slipway_web_api as web_api;

mod batch;
mod bed;
mod clients;
#[path = "../../../environment/tests/contract/package.rs"]
#[allow(dead_code, reason = "these tests need a part of it only")]
mod package;
mod query;
mod sign_in;
mod solutions;
