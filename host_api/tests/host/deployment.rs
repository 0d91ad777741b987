//! Deployments as scripts for the platform's pipelines do them.

use crate::{bed::Bed, package::Package};
use http::{Method, StatusCode};
use model::settings::DeploymentSettings;
use serde_json::{Value, json};

/// Results as scripts read them: text in text.
fn results(run: &Value) -> Value {
    let text: String = serde_json::from_str(run["validationresults"].as_str().unwrap()).unwrap();
    serde_json::from_str(&text).unwrap()
}

/// The moment so many hours from now, as scripts write it.
fn clock_in(bed: &Bed, hours: u64) -> String {
    let at = environment::Clock::now(bed.scene.test.clock.as_ref()) + std::time::Duration::from_hours(hours);
    at.to_rfc3339()
}

async fn connection(bed: &Bed) -> String {
    let environment =
        environment::Environments::open(&bed.scene.test.built_in, bed.scene.contoso.test.environment_id).await.unwrap();
    environment.connections().await.unwrap()[0].id.clone()
}

#[tokio::test]
async fn a_script_validates_settles_deploys_and_waits() {
    testbed::each_database(|database| async move {
        let bed = Bed::new(database).await;
        let worker = bed.scene.worker();
        bed.scene.import(&Package::named("Expenses")).await;
        let (contoso, source) = (&bed.scene.contoso, bed.scene.development());

        let pipelines = bed.get(&format!("RetrieveDeploymentPipelines(SourceEnvironmentId='{source}')")).await.json();
        let pipeline = &pipelines["AvailablePipelines"][0];
        assert_eq!(pipeline["Name"], "Contoso pipeline", "{pipelines}");
        assert_eq!(pipelines["DeploymentEnvironment"]["DeploymentEnvironmentId"], contoso.development.id.to_string());
        let info = bed
            .get(&format!(
                "RetrieveDeploymentPipelineInfo(DeploymentPipelineId={},SourceEnvironmentId='{source}',ArtifactName='Expenses')",
                pipeline["PipelineId"].as_str().unwrap()
            ))
            .await
            .json();
        assert_eq!(info["SourceDeploymentEnvironmentId"], contoso.development.id.to_string(), "{info}");
        let names: Vec<&Value> =
            info["StageRunsDetails"].as_array().unwrap().iter().map(|of| &of["DeploymentStage"]["name"]).collect();
        assert_eq!(names, ["Test", "Production"]);
        assert_eq!((&info["EnableRedeployment"], &info["DeploymentType"]), (&json!(false), &json!(0)));

        let id = bed.validated(contoso.test_stage).await;
        let run = bed.get(&format!("deploymentstageruns({id})")).await.json();
        assert_eq!((&run["operation"], &run["operationstatus"]), (&json!(200_000_200), &json!(200_000_002)));
        assert_eq!((&run["artifactname"], &run["artifactversion"]), (&json!("Expenses"), &json!("1.0.0.1")));
        let results = results(&run);
        assert_eq!(results["ValidationStatus"], "Passed", "{results}");
        assert_eq!(results["SolutionDetails"]["SolutionUniqueName"], "Expenses");
        assert!(results["SolutionValidationResults"].is_array() && results["MissingDependencies"].is_array());

        let settings = json!({
            "EnvironmentVariables": [{"SchemaName": "contoso_ApprovalLimit", "Value": "4711"}],
            "ConnectionReferences": [{
                "LogicalName": "contoso_Mail", "ConnectionId": connection(&bed).await,
                "ConnectorId": crate::scene::MAIL,
            }],
        });
        let path = format!("deploymentstageruns({id})");
        for body in [
            json!({"deploymentsettingsjson": settings.to_string()}),
            json!({"artifactdevcurrentversion": "1.0.0.0", "artifactversion": "1.0.0.7", "deploymentnotes": "For Ada"}),
        ] {
            let reply = bed.patch(&path, &body).await;
            assert_eq!(reply.status, StatusCode::NO_CONTENT, "{}", reply.text);
        }
        let written = bed.get(&path).await.json();
        assert_eq!((&written["artifactversion"], &written["deploymentnotes"]), (&json!("1.0.0.7"), &json!("For Ada")));
        let kept: DeploymentSettings =
            serde_json::from_str(written["deploymentsettingsjson"].as_str().unwrap()).unwrap();
        assert_eq!(kept.value("contoso_ApprovalLimit"), Some("4711"));

        bed.done("DeployPackageAsync", &json!({"StageRunId": id})).await;
        let run = bed.until(&id, 200_000_002).await;
        assert_eq!((&run["operation"], &run["artifactversion"]), (&json!(200_000_202), &json!("1.0.0.7")));
        assert!(run["endtime"].is_string() && run["errormessage"].is_null(), "{run}");
        assert_eq!(bed.scene.version_in(contoso.test.environment_id, "Expenses").await.as_deref(), Some("1.0.0.7"));

        // The same artifact goes on to the next stage.
        let next = bed.validated(contoso.production_stage).await;
        let wrong = bed.patch(&format!("deploymentstageruns({next})"), &json!({"artifactversion": "1.0.0.8"})).await;
        assert_eq!(wrong.status, StatusCode::NO_CONTENT);
        let refused = bed.post("DeployPackageAsync", &json!({"StageRunId": next})).await;
        assert_eq!((refused.status, refused.code().as_str()), (StatusCode::BAD_REQUEST, "0x80040203"));
        let right = json!({"artifactversion": "1.0.0.7", "artifactdevcurrentversion": "1.0.0.7", "deploymentsettingsjson": settings.to_string()});
        bed.patch(&format!("deploymentstageruns({next})"), &right).await;
        let refused = bed.post("DeployPackageAsync", &json!({"StageRunId": next})).await;
        // The connection of the one target is none of the other.
        assert_eq!(refused.status, StatusCode::BAD_REQUEST, "{}", refused.text);
        assert!(refused.message().contains("contoso_Mail"), "{}", refused.text);
        let rows = bed.rows(&format!("deploymentstageruns?$filter=_artifactid_value eq {}", run["_artifactid_value"].as_str().unwrap()).replace(' ', "%20")).await;
        assert_eq!(rows.len(), 2);
        worker.stop().await;
    })
    .await;
}

