//! A built-in environment with its Web API, asked without a network.

use axum::{Router, body::Body};
use base64::{Engine, engine::general_purpose::STANDARD};
use environment::{
    Environment, Environments, PackageStore, RandomIds, SystemClock,
    builtin::{BuiltIn, NewApplicationUser},
};
use http::{HeaderMap, Method, Request, StatusCode};
use model::id::EnvironmentId;
use sea_orm::DatabaseConnection;
use serde_json::{Value, json};
use std::{
    sync::Arc,
    time::{Duration, Instant},
};
use tower::ServiceExt;
use uuid::Uuid;
use web_api::{Limits, WebApi};

pub struct Bed {
    pub built_in: BuiltIn,
    pub id: EnvironmentId,
    pub application: NewApplicationUser,
    pub token: String,
    router: Router,
    _folder: tempfile::TempDir,
}

pub struct Reply {
    pub status: StatusCode,
    pub headers: HeaderMap,
    pub text: String,
}

impl Reply {
    pub fn json(&self) -> Value {
        serde_json::from_str(&self.text).unwrap_or_else(|error| panic!("{error}: {}", self.text))
    }

    pub fn code(&self) -> String {
        self.json()["error"]["code"].as_str().unwrap_or_default().to_owned()
    }
}

impl Bed {
    pub async fn new(database: DatabaseConnection) -> Self {
        Self::with(database, Limits::default(), 0).await
    }

    pub async fn with(database: DatabaseConnection, limits: Limits, import_pace: u32) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let packages = PackageStore::open(folder.path(), 20 << 20).unwrap();
        let built_in = BuiltIn::new(database, packages.clone(), Arc::new(SystemClock), Arc::new(RandomIds));
        let id = EnvironmentId(Uuid::new_v4());
        built_in.create(id, "Contoso Test", import_pace).await.unwrap();
        let application = built_in.add_application_user(id, "Tests").await.unwrap();
        let token = built_in.issue_token(application.id, &application.secret).await.unwrap().unwrap();
        let api =
            WebApi::new(built_in.clone(), packages, Arc::new(built_in.clone()), Arc::new(SystemClock), limits, None);
        Self { built_in, id, application, token, router: web_api::routes(api), _folder: folder }
    }

    /// Serves the Web API on a port of this machine, and gives its address.
    pub async fn serve(&self) -> String {
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let router = self.router.clone();
        tokio::spawn(async move { axum::serve(listener, router).await.unwrap() });
        url
    }

    pub async fn environment(&self) -> Arc<dyn Environment> {
        self.built_in.open(self.id).await.unwrap()
    }

    /// Sends a request to an address as it is.
    pub async fn send(&self, method: Method, address: &str, headers: &[(&str, &str)], body: impl Into<Body>) -> Reply {
        let mut request = Request::builder().method(method).uri(address).header("host", "api.test");
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        let response = self.router.clone().oneshot(request.body(body.into()).unwrap()).await.unwrap();
        let (head, body) = response.into_parts();
        let body = axum::body::to_bytes(body, usize::MAX).await.unwrap();
        Reply { status: head.status, headers: head.headers, text: String::from_utf8_lossy(&body).into_owned() }
    }

    /// Sends a request below the service, as the application.
    pub async fn call(&self, method: Method, path: &str, headers: &[(&str, &str)], body: Option<&Value>) -> Reply {
        let bearer = format!("Bearer {}", self.token);
        let mut all = vec![("authorization", bearer.as_str()), ("accept", "application/json")];
        all.extend_from_slice(headers);
        let address = format!("/environments/{}/api/data/v9.2/{path}", self.id);
        let body = body.map_or_else(Body::empty, |body| Body::from(body.to_string()));
        self.send(method, &address, &all, body).await
    }

    pub async fn get(&self, path: &str) -> Reply {
        self.call(Method::GET, path, &[], None).await
    }

    pub async fn post(&self, path: &str, body: &Value) -> Reply {
        self.call(Method::POST, path, &[], Some(body)).await
    }

    /// Posts, expects success, and gives the answer.
    pub async fn done(&self, path: &str, body: &Value) -> Value {
        let reply = self.post(path, body).await;
        assert!(reply.status.is_success(), "{path}: {} {}", reply.status, reply.text);
        if reply.text.is_empty() { Value::Null } else { reply.json() }
    }

    /// The records of a query.
    pub async fn rows(&self, path: &str) -> Vec<Value> {
        let reply = self.get(path).await;
        assert_eq!(reply.status, StatusCode::OK, "{path}: {}", reply.text);
        reply.json()["value"].as_array().cloned().unwrap_or_else(|| panic!("no value: {}", reply.text))
    }

    /// Imports a package as it is and waits for the end of its operation.
    pub async fn import(&self, message: &str, package: &[u8], more: &Value) -> Value {
        let mut body = json!({
            "OverwriteUnmanagedCustomizations": false, "PublishWorkflows": true,
            "CustomizationFile": STANDARD.encode(package),
        });
        for (name, value) in more.as_object().unwrap() {
            body[name] = value.clone();
        }
        let answer = self.done(message, &body).await;
        self.ended(answer["AsyncOperationId"].as_str().unwrap()).await
    }

    pub async fn ended(&self, operation: &str) -> Value {
        let deadline = Instant::now() + Duration::from_mins(1);
        loop {
            let found = self.get(&format!("asyncoperations({operation})")).await.json();
            if found["statecode"] == 3 {
                return found;
            }
            assert!(Instant::now() < deadline, "{found}");
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    }
}
