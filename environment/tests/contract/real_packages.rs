//! Real packages, imported one after the other into one built-in environment.

use crate::{
    builtin::place,
    suite::{ended, import_of},
};
use environment::{Environment, ImportStatus, PackageKind, PackageStore, Staged, StoredPackage};
use model::{Component, ErrorCode, package::PackageFacts};
use std::{
    collections::HashSet,
    path::{Path, PathBuf},
};

/// The samples, in the order of their names and so of their versions; none where they are not there.
fn samples() -> Vec<PathBuf> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../shared/samples/solutions");
    let Ok(entries) = std::fs::read_dir(folder) else {
        eprintln!("skipped: the sample packages are not there");
        return Vec::new();
    };
    let mut paths: Vec<PathBuf> = entries.map(|entry| entry.unwrap().path()).collect();
    paths.retain(|path| path.extension().is_some_and(|extension| extension == "zip"));
    paths.sort();
    paths
}

/// What has to come of an import, worked out from what staging said before it.
fn expected(facts: &PackageFacts, staged: &Staged) -> Option<ErrorCode> {
    if let Some((_, code, _)) = staged.validation.first() {
        return *code;
    }
    if let Some(previous) = &staged.previous {
        match (facts.managed, previous.summary.managed) {
            (true, false) => return Some(ErrorCode::MANAGED_OVER_UNMANAGED),
            (false, true) => return Some(ErrorCode::UNMANAGED_OVER_MANAGED),
            (true, true) if !previous.summary.publisher.unique_name.eq_ignore_ascii_case(&facts.publisher) => {
                return Some(ErrorCode::WRONG_PUBLISHER);
            }
            _ => {}
        }
    }
    (!staged.unmet.is_empty()).then_some(ErrorCode::MISSING_DEPENDENCIES)
}

fn keys(components: &[Component]) -> HashSet<(String, String, Option<String>)> {
    let key = |component: &Component| {
        (
            component.kind.to_string(),
            component.name.to_lowercase(),
            component.parent.as_ref().map(|parent| parent.to_lowercase()),
        )
    };
    components.iter().map(key).collect()
}

async fn check(environment: &dyn Environment, packages: &PackageStore, package: StoredPackage, path: &Path) {
    let path = path.display();
    let facts = packages.facts(&package).await.unwrap();
    let staged = environment.stage(&package).await.unwrap();
    let import = import_of(package);
    environment.start_import(&import).await.unwrap();
    let job = ended(environment, import.job).await;
    assert_eq!(job.code, expected(&facts, &staged), "{path}: {job:?}");
    if job.status != ImportStatus::Succeeded {
        return;
    }
    let contents = environment.solution(&facts.unique_name).await.unwrap().unwrap();
    assert_eq!(contents.summary.version.as_str(), facts.version.as_str(), "{path}");
    assert_eq!(keys(&contents.components), keys(&facts.components), "{path}");
    assert_eq!(contents.missing_dependencies, facts.missing_dependencies, "{path}");
    assert_eq!(contents.connection_references.len(), facts.connection_references.len(), "{path}");
    assert_eq!(contents.environment_variables.len(), facts.environment_variables.len(), "{path}");
    if !facts.managed {
        let exported = environment.export(&facts.unique_name, PackageKind::Managed).await.unwrap();
        assert_eq!(exported, environment.export(&facts.unique_name, PackageKind::Managed).await.unwrap(), "{path}");
    }
}

#[tokio::test]
async fn every_real_package_is_imported_or_refused_as_staging_said() {
    let samples = samples();
    testbed::each_database(|database| {
        let samples = samples.clone();
        async move {
            let place = place(database);
            let (_, environment) = place.environment(0).await;
            for path in &samples {
                let source = path.clone();
                let copy = move |target: &mut std::fs::File| {
                    std::io::copy(&mut std::fs::File::open(source)?, target).map(drop)
                };
                let package = place.packages.put_with(copy).await.unwrap();
                check(&*environment, &place.packages, package, path).await;
            }
        }
    })
    .await;
}
