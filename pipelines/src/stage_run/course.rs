//! The way a solution takes: a pipeline with its stages in order, and what keeps it from being used.

use crate::{
    Caller, Error, Host, Result,
    deployment_environment::entity as environment,
    pipeline::{entity as pipeline, link, rules, standing},
    stage::entity as stage,
};
use model::{
    access::AccessRight,
    environment::DeploymentEnvironment,
    id::{DeploymentEnvironmentId, EnvironmentId, PipelineId, StageId},
    pipeline::Stage,
};
use sea_orm::{
    ColumnTrait, EntityTrait, ExprTrait, QueryFilter,
    sea_query::{Expr, Query},
};
use std::collections::HashMap;

/// A pipeline as runs go through it.
#[derive(Debug)]
pub(crate) struct Course {
    /// The pipeline.
    pub pipeline: pipeline::Model,
    /// Development environments linked to it.
    pub development: Vec<DeploymentEnvironment>,
    /// Its stages, in order.
    pub stages: Vec<Stage>,
    /// What keeps every stage from being used.
    pub obstacles: Vec<String>,
    /// Whether the person has the right to write.
    pub may_write: bool,
    targets: HashMap<DeploymentEnvironmentId, DeploymentEnvironment>,
}

impl Course {
    /// The pipeline that a person wants to deploy through from a development environment. Not found for users where the
    /// pipeline is not active or not shared with them, and for everybody where it does not start from that environment.
    pub async fn find(host: &Host, caller: &Caller, id: PipelineId, source: EnvironmentId) -> Result<Self> {
        let Some(mut course) = Self::load(host, id).await? else { return Err(not_found()) };
        let rights = standing::rights(&host.database, caller, &course.pipeline).await?;
        course.may_write = rights.has(AccessRight::Write);
        let course = Some(course).filter(|course| {
            let open = caller.is_administrator() || (course.pipeline.active && rights.has(AccessRight::Read));
            open && course.development.iter().any(|development| development.environment_id == source)
        });
        course.ok_or_else(not_found)
    }

    /// The pipeline of a stage; as [`Course::find`].
    pub async fn of_stage(host: &Host, caller: &Caller, id: StageId, source: EnvironmentId) -> Result<Self> {
        let stage = stage::Entity::find_by_id(id.0).one(&host.database).await?;
        let stage = stage.ok_or_else(not_found)?;
        Self::find(host, caller, PipelineId(stage.pipeline_id), source).await
    }

    async fn load(host: &Host, id: PipelineId) -> Result<Option<Self>> {
        let Some(pipeline) = pipeline::Entity::find_by_id(id.0).one(&host.database).await? else { return Ok(None) };
        let linked = Query::select()
            .column(link::Column::DeploymentEnvironmentId)
            .from(link::Entity)
            .and_where(Expr::col(link::Column::PipelineId).eq(id.0))
            .to_owned();
        let development = environment::Entity::find()
            .filter(environment::Column::Id.in_subquery(linked))
            .all(&host.database)
            .await?
            .into_iter()
            .map(|record| record.record(None))
            .collect::<Result<Vec<_>>>()?;
        let mut stages = Vec::new();
        let mut targets = HashMap::new();
        let rows = stage::Entity::find()
            .filter(stage::Column::PipelineId.eq(id.0))
            .find_also_related(environment::Entity)
            .all(&host.database)
            .await?;
        for (stage, target) in rows {
            let Some(target) = target else { continue };
            stages.push(stage.stage(&target));
            let target = target.record(None)?;
            targets.insert(target.id, target);
        }
        let stages = rules::in_order(stages);
        let obstacles = rules::start_obstacles(pipeline.active, &development, &stages);
        Ok(Some(Self { pipeline, development, stages, obstacles, may_write: false, targets }))
    }

    /// A stage with the one before it.
    pub fn stage(&self, id: StageId) -> Option<(&Stage, Option<&Stage>)> {
        let stage = self.stages.iter().find(|stage| stage.id == id)?;
        Some((stage, stage.previous.and_then(|previous| self.stages.iter().find(|stage| stage.id == previous))))
    }

    /// A stage with the one before it; refused where the chain does not have it.
    pub fn require_stage(&self, id: StageId) -> Result<(&Stage, Option<&Stage>)> {
        self.stage(id).ok_or_else(|| {
            Error::Refused(
                "The stage is not part of its pipeline's chain. Ask an administrator to mend that.".to_owned(),
            )
        })
    }

    /// Why nothing can be deployed to a stage, in sentences; none where something can.
    pub fn unusable(&self, id: StageId) -> Option<String> {
        let of_stage = || self.stage(id).and_then(|(stage, _)| self.obstacle(stage));
        let obstacle = self.obstacles.first().cloned().or_else(of_stage)?;
        Some(format!("The pipeline “{}” cannot be used yet. {obstacle}", self.pipeline.name))
    }

    /// What keeps one stage from being used, apart from what stops all of them.
    pub fn obstacle(&self, stage: &Stage) -> Option<String> {
        self.targets.get(&stage.target).and_then(rules::environment_obstacle)
    }
}

fn not_found() -> Error {
    Error::NotFound("There is no such pipeline or stage for this environment, or it is not open to you.".to_owned())
}
