//! What makers could do in environments before rights there counted, they can do afterwards.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing, reason = "tests")]

use sea_orm::{ConnectionTrait, DatabaseConnection, FromQueryResult, Statement, prelude::Uuid};
use slipway_migrations::{Migrator, MigratorTrait};

/// Migrations before the one that is tested.
const BEFORE: u32 = 10;

#[derive(Debug, FromQueryResult)]
struct Told {
    told: String,
}

async fn insert(database: &DatabaseConnection, sql: &str, ids: &[u128]) {
    let values = ids.iter().map(|id| Uuid::from_u128(*id).into());
    let statement = Statement::from_sql_and_values(database.get_database_backend(), sql, values);
    database.execute_raw(statement).await.unwrap();
}

#[tokio::test]
async fn whoever_a_pipeline_is_open_to_may_customize_its_environments() {
    let (ada, ben, cleo, makers) = (1, 2, 3, 4);
    let (development, test, elsewhere) = (11, 12, 13);
    let (pipeline, share_ben, share_makers) = (21, 22, 23);
    testbed::each_database_before(BEFORE, |database| async move {
        for (id, name) in [(ada, "ada"), (ben, "ben"), (cleo, "cleo")] {
            let sql = format!(
                "INSERT INTO person (id, user_name, user_name_key, display_name, kind, enabled, password_hash, \
                 must_change_password, password_set, created) \
                 VALUES ($1, '{name}', '{name}', '{name}', 'person', TRUE, '', FALSE, 0, 0)"
            );
            insert(&database, &sql, &[id]).await;
        }
        let team = "INSERT INTO team (id, name, name_key, description, row_version, created, modified) \
                    VALUES ($1, 'Makers', 'makers', '', 1, 0, 0)";
        insert(&database, team, &[makers]).await;
        for (id, name, kind) in
            [(development, "dev", 200_000_000), (test, "test", 200_000_001), (elsewhere, "elsewhere", 200_000_001)]
        {
            let built_in = format!(
                "INSERT INTO built_in_environment (id, name, name_key, import_pace, created) \
                 VALUES ($1, '{name}', '{name}', 0, 0)"
            );
            insert(&database, &built_in, &[id]).await;
            // The id of the environment serves as that of its record, too.
            let record = format!(
                "INSERT INTO deployment_environment (id, name, name_key, description, environment_type, environment_id, \
                 owner_id, validation_status, error_message, active, row_version, created, modified) \
                 VALUES ($1, '{name}', '{name}', '', {kind}, $1, $2, 200000001, '', TRUE, 1, 0, 0)"
            );
            insert(&database, &record, &[id, ada]).await;
        }
        let sql = "INSERT INTO pipeline (id, name, name_key, description, owner_id, active, row_version, created, \
                   modified) VALUES ($1, 'Contoso', 'contoso', '', $2, TRUE, 1, 0, 0)";
        insert(&database, sql, &[pipeline, ada]).await;
        let sql = "INSERT INTO pipeline_development_environment (pipeline_id, deployment_environment_id) VALUES ($1, $2)";
        insert(&database, sql, &[pipeline, development]).await;
        let sql = "INSERT INTO stage (id, pipeline_id, name, name_key, description, target_id, row_version, created, \
                   modified) VALUES ($1, $2, 'Test', 'test', '', $3, 1, 0, 0)";
        insert(&database, sql, &[31, pipeline, test]).await;
        let sql = "INSERT INTO pipeline_share (id, pipeline_id, person_id, rights) VALUES ($1, $2, $3, 1)";
        insert(&database, sql, &[share_ben, pipeline, ben]).await;
        let sql = "INSERT INTO pipeline_share (id, pipeline_id, team_id, rights) VALUES ($1, $2, $3, 1)";
        insert(&database, sql, &[share_makers, pipeline, makers]).await;
        // What somebody was given already stays as it is.
        let sql = "INSERT INTO environment_role (id, environment_id, person_id, role) VALUES ($1, $2, $3, 'basic-user')";
        insert(&database, sql, &[41, test, ben]).await;

        Migrator::up(&database, Some(1)).await.unwrap();

        let sql = "SELECT e.name || ' ' || COALESCE(p.user_name, t.name) || ' ' || r.role AS told \
                   FROM environment_role r JOIN built_in_environment e ON e.id = r.environment_id \
                   LEFT JOIN person p ON p.id = r.person_id LEFT JOIN team t ON t.id = r.team_id ORDER BY told";
        let rows = Told::find_by_statement(Statement::from_string(database.get_database_backend(), sql));
        let mut told: Vec<_> = rows.all(&database).await.unwrap().into_iter().map(|row| row.told).collect();
        told.sort();
        assert_eq!(
            told,
            [
                "dev Makers system-customizer",
                "dev ada system-customizer",
                "dev ben system-customizer",
                "test Makers system-customizer",
                "test ada system-customizer",
                "test ben basic-user",
            ]
        );
    })
    .await;
}
