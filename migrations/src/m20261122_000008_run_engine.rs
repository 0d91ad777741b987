//! Ways back: where a run failed (so that it can be retried from there), older versions deployed again, runs that take
//! back what another one did, and versions that are kept from going on.

use sea_orm_migration::{prelude::*, schema};

#[derive(DeriveMigrationName)]
pub struct Migration;

/// `StageRunStatus::Failed`.
const FAILED: i32 = 200_000_003;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    fn use_transaction(&self) -> Option<bool> {
        Some(true)
    }

    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        for column in [
            schema::integer_null(StageRun::FailedAt),
            schema::boolean(StageRun::Redeployment).default(false).take(),
            schema::uuid_null(StageRun::RollsBack),
        ] {
            manager.alter_table(Table::alter().table(StageRun::Table).add_column(column).to_owned()).await?;
        }
        let redeployment = schema::boolean(Pipeline::Redeployment).default(false).take();
        manager.alter_table(Table::alter().table(Pipeline::Table).add_column(redeployment).to_owned()).await?;
        manager.create_table(progression_block()).await?;
        manager
            .create_index(
                Index::create()
                    .name("stage_run_stage_success")
                    .table(StageRun::Table)
                    .col(StageRun::StageId)
                    .col(StageRun::SolutionKey)
                    .col(StageRun::Status)
                    .col(StageRun::Ended)
                    .to_owned(),
            )
            .await?;
        // Where a run stood before it failed stands in its log.
        let failed_at = format!(
            "UPDATE stage_run SET failed_at = (SELECT status FROM stage_run_event WHERE run_id = stage_run.id AND status \
             <> {FAILED} ORDER BY sequence DESC LIMIT 1) WHERE status = {FAILED}"
        );
        manager.get_connection().execute_unprepared(&failed_at).await?;
        Ok(())
    }
}

fn progression_block() -> TableCreateStatement {
    Table::create()
        .table(ProgressionBlock::Table)
        .col(schema::pk_uuid(ProgressionBlock::ArtifactId))
        .col(schema::text(ProgressionBlock::Reason))
        .col(schema::text(ProgressionBlock::PreventedByName))
        .col(schema::big_integer(ProgressionBlock::Since))
        .foreign_key(
            ForeignKey::create()
                .from(ProgressionBlock::Table, ProgressionBlock::ArtifactId)
                .to(Artifact::Table, Artifact::Id)
                .on_delete(ForeignKeyAction::Cascade),
        )
        .to_owned()
}

#[derive(DeriveIden)]
enum StageRun {
    Table,
    StageId,
    SolutionKey,
    Status,
    Ended,
    FailedAt,
    Redeployment,
    RollsBack,
}

#[derive(DeriveIden)]
enum Pipeline {
    Table,
    Redeployment,
}

#[derive(DeriveIden)]
enum Artifact {
    Table,
    Id,
}

#[derive(DeriveIden)]
enum ProgressionBlock {
    Table,
    ArtifactId,
    Reason,
    PreventedByName,
    Since,
}