#[tokio::test]
async fn artifacts_are_downloaded_as_they_were_deployed() {
    let folder = tempfile::tempdir().unwrap();
    let (scene, worker) = crate::scene::Scene::with_expenses_in_test(testbed::sqlite(folder.path()).await).await;
    let bed = Bed::of(scene).await;
    let artifact =
        &bed.rows("deploymentartifacts?$select=name,artifactversion,artifactfile,artifactfile_name").await[0];
    assert_eq!((&artifact["name"], &artifact["artifactversion"]), (&json!("Expenses"), &json!("1.0.0.1")));
    assert_eq!(artifact["artifactfile_name"], "Expenses_1_0_0_1_managed.zip");
    let id = artifact["deploymentartifactid"].as_str().unwrap();
    for (column, name) in
        [("artifactfile", "Expenses_1_0_0_1_managed.zip"), ("artifactfileunmanaged", "Expenses_1_0_0_1.zip")]
    {
        let path = format!("v9.0/deploymentartifacts({id})/{column}/$value");
        let reply = bed.send(&bed.maker, Method::GET, &path, &[], "").await;
        assert_eq!(reply.status, StatusCode::OK, "{}", reply.text);
        assert_eq!(reply.headers["x-ms-file-name"], name);
        assert_eq!(reply.headers["content-type"], "application/octet-stream");
        assert!(reply.text.starts_with("PK"), "a zip");
    }
    worker.stop().await;
}

