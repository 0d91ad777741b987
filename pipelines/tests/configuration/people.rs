use crate::common::{TestHost, assert_not_found, message_at, problems, refusal, sign_in};
use model::{id::UserId, user::Roles};
use slipway_pipelines::user::{self, NewUser};
use std::time::Duration;
use testbed::each_database;

fn new(user_name: &str) -> NewUser {
    NewUser { user_name: user_name.to_owned(), display_name: "Nestor Wilke".to_owned(), roles: Roles::USER }
}

#[tokio::test]
async fn a_new_person_signs_in_once_with_the_one_time_password_and_then_chooses_one() {
    each_database(|database| async move {
        let test = TestHost::new(database).await;
        let host = &test.host;
        assert_eq!(user::count(host).await.unwrap(), 2);
        let (person, one_time) = user::create(host, &test.administrator, &new(" Nestor ")).await.unwrap();
        assert_eq!(person.user_name, "Nestor");
        assert!(person.must_change_password && person.enabled);

        // Without regard to case.
        let signed_in = sign_in(host, "nEsToR", &one_time.to_string()).await.unwrap();
        assert_eq!(signed_in, person);
        let (caller, visitor) = user::visitor(host, person.id).await.unwrap().unwrap();
        assert_eq!((caller.user, caller.roles, &caller.name), (person.id, Roles::USER, &visitor.display_name));

        test.clock.advance(Duration::from_mins(1));
        user::change_password(host, &caller, &one_time.to_string(), "a walk along the canal").await.unwrap();
        message_at("password", sign_in(host, "nestor", &one_time.to_string()).await);
        let person = sign_in(host, "nestor", "a walk along the canal").await.unwrap();
        assert!(!person.must_change_password);
        assert!(person.password_set > signed_in.password_set, "sessions of before are over");
    })
    .await;
}

#[tokio::test]
async fn a_user_name_is_there_once_whatever_its_case_even_when_two_ask_at_once() {
    each_database(|database| async move {
        let test = TestHost::new(database).await;
        let (host, admin) = (&test.host, &test.administrator);
        message_at("user_name", user::create(host, admin, &new("ADELE")).await);
        let bad = NewUser { user_name: "a b".to_owned(), display_name: " ".to_owned(), roles: Roles::USER };
        let fields: Vec<_> = problems(user::create(host, admin, &bad).await).into_iter().map(|p| p.field).collect();
        assert_eq!(fields, ["user_name", "display_name"]);
        let (lower, upper) = (new("nestor"), new("NESTOR"));
        let (one, other) = tokio::join!(user::create(host, admin, &lower), user::create(host, admin, &upper));
        assert!(one.is_ok() != other.is_ok());
        message_at("user_name", if one.is_ok() { other } else { one });
    })
    .await;
}

#[tokio::test]
async fn a_wrong_password_and_an_unknown_name_read_the_same() {
    each_database(|database| async move {
        let test = TestHost::new(database).await;
        let wrong = message_at("password", sign_in(&test.host, "miguel", "not the password").await);
        for (name, password) in
            [("nobody", "not the password"), ("", ""), ("miguel", &"x".repeat(100_000)), ("a\0", "x")]
        {
            assert_eq!(message_at("password", sign_in(&test.host, name, password).await), wrong);
        }
        user::set_enabled(&test.host, &test.administrator, test.user.user, false).await.unwrap();
        let disabled = sign_in(&test.host, "miguel", &test.users_password).await;
        assert_eq!(message_at("password", disabled), wrong);
    })
    .await;
}

