//! Stage runs: one attempt to bring one version of a solution into the target of one stage.
//!
//! A run is asked for ([`request`]), goes through pre-flight, waits for its maker's settings ([`wizard`]), and is
//! deployed ([`deploy`]). People decide in the functions of this module; the [`worker`] does the rest. Where a run may
//! go from where it stands is decided by [`state`] alone, and every change of a run is written by `journal` alone.

mod access;
mod announced;
mod apply;
mod approval;
mod authority;
mod beginning;
mod card;
mod course;
mod deploy;
pub(crate) mod entity;
mod event;
mod history;
mod journal;
mod look;
mod numbering;
mod operation;
mod patience;
mod policy;
mod queue;
mod reading;
mod record;
mod redeploy;
mod request;
mod retry;
mod schedule;
mod settings;
pub mod state;
pub(crate) mod step;
mod taken;
mod ways_on;
mod wizard;
pub mod worker;
mod written;

pub(crate) use access::{find, visible};
pub use apply::apply_settings;
pub use approval::{
    inbox, pending_count, update_approval_status, update_pre_deployment_step_status, update_pre_export_step_status,
    waiting, what_will_change,
};
pub use card::{pipelines_for, solution_pipeline};
pub(crate) use course::Course;
pub use deploy::{cancel, check_again, deploy, deploy_later};
pub(crate) use entity::{MASK, read};
pub(crate) use history::latest;
pub use history::{FilterChoices, filter_choices, history};
pub(crate) use journal::say;
pub(crate) use look::Look;
pub(crate) use patience::{OF_PEOPLE, within};
pub use queue::{move_in_queue, queues};
pub use reading::{get, log};
pub(crate) use record::installed;
pub use redeploy::{redeploy, redeploy_artifact, roll_back};
pub use request::{Request, request, request_anew};
pub use retry::retry;
pub(crate) use schedule::wake_scheduled;
pub use schedule::{LocalTime, TimeChanges, override_window, reschedule, time_changes};
pub use settings::{save_connections, save_summary, save_variables};
pub use ways_on::ways_on;
pub use wizard::wizard;
pub(crate) use written::{WRITTEN, written};
pub use written::{Written, deploy_package, validate_package, write};

impl From<state::Refusal> for crate::Error {
    fn from(refusal: state::Refusal) -> Self {
        Self::Refused(refusal.to_string())
    }
}
