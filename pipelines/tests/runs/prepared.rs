//! Settings that are prepared for a solution at a stage.

use crate::{
    common::{assert_forbidden, assert_not_found, message_at},
    package::Package,
    scene::Scene,
};
use environment::{EnvironmentError, Environments};
use model::{settings::ConnectionSetting, stage_run::StageRunStatus};
use sea_orm::{FromQueryResult, Statement};
use slipway_pipelines::{
    Caller, Error,
    deployment_settings::{self, Destination, GivenVariable},
    stage_run,
};
use testbed::each_database;

const VAULT: &str = "https://contoso.vault.azure.net/secrets/key";

fn variable(name: &str, value: &str) -> GivenVariable {
    GivenVariable { schema_name: name.to_owned(), value: value.to_owned(), forget: false }
}

fn connection(id: &str) -> ConnectionSetting {
    ConnectionSetting { logical_name: "CONTOSO_mail".to_owned(), connection_id: id.to_owned(), ..Default::default() }
}

fn destination(scene: &Scene) -> Destination {
    Destination { environment: scene.development(), solution: "Expenses".to_owned(), stage: scene.contoso.test_stage }
}

/// The connection of the test environment.
async fn mail(scene: &Scene) -> String {
    let prepared = deployment_settings::get(&scene.host, &scene.maker, &destination(scene)).await.unwrap();
    prepared.connections[0].choices[0].id.clone()
}

async fn save(
    scene: &Scene,
    caller: &Caller,
    connections: &[ConnectionSetting],
    variables: &[GivenVariable],
    row_version: i32,
) -> Result<(), Error> {
    deployment_settings::save(&scene.host, caller, &destination(scene), connections, variables, row_version).await
}

#[tokio::test]
async fn what_is_prepared_is_offered_before_what_was_used_last() {
    each_database(|database| async move {
        let scene = Scene::new(database).await;
        let worker = scene.worker();
        let (host, maker) = (&scene.host, &scene.maker);
        scene.import(&Package::named("Expenses")).await;
        let mail = mail(&scene).await;
        save(&scene, maker, &[connection(&mail)], &[variable("contoso_approvallimit", " 250 ")], 0).await.unwrap();

        let draft = scene.draft("Expenses", scene.contoso.test_stage).await;
        let wizard = stage_run::wizard(host, maker, draft.id).await.unwrap();
        assert!(wizard.problems.is_empty(), "{:?}", wizard.problems);
        assert_eq!(wizard.connections[0].chosen.as_deref(), Some(mail.as_str()));
        stage_run::deploy(host, maker, draft.id, "1.0.0.1", "").await.unwrap();
        let run = scene.until(draft.id, StageRunStatus::Succeeded).await;
        assert_eq!(run.settings.value("contoso_ApprovalLimit"), Some("250"));

        save(&scene, &scene.administrator, &[], &[variable("contoso_ApprovalLimit", "300")], 1).await.unwrap();
        let next = scene.draft("Expenses", scene.contoso.test_stage).await;
        assert_eq!(next.settings.value("contoso_ApprovalLimit"), Some("300"));
        assert_eq!(next.settings.connection("contoso_Mail"), Some(mail.as_str()), "what a form does not have stays");
        let other = scene.draft("Expenses", scene.contoso.production_stage).await;
        assert_eq!(other.settings.value("contoso_ApprovalLimit"), None, "every stage has its own");
        worker.stop().await;
    })
    .await;
}

