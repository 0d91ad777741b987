//! Ways back and on: retrying, redeploying, rolling back, and keeping a version from going on.

use crate::{
    common::{assert_forbidden, assert_not_found, message_at, refusal},
    package::Package,
    scene::Scene,
};
use environment::EnvironmentError;
use model::{
    access::AccessRight,
    id::StageRunId,
    stage_run::{RunKind, StageRunStatus, StepStatus, WayOn},
};
use slipway_pipelines::{
    artifact::progression,
    pipeline::{self, PipelineChanges},
    stage, stage_run,
};
use std::time::Duration;
use testbed::each_database;

/// Lets time pass, as it does between the runs of people.
pub fn later(scene: &Scene) {
    scene.test.clock.advance(Duration::from_mins(1));
}

/// Has the pipeline allow redeployments of older versions.
pub async fn allow_redeployments(scene: &Scene) {
    let (host, administrator) = (&scene.host, &scene.administrator);
    let found = pipeline::get(host, administrator, scene.contoso.pipeline).await.unwrap();
    let changes = PipelineChanges {
        name: found.name,
        description: found.description,
        owner: found.owner,
        redeployment: true,
        row_version: found.row_version,
    };
    pipeline::update(host, administrator, scene.contoso.pipeline, &changes).await.unwrap();
}

fn refused(why: &str) -> EnvironmentError {
    EnvironmentError::Refused { code: None, message: why.to_owned() }
}

async fn failed_import(scene: &Scene, version: &str) -> StageRunId {
    let draft = scene.draft("Expenses", scene.contoso.test_stage).await;
    scene.watched.refuse("start_import", || refused("The target ran out of space."));
    scene.deploy(draft.id, version).await;
    scene.until(draft.id, StageRunStatus::Failed).await;
    scene.watched.answer("start_import");
    draft.id
}

#[tokio::test]
async fn a_failed_run_is_retried_from_the_step_that_failed_and_keeps_its_artifact() {
    each_database(|database| async move {
        let scene = Scene::new(database).await;
        let (host, maker) = (&scene.host, &scene.maker);
        let worker = scene.worker();
        scene.import(&Package::named("Expenses")).await;
        let id = failed_import(&scene, "1.0.0.1").await;
        let failed = scene.run(id).await;
        assert_eq!(stage_run::ways_on(host, maker, id).await.unwrap().retry, Some(WayOn::Open));

        // Development has moved on; that matters to the next deployment, not to this one.
        later(&scene);
        scene.import(&Package::named("Expenses").version("1.0.0.7")).await;
        stage_run::retry(host, maker, id).await.unwrap();
        let run = scene.until(id, StageRunStatus::Succeeded).await;
        assert_eq!(run.artifact_sha256, failed.artifact_sha256);
        assert!(run.steps.iter().all(|step| step.status == StepStatus::Succeeded), "{:?}", run.steps);
        assert!(run.error_message.is_empty());
        assert_eq!(run.steps[..3], failed.steps[..3], "what had succeeded was not done again");
        let log: Vec<_> = scene.log(id).await.into_iter().map(|entry| entry.message).collect();
        assert!(log.contains(&"Miguel Silva had the run tried again from “Importing into the target”.".to_owned()));
        assert_eq!(scene.version_in(scene.contoso.test.environment_id, "Expenses").await.unwrap(), "1.0.0.1");
        assert!(refusal(stage_run::retry(host, maker, id).await).contains("it has succeeded already"));
        worker.stop().await;
    })
    .await;
}

#[tokio::test]
async fn a_run_that_failed_in_pre_flight_is_checked_again() {
    each_database(|database| async move {
        let scene = Scene::new(database).await;
        let worker = scene.worker();
        scene.import(&Package::named("Expenses")).await;
        scene.watched.refuse("export", || refused("The solution is locked."));
        let id = scene.ask("Expenses", scene.contoso.test_stage).await.unwrap();
        scene.until(id, StageRunStatus::Failed).await;
        scene.watched.answer("export");
        stage_run::retry(&scene.host, &scene.administrator, id).await.unwrap();
        scene.until(id, StageRunStatus::ValidationSucceeded).await;
        scene.deploy(id, "1.0.0.1").await;
        scene.until(id, StageRunStatus::Succeeded).await;
        worker.stop().await;
    })
    .await;
}

