//! Sessions: when they end, what ends with them, and what their cookies allow.

use crate::bed::{Bed, Browser, PASSWORD, form_action};
use app::cookie::Cookie;
use axum::body::Body;
use futures::StreamExt;
use http::{HeaderName, Method, StatusCode, header};
use model::{
    environment::EnvironmentType,
    user::{Role, Roles},
};
use pipelines::{
    built_in,
    deployment_environment::{self, NewDeploymentEnvironment},
    session, user,
};
use sea_orm::ConnectionTrait;
use std::time::Duration;

#[tokio::test]
async fn a_session_ends_some_day_however_much_it_is_used() {
    testbed::each_database(|database| async move {
        let settings = [("SLIPWAY_SESSION_IDLE_MINUTES", "60"), ("SLIPWAY_SESSION_LONGEST_HOURS", "2")];
        let bed = Bed::with(database, &settings);
        let ada = bed.person("ada", Roles::ADMINISTRATOR).await;
        let mut browser = bed.signed_in(&ada).await;
        for _ in 0..3 {
            assert_eq!(browser.get("/configuration").await.status, StatusCode::OK);
            bed.clock.advance(Duration::from_mins(39));
        }
        assert_eq!(browser.get("/configuration").await.status, StatusCode::OK);
        bed.clock.advance(Duration::from_mins(4));
        assert_eq!(browser.get("/configuration").await.location(), "/sign-in?next=/configuration");
    })
    .await;
}

#[tokio::test]
async fn a_session_gets_a_new_id_when_its_person_may_do_something_else_and_the_old_one_is_worth_nothing() {
    testbed::each_database(|database| async move {
        let bed = Bed::new(database);
        let ada = bed.person("ada", Roles::ADMINISTRATOR).await;
        let ben = bed.person("ben", Roles::USER).await;
        let mut browser = bed.signed_in(&ben).await;
        let name = Cookie::Session.name(false);
        let before = browser.cookies.get(name).cloned();
        browser.get("/account").await;
        assert_eq!(browser.cookies.get(name).cloned(), before);

        user::set_roles(bed.host(), &ada, ben.user, Roles::USER.with(Role::PipelineDefault)).await.unwrap();
        let mut copied = browser.clone();
        assert_eq!(browser.get("/account").await.status, StatusCode::OK);
        assert_ne!(browser.cookies.get(name).cloned(), before);
        assert_eq!(browser.get("/account").await.status, StatusCode::OK);
        assert_eq!(copied.get("/account").await.status, StatusCode::SEE_OTHER);
    })
    .await;
}

#[tokio::test]
async fn a_session_that_is_kept_while_the_password_changes_counts_for_nothing() {
    testbed::each_database(|database| async move {
        let bed = Bed::new(database.clone());
        let ben = bed.person("ben", Roles::USER).await;
        let mut browser = bed.signed_in(&ben).await;
        assert_eq!(browser.get("/account/sessions").await.status, StatusCode::OK);
        // A request that was under way writes its session back after the change has removed it.
        database.execute_unprepared("CREATE TABLE kept AS SELECT * FROM session").await.unwrap();
        bed.clock.advance(Duration::from_secs(1));
        user::change_password(bed.host(), &ben, PASSWORD, "a walk along the canal").await.unwrap();
        database.execute_unprepared("INSERT INTO session SELECT * FROM kept").await.unwrap();
        assert_eq!(browser.get("/account/sessions").await.status, StatusCode::SEE_OTHER);
    })
    .await;
}

#[tokio::test]
async fn a_live_stream_ends_with_the_session_it_was_opened_in() {
    testbed::each_database(|database| async move {
        let bed = Bed::new(database);
        let ada = bed.person("ada", Roles::ADMINISTRATOR).await;
        let environment = built_in::create(bed.host(), &ada, "Contoso Dev", 0).await.unwrap();
        let new = NewDeploymentEnvironment {
            name: "Contoso Dev".to_owned(),
            description: String::new(),
            owner: ada.user,
            kind: EnvironmentType::Development,
            environment_id: environment.to_string(),
        };
        let record = deployment_environment::create(bed.host(), &ada, &new).await.unwrap();
        let mut browser = bed.signed_in(&ada).await;
        let response = browser.open(Method::GET, &format!("/events/environments/{record}"), &[], Body::empty()).await;
        assert_eq!(response.status(), StatusCode::OK);
        let mut events = response.into_body().into_data_stream();
        assert!(events.next().await.is_some());
        session::end_all(bed.host(), &ada).await.unwrap();
        let end = tokio::time::timeout(Duration::from_secs(10), async { while events.next().await.is_some() {} });
        end.await.expect("the stream ends without waiting for its next look");
    })
    .await;
}

