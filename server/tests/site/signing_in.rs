//! Signing in and out, with a plain HTML form and no scripting.

use crate::bed::{Bed, Browser, PASSWORD, form_action};
use http::{Method, StatusCode, header};
use model::user::Roles;
use std::time::Duration;

async fn sign_in(browser: &mut Browser, page: &str, name: &str, password: &str) -> crate::bed::Answer {
    let form = browser.get(page).await;
    assert_eq!(form.status, StatusCode::OK, "{}", form.text());
    let action = form_action(&form.text(), "password");
    let next = page.split_once("next=").map_or("", |(_, next)| next);
    browser.post(&action, &[("user_name", name), ("password", password), ("next", next)]).await
}

#[tokio::test]
async fn a_person_signs_in_with_a_plain_form_and_gets_to_the_page_they_asked_for() {
    testbed::each_database(|database| async move {
        let bed = Bed::new(database);
        bed.person("ada", Roles::ADMINISTRATOR).await;
        let mut browser = bed.browser();

        let asked = browser.get("/configuration").await;
        assert_eq!(asked.status, StatusCode::SEE_OTHER);
        assert_eq!(asked.location(), "/sign-in?next=/configuration");

        let answer = sign_in(&mut browser, "/sign-in?next=/configuration", "ada", PASSWORD).await;
        assert_eq!(answer.location(), "/configuration");
        let cookies: Vec<_> =
            answer.headers.get_all(header::SET_COOKIE).iter().map(|it| it.to_str().unwrap()).collect();
        assert!(["slipway=", "slipway-browser="].iter().all(|name| cookies.iter().any(|it| it.starts_with(name))));
        for cookie in cookies {
            for part in ["HttpOnly", "SameSite=Lax", "Path=/"] {
                assert!(cookie.contains(part), "{cookie}");
            }
            assert!(!cookie.contains("Secure"), "plain http would lose the cookie: {cookie}");
        }
        assert_eq!(browser.get("/configuration").await.status, StatusCode::OK);
    })
    .await;
}

#[tokio::test]
async fn a_wrong_password_leads_back_to_the_form_without_saying_which_part_is_wrong() {
    testbed::each_database(|database| async move {
        let bed = Bed::new(database);
        bed.person("ada", Roles::USER).await;
        let mut pages = Vec::new();
        for name in ["ada", "nobody"] {
            let mut browser = bed.browser();
            let answer = sign_in(&mut browser, "/sign-in", name, "wrong").await;
            let back = answer.location().to_owned();
            assert!(back.starts_with("/sign-in"), "{back}");
            let page = browser.get(&back).await.text();
            assert!(page.contains(name) && !page.contains("wrong"), "the name is kept, the password is not");
            pages.push(page.contains("role=\"alert\""));
            assert_eq!(browser.get("/").await.location(), "/sign-in");
        }
        assert_eq!(pages, [true, true]);
    })
    .await;
}

#[tokio::test]
async fn signing_in_gives_the_session_a_new_id() {
    testbed::each_database(|database| async move {
        let bed = Bed::new(database);
        bed.person("ada", Roles::USER).await;
        let mut browser = bed.browser();
        // Something that makes a session of somebody unknown: a refused attempt.
        sign_in(&mut browser, "/sign-in", "ada", "wrong").await;
        let before = browser.cookies.get("slipway").cloned();
        assert!(before.is_some());
        sign_in(&mut browser, "/sign-in", "ada", PASSWORD).await;
        assert_ne!(browser.cookies.get("slipway").cloned(), before);

        let mut planted = bed.browser();
        planted.cookies.insert("slipway".to_owned(), before.unwrap());
        assert_eq!(planted.get("/account").await.location(), "/sign-in?next=/account");
    })
    .await;
}

#[tokio::test]
async fn a_one_time_password_has_to_be_changed_before_anything_else() {
    testbed::each_database(|database| async move {
        let bed = Bed::new(database);
        let (person, password) = bed.newcomer("ada", Roles::ADMINISTRATOR).await;
        let mut browser = bed.browser();
        sign_in(&mut browser, "/sign-in", "ada", &password).await;
        assert_eq!(browser.get("/configuration").await.location(), "/account");
        let account = browser.get("/account").await;
        assert_eq!(account.status, StatusCode::OK);
        let data = browser.get(&format!("/artifacts/{}/managed", person.id)).await;
        assert_eq!(data.status, StatusCode::FORBIDDEN);
    })
    .await;
}

