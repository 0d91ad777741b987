use crate::common::{TestHost, assert_changed, assert_not_found, message_at, problems, refusal};
use async_trait::async_trait;
use environment::{Environment, EnvironmentError, Environments, PackageStore, port};
use model::{
    environment::{EnvironmentType, EnvironmentView, ValidationStatus},
    id::{DeploymentEnvironmentId, EnvironmentId, UserId},
};
use slipway_pipelines::{
    Host, Topic,
    deployment_environment::{self, DeploymentEnvironmentChanges, NewDeploymentEnvironment},
    pipeline, stage,
};
use std::sync::Arc;
use testbed::each_database;
use uuid::Uuid;

fn new(test: &TestHost, name: &str, environment_id: &str) -> NewDeploymentEnvironment {
    NewDeploymentEnvironment {
        name: name.to_owned(),
        description: " For everybody. ".to_owned(),
        owner: test.administrator.user,
        kind: EnvironmentType::Development,
        environment_id: environment_id.to_owned(),
    }
}

#[tokio::test]
async fn a_record_waits_for_validation_and_then_says_what_came_of_it() {
    each_database(|database| async move {
        let test = TestHost::new(database).await;
        let (host, admin) = (&test.host, &test.administrator);
        let environment = test.built_in("Contoso Dev").await;
        let mut news = host.news().listen();
        let typed = environment.to_string().to_uppercase();
        let id = deployment_environment::create(host, admin, &new(&test, " Contoso Dev ", &typed)).await.unwrap();
        assert_eq!(news.recv().await.unwrap(), Topic::Work);
        let record = test.read(id).await;
        assert_eq!((record.name.as_str(), record.description.as_str()), ("Contoso Dev", "For everybody."));
        assert_eq!((record.environment_id, record.validation), (environment, ValidationStatus::Pending));
        assert_eq!((record.owner_name.as_str(), record.row_version), ("Adele Vance", 1));

        assert_eq!(deployment_environment::validate_pending(host).await.unwrap(), 1);
        assert_eq!(news.recv().await.unwrap(), Topic::Environment(id));
        let record = test.read(id).await;
        assert_eq!((record.validation, record.error_message.as_str()), (ValidationStatus::Success, ""));
        assert_eq!(record.row_version, 1, "a form filled in meanwhile stays good");
        assert_eq!(deployment_environment::validate_pending(host).await.unwrap(), 0);
    })
    .await;
}

#[tokio::test]
async fn every_field_says_what_it_must_hold() {
    each_database(|database| async move {
        let test = TestHost::new(database).await;
        let (host, admin) = (&test.host, &test.administrator);
        let bad = NewDeploymentEnvironment {
            name: "x".repeat(101),
            description: "x".repeat(2001),
            owner: UserId(Uuid::from_u128(404)),
            kind: EnvironmentType::Target,
            environment_id: "contoso".to_owned(),
        };
        let problems = problems(deployment_environment::create(host, admin, &bad).await);
        let fields: Vec<_> = problems.iter().map(|problem| problem.field.as_str()).collect();
        assert_eq!(fields, ["name", "description", "owner", "environment_id"]);
        let nil = Uuid::nil().to_string();
        message_at("environment_id", deployment_environment::create(host, admin, &new(&test, "A", &nil)).await);
        message_at(
            "name",
            deployment_environment::create(host, admin, &new(&test, " ", &Uuid::max().to_string())).await,
        );
    })
    .await;
}

#[tokio::test]
async fn names_are_unique_whatever_their_case_even_when_two_ask_at_once() {
    each_database(|database| async move {
        let test = TestHost::new(database).await;
        let (host, admin) = (&test.host, &test.administrator);
        let (id, other_id) = (Uuid::from_u128(1).to_string(), Uuid::from_u128(2).to_string());
        let (lower, upper) = (new(&test, "éire", &id), new(&test, "ÉIRE", &other_id));
        let (one, other) = tokio::join!(
            deployment_environment::create(host, admin, &lower),
            deployment_environment::create(host, admin, &upper)
        );
        assert!(one.is_ok() != other.is_ok(), "{one:?} {other:?}");
        message_at("name", if one.is_ok() { other } else { one });

        let second = deployment_environment::create(host, admin, &new(&test, "B", &id)).await.unwrap();
        let changes = DeploymentEnvironmentChanges {
            name: "Éire".to_owned(),
            description: String::new(),
            owner: admin.user,
            row_version: 1,
        };
        message_at("name", deployment_environment::update(host, admin, second, &changes).await);
    })
    .await;
}

