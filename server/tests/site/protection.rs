//! What every answer carries, and what is refused before anything is done.

use crate::bed::{Bed, form_action};
use axum::body::Body;
use http::{HeaderName, Method, StatusCode, header};
use model::{
    audit::{AuditAction, AuditFilter, AuditOutcome},
    user::Roles,
};
use sea_orm::{ConnectionTrait, DatabaseConnection, DbBackend, FromQueryResult, JsonValue, Statement};
use std::collections::{BTreeMap, BTreeSet};

const FETCH_SITE: HeaderName = HeaderName::from_static("sec-fetch-site");

#[tokio::test]
async fn every_kind_of_answer_carries_the_security_headers() {
    testbed::each_database(|database| async move {
        let bed = Bed::new(database);
        let pkg = format!("/{}/slipway.js", bed.slipway.site.package_url());
        for (path, status) in [
            ("/sign-in", StatusCode::OK),
            ("/", StatusCode::SEE_OTHER),
            ("/health/live", StatusCode::OK),
            (pkg.as_str(), StatusCode::OK),
            ("/icons.svg", StatusCode::OK),
            ("/pkg/nothing.js", StatusCode::NOT_FOUND),
            ("/events/runs/x", StatusCode::UNAUTHORIZED),
        ] {
            let answer = bed.browser().get(path).await;
            assert_eq!(answer.status, status, "{path}");
            let policy = answer.header(header::CONTENT_SECURITY_POLICY);
            assert!(policy.contains("frame-ancestors 'none'") && !policy.contains("unsafe-inline"), "{path}: {policy}");
            assert_eq!(answer.header(header::X_CONTENT_TYPE_OPTIONS), "nosniff", "{path}");
            assert_eq!(answer.header(header::REFERRER_POLICY), "same-origin", "{path}");
            assert_eq!(answer.header(HeaderName::from_static("cross-origin-opener-policy")), "same-origin", "{path}");
            assert!(!answer.header(HeaderName::from_static("permissions-policy")).is_empty(), "{path}");
            assert!(!answer.header(HeaderName::from_static("x-request-id")).is_empty(), "{path}");
            assert!(!answer.headers.contains_key(header::STRICT_TRANSPORT_SECURITY), "{path}");
        }
    })
    .await;
}

#[tokio::test]
async fn https_is_asked_for_again_only_where_people_come_over_https() {
    testbed::each_database(|database| async move {
        let bed = Bed::with(database, &[("SLIPWAY_PUBLIC_URL", "https://slipway.test")]);
        let answer = bed.browser().get("/sign-in").await;
        assert!(answer.header(header::STRICT_TRANSPORT_SECURITY).starts_with("max-age="));
    })
    .await;
}

#[tokio::test]
async fn the_scripts_of_a_page_have_the_nonce_of_its_policy_and_nothing_is_inline() {
    testbed::each_database(|database| async move {
        let bed = Bed::new(database);
        let first = bed.browser().get("/sign-in").await;
        let policy = first.header(header::CONTENT_SECURITY_POLICY).to_owned();
        let nonce = policy.split("'nonce-").nth(1).unwrap().split('\'').next().unwrap();
        let page = first.text();
        assert!(page.contains("<script"), "{page}");
        for script in page.split("<script").skip(1) {
            let tag = script.split('>').next().unwrap();
            assert!(tag.contains(&format!("nonce=\"{nonce}\"")), "{tag}");
        }
        for inline in [" style=\"", " onclick=", " onload=", "<style"] {
            assert!(!page.contains(inline), "{inline}");
        }
        let second = bed.browser().get("/sign-in").await;
        assert_ne!(second.header(header::CONTENT_SECURITY_POLICY), policy);
    })
    .await;
}

#[tokio::test]
async fn a_form_posted_from_another_site_is_refused() {
    testbed::each_database(|database| async move {
        let bed = Bed::new(database);
        let caller = bed.person("ada", Roles::ADMINISTRATOR).await;
        let mut browser = bed.signed_in(&caller).await;
        let page = bed.browser().get("/sign-in").await.text();
        let function = form_action(&page, "password");
        for path in ["/sign-out", "/theme", function.as_str()] {
            for foreign in [
                &[(FETCH_SITE, "cross-site"), (header::ORIGIN, "https://evil.test")][..],
                &[(FETCH_SITE, "same-site")],
                &[(header::ORIGIN, "https://evil.test")],
                &[(header::ORIGIN, "null")],
            ] {
                let answer = browser.send(Method::POST, path, foreign, Body::empty()).await;
                assert_eq!(answer.status, StatusCode::FORBIDDEN, "{path} {foreign:?}");
            }
        }
        assert_eq!(browser.get("/configuration").await.status, StatusCode::OK, "nobody was signed out");
    })
    .await;
}

