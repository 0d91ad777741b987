//! Who may do what: every page, every server function and every address of the server, for everybody.
//!
//! What there is comes from leptos and from the router, not from this file: whatever is missing in the table, or is in
//! the table and nowhere else, fails the test.

use crate::{
    access_scene::scene,
    bed::{Bed, Browser},
};
use axum::body::Body;
use http::{HeaderName, Method, StatusCode, header};
use std::collections::BTreeSet;

/// Everybody, in the order of the columns.
const PEOPLE: [&str; 7] = [
    "nobody",
    "without a role",
    "user without share",
    "user with read share",
    "user with write share",
    "administrator of another team",
    "administrator",
];

/// Who may, one sign for each of [`PEOPLE`]: `+` allowed, `-` refused.
type Who = &'static str;

/// What a form posts.
type Fields = &'static [(&'static str, &'static str)];

/// The whole world may.
const ALL: Who = "+++++++";
/// Everybody who signed in.
const SIGNED_IN: Who = "-++++++";
/// Whoever may read the pipeline.
const READERS: Who = "---++-+";
/// Whoever asked for the run, who may read the pipeline, and is the user with the read share.
const REQUESTER: Who = "---+---";
/// Whoever asked for the run, and administrators.
const CANCELS: Who = "---+--+";
const WRITERS: Who = "----+-+";
const ADMINISTRATOR: Who = "------+";

