//! Every form in which the platform writes packages.

use crate::fixture::{EMPTY, Manifest, TYPES, facts, of_customizations, of_manifest, package, zip};
use model::{Component, ComponentType, ErrorCode, package::RequiredSolution, variable::VariableType};

fn names(components: &[Component], kind: u32) -> Vec<&str> {
    let kind = ComponentType::Number(kind);
    components.iter().filter(|one| one.kind == kind).map(|one| one.name.as_str()).collect()
}

#[test]
fn a_manifest_says_who_and_what() {
    let facts = of_manifest(&Manifest::default().xml()).unwrap();
    assert_eq!(facts.unique_name, "Orders");
    assert_eq!(facts.display_name, "Orders & more", "the name in the package's own language");
    assert_eq!(facts.description, "What is ordered");
    assert_eq!(facts.version.to_string(), "1.0.0.3");
    assert!(!facts.managed);
    assert_eq!(facts.publisher, "contoso");
    assert_eq!((facts.publisher_details.prefix.as_str(), facts.publisher_details.option_value_prefix), ("new", 84241));
    assert_eq!(facts.platform_version.as_deref(), Some("9.2.25093.138"));
    assert_eq!(facts.solution_package_version.as_deref(), Some("9.2"));
    assert_eq!(facts.language_code, Some(1033));
    assert_eq!((facts.files, facts.root_components.len()), (3, 0));
}

#[test]
fn byte_order_mark_declaration_and_line_ends_make_no_difference() {
    let plain = Manifest::default().xml();
    let declared = format!("<?xml version=\"1.0\" encoding=\"utf-8\"?>\r\n{}", plain.replace('\n', "\r\n"));
    let marked = format!("\u{feff}{declared}");
    let expected = of_manifest(&plain).unwrap();
    for manifest in [declared, marked] {
        let mut found = of_manifest(&manifest).unwrap();
        (found.packed_bytes, found.unpacked_bytes) = (expected.packed_bytes, expected.unpacked_bytes);
        assert_eq!(found, expected);
    }
}

