//! The pages.
//!
//! Pages are rendered on the server only, as plain HTML with plain forms. What is in [`island`], and the
//! [`components`] it uses, are compiled for the browser, too, and make parts of a page live. Everything works without it.

// Views are types that nest as deep as their elements.
#![recursion_limit = "256"]

pub mod components;
#[cfg(feature = "ssr")]
pub mod context;
#[cfg(feature = "ssr")]
pub mod cookie;
#[cfg(feature = "ssr")]
pub mod error;
#[cfg(feature = "ssr")]
pub mod form;
pub mod island;
#[cfg(feature = "ssr")]
mod layout;
#[cfg(feature = "ssr")]
mod page;
#[cfg(feature = "ssr")]
mod shown_once;
#[cfg(feature = "ssr")]
pub mod sign_in;
#[cfg(feature = "ssr")]
mod site;

#[cfg(feature = "ssr")]
pub use page::configuration::audit::read as audit_filter;
#[cfg(feature = "ssr")]
pub use page::configuration::delivery::read as delivery_filter;
#[cfg(feature = "ssr")]
pub use site::{App, shell};
