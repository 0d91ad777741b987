use crate::common::{TestHost, assert_forbidden, assert_not_found, message_at, problems};
use model::{
    id::TokenId,
    token::Scope,
    user::{Role, Roles},
};
use slipway_pipelines::{
    Caller, Host, Origin, Proof,
    secret::{ExposeSecret, Secret},
    token::{self, Answer, NewToken},
    user,
};
use std::time::Duration;
use testbed::each_database;

fn new(scopes: &[Scope]) -> NewToken {
    NewToken { name: "Nightly build".to_owned(), scopes: scopes.to_vec(), days: Some(30) }
}

fn origin() -> Origin {
    Origin { remote_address: Some("192.0.2.1".parse().unwrap()), ..Origin::system() }
}

async fn caller(host: &Host, token: &Secret) -> Option<Caller> {
    match token::recognise(host, token, &origin()).await.unwrap() {
        Answer::Known(caller, _) => Some(*caller),
        Answer::Unknown | Answer::Waits(_) => None,
    }
}

#[tokio::test]
async fn a_token_acts_for_its_person_until_it_expires_or_is_revoked() {
    each_database(|database| async move {
        let test = TestHost::new(database).await;
        let (host, user) = (&test.host, &test.user);
        let (made, token) = token::create(host, user, &new(&[Scope::Deploy]), &test.users_password).await.unwrap();
        assert!(token.expose_secret().starts_with(&made.prefix) && made.prefix.len() < 20);
        let found = caller(host, &token).await.unwrap();
        assert_eq!((found.user, found.scopes.label().as_str()), (user.user, "Read, Deploy"));
        assert_eq!(found.origin.through_id, Some(made.id.to_string()));

        test.clock.advance(Duration::from_mins(2));
        caller(host, &token).await.unwrap();
        let listed = token::list(host, user).await.unwrap().remove(0);
        assert_eq!((listed.last_used, listed.last_address.as_str()), (Some(host.clock().now()), "192.0.2.1"));
        assert!(token::list(host, &test.administrator).await.unwrap().is_empty());

        assert_not_found(token::revoke(host, &test.administrator, made.id).await);
        token::revoke(host, user, made.id).await.unwrap();
        assert_not_found(token::revoke(host, user, made.id).await);
        assert!(caller(host, &token).await.is_none() && !Proof::Token(made.id).holds(host).await.unwrap());

        let (made, token) = token::create(host, user, &new(&[Scope::Read]), &test.users_password).await.unwrap();
        test.clock.advance(Duration::from_hours(30 * 24));
        assert!(caller(host, &token).await.is_none() && !Proof::Token(made.id).holds(host).await.unwrap());
    })
    .await;
}

#[tokio::test]
async fn a_token_of_somebody_who_is_disabled_is_nobodys() {
    each_database(|database| async move {
        let test = TestHost::new(database).await;
        let (_, token) =
            token::create(&test.host, &test.user, &new(&[Scope::Read]), &test.users_password).await.unwrap();
        user::set_enabled(&test.host, &test.administrator, test.user.user, false).await.unwrap();
        assert!(caller(&test.host, &token).await.is_none());
    })
    .await;
}

#[tokio::test]
async fn a_token_may_do_what_its_scopes_say_and_never_more_than_its_person() {
    each_database(|database| async move {
        let test = TestHost::new(database).await;
        let (host, admin, user) = (&test.host, &test.administrator, &test.user);
        let roles = Roles::from(Role::PipelineUser).with(Role::PipelineDefault);
        let program = async |person: &Caller, scopes: &[Scope]| {
            let password =
                [&test.users_password, &test.administrators_password][usize::from(person.user == admin.user)];
            let (_, token) = token::create(host, person, &new(scopes), password).await.unwrap();
            caller(host, &token).await.unwrap()
        };
        let reads = program(admin, &[Scope::Read]).await;
        let deploys = program(admin, &[Scope::Deploy]).await;
        let administers = program(admin, &[Scope::Administer]).await;
        assert!(user::list(host, &reads).await.is_ok());
        for refused in [&reads, &deploys, &program(user, &[Scope::Administer]).await] {
            assert_forbidden(user::set_roles(host, refused, user.user, roles).await);
        }
        user::set_roles(host, &administers, user.user, roles).await.unwrap();
        // Nobody makes a mightier token, or stays in for good, with a token.
        assert_forbidden(token::create(host, &administers, &new(&[Scope::Read]), &test.administrators_password).await);
        assert_forbidden(token::list(host, &administers).await);
        assert_forbidden(token::revoke(host, &administers, TokenId(uuid::Uuid::nil())).await);
        assert_forbidden(
            user::change_password(host, &administers, &test.administrators_password, "a walk along the canal").await,
        );
    })
    .await;
}

#[tokio::test]
async fn a_token_needs_a_name_a_scope_and_an_end() {
    each_database(|database| async move {
        let test = TestHost::new(database).await;
        for days in [None, Some(0), Some(366)] {
            let bad = NewToken { name: " ".to_owned(), scopes: Vec::new(), days };
            let fields = problems(token::create(&test.host, &test.user, &bad, &test.users_password).await);
            let fields: Vec<_> = fields.iter().map(|problem| problem.field.as_str()).collect();
            assert_eq!(fields, ["name", "scopes", "days"]);
        }
    })
    .await;
}

#[tokio::test]
async fn wrong_tokens_are_slowed_down_and_right_ones_are_not() {
    each_database(|database| async move {
        let test = TestHost::new(database).await;
        let (_, token) =
            token::create(&test.host, &test.user, &new(&[Scope::Read]), &test.users_password).await.unwrap();
        let wrong = Secret::from(format!("slipway_{}", "0".repeat(64)));
        for _ in 0..30 {
            assert!(matches!(token::recognise(&test.host, &wrong, &origin()).await.unwrap(), Answer::Unknown));
        }
        let Answer::Waits(until) = token::recognise(&test.host, &Secret::from("?"), &origin()).await.unwrap() else {
            panic!("it does not wait")
        };
        assert!(until > test.host.clock().now());
        assert!(caller(&test.host, &token).await.is_some());
    })
    .await;
}

#[tokio::test]
async fn whoever_finds_a_browser_open_makes_no_token_without_the_password_and_cannot_guess_it_there() {
    each_database(|database| async move {
        let test = TestHost::new(database).await;
        let (host, user, new) = (&test.host, &test.user, new(&[Scope::Deploy]));
        for guess in ["", "guess", &test.administrators_password] {
            let message = message_at("password", token::create(host, user, &new, guess).await);
            assert_eq!(message, "This is not your password.");
        }
        assert!(token::list(host, user).await.unwrap().is_empty());
        for _ in 0..10 {
            message_at("password", token::create(host, user, &new, "guess").await);
        }
        message_at("password", token::create(host, user, &new, &test.users_password).await);
        test.clock.advance(Duration::from_mins(5));
        token::create(host, user, &new, &test.users_password).await.unwrap();
    })
    .await;
}
