use crate::common::{Contoso, TestHost, assert_forbidden, assert_not_found, message_at, problems};
use environment::StoredPackage;
use model::id::{EnvironmentId, ImportJobId};
use slipway_pipelines::solution::{self, NewSolutionForm};
use testbed::each_database;
use uuid::Uuid;

fn form() -> NewSolutionForm {
    NewSolutionForm {
        display_name: "Contoso Travel".to_owned(),
        unique_name: "ContosoTravel".to_owned(),
        publisher: String::new(),
        publisher_display_name: "Contoso".to_owned(),
        publisher_unique_name: "contoso".to_owned(),
        publisher_prefix: "Con".to_owned(),
        version: "1.0.0.0".to_owned(),
        description: "Requests for journeys.".to_owned(),
    }
}

async fn contoso(database: sea_orm::DatabaseConnection) -> (TestHost, Contoso) {
    let test = TestHost::new(database).await;
    let contoso = test.contoso().await;
    (test, contoso)
}

#[tokio::test]
async fn a_maker_creates_a_solution_and_finds_it_again() {
    each_database(|database| async move {
        let (test, contoso) = contoso(database).await;
        let (host, maker, development) = (&test.host, &test.user, contoso.development.environment_id);
        let created = solution::create(host, maker, development, &form()).await.unwrap();
        assert_eq!((created.unique_name.as_str(), created.version.as_str()), ("ContosoTravel", "1.0.0.0"));
        assert!(!created.managed);
        assert_eq!((created.publisher.unique_name.as_str(), created.publisher.prefix.as_str()), ("contoso", "con"));

        let second = NewSolutionForm {
            display_name: "Leave requests".to_owned(),
            unique_name: "Leave_2".to_owned(),
            publisher: "CONTOSO".to_owned(),
            ..NewSolutionForm { version: "1.0".to_owned(), ..form() }
        };
        solution::create(host, maker, development, &second).await.unwrap();
        let publishers = solution::publishers(host, maker, development).await.unwrap();
        assert_eq!(publishers.iter().filter(|publisher| publisher.unique_name == "contoso").count(), 1);
        for (search, expected) in [
            ("", vec!["Contoso Travel", "Leave requests"]),
            (" TRAVEL ", vec!["Contoso Travel"]),
            ("leave_", vec!["Leave requests"]),
            ("%", vec![]),
        ] {
            let found = solution::list(host, maker, development, search).await.unwrap();
            let names: Vec<_> = found.iter().map(|solution| solution.display_name.as_str()).collect();
            assert_eq!(names, expected, "{search}");
        }
        let contents = solution::get(host, maker, development, "contosotravel").await.unwrap();
        assert_eq!((contents.summary, contents.description.as_str()), (created, "Requests for journeys."));
        assert_not_found(solution::get(host, maker, development, "Nothing").await);
        message_at(
            "unique_name",
            solution::create(
                host,
                maker,
                development,
                &NewSolutionForm { publisher: "contoso".to_owned(), unique_name: "CONTOSOTRAVEL".to_owned(), ..form() },
            )
            .await,
        );
    })
    .await;
}

#[tokio::test]
async fn every_field_of_a_new_solution_says_what_it_must_hold() {
    each_database(|database| async move {
        let (test, contoso) = contoso(database).await;
        let (host, maker, development) = (&test.host, &test.user, contoso.development.environment_id);
        let empty = problems(solution::create(host, maker, development, &NewSolutionForm::default()).await);
        let fields: Vec<_> = empty.iter().map(|problem| problem.field.as_str()).collect();
        assert_eq!(
            fields,
            [
                "display_name",
                "unique_name",
                "publisher_display_name",
                "publisher_unique_name",
                "publisher_prefix",
                "version"
            ]
        );
        for (field, words, form) in [
            ("unique_name", "0x8004F002", NewSolutionForm { unique_name: "2fast".to_owned(), ..form() }),
            ("version", "is not a version", NewSolutionForm { version: "one".to_owned(), ..form() }),
            ("publisher", "Choose a publisher", NewSolutionForm { publisher: "nobody".to_owned(), ..form() }),
            ("publisher_prefix", "mscrm", NewSolutionForm { publisher_prefix: "mscrmx".to_owned(), ..form() }),
            (
                "publisher_unique_name",
                "0x8004F002",
                NewSolutionForm { publisher_unique_name: "a b".to_owned(), ..form() },
            ),
        ] {
            let message = message_at(field, solution::create(host, maker, development, &form).await);
            assert!(message.contains(words), "{message}");
        }
        solution::create(host, maker, development, &form()).await.unwrap();
        let again = NewSolutionForm { unique_name: "Other".to_owned(), ..form() };
        message_at("publisher_unique_name", solution::create(host, maker, development, &again).await);
    })
    .await;
}

#[tokio::test]
async fn solutions_come_into_a_target_through_a_pipeline_only() {
    each_database(|database| async move {
        let (test, contoso) = contoso(database).await;
        let (host, maker, target) = (&test.host, &test.user, contoso.test.environment_id);
        let package = StoredPackage { sha256: "0".repeat(64), bytes: 1 };
        assert_forbidden(solution::create(host, maker, target, &form()).await);
        assert_forbidden(solution::import(host, maker, target, package.clone()).await);
        solution::create(host, &test.administrator, target, &form()).await.unwrap();
        assert_eq!(solution::list(host, maker, target, "").await.unwrap().len(), 1, "looking is free");

        let hidden = test.built_in("Hidden").await;
        for hidden in [hidden, EnvironmentId(Uuid::from_u128(404))] {
            assert_not_found(solution::list(host, maker, hidden, "").await);
            assert_not_found(solution::get(host, maker, hidden, "ContosoTravel").await);
            assert_not_found(solution::create(host, maker, hidden, &form()).await);
            assert_not_found(solution::publishers(host, maker, hidden).await);
            assert_not_found(solution::import(host, maker, hidden, package.clone()).await);
            assert_not_found(solution::import_job(host, maker, hidden, ImportJobId(Uuid::from_u128(1))).await);
            assert_not_found(solution::connections(host, maker, hidden).await);
            assert_not_found(solution::create_connection(host, maker, hidden, "shared_x", "X").await);
        }
        assert_not_found(solution::import_job(host, maker, target, ImportJobId(Uuid::from_u128(404))).await);
    })
    .await;
}

#[tokio::test]
async fn a_maker_creates_connections_where_runs_go() {
    each_database(|database| async move {
        let (test, contoso) = contoso(database).await;
        let (host, maker, target) = (&test.host, &test.user, contoso.test.environment_id);
        let connector = "/providers/Microsoft.PowerApps/apis/shared_sharepointonline";
        let created = solution::create_connection(host, maker, target, connector, "Team site").await.unwrap();
        assert_eq!((created.owner.as_str(), created.display_name.as_str()), ("Miguel Silva", "Team site"));
        assert_eq!(solution::connections(host, maker, target).await.unwrap(), [created]);
        let problems = problems(solution::create_connection(host, maker, target, " ", "").await);
        assert_eq!(problems.len(), 2);
    })
    .await;
}
