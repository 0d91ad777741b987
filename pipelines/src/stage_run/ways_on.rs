//! What can still be done about a run that has ended, and why not where it cannot.

use super::{access, course::Course, entity::Model, redeploy, retry};
use crate::{Caller, Error, Host, Result, artifact::progression};
use model::{
    id::{EnvironmentId, StageId, StageRunId},
    stage_run::{StageRunStatus, WayOn, WaysOn},
};

/// What can still be done about a run. Before its end there is nothing but to cancel it.
pub async fn ways_on(host: &Host, caller: &Caller, id: StageRunId) -> Result<WaysOn> {
    let run = access::find(host, caller, id).await?;
    let block = match run.artifact_id {
        Some(artifact) => progression::block(&host.database, artifact).await?,
        None => None,
    };
    let may_block = caller.is_administrator() && run.artifact_id.is_some();
    let mut ways = WaysOn { block, may_block, ..WaysOn::default() };
    match run.status() {
        StageRunStatus::Failed => {
            let obstacle = retry::obstacle(&host.database, caller, &run).await?;
            ways.retry = Some(WayOn::from(obstacle.map(|obstacle| obstacle.to_string())));
        }
        StageRunStatus::Succeeded => {}
        _ => return Ok(ways),
    }
    let Some(course) = course(host, caller, &run).await? else { return Ok(ways) };
    if run.status() == StageRunStatus::Succeeded {
        ways.redeploy = Some(WayOn::from(redeploy::obstacle(host, &course, &run).await?));
    }
    ways.roll_back = redeploy::way_back(host, &course, &run).await?.map(|(back, _)| back);
    Ok(ways)
}

/// The pipeline of a run, where it is still there and open to the person.
async fn course(host: &Host, caller: &Caller, run: &Model) -> Result<Option<Course>> {
    match Course::of_stage(host, caller, StageId(run.stage_id), EnvironmentId(run.source_id)).await {
        Ok(course) => Ok(Some(course)),
        Err(Error::NotFound(_)) => Ok(None),
        Err(error) => Err(error),
    }
}
