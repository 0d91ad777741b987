//! Forms: plain HTML, posted to a server function, answered by a redirect.
//!
//! A server function that changes something is a few lines. It never fails towards the browser: [`answer`] sends the
//! person on when it was done, and back to the form, with everything that was entered, when it was not.
//!
//! ```ignore
//! #[server]
//! pub async fn create_pipeline(
//!     #[server(default)] name: String,
//!     #[server(default)] description: String,
//! ) -> Result<(), AppError> {
//!     let result = async {
//!         let caller = context::caller()?;
//!         let new = NewPipeline { name: name.clone(), description: description.clone(), owner: caller.user };
//!         let id = pipeline::create(&context::host(), &caller, &new).await?;
//!         form::notify("The pipeline was created.").await?;
//!         Ok::<_, AppError>(id)
//!     }
//!     .await;
//!     let entered = [("name", name.as_str()), ("description", description.as_str())];
//!     let form = Form::new("pipeline", "/configuration/pipelines/new");
//!     form::answer(form, &entered, result, |id| format!("/configuration/pipelines/{id}")).await
//! }
//! ```
//!
//! On the page, the returned form fills the fields:
//!
//! ```ignore
//! let entered = form::returned("pipeline").await;
//! view! {
//!     <PostForm name="pipeline" action=CreatePipeline::PATH entered=entered.clone()>
//!         <TextField name="name" label="Name" required=true value=entered.value("name", "") error=entered.error("name")/>
//!         <Button appearance=Appearance::Primary>"Save"</Button>
//!     </PostForm>
//! }
//! ```
//!
//! Passwords and values of secret variables are never among the values handed to [`answer`].

use crate::{context, error::AppError};
use http::{Uri, header};
use leptos::server_fn::error::ServerFnUrlError;
use leptos_router::location::Url;
use model::Problem;
use serde::{Deserialize, Serialize};

const RETURNED: &str = "returned";
const NOTICE: &str = "notice";
/// Forms a session keeps at most; the oldest goes first.
const MOST_FORMS: usize = 4;
/// Bytes of entered values a session keeps at most.
const MOST_BYTES: usize = 96 * 1024;
/// The same for somebody who has not signed in: enough for a name, of no use for filling a disk.
const MOST_BYTES_UNKNOWN: usize = 4 * 1024;

/// A form by its name, and the page it stands on in case the browser does not say.
#[derive(Clone, Copy, Debug)]
pub struct Form<'a> {
    name: &'a str,
    page: &'a str,
}

impl<'a> Form<'a> {
    /// A form of a page.
    pub fn new(name: &'a str, page: &'a str) -> Self {
        Self { name, page }
    }
}

impl<'a> From<&'a str> for Form<'a> {
    fn from(name: &'a str) -> Self {
        Self::new(name, "/")
    }
}

/// A form that was not accepted, as the session keeps it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
struct Kept {
    id: u32,
    form: String,
    values: Vec<(String, String)>,
    problem: Problem,
}

impl Kept {
    fn bytes(&self) -> usize {
        self.values.iter().map(|(name, value)| name.len() + value.len()).sum()
    }
}

/// What was entered into a form that was not accepted, and why it was not. Empty for a form nobody has posted yet.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Returned(Option<Kept>);

impl Returned {
    /// Whether the form was posted and came back.
    pub fn is_returned(&self) -> bool {
        self.0.is_some()
    }

    /// What was entered into a field, or else `otherwise`.
    pub fn value(&self, field: &str, otherwise: &str) -> String {
        self.entered(field).unwrap_or(otherwise).to_owned()
    }

    /// What was entered into a field; none when the form was not posted or had no such field.
    pub fn entered(&self, field: &str) -> Option<&str> {
        self.0.as_ref()?.values.iter().find(|(name, _)| name == field).map(|(_, value)| value.as_str())
    }

    /// Whether a checkbox is to be ticked: a ticked one is posted, the others are not.
    pub fn checked(&self, field: &str, otherwise: bool) -> bool {
        if self.is_returned() { self.entered(field).is_some_and(|value| !value.is_empty()) } else { otherwise }
    }

    /// What is wrong with a field.
    pub fn error(&self, field: &str) -> Option<String> {
        self.0.as_ref()?.problem.field(field).map(str::to_owned)
    }

    /// Why the form was not accepted.
    pub fn problem(&self) -> Option<&Problem> {
        self.0.as_ref().map(|kept| &kept.problem)
    }
}

