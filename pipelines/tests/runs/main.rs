//! Runs, from the request to the last stage, on every database: what people may do, what the worker does, and what is
//! left when workers die.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::large_futures,
    reason = "tests"
)]

#[path = "../common/mod.rs"]
mod common;

mod cancel;
mod comparison;
mod crash;
mod delivery;
mod demonstration;
mod drift;
mod gates;
mod history;
mod journey;
mod order;
mod package;
mod policy;
mod preflight;
mod prepared;
mod queue;
mod rights;
mod samples;
mod scene;
mod schedule;
mod settings;
mod settings_only;
mod version;
mod watch;
mod ways_back;
mod webhooks;
mod windows;
