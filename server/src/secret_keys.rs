//! The keys under which secrets are sealed: from the configuration, or from a file in the data folder that the first
//! start creates.

use crate::configuration::Configuration;
use pipelines::secret::{KeyError, Keys, Secrets};
use std::{
    fs::{File, OpenOptions},
    io::{self, Read, Write},
    path::{Path, PathBuf},
};

/// Name of the file in the data folder.
pub const FILE: &str = "secrets.key";

/// Bytes of the file at most.
const LONGEST: u64 = 64 * 1024;

/// Opens the keys, and creates the file where there are none yet.
pub fn open(configuration: &Configuration) -> Result<Secrets, KeyError> {
    if let Some(keys) = &configuration.secret_keys {
        return Ok(Secrets::new(keys.clone()));
    }
    let path = path(configuration);
    let keys = match read(&path) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => {
            let keys = Keys::random("key-1");
            match create(&path, &keys) {
                // Another process was quicker: its keys count.
                Err(error) if error.kind() == io::ErrorKind::AlreadyExists => parse(&path)?,
                Err(error) => return Err(unusable(&path, &error)),
                Ok(()) => keys,
            }
        }
        Err(error) => return Err(unusable(&path, &error)),
        Ok(text) => told(&path, &text)?,
    };
    // `slipway secrets rotate` adds keys while Slipway runs.
    Ok(Secrets::new(keys).with_reload(move || parse(&path)))
}

/// Adds a new key to the file, under which everything is sealed from now on. With keys from the configuration there is
/// none to add to: whoever wrote them writes the new one, too.
pub fn add(configuration: &Configuration) -> Result<bool, KeyError> {
    if configuration.secret_keys.is_some() {
        return Ok(false);
    }
    let path = path(configuration);
    let keys = parse(&path)?.with_new();
    let beside = path.with_extension("new");
    let replaced = create(&beside, &keys).and_then(|()| std::fs::rename(&beside, &path));
    replaced.map_err(|error| unusable(&path, &error))?;
    Ok(true)
}

fn path(configuration: &Configuration) -> PathBuf {
    configuration.data.join(FILE)
}

fn parse(path: &Path) -> Result<Keys, KeyError> {
    told(path, &read(path).map_err(|error| unusable(path, &error))?)
}

fn told(path: &Path, text: &str) -> Result<Keys, KeyError> {
    Keys::parse(text).map_err(|error| KeyError::File(format!("{} cannot be used: {error}", path.display())))
}

fn read(path: &Path) -> io::Result<String> {
    let mut text = String::new();
    File::open(path)?.take(LONGEST).read_to_string(&mut text)?;
    Ok(text)
}

/// Creates a file that only this user may read, whole and on the disk before anything is sealed.
fn create(path: &Path, keys: &Keys) -> io::Result<()> {
    let mut options = OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let mut file = options.open(path)?;
    file.write_all(keys.to_text().as_bytes())?;
    file.sync_all()
}

fn unusable(path: &Path, error: &io::Error) -> KeyError {
    KeyError::File(format!("{} cannot be used: {error}", path.display()))
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing, reason = "tests")]
    use super::*;
    use pipelines::secret::{Column, ExposeSecret, Key, Secret};

    const PLACE: Column = Column { table: "connection", key: Key::Text("id"), column: "credentials" };

    fn configuration(folder: &Path, keys: Option<&str>) -> Configuration {
        Configuration::from_sources(None, &|name| match name {
            "SLIPWAY_DATA" => Some(folder.display().to_string()),
            "SLIPWAY_SECRET_KEYS" => keys.map(str::to_owned),
            _ => None,
        })
        .unwrap()
    }

    #[test]
    fn the_first_start_creates_a_key_that_only_this_user_may_read_and_the_next_one_uses_it() {
        let folder = tempfile::tempdir().unwrap();
        let configuration = configuration(folder.path(), None);
        let sealed = open(&configuration).unwrap().seal(&PLACE.row(1), &Secret::from("hunter2")).unwrap();
        assert_eq!(open(&configuration).unwrap().open(&PLACE.row(1), &sealed).unwrap().expose_secret(), "hunter2");
        #[cfg(unix)]
        {
            use std::os::unix::fs::PermissionsExt;
            let mode = std::fs::metadata(folder.path().join(FILE)).unwrap().permissions().mode();
            assert_eq!(mode & 0o777, 0o600);
        }
    }

    #[test]
    fn a_key_that_is_added_seals_at_once_and_a_process_that_runs_finds_it() {
        let folder = tempfile::tempdir().unwrap();
        let configuration = configuration(folder.path(), None);
        let running = open(&configuration).unwrap();
        assert!(add(&configuration).unwrap());
        let sealed = open(&configuration).unwrap().seal(&PLACE.row(1), &Secret::from("hunter2")).unwrap();
        assert!(sealed.starts_with("v1:key-2:"), "{sealed}");
        assert_eq!(running.open(&PLACE.row(1), &sealed).unwrap().expose_secret(), "hunter2");
    }

    #[test]
    fn keys_of_the_configuration_come_before_the_file() {
        let folder = tempfile::tempdir().unwrap();
        let configuration = configuration(folder.path(), Some(&format!("mine:{}", "ab".repeat(32))));
        let sealed = open(&configuration).unwrap().seal(&PLACE.row(1), &Secret::from("hunter2")).unwrap();
        assert!(sealed.starts_with("v1:mine:") && !folder.path().join(FILE).exists());
        assert!(!add(&configuration).unwrap());
    }

    #[test]
    fn a_file_that_holds_no_key_is_named() {
        let folder = tempfile::tempdir().unwrap();
        std::fs::write(folder.path().join(FILE), "nonsense").unwrap();
        let error = open(&configuration(folder.path(), None)).unwrap_err().to_string();
        assert!(error.contains(FILE) && error.contains("entry 1") && !error.contains("nonsense"), "{error}");
    }
}
