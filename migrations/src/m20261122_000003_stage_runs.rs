//! Runs, their steps and logs, and the artifacts they make.
//!
//! A run carries copies of every name it shows, so that the history outlives pipelines, stages, environments and
//! people. Its indexes keep the cost of every list the same however long the history is.

use sea_orm_migration::{prelude::*, schema, sea_orm::DbBackend};

#[derive(DeriveMigrationName)]
pub struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    fn use_transaction(&self) -> Option<bool> {
        Some(true)
    }

    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        manager.create_table(artifact()).await?;
        manager.create_table(stage_run()).await?;
        manager.create_table(stage_run_step()).await?;
        manager.create_table(stage_run_event()).await?;
        manager.create_table(environment_operation()).await?;
        for index in indexes() {
            manager.create_index(index).await?;
        }
        // Runs that have not ended come first in both databases, which PostgreSQL has to be told.
        let nulls = if manager.get_database_backend() == DbBackend::Postgres { "NULLS FIRST" } else { "" };
        let by_end = format!("CREATE INDEX stage_run_ended ON stage_run (ended {nulls}, id)");
        manager.get_connection().execute_unprepared(&by_end).await?;
        Ok(())
    }
}

fn artifact() -> TableCreateStatement {
    Table::create()
        .table(Artifact::Table)
        .col(schema::pk_uuid(Artifact::Id))
        .col(schema::uuid(Artifact::PipelineId))
        .col(schema::text(Artifact::PipelineName))
        .col(schema::text(Artifact::Solution))
        .col(schema::text(Artifact::SolutionKey))
        .col(schema::text(Artifact::SolutionDisplayName))
        .col(schema::text(Artifact::Version))
        .col(schema::text(Artifact::VersionKey))
        .col(schema::uuid(Artifact::SourceId))
        .col(schema::big_integer(Artifact::Generated))
        .col(schema::text(Artifact::ManagedSha256))
        .col(schema::big_integer(Artifact::ManagedBytes))
        .col(schema::text(Artifact::UnmanagedSha256))
        .col(schema::big_integer(Artifact::UnmanagedBytes))
        .check(Expr::col(Artifact::ManagedBytes).gte(0))
        .check(Expr::col(Artifact::UnmanagedBytes).gte(0))
        .to_owned()
}

fn stage_run() -> TableCreateStatement {
    Table::create()
        .table(StageRun::Table)
        .col(schema::pk_uuid(StageRun::Id))
        .col(schema::integer(StageRun::Status))
        .col(schema::uuid(StageRun::PipelineId))
        .col(schema::text(StageRun::PipelineName))
        .col(schema::uuid(StageRun::StageId))
        .col(schema::text(StageRun::StageName))
        .col(schema::uuid(StageRun::SourceId))
        .col(schema::text(StageRun::SourceName))
        .col(schema::uuid(StageRun::TargetId))
        .col(schema::text(StageRun::TargetName))
        .col(schema::text(StageRun::Solution))
        .col(schema::text(StageRun::SolutionKey))
        .col(schema::text(StageRun::SolutionDisplayName))
        .col(schema::text_null(StageRun::Publisher))
        .col(schema::text(StageRun::DevelopmentVersion))
        .col(schema::text(StageRun::Version))
        .col(schema::text(StageRun::VersionKey))
        .col(schema::boolean(StageRun::VersionIsFixed))
        .col(schema::text_null(StageRun::PreviousVersion))
        .col(schema::uuid(StageRun::RequestedBy))
        .col(schema::text(StageRun::RequestedByName))
        .col(schema::text(StageRun::Notes))
        .col(schema::big_integer(StageRun::Requested))
        .col(schema::big_integer_null(StageRun::Ended))
        .col(schema::text(StageRun::ErrorMessage))
        .col(schema::text(StageRun::WaitingFor))
        .col(schema::text(StageRun::Findings))
        .col(schema::text(StageRun::Settings))
        .col(schema::text(StageRun::SecretVariables))
        .col(schema::text_null(StageRun::StagedSha256))
        .col(schema::big_integer_null(StageRun::StagedBytes))
        .col(schema::big_integer_null(StageRun::StagedAt))
        .col(schema::uuid_null(StageRun::ArtifactId))
        .col(schema::text_null(StageRun::ArtifactSha256))
        .col(schema::big_integer_null(StageRun::ArtifactBytes))
        .col(schema::uuid_null(StageRun::ImportJob))
        .col(schema::big_integer_null(StageRun::Queued))
        .col(schema::big_integer_null(StageRun::Due))
        .col(schema::integer(StageRun::Attempts).default(0))
        .col(schema::uuid_null(StageRun::LeaseOwner))
        .col(schema::big_integer(StageRun::LeaseToken).default(0))
        .col(schema::big_integer_null(StageRun::LeaseUntil))
        .col(schema::big_integer(StageRun::LastEvent).default(0))
        .foreign_key(ForeignKey::create().from(StageRun::Table, StageRun::ArtifactId).to(Artifact::Table, Artifact::Id))
        .check(Expr::col(StageRun::Status).between(200_000_000, 200_000_010))
        .to_owned()
}

