use crate::bed::Bed;
use http::{Method, StatusCode};
use std::time::Duration;
use uuid::Uuid;
use web_api::Limits;

fn form(bed: &Bed, secret: &str) -> String {
    format!(
        "grant_type=client_credentials&client_id={}&client_secret={secret}&scope=https%3A%2F%2Fapi.test%2F.default",
        bed.application.id
    )
}

#[tokio::test]
async fn an_application_signs_in_with_its_secret_and_nobody_else_does() {
    testbed::each_database(|database| async move {
        let bed = Bed::new(database).await;
        let kind = ("content-type", "application/x-www-form-urlencoded");
        let address = "/slipway/oauth2/v2.0/token";
        let reply = bed.send(Method::POST, address, &[kind], form(&bed, &bed.application.secret)).await;
        assert_eq!(reply.status, StatusCode::OK, "{}", reply.text);
        let body = reply.json();
        assert_eq!((body["token_type"].as_str(), body["expires_in"].as_u64()), (Some("Bearer"), Some(3599)));
        let bearer = format!("Bearer {}", body["access_token"].as_str().unwrap());
        let who = format!("/environments/{}/api/data/v9.0/WhoAmI()", bed.id);
        let reply = bed.send(Method::GET, &who, &[("authorization", &bearer)], "").await;
        assert_eq!(reply.json()["UserId"], bed.application.id.to_string());
        assert_eq!(reply.json()["OrganizationId"], bed.id.to_string());

        for (address, body, error) in [
            (address, form(&bed, "wrong"), "AADSTS7000215"),
            ("/contoso/oauth2/v2.0/token", form(&bed, &bed.application.secret), "AADSTS90002"),
            (address, "grant_type=password".to_owned(), "AADSTS70003"),
            (address, "client_id=x".to_owned(), "AADSTS900144"),
            (address, format!("grant_type=client_credentials&client_id={}", Uuid::nil()), "AADSTS7000218"),
        ] {
            let reply = bed.send(Method::POST, address, &[kind], body).await;
            assert!(reply.status.is_client_error());
            assert!(reply.json()["error_description"].as_str().unwrap().starts_with(error), "{}", reply.text);
        }
    })
    .await;
}

#[tokio::test]
async fn a_token_is_good_for_one_environment_and_as_long_as_its_application() {
    testbed::each_database(|database| async move {
        let bed = Bed::new(database).await;
        let other = model::id::EnvironmentId(Uuid::new_v4());
        bed.built_in.create(other, "Another", 0).await.unwrap();
        let bearer = format!("Bearer {}", bed.token);
        let elsewhere = format!("/environments/{other}/api/data/v9.2/WhoAmI");
        let reply = bed.send(Method::GET, &elsewhere, &[("authorization", &bearer)], "").await;
        assert_eq!((reply.status, reply.code().as_str()), (StatusCode::FORBIDDEN, "0x80072560"));
        for authorization in ["", "Bearer ", "Bearer nonsense", "Basic eDp5"] {
            let own = format!("/environments/{}/api/data/v9.2/WhoAmI", bed.id);
            let reply = bed.send(Method::GET, &own, &[("authorization", authorization)], "").await;
            assert_eq!(reply.status, StatusCode::UNAUTHORIZED);
            let challenge = reply.headers["www-authenticate"].to_str().unwrap();
            assert!(challenge.starts_with("Bearer authorization_uri=http://api.test/"), "{challenge}");
        }
        bed.built_in.remove_application_user(bed.id, bed.application.id).await.unwrap();
        assert_eq!(bed.get("WhoAmI").await.status, StatusCode::UNAUTHORIZED);
    })
    .await;
}

#[tokio::test]
async fn who_asks_too_much_is_answered_as_the_platform_does() {
    let folder = tempfile::tempdir().unwrap();
    let limits = Limits { requests: 2, span: Duration::from_mins(5), at_once: 52 };
    let bed = Bed::with(testbed::sqlite(folder.path()).await, limits, 0).await;
    for left in ["1", "0"] {
        let reply = bed.get("WhoAmI").await;
        assert_eq!(reply.headers["x-ms-ratelimit-burst-remaining-xrm-requests"], left);
    }
    let reply = bed.get("WhoAmI").await;
    assert_eq!((reply.status, reply.code().as_str()), (StatusCode::TOO_MANY_REQUESTS, "0x80072322"));
    let wait: u64 = reply.headers["retry-after"].to_str().unwrap().parse().unwrap();
    assert!((290..=301).contains(&wait), "{wait}");
}
