//! Environments that are watched: what is asked of them is counted, and it can be held up, refused, or be the last
//! thing a worker does.

use async_trait::async_trait;
use environment::{
    Environment, EnvironmentError, Environments, HostBinding, Identity, Import, ImportJob, NewConnection, NewSolution,
    PackageKind, Staged, StoredPackage, builtin::BuiltIn, port::Result,
};
use model::{
    SolutionVersion,
    connection::Connection,
    id::{DeploymentEnvironmentId, EnvironmentId, ImportJobId},
    package::Publisher,
    settings::DeploymentSettings,
    solution::{SolutionContents, SolutionSummary},
};
use std::{
    collections::{HashMap, HashSet},
    sync::{Arc, Mutex},
};
use tokio::sync::watch;
use uuid::Uuid;

/// What a test plans for the environments.
#[derive(Default)]
struct Plan {
    held: HashSet<&'static str>,
    waiting: HashMap<&'static str, usize>,
    passes: HashMap<&'static str, usize>,
    refused: HashMap<&'static str, fn() -> EnvironmentError>,
    moments: usize,
    last_moment: Option<usize>,
    jobs: Vec<ImportJobId>,
    asked: Vec<&'static str>,
    strange: HashMap<EnvironmentId, Strange>,
}

/// An environment that Slipway does not keep itself.
#[derive(Clone)]
struct Strange {
    /// The built-in one behind it.
    inner: EnvironmentId,
    /// The roles it gives to accounts in Entra ID.
    roles: HashMap<Uuid, Vec<String>>,
}

/// The environments, watched.
#[derive(Clone)]
pub struct Watched {
    inner: BuiltIn,
    plan: Arc<Mutex<Plan>>,
    changed: watch::Sender<()>,
}

impl Watched {
    /// Watches environments.
    pub fn new(inner: BuiltIn) -> Self {
        Self { inner, plan: Arc::default(), changed: watch::Sender::new(()) }
    }

    /// Lets a built-in environment be reached under another id, as one that Slipway does not keep itself.
    pub fn disguise(&self, inner: EnvironmentId, id: EnvironmentId) {
        self.plan.lock().unwrap().strange.insert(id, Strange { inner, roles: HashMap::new() });
    }

    /// Has such an environment give somebody roles.
    pub fn give_roles(&self, id: EnvironmentId, account: Uuid, roles: &[&str]) {
        let roles = roles.iter().map(ToString::to_string).collect();
        self.plan.lock().unwrap().strange.get_mut(&id).unwrap().roles.insert(account, roles);
    }

    /// Holds an operation up until it is let go.
    pub fn hold(&self, operation: &'static str) {
        self.plan.lock().unwrap().held.insert(operation);
    }

    /// Lets an operation go on.
    pub fn let_go(&self, operation: &'static str) {
        let mut plan = self.plan.lock().unwrap();
        plan.held.remove(operation);
        plan.waiting.remove(operation);
        drop(plan);
        self.changed.send_replace(());
    }

    /// Lets one go on that waits, or comes, at an operation that stays held up.
    pub fn let_one_go(&self, operation: &'static str) {
        *self.plan.lock().unwrap().passes.entry(operation).or_default() += 1;
        self.changed.send_replace(());
    }

    /// Whether an operation is held up for whoever asks now.
    fn is_held(&self, operation: &'static str) -> bool {
        let mut plan = self.plan.lock().unwrap();
        if !plan.held.contains(operation) {
            return false;
        }
        let passes = plan.passes.entry(operation).or_default();
        let is_held = *passes == 0;
        *passes = passes.saturating_sub(1);
        is_held
    }

    /// Answers an operation with an error from now on.
    pub fn refuse(&self, operation: &'static str, error: fn() -> EnvironmentError) {
        self.plan.lock().unwrap().refused.insert(operation, error);
    }

    /// Answers an operation again.
    pub fn answer(&self, operation: &'static str) {
        self.plan.lock().unwrap().refused.remove(operation);
    }

    /// From now on counts moments (just before and just after each operation), and never gets past one of them.
    pub fn stop_at(&self, moment: Option<usize>) {
        let mut plan = self.plan.lock().unwrap();
        plan.moments = 0;
        plan.last_moment = moment;
    }

    /// Whether the last moment has come.
    pub fn has_stopped(&self) -> bool {
        let plan = self.plan.lock().unwrap();
        plan.last_moment.is_some_and(|last| plan.moments > last)
    }

    /// The jobs of all imports that were started, each once.
    pub fn jobs(&self) -> HashSet<ImportJobId> {
        self.plan.lock().unwrap().jobs.iter().copied().collect()
    }

    /// How many wait at an operation that is held up.
    pub fn waiting(&self, operation: &'static str) -> usize {
        self.plan.lock().unwrap().waiting.get(operation).copied().unwrap_or_default()
    }

