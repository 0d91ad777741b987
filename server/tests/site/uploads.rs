//! Uploading a solution package, from a plain form and from a script.

use crate::{
    bed::{Answer, Bed, Browser, HOST},
    contoso::{Contoso, package},
};
use axum::body::Body;
use environment::ImportStatus;
use futures::stream;
use http::{Method, StatusCode, header};
use model::{
    Problem,
    access::{AccessRight, Principal},
};
use pipelines::pipeline::share;
use serde_json::Value;

const BOUNDARY: &str = "----the-boundary";

fn form(field: &str, file: &str, content: &[u8]) -> Vec<u8> {
    let mut body = format!(
        "--{BOUNDARY}\r\nContent-Disposition: form-data; name=\"{field}\"; filename=\"{file}\"\r\nContent-Type: application/zip\r\n\r\n"
    )
    .into_bytes();
    body.extend_from_slice(content);
    body.extend_from_slice(format!("\r\n--{BOUNDARY}--\r\n").as_bytes());
    body
}

async fn upload(browser: &mut Browser, environment: impl ToString, accept: &str, body: Vec<u8>) -> Answer {
    let kind = format!("multipart/form-data; boundary={BOUNDARY}");
    let origin = format!("https://{HOST}");
    let page = format!("{origin}/environments/{}/import-solution", environment.to_string());
    let headers = [
        (header::ACCEPT, accept),
        (header::CONTENT_TYPE, kind.as_str()),
        (header::ORIGIN, origin.as_str()),
        (header::REFERER, page.as_str()),
    ];
    // In pieces, as it comes over the wire.
    let pieces: Vec<_> = body.chunks(1000).map(|piece| Ok::<_, std::io::Error>(piece.to_vec())).collect();
    let body = Body::from_stream(stream::iter(pieces));
    browser.send(Method::POST, &format!("/upload/{}", environment.to_string()), &headers, body).await
}

fn job(location: &str) -> &str {
    location.rsplit('/').next().unwrap()
}

#[tokio::test]
async fn a_package_posted_by_a_plain_form_is_imported_and_leads_to_the_page_of_the_import() {
    testbed::each_database(|database| async move {
        let bed = Bed::new(database);
        let contoso = Contoso::new(&bed).await;
        let mut browser = bed.signed_in(&contoso.mia).await;
        let body = form("package", "Travel.zip", &package("Travel"));
        let answer = upload(&mut browser, contoso.development, "text/html", body).await;
        assert_eq!(answer.status, StatusCode::SEE_OTHER, "{}", answer.text());
        let location = answer.location().to_owned();
        assert!(location.starts_with(&format!("/environments/{}/imports/", contoso.development)), "{location}");
        assert_eq!(contoso.import_ended(&bed, job(&location)).await, ImportStatus::Succeeded);
        assert_eq!(browser.get(&location).await.status, StatusCode::OK);
    })
    .await;
}

#[tokio::test]
async fn a_script_gets_the_address_of_the_import_as_data() {
    testbed::each_database(|database| async move {
        let bed = Bed::new(database);
        let contoso = Contoso::new(&bed).await;
        let mut browser = bed.signed_in(&contoso.mia).await;
        let body = form("package", "Travel.zip", &package("Travel"));
        let answer = upload(&mut browser, contoso.development, "application/json", body).await;
        assert_eq!(answer.status, StatusCode::OK, "{}", answer.text());
        let data: Value = serde_json::from_slice(&answer.body).unwrap();
        assert_eq!(contoso.import_ended(&bed, job(data["location"].as_str().unwrap())).await, ImportStatus::Succeeded);
    })
    .await;
}

#[tokio::test]
async fn garbage_is_refused_with_a_sentence_on_the_form_and_as_data() {
    testbed::each_database(|database| async move {
        let bed = Bed::new(database);
        let contoso = Contoso::new(&bed).await;
        let mut browser = bed.signed_in(&contoso.mia).await;
        let garbage = || form("package", "notes.txt", b"this is not a package at all");

        let answer = upload(&mut browser, contoso.development, "application/json", garbage()).await;
        assert_eq!(answer.status, StatusCode::CONFLICT, "{}", answer.text());
        let problem: Problem = serde_json::from_slice(&answer.body).unwrap();

        let answer = upload(&mut browser, contoso.development, "text/html", garbage()).await;
        let back = answer.location().to_owned();
        assert!(back.starts_with(&format!("/environments/{}/import-solution?", contoso.development)), "{back}");
        let page = browser.get(&back).await.text();
        let sentence: String = problem.to_string().chars().take_while(|letter| !"“”'\"&<".contains(*letter)).collect();
        assert!(page.contains(sentence.trim()), "{sentence} in {page}");
    })
    .await;
}

