//! The Dataverse Web API (OData v4, JSON) of built-in environments: each is an organisation of its own below
//! `/environments/{id}/api/data/v9.2/`, with a token endpoint for its application users.
//!
//! Clients of the platform work against it unchanged. Tables are data (`tables`), queries are pure functions over rows
//! (`odata`), packages stream.

mod batch;
mod call;
mod change;
mod connectivity;
mod error;
mod import_report;
mod metadata;
mod odata;
mod operation;
mod organization;
mod record;
mod router;
mod service;
mod table;
mod tables;
mod throttle;
mod token;
mod transfer;
mod web_api;

pub use organization::MARK;
pub use router::{ADDRESSES, routes};
pub use throttle::Limits;
pub use token::TENANT;
pub use web_api::{Admission, Asked, Gate, Principal, WebApi};