/// Every page: its path as leptos has it, what to ask for, and who may.
const PAGES: &[(&str, &str, Who)] = &[
    ("/", "/", SIGNED_IN),
    ("/sign-in", "/sign-in", ALL),
    ("/account", "/account", SIGNED_IN),
    ("/account/providers", "/account/providers", SIGNED_IN),
    ("/account/sessions", "/account/sessions", SIGNED_IN),
    ("/account/time-zone", "/account/time-zone", SIGNED_IN),
    ("/account/tokens", "/account/tokens", SIGNED_IN),
    ("/approvals", "/approvals", SIGNED_IN),
    ("/comparison", "/comparison?before=<nothing>&after=<nothing>", "-------"),
    ("/environments/:environment/solutions", "/environments/<development>/solutions", READERS),
    ("/environments/:environment/new-solution", "/environments/<development>/new-solution", READERS),
    ("/environments/:environment/import-solution", "/environments/<development>/import-solution", READERS),
    ("/environments/:environment/solutions/:solution", "/environments/<development>/solutions/Expenses", READERS),
    (
        "/environments/:environment/solutions/:solution/objects",
        "/environments/<development>/solutions/Expenses/objects",
        READERS,
    ),
    (
        "/environments/:environment/solutions/:solution/pipelines",
        "/environments/<development>/solutions/Expenses/pipelines",
        READERS,
    ),
    (
        "/environments/:environment/solutions/:solution/deploy",
        "/environments/<development>/solutions/Expenses/deploy?pipeline=<pipeline>",
        READERS,
    ),
    (
        "/environments/:environment/solutions/:solution/pipelines/new",
        "/environments/<development>/solutions/Expenses/pipelines/new",
        ADMINISTRATOR,
    ),
    (
        "/environments/:environment/solutions/:solution/pipelines/:pipeline",
        "/environments/<development>/solutions/Expenses/pipelines/<personal>",
        ADMINISTRATOR,
    ),
    (
        "/environments/:environment/solutions/:solution/settings/:stage",
        "/environments/<development>/solutions/Expenses/settings/<stage>",
        READERS,
    ),
    (
        "/environments/:environment/solutions/:solution/drift/:stage",
        "/environments/<development>/solutions/Expenses/drift/<stage>",
        READERS,
    ),
    ("/environments/:environment/imports/:job", "/environments/<development>/imports/<import>", READERS),
    ("/runs/:run", "/runs/<run>", READERS),
    ("/runs/:run/deploy/:step", "/runs/<run>/deploy/pre-flight", REQUESTER),
    ("/configuration", "/configuration", ADMINISTRATOR),
    ("/configuration/delivery", "/configuration/delivery", ADMINISTRATOR),
    ("/configuration/installations", "/configuration/installations", ADMINISTRATOR),
    ("/configuration/environments", "/configuration/environments", ADMINISTRATOR),
    ("/configuration/environments/new", "/configuration/environments/new", ADMINISTRATOR),
    ("/configuration/environments/:id", "/configuration/environments/<record>", ADMINISTRATOR),
    ("/configuration/webhooks", "/configuration/webhooks", ADMINISTRATOR),
    ("/configuration/webhooks/new", "/configuration/webhooks/new", ADMINISTRATOR),
    ("/configuration/webhooks/:id", "/configuration/webhooks/<webhook>", ADMINISTRATOR),
    ("/configuration/webhooks/deliveries/:id", "/configuration/webhooks/deliveries/<delivery>", ADMINISTRATOR),
    ("/configuration/built-in-environments", "/configuration/built-in-environments", ADMINISTRATOR),
    ("/configuration/built-in-environments/new", "/configuration/built-in-environments/new", ADMINISTRATOR),
    ("/configuration/built-in-environments/:id", "/configuration/built-in-environments/<development>", ADMINISTRATOR),
    (
        "/configuration/built-in-environments/:id/roles",
        "/configuration/built-in-environments/<development>/roles",
        ADMINISTRATOR,
    ),
    ("/configuration/pipelines", "/configuration/pipelines", ADMINISTRATOR),
    ("/configuration/pipelines/new", "/configuration/pipelines/new", ADMINISTRATOR),
    ("/configuration/pipelines/:id", "/configuration/pipelines/<pipeline>", ADMINISTRATOR),
    ("/configuration/pipelines/:id/share", "/configuration/pipelines/<pipeline>/share", ADMINISTRATOR),
    ("/configuration/pipelines/:id/access", "/configuration/pipelines/<pipeline>/access", READERS),
    ("/configuration/pipelines/:pipeline/stages/new", "/configuration/pipelines/<pipeline>/stages/new", ADMINISTRATOR),
    ("/configuration/stages/:id", "/configuration/stages/<stage>", ADMINISTRATOR),
    ("/configuration/stages/:id/settings", "/configuration/stages/<stage>/settings", ADMINISTRATOR),
    ("/configuration/pipelines/:id/policy", "/configuration/pipelines/<pipeline>/policy", ADMINISTRATOR),
    ("/configuration/stages/:id/policy", "/configuration/stages/<stage>/policy", ADMINISTRATOR),
    ("/configuration/stages/:id/windows", "/configuration/stages/<stage>/windows", ADMINISTRATOR),
    ("/configuration/queue", "/configuration/queue", ADMINISTRATOR),
    ("/configuration/run-history", "/configuration/run-history", ADMINISTRATOR),
    ("/configuration/solution-artifacts", "/configuration/solution-artifacts", ADMINISTRATOR),
    ("/configuration/people", "/configuration/people", ADMINISTRATOR),
    ("/configuration/people/new", "/configuration/people/new", ADMINISTRATOR),
    ("/configuration/people/:id", "/configuration/people/<person>", ADMINISTRATOR),
    ("/configuration/teams", "/configuration/teams", ADMINISTRATOR),
    ("/configuration/teams/new", "/configuration/teams/new", ADMINISTRATOR),
    ("/configuration/teams/:id", "/configuration/teams/<team>", ADMINISTRATOR),
    (
        "/configuration/built-in-environments/:id/applications",
        "/configuration/built-in-environments/<development>/applications",
        ADMINISTRATOR,
    ),
    ("/configuration/dataverse-connections", "/configuration/dataverse-connections", ADMINISTRATOR),
    ("/configuration/dataverse-connections/new", "/configuration/dataverse-connections/new", ADMINISTRATOR),
    ("/configuration/dataverse-connections/:id", "/configuration/dataverse-connections/<connection>", ADMINISTRATOR),
    ("/configuration/service-identities", "/configuration/service-identities", ADMINISTRATOR),
    ("/configuration/service-identities/new", "/configuration/service-identities/new", ADMINISTRATOR),
    ("/configuration/audit", "/configuration/audit", ADMINISTRATOR),
];

