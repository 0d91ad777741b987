//! Every real package goes from development to test, or says why it cannot.

use crate::{common::refusal, scene::Scene};
use environment::StoredPackage;
use model::{
    ErrorCode,
    package::{PackageFacts, RequiredSolution},
    settings::{ConnectionSetting, VariableSetting},
    stage_run::{StageRun, StageRunStatus},
    variable::VariableType,
};
use slipway_pipelines::{built_in, stage_run};
use std::{
    collections::BTreeMap,
    fmt::Write as _,
    io::Cursor,
    path::{Path, PathBuf},
};
use testbed::each_database;

fn samples() -> Vec<PathBuf> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../shared/samples/solutions");
    let Ok(entries) = std::fs::read_dir(folder) else { return Vec::new() };
    let mut samples: Vec<_> = entries
        .filter_map(|entry| Some(entry.ok()?.path()))
        .filter(|path| path.extension().is_some_and(|extension| extension == "zip"))
        .collect();
    samples.sort();
    samples
}

#[tokio::test]
async fn every_sample_is_deployed_or_refused_for_what_it_says_itself_that_it_misses() {
    let samples = samples();
    if samples.is_empty() {
        eprintln!("skipped: there are no samples beside this project");
        return;
    }
    each_database(|database| {
        let samples = samples.clone();
        async move {
            let scene = Scene::new(database).await;
            let worker = scene.worker();
            let (mut deployed, mut refused, mut managed) = (0, 0, 0);
            for sample in &samples {
                let name = sample.file_name().unwrap().to_string_lossy().into_owned();
                match go(&scene, sample).await {
                    Outcome::Managed | Outcome::Damaged => managed += 1,
                    Outcome::Ran(run) if run.status == StageRunStatus::Succeeded => deployed += 1,
                    Outcome::Ran(run) => {
                        assert_eq!(run.status, StageRunStatus::Failed, "{name}");
                        let facts = solution::read_file(sample, &solution::Limits::default()).unwrap();
                        for finding in run.findings.iter().filter(|finding| finding.blocks()) {
                            assert_eq!(finding.code, Some(ErrorCode::MISSING_DEPENDENCIES), "{name}: {finding:?}");
                            let missing = |component: &model::Component| {
                                let mut dependencies = facts.missing_dependencies.iter();
                                dependencies.any(|missing| {
                                    [&missing.required, &missing.dependent]
                                        .iter()
                                        .any(|one| one.name.eq_ignore_ascii_case(&component.name))
                                })
                            };
                            assert!(finding.components.iter().all(missing), "{name}: {finding:?}");
                        }
                        assert!(run.findings.iter().any(model::Finding::blocks), "{name}: {}", run.error_message);
                        refused += 1;
                    }
                }
            }
            eprintln!("{deployed} deployed, {refused} refused, {managed} not deployable");
            assert_eq!(deployed + refused + managed, samples.len());
            assert!(deployed > 0 && refused > 0 && managed > 0);
            worker.stop().await;
        }
    })
    .await;
}

enum Outcome {
    /// It cannot even be imported into development.
    Damaged,
    /// It is in development, where managed solutions are not deployed from.
    Managed,
    /// Its run has ended.
    Ran(Box<StageRun>),
}

