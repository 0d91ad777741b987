//! Deployment settings that are prepared for a solution at a stage: connections and values that every run of it there is
//! offered first. Kept sealed; taken from and given as the platform's deployment-settings file.

pub(crate) mod entity;
pub mod file;

pub use file::MOST_BYTES;

use crate::{
    Caller, Error, Host, Result, access,
    audit::{self, Entry},
    field, preflight,
    secret::{self, ExposeSecret, Secret},
    solution,
    stage_run::{self, Course, MASK, OF_PEOPLE, within},
};
use entity::{ActiveModel, Column, Entity, Model};
use file::{SettingsFile, write};
use model::{
    FieldProblem, SolutionVersion, Timestamp,
    audit::{AuditAction, AuditSubject},
    connection::Connection,
    id::{EnvironmentId, StageId},
    pipeline::Stage,
    settings::{ConnectionSetting, DeploymentSettings, VariableSetting},
    solution::{BoundReference, SolutionContents, SolutionSummary},
    stage_run::{ReferenceToBind, VariableToSet},
    variable::VariableType,
};
use sea_orm::{
    ColumnTrait, ConnectionTrait, DatabaseTransaction, EntityTrait, QueryFilter, QueryOrder, QuerySelect,
    sea_query::{Expr, OnConflict},
};
use uuid::Uuid;

/// Where prepared settings are sealed.
pub(crate) const SETTINGS: secret::Column =
    secret::Column { table: "stage_settings", key: secret::Key::Uuid("id"), column: "settings" };

/// Characters of a connection's id, as the platform has it.
const LONGEST_CONNECTION: usize = 1_000;
/// Solutions that a stage lists.
const MOST_SOLUTIONS: u64 = 500;

/// A solution of a development environment on its way to a stage.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Destination {
    /// The development environment.
    pub environment: EnvironmentId,
    /// Unique name of the solution.
    pub solution: String,
    /// The stage.
    pub stage: StageId,
}

/// What is prepared, with everything that can be prepared.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Prepared {
    /// Name of the pipeline.
    pub pipeline_name: String,
    /// The stage.
    pub stage: Stage,
    /// The solution in development.
    pub solution: SolutionSummary,
    /// Its connection references, with what can be chosen in the target and what is prepared.
    pub connections: Vec<ReferenceToBind>,
    /// Its variables, with what the target has and what is prepared.
    pub variables: Vec<VariableToSet>,
    /// The version that was last deployed to the stage; none where nothing has been.
    pub installed: Option<SolutionVersion>,
    /// Why it is not known what the target has, in a sentence; none where it is.
    pub target_problem: Option<String>,
    /// Raised by one with every change; 0 where nothing is prepared yet.
    pub row_version: i32,
    /// When it was last changed, and the name of who did.
    pub modified: Option<(Timestamp, String)>,
}

/// A variable as a form gives it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct GivenVariable {
    /// Schema name.
    pub schema_name: String,
    /// The value; empty for none. An empty one leaves a secret as it is.
    pub value: String,
    /// Whether a secret is to be forgotten.
    pub forget: bool,
}

/// What came of a file.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Imported {
    /// Values and connections that were taken.
    pub taken: usize,
    /// Names that the solution does not have.
    pub unknown: Vec<String>,
    /// Names that the file has no value for.
    pub empty: Vec<String>,
}

/// A solution at a stage that something can be prepared for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SolutionAtStage {
    /// The development environment.
    pub environment: EnvironmentId,
    /// Unique name.
    pub solution: String,
    /// Name for people.
    pub display_name: String,
    /// When something was last prepared, and by whom.
    pub modified: Option<(Timestamp, String)>,
}

/// What is kept, opened.
struct Kept {
    row: Model,
    settings: DeploymentSettings,
}

/// What runs are offered.
pub(crate) struct Offered {
    /// The settings, secrets included.
    pub settings: DeploymentSettings,
    /// Names of the variables whose values are shown to nobody.
    pub secret_variables: Vec<String>,
}

