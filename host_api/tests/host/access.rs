//! Who sees and does what: as on the pages.

use crate::{
    bed::{Bed, token},
    package::Package,
};
use http::{Method, StatusCode};
use model::{token::Scope, user::Roles};
use serde_json::json;
use slipway_pipelines::{Caller, user};

#[tokio::test]
async fn whoever_brings_no_token_is_told_where_they_come_from() {
    let folder = tempfile::tempdir().unwrap();
    let bed = Bed::new(testbed::sqlite(folder.path()).await).await;
    for token in ["", "nonsense", "slipway_0000"] {
        let reply = bed.send(token, Method::GET, "v9.2/WhoAmI", &[], "").await;
        assert_eq!(reply.status, StatusCode::UNAUTHORIZED);
        let challenge = reply.headers["www-authenticate"].to_str().unwrap();
        assert!(challenge.starts_with("Bearer authorization_uri=https://host.test/"), "{challenge}");
    }
    for version in ["v9.0", "v9.1", "v9.2"] {
        let who = bed.send(&bed.maker, Method::GET, &format!("{version}/WhoAmI()"), &[], "").await.json();
        assert_eq!(who["UserId"], bed.scene.maker.user.to_string());
    }
    let unknown = bed.send(&bed.maker, Method::GET, "v8.2/WhoAmI", &[], "").await;
    assert_eq!((unknown.status, unknown.code().as_str()), (StatusCode::NOT_FOUND, "0x80060888"));
}

#[tokio::test]
async fn what_somebody_may_not_see_does_not_exist() {
    testbed::each_database(|database| async move {
        let (scene, worker) = crate::scene::Scene::with_expenses_in_test(database).await;
        let (nestor, password) = user::create_first(&scene.host, "nestor", "Nestor Wilke", Roles::USER).await.unwrap();
        let nestor = Caller::new(nestor.id, nestor.display_name, Roles::USER);
        let scopes = [Scope::Administer, Scope::Deploy];
        let stranger = token(&scene, &nestor, &password.to_string(), &scopes).await;
        let bed = Bed::of(scene).await;
        let run = bed.rows("deploymentstageruns").await[0]["deploymentstagerunid"].as_str().unwrap().to_owned();
        let artifact = bed.rows("deploymentartifacts").await[0]["deploymentartifactid"].as_str().unwrap().to_owned();
        for set in [
            "deploymentenvironments",
            "deploymentpipelines",
            "deploymentstages",
            "deploymentstageruns",
            "deploymentartifacts",
            "deploymentstagerunstatuses",
            "deploymentpipeline_deploymentenvironmentset",
        ] {
            let seen = bed.rows(set).await.len();
            assert!(seen > 0, "the maker sees {set}");
            let reply = bed.send(&stranger, Method::GET, &format!("v9.2/{set}"), &[], "").await;
            assert_eq!(reply.json()["value"], json!([]), "{set}");
        }
        let contoso = &bed.scene.contoso;
        for path in [
            format!("deploymentenvironments({})", contoso.development.id),
            format!("deploymentpipelines({})", contoso.pipeline),
            format!("deploymentstages({})", contoso.test_stage),
            format!("deploymentstageruns({run})"),
            format!("deploymentartifacts({artifact})/artifactfile/$value"),
        ] {
            let reply = bed.send(&stranger, Method::GET, &format!("v9.2/{path}"), &[], "").await;
            assert_eq!((reply.status, reply.code().as_str()), (StatusCode::NOT_FOUND, "0x80040217"), "{path}");
        }
        for (action, body) in [
            ("DeployPackageAsync", json!({"StageRunId": run})),
            ("ValidatePackageAsync", json!({"StageRunId": run})),
            ("RetryFailedDeploymentAsync", json!({"StageRunId": run})),
            ("UpdateApprovalStatus", json!({"StageRunId": run, "ApprovalStatus": 20})),
            ("UpdatePreDeploymentStepStatus", json!({"StageRunId": run, "PreDeploymentStepStatus": 20})),
            ("deploymentstageruns", bed.run_body(contoso.test_stage)),
        ] {
            assert_eq!(bed.ask(&stranger, Method::POST, action, &body).await.status, StatusCode::NOT_FOUND, "{action}");
        }
        let path = format!("deploymentstageruns({run})");
        let patched = bed.ask(&stranger, Method::PATCH, &path, &json!({"iscanceled": true})).await;
        assert_eq!(patched.status, StatusCode::NOT_FOUND);
        let pipelines = bed
            .send(
                &stranger,
                Method::GET,
                &format!("v9.2/RetrieveDeploymentPipelines(SourceEnvironmentId='{}')", bed.scene.development()),
                &[],
                "",
            )
            .await;
        assert_eq!(pipelines.json()["AvailablePipelines"], json!([]));
        worker.stop().await;
    })
    .await;
}

#[tokio::test]
async fn a_token_does_what_it_was_made_for_and_no_more() {
    let folder = tempfile::tempdir().unwrap();
    let bed = Bed::new(testbed::sqlite(folder.path()).await).await;
    bed.scene.import(&Package::named("Expenses")).await;
    let stage = bed.scene.contoso.test_stage;
    let reader = token(&bed.scene, &bed.scene.maker, &bed.scene.test.users_password, &[Scope::Read]).await;
    let deployer =
        token(&bed.scene, &bed.scene.administrator, &bed.scene.test.administrators_password, &[Scope::Deploy]).await;
    let refused = bed.ask(&reader, Method::POST, "deploymentstageruns", &bed.run_body(stage)).await;
    assert_eq!((refused.status, refused.code().as_str()), (StatusCode::FORBIDDEN, "0x80040220"), "{}", refused.text);
    assert_eq!(bed.send(&reader, Method::GET, "v9.2/deploymentstages", &[], "").await.status, StatusCode::OK);
    for (who, why) in [(&bed.maker, "a maker configures nothing"), (&deployer, "nor does a token for deploying")] {
        let refused = bed.ask(who, Method::POST, "deploymentpipelines", &json!({"name": "Mine"})).await;
        assert_eq!((refused.status, refused.code().as_str()), (StatusCode::FORBIDDEN, "0x80040220"), "{why}");
        let path = format!("deploymentstages({stage})");
        assert_eq!(bed.ask(who, Method::DELETE, &path, &json!({})).await.status, StatusCode::FORBIDDEN, "{why}");
    }
    assert_eq!(bed.rows("deploymentpipelines").await.len(), 1);
}
