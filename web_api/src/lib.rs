//! The Dataverse Web API (OData v4, JSON): a service for whatever has tables ([`Organization`]), and with it the built-in
//! environments, each an organisation of its own below `/environments/{id}/api/data/v9.2/`, with a token endpoint for its
//! application users.
//!
//! Clients of the platform work against it unchanged. Tables are data ([`table`]), queries are pure functions over rows
//! (`odata`), packages stream.

mod batch;
mod built_in;
pub mod call;
pub mod change;
pub mod error;
mod load;
pub mod metadata;
mod odata;
pub mod organization;
mod record;
mod router;
mod serve;
mod service;
pub mod table;
mod throttle;
mod token;
mod web_api;

pub use built_in::MARK;
pub use odata::{Row, apply::FORMATTED};
pub use organization::Organization;
pub use record::{known, row};
pub use router::{ADDRESSES, routes};
pub use serve::{bearer, origin, serve, unauthorized, version_of};
pub use throttle::{Limits, Throttle};
pub use token::TENANT;
pub use web_api::{Admission, Asked, Gate, Principal, WebApi};
