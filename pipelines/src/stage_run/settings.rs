//! The settings of a run: what its maker chose and gave, on top of what was used before and what the target has.

use super::{
    access,
    entity::{self, Column, Entity, Model},
    journal,
    look::{self, Look},
    numbering,
    patience::OF_PEOPLE,
    state::{self, Event},
    taken,
};
use crate::{
    Caller, Error, Host, Result,
    audit::{self, Entry},
    preflight,
};
use model::{
    FieldProblem,
    audit::AuditAction,
    connection::{Connection, ConnectionReference},
    id::StageRunId,
    package::PackageFacts,
    settings::{ConnectionSetting, DeploymentSettings, VariableSetting},
    stage_run::StageRunStatus,
    variable::VariableType,
};
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter, QuerySelect, sea_query::Expr};

/// Characters of deployment notes.
pub(super) const LONGEST_NOTES: usize = 10_000;
/// Characters of a value that is kept at all, so that a maker can shorten it. Pre-flight says what is too long.
const LONGEST_VALUE: usize = 10_000;
/// Characters of a connection's id, as the platform has it.
const LONGEST_CONNECTION: usize = 1_000;

/// Keeps the connections chosen so far, and says where they are not right yet. References that are not given stay as
/// they are.
pub async fn save_connections(
    host: &Host,
    caller: &Caller,
    id: StageRunId,
    connections: &[ConnectionSetting],
) -> Result<()> {
    let run = draft(host, caller, id, AuditAction::Settle).await?;
    let look = look::at(host, &run, OF_PEOPLE).await?;
    let kept = keep(host, caller, id, &look, |settings| {
        for reference in &look.facts.connection_references {
            let given =
                connections.iter().find(|given| given.logical_name.eq_ignore_ascii_case(&reference.logical_name));
            let Some(given) = given else { continue };
            let name = &reference.logical_name;
            settings.connection_references.retain(|kept| !kept.logical_name.eq_ignore_ascii_case(name));
            settings.connection_references.push(ConnectionSetting {
                logical_name: name.clone(),
                connection_id: given.connection_id.trim().chars().take(LONGEST_CONNECTION).collect(),
                connector_id: reference.connector_id.clone(),
            });
        }
    })
    .await?;
    require_fields(&look, &kept, "connection:")
}

/// Keeps the values given so far, and says where they are not right yet. Variables that are not given stay as they
/// are; so does a secret that is given empty or masked, because it was never shown. What is given for a secret and is not a
/// reference into a key vault may be the secret itself, and is not kept.
pub async fn save_variables(host: &Host, caller: &Caller, id: StageRunId, variables: &[VariableSetting]) -> Result<()> {
    let run = draft(host, caller, id, AuditAction::Settle).await?;
    let look = look::at(host, &run, OF_PEOPLE).await?;
    let mut not_kept = Vec::new();
    let mut given = Vec::new();
    for definition in &look.facts.environment_variables {
        let name = &definition.schema_name;
        let Some(setting) = variables.iter().find(|given| given.schema_name.eq_ignore_ascii_case(name)) else {
            continue;
        };
        let value = match definition.kind {
            VariableType::String | VariableType::Json => setting.value.as_str(),
            _ => setting.value.trim(),
        };
        if definition.kind == VariableType::Secret && (value.is_empty() || value == entity::MASK) {
            continue;
        }
        if value.chars().count() > LONGEST_VALUE {
            let message = format!("Use at most {LONGEST_VALUE} characters for a value.");
            not_kept.push(FieldProblem::new(format!("variable:{name}"), message));
            continue;
        }
        if definition.kind == VariableType::Secret
            && let Some(message) = preflight::check_secret(value)
        {
            not_kept.push(FieldProblem::new(format!("variable:{name}"), message));
            continue;
        }
        given.push(VariableSetting { schema_name: name.clone(), value: value.to_owned() });
    }
    let kept = keep(host, caller, id, &look, |settings| {
        for setting in given {
            let name = &setting.schema_name;
            settings.environment_variables.retain(|kept| !kept.schema_name.eq_ignore_ascii_case(name));
            settings.environment_variables.push(setting);
        }
    })
    .await?;
    match require_fields(&look, &kept, "variable:") {
        Err(Error::Invalid(others)) => {
            let others = others.into_iter().filter(|other| not_kept.iter().all(|problem| problem.field != other.field));
            let others: Vec<_> = others.collect();
            not_kept.extend(others);
        }
        other => other?,
    }
    if not_kept.is_empty() { Ok(()) } else { Err(Error::Invalid(not_kept)) }
}

