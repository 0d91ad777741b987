use crate::{bed::Bed, package::sample};
use base64::{Engine, engine::general_purpose::STANDARD};
use environment::{ImportStatus, NewConnection};
use http::{Method, StatusCode};
use serde_json::{Value, json};
use uuid::Uuid;

const MAIL: &str = "/providers/Microsoft.PowerApps/apis/shared_office365";

async fn components(bed: &Bed, name: &str) -> Vec<String> {
    let found = bed.environment().await.solution(name).await.unwrap().expect("the solution");
    found.components.into_iter().map(|component| component.name).collect()
}

#[tokio::test]
async fn a_package_is_staged_then_imported_with_connections_and_values() {
    testbed::each_database(|database| async move {
        let bed = Bed::new(database).await;
        let new = NewConnection {
            connector_id: MAIL.to_owned(),
            display_name: "Mail".to_owned(),
            owner: "Ana".to_owned(),
        };
        let connection = bed.environment().await.create_connection(new).await.unwrap();
        let package = sample("Orders", "1.0.0.0", true, &["new_a"]).refers("new_Mail", MAIL).varies("new_Url").bytes();
        let staged = bed.done("StageSolution", &json!({"CustomizationFile": STANDARD.encode(&package)})).await;
        let results = &staged["StageSolutionResults"];
        assert_eq!(results["StageSolutionStatus"], "Passed", "{staged}");
        assert_eq!(results["SolutionDetails"]["SolutionVersion"], "1.0.0.0");
        assert_eq!(results["SolutionDetails"]["PreviousSolutionVersion"], Value::Null);
        let kinds: Vec<&str> = results["SolutionComponentsDetails"].as_array().unwrap().iter().map(|detail| detail["ComponentTypeName"].as_str().unwrap()).collect();
        assert_eq!(kinds, ["solution", "connectionreference", "EnvironmentVariableDefinition"]);
        assert!(bed.rows("solutions").await.is_empty(), "staging changes nothing");

        let answer = bed.done("ImportSolutionAsync", &json!({
            "OverwriteUnmanagedCustomizations": false, "PublishWorkflows": true,
            "SolutionParameters": {"StageSolutionUploadId": results["StageSolutionUploadId"]},
            "ComponentParameters": [
                {"@odata.type": "Microsoft.Dynamics.CRM.connectionreference", "connectionreferencelogicalname": "new_Mail", "connectionid": connection.id},
                {"@odata.type": "Microsoft.Dynamics.CRM.environmentvariablevalue", "schemaname": "new_Url", "value": "https://x"},
            ],
        })).await;
        let ended = bed.ended(answer["AsyncOperationId"].as_str().unwrap()).await;
        assert_eq!((&ended["statuscode"], &ended["messagename"]), (&json!(30), &json!("ImportSolutionAsync")));
        let job = answer["ImportJobKey"].as_str().unwrap();
        let job_row = bed.get(&format!("importjobs({job})?$select=progress,data,completedon,solutionname")).await.json();
        assert_eq!((&job_row["progress"], &job_row["solutionname"]), (&json!(100.0), &json!("Orders")));
        assert!(job_row["data"].as_str().unwrap().contains("result=\"success\""));
        let result = bed.get(&format!("RetrieveSolutionImportResult(ImportJobId={job})")).await.json();
        assert_eq!(result["SolutionOperationResult"]["Status"], "Passed");
        let reference = &bed.rows("connectionreferences").await[0];
        assert_eq!(reference["connectionid"], connection.id);
        let values = bed.rows("environmentvariablevalues?$expand=EnvironmentVariableDefinitionId").await;
        assert_eq!(values[0]["value"], "https://x");
        assert_eq!(values[0]["EnvironmentVariableDefinitionId"]["schemaname"], "new_Url");
    })
    .await;
}