    /// Waits until an operation has been asked for this many times since the beginning.
    pub async fn asked(&self, operation: &'static str, times: usize) {
        let mut changed = self.changed.subscribe();
        let asked = async {
            loop {
                let count = self.plan.lock().unwrap().asked.iter().filter(|asked| **asked == operation).count();
                if count >= times {
                    return;
                }
                changed.changed().await.unwrap();
            }
        };
        let asked = tokio::time::timeout(std::time::Duration::from_secs(20), asked).await;
        asked.unwrap_or_else(|_| panic!("{operation} was not asked for {times} times"));
    }

    /// Answers an operation that only people ask for, so that no worker can be stopped at it.
    fn allow(&self, operation: &'static str) -> Result<()> {
        let refused = self.plan.lock().unwrap().refused.get(operation).copied();
        refused.map_or(Ok(()), |error| Err(error()))
    }

    async fn moment(&self) {
        let stops = {
            let mut plan = self.plan.lock().unwrap();
            plan.moments += 1;
            plan.last_moment.is_some_and(|last| plan.moments > last)
        };
        if stops {
            self.changed.send_replace(());
            std::future::pending::<()>().await;
        }
    }

    async fn ask<T>(&self, operation: &'static str, answer: impl Future<Output = Result<T>>) -> Result<T> {
        let mut changed = self.changed.subscribe();
        self.plan.lock().unwrap().asked.push(operation);
        self.changed.send_replace(());
        self.moment().await;
        if self.is_held(operation) {
            *self.plan.lock().unwrap().waiting.entry(operation).or_default() += 1;
            while self.is_held(operation) {
                changed.changed().await.unwrap();
            }
        }
        let refused = self.plan.lock().unwrap().refused.get(operation).copied();
        if let Some(error) = refused {
            return Err(error());
        }
        let answer = answer.await;
        self.moment().await;
        answer
    }
}

#[async_trait]
impl Environments for Watched {
    async fn open(&self, id: EnvironmentId) -> Result<Arc<dyn Environment>> {
        let strange = self.plan.lock().unwrap().strange.get(&id).map(|strange| strange.inner);
        let inner = self.inner.open(strange.unwrap_or(id)).await?;
        Ok(Arc::new(Opened { inner, id, watched: self.clone() }))
    }
}

struct Opened {
    inner: Arc<dyn Environment>,
    id: EnvironmentId,
    watched: Watched,
}

#[async_trait]
impl Environment for Opened {
    async fn identity(&self) -> Result<Identity> {
        Ok(Identity { id: self.id, ..self.inner.identity().await? })
    }

    async fn roles_of(&self, person: Uuid) -> Result<Option<Vec<String>>> {
        let plan = self.watched.plan.lock().unwrap();
        Ok(plan.strange.get(&self.id).and_then(|strange| strange.roles.get(&person).cloned()))
    }

    async fn bind(&self, binding: HostBinding) -> Result<()> {
        self.inner.bind(binding).await
    }

    async fn release(&self, record: DeploymentEnvironmentId) -> Result<()> {
        self.inner.release(record).await
    }

    async fn solutions(&self) -> Result<Vec<SolutionSummary>> {
        self.inner.solutions().await
    }

    async fn solution(&self, unique_name: &str) -> Result<Option<SolutionContents>> {
        self.watched.ask("solution", self.inner.solution(unique_name)).await
    }

    async fn installed_package(&self, unique_name: &str) -> Result<Option<StoredPackage>> {
        self.watched.allow("installed_package")?;
        self.inner.installed_package(unique_name).await
    }

    async fn publishers(&self) -> Result<Vec<Publisher>> {
        self.inner.publishers().await
    }

    async fn create_solution(&self, new: NewSolution) -> Result<SolutionSummary> {
        self.inner.create_solution(new).await
    }

    async fn set_version(&self, unique_name: &str, version: &SolutionVersion) -> Result<()> {
        self.watched.ask("set_version", self.inner.set_version(unique_name, version)).await
    }

    async fn export(&self, unique_name: &str, kind: PackageKind) -> Result<StoredPackage> {
        self.watched.ask("export", self.inner.export(unique_name, kind)).await
    }

    async fn stage(&self, package: &StoredPackage) -> Result<Staged> {
        self.watched.ask("stage", self.inner.stage(package)).await
    }

    async fn start_import(&self, import: &Import) -> Result<()> {
        let started = async {
            self.watched.plan.lock().unwrap().jobs.push(import.job);
            self.inner.start_import(import).await
        };
        self.watched.ask("start_import", started).await
    }

    async fn import_job(&self, job: ImportJobId) -> Result<Option<ImportJob>> {
        self.watched.ask("import_job", self.inner.import_job(job)).await
    }

    async fn reconfigure(&self, unique_name: &str, settings: &DeploymentSettings) -> Result<()> {
        self.watched.ask("reconfigure", self.inner.reconfigure(unique_name, settings)).await
    }

    async fn connections(&self) -> Result<Vec<Connection>> {
        self.watched.allow("connections")?;
        self.inner.connections().await
    }

    async fn create_connection(&self, new: NewConnection) -> Result<Connection> {
        self.inner.create_connection(new).await
    }

    async fn uninstall(&self, unique_name: &str) -> Result<()> {
        self.inner.uninstall(unique_name).await
    }
}
