use crate::common::{TestHost, message_at, refusal, sign_in};
use model::{
    id::UserId,
    team::Membership,
    user::{Role, Roles},
};
use sea_orm::ConnectionTrait;
use slipway_pipelines::{
    Caller, Error, Host, Origin,
    secret::{self, Keys, Secrets},
    sign_in::{self, Attempt, NewPending, ProviderIdentity, ProviderRoles, SignedIn},
    team::{self, TeamForm},
    user,
};
use std::time::Duration;
use testbed::each_database;

pub fn from(address: &str) -> Origin {
    Origin { remote_address: Some(address.parse().unwrap()), ..Origin::system() }
}

async fn attempt(
    host: &Host,
    address: &str,
    (user_name, password): (&str, &str),
    browser: Option<&str>,
) -> Result<SignedIn, Error> {
    sign_in::with_password(host, Attempt { user_name, password, browser, origin: &from(address) }).await
}

#[tokio::test]
async fn a_stranger_who_tries_a_name_does_not_keep_its_person_out_of_a_browser_that_is_known() {
    each_database(|database| async move {
        let test = TestHost::new(database).await;
        let (host, right) = (&test.host, ("miguel", test.users_password.as_str()));
        let known = attempt(host, "192.0.2.1", right, None).await.unwrap().browser;
        for stranger in 1..=20 {
            let _ = attempt(host, &format!("203.0.113.{stranger}"), ("miguel", "guess"), None).await;
        }
        message_at("password", attempt(host, "192.0.2.1", right, None).await);
        message_at("password", attempt(host, "192.0.2.1", right, Some("a token of nobody")).await);
        let known = attempt(host, "192.0.2.1", right, Some(&known)).await.unwrap().browser;
        // The browser of one person is nothing to the name of another.
        for _ in 0..5 {
            message_at("password", attempt(host, "192.0.2.1", ("adele", "guess"), Some(&known)).await);
        }
        let adele = ("adele", test.administrators_password.as_str());
        message_at("password", attempt(host, "192.0.2.1", adele, Some(&known)).await);
    })
    .await;
}

#[tokio::test]
async fn an_address_that_waits_does_not_make_names_wait() {
    each_database(|database| async move {
        let test = TestHost::new(database).await;
        let host = &test.host;
        let right = ("miguel", test.users_password.as_str());
        for number in 0..200 {
            let _ = attempt(host, "203.0.113.1", (&format!("somebody{number}"), "guess"), None).await;
        }
        for _ in 0..20 {
            message_at("password", attempt(host, "203.0.113.1", ("miguel", "guess"), None).await);
        }
        attempt(host, "192.0.2.1", right, None).await.unwrap();
    })
    .await;
}

#[tokio::test]
async fn guessing_in_a_known_browser_is_slow_as_well_and_a_new_password_forgets_the_browser() {
    each_database(|database| async move {
        let test = TestHost::new(database).await;
        let (host, right) = (&test.host, ("miguel", test.users_password.as_str()));
        let known = attempt(host, "192.0.2.1", right, None).await.unwrap().browser;
        for _ in 0..5 {
            message_at("password", attempt(host, "192.0.2.1", ("miguel", "guess"), Some(&known)).await);
        }
        message_at("password", attempt(host, "192.0.2.1", right, Some(&known)).await);
        test.clock.advance(Duration::from_secs(5));
        let known = attempt(host, "192.0.2.1", right, Some(&known)).await.unwrap().browser;

        let password = user::reset_password(host, &test.administrator, test.user.user).await.unwrap().to_string();
        for _ in 0..5 {
            message_at("password", attempt(host, "203.0.113.1", ("miguel", "guess"), None).await);
        }
        message_at("password", attempt(host, "192.0.2.1", ("miguel", &password), Some(&known)).await);
    })
    .await;
}

#[tokio::test]
async fn an_address_that_tries_many_names_waits_and_an_account_of_its_own_does_not_change_that() {
    each_database(|database| async move {
        let test = TestHost::new(database).await;
        let (host, own) = (&test.host, ("miguel", test.users_password.as_str()));
        for guess in 0..30 {
            if guess == 15 {
                attempt(host, "203.0.113.1", own, None).await.unwrap();
            }
            message_at("password", attempt(host, "203.0.113.1", (&format!("name{guess}"), "guess"), None).await);
        }
        message_at("password", attempt(host, "203.0.113.1", own, None).await);
        attempt(host, "203.0.113.2", own, None).await.unwrap();
        test.clock.advance(Duration::from_secs(5));
        attempt(host, "203.0.113.1", own, None).await.unwrap();
    })
    .await;
}