#[tokio::test]
async fn a_proxy_that_changes_the_host_is_allowed_by_the_public_url() {
    testbed::each_database(|database| async move {
        let bed = Bed::with(database, &[("SLIPWAY_PUBLIC_URL", "https://outside.test")]);
        let post = |origin: &'static str| {
            let mut browser = bed.browser();
            async move { browser.send(Method::POST, "/sign-out", &[(header::ORIGIN, origin)], Body::empty()).await.status }
        };
        assert_eq!(post("https://outside.test").await, StatusCode::SEE_OTHER);
        assert_eq!(post("https://elsewhere.test").await, StatusCode::FORBIDDEN);
    })
    .await;
}

#[tokio::test]
async fn a_form_that_is_too_large_is_refused() {
    testbed::each_database(|database| async move {
        let bed = Bed::new(database);
        let page = bed.browser().get("/sign-in").await.text();
        for (path, bytes) in [(form_action(&page, "password"), 1024 * 1024 + 1), ("/theme".to_owned(), 5000)] {
            let body = format!("theme={}", "x".repeat(bytes));
            let length = body.len().to_string();
            let headers = [
                (header::CONTENT_TYPE, "application/x-www-form-urlencoded"),
                (header::CONTENT_LENGTH, length.as_str()),
            ];
            let body = Body::from(body);
            let answer = bed.browser().send(Method::POST, &path, &headers, body).await;
            assert_eq!(answer.status, StatusCode::PAYLOAD_TOO_LARGE, "{path}");
        }
    })
    .await;
}

#[tokio::test]
async fn an_address_that_does_not_exist_shows_a_page_of_the_application() {
    testbed::each_database(|database| async move {
        let bed = Bed::new(database);
        let caller = bed.person("ada", Roles::ADMINISTRATOR).await;
        let answer = bed.signed_in(&caller).await.get("/no/such/page").await;
        assert_eq!(answer.status, StatusCode::NOT_FOUND);
        assert!(answer.text().contains("<h1"), "{}", answer.text());
    })
    .await;
}

#[tokio::test]
async fn pages_are_not_kept_by_caches_and_scripts_are_kept_for_good() {
    testbed::each_database(|database| async move {
        let bed = Bed::new(database);
        assert_eq!(bed.browser().get("/sign-in").await.header(header::CACHE_CONTROL), "no-store");
        let page = bed.browser().get("/sign-in").await.text();
        let script = format!("/{}/slipway.js", bed.slipway.site.package_url());
        assert!(page.contains(&script), "the page asks for {script}: {page}");
        let answer = bed.browser().get(&script).await;
        assert!(answer.header(header::CACHE_CONTROL).contains("immutable"));
        assert_eq!(answer.body.as_ref(), b"export default 1");
    })
    .await;
}

#[tokio::test]
async fn pages_are_compressed_for_browsers_that_understand_it() {
    testbed::each_database(|database| async move {
        let bed = Bed::new(database);
        for coding in ["br", "gzip"] {
            let headers = [(header::ACCEPT, "text/html"), (header::ACCEPT_ENCODING, coding)];
            let answer = bed.browser().send(Method::GET, "/sign-in", &headers, Body::empty()).await;
            assert_eq!(answer.header(header::CONTENT_ENCODING), coding);
        }
    })
    .await;
}

#[tokio::test]
async fn the_theme_is_kept_and_shown_and_leads_back_within_the_site() {
    testbed::each_database(|database| async move {
        let bed = Bed::new(database);
        let mut browser = bed.browser();
        let headers = [
            (header::CONTENT_TYPE, "application/x-www-form-urlencoded"),
            (header::REFERER, "https://slipway.test/sign-in?next=/runs"),
        ];
        let answer = browser.send(Method::POST, "/theme", &headers, Body::from("theme=dark")).await;
        assert_eq!(answer.location(), "/sign-in?next=/runs");
        assert!(browser.get("/sign-in").await.text().contains("data-theme=\"dark\""));

        let foreign =
            [(header::CONTENT_TYPE, "application/x-www-form-urlencoded"), (header::REFERER, "https://evil.test/x")];
        let answer = browser.send(Method::POST, "/theme", &foreign, Body::from("theme=light")).await;
        assert_eq!(answer.location(), "/");
        let answer = browser.send(Method::POST, "/theme", &foreign, Body::from("theme=purple")).await;
        assert_eq!(answer.status, StatusCode::CONFLICT);
    })
    .await;
}

#[tokio::test]
async fn health_tells_whether_the_process_lives_and_is_ready() {
    testbed::each_database(|database| async move {
        let bed = Bed::new(database);
        assert_eq!(bed.browser().get("/health/live").await.text(), "live\n");
        assert_eq!(bed.browser().get("/health/ready").await.status, StatusCode::OK);
        bed.slipway.shutdown.cancel();
        assert_eq!(bed.browser().get("/health/live").await.status, StatusCode::OK);
        assert_eq!(bed.browser().get("/health/ready").await.status, StatusCode::SERVICE_UNAVAILABLE);
    })
    .await;
}

