use crate::common::{NOON, TestHost, refusal};
use model::Timestamp;
use slipway_pipelines::session;
use std::time::Duration;
use testbed::each_database;

fn in_seconds(seconds: i64) -> Timestamp {
    Timestamp(NOON.0 + seconds * 1000)
}

#[tokio::test]
async fn a_session_is_kept_until_it_ends() {
    each_database(|database| async move {
        let test = TestHost::new(database).await;
        let host = &test.host;
        let (one, other) = ([1; 32], [2; 32]);
        assert!(session::create(host, one, b"first".to_vec(), in_seconds(60)).await.unwrap());
        assert!(!session::create(host, one, b"second".to_vec(), in_seconds(60)).await.unwrap(), "the id is taken");
        assert_eq!(session::load(host, one).await.unwrap().unwrap().data, b"first");

        session::save(host, one, b"changed".to_vec(), in_seconds(90)).await.unwrap();
        session::save(host, other, b"new".to_vec(), in_seconds(30)).await.unwrap();
        let kept = session::load(host, one).await.unwrap().unwrap();
        assert_eq!((kept.data, kept.expires), (b"changed".to_vec(), in_seconds(90)));

        test.clock.advance(Duration::from_secs(30));
        assert!(session::load(host, other).await.unwrap().is_none(), "it has ended");
        assert_eq!(session::delete_expired(host).await.unwrap(), 1);
        assert!(session::load(host, one).await.unwrap().is_some());
        session::delete(host, one).await.unwrap();
        session::delete(host, one).await.unwrap();
        assert!(session::load(host, one).await.unwrap().is_none());
    })
    .await;
}

#[tokio::test]
async fn a_session_cannot_grow_without_end() {
    each_database(|database| async move {
        let test = TestHost::new(database).await;
        refusal(session::save(&test.host, [1; 32], vec![0; session::MOST_DATA + 1], in_seconds(60)).await);
    })
    .await;
}
