//! Which artifacts are compared: two that somebody chose, one and the one before it, or what a run brought and what was
//! there.

use crate::{
    Caller, Error, Host, Result, artifact,
    stage_run::{self, entity::Model as Run},
};
use model::{
    SolutionVersion,
    id::{ArtifactId, StageRunId},
    stage_run::Artifact,
};

/// Two artifacts to compare, and what can be chosen in their place.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Choice {
    /// The one that was there; none where there is nothing to compare with.
    pub before: Option<ArtifactId>,
    /// The one that comes.
    pub after: ArtifactId,
    /// Artifacts of the same solution that the person may see, newest first: the latest 200, and those two.
    pub artifacts: Vec<Artifact>,
}

/// An artifact with the one it is compared with: the one that is asked for, else the highest version below its own, of
/// its own pipeline rather than of another.
pub async fn choice(host: &Host, caller: &Caller, before: Option<ArtifactId>, after: ArtifactId) -> Result<Choice> {
    let after = artifact::find(host, caller, after).await?;
    let mut artifacts = with(artifact::of_solution(host, caller, &after.solution).await?, after.clone());
    let before = match before {
        Some(before) => {
            let before = artifact::find(host, caller, before).await?;
            let id = before.id;
            artifacts = with(artifacts, before);
            Some(id)
        }
        None => before_it(&artifacts, &after),
    };
    Ok(Choice { before, after: after.id, artifacts })
}

/// What a run brought, with the artifact of the version that its target had before.
pub async fn of_run(host: &Host, caller: &Caller, id: StageRunId) -> Result<Choice> {
    let run: Run = stage_run::find(host, caller, id).await?;
    let after = run.artifact_id.map(ArtifactId);
    let after = after.ok_or_else(|| Error::NotFound("This run has not made an artifact.".to_owned()))?;
    let after = artifact::find(host, caller, after).await?;
    let artifacts = with(artifact::of_solution(host, caller, &after.solution).await?, after.clone());
    let previous: Option<SolutionVersion> = run.previous_version.and_then(|version| version.parse().ok());
    let before = previous.and_then(|version| {
        let mut before = artifacts.iter().filter(|artifact| artifact.version == version && artifact.id != after.id);
        before.clone().find(|artifact| artifact.pipeline == after.pipeline).or_else(|| before.next())
    });
    Ok(Choice { before: before.map(|artifact| artifact.id), after: after.id, artifacts })
}

fn with(mut artifacts: Vec<Artifact>, artifact: Artifact) -> Vec<Artifact> {
    if !artifacts.iter().any(|other| other.id == artifact.id) {
        artifacts.push(artifact);
    }
    artifacts
}

/// The artifact before another one.
fn before_it(artifacts: &[Artifact], after: &Artifact) -> Option<ArtifactId> {
    let earlier = artifacts.iter().filter(|artifact| artifact.version < after.version);
    earlier.max_by_key(|artifact| (artifact.pipeline == after.pipeline, &artifact.version)).map(|before| before.id)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "tests")]

    use super::*;
    use model::{
        Timestamp,
        id::{EnvironmentId, PipelineId},
    };
    use uuid::Uuid;

    fn artifact(id: u128, pipeline: u128, version: &str) -> Artifact {
        Artifact {
            id: ArtifactId(Uuid::from_u128(id)),
            solution: "Expenses".to_owned(),
            solution_display_name: "Expenses".to_owned(),
            version: version.parse().unwrap(),
            pipeline: PipelineId(Uuid::from_u128(pipeline)),
            pipeline_name: String::new(),
            source: EnvironmentId(Uuid::from_u128(1)),
            generated: Timestamp(0),
            managed_sha256: String::new(),
            managed_bytes: 0,
            unmanaged_sha256: String::new(),
            unmanaged_bytes: 0,
        }
    }

    #[test]
    fn the_one_before_is_the_next_lower_version_of_the_same_pipeline_first() {
        let all = [
            artifact(1, 1, "1.0.0.2"),
            artifact(2, 1, "1.0.0.10"),
            artifact(3, 2, "1.0.0.9"),
            artifact(4, 1, "1.0.0.11"),
            artifact(5, 2, "1.0.0.1"),
        ];
        let before = |of: usize| before_it(&all, &all[of]).map(|id| id.0.as_u128());
        assert_eq!(before(3), Some(2), "10 comes after 9, and its own pipeline first");
        assert_eq!(before(1), Some(1));
        assert_eq!(before(0), Some(5), "else of another pipeline");
        assert_eq!(before(4), None);
    }
}