#[tokio::test]
async fn a_form_without_a_file_asks_for_one() {
    testbed::each_database(|database| async move {
        let bed = Bed::new(database);
        let contoso = Contoso::new(&bed).await;
        let mut browser = bed.signed_in(&contoso.mia).await;
        for body in [form("package", "", b""), form("other", "a.zip", b"x")] {
            let answer = upload(&mut browser, contoso.development, "application/json", body).await;
            assert_eq!(answer.status, StatusCode::UNPROCESSABLE_ENTITY, "{}", answer.text());
            let problem: Problem = serde_json::from_slice(&answer.body).unwrap();
            assert!(problem.field("package").unwrap().contains("Choose a solution package"), "{problem}");
        }
    })
    .await;
}

#[tokio::test]
async fn a_package_that_is_too_large_is_refused_and_not_kept() {
    testbed::each_database(|database| async move {
        let bed = Bed::with(database, &[("SLIPWAY_MAX_UPLOAD_MB", "1")]);
        let contoso = Contoso::new(&bed).await;
        let mut browser = bed.signed_in(&contoso.mia).await;
        for bytes in [1024 * 1024 + 1, 3 * 1024 * 1024] {
            let body = form("package", "large.zip", &vec![7; bytes]);
            let answer = upload(&mut browser, contoso.development, "application/json", body).await;
            assert_eq!(answer.status, StatusCode::PAYLOAD_TOO_LARGE, "{}", answer.text());
            let problem: Problem = serde_json::from_slice(&answer.body).unwrap();
            assert!(problem.to_string().contains("1 MB"), "{problem}");
        }
    })
    .await;
}

#[tokio::test]
async fn an_upload_that_breaks_off_or_is_no_form_is_refused() {
    testbed::each_database(|database| async move {
        let bed = Bed::new(database);
        let contoso = Contoso::new(&bed).await;
        let mut browser = bed.signed_in(&contoso.mia).await;
        let mut half = form("package", "Travel.zip", &package("Travel"));
        half.truncate(half.len() - 30);
        for body in [half, b"no form".to_vec()] {
            let answer = upload(&mut browser, contoso.development, "application/json", body).await;
            assert_eq!(answer.status, StatusCode::CONFLICT, "{}", answer.text());
        }
    })
    .await;
}

#[tokio::test]
async fn an_environment_one_may_not_use_does_not_exist() {
    testbed::each_database(|database| async move {
        let bed = Bed::new(database);
        let contoso = Contoso::new(&bed).await;
        let outsider = bed.person("ola", model::user::Roles::USER).await;
        pipelines::pipeline::unlink_environment(
            bed.host(),
            &contoso.ada,
            contoso.pipeline,
            crate::contoso::record(&bed, &contoso.ada, contoso.development).await,
        )
        .await
        .unwrap();
        for environment in [contoso.development.to_string(), "nonsense".to_owned()] {
            let mut browser = bed.signed_in(&outsider).await;
            let body = form("package", "Travel.zip", &package("Travel"));
            let answer = upload(&mut browser, environment, "application/json", body).await;
            assert_eq!(answer.status, StatusCode::NOT_FOUND, "{}", answer.text());
        }
    })
    .await;
}

#[tokio::test]
async fn what_may_not_be_imported_is_not_stored_either() {
    testbed::each_database(|database| async move {
        let bed = Bed::new(database);
        let contoso = Contoso::new(&bed).await;
        let outsider = bed.person("ola", model::user::Roles::USER).await;
        let with = Principal::Person(outsider.user);
        let shared = share::share(bed.host(), &contoso.ada, contoso.pipeline, with, AccessRight::Read.into()).await;
        shared.unwrap();
        let mut browser = bed.signed_in(&outsider).await;
        let mut mia = bed.signed_in(&contoso.mia).await;
        let before = bed.stored_files();
        let body = || form("package", "Travel.zip", &package("Travel"));
        let answer = upload(&mut browser, contoso.development, "application/json", body()).await;
        assert_eq!((answer.status, bed.stored_files()), (StatusCode::FORBIDDEN, before), "{}", answer.text());
        upload(&mut mia, contoso.development, "application/json", body()).await;
        assert!(bed.stored_files() > before);
    })
    .await;
}