#[tokio::test]
async fn a_missing_dependency_is_told_when_staging_and_fails_the_import() {
    let folder = tempfile::tempdir().unwrap();
    let bed = Bed::new(testbed::sqlite(folder.path()).await).await;
    let package = sample("Orders", "1.0.0.0", true, &["new_a"]).needs("base_logo", "Base (1.2.0.0)").bytes();
    let staged = bed.done("StageSolution", &json!({"CustomizationFile": STANDARD.encode(&package)})).await;
    let results = &staged["StageSolutionResults"];
    assert_eq!(results["StageSolutionStatus"], "Failed");
    let missing = &results["MissingDependencies"][0];
    assert_eq!(missing["RequiredComponentSchemaName"], "base_logo");
    assert_eq!(missing["RequiredSolutionName"], "Base (1.2.0.0)");
    let message = results["SolutionValidationResults"][0]["Message"].as_str().unwrap();
    assert!(message.contains("<Required type=\"61\" schemaName=\"base_logo\""), "{message}");
    assert_eq!(results["SolutionValidationResults"][0]["ErrorCode"], -2_147_188_707);
    let components =
        bed.done("RetrieveMissingComponents", &json!({"CustomizationFile": STANDARD.encode(&package)})).await;
    assert_eq!(components["MissingComponents"][0]["RequiredComponent"]["SchemaName"], "base_logo");

    let ended = bed.import("ImportSolutionAsync", &package, &json!({})).await;
    assert_eq!((&ended["statuscode"], &ended["errorcode"]), (&json!(31), &json!(-2_147_188_707)));
    let body = json!({"OverwriteUnmanagedCustomizations": false, "PublishWorkflows": false, "ImportJobId": Uuid::new_v4(), "CustomizationFile": STANDARD.encode(&package)});
    let reply = bed.post("ImportSolution", &body).await;
    assert_eq!((reply.status, reply.code().as_str()), (StatusCode::BAD_REQUEST, "0x8004801d"));
}

#[tokio::test]
async fn an_update_adds_an_upgrade_replaces_and_a_holding_solution_waits() {
    testbed::each_database(|database| async move {
        let bed = Bed::new(database).await;
        let package = |version: &str, components: &[&str]| sample("Orders", version, true, components).bytes();
        bed.import("ImportSolutionAsync", &package("1.0.0.0", &["new_a"]), &json!({})).await;
        bed.import("ImportSolutionAsync", &package("1.1.0.0", &["new_b"]), &json!({})).await;
        assert_eq!(components(&bed, "Orders").await, ["new_a", "new_b"]);
        bed.import("StageAndUpgradeAsync", &package("1.2.0.0", &["new_b", "new_c"]), &json!({})).await;
        assert_eq!(components(&bed, "Orders").await, ["new_b", "new_c"]);

        let ended =
            bed.import("ImportSolutionAsync", &package("2.0.0.0", &["new_d"]), &json!({"HoldingSolution": true})).await;
        assert_eq!(ended["statuscode"], 30, "{ended}");
        assert_eq!(components(&bed, "Orders").await, ["new_b", "new_c"]);
        assert_eq!(components(&bed, "Orders_Upgrade").await, ["new_d"]);
        let ended = bed.import("ImportSolutionAsync", &package("2.1.0.0", &["new_e"]), &json!({})).await;
        assert_eq!(ended["errorcode"], i64::from(0x8004_F046_u32.cast_signed()), "{ended}");
        let promoted = bed.done("DeleteAndPromote", &json!({"UniqueName": "Orders"})).await;
        let orders = bed.rows("solutions").await;
        assert_eq!(orders.len(), 1);
        assert_eq!((&orders[0]["solutionid"], &orders[0]["version"]), (&promoted["SolutionId"], &json!("2.0.0.0")));
        assert_eq!(components(&bed, "Orders").await, ["new_d"]);
        let reply = bed.post("DeleteAndPromote", &json!({"UniqueName": "Orders"})).await;
        assert_eq!((reply.status, reply.code().as_str()), (StatusCode::BAD_REQUEST, "0x8004853b"));
        let ended = bed
            .import(
                "ImportSolutionAsync",
                &sample("New", "1.0.0.0", true, &["x"]).bytes(),
                &json!({"HoldingSolution": true}),
            )
            .await;
        assert_eq!(ended["statuscode"], 31);
    })
    .await;
}

