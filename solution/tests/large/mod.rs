//! Packages of any size, for what must not grow with it.

use slipway_solution::pack;
use std::{fmt::Write as _, fs::File, io::Cursor, path::Path};

const MANIFEST: &str = "<ImportExportXml version=\"9.2\"><SolutionManifest><UniqueName>Large</UniqueName><Version>1.0.0.0</Version><Managed>0</Managed>\
    <Publisher><UniqueName>contoso</UniqueName></Publisher><RootComponents /><MissingDependencies /></SolutionManifest></ImportExportXml>";

/// Writes a package of canvas apps of a megabyte each, which hardly packs, and of tables of 200 columns, 100 KB each.
pub fn write(path: &Path, apps: usize, tables: usize) {
    let mut noise = vec![0_u8; 1 << 20];
    let mut state = 0x9E37_79B9_7F4A_7C15_u64;
    for byte in &mut noise {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        *byte = state.to_le_bytes()[0];
    }
    let mut app = Cursor::new(Vec::new());
    pack(&[("Assets/Images/noise.png", &noise)], &mut app).unwrap();
    let app = app.into_inner();
    let names: Vec<String> = (0..apps).map(|number| format!("CanvasApps/new_app{number}_DocumentUri.msapp")).collect();
    let customizations = customizations(&names, tables);
    let mut files: Vec<(&str, &[u8])> = names.iter().map(|name| (name.as_str(), app.as_slice())).collect();
    files.push(("solution.xml", MANIFEST.as_bytes()));
    files.push(("customizations.xml", customizations.as_bytes()));
    files.push(("[Content_Types].xml", b"<Types />"));
    pack(&files, File::create(path).unwrap()).unwrap();
}

fn customizations(apps: &[String], tables: usize) -> String {
    let mut text = String::from("<ImportExportXml><Entities>");
    for table in 0..tables {
        let _ = write!(
            text,
            "<Entity><Name LocalizedName=\"Table {table}\">new_table{table}</Name><EntityInfo><entity Name=\"new_table{table}\"><attributes>"
        );
        for column in 0..200 {
            let _ = write!(
                text,
                "<attribute PhysicalName=\"new_column{column}\"><Type>nvarchar</Type><Name>new_column{column}</Name><LogicalName>new_column{column}</LogicalName>\
                 <RequiredLevel>none</RequiredLevel><DisplayMask>ValidForAdvancedFind|ValidForForm|ValidForGrid</DisplayMask><ImeMode>auto</ImeMode>\
                 <IsCustomizable>1</IsCustomizable><IntroducedVersion>1.0.0.0</IntroducedVersion><Format>text</Format><MaxLength>100</MaxLength>\
                 <displaynames><displayname description=\"Column {column} of table {table}\" languagecode=\"1033\" /></displaynames></attribute>"
            );
        }
        text.push_str("</attributes></entity></EntityInfo></Entity>");
    }
    text.push_str("</Entities><CanvasApps>");
    for (number, file) in apps.iter().enumerate() {
        let _ = write!(
            text,
            "<CanvasApp><Name>new_app{number}</Name><DisplayName>App {number}</DisplayName><DocumentUri>/{file}</DocumentUri></CanvasApp>"
        );
    }
    text.push_str("</CanvasApps></ImportExportXml>");
    text
}