/// What is prepared, for whoever may deploy through the pipeline. Values of secrets are not in it.
pub async fn get(host: &Host, caller: &Caller, destination: &Destination) -> Result<Prepared> {
    let (course, stage, contents) = open(host, caller, destination).await?;
    let kept = kept(host, &host.database, stage.id, &contents).await?;
    let settings = kept.as_ref().map(|kept| kept.settings.clone()).unwrap_or_default();
    let (target, connections, target_problem) = match in_target(host, &stage, &contents).await {
        Ok((target, connections)) => (target, connections, None),
        Err(error) => {
            tracing::warn!(error = &error as &dyn std::error::Error, "what a target has could not be looked at");
            (None, Vec::new(), Some(format!("What {} has is not known. {}", stage.target_name, error.problem())))
        }
    };
    let installed = stage_run::installed(&host.database, stage.id, &field::key(&contents.summary.unique_name)).await?;
    let references = contents.connection_references.iter();
    let variables = contents.environment_variables.iter();
    Ok(Prepared {
        connections: references.map(|bound| reference(bound, &connections, &settings)).collect(),
        variables: variables.map(|variable| to_set(&variable.definition, target.as_ref(), &settings)).collect(),
        installed: installed.filter(|run| run.target_id == stage.target_environment.0).map(|run| run.version()),
        pipeline_name: course.pipeline.name,
        stage,
        solution: contents.summary,
        target_problem,
        row_version: kept.as_ref().map_or(0, |kept| kept.row.row_version),
        modified: kept.map(|kept| (Timestamp(kept.row.modified), kept.row.modified_by_name)),
    })
}

/// Keeps what a form gives, for whoever may deploy through the pipeline. What the form does not have stays as it is.
///
/// Fields: `variable:<schema name>`, `connection:<logical name>`.
pub async fn save(
    host: &Host,
    caller: &Caller,
    destination: &Destination,
    connections: &[ConnectionSetting],
    variables: &[GivenVariable],
    row_version: i32,
) -> Result<()> {
    let (_, stage, contents) = permitted(host, caller, destination).await?;
    let kept = kept(host, &host.database, stage.id, &contents).await?;
    let before = kept.as_ref().map(|kept| kept.settings.clone()).unwrap_or_default();
    let mut after = before.clone();
    let mut problems = Vec::new();
    for bound in &contents.connection_references {
        let name = &bound.reference.logical_name;
        let mut given = connections.iter();
        let Some(given) = given.find(|given| given.logical_name.eq_ignore_ascii_case(name)) else { continue };
        let id = given.connection_id.trim();
        if id.chars().count() > LONGEST_CONNECTION || id.contains('\0') {
            problems.push(FieldProblem::new(format!("connection:{name}"), "Choose a connection of the list."));
        }
        after.set_connection(ConnectionSetting {
            logical_name: name.clone(),
            connection_id: id.to_owned(),
            connector_id: bound.reference.connector_id.clone(),
        });
    }
    for variable in &contents.environment_variables {
        let (name, kind) = (&variable.definition.schema_name, variable.definition.kind);
        let mut given = variables.iter();
        let Some(given) = given.find(|given| given.schema_name.eq_ignore_ascii_case(name)) else { continue };
        let value = match kind {
            VariableType::String | VariableType::Json => given.value.as_str(),
            _ => given.value.trim(),
        };
        if kind == VariableType::Secret && value.is_empty() && !given.forget {
            continue;
        }
        if let Some(problem) = unfit(value, kind) {
            problems.push(FieldProblem::new(format!("variable:{name}"), preflight::sentence(problem)));
        }
        after.set_value(VariableSetting { schema_name: name.clone(), value: value.to_owned() });
    }
    if !problems.is_empty() {
        return Err(Error::Invalid(problems));
    }
    if row_version != kept.as_ref().map_or(0, |kept| kept.row.row_version) {
        return Err(changed());
    }
    keep(host, caller, (destination, &stage, &contents), kept, &before, &after).await
}