/// Keeps version and notes as given so far.
pub async fn save_summary(host: &Host, caller: &Caller, id: StageRunId, version: &str, notes: &str) -> Result<()> {
    let run = draft(host, caller, id, AuditAction::Settle).await?;
    let mut problems = Vec::new();
    let mut update = Entity::update_many()
        .filter(Column::Id.eq(id.0))
        .filter(Column::Status.eq(StageRunStatus::ValidationSucceeded.code()));
    match check_notes(notes) {
        Ok(notes) => update = update.col_expr(Column::Notes, Expr::value(notes)),
        Err(problem) => problems.push(problem),
    }
    let look = look::at(host, &run, OF_PEOPLE).await?;
    match check_version(host, &run, &look, version).await? {
        Ok(version) => {
            update = update
                .col_expr(Column::VersionKey, Expr::value(version.sort_key()))
                .col_expr(Column::Version, Expr::value(version.to_string()));
        }
        Err(problem) => problems.push(problem),
    }
    if problems.len() < 2 && update.exec(&host.database).await?.rows_affected == 0 {
        return Err(moved_on(host, id, Event::DeployRequested).await?);
    }
    if problems.is_empty() { Ok(()) } else { Err(Error::Invalid(problems)) }
}

/// The version that a maker gave, or what is wrong with it.
pub(super) async fn check_version(
    host: &Host,
    run: &Model,
    look: &Look,
    version: &str,
) -> Result<Result<model::SolutionVersion, FieldProblem>> {
    let fixed = run.version();
    if run.version_is_fixed {
        let same =
            version.trim().is_empty() || version.parse().is_ok_and(|version: model::SolutionVersion| version == fixed);
        return Ok(if same {
            Ok(fixed)
        } else {
            let message = if run.redeployment {
                format!("Version {fixed} is deployed again as it was. Cancel this run to deploy another version.")
            } else {
                format!(
                    "This stage gets version {fixed}, the very artifact that succeeded in the stage before. Deploy another \
                 version to the first stage."
                )
            };
            Err(FieldProblem::new("version", message))
        });
    }
    let taken = taken::at(host, run, look).await?;
    let development = crate::artifact::entity::version(&run.development_version);
    Ok(numbering::check(version, &development, &run.source_name, &taken)
        .map_err(|message| FieldProblem::new("version", message)))
}

/// The notes that a maker gave, or what is wrong with them.
pub(super) fn check_notes(notes: &str) -> Result<String, FieldProblem> {
    let notes = notes.trim();
    if notes.chars().count() > LONGEST_NOTES {
        return Err(FieldProblem::new("notes", format!("Use at most {LONGEST_NOTES} characters for the notes.")));
    }
    // PostgreSQL keeps no such character, and nobody can read it.
    Ok(notes.replace('\0', ""))
}

/// The settings as the import will get them: what the maker gave for what the package has, and the target's own
/// connections where nothing was chosen.
pub(super) fn effective(look: &Look, kept: &DeploymentSettings) -> DeploymentSettings {
    let connection_references = look
        .facts
        .connection_references
        .iter()
        .filter_map(|reference| {
            Some(ConnectionSetting {
                logical_name: reference.logical_name.clone(),
                connection_id: chosen(look, kept, reference)?,
                connector_id: reference.connector_id.clone(),
            })
        })
        .collect();
    let environment_variables = look
        .facts
        .environment_variables
        .iter()
        .filter_map(|definition| {
            let value = kept.value(&definition.schema_name)?.to_owned();
            Some(VariableSetting { schema_name: definition.schema_name.clone(), value })
        })
        .collect();
    DeploymentSettings { environment_variables, connection_references }
}

/// Connections that may be chosen for a reference.
pub(super) fn choices<'a>(
    look: &'a Look,
    reference: &'a ConnectionReference,
) -> impl Iterator<Item = &'a Connection> + 'a {
    look.staged.connections.iter().filter(|connection| reference.accepts(&connection.connector_id))
}

