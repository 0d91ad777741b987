//! Who may deploy what where, and in which order.

use crate::{
    common::{assert_not_found, refusal},
    package::Package,
    scene::Scene,
};
use model::environment::EnvironmentType;
use slipway_pipelines::{pipeline, stage_run, stage_run::Request};
use testbed::each_database;

#[tokio::test]
async fn a_version_succeeds_in_one_stage_before_it_goes_to_the_next() {
    each_database(|database| async move {
        let scene = Scene::new(database).await;
        let worker = scene.worker();
        scene.import(&Package::named("Expenses")).await;
        let production = scene.contoso.production_stage;
        assert_eq!(
            refusal(scene.ask("Expenses", production).await),
            "A version has to be deployed to Test first, and none has been yet."
        );
        let cards = stage_run::solution_pipeline(
            &scene.host,
            &scene.maker,
            scene.development(),
            "Expenses",
            scene.contoso.pipeline,
        );
        let cards = cards.await.unwrap().stages;
        assert_eq!(cards[0].obstacle, None);
        assert_eq!(cards[0].next.as_ref().unwrap().to_string(), "1.0.0.1");
        assert_eq!(cards[1].obstacle.as_deref(), Some("Version 1.0.0.1 must be deployed to Test first."));

        scene.deployed("Expenses", scene.contoso.test_stage, "1.0.0.3").await;
        scene.deployed("Expenses", production, "1.0.0.3").await;
        assert_eq!(
            refusal(scene.ask("Expenses", production).await),
            "Nothing newer than 1.0.0.3 has been deployed to Test."
        );
        let cards = stage_run::solution_pipeline(
            &scene.host,
            &scene.maker,
            scene.development(),
            "Expenses",
            scene.contoso.pipeline,
        );
        let pipeline = cards.await.unwrap();
        assert_eq!(pipeline.development_version.to_string(), "1.0.0.3");
        for card in &pipeline.stages {
            assert_eq!(card.installed.as_ref().unwrap().to_string(), "1.0.0.3");
            assert_eq!(card.last.as_ref().unwrap().version.to_string(), "1.0.0.3");
            assert!(card.open.is_empty());
        }
        let obstacle = pipeline.stages[1].obstacle.as_deref();
        assert_eq!(obstacle, Some("Nothing newer than 1.0.0.3 has been deployed to Test."));
        worker.stop().await;
    })
    .await;
}

#[tokio::test]
async fn only_unmanaged_solutions_of_linked_development_environments_are_deployed() {
    each_database(|database| async move {
        let scene = Scene::new(database).await;
        let stage = scene.contoso.test_stage;
        scene.import(&Package::named("Managed").managed()).await;
        scene.import(&Package::named("Expenses")).await;
        assert_eq!(
            refusal(scene.ask("Managed", stage).await),
            "“Contoso Expenses” is a managed solution in Contoso Dev. Only unmanaged solutions can be deployed."
        );
        assert_not_found(scene.ask("Nothing", stage).await);

        let elsewhere = scene.test.environment("Other Dev", EnvironmentType::Development).await;
        for caller in [&scene.maker, &scene.administrator] {
            let request = Request { environment: elsewhere.environment_id, solution: "Expenses".to_owned(), stage };
            assert_not_found(stage_run::request(&scene.host, caller, &request).await);
        }
        let target = Request { environment: scene.contoso.test.environment_id, solution: "Expenses".to_owned(), stage };
        assert_not_found(stage_run::request(&scene.host, &scene.maker, &target).await);

        pipeline::set_active(&scene.host, &scene.administrator, scene.contoso.pipeline, false, 1).await.unwrap();
        assert_not_found(scene.ask("Expenses", stage).await);
        let by_administrator = scene.ask_as(&scene.administrator, "Expenses", stage).await;
        assert!(refusal(by_administrator).contains("deactivated"));
    })
    .await;
}

#[tokio::test]
async fn makers_see_the_pipelines_of_their_environment() {
    each_database(|database| async move {
        let scene = Scene::new(database).await;
        let (host, maker) = (&scene.host, &scene.maker);
        let other = scene.test.pipeline("A second pipeline").await;
        let pipelines = stage_run::pipelines_for(host, maker, scene.development()).await.unwrap();
        assert_eq!(pipelines, [(scene.contoso.pipeline, "Contoso pipeline".to_owned())]);
        scene.test.link(other, &scene.contoso.development).await;
        let pipelines = stage_run::pipelines_for(host, maker, scene.development()).await.unwrap();
        assert_eq!(pipelines.len(), 1, "what is not shared does not exist");
        scene.test.share(other, maker, model::access::AccessRight::Read).await;
        let pipelines = stage_run::pipelines_for(host, maker, scene.development()).await.unwrap();
        assert_eq!(pipelines[0], (other, "A second pipeline".to_owned()));
        assert_eq!(pipelines.len(), 2);
    })
    .await;
}

#[tokio::test]
async fn while_a_solution_is_being_deployed_to_a_stage_no_second_run_begins_there() {
    each_database(|database| async move {
        let scene = Scene::new(database).await;
        let worker = scene.worker();
        scene.import(&Package::named("Expenses")).await;
        let draft = scene.draft("Expenses", scene.contoso.test_stage).await;
        scene.watched.hold("start_import");
        scene.deploy(draft.id, "1.0.0.1").await;
        scene.until(draft.id, model::stage_run::StageRunStatus::Deploying).await;
        assert_eq!(
            refusal(scene.ask_as(&scene.administrator, "Expenses", scene.contoso.test_stage).await),
            "Version 1.0.0.1 is being deployed to Test at the moment. Wait until that has ended."
        );
        scene.watched.let_go("start_import");
        scene.ended(draft.id).await;
        worker.stop().await;
    })
    .await;
}
