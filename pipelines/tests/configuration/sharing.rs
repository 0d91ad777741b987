use crate::common::{TestHost, assert_forbidden, assert_not_found, message_at};
use model::{
    access::{AccessRight, AccessRights, Ground, Principal},
    team::Membership,
    user::{Role, Roles},
};
use slipway_pipelines::{
    Caller, deployment_environment,
    pipeline::{self, share},
    team::{self, TeamForm},
    user::{self, NewUser},
};
use testbed::each_database;

async fn somebody(test: &TestHost, name: &str, roles: Roles) -> Caller {
    let new = NewUser { user_name: name.to_owned(), display_name: name.to_owned(), roles };
    let (person, _) = user::create(&test.host, &test.administrator, &new).await.unwrap();
    again(test, person.id).await
}

async fn again(test: &TestHost, id: model::id::UserId) -> Caller {
    user::visitor(&test.host, id).await.unwrap().unwrap().0
}

async fn environments(test: &TestHost, caller: &Caller) -> usize {
    deployment_environment::choices(&test.host, caller).await.unwrap().len()
}

#[tokio::test]
async fn a_pipeline_is_open_to_whom_it_is_shared_with_and_closed_again_afterwards() {
    each_database(|database| async move {
        let test = TestHost::new(database).await;
        let contoso = test.contoso().await;
        let (host, adele, id) = (&test.host, &test.administrator, contoso.pipeline);
        let lynne = somebody(&test, "lynne", Roles::NONE).await;
        let read = AccessRights::from(AccessRight::Read);
        let form = TeamForm {
            name: "Makers".to_owned(),
            description: String::new(),
            administrator: None,
            roles: Role::PipelineUser.into(),
            membership: Membership::Local,
        };
        let makers = team::create(host, adele, &form).await.unwrap();
        share::share(host, adele, id, Principal::Team(makers), read).await.unwrap();
        assert_eq!(environments(&test, &lynne).await, 0);
        team::add_member(host, adele, makers, lynne.user).await.unwrap();
        let member = again(&test, lynne.user).await;
        assert_eq!(environments(&test, &member).await, 3);

        let (_, access) = share::check_access(host, adele, id).await.unwrap();
        let hers = access.iter().find(|person| person.person == lynne.user).unwrap();
        let makers_name = Some("Makers".to_owned());
        assert_eq!(hers.rights, read);
        assert_eq!(
            hers.grounds,
            [Ground::Role(Role::PipelineUser, makers_name.clone()), Ground::Share(read, makers_name)]
        );
        // Somebody who may not share it sees their own line only.
        let (_, access) = share::check_access(host, &member, id).await.unwrap();
        assert_eq!(access.iter().map(|person| person.person).collect::<Vec<_>>(), [lynne.user]);

        share::unshare(host, adele, id, Principal::Team(makers)).await.unwrap();
        assert_eq!(environments(&test, &member).await, 0);
        assert_not_found(share::check_access(host, &member, id).await);
        share::assign(host, adele, id, Principal::Team(makers)).await.unwrap();
        assert_eq!(environments(&test, &member).await, 3);
        let (_, access) = share::check_access(host, &member, id).await.unwrap();
        let owner = access.iter().find(|person| person.person == lynne.user).unwrap();
        assert_eq!(owner.rights, AccessRights::ALL);
    })
    .await;
}

#[tokio::test]
async fn nobody_shares_more_than_they_have_and_who_sees_nothing_is_told_of_nothing() {
    each_database(|database| async move {
        let test = TestHost::new(database).await;
        let contoso = test.contoso().await;
        let (host, id) = (&test.host, contoso.pipeline);
        let lynne = somebody(&test, "lynne", Roles::USER).await;
        let with = Principal::Person(lynne.user);
        let read = AccessRights::from(AccessRight::Read);
        // The user of Contoso may read and nothing else.
        assert_forbidden(share::share(host, &test.user, id, with, read).await);
        assert_forbidden(share::sharing(host, &test.user, id).await);
        assert_forbidden(share::assign(host, &test.user, id, with).await);
        assert_not_found(share::share(host, &lynne, id, with, AccessRights::ALL).await);
        assert_not_found(share::sharing(host, &lynne, id).await);
        test.share(id, &test.user, read.with(AccessRight::Share)).await;
        assert_forbidden(share::share(host, &test.user, id, with, read.with(AccessRight::Write)).await);
        share::share(host, &test.user, id, with, read).await.unwrap();
        message_at("rights", share::share(host, &test.user, id, with, AccessRight::Share.into()).await);
        assert_eq!(environments(&test, &lynne).await, 3);
        // Nor does anybody take away a right that they do not have, be it bit by bit.
        test.share(id, &lynne, read.with(AccessRight::Write)).await;
        assert_forbidden(share::share(host, &test.user, id, with, read).await);
        assert_forbidden(share::unshare(host, &test.user, id, with).await);
        test.share(id, &lynne, read).await;
        share::unshare(host, &test.user, id, with).await.unwrap();
        assert_eq!(environments(&test, &lynne).await, 0);
        let nobody = Principal::Person(model::id::UserId(uuid::Uuid::from_u128(404)));
        message_at("principal", share::share(host, &test.administrator, id, nobody, read).await);
    })
    .await;
}

#[tokio::test]
async fn whoever_may_write_links_environments_they_may_use_and_no_others() {
    each_database(|database| async move {
        let test = TestHost::new(database).await;
        let contoso = test.contoso().await;
        let (host, user) = (&test.host, &test.user);
        let second = test.pipeline("Second").await;
        assert_not_found(pipeline::link_environment(host, user, second, contoso.development.id).await);
        test.share(second, user, AccessRight::Read).await;
        assert_forbidden(pipeline::link_environment(host, user, second, contoso.development.id).await);
        test.share(second, user, AccessRights::from(AccessRight::Read).with(AccessRight::Write)).await;
        pipeline::link_environment(host, user, second, contoso.development.id).await.unwrap();
        let hidden = test.environment("Hidden", model::environment::EnvironmentType::Development).await;
        message_at("environment", pipeline::link_environment(host, user, second, hidden.id).await);
    })
    .await;
}
