//! What administrators configure: people and their sessions, environments, pipelines and stages.
//!
//! `name_key` is the name in lower case, so that names are unique without regard to case in every database. What is
//! active, which status and which type are kept as the platform's own numbers and words.

use sea_orm_migration::prelude::*;

#[derive(DeriveMigrationName)]
pub struct Migration;

#[derive(DeriveIden)]
enum Person {
    Table,
    Id,
    UserName,
    UserNameKey,
    DisplayName,
    Role,
    Enabled,
    PasswordHash,
    MustChangePassword,
    PasswordSet,
    FailedSignIns,
    BlockedUntil,
    Created,
}

#[derive(DeriveIden)]
enum Session {
    Table,
    IdHash,
    Data,
    Expires,
}

#[derive(DeriveIden)]
enum DeploymentEnvironment {
    Table,
    Id,
    Name,
    NameKey,
    Description,
    EnvironmentType,
    EnvironmentId,
    OwnerId,
    ValidationStatus,
    ErrorMessage,
    Active,
    RowVersion,
    Created,
    Modified,
}

#[derive(DeriveIden)]
enum Pipeline {
    Table,
    Id,
    Name,
    NameKey,
    Description,
    OwnerId,
    Active,
    RowVersion,
    Created,
    Modified,
}

#[derive(DeriveIden)]
enum PipelineDevelopmentEnvironment {
    Table,
    PipelineId,
    DeploymentEnvironmentId,
}

#[derive(DeriveIden)]
enum Stage {
    Table,
    Id,
    PipelineId,
    Name,
    NameKey,
    Description,
    PreviousId,
    TargetId,
    RowVersion,
    Created,
    Modified,
}

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        for table in
            [person(), session(), deployment_environment(), pipeline(), pipeline_development_environment(), stage()]
        {
            manager.create_table(table).await?;
        }
        for index in indexes() {
            manager.create_index(index).await?;
        }
        Ok(())
    }
}

fn id(column: impl IntoIden) -> ColumnDef {
    ColumnDef::new(column).uuid().not_null().take()
}

fn moment(column: impl IntoIden) -> ColumnDef {
    ColumnDef::new(column).big_integer().not_null().take()
}

fn short_text(column: impl IntoIden) -> ColumnDef {
    ColumnDef::new(column).string_len(400).not_null().take()
}

fn long_text(column: impl IntoIden) -> ColumnDef {
    ColumnDef::new(column).text().not_null().take()
}

fn flag(column: impl IntoIden) -> ColumnDef {
    ColumnDef::new(column).boolean().not_null().take()
}

fn number(column: impl IntoIden) -> ColumnDef {
    ColumnDef::new(column).integer().not_null().take()
}

fn reference<T>(
    name: &str,
    from: (T, T),
    to: (impl IntoIden + 'static, impl IntoIden + 'static),
) -> ForeignKeyCreateStatement
where
    T: IntoIden + 'static,
{
    ForeignKey::create().name(name).from(from.0, from.1).to(to.0, to.1).on_delete(ForeignKeyAction::NoAction).take()
}

fn unique<T, const N: usize>(name: &str, table: T, columns: [T; N]) -> IndexCreateStatement
where
    T: IntoIden + 'static,
{
    let mut index = index(name, table, columns);
    index.unique().take()
}

fn index<T, const N: usize>(name: &str, table: T, columns: [T; N]) -> IndexCreateStatement
where
    T: IntoIden + 'static,
{
    let mut index = Index::create().name(name).table(table).take();
    for column in columns {
        index.col(column);
    }
    index
}

fn person() -> TableCreateStatement {
    Table::create()
        .table(Person::Table)
        .col(id(Person::Id).primary_key())
        .col(short_text(Person::UserName))
        .col(short_text(Person::UserNameKey))
        .col(short_text(Person::DisplayName))
        .col(short_text(Person::Role))
        .col(flag(Person::Enabled))
        .col(long_text(Person::PasswordHash))
        .col(flag(Person::MustChangePassword))
        .col(moment(Person::PasswordSet))
        .col(number(Person::FailedSignIns))
        .col(ColumnDef::new(Person::BlockedUntil).big_integer())
        .col(moment(Person::Created))
        .check(Expr::col(Person::Role).is_in(["administrator", "user"]))
        .check(Expr::col(Person::FailedSignIns).gte(0))
        .take()
}

fn session() -> TableCreateStatement {
    Table::create()
        .table(Session::Table)
        .col(ColumnDef::new(Session::IdHash).char_len(64).not_null().primary_key())
        .col(ColumnDef::new(Session::Data).blob().not_null())
        .col(moment(Session::Expires))
        .take()
}

