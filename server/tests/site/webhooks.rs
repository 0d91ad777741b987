//! Webhooks over real HTTP: what receivers get, where calls do not go, and the pages with which they are configured.

use crate::{
    bed::{Bed, Browser, form_action},
    contoso::until,
};
use axum::{Router, body::Bytes, extract::State, http::HeaderMap, response::IntoResponse, routing::any};
use http::{StatusCode, header};
use model::user::Roles;
use pipelines::{
    secret::Secret,
    webhook::{self, Answer, Call, Sender, reach::Reach},
};
use slipway_server::webhook::HttpSender;
use std::sync::{Arc, Mutex};
use testbed::each_database;
use tokio::net::TcpListener;
use tokio_util::sync::CancellationToken;

/// What receivers got: path, headers, body.
type Got = Arc<Mutex<Vec<(String, HeaderMap, Bytes)>>>;

/// A receiver on loopback: its port, and what it got.
async fn receiver() -> (u16, Got) {
    let got = Got::default();
    let answer = async |State(got): State<Got>, uri: http::Uri, headers: HeaderMap, body: Bytes| {
        got.lock().unwrap().push((uri.path().to_owned(), headers, body));
        match uri.path() {
            "/away" => (StatusCode::FOUND, [(header::LOCATION, "/here")], "look there").into_response(),
            "/long" => "x".repeat(1_000_000).into_response(),
            "/busy" => (StatusCode::SERVICE_UNAVAILABLE, "not now").into_response(),
            _ => "thank you".into_response(),
        }
    };
    let router = Router::new().fallback(any(answer)).with_state(got.clone());
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
    tokio::spawn(async move { axum::serve(listener, router).await });
    (port, got)
}

fn open() -> Reach {
    Reach { http: true, networks: vec!["127.0.0.0/8".parse().unwrap(), "::1/128".parse().unwrap()] }
}

