//! Clients that nobody here wrote, over a real connection.

use crate::{bed::Bed, package::Package};
use environment::Environments;
use serde_json::{Value, json};
use std::path::Path;

#[tokio::test(flavor = "multi_thread")]
async fn the_npm_package_dynamics_web_api_deploys() {
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/host/dynamics_web_api.mjs");
    if !script.ancestors().any(|folder| folder.join("node_modules/dynamics-web-api").is_dir()) {
        println!("skipped: the npm packages are not installed");
        return;
    }
    let folder = tempfile::tempdir().unwrap();
    let bed = Bed::new(testbed::sqlite(folder.path()).await).await;
    let worker = bed.scene.worker();
    bed.scene.import(&Package::named("Expenses")).await;
    let target = bed.scene.test.built_in.open(bed.scene.contoso.test.environment_id).await.unwrap();
    let connection = target.connections().await.unwrap()[0].id.clone();
    let (url, source) = (bed.serve().await, bed.scene.development().to_string());
    let ran = tokio::process::Command::new("node")
        .args([script.as_os_str(), url.as_ref(), bed.maker.as_ref(), source.as_ref(), connection.as_ref()])
        .output()
        .await
        .expect("node");
    assert!(ran.status.success(), "{}", String::from_utf8_lossy(&ran.stderr));
    let found: Value = serde_json::from_slice(&ran.stdout).unwrap();
    let expected = json!({
        "who": bed.scene.maker.user, "target": "Contoso Test", "count": 1, "run": ["1.0.0.5", "By a script"],
        "artifacts": ["1.0.0.5"], "error": [403, "0x80040220"],
    });
    assert_eq!(found, expected);
    worker.stop().await;
}
