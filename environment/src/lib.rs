//! The port through which a run touches an environment, and its adapters.
//!
//! The port is shaped by Dataverse's own operations, so that the built-in environment and a real one mean the same.

pub mod base64_body;
pub mod builtin;
pub mod clock;
pub mod dataverse;
mod facts_cache;
pub mod ids;
pub mod import;
mod known;
pub mod package_store;
pub mod port;
pub mod staging;

pub use clock::{Clock, SystemClock};
pub use ids::{Ids, RandomIds};
pub use import::{Import, ImportJob, ImportMode, ImportStatus};
pub use known::{Accesses, KnownEnvironments};
pub use package_store::{PackageStore, PackageStoreError, StoredPackage};
pub use port::{
    Checked, Environment, EnvironmentError, Environments, HostBinding, Identity, NewConnection, NewSolution,
    PackageKind,
};
pub use staging::{Staged, TargetState};
