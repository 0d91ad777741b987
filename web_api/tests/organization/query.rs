use crate::{bed::Bed, package::sample};
use http::{Method, StatusCode};
use serde_json::{Value, json};

async fn filled(bed: &Bed) {
    for (name, version, managed) in [("Alpha", "1.0.0.0", true), ("Beta", "2.1.0.0", false), ("Gamma", "0.9", true)] {
        let components = [format!("new_{}_a", name.to_lowercase()), format!("new_{}_b", name.to_lowercase())];
        let components: Vec<&str> = components.iter().map(String::as_str).collect();
        let mut package = sample(name, version, managed, &components);
        if name == "Gamma" {
            "Fabrikam".clone_into(&mut package.publisher);
        }
        let ended = bed.import("ImportSolutionAsync", &package.bytes(), &json!({})).await;
        assert_eq!(ended["statuscode"], 30, "{ended}");
    }
}

fn names(rows: &[Value]) -> Vec<&str> {
    rows.iter().map(|row| row["uniquename"].as_str().unwrap()).collect()
}

#[tokio::test]
async fn records_are_filtered_ordered_expanded_counted_and_paged() {
    testbed::each_database(|database| async move {
        let bed = Bed::new(database).await;
        filled(&bed).await;
        for (query, expected) in [
            ("$filter=uniquename eq 'ALPHA'", vec!["Alpha"]),
            ("%24filter=ismanaged+eq+true&%24orderby=uniquename+desc", vec!["Gamma", "Alpha"]),
            ("$filter=(isvisible eq true) and not startswith(uniquename,'b')&$orderby=uniquename", vec!["Alpha", "Gamma"]),
            ("$filter=publisherid/uniquename eq 'Fabrikam'", vec!["Gamma"]),
            ("$filter=uniquename in ('Beta','Gamma') or contains(friendlyname,'alpha')&$orderby=publisherid/uniquename desc,uniquename asc", vec!["Gamma", "Alpha", "Beta"]),
            ("$filter=createdon gt 2000-01-01T00:00:00Z and modifiedon lt 2000-01-01", vec![]),
            ("$filter=description eq null and templatesuffix ne 'x'", vec![]),
            ("$filter=description eq null&$orderby=version desc&$top=1", vec!["Beta"]),
        ] {
            let rows = bed.rows(&format!("solutions?{}", query.replace(' ', "%20"))).await;
            assert_eq!(names(&rows), expected, "{query}");
        }

        let reply = bed.get("solutions?$select=uniquename&$expand=publisherid($select=uniquename,customizationprefix)&$filter=uniquename%20eq%20'Gamma'&$count=true").await.json();
        assert_eq!(reply["@odata.count"], 1);
        assert!(reply["@odata.context"].as_str().unwrap().ends_with("$metadata#solutions(uniquename,publisherid(uniquename,customizationprefix))"));
        let row = &reply["value"][0];
        assert_eq!((&row["uniquename"], &row["publisherid"]["uniquename"]), (&json!("Gamma"), &json!("Fabrikam")));
        assert!(row.get("version").is_none() && row.get("solutionid").is_some() && row.get("@odata.etag").is_some());

        let alpha = bed.rows("solutions?$filter=uniquename%20eq%20'Alpha'&$expand=solution_solutioncomponent($select=objectid,componenttype)").await;
        let components = alpha[0]["solution_solutioncomponent"].as_array().unwrap();
        assert_eq!(components.len(), 2);
        assert_eq!(components[0]["componenttype"], 61);
        let id = alpha[0]["solutionid"].as_str().unwrap();
        let found = bed.rows(&format!("solutioncomponents?$filter=_solutionid_value%20eq%20{id}")).await;
        assert_eq!(found.len(), 2);
        let found = bed.rows(&format!("msdyn_solutioncomponentsummaries?$filter=msdyn_solutionid%20eq%20'{id}'")).await;
        assert_eq!(found[0]["msdyn_name"], "new_alpha_a");

        let mut seen = Vec::new();
        let mut next = Some("solutions?$select=uniquename&$orderby=uniquename".to_owned());
        while let Some(path) = next {
            let page = bed.call(Method::GET, &path, &[("prefer", "odata.maxpagesize=2")], None).await.json();
            seen.extend(names(page["value"].as_array().unwrap()).into_iter().map(str::to_owned));
            let link = page["@odata.nextLink"].as_str();
            next = link.map(|link| link.split("/api/data/v9.2/").nth(1).unwrap().to_owned());
        }
        assert_eq!(seen, ["Alpha", "Beta", "Gamma"]);
        assert_eq!(bed.get("solutions/$count?$filter=ismanaged%20eq%20true").await.text, "2");
    })
    .await;
}

