//! Contoso: a development environment, a test environment, and a pipeline between them.

use crate::bed::Bed;
use environment::ImportStatus;
use model::{
    access::{AccessRight, EnvironmentRole, Principal},
    environment::EnvironmentType,
    id::{DeploymentEnvironmentId, EnvironmentId, PipelineId, StageId, StageRunId},
    package::Publisher,
    stage_run::{StageRun, StageRunStatus},
    user::Roles,
};
use pipelines::{
    Caller, built_in,
    deployment_environment::{self, NewDeploymentEnvironment},
    environment_role,
    pipeline::{self, NewPipeline},
    solution::{self, NewSolutionForm},
    stage::{self, NewStage},
    stage_run::{self, Request},
};
use std::{
    collections::BTreeSet,
    future::Future,
    io::Cursor,
    time::{Duration, Instant},
};

/// What a test may wait for at most.
const DEADLINE: Duration = Duration::from_secs(30);

/// The environments, the pipeline, and the people who use them.
pub struct Contoso {
    pub ada: Caller,
    pub mia: Caller,
    pub development: EnvironmentId,
    pub pipeline: PipelineId,
    pub stage: StageId,
}

impl Contoso {
    pub async fn new(bed: &Bed) -> Self {
        let ada = bed.person("ada", Roles::ADMINISTRATOR).await;
        let mia = bed.person("mia", Roles::USER).await;
        let (development, development_record) =
            environment(bed, &ada, "Contoso Dev", EnvironmentType::Development).await;
        let (test, test_record) = environment(bed, &ada, "Contoso Test", EnvironmentType::Target).await;
        let host = bed.host();
        for environment in [development, test] {
            customizer(bed, &ada, environment, &mia).await;
        }
        let new = NewPipeline { name: "Contoso".to_owned(), description: String::new(), owner: ada.user };
        let pipeline = pipeline::create(host, &ada, &new).await.unwrap();
        pipeline::link_environment(host, &ada, pipeline, development_record).await.unwrap();
        let new = NewStage {
            pipeline,
            name: "Test".to_owned(),
            description: String::new(),
            previous: None,
            target: Some(test_record),
        };
        let stage = stage::create(host, &ada, &new).await.unwrap();
        let with = Principal::Person(mia.user);
        pipeline::share::share(host, &ada, pipeline, with, AccessRight::Read.into()).await.unwrap();
        Self { ada, mia, development, pipeline, stage }
    }

    /// A solution that can be deployed.
    pub async fn solution(&self, bed: &Bed) -> String {
        let form = NewSolutionForm {
            display_name: "Expenses".to_owned(),
            unique_name: "Expenses".to_owned(),
            publisher_display_name: "Contoso".to_owned(),
            publisher_unique_name: "contoso".to_owned(),
            publisher_prefix: "con".to_owned(),
            version: "1.0.0.0".to_owned(),
            ..NewSolutionForm::default()
        };
        solution::create(bed.host(), &self.mia, self.development, &form).await.unwrap().unique_name
    }

    /// A run of that solution to the test environment, asked for by the maker. Nobody works on it.
    pub async fn run(&self, bed: &Bed) -> StageRunId {
        let solution = self.solution(bed).await;
        let request = Request { environment: self.development, solution, stage: self.stage };
        stage_run::request(bed.host(), &self.mia, &request).await.unwrap()
    }

    /// The run once it is as expected.
    pub async fn run_when(&self, bed: &Bed, id: StageRunId, status: StageRunStatus) -> StageRun {
        until(async || {
            let run = stage_run::get(bed.host(), &self.ada, id).await.unwrap();
            (run.status == status).then_some(run)
        })
        .await
    }

    /// The import once it has ended.
    pub async fn import_ended(&self, bed: &Bed, job: &str) -> ImportStatus {
        let job = job.parse().unwrap();
        until(async || {
            let job = solution::import_job(bed.host(), &self.ada, self.development, job).await.unwrap();
            (job.status != ImportStatus::Running).then_some(job.status)
        })
        .await
    }
}

/// Lets a person customize an environment.
pub async fn customizer(bed: &Bed, ada: &Caller, environment: EnvironmentId, person: &Caller) {
    let (to, role) = (Principal::Person(person.user), EnvironmentRole::SystemCustomizer);
    environment_role::give(bed.host(), ada, environment, to, &BTreeSet::from([role])).await.unwrap();
}

/// The record of the development environment, as administrators see it.
pub async fn record(bed: &Bed, caller: &Caller, environment: EnvironmentId) -> DeploymentEnvironmentId {
    let view = model::environment::EnvironmentView::Active;
    let records = deployment_environment::list(bed.host(), caller, view).await.unwrap();
    records.iter().find(|record| record.environment_id == environment).unwrap().id
}

async fn environment(
    bed: &Bed,
    caller: &Caller,
    name: &str,
    kind: EnvironmentType,
) -> (EnvironmentId, DeploymentEnvironmentId) {
    let id = built_in::create(bed.host(), caller, name, 0).await.unwrap();
    let new = NewDeploymentEnvironment {
        name: name.to_owned(),
        description: String::new(),
        owner: caller.user,
        kind,
        environment_id: id.to_string(),
    };
    let record = deployment_environment::create(bed.host(), caller, &new).await.unwrap();
    deployment_environment::validate_pending(bed.host()).await.unwrap();
    (id, record)
}

/// A small solution package.
pub fn package(unique_name: &str) -> Vec<u8> {
    let mut bytes = Cursor::new(Vec::new());
    let new = ::solution::NewPackage {
        unique_name: unique_name.to_owned(),
        display_name: unique_name.to_owned(),
        description: String::new(),
        version: "1.0.0.0".parse().unwrap(),
        publisher: Publisher {
            unique_name: "contoso".to_owned(),
            display_name: "Contoso".to_owned(),
            prefix: "con".to_owned(),
            option_value_prefix: 10_000,
        },
    };
    ::solution::write_new(&new, &mut bytes).unwrap();
    bytes.into_inner()
}

/// Waits for something to be so.
pub async fn until<T, F: Future<Output = Option<T>>>(mut look: impl FnMut() -> F) -> T {
    let began = Instant::now();
    loop {
        if let Some(found) = look().await {
            return found;
        }
        assert!(began.elapsed() < DEADLINE, "waited too long");
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
}
