//! Lists of runs, narrowed, sorted and paged by the database.

use super::{
    access::{self, visible},
    entity::{Column, Entity},
};
use crate::{Caller, Host, Result, artifact::entity::version, deployment_environment, field, pipeline};
use model::{
    Timestamp,
    environment::{EnvironmentChoice, EnvironmentType},
    id::{ArtifactId, EnvironmentId, PipelineId, StageRunId, UserId},
    page::Page,
    stage_run::{RunFilter, RunSort, StageRunStatus, StageRunSummary},
};
use sea_orm::{
    ColumnTrait, Condition, ConnectionTrait, EntityTrait, FromQueryResult, Order, QueryFilter, QueryOrder, QuerySelect,
    QueryTrait, Select,
    prelude::Uuid,
    sea_query::{Alias, Expr, NullOrdering, Query},
};
use std::collections::{BTreeMap, BTreeSet};

/// Runs on a page.
const PAGE: u64 = 50;

/// How far beyond a page runs are counted: ten more pages. The cost of a page must not grow with the history.
const COUNTED_BEYOND: u64 = 10 * PAGE;

/// How many of the latest runs the choices of filters are gathered from.
const CHOSEN_FROM: u64 = 1_000;

/// Runs that a person may see, 50 a page. Counted to ten pages beyond the one asked for.
pub async fn history(host: &Host, caller: &Caller, filter: &RunFilter) -> Result<Page<StageRunSummary>> {
    let number = filter.page.clamp(1, 1_000_000);
    let before = (number - 1) * PAGE;
    let chosen = narrowed(caller, filter, environment(host, filter.environment).await?);
    let rows = sorted(summaries(chosen.clone()), filter)
        .offset(before)
        .limit(PAGE)
        .into_model::<Summary>()
        .all(&host.database)
        .await?;
    let shown = rows.len() as u64;
    let (total, more) = if (shown > 0 || number == 1) && shown < PAGE {
        (before + shown, false)
    } else {
        let most = before + PAGE + COUNTED_BEYOND;
        let counted = count(host, chosen, most + 1).await?;
        (Ord::min(counted, most), counted > most)
    };
    let rows = rows.into_iter().map(Summary::summary).collect();
    Ok(Page { rows, number, size: PAGE, total, more })
}

/// The latest runs that a person may see.
pub(crate) async fn latest(host: &Host, caller: &Caller, most: u64) -> Result<Vec<StageRunSummary>> {
    let filter = RunFilter::default();
    let query = sorted(summaries(narrowed(caller, &filter, None)), &filter).limit(most);
    let rows = query.into_model::<Summary>().all(&host.database).await?;
    Ok(rows.into_iter().map(Summary::summary).collect())
}

/// Runs from or to an environment. An environment is one or the other as long as its record stands, and one index
/// then gives the whole order.
async fn environment(host: &Host, environment: Option<EnvironmentId>) -> Result<Option<Condition>> {
    let Some(id) = environment else { return Ok(None) };
    let record = deployment_environment::entity::Entity::find()
        .filter(deployment_environment::entity::Column::EnvironmentId.eq(id.0))
        .one(&host.database)
        .await?;
    let (from, to) = (Column::SourceId.eq(id.0), Column::TargetId.eq(id.0));
    Ok(Some(match record.and_then(|record| EnvironmentType::from_code(record.environment_type)) {
        Some(EnvironmentType::Development) => Condition::all().add(from),
        Some(EnvironmentType::Target) => Condition::all().add(to),
        None => Condition::any().add(from).add(to),
    }))
}

fn narrowed(caller: &Caller, filter: &RunFilter, environment: Option<Condition>) -> Select<Entity> {
    let conditions = Condition::all()
        .add(visible(caller))
        .add_option(filter.status.map(|status| Column::Status.eq(status.code())))
        .add_option(filter.pipeline.map(|pipeline| Column::PipelineId.eq(pipeline.0)))
        .add_option(filter.solution.as_deref().map(|solution| Column::SolutionKey.eq(field::key(solution))))
        .add_option(environment)
        .add_option(filter.stage.map(|stage| Column::StageId.eq(stage.0)))
        .add_option(filter.requested_by.map(|person| Column::RequestedBy.eq(person.0)))
        .add_option(filter.from.map(|from| Column::Requested.gte(from.0)))
        .add_option(filter.until.map(|until| Column::Requested.lt(until.0)));
    Entity::find().filter(conditions)
}