fn call(url: &str) -> Call {
    let headers = vec![("content-type", "application/json".to_owned()), ("webhook-id", "7".to_owned())];
    Call { url: Secret::from(url), headers, body: r#"{"a":1}"#.to_owned() }
}

#[tokio::test]
async fn a_call_is_a_post_whose_answer_is_read_up_to_a_limit_and_never_followed() {
    let (port, got) = receiver().await;
    let sender = HttpSender::new(open()).unwrap();
    let send = async |path: &str| sender.send(&call(&format!("http://127.0.0.1:{port}{path}"))).await;
    let answered = |status, body: &str| Answer::Status { status, body: body.to_owned() };
    assert_eq!(send("/here").await, answered(200, "thank you"));
    assert_eq!(send("/busy").await, answered(503, "not now"));
    assert_eq!(send("/away").await, answered(302, "look there"));
    let Answer::Status { status: 200, body } = send("/long").await else { panic!("no answer") };
    assert_eq!(body.len(), 4096);
    let got = got.lock().unwrap();
    assert_eq!(got.iter().map(|(path, ..)| path.as_str()).collect::<Vec<_>>(), ["/here", "/busy", "/away", "/long"]);
    assert_eq!(got[0].1["content-type"], "application/json");
    assert_eq!((got[0].1["webhook-id"].as_bytes(), &got[0].2[..]), (&b"7"[..], &br#"{"a":1}"#[..]));
}

#[tokio::test]
async fn no_call_leaves_for_an_address_that_is_not_allowed_whatever_its_name() {
    let (port, got) = receiver().await;
    let plain = Reach { http: true, networks: Vec::new() };
    let other = Reach { http: true, networks: vec!["10.0.0.0/8".parse().unwrap()] };
    for reach in [plain, other] {
        let sender = HttpSender::new(reach).unwrap();
        for url in ["http://localhost", "http://127.0.0.1", "http://127.1", "http://[::1]", "http://[::ffff:127.0.0.1]"]
        {
            let answer = sender.send(&call(&format!("{url}:{port}/here"))).await;
            let Answer::None(reason) = answer else { panic!("{url} was called") };
            assert!(reason.contains("is not an address of the internet"), "{url}: {reason}");
        }
    }
    assert!(got.lock().unwrap().is_empty());
    // The same name where the settings let it be called.
    let sender = HttpSender::new(open()).unwrap();
    let answer = sender.send(&call(&format!("http://localhost:{port}/here"))).await;
    assert!(matches!(answer, Answer::Status { status: 200, .. }), "{answer:?}");
    // Without TLS only where the settings say so.
    let strict = HttpSender::new(Reach { http: false, ..open() }).unwrap();
    let answer = strict.send(&call(&format!("http://127.0.0.1:{port}/here"))).await;
    assert!(matches!(answer, Answer::None(_)), "{answer:?}");
    assert_eq!(got.lock().unwrap().len(), 1);
}

#[tokio::test]
async fn why_there_is_no_answer_is_said_without_the_address() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
    drop(listener);
    let sender = HttpSender::new(open()).unwrap();
    let Answer::None(reason) = sender.send(&call(&format!("http://127.0.0.1:{port}/?sig=hidden"))).await else {
        panic!("nobody listens there")
    };
    assert!(reason.starts_with("The receiver cannot be reached:") && !reason.contains("hidden"), "{reason}");
}

async fn post(browser: &mut Browser, page: &str, field: &str, fields: &[(&str, &str)]) -> String {
    let html = browser.get(page).await.text();
    let answer = browser.post(&form_action(&html, field), fields).await;
    answer.location().to_owned()
}

#[tokio::test]
async fn an_administrator_configures_a_webhook_sends_a_test_and_sends_it_again() {
    each_database(|database| async move {
        let (port, got) = receiver().await;
        let settings = [
            ("SLIPWAY_WEBHOOK_HTTP", "true"),
            ("SLIPWAY_WEBHOOK_NETWORKS", "127.0.0.1"),
            ("SLIPWAY_PUBLIC_URL", "https://slipway.test"),
        ];
        let bed = Bed::with(database, &settings);
        let ada = bed.person("ada", Roles::ADMINISTRATOR).await;
        let mut browser = bed.signed_in(&ada).await;
        let url = format!("http://127.0.0.1:{port}/busy");
        let fields = [("name", "Operations"), ("url", &url), ("form", "event"), ("active", "yes")];

        // What is missing is said, and what was entered comes back.
        let back = post(&mut browser, "/configuration/webhooks/new", "url", &fields).await;
        let page = browser.get(&back).await.text();
        assert!(page.contains("Choose at least one event") && page.contains(&url), "{page}");
        let fields = [&fields[..], &[("events[0]", "OnDeploymentCompleted")]].concat();
        let record = post(&mut browser, "/configuration/webhooks/new", "url", &fields).await;
        let first = browser.get(&record).await;
        assert!(first.text().contains("whsec_") && first.header(header::CACHE_CONTROL) == "no-store");
        assert!(!browser.get(&record).await.text().contains("whsec_"), "it is shown once");

        let shutdown = CancellationToken::new();
        let sender = Arc::new(HttpSender::new(bed.slipway.host.outgoing().reach.clone()).unwrap());
        let worker = tokio::spawn(webhook::worker::run(bed.host().clone(), sender, shutdown.clone()));
        let delivery = command(&mut browser, &record, "test_webhook").await;
        let page = shows(&browser, &delivery, "The receiver answered 503.").await;
        assert!(page.contains("Waiting") && page.contains("not now") && page.contains("EventName"), "{page}");
        command(&mut browser, &delivery, "send_delivery_again").await;
        until(async || (got.lock().unwrap().len() == 2).then_some(())).await;
        let page = shows(&browser, &record, "<td>2</td>").await;
        assert!(page.contains("Answered 503"), "{page}");
        let ids: Vec<_> = got.lock().unwrap().iter().map(|(_, headers, _)| headers["webhook-id"].clone()).collect();
        assert_eq!(ids[0], ids[1]);
        shutdown.cancel();
        worker.await.unwrap();
    })
    .await;
}

/// Posts the command of a page, and gives where it leads.
async fn command(browser: &mut Browser, page: &str, function: &str) -> String {
    let html = browser.get(page).await.text();
    let id = page.split('?').next().unwrap().rsplit('/').next().unwrap();
    let action = html.split("action=\"").skip(1).map(|rest| rest.split('"').next().unwrap());
    let action = action.into_iter().find(|action| action.contains(function)).expect("the command").to_owned();
    browser.post(&action, &[("id", id)]).await.location().to_owned()
}

/// A page once it shows something.
async fn shows(browser: &Browser, page: &str, what: &str) -> String {
    until(async || {
        let text = browser.clone().get(page).await.text();
        text.contains(what).then_some(text)
    })
    .await
}