#[tokio::test]
async fn an_environment_belongs_to_one_record_and_the_other_says_so() {
    each_database(|database| async move {
        let test = TestHost::new(database).await;
        let (host, admin) = (&test.host, &test.administrator);
        let first = test.environment("Contoso Dev", EnvironmentType::Development).await;
        let second = test.record("Also Dev", EnvironmentType::Target, first.environment_id).await;
        deployment_environment::validate_pending(host).await.unwrap();
        let failed = test.read(second).await;
        assert_eq!(failed.validation, ValidationStatus::Failed);
        for words in [&first.environment_id.to_string(), "already configured", "development environment “Contoso Dev”"]
        {
            assert!(failed.error_message.contains(words), "{}", failed.error_message);
        }
        assert_eq!(test.read(first.id).await.validation, ValidationStatus::Success);

        // Once the first one is gone, the environment is free.
        deployment_environment::delete(host, admin, first.id).await.unwrap();
        deployment_environment::validate_again(host, admin, second).await.unwrap();
        deployment_environment::validate_pending(host).await.unwrap();
        assert_eq!(test.read(second).await.validation, ValidationStatus::Success);
    })
    .await;
}

#[tokio::test]
async fn of_two_records_that_wait_the_earlier_one_gets_the_environment() {
    each_database(|database| async move {
        let test = TestHost::new(database).await;
        let environment = test.built_in("Contoso").await;
        let first = test.record("First", EnvironmentType::Target, environment).await;
        let second = test.record("Second", EnvironmentType::Target, environment).await;
        deployment_environment::validate_pending(&test.host).await.unwrap();
        assert_eq!(test.read(first).await.validation, ValidationStatus::Success);
        assert_eq!(test.read(second).await.validation, ValidationStatus::Failed);
    })
    .await;
}

#[tokio::test]
async fn an_environment_marked_by_another_host_is_refused() {
    each_database(|database| async move {
        let test = TestHost::new(database).await;
        let environment = test.built_in("Contoso").await;
        let theirs = environment::HostBinding {
            record: DeploymentEnvironmentId(Uuid::from_u128(404)),
            kind: EnvironmentType::Target,
        };
        test.built_in.open(environment).await.unwrap().bind(theirs).await.unwrap();
        let record = test.record("Contoso", EnvironmentType::Target, environment).await;
        deployment_environment::validate_pending(&test.host).await.unwrap();
        let failed = test.read(record).await;
        assert_eq!(failed.validation, ValidationStatus::Failed);
        assert!(failed.error_message.contains("in another host"), "{}", failed.error_message);
    })
    .await;
}

#[tokio::test]
async fn an_environment_that_does_not_exist_fails_its_validation_and_can_be_deleted() {
    each_database(|database| async move {
        let test = TestHost::new(database).await;
        let id = EnvironmentId(Uuid::from_u128(404));
        let record = test.record("Nowhere", EnvironmentType::Target, id).await;
        deployment_environment::validate_pending(&test.host).await.unwrap();
        let failed = test.read(record).await;
        assert_eq!(failed.validation, ValidationStatus::Failed);
        assert!(failed.error_message.contains(&id.to_string()), "{}", failed.error_message);
        deployment_environment::delete(&test.host, &test.administrator, record).await.unwrap();
        let again = deployment_environment::get(&test.host, &test.administrator, record).await;
        assert_not_found(again);
    })
    .await;
}

/// Environments none of which answers.
struct Silent;

#[async_trait]
impl Environments for Silent {
    async fn open(&self, _: EnvironmentId) -> port::Result<Arc<dyn Environment>> {
        Err(EnvironmentError::Unreachable { reason: "The line is dead.".to_owned(), retry_after: None })
    }
}

#[tokio::test]
async fn an_environment_that_does_not_answer_is_validated_again_later_and_keeps_its_mark() {
    each_database(|database| async move {
        let test = TestHost::new(database.clone()).await;
        let admin = &test.administrator;
        let contoso = test.environment("Contoso", EnvironmentType::Target).await;
        let packages = PackageStore::open(test.folder.path(), 1 << 20).unwrap();
        let (clock, ids) = (test.clock.clone(), test.ids.clone());
        let cut_off = Host::new(database, packages, test.built_in.clone(), Arc::new(Silent), clock, ids);

        refusal(deployment_environment::delete(&cut_off, admin, contoso.id).await);
        deployment_environment::validate_again(&cut_off, admin, contoso.id).await.unwrap();
        deployment_environment::validate_pending(&cut_off).await.unwrap();
        let failed = test.read(contoso.id).await;
        assert_eq!(failed.validation, ValidationStatus::Failed);
        assert!(failed.error_message.starts_with("The line is dead."), "{}", failed.error_message);

        deployment_environment::validate_again(&test.host, admin, contoso.id).await.unwrap();
        deployment_environment::validate_pending(&test.host).await.unwrap();
        assert_eq!(test.read(contoso.id).await.validation, ValidationStatus::Success);
    })
    .await;
}