/// Ties go by id, in the same direction, so that one index gives the whole order.
fn sorted(query: Select<Entity>, filter: &RunFilter) -> Select<Entity> {
    let order = || if filter.ascending { Order::Asc } else { Order::Desc };
    let query = match filter.sort {
        RunSort::Requested => query.order_by(Column::Requested, order()),
        RunSort::Solution => query.order_by(Column::SolutionKey, order()).order_by(Column::Requested, order()),
        RunSort::Status => query.order_by(Column::Status, order()).order_by(Column::Requested, order()),
        RunSort::Version => query.order_by(Column::VersionKey, order()),
        // As SQLite has it without being told: runs that have not ended come before those that have.
        RunSort::Ended => {
            let nulls = if filter.ascending { NullOrdering::First } else { NullOrdering::Last };
            query.order_by_with_nulls(Column::Ended, order(), nulls)
        }
    };
    query.order_by(Column::Id, order())
}

async fn count(host: &Host, query: Select<Entity>, most: u64) -> Result<u64> {
    let rows = query.select_only().column(Column::Id).limit(most).into_query();
    let count = Query::select()
        .expr_as(Expr::cust("COUNT(*)"), Alias::new("counted"))
        .from_subquery(rows, Alias::new("counted_runs"))
        .to_owned();
    let row = host.database.query_one(&count).await?;
    let counted: i64 = row.map_or(Ok(0), |row| row.try_get("", "counted"))?;
    Ok(u64::try_from(counted).unwrap_or(0))
}

fn summaries(query: Select<Entity>) -> Select<Entity> {
    query.select_only().columns([
        Column::Id,
        Column::Status,
        Column::PipelineName,
        Column::StageName,
        Column::SourceId,
        Column::TargetName,
        Column::Solution,
        Column::SolutionDisplayName,
        Column::Version,
        Column::PreviousVersion,
        Column::ArtifactId,
        Column::RequestedByName,
        Column::RunAsName,
        Column::SettingsOnly,
        Column::Requested,
        Column::Ended,
        Column::ErrorMessage,
        Column::WaitingFor,
    ])
}

#[derive(FromQueryResult)]
struct Summary {
    id: Uuid,
    status: i32,
    pipeline_name: String,
    stage_name: String,
    source_id: Uuid,
    target_name: String,
    solution: String,
    solution_display_name: String,
    version: String,
    previous_version: Option<String>,
    artifact_id: Option<Uuid>,
    requested_by_name: String,
    run_as_name: Option<String>,
    settings_only: bool,
    requested: i64,
    ended: Option<i64>,
    error_message: String,
    waiting_for: String,
}

impl Summary {
    fn summary(self) -> StageRunSummary {
        StageRunSummary {
            id: StageRunId(self.id),
            status: StageRunStatus::from_code(self.status).unwrap_or(StageRunStatus::Failed),
            pipeline_name: self.pipeline_name,
            stage_name: self.stage_name,
            source: EnvironmentId(self.source_id),
            target_name: self.target_name,
            solution: self.solution,
            solution_display_name: self.solution_display_name,
            version: version(&self.version),
            previous_version: self.previous_version.as_deref().map(version),
            artifact: self.artifact_id.map(ArtifactId),
            requested_by_name: self.requested_by_name,
            run_as_name: self.run_as_name,
            settings_only: self.settings_only,
            requested: Timestamp(self.requested),
            ended: self.ended.map(Timestamp),
            error_message: self.error_message,
            waiting_for: self.waiting_for,
        }
    }
}

/// What the filters of a list of runs offer.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct FilterChoices {
    /// Pipelines with runs, and those that can have some, by name.
    pub pipelines: Vec<(PipelineId, String)>,
    /// Unique names of solutions with runs.
    pub solutions: Vec<String>,
    /// Environments that runs came from or went to, by name.
    pub environments: Vec<EnvironmentChoice>,
    /// People who asked for runs, by name.
    pub people: Vec<(UserId, String)>,
}

/// What the filters of a list of runs offer: what occurs among the latest 1,000 runs that the person may see, with the
/// names of the latest of them.
pub async fn filter_choices(host: &Host, caller: &Caller) -> Result<FilterChoices> {
    let latest = Entity::find()
        .filter(visible(caller))
        .select_only()
        .columns(Combination::COLUMNS)
        .column(Column::Requested)
        .order_by_desc(Column::Requested)
        .order_by_desc(Column::Id)
        .limit(CHOSEN_FROM)
        .into_query();
    let runs = Alias::new("latest");
    let mut distinct = Query::select();
    for column in Combination::COLUMNS {
        distinct.column(column_of(column)).group_by_col(column_of(column));
    }
    // The latest names come last and win.
    distinct.from_subquery(latest, runs).order_by_expr(Expr::cust("MAX(requested)"), Order::Asc);
    let rows = host.database.query_all(&distinct).await?;

    let mut pipelines: BTreeMap<PipelineId, String> = usable(host, caller).await?;
    let mut solutions = BTreeMap::new();
    let mut environments = BTreeMap::new();
    let mut people = BTreeMap::new();
    for row in rows {
        let row = Combination::from_query_result(&row, "")?;
        pipelines.entry(PipelineId(row.pipeline_id)).or_insert(row.pipeline_name);
        solutions.insert(field::key(&row.solution), row.solution);
        environments.insert(EnvironmentId(row.source_id), (row.source_name, EnvironmentType::Development));
        environments.insert(EnvironmentId(row.target_id), (row.target_name, EnvironmentType::Target));
        people.insert(UserId(row.requested_by), row.requested_by_name);
    }
    let mut environments: Vec<_> =
        environments.into_iter().map(|(id, (name, kind))| EnvironmentChoice { id, name, kind }).collect();
    environments.sort_by_cached_key(|environment| field::key(&environment.name));
    let solutions: BTreeSet<_> = solutions.into_values().collect();
    Ok(FilterChoices {
        pipelines: by_name(pipelines),
        solutions: solutions.into_iter().collect(),
        environments,
        people: by_name(people),
    })
}