/// Answers a posted form. Done: the browser goes on to the address that `then` gives. Not done: what was entered is
/// kept and the browser goes back to the form. Somebody whose session ended signs in on the way. A caller that does
/// not want a page gets the error itself, with its status.
pub async fn answer<'a, T, E: Into<AppError>>(
    form: impl Into<Form<'a>>,
    entered: &[(&str, &str)],
    result: Result<T, E>,
    then: impl FnOnce(T) -> String,
) -> Result<(), AppError> {
    let form = form.into();
    let error = match result {
        Ok(done) => {
            forget(form.name).await;
            context::redirect(&then(done));
            return Ok(());
        }
        Err(error) => error.into(),
    };
    if !context::wants_html() {
        return Err(error);
    }
    let sign_in = error.0 == Problem::SignInRequired;
    let id = keep(form.name, entered, error.0).await?;
    let referer = context::header(header::REFERER);
    let host = context::header(header::HOST);
    let page = return_address(referer.as_deref(), host.as_deref(), form.page, id);
    context::redirect(&if sign_in { sign_in_address(&page) } else { page });
    Ok(())
}

/// What was entered into a form that came back to this page.
pub async fn returned(form: &str) -> Returned {
    let Some(id) = returned_id(&context::address()) else { return Returned::default() };
    let kept = all().await.into_iter().find(|kept| kept.id == id && kept.form == form);
    Returned(kept)
}

/// Has the next page say something once: `The pipeline was saved.`
pub async fn notify(text: &str) -> Result<(), AppError> {
    Ok(context::session()?.insert(NOTICE, text).await?)
}

/// What is to be said once. Asking takes it away.
pub async fn notice() -> Option<String> {
    let session = context::session().ok()?;
    session.id()?;
    session.get::<String>(NOTICE).await.ok()??;
    session.remove::<String>(NOTICE).await.ok()?
}

/// Why a server function that failed without answering its form did so. The library puts the error into the address,
/// where anybody could write one, so only its kind is believed.
pub fn failure() -> Option<&'static str> {
    let error = crate::page::query("__err")?;
    Some(match ServerFnUrlError::<AppError>::decode_err(&error).0 {
        Problem::SignInRequired => "That was not done, because you were signed out. Do it again.",
        Problem::Forbidden(_) => "That was not done: you may not do it.",
        Problem::NotFound(_) => "That was not done: what it was about does not exist any more, or you may not see it.",
        Problem::Changed(_) => "That was not done: somebody else changed it in the meantime. Look at it again.",
        Problem::Unavailable(_) => "That was not done: something outside of Slipway did not answer. Try again later.",
        Problem::Invalid(_) | Problem::Refused(_) | Problem::Internal(_) => {
            "That was not done. Look at the page and try again."
        }
    })
}

/// The sign-in page that leads on to an address.
pub fn sign_in_address(next: &str) -> String {
    if next == "/" { "/sign-in".to_owned() } else { format!("/sign-in?next={}", Url::escape(next)) }
}

async fn all() -> Vec<Kept> {
    let Ok(session) = context::session() else { return Vec::new() };
    session.get(RETURNED).await.ok().flatten().unwrap_or_default()
}

async fn keep(form: &str, entered: &[(&str, &str)], problem: Problem) -> Result<u32, AppError> {
    let values = entered.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
    let limit = if context::visitor().caller.is_some() { MOST_BYTES } else { MOST_BYTES_UNKNOWN };
    let (kept, id) = with(all().await, form.to_owned(), values, problem, limit);
    context::session()?.insert(RETURNED, kept).await?;
    Ok(id)
}

async fn forget(form: &str) {
    let mut kept = all().await;
    let before = kept.len();
    kept.retain(|kept| kept.form != form);
    if kept.len() != before
        && let Ok(session) = context::session()
        && let Err(error) = session.insert(RETURNED, kept).await
    {
        tracing::warn!(%error, "a form that was accepted could not be taken out of the session");
    }
}

/// The kept forms with one more, and its number. Older ones make room; values that are too long by themselves are
/// not kept, the problem is.
fn with(
    mut kept: Vec<Kept>,
    form: String,
    values: Vec<(String, String)>,
    problem: Problem,
    limit: usize,
) -> (Vec<Kept>, u32) {
    let id = kept.iter().map(|kept| kept.id).max().unwrap_or(0).wrapping_add(1);
    let mut newest = Kept { id, form, values, problem };
    if newest.bytes() > limit {
        newest.values.clear();
    }
    kept.push(newest);
    while kept.len() > MOST_FORMS || kept.iter().map(Kept::bytes).sum::<usize>() > limit {
        kept.remove(0);
    }
    (kept, id)
}

