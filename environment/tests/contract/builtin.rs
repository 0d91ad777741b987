//! The contract on built-in environments, and what only they do.

use crate::{
    package::sample,
    suite::{self, ended, import, import_of, store},
};
use environment::{
    Environment, EnvironmentError, Environments, HostBinding, ImportStatus, NewConnection, PackageStore, RandomIds,
    SystemClock, builtin::BuiltIn,
};
use model::{
    environment::EnvironmentType,
    id::{DeploymentEnvironmentId, EnvironmentId},
};
use sea_orm::DatabaseConnection;
use std::{
    sync::Arc,
    time::{Duration, Instant},
};
use uuid::Uuid;

/// Milliseconds for each component that let no import end while a test lasts.
const NEVER_ENDS: u32 = 10_000;

pub struct Place {
    pub built_in: BuiltIn,
    pub packages: PackageStore,
    _folder: tempfile::TempDir,
}

pub fn place(database: DatabaseConnection) -> Place {
    let folder = tempfile::tempdir().unwrap();
    let packages = PackageStore::open(folder.path(), 250 << 20).unwrap();
    let built_in = BuiltIn::new(database, packages.clone(), Arc::new(SystemClock), Arc::new(RandomIds));
    Place { built_in, packages, _folder: folder }
}

impl Place {
    pub async fn environment(&self, import_pace: u32) -> (EnvironmentId, Arc<dyn Environment>) {
        let id = EnvironmentId(Uuid::new_v4());
        self.built_in.create(id, &format!("Environment {id}"), import_pace).await.unwrap();
        (id, self.built_in.open(id).await.unwrap())
    }
}

#[tokio::test]
async fn a_built_in_environment_keeps_the_contract() {
    testbed::each_database(|database| async move {
        let place = place(database);
        suite::run(&place.packages, async || place.environment(0).await.1).await;
    })
    .await;
}

#[tokio::test]
async fn of_two_imports_at_once_one_is_told_that_the_environment_is_busy() {
    testbed::each_database(|database| async move {
        let place = place(database);
        let (_, environment) = place.environment(NEVER_ENDS).await;
        let first = import_of(store(&place.packages, &sample("First", "1.0.0.0", true, &["new_a", "new_b"])).await);
        let second = import_of(store(&place.packages, &sample("Second", "1.0.0.0", true, &["new_c"])).await);
        let (one, other) = tokio::join!(environment.start_import(&first), environment.start_import(&second));
        let (won, lost, refusal) = match (one, other) {
            (Ok(()), Err(refusal)) => (first, second, refusal),
            (Err(refusal), Ok(())) => (second, first, refusal),
            both => panic!("one of them has to win: {both:?}"),
        };
        assert!(matches!(refusal, EnvironmentError::Busy { .. }), "{refusal:?}");
        assert!(refusal.to_string().contains("[Import]"), "{refusal}");
        assert_eq!(environment.import_job(won.job).await.unwrap().unwrap().status, ImportStatus::Running);
        assert!(environment.import_job(lost.job).await.unwrap().is_none());
        assert!(matches!(environment.start_import(&lost).await, Err(EnvironmentError::Busy { .. })));
        environment.start_import(&won).await.unwrap();
    })
    .await;
}

#[tokio::test]
async fn an_environment_is_left_alone_while_an_import_runs() {
    testbed::each_database(|database| async move {
        let place = place(database);
        let (id, environment) = place.environment(NEVER_ENDS).await;
        let package = store(&place.packages, &sample("Orders", "1.0.0.0", true, &["new_a"])).await;
        environment.start_import(&import_of(package.clone())).await.unwrap();
        let busy = |result| matches!(result, Err(EnvironmentError::Busy { .. }));
        assert!(busy(environment.uninstall("Orders").await));
        assert!(busy(place.built_in.reset(id).await));
        assert!(busy(place.built_in.delete(id).await));
        assert_eq!(environment.stage(&package).await.unwrap().running_operation.as_deref(), Some("Import"));
        // Another environment is not concerned.
        let (_, other) = place.environment(0).await;
        assert_eq!(
            import(&*other, &place.packages, &sample("Orders", "1.0.0.0", true, &["new_a"])).await.progress,
            100
        );
    })
    .await;
}

