//! Uploads of solution packages: streamed to the store, then imported.

use crate::{address, pages, refusal, slipway::Slipway};
use app::form::{self, Form};
use axum::{
    Extension, Json,
    body::Body,
    extract::{
        FromRequest, Multipart, Path, State,
        multipart::{Field, MultipartError},
    },
    response::{IntoResponse, Response},
};
use bytes::Bytes;
use environment::{PackageStoreError, StoredPackage};
use futures::{Stream, StreamExt, stream};
use http::{Request, StatusCode};
use model::{FieldProblem, Problem, id::EnvironmentId};
use pipelines::{Caller, solution};
use std::{io, time::Duration};

/// The field of the form that holds the package, and the form's name when it comes back.
const FIELD: &str = "package";

/// The name of the form on its page.
const FORM: &str = "import-solution";

/// What an upload may have beside the package: the form's own text.
pub const OVERHEAD: u64 = 64 * 1024;

/// How long an upload may take: nobody holds a place for ever by sending a byte now and then.
const LONGEST: Duration = Duration::from_hours(1);

/// Fields that may stand before the package.
const MAX_FIELDS: usize = 8;

/// Why an upload was not taken.
#[derive(Debug)]
struct Refused {
    problem: Problem,
    status: StatusCode,
}

impl From<Problem> for Refused {
    fn from(problem: Problem) -> Self {
        let status = StatusCode::from_u16(problem.status()).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
        Self { problem, status }
    }
}

impl From<pipelines::Error> for Refused {
    fn from(error: pipelines::Error) -> Self {
        refusal::problem(&error).into()
    }
}

/// Takes a package into an environment: `POST /upload/{environment}`. A browser that posts the form goes on to the page
/// of the import, or back to the form; a script gets `{"location": …}`, or the problem as data.
pub async fn upload(
    State(slipway): State<Slipway>,
    Extension(caller): Extension<Caller>,
    Path(environment): Path<String>,
    request: Request<Body>,
) -> Response {
    let (parts, body) = request.into_parts();
    let wants_html = address::wants_html(&parts.headers);
    let request = Request::from_parts(parts.clone(), body);
    let result = take(&slipway, &caller, &environment, request).await;
    if wants_html {
        let page = format!("/environments/{}/import-solution", address::encoded(&environment));
        let result = result.map_err(|refused| app::error::AppError(refused.problem));
        let answer = async move { form::answer(Form::new(FORM, &page), &[], result, |location| location).await };
        let (done, options) = pages::as_server_function(&slipway, parts.clone(), answer).await;
        return match done {
            Ok(()) => pages::with_options(&options),
            Err(error) => refusal::response(&parts.headers, &error.0),
        };
    }
    match result {
        Ok(location) => Json(serde_json::json!({ "location": location })).into_response(),
        Err(refused) => (refused.status, Json(refused.problem)).into_response(),
    }
}

/// Stores and imports the package. Returns the address of the import's page.
async fn take(
    slipway: &Slipway,
    caller: &Caller,
    environment: &str,
    request: Request<Body>,
) -> Result<String, Refused> {
    let not_found = || Problem::NotFound("The environment does not exist, or you may not see it.".to_owned());
    let environment: EnvironmentId = environment.parse().map_err(|_| not_found())?;
    // Nobody fills the disk for an environment they may not use.
    solution::may_import(&slipway.host, caller, environment).await?;
    let _place = slipway.uploads.begin(caller.user)?;
    let late = |_| {
        let message = "The upload took longer than an hour. Upload it over a faster connection.";
        Refused::from(Problem::Refused(message.to_owned()))
    };
    let package = tokio::time::timeout(LONGEST, store(slipway, request)).await.map_err(late)??;
    let job = solution::import(&slipway.host, caller, environment, package).await?;
    Ok(format!("/environments/{environment}/imports/{job}"))
}

async fn store(slipway: &Slipway, request: Request<Body>) -> Result<StoredPackage, Refused> {
    let mut form = Multipart::from_request(request, &()).await.map_err(|rejection| {
        tracing::debug!(%rejection, "an upload is not a form");
        Refused::from(Problem::Refused("The upload could not be read: it is not a form with a file.".to_owned()))
    })?;
    for _ in 0..MAX_FIELDS {
        let Some(field) = form.next_field().await.map_err(|error| broken(slipway, &error))? else { break };
        if field.name() != Some(FIELD) {
            continue;
        }
        // A form that is posted without a file has the field with neither a name nor a byte.
        let mut pieces = Box::pin(pieces(field));
        let first = loop {
            match pieces.next().await {
                None => return Err(missing()),
                Some(Ok(piece)) if piece.is_empty() => {}
                Some(piece) => break piece,
            }
        };
        let mut interrupted = None;
        let all = stream::iter([first]).chain(pieces).map(|piece| {
            piece.map_err(|error| {
                interrupted = Some(broken(slipway, &error));
                io::Error::other(error)
            })
        });
        let stored = slipway.host.packages().put(all).await;
        return match (stored, interrupted) {
            (Ok(package), _) => Ok(package),
            (Err(_), Some(refused)) => Err(refused),
            (Err(error), None) => Err(not_stored(error)),
        };
    }
    Err(missing())
}

fn pieces(field: Field<'_>) -> impl Stream<Item = Result<Bytes, MultipartError>> + '_ {
    field
}

fn missing() -> Refused {
    Problem::Invalid(vec![FieldProblem::new(FIELD, "Choose a solution package (a .zip file).")]).into()
}

fn too_large(slipway: &Slipway) -> Refused {
    let megabytes = slipway.max_upload / 1024 / 1024;
    let message = format!(
        "The package is larger than the {megabytes} MB that may be uploaded here. Your administrator can raise this."
    );
    Refused {
        problem: Problem::Invalid(vec![FieldProblem::new(FIELD, message)]),
        status: StatusCode::PAYLOAD_TOO_LARGE,
    }
}

fn broken(slipway: &Slipway, error: &MultipartError) -> Refused {
    tracing::debug!(%error, "an upload broke off");
    if error.status() == StatusCode::PAYLOAD_TOO_LARGE {
        return too_large(slipway);
    }
    Problem::Refused("The upload broke off before the whole package was here. Upload it again.".to_owned()).into()
}

fn not_stored(error: PackageStoreError) -> Refused {
    match error {
        PackageStoreError::TooLarge { .. } => {
            let problem = Problem::Invalid(vec![FieldProblem::new(FIELD, error.to_string())]);
            Refused { problem, status: StatusCode::PAYLOAD_TOO_LARGE }
        }
        error => {
            tracing::error!(?error, "an upload could not be stored");
            let message =
                "The package could not be stored in the data folder. Ask your administrator to look into the log.";
            Problem::Internal(message.to_owned()).into()
        }
    }
}