/// Every address of the server itself: method and path as the router has them, what to ask for, and who may.
const OWN: &[(&str, &str, &str, Who)] = &[
    ("POST", "/upload/{environment}", "/upload/<development>", READERS),
    ("GET", "/artifacts/{id}/{kind}", "/artifacts/<nothing>/managed", "-------"),
    ("GET", "/audit/{format}", "/audit/csv", ADMINISTRATOR),
    ("GET", "/delivery/csv", "/delivery/csv", ADMINISTRATOR),
    ("GET", "/comparison/{before}/{after}/{form}", "/comparison/<nothing>/<nothing>/json", "-------"),
    (
        "GET",
        "/deployment-settings/{environment}/{solution}/{stage}",
        "/deployment-settings/<development>/Expenses/<stage>",
        READERS,
    ),
    (
        "POST",
        "/deployment-settings/{environment}/{solution}/{stage}",
        "/deployment-settings/<development>/Expenses/<stage>",
        READERS,
    ),
    ("GET", "/events/runs/{id}", "/events/runs/<run>", READERS),
    ("GET", "/events/environments/{id}", "/events/environments/<record>", ADMINISTRATOR),
    ("POST", "/theme", "/theme", ALL),
    ("POST", "/sign-in/{provider}", "/sign-in/nobody", "-------"),
    ("GET", "/sign-in/{provider}/callback", "/sign-in/nobody/callback", "-------"),
    ("GET", "/pkg/{*path}", "/pkg/slipway.js", ALL),
    ("GET", "/icons.svg", "/icons.svg", ALL),
    ("GET", "/health/live", "/health/live", ALL),
    ("GET", "/health/ready", "/health/ready", ALL),
    // The Web API knows applications only: a person's session is nobody there. Where they get their tokens is open, and
    // says that a request without a client's secret is none.
    ("GET", "/environments/{id}/api/data/{version}", "/environments/<development>/api/data/v9.2", "-------"),
    ("GET", "/environments/{id}/api/data/{version}/", "/environments/<development>/api/data/v9.2/", "-------"),
    (
        "GET",
        "/environments/{id}/api/data/{version}/{*path}",
        "/environments/<development>/api/data/v9.2/WhoAmI",
        "-------",
    ),
    (
        "GET",
        "/environments/{id}/connectivity/{*path}",
        "/environments/<development>/connectivity/connections",
        "-------",
    ),
    // So it does with the host's own tables: a person's programs bring a token, and see what the person may.
    ("GET", "/api/data/{version}", "/api/data/v9.2", "-------"),
    ("GET", "/api/data/{version}/", "/api/data/v9.2/", "-------"),
    ("GET", "/api/data/{version}/{*path}", "/api/data/v9.2/deploymentpipelines", "-------"),
    ("POST", "/{tenant}/oauth2/v2.0/token", "/organizations/oauth2/v2.0/token", ALL),
    // Ends the session of whoever asks, so it comes last.
    ("POST", "/sign-out", "/sign-out", ALL),
];