#[tokio::test]
async fn progress_only_goes_up_and_nothing_is_there_before_the_end() {
    testbed::each_database(|database| async move {
        let place = place(database);
        let (_, environment) = place.environment(40).await;
        let components: Vec<String> = (0..12).map(|index| format!("new_{index:02}")).collect();
        let components: Vec<&str> = components.iter().map(String::as_str).collect();
        let package = store(&place.packages, &sample("Orders", "1.0.0.0", true, &components)).await;
        let import = import_of(package);
        environment.start_import(&import).await.unwrap();
        let mut seen = vec![0];
        let deadline = Instant::now() + Duration::from_secs(30);
        loop {
            assert!(Instant::now() < deadline, "{seen:?}");
            let solutions = environment.solutions().await.unwrap();
            let job = environment.import_job(import.job).await.unwrap().unwrap();
            assert!(job.progress >= *seen.last().unwrap(), "{} after {seen:?}", job.progress);
            seen.push(job.progress);
            if job.status != ImportStatus::Running {
                break;
            }
            assert!(solutions.is_empty());
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
        seen.dedup();
        assert!(seen.len() > 2 && seen.last() == Some(&100), "{seen:?}");
    })
    .await;
}

#[tokio::test]
async fn a_missing_or_damaged_package_is_refused_with_the_reason() {
    testbed::each_database(|database| async move {
        let place = place(database);
        let (_, environment) = place.environment(0).await;
        let package = store(&place.packages, &sample("Orders", "1.0.0.0", true, &["new_a"])).await;
        let path = place.packages.path(&package);
        let mut bytes = std::fs::read(&path).unwrap();
        place.packages.facts(&package).await.unwrap();

        // The size is right and the facts are known: only the content tells.
        let middle = bytes.len() / 2;
        bytes[middle] ^= 0xff;
        std::fs::write(&path, &bytes).unwrap();
        let import = import_of(package.clone());
        environment.start_import(&import).await.unwrap();
        let job = ended(&*environment, import.job).await;
        assert_eq!(job.status, ImportStatus::Failed);
        assert!(job.message.contains("damaged") && job.message.contains(&package.sha256), "{}", job.message);

        std::fs::remove_file(&path).unwrap();
        let refusal = environment.start_import(&import_of(package.clone())).await.unwrap_err();
        assert!(refusal.to_string().contains("no longer"), "{refusal}");
        assert!(environment.stage(&package).await.is_err());
        assert!(environment.solutions().await.unwrap().is_empty());
    })
    .await;
}

#[tokio::test]
async fn an_administrator_creates_renames_resets_and_deletes_environments() {
    testbed::each_database(|database| async move {
        let place = place(database);
        let built_in = &place.built_in;
        let (development, test) = (EnvironmentId(Uuid::new_v4()), EnvironmentId(Uuid::new_v4()));
        built_in.create(development, " Contoso Dev ", 0).await.unwrap();
        built_in.create(test, "Contoso Test", 20).await.unwrap();
        let refused = |result| matches!(result, Err(EnvironmentError::Refused { .. }));
        assert!(refused(built_in.create(EnvironmentId(Uuid::new_v4()), "CONTOSO dev", 0).await));
        assert!(refused(built_in.create(EnvironmentId(Uuid::new_v4()), "  ", 0).await));
        assert!(refused(built_in.update(test, "contoso dev", 0).await));
        assert!(refused(built_in.update(test, "Contoso Test", 60_000).await));
        built_in.update(test, "Contoso QA", 30).await.unwrap();

        let environment = built_in.open(development).await.unwrap();
        let binding =
            HostBinding { record: DeploymentEnvironmentId(Uuid::new_v4()), kind: EnvironmentType::Development };
        environment.bind(binding).await.unwrap();
        let new =
            NewConnection { connector_id: "/c".to_owned(), display_name: "C".to_owned(), owner: "Ana".to_owned() };
        let connection = environment.create_connection(new).await.unwrap();
        built_in.set_connection_usable(development, &connection.id, false).await.unwrap();
        assert!(!environment.connections().await.unwrap()[0].usable);
        assert!(refused(built_in.set_connection_usable(test, &connection.id, true).await));
        import(&*environment, &place.packages, &sample("Orders", "1.0.0.0", true, &["new_a"])).await;

        let listed = built_in.list().await.unwrap();
        let listed: Vec<_> = listed.iter().map(|row| (row.name.as_str(), row.import_pace, row.solutions)).collect();
        assert_eq!(listed, [("Contoso Dev", 0, 1), ("Contoso QA", 30, 0)]);

        built_in.reset(development).await.unwrap();
        assert_eq!(built_in.get(development).await.unwrap().solutions, 0);
        assert!(
            environment.connections().await.unwrap().is_empty() && environment.publishers().await.unwrap().is_empty()
        );
        assert_eq!(environment.identity().await.unwrap().binding, Some(binding));

        import(&*environment, &place.packages, &sample("Orders", "1.0.0.0", true, &["new_a"])).await;
        built_in.delete(development).await.unwrap();
        let gone = |error: EnvironmentError| matches!(error, EnvironmentError::NotFound(id) if id == development);
        assert!(gone(built_in.get(development).await.unwrap_err()));
        assert!(gone(environment.identity().await.unwrap_err()));
        assert!(gone(environment.solutions().await.unwrap_err()));
        let package = store(&place.packages, &sample("Orders", "1.0.0.0", true, &["new_a"])).await;
        assert!(gone(environment.stage(&package).await.unwrap_err()));
        assert!(gone(environment.start_import(&import_of(package)).await.unwrap_err()));
    })
    .await;
}
