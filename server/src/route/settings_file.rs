//! Deployment-settings files: what is prepared for a solution at a stage, given out and taken in.

use crate::{address, pages, refusal, slipway::Slipway};
use app::form::{self, Form};
use axum::{
    Extension, Json,
    body::Body,
    extract::{FromRequest, Multipart, Path, State, multipart::MultipartError},
    response::{IntoResponse, Response},
};
use http::{HeaderMap, Request, StatusCode, header};
use model::{FieldProblem, Problem};
use pipelines::{
    Caller,
    deployment_settings::{self, Destination, Imported, MOST_BYTES},
};

/// The field of the form that holds the file.
const FIELD: &str = "file";
/// The name of the form on its page.
const FORM: &str = "settings-file";
/// What a form may have beside the file.
const OVERHEAD: usize = 64 * 1024;
/// Most bytes of a form.
pub const MOST: usize = MOST_BYTES + OVERHEAD;
/// Fields that may stand before the file.
const MAX_FIELDS: usize = 8;
/// Names that are told of those a file gives and the solution does not have.
const MOST_NAMES: usize = 10;

/// Gives the file: `GET /deployment-settings/{environment}/{solution}/{stage}`.
pub async fn export(
    State(slipway): State<Slipway>,
    Extension(caller): Extension<Caller>,
    Path(path): Path<(String, String, String)>,
    headers: HeaderMap,
) -> Response {
    let destination = match destination(path) {
        Ok(destination) => destination,
        Err(problem) => return refusal::response(&headers, &problem),
    };
    match deployment_settings::export(&slipway.host, &caller, &destination).await {
        Ok((name, content)) => {
            let disposition = super::artifact::disposition(&name);
            let fields = [
                (header::CONTENT_TYPE, "application/json"),
                (header::CONTENT_DISPOSITION, disposition.as_str()),
                (header::CACHE_CONTROL, "private, no-store"),
            ];
            (fields, content).into_response()
        }
        Err(error) => refusal::of(&headers, &error),
    }
}

/// Takes a file: `POST /deployment-settings/{environment}/{solution}/{stage}`. A browser that posts the form goes back to
/// its page; a script gets what came of it as data.
pub async fn import(
    State(slipway): State<Slipway>,
    Extension(caller): Extension<Caller>,
    Path(path): Path<(String, String, String)>,
    request: Request<Body>,
) -> Response {
    let (parts, body) = request.into_parts();
    let wants_html = address::wants_html(&parts.headers);
    let page = format!(
        "/environments/{}/solutions/{}/settings/{}",
        address::encoded(&path.0),
        address::encoded(&path.1),
        address::encoded(&path.2)
    );
    let result = take(&slipway, &caller, path, Request::from_parts(parts.clone(), body)).await;
    if wants_html {
        let answer = async move {
            let result = match result {
                Ok(imported) => form::notify(&told(&imported)).await,
                Err(problem) => Err(app::error::AppError(problem)),
            };
            form::answer(Form::new(FORM, &page), &[], result, |()| page.clone()).await
        };
        let (done, options) = pages::as_server_function(&slipway, parts.clone(), answer).await;
        return match done {
            Ok(()) => pages::with_options(&options),
            Err(error) => refusal::response(&parts.headers, &error.0),
        };
    }
    match result {
        Ok(Imported { taken, unknown, empty }) => {
            Json(serde_json::json!({ "taken": taken, "unknown": unknown, "empty": empty })).into_response()
        }
        Err(problem) => {
            let status = StatusCode::from_u16(problem.status()).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
            (status, Json(problem)).into_response()
        }
    }
}

fn destination((environment, solution, stage): (String, String, String)) -> Result<Destination, Problem> {
    let not_found =
        || Problem::NotFound("There is no such stage for this environment, or it is not open to you.".to_owned());
    Ok(Destination {
        environment: environment.parse().map_err(|_| not_found())?,
        solution,
        stage: stage.parse().map_err(|_| not_found())?,
    })
}

async fn take(
    slipway: &Slipway,
    caller: &Caller,
    path: (String, String, String),
    request: Request<Body>,
) -> Result<Imported, Problem> {
    let destination = destination(path)?;
    // Whoever may not is told so before anything is said of what they sent.
    deployment_settings::require(&slipway.host, caller, &destination)
        .await
        .map_err(|error| refusal::problem(&error))?;
    let file = file(request).await?;
    deployment_settings::import(&slipway.host, caller, &destination, &file)
        .await
        .map_err(|error| refusal::problem(&error))
}

async fn file(request: Request<Body>) -> Result<Vec<u8>, Problem> {
    let mut form = Multipart::from_request(request, &()).await.map_err(|rejection| {
        tracing::debug!(%rejection, "a settings file is not in a form");
        Problem::Refused("The file could not be read: what was sent is not a form with a file.".to_owned())
    })?;
    for _ in 0..MAX_FIELDS {
        let Some(field) = form.next_field().await.map_err(|error| broken(&error))? else { break };
        if field.name() == Some(FIELD) {
            let bytes = field.bytes().await.map_err(|error| broken(&error))?;
            // A form that is posted without a file has the field with neither a name nor a byte.
            return if bytes.is_empty() { Err(missing()) } else { Ok(bytes.to_vec()) };
        }
    }
    Err(missing())
}

fn missing() -> Problem {
    Problem::Invalid(vec![FieldProblem::new(FIELD, "Choose a deployment-settings file (a .json file).")])
}

fn broken(error: &MultipartError) -> Problem {
    tracing::debug!(%error, "a settings file broke off");
    if error.status() == StatusCode::PAYLOAD_TOO_LARGE {
        let message = "The file is larger than 1 MB, which no deployment-settings file is.";
        return Problem::Invalid(vec![FieldProblem::new(FIELD, message)]);
    }
    Problem::Refused("The file broke off before all of it was here. Send it again.".to_owned())
}

/// What came of a file, in a sentence or three.
fn told(imported: &Imported) -> String {
    let taken = match imported.taken {
        0 => "Nothing was taken from the file.".to_owned(),
        1 => "One value or connection was taken from the file.".to_owned(),
        count => format!("{count} values and connections were taken from the file."),
    };
    let unknown = match imported.unknown.as_slice() {
        [] => String::new(),
        names => {
            let listed = names.iter().take(MOST_NAMES).map(String::as_str).collect::<Vec<_>>().join(", ");
            let more = names.len().saturating_sub(MOST_NAMES);
            let more = if more > 0 { format!(" and {more} more") } else { String::new() };
            format!(" Not in this solution, and left out: {listed}{more}.")
        }
    };
    let empty = match imported.empty.len() {
        0 => String::new(),
        1 => " One entry is empty or a placeholder.".to_owned(),
        count => format!(" {count} entries are empty or placeholders."),
    };
    format!("{taken}{unknown}{empty}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_came_of_a_file_is_told() {
        let imported = Imported {
            taken: 2,
            unknown: (0..12).map(|number| format!("new_{number}")).collect(),
            empty: vec!["new_Key".to_owned()],
        };
        let told = told(&imported);
        assert!(told.starts_with(
            "2 values and connections were taken from the file. Not in this solution, and left out: new_0, "
        ));
        assert!(told.ends_with("new_9 and 2 more. One entry is empty or a placeholder."), "{told}");
        assert_eq!(super::told(&Imported::default()), "Nothing was taken from the file.");
    }
}
