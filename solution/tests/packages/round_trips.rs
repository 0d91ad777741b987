//! Packages against the source trees that Microsoft's packager made of the same solutions.

use crate::{
    fixture::{TYPES, zip},
    shared::{folder, table},
};
use flate2::read::GzDecoder;
use model::package::PackageFacts;
use slipway_solution::{Limits, read, read_file};
use std::{
    collections::BTreeMap,
    fs::File,
    io::{Cursor, Read},
    path::Path,
};

/// The files of a source tree, by their path below the folder that has `Other/Solution.xml`.
fn tree(path: &Path) -> BTreeMap<String, Vec<u8>> {
    let mut archive = tar::Archive::new(GzDecoder::new(File::open(path).unwrap()));
    let mut files = BTreeMap::new();
    for entry in archive.entries().unwrap() {
        let mut entry = entry.unwrap();
        let name = entry.path().unwrap().to_string_lossy().replace('\\', "/");
        let mut content = Vec::new();
        entry.read_to_end(&mut content).unwrap();
        files.insert(name, content);
    }
    let solution = files.keys().find(|name| name.ends_with("Other/Solution.xml")).unwrap();
    let prefix = solution.strip_suffix("Other/Solution.xml").unwrap().to_owned();
    files.into_iter().filter_map(|(name, content)| Some((name.strip_prefix(&prefix)?.to_owned(), content))).collect()
}

/// The facts of a source tree, read as if it were a package.
fn facts(tree: &BTreeMap<String, Vec<u8>>) -> PackageFacts {
    // A tree stands for both kinds of package.
    let manifest = String::from_utf8(tree["Other/Solution.xml"].clone())
        .unwrap()
        .replace("<Managed>2</Managed>", "<Managed>0</Managed>");
    let mut files: Vec<(&str, &[u8])> = vec![
        ("solution.xml", manifest.as_bytes()),
        ("customizations.xml", &tree["Other/Customizations.xml"]),
        ("[Content_Types].xml", TYPES.as_bytes()),
    ];
    files.extend(
        tree.iter()
            .filter(|(name, _)| !name.starts_with("Other/"))
            .map(|(name, content)| (name.as_str(), content.as_slice())),
    );
    read(Cursor::new(zip(&files)), &Limits::default()).unwrap()
}

fn sorted<T: Ord>(items: impl Iterator<Item = T>) -> Vec<T> {
    let mut items: Vec<T> = items.collect();
    items.sort();
    items
}

#[test]
fn a_package_and_its_source_tree_say_the_same() {
    let Some(folder) = folder("samples/roundtrip") else { return };
    for row in table(folder.join("INDEX.tsv")) {
        let name = &row["name"];
        let packed = read_file(folder.join(format!("{name}.zip")), &Limits::default()).unwrap();
        let tree = tree(&folder.join(format!("{name}.src.tar.gz")));
        let unpacked = facts(&tree);
        assert_eq!(
            (&packed.unique_name, packed.version.as_str()),
            (&row["UniqueName"], row["Version"].as_str()),
            "{name}"
        );
        assert_eq!(
            (&packed.unique_name, &packed.version, &packed.display_name),
            (&unpacked.unique_name, &unpacked.version, &unpacked.display_name),
            "{name}"
        );
        assert_eq!(packed.publisher_details, unpacked.publisher_details, "{name}");
        let roots = |facts: &PackageFacts| {
            sorted(facts.root_components.iter().map(|one| (one.kind.clone(), one.name.to_lowercase())))
        };
        assert_eq!(roots(&packed), roots(&unpacked), "{name}");
        assert_eq!(packed.missing_dependencies, unpacked.missing_dependencies, "{name}");
        assert_eq!(packed.connection_references, unpacked.connection_references, "{name}");
        assert_eq!(packed.environment_variables, unpacked.environment_variables, "{name}");
        assert_eq!(packed.environment_variable_values, unpacked.environment_variable_values, "{name}");

        let in_tree = sorted(tree.keys().filter(|path| is_flow(path)).map(|path| path.to_lowercase()));
        let flows = packed.workflow_details.iter().filter_map(|workflow| workflow.file.as_deref());
        assert_eq!(sorted(flows.filter(|path| is_flow(path)).map(str::to_lowercase)), in_tree, "{name}");
        let apps = tree.keys().filter(|path| path.starts_with("CanvasApps/") && path.ends_with(".meta.xml")).count();
        assert_eq!(packed.canvas_apps as usize, apps, "{name}");
    }
}

fn is_flow(path: &str) -> bool {
    path.starts_with("Workflows/") && Path::new(path).extension().is_some_and(|extension| extension == "json")
}