/// Every server function: its name, what to post, and who may. What is posted is good enough to be refused only for who
/// posts it, and, where possible, not good enough to change anything. What changes all the same comes last.
const FUNCTIONS: &[(&str, Fields, Who)] = &[
    ("submit_sign_in", &[("user_name", "x"), ("password", "x")], ALL),
    ("change_password", &[("current", "x"), ("new", "short"), ("repeated", "short")], SIGNED_IN),
    ("disconnect_provider", &[("provider", "nobody")], "-------"),
    ("save_time_zone", &[("time_zone", "nowhere")], SIGNED_IN),
    ("create_token", &[("name", "")], SIGNED_IN),
    ("revoke_token", &[("id", "<nothing>")], "-------"),
    ("end_session", &[("id", "<nothing>")], "-------"),
    ("create_solution", &[("environment", "<development>")], READERS),
    ("request_run", &[("environment", "<development>"), ("solution", "Nothing"), ("stage", "<stage>")], "-------"),
    ("save_connections", &[("run", "<run>")], REQUESTER),
    ("save_variables", &[("run", "<run>")], REQUESTER),
    (
        "save_deployment_settings",
        &[("environment", "<development>"), ("solution", "Expenses"), ("stage", "<stage>"), ("row_version", "99")],
        READERS,
    ),
    ("apply_settings", &[("environment", "<development>"), ("solution", "Expenses"), ("stage", "<stage>")], READERS),
    ("check_drift", &[("environment", "<development>"), ("solution", "Expenses"), ("stage", "<stage>")], READERS),
    ("deploy", &[("run", "<run>"), ("version", ""), ("notes", "")], REQUESTER),
    ("check_again", &[("run", "<run>")], REQUESTER),
    ("retry_run", &[("run", "<run>")], CANCELS),
    ("reschedule_run", &[("run", "<run>")], CANCELS),
    ("override_window", &[("run", "<run>")], ADMINISTRATOR),
    ("move_in_queue", &[("run", "<run>"), ("way", "up")], ADMINISTRATOR),
    ("redeploy_run", &[("run", "<run>")], READERS),
    ("roll_back_run", &[("run", "<run>")], READERS),
    ("answer_gate", &[("run", "<run>"), ("gate", "preExportStep"), ("status", "20")], ADMINISTRATOR),
    ("prevent_progression", &[("run", "<run>"), ("artifact", "<nothing>")], ADMINISTRATOR),
    ("allow_progression", &[("run", "<run>"), ("artifact", "<nothing>")], "-------"),
    (
        "create_environment",
        &[("name", "x"), ("owner", "<person>"), ("kind", "target"), ("environment_id", "nonsense")],
        ADMINISTRATOR,
    ),
    (
        "save_environment",
        &[("id", "<record>"), ("row_version", "99"), ("name", "x"), ("owner", "<person>")],
        ADMINISTRATOR,
    ),
    ("set_environment_active", &[("id", "<record>"), ("row_version", "99"), ("active", "false")], ADMINISTRATOR),
    ("delete_environment", &[("id", "<record>")], ADMINISTRATOR),
    ("create_built_in_environment", &[("import_pace", "0")], ADMINISTRATOR),
    ("save_built_in_environment", &[("id", "<development>"), ("import_pace", "0")], ADMINISTRATOR),
    ("save_environment_properties", &[("id", "<development>")], ADMINISTRATOR),
    ("delete_built_in_environment", &[("id", "<development>")], ADMINISTRATOR),
    (
        "give_environment_roles",
        &[("id", "<development>"), ("principal", "person:<nothing>"), ("roles[]", "basic-user")],
        ADMINISTRATOR,
    ),
    ("take_environment_roles", &[("id", "<development>"), ("principal", "person:<nothing>")], ADMINISTRATOR),
    ("create_pipeline", &[("owner", "<person>")], ADMINISTRATOR),
    (
        "save_pipeline",
        &[("id", "<pipeline>"), ("row_version", "99"), ("name", "x"), ("owner", "<person>")],
        ADMINISTRATOR,
    ),
    ("create_personal_pipeline", &[("environment", "<development>")], ADMINISTRATOR),
    (
        "save_personal_pipeline",
        &[("id", "<personal>"), ("row_version", "99"), ("environment", "<development>")],
        ADMINISTRATOR,
    ),
    ("set_pipeline_active", &[("id", "<pipeline>"), ("row_version", "99"), ("active", "false")], ADMINISTRATOR),
    ("link_environment", &[("pipeline", "<pipeline>"), ("environment", "<nothing>")], WRITERS),
    ("unlink_environment", &[("pipeline", "<pipeline>"), ("environment", "<nothing>")], ADMINISTRATOR),
    ("create_stage", &[("pipeline", "<pipeline>")], ADMINISTRATOR),
    ("save_stage", &[("id", "<stage>"), ("row_version", "99"), ("name", "x")], ADMINISTRATOR),
    ("save_delegation", &[("id", "<stage>"), ("row_version", "99")], ADMINISTRATOR),
    ("save_windows", &[("id", "<stage>"), ("row_version", "99"), ("time_zone", "UTC")], ADMINISTRATOR),
    ("freeze_stage", &[("id", "<stage>")], ADMINISTRATOR),
    ("unfreeze_stage", &[("id", "<stage>"), ("freeze", "<nothing>")], "-------"),
    ("save_gates", &[("id", "<stage>"), ("needed", "0"), ("deadline", "0")], ADMINISTRATOR),
    ("save_policy", &[("kind", "stage"), ("id", "<stage>"), ("row_version", "99")], ADMINISTRATOR),
    ("share_pipeline", &[("id", "<pipeline>"), ("principal", "person:<person>")], ADMINISTRATOR),
    ("unshare_pipeline", &[("id", "<pipeline>"), ("principal", "person:<nothing>")], ADMINISTRATOR),
    ("assign_pipeline", &[("id", "<pipeline>"), ("principal", "person:<nothing>")], ADMINISTRATOR),
    ("create_person", &[], ADMINISTRATOR),
    ("create_service_identity", &[], ADMINISTRATOR),
    ("add_application_user", &[("id", "<development>")], ADMINISTRATOR),
    ("remove_application_user", &[("id", "<development>"), ("client", "<nothing>")], ADMINISTRATOR),
    ("create_dataverse_connection", &[], ADMINISTRATOR),
    ("create_webhook", &[], ADMINISTRATOR),
    ("save_webhook", &[("id", "<webhook>"), ("row_version", "99")], ADMINISTRATOR),
    ("renew_webhook_secret", &[("id", "<webhook>")], ADMINISTRATOR),
    ("test_webhook", &[("id", "<webhook>")], ADMINISTRATOR),
    ("send_delivery_again", &[("id", "<delivery>")], ADMINISTRATOR),
    ("save_dataverse_connection", &[("id", "<connection>"), ("row_version", "99")], ADMINISTRATOR),
    ("try_dataverse_connection", &[("id", "<connection>")], ADMINISTRATOR),
    ("set_person_roles", &[("id", "<administrator>"), ("roles[]", "pipeline-user")], ADMINISTRATOR),
    ("set_person_enabled", &[("id", "<administrator>"), ("enabled", "false")], ADMINISTRATOR),
    ("create_team", &[], ADMINISTRATOR),
    ("save_team", &[("id", "<team>"), ("row_version", "99"), ("name", "x")], ADMINISTRATOR),
    ("add_team_member", &[("id", "<team>"), ("person", "<person>")], ADMINISTRATOR),
    ("remove_team_member", &[("id", "<team>"), ("person", "<person>")], ADMINISTRATOR),
    // From here on things change, the most far-reaching last.
    ("refresh_environment_status", &[("id", "<record>")], ADMINISTRATOR),
    ("reset_person_password", &[("id", "<stranger>")], ADMINISTRATOR),
    ("discard_run", &[("run", "<run>")], CANCELS),
    ("remove_from_queue", &[("run", "<run>")], CANCELS),
    ("delete_stage", &[("id", "<stage>")], ADMINISTRATOR),
    ("delete_pipeline", &[("id", "<pipeline>")], ADMINISTRATOR),
    ("delete_personal_pipeline", &[("id", "<personal>"), ("environment", "<development>")], ADMINISTRATOR),
    ("delete_team", &[("id", "<team>")], ADMINISTRATOR),
    ("delete_dataverse_connection", &[("id", "<connection>")], ADMINISTRATOR),
    ("delete_webhook", &[("id", "<webhook>")], ADMINISTRATOR),
    ("reset_built_in_environment", &[("id", "<development>")], ADMINISTRATOR),
    ("end_all_sessions", &[], SIGNED_IN),
];