#[tokio::test]
async fn a_one_time_password_is_good_for_a_week() {
    each_database(|database| async move {
        let test = TestHost::new(database).await;
        test.clock.advance(sign_in::ONE_TIME);
        sign_in(&test.host, "miguel", &test.users_password).await.unwrap();
        test.clock.advance(Duration::from_secs(1));
        let message = message_at("password", sign_in(&test.host, "miguel", &test.users_password).await);
        assert!(message.contains("expired"), "{message}");
        let wrong = message_at("password", sign_in(&test.host, "miguel", "guess").await);
        assert!(!wrong.contains("expired"), "{wrong}");
    })
    .await;
}

pub fn identity(subject: &str) -> ProviderIdentity {
    ProviderIdentity {
        provider: "contoso".to_owned(),
        provider_name: "Contoso".to_owned(),
        subject: subject.to_owned(),
        user_name: "miguel".to_owned(),
        display_name: "Miguel Silva".to_owned(),
        groups: None,
        roles: None,
        creates_accounts: true,
    }
}

pub async fn arrive(host: &Host, identity: &ProviderIdentity, connect: Option<UserId>) -> Result<UserId, Error> {
    let arrived = sign_in::with_provider(host, &from("192.0.2.1"), identity, connect).await;
    arrived.map(|person| person.id)
}

#[tokio::test]
async fn a_provider_account_is_told_by_its_subject_and_leads_to_nobody_else_of_that_name() {
    each_database(|database| async move {
        let test = TestHost::new(database).await;
        let host = &test.host;
        let person = arrive(host, &identity("one"), None).await.unwrap();
        assert_ne!(person, test.user.user, "the local account of the same name stays whose it is");
        let (_, seen) = user::visitor(host, person).await.unwrap().unwrap();
        assert_eq!((seen.user_name.as_str(), seen.roles), ("miguel-2", Roles::USER));
        let renamed = ProviderIdentity { user_name: "other".to_owned(), ..identity("one") };
        assert_eq!(arrive(host, &renamed, None).await.unwrap(), person);
        assert_ne!(arrive(host, &identity("two"), None).await.unwrap(), person);
        let elsewhere = ProviderIdentity { provider: "fabrikam".to_owned(), ..identity("one") };
        assert_ne!(arrive(host, &elsewhere, None).await.unwrap(), person);

        // There is no password to guess.
        for password in ["", "miguel-2"] {
            message_at("password", sign_in(host, "miguel-2", password).await);
        }
        user::set_enabled(host, &test.administrator, person, false).await.unwrap();
        refusal(arrive(host, &identity("one"), None).await);
        let closed = ProviderIdentity { creates_accounts: false, ..identity("three") };
        refusal(arrive(host, &closed, None).await);
        refusal(arrive(host, &identity(""), None).await);
    })
    .await;
}

#[tokio::test]
async fn an_account_is_connected_by_its_person_and_only_once() {
    each_database(|database| async move {
        let test = TestHost::new(database).await;
        let (host, user) = (&test.host, &test.user);
        message_at("password", sign_in::confirm_themselves(host, user, "guess").await);
        sign_in::confirm_themselves(host, user, &test.users_password).await.unwrap();
        assert_eq!(arrive(host, &identity("one"), Some(user.user)).await.unwrap(), user.user);
        assert_eq!(arrive(host, &identity("one"), None).await.unwrap(), user.user);
        refusal(arrive(host, &identity("one"), Some(test.administrator.user)).await);
        refusal(arrive(host, &identity("two"), Some(user.user)).await);

        assert_eq!(sign_in::identities(host, user).await.unwrap().len(), 1);
        // What the provider had given goes with it.
        let managed = Roles::from(Role::PipelineAdministrator);
        let roles = Some(ProviderRoles { managed, given: managed });
        arrive(host, &ProviderIdentity { roles, ..identity("one") }, None).await.unwrap();
        assert!(user::visitor(host, user.user).await.unwrap().unwrap().1.roles.has(Role::PipelineAdministrator));
        sign_in::disconnect(host, user, "contoso", managed).await.unwrap();
        assert_eq!(user::visitor(host, user.user).await.unwrap().unwrap().1.roles, Roles::USER);
        let stranger = arrive(host, &identity("one"), None).await.unwrap();
        assert_ne!(stranger, user.user);
        let (stranger, _) = user::visitor(host, stranger).await.unwrap().unwrap();
        refusal(sign_in::disconnect(host, &stranger, "contoso", Roles::NONE).await);
    })
    .await;
}