/// The page a form came from, with the number under which its values are kept. The browser's word is taken only for
/// a page of the same site.
fn return_address(referer: Option<&str>, host: Option<&str>, page: &str, id: u32) -> String {
    let referer = referer.and_then(|referer| referer.parse::<Uri>().ok()).filter(|uri| {
        uri.authority().is_some_and(|authority| host.is_some_and(|host| host.eq_ignore_ascii_case(authority.as_str())))
    });
    let address = referer.as_ref().and_then(Uri::path_and_query).map_or(page, |path| path.as_str());
    let address = context::local_address(address).unwrap_or("/");
    let (path, query) = address.split_once('?').unwrap_or((address, ""));
    let id = format!("{RETURNED}={id}");
    let fields = query.split('&').filter(|field| !field.is_empty() && !is_returned_field(field)).chain([id.as_str()]);
    format!("{path}?{}", fields.collect::<Vec<_>>().join("&"))
}

fn returned_id(address: &str) -> Option<u32> {
    let (_, query) = address.split_once('?')?;
    let field = query.split('&').find(|field| is_returned_field(field))?;
    field.split_once('=')?.1.parse().ok()
}

fn is_returned_field(field: &str) -> bool {
    field.split_once('=').is_some_and(|(name, _)| name == RETURNED)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing, reason = "tests")]

    use super::*;
    use model::FieldProblem;

    fn values(value: &str) -> Vec<(String, String)> {
        vec![("name".to_owned(), value.to_owned())]
    }

    fn refused() -> Problem {
        Problem::Refused("Not now.".to_owned())
    }

    #[test]
    fn a_form_goes_back_to_the_page_it_came_from_and_only_there() {
        let host = Some("slipway.example:3000");
        for (referer, expected) in [
            (Some("http://slipway.example:3000/a/b?x=1&y=2"), "/a/b?x=1&y=2&returned=7"),
            (Some("http://SLIPWAY.example:3000/a?returned=3&x=1"), "/a?x=1&returned=7"),
            (Some("http://evil.example/a"), "/page?tab=1&returned=7"),
            (Some("http://slipway.example:3000//evil.example"), "/?returned=7"),
            (Some("nonsense"), "/page?tab=1&returned=7"),
            (None, "/page?tab=1&returned=7"),
        ] {
            assert_eq!(return_address(referer, host, "/page?tab=1", 7), expected, "{referer:?}");
        }
        assert_eq!(return_address(Some("http://a/x"), None, "https://evil.example/", 1), "/?returned=1");
    }

    #[test]
    fn the_number_in_the_address_is_read_back() {
        assert_eq!(returned_id("/a?x=1&returned=7"), Some(7));
        assert_eq!(returned_id("/a?returned=x"), None);
        assert_eq!(returned_id("/a?unreturned=7"), None);
        assert_eq!(returned_id("/a"), None);
    }

    #[test]
    fn the_newest_forms_are_kept_under_numbers_of_their_own() {
        let mut kept = Vec::new();
        for number in 1..=6 {
            let id;
            (kept, id) = with(kept, "form".to_owned(), values("x"), refused(), 100);
            assert_eq!(id, number);
        }
        assert_eq!(kept.iter().map(|kept| kept.id).collect::<Vec<_>>(), [3, 4, 5, 6]);
    }

    #[test]
    fn long_values_make_room_for_themselves_but_never_grow_without_limit() {
        let (kept, _) = with(Vec::new(), "first".to_owned(), values(&"x".repeat(60)), refused(), 100);
        let (kept, _) = with(kept, "second".to_owned(), values(&"y".repeat(60)), refused(), 100);
        assert_eq!(kept.iter().map(|kept| kept.form.as_str()).collect::<Vec<_>>(), ["second"]);

        let (kept, id) = with(kept, "third".to_owned(), values(&"z".repeat(1000)), refused(), 100);
        let third = Returned(kept.into_iter().find(|kept| kept.id == id));
        assert_eq!(third.entered("name"), None);
        assert_eq!(third.problem(), Some(&refused()));
    }

    #[test]
    fn a_returned_form_tells_values_and_errors_field_by_field() {
        let problem = Problem::Invalid(vec![FieldProblem::new("name", "Enter a name.")]);
        let (kept, _) = with(Vec::new(), "form".to_owned(), values("typed"), problem, 100);
        let returned = Returned(kept.into_iter().next());
        assert_eq!(returned.value("name", "stored"), "typed");
        assert_eq!(returned.error("name").as_deref(), Some("Enter a name."));
        assert_eq!(returned.value("other", "stored"), "stored");
        assert!(!returned.checked("ticked", true), "a box that was not posted was unticked");
        assert!(Returned::default().checked("ticked", true));
        assert_eq!(Returned::default().value("name", "stored"), "stored");
    }

    #[test]
    fn the_sign_in_page_leads_back() {
        assert_eq!(sign_in_address("/"), "/sign-in");
        assert_eq!(sign_in_address("/runs/1?a=b&c=d"), "/sign-in?next=%2Fruns%2F1%3Fa%3Db%26c%3Dd");
    }
}