/// What is chosen for a reference: what was given or carried over while it can be chosen still, else what the target
/// has bound it to, else what was given all the same.
pub(super) fn chosen(look: &Look, kept: &DeploymentSettings, reference: &ConnectionReference) -> Option<String> {
    let given = kept.connection(&reference.logical_name);
    let bound = look.staged.previous.as_ref().and_then(|previous| {
        let mut references = previous.connection_references.iter();
        let same = references.find(|bound| bound.reference.logical_name.eq_ignore_ascii_case(&reference.logical_name));
        same.and_then(|bound| bound.connection_id.as_deref())
    });
    let can_be_chosen =
        |id: &&str| choices(look, reference).any(|connection| connection.usable && connection.id == *id);
    given.filter(can_be_chosen).or(bound.filter(can_be_chosen)).or(given).map(str::to_owned)
}

/// A run of the person that waits for its settings.
pub(super) async fn draft(host: &Host, caller: &Caller, id: StageRunId, action: AuditAction) -> Result<Model> {
    let run = access::take_own(host, caller, id, action).await?;
    state::next(run.state(), Event::DeployRequested)?;
    Ok(run)
}

/// Why a run that has moved on in the meantime cannot be changed any more.
pub(super) async fn moved_on(host: &Host, id: StageRunId, event: Event) -> Result<Error> {
    let run = Entity::find_by_id(id.0).one(&host.database).await?;
    let refusal = run.and_then(|run| state::next(run.state(), event).err());
    Ok(refusal.map_or_else(|| Error::Changed("The run".to_owned()), Error::from))
}

/// Changes the settings of a run that waits for them. What came to be another one goes into the audit log; secrets do
/// not.
async fn keep(
    host: &Host,
    caller: &Caller,
    id: StageRunId,
    look: &Look,
    change: impl FnOnce(&mut DeploymentSettings),
) -> Result<DeploymentSettings> {
    let transaction = host.begin().await?;
    let draft = Entity::find_by_id(id.0)
        .filter(Column::Status.eq(StageRunStatus::ValidationSucceeded.code()))
        .lock_exclusive()
        .one(&transaction)
        .await?;
    let Some(draft) = draft else {
        transaction.rollback().await?;
        return Err(moved_on(host, id, Event::DeployRequested).await?);
    };
    let before = draft.settings();
    let mut settings = before.clone();
    change(&mut settings);
    if settings == before {
        transaction.rollback().await?;
        return Ok(settings);
    }
    let entry = differences(access::entry(AuditAction::Settle, &draft), &look.facts, &before, &settings);
    audit::record(host, &transaction, caller, entry).await?;
    Entity::update_many()
        .col_expr(Column::Settings, Expr::value(entity::write(&settings)))
        .filter(Column::Id.eq(id.0))
        .exec(&transaction)
        .await?;
    transaction.commit().await?;
    journal::tell(host, &draft);
    Ok(settings)
}

/// Adds to an entry which settings are other ones than before.
fn differences(entry: Entry, facts: &PackageFacts, before: &DeploymentSettings, after: &DeploymentSettings) -> Entry {
    let entry = facts.connection_references.iter().fold(entry, |entry, reference| {
        let of =
            |settings: &DeploymentSettings| settings.connection(&reference.logical_name).unwrap_or_default().to_owned();
        entry.field(&format!("connection:{}", reference.logical_name), of(before), of(after))
    });
    facts.environment_variables.iter().fold(entry, |entry, definition| {
        let of = |settings: &DeploymentSettings| settings.value(&definition.schema_name).unwrap_or_default().to_owned();
        let (field, before, after) = (format!("variable:{}", definition.schema_name), of(before), of(after));
        match definition.kind {
            VariableType::Secret if before == after => entry,
            VariableType::Secret => entry.secret(&field),
            _ => entry.field(&field, before, after),
        }
    })
}

/// What is wrong with settings.
pub(super) fn problems(look: &Look, kept: &DeploymentSettings) -> Vec<FieldProblem> {
    preflight::check_settings(&look.facts, &look.staged, &effective(look, kept))
}

fn require_fields(look: &Look, kept: &DeploymentSettings, fields: &str) -> Result<()> {
    let problems: Vec<_> =
        problems(look, kept).into_iter().filter(|problem| problem.field.starts_with(fields)).collect();
    if problems.is_empty() { Ok(()) } else { Err(Error::Invalid(problems)) }
}
