//! What must never panic, hang or fill the memory, whatever it is given: the readers of what comes from outside.
//!
//! A [`Target`] is a function from bytes that asserts what always holds: a refusal has a code and a sentence, what is
//! told is not many times larger than what was read, and what is written is read again as it was. `make fuzz` looks for
//! inputs that break one, led by the branches they take. `make test` replays those that are kept in `fuzz/corpus`.
#![allow(clippy::expect_used, clippy::missing_panics_doc, clippy::panic, reason = "what a target is for")]

pub mod corpus;
pub mod mutation;
mod target;

pub use target::{TARGETS, Target, named};
