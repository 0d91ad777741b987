//! Memory does not grow with the package. In a program of its own, as it is the program's memory that is measured.
#![allow(clippy::unwrap_used, reason = "tests")]

mod large;

use slipway_solution::{Limits, compare_files, read_file};
use std::fs;

/// The most memory this program ever had, in kilobytes.
fn high_water() -> Option<u64> {
    let status = fs::read_to_string("/proc/self/status").ok()?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"))?;
    line.trim().strip_suffix(" kB")?.parse().ok()
}

#[test]
fn ten_times_the_package_takes_no_more_memory() {
    let folder = tempfile::tempdir().unwrap();
    let (small, large) = (folder.path().join("small.zip"), folder.path().join("large.zip"));
    large::write(&small, 4, 10);
    large::write(&large, 40, 10);
    let work = |path| {
        assert!(read_file(path, &Limits::default()).unwrap().inspection.damaged_apps.is_empty());
        assert!(compare_files(Some(path), path, &Limits::default()).unwrap().is_empty());
    };
    work(&small);
    let Some(before) = high_water() else {
        println!("skipped: this system does not tell how much memory a program has");
        return;
    };
    work(&large);
    let grown = high_water().unwrap() - before;
    assert!(grown < 4 << 10, "{grown} kB more for 36 MB more");
}
