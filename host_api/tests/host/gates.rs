//! Gates, answered as flows answer them.

use crate::{bed::Bed, package::Package};
use http::{Method, StatusCode};
use serde_json::{Value, json};

async fn answer(bed: &Bed, action: &str, body: Value) {
    let reply = bed.ask(&bed.administrator, Method::POST, action, &body).await;
    assert_eq!(reply.status, StatusCode::NO_CONTENT, "{action}: {}", reply.text);
}

async fn waits(bed: &Bed, id: &str, column: &str) -> Value {
    for _ in 0..5_000 {
        let run = bed.get(&format!("deploymentstageruns({id})")).await.json();
        if run[column] == 10 {
            return run;
        }
        tokio::time::sleep(std::time::Duration::from_millis(5)).await;
    }
    panic!("the run does not wait for {column}")
}

#[tokio::test]
async fn steps_before_export_and_deployment_are_completed_and_rejected() {
    testbed::each_database(|database| async move {
        let bed = Bed::new(database).await;
        let worker = bed.scene.worker();
        bed.scene.import(&Package::named("Expenses")).await;
        let stage = bed.scene.contoso.test_stage;
        let gates = json!({"preexportsteprequired": true, "predeploymentsteprequired": true});
        let path = format!("deploymentstages({stage})");
        assert_eq!(bed.ask(&bed.administrator, Method::PATCH, &path, &gates).await.status, StatusCode::NO_CONTENT);
        for (status, ends) in [(30, 200_000_003), (20, 200_000_002)] {
            let id = bed.post("deploymentstageruns", &bed.run_body(stage)).await.id();
            let run = waits(&bed, &id, "preexportstepstatus").await;
            assert_eq!(run["operationstatus"], 200_000_004, "{run}");
            let maker = bed.post("UpdatePreExportStepStatus", &json!({"StageRunId": id, "PreExportStepStatus": 20})).await;
            assert_eq!(maker.status, StatusCode::FORBIDDEN);
            answer(&bed, "UpdatePreExportStepStatus", json!({"StageRunId": id, "PreExportStepStatus": 20, "PreExportProperties": "{}"})).await;
            bed.until(&id, 200_000_007).await;
            bed.scene.settle(id.parse().unwrap()).await;
            bed.done("DeployPackageAsync", &json!({"StageRunId": id})).await;
            waits(&bed, &id, "predeploymentstepstatus").await;
            answer(&bed, "UpdatePreDeploymentStepStatus", json!({"StageRunId": id, "PreDeploymentStepStatus": status, "Comments": "Not on Fridays"})).await;
            if status == 30 {
                let run = bed.get(&format!("deploymentstageruns({id})")).await.json();
                assert_eq!((&run["stagerunstatus"], &run["predeploymentstepstatus"]), (&json!(ends), &json!(30)));
                let error = run["errormessage"].as_str().unwrap();
                assert!(error.starts_with("The pre-deployment step failed: Not on Fridays"), "{error}");
                // Tried again, it asks again.
                bed.done("RetryFailedDeploymentAsync", &json!({"StageRunId": id})).await;
                waits(&bed, &id, "predeploymentstepstatus").await;
                answer(&bed, "UpdatePreDeploymentStepStatus", json!({"StageRunId": id, "PreDeploymentStepStatus": 20})).await;
                bed.until(&id, 200_000_002).await;
                let steps = bed.rows(&format!("deploymentstagerunstatuses?$filter=_deploymentstagerunid_value%20eq%20{id}&$orderby=suboperation")).await;
                let codes: Vec<_> = steps.iter().map(|step| step["suboperation"].as_i64().unwrap()).collect();
                assert_eq!(codes, (200_000_101..=200_000_106).collect::<Vec<_>>());
                assert!(steps.iter().all(|step| step["operationstatus"] == 200_000_002), "{steps:?}");
                let one = steps[0]["deploymentstagerunstatusid"].as_str().unwrap();
                assert_eq!(bed.get(&format!("deploymentstagerunstatuses({one})")).await.json()["suboperation"], 200_000_101);
            } else {
                bed.until(&id, ends).await;
            }
        }
        worker.stop().await;
    })
    .await;
}
