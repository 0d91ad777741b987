//! Personal pipelines: what makers make for themselves.

use crate::common::{
    Contoso, TestHost, assert_changed, assert_forbidden, assert_not_found, message_at, problems, refusal,
};
use model::{
    access::{AccessRight, EnvironmentRole, Principal},
    environment::EnvironmentType,
    id::{DeploymentEnvironmentId, PipelineId},
    user::{Role, Roles},
};
use slipway_pipelines::{
    Caller, deployment_environment, environment_role,
    pipeline::{
        self, NewPipeline, PipelineChanges,
        personal::{self, PersonalForm},
        share,
    },
    stage::{self, NewStage},
    stage_run,
    user::{self, NewUser},
};
use std::collections::BTreeSet;
use testbed::each_database;

/// Somebody who may make personal pipelines, customizes every environment there is, and may do nothing else.
async fn maker(test: &TestHost, name: &str) -> Caller {
    let new =
        NewUser { user_name: name.to_owned(), display_name: name.to_owned(), roles: Role::PipelineDefault.into() };
    let (person, _) = user::create(&test.host, &test.administrator, &new).await.unwrap();
    for environment in test.built_in.list().await.unwrap() {
        let (to, roles) = (Principal::Person(person.id), BTreeSet::from([EnvironmentRole::SystemCustomizer]));
        environment_role::give(&test.host, &test.administrator, environment.id, to, &roles).await.unwrap();
    }
    user::visitor(&test.host, person.id).await.unwrap().unwrap().0
}

fn form(name: &str, targets: &[DeploymentEnvironmentId]) -> PersonalForm {
    PersonalForm {
        name: name.to_owned(),
        description: "From my own desk".to_owned(),
        target: targets.first().copied(),
        second_target: targets.get(1).copied(),
    }
}

async fn make(test: &TestHost, contoso: &Contoso, caller: &Caller, name: &str) -> PipelineId {
    let form = form(name, &[contoso.test.id, contoso.production.id]);
    personal::create(&test.host, caller, contoso.development.environment_id, &form).await.unwrap()
}

async fn stages(test: &TestHost, id: PipelineId) -> Vec<(String, DeploymentEnvironmentId)> {
    let pipeline = pipeline::get(&test.host, &test.administrator, id).await.unwrap();
    assert!(pipeline.obstacles.is_empty(), "{:?}", pipeline.obstacles);
    pipeline.stages.into_iter().map(|stage| (stage.name, stage.target)).collect()
}

#[tokio::test]
async fn a_maker_with_the_role_for_it_makes_a_pipeline_that_is_theirs_alone() {
    each_database(|database| async move {
        let test = TestHost::new(database).await;
        let contoso = test.contoso().await;
        let (lee, mo) = (maker(&test, "lee").await, maker(&test, "mo").await);
        let development = contoso.development.environment_id;
        // Nothing is shared with them: they see where one may develop, and nothing of the pipeline that is there.
        let open = deployment_environment::choices(&test.host, &lee).await.unwrap();
        assert_eq!(open.iter().map(|choice| choice.id).collect::<Vec<_>>(), [development]);
        assert_eq!(stage_run::pipelines_for(&test.host, &lee, development).await.unwrap(), []);
        let offered = personal::targets(&test.host, &lee).await.unwrap();
        let names: Vec<_> = offered.iter().map(|(_, name)| name.as_str()).collect();
        assert_eq!(names, ["Contoso Production", "Contoso Test"]);

        let id = make(&test, &contoso, &lee, "Mine").await;
        let mine = stage_run::pipelines_for(&test.host, &lee, development).await.unwrap();
        assert_eq!(mine, [(id, "Mine".to_owned())]);
        let expected = [("Contoso Test", contoso.test.id), ("Contoso Production", contoso.production.id)];
        assert_eq!(stages(&test, id).await, expected.map(|(name, target)| (name.to_owned(), target)));
        assert_eq!(deployment_environment::choices(&test.host, &lee).await.unwrap().len(), 3);

        // Another maker may have one of the same name, and sees nothing of this one.
        assert_eq!(stage_run::pipelines_for(&test.host, &mo, development).await.unwrap(), []);
        assert_not_found(personal::get(&test.host, &mo, id).await);
        assert_not_found(personal::update(&test.host, &mo, id, &form("Mo's", &[contoso.test.id]), 1).await);
        assert_not_found(personal::delete(&test.host, &mo, id).await);
        make(&test, &contoso, &mo, "Mine").await;
        // The same person may not.
        let twice = form("MINE", &[contoso.test.id]);
        let message = message_at("name", personal::create(&test.host, &lee, development, &twice).await);
        assert!(message.contains("already"), "{message}");
        // Administrators see whose it is.
        let all = stage_run::pipelines_for(&test.host, &test.administrator, development).await.unwrap();
        let names: Vec<_> = all.iter().map(|(_, name)| name.as_str()).collect();
        assert!(names.contains(&"Mine (personal, of lee)") && names.contains(&"Contoso pipeline"), "{names:?}");
        let list = pipeline::list(&test.host, &test.administrator).await.unwrap();
        assert_eq!(list.iter().filter(|pipeline| pipeline.personal).count(), 2);
    })
    .await;
}

