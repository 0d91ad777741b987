//! What applications do through the Web API stands in the audit log.

use crate::{
    bed::{Answer, Bed, Browser},
    contoso::Contoso,
};
use axum::body::Body;
use http::{Method, StatusCode, header};
use model::audit::{AuditAction, AuditEntry, AuditFilter, AuditOutcome, AuditSubject};
use pipelines::audit;
use serde_json::json;

async fn token(browser: &mut Browser, client: &str, secret: &str) -> Answer {
    let form = format!("grant_type=client_credentials&client_id={client}&client_secret={secret}&scope=x%2F.default");
    let kind = [(header::CONTENT_TYPE, "application/x-www-form-urlencoded")];
    browser.send(Method::POST, "/slipway/oauth2/v2.0/token", &kind, Body::from(form)).await
}

#[tokio::test]
async fn tokens_and_changes_of_applications_are_written_down_and_what_they_read_is_not() {
    testbed::each_database(|database| async move {
        let bed = Bed::new(database);
        let contoso = Contoso::new(&bed).await;
        let target = contoso.development;
        let application = bed.host().built_in().add_application_user(target, "Build").await.unwrap();
        let client = application.id.to_string();
        let mut browser = bed.browser();
        assert_eq!(token(&mut browser, &client, "wrong").await.status, StatusCode::UNAUTHORIZED);
        let answer = token(&mut browser, &client, &application.secret).await;
        let answer: serde_json::Value = serde_json::from_slice(&answer.body).unwrap();
        let bearer = format!("Bearer {}", answer["access_token"].as_str().unwrap());
        let mut ask = async |method: Method, path: &str, body: serde_json::Value| {
            let headers = [(header::AUTHORIZATION, bearer.as_str()), (header::CONTENT_TYPE, "application/json")];
            let path = format!("/environments/{target}/api/data/v9.2/{path}");
            browser.send(method, &path, &headers, Body::from(body.to_string())).await.status
        };
        assert_eq!(ask(Method::GET, "solutions", json!({})).await, StatusCode::OK);
        let publisher = json!({
            "uniquename": "fabrikam", "friendlyname": "Fabrikam", "customizationprefix": "fab",
            "customizationoptionvalueprefix": 20_000,
        });
        assert_eq!(ask(Method::POST, "publishers", publisher).await, StatusCode::NO_CONTENT);
        assert!(ask(Method::POST, "solutions", json!({"uniquename": 1})).await.is_client_error());

        let filter = AuditFilter::default();
        let entries = audit::list(bed.host(), &contoso.ada, &filter, 1).await.unwrap().rows;
        let told = |entry: &AuditEntry| {
            let request = entry.changes.iter().find(|change| change.field == "request");
            let request = request.and_then(|change| change.after.clone()).unwrap_or_default();
            (entry.action, entry.subject, entry.actor_name.clone(), request, entry.outcome)
        };
        let of_application = entries.iter().filter(|entry| entry.through_id.as_deref() == Some(client.as_str()));
        let mut told: Vec<_> = of_application.map(told).collect();
        told.reverse();
        let environment = AuditSubject::BuiltInEnvironment;
        let posted = |what: &str| format!("POST /api/data/v9.2/{what}");
        assert_eq!(
            told,
            [
                (AuditAction::SignIn, AuditSubject::Token, client.clone(), String::new(), AuditOutcome::Refused),
                (AuditAction::SignIn, AuditSubject::Token, client.clone(), String::new(), AuditOutcome::Allowed),
                (AuditAction::Use, environment, "Build".to_owned(), posted("publishers"), AuditOutcome::Allowed),
                (AuditAction::Use, environment, "Build".to_owned(), posted("solutions"), AuditOutcome::Refused),
            ]
        );
        let all = serde_json::to_string(&entries).unwrap();
        assert!(!all.contains(&application.secret) && !all.contains(bearer.trim_start_matches("Bearer ")));
    })
    .await;
}
