//! The shared vocabulary of Slipway: ids, versions, statuses, findings, settings, and what the pages show.
//!
//! Everything here is plain data that compiles for the server and for the browser. Status and option values keep
//! the numbers of the Power Platform, so that data and API stay compatible with it.

pub mod access;
pub mod audit;
pub mod comparison;
pub mod component;
pub mod connection;
pub mod dataverse;
pub mod delivery;
pub mod deployment_window;
pub mod drift;
pub mod environment;
pub mod environment_access;
pub mod error_code;
pub mod event;
pub mod finding;
pub mod gate;
pub mod id;
pub mod inspection;
pub mod installation;
pub mod package;
pub mod page;
pub mod pipeline;
pub mod policy;
pub mod problem;
pub mod queue;
pub mod session;
pub mod settings;
pub mod solution;
pub mod stage_run;
pub mod team;
pub mod timestamp;
pub mod token;
pub mod user;
pub mod variable;
pub mod version;
pub mod webhook;

pub use component::{Component, ComponentType};
pub use error_code::ErrorCode;
pub use finding::{Action, Finding, Severity};
pub use problem::{FieldProblem, Problem};
pub use timestamp::Timestamp;
pub use version::SolutionVersion;
