//! Tables, queried.

use crate::bed::Bed;
use http::{Method, StatusCode};
use serde_json::{Value, json};

#[tokio::test]
async fn records_are_chosen_shown_with_others_counted_and_paged() {
    testbed::each_database(|database| async move {
        let (scene, worker) = crate::scene::Scene::with_expenses_in_test(database).await;
        scene.deployed("Expenses", scene.contoso.test_stage, "1.0.0.2").await;
        let last = scene.draft("Expenses", scene.contoso.test_stage).await;
        worker.stop().await;
        let bed = Bed::of(scene).await;
        let stage = bed.scene.contoso.test_stage;
        let versions = async |path: &str| -> Vec<String> {
            let rows = bed.rows(&path.replace(' ', "%20")).await;
            rows.iter().map(|row| row["artifactversion"].as_str().unwrap().to_owned()).collect()
        };
        let runs = "deploymentstageruns?$select=artifactversion";
        for (query, expected) in [
            ("$orderby=createdon desc&$top=1".to_owned(), vec!["1.0.0.3"]),
            ("$filter=stagerunstatus eq 200000002&$orderby=starttime asc".to_owned(), vec!["1.0.0.1", "1.0.0.2"]),
            (format!("$filter=_deploymentstageid_value eq {stage} and stagerunstatus eq 200000002&$orderby=endtime desc&$top=1"), vec!["1.0.0.2"]),
            (format!("$filter=(deploymentstagerunid eq {})", last.id), vec!["1.0.0.3"]),
            ("$filter=artifactname eq 'EXPENSES' and stagerunstatus eq 200000007".to_owned(), vec!["1.0.0.3"]),
            ("$filter=deploymentstageid/name eq 'Test' and startswith(artifactversion,'1.0.0.1')".to_owned(), vec!["1.0.0.1"]),
            ("$filter=_artifactid_value eq null".to_owned(), vec!["1.0.0.3"]),
            ("$filter=stagerunstatus in (200000002,200000003) and endtime ne null&$orderby=artifactversion desc".to_owned(), vec!["1.0.0.2", "1.0.0.1"]),
        ] {
            let found = versions(&format!("{runs}&{query}")).await;
            assert_eq!(found, expected, "{query}");
        }
        let reply = bed.send(&bed.maker, Method::GET, "v9.2/deploymentstageruns?$select=artifactversion,stagerunstatus,_deploymentstageid_value&$orderby=createdon&$count=true&$expand=deploymentstageid($select=name),artifactid($select=artifactversion)", &[("prefer", "odata.maxpagesize=2,odata.include-annotations=\"*\"")], "").await;
        let page = reply.json();
        assert_eq!((&page["@odata.count"], page["value"].as_array().unwrap().len()), (&json!(3), 2));
        let first = &page["value"][0];
        assert_eq!(first["stagerunstatus@OData.Community.Display.V1.FormattedValue"], "Succeeded");
        assert_eq!(first["_deploymentstageid_value@OData.Community.Display.V1.FormattedValue"], "Test");
        assert_eq!(first["_deploymentstageid_value@Microsoft.Dynamics.CRM.lookuplogicalname"], "deploymentstage");
        assert_eq!((&first["deploymentstageid"]["name"], &first["artifactid"]["artifactversion"]), (&json!("Test"), &json!("1.0.0.1")));
        let next = page["@odata.nextLink"].as_str().unwrap().split("/api/data/").nth(1).unwrap().to_owned();
        let rest = bed.send(&bed.maker, Method::GET, &next, &[("prefer", "odata.maxpagesize=2")], "").await.json();
        assert_eq!(rest["value"][0]["artifactversion"], "1.0.0.3", "{rest}");
        assert_eq!(rest["@odata.nextLink"], Value::Null);
        assert_eq!(bed.get("deploymentstageruns/$count").await.text, "3");
        let of_stage = bed.rows(&format!("deploymentstages({stage})/deploymentstage_deploymentstagerun?$select=name&$filter=stagerunstatus%20eq%20200000007")).await;
        assert_eq!(of_stage[0]["name"], "Test - Expenses 1.0.0.3");
    })
    .await;
}

