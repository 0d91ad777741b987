//! Gates of stages: approvals, and steps that something outside of Slipway completes.

use sea_orm_migration::{prelude::*, schema};

#[derive(DeriveMigrationName)]
pub struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    fn use_transaction(&self) -> Option<bool> {
        Some(true)
    }

    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        manager.create_table(stage_gate()).await?;
        manager.create_table(stage_approver()).await?;
        manager.create_table(stage_run_approval()).await?;
        for column in [
            schema::integer_null(StageRun::PreExportStepStatus),
            schema::integer_null(StageRun::ApprovalStatus),
            schema::integer_null(StageRun::PreDeploymentStepStatus),
            schema::big_integer_null(StageRun::GateDeadline),
        ] {
            manager.alter_table(Table::alter().table(StageRun::Table).add_column(column).to_owned()).await?;
        }
        // The inboxes of approvers.
        manager
            .create_index(
                Index::create()
                    .name("stage_run_approval_pending")
                    .table(StageRun::Table)
                    .col(StageRun::StageId)
                    .col(StageRun::Requested)
                    .and_where(Expr::col(StageRun::ApprovalStatus).eq(10))
                    .to_owned(),
            )
            .await
    }
}

fn stage_gate() -> TableCreateStatement {
    Table::create()
        .table(StageGate::Table)
        .col(schema::pk_uuid(StageGate::StageId))
        .col(schema::boolean(StageGate::PreExportStepRequired))
        .col(schema::boolean(StageGate::PreDeploymentStepRequired))
        .col(schema::integer(StageGate::ApprovalsNeeded))
        .col(schema::boolean(StageGate::RequesterMayApprove))
        .col(schema::integer(StageGate::DeadlineHours))
        .foreign_key(
            ForeignKey::create()
                .from(StageGate::Table, StageGate::StageId)
                .to(Stage::Table, Stage::Id)
                .on_delete(ForeignKeyAction::Cascade),
        )
        .check(Expr::col(StageGate::ApprovalsNeeded).gte(0))
        .check(Expr::col(StageGate::DeadlineHours).gte(1))
        .to_owned()
}

fn stage_approver() -> TableCreateStatement {
    Table::create()
        .table(StageApprover::Table)
        .col(schema::uuid(StageApprover::StageId))
        .col(schema::uuid(StageApprover::ApproverId))
        .col(schema::boolean(StageApprover::IsTeam))
        .primary_key(Index::create().col(StageApprover::StageId).col(StageApprover::ApproverId))
        .foreign_key(
            ForeignKey::create()
                .from(StageApprover::Table, StageApprover::StageId)
                .to(Stage::Table, Stage::Id)
                .on_delete(ForeignKeyAction::Cascade),
        )
        .to_owned()
}

fn stage_run_approval() -> TableCreateStatement {
    Table::create()
        .table(StageRunApproval::Table)
        .col(schema::uuid(StageRunApproval::RunId))
        .col(schema::uuid(StageRunApproval::PersonId))
        .col(schema::text(StageRunApproval::PersonName))
        .col(schema::boolean(StageRunApproval::Approved))
        .col(schema::text(StageRunApproval::Comment))
        .col(schema::big_integer(StageRunApproval::At))
        .primary_key(Index::create().col(StageRunApproval::RunId).col(StageRunApproval::PersonId))
        .foreign_key(
            ForeignKey::create()
                .from(StageRunApproval::Table, StageRunApproval::RunId)
                .to(StageRun::Table, StageRun::Id)
                .on_delete(ForeignKeyAction::Cascade),
        )
        .to_owned()
}

#[derive(DeriveIden)]
enum Stage {
    Table,
    Id,
}

#[derive(DeriveIden)]
enum StageRun {
    Table,
    Id,
    StageId,
    Requested,
    PreExportStepStatus,
    ApprovalStatus,
    PreDeploymentStepStatus,
    GateDeadline,
}

#[derive(DeriveIden)]
enum StageGate {
    Table,
    StageId,
    PreExportStepRequired,
    PreDeploymentStepRequired,
    ApprovalsNeeded,
    RequesterMayApprove,
    DeadlineHours,
}

#[derive(DeriveIden)]
enum StageApprover {
    Table,
    StageId,
    ApproverId,
    IsTeam,
}

#[derive(DeriveIden)]
enum StageRunApproval {
    Table,
    RunId,
    PersonId,
    PersonName,
    Approved,
    Comment,
    At,
}
