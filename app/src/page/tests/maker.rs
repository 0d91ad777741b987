//! Signing in, and the pages of an environment's solutions, as a browser sees them.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing, reason = "tests")]

use super::site::Site;
use crate::{
    context::Visitor,
    page::{account::password::ChangePassword, maker::new_solution::CreateSolution, sign_in::SubmitSignIn},
};
use leptos::server_fn::ServerFn;
use model::user::{Person, Roles};
use pipelines::{
    Caller, deployment_environment,
    user::{self, NewUser},
};

const HOSTILE: &str = "</title><script>alert(1)</script>\"'&";

/// A site with a validated development environment, and the id of that environment.
async fn with_environment() -> (Site, String) {
    let site = Site::new().await;
    let (environment, _) = site.environment("Contoso Dev", "development").await;
    deployment_environment::validate_pending(&site.host).await.unwrap();
    (site, environment)
}

fn new_solution<'a>(environment: &'a str, display_name: &'a str, name: &'a str) -> Vec<(&'a str, &'a str)> {
    vec![
        ("environment", environment),
        ("display_name", display_name),
        ("unique_name", name),
        ("publisher", ""),
        ("publisher_display_name", "Contoso"),
        ("publisher_unique_name", "contoso"),
        ("publisher_prefix", "contoso"),
        ("version", "1.0.0.0"),
        ("description", "Line one\nline two"),
    ]
}

#[tokio::test]
async fn the_start_leads_to_the_first_environment() {
    let (site, environment) = with_environment().await;
    let answer = site.get("/").await;
    assert_eq!(answer.status, 303);
    assert_eq!(answer.location.unwrap(), format!("/environments/{environment}/solutions"));
}

#[tokio::test]
async fn a_solution_is_created_found_and_shown_with_what_is_in_it() {
    let (site, environment) = with_environment().await;
    let list = format!("/environments/{environment}/solutions");
    assert!(site.page(&list).await.contains("There are no solutions in this environment yet."));

    let created = site.post(CreateSolution::PATH, &new_solution(&environment, "Expenses", "Expenses")).await;
    assert_eq!(created, format!("{list}/Expenses"));
    let overview = site.page(&created).await;
    assert!(overview.contains("The solution Expenses was created."), "{overview}");
    assert!(overview.contains("1.0.0.0") && overview.contains("Contoso"), "{overview}");
    assert!(!site.page(&created).await.contains("was created."), "a notice is said once");

    assert!(site.page(&format!("{list}?search=expen")).await.contains(">Expenses</a>"));
    assert!(site.page(&format!("{list}?search=zzz")).await.contains("No solution has “zzz” in its name."));
    let objects = site.page(&format!("{created}/objects?type=1&search=x")).await;
    assert!(objects.contains("There is no such component in this solution."), "{objects}");
}

