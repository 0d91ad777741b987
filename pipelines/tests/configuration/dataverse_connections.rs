use crate::common::{TestHost, assert_not_found, message_at, refusal};
use environment::{Accesses, KnownEnvironments, PackageStore, dataverse::Credential, dataverse::DataverseClients};
use model::{environment::EnvironmentType, id::EnvironmentId};
use sea_orm::DatabaseConnection;
use slipway_pipelines::{
    Error, Host,
    dataverse_connection::{self, ConnectionFields, Registered},
    deployment_environment,
    secret::{Keys, Secret, Secrets},
};
use std::sync::Arc;
use testbed::each_database;

const ID: &str = "8a3c5f0e-2b4d-4e6f-9a1b-3c5d7e9f1a2b";
/// Where nobody listens.
const NOWHERE: &str = "http://127.0.0.1:9";

fn fields(secret: &str) -> ConnectionFields {
    ConnectionFields {
        name: "Contoso Production".to_owned(),
        url: "https://contoso.crm4.dynamics.com/".to_owned(),
        tenant: "contoso.com".to_owned(),
        client_id: "client".to_owned(),
        authority: String::new(),
        client_secret: Secret::from(secret),
        certificate: Secret::default(),
        key: Secret::default(),
    }
}

/// The host over every environment it knows, and what tells how those are reached.
fn connected(test: &TestHost, database: &DatabaseConnection) -> (Host, Arc<Registered>) {
    let packages = PackageStore::open(test.folder.path(), 1 << 20).unwrap();
    let secrets = Secrets::new(Keys::random("key-1"));
    let registered = Arc::new(Registered::new(database.clone(), secrets.clone()));
    let clients = DataverseClients::new(database.clone(), packages.clone(), test.clock.clone(), test.ids.clone());
    let environments = Arc::new(KnownEnvironments::new(
        test.built_in.clone(),
        clients,
        vec![Arc::clone(&registered) as Arc<dyn Accesses>],
    ));
    let (clock, ids) = (test.clock.clone(), test.ids.clone());
    let host = Host::new(database.clone(), packages, test.built_in.clone(), environments, clock, ids);
    (host.with_secrets(secrets), registered)
}

#[tokio::test]
async fn an_environment_is_connected_with_a_secret_that_nobody_reads_again() {
    each_database(|database| async move {
        let test = TestHost::new(database.clone()).await;
        let (host, registered) = connected(&test, &database);
        let admin = &test.administrator;
        let id = dataverse_connection::create(&host, admin, &format!(" {ID} "), &fields("hidden")).await.unwrap();
        let kept = dataverse_connection::get(&host, admin, id).await.unwrap();
        assert_eq!((kept.url.as_str(), kept.has_certificate), ("https://contoso.crm4.dynamics.com", false));
        assert_eq!(kept.authority, "https://login.microsoftonline.com");
        assert!(!format!("{kept:?}").contains("hidden"));
        let credential = registered.find(id).await.unwrap().unwrap().credential;
        assert!(credential == Credential::Secret("hidden".to_owned()));
        message_at("environment_id", dataverse_connection::create(&host, admin, ID, &fields("other")).await);

        // A new name leaves the secret; another place needs it.
        let renamed = ConnectionFields { name: "Contoso".to_owned(), ..fields("") };
        dataverse_connection::update(&host, admin, id, &renamed, 1).await.unwrap();
        let changed = dataverse_connection::update(&host, admin, id, &renamed, 1).await;
        assert!(matches!(changed, Err(Error::Changed(_))), "{changed:?}");
        for elsewhere in [
            ConnectionFields { url: "https://evil.example".to_owned(), ..renamed.clone() },
            ConnectionFields { authority: "https://evil.example".to_owned(), ..renamed.clone() },
            ConnectionFields { tenant: "evil.example".to_owned(), ..renamed.clone() },
            ConnectionFields { client_id: "other".to_owned(), ..renamed.clone() },
        ] {
            message_at("client_secret", dataverse_connection::update(&host, admin, id, &elsewhere, 2).await);
            let known = ConnectionFields { client_secret: Secret::from("hidden"), ..elsewhere };
            dataverse_connection::update(&host, admin, id, &known, 2).await.unwrap();
            let row_version = dataverse_connection::get(&host, admin, id).await.unwrap().row_version;
            assert_eq!(row_version, 3);
            dataverse_connection::delete(&host, admin, id).await.unwrap();
            dataverse_connection::create(&host, admin, ID, &fields("hidden")).await.unwrap();
            dataverse_connection::update(&host, admin, id, &renamed, 1).await.unwrap();
        }
        assert!(registered.find(id).await.unwrap().unwrap().credential == Credential::Secret("hidden".to_owned()));
    })
    .await;
}