#[test]
fn a_package_of_2011_has_no_package_version() {
    let manifest = Manifest::default().xml().replace(r#" SolutionPackageVersion="9.2""#, r#" minimumversion="5.0""#);
    assert_eq!(of_manifest(&manifest).unwrap().solution_package_version, None);
}

#[test]
fn versions_of_two_to_four_parts_keep_their_spelling() {
    for version in ["1.0", "1.71.5", "20260130.0", "3.04.0009.1"] {
        let found = of_manifest(&Manifest { version, ..Manifest::default() }.xml()).unwrap();
        assert_eq!(found.version.as_str(), version);
    }
}

#[test]
fn a_manifest_that_says_nonsense_is_refused_with_its_own_code() {
    let plain = Manifest::default().xml();
    for (manifest, code) in [
        (plain.replace("1.0.0.3", "next"), ErrorCode::INVALID_VERSION),
        (plain.replace("<Version>1.0.0.3</Version>", ""), ErrorCode::INVALID_SCHEMA),
        (plain.replace(">Orders<", ">my orders<"), ErrorCode::INVALID_UNIQUE_NAME),
        (plain.replace("<Managed>0", "<Managed>2"), ErrorCode::INVALID_SCHEMA),
        (plain.replace("<Managed>0</Managed>", ""), ErrorCode::INVALID_SCHEMA),
        (plain.replace("<UniqueName>contoso</UniqueName>", ""), ErrorCode::INVALID_SCHEMA),
        (plain.replace("</SolutionManifest>", ""), ErrorCode::INVALID_XML),
        (plain.replace("ImportExportXml", "Other"), ErrorCode::INVALID_SCHEMA),
        (plain.replace("&amp;", "&nbsp;"), ErrorCode::INVALID_XML),
        (String::new(), ErrorCode::INVALID_XML),
    ] {
        let error = of_manifest(&manifest).unwrap_err();
        assert_eq!(error.code(), code, "{error}");
    }
}

#[test]
fn root_components_are_named_by_schema_name_or_by_id() {
    let roots = r#"<RootComponent type="1" schemaName="new_order" behavior="0" />
        <RootComponent type="1" schemaName="account" behavior="2" /><RootComponent type="1" schemaName="contact" behavior="1" />
        <RootComponent type="29" id="{ACE8FBBB-cdb1-f011-bbd3-7ced8d3a08e8}" behavior="0" />
        <RootComponent type="372" id="{1}" schemaName="new_5Fmail" behavior="0" /><RootComponent type="61" schemaName="new_/a.js" />
        <RootComponent type="91" id="{2}" schemaName="Orders, Version=1.0.0.0" /><RootComponent type="380" schemaName="new_Url" />"#;
    let facts = of_manifest(&Manifest { roots, ..Manifest::default() }.xml()).unwrap();
    let found: Vec<_> = facts.root_components.iter().map(|one| (one.kind.to_string(), one.name.as_str())).collect();
    let expected = [
        ("1", "new_order"),
        ("1", "account"),
        ("1", "contact"),
        ("29", "ace8fbbb-cdb1-f011-bbd3-7ced8d3a08e8"),
        ("372", "new_5Fmail"),
        ("61", "new_/a.js"),
        ("91", "Orders, Version=1.0.0.0"),
        ("380", "new_Url"),
    ];
    assert_eq!(found, expected.map(|(kind, name)| (kind.to_owned(), name)));
    assert_eq!(facts.extended_tables, ["account", "contact"]);
}

#[test]
fn a_component_listed_twice_is_refused() {
    let roots = r#"<RootComponent type="1" schemaName="new_order" /><RootComponent type="1" schemaName="NEW_Order" />"#;
    let error = of_manifest(&Manifest { roots, ..Manifest::default() }.xml()).unwrap_err();
    assert_eq!(error.code(), ErrorCode::DUPLICATE_COMPONENT);
    assert_eq!(error.to_string(), "The file “solution.xml” lists the table “NEW_Order” twice.");
}

#[test]
fn two_tables_may_each_have_a_column_of_the_same_name() {
    let roots = r#"<RootComponent type="2" schemaName="new_name" parentSchemaName="new_order" /><RootComponent type="2" schemaName="new_name" parentSchemaName="new_region" />"#;
    let facts = of_manifest(&Manifest { roots, ..Manifest::default() }.xml()).unwrap();
    assert_eq!(facts.root_components.len(), 2);
}

#[test]
fn missing_dependencies_are_read_in_all_their_forms() {
    let required = [
        r#"<Required key="6" type="2" schemaName="new_name" displayName="Name" parentSchemaName="new_order" parentDisplayName="Order" solution="Regions (2.3.4.13)" />"#,
        r#"<Required type="61" schemaName="msdyn_/i.png" displayName="" solution="AppModuleWebResources (2.5)"><package appName="App" version="2.5">AppModuleWebResources (2.5)</package></Required>"#,
        r#"<Required type="connectionreference" displayName="Mail" solution="Active" id.connectionreferencelogicalname="new_Mail" />"#,
        r#"<Required type="AppSetting" solution="System (5.0)" id.parentappmoduleid.uniquename="new_App" id.settingdefinitionid.uniquename="Channel" />"#,
        r#"<Required type="26" schemaName="My Orders" parentSchemaName="" solution="msdyn_Playbook (9.0.2103.4000 )" id="{00AA}" />"#,
        r#"<Required type="EnvironmentVariableDefinition" id.schemaname="new_Url" solution="" />"#,
        r#"<Required type="60" displayName="Main" solution="Odd" id="{BB}" parentId="{cc}" />"#,
    ];
    let dependent = r#"<Dependent type="CustomAPI" id.uniquename="new_Do" />"#;
    let missing: Vec<String> =
        required.iter().map(|one| format!("<MissingDependency>{one}{dependent}</MissingDependency>")).collect();
    let missing = missing.concat();
    let facts = of_manifest(&Manifest { missing: &missing, ..Manifest::default() }.xml()).unwrap();
    let found: Vec<_> = facts
        .missing_dependencies
        .iter()
        .map(|one| {
            (
                one.required.kind.to_string(),
                one.required.name.as_str(),
                one.required.parent.as_deref(),
                one.required_solution.text(),
            )
        })
        .collect();
    let expected = [
        ("2", "new_name", Some("new_order"), "Regions (2.3.4.13)"),
        ("61", "msdyn_/i.png", None, "AppModuleWebResources (2.5)"),
        ("connectionreference", "new_Mail", None, "Active"),
        ("appsetting", "new_App,Channel", None, "System"),
        ("26", "My Orders", None, "msdyn_Playbook (9.0.2103.4000)"),
        ("380", "new_Url", None, "Active"),
        ("60", "bb", None, "Odd"),
    ];
    assert_eq!(
        found,
        expected.map(|(kind, name, parent, solution)| (kind.to_owned(), name, parent, solution.to_owned()))
    );
    assert_eq!(facts.missing_dependencies[4].required_id.as_deref(), Some("00aa"));
    assert_eq!(
        facts.missing_dependencies[6].required_solution,
        RequiredSolution::Named { name: "Odd".to_owned(), version: None }
    );
    assert_eq!(facts.missing_dependencies[0].dependent.kind, ComponentType::Table("customapi".to_owned()));
}

#[test]
fn a_dependency_that_lacks_one_side_is_refused() {
    for missing in [
        r#"<MissingDependency><Required type="1" schemaName="a" solution="Active" /></MissingDependency>"#,
        r#"<MissingDependency><Dependent type="1" schemaName="a" /></MissingDependency>"#,
        r#"<MissingDependency><Required solution="Active" /><Dependent type="1" schemaName="a" /></MissingDependency>"#,
    ] {
        let error = of_manifest(&Manifest { missing, ..Manifest::default() }.xml()).unwrap_err();
        assert_eq!(error.code(), ErrorCode::INVALID_SCHEMA, "{error}");
    }
}

#[test]
fn backslashes_and_another_case_in_names_of_files_make_no_difference() {
    let variable = br#"<environmentvariabledefinition schemaname="new_Url"><type>100000000</type></environmentvariabledefinition>"#;
    let manifest = Manifest::default().xml();
    let bytes = zip(&[
        ("Solution.xml", manifest.as_bytes()),
        ("customizations.XML", EMPTY.as_bytes()),
        ("[content_types].xml", TYPES.as_bytes()),
        ("environmentvariabledefinitions\\new_Url\\environmentvariabledefinition.xml", variable),
        ("some\\unknown\\folder\\file.bin", b"x"),
    ]);
    let facts = facts(&bytes).unwrap();
    assert_eq!(facts.environment_variables[0].schema_name, "new_Url");
    assert_eq!(facts.files, 5);
}

#[test]
fn a_table_brings_its_columns_keys_forms_views_charts_and_relationships() {
    let facts = of_customizations(
        r#"<Entities><Entity><Name LocalizedName="Order" OriginalName="Order">new_Order</Name>
          <ObjectTypeCode>10005</ObjectTypeCode>
          <EntityInfo><entity Name="new_Order"><LocalizedNames><LocalizedName description="Order" languagecode="1033" /></LocalizedNames>
            <attributes><attribute PhysicalName="new_Name"><Type>nvarchar</Type><Name>new_name</Name><LogicalName>new_name</LogicalName>
              <optionset Name="new_local" /><displaynames><displayname description="Name" languagecode="1033" /></displaynames></attribute>
              <attribute PhysicalName="OwnerId"><Type>owner</Type></attribute></attributes>
            <EntityKeys><EntityKey><Name>new_Key</Name><LogicalName>new_key</LogicalName></EntityKey></EntityKeys></entity></EntityInfo>
          <FormXml><forms type="main"><systemform><formid>{AA}</formid><form><LocalizedNames><LocalizedName description="inner" /></LocalizedNames></form>
            <LocalizedNames><LocalizedName description="Main" languagecode="1033" /></LocalizedNames></systemform></forms></FormXml>
          <SavedQueries><savedqueries><savedquery><savedqueryid>{BB}</savedqueryid><fetchxml><fetch><entity name="new_order" /></fetch></fetchxml>
            <LocalizedNames><LocalizedName description="Active Orders" languagecode="1033" /></LocalizedNames></savedquery></savedqueries></SavedQueries>
          <Visualizations><visualization><savedqueryvisualizationid>{CC}</savedqueryvisualizationid></visualization></Visualizations>
        </Entity></Entities>
        <EntityRelationships><EntityRelationship Name="new_order_line"><ReferencingEntityName>new_line</ReferencingEntityName></EntityRelationship></EntityRelationships>
        <optionsets><optionset Name="new_state" localizedName="State"><displaynames /></optionset></optionsets>"#,
    );
    assert_eq!(facts.entities, 1);
    for (kind, expected) in [
        (1, vec!["new_Order"]),
        (2, vec!["new_name", "ownerid"]),
        (14, vec!["new_key"]),
        (60, vec!["aa"]),
        (26, vec!["bb"]),
        (59, vec!["cc"]),
        (10, vec!["new_order_line"]),
        (9, vec!["new_state"]),
    ] {
        assert_eq!(names(&facts.components, kind), expected, "type {kind}");
    }
    let of = |kind: u32, name: &str| {
        facts.components.iter().find(|one| one.kind == ComponentType::Number(kind) && one.name == name).unwrap()
    };
    assert_eq!(of(2, "new_name").parent.as_deref(), Some("new_Order"));
    assert_eq!(of(2, "new_name").label(), "Name");
    assert_eq!(of(60, "aa").label(), "Main");
    assert_eq!(of(26, "bb").label(), "Active Orders");
    assert_eq!(of(9, "new_state").label(), "State");
    assert_eq!(of(10, "new_order_line").parent.as_deref(), Some("new_line"));
}

#[test]
fn everything_else_that_customizations_bring_is_found() {
    let facts = of_customizations(
        r#"<Roles><Role id="{01}" name="Clerk"><RolePrivileges /></Role></Roles>
        <WebResources><WebResource><WebResourceId>{x}</WebResourceId><Name>new_/a.js</Name><DisplayName>a</DisplayName></WebResource></WebResources>
        <AppModules><AppModule><UniqueName>new_App</UniqueName><LocalizedNames><LocalizedName description="App" /></LocalizedNames></AppModule></AppModules>
        <AppModuleSiteMaps><AppModuleSiteMap><SiteMapUniqueName>new_Map</SiteMapUniqueName></AppModuleSiteMap></AppModuleSiteMaps>
        <CanvasApps><CanvasApp><Name>new_canvas_1</Name><DisplayName>Canvas</DisplayName></CanvasApp></CanvasApps>
        <Connectors><Connector><connectorid>8e</connectorid><name>new_mail</name><displayname>Mail</displayname></Connector></Connectors>
        <CustomControls><CustomControl><Name>new_Control</Name></CustomControl></CustomControls>
        <Dashboards><Dashboard><FormId>{02}</FormId></Dashboard></Dashboards>
        <SdkMessageProcessingSteps><SdkMessageProcessingStep Name="On create" SdkMessageProcessingStepId="{03}" /></SdkMessageProcessingSteps>
        <SolutionPluginAssemblies><PluginAssembly FullName="Orders, Version=1" PluginAssemblyId="04"><FileName>/a.dll</FileName>
          <PluginTypes><PluginType Name="Orders.Create" PluginTypeId="05" /><PluginType Name="Orders.Update" PluginTypeId="06" /></PluginTypes></PluginAssembly></SolutionPluginAssemblies>
        <AIModels><AIModel><msdyn_aimodelid>{07}</msdyn_aimodelid><msdyn_name>Model</msdyn_name></AIModel></AIModels>
        <SomethingNew><Part><Name>x</Name></Part></SomethingNew>"#,
    );
    for (kind, expected) in [
        (20, vec!["01"]),
        (61, vec!["new_/a.js"]),
        (80, vec!["new_App"]),
        (62, vec!["new_Map"]),
        (300, vec!["new_canvas_1"]),
        (372, vec!["new_mail"]),
        (66, vec!["new_Control"]),
        (60, vec!["02"]),
        (92, vec!["03"]),
        (91, vec!["Orders, Version=1"]),
        (90, vec!["05", "06"]),
        (401, vec!["07"]),
    ] {
        assert_eq!(names(&facts.components, kind), expected, "type {kind}");
    }
    assert_eq!(facts.canvas_apps, 1);
}

#[test]
fn connection_references_are_read_with_custom_connectors() {
    let facts = of_customizations(
        r#"<connectionreferences>
        <connectionreference connectionreferencelogicalname="new_Mail"><connectionreferencedisplayname>Mail</connectionreferencedisplayname>
          <connectorid>/providers/Microsoft.PowerApps/apis/shared_office365</connectorid><description>For orders</description></connectionreference>
        <connectionreference connectionreferencelogicalname="new_Own"><connectorid>/providers/Microsoft.PowerApps/apis/shared_own-5f1</connectorid>
          <customconnectorid><connectorid>{8E8F}</connectorid></customconnectorid></connectionreference></connectionreferences>"#,
    );
    let [mail, own] = facts.connection_references.as_slice() else { panic!("two references") };
    assert_eq!(
        (mail.display_name.as_str(), mail.description.as_str(), mail.connector_name()),
        ("Mail", "For orders", "shared_office365")
    );
    assert_eq!((own.display_name.as_str(), own.custom_connector_id.as_deref()), ("new_Own", Some("8e8f")));
    assert!(
        facts.components.iter().any(|one| one.kind == ComponentType::connection_reference() && one.name == "new_Mail")
    );
}

#[test]
fn a_cloud_flow_is_read_with_the_connections_it_uses() {
    let customizations = r#"<ImportExportXml><Workflows><Workflow WorkflowId="{AB}" Name="Notify"><JsonFileName>/Workflows/Notify-AB.json</JsonFileName>
        <Category>5</Category><StateCode>1</StateCode></Workflow><Workflow WorkflowId="{CD}" Name="Rule"><XamlFileName>/Workflows/Rule.xaml</XamlFileName>
        <Category>2</Category><StateCode>0</StateCode></Workflow></Workflows></ImportExportXml>"#;
    let flow = "\u{feff}".to_owned()
        + r#"{"properties":{"connectionReferences":{"a":{"connection":{"connectionReferenceLogicalName":"new_Mail"}},"b":{"connection":{"name":"x"}},
        "c":{"connection":{"connectionReferenceLogicalName":"new_Mail"}}},"definition":{"actions":{}}}}"#;
    let facts =
        facts(&package(&Manifest::default().xml(), customizations, &[("Workflows/Notify-AB.json", flow.as_bytes())]))
            .unwrap();
    let [notify, rule] = facts.workflow_details.as_slice() else { panic!("two workflows") };
    assert_eq!((notify.id.as_str(), notify.category, notify.active), ("ab", 5, true));
    assert_eq!(notify.connection_references, ["new_Mail"]);
    assert_eq!(notify.embedded_connections, 1);
    assert_eq!((rule.category, rule.active, rule.file.as_deref()), (2, false, Some("Workflows/Rule.xaml")));
    assert_eq!(facts.workflows, 2);
}

