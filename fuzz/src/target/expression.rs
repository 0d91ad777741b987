//! An expression of a policy.

use super::assert_sentence;
use crate::corpus;
use model::package::PackageFacts;
use pipelines::policy::expression;
use solution::Limits;
use std::{
    io::Cursor,
    sync::LazyLock,
    time::{Duration, Instant},
};
use tokio::runtime::{Builder, Runtime};

/// Longer than an expression may take: starting threads takes time as well.
const LONGEST: Duration = Duration::from_secs(4);

static FACTS: LazyLock<PackageFacts> = LazyLock::new(|| {
    solution::read(Cursor::new(corpus::package()), &Limits::default()).expect("the kept package is sound")
});

static RUNTIME: LazyLock<Runtime> =
    LazyLock::new(|| Builder::new_current_thread().enable_time().build().expect("a runtime"));

pub(super) fn run(bytes: &[u8]) {
    let Ok(text) = std::str::from_utf8(bytes) else { return };
    let began = Instant::now();
    match expression::problem(text) {
        Some(problem) => assert_sentence(&problem),
        None => {
            if let Err(problem) = RUNTIME.block_on(expression::holds(text, &FACTS)) {
                assert_sentence(&problem);
            }
        }
    }
    assert!(began.elapsed() < LONGEST, "an expression took {:?}", began.elapsed());
}