#[tokio::test]
async fn a_run_is_retried_by_its_maker_only_and_not_over_a_newer_version_or_a_stage_that_is_gone() {
    each_database(|database| async move {
        let scene = Scene::new(database).await;
        let (host, maker) = (&scene.host, &scene.maker);
        let worker = scene.worker();
        scene.import(&Package::named("Expenses")).await;
        let id = failed_import(&scene, "1.0.0.1").await;
        let other = scene.test.another_user().await;
        scene.test.share(scene.contoso.pipeline, &other, AccessRight::Read).await;
        assert_forbidden(stage_run::retry(host, &other, id).await);
        let ways = stage_run::ways_on(host, &other, id).await.unwrap();
        assert!(matches!(ways.retry, Some(WayOn::Closed(reason)) if reason.contains("Only Miguel Silva")));

        later(&scene);
        scene.deployed("Expenses", scene.contoso.test_stage, "1.0.0.2").await;
        assert_eq!(
            refusal(stage_run::retry(host, maker, id).await),
            "Test has got version 1.0.0.2 since this run failed. Deploy again instead."
        );

        later(&scene);
        let id = failed_import(&scene, "1.0.0.3").await;
        stage::delete(host, &scene.administrator, scene.contoso.production_stage).await.unwrap();
        stage::delete(host, &scene.administrator, scene.contoso.test_stage).await.unwrap();
        assert!(
            refusal(stage_run::retry(host, maker, id).await).contains("is not part of “Contoso pipeline” any more")
        );
        worker.stop().await;
    })
    .await;
}

#[tokio::test]
async fn an_older_version_is_redeployed_where_the_pipeline_allows_it() {
    each_database(|database| async move {
        let scene = Scene::new(database).await;
        let (host, maker, stage) = (&scene.host, &scene.maker, scene.contoso.test_stage);
        let worker = scene.worker();
        scene.import(&Package::named("Expenses")).await;
        let first = scene.deployed("Expenses", stage, "1.0.0.1").await;
        later(&scene);
        scene.import(&Package::named("Expenses").version("1.0.0.1").component(1, "contoso_extra")).await;
        let second = scene.deployed("Expenses", stage, "1.0.0.2").await;
        later(&scene);

        assert!(refusal(stage_run::redeploy(host, maker, first.id).await).contains("only higher solution versions"));
        allow_redeployments(&scene).await;
        let id = stage_run::redeploy(host, maker, first.id).await.unwrap();
        assert_eq!(stage_run::redeploy(host, maker, first.id).await.unwrap(), id, "asked for twice");
        let draft = scene.until(id, StageRunStatus::ValidationSucceeded).await;
        let rules: Vec<_> = draft.findings.iter().map(|finding| finding.rule.as_str()).collect();
        assert_eq!(rules, ["version-lower", "components-removed"]);
        assert!(draft.kind == RunKind::Redeployment && draft.version_is_fixed);
        stage_run::deploy(host, maker, id, "", "Back").await.unwrap();
        let run = scene.until(id, StageRunStatus::Succeeded).await;
        assert_eq!(run.artifact_sha256, first.artifact_sha256);
        let target = scene.contoso.test.environment_id;
        assert_eq!(scene.version_in(target, "Expenses").await.unwrap(), "1.0.0.1");

        // The stage has the older version now, and that is what goes on; the newer one can come back.
        let next = scene.ask("Expenses", scene.contoso.production_stage).await.unwrap();
        assert_eq!(scene.run(next).await.version.to_string(), "1.0.0.1");
        later(&scene);
        let again = stage_run::redeploy(host, maker, second.id).await.unwrap();
        scene.until(again, StageRunStatus::ValidationSucceeded).await;
        stage_run::deploy(host, maker, again, "", "").await.unwrap();
        scene.until(again, StageRunStatus::Succeeded).await;
        assert_eq!(scene.version_in(target, "Expenses").await.unwrap(), "1.0.0.2");
        worker.stop().await;
    })
    .await;
}

#[tokio::test]
async fn a_bad_version_is_rolled_back_in_one_go_where_nothing_is_lost() {
    each_database(|database| async move {
        let scene = Scene::new(database).await;
        let (host, maker, stage) = (&scene.host, &scene.maker, scene.contoso.test_stage);
        allow_redeployments(&scene).await;
        let worker = scene.worker();
        scene.import(&Package::named("Expenses")).await;
        let first = scene.deployed("Expenses", stage, "1.0.0.1").await;
        let ways = stage_run::ways_on(host, maker, first.id).await.unwrap();
        let none = ways.roll_back.unwrap();
        assert!(none.to.is_none() && none.obstacle.unwrap().contains("There was no version of"));

        later(&scene);
        scene.import(&Package::named("Expenses").version("1.0.0.1").component(61, "contoso_script")).await;
        let second = scene.deployed("Expenses", stage, "1.0.0.2").await;
        later(&scene);
        let back = stage_run::ways_on(host, maker, second.id).await.unwrap().roll_back.unwrap();
        assert_eq!((back.to.unwrap().to_string().as_str(), back.obstacle), ("1.0.0.1", None));
        assert_eq!(
            back.removed.iter().map(|component| component.name.as_str()).collect::<Vec<_>>(),
            ["contoso_script"]
        );
        let id = stage_run::roll_back(host, maker, second.id).await.unwrap();
        let run = scene.until(id, StageRunStatus::Succeeded).await;
        assert_eq!((run.kind, run.artifact_sha256), (RunKind::RollBack(second.id), first.artifact_sha256));
        assert_eq!(scene.version_in(scene.contoso.test.environment_id, "Expenses").await.unwrap(), "1.0.0.1");
        let said = refusal(stage_run::roll_back(host, maker, second.id).await);
        assert!(said.contains("has got version 1.0.0.1 since"), "{said}");
        worker.stop().await;
    })
    .await;
}

