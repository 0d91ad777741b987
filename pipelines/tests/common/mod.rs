//! A host over a real database with built-in environments, an administrator and a user, for tests of its operations.
#![allow(dead_code, reason = "every test binary uses its own part of this")]

use environment::{PackageStore, builtin::BuiltIn, clock::SetClock, ids::CountingIds};
use model::{
    FieldProblem, Timestamp,
    access::{AccessRight, AccessRights, EnvironmentRole, Principal},
    environment::{DeploymentEnvironment, EnvironmentType},
    id::{DeploymentEnvironmentId, EnvironmentId, PipelineId, StageId},
    user::{Person, Roles},
};
use sea_orm::DatabaseConnection;
use slipway_pipelines::{
    Caller, Error, Host, Origin, built_in,
    deployment_environment::{self, NewDeploymentEnvironment},
    environment_role,
    pipeline::{self, NewPipeline},
    sign_in::{self, Attempt},
    stage::{self, NewStage},
    user,
};
use std::{collections::BTreeSet, fmt::Debug, sync::Arc};
use tempfile::TempDir;

/// When every test begins: noon on the day of the first migration.
pub const NOON: Timestamp = Timestamp(1_795_348_800_000);

/// A host with an administrator and a user.
pub struct TestHost {
    /// The host.
    pub host: Host,
    /// Its clock, which stands still until the test moves it.
    pub clock: Arc<SetClock>,
    /// Its ids, which count from one.
    pub ids: Arc<CountingIds>,
    /// Its built-in environments.
    pub built_in: BuiltIn,
    /// Its database.
    pub database: DatabaseConnection,
    /// Adele, an administrator.
    pub administrator: Caller,
    /// The one-time password of the administrator.
    pub administrators_password: String,
    /// Miguel, a user.
    pub user: Caller,
    /// The one-time password of the user.
    pub users_password: String,
    /// Where packages are kept.
    pub folder: TempDir,
}

/// Contoso: one pipeline from development over test to production.
pub struct Contoso {
    /// Record of *Contoso Dev*.
    pub development: DeploymentEnvironment,
    /// Record of *Contoso Test*.
    pub test: DeploymentEnvironment,
    /// Record of *Contoso Production*.
    pub production: DeploymentEnvironment,
    /// *Contoso pipeline*.
    pub pipeline: PipelineId,
    /// The stage *Test*.
    pub test_stage: StageId,
    /// The stage *Production*.
    pub production_stage: StageId,
}

impl TestHost {
    /// A host over a migrated database.
    pub async fn new(database: DatabaseConnection) -> Self {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let packages = PackageStore::open(folder.path(), 256 << 20).expect("a package store");
        let (clock, ids) = (Arc::new(SetClock::at(NOON)), Arc::new(CountingIds::default()));
        let built_in = BuiltIn::new(database.clone(), packages.clone(), clock.clone(), ids.clone());
        let environments = Arc::new(built_in.clone());
        let host = Host::new(database.clone(), packages, built_in.clone(), environments, clock.clone(), ids.clone());
        let (administrator, administrators_password) =
            person(&host, "adele", "Adele Vance", Roles::ADMINISTRATOR).await;
        let (user, users_password) = person(&host, "miguel", "Miguel Silva", Roles::USER).await;
        Self {
            host,
            clock,
            ids,
            built_in,
            database,
            administrator,
            administrators_password,
            user,
            users_password,
            folder,
        }
    }

    /// An empty built-in environment.
    pub async fn built_in(&self, name: &str) -> EnvironmentId {
        built_in::create(&self.host, &self.administrator, name, 0).await.expect("a built-in environment")
    }

    /// A record of an environment, not validated yet.
    pub async fn record(&self, name: &str, kind: EnvironmentType, id: EnvironmentId) -> DeploymentEnvironmentId {
        let new = NewDeploymentEnvironment {
            name: name.to_owned(),
            description: String::new(),
            owner: self.administrator.user,
            kind,
            environment_id: id.to_string(),
        };
        deployment_environment::create(&self.host, &self.administrator, &new).await.expect("a record")
    }

    /// Nestor, another user.
    pub async fn another_user(&self) -> Caller {
        person(&self.host, "nestor", "Nestor Wilke", Roles::USER).await.0
    }

    /// A built-in environment with its record, validated.
    pub async fn environment(&self, name: &str, kind: EnvironmentType) -> DeploymentEnvironment {
        let id = self.built_in(name).await;
        let record = self.record(name, kind, id).await;
        deployment_environment::validate_pending(&self.host).await.expect("the validation");
        self.read(record).await
    }

    /// A record as it is now.
    pub async fn read(&self, id: DeploymentEnvironmentId) -> DeploymentEnvironment {
        deployment_environment::get(&self.host, &self.administrator, id).await.expect("the record")
    }

