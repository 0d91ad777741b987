//! A whole Slipway in a test: the real router over a real database, and browsers that remember their cookies.

use app::{
    context::{SIGNED_IN, SignedIn},
    cookie::Cookie,
};
use axum::{
    Router,
    body::{Body, Bytes},
    extract::ConnectInfo,
};
use environment::{Clock, Ids, PackageStore, builtin::BuiltIn, clock::SetClock, ids::RandomIds};
use http::{HeaderMap, HeaderName, Method, Request, StatusCode, header};
use model::{
    Timestamp,
    user::{Person, Roles},
};
use pipelines::{Caller, Host, user};
use sea_orm::DatabaseConnection;
use slipway_server::{
    configuration::Configuration, router::router, session_store::DatabaseSessions, site::Site, slipway::Slipway,
};
use std::{
    borrow::Cow,
    collections::BTreeMap,
    net::{IpAddr, SocketAddr},
    sync::Arc,
};
use tokio_util::sync::CancellationToken;
use tower::ServiceExt;
use tower_sessions::Session;

/// What browsers call the site.
pub const HOST: &str = "slipway.test";

/// The clock of every test begins here.
pub const MORNING: Timestamp = Timestamp(1_761_328_000_000);

/// A password a person may choose.
pub const PASSWORD: &str = "correct horse battery staple";

/// A running Slipway.
pub struct Bed {
    pub slipway: Slipway,
    pub clock: Arc<SetClock>,
    router: Router,
    folder: tempfile::TempDir,
}

impl Bed {
    /// Over a fresh database, with default settings.
    pub fn new(database: DatabaseConnection) -> Self {
        Self::with(database, &[])
    }

    /// With some settings, as environment variables.
    pub fn with(database: DatabaseConnection, variables: &[(&str, &str)]) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let data = folder.path().display().to_string();
        let configuration = Configuration::from_sources(None, &|name| match name {
            "SLIPWAY_DATA" => Some(data.clone()),
            name => variables.iter().find(|(key, _)| *key == name).map(|(_, value)| (*value).to_owned()),
        })
        .unwrap();
        let packages = PackageStore::open(configuration.packages(), configuration.max_upload).unwrap();
        let clock = Arc::new(SetClock::at(MORNING));
        let ids: Arc<dyn Ids> = Arc::new(RandomIds);
        let time: Arc<dyn Clock> = clock.clone();
        let built_in = BuiltIn::new(database.clone(), packages.clone(), time.clone(), ids.clone());
        let host = Host::new(database.clone(), packages, built_in.clone(), Arc::new(built_in), time, ids.clone())
            .with_outgoing(configuration.outgoing());
        let site = Site::of([
            ("pkg/slipway.js".to_owned(), Cow::Borrowed(b"export default 1".as_slice())),
            ("icons.svg".to_owned(), Cow::Borrowed(b"<svg xmlns=\"http://www.w3.org/2000/svg\"/>".as_slice())),
        ]);
        let slipway = Slipway::new(&configuration, host, database, site, ids, CancellationToken::new());
        let router = router(&slipway).unwrap();
        Self { slipway, clock, router, folder }
    }

    /// How many files there are in the folders of packages.
    pub fn stored_files(&self) -> usize {
        let mut folders = vec![self.folder.path().join("packages")];
        let mut files = 0;
        while let Some(folder) = folders.pop() {
            for entry in std::fs::read_dir(folder).unwrap() {
                let path = entry.unwrap().path();
                if path.is_dir() { folders.push(path) } else { files += 1 }
            }
        }
        files
    }

    pub fn host(&self) -> &Host {
        &self.slipway.host
    }

    /// A browser nobody has used yet.
    pub fn browser(&self) -> Browser {
        Browser { router: self.router.clone(), cookies: BTreeMap::new(), peer: None }
    }

    /// A browser nobody has used yet, at a network address.
    pub fn browser_at(&self, address: &str) -> Browser {
        Browser { peer: Some(address.parse().unwrap()), ..self.browser() }
    }

    /// An account with a one-time password.
    pub async fn newcomer(&self, name: &str, role: Roles) -> (Person, String) {
        let (person, password) = user::create_first(self.host(), name, name, role).await.unwrap();
        (person, password.to_string())
    }

    /// An account whose person has chosen [`PASSWORD`].
    pub async fn person(&self, name: &str, role: Roles) -> Caller {
        let (person, password) = self.newcomer(name, role).await;
        let (caller, _) = user::visitor(self.host(), person.id).await.unwrap().unwrap();
        user::change_password(self.host(), &caller, &password, PASSWORD).await.unwrap();
        caller
    }

    /// A browser in which a person has signed in, without the time that checking a password takes.
    pub async fn signed_in(&self, caller: &Caller) -> Browser {
        let Slipway { session_idle, session_longest, is_secure, .. } = self.slipway;
        let store = DatabaseSessions::new(self.host().clone(), session_idle, session_longest);
        let session = Session::new(None, Arc::new(store), None);
        let signed_in = SignedIn {
            user: caller.user,
            at: self.clock.now(),
            method: "Password".to_owned(),
            address: String::new(),
            device: "Unknown browser".to_owned(),
            roles: caller.roles,
        };
        session.insert(SIGNED_IN, signed_in).await.unwrap();
        session.save().await.unwrap();
        let mut browser = self.browser();
        browser.cookies.insert(Cookie::Session.name(is_secure).to_owned(), session.id().unwrap().to_string());
        browser
    }
}