/// Takes what a deployment-settings file gives, for whoever may deploy through the pipeline. What it does not give stays
/// as it is. A file that is wrong somewhere is refused as a whole, with the place.
///
/// Fields: `file`.
pub async fn import(host: &Host, caller: &Caller, destination: &Destination, bytes: &[u8]) -> Result<Imported> {
    let (_, stage, contents) = permitted(host, caller, destination).await?;
    let wrong = |problem: String| Error::field("file", problem);
    let taken = SettingsFile::read(bytes).map_err(wrong)?.settle(&contents, unfit);
    let taken = taken.map_err(|problems| wrong(problems.join(" ")))?;
    let kept = kept(host, &host.database, stage.id, &contents).await?;
    let before = kept.as_ref().map(|kept| kept.settings.clone()).unwrap_or_default();
    let after = before.clone().overlaid(&taken.settings);
    let count = taken.settings.environment_variables.len() + taken.settings.connection_references.len();
    keep(host, caller, (destination, &stage, &contents), kept, &before, &after).await?;
    Ok(Imported { taken: count, unknown: taken.unknown, empty: taken.empty })
}

/// What is prepared as a deployment-settings file, with placeholders for secrets: name and content. For whoever may
/// deploy through the pipeline.
pub async fn export(host: &Host, caller: &Caller, destination: &Destination) -> Result<(String, String)> {
    let (_, stage, contents) = open(host, caller, destination).await?;
    let entry = Entry::new(AuditAction::Download, AuditSubject::Stage).of(stage.id, &stage.name);
    audit::record(host, &host.database, caller, entry.set("solution", &contents.summary.unique_name)).await?;
    let kept = kept(host, &host.database, stage.id, &contents).await?;
    let settings = kept.map(|kept| kept.settings).unwrap_or_default();
    let name = format!("{}_{}_settings.json", contents.summary.unique_name, stage.name);
    Ok((name, write(&contents, &settings)))
}

/// Whether somebody may prepare settings for a stage: whoever may deploy to it.
pub async fn require(host: &Host, caller: &Caller, destination: &Destination) -> Result<()> {
    Box::pin(Course::of_stage(host, caller, destination.stage, destination.environment)).await.map(|_| ())
}

/// The solutions that have been deployed to a stage or have something prepared for it, by name, at most 500.
/// Administrators only.
pub async fn solutions(host: &Host, caller: &Caller, stage: StageId) -> Result<Vec<SolutionAtStage>> {
    use stage_run::entity::{Column as RunColumn, Entity as RunEntity};
    caller.require_administrator()?;
    let prepared = Entity::find()
        .filter(Column::StageId.eq(stage.0))
        .order_by_asc(Column::SolutionKey)
        .limit(MOST_SOLUTIONS)
        .all(&host.database)
        .await?;
    let deployed: Vec<(Uuid, String, String)> = RunEntity::find()
        .select_only()
        .columns([RunColumn::SourceId, RunColumn::Solution, RunColumn::SolutionDisplayName])
        .filter(RunColumn::StageId.eq(stage.0))
        .group_by(RunColumn::SourceId)
        .group_by(RunColumn::Solution)
        .group_by(RunColumn::SolutionDisplayName)
        .order_by_asc(RunColumn::Solution)
        .limit(MOST_SOLUTIONS)
        .into_tuple()
        .all(&host.database)
        .await?;
    let mut solutions: Vec<SolutionAtStage> = prepared
        .into_iter()
        .map(|row| SolutionAtStage {
            environment: EnvironmentId(row.environment_id),
            solution: row.solution,
            display_name: row.solution_display_name,
            modified: Some((Timestamp(row.modified), row.modified_by_name)),
        })
        .collect();
    for (source, solution, display_name) in deployed {
        if !solutions.iter().any(|known| known.solution.eq_ignore_ascii_case(&solution)) {
            let environment = EnvironmentId(source);
            solutions.push(SolutionAtStage { environment, solution, display_name, modified: None });
        }
    }
    solutions.sort_by_cached_key(|known| field::key(&known.display_name));
    Ok(solutions)
}

/// What is prepared for runs of a solution at a stage.
pub(crate) async fn offered(host: &Host, stage: StageId, solution_key: &str) -> Result<Option<Offered>> {
    let row = find(&host.database, stage, solution_key).await?;
    row.map(|row| {
        let secret_variables = stage_run::entity::read(&row.secret_variables);
        Ok(Offered { settings: opened(host, &row)?, secret_variables })
    })
    .transpose()
}