async fn go(scene: &Scene, sample: &Path) -> Outcome {
    let (development, target) = (scene.development(), scene.contoso.test.environment_id);
    let name = sample.file_name().unwrap().to_string_lossy().into_owned();
    let facts = solution::read_file(sample, &solution::Limits::default()).expect("a package that can be read");
    let package = stored(scene, std::fs::read(sample).unwrap()).await;
    built_in::reset(&scene.host, &scene.administrator, development).await.unwrap();
    for missing in prerequisites(&facts) {
        let missing = stored(scene, missing).await;
        scene.import_stored(development, missing).await.unwrap_or_else(|error| panic!("{name}: {error}"));
    }
    let imported = scene.import_stored(development, package).await;
    if !facts.unreadable_files.is_empty() {
        assert!(imported.is_err(), "{name}");
        return Outcome::Damaged;
    }
    imported.unwrap_or_else(|error| panic!("{name}: {error}"));
    if facts.managed {
        assert!(refusal(scene.ask(&facts.unique_name, scene.contoso.test_stage).await).contains("managed"));
        return Outcome::Managed;
    }
    // Other samples of the same solution went before.
    built_in::reset(&scene.host, &scene.administrator, target).await.unwrap();
    for reference in &facts.connection_references {
        scene.connection(target, &reference.connector_id, &reference.display_name).await;
    }
    let id =
        scene.ask(&facts.unique_name, scene.contoso.test_stage).await.unwrap_or_else(|error| panic!("{name}: {error}"));
    let settled = |run: &StageRun| run.status.is_final() || run.status == StageRunStatus::ValidationSucceeded;
    let run = scene.until_true(id, &format!("pre-flight of {name}"), settled).await;
    if run.status.is_final() {
        return Outcome::Ran(Box::new(run));
    }
    let (host, maker) = (&scene.host, &scene.maker);
    let wizard = stage_run::wizard(host, maker, id).await.unwrap();
    let connections: Vec<_> = wizard
        .connections
        .iter()
        .map(|bind| ConnectionSetting {
            logical_name: bind.reference.logical_name.clone(),
            connection_id: bind.choices.first().unwrap_or_else(|| panic!("{name}: {bind:?}")).id.clone(),
            connector_id: bind.reference.connector_id.clone(),
        })
        .collect();
    stage_run::save_connections(host, maker, id, &connections).await.unwrap_or_else(|error| panic!("{name}: {error}"));
    let variables: Vec<_> = wizard
        .variables
        .iter()
        .map(|set| VariableSetting {
            schema_name: set.definition.schema_name.clone(),
            value: match set.definition.kind {
                VariableType::Number => "1",
                VariableType::Boolean => "yes",
                VariableType::Json => "{}",
                VariableType::Secret => {
                    "/subscriptions/1/resourceGroups/a/providers/Microsoft.KeyVault/vaults/b/secrets/c"
                }
                VariableType::String | VariableType::DataSource => "text",
            }
            .to_owned(),
        })
        .collect();
    stage_run::save_variables(host, maker, id, &variables).await.unwrap_or_else(|error| panic!("{name}: {error}"));
    let version = run.version.to_string();
    stage_run::deploy(host, maker, id, &version, "").await.unwrap_or_else(|error| panic!("{name}: {error:?}"));
    Outcome::Ran(Box::new(scene.ended(id).await))
}

async fn stored(scene: &Scene, bytes: Vec<u8>) -> StoredPackage {
    let write = move |file: &mut std::fs::File| std::io::Write::write_all(file, &bytes);
    scene.host.packages().put_with(write).await.unwrap()
}

/// Solutions that bring what a package misses, as the development environment had them where it was exported.
fn prerequisites(facts: &PackageFacts) -> Vec<Vec<u8>> {
    let mut solutions: BTreeMap<(String, String), String> = BTreeMap::new();
    for missing in &facts.missing_dependencies {
        let solution = match &missing.required_solution {
            RequiredSolution::System => continue,
            RequiredSolution::Named { name, .. } if name.eq_ignore_ascii_case(&facts.unique_name) => continue,
            RequiredSolution::Active => ("Prerequisites".to_owned(), "1.0".to_owned()),
            RequiredSolution::Named { name, version } => {
                (name.clone(), version.as_ref().map_or("1.0", |version| version.as_str()).to_owned())
            }
        };
        let component = &missing.required;
        let mut root =
            format!("<RootComponent type=\"{}\" schemaName=\"{}\"", component.kind, escaped(&component.name));
        if let Some(id) = &missing.required_id {
            let _ = write!(root, " id=\"{{{id}}}\"");
        }
        if let Some(parent) = &component.parent {
            let _ = write!(root, " parentSchemaName=\"{}\"", escaped(parent));
        }
        root.push_str(" behavior=\"0\" />");
        let roots = solutions.entry(solution).or_default();
        if !roots.contains(&root) {
            roots.push_str(&root);
        }
    }
    solutions.into_iter().map(|((name, version), roots)| prerequisite(&name, &version, &roots)).collect()
}

fn prerequisite(name: &str, version: &str, roots: &str) -> Vec<u8> {
    let manifest = format!(
        "<ImportExportXml><SolutionManifest><UniqueName>{name}</UniqueName><LocalizedNames /><Descriptions />\
         <Version>{version}</Version><Managed>1</Managed><Publisher><UniqueName>prerequisites</UniqueName>\
         <LocalizedNames /><Descriptions /><CustomizationPrefix>pre</CustomizationPrefix>\
         <CustomizationOptionValuePrefix>10000</CustomizationOptionValuePrefix></Publisher>\
         <RootComponents>{roots}</RootComponents><MissingDependencies /></SolutionManifest></ImportExportXml>"
    );
    let customizations = "<ImportExportXml><Entities /></ImportExportXml>";
    let types = "<Types xmlns=\"http://schemas.openxmlformats.org/package/2006/content-types\">\
                 <Default Extension=\"xml\" ContentType=\"application/octet-stream\" /></Types>";
    let mut package = Cursor::new(Vec::new());
    let files = [
        ("[Content_Types].xml", types.as_bytes()),
        ("solution.xml", manifest.as_bytes()),
        ("customizations.xml", customizations.as_bytes()),
    ];
    solution::pack(&files, &mut package).unwrap();
    package.into_inner()
}

fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('"', "&quot;")
}