/// Whether an answer lets somebody do what they asked for, whatever came of it. Somebody who has to sign in first, who
/// may not, or for whom there is no such thing is refused.
fn is_allowed(status: StatusCode, location: &str) -> bool {
    let refused = [StatusCode::UNAUTHORIZED, StatusCode::FORBIDDEN, StatusCode::NOT_FOUND];
    assert!(!status.is_server_error() || status == StatusCode::SERVICE_UNAVAILABLE, "{status}");
    !refused.contains(&status) && !location.starts_with("/sign-in?next=")
}

/// What everybody gets, as a row of the table has it.
async fn row(
    browsers: &mut [Browser],
    method: Method,
    path: &str,
    headers: &[(HeaderName, &str)],
    body: &str,
) -> String {
    let mut signs = String::new();
    for browser in browsers {
        let response = browser.open(method.clone(), path, headers, Body::from(body.to_owned())).await;
        let location = response.headers().get(header::LOCATION).map_or("", |value| value.to_str().unwrap()).to_owned();
        // The page for those who are not signed in leads to itself by another address.
        let location = if path.starts_with("/sign-out") { String::new() } else { location };
        let home = path == "/" && location == "/sign-in";
        signs.push(if is_allowed(response.status(), &location) && !home { '+' } else { '-' });
    }
    signs
}

/// What the table says and what is so, where they differ.
fn differences(wrong: &[(String, String, String)]) -> String {
    let lines = wrong.iter().map(|(what, said, is)| {
        let people = PEOPLE.iter().enumerate().filter(|(index, _)| said.as_bytes()[*index] != is.as_bytes()[*index]);
        let people: Vec<_> = people.map(|(_, person)| *person).collect();
        format!("{what}: the table says {said}, it is {is} ({})", people.join(", "))
    });
    lines.collect::<Vec<_>>().join("\n")
}

