//! What differs between packages.

use crate::{
    fixture::{Manifest, package, zip},
    shared::{folder, zips},
};
use model::{
    ComponentType,
    comparison::{ComparedComponent, Comparison, Difference, TextRow},
    stage_run::ChangeKind,
};
use slipway_solution::{Limits, compare, compare_files};
use std::{
    io::Cursor,
    path::{Path, PathBuf},
};

fn compared(before: &[u8], after: &[u8]) -> Comparison {
    compare(Some(Cursor::new(before)), Cursor::new(after), &Limits::default()).unwrap()
}

fn files(before: &Path, after: &Path) -> Comparison {
    compare_files(Some(before), after, &Limits::default())
        .unwrap_or_else(|error| panic!("{} and {}: {error}", before.display(), after.display()))
}

fn of(customizations: &str, others: &[(&str, &[u8])]) -> Vec<u8> {
    let customizations = format!("<ImportExportXml>{customizations}</ImportExportXml>");
    package(&Manifest::default().xml(), &customizations, others)
}

/// What a comparison has to be when its packages are swapped. Names for people are those of the package that comes.
fn mirrored(comparison: Comparison) -> Comparison {
    let turn = |change| match change {
        ChangeKind::Added => ChangeKind::Removed,
        ChangeKind::Removed => ChangeKind::Added,
        other => other,
    };
    let difference = |difference: Difference| Difference {
        change: turn(difference.change),
        before: difference.after,
        after: difference.before,
        rows: difference.rows.into_iter().map(|row| TextRow { before: row.after, after: row.before }).collect(),
        loses_data: false,
        ..difference
    };
    let component = |component: ComparedComponent| ComparedComponent {
        change: turn(component.change),
        // Which columns go with a table is told of tables that go.
        differences: if component.change == ChangeKind::Changed {
            component.differences.into_iter().map(difference).collect()
        } else {
            Vec::new()
        },
        loses_data: false,
        ..component
    };
    Comparison {
        before: comparison.after,
        after: comparison.before,
        solution: comparison.solution.into_iter().map(difference).collect(),
        components: comparison.components.into_iter().map(component).collect(),
        remarks: Vec::new(),
    }
}

/// Without what only one direction has: names for people, their order, and what is lost.
fn plain(mut comparison: Comparison) -> Comparison {
    for compared in &mut comparison.components {
        compared.component.display_name = None;
        compared.component.name = compared.component.name.to_lowercase();
        compared.component.parent = None;
    }
    comparison.components.sort_by(|one, other| one.component.cmp(&other.component));
    comparison
}

fn assert_mirrors(there: Comparison, back: Comparison, what: &str) {
    let there = plain(mirrored(mirrored(there)));
    let back = plain(mirrored(back));
    assert_eq!(there.solution, back.solution, "{what}");
    for (one, other) in there.components.iter().zip(&back.components) {
        assert_eq!(one, other, "{what}");
    }
    assert_eq!(there.components.len(), back.components.len(), "{what}");
}

fn told(comparison: &Comparison) -> Vec<String> {
    let mut told = Vec::new();
    for compared in comparison.components.iter().filter(|compared| compared.change != ChangeKind::Unchanged) {
        told.push(format!("{:?} {}", compared.change, compared.component.name));
        for difference in &compared.differences {
            let Difference { change, part, name, property, before, after, .. } = difference;
            let values = match (before, after) {
                (None, None) => String::new(),
                (before, after) => {
                    let shown = |value: &Option<String>| value.clone().unwrap_or_else(|| "–".to_owned());
                    format!(": {} → {}", shown(before), shown(after))
                }
            };
            let subject = [part, name, property].map(String::as_str).into_iter().filter(|part| !part.is_empty());
            told.push(format!("  {change:?} {}{values}", subject.collect::<Vec<_>>().join(" / ")));
        }
    }
    told
}

#[test]
fn a_package_does_not_differ_from_itself() {
    for path in zips("samples/solutions").into_iter().chain(zips("samples/roundtrip")) {
        let comparison = files(&path, &path);
        assert!(comparison.is_empty(), "{}: {:?}", path.display(), told(&comparison));
        assert_eq!(comparison.summary(), "Nothing changes");
    }
}