#[test]
fn variables_have_folders_with_a_definition_and_perhaps_a_value() {
    let definition = r#"<environmentvariabledefinition schemaname="new_Url"><defaultvalue>https://a?x=1&amp;y=2</defaultvalue>
        <description default="Where" /><displayname default="Address"><label description="Address" languagecode="1033" /></displayname>
        <isrequired>1</isrequired><type>100000003</type></environmentvariabledefinition>"#;
    let other = definition.replace("new_Url", "new_Other");
    let folder = "environmentvariabledefinitions";
    let files: Vec<(String, &[u8])> = vec![
        (format!("{folder}/new_Url/environmentvariabledefinition.xml"), definition.as_bytes()),
        (format!("{folder}/new_Url/environmentvariablevalues.json"), br#"{"environmentvariablevalues":{"environmentvariablevalue":{"@environmentvariablevalueid":"1","iscustomizable":"1","value":"test"}}}"#),
        (format!("{folder}/new_Other/environmentvariabledefinition.xml"), other.as_bytes()),
        (format!("{folder}/new_Other/environmentvariablevalues.json"), br#"{"environmentvariablevalues":{"environmentvariablevalue":{"iscustomizable":"1"}}}"#),
    ];
    let files: Vec<_> = files.iter().map(|(name, content)| (name.as_str(), *content)).collect();
    let facts = facts(&package(&Manifest::default().xml(), EMPTY, &files)).unwrap();
    let [other, url] = facts.environment_variables.as_slice() else { panic!("two variables") };
    assert_eq!((url.display_name.as_str(), url.description.as_str(), url.required), ("Address", "Where", true));
    assert_eq!(url.kind, VariableType::Json);
    assert_eq!(url.default_value.as_deref(), Some("https://a?x=1&y=2"));
    assert_eq!(url.packaged_value.as_deref(), Some("test"));
    assert_eq!(other.packaged_value, None, "a value file without a value");
    assert_eq!(facts.environment_variable_values, 2);
    assert_eq!(names(&facts.components, 380), ["new_Other", "new_Url"]);
}

#[test]
fn variables_of_2020_stand_in_the_customizations_and_their_values_in_one_file() {
    let customizations = r#"<ImportExportXml><EnvironmentVariables>
        <Definition IntroducedVersion="1.0"><SchemaName>new_A</SchemaName><IsRequired>1</IsRequired><Type>100000001</Type><DefaultValue>100</DefaultValue>
        <DisplayName><LocalizedNames><LocalizedName description="First" languagecode="1033" /></LocalizedNames></DisplayName></Definition>
        <Definition><!-- of the first weeks --><Name>new_B</Name><Type>100000000</Type></Definition></EnvironmentVariables></ImportExportXml>"#;
    for values in [
        r#"{"EnvironmentVariableValues":[{"EnvironmentVariableDefinition.SchemaName":"NEW_a","EnvironmentVariableValueId":"1","Value":"7"}]}"#,
        r#"{"version":"1.0.0.0","values":[{"name":"new_A","value":"7"}]}"#,
    ] {
        let bytes = package(
            &Manifest::default().xml(),
            customizations,
            &[("environment_variable_values.json", values.as_bytes())],
        );
        let facts = facts(&bytes).unwrap();
        let [first, second] = facts.environment_variables.as_slice() else { panic!("two variables") };
        assert_eq!((first.display_name.as_str(), first.kind, first.required), ("First", VariableType::Number, true));
        assert_eq!((first.default_value.as_deref(), first.packaged_value.as_deref()), (Some("100"), Some("7")));
        assert_eq!((second.schema_name.as_str(), second.packaged_value.as_deref()), ("new_B", None));
        assert_eq!(facts.environment_variable_values, 1);
    }
}

#[test]
fn rows_of_tables_have_folders_of_their_own() {
    let bytes = package(
        &Manifest::default().xml(),
        EMPTY,
        &[
            ("customapis/new_Do/customapi.xml", b"<customapi />"),
            ("customapis/new_Do/customapirequestparameters/Target/customapirequestparameter.xml", b"<x />"),
            ("bots/new_agent/bot.xml", b"<bot />"),
            ("bots/new_agent/configuration.json", b"{}"),
            ("botcomponents/new_agent.topic.Hello/botcomponent.xml", b"<x />"),
            ("msdyn_templateparameters/p/msdyn_templateparameter.xml", b"<x />"),
            ("appactions\\new_Act!contact!0\\appaction.xml", b"<x />"),
            ("Formulas/new_order-FormulaDefinitions.yaml", b"x"),
            ("a/b/c.xml", b"<x />"),
        ],
    );
    let facts = facts(&bytes).unwrap();
    let found: Vec<_> =
        facts.components.iter().map(|one| (one.kind.to_string(), one.name.as_str(), one.parent.as_deref())).collect();
    let expected = [
        ("appaction", "new_Act!contact!0", None),
        ("bot", "new_agent", None),
        ("botcomponent", "new_agent.topic.Hello", None),
        ("customapi", "new_Do", None),
        ("customapirequestparameter", "Target", Some("new_Do")),
        ("msdyn_templateparameter", "p", None),
    ];
    assert_eq!(found, expected.map(|(kind, name, parent)| (kind.to_owned(), name, parent)));
}

#[test]
fn a_damaged_file_is_told_and_the_rest_is_read() {
    let customizations =
        "<ImportExportXml><optionsets><optionset Name=\"new_state\" /></optionsets><Roles><Role></ImportExportXml>";
    let found = facts(&package(
        &Manifest::default().xml(),
        customizations,
        &[("environmentvariabledefinitions/new_A/environmentvariabledefinition.xml", b"<other />")],
    ))
    .unwrap();
    let files: Vec<_> = found.unreadable_files.iter().map(|file| (file.file.as_str(), file.code)).collect();
    assert_eq!(
        files,
        [
            ("customizations.xml", ErrorCode::INVALID_XML),
            ("environmentvariabledefinitions/new_A/environmentvariabledefinition.xml", ErrorCode::INVALID_SCHEMA)
        ]
    );
    assert_eq!(names(&found.components, 9), ["new_state"], "what was read before the mistake counts");
}

#[test]
fn what_a_package_lacks_at_its_root_is_named() {
    let manifest = Manifest::default().xml();
    let error =
        facts(&zip(&[("solution.xml", manifest.as_bytes()), ("Other/customizations.xml", b"<x />")])).unwrap_err();
    assert_eq!(error.code(), ErrorCode::INVALID_SOLUTION_FILE);
    assert!(
        error.to_string().contains("it has no customizations.xml and no [Content_Types].xml at its root"),
        "{error}"
    );
}