#[tokio::test]
async fn a_form_that_somebody_else_was_faster_than_is_refused() {
    each_database(|database| async move {
        let test = TestHost::new(database).await;
        let (host, admin) = (&test.host, &test.administrator);
        let record = test.environment("Contoso", EnvironmentType::Target).await;
        let mut changes = DeploymentEnvironmentChanges {
            name: "contoso test".to_owned(),
            description: "For tests.".to_owned(),
            owner: test.user.user,
            row_version: record.row_version,
        };
        deployment_environment::update(host, admin, record.id, &changes).await.unwrap();
        assert_changed(deployment_environment::update(host, admin, record.id, &changes).await);
        assert_changed(deployment_environment::set_active(host, admin, record.id, false, 1).await);
        let after = test.read(record.id).await;
        assert_eq!(
            (after.name.as_str(), after.owner_name.as_str(), after.row_version),
            ("contoso test", "Miguel Silva", 2)
        );
        // The same name in another case is its own.
        changes.name = "Contoso Test".to_owned();
        changes.row_version = 2;
        deployment_environment::update(host, admin, record.id, &changes).await.unwrap();
        let nothing = DeploymentEnvironmentId(Uuid::from_u128(404));
        assert_not_found(deployment_environment::update(host, admin, nothing, &changes).await);
        assert_not_found(deployment_environment::set_active(host, admin, nothing, true, 1).await);
        assert_not_found(deployment_environment::delete(host, admin, nothing).await);
        assert_not_found(deployment_environment::validate_again(host, admin, nothing).await);
    })
    .await;
}

#[tokio::test]
async fn a_record_in_use_says_what_uses_it() {
    each_database(|database| async move {
        let test = TestHost::new(database).await;
        let (host, admin) = (&test.host, &test.administrator);
        let contoso = test.contoso().await;
        for (record, words) in [
            (&contoso.development, "the pipeline “Contoso pipeline” starts from it"),
            (&contoso.test, "the stage “Test” of the pipeline “Contoso pipeline” deploys into it"),
        ] {
            let deleting = refusal(deployment_environment::delete(host, admin, record.id).await);
            assert!(deleting.contains(words) && deleting.contains("deleted"), "{deleting}");
            let deactivating =
                refusal(deployment_environment::set_active(host, admin, record.id, false, record.row_version).await);
            assert!(deactivating.contains(words) && deactivating.contains("deactivated"), "{deactivating}");
            let now = test.read(record.id).await;
            assert_eq!(now, *record, "nothing of it was done");
        }
        pipeline::unlink_environment(host, admin, contoso.pipeline, contoso.development.id).await.unwrap();
        deployment_environment::delete(host, admin, contoso.development.id).await.unwrap();
        stage::delete(host, admin, contoso.production_stage).await.unwrap();
        deployment_environment::delete(host, admin, contoso.production.id).await.unwrap();
    })
    .await;
}

#[tokio::test]
async fn a_deactivated_record_is_in_its_own_view_and_is_validated_when_it_comes_back() {
    each_database(|database| async move {
        let test = TestHost::new(database).await;
        let (host, admin) = (&test.host, &test.administrator);
        let contoso = test.contoso().await;
        let spare = test.environment("Spare", EnvironmentType::Target).await;
        deployment_environment::set_active(host, admin, spare.id, false, spare.row_version).await.unwrap();
        for (view, expected) in [
            (EnvironmentView::Active, vec!["Contoso Dev", "Contoso Production", "Contoso Test"]),
            (EnvironmentView::Development, vec!["Contoso Dev"]),
            (EnvironmentView::Target, vec!["Contoso Production", "Contoso Test"]),
            (EnvironmentView::Inactive, vec!["Spare"]),
        ] {
            let records = deployment_environment::list(host, admin, view).await.unwrap();
            assert_eq!(records.iter().map(|record| record.name.as_str()).collect::<Vec<_>>(), expected, "{view:?}");
        }
        assert!(!test.read(spare.id).await.active);
        assert_eq!(contoso.test.validation, ValidationStatus::Success);
        deployment_environment::set_active(host, admin, spare.id, true, 2).await.unwrap();
        assert_eq!(test.read(spare.id).await.validation, ValidationStatus::Pending);
        deployment_environment::validate_pending(host).await.unwrap();
        assert_eq!(test.read(spare.id).await.validation, ValidationStatus::Success);
    })
    .await;
}
