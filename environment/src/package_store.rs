//! Packages on disk, found by their SHA-256.
//!
//! A package lies in `sha256/ab/<hash>.zip` and is never changed again. It is written under a name of its own into
//! `temporary/` first and moved to its place once its bytes are on disk, so that a crash leaves either the whole package
//! or none. Names come from hashes only, never from a person.

use crate::facts_cache::FactsCache;
use bytes::Bytes;
use futures::{Stream, StreamExt};
use model::package::PackageFacts;
use sha2::{Digest, Sha256};
use solution::{Limits, PackageError};
use std::{
    fs::File,
    io::{self, Read, Seek, SeekFrom},
    path::{Path, PathBuf},
    pin::pin,
    sync::Arc,
    time::{Duration, SystemTime},
};
use tokio::io::AsyncWriteExt;
use uuid::Uuid;

/// How old a file in the temporary folder has to be to count as left over from a crash. No upload takes longer.
const LEFT_OVER_AFTER: Duration = Duration::from_hours(24);

/// Bytes read at once while hashing.
const CHUNK: usize = 256 * 1024;

/// A package in the store.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct StoredPackage {
    /// SHA-256 of its bytes, hexadecimal, lower case.
    pub sha256: String,
    /// Its size in bytes.
    pub bytes: u64,
}

