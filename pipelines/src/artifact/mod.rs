//! Artifacts: one version of a solution as the host keeps it, managed and unmanaged, for every later stage.

pub(crate) mod entity;
pub mod progression;

use crate::{
    Caller, Error, Host, Result,
    audit::{self, Entry},
    field, stage_run,
};
use entity::{Column, Entity};
use environment::{PackageKind, PackageStoreError};
use model::{
    SolutionVersion,
    audit::{AuditAction, AuditSubject},
    id::ArtifactId,
    page::Page,
    stage_run::Artifact,
};
use sea_orm::{
    ColumnTrait, EntityTrait, PaginatorTrait, QueryFilter, QueryOrder, QuerySelect,
    sea_query::{Expr, ExprTrait, Query},
};
use std::path::PathBuf;

/// Artifacts on a page.
const PAGE: u64 = 50;
/// Artifacts that one can choose from.
const MOST_CHOICES: u64 = 200;

/// A package of an artifact, ready to be sent to a person.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ArtifactFile {
    /// The name it is saved under: `ContosoExpenses_1_0_0_1_managed.zip`.
    pub file_name: String,
    /// Where it is on disk.
    pub path: PathBuf,
    /// Its size in bytes.
    pub bytes: u64,
    /// SHA-256 of its bytes, hexadecimal.
    pub sha256: String,
}

/// Stored artifacts, newest first, 50 a page, of one solution or of all. Users see those of runs they may see.
pub async fn list(host: &Host, caller: &Caller, solution: Option<&str>, page: u64) -> Result<Page<Artifact>> {
    let number = page.clamp(1, 1_000_000);
    let mut chosen = Entity::find().filter(visible(caller));
    if let Some(solution) = solution {
        chosen = chosen.filter(Column::SolutionKey.eq(field::key(solution)));
    }
    let total = chosen.clone().count(&host.database).await?;
    let rows = chosen
        .order_by_desc(Column::Generated)
        .order_by_desc(Column::Id)
        .offset((number - 1) * PAGE)
        .limit(PAGE)
        .all(&host.database)
        .await?;
    let rows = rows.into_iter().map(entity::Model::artifact).collect();
    Ok(Page { rows, number, size: PAGE, total, more: false })
}

/// An artifact, for whoever may see it.
pub(crate) async fn find(host: &Host, caller: &Caller, id: ArtifactId) -> Result<Artifact> {
    Ok(seen(host, caller, id).await?.artifact())
}

/// The latest artifacts of a solution that a person may see, newest first, at most 200.
pub(crate) async fn of_solution(host: &Host, caller: &Caller, solution: &str) -> Result<Vec<Artifact>> {
    let rows = Entity::find()
        .filter(visible(caller))
        .filter(Column::SolutionKey.eq(field::key(solution)))
        .order_by_desc(Column::Generated)
        .order_by_desc(Column::Id)
        .limit(MOST_CHOICES)
        .all(&host.database)
        .await?;
    Ok(rows.into_iter().map(entity::Model::artifact).collect())
}

async fn seen(host: &Host, caller: &Caller, id: ArtifactId) -> Result<entity::Model> {
    let artifact = Entity::find_by_id(id.0).filter(visible(caller)).one(&host.database).await?;
    artifact.ok_or_else(|| Error::NotFound("There is no such artifact, or you may not see it.".to_owned()))
}

/// A package of an artifact to hand out, for administrators and for users who may see a run of it. Refused when its file
/// has gone or has another size than when it was stored.
pub async fn open(host: &Host, caller: &Caller, id: ArtifactId, kind: PackageKind) -> Result<ArtifactFile> {
    let file = look_at(host, caller, id, kind).await?;
    let entry = Entry::new(AuditAction::Download, AuditSubject::Artifact).of(id, &file.file_name);
    audit::record(host, &host.database, caller, entry.set("sha256", &file.sha256)).await?;
    Ok(file)
}

/// As [`open`], for what does not leave Slipway.
pub(crate) async fn look_at(host: &Host, caller: &Caller, id: ArtifactId, kind: PackageKind) -> Result<ArtifactFile> {
    let artifact = seen(host, caller, id).await?;
    let package = match kind {
        PackageKind::Managed => artifact.managed(),
        PackageKind::Unmanaged => artifact.unmanaged(),
    };
    let path = host.packages.path(&package);
    let there = tokio::fs::metadata(&path).await.is_ok_and(|file| file.len() == package.bytes);
    if !there {
        return Err(Error::Refused(format!(
            "The package of {} {} is missing or damaged on disk. Restore Slipway's package folder from a backup.",
            artifact.solution, artifact.version
        )));
    }
    Ok(ArtifactFile {
        file_name: file_name(&artifact.solution, &artifact.version(), kind),
        path,
        bytes: package.bytes,
        sha256: package.sha256,
    })
}

/// The name of a package as a file: `ContosoExpenses_1_0_0_1_managed.zip`.
pub fn file_name(solution: &str, version: &SolutionVersion, kind: PackageKind) -> String {
    let suffix = match kind {
        PackageKind::Managed => "_managed",
        PackageKind::Unmanaged => "",
    };
    format!("{solution}_{}{suffix}.zip", version.as_str().replace('.', "_"))
}

/// Artifacts of runs that a person may see.
pub(crate) fn visible(caller: &Caller) -> sea_orm::Condition {
    if caller.is_administrator() {
        return sea_orm::Condition::all();
    }
    let run = Query::select()
        .expr(Expr::value(1))
        .from(stage_run::entity::Entity)
        .and_where(
            Expr::col((stage_run::entity::Entity, stage_run::entity::Column::ArtifactId)).equals((Entity, Column::Id)),
        )
        .cond_where(stage_run::visible(caller))
        .to_owned();
    sea_orm::Condition::all().add(Expr::exists(run))
}

impl From<PackageStoreError> for Error {
    fn from(error: PackageStoreError) -> Self {
        match error {
            PackageStoreError::Unreadable(error) => Self::Package(error),
            PackageStoreError::Io(_) => {
                tracing::error!(error = &error as &dyn std::error::Error, "the package store failed");
                Self::Internal(error.to_string())
            }
            error => Self::Refused(error.to_string()),
        }
    }
}
