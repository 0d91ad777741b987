//! Rights in built-in environments count from now on. Whoever could work with such an environment before can do so
//! afterwards: people and teams that own a pipeline, or that it is shared with, may customize the environments it starts
//! from and deploys into.

use sea_orm_migration::{prelude::*, sea_orm::DbBackend};

#[derive(DeriveMigrationName)]
pub struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    fn use_transaction(&self) -> Option<bool> {
        Some(true)
    }

    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let new_id = match manager.get_database_backend() {
            DbBackend::Sqlite => "randomblob(16)",
            _ => "gen_random_uuid()",
        };
        for (principal, owner, owns) in [
            ("person_id", "owner_id", "owner_team_id IS NULL"),
            ("team_id", "owner_team_id", "owner_team_id IS NOT NULL"),
        ] {
            let sql = format!(
                "INSERT INTO environment_role (id, environment_id, {principal}, role) \
                 SELECT {new_id}, had.environment_id, had.principal, 'system-customizer' FROM ( \
                   SELECT DISTINCT record.environment_id AS environment_id, may.principal AS principal FROM ( \
                     SELECT pipeline_id, {principal} AS principal FROM pipeline_share WHERE {principal} IS NOT NULL \
                     UNION SELECT id, {owner} FROM pipeline WHERE {owns} \
                   ) AS may JOIN ( \
                     SELECT pipeline_id, deployment_environment_id AS record_id FROM pipeline_development_environment \
                     UNION SELECT pipeline_id, target_id FROM stage \
                   ) AS uses ON uses.pipeline_id = may.pipeline_id \
                   JOIN deployment_environment AS record ON record.id = uses.record_id \
                   JOIN built_in_environment AS kept ON kept.id = record.environment_id \
                 ) AS had WHERE NOT EXISTS ( \
                   SELECT 1 FROM environment_role AS known \
                   WHERE known.environment_id = had.environment_id AND known.{principal} = had.principal \
                 )"
            );
            manager.get_connection().execute_unprepared(&sql).await?;
        }
        Ok(())
    }
}
