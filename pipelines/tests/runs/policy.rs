//! Policies, as administrators set them and runs feel them.

use crate::{
    common::{assert_changed, assert_forbidden, message_at, refusal},
    package::Package,
    scene::Scene,
};
use model::{
    policy::{CustomRule, Policy},
    stage_run::StageRunStatus,
};
use slipway_pipelines::{
    policy::{self, Of},
    stage_run,
};
use testbed::each_database;

fn rule(expression: &str) -> CustomRule {
    CustomRule {
        sentence: "Solutions are named after Fabrikam.".to_owned(),
        expression: expression.to_owned(),
        blocks: true,
    }
}

#[tokio::test]
async fn a_deployment_is_refused_for_what_a_policy_asks_since_pre_flight() {
    each_database(|database| async move {
        let scene = Scene::new(database).await;
        let worker = scene.worker();
        scene.import(&Package::named("Expenses")).await;
        let (host, stage) = (&scene.host, scene.contoso.test_stage);
        let draft = scene.draft("Expenses", stage).await;
        scene.settle(draft.id).await;

        let of = Of::Stage(stage);
        let strict = Policy {
            notes_required: true,
            rules: vec![rule("solution.uniqueName == 'Fabrikam'")],
            ..Policy::default()
        };
        policy::save(host, &scene.administrator, of, &strict, 0).await.unwrap();
        let deploy = async |notes: &str| stage_run::deploy(host, &scene.maker, draft.id, "1.0.0.1", notes).await;
        assert_eq!(message_at("notes", deploy("").await), "Write notes: a policy asks for them here.");
        assert_eq!(refusal(deploy("Notes").await), "Solutions are named after Fabrikam.");
        assert_eq!(scene.run(draft.id).await.status, StageRunStatus::ValidationSucceeded, "it goes on waiting");

        policy::save(host, &scene.administrator, of, &Policy::default(), 1).await.unwrap();
        deploy("Notes").await.unwrap();
        scene.until(draft.id, StageRunStatus::Succeeded).await;
        worker.stop().await;
    })
    .await;
}

#[tokio::test]
async fn pre_flight_goes_by_the_policies_of_the_pipeline_and_the_stage() {
    each_database(|database| async move {
        let scene = Scene::new(database).await;
        let worker = scene.worker();
        scene.import(&Package::named("Expenses")).await;
        let strict = Policy { denied_connectors: vec!["shared_office365".to_owned()], ..Policy::default() };
        let pipeline = scene.draft("Expenses", scene.contoso.test_stage).await;
        stage_run::cancel(&scene.host, &scene.maker, pipeline.id).await.unwrap();
        let of = Of::Pipeline(pipeline.pipeline);
        policy::save(&scene.host, &scene.administrator, of, &strict, 0).await.unwrap();
        let run = scene.ask("Expenses", scene.contoso.test_stage).await.unwrap();
        let run = scene.ended(run).await;
        assert_eq!(run.status, StageRunStatus::Failed);
        let found = run.findings.iter().find(|finding| finding.rule == "policy-connector").unwrap();
        assert!(found.blocks() && found.message.contains("shared_office365"), "{found:?}");
        worker.stop().await;
    })
    .await;
}

#[tokio::test]
async fn a_policy_is_an_administrators_and_says_where_it_is_wrong() {
    each_database(|database| async move {
        let scene = Scene::new(database).await;
        let (host, of) = (&scene.host, Of::Stage(scene.contoso.test_stage));
        assert_forbidden(policy::get(host, &scene.maker, of).await);
        assert_forbidden(policy::save(host, &scene.maker, of, &Policy::default(), 0).await);
        let save = async |policy: &Policy, version| policy::save(host, &scene.administrator, of, policy, version).await;
        let wrong = Policy { rules: vec![rule("solution.managed &&")], ..Policy::default() };
        assert!(message_at("rules[0][expression]", save(&wrong, 0).await).contains("line 1"));
        let wrong = Policy { off: vec!["missing-dependency".to_owned()], ..Policy::default() };
        assert!(message_at("treatment", save(&wrong, 0).await).contains("warnings"));
        let good = Policy { errors: vec!["flow-switched-off".to_owned()], ..Policy::default() };
        save(&good, 0).await.unwrap();
        assert_changed(save(&good, 0).await);
        assert_changed(save(&good, 7).await);
        assert_eq!(policy::get(host, &scene.administrator, of).await.unwrap().policy, good);
    })
    .await;
}
