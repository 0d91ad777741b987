//! Downloading artifacts.

use crate::{bed::Bed, contoso::Contoso};
use axum::body::Body;
use http::{Method, StatusCode, header};
use model::{id::ArtifactId, stage_run::StageRunStatus, user::Roles};
use pipelines::stage_run::worker;
use sha2::{Digest, Sha256};

async fn artifact(bed: &Bed, contoso: &Contoso) -> ArtifactId {
    let run = contoso.run(bed).await;
    tokio::spawn(worker::run(bed.host().clone(), bed.slipway.shutdown.clone()));
    let run = contoso.run_when(bed, run, StageRunStatus::ValidationSucceeded).await;
    pipelines::stage_run::deploy(bed.host(), &contoso.mia, run.id, "1.0.0.1", "").await.unwrap();
    let run = contoso.run_when(bed, run.id, StageRunStatus::Succeeded).await;
    bed.slipway.shutdown.cancel();
    run.artifact.unwrap()
}

#[tokio::test]
async fn both_packages_of_an_artifact_are_sent_as_they_were_stored() {
    testbed::each_database(|database| async move {
        let bed = Bed::new(database);
        let contoso = Contoso::new(&bed).await;
        let id = artifact(&bed, &contoso).await;
        let mut browser = bed.signed_in(&contoso.mia).await;
        for (kind, name) in [("managed", "Expenses_1_0_0_1_managed.zip"), ("unmanaged", "Expenses_1_0_0_1.zip")] {
            let path = format!("/artifacts/{id}/{kind}");
            let answer = browser.get(&path).await;
            assert_eq!(answer.status, StatusCode::OK, "{}", answer.text());
            assert_eq!(answer.header(header::CONTENT_TYPE), "application/zip");
            assert_eq!(answer.header(header::CONTENT_LENGTH), answer.body.len().to_string());
            assert_eq!(answer.header(header::CONTENT_DISPOSITION), format!("attachment; filename=\"{name}\""));
            let tag = format!("\"{}\"", hex::encode(Sha256::digest(&answer.body)));
            assert_eq!(answer.header(header::ETAG), tag);

            let again = browser.send(Method::GET, &path, &[(header::IF_NONE_MATCH, &tag)], Body::empty()).await;
            assert_eq!(again.status, StatusCode::NOT_MODIFIED);
            assert!(again.body.is_empty());
        }
    })
    .await;
}

#[tokio::test]
async fn an_artifact_one_may_not_see_does_not_exist() {
    testbed::each_database(|database| async move {
        let bed = Bed::new(database);
        let contoso = Contoso::new(&bed).await;
        let id = artifact(&bed, &contoso).await;
        let record = crate::contoso::record(&bed, &contoso.ada, contoso.development).await;
        pipelines::pipeline::unlink_environment(bed.host(), &contoso.ada, contoso.pipeline, record).await.unwrap();
        let outsider = bed.person("ola", Roles::USER).await;
        let mut browser = bed.signed_in(&outsider).await;
        let nobody = "00000000-0000-0000-0000-0000000000ff";
        for path in [
            format!("/artifacts/{id}/managed"),
            format!("/artifacts/{id}/other"),
            format!("/artifacts/{nobody}/managed"),
            "/artifacts/x/managed".to_owned(),
        ] {
            assert_eq!(browser.get(&path).await.status, StatusCode::NOT_FOUND, "{path}");
        }
    })
    .await;
}
