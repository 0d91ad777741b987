//! The Slipway process: settings, routes, sessions, security headers, live events, files, and the command line.

pub mod accounts;
pub mod address;
pub mod background;
pub mod check;
pub mod command_line;
pub mod configuration;
pub mod database;
pub mod first_start;
pub mod host;
pub mod log;
pub mod memory;
pub mod observation;
pub mod origin;
pub mod pages;
pub mod refusal;
pub mod route;
pub mod router;
pub mod security;
pub mod serve;
pub mod session_store;
pub mod setting;
pub mod site;
pub mod slipway;
pub mod visitor;
