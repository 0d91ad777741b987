//! What people could do before roles, teams and shares existed, they can do afterwards.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing, reason = "tests")]

use sea_orm::{ConnectionTrait, DatabaseConnection, FromQueryResult, Statement, prelude::Uuid};
use slipway_migrations::{Migrator, MigratorTrait};

const ADA: u128 = 1;
const BEN: u128 = 2;
const PIPELINE: u128 = 3;
const RECORD: u128 = 4;
const BUILT_IN: u128 = 5;

#[derive(Debug, FromQueryResult)]
struct Told {
    told: String,
}

async fn told(database: &DatabaseConnection, sql: &str) -> Vec<String> {
    let rows = Told::find_by_statement(Statement::from_string(database.get_database_backend(), sql.to_owned()));
    rows.all(database).await.unwrap().into_iter().map(|row| row.told).collect()
}

async fn insert(database: &DatabaseConnection, sql: &str, ids: &[u128]) {
    let values = ids.iter().map(|id| Uuid::from_u128(*id).into());
    let statement = Statement::from_sql_and_values(database.get_database_backend(), sql, values);
    database.execute_raw(statement).await.unwrap();
}

#[tokio::test]
async fn administrators_and_users_of_before_have_their_roles_teams_and_shares() {
    testbed::each_database_before(3, |database| async move {
        for (id, name, role) in [(ADA, "ada", "administrator"), (BEN, "ben", "user")] {
            let sql = format!(
                "INSERT INTO person (id, user_name, user_name_key, display_name, role, enabled, password_hash, \
                 must_change_password, password_set, failed_sign_ins, blocked_until, created) \
                 VALUES ($1, '{name}', '{name}', '{name}', '{role}', TRUE, 'hash', FALSE, 7, 2, 9, 5)"
            );
            insert(&database, &sql, &[id]).await;
        }
        let pipeline = "INSERT INTO pipeline (id, name, name_key, description, owner_id, active, row_version, created, \
                        modified) VALUES ($1, 'Contoso', 'contoso', '', $2, TRUE, 1, 0, 0)";
        insert(&database, pipeline, &[PIPELINE, ADA]).await;
        let record = "INSERT INTO deployment_environment (id, name, name_key, description, environment_type, \
                      environment_id, owner_id, validation_status, error_message, active, row_version, created, modified) \
                      VALUES ($1, 'Dev', 'dev', '', 200000000, $2, $3, 200000001, '', TRUE, 1, 0, 0)";
        insert(&database, record, &[RECORD, BUILT_IN, ADA]).await;
        let built_in = "INSERT INTO built_in_environment (id, name, name_key, import_pace, created) \
                        VALUES ($1, 'Dev', 'dev', 0, 0)";
        insert(&database, built_in, &[BUILT_IN]).await;

        // Only the migration that is tested here: later ones go on from what it made.
        Migrator::up(&database, Some(1)).await.unwrap();

        let roles = "SELECT p.user_name || ' ' || r.role AS told FROM person_role r JOIN person p ON p.id = r.person_id \
                     ORDER BY told";
        assert_eq!(
            told(&database, roles).await,
            ["ada pipeline-administrator", "ada system-administrator", "ben pipeline-user"]
        );
        let members = "SELECT t.name || ': ' || p.user_name AS told FROM team_member m JOIN team t ON t.id = m.team_id \
                       JOIN person p ON p.id = m.person_id";
        assert_eq!(told(&database, members).await, ["Deployment Pipeline Users: ben"]);
        let shares = "SELECT p.name || ' ' || t.name || ' ' || s.rights AS told FROM pipeline_share s \
                      JOIN pipeline p ON p.id = s.pipeline_id JOIN team t ON t.id = s.team_id";
        assert_eq!(told(&database, shares).await, ["Contoso Deployment Pipeline Users 1"]);
        let environments = "SELECT e.name || ' ' || t.name || ' ' || r.role AS told FROM environment_role r \
                            JOIN built_in_environment e ON e.id = r.environment_id JOIN team t ON t.id = r.team_id";
        assert_eq!(told(&database, environments).await, ["Dev Deployment Pipeline Users system-customizer"]);
        // Everything else of a person stays, and so do the keys that point to it.
        let kept = "SELECT user_name || ' ' || kind || ' ' || password_hash || ' ' || password_set || ' ' || \
                    failed_sign_ins || ' ' || blocked_until || ' ' || created AS told FROM person ORDER BY told";
        assert_eq!(told(&database, kept).await, ["ada person hash 7 2 9 5", "ben person hash 7 2 9 5"]);
        let owners = "SELECT o.user_name AS told FROM pipeline p JOIN person o ON o.id = p.owner_id";
        assert_eq!(told(&database, owners).await, ["ada"]);
        assert!(database.execute_unprepared("DELETE FROM person WHERE user_name = 'ada'").await.is_err());
        assert!(
            database.execute_unprepared("INSERT INTO person_role SELECT id, 'emperor' FROM person").await.is_err(),
            "only the platform's roles can be given"
        );
    })
    .await;
}
