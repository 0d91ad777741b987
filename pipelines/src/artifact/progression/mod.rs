//! *Prevent progression*: a version that must not go on to any further stage, and why.

mod entity;

use super::entity::{Entity as ArtifactEntity, Model as Artifact};
use crate::{
    Caller, Error, Host, Result, access,
    audit::{self, Entry},
    field::Fields,
    stage_run,
};
use entity::{ActiveModel, Column, Entity, Model};
use model::{
    Timestamp,
    audit::{AuditAction, AuditSubject},
    id::ArtifactId,
    stage_run::ProgressionBlock,
};
use sea_orm::{
    ActiveValue::Set, ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter, prelude::Uuid, sea_query::OnConflict,
};

/// Characters of a reason.
const LONGEST_REASON: usize = 500;

/// Keeps a version from being deployed anywhere until it is allowed again; another reason takes the place of the first.
/// What is being imported already goes on. Administrators only.
///
/// Field: `reason`.
pub async fn prevent(host: &Host, caller: &Caller, artifact: ArtifactId, reason: &str) -> Result<()> {
    let entry = || Entry::new(AuditAction::Prevent, AuditSubject::Artifact).of(artifact, "");
    access::configure(host, caller, entry).await?;
    let mut fields = Fields::new();
    let reason = fields.required("reason", "a reason", reason, LONGEST_REASON);
    fields.finish()?;
    let artifact = find(host, artifact).await?;
    Entity::insert(ActiveModel {
        artifact_id: Set(artifact.id),
        reason: Set(reason.clone()),
        prevented_by_name: Set(caller.name.clone()),
        since: Set(host.now()),
    })
    .on_conflict(
        OnConflict::column(Column::ArtifactId)
            .update_columns([Column::Reason, Column::PreventedByName, Column::Since])
            .to_owned(),
    )
    .exec_without_returning(&host.database)
    .await?;
    let entry = about(AuditAction::Prevent, &artifact).set("reason", &reason);
    audit::record(host, &host.database, caller, entry).await?;
    let message = format!("{} prevented version {} from going on: {reason}", caller.name, artifact.version);
    stage_run::say(host, artifact.id, message).await
}

/// Lets a version go on again. Administrators only.
pub async fn allow(host: &Host, caller: &Caller, artifact: ArtifactId) -> Result<()> {
    let entry = || Entry::new(AuditAction::Allow, AuditSubject::Artifact).of(artifact, "");
    access::configure(host, caller, entry).await?;
    let artifact = find(host, artifact).await?;
    let allowed = Entity::delete_by_id(artifact.id).exec(&host.database).await?;
    if allowed.rows_affected == 0 {
        return Ok(());
    }
    audit::record(host, &host.database, caller, about(AuditAction::Allow, &artifact)).await?;
    let message = format!("{} allowed version {} to go on again.", caller.name, artifact.version);
    stage_run::say(host, artifact.id, message).await
}

/// Why a version must not go on; none where it may.
pub(crate) async fn block(database: &impl ConnectionTrait, artifact: Uuid) -> Result<Option<ProgressionBlock>> {
    Ok(blocks(database, [artifact]).await?.pop().map(|(_, block)| block))
}

/// Those of some artifacts that must not go on, and why.
pub(crate) async fn blocks(
    database: &impl ConnectionTrait,
    artifacts: impl IntoIterator<Item = Uuid>,
) -> Result<Vec<(Uuid, ProgressionBlock)>> {
    let blocks = Entity::find().filter(Column::ArtifactId.is_in(artifacts)).all(database).await?;
    let block = |block: Model| ProgressionBlock {
        reason: block.reason,
        prevented_by: block.prevented_by_name,
        since: Timestamp(block.since),
    };
    Ok(blocks.into_iter().map(|row| (row.artifact_id, block(row))).collect())
}

/// Goes on only where the version may.
pub(crate) async fn require_open(database: &impl ConnectionTrait, artifact: &Artifact) -> Result<()> {
    match block(database, artifact.id).await? {
        Some(block) => Err(Error::Refused(sentence(&artifact.version, &block))),
        None => Ok(()),
    }
}

/// Why a version does not go on, in a sentence.
pub(crate) fn sentence(version: &str, block: &ProgressionBlock) -> String {
    let end = if block.reason.ends_with(['.', '!', '?']) { "" } else { "." };
    format!("{} prevented version {version} from going on: {}{end}", block.prevented_by, block.reason)
}

fn about(action: AuditAction, artifact: &Artifact) -> Entry {
    let entry = Entry::new(action, AuditSubject::Artifact).of(artifact.id, &artifact.solution_display_name);
    entry.set("version", &artifact.version)
}

async fn find(host: &Host, id: ArtifactId) -> Result<Artifact> {
    let artifact = ArtifactEntity::find_by_id(id.0).one(&host.database).await?;
    artifact.ok_or_else(|| Error::NotFound("There is no such artifact.".to_owned()))
}
