//! What administrators configure, on every database: people, sessions, environments, pipelines, stages, and what makers
//! may then do in their environments.
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

mod access;
mod audit;
mod built_in;
mod dataverse_connections;
mod delegation;
mod environment_roles;
mod environments;
mod people;
mod personal;
mod pipelines;
mod provider_rights;
mod sessions;
mod sharing;
mod signing_in;
mod solutions;
mod stages;
mod teams;
mod tokens;