#[tokio::test]
async fn a_form_comes_back_with_everything_that_was_entered_and_what_is_wrong() {
    let (site, environment) = with_environment().await;
    let mut fields = new_solution(&environment, HOSTILE, "not a name");
    fields[7] = ("version", "one");
    let back = site.post(CreateSolution::PATH, &fields).await;
    let (_, number) = back.split_once("returned=").unwrap();
    let page = site.page(&format!("/environments/{environment}/new-solution?returned={number}")).await;
    assert!(page.contains(r#"value="not a name""#) && page.contains(r#"value="one""#), "{page}");
    assert!(page.contains("Line one\nline two</textarea>"), "{page}");
    assert!(page.contains(r#"aria-invalid="true""#), "{page}");
    assert!(!page.contains("<script>alert"), "{page}");
    let again = site.page(&format!("/environments/{environment}/new-solution?returned={number}")).await;
    assert!(again.contains(r#"value="not a name""#), "and it survives a reload");
    let fresh = site.page(&format!("/environments/{environment}/new-solution")).await;
    assert!(!fresh.contains("not a name") && !fresh.contains("aria-invalid"), "{fresh}");
}

#[tokio::test]
async fn a_solution_may_have_any_name_and_still_be_opened() {
    let (site, environment) = with_environment().await;
    for name in ["new", "import"] {
        let mut fields = new_solution(&environment, "Expenses", name);
        fields[5] = ("publisher_unique_name", name);
        let created = site.post(CreateSolution::PATH, &fields).await;
        assert!(site.page(&created).await.contains("was created."), "{created}");
    }
}

#[tokio::test]
async fn names_stay_text_wherever_they_are_shown() {
    let (site, environment) = with_environment().await;
    let created = site.post(CreateSolution::PATH, &new_solution(&environment, HOSTILE, "Expenses")).await;
    for address in [format!("/environments/{environment}/solutions"), created.clone(), format!("{created}/objects")] {
        let page = site.page(&address).await;
        assert!(!page.contains("<script>alert"), "{page}");
        assert!(page.contains("&lt;script"), "{page}");
    }
}

#[tokio::test]
async fn what_is_not_there_or_not_for_this_person_is_not_found() {
    let (site, environment) = with_environment().await;
    let nothing = "00000000-0000-0000-0000-000000000001";
    for address in [
        format!("/environments/{nothing}/solutions"),
        "/environments/nonsense/solutions".to_owned(),
        format!("/environments/{environment}/solutions/Nothing"),
        format!("/environments/{environment}/solutions/Nothing/objects"),
        format!("/environments/{environment}/imports/{nothing}"),
    ] {
        assert_eq!(site.get(&address).await.status, 404, "{address}");
    }
    // A user may use an environment only through a pipeline, and there is none.
    site.becomes(Roles::USER);
    assert_eq!(site.get(&format!("/environments/{environment}/solutions")).await.status, 404);
    let answer = site.post_as("application/json", CreateSolution::PATH, &new_solution(&environment, "X", "X")).await;
    assert_eq!(answer.status, 404, "{}", answer.body);
}

#[tokio::test]
async fn signing_in_leads_on_and_a_wrong_password_back() {
    let site = Site::new().await;
    let caller = Caller::new(site.me.id, site.me.display_name.clone(), Roles::ADMINISTRATOR);
    let new = NewUser { user_name: "grace".to_owned(), display_name: "Grace".to_owned(), roles: Roles::USER };
    let (_, password) = user::create(&site.host, &caller, &new).await.unwrap();
    *site.visitor.lock().unwrap() = Visitor::default();

    let wrong = [("user_name", "grace"), ("password", "not the password"), ("next", "/runs/1")];
    let back = site.post(SubmitSignIn::PATH, &wrong).await;
    assert!(back.starts_with("/sign-in?next=%2Fruns%2F1&returned="), "{back}");
    let page = site.page(&back).await;
    assert!(page.contains(r#"value="grace""#) && page.contains(r#"value="/runs/1""#), "{page}");
    assert!(!page.contains("not the password"), "a password is never given back: {page}");

    let right = [("user_name", "grace"), ("password", &password.to_string()), ("next", "/runs/1")];
    assert_eq!(site.post(SubmitSignIn::PATH, &right).await, "/runs/1");
}

#[tokio::test]
async fn somebody_with_a_one_time_password_can_only_change_it() {
    let (site, environment) = with_environment().await;
    let person = Person { must_change_password: true, ..site.me.clone() };
    let caller = Caller::new(person.id, person.display_name.clone(), person.roles);
    *site.visitor.lock().unwrap() = Visitor { caller: Some(caller), person: Some(person), ..Visitor::default() };

    let answer = site.get(&format!("/environments/{environment}/solutions")).await;
    assert_eq!((answer.status, answer.location.as_deref()), (303, Some("/account")));
    let answer = site.post_as("application/json", CreateSolution::PATH, &new_solution(&environment, "X", "X")).await;
    assert_eq!(answer.status, 403);
    assert!(site.page("/account").await.contains("You signed in with a one-time password."));
    let fields = [("current", "x"), ("new", "a long new password"), ("repeated", "another new password")];
    let back = site.post(ChangePassword::PATH, &fields).await;
    let page = site.page(&back).await;
    assert!(page.contains("The two new passwords differ."), "{page}");
    assert!(!page.contains("a long new password"), "{page}");
}

#[tokio::test]
async fn a_failure_that_the_address_tells_of_is_believed_only_by_its_kind() {
    let site = Site::new().await;
    // {"Forbidden":"Send your password to evil.example"}
    let error = "eyJGb3JiaWRkZW4iOiJTZW5kIHlvdXIgcGFzc3dvcmQgdG8gZXZpbC5leGFtcGxlIn0=";
    let page = site.page(&format!("/account?__path=x&__err={error}")).await;
    assert!(page.contains("That was not done: you may not do it."), "{page}");
    assert!(!page.contains("evil.example"), "{page}");
    assert!(site.page("/account?__err=nonsense").await.contains("That was not done."));
}
