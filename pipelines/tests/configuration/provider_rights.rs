//! What an identity provider gave, and how long that lasts.

use crate::{
    common::{TestHost, refusal},
    signing_in::{arrive, from, identity},
};
use model::{
    audit::{AuditAction, AuditFilter, AuditThrough},
    id::UserId,
    team::Membership,
    token::Scope,
    user::{Role, Roles},
};
use slipway_pipelines::{
    Caller, Host, Origin, audit,
    session::{self, Contents, Holder},
    sign_in::{self, Lasting, NewPending, ProviderIdentity, ProviderRoles},
    team::{self, TeamForm},
    token::{self, Answer, NewToken},
    user,
};
use std::time::Duration;
use testbed::each_database;

const DAY: Duration = Duration::from_hours(24);

fn lasting(managed: Roles, days: u32) -> [Lasting; 1] {
    [Lasting { provider: "contoso".to_owned(), managed, lasts: DAY * days }]
}

/// A person in a session that they signed in for just now.
async fn in_a_session(host: &Host, person: UserId, number: u8) -> Caller {
    let (caller, _) = user::visitor(host, person).await.unwrap().unwrap();
    let now = host.clock().now();
    let holder =
        Holder { person, since: now, method: "Contoso".to_owned(), address: String::new(), device: String::new() };
    let contents = Contents { data: Vec::new(), expires: now + DAY * 400, holder: Some(holder) };
    assert!(session::create(host, [number; 32], contents).await.unwrap());
    let through_id = Some(session::public_id([number; 32]).to_string());
    caller.from(Origin { through: AuditThrough::Session, through_id, ..Origin::system() })
}

#[tokio::test]
async fn what_a_provider_gave_lapses_for_sessions_and_tokens_when_nobody_signs_in_and_comes_back_with_the_next_sign_in()
{
    each_database(|database| async move {
        let test = TestHost::new(database).await;
        let (host, admin) = (&test.host, &test.administrator);
        let form = |name: &str, provider: &str| TeamForm {
            name: name.to_owned(),
            description: String::new(),
            administrator: None,
            roles: Role::PipelineDefault.into(),
            membership: Membership::Group { provider: provider.to_owned(), group_id: "group-1".to_owned() },
        };
        let team = team::create(host, admin, &form("Deployers", "contoso")).await.unwrap();
        let managed = Roles::from(Role::PipelineAdministrator);
        let said = ProviderIdentity {
            roles: Some(ProviderRoles { managed, given: managed }),
            groups: Some(vec!["group-1".to_owned()]),
            ..identity("one")
        };
        let person = arrive(host, &said, None).await.unwrap();
        user::set_roles(host, admin, person, managed.with(Role::PipelineUser)).await.unwrap();
        let caller = in_a_session(host, person, 1).await;
        let new = NewToken { name: "Build".to_owned(), scopes: vec![Scope::Administer], days: Some(365) };
        let (_, token) = token::create(host, &caller, &new, "").await.unwrap();
        let standing = async || {
            let Answer::Known(caller, _) = token::recognise(host, &token, &from("192.0.2.1")).await.unwrap() else {
                panic!("the token is nobody's")
            };
            (caller.roles, caller.teams.contains(&team))
        };
        let all = (managed.with(Role::PipelineUser).with(Role::PipelineDefault), true);
        assert_eq!(standing().await, all);

        test.clock.advance(DAY * 29);
        assert_eq!(sign_in::let_rights_lapse(host, &lasting(managed, 30)).await.unwrap(), 0);
        arrive(host, &said, None).await.unwrap();
        test.clock.advance(DAY * 29);
        assert_eq!(sign_in::let_rights_lapse(host, &lasting(managed, 30)).await.unwrap(), 0, "they signed in since");
        assert_eq!(standing().await, all);

        test.clock.advance(DAY);
        assert_eq!(sign_in::let_rights_lapse(host, &lasting(managed, 30)).await.unwrap(), 1);
        assert_eq!(standing().await, (Role::PipelineUser.into(), false), "what an administrator gave stays");
        assert_eq!(sign_in::let_rights_lapse(host, &lasting(managed, 30)).await.unwrap(), 0, "once is enough");
        let log = audit::list(host, admin, &AuditFilter::default(), 1).await.unwrap();
        let told = |action| log.rows.iter().filter(|entry| entry.action == action).count();
        assert!(told(AuditAction::RemoveMember) == 1 && told(AuditAction::SetRoles) >= 1, "{log:?}");

        arrive(host, &said, None).await.unwrap();
        assert_eq!(standing().await, all);
        // A provider that is in the configuration no more decides over no role; its groups end all the same.
        test.clock.advance(DAY * 30);
        assert_eq!(sign_in::let_rights_lapse(host, &[]).await.unwrap(), 1, "it lapses again");
        assert!(!standing().await.1);
    })
    .await;
}

#[tokio::test]
async fn somebody_without_a_password_makes_a_token_only_a_short_while_after_signing_in() {
    each_database(|database| async move {
        let test = TestHost::new(database).await;
        let host = &test.host;
        let person = arrive(host, &identity("one"), None).await.unwrap();
        let caller = in_a_session(host, person, 1).await;
        let new = NewToken { name: "Build".to_owned(), scopes: vec![Scope::Read], days: Some(1) };
        test.clock.advance(Duration::from_mins(15));
        token::create(host, &caller, &new, "whatever").await.unwrap();
        test.clock.advance(Duration::from_millis(1));
        assert!(refusal(token::create(host, &caller, &new, "").await).contains("sign in again"));
        // That they sign in elsewhere says nothing of who sits at this browser.
        arrive(host, &identity("one"), None).await.unwrap();
        let elsewhere = in_a_session(host, person, 2).await;
        assert!(refusal(token::create(host, &caller, &new, "").await).contains("sign in again"));
        token::create(host, &elsewhere, &new, "").await.unwrap();
        let (nowhere, _) = user::visitor(host, person).await.unwrap().unwrap();
        refusal(token::create(host, &nowhere, &new, "").await);
    })
    .await;
}

#[tokio::test]
async fn whoever_begins_sign_ins_without_end_pushes_out_only_their_own() {
    each_database(|database| async move {
        let test = TestHost::new(database).await;
        let begin = async |state: &str, address: &str| {
            test.clock.advance(Duration::from_millis(1));
            let new = NewPending {
                state,
                browser: "browser",
                provider: "contoso",
                nonce: "nonce",
                verifier: "verifier",
                next: "/",
                person: None,
                address: Some(address.parse().unwrap()),
            };
            sign_in::begin(&test.host, new).await.unwrap();
        };
        begin("mine", "192.0.2.1").await;
        for number in 0..2_001 {
            // One customer of a network provider has a whole network of IPv6.
            begin(&format!("stranger {number}"), &format!("2001:db8::{number:x}")).await;
        }
        let finish = async |state: &str| sign_in::finish(&test.host, "contoso", state, "browser").await.unwrap();
        assert!(finish("mine").await.is_some());
        assert!(finish("stranger 0").await.is_none());
        assert!(finish("stranger 1").await.is_some());
        assert!(finish("stranger 2000").await.is_some());
    })
    .await;
}
