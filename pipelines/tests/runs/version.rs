//! Versions of deployments.

use crate::{common::message_at, package::Package, scene::Scene};
use model::{
    settings::{ConnectionSetting, VariableSetting},
    stage_run::StageRunStatus,
};
use slipway_pipelines::stage_run;
use testbed::each_database;

#[tokio::test]
async fn a_version_has_to_be_free_and_a_version() {
    each_database(|database| async move {
        let scene = Scene::new(database).await;
        let worker = scene.worker();
        let (host, maker) = (&scene.host, &scene.maker);
        scene.import(&Package::named("Expenses").version("1.0.0.2")).await;
        let draft = scene.draft("Expenses", scene.contoso.test_stage).await;
        assert_eq!(draft.version.to_string(), "1.0.0.3");
        scene.settle(draft.id).await;
        for (given, expected) in [
            ("", "is not a version"),
            ("next", "is not a version"),
            ("1.0.0.1", "The solution has version 1.0.0.2 in Contoso Dev already."),
        ] {
            let message = message_at("version", stage_run::deploy(host, maker, draft.id, given, "").await);
            assert!(message.contains(expected), "{given}: {message}");
            let message = message_at("version", stage_run::save_summary(host, maker, draft.id, given, "").await);
            assert!(message.contains(expected), "{given}: {message}");
        }
        stage_run::save_summary(host, maker, draft.id, "1.0.0.2", " Kept notes ").await.unwrap();
        let kept = scene.run(draft.id).await;
        assert_eq!((kept.version.to_string().as_str(), kept.notes.as_str()), ("1.0.0.2", "Kept notes"));
        let too_long = "x".repeat(10_001);
        let message = message_at("notes", stage_run::deploy(host, maker, draft.id, "1.0.0.2", &too_long).await);
        assert_eq!(message, "Use at most 10000 characters for the notes.");

        // The version that development has may go, once.
        stage_run::deploy(host, maker, draft.id, "1.0.0.2", "").await.unwrap();
        scene.until(draft.id, StageRunStatus::Succeeded).await;
        let again = scene.draft("Expenses", scene.contoso.test_stage).await;
        assert_eq!(again.version.to_string(), "1.0.0.3");
        assert_eq!(again.previous_version.unwrap().to_string(), "1.0.0.2");
        let message = message_at("version", stage_run::deploy(host, maker, again.id, "1.0.0.2", "").await);
        assert!(message.contains("1.0.0.2") && message.ends_with("such as 1.0.0.3."), "{message}");

        // A later stage gets what succeeded before.
        let production = scene.draft("Expenses", scene.contoso.production_stage).await;
        scene.settle(production.id).await;
        let message = message_at("version", stage_run::deploy(host, maker, production.id, "1.0.0.7", "").await);
        assert!(message.starts_with("This stage gets version 1.0.0.2"), "{message}");
        worker.stop().await;
    })
    .await;
}

#[tokio::test]
async fn an_artifact_is_never_stored_twice_under_one_version() {
    each_database(|database| async move {
        let scene = Scene::new(database).await;
        let worker = scene.worker();
        let stage = scene.contoso.test_stage;
        scene.import(&Package::named("Expenses")).await;
        let first = scene.draft("Expenses", stage).await;
        scene.settle(first.id).await;
        let second = scene.ask_as(&scene.administrator, "Expenses", stage).await.unwrap();
        assert_ne!(first.id, second);
        let second = scene.until(second, StageRunStatus::ValidationSucceeded).await;
        scene.watched.hold("set_version");
        stage_run::deploy(&scene.host, &scene.maker, first.id, "1.0.0.1", "").await.unwrap();
        scene.until(first.id, StageRunStatus::PreDeployInProgress).await;
        let limit = VariableSetting { schema_name: "contoso_ApprovalLimit".to_owned(), value: "5".to_owned() };
        stage_run::save_variables(&scene.host, &scene.administrator, second.id, &[limit]).await.unwrap();
        let wizard = stage_run::wizard(&scene.host, &scene.administrator, second.id).await.unwrap();
        let connection = ConnectionSetting {
            logical_name: "contoso_mail".to_owned(),
            connection_id: wizard.connections[0].choices[0].id.clone(),
            connector_id: String::new(),
        };
        stage_run::save_connections(&scene.host, &scene.administrator, second.id, &[connection]).await.unwrap();
        let deployed = stage_run::deploy(&scene.host, &scene.administrator, second.id, "1.0.0.1", "").await;
        let message = message_at("version", deployed);
        assert_eq!(message, "Version 1.0.0.1 is being deployed already. Enter a higher version, such as 1.0.0.2.");
        scene.watched.let_go("set_version");
        scene.until(first.id, StageRunStatus::Succeeded).await;
        worker.stop().await;
    })
    .await;
}

#[tokio::test]
async fn a_run_fails_when_development_has_overtaken_its_version() {
    each_database(|database| async move {
        let scene = Scene::new(database).await;
        let worker = scene.worker();
        scene.import(&Package::named("Expenses")).await;
        let draft = scene.draft("Expenses", scene.contoso.test_stage).await;
        scene.import(&Package::named("Expenses").version("1.0.0.8")).await;
        scene.deploy(draft.id, "1.0.0.1").await;
        let run = scene.ended(draft.id).await;
        assert_eq!(run.status, StageRunStatus::Failed);
        assert_eq!(
            run.error_message,
            "Contoso Dev has version 1.0.0.8 of Contoso Expenses by now, which is higher than 1.0.0.1. Deploy again with \
             a higher version."
        );
        assert!(scene.log(run.id).await.last().unwrap().is_error);
        worker.stop().await;
    })
    .await;
}