/// Pipeline, stage and solution, for whoever may deploy this one through it.
async fn open(host: &Host, caller: &Caller, destination: &Destination) -> Result<(Course, Stage, SolutionContents)> {
    let course = Box::pin(Course::of_stage(host, caller, destination.stage, destination.environment)).await?;
    let stage = course.require_stage(destination.stage)?.0.clone();
    let contents = solution::get(host, caller, destination.environment, &destination.solution).await?;
    Ok((course, stage, contents))
}

/// Name of the pipeline, stage and solution, for whoever may deploy this one through it.
pub(crate) async fn destination_of(
    host: &Host,
    caller: &Caller,
    destination: &Destination,
) -> Result<(String, Stage, SolutionSummary)> {
    let (course, stage, contents) = open(host, caller, destination).await?;
    Ok((course.pipeline.name, stage, contents.summary))
}

/// As [`open`], to change something.
async fn permitted(
    host: &Host,
    caller: &Caller,
    destination: &Destination,
) -> Result<(Course, Stage, SolutionContents)> {
    let opened = open(host, caller, destination).await;
    let entry = || {
        let entry = Entry::new(AuditAction::Settle, AuditSubject::Stage).of(destination.stage, "");
        entry.set("solution", &destination.solution)
    };
    access::permit(host, caller, opened, entry).await
}

/// What the target has of the solution, and its connections.
async fn in_target(
    host: &Host,
    stage: &Stage,
    contents: &SolutionContents,
) -> Result<(Option<SolutionContents>, Vec<Connection>)> {
    let target = host.environments.open(stage.target_environment).await?;
    let solution = within(OF_PEOPLE, target.solution(&contents.summary.unique_name)).await?;
    let connections = within(OF_PEOPLE, target.connections()).await?;
    Ok((solution, connections))
}

fn reference(bound: &BoundReference, connections: &[Connection], settings: &DeploymentSettings) -> ReferenceToBind {
    let reference = bound.reference.clone();
    let choices = connections.iter().filter(|connection| reference.accepts(&connection.connector_id));
    ReferenceToBind {
        choices: choices.cloned().collect(),
        chosen: settings.connection(&reference.logical_name).map(str::to_owned),
        reference,
    }
}

fn to_set(
    definition: &model::variable::EnvironmentVariable,
    target: Option<&SolutionContents>,
    settings: &DeploymentSettings,
) -> VariableToSet {
    let name = &definition.schema_name;
    let is_secret = definition.kind == VariableType::Secret;
    let mut variables = target.iter().flat_map(|target| &target.environment_variables);
    let in_target = variables.find(|variable| variable.definition.schema_name.eq_ignore_ascii_case(name));
    let target_value = in_target.and_then(|variable| variable.value.clone()).filter(|value| !value.is_empty());
    let prepared = settings.value(name);
    let mut definition = definition.clone();
    if is_secret {
        definition.default_value = None;
        definition.packaged_value = None;
    }
    VariableToSet {
        target_value: if is_secret { target_value.map(|_| MASK.to_owned()) } else { target_value },
        is_entered: prepared.is_some(),
        entered: prepared.filter(|_| !is_secret).map(str::to_owned),
        is_needed: false,
        definition,
    }
}

/// Why a value cannot be prepared; none where it can, or is none.
fn unfit(value: &str, kind: VariableType) -> Option<&'static str> {
    if value.is_empty() {
        return None;
    }
    // PostgreSQL keeps no such character, and nobody can read it.
    if value.contains('\0') {
        return Some("the value has a character in it that nobody can see.");
    }
    preflight::unfit(value, kind)
}

async fn find(connection: &impl ConnectionTrait, stage: StageId, solution_key: &str) -> Result<Option<Model>> {
    let row = Entity::find()
        .filter(Column::StageId.eq(stage.0))
        .filter(Column::SolutionKey.eq(solution_key))
        .one(connection)
        .await?;
    Ok(row)
}

async fn kept(
    host: &Host,
    connection: &impl ConnectionTrait,
    stage: StageId,
    contents: &SolutionContents,
) -> Result<Option<Kept>> {
    let row = find(connection, stage, &field::key(&contents.summary.unique_name)).await?;
    row.map(|row| Ok(Kept { settings: opened(host, &row)?, row })).transpose()
}

fn opened(host: &Host, row: &Model) -> Result<DeploymentSettings> {
    let document = host.secrets.open(&SETTINGS.row(row.id), &row.settings)?;
    serde_json::from_str(document.expose_secret())
        .map_err(|_| Error::Internal("prepared settings cannot be read".to_owned()))
}