fn by_name<T>(names: BTreeMap<T, String>) -> Vec<(T, String)> {
    let mut names: Vec<_> = names.into_iter().collect();
    names.sort_by_cached_key(|(_, name)| field::key(name));
    names
}

async fn usable(host: &Host, caller: &Caller) -> Result<BTreeMap<PipelineId, String>> {
    use pipeline::entity::{Column, Entity};
    let mut query = Entity::find().select_only().columns([Column::Id, Column::Name]);
    if !caller.is_administrator() {
        query = query.filter(Column::Id.in_subquery(access::usable_pipelines(caller)));
    }
    let rows = query.into_tuple::<(Uuid, String)>().all(&host.database).await?;
    Ok(rows.into_iter().map(|(id, name)| (PipelineId(id), name)).collect())
}

fn column_of(column: Column) -> Alias {
    use sea_orm::IdenStatic;
    Alias::new(column.as_str())
}

#[derive(FromQueryResult)]
struct Combination {
    pipeline_id: Uuid,
    pipeline_name: String,
    solution: String,
    source_id: Uuid,
    source_name: String,
    target_id: Uuid,
    target_name: String,
    requested_by: Uuid,
    requested_by_name: String,
}

impl Combination {
    const COLUMNS: [Column; 9] = [
        Column::PipelineId,
        Column::PipelineName,
        Column::Solution,
        Column::SourceId,
        Column::SourceName,
        Column::TargetId,
        Column::TargetName,
        Column::RequestedBy,
        Column::RequestedByName,
    ];
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "tests")]

    use super::*;
    use model::user::Roles;
    use sea_orm::{DatabaseConnection, DbBackend};

    fn filters() -> Vec<RunFilter> {
        let id = Uuid::from_u128(1);
        let all = RunFilter::default;
        let mut filters = vec![
            RunFilter { status: Some(StageRunStatus::Failed), ..all() },
            RunFilter { pipeline: Some(PipelineId(id)), ..all() },
            RunFilter { solution: Some("a".to_owned()), ..all() },
            RunFilter { requested_by: Some(UserId(id)), ..all() },
            RunFilter { from: Some(Timestamp(1)), until: Some(Timestamp(2)), ..all() },
        ];
        filters.extend(RunSort::ALL.map(|sort| RunFilter { sort, ..all() }));
        filters.extend(RunSort::ALL.map(|sort| RunFilter { sort, ascending: true, ..all() }));
        filters
    }

    async fn plan(database: &DatabaseConnection, query: Select<Entity>) -> String {
        let mut statement = query.build(DbBackend::Sqlite);
        statement.sql.insert_str(0, "EXPLAIN QUERY PLAN ");
        let rows = database.query_all_raw(statement).await.unwrap();
        let steps: Vec<String> = rows.iter().map(|row| row.try_get("", "detail").unwrap()).collect();
        steps.join("; ")
    }

    #[tokio::test]
    async fn a_page_is_read_along_an_index_whatever_it_is_narrowed_to_and_sorted_by() {
        let folder = tempfile::tempdir().unwrap();
        let database = testbed::sqlite(folder.path()).await;
        for role in [Roles::ADMINISTRATOR, Roles::USER] {
            let caller = Caller::new(UserId(Uuid::from_u128(1)), String::new(), role);
            for filter in filters() {
                let query = sorted(summaries(narrowed(&caller, &filter, None)), &filter).limit(PAGE);
                let plan = plan(&database, query).await;
                assert!(plan.contains("USING INDEX stage_run_"), "{filter:?}: {plan}");
                assert!(!plan.contains("TEMP B-TREE"), "{filter:?}: {plan}");
                assert!(!plan.contains("SCAN stage_run;") && !plan.ends_with("SCAN stage_run"), "{filter:?}: {plan}");
            }
        }
    }
}
