//! The contract on Dataverse environments: the client talks HTTP to the Web API of built-in ones. And what happens when
//! answers are lost, tokens end and limits are reached on the way.

use crate::{
    builtin::{Place, place},
    package::sample,
    suite::{self, ended, import_of, store},
};
use axum::{
    Router,
    body::Body,
    extract::{Request, State},
    middleware::{Next, from_fn_with_state},
    response::{IntoResponse, Response},
};
use environment::{
    Environment, EnvironmentError, ImportStatus, PackageStore, RandomIds, SystemClock,
    dataverse::{Access, Credential, DataverseEnvironment},
};
use model::{ErrorCode, Severity, id::EnvironmentId};
use sea_orm::DatabaseConnection;
use std::{
    path::PathBuf,
    sync::{
        Arc, Mutex,
        atomic::{AtomicUsize, Ordering},
    },
};
use uuid::Uuid;
use web_api::{Limits, WebApi};

/// What stands between client and service: it may spoil answers.
#[derive(Clone, Default)]
struct Road {
    /// Parts of addresses whose next answer is spoilt, and how.
    spoil: Arc<Mutex<Vec<(&'static str, Spoil)>>>,
    asked: Arc<AtomicUsize>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Spoil {
    /// The request is carried out and its answer lost.
    Lose,
    /// The request is not let in for a second.
    Throttle,
    /// The token is refused.
    Refuse,
}

async fn pass(State(road): State<Road>, request: Request, next: Next) -> Response {
    road.asked.fetch_add(1, Ordering::SeqCst);
    let address = request.uri().to_string();
    let spoil = {
        let mut list = road.spoil.lock().unwrap();
        let at = list.iter().position(|(part, _)| address.contains(part));
        at.map(|at| list.remove(at).1)
    };
    match spoil {
        None => next.run(request).await,
        Some(Spoil::Lose) => {
            let _ = next.run(request).await;
            (http::StatusCode::BAD_GATEWAY, "lost").into_response()
        }
        Some(Spoil::Throttle) => {
            let body = r#"{"error":{"code":"0x80072322","message":"Number of requests exceeded the limit of 6000 over time window of 300 seconds."}}"#;
            (http::StatusCode::TOO_MANY_REQUESTS, [("retry-after", "1")], body).into_response()
        }
        Some(Spoil::Refuse) => http::StatusCode::UNAUTHORIZED.into_response(),
    }
}

struct Far {
    near: PackageStore,
    there: Place,
    database: DatabaseConnection,
    url: String,
    road: Road,
    _folder: tempfile::TempDir,
}

async fn serve(router: Router) -> String {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    tokio::spawn(async move { axum::serve(listener, router).await.unwrap() });
    url
}

async fn far(database: DatabaseConnection) -> Far {
    let far = place(database.clone());
    let road = Road::default();
    let api = WebApi::new(
        far.built_in.clone(),
        far.packages.clone(),
        Arc::new(far.built_in.clone()),
        Arc::new(SystemClock),
        Limits::default(),
        None,
    );
    let router = web_api::routes(api).layer(from_fn_with_state(road.clone(), pass));
    let folder = tempfile::tempdir().unwrap();
    let near = PackageStore::open(folder.path(), 250 << 20).unwrap();
    Far { near, there: far, database, url: serve(router).await, road, _folder: folder }
}

fn client(access: Access, database: DatabaseConnection, packages: PackageStore) -> DataverseEnvironment {
    DataverseEnvironment::new(access, database, packages, Arc::new(SystemClock), Arc::new(RandomIds)).unwrap()
}

impl Far {
    async fn access(&self, id: EnvironmentId) -> Access {
        let application = self.there.built_in.add_application_user(id, "Slipway").await.unwrap();
        Access {
            environment: id,
            url: format!("{}/environments/{id}", self.url),
            tenant: "slipway".to_owned(),
            client_id: application.id.to_string(),
            credential: Credential::Secret(application.secret),
            authority: self.url.clone(),
        }
    }

    async fn environment(&self) -> (EnvironmentId, Arc<dyn Environment>) {
        let (id, _) = self.there.environment(0).await;
        let access = self.access(id).await;
        (id, Arc::new(client(access, self.database.clone(), self.near.clone())))
    }

    fn spoil(&self, part: &'static str, how: Spoil) {
        self.road.spoil.lock().unwrap().push((part, how));
    }
}

#[tokio::test]
async fn a_dataverse_environment_keeps_the_contract() {
    testbed::each_database(|database| async move {
        let far = far(database).await;
        suite::run(&far.near, async || far.environment().await.1).await;
    })
    .await;
}

#[tokio::test]
async fn an_import_whose_answer_was_lost_is_found_again_and_not_started_twice() {
    testbed::each_database(|database| async move {
        let far = far(database).await;
        let (id, environment) = far.environment().await;
        // The first is found under the id it was to have; the second, an upgrade, by its solution and time.
        for (version, message) in [("1.0.0.0", "ImportSolutionAsync"), ("1.1.0.0", "StageAndUpgradeAsync")] {
            let import = import_of(store(&far.near, &sample("Orders", version, true, &["new_a"])).await);
            far.spoil(message, Spoil::Lose);
            let lost = environment.start_import(&import).await.unwrap_err();
            assert!(lost.is_transient(), "{lost:?}");
            environment.start_import(&import).await.unwrap();
            let job = ended(&*environment, import.job).await;
            assert_eq!(job.status, ImportStatus::Succeeded, "{job:?}");
        }
        assert_eq!(far.there.built_in.import_jobs(id).await.unwrap().len(), 2);
        assert_eq!(environment.solutions().await.unwrap()[0].version.as_str(), "1.1.0.0");
    })
    .await;
}

#[tokio::test]
async fn limits_are_waited_out_and_a_token_that_ended_is_renewed() {
    let folder = tempfile::tempdir().unwrap();
    let far = far(testbed::sqlite(folder.path()).await).await;
    let (_, environment) = far.environment().await;
    far.spoil("/solutions", Spoil::Throttle);
    far.spoil("/solutions", Spoil::Refuse);
    assert!(environment.solutions().await.unwrap().is_empty());
    assert!(far.road.spoil.lock().unwrap().is_empty());

    // Even the request that starts an import may be sent again when it was not let in.
    let import = import_of(store(&far.near, &sample("Orders", "1.0.0.0", true, &["new_a"])).await);
    far.spoil("/ImportSolutionAsync", Spoil::Throttle);
    environment.start_import(&import).await.unwrap();
    assert_eq!(ended(&*environment, import.job).await.status, ImportStatus::Succeeded);
}

#[tokio::test]
async fn why_an_environment_cannot_be_used_is_said() {
    let folder = tempfile::tempdir().unwrap();
    let database = testbed::sqlite(folder.path()).await;
    let far = far(database.clone()).await;
    let (id, _) = far.there.environment(0).await;
    let (other, _) = far.there.environment(0).await;
    let good = far.access(id).await;
    let nowhere = "http://127.0.0.1:9".to_owned();
    for (access, expected) in [
        (Access { tenant: "contoso".to_owned(), ..good.clone() }, "There is no tenant “contoso”."),
        (Access { credential: Credential::Secret("no".to_owned()), ..good.clone() }, "The client secret is wrong."),
        (Access { url: format!("{}/environments/{other}", far.url), ..good.clone() }, "no user of this environment"),
        (Access { url: nowhere.clone(), ..good.clone() }, "cannot be reached"),
        (Access { authority: nowhere, ..good.clone() }, "cannot be reached"),
        (Access { url: far.url.clone(), ..good.clone() }, "404"),
        (
            Access {
                credential: Credential::Certificate { certificate: "x".to_owned(), key: "y".to_owned() },
                ..good.clone()
            },
            "certificate cannot be read",
        ),
    ] {
        let error = client(access, database.clone(), far.near.clone()).identity().await.unwrap_err();
        assert!(error.to_string().contains(expected), "{expected}: {error}");
    }
    let wrong = Access { credential: Credential::Secret("no".to_owned()), ..good.clone() };
    let steps = client(wrong, database.clone(), far.near.clone()).check().await;
    assert_eq!((steps.len(), steps[0].step), (1, "Sign in"));
    assert!(steps[0].outcome.as_ref().unwrap_err().contains("The client secret is wrong."));
    let environment = client(good.clone(), database, far.near.clone());
    let steps = environment.check().await;
    assert_eq!(steps.len(), 4, "{steps:?}");
    assert_eq!(steps[2].outcome.as_deref(), Ok("System Administrator"));
    assert!(steps[3].outcome.as_ref().unwrap().contains("version 9.2."), "{steps:?}");
    assert_eq!(environment.identity().await.unwrap().id, id);
    assert_eq!(environment.version().await.unwrap().split('.').count(), 4);
    assert_eq!(environment.languages().await.unwrap(), [1033]);
    let person: Uuid = good.client_id.parse().unwrap();
    assert_eq!(environment.roles_of(person).await.unwrap().unwrap(), ["System Administrator"]);
    assert_eq!(environment.roles_of(Uuid::new_v4()).await.unwrap(), None);
}

/// Recorded responses of the platform; none, said aloud, when they are not here.
fn recorded(name: &str) -> Option<String> {
    let folder = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../shared/fixtures/dataverse-responses");
    let found = std::fs::read_to_string(folder.join(format!("Validate_Create_No_Settings_File__{name}.json"))).ok();
    if found.is_none() {
        println!("skipped: ../shared/fixtures is not here");
    }
    found
}

/// Answers every address with what was recorded for it.
async fn replay(request: Request) -> Response {
    let address = request.uri().to_string();
    let ends = |part: &str| address.split('?').next().unwrap_or_default().ends_with(part);
    let name = if address.contains("/oauth2/") {
        let body = r#"{"token_type":"Bearer","expires_in":3599,"access_token":"recorded"}"#;
        return body.into_response();
    } else if ends("/StageSolution") {
        "post_stage_solution"
    } else if ends("/ImportSolutionAsync") {
        "post_import_solution_async"
    } else if address.contains("/asyncoperations(") {
        "get_async_operations"
    } else if ends("/solutions") {
        "get_solution"
    } else if address.contains("/importjobs(") {
        return r#"{"progress":100.0,"solutionname":"TerraformTestSolution","data":"<importexportxml progress=\"100\"/>"}"#
            .into_response();
    } else {
        return r#"{"value":[]}"#.into_response();
    };
    Response::new(Body::from(recorded(name).unwrap_or_default()))
}

#[tokio::test]
async fn recorded_responses_of_the_platform_are_read() {
    let package = PathBuf::from(env!("CARGO_MANIFEST_DIR"))
        .join("../../shared/samples/solutions")
        .join("microsoft_terraform-provider-power-platform__TerraformTestSolution_Complex_1_1_0_0.zip");
    if recorded("get_solution").is_none() || !package.exists() {
        return;
    }
    let folder = tempfile::tempdir().unwrap();
    let database = testbed::sqlite(folder.path()).await;
    let url = serve(Router::new().fallback(replay)).await;
    let packages = PackageStore::open(folder.path().join("packages"), 250 << 20).unwrap();
    let access = Access {
        environment: EnvironmentId(Uuid::new_v4()),
        url: url.clone(),
        tenant: "t".to_owned(),
        client_id: "c".to_owned(),
        credential: Credential::Secret("s".to_owned()),
        authority: url,
    };
    let environment = client(access, database, packages.clone());
    let solutions = environment.solutions().await.unwrap();
    let solution = solutions.iter().find(|one| one.unique_name == "TerraformTestSolution").unwrap();
    assert_eq!(
        (solution.unique_name.as_str(), solution.version.as_str(), solution.managed),
        ("TerraformTestSolution", "1.1.0.0", false)
    );
    assert_eq!((solution.publisher.unique_name.as_str(), solution.publisher.prefix.as_str()), ("Crefda7", "cra6e"));
    assert_eq!(solution.installed.to_rfc3339(), "2023-10-17T11:03:41Z");
    let copy = move |target: &mut std::fs::File| std::io::copy(&mut std::fs::File::open(package)?, target).map(drop);
    let stored = packages.put_with(copy).await.unwrap();
    let staged = environment.stage(&stored).await.unwrap();
    assert!(staged.unmet.is_empty() && staged.validation.is_empty());
    let import = import_of(stored);
    environment.start_import(&import).await.unwrap();
    let job = environment.import_job(import.job).await.unwrap().unwrap();
    assert_eq!(
        (job.status, job.progress, job.solution.as_str()),
        (ImportStatus::Succeeded, 100, "TerraformTestSolution")
    );
    assert_eq!(job.ended.unwrap().to_rfc3339(), "2023-10-17T11:05:18Z");
}

/// An answer of `StageSolution` that says what the platform says of a package whose dependencies are missing.
const REFUSED: &str = r#"{"StageSolutionResults":{"StageSolutionUploadId":"b3963d4b-dc6c-ee11-9ae7-000d3aaae21d","StageSolutionStatus":"Failed",
"SolutionDetails":{"PreviousSolutionVersion":null},"MissingDependencies":[{"RequiredComponentSchemaName":"msdyn_name","RequiredComponentParentSchemaName":"msdyn_aimodel",
"RequiredComponentType":2,"RequiredSolutionName":"msdyn_AISolution (2.3.4.13)","DependentComponentType":"29","DependentComponentId":"{2E951028-9d5b-ea11-a811-000d3a35fefd}","DependentComponentDisplayName":"Processor"}],
"SolutionValidationResults":[{"SolutionValidationResultType":"Error","Message":"The following solution cannot be imported: X. Some dependencies are missing.","ErrorCode":-2147188707,"AdditionalInfo":null},
{"SolutionValidationResultType":"Warning","Message":"This solution was exported from an environment with a more recent version","ErrorCode":0}]}}"#;