fn stage_run_step() -> TableCreateStatement {
    Table::create()
        .table(StageRunStep::Table)
        .col(schema::uuid(StageRunStep::RunId))
        .col(schema::integer(StageRunStep::Step))
        .col(schema::integer(StageRunStep::Status))
        .col(schema::big_integer_null(StageRunStep::Started))
        .col(schema::big_integer_null(StageRunStep::Ended))
        .col(schema::text(StageRunStep::Detail))
        .col(schema::integer_null(StageRunStep::Progress))
        .primary_key(Index::create().col(StageRunStep::RunId).col(StageRunStep::Step))
        .foreign_key(
            ForeignKey::create()
                .from(StageRunStep::Table, StageRunStep::RunId)
                .to(StageRun::Table, StageRun::Id)
                .on_delete(ForeignKeyAction::Cascade),
        )
        .check(Expr::col(StageRunStep::Progress).is_null().or(Expr::col(StageRunStep::Progress).between(0, 100)))
        .to_owned()
}

fn stage_run_event() -> TableCreateStatement {
    Table::create()
        .table(StageRunEvent::Table)
        .col(schema::uuid(StageRunEvent::RunId))
        .col(schema::big_integer(StageRunEvent::Sequence))
        .col(schema::big_integer(StageRunEvent::At))
        .col(schema::integer(StageRunEvent::Status))
        .col(schema::text(StageRunEvent::Message))
        .col(schema::boolean(StageRunEvent::IsError))
        .primary_key(Index::create().col(StageRunEvent::RunId).col(StageRunEvent::Sequence))
        .foreign_key(
            ForeignKey::create()
                .from(StageRunEvent::Table, StageRunEvent::RunId)
                .to(StageRun::Table, StageRun::Id)
                .on_delete(ForeignKeyAction::Cascade),
        )
        .check(Expr::col(StageRunEvent::Sequence).gte(1))
        .to_owned()
}

fn environment_operation() -> TableCreateStatement {
    Table::create()
        .table(EnvironmentOperation::Table)
        .col(schema::pk_uuid(EnvironmentOperation::EnvironmentId))
        .col(schema::uuid(EnvironmentOperation::RunId).unique_key())
        .col(schema::big_integer(EnvironmentOperation::Since))
        .foreign_key(
            ForeignKey::create()
                .from(EnvironmentOperation::Table, EnvironmentOperation::RunId)
                .to(StageRun::Table, StageRun::Id)
                .on_delete(ForeignKeyAction::Cascade),
        )
        .to_owned()
}

