//! The tables of the host of pipelines as an organisation of the Dataverse Web API, at `/api/data/v9.2/`: environments,
//! pipelines, stages, runs, artifacts, and the functions and actions that scripts for the platform's pipelines use.
//!
//! What is asked in what form is the business of `web_api`, what may be seen and done that of `pipelines`: here is only
//! how the one's words are the other's.

mod action;
mod change;
mod error;
mod function;
mod given;
mod organization;
mod router;
mod row;
mod signatures;
mod stage_run;
mod tables;
mod validation_results;

pub use router::{ADDRESSES, HostApi, routes};