fn same(there: &BTreeSet<String>, table: &BTreeSet<String>, what: &str) {
    let missing: Vec<_> = there.difference(table).collect();
    assert!(missing.is_empty(), "{what} that the table says nothing about: {missing:?}");
    let gone: Vec<_> = table.difference(there).collect();
    assert!(gone.is_empty(), "{what} of the table that there are not: {gone:?}");
}

/// The name of a server function, out of its path.
fn name_of(path: &str) -> String {
    let name = path.rsplit('/').next().unwrap();
    name.trim_end_matches(|letter: char| letter.is_ascii_digit()).to_owned()
}

#[tokio::test]
async fn everybody_may_do_what_the_table_says_and_nothing_else() {
    let folder = tempfile::tempdir().unwrap();
    let bed = Bed::new(testbed::sqlite(folder.path()).await);
    let (scene, mut browsers) = Box::pin(scene(&bed)).await;
    let mut wrong = Vec::new();

    let pages: BTreeSet<_> =
        leptos_axum::generate_route_list(app::App).iter().map(|route| route.path().to_owned()).collect();
    let table = PAGES.iter().map(|(path, _, _)| (*path).to_owned().replace(':', "{")).collect::<BTreeSet<_>>();
    let plain =
        |paths: &BTreeSet<String>| paths.iter().map(|path| path.replace(['{', '}', ':'], "")).collect::<BTreeSet<_>>();
    same(&plain(&pages), &plain(&table), "pages");
    for (path, example, who) in PAGES {
        let headers = [(header::ACCEPT, "text/html")];
        let is = row(&mut browsers, Method::GET, &scene.fill(example), &headers, "").await;
        if is != *who {
            wrong.push(((*path).to_owned(), (*who).to_owned(), is));
        }
    }

    let functions: Vec<_> = leptos::server_fn::axum::server_fn_paths().collect();
    let names: BTreeSet<_> = functions.iter().map(|(path, _)| name_of(path)).collect();
    assert_eq!(names.len(), functions.len(), "two server functions of the same name");
    assert!(functions.iter().all(|(_, method)| *method == Method::POST), "nothing is changed with GET: {functions:?}");
    same(&names, &FUNCTIONS.iter().map(|(name, _, _)| (*name).to_owned()).collect(), "server functions");
    for (name, fields, who) in FUNCTIONS {
        let (path, _) = functions.iter().find(|(path, _)| name_of(path) == *name).unwrap();
        let encoded = |text: &str| slipway_server::address::encoded(&scene.fill(text));
        let body: Vec<_> =
            fields.iter().map(|(field, value)| format!("{}={}", encoded(field), encoded(value))).collect();
        let headers = [
            (header::ACCEPT, "application/json"),
            (header::CONTENT_TYPE, "application/x-www-form-urlencoded"),
            (header::ORIGIN, "https://slipway.test"),
            (HeaderName::from_static("sec-fetch-site"), "same-origin"),
        ];
        let is = row(&mut browsers, Method::POST, path, &headers, &body.join("&")).await;
        if is != *who {
            wrong.push(((*name).to_owned(), (*who).to_owned(), is));
        }
    }
    assert!(wrong.is_empty(), "{}", differences(&wrong));
}

#[tokio::test]
async fn the_addresses_of_the_server_itself_are_open_to_whom_the_table_says() {
    let folder = tempfile::tempdir().unwrap();
    let bed = Bed::new(testbed::sqlite(folder.path()).await);
    let (scene, mut browsers) = Box::pin(scene(&bed)).await;
    let there = slipway_server::router::own_addresses(&bed.slipway);
    let there = there.iter().map(|(method, path)| format!("{method} {path}")).collect();
    same(&there, &OWN.iter().map(|(method, path, _, _)| format!("{method} {path}")).collect(), "addresses");
    let mut wrong = Vec::new();
    for (method, path, example, who) in OWN {
        let headers = [
            (header::ACCEPT, "application/json"),
            (header::CONTENT_TYPE, "application/x-www-form-urlencoded"),
            (header::ORIGIN, "https://slipway.test"),
            (HeaderName::from_static("sec-fetch-site"), "same-origin"),
        ];
        let method: Method = method.parse().unwrap();
        let is = row(&mut browsers, method, &scene.fill(example), &headers, "").await;
        if is != *who {
            wrong.push(((*path).to_owned(), (*who).to_owned(), is));
        }
    }
    assert!(wrong.is_empty(), "{}", differences(&wrong));
}
