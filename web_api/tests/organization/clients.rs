//! Clients that nobody here wrote, over a real connection.

use crate::{bed::Bed, package::sample};
use serde_json::{Value, json};
use std::path::Path;

#[tokio::test(flavor = "multi_thread")]
async fn the_npm_package_dynamics_web_api_works_unchanged() {
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/organization/dynamics_web_api.mjs");
    if !script.ancestors().any(|folder| folder.join("node_modules/dynamics-web-api").is_dir()) {
        println!("skipped: the npm packages are not installed");
        return;
    }
    let folder = tempfile::tempdir().unwrap();
    let bed = Bed::new(testbed::sqlite(folder.path()).await).await;
    let url = format!("{}/environments/{}/", bed.serve().await, bed.id);
    let package = folder.path().join("package.zip");
    std::fs::write(&package, sample("Orders", "1.0.0.0", true, &["new_a"]).bytes()).unwrap();
    let ran = tokio::process::Command::new("node")
        .args([script.as_os_str(), url.as_ref(), bed.token.as_ref(), package.as_os_str()])
        .output()
        .await
        .expect("node");
    assert!(ran.status.success(), "{}", String::from_utf8_lossy(&ran.stderr));
    let found: Value = serde_json::from_slice(&ran.stdout).unwrap();
    let expected = json!({
        "who": bed.application.id, "staged": "Passed", "statuscode": 30, "count": 1,
        "solutions": [["Orders", "1.0.0.0", "Contoso"]], "isId": true,
        "batch": [["Made", "1.0.0.2"], ["Orders", "1.0.0.0"]], "error": [404, "0x80040217"],
    });
    assert_eq!(found, expected);
}