#[tokio::test]
async fn after_five_failures_an_account_waits_longer_and_longer_and_never_for_good() {
    each_database(|database| async move {
        let test = TestHost::new(database).await;
        let host = &test.host;
        for _ in 0..5 {
            message_at("password", sign_in(host, "miguel", "guess").await);
        }
        message_at("password", sign_in(host, "miguel", &test.users_password).await);
        test.clock.advance(Duration::from_secs(5));
        // The sixth failure doubles the wait.
        message_at("password", sign_in(host, "miguel", "guess").await);
        test.clock.advance(Duration::from_secs(9));
        message_at("password", sign_in(host, "miguel", &test.users_password).await);
        test.clock.advance(Duration::from_secs(1));
        sign_in(host, "miguel", &test.users_password).await.unwrap();
        // The holder has come in: failures count from the beginning again.
        for _ in 0..4 {
            message_at("password", sign_in(host, "miguel", "guess").await);
        }
        sign_in(host, "miguel", &test.users_password).await.unwrap();
        // Others did not wait.
        sign_in(host, "adele", &test.administrators_password).await.unwrap();
    })
    .await;
}

#[tokio::test]
async fn many_guesses_at_once_are_slowed_down_like_guesses_one_by_one() {
    each_database(|database| async move {
        let test = TestHost::new(database).await;
        let guesses = (0..12).map(|_| sign_in(&test.host, "miguel", "guess"));
        for guess in futures::future::join_all(guesses).await {
            message_at("password", guess);
        }
        for _ in 0..5 {
            // However many were let through at once, the rest is not free.
            let _ = sign_in(&test.host, "miguel", "guess").await;
        }
        message_at("password", sign_in(&test.host, "miguel", &test.users_password).await);
    })
    .await;
}

#[tokio::test]
async fn a_new_password_is_good_and_the_current_one_is_asked_for() {
    each_database(|database| async move {
        let test = TestHost::new(database).await;
        let (host, user, current) = (&test.host, &test.user, test.users_password.as_str());
        for bad in ["short", current, &"x".repeat(257)] {
            message_at("new", user::change_password(host, user, current, bad).await);
        }
        for _ in 0..5 {
            message_at("current", user::change_password(host, user, "guess", "a walk along the canal").await);
        }
        message_at("current", user::change_password(host, user, current, "a walk along the canal").await);
        test.clock.advance(Duration::from_secs(5));
        user::change_password(host, user, current, "a walk along the canal").await.unwrap();
    })
    .await;
}

#[tokio::test]
async fn an_administrator_gives_a_new_one_time_password_and_ends_the_waiting() {
    each_database(|database| async move {
        let test = TestHost::new(database).await;
        let host = &test.host;
        for _ in 0..6 {
            message_at("password", sign_in(host, "miguel", "guess").await);
        }
        let one_time = user::reset_password(host, &test.administrator, test.user.user).await.unwrap();
        let person = sign_in(host, "miguel", &one_time.to_string()).await.unwrap();
        assert!(person.must_change_password);
        let nobody = UserId(uuid::Uuid::from_u128(404));
        assert_not_found(user::reset_password(host, &test.administrator, nobody).await);
    })
    .await;
}

#[tokio::test]
async fn the_last_administrator_stays_one() {
    each_database(|database| async move {
        let test = TestHost::new(database).await;
        let (host, admin) = (&test.host, &test.administrator);
        refusal(user::set_roles(host, admin, admin.user, Roles::USER).await);
        refusal(user::set_enabled(host, admin, admin.user, false).await);
        let people = user::list(host, admin).await.unwrap();
        let names: Vec<_> = people.iter().map(|person| (person.display_name.as_str(), person.roles)).collect();
        assert_eq!(names, [("Adele Vance", Roles::ADMINISTRATOR), ("Miguel Silva", Roles::USER)]);

        user::set_roles(host, admin, test.user.user, Roles::ADMINISTRATOR).await.unwrap();
        // Both try to send the other one away at the same time: one of them stays.
        let (one, other) = tokio::join!(
            user::set_enabled(host, admin, test.user.user, false),
            user::set_enabled(host, &test.user, admin.user, false)
        );
        assert!(one.is_ok() != other.is_ok(), "{one:?} {other:?}");
        let gone = if one.is_ok() { test.user.user } else { admin.user };
        assert!(user::visitor(host, gone).await.unwrap().is_none());
        let nobody = UserId(uuid::Uuid::from_u128(404));
        assert_not_found(user::set_enabled(host, admin, nobody, false).await);
    })
    .await;
}
