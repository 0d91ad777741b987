//! The Dataverse environments a Slipway is told of, in the file `dataverse.toml` of its data folder.

use environment::{
    EnvironmentError, Environments,
    dataverse::{Access, Credential, GivenAccess},
};
use model::id::EnvironmentId;
use serde::Deserialize;
use std::{
    collections::HashSet,
    fmt::Write,
    io,
    path::{Path, PathBuf},
};

/// The file.
pub const FILE: &str = "dataverse.toml";

/// Why the file cannot be used.
#[derive(Debug, thiserror::Error)]
#[error("{} cannot be used: {reason}", file.display())]
pub struct DataverseError {
    /// The file.
    file: PathBuf,
    /// What is wrong with it.
    reason: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Contents {
    #[serde(default)]
    environment: Vec<Entry>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Entry {
    id: EnvironmentId,
    url: String,
    tenant: String,
    client_id: String,
    client_secret: Option<String>,
    certificate: Option<PathBuf>,
    key: Option<PathBuf>,
    authority: Option<String>,
}

/// The environments of the file of a folder; none where there is no such file.
pub fn read(folder: &Path) -> Result<Vec<Access>, DataverseError> {
    let file = folder.join(FILE);
    let failed = |reason: String| DataverseError { file: file.clone(), reason };
    let text = match std::fs::read_to_string(&file) {
        Ok(text) => text,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
        Err(error) => return Err(failed(error.to_string())),
    };
    let read = |path: &Path| {
        let path = folder.join(path);
        std::fs::read_to_string(&path).map_err(|error| format!("{} cannot be read: {error}", path.display()))
    };
    parse(&text, &read).map_err(failed)
}

/// Reads the file's text. `read` reads a file that it names.
fn parse(text: &str, read: &dyn Fn(&Path) -> Result<String, String>) -> Result<Vec<Access>, String> {
    // What a parser says of a line would show what stands in it.
    let contents: Contents = toml::from_str(text).map_err(|error| {
        let line = error.span().map(|span| text.get(..span.start).unwrap_or_default().lines().count().max(1));
        format!("{} (line {}).", error.message(), line.unwrap_or(1))
    })?;
    let mut seen = HashSet::new();
    let entries = contents.environment.into_iter().map(|entry| {
        let id = entry.id;
        if !seen.insert(id) {
            return Err(format!("the environment {id} stands in it twice."));
        }
        let credential = match (entry.client_secret, entry.certificate, entry.key) {
            (Some(secret), None, None) if !secret.trim().is_empty() => Credential::Secret(secret),
            (None, Some(certificate), Some(key)) => {
                Credential::Certificate { certificate: read(&certificate)?, key: read(&key)? }
            }
            _ => return Err(format!("the environment {id} needs either client_secret, or certificate and key.")),
        };
        let given = GivenAccess {
            environment: id,
            url: entry.url,
            tenant: entry.tenant,
            client_id: entry.client_id,
            credential,
            authority: entry.authority.unwrap_or_default(),
        };
        given.read().map_err(|wrong| {
            let wrong: Vec<_> = wrong.into_iter().map(|(field, message)| format!("{field}: {message}")).collect();
            format!("the environment {id} cannot be reached like this. {}", wrong.join(" "))
        })
    });
    entries.collect()
}

/// Tries every environment and tells what came of it. False where one cannot be used.
pub async fn check(environments: &dyn Environments, ids: &[EnvironmentId]) -> Result<(String, bool), EnvironmentError> {
    let mut told = String::new();
    let mut all_good = true;
    for id in ids {
        // Writing to a String does not fail.
        let _ = writeln!(told, "{id}");
        for checked in environments.open(*id).await?.check().await {
            all_good &= checked.outcome.is_ok();
            let (mark, text) = match &checked.outcome {
                Ok(text) => ("ok", text),
                Err(text) => ("no", text),
            };
            let _ = writeln!(told, "  {mark}  {}: {text}", checked.step);
        }
    }
    if ids.is_empty() {
        let _ = writeln!(
            told,
            "There are no Dataverse environments: none is connected, and {FILE} in the data folder names none."
        );
    }
    Ok((told, all_good))
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing, reason = "tests")]
    use super::*;
    use environment::dataverse::PUBLIC_AUTHORITY;

    const CERTIFICATE: &str = include_str!("../../environment/tests/certificate/certificate.pem");
    const KEY: &str = include_str!("../../environment/tests/certificate/key.pem");
    const GOOD: &str = "[[environment]]\nid = \"8a3c5f0e-2b4d-4e6f-9a1b-3c5d7e9f1a2b\"\nurl = \"https://contoso.crm4.dynamics.com/\"\ntenant = \"contoso.com\"\nclient_id = \"c\"\n";

    fn parsed(text: &str) -> Result<Vec<Access>, String> {
        parse(text, &|path| match path.to_str() {
            Some("certificate.pem") => Ok(CERTIFICATE.to_owned()),
            Some("key.pem") => Ok(KEY.to_owned()),
            _ => Err("not there".to_owned()),
        })
    }

    #[test]
    fn environments_are_read_with_a_secret_or_a_certificate() {
        let read = parsed(&format!("{GOOD}client_secret = \"s\"\n")).unwrap();
        assert_eq!(
            (read[0].url.as_str(), read[0].authority.as_str()),
            ("https://contoso.crm4.dynamics.com", PUBLIC_AUTHORITY)
        );
        let read = parsed(&format!("{GOOD}certificate = \"certificate.pem\"\nkey = \"key.pem\"\n")).unwrap();
        assert!(matches!(read[0].credential, Credential::Certificate { .. }));
        assert!(parsed("").unwrap().is_empty());
    }

    #[test]
    fn what_is_wrong_is_said_and_no_secret_with_it() {
        let secret = "client_secret = \"hidden\"\n";
        for (text, expected) in [
            (GOOD.to_owned(), "needs either client_secret"),
            (format!("{GOOD}certificate = \"b.pem\"\nkey = \"key.pem\"\n"), "not there"),
            (format!("{GOOD}{secret}{GOOD}{secret}"), "twice"),
            (format!("{GOOD}{secret}colour = \"red\"\n"), "unknown field"),
            (format!("{GOOD}client_secret = hidden\n"), "line 6"),
            (format!("{GOOD}{secret}").replace("https://contoso", "http://contoso"), "https address"),
            (format!("{GOOD}{secret}").replace("https://contoso", "https://u:p@contoso"), "https address"),
            (format!("{GOOD}{secret}").replace("contoso.com\"\nclient", "a/b\"\nclient"), "tenant"),
        ] {
            let error = parsed(&text).unwrap_err();
            assert!(error.contains(expected) && !error.contains("hidden"), "{expected}: {error}");
        }
    }
}