/// Packages of one solution that follow each other by name.
fn neighbours() -> Vec<(PathBuf, PathBuf)> {
    let paths = zips("samples/solutions");
    let stem = |path: &Path| {
        let name = path.file_name().unwrap().to_string_lossy().into_owned();
        name.split("__").nth(1).unwrap().chars().take_while(|character| !character.is_ascii_digit()).collect::<String>()
    };
    paths
        .windows(2)
        .filter(|pair| stem(&pair[0]) == stem(&pair[1]))
        .map(|pair| (pair[0].clone(), pair[1].clone()))
        .collect()
}

#[test]
fn both_directions_mirror_each_other() {
    let neighbours = neighbours();
    for (one, other) in &neighbours {
        let what = format!("{} and {}", one.display(), other.display());
        assert_mirrors(files(one, other), files(other, one), &what);
    }
}

#[test]
fn formatting_is_no_difference() {
    let flow = |text: &str| {
        let workflow = r#"<Workflows><Workflow WorkflowId="{A1}" Name="Flow"><JsonFileName>/Workflows/f.json</JsonFileName></Workflow></Workflows>"#;
        of(workflow, &[("Workflows/f.json", text.as_bytes())])
    };
    let one = flow(r#"{"properties":{"definition":{"actions":{"A":{"type":"Compose","inputs":[1,2]}}}}}"#);
    let other = flow(
        "{\n  \"properties\": {\"definition\": {\"actions\": {\"A\": {\"inputs\": [1, 2], \"type\": \"Compose\"}}}}\n}",
    );
    assert!(compared(&one, &other).is_empty());

    let one = of(
        "<Roles><Role id='{A}' name='Clerk'><RolePrivileges><RolePrivilege name='x' level='Global'/><RolePrivilege name='y' level='Basic'/></RolePrivileges></Role></Roles>",
        &[],
    );
    let other = of(
        "<Roles>\n <Role name=\"Clerk\" id=\"{A}\">\n<RolePrivileges><RolePrivilege level='Basic' name='y'/>\n<RolePrivilege name='x' level='Global'></RolePrivilege></RolePrivileges></Role></Roles>",
        &[],
    );
    assert!(compared(&one, &other).is_empty(), "{:?}", told(&compared(&one, &other)));
}

#[test]
fn a_table_tells_its_columns_and_what_goes_with_its_data() {
    let table = |columns: &str| {
        of(
            &format!(
                "<Entities><Entity><Name LocalizedName='Order'>new_Order</Name><EntityInfo><entity Name='new_Order'><attributes>{columns}</attributes></entity></EntityInfo></Entity></Entities>"
            ),
            &[],
        )
    };
    let column = |name: &str, length: u32| {
        format!(
            "<attribute PhysicalName='{name}'><Type>nvarchar</Type><IsCustomField>1</IsCustomField><MaxLength>{length}</MaxLength></attribute>"
        )
    };
    let one = table(&(column("new_Name", 100) + &column("new_Note", 10)));
    let other = table(&(column("new_Price", 5) + &column("new_Name", 200)));
    let comparison = compared(&one, &other);
    assert_eq!(
        told(&comparison),
        [
            "Changed new_Order",
            "  Changed Column / new_name / MaxLength: 100 → 200",
            "  Removed Column / new_note",
            "  Added Column / new_price"
        ]
    );
    assert_eq!(comparison.summary(), "1 changed, 1 column removed — its data will be deleted");
    let gone = compared(&one, &of("", &[]));
    assert_eq!(gone.summary(), "1 table removed — its data will be deleted");
    assert_mirrors(compared(&one, &other), compared(&other, &one), "tables");
}

#[test]
fn a_table_that_is_only_extended_loses_its_own_columns() {
    let manifest =
        Manifest { roots: "<RootComponent type='1' schemaName='account' behavior='1' />", ..Manifest::default() };
    let table = "<ImportExportXml><Entities><Entity><Name>Account</Name><EntityInfo><entity><attributes>\
        <attribute PhysicalName='new_Grade'><IsCustomField>1</IsCustomField></attribute>\
        <attribute PhysicalName='Name'><IsCustomField>0</IsCustomField></attribute>\
        </attributes></entity></EntityInfo></Entity></Entities></ImportExportXml>";
    let comparison = compared(&package(&manifest.xml(), table, &[]), &of("", &[]));
    assert_eq!(told(&comparison), ["Removed Account", "  Removed Column / new_grade"]);
    assert_eq!(comparison.summary(), "1 removed, 1 column removed — its data will be deleted");
}

#[test]
fn a_table_of_another_solution_stays_and_loses_what_was_added_to_it() {
    let missing = "<MissingDependency><Required type='1' schemaName='msdyn_project' solution='msdyn_Core (1.0.0.87)' />\
        <Dependent type='60' id='{1}' /></MissingDependency>";
    let manifest = Manifest {
        roots: "<RootComponent type='1' schemaName='msdyn_project' behavior='0' />",
        missing,
        ..Manifest::default()
    };
    let table = "<ImportExportXml><Entities><Entity><Name>msdyn_Project</Name><EntityInfo><entity><attributes>\
        <attribute PhysicalName='new_Grade'><IsCustomField>1</IsCustomField></attribute>\
        <attribute PhysicalName='CreatedBy'><IsCustomField>0</IsCustomField></attribute>\
        </attributes></entity></EntityInfo></Entity></Entities></ImportExportXml>";
    let comparison = compared(&package(&manifest.xml(), table, &[]), &of("", &[]));
    assert_eq!(comparison.summary(), "1 removed, 1 column removed — its data will be deleted");
}

#[test]
fn a_flow_tells_its_steps_and_connections() {
    let flow = |definition: &str, references: &str| {
        let workflow = r#"<Workflows><Workflow WorkflowId="{A1}" Name="Flow"><JsonFileName>/Workflows/f.json</JsonFileName></Workflow></Workflows>"#;
        let text = format!(r#"{{"properties":{{"definition":{definition},"connectionReferences":{references}}}}}"#);
        of(workflow, &[("Workflows/f.json", text.as_bytes())])
    };
    let one = flow(
        r#"{"triggers":{"manual":{"type":"Request"}},"actions":{"If":{"type":"If","actions":{"Send":{"type":"OpenApiConnection","inputs":{"to":"a"},"metadata":{"operationMetadataId":"1"}}},"else":{"actions":{}}}}}"#,
        r#"{"mail":{"connection":{"connectionReferenceLogicalName":"new_Mail"}}}"#,
    );
    let other = flow(
        r#"{"triggers":{"manual":{"type":"Request"}},"actions":{"If":{"type":"If","actions":{"Send":{"type":"OpenApiConnection","inputs":{"to":"b"},"metadata":{"operationMetadataId":"2"}}},"else":{"actions":{"Stop":{"type":"Terminate"}}}}}}"#,
        r#"{"mail":{"connection":{"connectionReferenceLogicalName":"new_Post"}}}"#,
    );
    assert_eq!(
        told(&compared(&one, &other)),
        [
            "Changed a1",
            "  Changed Step / Send / inputs › to: a → b",
            "  Added Step / Stop",
            "  Changed Connection / mail / connection › connectionReferenceLogicalName: new_Mail → new_Post"
        ]
    );
}

fn app(control: &str) -> Vec<u8> {
    let screen = format!(
        r#"{{"TopParent":{{"Name":"Home","Template":{{"Name":"screen"}},"Rules":[],"Children":[{control}]}}}}"#
    );
    zip(&[
        ("Header.json", br#"{"LastSavedDateTimeUTC":"now"}"#),
        ("Properties.json", br#"{"Name":"App"}"#),
        (r"Controls\1.json", screen.as_bytes()),
        (r"References\DataSources.json", br#"{"DataSources":[{"Name":"Orders","Type":"Table"}]}"#),
    ])
}

fn with_app(app: &[u8]) -> Vec<u8> {
    of(
        "<CanvasApps><CanvasApp><Name>new_app</Name><DocumentUri>/CanvasApps/new_app.msapp</DocumentUri></CanvasApp></CanvasApps>",
        &[("CanvasApps/new_app.msapp", app)],
    )
}

#[test]
fn a_canvas_app_tells_its_formulas_in_both_forms() {
    let button = |formula: &str| {
        format!(
            r#"{{"Name":"Save","Template":{{"Name":"button","Version":"2"}},"Parent":"Home","Rules":[{{"Property":"OnSelect","InvariantScript":"{formula}"}}],"Children":[]}}"#
        )
    };
    let (one, other) = (with_app(&app(&button("Back()"))), with_app(&app(&button("Exit()"))));
    let expected = ["Changed new_app", "  Changed Control / Home › Save / OnSelect: Back() → Exit()"];
    assert_eq!(told(&compared(&one, &other)), expected);

    let source = |formula: &str| {
        let text = format!(
            "Screens:\n  Home:\n    Children:\n      - Save:\n          Control: Button\n          Properties:\n            OnSelect: ={formula}\n"
        );
        with_app(&zip(&[("Src/Home.pa.yaml", text.as_bytes())]))
    };
    assert_eq!(told(&compared(&source("Back()"), &source("Exit()"))), expected);
    // One in each form: what only one of them says is no difference.
    assert_eq!(told(&compared(&one, &source("Exit()")))[1], expected[1]);
}

#[test]
fn a_damaged_app_is_said_and_the_rest_is_compared() {
    let whole = app("");
    let damaged = with_app(&whole[..whole.len() / 2]);
    let comparison = compared(&with_app(&whole), &damaged);
    assert_eq!(comparison.remarks.len(), 1);
    assert!(comparison.remarks[0].message.starts_with("The canvas app could not be looked into"));
    assert!(comparison.remarks[0].of_after);
    assert_eq!(comparison.components[0].change, ChangeKind::Changed);
    assert!(compared(&damaged, &damaged).is_empty());
}

#[test]
fn damaged_customizations_hide_components_and_remove_none() {
    let whole = of("<Roles><Role id='{A}' name='Clerk'/></Roles>", &[]);
    let damaged = package(&Manifest::default().xml(), "<ImportExportXml><Roles>", &[]);
    let comparison = compared(&whole, &damaged);
    assert!(comparison.components.is_empty(), "{:?}", told(&comparison));
    assert_eq!(comparison.remarks[0].file, "customizations.xml");
}

#[test]
fn secrets_are_not_told() {
    let variable = |value: &str| {
        let text = format!(
            "<environmentvariabledefinition schemaname='new_key'><type>100000005</type><defaultvalue>{value}</defaultvalue></environmentvariabledefinition>"
        );
        of("", &[("environmentvariabledefinitions/new_key/environmentvariabledefinition.xml", text.as_bytes())])
    };
    let comparison = compared(&variable("/vault/one"), &variable("/vault/two"));
    assert_eq!(told(&comparison), ["Changed new_key", "  Changed defaultvalue: •••••••• → ••••••••"]);
    assert_eq!(comparison.components[0].component.kind, ComponentType::ENVIRONMENT_VARIABLE_DEFINITION);
}

#[test]
fn a_change_behind_a_forged_checksum_is_seen() {
    let script = |content: &[u8]| {
        of(
            "<WebResources><WebResource><Name>new_a.js</Name><FileName>/WebResources/a.js</FileName></WebResource></WebResources>",
            &[("WebResources/a.js", content)],
        )
    };
    // Both have the CRC-32 0x4DDB0C25.
    let (one, other) = (script(b"plumless"), script(b"buckeroo"));
    assert_eq!(told(&compared(&one, &other)).len(), 2);
}

#[test]
fn without_a_first_package_everything_is_added() {
    let bytes = of("<Roles><Role id='{A}' name='Clerk'/></Roles>", &[]);
    let comparison = compare(None::<Cursor<Vec<u8>>>, Cursor::new(bytes), &Limits::default()).unwrap();
    assert_eq!(told(&comparison), ["Added a"]);
    assert!(comparison.before.is_none());
}

mod mirror {
    use super::*;
    use proptest::prelude::*;

    /// Customizations with some of everything that is compared in a way of its own.
    fn customizations() -> impl Strategy<Value = String> {
        let column = (0..4_u8, 0..3_u8).prop_map(|(name, length)| {
            format!("<attribute PhysicalName='c{name}'><MaxLength>{length}</MaxLength></attribute>")
        });
        let row = (0..3_u8, 0..3_u8).prop_map(|(id, text)| format!("<row id='{id}'>{text}</row>"));
        let plain = (0..3_u8).prop_map(|text| format!("<p>{text}<q/></p>"));
        let lists =
            (prop::collection::vec(column, 0..4), prop::collection::vec(row, 0..4), prop::collection::vec(plain, 0..4));
        let table = (0..3_u8, lists).prop_map(|(name, (columns, rows, plain))| {
            format!(
                "<Entity><Name>t{name}</Name><EntityInfo><entity><attributes>{}</attributes></entity></EntityInfo><Rows>{}</Rows><Plain>{}</Plain></Entity>",
                columns.concat(),
                rows.concat(),
                plain.concat()
            )
        });
        prop::collection::vec(table, 0..3).prop_map(|tables| format!("<Entities>{}</Entities>", tables.concat()))
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(200))]

        #[test]
        fn both_directions_mirror_each_other(
            one in customizations(),
            other in customizations(),
            text in "[ab\n]{0,12}",
            other_text in "[ab\n]{0,12}",
        ) {
            let one = of(&one, &[("notes/a.txt", text.as_bytes())]);
            let other = of(&other, &[("notes/a.txt", other_text.as_bytes())]);
            assert_mirrors(compared(&one, &other), compared(&other, &one), "generated");
            prop_assert!(compared(&one, &one).is_empty());
        }
    }
}

/// Twins of one export, whose second half is the managed package.
const TWINS: [&str; 8] = [
    "WaelHamze_xrm-ci-framework__MissingDependency_1_0_0_0",
    "WaelHamze_xrm-ci-framework__Success_1_0_0_0",
    "WaelHamze_xrm-ci-framework__Success_1_1_0_0",
    "WaelHamze_xrm-ci-framework__ThirdParty_1_0_0_0",
    "WaelHamze_xrm-ci-framework__xRMCIBase",
    "microsoft_Dynamics-365-FastTrack-Implementation-Assets__P2CProjectService",
    "microsoft_Dynamics-365-FastTrack-Implementation-Assets__msdyn_URSUpgradeScripts",
    "scottdurow_dataverse-ify__cdsifyintegrationtests_1_0_0_0",
];

#[test]
fn twins_differ_in_what_they_are_and_in_nothing_else() {
    let Some(folder) = folder("samples/solutions") else { return };
    for name in TWINS {
        let comparison = files(&folder.join(format!("{name}.zip")), &folder.join(format!("{name}_managed.zip")));
        assert_eq!(told(&comparison), [""; 0], "{name}");
        let solution: Vec<_> = comparison.solution.iter().map(|difference| difference.property.as_str()).collect();
        assert_eq!(solution, ["Package type"], "{name}");
    }
}

/// What differs, by name and without values: facts, and nothing of the packages' content.
fn facts(comparison: &Comparison) -> String {
    let mut lines = vec![comparison.summary()];
    let about = |difference: &Difference| {
        let subject = [&difference.part, &difference.name, &difference.property];
        let subject: Vec<&str> = subject.into_iter().map(String::as_str).filter(|part| !part.is_empty()).collect();
        let mut property = subject.join(" / ");
        if let Some((at, _)) = property.char_indices().nth(120) {
            property.truncate(at);
        }
        format!("  {:?} {property}", difference.change)
    };
    lines.push("Solution".to_owned());
    lines.extend(comparison.solution.iter().map(about));
    for compared in comparison.components.iter().filter(|compared| compared.change != ChangeKind::Unchanged) {
        let component = &compared.component;
        lines.push(format!("{:?} {} {}", compared.change, component.kind.label(), component.label()));
        lines.extend(compared.differences.iter().map(about));
    }
    lines.extend(comparison.remarks.iter().map(|remark| format!("Remark on {}: {}", remark.file, remark.message)));
    lines.join("\n")
}

#[test]
fn versions_that_follow_each_other_differ_as_a_person_has_read_it() {
    let Some(folder) = folder("samples/solutions") else { return };
    let orders = "microsoft_Dynamics-365-FastTrack-Implementation-Assets__SalesOrderProcessingAutomation_1_0_0_";
    let report = "microsoft_CopilotStudioSamples__CompromisedBotReport_1_0_0_";
    let success = "WaelHamze_xrm-ci-framework__Success_1_";
    let series = [
        ("sales_order_3_to_4", format!("{orders}3_managed"), format!("{orders}4_managed")),
        ("sales_order_4_to_5", format!("{orders}4_managed"), format!("{orders}5_managed")),
        ("sales_order_5_to_6", format!("{orders}5_managed"), format!("{orders}6_managed")),
        ("compromised_bot_report_5_to_6", format!("{report}5"), format!("{report}6")),
        ("success_1_0_to_1_1", format!("{success}0_0_0"), format!("{success}1_0_0")),
    ];
    for (name, before, after) in series {
        let path = |name: &str| folder.join(format!("{name}.zip"));
        insta::assert_snapshot!(name, facts(&files(&path(&before), &path(&after))));
    }
}
