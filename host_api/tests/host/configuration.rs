//! Environments, pipelines and stages, set up as scripts for the platform do it.

use crate::bed::{Bed, Reply};
use environment::{Environments, HostBinding};
use http::{Method, StatusCode};
use model::{environment::EnvironmentType, id::DeploymentEnvironmentId};
use serde_json::{Value, json};
use slipway_pipelines::deployment_environment;

async fn post(bed: &Bed, path: &str, body: Value) -> Reply {
    bed.ask(&bed.administrator, Method::POST, path, &body).await
}

async fn get(bed: &Bed, path: &str) -> Value {
    bed.send(&bed.administrator, Method::GET, &format!("v9.1/{path}"), &[], "").await.json()
}

async fn patch(bed: &Bed, path: &str, body: Value) -> Reply {
    bed.ask(&bed.administrator, Method::PATCH, path, &body).await
}

async fn environment(bed: &Bed, name: &str, kind: i32) -> String {
    let id = bed.scene.test.built_in(name).await;
    post(bed, "deploymentenvironments", json!({"name": name, "environmentid": id, "environmenttype": kind})).await.id()
}

#[tokio::test]
async fn a_pipeline_is_set_up_step_by_step_and_taken_down_again() {
    testbed::each_database(|database| async move {
        let bed = Bed::new(database).await;
        let development = environment(&bed, "Fabrikam Dev", 200_000_000).await;
        let (test, production) =
            (environment(&bed, "Fabrikam Test", 200_000_001).await, environment(&bed, "Fabrikam Live", 200_000_001).await);
        let status = format!("deploymentenvironments({development})?$select=validationstatus,statecode,errormessage");
        assert_eq!(get(&bed, &status).await["validationstatus"], 200_000_000);
        deployment_environment::validate_pending(&bed.scene.host).await.unwrap();
        assert_eq!(get(&bed, &status).await["validationstatus"], 200_000_001);

        let body = json!({"name": "Fabrikam", "description": "d", "enableredeployment": true, "enableaideploymentnotes": false, "deploymenttype": 0, "statecode": 0, "statuscode": 1});
        let pipeline = post(&bed, "deploymentpipelines", body).await.id();
        // Relative, as the maker portal sends it.
        let link = format!("deploymentpipelines({pipeline})/deploymentpipeline_deploymentenvironment/$ref");
        let reference = json!({"@odata.context": "https://host.test/api/data/v9.0/$metadata#$ref", "@odata.id": format!("deploymentenvironments({development})")});
        assert_eq!(post(&bed, &link, reference).await.status, StatusCode::NO_CONTENT);
        let stage = |name: &str, target: &str, previous: Option<&str>| {
            let mut body = json!({
                "name": name, "deploymentpipelineid@odata.bind": format!("/deploymentpipelines({pipeline})"),
                "TargetDeploymentEnvironmentId@odata.bind": format!("https://host.test/api/data/v9.0/deploymentenvironments({target})"),
                "predeploymentsteprequired": true, "preexportsteprequired": previous.is_none(), "isdelegateddeployment": false,
            });
            if let Some(previous) = previous {
                body["previousdeploymentstageid@odata.bind"] = json!(format!("/deploymentstages({previous})"));
            }
            body
        };
        let first = post(&bed, "deploymentstages", stage("Test", &test, None)).await.id();
        let second = post(&bed, "deploymentstages", stage("Live", &production, Some(&first))).await.id();

        let whole = get(&bed, &format!("deploymentpipelines({pipeline})?$expand=deploymentpipeline_deploymentenvironment($select=name,environmenttype),deploymentpipeline_deploymentstage($select=name,predeploymentsteprequired,preexportsteprequired;$expand=targetdeploymentenvironmentid($select=name),previousdeploymentstageid($select=name))")).await;
        assert_eq!(whole["enableredeployment"], true, "{whole}");
        assert_eq!(whole["deploymentpipeline_deploymentenvironment"][0]["name"], "Fabrikam Dev");
        let stages = whole["deploymentpipeline_deploymentstage"].as_array().unwrap();
        let told: Vec<_> = stages.iter().map(|stage| (stage["name"].as_str().unwrap(), stage["targetdeploymentenvironmentid"]["name"].as_str().unwrap(), stage["previousdeploymentstageid"]["name"].as_str(), &stage["preexportsteprequired"], &stage["predeploymentsteprequired"])).collect();
        let (yes, no) = (json!(true), json!(false));
        assert!(told.contains(&("Test", "Fabrikam Test", None, &yes, &yes)), "{told:?}");
        assert!(told.contains(&("Live", "Fabrikam Live", Some("Test"), &no, &yes)), "{told:?}");

        assert_eq!(patch(&bed, &format!("deploymentstages({second})"), json!({"name": "Production", "predeploymentsteprequired": false})).await.status, StatusCode::NO_CONTENT);
        let changed = get(&bed, &format!("deploymentstages({second})")).await;
        assert_eq!((&changed["name"], &changed["predeploymentsteprequired"]), (&json!("Production"), &no));
        let linked = get(&bed, &format!("deploymentpipelines({pipeline})/deploymentpipeline_deploymentenvironment?$select=deploymentenvironmentid,name,environmenttype")).await;
        assert_eq!(linked["value"][0]["deploymentenvironmentid"], development.as_str());

        // In use, it stays.
        let used = bed.ask(&bed.administrator, Method::DELETE, &format!("deploymentenvironments({test})"), &json!({})).await;
        assert_eq!((used.status, used.code().as_str()), (StatusCode::BAD_REQUEST, "0x80040265"), "{}", used.text);
        let unlink = format!("{link}?$id=https://host.test/api/data/v9.0/deploymentenvironments({development})");
        for path in [format!("deploymentstages({second})"), format!("deploymentstages({first})"), unlink, format!("deploymentpipelines({pipeline})"), format!("deploymentenvironments({test})")] {
            let gone = bed.ask(&bed.administrator, Method::DELETE, &path, &json!({})).await;
            assert_eq!(gone.status, StatusCode::NO_CONTENT, "{path}: {}", gone.text);
        }
        assert_eq!(bed.send(&bed.administrator, Method::GET, &format!("v9.2/deploymentenvironments({test})"), &[], "").await.status, StatusCode::NOT_FOUND);
    })
    .await;
}