#[tokio::test]
async fn the_same_job_is_one_import_and_a_second_one_is_told_of_the_first() {
    let folder = tempfile::tempdir().unwrap();
    let bed = Bed::with(testbed::sqlite(folder.path()).await, web_api::Limits::default(), 10_000).await;
    let body = |name: &str, job: Uuid| {
        let package = sample(name, "1.0.0.0", true, &["new_a", "new_b"]).bytes();
        json!({"OverwriteUnmanagedCustomizations": false, "PublishWorkflows": true, "ImportJobId": job, "CustomizationFile": STANDARD.encode(package)})
    };
    let job = Uuid::new_v4();
    let first = bed.done("ImportSolutionAsync", &body("Orders", job)).await;
    assert_eq!(first["ImportJobKey"], job.to_string());
    assert_eq!(bed.done("ImportSolutionAsync", &body("Orders", job)).await, first);
    let reply = bed.post("ImportSolutionAsync", &body("Other", Uuid::new_v4())).await;
    assert_eq!((reply.status, reply.code().as_str()), (StatusCode::BAD_REQUEST, "0x80071151"));
    assert!(reply.text.contains("because there is another [Import] running"));
    assert_eq!(bed.rows("importjobs").await.len(), 1);
    let running = bed.environment().await.import_job(job.into()).await.unwrap().unwrap();
    assert_eq!(running.status, ImportStatus::Running);
    assert_eq!(bed.rows("asyncoperations?$filter=statecode%20ne%203").await.len(), 1);
}

#[tokio::test]
async fn solutions_are_created_versioned_exported_and_uninstalled() {
    testbed::each_database(|database| async move {
        let bed = Bed::new(database).await;
        let publisher = json!({"uniquename": "fabrikam", "friendlyname": "Fabrikam", "customizationprefix": "fab", "customizationoptionvalueprefix": 20_000});
        let reply = bed.call(Method::POST, "publishers", &[("prefer", "return=representation")], Some(&publisher)).await;
        assert_eq!(reply.status, StatusCode::CREATED, "{}", reply.text);
        let id = reply.json()["publisherid"].as_str().unwrap().to_owned();
        let again = bed.post("publishers", &publisher).await;
        assert_eq!((again.status, again.code().as_str()), (StatusCode::BAD_REQUEST, "0x80040237"));
        let solution = json!({"uniquename": "Orders", "friendlyname": "Orders", "version": "1.0.0.0", "publisherid@odata.bind": format!("/publishers({id})")});
        let reply = bed.post("solutions", &solution).await;
        assert_eq!(reply.status, StatusCode::NO_CONTENT, "{}", reply.text);
        let address = reply.headers["odata-entityid"].to_str().unwrap().to_owned();
        let path = address.split("/api/data/v9.2/").nth(1).unwrap().to_owned();

        let tag = bed.get(&path).await.headers["etag"].to_str().unwrap().to_owned();
        let stale = bed.call(Method::PATCH, &path, &[("if-match", "W/\"1\"")], Some(&json!({"version": "1.0.0.5"}))).await;
        assert_eq!((stale.status, stale.code().as_str()), (StatusCode::PRECONDITION_FAILED, "0x80060882"));
        let good = bed.call(Method::PATCH, &path, &[("if-match", &tag)], Some(&json!({"version": "1.0.0.5"}))).await;
        assert_eq!(good.status, StatusCode::NO_CONTENT, "{}", good.text);
        let lower = bed.call(Method::PATCH, &path, &[], Some(&json!({"version": "1.0.0.4"}))).await;
        assert_eq!((lower.status, lower.code().as_str()), (StatusCode::BAD_REQUEST, "0x8004f01e"));
        let unknown = bed.call(Method::PATCH, &path, &[], Some(&json!({"colour": "red"}))).await;
        assert_eq!(unknown.status, StatusCode::BAD_REQUEST);

        let exported = bed.done("ExportSolution", &json!({"SolutionName": "Orders", "Managed": true})).await;
        let bytes = STANDARD.decode(exported["ExportSolutionFile"].as_str().unwrap()).unwrap();
        let facts = solution::read(std::io::Cursor::new(bytes.clone()), &solution::Limits::default()).unwrap();
        assert_eq!((facts.managed, facts.version.as_str()), (true, "1.0.0.5"));
        let started = bed.done("ExportSolutionAsync", &json!({"SolutionName": "Orders", "Managed": true})).await;
        let operation = bed.ended(started["AsyncOperationId"].as_str().unwrap()).await;
        assert_eq!((&operation["operationtype"], &operation["statuscode"]), (&json!(202), &json!(30)));
        let downloaded = bed.done("DownloadSolutionExportData", &json!({"ExportJobId": started["ExportJobId"]})).await;
        assert_eq!(STANDARD.decode(downloaded["ExportSolutionFile"].as_str().unwrap()).unwrap(), bytes);
        let missing = bed.post("ExportSolution", &json!({"SolutionName": "None", "Managed": true})).await;
        assert_eq!(missing.code(), "0x80048037");
        let failed = bed.done("ExportSolutionAsync", &json!({"SolutionName": "None", "Managed": true})).await;
        assert_eq!(bed.ended(failed["AsyncOperationId"].as_str().unwrap()).await["statuscode"], 31);

        assert_eq!(bed.post("PublishAllXml", &json!({})).await.status, StatusCode::NO_CONTENT);
        assert_eq!(bed.call(Method::DELETE, &path, &[], None).await.status, StatusCode::NO_CONTENT);
        assert_eq!(bed.call(Method::DELETE, &path, &[], None).await.status, StatusCode::NOT_FOUND);
    })
    .await;
}

