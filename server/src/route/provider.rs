//! Signing in with a provider: the way there, and the way back.

use crate::{
    openid::{OpenIdError, Provider},
    pages,
    reached::Reached,
    refusal,
    slipway::Slipway,
};
use app::{
    context::{self, Visitor},
    cookie::Cookie,
    error::AppError,
    form::{self, Form},
    sign_in::{CONNECTING, SIGN_IN, connect_form, onward},
};
use axum::{
    Extension, Form as Posted,
    body::Body,
    extract::{FromRequest, Path, Query, Request, State},
    response::{AppendHeaders, Html, IntoResponse, Response},
};
use http::{HeaderMap, HeaderName, HeaderValue, header, request::Parts};
use model::{Problem, user::Person};
use pipelines::{
    Caller, Origin,
    sign_in::{self, NewPending},
};
use rand::Rng;
use serde::Deserialize;
use std::net::IpAddr;

/// Random bytes that a browser keeps while its person is at a provider.
const BYTES: usize = 32;

/// The form of a button on the sign-in page, or of one's account.
#[derive(Deserialize)]
pub struct Departing {
    /// Address to go on to.
    #[serde(default)]
    next: String,
    /// Given by somebody who is signed in and wants to connect their account.
    password: Option<String>,
}

/// What a provider sends the browser back with.
#[derive(Deserialize)]
pub struct Returning {
    code: Option<String>,
    state: Option<String>,
    iss: Option<String>,
    error: Option<String>,
}

/// `POST /sign-in/{provider}`: keeps the sign-in until it comes back, and sends the browser to the provider.
pub async fn depart(
    State(slipway): State<Slipway>,
    Extension(visitor): Extension<Visitor>,
    Extension(reached): Extension<Reached>,
    Path(key): Path<String>,
    request: Request<Body>,
) -> Response {
    let (parts, body) = request.into_parts();
    let Some(provider) = slipway.providers.get(&key) else { return refusal::response(&parts.headers, &unknown()) };
    let form = Posted::<Departing>::from_request(Request::from_parts(parts.clone(), body), &()).await;
    let Ok(Posted(departing)) = form else {
        let problem = Problem::Refused("The form could not be read. Open its page again.".to_owned());
        return refusal::response(&parts.headers, &problem);
    };
    let (form, page) = match departing.password {
        Some(_) => (connect_form(&key), CONNECTING.to_owned()),
        None => (SIGN_IN.to_owned(), form::sign_in_address(&onward(&departing.next))),
    };
    let begun = async {
        let connecting = confirmed(&slipway, visitor.caller, departing.password.as_deref()).await?;
        let browser = Cookie::PendingSignIn.read(&parts.headers, reached.is_secure).unwrap_or_else(random);
        let from = Departed { browser: &browser, address: reached.address, next: &departing.next };
        let address = begin(&slipway, provider, from, connecting.as_ref()).await?;
        Ok::<_, AppError>((address, browser))
    };
    match begun.await {
        Ok((address, browser)) => {
            let kept = Cookie::PendingSignIn.write(&browser, sign_in::PENDING_WAITS, reached.is_secure);
            (AppendHeaders([(header::SET_COOKIE, kept)]), onwards(&provider.settings.name, &address)).into_response()
        }
        Err(error) => {
            let answer =
                async move { form::answer(Form::new(&form, &page), &[], Err::<String, _>(error), |page| page).await };
            finished(&slipway, parts, answer).await
        }
    }
}

/// `GET /sign-in/{provider}/callback`: where a provider sends the browser back to.
pub async fn arrive(
    State(slipway): State<Slipway>,
    Extension(visitor): Extension<Visitor>,
    Extension(reached): Extension<Reached>,
    Path(key): Path<String>,
    Query(returning): Query<Returning>,
    request: Request<Body>,
) -> Response {
    let (mut parts, _) = request.into_parts();
    if slipway.providers.get(&key).is_none() {
        return refusal::response(&parts.headers, &unknown());
    }
    let browser = Cookie::PendingSignIn.read(&parts.headers, reached.is_secure).unwrap_or_default();
    // Whatever page of the provider the browser comes from, it does not go back there.
    parts.headers.remove(header::REFERER);
    parts.headers.insert(header::ACCEPT, HeaderValue::from_static("text/html"));
    let host = slipway.clone();
    // Boxed: what is needed to ask a provider is large.
    let answer = Box::pin(async move {
        let arrived = finish(&host, &key, &returning, &browser, visitor).await;
        let (form, page) = match &arrived {
            Err((_, true)) => (connect_form(&key), CONNECTING),
            _ => (SIGN_IN.to_owned(), "/sign-in"),
        };
        let result = match arrived {
            Ok(Arrival { person, next, method }) => {
                context::open_session(&person, &method).await.map(|()| onward(&next))
            }
            Err((error, _)) => Err(error),
        };
        form::answer(Form::new(&form, page), &[], result, |next| next).await
    });
    Box::pin(finished(&slipway, parts, answer)).await
}

/// Somebody who came back.
struct Arrival {
    person: Person,
    next: String,
    method: String,
}

/// Why somebody who came back is not signed in, and whether they were connecting their account.
type NotArrived = (AppError, bool);