fn deployment_environment() -> TableCreateStatement {
    Table::create()
        .table(DeploymentEnvironment::Table)
        .col(id(DeploymentEnvironment::Id).primary_key())
        .col(short_text(DeploymentEnvironment::Name))
        .col(short_text(DeploymentEnvironment::NameKey))
        .col(long_text(DeploymentEnvironment::Description))
        .col(number(DeploymentEnvironment::EnvironmentType))
        .col(id(DeploymentEnvironment::EnvironmentId))
        .col(id(DeploymentEnvironment::OwnerId))
        .col(number(DeploymentEnvironment::ValidationStatus))
        .col(long_text(DeploymentEnvironment::ErrorMessage))
        .col(flag(DeploymentEnvironment::Active))
        .col(number(DeploymentEnvironment::RowVersion))
        .col(moment(DeploymentEnvironment::Created))
        .col(moment(DeploymentEnvironment::Modified))
        .foreign_key(&mut reference(
            "deployment_environment_owner",
            (DeploymentEnvironment::Table, DeploymentEnvironment::OwnerId),
            (Person::Table, Person::Id),
        ))
        .check(Expr::col(DeploymentEnvironment::EnvironmentType).is_in([200_000_000, 200_000_001]))
        .check(Expr::col(DeploymentEnvironment::ValidationStatus).is_in([200_000_000, 200_000_001, 200_000_002]))
        .check(Expr::col(DeploymentEnvironment::RowVersion).gte(1))
        .take()
}

fn pipeline() -> TableCreateStatement {
    Table::create()
        .table(Pipeline::Table)
        .col(id(Pipeline::Id).primary_key())
        .col(short_text(Pipeline::Name))
        .col(short_text(Pipeline::NameKey))
        .col(long_text(Pipeline::Description))
        .col(id(Pipeline::OwnerId))
        .col(flag(Pipeline::Active))
        .col(number(Pipeline::RowVersion))
        .col(moment(Pipeline::Created))
        .col(moment(Pipeline::Modified))
        .foreign_key(&mut reference(
            "pipeline_owner",
            (Pipeline::Table, Pipeline::OwnerId),
            (Person::Table, Person::Id),
        ))
        .check(Expr::col(Pipeline::RowVersion).gte(1))
        .take()
}

fn pipeline_development_environment() -> TableCreateStatement {
    use PipelineDevelopmentEnvironment as Link;
    Table::create()
        .table(Link::Table)
        .col(id(Link::PipelineId))
        .col(id(Link::DeploymentEnvironmentId))
        .primary_key(Index::create().col(Link::PipelineId).col(Link::DeploymentEnvironmentId))
        .foreign_key(
            reference(
                "pipeline_development_environment_pipeline",
                (Link::Table, Link::PipelineId),
                (Pipeline::Table, Pipeline::Id),
            )
            .on_delete(ForeignKeyAction::Cascade),
        )
        .foreign_key(&mut reference(
            "pipeline_development_environment_environment",
            (Link::Table, Link::DeploymentEnvironmentId),
            (DeploymentEnvironment::Table, DeploymentEnvironment::Id),
        ))
        .take()
}

fn stage() -> TableCreateStatement {
    Table::create()
        .table(Stage::Table)
        .col(id(Stage::Id).primary_key())
        .col(id(Stage::PipelineId))
        .col(short_text(Stage::Name))
        .col(short_text(Stage::NameKey))
        .col(long_text(Stage::Description))
        .col(ColumnDef::new(Stage::PreviousId).uuid())
        .col(id(Stage::TargetId))
        .col(number(Stage::RowVersion))
        .col(moment(Stage::Created))
        .col(moment(Stage::Modified))
        .foreign_key(
            reference("stage_pipeline", (Stage::Table, Stage::PipelineId), (Pipeline::Table, Pipeline::Id))
                .on_delete(ForeignKeyAction::Cascade),
        )
        .foreign_key(
            reference("stage_previous", (Stage::Table, Stage::PreviousId), (Stage::Table, Stage::Id))
                .on_delete(ForeignKeyAction::SetNull),
        )
        .foreign_key(&mut reference(
            "stage_target",
            (Stage::Table, Stage::TargetId),
            (DeploymentEnvironment::Table, DeploymentEnvironment::Id),
        ))
        .check(Expr::col(Stage::RowVersion).gte(1))
        .check(Expr::col(Stage::PreviousId).ne(Expr::col(Stage::Id)))
        .take()
}

fn indexes() -> Vec<IndexCreateStatement> {
    use PipelineDevelopmentEnvironment as Link;
    vec![
        unique("person_user_name", Person::Table, [Person::UserNameKey]),
        index("session_expires", Session::Table, [Session::Expires]),
        unique("deployment_environment_name", DeploymentEnvironment::Table, [DeploymentEnvironment::NameKey]),
        index(
            "deployment_environment_environment",
            DeploymentEnvironment::Table,
            [DeploymentEnvironment::EnvironmentId],
        ),
        index("deployment_environment_owner_id", DeploymentEnvironment::Table, [DeploymentEnvironment::OwnerId]),
        index(
            "deployment_environment_validation",
            DeploymentEnvironment::Table,
            [DeploymentEnvironment::ValidationStatus],
        ),
        unique("pipeline_name", Pipeline::Table, [Pipeline::NameKey]),
        index("pipeline_owner_id", Pipeline::Table, [Pipeline::OwnerId]),
        index("pipeline_development_environment_id", Link::Table, [Link::DeploymentEnvironmentId]),
        unique("stage_name", Stage::Table, [Stage::PipelineId, Stage::NameKey]),
        unique("stage_target_once", Stage::Table, [Stage::PipelineId, Stage::TargetId]),
        unique("stage_no_fork", Stage::Table, [Stage::PreviousId]),
        index("stage_target_id", Stage::Table, [Stage::TargetId]),
    ]
}