#[tokio::test]
async fn a_connection_that_cannot_be_is_refused_at_its_field() {
    each_database(|database| async move {
        let test = TestHost::new(database.clone()).await;
        let (host, _) = connected(&test, &database);
        let admin = &test.administrator;
        let good = || fields("hidden");
        let pem = || Secret::from("-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----");
        for (field, given) in [
            ("name", ConnectionFields { name: " ".to_owned(), ..good() }),
            ("url", ConnectionFields { url: "http://contoso.crm4.dynamics.com".to_owned(), ..good() }),
            ("url", ConnectionFields { url: "https://me:secret@contoso.crm4.dynamics.com".to_owned(), ..good() }),
            ("url", ConnectionFields { url: "contoso".to_owned(), ..good() }),
            ("authority", ConnectionFields { authority: "http://login.example".to_owned(), ..good() }),
            ("tenant", ConnectionFields { tenant: "a/b".to_owned(), ..good() }),
            ("client_id", ConnectionFields { client_id: String::new(), ..good() }),
            ("client_secret", fields("")),
            ("client_secret", ConnectionFields { certificate: pem(), ..good() }),
            ("certificate", ConnectionFields { certificate: Secret::from("x"), ..fields("") }),
            ("key", ConnectionFields { certificate: pem(), ..fields("") }),
            ("client_secret", fields(&"x".repeat(20_001))),
        ] {
            let refused = dataverse_connection::create(&host, admin, ID, &given).await;
            assert!(!message_at(field, refused).contains("hidden"), "{field}");
        }
        message_at("environment_id", dataverse_connection::create(&host, admin, "contoso", &good()).await);
        let built_in = test.built_in("Contoso Dev").await;
        let taken = dataverse_connection::create(&host, admin, &built_in.to_string(), &good()).await;
        assert!(message_at("environment_id", taken).contains("itself"));
        assert_eq!(dataverse_connection::list(&host, admin).await.unwrap(), []);
    })
    .await;
}

#[tokio::test]
async fn a_try_tells_what_does_not_work_and_a_change_makes_it_untried() {
    each_database(|database| async move {
        let test = TestHost::new(database.clone()).await;
        let (host, _) = connected(&test, &database);
        let admin = &test.administrator;
        let nowhere = ConnectionFields { url: NOWHERE.to_owned(), authority: NOWHERE.to_owned(), ..fields("hidden") };
        let id = dataverse_connection::create(&host, admin, ID, &nowhere).await.unwrap();
        let trial = dataverse_connection::try_out(&host, admin, id).await.unwrap();
        assert_eq!((trial.steps.len(), trial.succeeded()), (1, false));
        assert_eq!(trial.steps[0].step, "Sign in");
        assert!(!trial.steps[0].message.contains("hidden"));
        assert_eq!(dataverse_connection::get(&host, admin, id).await.unwrap().tried, Some(trial.clone()));
        let renamed =
            ConnectionFields { name: "Other".to_owned(), client_secret: Secret::default(), ..nowhere.clone() };
        dataverse_connection::update(&host, admin, id, &renamed, 1).await.unwrap();
        assert_eq!(dataverse_connection::get(&host, admin, id).await.unwrap().tried, Some(trial));
        let changed = ConnectionFields { client_secret: Secret::from("another"), ..nowhere };
        dataverse_connection::update(&host, admin, id, &changed, 2).await.unwrap();
        assert_eq!(dataverse_connection::get(&host, admin, id).await.unwrap().tried, None);
    })
    .await;
}

#[tokio::test]
async fn a_connection_stays_while_a_record_uses_it() {
    each_database(|database| async move {
        let test = TestHost::new(database.clone()).await;
        let (host, registered) = connected(&test, &database);
        let admin = &test.administrator;
        let id: EnvironmentId = ID.parse().unwrap();
        dataverse_connection::create(&host, admin, ID, &fields("hidden")).await.unwrap();
        let record = test.record("Contoso", EnvironmentType::Target, id).await;
        assert!(refusal(dataverse_connection::delete(&host, admin, id).await).contains("“Contoso”"));
        deployment_environment::delete(&test.host, admin, record).await.unwrap();
        dataverse_connection::delete(&host, admin, id).await.unwrap();
        assert!(registered.find(id).await.unwrap().is_none());
        assert_not_found(dataverse_connection::get(&host, admin, id).await);
        assert_not_found(dataverse_connection::try_out(&host, admin, id).await);
        assert_not_found(dataverse_connection::update(&host, admin, id, &fields("x"), 1).await);
    })
    .await;
}

#[tokio::test]
async fn only_administrators_see_and_make_connections() {
    each_database(|database| async move {
        let test = TestHost::new(database.clone()).await;
        let (host, _) = connected(&test, &database);
        let (admin, user) = (&test.administrator, &test.user);
        let id = dataverse_connection::create(&host, admin, ID, &fields("hidden")).await.unwrap();
        let forbidden = |refused: bool, what: &str| assert!(refused, "{what}");
        forbidden(dataverse_connection::list(&host, user).await.is_err(), "list");
        forbidden(dataverse_connection::get(&host, user, id).await.is_err(), "get");
        forbidden(dataverse_connection::create(&host, user, ID, &fields("x")).await.is_err(), "create");
        forbidden(dataverse_connection::update(&host, user, id, &fields("x"), 1).await.is_err(), "update");
        forbidden(dataverse_connection::try_out(&host, user, id).await.is_err(), "try");
        forbidden(dataverse_connection::delete(&host, user, id).await.is_err(), "delete");
        assert_eq!(dataverse_connection::list(&host, admin).await.unwrap().len(), 1);
    })
    .await;
}
