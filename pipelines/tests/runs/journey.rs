//! The whole way of a deployment.

use crate::{package::Package, scene::Scene};
use environment::{Environments, PackageKind};
use model::stage_run::{StageRunStatus, StepStatus, SubOperation, WizardStep};
use slipway_pipelines::{artifact, stage_run};
use testbed::each_database;

#[tokio::test]
async fn a_solution_goes_to_production_as_the_artifact_that_succeeded_in_test() {
    each_database(|database| async move {
        let scene = Scene::new(database).await;
        let worker = scene.worker();
        scene.import(&Package::named("Expenses").icon("<svg>first</svg>")).await;

        let draft = scene.draft("expenses", scene.contoso.test_stage).await;
        assert_eq!(draft.version.to_string(), "1.0.0.1");
        assert_eq!(draft.solution, "Expenses");
        // An administrator who looks at somebody's run may withdraw it, and no more.
        assert!(!draft.mine && draft.cancellable);
        let wizard = stage_run::wizard(&scene.host, &scene.maker, draft.id).await.unwrap();
        assert_eq!(
            wizard.steps,
            [
                WizardStep::Destination,
                WizardStep::PreFlight,
                WizardStep::Connections,
                WizardStep::Variables,
                WizardStep::Changes,
                WizardStep::Summary
            ]
        );
        scene.deploy(draft.id, "1.0.0.4").await;
        let tested = scene.until(draft.id, StageRunStatus::Succeeded).await;
        assert_eq!(scene.version_in(scene.contoso.test.environment_id, "Expenses").await.unwrap(), "1.0.0.4");
        assert_eq!(scene.version_in(scene.development(), "Expenses").await.unwrap(), "1.0.0.4");
        assert!(tested.steps.iter().all(|step| step.status == StepStatus::Succeeded), "{:?}", tested.steps);
        assert!(tested.steps.iter().all(|step| step.started.is_some() && step.ended.is_some()));
        assert_eq!(tested.notes, "Notes");
        let sentences: Vec<_> = scene.log(tested.id).await.into_iter().map(|entry| entry.message).collect();
        let sha256 = tested.artifact_sha256.clone().unwrap();
        assert_eq!(
            sentences,
            [
                "Miguel Silva asked for Contoso Expenses in Test.",
                "Exported Contoso Expenses 1.0.0.0 from Contoso Dev.",
                "Pre-flight found no errors and 1 warning.",
                "Miguel Silva asked to deploy version 1.0.0.4 to Contoso Test.",
                &format!("Stored the artifact of version 1.0.0.4, SHA-256 {sha256}."),
                "Importing version 1.0.0.4 into Contoso Test.",
                "Contoso Test has version 1.0.0.4 of Contoso Expenses."
            ]
        );

        // The development solution goes on; production gets what was tested all the same.
        scene.import(&Package::named("Expenses").version("1.0.0.9").icon("<svg>second</svg>")).await;
        let produced = scene.deployed("Expenses", scene.contoso.production_stage, "").await;
        assert_eq!(produced.version.to_string(), "1.0.0.4");
        assert!(produced.version_is_fixed);
        assert_eq!(produced.artifact_sha256, tested.artifact_sha256);
        assert_eq!(produced.artifact, tested.artifact);
        assert_eq!(scene.version_in(scene.contoso.production.environment_id, "Expenses").await.unwrap(), "1.0.0.4");
        assert_eq!(scene.version_in(scene.development(), "Expenses").await.unwrap(), "1.0.0.9");

        let artifacts = artifact::list(&scene.host, &scene.maker, Some("EXPENSES"), 1).await.unwrap();
        assert_eq!(artifacts.rows.len(), 1);
        assert_eq!(artifacts.rows[0].managed_sha256, sha256);
        let (host, maker, id) = (&scene.host, &scene.maker, artifacts.rows[0].id);
        let managed = artifact::open(host, maker, id, PackageKind::Managed).await.unwrap();
        assert_eq!(managed.file_name, "Expenses_1_0_0_4_managed.zip");
        let facts = solution::read_file(&managed.path, &solution::Limits::default()).unwrap();
        assert!(facts.managed && facts.version.to_string() == "1.0.0.4");
        let unmanaged = artifact::open(host, maker, id, PackageKind::Unmanaged).await.unwrap();
        assert_eq!(unmanaged.file_name, "Expenses_1_0_0_4.zip");
        assert!(!solution::read_file(&unmanaged.path, &solution::Limits::default()).unwrap().managed);
        worker.stop().await;
    })
    .await;
}

#[tokio::test]
async fn the_settings_of_a_deployment_reach_the_target() {
    each_database(|database| async move {
        let (scene, worker) = Scene::with_expenses_in_test(database).await;
        let target = scene.test.built_in.open(scene.contoso.test.environment_id).await.unwrap();
        let contents = target.solution("Expenses").await.unwrap().unwrap();
        assert!(contents.summary.managed);
        assert!(contents.connection_references[0].connection_id.is_some());
        let limit = contents
            .environment_variables
            .iter()
            .find(|variable| variable.definition.schema_name == "contoso_ApprovalLimit")
            .unwrap();
        assert_eq!(limit.value.as_deref(), Some("100"));
        worker.stop().await;
    })
    .await;
}

#[tokio::test]
async fn progress_of_a_slow_import_shows_in_its_step_and_not_in_the_log() {
    each_database(|database| async move {
        let scene = Scene::new(database).await;
        let worker = scene.worker();
        scene.import(&Package::named("Expenses")).await;
        scene.test.built_in.update(scene.contoso.test.environment_id, "Contoso Test", 40).await.unwrap();
        let draft = scene.draft("Expenses", scene.contoso.test_stage).await;
        scene.deploy(draft.id, "1.0.0.1").await;
        let importing = |run: &model::stage_run::StageRun| {
            let step = run.steps.iter().find(|step| step.step == SubOperation::DeployingArtifact).unwrap();
            step.progress.is_some_and(|percent| (1..100).contains(&percent)) && !step.detail.is_empty()
        };
        scene.until_true(draft.id, "progress", importing).await;
        let run = scene.until(draft.id, StageRunStatus::Succeeded).await;
        assert_eq!(run.steps[4].progress, Some(100));
        assert_eq!(scene.log(draft.id).await.len(), 7);
        worker.stop().await;
    })
    .await;
}
