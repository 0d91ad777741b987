//! Which versions are taken when a run is about to be deployed.

use super::{entity::Model, look::Look, numbering::Taken, record};
use crate::{Host, Result};
use model::id::{PipelineId, StageId};

/// Versions that are taken at the stage of a run, in its target and in its pipeline.
pub(super) async fn at(host: &Host, run: &Model, look: &Look) -> Result<Vec<Taken>> {
    let (stage, key) = (StageId(run.stage_id), run.solution_key.as_str());
    let mut taken = Vec::new();
    if let Some(installed) = record::installed(&host.database, stage, key).await? {
        taken.push(Taken::Installed { place: run.stage_name.clone(), version: installed.version() });
    }
    if let Some(version) = look.previous_version() {
        taken.push(Taken::Installed { place: run.target_name.clone(), version: version.clone() });
    }
    if let Some(artifact) = record::highest_artifact(&host.database, PipelineId(run.pipeline_id), key).await? {
        taken.push(Taken::Stored(artifact.version()));
    }
    let others = record::open(&host.database, [stage], key).await?;
    let deploying = others.iter().filter(|other| other.id != run.id && record::DEPLOYING.contains(&other.status()));
    taken.extend(deploying.map(|other| Taken::Deploying(other.version())));
    Ok(taken)
}
