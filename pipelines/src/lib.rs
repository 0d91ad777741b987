//! The host of deployment pipelines.
//!
//! Every operation takes the [`Host`] and a [`Caller`] and decides by itself whether that caller may do it.

mod access;
pub mod artifact;
pub mod audit;
pub mod built_in;
pub mod caller;
pub mod comparison;
pub mod dashboard;
pub mod dataverse_connection;
pub mod delivery;
pub mod demo;
pub mod deployment_environment;
pub mod deployment_settings;
pub mod deployment_window;
pub mod drift;
pub mod environment_role;
pub mod error;
mod event;
mod field;
pub mod gate;
pub mod host;
pub mod installation;
pub mod news;
pub mod pipeline;
pub mod policy;
pub mod preflight;
mod principal;
mod proof;
pub mod rows;
pub mod secret;
pub mod session;
pub mod sign_in;
pub mod solution;
pub mod stage;
pub mod stage_run;
pub mod team;
pub mod time_zone;
pub mod token;
pub mod user;
pub mod webhook;

pub use caller::{Caller, Origin};
pub use error::{Error, Result};
pub use host::Host;
pub use news::{News, Topic};
pub use proof::Proof;