/// Every row of every table but the one of sessions, which keep what the next page says once.
async fn everything(database: &DatabaseConnection) -> BTreeMap<String, Vec<JsonValue>> {
    let backend = database.get_database_backend();
    let sql = match backend {
        DbBackend::Sqlite => "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite_%'",
        _ => "SELECT tablename AS name FROM pg_tables WHERE schemaname = 'public'",
    };
    let mut all = BTreeMap::new();
    for table in database.query_all_raw(Statement::from_string(backend, sql)).await.unwrap() {
        let table: String = table.try_get("", "name").unwrap();
        if table == "session" {
            continue;
        }
        let rows = Statement::from_string(backend, format!("SELECT * FROM {table}"));
        let mut rows = JsonValue::find_by_statement(rows).all(database).await.unwrap();
        rows.sort_by_key(ToString::to_string);
        all.insert(table, rows);
    }
    all
}

#[tokio::test]
async fn whoever_is_refused_a_page_stands_in_the_audit_log() {
    testbed::each_database(|database| async move {
        let bed = Bed::new(database);
        let (ada, mia) = (bed.person("ada", Roles::ADMINISTRATOR).await, bed.person("mia", Roles::USER).await);
        let mut browser = bed.signed_in(&mia).await;
        assert_eq!(browser.get("/configuration/environments?view=all").await.status, StatusCode::FORBIDDEN);
        assert_eq!(browser.get("/account").await.status, StatusCode::OK);
        let refused = AuditFilter { outcome: Some(AuditOutcome::Refused), ..AuditFilter::default() };
        let entries = pipelines::audit::list(bed.host(), &ada, &refused, 1).await.unwrap().rows;
        let [entry] = entries.as_slice() else { panic!("{entries:?}") };
        assert_eq!((entry.action, entry.subject_name.as_str()), (AuditAction::Open, "/configuration/environments"));
        assert_eq!((entry.actor, entry.request_id.is_some()), (Some(mia.user), true));
    })
    .await;
}

#[tokio::test]
async fn nothing_is_changed_by_looking_at_it() {
    testbed::each_database(|database| async move {
        let bed = Bed::new(database.clone());
        let demo = pipelines::demo::create(bed.host()).await.unwrap().unwrap();
        let people = bed.person("ada", Roles::ADMINISTRATOR).await;
        let mut browser = bed.signed_in(&people).await;
        drop(demo);
        // That somebody took the audit log with them is written down in it.
        let kept = async || {
            let mut all = everything(&database).await;
            all.remove("audit_entry");
            all
        };
        let before = kept().await;
        assert!(before.len() > 10 && before.values().any(|rows| rows.len() > 1));

        // Every page that can be reached by links, and every page at all with ids of nothing.
        let nothing = "00000000-0000-0000-0000-000000000001";
        let mut open: Vec<String> = vec!["/".to_owned(), "/configuration".to_owned()];
        for route in leptos_axum::generate_route_list(app::App) {
            let parts = route.path().split('/').map(|part| if part.contains(['{', ':']) { nothing } else { part });
            open.push(parts.collect::<Vec<_>>().join("/"));
        }
        let pages = open.len();
        for (function, _) in leptos::server_fn::axum::server_fn_paths() {
            open.push(function.to_owned());
        }
        assert!(pages > 20 && open.len() > pages + 20, "{} routes", open.len());
        for route in ["/sign-out", "/theme", "/sign-in/contoso", "/sign-in/contoso/callback?code=x&state=y"] {
            open.push(route.to_owned());
        }
        let mut seen = BTreeSet::new();
        while let Some(path) = open.pop() {
            if path.contains("/events/") || seen.len() > 300 || !seen.insert(path.clone()) {
                continue;
            }
            let answer = browser.get(&path).await;
            assert!(!answer.status.is_server_error(), "{path}: {}", answer.status);
            let links = answer
                .text()
                .split("href=\"")
                .skip(1)
                .map(|link| link.split('"').next().unwrap().to_owned())
                .collect::<Vec<_>>();
            open.extend(links.into_iter().filter(|link| link.starts_with('/')).map(|link| link.replace("&amp;", "&")));
        }
        let after = kept().await;
        let changed: Vec<_> = before.keys().filter(|table| before[*table] != after[*table]).collect();
        assert!(changed.is_empty(), "looking changed the tables {changed:?}");
        for (function, method) in leptos::server_fn::axum::server_fn_paths() {
            assert_eq!(method, Method::POST, "{function}");
        }
    })
    .await;
}