#[tokio::test]
async fn stages_without_a_previous_one_follow_the_last() {
    let folder = tempfile::tempdir().unwrap();
    let bed = Bed::new(testbed::sqlite(folder.path()).await).await;
    let pipeline = post(&bed, "deploymentpipelines", json!({"name": "Fabrikam"})).await.id();
    for name in ["One", "Two"] {
        let target = environment(&bed, name, 200_000_001).await;
        let body = json!({"name": name, "deploymentpipelineid@odata.bind": format!("/deploymentpipelines({pipeline})"), "targetdeploymentenvironmentid@odata.bind": format!("/deploymentenvironments({target})")});
        post(&bed, "deploymentstages", body).await.id();
    }
    let path = format!(
        "deploymentstages?$filter=_deploymentpipelineid_value%20eq%20{pipeline}&$orderby=name&$expand=previousdeploymentstageid"
    );
    let stages = get(&bed, &path).await;
    assert_eq!(stages["value"][0]["previousdeploymentstageid"], Value::Null);
    assert_eq!(stages["value"][1]["previousdeploymentstageid"]["name"], "One");
}

#[tokio::test]
async fn what_cannot_be_configured_is_refused_with_the_platforms_code() {
    let folder = tempfile::tempdir().unwrap();
    let bed = Bed::new(testbed::sqlite(folder.path()).await).await;
    let contoso = &bed.scene.contoso;
    let id = uuid::Uuid::new_v4();
    for (path, body, status, code) in [
        ("deploymentenvironments", json!({"name": "X", "environmentid": id}), 400, "0x80040203"),
        ("deploymentenvironments", json!({"environmentid": id, "environmenttype": 200_000_000}), 400, "0x80040203"),
        (
            "deploymentenvironments",
            json!({"name": "X", "environmentid": "x", "environmenttype": 200_000_000}),
            400,
            "0x80040203",
        ),
        ("deploymentenvironments", json!({"name": "X", "environmentid": id, "environmenttype": 5}), 400, "0x80040203"),
        (
            "deploymentenvironments",
            json!({"name": "X", "environmentid": id, "environmenttype": 200_000_000, "validationstatus": 200_000_001}),
            400,
            "0x80040203",
        ),
        (
            "deploymentenvironments",
            json!({"name": "Contoso Dev", "environmentid": id, "environmenttype": 200_000_000}),
            400,
            "0x80040237",
        ),
        ("deploymentpipelines", json!({"name": "x".repeat(101)}), 400, "0x80040203"),
        ("deploymentpipelines", json!({"name": "X", "deploymenttype": 2}), 400, "0x80040203"),
        ("deploymentpipelines", json!({"name": "X", "rank": 2}), 400, "0x80060888"),
        ("deploymentstages", json!({"name": "X"}), 400, "0x80040203"),
        ("deploymentartifacts", json!({"name": "X"}), 405, "0x80060888"),
        ("systemusers", json!({"fullname": "X"}), 405, "0x80060888"),
    ] {
        let reply = post(&bed, path, body.clone()).await;
        assert_eq!((reply.status.as_u16(), reply.code().as_str()), (status, code), "{body} {}", reply.text);
    }
    for (path, body) in [
        (format!("deploymentenvironments({})", contoso.test.id), json!({"environmenttype": 200_000_000})),
        (format!("deploymentstages({})", contoso.test_stage), json!({"issharingenabled": true})),
        (format!("deploymentstages({})", contoso.production_stage), json!({"preexportsteprequired": true})),
        (format!("deploymentstages({})", contoso.test_stage), json!({"isdelegateddeployment": true})),
        (
            format!("deploymentstages({})", contoso.test_stage),
            json!({"previousdeploymentstageid@odata.bind": format!("/deploymentstages({})", contoso.production_stage)}),
        ),
    ] {
        let reply = patch(&bed, &path, body).await;
        assert_eq!(reply.status, StatusCode::BAD_REQUEST, "{path} {}", reply.text);
    }
    let path = format!("deploymentpipelines({})", contoso.pipeline);
    let stale = bed
        .send(
            &bed.administrator,
            Method::PATCH,
            &format!("v9.0/{path}"),
            &[("if-match", "W/\"1\"")],
            json!({"name": "Y"}).to_string(),
        )
        .await;
    assert_eq!((stale.status, stale.code().as_str()), (StatusCode::PRECONDITION_FAILED, "0x80060882"));
}

