//! The package store on a real folder.

use crate::{package::sample, suite::store};
use bytes::Bytes;
use environment::{PackageStore, PackageStoreError, StoredPackage};
use futures::stream;
use std::{
    fs::{self, FileTimes},
    io::{self, Write},
    path::Path,
    time::{Duration, SystemTime},
};

fn open(folder: &Path) -> PackageStore {
    PackageStore::open(folder, 1000).unwrap()
}

fn pieces(pieces: &[&[u8]]) -> impl futures::Stream<Item = io::Result<Bytes>> + Send + use<> {
    stream::iter(pieces.iter().map(|piece| Ok(Bytes::copy_from_slice(piece))).collect::<Vec<_>>())
}

fn left_behind(folder: &Path) -> usize {
    fs::read_dir(folder.join("temporary")).unwrap().count()
}

#[tokio::test]
async fn a_package_is_found_by_the_hash_of_its_bytes() {
    let folder = tempfile::tempdir().unwrap();
    let packages = open(folder.path());
    let stored = packages.put(pieces(&[b"hello ", b"world"])).await.unwrap();
    assert_eq!(stored.sha256, "b94d27b9934d3e08a52e52d7da7dabfac484efe37a5380ee9088f7ace2efcde9");
    assert_eq!(stored.bytes, 11);
    let path = packages.path(&stored);
    assert!(path.ends_with(format!("sha256/b9/{}.zip", stored.sha256)));
    assert_eq!(fs::read(path).unwrap(), b"hello world");
    packages.verify(&stored).await.unwrap();

    let again = packages.put_with(|file| file.write_all(b"hello world")).await.unwrap();
    assert_eq!(again, stored);
    assert_eq!(left_behind(folder.path()), 0);
}

#[tokio::test]
async fn a_package_over_the_limit_is_refused_and_leaves_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let packages = open(folder.path());
    let half = [7_u8; 500];
    packages.put(pieces(&[&half, &half])).await.unwrap();
    let streamed = packages.put(pieces(&[&half, &half, b"x"])).await;
    assert!(matches!(streamed, Err(PackageStoreError::TooLarge { limit: 1000 })), "{streamed:?}");
    let written = packages.put_with(|file| file.write_all(&[7; 1001])).await;
    assert!(matches!(written, Err(PackageStoreError::TooLarge { limit: 1000 })), "{written:?}");
    assert_eq!(left_behind(folder.path()), 0);
}

#[tokio::test]
async fn an_upload_that_breaks_off_leaves_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let packages = open(folder.path());
    let broken =
        stream::iter([Ok(Bytes::from_static(b"beginning")), Err(io::Error::from(io::ErrorKind::ConnectionReset))]);
    assert!(matches!(packages.put(broken).await, Err(PackageStoreError::Io(_))));
    let failed = packages.put_with(|_| Err(io::Error::from(io::ErrorKind::StorageFull))).await;
    assert!(matches!(failed, Err(PackageStoreError::Io(_))));
    assert_eq!(left_behind(folder.path()), 0);
    assert_eq!(fs::read_dir(folder.path().join("sha256")).unwrap().count(), 0);
}

#[tokio::test]
#[allow(clippy::disallowed_methods, reason = "compared with what the file system says of its files")]
async fn leftovers_of_crashed_uploads_go_when_the_store_is_opened_and_running_ones_stay() {
    let folder = tempfile::tempdir().unwrap();
    open(folder.path());
    let (old, young) = (folder.path().join("temporary/old.zip"), folder.path().join("temporary/young.zip"));
    fs::write(&young, b"young").unwrap();
    let file = fs::File::create(&old).unwrap();
    file.set_times(FileTimes::new().set_modified(SystemTime::now() - Duration::from_hours(25))).unwrap();
    open(folder.path());
    assert!(!old.exists() && young.exists());
}

#[tokio::test]
async fn a_missing_or_damaged_package_is_told_apart() {
    let folder = tempfile::tempdir().unwrap();
    let packages = open(folder.path());
    let stored = packages.put(pieces(&[b"hello"])).await.unwrap();
    let path = packages.path(&stored);
    fs::write(&path, b"jello").unwrap();
    assert!(matches!(packages.verify(&stored).await, Err(PackageStoreError::Damaged { .. })));
    // Storing the content again mends it.
    packages.put(pieces(&[b"hello"])).await.unwrap();
    packages.verify(&stored).await.unwrap();
    fs::write(&path, b"hell").unwrap();
    assert!(matches!(packages.facts(&stored).await, Err(PackageStoreError::Damaged { .. })));
    fs::remove_file(&path).unwrap();
    assert!(matches!(packages.verify(&stored).await, Err(PackageStoreError::Missing { .. })));
    assert!(matches!(packages.facts(&stored).await, Err(PackageStoreError::Missing { .. })));
}

#[tokio::test]
async fn facts_are_read_once_and_what_is_no_package_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    let packages = PackageStore::open(folder.path(), 1 << 20).unwrap();
    let stored = store(&packages, &sample("Orders", "1.0.0.0", true, &["new_a"])).await;
    let (first, second) = (packages.facts(&stored).await.unwrap(), packages.facts(&stored).await.unwrap());
    assert_eq!(first.unique_name, "Orders");
    assert!(std::sync::Arc::ptr_eq(&first, &second));
    let text = packages.put(pieces(&[b"no zip"])).await.unwrap();
    assert!(matches!(packages.facts(&text).await, Err(PackageStoreError::Unreadable(_))));
}

#[tokio::test]
async fn a_hash_that_was_tampered_with_does_not_lead_out_of_the_folder() {
    let folder = tempfile::tempdir().unwrap();
    let packages = open(folder.path());
    for hash in ["../../../etc/passwd", "", "/etc/passwd", "ab/../../.."] {
        let path = packages.path(&StoredPackage { sha256: hash.to_owned(), bytes: 1 });
        let inside = path.strip_prefix(folder.path().join("sha256")).unwrap();
        assert!(!inside.to_string_lossy().contains(".."), "{}", path.display());
    }
}
