//! The rows of built-in environments. A field that ends in `_key` holds a name as [`super::name_key`] makes it.

pub mod application_token;
pub mod application_user;
pub mod component;
pub mod connection;
pub mod environment;
pub mod import_job;
pub mod operation;
pub mod publisher;
pub mod reference_binding;
pub mod solution;
pub mod upload;
pub mod variable_value;
