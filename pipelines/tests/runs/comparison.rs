//! What a deployment changes, as its wizard and whoever looks at artifacts see it.

use crate::{package::Package, scene::Scene};
use environment::EnvironmentError;
use model::{
    gate::{Approver, Gates},
    stage_run::{ChangeKind, StageRunStatus, WizardStep},
};
use slipway_pipelines::{Error, artifact, comparison, gate, stage_run};
use testbed::each_database;

#[tokio::test]
async fn a_wizard_tells_what_changes_and_drafts_notes() {
    each_database(|database| async move {
        let (scene, worker) = Scene::with_expenses_in_test(database).await;
        let (host, maker) = (&scene.host, &scene.maker);
        scene.import(&Package::named("Expenses").version("1.0.0.2").table("contoso", "Receipt")).await;
        let draft = scene.draft("Expenses", scene.contoso.test_stage).await;
        let wizard = stage_run::wizard(host, maker, draft.id).await.unwrap();
        assert!(wizard.steps.contains(&WizardStep::Changes));
        let told = wizard.comparison.unwrap();
        let added: Vec<_> = told
            .components
            .iter()
            .filter(|compared| compared.change == ChangeKind::Added)
            .map(|compared| compared.component.name.to_lowercase())
            .collect();
        assert_eq!(added, ["contoso_receipt"], "{}", told.summary());
        assert_eq!(told.before.as_ref().unwrap().version.to_string(), "1.0.0.1");
        assert!(wizard.drafted_notes.starts_with("Added:\n- Table “"), "{}", wizard.drafted_notes);
        scene.settle(draft.id).await;
        assert_eq!(scene.run(draft.id).await.changes, None, "nothing is kept before somebody deploys");
        scene.deploy(draft.id, "1.0.0.3").await;
        let ended = scene.ended(draft.id).await;
        assert_eq!(ended.changes.unwrap().to_string(), told.summary());
        scene.deployed("Expenses", scene.contoso.test_stage, "1.0.0.4").await;
        assert_eq!(scene.run(draft.id).await.changes, ended.changes, "it stays true whatever comes later");

        let artifacts = artifact::list(host, maker, Some("Expenses"), 1).await.unwrap().rows;
        let (after, before) = (artifacts[1].id, artifacts[2].id);
        let chosen = comparison::choice(host, maker, None, after).await.unwrap();
        assert_eq!((chosen.before, chosen.after, chosen.artifacts.len()), (Some(before), after, 3));
        let other = comparison::choice(host, maker, Some(artifacts[0].id), after).await.unwrap();
        assert_eq!(other.before, Some(artifacts[0].id));
        assert_eq!(comparison::choice(host, maker, None, before).await.unwrap().before, None);
        assert_eq!(comparison::of_run(host, maker, draft.id).await.unwrap(), chosen);
        let compared = comparison::of_artifacts(host, maker, before, after).await.unwrap();
        let back = comparison::of_artifacts(host, maker, after, before).await.unwrap();
        // The one table took the place of the other.
        assert_eq!(compared.summary(), "1 added, 1 table removed — its data will be deleted");
        assert_eq!(back.summary(), compared.summary());
        let receipt = |comparison: &model::comparison::Comparison| {
            let mut components = comparison.components.iter();
            components.find(|compared| compared.component.name.eq_ignore_ascii_case("contoso_receipt")).unwrap().change
        };
        assert_eq!((receipt(&compared), receipt(&back)), (ChangeKind::Added, ChangeKind::Removed));
        worker.stop().await;
    })
    .await;
}

#[tokio::test]
async fn artifacts_that_one_may_not_see_are_not_compared() {
    each_database(|database| async move {
        let (scene, worker) = Scene::with_expenses_in_test(database).await;
        let artifact = artifact::list(&scene.host, &scene.maker, None, 1).await.unwrap().rows[0].id;
        let nobody = model::id::ArtifactId(uuid::Uuid::from_u128(7));
        for (before, after) in [(artifact, nobody), (nobody, artifact)] {
            let refused = comparison::of_artifacts(&scene.host, &scene.maker, before, after).await;
            assert!(matches!(refused, Err(Error::NotFound(_))));
            let refused = comparison::choice(&scene.host, &scene.maker, Some(before), after).await;
            assert!(matches!(refused, Err(Error::NotFound(_))));
        }
        let outsider = scene.test.another_user().await;
        let run = scene.deployed("Expenses", scene.contoso.test_stage, "1.0.0.2").await;
        assert!(comparison::of_run(&scene.host, &scene.maker, run.id).await.is_ok());
        assert!(matches!(comparison::of_run(&scene.host, &outsider, run.id).await, Err(Error::NotFound(_))));
        let choice = comparison::choice(&scene.host, &outsider, None, artifact).await;
        assert!(matches!(choice, Err(Error::NotFound(_))));
        worker.stop().await;
    })
    .await;
}

#[tokio::test]
async fn nobody_is_kept_from_deploying_where_it_cannot_be_told_what_changes() {
    each_database(|database| async move {
        let (scene, worker) = Scene::with_expenses_in_test(database).await;
        let (host, maker) = (&scene.host, &scene.maker);
        scene.watched.refuse("installed_package", || EnvironmentError::Refused {
            code: None,
            message: "The package is gone.".to_owned(),
        });
        let draft = scene.draft("Expenses", scene.contoso.test_stage).await;
        let wizard = stage_run::wizard(host, maker, draft.id).await.unwrap();
        let untold = "What will change cannot be told at the moment. The package is gone.";
        assert_eq!(wizard.comparison.unwrap_err(), untold);
        assert!(wizard.steps.contains(&WizardStep::Changes) && wizard.drafted_notes.is_empty());
        scene.deploy(draft.id, "1.0.0.2").await;
        assert_eq!(scene.until(draft.id, StageRunStatus::Succeeded).await.changes, None);
        let told = stage_run::what_will_change(host, &scene.administrator, draft.id).await.unwrap();
        assert_eq!(told.unwrap().unwrap_err(), untold);
        worker.stop().await;
    })
    .await;
}

#[tokio::test]
async fn approvers_see_what_differs_within_components() {
    each_database(|database| async move {
        let (scene, worker) = Scene::with_expenses_in_test(database).await;
        let gates = Gates {
            approvers: vec![Approver::Person(scene.administrator.user)],
            approvals_needed: 1,
            ..Gates::default()
        };
        gate::save(&scene.host, &scene.administrator, scene.contoso.test_stage, &gates).await.unwrap();
        scene.import(&Package::named("Expenses").version("1.0.0.2").table("contoso", "Receipt")).await;
        let draft = scene.draft("Expenses", scene.contoso.test_stage).await;
        scene.deploy(draft.id, "1.0.0.3").await;
        let waits = scene.until_true(draft.id, "the gate", |run| run.waiting_for.starts_with("Waiting for")).await;
        let told = stage_run::what_will_change(&scene.host, &scene.administrator, draft.id).await.unwrap();
        let told = told.unwrap().unwrap();
        assert_eq!(Some(told.counts()), waits.changes);
        assert!(told.solution.iter().any(|difference| difference.after.as_deref() == Some("1.0.0.3")), "{told:?}");
        worker.stop().await;
    })
    .await;
}