    /// A pipeline without environments and stages.
    pub async fn pipeline(&self, name: &str) -> PipelineId {
        let new = NewPipeline { name: name.to_owned(), description: String::new(), owner: self.administrator.user };
        pipeline::create(&self.host, &self.administrator, &new).await.expect("a pipeline")
    }

    /// Links a development environment to a pipeline.
    pub async fn link(&self, pipeline: PipelineId, environment: &DeploymentEnvironment) {
        pipeline::link_environment(&self.host, &self.administrator, pipeline, environment.id).await.expect("a link");
    }

    /// A stage of a pipeline.
    pub async fn stage(
        &self,
        pipeline: PipelineId,
        name: &str,
        previous: Option<StageId>,
        target: &DeploymentEnvironment,
    ) -> StageId {
        let new =
            NewStage { pipeline, name: name.to_owned(), description: String::new(), previous, target: Some(target.id) };
        stage::create(&self.host, &self.administrator, &new).await.expect("a stage")
    }

    /// Shares a pipeline with a person.
    pub async fn share(&self, pipeline: PipelineId, with: &Caller, rights: impl Into<AccessRights>) {
        let with = Principal::Person(with.user);
        pipeline::share::share(&self.host, &self.administrator, pipeline, with, rights.into()).await.expect("a share");
    }

    /// Gives a person a role in a built-in environment.
    pub async fn role(&self, environment: &DeploymentEnvironment, to: &Caller, role: EnvironmentRole) {
        let (environment, to) = (environment.environment_id, Principal::Person(to.user));
        environment_role::give(&self.host, &self.administrator, environment, to, &BTreeSet::from([role]))
            .await
            .expect("a role");
    }

    /// Contoso. Its pipeline is shared with the user, who may customize its environments.
    pub async fn contoso(&self) -> Contoso {
        let development = self.environment("Contoso Dev", EnvironmentType::Development).await;
        let test = self.environment("Contoso Test", EnvironmentType::Target).await;
        let production = self.environment("Contoso Production", EnvironmentType::Target).await;
        let pipeline = self.pipeline("Contoso pipeline").await;
        self.link(pipeline, &development).await;
        let test_stage = self.stage(pipeline, "Test", None, &test).await;
        let production_stage = self.stage(pipeline, "Production", Some(test_stage), &production).await;
        self.share(pipeline, &self.user, AccessRight::Read).await;
        for environment in [&development, &test, &production] {
            self.role(environment, &self.user, EnvironmentRole::SystemCustomizer).await;
        }
        Contoso { development, test, production, pipeline, test_stage, production_stage }
    }
}

async fn person(host: &Host, user_name: &str, display_name: &str, role: Roles) -> (Caller, String) {
    let (person, password) = user::create_first(host, user_name, display_name, role).await.expect("a person");
    let caller = Caller::new(person.id, person.display_name, role);
    (caller, password.to_string())
}

/// Signs in with a password, from nowhere in particular.
pub async fn sign_in(host: &Host, user_name: &str, password: &str) -> Result<Person, Error> {
    let attempt = Attempt { user_name, password, browser: None, origin: &Origin::system() };
    sign_in::with_password(host, attempt).await.map(|signed_in| signed_in.person)
}

/// The fields that have to be mended, or the test fails.
pub fn problems<T: Debug>(result: Result<T, Error>) -> Vec<FieldProblem> {
    match result {
        Err(Error::Invalid(problems)) => problems,
        other => panic!("expected fields to mend, got {other:?}"),
    }
}

/// The message at the only field that has to be mended, or the test fails.
pub fn message_at<T: Debug>(field: &str, result: Result<T, Error>) -> String {
    let problems = problems(result);
    assert_eq!(problems.iter().map(|problem| problem.field.as_str()).collect::<Vec<_>>(), [field], "{problems:?}");
    problems.into_iter().map(|problem| problem.message).collect()
}

/// The reason of a refusal, or the test fails.
pub fn refusal<T: Debug>(result: Result<T, Error>) -> String {
    match result {
        Err(Error::Refused(reason)) => reason,
        other => panic!("expected a refusal, got {other:?}"),
    }
}

/// Fails the test unless somebody else changed the record in the meantime.
pub fn assert_changed<T: Debug>(result: Result<T, Error>) {
    match result {
        Err(Error::Changed(_)) => {}
        other => panic!("expected a change in the meantime, got {other:?}"),
    }
}

/// Fails the test unless there is no such thing for the caller.
pub fn assert_not_found<T: Debug>(result: Result<T, Error>) {
    match result {
        Err(error) if error.problem().status() == 404 => {}
        other => panic!("expected nothing to be found, got {other:?}"),
    }
}

/// Fails the test unless the caller may not do it.
pub fn assert_forbidden<T: Debug>(result: Result<T, Error>) {
    match result {
        Err(Error::Forbidden(_)) => {}
        other => panic!("expected it to be forbidden, got {other:?}"),
    }
}
