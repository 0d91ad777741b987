//! What a run would bring to its target, and what the target says to it.

use super::{entity::Model, patience::within};
use crate::{Error, Host, Result};
use environment::{Staged, StoredPackage};
use model::{SolutionVersion, id::EnvironmentId, package::PackageFacts};
use std::time::Duration;

/// A package and what a target says to it.
#[derive(Debug)]
pub(crate) struct Look {
    /// The package.
    pub package: StoredPackage,
    /// The facts of the package as it will be imported, with the version of the run.
    pub facts: PackageFacts,
    /// What the target says.
    pub staged: Staged,
}

impl Look {
    /// The version that the target has.
    pub fn previous_version(&self) -> Option<&SolutionVersion> {
        self.staged.previous.as_ref().map(|previous| &previous.summary.version)
    }
}

/// Looks at the package of a run and asks its target what it says to it.
pub(super) async fn at(host: &Host, run: &Model, patience: Duration) -> Result<Look> {
    let package = run.package().or_else(|| run.staged()).ok_or_else(|| {
        Error::Refused("Pre-flight has not finished for this run. Wait until it has, then go on.".to_owned())
    })?;
    let mut facts = host.packages.facts(&package).await?.as_ref().clone();
    facts.version = run.version();
    let target = host.environments.open(EnvironmentId(run.target_id)).await?;
    let staged = within(patience, target.stage(&package)).await?;
    Ok(Look { package, facts, staged })
}