#[tokio::test]
async fn missing_dependencies_and_warnings_of_the_platform_are_told_apart() {
    let folder = tempfile::tempdir().unwrap();
    let database = testbed::sqlite(folder.path()).await;
    let answer = |request: Request| async move {
        let address = request.uri().to_string();
        if address.contains("/oauth2/") {
            return r#"{"expires_in":3599,"access_token":"t"}"#;
        }
        if address.ends_with("/StageSolution") { REFUSED } else { r#"{"value":[]}"# }
    };
    let url = serve(Router::new().fallback(answer)).await;
    let packages = PackageStore::open(folder.path().join("packages"), 1 << 20).unwrap();
    let access = Access {
        environment: EnvironmentId(Uuid::new_v4()),
        url: url.clone(),
        tenant: "t".to_owned(),
        client_id: "c".to_owned(),
        credential: Credential::Secret("s".to_owned()),
        authority: url,
    };
    let environment = client(access, database, packages.clone());
    let package = store(&packages, &sample("X", "1.0.0.0", true, &["new_a"])).await;
    let staged = environment.stage(&package).await.unwrap();
    assert_eq!(staged.unmet.len(), 1);
    let dependency = &staged.unmet[0].dependency;
    assert_eq!(
        (dependency.required.name.as_str(), dependency.required.parent.as_deref()),
        ("msdyn_name", Some("msdyn_aimodel"))
    );
    assert_eq!(dependency.required_solution.text(), "msdyn_AISolution (2.3.4.13)");
    assert_eq!(dependency.dependent.name, "2e951028-9d5b-ea11-a811-000d3a35fefd");
    assert_eq!(staged.validation.len(), 1);
    assert_eq!(staged.validation[0].0, Severity::Warning);
    assert_ne!(staged.validation[0].1, Some(ErrorCode::MISSING_DEPENDENCIES));
    assert!(!matches!(environment.uninstall("X").await, Err(EnvironmentError::Refused { .. })));
}