async fn finish(
    slipway: &Slipway,
    key: &str,
    returning: &Returning,
    browser: &str,
    visitor: Visitor,
) -> Result<Arrival, NotArrived> {
    let provider = slipway.providers.get(key).ok_or_else(|| (AppError(unknown()), false))?;
    let name = &provider.settings.name;
    let state = returning.state.as_deref().unwrap_or_default();
    let pending = sign_in::finish(&slipway.host, key, state, browser).await.map_err(|error| (error.into(), false))?;
    let Some(pending) = pending else {
        tracing::info!(provider = key, "somebody came back from a provider who was not expected");
        let problem = Problem::Refused(format!(
            "This sign-in with {name} was finished before, took longer than ten minutes, or was begun in another browser. \
             Sign in again."
        ));
        return Err((problem.into(), false));
    };
    let connecting = pending.person.is_some();
    let refused = |error: OpenIdError| {
        tracing::warn!(provider = key, %error, "somebody could not sign in with a provider");
        (AppError(error.problem(name)), connecting)
    };
    // The answer of one provider handed to another (RFC 9207).
    if returning.iss.as_ref().is_some_and(|issuer| *issuer != provider.settings.issuer) {
        return Err(refused(OpenIdError::Refused("the answer is of another issuer".to_owned())));
    }
    let Some(code) = returning.code.clone().filter(|_| returning.error.is_none()) else {
        let error = returning.error.as_deref().unwrap_or("no code");
        let error: String = error.chars().filter(char::is_ascii_graphic).take(100).collect();
        tracing::info!(provider = key, error, "a provider did not sign somebody in");
        return Err((Problem::Refused(format!("{name} did not sign you in.")).into(), connecting));
    };
    // Whoever connects an account is still who began.
    if connecting && pending.person != visitor.caller.as_ref().map(|caller| caller.user) {
        return Err((Problem::SignInRequired.into(), connecting));
    }
    let identity = provider.arrive(code, &pending).await.map_err(refused)?;
    let origin: &Origin = &visitor.origin;
    let person = sign_in::with_provider(&slipway.host, origin, &identity, pending.person)
        .await
        .map_err(|error| (error.into(), connecting))?;
    Ok(Arrival { person, next: pending.next, method: name.clone() })
}

async fn confirmed(
    slipway: &Slipway,
    caller: Option<Caller>,
    password: Option<&str>,
) -> Result<Option<Caller>, AppError> {
    match (password, caller) {
        (None, _) => Ok(None),
        (Some(_), None) => Err(AppError(Problem::SignInRequired)),
        (Some(password), Some(caller)) => {
            sign_in::confirm_themselves(&slipway.host, &caller, password).await?;
            Ok(Some(caller))
        }
    }
}

/// Where somebody goes to a provider from.
struct Departed<'a> {
    /// What the browser keeps.
    browser: &'a str,
    /// Network address.
    address: Option<IpAddr>,
    /// Address to go on to.
    next: &'a str,
}

/// Keeps the sign-in, and gives the address of the provider.
async fn begin(
    slipway: &Slipway,
    provider: &Provider,
    from: Departed<'_>,
    connecting: Option<&Caller>,
) -> Result<String, AppError> {
    let departure = provider.depart().await.map_err(|error| {
        tracing::warn!(provider = provider.settings.key, %error, "a provider cannot be gone to");
        AppError(error.problem(&provider.settings.name))
    })?;
    let pending = NewPending {
        state: &departure.state,
        browser: from.browser,
        provider: &provider.settings.key,
        nonce: &departure.nonce,
        verifier: &departure.verifier,
        next: from.next,
        person: connecting.map(|caller| caller.user),
        address: from.address,
    };
    sign_in::begin(&slipway.host, pending).await?;
    Ok(departure.address.into())
}

/// A page that leads on to the provider at once. Not a redirect: browsers do not let a form be redirected to where the
/// content security policy would not let it be posted.
fn onwards(name: &str, address: &str) -> Response {
    let escaped =
        |text: &str| text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;");
    let (name, link) = (escaped(name), escaped(address));
    let page = Html(format!(
        "<!DOCTYPE html><html lang=\"en\"><head><meta charset=\"utf-8\"><meta name=\"viewport\" content=\"width=device-width\">\
         <title>Sign in - Slipway</title></head><body><main><h1>Sign in with {name}</h1>\
         <p><a href=\"{link}\">Go on to {name}</a></p></main></body></html>"
    ));
    let mut response = page.into_response();
    if let Ok(refresh) = HeaderValue::from_str(&format!("0; url={address}")) {
        response.headers_mut().insert(HeaderName::from_static("refresh"), refresh);
    }
    response
}

async fn finished(
    slipway: &Slipway,
    parts: Parts,
    answer: impl Future<Output = Result<(), AppError>> + Send + 'static,
) -> Response {
    let headers: HeaderMap = parts.headers.clone();
    let (done, options) = pages::as_server_function(slipway, parts, answer).await;
    match done {
        Ok(()) => pages::with_options(&options),
        Err(error) => refusal::response(&headers, &error.0),
    }
}

fn unknown() -> Problem {
    Problem::NotFound("There is no such provider to sign in with.".to_owned())
}

fn random() -> String {
    let mut bytes = [0; BYTES];
    rand::rng().fill_bytes(&mut bytes);
    hex::encode(bytes)
}