#[tokio::test]
async fn signing_out_ends_the_session_in_the_database_and_in_the_browser() {
    testbed::each_database(|database| async move {
        let bed = Bed::new(database);
        let caller = bed.person("ada", Roles::ADMINISTRATOR).await;
        let mut browser = bed.signed_in(&caller).await;
        let copied = browser.clone();
        assert_eq!(browser.get("/configuration").await.status, StatusCode::OK);

        let answer = browser.post("/sign-out", &[]).await;
        assert_eq!(answer.location(), "/sign-in");
        assert!(!browser.cookies.contains_key("slipway"));
        assert_eq!(copied.clone().get("/configuration").await.status, StatusCode::SEE_OTHER);
    })
    .await;
}

#[tokio::test]
async fn a_session_lives_while_it_is_used_and_ends_when_it_is_not() {
    testbed::each_database(|database| async move {
        let bed = Bed::with(database, &[("SLIPWAY_SESSION_IDLE_MINUTES", "60")]);
        let caller = bed.person("ada", Roles::ADMINISTRATOR).await;
        let mut browser = bed.signed_in(&caller).await;
        for _ in 0..4 {
            bed.clock.advance(Duration::from_mins(45));
            assert_eq!(browser.get("/configuration").await.status, StatusCode::OK);
        }
        bed.clock.advance(Duration::from_mins(61));
        assert_eq!(browser.get("/configuration").await.status, StatusCode::SEE_OTHER);
    })
    .await;
}

#[tokio::test]
async fn behind_https_the_cookie_is_secure() {
    testbed::each_database(|database| async move {
        let bed = Bed::with(database, &[("SLIPWAY_PUBLIC_URL", "https://slipway.test")]);
        bed.person("ada", Roles::USER).await;
        let mut browser = bed.browser();
        let answer = sign_in(&mut browser, "/sign-in", "ada", PASSWORD).await;
        assert!(answer.header(header::SET_COOKIE).contains("Secure"));
    })
    .await;
}

#[tokio::test]
async fn data_is_refused_to_whoever_did_not_sign_in() {
    testbed::each_database(|database| async move {
        let bed = Bed::new(database);
        let id = "00000000-0000-0000-0000-000000000001";
        for (method, path) in [
            (Method::GET, format!("/events/runs/{id}")),
            (Method::GET, format!("/events/environments/{id}")),
            (Method::GET, format!("/artifacts/{id}/managed")),
            (Method::POST, format!("/upload/{id}")),
        ] {
            let answer = bed.browser().send(method, &path, &[], axum::body::Body::empty()).await;
            assert_eq!(answer.status, StatusCode::UNAUTHORIZED, "{path}");
        }
    })
    .await;
}

#[tokio::test]
async fn whoever_is_signed_in_already_is_led_on_from_the_sign_in_page() {
    testbed::each_database(|database| async move {
        let bed = Bed::new(database);
        let caller = bed.person("ada", Roles::ADMINISTRATOR).await;
        let mut browser = bed.signed_in(&caller).await;
        assert_eq!(browser.get("/sign-in?next=/configuration").await.location(), "/configuration");
        assert_eq!(browser.get("/sign-in?next=//evil.test").await.location(), "/");
    })
    .await;
}

#[tokio::test]
async fn a_new_password_ends_the_sessions_opened_with_the_old_one_but_not_the_one_it_was_changed_in() {
    testbed::each_database(|database| async move {
        let bed = Bed::new(database);
        let caller = bed.person("ada", Roles::ADMINISTRATOR).await;
        let mut here = bed.signed_in(&caller).await;
        let mut elsewhere = bed.signed_in(&caller).await;
        bed.clock.advance(Duration::from_mins(1));

        let action = form_action(&here.get("/account").await.text(), "repeated");
        let chosen = "another long passphrase";
        let fields = [("current", PASSWORD), ("new", chosen), ("repeated", chosen)];
        assert_eq!(here.post(&action, &fields).await.location(), "/");

        assert_eq!(here.get("/configuration").await.status, StatusCode::OK);
        assert_eq!(elsewhere.get("/configuration").await.location(), "/sign-in?next=/configuration");
    })
    .await;
}

#[tokio::test]
async fn a_person_who_is_disabled_is_out_at_once() {
    testbed::each_database(|database| async move {
        let bed = Bed::new(database);
        let ada = bed.person("ada", Roles::ADMINISTRATOR).await;
        let ben = bed.person("ben", Roles::USER).await;
        let mut browser = bed.signed_in(&ben).await;
        assert_eq!(browser.get("/account").await.status, StatusCode::OK);
        pipelines::user::set_enabled(bed.host(), &ada, ben.user, false).await.unwrap();
        assert_eq!(browser.get("/account").await.status, StatusCode::SEE_OTHER);
    })
    .await;
}
