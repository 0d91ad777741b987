//! What happens to imports whose worker dies. A test plays the worker itself: it begins an import and goes on with it,
//! or does not.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing, reason = "tests")]

pub(crate) mod package;
#[path = "../../../tests/contract/package.rs"]
#[allow(dead_code, reason = "these tests need a part of it only")]
mod sample;

use super::{
    BuiltIn, Shared, entity,
    import_job::{self, LEASE, Lease, Progress},
    worker,
};
use crate::{
    Environment, EnvironmentError, Environments, Import, ImportJob, ImportMode, ImportStatus, PackageStore,
    StoredPackage, clock::SetClock, ids::RandomIds,
};
use bytes::Bytes;
use futures::stream;
use model::{
    Timestamp,
    id::{EnvironmentId, ImportJobId},
    settings::DeploymentSettings,
};
use sample::sample;
use sea_orm::{DatabaseConnection, EntityTrait};
use std::{
    sync::Arc,
    time::{Duration, Instant},
};
use uuid::Uuid;

struct Place {
    database: DatabaseConnection,
    packages: PackageStore,
    clock: Arc<SetClock>,
    id: EnvironmentId,
    _folder: tempfile::TempDir,
}

impl Place {
    async fn new(database: DatabaseConnection) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let packages = PackageStore::open(folder.path(), 1 << 20).unwrap();
        let clock = Arc::new(SetClock::at(Timestamp(1_000_000)));
        let place = Self { database, packages, clock, id: EnvironmentId(Uuid::new_v4()), _folder: folder };
        place.process().create(place.id, "Contoso Test", 0).await.unwrap();
        place
    }

    /// Another process over the same database.
    fn process(&self) -> BuiltIn {
        let clock: Arc<SetClock> = Arc::clone(&self.clock);
        BuiltIn::new(self.database.clone(), self.packages.clone(), clock, Arc::new(RandomIds))
    }

    async fn open(&self, process: &BuiltIn) -> Arc<dyn Environment> {
        process.open(self.id).await.unwrap()
    }

    async fn store(&self, version: &str) -> StoredPackage {
        let bytes = Bytes::from(sample("Orders", version, true, &["new_a", "new_b"]).bytes());
        self.packages.put(stream::iter([Ok(bytes)])).await.unwrap()
    }

    /// Begins an import as a process does that is killed before it can go on.
    async fn begin(&self, process: &BuiltIn) -> (Import, Lease) {
        let import = Import {
            job: ImportJobId(Uuid::new_v4()),
            package: self.store("1.0.0.0").await,
            settings: DeploymentSettings::default(),
            overwrite_customizations: false,
        };
        let facts = self.packages.facts(&import.package).await.unwrap();
        let lease =
            import_job::begin(&process.shared, self.id, &import, ImportMode::Upgrade, &facts).await.unwrap().unwrap();
        (import, lease)
    }

    async fn finish(&self, shared: &Shared, lease: Lease, package: &StoredPackage) -> bool {
        let facts = self.packages.facts(package).await.unwrap();
        worker::finish(shared, lease, self.id, package, &facts).await.unwrap()
    }

    async fn log(&self) -> Vec<entity::import_job::Model> {
        entity::import_job::Entity::find().all(&self.database).await.unwrap()
    }
}

