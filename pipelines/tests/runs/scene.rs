//! Contoso with a worker, and the steps of a deployment as short words.

use crate::{
    common::{Contoso, TestHost},
    package::Package,
    watch::Watched,
};
use environment::{Environments, Import, ImportStatus, NewConnection, PackageStore};
use model::{
    id::{EnvironmentId, ImportJobId, StageId, StageRunId},
    settings::{ConnectionSetting, DeploymentSettings, VariableSetting},
    stage_run::{LogEntry, StageRun, StageRunStatus},
};
use sea_orm::DatabaseConnection;
use slipway_pipelines::{Caller, Error, Host, stage_run, stage_run::Request};
use std::{sync::Arc, time::Duration};
use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;

/// How long anything in these tests may take.
const DEADLINE: Duration = Duration::from_secs(30);

/// The connector of the demo's solution.
pub const MAIL: &str = "/providers/Microsoft.PowerApps/apis/shared_office365";

/// Contoso, its people and its watched environments.
pub struct Scene {
    /// The host over the watched environments.
    pub host: Host,
    /// What lies below.
    pub test: TestHost,
    /// The environments.
    pub watched: Watched,
    /// Pipeline, stages and records.
    pub contoso: Contoso,
    /// Miguel, who deploys.
    pub maker: Caller,
    /// Adele, who administers.
    pub administrator: Caller,
}

/// A worker that works until it is stopped or killed.
pub struct Worker {
    shutdown: CancellationToken,
    task: JoinHandle<()>,
}

impl Worker {
    /// Lets the worker finish the steps that are running.
    pub async fn stop(self) {
        self.shutdown.cancel();
        tokio::time::timeout(DEADLINE, self.task).await.expect("the worker stops").expect("the worker did not panic");
    }

    /// Ends the worker wherever it is.
    pub async fn kill(self) {
        self.task.abort();
        let _ = self.task.await;
    }
}

impl Scene {
    /// Contoso with connections in its targets.
    pub async fn new(database: DatabaseConnection) -> Self {
        let test = TestHost::new(database).await;
        let contoso = test.contoso().await;
        let watched = Watched::new(test.built_in.clone());
        let packages = PackageStore::open(test.folder.path(), 256 << 20).expect("the package store");
        let host = Host::new(
            test.database.clone(),
            packages,
            test.built_in.clone(),
            Arc::new(watched.clone()),
            test.clock.clone(),
            test.ids.clone(),
        );
        let (maker, administrator) = (test.user.clone(), test.administrator.clone());
        let scene = Self { host, test, watched, contoso, maker, administrator };
        for target in [scene.contoso.test.environment_id, scene.contoso.production.environment_id] {
            scene.connection(target, MAIL, "Mail").await;
        }
        scene
    }

    /// The development environment.
    pub fn development(&self) -> EnvironmentId {
        self.contoso.development.environment_id
    }

    /// A connection in an environment.
    pub async fn connection(&self, environment: EnvironmentId, connector: &str, name: &str) -> String {
        let new = NewConnection {
            connector_id: connector.to_owned(),
            display_name: name.to_owned(),
            owner: "Contoso".to_owned(),
        };
        let environment = self.test.built_in.open(environment).await.unwrap();
        environment.create_connection(new).await.unwrap().id
    }

    /// Imports a package into the development environment; the clock moves on, as it does when people work.
    pub async fn import(&self, package: &Package) {
        let package = package.store(&self.host).await;
        self.import_stored(self.development(), package).await.expect("the import");
    }

    /// Imports a stored package, or says why it failed.
    pub async fn import_stored(&self, into: EnvironmentId, package: environment::StoredPackage) -> Result<(), String> {
        self.test.clock.advance(Duration::from_mins(1));
        let job = ImportJobId(uuid::Uuid::new_v4());
        let import = Import { job, package, settings: DeploymentSettings::default(), overwrite_customizations: false };
        let environment = self.test.built_in.open(into).await.unwrap();
        environment.start_import(&import).await.map_err(|error| error.to_string())?;
        let job = within("the import", async || {
            environment.import_job(job).await.unwrap().filter(|job| job.status != ImportStatus::Running)
        })
        .await;
        self.test.clock.advance(Duration::from_mins(1));
        if job.status == ImportStatus::Succeeded { Ok(()) } else { Err(job.message) }
    }

    /// A scene whose test environment has the solution *Expenses* in version 1.0.0.1, and a worker.
    pub async fn with_expenses_in_test(database: DatabaseConnection) -> (Self, Worker) {
        let scene = Self::new(database).await;
        let worker = scene.worker();
        scene.import(&Package::named("Expenses")).await;
        scene.deployed("Expenses", scene.contoso.test_stage, "1.0.0.1").await;
        (scene, worker)
    }

