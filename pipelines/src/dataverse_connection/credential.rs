//! What applications sign in with, as it is kept: sealed.

use super::entity::Model;
use crate::{
    Error, Result,
    secret::{Column, ExposeSecret, Key, Secret, Secrets},
};
use environment::dataverse::{Access, Credential};
use model::id::EnvironmentId;
use serde::{Deserialize, Serialize};

/// Where credentials are sealed.
pub(crate) const CREDENTIALS: Column =
    Column { table: "dataverse_connection", key: Key::Uuid("environment_id"), column: "credential" };

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Document {
    Secret(String),
    Certificate { certificate: String, key: String },
}

/// Seals a credential for an environment.
pub(super) fn seal(secrets: &Secrets, id: EnvironmentId, credential: &Credential) -> Result<String> {
    let document = match credential {
        Credential::Secret(secret) => Document::Secret(secret.clone()),
        Credential::Certificate { certificate, key } => {
            Document::Certificate { certificate: certificate.clone(), key: key.clone() }
        }
    };
    let document = serde_json::to_string(&document).map_err(|error| Error::Internal(error.to_string()))?;
    secrets.seal(&CREDENTIALS.row(id), &Secret::from(document))
}

/// Opens the credential of an environment.
pub(super) fn open(secrets: &Secrets, row: &Model) -> Result<Credential> {
    let document = secrets.open(&CREDENTIALS.row(row.environment_id), &row.credential)?;
    let document = serde_json::from_str(document.expose_secret())
        .map_err(|_| Error::Internal("a credential cannot be read".to_owned()))?;
    Ok(match document {
        Document::Secret(secret) => Credential::Secret(secret),
        Document::Certificate { certificate, key } => Credential::Certificate { certificate, key },
    })
}

/// How an environment is reached.
pub(super) fn access(secrets: &Secrets, row: Model) -> Result<Access> {
    let credential = open(secrets, &row)?;
    Ok(Access {
        environment: EnvironmentId(row.environment_id),
        url: row.url,
        tenant: row.tenant,
        client_id: row.client_id,
        authority: row.authority,
        credential,
    })
}
