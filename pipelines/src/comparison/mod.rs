//! What a deployment changes in its target, and what differs between two stored artifacts.

mod choice;
mod notes;

pub use choice::{Choice, choice, of_run};
pub(crate) use notes::draft as draft_notes;

use crate::{
    Caller, Error, Host, Result, artifact, preflight,
    stage_run::{Look, OF_PEOPLE, within},
};
use environment::{PackageKind, StoredPackage};
use model::{
    comparison::{ComparedComponent, ComparedSolution, Comparison},
    id::{ArtifactId, EnvironmentId},
    stage_run::ChangeKind,
};
use std::{
    collections::VecDeque,
    path::PathBuf,
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};
use tokio::sync::Semaphore;

/// Comparisons that are remembered: the steps of a wizard ask for the same one again and again.
const REMEMBERED: usize = 8;
/// Comparisons that are worked out at once.
const AT_ONCE: usize = 2;

/// Two packages by their SHA-256; none where there is nothing to compare with.
type Pair = (Option<String>, String);

/// The comparisons of late. Packages never change, so neither do they.
#[derive(Debug)]
pub(crate) struct Comparisons {
    latest: Mutex<VecDeque<(Pair, Arc<Comparison>)>>,
    turns: Semaphore,
}

impl Default for Comparisons {
    fn default() -> Self {
        Self { latest: Mutex::default(), turns: Semaphore::new(AT_ONCE) }
    }
}

impl Comparisons {
    fn known(&self, pair: &Pair) -> Option<Arc<Comparison>> {
        let latest = self.latest.lock().unwrap_or_else(PoisonError::into_inner);
        latest.iter().find(|(known, _)| known == pair).map(|(_, comparison)| Arc::clone(comparison))
    }

    fn remember(&self, pair: Pair, comparison: &Arc<Comparison>) {
        let mut latest = self.latest.lock().unwrap_or_else(PoisonError::into_inner);
        latest.retain(|(known, _)| *known != pair);
        latest.push_front((pair, Arc::clone(comparison)));
        latest.truncate(REMEMBERED);
    }
}

/// Compares the managed packages of two artifacts, for whoever may see both.
pub async fn of_artifacts(
    host: &Host,
    caller: &Caller,
    before: ArtifactId,
    after: ArtifactId,
) -> Result<Arc<Comparison>> {
    let one = artifact::look_at(host, caller, before, PackageKind::Managed).await?;
    let other = artifact::look_at(host, caller, after, PackageKind::Managed).await?;
    files(host, Some((one.sha256, one.path)), (other.sha256, other.path)).await
}

/// As [`with_target`], where a sentence does when it fails: the way on of a run does not hang on it.
pub(crate) async fn told(host: &Host, target: EnvironmentId, look: &Look) -> Result<Comparison, String> {
    with_target(host, target, look, OF_PEOPLE).await.map_err(|error| untold(&error))
}

/// The sentence for when it cannot be told what changes. The cause is left to the log.
pub(crate) fn untold(error: &Error) -> String {
    tracing::warn!(error = error as &dyn std::error::Error, "what will change could not be told");
    format!("What will change cannot be told at the moment. {}", error.problem())
}

/// What the package of a run changes in its target. Where a target keeps no packages, by the names of components.
async fn with_target(host: &Host, target: EnvironmentId, look: &Look, patience: Duration) -> Result<Comparison> {
    let installed = match &look.staged.previous {
        Some(previous) => {
            let environment = host.environments.open(target).await?;
            let installed = within(patience, environment.installed_package(&previous.summary.unique_name)).await?;
            match installed {
                Some(installed) => Some(stored(host, &installed)),
                None => return Ok(by_name(look)),
            }
        }
        None => None,
    };
    let mut comparison = files(host, installed, stored(host, &look.package)).await?.as_ref().clone();
    if let Some(after) = &mut comparison.after {
        after.version.clone_from(&look.facts.version);
    }
    // An import that is no upgrade of a managed solution only adds.
    let removes = look.facts.managed && look.staged.previous.as_ref().is_some_and(|previous| previous.summary.managed);
    if !removes {
        comparison.components.retain(|compared| compared.change != ChangeKind::Removed);
        for difference in comparison.components.iter_mut().flat_map(|compared| &mut compared.differences) {
            difference.loses_data = false;
        }
    }
    Ok(comparison)
}

/// Compares two packages of the store.
pub(crate) async fn of_packages(host: &Host, before: &StoredPackage, after: &StoredPackage) -> Result<Arc<Comparison>> {
    files(host, Some(stored(host, before)), stored(host, after)).await
}

fn stored(host: &Host, package: &StoredPackage) -> (String, PathBuf) {
    (package.sha256.clone(), host.packages.path(package))
}

/// Compares two files of the store, remembered or anew.
async fn files(host: &Host, before: Option<(String, PathBuf)>, after: (String, PathBuf)) -> Result<Arc<Comparison>> {
    let pair = (before.as_ref().map(|(sha256, _)| sha256.clone()), after.0.clone());
    if let Some(known) = host.comparisons.known(&pair) {
        return Ok(known);
    }
    let turn = host.comparisons.turns.acquire().await.map_err(|error| Error::Internal(error.to_string()))?;
    if let Some(known) = host.comparisons.known(&pair) {
        return Ok(known);
    }
    let compared = tokio::task::spawn_blocking(move || {
        let before = before.as_ref().map(|(_, path)| path.as_path());
        solution::compare_files(before, &after.1, &solution::Limits::default())
    });
    let comparison = compared.await.map_err(|error| Error::Internal(error.to_string()))?.map_err(Error::Package)?;
    drop(turn);
    let comparison = Arc::new(comparison);
    host.comparisons.remember(pair, &comparison);
    Ok(comparison)
}

/// Without the other package only names can be compared.
fn by_name(look: &Look) -> Comparison {
    let previous = look.staged.previous.as_ref();
    let changes = preflight::changes(&look.facts, previous, &look.staged.shared);
    Comparison {
        before: previous.map(|previous| ComparedSolution {
            unique_name: previous.summary.unique_name.clone(),
            display_name: previous.summary.display_name.clone(),
            version: previous.summary.version.clone(),
            managed: previous.summary.managed,
        }),
        after: Some(ComparedSolution {
            unique_name: look.facts.unique_name.clone(),
            display_name: look.facts.display_name.clone(),
            version: look.facts.version.clone(),
            managed: look.facts.managed,
        }),
        components: changes
            .into_iter()
            .map(|change| ComparedComponent {
                change: change.kind,
                component: change.component,
                loses_data: change.loses_data,
                differences: Vec::new(),
                omitted: 0,
            })
            .collect(),
        ..Comparison::default()
    }
}
