//! What uses a record.

use crate::{Error, Result, pipeline, stage};
use model::id::DeploymentEnvironmentId;
use sea_orm::{ConnectionTrait, QueryOrder, entity::prelude::*};

/// Refuses when pipelines use a record, and names them. `done` is what cannot be done: `deleted`.
pub(super) async fn require_unused(
    database: &impl ConnectionTrait,
    id: DeploymentEnvironmentId,
    done: &str,
) -> Result<()> {
    let linked = pipeline::link::Entity::find()
        .filter(pipeline::link::Column::DeploymentEnvironmentId.eq(id.0))
        .find_also_related(pipeline::entity::Entity)
        .order_by_asc(pipeline::entity::Column::NameKey)
        .all(database)
        .await?;
    let targeted = stage::entity::Entity::find()
        .filter(stage::entity::Column::TargetId.eq(id.0))
        .find_also_related(pipeline::entity::Entity)
        .order_by_asc(pipeline::entity::Column::NameKey)
        .all(database)
        .await?;
    let mut uses: Vec<_> = linked
        .into_iter()
        .filter_map(|(_, pipeline)| pipeline)
        .map(|pipeline| format!("the pipeline “{}” starts from it", pipeline.name))
        .collect();
    uses.extend(targeted.into_iter().map(|(stage, pipeline)| {
        let pipeline = pipeline.map(|pipeline| pipeline.name).unwrap_or_default();
        format!("the stage “{}” of the pipeline “{pipeline}” deploys into it", stage.name)
    }));
    if uses.is_empty() {
        return Ok(());
    }
    Err(Error::Refused(format!(
        "The environment cannot be {done}, because {}. Change that first.",
        uses.join(", and ")
    )))
}