#[tokio::test]
async fn an_environment_of_another_host_is_taken_over_by_force() {
    testbed::each_database(|database| async move {
        let bed = Bed::new(database).await;
        let id = bed.scene.test.built_in("Taken").await;
        let environment = bed.scene.test.built_in.open(id).await.unwrap();
        let elsewhere = DeploymentEnvironmentId(uuid::Uuid::new_v4());
        environment.bind(HostBinding { record: elsewhere, kind: EnvironmentType::Target }).await.unwrap();
        let record = post(
            &bed,
            "deploymentenvironments",
            json!({"name": "Taken", "environmentid": id, "environmenttype": 200_000_001}),
        )
        .await
        .id();
        let validated = async || {
            deployment_environment::validate_pending(&bed.scene.host).await.unwrap();
            get(&bed, &format!("deploymentenvironments({record})")).await
        };
        let failed = validated().await;
        assert_eq!(failed["validationstatus"], 200_000_002);
        assert!(failed["errormessage"].as_str().unwrap().contains("already configured"), "{failed}");
        let forced =
            post(&bed, "ManageEnvironmentStamp", json!({"DeploymentEnvironmentId": format!("{{{record}}}")})).await;
        assert_eq!(forced.status, StatusCode::NO_CONTENT, "{}", forced.text);
        let linked = validated().await;
        assert_eq!((&linked["validationstatus"], &linked["errormessage"]), (&json!(200_000_001), &Value::Null));
        let refused = bed.post("ManageEnvironmentStamp", &json!({"DeploymentEnvironmentId": record})).await;
        assert_eq!(refused.status, StatusCode::FORBIDDEN, "a maker forces nothing");
    })
    .await;
}

fn change_set(parts: &[(&str, &str, Value)]) -> String {
    let part = |(index, (method, path, body)): (usize, &(&str, &str, Value))| {
        let id = index + 1;
        format!(
            "--c\r\nContent-Type: application/http\r\nContent-Transfer-Encoding: binary\r\nContent-ID: {id}\r\n\r\n{method} {path} HTTP/1.1\r\nContent-Type: application/json\r\n\r\n{body}\r\n"
        )
    };
    let parts: Vec<String> = parts.iter().enumerate().map(part).collect();
    format!("--b\r\nContent-Type: multipart/mixed; boundary=c\r\n\r\n{}--c--\r\n--b--\r\n", parts.concat())
}

#[tokio::test]
async fn a_change_set_is_done_as_a_whole_or_taken_back() {
    testbed::each_database(|database| async move {
        let bed = Bed::new(database).await;
        let target = environment(&bed, "Batch Test", 200_000_001).await;
        let development = environment(&bed, "Batch Dev", 200_000_000).await;
        let parts = |target: &str| {
            change_set(&[
                ("POST", "deploymentpipelines", json!({"name": "Batch"})),
                ("POST", "/api/data/v9.2/deploymentstages", json!({"name": "T", "deploymentpipelineid@odata.bind": "$1", "targetdeploymentenvironmentid@odata.bind": format!("/deploymentenvironments({target})")})),
                ("POST", "$1/deploymentpipeline_deploymentenvironment/$ref", json!({"@odata.id": format!("deploymentenvironments({development})")})),
            ])
        };
        let kind = [("content-type", "multipart/mixed; boundary=b")];
        let failed = bed.send(&bed.administrator, Method::POST, "v9.2/$batch", &kind, parts(&uuid::Uuid::nil().to_string())).await;
        assert!(failed.text.contains("HTTP/1.1 404 Not Found"), "{}", failed.text);
        let names = async || -> Vec<String> {
            let rows = get(&bed, "deploymentpipelines").await["value"].as_array().cloned().unwrap();
            rows.iter().map(|row| row["name"].as_str().unwrap().to_owned()).collect()
        };
        assert!(!names().await.contains(&"Batch".to_owned()), "what was created before is taken back");
        let done = bed.send(&bed.administrator, Method::POST, "v9.2/$batch", &kind, parts(&target)).await;
        assert_eq!(done.text.matches("HTTP/1.1 204 No Content").count(), 3, "{}", done.text);
        assert!(names().await.contains(&"Batch".to_owned()));
    })
    .await;
}
