//! How long reading takes, beside plain unpacking of the same bytes: the manifests of every real package, and the facts
//! of a package of 200 MB.
#![allow(missing_docs, clippy::unwrap_used, clippy::expect_used, reason = "a benchmark")]

#[path = "../tests/large/mod.rs"]
mod large;

use criterion::{Criterion, criterion_group, criterion_main};
use slipway_solution::{Limits, compare_files, manifest, read_file};
use std::{
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

/// Two hundred canvas apps, which are unpacked to see whether they are whole, and 20 MB of tables.
fn of_200_megabytes(criterion: &mut Criterion) {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("large.zip");
    large::write(&path, 200, 200);
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

/// Two versions of a package of 200 MB, of which the second has a tenth fewer tables.
fn two_of_200_megabytes(criterion: &mut Criterion) {
    let folder = tempfile::tempdir().unwrap();
    let (before, after) = (folder.path().join("before.zip"), folder.path().join("after.zip"));
    large::write(&before, 200, 200);
    large::write(&after, 200, 180);
    let megabytes = fs::metadata(&before).unwrap().len() >> 20;
    let mut group = criterion.benchmark_group(format!("two packages of {megabytes} MB"));
    group.sample_size(10).measurement_time(Duration::from_secs(10));
    group.bench_function("compared", |bencher| {
        bencher.iter(|| black_box(compare_files(Some(&before), &after, &Limits::default()).unwrap()));
    });
    group.bench_function("a package with itself", |bencher| {
        bencher.iter(|| black_box(compare_files(Some(&before), &before, &Limits::default()).unwrap()));
    });
    group.finish();
}

criterion_group!(benches, manifests, of_200_megabytes, two_of_200_megabytes);
criterion_main!(benches);