/// A browser: it follows nothing by itself, and remembers its cookies.
#[derive(Clone)]
pub struct Browser {
    router: Router,
    pub cookies: BTreeMap<String, String>,
    /// Where its requests come from.
    pub peer: Option<IpAddr>,
}

/// What a browser was answered.
pub struct Answer {
    pub status: StatusCode,
    pub headers: HeaderMap,
    pub body: Bytes,
}

impl Answer {
    pub fn text(&self) -> String {
        String::from_utf8_lossy(&self.body).into_owned()
    }

    pub fn header(&self, name: impl Into<HeaderName>) -> &str {
        self.headers.get(name.into()).map_or("", |value| value.to_str().unwrap())
    }

    /// Where it sends the browser.
    pub fn location(&self) -> &str {
        assert!(self.status.is_redirection(), "{}: {}", self.status, self.text());
        self.header(header::LOCATION)
    }
}

impl Browser {
    /// Follows a link.
    pub async fn get(&mut self, path: &str) -> Answer {
        self.send(Method::GET, path, &[(header::ACCEPT, "text/html")], Body::empty()).await
    }

    /// Posts a form of this site as a browser without scripting does.
    pub async fn post(&mut self, path: &str, fields: &[(&str, &str)]) -> Answer {
        let body = fields
            .iter()
            .map(|(name, value)| format!("{name}={}", slipway_server::address::encoded(value)))
            .collect::<Vec<_>>()
            .join("&");
        let headers = [
            (header::ACCEPT, "text/html"),
            (header::CONTENT_TYPE, "application/x-www-form-urlencoded"),
            (header::ORIGIN, "https://slipway.test"),
            (HeaderName::from_static("sec-fetch-site"), "same-origin"),
        ];
        self.send(Method::POST, path, &headers, Body::from(body)).await
    }

    /// Sends a request and reads the whole answer.
    pub async fn send(&mut self, method: Method, path: &str, headers: &[(HeaderName, &str)], body: Body) -> Answer {
        let response = self.open(method, path, headers, body).await;
        let (parts, body) = response.into_parts();
        let body = axum::body::to_bytes(body, 64 * 1024 * 1024).await.unwrap();
        Answer { status: parts.status, headers: parts.headers, body }
    }

    /// Sends a request and leaves the body of the answer to be read.
    pub async fn open(
        &mut self,
        method: Method,
        path: &str,
        headers: &[(HeaderName, &str)],
        body: Body,
    ) -> http::Response<Body> {
        let mut request = Request::builder().method(method).uri(path).header(header::HOST, HOST);
        for (name, value) in headers {
            request = request.header(name, *value);
        }
        if !self.cookies.is_empty() {
            let cookies = self.cookies.iter().map(|(name, value)| format!("{name}={value}")).collect::<Vec<_>>();
            request = request.header(header::COOKIE, cookies.join("; "));
        }
        if let Some(peer) = self.peer {
            request = request.extension(ConnectInfo(SocketAddr::new(peer, 50_000)));
        }
        let response = self.router.clone().oneshot(request.body(body).unwrap()).await.unwrap();
        for cookie in response.headers().get_all(header::SET_COOKIE) {
            let cookie = cookie.to_str().unwrap();
            let (name, value) = cookie.split(';').next().unwrap().split_once('=').unwrap();
            if value.is_empty() || cookie.contains("Max-Age=0") {
                self.cookies.remove(name);
            } else {
                self.cookies.insert(name.to_owned(), value.to_owned());
            }
        }
        response
    }
}

/// The address a form with this field posts to, as it stands in a page.
pub fn form_action(page: &str, field: &str) -> String {
    page.split("<form")
        .skip(1)
        .map(|form| form.split("</form>").next().unwrap())
        .find(|form| form.contains(&format!("name=\"{field}\"")))
        .and_then(|form| form.split("action=\"").nth(1)?.split('"').next())
        .unwrap_or_else(|| panic!("no form with the field {field} in {page}"))
        .to_owned()
}
