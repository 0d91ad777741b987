//! OData queries as pure functions: text in, values out.

pub mod apply;
pub mod filter;
pub mod lexer;
pub mod parser;
pub mod query;

pub use apply::{Part, Row, Snapshot, part};
pub use filter::{Filter, Literal};
pub use query::Query;

#[cfg(test)]
mod tests;
