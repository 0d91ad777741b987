use crate::common::{TestHost, assert_forbidden, assert_not_found};
use model::{
    environment::{EnvironmentType, EnvironmentView},
    id::{EnvironmentId, StageId},
    user::Roles,
};
use slipway_pipelines::{
    Caller, built_in,
    deployment_environment::{self, DeploymentEnvironmentChanges, NewDeploymentEnvironment},
    pipeline::{self, NewPipeline, PipelineChanges},
    stage::{self, NewStage, StageChanges},
    user::{self, NewUser},
};
use testbed::each_database;
use uuid::Uuid;

async fn names(test: &TestHost, caller: &Caller) -> Vec<String> {
    let choices = deployment_environment::choices(&test.host, caller).await.unwrap();
    choices.into_iter().map(|choice| choice.name).collect()
}

#[tokio::test]
async fn nobody_below_administrator_configures_anything() {
    each_database(|database| async move {
        let test = TestHost::new(database).await;
        let contoso = test.contoso().await;
        let (host, caller) = (&test.host, &test.user);
        let (name, description) = ("Mine".to_owned(), String::new());
        let owner = caller.user;
        let environment = contoso.development.environment_id;

        let new = NewUser { user_name: name.clone(), display_name: name.clone(), roles: Roles::ADMINISTRATOR };
        assert_forbidden(user::create(host, caller, &new).await);
        assert_forbidden(user::reset_password(host, caller, test.administrator.user).await);
        assert_forbidden(user::list(host, caller).await);
        assert_forbidden(user::set_roles(host, caller, caller.user, Roles::ADMINISTRATOR).await);
        assert_forbidden(user::set_enabled(host, caller, test.administrator.user, false).await);

        let id = contoso.development.id;
        let kind = EnvironmentType::Target;
        let new = NewDeploymentEnvironment {
            name: name.clone(),
            description: description.clone(),
            owner,
            kind,
            environment_id: environment.to_string(),
        };
        let changes = DeploymentEnvironmentChanges {
            name: name.clone(),
            description: description.clone(),
            owner,
            row_version: 1,
        };
        assert_forbidden(deployment_environment::list(host, caller, EnvironmentView::Active).await);
        assert_forbidden(deployment_environment::get(host, caller, id).await);
        assert_forbidden(deployment_environment::create(host, caller, &new).await);
        assert_forbidden(deployment_environment::update(host, caller, id, &changes).await);
        assert_forbidden(deployment_environment::set_active(host, caller, id, false, 1).await);
        assert_forbidden(deployment_environment::delete(host, caller, id).await);
        assert_forbidden(deployment_environment::validate_again(host, caller, id).await);

        assert_forbidden(built_in::list(host, caller).await);
        assert_forbidden(built_in::get(host, caller, environment).await);
        assert_forbidden(built_in::create(host, caller, "Mine", 0).await);
        assert_forbidden(built_in::update(host, caller, environment, "Mine", 0).await);
        assert_forbidden(built_in::reset(host, caller, environment).await);
        assert_forbidden(built_in::delete(host, caller, environment).await);

        let new = NewPipeline { name: name.clone(), description: description.clone(), owner };
        let changes = PipelineChanges {
            name: name.clone(),
            description: description.clone(),
            owner,
            redeployment: false,
            row_version: 1,
        };
        assert_forbidden(pipeline::list(host, caller).await);
        assert_forbidden(pipeline::get(host, caller, contoso.pipeline).await);
        assert_forbidden(pipeline::create(host, caller, &new).await);
        assert_forbidden(pipeline::update(host, caller, contoso.pipeline, &changes).await);
        assert_forbidden(pipeline::set_active(host, caller, contoso.pipeline, false, 1).await);
        assert_forbidden(pipeline::delete(host, caller, contoso.pipeline).await);
        assert_forbidden(pipeline::link_environment(host, caller, contoso.pipeline, id).await);
        assert_forbidden(pipeline::unlink_environment(host, caller, contoso.pipeline, id).await);
        assert_forbidden(pipeline::linkable_environments(host, caller, contoso.pipeline).await);

        let (previous, target) = (None::<StageId>, Some(contoso.test.id));
        let new = NewStage {
            pipeline: contoso.pipeline,
            name: name.clone(),
            description: description.clone(),
            previous,
            target,
        };
        let changes = StageChanges { name, description, previous, target, row_version: 1 };
        assert_forbidden(stage::get(host, caller, contoso.test_stage).await);
        assert_forbidden(stage::create(host, caller, &new).await);
        assert_forbidden(stage::update(host, caller, contoso.test_stage, &changes).await);
        assert_forbidden(stage::delete(host, caller, contoso.test_stage).await);
        assert_forbidden(stage::targets(host, caller, contoso.pipeline).await);
    })
    .await;
}

#[tokio::test]
async fn a_user_chooses_among_the_environments_of_active_pipelines_and_nothing_else_exists() {
    each_database(|database| async move {
        let test = TestHost::new(database).await;
        let (host, admin) = (&test.host, &test.administrator);
        let contoso = test.contoso().await;
        let spare_development = test.environment("Another Dev", EnvironmentType::Development).await;
        let spare_target = test.environment("Another Test", EnvironmentType::Target).await;
        // A pipeline that starts from nowhere opens nothing.
        let unfinished = test.pipeline("Unfinished").await;
        test.stage(unfinished, "Test", None, &spare_target).await;

        let all = ["Another Dev", "Contoso Dev", "Another Test", "Contoso Production", "Contoso Test"];
        assert_eq!(names(&test, admin).await, all);
        assert_eq!(names(&test, &test.user).await, ["Contoso Dev", "Contoso Production", "Contoso Test"]);

        let chosen =
            deployment_environment::require_choice(host, &test.user, contoso.test.environment_id).await.unwrap();
        assert_eq!((chosen.name.as_str(), chosen.kind), ("Contoso Test", EnvironmentType::Target));
        for hidden in [spare_development.environment_id, EnvironmentId(Uuid::from_u128(404))] {
            assert_not_found(deployment_environment::require_choice(host, &test.user, hidden).await);
        }
        deployment_environment::require_choice(host, admin, spare_development.environment_id).await.unwrap();

        pipeline::set_active(host, admin, contoso.pipeline, false, 1).await.unwrap();
        assert!(names(&test, &test.user).await.is_empty());
        assert_not_found(
            deployment_environment::require_choice(host, &test.user, contoso.development.environment_id).await,
        );
        pipeline::set_active(host, admin, contoso.pipeline, true, 2).await.unwrap();
        // An environment that is not validated is nobody's choice.
        deployment_environment::validate_again(host, admin, contoso.test.id).await.unwrap();
        assert_eq!(names(&test, &test.user).await, ["Contoso Dev", "Contoso Production"]);
        assert_eq!(names(&test, admin).await.len(), 4);
    })
    .await;
}