#[tokio::test]
async fn only_targets_that_one_may_import_into_are_offered_and_taken() {
    each_database(|database| async move {
        let test = TestHost::new(database).await;
        let contoso = test.contoso().await;
        let (host, lee) = (&test.host, maker(&test, "lee").await);
        let development = contoso.development.environment_id;
        test.role(&contoso.production, &lee, EnvironmentRole::EnvironmentMaker).await;
        let offered = personal::targets(host, &lee).await.unwrap();
        assert_eq!(offered.iter().map(|(_, name)| name.as_str()).collect::<Vec<_>>(), ["Contoso Test"]);
        let both = form("Mine", &[contoso.test.id, contoso.production.id]);
        let said = message_at("second_target", personal::create(host, &lee, development, &both).await);
        assert!(said.contains("You may not import solutions in Contoso Production"), "{said}");

        // What the pipeline has already stays there while its name is changed.
        test.role(&contoso.production, &lee, EnvironmentRole::SystemCustomizer).await;
        let id = personal::create(host, &lee, development, &both).await.unwrap();
        test.role(&contoso.production, &lee, EnvironmentRole::BasicUser).await;
        let renamed = PersonalForm { name: "Ours".to_owned(), ..both };
        personal::update(host, &lee, id, &renamed, 1).await.unwrap();
        assert_eq!(personal::targets(host, &test.administrator).await.unwrap().len(), 2);
    })
    .await;
}

#[tokio::test]
async fn nobody_makes_one_without_the_role_and_nobody_shares_or_extends_it() {
    each_database(|database| async move {
        let test = TestHost::new(database).await;
        let contoso = test.contoso().await;
        let (host, adele, lee) = (&test.host, &test.administrator, maker(&test, "lee").await);
        let development = contoso.development.environment_id;
        assert_forbidden(personal::create(host, &test.user, development, &form("X", &[contoso.test.id])).await);
        assert_forbidden(personal::targets(host, &test.user).await);

        let id = make(&test, &contoso, &lee, "Mine").await;
        let somebody = Principal::Person(test.user.user);
        // The maker has neither right; an administrator, who has no more, is refused as well.
        assert_forbidden(share::share(host, &lee, id, somebody, AccessRight::Read.into()).await);
        assert_forbidden(share::share(host, adele, id, somebody, AccessRight::Read.into()).await);
        assert_forbidden(share::assign(host, &lee, id, somebody).await);
        assert_forbidden(share::assign(host, adele, id, somebody).await);
        // Whoever sees it is told so, and not who else there is.
        let sharing = share::sharing(host, &lee, id).await.unwrap();
        assert!(sharing.personal && sharing.principals.is_empty() && sharing.shares.is_empty());
        assert_not_found(share::sharing(host, &test.user, id).await);
        let changes = PipelineChanges {
            name: "Mine".to_owned(),
            description: String::new(),
            owner: test.user.user,
            redeployment: false,
            row_version: 1,
        };
        message_at("owner", pipeline::update(host, adele, id, &changes).await);
        pipeline::update(host, adele, id, &PipelineChanges { owner: lee.user, ..changes }).await.unwrap();

        let second = test.environment("Second Dev", EnvironmentType::Development).await;
        for caller in [&lee, adele] {
            refusal(pipeline::link_environment(host, caller, id, second.id).await);
        }
        refusal(pipeline::unlink_environment(host, adele, id, contoso.development.id).await);
        assert_eq!(pipeline::linkable_environments(host, adele, id).await.unwrap(), []);
        let third = test.environment("Third", EnvironmentType::Target).await;
        let last = pipeline::get(host, adele, id).await.unwrap().stages[1].id;
        let new = NewStage {
            pipeline: id,
            name: "Third".to_owned(),
            description: String::new(),
            previous: Some(last),
            target: Some(third.id),
        };
        assert!(refusal(stage::create(host, adele, &new).await).contains("at most 2"));
        // A pipeline that is not personal is none for these operations.
        assert_not_found(personal::get(host, adele, contoso.pipeline).await);
        assert_not_found(personal::delete(host, adele, contoso.pipeline).await);
    })
    .await;
}

