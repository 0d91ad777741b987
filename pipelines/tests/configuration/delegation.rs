use crate::common::{TestHost, assert_changed, assert_forbidden, message_at};
use model::{
    access::{EnvironmentRole, Principal},
    environment::EnvironmentType,
    pipeline::{Delegation, DelegationType},
    token::{Scope, Scopes},
    user::Roles,
};
use slipway_pipelines::{
    Caller, environment_role,
    stage::{self, StageChanges, delegation},
    user::{self, NewUser},
};
use std::collections::BTreeSet;
use testbed::each_database;

fn owner(person: &Caller) -> Delegation {
    Delegation { kind: DelegationType::StageOwner, delegate: person.user }
}

#[tokio::test]
async fn nobody_has_a_stage_deploy_as_a_person_but_that_person() {
    each_database(|database| async move {
        let test = TestHost::new(database).await;
        let contoso = test.contoso().await;
        let (host, adele, stage) = (&test.host, &test.administrator, contoso.test_stage);
        let new =
            NewUser { user_name: "ines".to_owned(), display_name: "Ines".to_owned(), roles: Roles::ADMINISTRATOR };
        let (ines, _) = user::create(host, adele, &new).await.unwrap();
        let ines = Caller::new(ines.id, "Ines", Roles::ADMINISTRATOR);
        let version = async || stage::get(host, adele, stage).await.unwrap().row_version;

        assert_forbidden(delegation::delegate(host, &test.user, stage, Some(owner(&test.user)), version().await).await);
        message_at("delegate", delegation::delegate(host, adele, stage, Some(owner(&ines)), version().await).await);
        // A person is no service identity.
        let wrong = Delegation { kind: DelegationType::ServicePrincipal, delegate: ines.user };
        message_at("delegate", delegation::delegate(host, adele, stage, Some(wrong), version().await).await);
        // A token acts for a person who may not know of it.
        let mut token = ines.clone().limited_to(Scopes::of([Scope::Administer]).unwrap());
        token.origin.through = model::audit::AuditThrough::Token;
        assert_forbidden(delegation::delegate(host, &token, stage, Some(owner(&ines)), version().await).await);

        assert_changed(delegation::delegate(host, &ines, stage, Some(owner(&ines)), version().await + 1).await);
        delegation::delegate(host, &ines, stage, Some(owner(&ines)), version().await).await.unwrap();
        assert_eq!(stage::get(host, adele, stage).await.unwrap().delegation, Some(owner(&ines)));
        // Another administrator may save it as it is, and end it.
        delegation::delegate(host, adele, stage, Some(owner(&ines)), version().await).await.unwrap();
        delegation::delegate(host, adele, stage, None, version().await).await.unwrap();
        assert_eq!(stage::get(host, adele, stage).await.unwrap().delegation, None);
    })
    .await;
}

#[tokio::test]
async fn a_person_agreed_to_one_target_and_to_no_other() {
    each_database(|database| async move {
        let test = TestHost::new(database).await;
        let contoso = test.contoso().await;
        let (host, adele, id) = (&test.host, &test.administrator, contoso.production_stage);
        let another = test.environment("Another", EnvironmentType::Target).await;
        let ines = Caller::new(test.another_user().await.user, "Ines", Roles::ADMINISTRATOR);
        user::set_roles(host, adele, ines.user, Roles::ADMINISTRATOR).await.unwrap();
        let service = user::create_service(host, adele, "deployer", "Deployer").await.unwrap();
        let service = Delegation { kind: DelegationType::ServicePrincipal, delegate: service.id };
        let save = async |caller: &Caller, target| {
            let stage = stage::get(host, adele, id).await.unwrap();
            let changes = StageChanges {
                name: stage.name,
                description: "Changed".to_owned(),
                previous: stage.previous,
                target: Some(target),
                row_version: stage.row_version,
            };
            stage::update(host, caller, id, &changes).await.unwrap();
            stage::get(host, adele, id).await.unwrap().delegation
        };
        let delegate = async |caller: &Caller, to: Delegation| {
            let stage = stage::get(host, adele, id).await.unwrap();
            delegation::delegate(host, caller, id, Some(to), stage.row_version).await.unwrap();
        };
        let (production, another) = (contoso.production.id, another.id);
        delegate(&ines, owner(&ines)).await;
        assert_eq!(save(adele, production).await, Some(owner(&ines)), "the target stays");
        assert_eq!(save(&ines, another).await, Some(owner(&ines)), "they chose it themselves");
        assert_eq!(save(adele, production).await, None, "somebody else chose it");
        delegate(adele, service).await;
        assert_eq!(save(adele, another).await, Some(service), "a service identity is what administrators say");
    })
    .await;
}

#[tokio::test]
async fn the_stage_says_what_its_delegate_lacks() {
    each_database(|database| async move {
        let test = TestHost::new(database).await;
        let contoso = test.contoso().await;
        let (host, adele, id) = (&test.host, &test.administrator, contoso.test_stage);
        let missing = async || {
            let stage = stage::get(host, adele, id).await.unwrap();
            let missing = delegation::missing_right(host, adele, &stage).await.unwrap();
            missing.map(|missing| missing.sentence()).unwrap_or_default()
        };
        assert_eq!(missing().await, "");
        let service = user::create_service(host, adele, "deployer", "Deployer").await.unwrap();
        let version = stage::get(host, adele, id).await.unwrap().row_version;
        let to = Delegation { kind: DelegationType::ServicePrincipal, delegate: service.id };
        delegation::delegate(host, adele, id, Some(to), version).await.unwrap();
        assert_eq!(
            missing().await,
            "This stage is delegated to Deployer, who may not import solutions in Contoso Test (prvImportCustomization)."
        );
        let (principal, roles) = (Principal::Person(service.id), BTreeSet::from([EnvironmentRole::SystemCustomizer]));
        environment_role::give(host, adele, contoso.test.environment_id, principal, &roles).await.unwrap();
        assert_eq!(missing().await, "");
    })
    .await;
}