fn indexes() -> Vec<IndexCreateStatement> {
    use StageRun::{
        ArtifactId, Due, Ended, Id, PipelineId, Queued, Requested, RequestedBy, SolutionKey, SourceId, StageId, Status,
        TargetId, VersionKey,
    };
    let on_run = |name: &str, columns: &[StageRun]| {
        let mut index = Index::create().name(name).table(StageRun::Table).to_owned();
        for column in columns {
            index.col(*column);
        }
        index
    };
    vec![
        Index::create()
            .name("artifact_pipeline_solution_version")
            .table(Artifact::Table)
            .col(Artifact::PipelineId)
            .col(Artifact::SolutionKey)
            .col(Artifact::VersionKey)
            .unique()
            .to_owned(),
        Index::create()
            .name("artifact_generated")
            .table(Artifact::Table)
            .col(Artifact::Generated)
            .col(Artifact::Id)
            .to_owned(),
        Index::create()
            .name("artifact_solution_generated")
            .table(Artifact::Table)
            .col(Artifact::SolutionKey)
            .col(Artifact::Generated)
            .col(Artifact::Id)
            .to_owned(),
        // Lists, filtered by one thing and newest first; the other orders.
        on_run("stage_run_requested", &[Requested, Id]),
        on_run("stage_run_pipeline", &[PipelineId, Requested, Id]),
        on_run("stage_run_solution", &[SolutionKey, Requested, Id]),
        on_run("stage_run_status", &[Status, Requested, Id]),
        on_run("stage_run_person", &[RequestedBy, Requested, Id]),
        on_run("stage_run_source", &[SourceId, Requested, Id]),
        on_run("stage_run_target", &[TargetId, Requested, Id]),
        on_run("stage_run_version", &[VersionKey, Id]),
        // A stage's card: what is open, what ended last, the highest version that succeeded.
        on_run("stage_run_stage_ended", &[StageId, SolutionKey, Ended]),
        on_run("stage_run_stage_version", &[StageId, SolutionKey, Status, VersionKey]),
        on_run("stage_run_artifact", &[ArtifactId]),
        // The worker: what is due, and who waits for a target.
        on_run("stage_run_due", &[Due, Id]).and_where(Expr::col(Due).is_not_null()).to_owned(),
        on_run("stage_run_queue", &[TargetId, Queued, Id]).and_where(Expr::col(Queued).is_not_null()).to_owned(),
    ]
}

#[derive(DeriveIden)]
enum Artifact {
    Table,
    Id,
    PipelineId,
    PipelineName,
    Solution,
    SolutionKey,
    SolutionDisplayName,
    Version,
    VersionKey,
    SourceId,
    Generated,
    #[sea_orm(iden = "managed_sha256")]
    ManagedSha256,
    ManagedBytes,
    #[sea_orm(iden = "unmanaged_sha256")]
    UnmanagedSha256,
    UnmanagedBytes,
}

#[derive(Clone, Copy, DeriveIden)]
enum StageRun {
    Table,
    Id,
    Status,
    PipelineId,
    PipelineName,
    StageId,
    StageName,
    SourceId,
    SourceName,
    TargetId,
    TargetName,
    Solution,
    SolutionKey,
    SolutionDisplayName,
    Publisher,
    DevelopmentVersion,
    Version,
    VersionKey,
    VersionIsFixed,
    PreviousVersion,
    RequestedBy,
    RequestedByName,
    Notes,
    Requested,
    Ended,
    ErrorMessage,
    WaitingFor,
    Findings,
    Settings,
    SecretVariables,
    #[sea_orm(iden = "staged_sha256")]
    StagedSha256,
    StagedBytes,
    StagedAt,
    ArtifactId,
    #[sea_orm(iden = "artifact_sha256")]
    ArtifactSha256,
    ArtifactBytes,
    ImportJob,
    Queued,
    Due,
    Attempts,
    LeaseOwner,
    LeaseToken,
    LeaseUntil,
    LastEvent,
}

#[derive(DeriveIden)]
enum StageRunStep {
    Table,
    RunId,
    Step,
    Status,
    Started,
    Ended,
    Detail,
    Progress,
}

#[derive(DeriveIden)]
enum StageRunEvent {
    Table,
    RunId,
    Sequence,
    At,
    Status,
    Message,
    IsError,
}

#[derive(DeriveIden)]
enum EnvironmentOperation {
    Table,
    EnvironmentId,
    RunId,
    Since,
}