#[tokio::test]
async fn its_maker_renames_it_changes_its_stages_and_deletes_it() {
    each_database(|database| async move {
        let test = TestHost::new(database).await;
        let contoso = test.contoso().await;
        let (host, lee) = (&test.host, maker(&test, "lee").await);
        let id = make(&test, &contoso, &lee, "Mine").await;
        let first = pipeline::get(host, &test.administrator, id).await.unwrap().stages[0].clone();

        personal::update(host, &lee, id, &form("Still mine", &[contoso.test.id]), 1).await.unwrap();
        assert_changed(personal::update(host, &lee, id, &form("Late", &[contoso.test.id]), 1).await);
        let changed = personal::get(host, &lee, id).await.unwrap();
        assert_eq!((changed.name.as_str(), changed.personal), ("Still mine", true));
        assert_eq!(changed.stages.iter().map(|stage| stage.id).collect::<Vec<_>>(), [first.id]);

        let swapped = form("Still mine", &[contoso.production.id, contoso.test.id]);
        personal::update(host, &lee, id, &swapped, 2).await.unwrap();
        let targets: Vec<_> = stages(&test, id).await.into_iter().map(|(_, target)| target).collect();
        assert_eq!(targets, [contoso.production.id, contoso.test.id]);
        // The name is free again for whoever had it.
        make(&test, &contoso, &lee, "Mine").await;

        personal::delete(host, &lee, id).await.unwrap();
        assert_not_found(personal::get(host, &lee, id).await);
    })
    .await;
}

#[tokio::test]
async fn a_form_says_what_is_wrong_with_every_field() {
    each_database(|database| async move {
        let test = TestHost::new(database).await;
        let contoso = test.contoso().await;
        let (host, lee) = (&test.host, maker(&test, "lee").await);
        let development = contoso.development.environment_id;
        let create = async |form: PersonalForm| personal::create(host, &lee, development, &form).await;
        let fields: Vec<_> = problems(create(form(" ", &[])).await).into_iter().map(|problem| problem.field).collect();
        assert_eq!(fields, ["name", "target"]);
        message_at("second_target", create(form("X", &[contoso.test.id, contoso.test.id])).await);
        message_at("target", create(form("X", &[contoso.development.id])).await);
        let nothing = DeploymentEnvironmentId(uuid::Uuid::from_u128(404));
        message_at("second_target", create(form("X", &[contoso.test.id, nothing])).await);

        // Neither a deactivated environment nor one that nobody has reached yet is offered or taken.
        let closed = test.environment("Closed", EnvironmentType::Target).await;
        deployment_environment::set_active(host, &test.administrator, closed.id, false, closed.row_version)
            .await
            .unwrap();
        let unknown = test.built_in("Unknown").await;
        let pending = test.record("Pending", EnvironmentType::Target, unknown).await;
        assert_eq!(personal::targets(host, &lee).await.unwrap().len(), 2);
        for target in [closed.id, pending] {
            message_at("target", create(form("X", &[target])).await);
        }
        // A target environment is not where one develops.
        make(&test, &contoso, &lee, "Mine").await;
        let there = contoso.test.environment_id;
        refusal(personal::create(host, &lee, there, &form("X", &[contoso.production.id])).await);
        // Names that administrators give and names that makers give do not get into each other's way.
        let new = NewPipeline { name: "Mine".to_owned(), description: String::new(), owner: test.administrator.user };
        pipeline::create(host, &test.administrator, &new).await.unwrap();
    })
    .await;
}

#[tokio::test]
async fn whoever_loses_the_role_loses_the_pipelines_too() {
    each_database(|database| async move {
        let test = TestHost::new(database).await;
        let contoso = test.contoso().await;
        let (host, lee) = (&test.host, maker(&test, "lee").await);
        let id = make(&test, &contoso, &lee, "Mine").await;
        user::set_roles(host, &test.administrator, lee.user, Roles::USER).await.unwrap();
        let lee = user::visitor(host, lee.user).await.unwrap().unwrap().0;
        assert_not_found(personal::get(host, &lee, id).await);
        let development = contoso.development.environment_id;
        assert_not_found(stage_run::pipelines_for(host, &lee, development).await);
    })
    .await;
}
