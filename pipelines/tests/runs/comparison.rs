//! What a deployment changes, as its wizard and whoever looks at artifacts see it.

use crate::{package::Package, scene::Scene};
use model::stage_run::{ChangeKind, WizardStep};
use slipway_pipelines::{Error, artifact, comparison, stage_run};
use testbed::each_database;

#[tokio::test]
async fn a_wizard_tells_what_changes_and_drafts_notes() {
    each_database(|database| async move {
        let scene = Scene::new(database).await;
        let worker = scene.worker();
        let (host, maker) = (&scene.host, &scene.maker);
        scene.import(&Package::named("Expenses")).await;
        scene.deployed("Expenses", scene.contoso.test_stage, "1.0.0.1").await;
        scene.import(&Package::named("Expenses").version("1.0.0.2").table("contoso", "Receipt")).await;
        let draft = scene.draft("Expenses", scene.contoso.test_stage).await;
        let wizard = stage_run::wizard(host, maker, draft.id).await.unwrap();
        assert!(wizard.steps.contains(&WizardStep::Changes));
        let added: Vec<_> = wizard
            .comparison
            .components
            .iter()
            .filter(|compared| compared.change == ChangeKind::Added)
            .map(|compared| compared.component.name.to_lowercase())
            .collect();
        assert_eq!(added, ["contoso_receipt"], "{}", wizard.comparison.summary());
        assert_eq!(wizard.comparison.before.as_ref().unwrap().version.to_string(), "1.0.0.1");
        assert!(wizard.drafted_notes.starts_with("Added:\n- Table “"), "{}", wizard.drafted_notes);
        scene.settle(draft.id).await;
        scene.deploy(draft.id, "1.0.0.3").await;
        scene.ended(draft.id).await;

        let artifacts = artifact::list(host, maker, Some("Expenses"), 1).await.unwrap().rows;
        let (after, before) = (artifacts[0].id, artifacts[1].id);
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
        let scene = Scene::new(database).await;
        let worker = scene.worker();
        scene.import(&Package::named("Expenses")).await;
        scene.deployed("Expenses", scene.contoso.test_stage, "1.0.0.1").await;
        let artifact = artifact::list(&scene.host, &scene.maker, None, 1).await.unwrap().rows[0].id;
        let nobody = model::id::ArtifactId(uuid::Uuid::from_u128(7));
        for (before, after) in [(artifact, nobody), (nobody, artifact)] {
            let refused = comparison::of_artifacts(&scene.host, &scene.maker, before, after).await;
            assert!(matches!(refused, Err(Error::NotFound(_))));
        }
        worker.stop().await;
    })
    .await;
}
