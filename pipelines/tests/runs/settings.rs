//! Settings of runs.

use crate::{
    common::{assert_forbidden, message_at},
    package::Package,
    scene::{MAIL, Scene},
};
use model::{
    audit::{AuditAction, AuditFilter, FieldChange},
    settings::{ConnectionSetting, VariableSetting},
    stage_run::StageRunStatus,
};
use sea_orm::{ConnectionTrait, Statement};
use slipway_pipelines::{audit, stage_run};
use testbed::each_database;

const VAULT: &str = "/subscriptions/1/resourceGroups/contoso/providers/Microsoft.KeyVault/vaults/contoso/secrets/key";

fn variable(name: &str, value: &str) -> VariableSetting {
    VariableSetting { schema_name: name.to_owned(), value: value.to_owned() }
}

fn connection(id: &str) -> ConnectionSetting {
    ConnectionSetting { logical_name: "contoso_Mail".to_owned(), connection_id: id.to_owned(), ..Default::default() }
}

#[tokio::test]
async fn what_is_not_right_is_said_at_its_field_and_kept_all_the_same() {
    each_database(|database| async move {
        let scene = Scene::new(database).await;
        let worker = scene.worker();
        let (host, maker) = (&scene.host, &scene.maker);
        scene.import(&Package::named("Expenses")).await;
        let draft = scene.draft("Expenses", scene.contoso.test_stage).await;

        let nothing = stage_run::save_connections(host, maker, draft.id, &[connection("")]).await;
        assert!(message_at("connection:contoso_Mail", nothing).contains("shared_office365"));
        let other =
            scene.connection(scene.contoso.test.environment_id, "/providers/x/apis/shared_teams", "Teams").await;
        let wrong = stage_run::save_connections(host, maker, draft.id, &[connection(&other)]).await;
        message_at("connection:contoso_Mail", wrong);

        let words =
            stage_run::save_variables(host, maker, draft.id, &[variable("CONTOSO_approvallimit", "much")]).await;
        assert_eq!(
            message_at("variable:contoso_ApprovalLimit", words),
            "The value is not a decimal number such as 12.5."
        );
        let wizard = stage_run::wizard(host, maker, draft.id).await.unwrap();
        let limit = &wizard.variables.iter().find(|set| set.definition.schema_name == "contoso_ApprovalLimit").unwrap();
        assert_eq!(limit.entered.as_deref(), Some("much"));
        assert!(limit.is_needed && limit.is_entered);
        let mail = wizard.variables.iter().find(|set| set.definition.schema_name == "contoso_ApproverMail").unwrap();
        assert!(!mail.is_needed && !mail.is_entered);
        let fields: Vec<_> = wizard.problems.iter().map(|problem| problem.field.as_str()).collect();
        assert_eq!(fields, ["connection:contoso_Mail", "variable:contoso_ApprovalLimit"]);
        let deployed = stage_run::deploy(host, maker, draft.id, "1.0.0.1", "").await;
        assert_eq!(crate::common::problems(deployed).len(), 2);

        let right = wizard.connections[0].choices.iter().find(|choice| choice.connector_id == MAIL).unwrap();
        stage_run::save_connections(host, maker, draft.id, &[connection(&right.id)]).await.unwrap();
        stage_run::save_variables(host, maker, draft.id, &[variable("contoso_ApprovalLimit", " 12.5 ")]).await.unwrap();
        let wizard = stage_run::wizard(host, maker, draft.id).await.unwrap();
        assert!(wizard.problems.is_empty(), "{:?}", wizard.problems);
        assert_eq!(wizard.connections[0].chosen.as_deref(), Some(right.id.as_str()));
        worker.stop().await;
    })
    .await;
}

/// The settings of a run as the database keeps them.
async fn settings_of(scene: &Scene, run: uuid::Uuid) -> String {
    let database = &scene.test.database;
    let sql = "SELECT settings FROM stage_run WHERE id = $1";
    let row = Statement::from_sql_and_values(database.get_database_backend(), sql, [run.into()]);
    database.query_one_raw(row).await.unwrap().unwrap().try_get("", "settings").unwrap()
}

