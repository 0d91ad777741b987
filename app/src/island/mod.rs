//! The parts of pages that live in the browser. Each adds to what the server rendered; nothing depends on it.

pub(crate) mod live_region;
mod live_run;
mod local_time;
mod upload;

pub use live_region::LiveRegion;
pub use live_run::LiveRun;
pub use local_time::LocalTime;
pub use upload::Upload;