    /// A worker.
    pub fn worker(&self) -> Worker {
        let shutdown = CancellationToken::new();
        let task = tokio::spawn(stage_run::worker::run(self.host.clone(), shutdown.clone()));
        Worker { shutdown, task }
    }

    /// Asks for a run of a solution at a stage.
    pub async fn ask(&self, solution: &str, stage: StageId) -> Result<StageRunId, Error> {
        self.ask_as(&self.maker, solution, stage).await
    }

    /// Asks for a run as somebody.
    pub async fn ask_as(&self, caller: &Caller, solution: &str, stage: StageId) -> Result<StageRunId, Error> {
        let request = Request { environment: self.development(), solution: solution.to_owned(), stage };
        stage_run::request(&self.host, caller, &request).await
    }

    /// A run as its maker sees it.
    pub async fn run(&self, id: StageRunId) -> StageRun {
        stage_run::get(&self.host, &self.administrator, id).await.expect("the run")
    }

    /// Waits until a run stands somewhere.
    pub async fn until(&self, id: StageRunId, status: StageRunStatus) -> StageRun {
        let what = format!("{status:?} of {id}");
        let run = within(&what, async || {
            let run = self.run(id).await;
            (run.status == status || run.status.is_final()).then_some(run)
        })
        .await;
        assert_eq!(run.status, status, "{} {:?}", run.error_message, run.findings);
        run
    }

    /// Waits until something is true of a run.
    pub async fn until_true(&self, id: StageRunId, what: &str, holds: impl Fn(&StageRun) -> bool) -> StageRun {
        within(what, async || Some(self.run(id).await).filter(|run| holds(run))).await
    }

    /// Waits until a run has ended.
    pub async fn ended(&self, id: StageRunId) -> StageRun {
        within(&format!("the end of {id}"), async || Some(self.run(id).await).filter(|run| run.status.is_final())).await
    }

    /// Asks for a run and waits until it waits for its settings.
    pub async fn draft(&self, solution: &str, stage: StageId) -> StageRun {
        let id = self.ask(solution, stage).await.expect("a run");
        self.until(id, StageRunStatus::ValidationSucceeded).await
    }

    /// Gives a run the settings that the demo's solution needs.
    pub async fn settle(&self, id: StageRunId) {
        let wizard = stage_run::wizard(&self.host, &self.maker, id).await.expect("the wizard");
        let connections: Vec<_> = wizard
            .connections
            .iter()
            .map(|bind| ConnectionSetting {
                logical_name: bind.reference.logical_name.clone(),
                connection_id: bind.choices[0].id.clone(),
                connector_id: bind.reference.connector_id.clone(),
            })
            .collect();
        stage_run::save_connections(&self.host, &self.maker, id, &connections).await.expect("connections");
        let limit = VariableSetting { schema_name: "contoso_ApprovalLimit".to_owned(), value: "100".to_owned() };
        let _ = stage_run::save_variables(&self.host, &self.maker, id, &[limit]).await;
    }

    /// Deploys a run that waits for its settings.
    pub async fn deploy(&self, id: StageRunId, version: &str) {
        self.settle(id).await;
        stage_run::deploy(&self.host, &self.maker, id, version, "Notes").await.expect("to be deployed");
    }

    /// Brings a version of a solution through a stage.
    pub async fn deployed(&self, solution: &str, stage: StageId, version: &str) -> StageRun {
        let draft = self.draft(solution, stage).await;
        self.deploy(draft.id, version).await;
        self.until(draft.id, StageRunStatus::Succeeded).await
    }

    /// The log of a run, which has no gaps.
    pub async fn log(&self, id: StageRunId) -> Vec<LogEntry> {
        let log = stage_run::log(&self.host, &self.administrator, id, 0).await.expect("the log");
        let numbers: Vec<_> = log.iter().map(|entry| entry.sequence).collect();
        assert_eq!(numbers, (1..).take(numbers.len()).collect::<Vec<i64>>(), "{log:?}");
        log
    }

    /// The version of a solution in an environment.
    pub async fn version_in(&self, environment: EnvironmentId, solution: &str) -> Option<String> {
        let environment = self.test.built_in.open(environment).await.unwrap();
        environment.solution(solution).await.unwrap().map(|solution| solution.summary.version.to_string())
    }
}

/// Waits until something is there.
pub async fn within<T>(what: &str, look: impl AsyncFn() -> Option<T>) -> T {
    let found = async {
        loop {
            if let Some(found) = look().await {
                return found;
            }
            tokio::time::sleep(Duration::from_millis(2)).await;
        }
    };
    tokio::time::timeout(DEADLINE, found).await.unwrap_or_else(|_| panic!("{what} did not come"))
}
