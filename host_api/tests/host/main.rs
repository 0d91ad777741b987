//! The host's tables as an organisation of the Web API, asked as scripts for the platform's pipelines ask.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::large_futures,
    missing_docs,
    reason = "tests"
)]

extern crate pipelines as slipway_pipelines;
extern crate slipway_host_api as host_api;

#[path = "../../../pipelines/tests/common/mod.rs"]
mod common;
#[path = "../../../pipelines/tests/runs/package.rs"]
#[allow(dead_code, reason = "these tests need a part of it only")]
mod package;
#[path = "../../../pipelines/tests/runs/scene.rs"]
#[allow(dead_code, reason = "these tests need a part of it only")]
mod scene;
#[path = "../../../pipelines/tests/runs/watch.rs"]
#[allow(dead_code, reason = "these tests need a part of it only")]
mod watch;

mod access;
mod bed;
mod clients;
mod configuration;
mod deployment;
mod gates;
mod reading;