#[tokio::test]
async fn one_record_says_its_version_and_is_found_in_every_way() {
    let folder = tempfile::tempdir().unwrap();
    let bed = Bed::new(testbed::sqlite(folder.path()).await).await;
    let contoso = &bed.scene.contoso;
    let path = format!("deploymentenvironments({})", contoso.development.id);
    let reply = bed.get(&path).await;
    let (tag, row) = (reply.headers["etag"].to_str().unwrap().to_owned(), reply.json());
    assert_eq!((&row["@odata.etag"], &row["environmenttype"]), (&json!(tag), &json!(200_000_000)));
    assert_eq!((&row["validationstatus"], &row["statecode"]), (&json!(200_000_001), &json!(0)));
    let same = bed.send(&bed.maker, Method::GET, &format!("v9.2/{path}"), &[("if-none-match", &tag)], "").await;
    assert_eq!(same.status, StatusCode::NOT_MODIFIED);
    let by_key = bed.get(&format!("deploymentenvironments(environmentid='{}')", bed.scene.development())).await.json();
    assert_eq!(by_key["name"], "Contoso Dev");
    let found =
        bed.rows(&format!("deploymentenvironments?$filter=environmentid%20eq%20'{}'", bed.scene.development())).await;
    assert_eq!(found.len(), 1);
    assert_eq!(bed.get(&format!("{path}/name/$value")).await.text, "Contoso Dev");
    let pipelines = bed.rows(&format!("{path}/deploymentpipeline_deploymentenvironment?$select=name")).await;
    assert_eq!(pipelines[0]["name"], "Contoso pipeline");
    let references = bed
        .get(&format!("deploymentpipelines({})/deploymentpipeline_deploymentenvironment/$ref", contoso.pipeline))
        .await
        .json();
    assert!(references["value"][0]["@odata.id"].as_str().unwrap().ends_with(&path), "{references}");
    assert_eq!(bed.get("deploymentpipelines?$top=0").await.json()["value"], json!([]));
    for (path, status) in [
        ("deploymentpipelines?$select=colour", StatusCode::BAD_REQUEST),
        ("deploymentpipelines?$filter=name%20eq", StatusCode::BAD_REQUEST),
        ("deploymentnothings", StatusCode::NOT_FOUND),
        ("deploymentpipelines(00000000-0000-0000-0000-000000000009)", StatusCode::NOT_FOUND),
    ] {
        assert_eq!(bed.get(path).await.status, status, "{path}");
    }
}

#[tokio::test]
async fn the_service_describes_tables_actions_and_functions() {
    let folder = tempfile::tempdir().unwrap();
    let bed = Bed::new(testbed::sqlite(folder.path()).await).await;
    let sets = bed.get("").await.json();
    assert!(sets["value"].as_array().unwrap().iter().any(|set| set["name"] == "deploymentstageruns"), "{sets}");
    let metadata = bed.get("$metadata").await.text;
    for expected in [
        "<EntityType Name=\"deploymentstagerun\"",
        "<Property Name=\"_deploymentstageid_value\" Type=\"Edm.Guid\" />",
        "<NavigationProperty Name=\"deploymentpipeline_deploymentenvironment\" Type=\"Collection(mscrm.deploymentenvironment)\" />",
        "<Action Name=\"UpdatePreDeploymentStepStatus\"><Parameter Name=\"StageRunId\" Type=\"Edm.Guid\" /><Parameter Name=\"PreDeploymentStepStatus\" Type=\"Edm.Int32\" />",
        "<FunctionImport Name=\"RetrieveDeploymentPipelineInfo\"",
    ] {
        assert!(metadata.contains(expected), "{expected}");
    }
    let definition = bed.get("EntityDefinitions(LogicalName='deploymentstagerun')?$select=EntitySetName,PrimaryIdAttribute&$expand=Attributes").await.json();
    assert_eq!(definition["EntitySetName"], "deploymentstageruns");
    let status =
        definition["Attributes"].as_array().unwrap().iter().find(|one| one["LogicalName"] == "stagerunstatus").unwrap();
    assert_eq!(status["OptionSet"]["Options"][7]["Value"], 200_000_007);
    let links = bed.get("EntityDefinitions(LogicalName='deploymentpipeline')/ManyToManyRelationships").await.json();
    assert_eq!(links["value"][0]["Entity2LogicalName"], "deploymentenvironment");
}
