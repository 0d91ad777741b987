//! What `slipway check` costs, of the program as it is shipped: time and memory, beside mere unpacking.
#![allow(missing_docs, clippy::unwrap_used, clippy::expect_used, reason = "a benchmark")]

#[path = "../tests/large/mod.rs"]
mod large;

use std::{
    fs::{self, File},
    io,
    path::{Path, PathBuf},
    process::{Command, ExitCode, Stdio},
    thread,
    time::{Duration, Instant},
};
use zip::ZipArchive;

/// Every package is checked so many times; the quickest counts.
const RUNS: usize = 5;
/// How much more memory 180 MB more may take.
const MOST_GROWTH: u64 = 8 << 10;
/// How long the largest sample may take.
const MOST_TIME: Duration = Duration::from_millis(500);

/// What one check costs.
struct Cost {
    time: Duration,
    /// The most memory the program had, in kilobytes.
    peak: u64,
}

fn check(program: &Path, package: &Path) -> Cost {
    let began = Instant::now();
    let mut child = Command::new(program).arg("check").arg(package).stdout(Stdio::null()).spawn().unwrap();
    let status = format!("/proc/{}/status", child.id());
    let mut peak = 0;
    while child.try_wait().unwrap().is_none() {
        // It only rises, so the last look before the end tells the most.
        peak = high_water(&status).unwrap_or_default().max(peak);
        thread::sleep(Duration::from_micros(500));
    }
    Cost { time: began.elapsed(), peak }
}

fn high_water(status: &str) -> Option<u64> {
    let status = fs::read_to_string(status).ok()?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"))?;
    line.trim().strip_suffix(" kB")?.parse().ok()
}

fn unpack(package: &Path) -> Duration {
    let began = Instant::now();
    let mut archive = ZipArchive::new(io::BufReader::new(File::open(package).unwrap())).unwrap();
    for index in 0..archive.len() {
        io::copy(&mut archive.by_index(index).unwrap(), &mut io::sink()).unwrap();
    }
    began.elapsed()
}

/// Measures one package, and prints a line.
fn measure(program: &Path, what: &str, package: &Path) -> Cost {
    let unpacked = (0..RUNS).map(|_| unpack(package)).min().unwrap();
    let costs: Vec<Cost> = (0..RUNS).map(|_| check(program, package)).collect();
    let peak = costs.iter().map(|cost| cost.peak).max().unwrap();
    let time = costs.iter().map(|cost| cost.time).min().unwrap();
    println!(
        "{what:<22} {:>7} kB  checked in {:>4} ms with {:>3} MB of memory; unpacked in {:>4} ms, {:.1} times as long",
        fs::metadata(package).unwrap().len() / 1_000,
        time.as_millis(),
        peak >> 10,
        unpacked.as_millis(),
        time.as_secs_f64() / unpacked.as_secs_f64(),
    );
    Cost { time, peak }
}

fn largest_sample() -> Option<PathBuf> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../shared/samples/solutions");
    let paths = fs::read_dir(folder).ok()?.map(|entry| entry.unwrap().path());
    paths.max_by_key(|path| fs::metadata(path).unwrap().len())
}

fn main() -> ExitCode {
    let program = Path::new(env!("CARGO_MANIFEST_DIR")).join("../target/slipway");
    if !program.exists() {
        println!("skipped: target/slipway is not there; make build makes it");
        return ExitCode::SUCCESS;
    }
    let folder = tempfile::tempdir().unwrap();
    let (small, large) = (folder.path().join("small.zip"), folder.path().join("large.zip"));
    large::write(&small, 20, 20);
    large::write(&large, 200, 20);
    let small = measure(&program, "a tenth of it", &small);
    let large = measure(&program, "a package of 200 apps", &large);
    let mut broken = Vec::new();
    if large.peak > small.peak + MOST_GROWTH {
        broken.push("memory grows with the package");
    }
    match largest_sample() {
        Some(path) if measure(&program, "the largest sample", &path).time > MOST_TIME => {
            broken.push("the largest sample takes too long");
        }
        Some(_) => {}
        None => println!("skipped: ../shared/samples is not here"),
    }
    for what in &broken {
        println!("OVER BUDGET: {what}");
    }
    if broken.is_empty() { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}
