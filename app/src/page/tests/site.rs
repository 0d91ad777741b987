//! A host and its pages, as a browser sees them.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing, reason = "tests")]

use crate::context::Visitor;
use async_trait::async_trait;
use axum::{Router, body::Body};
use environment::{PackageStore, RandomIds, SystemClock, builtin::BuiltIn};
use http::{Request, header};
use leptos::prelude::{LeptosOptions, provide_context};
use leptos_axum::LeptosRoutes;
use leptos_router::location::Url;
use model::user::{Person, Roles};
use pipelines::{Caller, Host, user};
use std::sync::{Arc, Mutex};
use tower::ServiceExt;
use tower_sessions::{
    Session, SessionStore,
    session::{Id, Record},
    session_store,
};

/// The tests share one session in memory, so that nothing has to be stored.
#[derive(Debug)]
struct Nowhere;

#[async_trait]
impl SessionStore for Nowhere {
    async fn save(&self, _record: &Record) -> session_store::Result<()> {
        Ok(())
    }

    async fn load(&self, _id: &Id) -> session_store::Result<Option<Record>> {
        Ok(None)
    }

    async fn delete(&self, _id: &Id) -> session_store::Result<()> {
        Ok(())
    }
}

/// A host and its pages, looked at by one person.
pub(in crate::page) struct Site {
    pub(in crate::page) host: Host,
    router: Router,
    pub(in crate::page) visitor: Arc<Mutex<Visitor>>,
    pub(in crate::page) me: Person,
    _folder: tempfile::TempDir,
}

pub(in crate::page) struct Answer {
    pub(in crate::page) status: u16,
    pub(in crate::page) location: Option<String>,
    pub(in crate::page) body: String,
}

impl Site {
    /// An empty host, looked at by its first administrator.
    pub(in crate::page) async fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let database = testbed::sqlite(folder.path()).await;
        let packages = PackageStore::open(folder.path().join("packages"), 1 << 20).unwrap();
        let (clock, ids) = (Arc::new(SystemClock), Arc::new(RandomIds));
        let built_in = BuiltIn::new(database.clone(), packages.clone(), clock.clone(), ids.clone());
        let host = Host::new(database, packages, built_in.clone(), Arc::new(built_in), clock, ids);
        let (me, _) = user::create_first(&host, "ada", "Ada Lovelace", Roles::ADMINISTRATOR).await.unwrap();
        let me = Person { must_change_password: false, ..me };

        let session = Session::new(None, Arc::new(Nowhere), None);
        session.save().await.unwrap();
        let visitor = Arc::new(Mutex::new(Visitor::default()));
        let contexts = {
            let (host, visitor) = (host.clone(), visitor.clone());
            move || {
                provide_context(host.clone());
                provide_context(session.clone());
                provide_context(visitor.lock().unwrap().clone());
            }
        };
        let options = LeptosOptions::builder().output_name("slipway").build();
        let pages = leptos_axum::generate_route_list(crate::App);
        let router = Router::new()
            .leptos_routes_with_context(&options, pages, contexts, {
                let options = options.clone();
                move || crate::shell(options.clone())
            })
            .with_state(options);
        let site = Self { host, router, visitor, me: me.clone(), _folder: folder };
        site.becomes(me.roles);
        site
    }

    /// The person who looks has these roles from now on.
    pub(in crate::page) fn becomes(&self, roles: Roles) {
        let person = Person { roles, ..self.me.clone() };
        let caller = Caller::new(person.id, person.display_name.clone(), roles);
        *self.visitor.lock().unwrap() = Visitor { caller: Some(caller), person: Some(person), ..Visitor::default() };
    }

    async fn ask(&self, request: Request<Body>) -> Answer {
        let response = self.router.clone().oneshot(request).await.unwrap();
        let status = response.status().as_u16();
        let location = response.headers().get(header::LOCATION).map(|value| value.to_str().unwrap().to_owned());
        let body = axum::body::to_bytes(response.into_body(), 1 << 22).await.unwrap();
        Answer { status, location, body: String::from_utf8(body.to_vec()).unwrap() }
    }

    pub(in crate::page) async fn get(&self, address: &str) -> Answer {
        self.ask(Request::get(address).header(header::ACCEPT, "text/html").body(Body::empty()).unwrap()).await
    }

    /// The text of a page that is there.
    pub(in crate::page) async fn page(&self, address: &str) -> String {
        let answer = self.get(address).await;
        assert_eq!(answer.status, 200, "{address}: {}", answer.body);
        answer.body
    }

    pub(in crate::page) async fn post_as(&self, accept: &str, action: &str, fields: &[(&str, &str)]) -> Answer {
        let fields: Vec<_> = fields.iter().map(|(name, value)| format!("{name}={}", Url::escape(value))).collect();
        let request = Request::post(action)
            .header(header::ACCEPT, accept)
            .header(header::CONTENT_TYPE, "application/x-www-form-urlencoded")
            .body(Body::from(fields.join("&")))
            .unwrap();
        self.ask(request).await
    }

    /// Posts a form as a browser does, and tells where it leads.
    pub(in crate::page) async fn post(&self, action: &str, fields: &[(&str, &str)]) -> String {
        let answer = self.post_as("text/html", action, fields).await;
        assert_eq!(answer.status, 303, "{action}: {}", answer.body);
        answer.location.unwrap()
    }
}

/// The last part of an address.
pub(in crate::page) fn last(address: &str) -> String {
    address.rsplit('/').next().unwrap().to_owned()
}
