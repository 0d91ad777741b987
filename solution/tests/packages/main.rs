//! Packages as the platform writes them, as others break them, and as Slipway writes them.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing, reason = "tests")]

mod comparing;
mod fixture;
mod formats;
mod hostile;
mod rewriting;
mod round_trips;
mod samples;
mod shared;
