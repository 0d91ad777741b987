//! Programs with a token of a person.

use crate::bed::{Answer, Bed, Browser, PASSWORD};
use axum::body::Body;
use http::{HeaderName, Method, StatusCode, header};
use model::{token::Scope, user::Roles};
use pipelines::{
    Caller,
    secret::ExposeSecret,
    token::{self, NewToken},
};

async fn token(bed: &Bed, caller: &Caller, scope: Scope) -> String {
    let new = NewToken { name: "Build".to_owned(), scopes: vec![scope], days: Some(1) };
    let (_, token) = token::create(bed.host(), caller, &new, PASSWORD).await.unwrap();
    format!("Bearer {}", token.expose_secret())
}

async fn ask(browser: &mut Browser, method: Method, path: &str, authorization: &str) -> Answer {
    // As a script on a page of another site would: without a browser's cookies, that is nobody's request but its own.
    let headers = [
        (header::AUTHORIZATION, authorization),
        (header::ACCEPT, "text/html"),
        (header::ORIGIN, "https://elsewhere.test"),
        (HeaderName::from_static("sec-fetch-site"), "cross-site"),
    ];
    browser.send(method, path, &headers, Body::empty()).await
}

#[tokio::test]
async fn a_program_acts_for_its_person_without_session_and_cookie() {
    testbed::each_database(|database| async move {
        let bed = Bed::new(database);
        let ada = bed.person("ada", Roles::ADMINISTRATOR).await;
        let token = token(&bed, &ada, Scope::Administer).await;
        let answer = ask(&mut bed.browser(), Method::GET, "/configuration", &token).await;
        assert_eq!(answer.status, StatusCode::OK, "{}", answer.text());
        assert!(!answer.headers.contains_key(header::SET_COOKIE));
        // A session that comes along does not count.
        let ben = bed.person("ben", Roles::USER).await;
        let answer = ask(&mut bed.signed_in(&ben).await, Method::GET, "/configuration", &token).await;
        assert_eq!(answer.status, StatusCode::OK);
        // What concerns the person's own account is for the person.
        for page in ["/account/tokens", "/account/sessions"] {
            let answer = ask(&mut bed.browser(), Method::GET, page, &token).await;
            assert_eq!(answer.status, StatusCode::FORBIDDEN, "{page}");
        }
    })
    .await;
}

#[tokio::test]
async fn a_token_for_reading_changes_nothing() {
    testbed::each_database(|database| async move {
        let bed = Bed::new(database);
        let ada = bed.person("ada", Roles::ADMINISTRATOR).await;
        let token = token(&bed, &ada, Scope::Read).await;
        let id = "00000000-0000-0000-0000-000000000001";
        let upload = ask(&mut bed.browser(), Method::POST, &format!("/upload/{id}"), &token).await;
        assert_eq!(upload.status, StatusCode::FORBIDDEN, "{}", upload.text());
        assert_eq!(ask(&mut bed.browser(), Method::GET, "/configuration", &token).await.status, StatusCode::OK);
    })
    .await;
}

#[tokio::test]
async fn a_wrong_token_is_answered_with_a_problem_and_many_have_to_wait() {
    testbed::each_database(|database| async move {
        let bed = Bed::new(database);
        let mut browser = bed.browser_at("203.0.113.9");
        for wrong in ["Bearer", "bearer nonsense", "Bearer slipway_0000"] {
            let answer = ask(&mut browser, Method::GET, "/configuration", wrong).await;
            assert_eq!(answer.status, StatusCode::UNAUTHORIZED, "{wrong}");
            assert_eq!(answer.header(header::CONTENT_TYPE), "application/problem+json");
            assert!(answer.header(header::WWW_AUTHENTICATE).contains("invalid_token"));
            assert!(answer.text().contains("\"status\":401"), "{}", answer.text());
            assert!(!answer.headers.contains_key(header::SET_COOKIE));
        }
        for _ in 3..30 {
            ask(&mut browser, Method::GET, "/configuration", "Bearer wrong").await;
        }
        let answer = ask(&mut browser, Method::GET, "/configuration", "Bearer wrong").await;
        assert_eq!(answer.status, StatusCode::TOO_MANY_REQUESTS);
        assert_eq!(answer.header(header::RETRY_AFTER), "5");
        let elsewhere = ask(&mut bed.browser_at("203.0.113.10"), Method::GET, "/configuration", "Bearer wrong").await;
        assert_eq!(elsewhere.status, StatusCode::UNAUTHORIZED);
    })
    .await;
}
