use crate::common::{TestHost, assert_not_found, message_at, refusal};
use model::{environment::EnvironmentType, id::EnvironmentId};
use slipway_pipelines::{built_in, deployment_environment};
use testbed::each_database;
use uuid::Uuid;

#[tokio::test]
async fn built_in_environments_are_created_renamed_and_deleted() {
    each_database(|database| async move {
        let test = TestHost::new(database).await;
        let (host, admin) = (&test.host, &test.administrator);
        let id = built_in::create(host, admin, " Contoso Dev ", 20).await.unwrap();
        let kept = built_in::get(host, admin, id).await.unwrap();
        assert_eq!((kept.id, kept.name.as_str(), kept.import_pace, kept.solutions), (id, "Contoso Dev", 20, 0));

        message_at("name", built_in::create(host, admin, "CONTOSO dev", 0).await);
        message_at("name", built_in::create(host, admin, "  ", 0).await);
        message_at("import_pace", built_in::create(host, admin, "Slow", built_in::SLOWEST_PACE + 1).await);
        let other = built_in::create(host, admin, "Adatum Dev", 0).await.unwrap();
        message_at("name", built_in::update(host, admin, other, "Contoso Dev", 0).await);
        built_in::update(host, admin, id, "contoso DEV", 0).await.unwrap();
        let names: Vec<_> = built_in::list(host, admin).await.unwrap().into_iter().map(|one| one.name).collect();
        assert_eq!(names, ["Adatum Dev", "contoso DEV"]);

        built_in::reset(host, admin, id).await.unwrap();
        built_in::delete(host, admin, id).await.unwrap();
        let nothing = EnvironmentId(Uuid::from_u128(404));
        for gone in [id, nothing] {
            assert_not_found(built_in::get(host, admin, gone).await);
            assert_not_found(built_in::update(host, admin, gone, "Gone", 0).await);
            assert_not_found(built_in::reset(host, admin, gone).await);
            assert_not_found(built_in::delete(host, admin, gone).await);
        }
    })
    .await;
}

#[tokio::test]
async fn a_built_in_environment_stays_while_a_record_stands_for_it() {
    each_database(|database| async move {
        let test = TestHost::new(database).await;
        let (host, admin) = (&test.host, &test.administrator);
        let record = test.environment("Contoso Dev", EnvironmentType::Development).await;
        let reason = refusal(built_in::delete(host, admin, record.environment_id).await);
        assert!(reason.contains("“Contoso Dev”"), "{reason}");
        deployment_environment::delete(host, admin, record.id).await.unwrap();
        built_in::delete(host, admin, record.environment_id).await.unwrap();
    })
    .await;
}