#[tokio::test]
async fn what_a_provider_takes_away_is_gone_at_the_next_sign_in_and_what_it_does_not_decide_over_stays() {
    each_database(|database| async move {
        let test = TestHost::new(database).await;
        let (host, admin) = (&test.host, &test.administrator);
        let form = TeamForm {
            name: "Deployers".to_owned(),
            description: String::new(),
            administrator: None,
            roles: Role::PipelineDefault.into(),
            membership: Membership::Group { provider: "contoso".to_owned(), group_id: "group-1".to_owned() },
        };
        let team = team::create(host, admin, &form).await.unwrap();
        let managed = Roles::from(Role::PipelineAdministrator);
        let with = |given: Roles, groups: &[&str]| ProviderIdentity {
            roles: Some(ProviderRoles { managed, given }),
            groups: Some(groups.iter().map(|group| (*group).to_owned()).collect()),
            ..identity("one")
        };
        let person = arrive(host, &with(managed, &["group-1", "group-2"]), None).await.unwrap();
        let standing = || async {
            let (caller, _) = user::visitor(host, person).await.unwrap().unwrap();
            (caller.roles, caller.teams.contains(&team))
        };
        assert_eq!(standing().await, (managed.with(Role::PipelineDefault), true));
        user::set_roles(host, admin, person, managed.with(Role::PipelineUser)).await.unwrap();
        arrive(host, &with(Roles::NONE, &["group-2"]), None).await.unwrap();
        assert_eq!(standing().await, (Role::PipelineUser.into(), false));
    })
    .await;
}

#[tokio::test]
async fn the_last_system_administrator_stays_one_whatever_a_provider_says() {
    each_database(|database| async move {
        let test = TestHost::new(database).await;
        let admin = &test.administrator;
        let managed = Roles::from(Role::SystemAdministrator);
        let roles = Some(ProviderRoles { managed, given: Roles::NONE });
        let identity = ProviderIdentity { roles, ..identity("one") };
        arrive(&test.host, &identity, Some(admin.user)).await.unwrap();
        let (caller, _): (Caller, _) = user::visitor(&test.host, admin.user).await.unwrap().unwrap();
        assert!(caller.is_system_administrator());
    })
    .await;
}

#[tokio::test]
async fn a_pending_sign_in_is_finished_once_in_its_browser_with_its_provider_and_in_time() {
    each_database(|database| async move {
        let test = TestHost::new(database).await;
        let host = &test.host;
        let begin = |state: &'static str| {
            sign_in::begin(
                host,
                NewPending {
                    state,
                    browser: "browser",
                    provider: "contoso",
                    nonce: "the nonce",
                    verifier: "the verifier",
                    next: "/runs",
                    person: None,
                    address: None,
                },
            )
        };
        begin("one").await.unwrap();
        for (provider, state, browser) in [
            ("fabrikam", "one", "browser"),
            ("contoso", "two", "browser"),
            ("contoso", "one", "other"),
            ("contoso", "one", ""),
        ] {
            assert!(sign_in::finish(host, provider, state, browser).await.unwrap().is_none());
        }
        let finished = sign_in::finish(host, "contoso", "one", "browser").await.unwrap().unwrap();
        assert_eq!((finished.nonce.as_str(), finished.verifier.as_str()), ("the nonce", "the verifier"));
        assert!(sign_in::finish(host, "contoso", "one", "browser").await.unwrap().is_none(), "it counts once");

        begin("two").await.unwrap();
        test.clock.advance(sign_in::PENDING_WAITS);
        assert!(sign_in::finish(host, "contoso", "two", "browser").await.unwrap().is_none(), "it took too long");
        assert!(sign_in::delete_expired(host).await.unwrap() > 0);
    })
    .await;
}

#[tokio::test]
async fn secrets_are_sealed_in_the_database_and_a_new_key_reaches_them_all() {
    each_database(|database| async move {
        let test = TestHost::new(database).await;
        let keys = Keys::random("old");
        let host = test.host.clone().with_secrets(Secrets::new(keys.clone()));
        let new = NewPending {
            state: "state",
            browser: "browser",
            provider: "contoso",
            nonce: "the nonce",
            verifier: "the verifier",
            next: "/",
            person: None,
            address: None,
        };
        sign_in::begin(&host, new).await.unwrap();
        let sealed = async || {
            let row = test.database.query_one_raw(sea_orm::Statement::from_string(
                test.database.get_database_backend(),
                "SELECT sealed FROM pending_sign_in",
            ));
            row.await.unwrap().unwrap().try_get::<String>("", "sealed").unwrap()
        };
        let before = sealed().await;
        assert!(before.starts_with("v1:old:") && !before.contains("verifier"), "{before}");

        let host = host.with_secrets(Secrets::new(keys.with_new()));
        assert_eq!(secret::rotate(&host).await.unwrap(), 1);
        assert_eq!(secret::rotate(&host).await.unwrap(), 0);
        assert!(sealed().await.starts_with("v1:key-2:"));
        let finished = sign_in::finish(&host, "contoso", "state", "browser").await.unwrap().unwrap();
        assert_eq!(finished.verifier, "the verifier");
    })
    .await;
}
