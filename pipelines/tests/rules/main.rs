//! The rules of pre-flight against real packages, and against what the platform did with them. Where the packages are not
//! beside the project, the tests say so and pass.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing, reason = "tests")]
#![allow(clippy::case_sensitive_file_extension_comparisons, reason = "the names of the samples are known")]

mod documentation;
mod mutations;
mod outcomes;
mod samples;
mod shared;