#[tokio::test]
async fn what_is_wrong_stands_at_its_field_and_two_editors_do_not_overwrite_each_other() {
    each_database(|database| async move {
        let scene = Scene::new(database).await;
        let (host, maker) = (&scene.host, &scene.maker);
        scene.import(&Package::named("Expenses")).await;
        let words = save(&scene, maker, &[], &[variable("contoso_ApprovalLimit", "much")], 0).await;
        assert_eq!(
            message_at("variable:contoso_ApprovalLimit", words),
            "The value is not a decimal number such as 12.5."
        );
        let long = save(&scene, maker, &[connection(&"x".repeat(2_000))], &[], 0).await;
        message_at("connection:contoso_Mail", long);
        assert_eq!(deployment_settings::get(host, maker, &destination(&scene)).await.unwrap().row_version, 0);

        save(&scene, maker, &[], &[variable("contoso_ApprovalLimit", "1")], 0).await.unwrap();
        for stale in [0, 7] {
            let late = save(&scene, maker, &[], &[variable("contoso_ApprovalLimit", "2")], stale).await;
            assert!(matches!(late, Err(Error::Changed(_))), "{late:?}");
        }
        save(&scene, maker, &[], &[variable("contoso_ApprovalLimit", "")], 1).await.unwrap();
        let prepared = deployment_settings::get(host, maker, &destination(&scene)).await.unwrap();
        assert!(prepared.variables.iter().all(|variable| !variable.is_entered), "an empty value takes it away");
        assert_eq!((prepared.row_version, prepared.modified.unwrap().1), (2, maker.name.clone()));
    })
    .await;
}

#[tokio::test]
async fn secrets_are_sealed_and_never_leave() {
    #[derive(FromQueryResult)]
    struct Kept {
        settings: String,
    }
    each_database(|database| async move {
        let scene = Scene::new(database).await;
        let worker = scene.worker();
        let (host, maker) = (&scene.host, &scene.maker);
        scene.import(&Package::named("Expenses").secret()).await;
        let plain = save(&scene, maker, &[], &[variable("contoso_Key", "hunter2")], 0).await;
        assert!(message_at("variable:contoso_Key", plain).contains("reference to a secret"));
        let given = [variable("contoso_Key", VAULT), variable("contoso_ApprovalLimit", "1")];
        save(&scene, maker, &[], &given, 0).await.unwrap();

        let of = destination(&scene);
        let prepared = deployment_settings::get(host, maker, &of).await.unwrap();
        assert!(!format!("{prepared:?}").contains("contoso.vault"));
        let (name, file) = deployment_settings::export(host, maker, &of).await.unwrap();
        assert_eq!(name, "Expenses_Test_settings.json");
        assert!(!file.contains("contoso.vault") && file.contains("#{contoso_Key}#"), "{file}");
        let sql = "SELECT settings FROM stage_settings UNION ALL SELECT changes AS settings FROM audit_entry";
        let statement = Statement::from_string(scene.test.database.get_database_backend(), sql.to_owned());
        let rows = Kept::find_by_statement(statement).all(&scene.test.database).await.unwrap();
        assert!(rows.len() > 1 && rows.iter().all(|row| !row.settings.contains("contoso.vault")));

        // What was never shown comes back empty, from the form and from the file.
        save(&scene, maker, &[], &[variable("contoso_Key", "")], 1).await.unwrap();
        let imported = deployment_settings::import(host, maker, &of, file.as_bytes()).await.unwrap();
        assert!(imported.empty.contains(&"contoso_Key".to_owned()) && imported.unknown.is_empty(), "{imported:?}");
        let draft = scene.ask("Expenses", scene.contoso.test_stage).await.unwrap();
        let run = scene.run(draft).await;
        assert_eq!(run.settings.value("contoso_Key"), Some("••••••••"), "even before pre-flight has read the package");
        let draft = scene.until(draft, StageRunStatus::ValidationSucceeded).await;
        scene.deploy(draft.id, "1.0.0.1").await;
        scene.until(draft.id, StageRunStatus::Succeeded).await;
        let target = scene.test.built_in.open(scene.contoso.test.environment_id).await.unwrap();
        let installed = target.solution("Expenses").await.unwrap().unwrap();
        let key = installed.environment_variables.iter().find(|set| set.definition.schema_name == "contoso_Key");
        assert_eq!(key.unwrap().value.as_deref(), Some(VAULT));

        let forget = GivenVariable { forget: true, ..variable("contoso_Key", "") };
        save(&scene, maker, &[], &[forget], 3).await.unwrap();
        let prepared = deployment_settings::get(host, maker, &of).await.unwrap();
        assert!(!prepared.variables.iter().any(|set| set.definition.schema_name == "contoso_Key" && set.is_entered));
        worker.stop().await;
    })
    .await;
}