async fn ended(environment: &dyn Environment, job: ImportJobId) -> ImportJob {
    let deadline = Instant::now() + Duration::from_secs(30);
    loop {
        let found = environment.import_job(job).await.unwrap().unwrap();
        if found.status != ImportStatus::Running {
            return found;
        }
        assert!(Instant::now() < deadline, "{found:?}");
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
}

#[tokio::test]
async fn an_import_whose_worker_died_is_taken_up_by_whoever_asks_for_it() {
    testbed::each_database(|database| async move {
        let place = Place::new(database).await;
        let (import, _) = place.begin(&place.process()).await;
        let process = place.process();
        let environment = place.open(&process).await;
        // As long as its lease holds, the worker may be alive.
        assert_eq!(environment.import_job(import.job).await.unwrap().unwrap().status, ImportStatus::Running);
        assert_eq!(place.log().await[0].attempts, 1);
        place.clock.advance(LEASE + Duration::from_millis(1));
        assert_eq!(ended(&*environment, import.job).await.status, ImportStatus::Succeeded);
        let log = place.log().await;
        assert_eq!((log.len(), log[0].attempts), (1, 2));
        assert_eq!(environment.solutions().await.unwrap().len(), 1);
    })
    .await;
}

#[tokio::test]
async fn a_process_that_starts_takes_up_what_the_last_one_left() {
    testbed::each_database(|database| async move {
        let place = Place::new(database).await;
        let (import, _) = place.begin(&place.process()).await;
        let process = place.process();
        assert_eq!(process.resume_imports().await.unwrap(), 1);
        let environment = place.open(&process).await;
        assert_eq!(ended(&*environment, import.job).await.status, ImportStatus::Succeeded);
        assert_eq!(process.resume_imports().await.unwrap(), 0);
        assert_eq!(place.log().await.len(), 1);
    })
    .await;
}

#[tokio::test]
async fn an_environment_whose_import_lost_its_worker_does_not_stay_busy() {
    testbed::each_database(|database| async move {
        let place = Place::new(database).await;
        let (import, _) = place.begin(&place.process()).await;
        let process = place.process();
        let environment = place.open(&process).await;
        place.clock.advance(LEASE + Duration::from_millis(1));
        // Nobody asks for the lost import; the next one finds it in its way.
        let next = Import { job: ImportJobId(Uuid::new_v4()), package: place.store("1.1.0.0").await, ..import.clone() };
        let deadline = Instant::now() + Duration::from_secs(30);
        while let Err(error) = environment.start_import(&next).await {
            assert!(matches!(error, EnvironmentError::Busy { .. }), "{error:?}");
            assert!(Instant::now() < deadline, "the environment stays busy");
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
        assert_eq!(ended(&*environment, next.job).await.status, ImportStatus::Succeeded);
        assert_eq!(ended(&*environment, import.job).await.status, ImportStatus::Succeeded);
    })
    .await;
}

#[tokio::test]
async fn a_worker_that_was_only_asleep_writes_nothing_once_another_took_over() {
    testbed::each_database(|database| async move {
        let place = Place::new(database).await;
        let asleep = place.process();
        let (import, old) = place.begin(&asleep).await;
        let awake = place.process();
        let row = place.log().await.remove(0);
        let new = import_job::take_over(&awake.shared, &row).await.unwrap().unwrap();
        // Of two that want to take over from the same holder, one does.
        assert_eq!(import_job::take_over(&awake.shared, &row).await.unwrap(), None);

        let before = place.log().await;
        let progress = Progress { components_done: 2, percent: 95, message: "asleep".to_owned() };
        assert!(!import_job::report(&asleep.shared, old, progress).await.unwrap());
        assert!(!place.finish(&asleep.shared, old, &import.package).await);
        worker::run(&asleep.shared, old).await;
        assert_eq!(place.log().await, before);
        let environment = place.open(&awake).await;
        assert!(environment.solutions().await.unwrap().is_empty());

        assert!(place.finish(&awake.shared, new, &import.package).await);
        assert!(!place.finish(&awake.shared, new, &import.package).await);
        assert_eq!(environment.solutions().await.unwrap().len(), 1);
        assert_eq!(place.log().await.len(), 1);
    })
    .await;
}

#[tokio::test]
async fn progress_goes_on_from_where_the_last_worker_was() {
    testbed::each_database(|database| async move {
        let place = Place::new(database).await;
        let process = place.process();
        process.update(place.id, "Contoso Test", 1).await.unwrap();
        let (import, lease) = place.begin(&process).await;
        let progress = Progress { components_done: 2, percent: 95, message: "Nearly there.".to_owned() };
        assert!(import_job::report(&process.shared, lease, progress).await.unwrap());
        let next = place.process();
        assert_eq!(next.resume_imports().await.unwrap(), 1);
        let environment = place.open(&next).await;
        assert!(environment.import_job(import.job).await.unwrap().unwrap().progress >= 95);
        assert_eq!(ended(&*environment, import.job).await.progress, 100);
    })
    .await;
}

#[tokio::test]
async fn an_import_that_never_gets_anywhere_is_given_up() {
    testbed::each_database(|database| async move {
        let place = Place::new(database).await;
        let process = place.process();
        let (import, _) = place.begin(&process).await;
        let mut takeovers = 0;
        while import_job::take_over(&process.shared, &place.log().await[0]).await.unwrap().is_some() {
            takeovers += 1;
            assert!(takeovers < 100);
        }
        let environment = place.open(&process).await;
        let job = environment.import_job(import.job).await.unwrap().unwrap();
        assert_eq!(job.status, ImportStatus::Failed);
        assert!(job.message.contains("20 times"), "{}", job.message);
        assert!(environment.solutions().await.unwrap().is_empty());
    })
    .await;
}

#[tokio::test]
async fn settings_leave_the_log_with_the_end_of_the_import() {
    testbed::each_database(|database| async move {
        let place = Place::new(database).await;
        let process = place.process();
        let (import, lease) = place.begin(&process).await;
        assert!(!place.log().await[0].settings.is_empty());
        assert!(place.finish(&process.shared, lease, &import.package).await);
        assert_eq!(place.log().await[0].settings, "");
    })
    .await;
}

#[test]
fn a_name_is_looked_up_without_regard_to_case_and_a_long_one_stays_itself() {
    assert_eq!(super::name_key("New_ÄPFEL"), "new_äpfel");
    let long = "x".repeat(10_000);
    assert!(super::name_key(&long).len() < 400);
    assert_eq!(super::name_key(&long), super::name_key(&long.to_uppercase()));
    assert_ne!(super::name_key(&long), super::name_key(&format!("{long}y")));
}