async fn cookie_of(mut browser: Browser, headers: &[(HeaderName, &str)]) -> (String, bool) {
    let mut all = vec![(header::CONTENT_TYPE, "application/x-www-form-urlencoded")];
    all.extend_from_slice(headers);
    let answer = browser.send(Method::POST, "/theme", &all, Body::from("theme=dark")).await;
    let hsts = answer.headers.contains_key(header::STRICT_TRANSPORT_SECURITY);
    (answer.header(header::SET_COOKIE).to_owned(), hsts)
}

#[tokio::test]
async fn cookies_are_for_https_alone_where_a_trusted_proxy_says_so_and_nobody_else_can() {
    testbed::each_database(|database| async move {
        let bed = Bed::with(database, &[("SLIPWAY_TRUSTED_PROXIES", "10.0.0.0/8")]);
        let https = [(HeaderName::from_static("x-forwarded-proto"), "https")];
        let (cookie, hsts) = cookie_of(bed.browser_at("10.0.0.2"), &https).await;
        assert!(cookie.starts_with("__Host-slipway-theme=dark; Path=/;") && cookie.ends_with("; Secure"), "{cookie}");
        assert!(cookie.contains("HttpOnly; SameSite=Lax") && !cookie.contains("Domain") && hsts);
        for (address, headers) in [("10.0.0.2", &[][..]), ("203.0.113.9", &https), ("127.0.0.1", &https)] {
            let (cookie, hsts) = cookie_of(bed.browser_at(address), headers).await;
            assert!(
                cookie.starts_with("slipway-theme=dark") && !cookie.contains("Secure") && !hsts,
                "{address}: {cookie}"
            );
        }
    })
    .await;
}

#[tokio::test]
async fn a_session_over_https_is_another_one_than_over_http() {
    testbed::each_database(|database| async move {
        let bed = Bed::with(database, &[("SLIPWAY_PUBLIC_URL", "https://slipway.test")]);
        let ada = bed.person("ada", Roles::ADMINISTRATOR).await;
        let mut browser = bed.signed_in(&ada).await;
        assert_eq!(browser.get("/configuration").await.status, StatusCode::OK);
        let id = browser.cookies.remove(Cookie::Session.name(true)).unwrap();
        browser.cookies.insert(Cookie::Session.name(false).to_owned(), id);
        assert_eq!(browser.get("/configuration").await.status, StatusCode::SEE_OTHER);
    })
    .await;
}

#[tokio::test]
async fn a_session_shows_where_it_is_used_from() {
    testbed::each_database(|database| async move {
        let bed = Bed::new(database);
        let ada = bed.person("ada", Roles::ADMINISTRATOR).await;
        let mut browser = bed.signed_in(&ada).await;
        browser.peer = Some("203.0.113.9".parse().unwrap());
        browser.get("/account").await;
        let page = browser.get("/account/sessions").await.text();
        assert!(page.contains("203.0.113.9") && page.contains("This one"), "{page}");
        let mut other = bed.signed_in(&ada).await;
        let id = session::list(bed.host(), &ada, [0; 32]).await.unwrap();
        assert_eq!(id.len(), 2);
        let page = browser.get("/account/sessions").await.text();
        let action = form_action(&page, "id");
        let other_id = page.split("name=\"id\" value=\"").nth(1).unwrap().split('"').next().unwrap().to_owned();
        assert_eq!(browser.post(&action, &[("id", &other_id)]).await.location(), "/account/sessions");
        assert_eq!(other.get("/account").await.status, StatusCode::SEE_OTHER);
        assert_eq!(browser.get("/account").await.status, StatusCode::OK);
    })
    .await;
}