#[tokio::test]
async fn a_file_goes_out_and_comes_in_again() {
    each_database(|database| async move {
        let scene = Scene::new(database).await;
        let (host, maker) = (&scene.host, &scene.maker);
        scene.import(&Package::named("Expenses")).await;
        let mail = mail(&scene).await;
        let of = destination(&scene);
        let given = [variable("contoso_ApprovalLimit", "12.5"), variable("contoso_ApproverMail", "ada@contoso.com")];
        save(&scene, maker, &[connection(&mail)], &given, 0).await.unwrap();
        let (_, file) = deployment_settings::export(host, maker, &of).await.unwrap();
        let elsewhere = Destination { stage: scene.contoso.production_stage, ..of.clone() };
        let imported = deployment_settings::import(host, maker, &elsewhere, file.as_bytes()).await.unwrap();
        assert_eq!(imported.taken, 3);
        assert_eq!(deployment_settings::export(host, maker, &elsewhere).await.unwrap().1, file);

        let wrong = r#"{"EnvironmentVariables":[{"SchemaName":"contoso_ApproverMail","Value":"x"},{"SchemaName":"contoso_approvallimit","Value":"much"}]}"#;
        let refused = deployment_settings::import(host, maker, &of, wrong.as_bytes()).await;
        assert!(message_at("file", refused).starts_with("EnvironmentVariables[1].Value of contoso_ApprovalLimit: "));
        assert_eq!(deployment_settings::export(host, maker, &of).await.unwrap().1, file, "all of it or nothing");
    })
    .await;
}

#[tokio::test]
async fn only_whoever_may_deploy_prepares() {
    each_database(|database| async move {
        let scene = Scene::new(database).await;
        let host = &scene.host;
        scene.import(&Package::named("Expenses")).await;
        let of = destination(&scene);
        let outsider = scene.test.another_user().await;
        assert_not_found(deployment_settings::get(host, &outsider, &of).await);
        assert_not_found(save(&scene, &outsider, &[], &[], 0).await);
        assert_not_found(deployment_settings::export(host, &outsider, &of).await);
        assert_not_found(deployment_settings::import(host, &outsider, &of, b"{}").await);
        assert_forbidden(deployment_settings::solutions(host, &scene.maker, of.stage).await);

        save(&scene, &scene.maker, &[], &[], 0).await.unwrap();
        let listed = deployment_settings::solutions(host, &scene.administrator, of.stage).await.unwrap();
        assert_eq!(listed.len(), 1);
        assert_eq!((listed[0].environment, listed[0].solution.as_str()), (of.environment, "Expenses"));
    })
    .await;
}

#[tokio::test]
async fn a_target_that_does_not_answer_keeps_nobody_from_preparing() {
    each_database(|database| async move {
        let scene = Scene::new(database).await;
        let (host, maker) = (&scene.host, &scene.maker);
        scene.import(&Package::named("Expenses")).await;
        scene.watched.refuse("connections", || EnvironmentError::Unreachable {
            reason: "It is asleep.".to_owned(),
            retry_after: None,
        });
        let prepared = deployment_settings::get(host, maker, &destination(&scene)).await.unwrap();
        assert_eq!(prepared.target_problem.as_deref(), Some("What Contoso Test has is not known. It is asleep."));
        save(&scene, maker, &[], &[variable("contoso_ApprovalLimit", "1")], 0).await.unwrap();
    })
    .await;
}