/// Keeps settings that still are as they were read.
async fn keep(
    host: &Host,
    caller: &Caller,
    (destination, stage, contents): (&Destination, &Stage, &SolutionContents),
    kept: Option<Kept>,
    before: &DeploymentSettings,
    after: &DeploymentSettings,
) -> Result<()> {
    let variables = contents.environment_variables.iter().map(|variable| &variable.definition);
    let secret: Vec<&str> = variables
        .filter(|definition| definition.kind == VariableType::Secret)
        .map(|definition| definition.schema_name.as_str())
        .collect();
    let document = serde_json::to_string(after).map_err(|error| Error::Internal(error.to_string()))?;
    let transaction = host.begin().await?;
    let id = kept.as_ref().map_or_else(|| host.ids.next(), |kept| kept.row.id);
    let sealed = host.secrets.seal(&SETTINGS.row(id), &Secret::from(document))?;
    let row = Model {
        id,
        stage_id: stage.id.0,
        solution_key: field::key(&contents.summary.unique_name),
        solution: contents.summary.unique_name.clone(),
        solution_display_name: contents.summary.display_name.clone(),
        environment_id: destination.environment.0,
        settings: sealed,
        secret_variables: stage_run::entity::write(&secret),
        row_version: kept.as_ref().map_or(1, |kept| kept.row.row_version.saturating_add(1)),
        modified: host.now(),
        modified_by_name: caller.name.clone(),
    };
    put(&transaction, row, kept.map(|kept| kept.row.row_version)).await?;
    let entry = Entry::new(AuditAction::Settle, AuditSubject::Stage).of(stage.id, &stage.name);
    let entry = entry.set("solution", &contents.summary.unique_name);
    audit::record(host, &transaction, caller, told(entry, contents, before, after)).await?;
    transaction.commit().await?;
    Ok(())
}

async fn put(transaction: &DatabaseTransaction, row: Model, before: Option<i32>) -> Result<()> {
    let written = match before {
        None => {
            let first = OnConflict::columns([Column::StageId, Column::SolutionKey]).do_nothing().to_owned();
            Entity::insert(ActiveModel::from(row)).on_conflict(first).exec_without_returning(transaction).await?
        }
        Some(before) => {
            let filter = Entity::update_many().filter(Column::Id.eq(row.id)).filter(Column::RowVersion.eq(before));
            let update = filter
                .col_expr(Column::Solution, Expr::value(row.solution))
                .col_expr(Column::SolutionDisplayName, Expr::value(row.solution_display_name))
                .col_expr(Column::EnvironmentId, Expr::value(row.environment_id))
                .col_expr(Column::Settings, Expr::value(row.settings))
                .col_expr(Column::SecretVariables, Expr::value(row.secret_variables))
                .col_expr(Column::RowVersion, Expr::value(row.row_version))
                .col_expr(Column::Modified, Expr::value(row.modified))
                .col_expr(Column::ModifiedByName, Expr::value(row.modified_by_name));
            update.exec(transaction).await?.rows_affected
        }
    };
    if written == 1 { Ok(()) } else { Err(changed()) }
}

fn changed() -> Error {
    Error::Changed("What is prepared".to_owned())
}

/// What the audit log says of a change. Of secrets only that they were changed.
fn told(entry: Entry, contents: &SolutionContents, before: &DeploymentSettings, after: &DeploymentSettings) -> Entry {
    let entry = contents.environment_variables.iter().fold(entry, |entry, variable| {
        let name = &variable.definition.schema_name;
        let (before, after) = (before.value(name).unwrap_or_default(), after.value(name).unwrap_or_default());
        match variable.definition.kind {
            VariableType::Secret if before == after => entry,
            VariableType::Secret => entry.secret(&format!("variable:{name}")),
            _ => entry.field(&format!("variable:{name}"), before, after),
        }
    });
    contents.connection_references.iter().fold(entry, |entry, bound| {
        let name = &bound.reference.logical_name;
        let of = |settings: &DeploymentSettings| settings.connection(name).unwrap_or_default().to_owned();
        entry.field(&format!("connection:{name}"), of(before), of(after))
    })
}
