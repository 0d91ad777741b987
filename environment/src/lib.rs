//! The port through which a run touches an environment, and its adapters.
//!
//! The port is shaped by Dataverse's own operations, so that the built-in environment and a real one mean the same.

pub mod builtin;
pub mod clock;
mod facts_cache;
pub mod ids;
pub mod import;
pub mod package_store;
pub mod port;
pub mod staging;

pub use clock::{Clock, SystemClock};
pub use ids::{Ids, RandomIds};
pub use import::{Import, ImportJob, ImportStatus};
pub use package_store::{PackageStore, PackageStoreError, StoredPackage};
pub use port::{
    Environment, EnvironmentError, Environments, HostBinding, Identity, NewConnection, NewSolution, PackageKind,
};
pub use staging::{Staged, TargetState};
