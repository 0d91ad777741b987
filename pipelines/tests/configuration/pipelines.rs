use crate::common::{TestHost, assert_changed, assert_not_found, message_at, problems};
use model::{
    environment::EnvironmentType,
    id::{DeploymentEnvironmentId, PipelineId, UserId},
};
use slipway_pipelines::{
    deployment_environment,
    pipeline::{self, NewPipeline, PipelineChanges},
    stage,
};
use testbed::each_database;
use uuid::Uuid;

fn new(name: &str, owner: UserId) -> NewPipeline {
    NewPipeline { name: name.to_owned(), description: "To production.".to_owned(), owner }
}

#[tokio::test]
async fn a_pipeline_says_what_it_still_needs_until_it_can_run() {
    each_database(|database| async move {
        let test = TestHost::new(database).await;
        let (host, admin) = (&test.host, &test.administrator);
        let id = pipeline::create(host, admin, &new(" Contoso ", admin.user)).await.unwrap();
        let fresh = pipeline::get(host, admin, id).await.unwrap();
        assert_eq!((fresh.name.as_str(), fresh.owner_name.as_str(), fresh.row_version), ("Contoso", "Adele Vance", 1));
        assert_eq!(
            fresh.obstacles,
            ["Link at least one development environment.", "Add at least one deployment stage."]
        );
        let development = test.environment("Dev", EnvironmentType::Development).await;
        let target = test.environment("Test", EnvironmentType::Target).await;
        test.link(id, &development).await;
        test.link(id, &development).await;
        test.stage(id, "Test", None, &target).await;
        let ready = pipeline::get(host, admin, id).await.unwrap();
        assert_eq!(ready.obstacles, Vec::<String>::new());
        assert_eq!(ready.development_environments, std::slice::from_ref(&development));
        assert_eq!(ready.row_version, 1, "a form filled in meanwhile stays good");

        deployment_environment::validate_again(host, admin, target.id).await.unwrap();
        let waiting = pipeline::get(host, admin, id).await.unwrap().obstacles;
        assert_eq!(waiting, ["The environment “Test” is still being validated."]);
        pipeline::unlink_environment(host, admin, id, development.id).await.unwrap();
        pipeline::unlink_environment(host, admin, id, development.id).await.unwrap();
        assert!(pipeline::get(host, admin, id).await.unwrap().development_environments.is_empty());
    })
    .await;
}

#[tokio::test]
async fn pipelines_are_listed_by_name_with_their_stages_in_order() {
    each_database(|database| async move {
        let test = TestHost::new(database).await;
        let contoso = test.contoso().await;
        test.pipeline("adatum").await;
        let list = pipeline::list(&test.host, &test.administrator).await.unwrap();
        let seen: Vec<_> = list
            .iter()
            .map(|one| (one.name.as_str(), one.stages.join(" > "), one.development_environments, one.active))
            .collect();
        assert_eq!(
            seen,
            [("adatum", String::new(), 0, true), ("Contoso pipeline", "Test > Production".to_owned(), 1, true)]
        );
        assert_eq!(list[1].id, contoso.pipeline);
        assert_eq!(list[1].owner_name, "Adele Vance");
    })
    .await;
}

#[tokio::test]
async fn names_are_unique_and_forms_that_come_too_late_are_refused() {
    each_database(|database| async move {
        let test = TestHost::new(database).await;
        let (host, admin) = (&test.host, &test.administrator);
        let (lower, upper) = (new("contoso", admin.user), new("CONTOSO", admin.user));
        let (one, other) = tokio::join!(pipeline::create(host, admin, &lower), pipeline::create(host, admin, &upper));
        assert!(one.is_ok() != other.is_ok(), "{one:?} {other:?}");
        let (id, refused) = if let Ok(id) = one { (id, other) } else { (other.unwrap(), one) };
        message_at("name", refused);
        let bad =
            NewPipeline { name: " ".to_owned(), description: "x".repeat(2001), owner: UserId(Uuid::from_u128(404)) };
        assert_eq!(problems(pipeline::create(host, admin, &bad).await).len(), 3);

        test.pipeline("Adatum").await;
        let mut changes = PipelineChanges {
            name: "ADATUM".to_owned(),
            description: String::new(),
            owner: test.user.user,
            redeployment: true,
            row_version: 1,
        };
        message_at("name", pipeline::update(host, admin, id, &changes).await);
        changes.name = "Contoso".to_owned();
        pipeline::update(host, admin, id, &changes).await.unwrap();
        assert_changed(pipeline::update(host, admin, id, &changes).await);
        assert_changed(pipeline::set_active(host, admin, id, false, 1).await);
        pipeline::set_active(host, admin, id, false, 2).await.unwrap();
        let after = pipeline::get(host, admin, id).await.unwrap();
        assert_eq!((after.owner, after.active, after.row_version), (test.user.user, false, 3));
        assert!(after.redeployment);
        assert_eq!(after.obstacles[0], "The pipeline is deactivated. Activate it.");
    })
    .await;
}

#[tokio::test]
async fn only_what_is_a_development_environment_can_be_linked() {
    each_database(|database| async move {
        let test = TestHost::new(database).await;
        let (host, admin) = (&test.host, &test.administrator);
        let contoso = test.contoso().await;
        let other = test.environment("Other Dev", EnvironmentType::Development).await;
        let inactive = test.environment("Old Dev", EnvironmentType::Development).await;
        deployment_environment::set_active(host, admin, inactive.id, false, 1).await.unwrap();
        // A record of type development for an environment that is a target already.
        let both = test.record("Both", EnvironmentType::Development, contoso.test.environment_id).await;

        let linkable = pipeline::linkable_environments(host, admin, contoso.pipeline).await.unwrap();
        assert_eq!(linkable, [other]);
        let nothing = DeploymentEnvironmentId(Uuid::from_u128(404));
        for (environment, words) in [
            (contoso.test.id, "is a target environment"),
            (inactive.id, "is deactivated"),
            (both, "the stage “Test” deploys into"),
            (nothing, "Choose a development environment."),
        ] {
            let linking = pipeline::link_environment(host, admin, contoso.pipeline, environment).await;
            let message = message_at("environment", linking);
            assert!(message.contains(words), "{message}");
        }
    })
    .await;
}

#[tokio::test]
async fn a_deleted_pipeline_takes_its_stages_along_and_leaves_the_environments() {
    each_database(|database| async move {
        let test = TestHost::new(database).await;
        let (host, admin) = (&test.host, &test.administrator);
        let contoso = test.contoso().await;
        pipeline::delete(host, admin, contoso.pipeline).await.unwrap();
        assert_not_found(pipeline::get(host, admin, contoso.pipeline).await);
        assert_not_found(stage::get(host, admin, contoso.test_stage).await);
        assert_eq!(test.read(contoso.test.id).await, contoso.test);
        deployment_environment::delete(host, admin, contoso.test.id).await.unwrap();

        let nothing = PipelineId(Uuid::from_u128(404));
        assert_not_found(pipeline::delete(host, admin, nothing).await);
        assert_not_found(pipeline::link_environment(host, admin, nothing, contoso.development.id).await);
        assert_not_found(pipeline::unlink_environment(host, admin, nothing, contoso.development.id).await);
        assert_not_found(pipeline::linkable_environments(host, admin, nothing).await);
        assert_not_found(stage::targets(host, admin, nothing).await);
    })
    .await;
}