#[tokio::test]
async fn one_record_is_found_by_id_and_by_key_and_shown_in_parts() {
    let folder = tempfile::tempdir().unwrap();
    let bed = Bed::new(testbed::sqlite(folder.path()).await).await;
    filled(&bed).await;
    let beta = bed.get("solutions(uniquename='beta')?$select=version").await.json();
    let id = beta["solutionid"].as_str().unwrap().to_owned();
    assert_eq!(beta["version"], "2.1.0.0");
    let reply = bed.get(&format!("solutions({id})")).await;
    let tag = reply.headers["etag"].to_str().unwrap().to_owned();
    assert_eq!(reply.json()["@odata.etag"], tag);
    let again = bed.call(Method::GET, &format!("solutions({id})"), &[("if-none-match", &tag)], None).await;
    assert_eq!(again.status, StatusCode::NOT_MODIFIED);
    assert_eq!(bed.get(&format!("solutions({id})/version")).await.json()["value"], "2.1.0.0");
    assert_eq!(bed.get(&format!("solutions({id})/version/$value")).await.text, "2.1.0.0");
    assert_eq!(
        bed.get(&format!("solutions({id})/publisherid?$select=uniquename")).await.json()["uniquename"],
        "Contoso"
    );
    let link =
        bed.get(&format!("solutions({id})/publisherid/$ref")).await.json()["@odata.id"].as_str().unwrap().to_owned();
    assert!(link.contains("/api/data/v9.2/publishers("), "{link}");
    let annotated = bed
        .call(
            Method::GET,
            &format!("solutions({id})?$select=ismanaged,_publisherid_value"),
            &[("prefer", "odata.include-annotations=\"*\"")],
            None,
        )
        .await
        .json();
    assert_eq!(annotated["ismanaged@OData.Community.Display.V1.FormattedValue"], "No");
    assert_eq!(annotated["_publisherid_value@Microsoft.Dynamics.CRM.lookuplogicalname"], "publisher");
    assert_eq!(annotated["_publisherid_value@OData.Community.Display.V1.FormattedValue"], "Contoso Ltd");
}

#[tokio::test]
async fn what_cannot_be_asked_is_refused_with_the_platforms_code() {
    let folder = tempfile::tempdir().unwrap();
    let bed = Bed::new(testbed::sqlite(folder.path()).await).await;
    let nobody = "00000000-0000-0000-0000-000000000001";
    for (path, status, code) in [
        ("unknowns".to_owned(), 404, "0x80060888"),
        (format!("solutions({nobody})"), 404, "0x80040217"),
        ("solutions?$select=colour".to_owned(), 400, "0x80060888"),
        ("solutions?$filter=colour%20eq%20'red'".to_owned(), 400, "0x80060888"),
        ("solutions?$filter=uniquename%20eq%20'".to_owned(), 400, "0x80060888"),
        ("solutions?$filter=uniquename%20like%20'a'".to_owned(), 400, "0x80060888"),
        (format!("solutions?$filter={}true{}", "(".repeat(500), ")".repeat(500)), 400, "0x80060888"),
        ("solutions?$top=many".to_owned(), 400, "0x80060888"),
        ("solutions?$apply=x".to_owned(), 400, "0x80060888"),
        ("solutions?$expand=nothing".to_owned(), 400, "0x80060888"),
        ("solutions?$filter=%ff".to_owned(), 400, "0x80060888"),
        ("solutions(uniquename='x'".to_owned(), 400, "0x80060888"),
        ("RetrieveMissingDependencies(SolutionUniqueName='None')".to_owned(), 404, "0x80040217"),
        ("RetrieveMissingDependencies()".to_owned(), 400, "0x80040203"),
        ("ExportSolution".to_owned(), 405, "0x80060888"),
    ] {
        let reply = bed.get(&path).await;
        assert_eq!((reply.status.as_u16(), reply.code().as_str()), (status, code), "{path}: {}", reply.text);
    }
}

#[tokio::test]
async fn the_service_describes_its_tables() {
    let folder = tempfile::tempdir().unwrap();
    let bed = Bed::new(testbed::sqlite(folder.path()).await).await;
    let found = bed
        .rows("EntityDefinitions?%24select=LogicalName%2CEntitySetName%2CPrimaryIdAttribute&%24filter=LogicalName+eq+%27solution%27")
        .await;
    assert_eq!(found.len(), 1);
    assert_eq!(
        (&found[0]["EntitySetName"], &found[0]["PrimaryIdAttribute"]),
        (&json!("solutions"), &json!("solutionid"))
    );
    assert!(found[0].get("SchemaName").is_none());
    let keys = bed.rows("EntityDefinitions(LogicalName='solution')/Keys?%24select=SchemaName%2CKeyAttributes").await;
    assert_eq!(keys[0]["KeyAttributes"], json!(["uniquename"]));
    let columns = bed.rows("EntityDefinitions(LogicalName='asyncoperation')/Attributes").await;
    let status = columns.iter().find(|column| column["LogicalName"] == "statuscode").unwrap();
    assert_eq!(status["AttributeType"], "Picklist");
    assert!(status["OptionSet"]["Options"].as_array().unwrap().iter().any(|option| option["Value"] == 30));
    let csdl = bed.get("$metadata").await;
    assert_eq!(csdl.headers["content-type"], "application/xml");
    for part in ["<EntityType Name=\"solution\"", "<Action Name=\"StageSolution\">", "<EntitySet Name=\"solutions\""] {
        assert!(csdl.text.contains(part), "{part}");
    }
    let sets = bed.rows("").await;
    assert!(sets.iter().any(|set| set["url"] == "importjobs"));
    assert_eq!(bed.get("RetrieveVersion()").await.json()["Version"].as_str().unwrap().split('.').count(), 4);
}
