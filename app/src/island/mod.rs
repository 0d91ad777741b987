//! The parts of pages that live in the browser. Each adds to what the server rendered; nothing depends on it.

pub(crate) mod live_region;
mod live_run;
mod local_time;
mod upload;

pub use live_region::LiveRegion;
pub use live_run::LiveRun;
pub use local_time::LocalTime;
pub use upload::Upload;

/// The cookie with which a browser whose islands woke up says so for its next pages, which then follow events instead of
/// being loaded again.
pub const SCRIPTING_COOKIE: &str = "scripting=on";
