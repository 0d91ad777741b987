//! Deployment-settings files: fetched, and sent from a plain form and by a program.

use crate::{
    bed::{Answer, Bed, Browser, HOST},
    contoso::Contoso,
};
use axum::body::Body;
use http::{Method, StatusCode, header};
use model::Problem;
use serde_json::Value;

const BOUNDARY: &str = "----the-boundary";

async fn send(browser: &mut Browser, address: &str, accept: &str, content: &[u8]) -> Answer {
    let head = format!(
        "--{BOUNDARY}\r\nContent-Disposition: form-data; name=\"file\"; filename=\"settings.json\"\r\n\
         Content-Type: application/json\r\n\r\n"
    );
    let body = [head.as_bytes(), content, format!("\r\n--{BOUNDARY}--\r\n").as_bytes()].concat();
    let kind = format!("multipart/form-data; boundary={BOUNDARY}");
    let origin = format!("https://{HOST}");
    let headers = [(header::ACCEPT, accept), (header::CONTENT_TYPE, kind.as_str()), (header::ORIGIN, origin.as_str())];
    browser.send(Method::POST, address, &headers, Body::from(body)).await
}

#[tokio::test]
async fn a_settings_file_is_fetched_sent_and_refused_with_its_place() {
    testbed::each_database(|database| async move {
        let bed = Bed::new(database);
        let contoso = Contoso::new(&bed).await;
        contoso.solution(&bed).await;
        let mut browser = bed.signed_in(&contoso.mia).await;
        let address = format!("/deployment-settings/{}/Expenses/{}", contoso.development, contoso.stage);
        let page = format!("/environments/{}/solutions/Expenses/settings/{}", contoso.development, contoso.stage);

        let file = browser.get(&address).await;
        assert_eq!(file.status, StatusCode::OK, "{}", file.text());
        assert_eq!(file.header(header::CONTENT_DISPOSITION), "attachment; filename=\"Expenses_Test_settings.json\"");
        let document: Value = serde_json::from_slice(&file.body).unwrap();
        assert!(document["EnvironmentVariables"].is_array() && document["ConnectionReferences"].is_array());

        let given = br#"{"EnvironmentVariables":[{"SchemaName":"con_<b>","Value":"1"}]}"#;
        let sent = send(&mut browser, &address, "text/html", given).await;
        assert_eq!(sent.location(), page);
        let told = browser.get(&page).await.text();
        assert!(
            told.contains("Nothing was taken from the file. Not in this solution, and left out: con_&lt;b"),
            "{told}"
        );
        let data = send(&mut browser, &address, "application/json", given).await;
        let data: Value = serde_json::from_slice(&data.body).unwrap();
        assert_eq!((data["taken"].as_u64(), data["unknown"][0].as_str()), (Some(0), Some("con_<b>")));

        for (content, expected) in [
            (b"{\n\"EnvironmentVariables\": 7}".to_vec(), "EnvironmentVariables has to be a list."),
            (Vec::new(), "Choose a deployment-settings file (a .json file)."),
            (vec![b' '; 1024 * 1024 + 1], "The file is larger than 1 MB"),
            (vec![b' '; 3 * 1024 * 1024], "The file is larger than 1 MB"),
        ] {
            let refused = send(&mut browser, &address, "application/json", &content).await;
            assert_eq!(refused.status, StatusCode::UNPROCESSABLE_ENTITY, "{}", refused.text());
            let problem: Problem = serde_json::from_slice(&refused.body).unwrap();
            assert!(problem.field("file").unwrap().starts_with(expected), "{problem:?}");
        }
        let back = send(&mut browser, &address, "text/html", b"{}").await.location().to_owned();
        assert!(back.starts_with(&page), "{back}");
    })
    .await;
}