#[tokio::test]
async fn values_and_bindings_are_set_on_their_own() {
    let folder = tempfile::tempdir().unwrap();
    let bed = Bed::new(testbed::sqlite(folder.path()).await).await;
    let package = sample("Orders", "1.0.0.0", true, &["new_a"]).refers("new_Mail", MAIL).varies("new_Url").bytes();
    bed.import("ImportSolutionAsync", &package, &json!({})).await;
    let definition = bed.get("environmentvariabledefinitions(schemaname='new_Url')").await.json();
    let id = definition["environmentvariabledefinitionid"].as_str().unwrap();
    let value = json!({"value": "https://y", "EnvironmentVariableDefinitionId@odata.bind": format!("/environmentvariabledefinitions({id})")});
    let created = bed.post("environmentvariablevalues", &value).await;
    assert_eq!(created.status, StatusCode::NO_CONTENT, "{}", created.text);
    assert_eq!(bed.post("environmentvariablevalues", &value).await.code(), "0x80040237");
    let path = created.headers["odata-entityid"].to_str().unwrap().split("/api/data/v9.2/").nth(1).unwrap().to_owned();
    bed.call(Method::PATCH, &path, &[], Some(&json!({"value": "https://z"}))).await;
    let answer = bed.get("RetrieveEnvironmentVariableValue(DefinitionSchemaName=@p)?@p='new_Url'").await.json();
    assert_eq!(answer["Value"], "https://z");
    assert_eq!(bed.call(Method::DELETE, &path, &[], None).await.status, StatusCode::NO_CONTENT);
    assert!(bed.rows("environmentvariablevalues").await.is_empty());

    let bearer = format!("Bearer {}", bed.token);
    let address =
        format!("/environments/{}/connectivity/connectors/shared_office365/connections/abc?api-version=1", bed.id);
    let body = json!({"properties": {"displayName": "Mail", "environment": {"name": bed.id}}}).to_string();
    let made = bed.send(Method::PUT, &address, &[("authorization", &bearer)], body).await;
    assert_eq!(made.status, StatusCode::CREATED, "{}", made.text);
    let connection = made.json()["name"].as_str().unwrap().to_owned();
    let reference = bed.rows("connectionreferences").await[0]["connectionreferenceid"].as_str().unwrap().to_owned();
    let bound = bed
        .call(
            Method::PATCH,
            &format!("connectionreferences({reference})"),
            &[],
            Some(&json!({"connectionid": connection})),
        )
        .await;
    assert_eq!(bound.status, StatusCode::NO_CONTENT, "{}", bound.text);
    assert_eq!(bed.rows("connectionreferences").await[0]["connectionid"], connection);
    let wrong = bed
        .call(Method::PATCH, &format!("connectionreferences({reference})"), &[], Some(&json!({"connectionid": "none"})))
        .await;
    assert_eq!(wrong.status, StatusCode::BAD_REQUEST);
}

#[tokio::test]
async fn what_is_no_package_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    let bed = Bed::new(testbed::sqlite(folder.path()).await).await;
    for (file, status, code) in [
        (json!(STANDARD.encode("no zip")), 400, "0x80048060"),
        (json!("%%%"), 400, "0x80040203"),
        (json!(STANDARD.encode(vec![0_u8; 21 << 20])), 413, "0x80040203"),
        (Value::Null, 400, "0x80040203"),
    ] {
        let reply = bed.post("StageSolution", &json!({"CustomizationFile": file})).await;
        assert_eq!((reply.status.as_u16(), reply.code().as_str()), (status, code), "{}", reply.text);
    }
    let long = json!({"CustomizationFile": "", "Other": "x".repeat(5 << 20)});
    assert_eq!(bed.post("StageSolution", &long).await.status, StatusCode::BAD_REQUEST);
}
