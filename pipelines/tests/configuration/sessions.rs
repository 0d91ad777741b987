use crate::common::{NOON, TestHost, assert_forbidden, assert_not_found, refusal};
use model::{Timestamp, audit::AuditThrough, id::UserId};
use slipway_pipelines::{
    Origin, Proof,
    session::{self, Contents, Holder},
    user,
};
use std::time::Duration;
use testbed::each_database;

fn in_seconds(seconds: i64) -> Timestamp {
    Timestamp(NOON.0 + seconds * 1000)
}

fn contents(data: &[u8], seconds: i64) -> Contents {
    Contents { data: data.to_vec(), expires: in_seconds(seconds), holder: None }
}

fn of(person: UserId, device: &str) -> Contents {
    let holder = Holder {
        person,
        since: NOON,
        method: "Password".to_owned(),
        address: "192.0.2.1".to_owned(),
        device: device.to_owned(),
    };
    Contents { holder: Some(holder), ..contents(b"", 3600) }
}

#[tokio::test]
async fn a_session_is_kept_until_it_ends() {
    each_database(|database| async move {
        let test = TestHost::new(database).await;
        let host = &test.host;
        let (one, other) = ([1; 32], [2; 32]);
        assert!(session::create(host, one, contents(b"first", 60)).await.unwrap());
        assert!(!session::create(host, one, contents(b"second", 60)).await.unwrap(), "the id is taken");
        assert_eq!(session::load(host, one).await.unwrap().unwrap().data, b"first");

        session::save(host, one, contents(b"changed", 90)).await.unwrap();
        assert!(session::create(host, other, contents(b"new", 30)).await.unwrap());
        let kept = session::load(host, one).await.unwrap().unwrap();
        assert_eq!((kept.data, kept.expires), (b"changed".to_vec(), in_seconds(90)));

        test.clock.advance(Duration::from_secs(30));
        assert!(session::load(host, other).await.unwrap().is_none(), "it has ended");
        assert!(!Proof::Session(other).holds(host).await.unwrap());
        assert_eq!(session::delete_expired(host).await.unwrap(), 1);
        assert!(session::load(host, one).await.unwrap().is_some());
        session::delete(host, one).await.unwrap();
        session::delete(host, one).await.unwrap();
        assert!(session::load(host, one).await.unwrap().is_none());
    })
    .await;
}

#[tokio::test]
async fn a_session_that_was_ended_does_not_come_back_with_a_request_that_was_under_way() {
    each_database(|database| async move {
        let test = TestHost::new(database).await;
        assert!(session::create(&test.host, [1; 32], of(test.user.user, "Firefox")).await.unwrap());
        session::end_all(&test.host, &test.user).await.unwrap();
        session::save(&test.host, [1; 32], of(test.user.user, "Firefox")).await.unwrap();
        assert!(session::load(&test.host, [1; 32]).await.unwrap().is_none());
    })
    .await;
}

#[tokio::test]
async fn a_session_cannot_grow_without_end() {
    each_database(|database| async move {
        let test = TestHost::new(database).await;
        let too_much = vec![0; session::MOST_DATA + 1];
        refusal(session::create(&test.host, [1; 32], contents(&too_much, 60)).await);
        refusal(session::save(&test.host, [1; 32], contents(&too_much, 60)).await);
    })
    .await;
}

#[tokio::test]
async fn people_see_and_end_their_own_sessions_and_nobody_elses() {
    each_database(|database| async move {
        let test = TestHost::new(database).await;
        let (host, user, other) = (&test.host, &test.user, &test.administrator);
        for (id, person, device) in
            [(1, user.user, "Firefox on Linux"), (2, user.user, "Edge on Windows"), (3, other.user, "Safari on macOS")]
        {
            assert!(session::create(host, [id; 32], of(person, device)).await.unwrap());
        }
        test.clock.advance(Duration::from_mins(1));
        session::used(host, [2; 32], in_seconds(3600)).await.unwrap();

        let seen = session::list(host, user, [1; 32]).await.unwrap();
        let seen: Vec<_> = seen.iter().map(|one| (one.device.as_str(), one.last_seen, one.current)).collect();
        assert_eq!(seen, [("Edge on Windows", in_seconds(60), false), ("Firefox on Linux", NOON, true)]);

        let foreign = session::list(host, other, [0; 32]).await.unwrap().remove(0).id;
        assert_not_found(session::end(host, user, foreign).await);
        let edge = session::public_id([2; 32]);
        session::end(host, user, edge).await.unwrap();
        assert_not_found(session::end(host, user, edge).await);
        assert!(!Proof::Session([2; 32]).holds(host).await.unwrap());

        let program = user.clone().from(Origin { through: AuditThrough::Token, ..Origin::system() });
        assert_forbidden(session::end_all(host, &program).await);
        session::end_all(host, user).await.unwrap();
        assert!(session::list(host, user, [1; 32]).await.unwrap().is_empty());
        assert!(Proof::Session([3; 32]).holds(host).await.unwrap());
    })
    .await;
}

#[tokio::test]
async fn whoever_is_disabled_or_given_a_new_password_has_no_session_left() {
    each_database(|database| async move {
        let test = TestHost::new(database).await;
        let host = &test.host;
        assert!(session::create(host, [1; 32], of(test.user.user, "Firefox")).await.unwrap());
        user::reset_password(host, &test.administrator, test.user.user).await.unwrap();
        assert!(!Proof::Session([1; 32]).holds(host).await.unwrap());
        assert!(session::create(host, [1; 32], of(test.user.user, "Firefox")).await.unwrap());
        user::set_enabled(host, &test.administrator, test.user.user, false).await.unwrap();
        assert!(!Proof::Session([1; 32]).holds(host).await.unwrap());
    })
    .await;
}