#[tokio::test]
async fn secrets_are_never_given_back() {
    each_database(|database| async move {
        let scene = Scene::new(database).await;
        let worker = scene.worker();
        let (host, maker) = (&scene.host, &scene.maker);
        scene.import(&Package::named("Expenses").secret()).await;
        let draft = scene.draft("Expenses", scene.contoso.test_stage).await;
        let given = [variable("contoso_Key", "hunter2"), variable("contoso_ApprovalLimit", "1")];
        let plain = stage_run::save_variables(host, maker, draft.id, &given).await;
        assert!(message_at("variable:contoso_Key", plain).contains("reference to a secret"));
        // It may be the secret itself, so it was not kept. What else was given was.
        let kept = settings_of(&scene, draft.id.0).await;
        assert!(!kept.contains("hunter2") && kept.contains("contoso_ApprovalLimit"), "{kept}");
        let given = [variable("contoso_Key", VAULT), variable("contoso_ApprovalLimit", "1")];
        stage_run::save_variables(host, maker, draft.id, &given).await.unwrap();
        // What was never shown is posted back empty.
        let given = [variable("contoso_Key", ""), variable("contoso_ApprovalLimit", "2")];
        stage_run::save_variables(host, maker, draft.id, &given).await.unwrap();
        // The log says that a secret was given, and what else became of what.
        let filter = AuditFilter { action: Some(AuditAction::Settle), ..AuditFilter::default() };
        let told = audit::list(host, &scene.administrator, &filter, 1).await.unwrap().rows;
        let changes: Vec<_> = told.iter().flat_map(|entry| &entry.changes).collect();
        assert!(changes.iter().any(|change| change.field == "variable:contoso_Key"));
        let limit = |change: &&&FieldChange| change.field == "variable:contoso_ApprovalLimit";
        assert_eq!(changes.iter().find(limit).unwrap().after.as_deref(), Some("2"));
        assert!(!format!("{told:?}").contains("vaults/contoso") && !format!("{told:?}").contains("hunter2"));
        let wizard = stage_run::wizard(host, maker, draft.id).await.unwrap();
        let key = wizard.variables.iter().find(|set| set.definition.schema_name == "contoso_Key").unwrap();
        assert!(key.is_entered && key.entered.is_none());
        assert!(!format!("{wizard:?}").contains("vaults/contoso"));
        scene.settle(draft.id).await;
        stage_run::deploy(host, maker, draft.id, "1.0.0.1", "").await.unwrap();
        let run = scene.until(draft.id, StageRunStatus::Succeeded).await;
        assert!(!format!("{run:?}").contains("vaults/contoso"));
        assert_eq!(run.settings.value("contoso_Key"), Some("••••••••"));
        let next = scene.draft("Expenses", scene.contoso.test_stage).await;
        let wizard = stage_run::wizard(host, maker, next.id).await.unwrap();
        let key = wizard.variables.iter().find(|set| set.definition.schema_name == "contoso_Key").unwrap();
        assert!(key.is_entered && key.entered.is_none() && key.target_value.as_deref() == Some("••••••••"));
        worker.stop().await;
    })
    .await;
}

#[tokio::test]
async fn what_was_used_before_is_offered_again() {
    each_database(|database| async move {
        let scene = Scene::new(database).await;
        let worker = scene.worker();
        let (host, maker) = (&scene.host, &scene.maker);
        scene.import(&Package::named("Expenses")).await;
        let first = scene.deployed("Expenses", scene.contoso.test_stage, "1.0.0.1").await;
        let next = scene.draft("Expenses", scene.contoso.test_stage).await;
        let wizard = stage_run::wizard(host, maker, next.id).await.unwrap();
        assert_eq!(wizard.connections[0].chosen.as_deref(), first.settings.connection("contoso_Mail"));
        let limit = wizard.variables.iter().find(|set| set.definition.schema_name == "contoso_ApprovalLimit").unwrap();
        assert_eq!(limit.entered.as_deref(), Some("100"));
        assert_eq!(limit.target_value.as_deref(), Some("100"));
        assert!(!limit.is_needed);
        assert!(wizard.problems.is_empty(), "{:?}", wizard.problems);
        stage_run::deploy(host, maker, next.id, "1.0.0.2", "").await.unwrap();
        scene.until(next.id, StageRunStatus::Succeeded).await;
        worker.stop().await;
    })
    .await;
}

#[tokio::test]
async fn only_whoever_asked_for_a_run_gives_its_settings() {
    each_database(|database| async move {
        let scene = Scene::new(database).await;
        let worker = scene.worker();
        let (host, administrator) = (&scene.host, &scene.administrator);
        scene.import(&Package::named("Expenses")).await;
        let draft = scene.draft("Expenses", scene.contoso.test_stage).await;
        assert_forbidden(stage_run::wizard(host, administrator, draft.id).await);
        assert_forbidden(stage_run::save_connections(host, administrator, draft.id, &[]).await);
        assert_forbidden(stage_run::save_variables(host, administrator, draft.id, &[]).await);
        assert_forbidden(stage_run::save_summary(host, administrator, draft.id, "1.0.0.1", "").await);
        assert_forbidden(stage_run::deploy(host, administrator, draft.id, "1.0.0.1", "").await);
        assert_forbidden(stage_run::check_again(host, administrator, draft.id).await);
        assert!(stage_run::get(host, &scene.maker, draft.id).await.unwrap().mine);
        worker.stop().await;
    })
    .await;
}
