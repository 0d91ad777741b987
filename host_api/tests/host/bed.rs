//! Contoso behind its Web API, asked without a network.

use crate::scene::Scene;
use axum::{Extension, Router, body::Body};
use host_api::HostApi;
use http::{HeaderMap, Method, Request, StatusCode};
use model::token::Scope;
use sea_orm::DatabaseConnection;
use serde_json::{Value, json};
use slipway_pipelines::{
    Caller, Origin,
    secret::ExposeSecret,
    token::{self, NewToken},
};
use std::time::{Duration, Instant};
use tower::ServiceExt;
use web_api::Limits;

pub struct Bed {
    pub scene: Scene,
    /// The token of the maker.
    pub maker: String,
    /// The token of the administrator.
    pub administrator: String,
    router: Router,
}

pub struct Reply {
    pub status: StatusCode,
    pub headers: HeaderMap,
    pub text: String,
}

impl Reply {
    pub fn json(&self) -> Value {
        serde_json::from_str(&self.text).unwrap_or_else(|error| panic!("{error}: {} {}", self.status, self.text))
    }

    pub fn code(&self) -> String {
        self.json()["error"]["code"].as_str().unwrap_or_default().to_owned()
    }

    pub fn message(&self) -> String {
        self.json()["error"]["message"].as_str().unwrap_or_default().to_owned()
    }

    /// The id of what was created, as scripts take it out of the header.
    pub fn id(&self) -> String {
        assert_eq!(self.status, StatusCode::NO_CONTENT, "{}", self.text);
        let address = self.headers["odata-entityid"].to_str().unwrap();
        address.split(['(', ')']).nth(1).unwrap().to_owned()
    }
}

impl Bed {
    pub async fn new(database: DatabaseConnection) -> Self {
        Self::of(Scene::new(database).await).await
    }

    pub async fn of(scene: Scene) -> Self {
        let maker = token(&scene, &scene.maker, &scene.test.users_password, &[Scope::Deploy]).await;
        let administrator = token(
            &scene,
            &scene.administrator,
            &scene.test.administrators_password,
            &[Scope::Administer, Scope::Deploy],
        )
        .await;
        let api = HostApi::new(scene.host.clone(), Limits::default(), Some("https://host.test".to_owned()));
        let router = host_api::routes(api).layer(Extension(Origin::system()));
        Self { scene, maker, administrator, router }
    }

    /// Serves the Web API on a port of this machine, and gives its address.
    pub async fn serve(&self) -> String {
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let router = self.router.clone();
        tokio::spawn(async move { axum::serve(listener, router).await.unwrap() });
        url
    }

    pub async fn send(
        &self,
        token: &str,
        method: Method,
        path: &str,
        headers: &[(&str, &str)],
        body: impl Into<Body>,
    ) -> Reply {
        let mut request = Request::builder().method(method).uri(format!("/api/data/{path}"));
        if !token.is_empty() {
            request = request.header("authorization", format!("Bearer {token}"));
        }
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        let response = self.router.clone().oneshot(request.body(body.into()).unwrap()).await.unwrap();
        let (head, body) = response.into_parts();
        let body = axum::body::to_bytes(body, usize::MAX).await.unwrap();
        Reply { status: head.status, headers: head.headers, text: String::from_utf8_lossy(&body).into_owned() }
    }

    /// Asks as the maker.
    pub async fn get(&self, path: &str) -> Reply {
        self.send(&self.maker, Method::GET, &format!("v9.2/{path}"), &[], "").await
    }

    /// The records of a query, as the maker sees them.
    pub async fn rows(&self, path: &str) -> Vec<Value> {
        let reply = self.get(path).await;
        assert_eq!(reply.status, StatusCode::OK, "{path}: {}", reply.text);
        reply.json()["value"].as_array().cloned().unwrap()
    }

    /// Sends a body as somebody.
    pub async fn ask(&self, token: &str, method: Method, path: &str, body: &Value) -> Reply {
        self.send(token, method, &format!("v9.0/{path}"), &[("content-type", "application/json")], body.to_string())
            .await
    }

    /// Posts as the maker.
    pub async fn post(&self, path: &str, body: &Value) -> Reply {
        self.ask(&self.maker, Method::POST, path, body).await
    }

    /// Changes as the maker.
    pub async fn patch(&self, path: &str, body: &Value) -> Reply {
        self.ask(&self.maker, Method::PATCH, path, body).await
    }

    /// Posts an action as the maker, and expects what the platform answers.
    pub async fn done(&self, action: &str, body: &Value) {
        let reply = self.post(action, body).await;
        assert_eq!(reply.status, StatusCode::NO_CONTENT, "{action}: {}", reply.text);
    }

    /// What a script posts to ask for a run of *Expenses*.
    pub fn run_body(&self, stage: impl std::fmt::Display) -> Value {
        json!({
            "deploymentstageid@odata.bind": format!("/deploymentstages({stage})"),
            "devdeploymentenvironment@odata.bind": format!("/deploymentenvironments({})", self.scene.contoso.development.id),
            "artifactname": "Expenses", "solutionid": "5f7c1f2e-9d3c-4a53-8f34-111111111111",
            "makerainoteslanguagecode": "en-US",
        })
    }

    /// Asks for a run of *Expenses* and waits for its pre-flight, as scripts do.
    pub async fn validated(&self, stage: impl std::fmt::Display) -> String {
        let reply = self.post("deploymentstageruns?$select=deploymentstagerunid", &self.run_body(stage)).await;
        assert_eq!(reply.status, StatusCode::CREATED, "{}", reply.text);
        let id = reply.json()["deploymentstagerunid"].as_str().unwrap().to_owned();
        self.done("ValidatePackageAsync", &json!({"StageRunId": id})).await;
        self.until(&id, 200_000_007).await;
        id
    }

    /// Polls a run until it stands somewhere.
    pub async fn until(&self, id: &str, status: i64) -> Value {
        let deadline = Instant::now() + Duration::from_secs(30);
        loop {
            let run = self.get(&format!("deploymentstageruns({id})")).await.json();
            if run["stagerunstatus"] == status {
                return run;
            }
            let ended = [200_000_002, 200_000_003, 200_000_004].iter().any(|end| run["stagerunstatus"] == *end);
            assert!(!ended && Instant::now() < deadline, "{run}");
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    }
}

pub async fn token(scene: &Scene, caller: &Caller, password: &str, scopes: &[Scope]) -> String {
    let new = NewToken { name: "Script".to_owned(), scopes: scopes.to_vec(), days: Some(30) };
    let (_, token) = token::create(&scene.host, caller, &new, password).await.unwrap();
    token.expose_secret().to_owned()
}