#[tokio::test]
async fn what_a_script_gets_wrong_is_told_and_changes_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let bed = Bed::new(testbed::sqlite(folder.path()).await).await;
    let worker = bed.scene.worker();
    bed.scene.import(&Package::named("Expenses")).await;
    let stage = bed.scene.contoso.test_stage;
    let body = bed.run_body(stage);
    let without = |name: &str| {
        let mut body = body.clone();
        body.as_object_mut().unwrap().remove(name);
        body
    };
    let with = |name: &str, value: Value| {
        let mut body = body.clone();
        body[name] = value;
        body
    };
    for (body, status, code) in [
        (without("artifactname"), 400, "0x80040203"),
        (without("deploymentstageid@odata.bind"), 400, "0x80040203"),
        (without("devdeploymentenvironment@odata.bind"), 400, "0x80040203"),
        (with("artifactname", json!("Nothing")), 404, "0x80040217"),
        (with("artifactname", json!(7)), 400, "0x80060888"),
        (with("colour", json!("red")), 400, "0x80060888"),
        (with("errormessage", json!("x")), 400, "0x80040203"),
        (with("scheduledtime", json!("tomorrow")), 400, "0x80060888"),
        (with("artifactversion", json!("seven")), 400, "0x8004f01e"),
        (with("deploymentsettingsjson", json!("{")), 400, "0x80040203"),
        (with("deploymentstageid@odata.bind", json!("/deploymentpipelines(x)")), 400, "0x80060888"),
        (
            with("deploymentstageid@odata.bind", json!(format!("/deploymentstages({})", uuid::Uuid::nil()))),
            404,
            "0x80040217",
        ),
    ] {
        let reply = bed.post("deploymentstageruns", &body).await;
        assert_eq!((reply.status.as_u16(), reply.code().as_str()), (status, code), "{body} {}", reply.text);
    }
    assert!(bed.rows("deploymentstageruns").await.is_empty());

    let id = bed.validated(stage).await;
    for (body, named) in [
        (json!({"artifactdevcurrentversion": "0.9.0.0"}), "0.9.0.0"),
        (json!({"artifactdevcurrentversion": "1.0.0.0", "artifactversion": "0.1.0.0"}), "1.0.0.0"),
        (
            json!({"artifactversion": "1.0.0.1", "deploymentsettingsjson": "{\"ConnectionReferences\":[{\"LogicalName\":\"contoso_Mail\",\"ConnectionId\":\"none\"}]}"}),
            "contoso_Mail",
        ),
    ] {
        assert_eq!(bed.patch(&format!("deploymentstageruns({id})"), &body).await.status, StatusCode::NO_CONTENT);
        let refused = bed.post("DeployPackageAsync", &json!({"StageRunId": id})).await;
        assert_eq!((refused.status, refused.code().as_str()), (StatusCode::BAD_REQUEST, "0x80040203"));
        assert!(refused.message().contains(named), "{}", refused.text);
    }
    assert_eq!(bed.until(&id, 200_000_007).await["errormessage"], Value::Null);
    for (action, body) in [
        ("DeployPackageAsync", json!({})),
        ("DeployPackageAsync", json!({"StageRunId": "x"})),
        ("RetryFailedDeploymentAsync", json!({"StageRunId": id})),
        ("UpdateApprovalStatus", json!({"StageRunId": id, "ApprovalStatus": "yes"})),
    ] {
        assert_eq!(bed.post(action, &body).await.status, StatusCode::BAD_REQUEST, "{action} {body}");
    }
    assert_eq!(
        bed.post("DeployPackageAsync", &json!({"StageRunId": uuid::Uuid::nil()})).await.status,
        StatusCode::NOT_FOUND
    );
    worker.stop().await;
}

#[tokio::test]
async fn a_run_is_canceled_and_another_one_is_scheduled() {
    testbed::each_database(|database| async move {
        let bed = Bed::new(database).await;
        let worker = bed.scene.worker();
        bed.scene.import(&Package::named("Expenses")).await;
        let stage = bed.scene.contoso.test_stage;
        let id = bed.validated(stage).await;
        assert_eq!(
            bed.patch(&format!("deploymentstageruns({id})"), &json!({"iscanceled": true})).await.status,
            StatusCode::NO_CONTENT
        );
        let run = bed.get(&format!("deploymentstageruns({id})")).await.json();
        assert_eq!((&run["stagerunstatus"], &run["iscanceled"]), (&json!(200_000_004), &json!(true)));
        let late = bed.patch(&format!("deploymentstageruns({id})"), &json!({"deploymentnotes": "x"})).await;
        assert_eq!((late.status, late.code().as_str()), (StatusCode::BAD_REQUEST, "0x80040265"));

        let mut body = bed.run_body(stage);
        let at = clock_in(&bed, 2);
        body["scheduledtime"] = json!(at);
        let created = bed.post("deploymentstageruns", &body).await;
        let id = created.id();
        bed.until(&id, 200_000_007).await;
        bed.scene.settle(id.parse().unwrap()).await;
        bed.done("DeployPackageAsync", &json!({"StageRunId": id})).await;
        let run = bed.until(&id, 200_000_005).await;
        assert_eq!(run["scheduledtime"], at, "{run}");
        let now = clock_in(&bed, 1);
        assert_eq!(
            bed.patch(&format!("deploymentstageruns({id})"), &json!({"scheduledtime": now})).await.status,
            StatusCode::NO_CONTENT
        );
        bed.scene.test.clock.advance(std::time::Duration::from_mins(61));
        bed.until(&id, 200_000_002).await;
        worker.stop().await;
    })
    .await;
}