/// Why a package could not be stored or read.
#[derive(Debug, thiserror::Error)]
pub enum PackageStoreError {
    /// It is larger than the store accepts.
    #[error("The package is larger than {} and was not stored.", size(*limit))]
    TooLarge {
        /// Bytes a package may have.
        limit: u64,
    },
    /// It is not in the store.
    #[error(
        "The package {sha256} is no longer in Slipway's package folder. Restore the folder from a backup or import the package again."
    )]
    Missing {
        /// Its SHA-256.
        sha256: String,
    },
    /// Its bytes are not those that were stored.
    #[error(
        "The package {sha256} was damaged on disk: its content no longer has this SHA-256. Restore it from a backup or import it again."
    )]
    Damaged {
        /// Its SHA-256.
        sha256: String,
    },
    /// It is no solution package.
    #[error(transparent)]
    Unreadable(#[from] PackageError),
    /// The disk, or whoever sends the bytes, failed.
    #[error("The package could not be read or written.")]
    Io(#[from] io::Error),
}

/// The store. Cheap to clone: every clone is the same store.
#[derive(Clone, Debug)]
pub struct PackageStore {
    shared: Arc<Shared>,
}

#[derive(Debug)]
struct Shared {
    packages: PathBuf,
    temporary: PathBuf,
    max_bytes: u64,
    facts: FactsCache,
}

impl PackageStore {
    /// Opens the store in a folder, which is made where it does not exist, and removes what crashed uploads left behind.
    /// Packages of more than `max_bytes` bytes are refused.
    pub fn open(folder: impl Into<PathBuf>, max_bytes: u64) -> io::Result<Self> {
        let folder = folder.into();
        let packages = folder.join("sha256");
        let temporary = folder.join("temporary");
        std::fs::create_dir_all(&packages)?;
        std::fs::create_dir_all(&temporary)?;
        remove_left_over(&temporary)?;
        Ok(Self { shared: Arc::new(Shared { packages, temporary, max_bytes, facts: FactsCache::default() }) })
    }

    /// The size in bytes of the largest package that is taken.
    pub fn max_bytes(&self) -> u64 {
        self.shared.max_bytes
    }

    /// Stores what a stream brings, without ever having more than a piece of it in memory.
    pub async fn put(
        &self,
        stream: impl Stream<Item = io::Result<Bytes>> + Send,
    ) -> Result<StoredPackage, PackageStoreError> {
        let temporary = Temporary::new(&self.shared.temporary);
        let mut file = tokio::fs::File::create_new(&temporary.0).await?;
        let mut hash = Sha256::new();
        let mut bytes = 0_u64;
        let mut stream = pin!(stream);
        while let Some(piece) = stream.next().await {
            let piece = piece?;
            bytes = bytes.saturating_add(piece.len() as u64);
            self.require_size(bytes)?;
            hash.update(&piece);
            file.write_all(&piece).await?;
        }
        file.flush().await?;
        file.sync_all().await?;
        drop(file);
        let package = StoredPackage { sha256: hex::encode(hash.finalize()), bytes };
        let (store, stored) = (self.clone(), package.clone());
        blocking(move || store.keep(&temporary, &stored)).await?;
        Ok(package)
    }

    /// Stores what a function writes; it runs where it may block.
    pub async fn put_with<E>(
        &self,
        write: impl FnOnce(&mut File) -> Result<(), E> + Send + 'static,
    ) -> Result<StoredPackage, PackageStoreError>
    where
        E: Into<PackageStoreError> + Send + 'static,
    {
        let store = self.clone();
        blocking(move || {
            let temporary = Temporary::new(&store.shared.temporary);
            let mut file = File::options().read(true).write(true).create_new(true).open(&temporary.0)?;
            write(&mut file).map_err(Into::into)?;
            file.seek(SeekFrom::Start(0))?;
            let package = hash_file(&mut file, store.shared.max_bytes)?;
            store.require_size(package.bytes)?;
            file.sync_all()?;
            drop(file);
            store.keep(&temporary, &package)?;
            Ok(package)
        })
        .await
    }

    /// Where a package lies, whether or not it is there.
    pub fn path(&self, package: &StoredPackage) -> PathBuf {
        // A hash that was tampered with cannot lead out of the folder: only its hexadecimal digits count.
        let hash: String = package.sha256.chars().filter(char::is_ascii_hexdigit).take(64).collect();
        let beginning: String = hash.chars().take(2).collect();
        self.shared.packages.join(beginning).join(format!("{hash}.zip"))
    }

    /// Opens a package for reading. For use where it may block.
    pub fn read(&self, package: &StoredPackage) -> Result<File, PackageStoreError> {
        let path = self.path(package);
        present(&path, package)?;
        Ok(File::open(path)?)
    }

    /// The facts of a package. They are kept in memory for the packages asked for last; the file has to be there anyway.
    pub async fn facts(&self, package: &StoredPackage) -> Result<Arc<PackageFacts>, PackageStoreError> {
        let (store, package) = (self.clone(), package.clone());
        blocking(move || {
            let path = store.path(&package);
            present(&path, &package)?;
            if let Some(facts) = store.shared.facts.get(&package.sha256) {
                return Ok(facts);
            }
            let facts = Arc::new(solution::read_file(&path, &Limits::default())?);
            store.shared.facts.put(&package.sha256, &facts);
            Ok(facts)
        })
        .await
    }

    /// Reads a package from its first to its last byte and compares it with its SHA-256.
    pub async fn verify(&self, package: &StoredPackage) -> Result<(), PackageStoreError> {
        let (store, package) = (self.clone(), package.clone());
        blocking(move || {
            let path = store.path(&package);
            present(&path, &package)?;
            let found = hash_file(&mut File::open(&path)?, u64::MAX)?;
            if found == package { Ok(()) } else { Err(PackageStoreError::Damaged { sha256: package.sha256 }) }
        })
        .await
    }

    fn require_size(&self, bytes: u64) -> Result<(), PackageStoreError> {
        let limit = self.shared.max_bytes;
        if bytes > limit { Err(PackageStoreError::TooLarge { limit }) } else { Ok(()) }
    }

    /// Moves a written package to its place. Where the same content lies already, it is replaced by itself, which also
    /// mends a damaged one.
    fn keep(&self, temporary: &Temporary, package: &StoredPackage) -> Result<(), PackageStoreError> {
        let path = self.path(package);
        let Some(folder) = path.parent() else { return Err(io::Error::from(io::ErrorKind::InvalidInput).into()) };
        if !folder.is_dir() {
            std::fs::create_dir_all(folder)?;
            File::open(&self.shared.packages)?.sync_all()?;
        }
        std::fs::rename(&temporary.0, &path)?;
        File::open(folder)?.sync_all()?;
        Ok(())
    }
}

/// A file in the temporary folder that is gone once nobody needs it any more, also when an upload breaks off.
struct Temporary(PathBuf);

impl Temporary {
    fn new(folder: &Path) -> Self {
        Self(folder.join(format!("{}.zip", Uuid::new_v4().simple())))
    }
}

impl Drop for Temporary {
    fn drop(&mut self) {
        if let Err(error) = std::fs::remove_file(&self.0)
            && error.kind() != io::ErrorKind::NotFound
        {
            tracing::warn!(%error, path = %self.0.display(), "a temporary file could not be removed");
        }
    }
}

#[allow(clippy::disallowed_methods, reason = "compared with what the file system says of its files")]
fn remove_left_over(folder: &Path) -> io::Result<()> {
    let now = SystemTime::now();
    for entry in std::fs::read_dir(folder)? {
        let entry = entry?;
        let data = entry.metadata()?;
        let age = now.duration_since(data.modified()?).unwrap_or_default();
        if data.is_file() && age > LEFT_OVER_AFTER {
            std::fs::remove_file(entry.path())?;
        }
    }
    Ok(())
}

/// Finds out at the price of one look at the folder whether a package is there and has its size.
fn present(path: &Path, package: &StoredPackage) -> Result<(), PackageStoreError> {
    match std::fs::metadata(path) {
        Ok(data) if data.len() == package.bytes => Ok(()),
        Ok(_) => Err(PackageStoreError::Damaged { sha256: package.sha256.clone() }),
        Err(error) if error.kind() == io::ErrorKind::NotFound => {
            Err(PackageStoreError::Missing { sha256: package.sha256.clone() })
        }
        Err(error) => Err(error.into()),
    }
}

fn hash_file(file: &mut File, limit: u64) -> Result<StoredPackage, PackageStoreError> {
    let mut hash = Sha256::new();
    let mut bytes = 0_u64;
    let mut chunk = vec![0_u8; CHUNK];
    loop {
        let count = file.read(&mut chunk)?;
        let Some(piece) = chunk.get(..count).filter(|piece| !piece.is_empty()) else { break };
        bytes = bytes.saturating_add(count as u64);
        if bytes > limit {
            return Err(PackageStoreError::TooLarge { limit });
        }
        hash.update(piece);
    }
    Ok(StoredPackage { sha256: hex::encode(hash.finalize()), bytes })
}

async fn blocking<T: Send + 'static>(
    work: impl FnOnce() -> Result<T, PackageStoreError> + Send + 'static,
) -> Result<T, PackageStoreError> {
    tokio::task::spawn_blocking(work).await.map_err(io::Error::other)?
}

fn size(bytes: u64) -> String {
    const MEGABYTE: u64 = 1024 * 1024;
    if bytes >= MEGABYTE { format!("{} MB", bytes / MEGABYTE) } else { format!("{bytes} bytes") }
}
