//! How long reading takes, beside plain unpacking of the same bytes: the manifests of every real package, and the facts
//! of a package of 200 MB.
#![allow(missing_docs, clippy::unwrap_used, clippy::expect_used, reason = "a benchmark")]

use criterion::{Criterion, criterion_group, criterion_main};
use slipway_solution::{Limits, manifest, pack, read_file};
use std::{
    fmt::Write as _,
    fs::{self, File},
    hint::black_box,
    io,
    path::{Path, PathBuf},
    time::Duration,
};
use zip::ZipArchive;

fn samples() -> Vec<PathBuf> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../shared/samples/solutions");
    let Ok(entries) = fs::read_dir(folder) else { return Vec::new() };
    let mut paths: Vec<PathBuf> = entries.map(|entry| entry.unwrap().path()).collect();
    paths.retain(|path| path.extension().is_some_and(|extension| extension == "zip"));
    paths.sort();
    paths
}

/// Unpacks one file of a package, and nothing more; a package that the library cannot open counts as nothing.
fn unpack(path: &Path, name: &str) -> u64 {
    let Ok(mut archive) = ZipArchive::new(io::BufReader::new(File::open(path).unwrap())) else { return 0 };
    let Ok(mut file) = archive.by_name(name) else { return 0 };
    io::copy(&mut file, &mut io::sink()).unwrap()
}

/// Budget: 20 ms for 124 packages.
fn manifests(criterion: &mut Criterion) {
    let paths = samples();
    if paths.is_empty() {
        println!("skipped: ../shared/samples is not here");
        return;
    }
    let mut group = criterion.benchmark_group(format!("manifests of {} packages", paths.len()));
    group.bench_function("read", |bencher| {
        bencher.iter(|| {
            for path in &paths {
                black_box(manifest(File::open(path).unwrap(), &Limits::default()).unwrap());
            }
        });
    });
    group.bench_function("only unpacked", |bencher| {
        bencher.iter(|| paths.iter().map(|path| unpack(path, "solution.xml")).sum::<u64>());
    });
    group.finish();

    let mut group = criterion.benchmark_group(format!("facts of {} packages", paths.len()));
    group.sample_size(20).measurement_time(Duration::from_secs(10));
    group.bench_function("read", |bencher| {
        bencher.iter(|| {
            for path in &paths {
                black_box(read_file(path, &Limits::default()).unwrap());
            }
        });
    });
    group.finish();
}

/// Budget: 170 ms.
fn large(criterion: &mut Criterion) {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("large.zip");
    write_large(&path);
    let megabytes = fs::metadata(&path).unwrap().len() >> 20;
    let mut group = criterion.benchmark_group(format!("a package of {megabytes} MB"));
    group.sample_size(10).measurement_time(Duration::from_secs(10));
    group.bench_function("facts", |bencher| {
        bencher.iter(|| black_box(read_file(&path, &Limits::default()).unwrap()));
    });
    group.bench_function("only unpacked: customizations.xml", |bencher| {
        bencher.iter(|| unpack(&path, "customizations.xml"));
    });
    group.bench_function("only unpacked: everything", |bencher| {
        bencher.iter(|| {
            let mut archive = ZipArchive::new(io::BufReader::new(File::open(&path).unwrap())).unwrap();
            (0..archive.len())
                .map(|index| io::copy(&mut archive.by_index(index).unwrap(), &mut io::sink()).unwrap())
                .sum::<u64>()
        });
    });
    group.finish();
}

/// Two hundred canvas apps of a megabyte that hardly packs, and 20 MB of tables.
fn write_large(path: &Path) {
    let mut customizations = String::from("<ImportExportXml><Entities>");
    for table in 0..200 {
        let _ = write!(
            customizations,
            "<Entity><Name LocalizedName=\"Table {table}\">new_table{table}</Name><EntityInfo><entity Name=\"new_table{table}\"><attributes>"
        );
        for column in 0..200 {
            let _ = write!(
                customizations,
                "<attribute PhysicalName=\"new_column{column}\"><Type>nvarchar</Type><Name>new_column{column}</Name><LogicalName>new_column{column}</LogicalName>\
                 <RequiredLevel>none</RequiredLevel><DisplayMask>ValidForAdvancedFind|ValidForForm|ValidForGrid</DisplayMask><ImeMode>auto</ImeMode>\
                 <IsCustomizable>1</IsCustomizable><IntroducedVersion>1.0.0.0</IntroducedVersion><Format>text</Format><MaxLength>100</MaxLength>\
                 <displaynames><displayname description=\"Column {column} of table {table}\" languagecode=\"1033\" /></displaynames></attribute>"
            );
        }
        customizations.push_str("</attributes></entity></EntityInfo></Entity>");
    }
    customizations.push_str("</Entities></ImportExportXml>");
    let manifest = "<ImportExportXml version=\"9.2\"><SolutionManifest><UniqueName>Large</UniqueName><Version>1.0.0.0</Version><Managed>0</Managed>\
        <Publisher><UniqueName>contoso</UniqueName></Publisher><RootComponents /><MissingDependencies /></SolutionManifest></ImportExportXml>";
    let mut noise = vec![0_u8; 1 << 20];
    let mut state = 0x9E37_79B9_7F4A_7C15_u64;
    for byte in &mut noise {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        *byte = state.to_le_bytes()[0];
    }
    let names: Vec<String> = (0..200).map(|number| format!("CanvasApps/new_app{number}_DocumentUri.msapp")).collect();
    let mut files: Vec<(&str, &[u8])> = names.iter().map(|name| (name.as_str(), noise.as_slice())).collect();
    files.push(("solution.xml", manifest.as_bytes()));
    files.push(("customizations.xml", customizations.as_bytes()));
    files.push(("[Content_Types].xml", b"<Types />"));
    pack(&files, File::create(path).unwrap()).unwrap();
}

criterion_group!(benches, manifests, large);
criterion_main!(benches);