#[tokio::test]
async fn a_roll_back_that_would_delete_data_is_refused_and_says_so() {
    each_database(|database| async move {
        let scene = Scene::new(database).await;
        let (host, maker, stage) = (&scene.host, &scene.maker, scene.contoso.test_stage);
        allow_redeployments(&scene).await;
        let worker = scene.worker();
        scene.import(&Package::named("Expenses")).await;
        scene.deployed("Expenses", stage, "1.0.0.1").await;
        later(&scene);
        scene.import(&Package::named("Expenses").version("1.0.0.1").component(1, "contoso_extra")).await;
        let second = scene.deployed("Expenses", stage, "1.0.0.2").await;
        let said = refusal(stage_run::roll_back(host, maker, second.id).await);
        assert!(said.starts_with("Version 1.0.0.1 does not have table “contoso_extra”"), "{said}");
        worker.stop().await;
    })
    .await;
}

#[tokio::test]
async fn a_version_that_is_kept_from_going_on_is_deployed_nowhere_until_it_is_allowed_again() {
    each_database(|database| async move {
        let scene = Scene::new(database).await;
        let (host, maker, admin) = (&scene.host, &scene.maker, &scene.administrator);
        let production = scene.contoso.production_stage;
        let worker = scene.worker();
        scene.import(&Package::named("Expenses")).await;
        let tested = scene.deployed("Expenses", scene.contoso.test_stage, "1.0.0.1").await;
        let draft = scene.draft("Expenses", production).await;
        let artifact = tested.artifact.unwrap();

        assert_forbidden(progression::prevent(host, maker, artifact, "Totals are wrong").await);
        assert_eq!(message_at("reason", progression::prevent(host, admin, artifact, " ").await), "Enter a reason.");
        progression::prevent(host, admin, artifact, "Totals are wrong").await.unwrap();
        let why = "Adele Vance prevented version 1.0.0.1 from going on: Totals are wrong.";
        assert_eq!(refusal(scene.ask("Expenses", production).await), why);
        scene.settle(draft.id).await;
        assert_eq!(refusal(stage_run::deploy(host, maker, draft.id, "", "").await), why);
        let source = scene.development();
        let card = stage_run::solution_pipeline(host, maker, source, "Expenses", scene.contoso.pipeline).await.unwrap();
        assert_eq!(card.stages[1].obstacle.as_deref(), Some(why));
        let ways = stage_run::ways_on(host, maker, tested.id).await.unwrap();
        assert!(!ways.may_block && ways.block.unwrap().reason == "Totals are wrong");

        progression::allow(host, admin, artifact).await.unwrap();
        progression::allow(host, admin, artifact).await.unwrap();
        stage_run::deploy(host, maker, draft.id, "", "").await.unwrap();
        scene.until(draft.id, StageRunStatus::Succeeded).await;
        let log = scene.log(tested.id).await;
        let last: Vec<_> = log.iter().rev().take(2).map(|entry| entry.message.as_str()).collect();
        assert_eq!(
            last,
            [
                "Adele Vance allowed version 1.0.0.1 to go on again.",
                "Adele Vance prevented version 1.0.0.1 from going on: Totals are wrong",
            ]
        );
        assert_not_found(progression::prevent(host, admin, model::id::ArtifactId(uuid::Uuid::nil()), "x").await);
        worker.stop().await;
    })
    .await;
}

#[tokio::test]
async fn a_run_and_the_deletion_of_its_stage_come_one_after_the_other() {
    each_database(|database| async move {
        let scene = Scene::new(database).await;
        scene.import(&Package::named("Expenses")).await;
        let production = scene.contoso.production_stage;
        stage::delete(&scene.host, &scene.administrator, production).await.unwrap();
        for _ in 0..10 {
            let stage = scene.contoso.test_stage;
            let (asked, deleted) =
                tokio::join!(scene.ask("Expenses", stage), stage::delete(&scene.host, &scene.administrator, stage));
            assert!(asked.is_ok() != deleted.is_ok(), "{asked:?} {deleted:?}");
            if deleted.is_ok() {
                break;
            }
            stage_run::cancel(&scene.host, &scene.maker, asked.unwrap()).await.unwrap();
        }
    })
    .await;
}
