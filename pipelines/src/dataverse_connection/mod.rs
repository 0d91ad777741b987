//! The Dataverse environments that administrators have connected: where each is and which application uses it. A record
//! with its Environment ID then brings it into pipelines.
//!
//! What the application signs in with is sealed and never given back.

mod credential;
mod entity;
mod registered;

pub(crate) use credential::CREDENTIALS;
pub use registered::Registered;

use crate::{
    Caller, Error, Host, Result, access,
    audit::{self, Entry},
    deployment_environment,
    field::{self, Fields},
    secret::{ExposeSecret, Secret},
    stage_run::OF_PEOPLE,
};
use entity::{ActiveModel, Column, Entity, Model};
use environment::{
    EnvironmentError,
    dataverse::{Access, Credential, GivenAccess},
};
use model::{
    audit::{AuditAction, AuditSubject},
    dataverse::{ConnectionTrial, DataverseConnection, TrialStep},
    id::EnvironmentId,
};
use sea_orm::{ActiveValue::Set, ExprTrait, QuerySelect, entity::prelude::*, sea_query::OnConflict};

/// Connections at most.
const MOST: u64 = 1_000;
/// Characters of what is secret: a certificate with its chain is a few thousand.
const LONGEST_SECRET: usize = 20_000;
/// How long a try may take altogether: it asks several questions, one after the other.
const PATIENCE: std::time::Duration = OF_PEOPLE.saturating_mul(3);

/// What a form says of a connection. An empty secret, certificate and key leave what is there, as long as nothing says
/// otherwise where it is sent.
#[derive(Clone, Debug)]
pub struct ConnectionFields {
    /// Name for people.
    pub name: String,
    /// Address of the environment.
    pub url: String,
    /// Tenant: its id or one of its domains.
    pub tenant: String,
    /// Application (client) ID.
    pub client_id: String,
    /// Address of Entra ID; empty for that of the public cloud.
    pub authority: String,
    /// Client secret.
    pub client_secret: Secret,
    /// Certificate in PEM.
    pub certificate: Secret,
    /// Its key in PEM.
    pub key: Secret,
}

/// Every connection, by name. Administrators only.
pub async fn list(host: &Host, caller: &Caller) -> Result<Vec<DataverseConnection>> {
    caller.require_administrator()?;
    let rows = Entity::find().limit(MOST).all(&host.database).await?;
    let mut connections: Vec<_> = rows.into_iter().map(Model::view).collect();
    connections.sort_by_cached_key(|connection| (field::key(&connection.name), connection.id));
    Ok(connections)
}

/// One connection. Administrators only.
pub async fn get(host: &Host, caller: &Caller, id: EnvironmentId) -> Result<DataverseConnection> {
    caller.require_administrator()?;
    Ok(find(&host.database, id).await?.view())
}

/// Connects an environment. Administrators only.
///
/// Fields: `environment_id`, `name`, `url`, `tenant`, `client_id`, `authority`, `client_secret`, `certificate`, `key`.
pub async fn create(
    host: &Host,
    caller: &Caller,
    environment_id: &str,
    given: &ConnectionFields,
) -> Result<EnvironmentId> {
    let entry = || Entry::new(AuditAction::Create, AuditSubject::DataverseConnection).named(&given.name);
    access::configure(host, caller, entry).await?;
    let mut fields = Fields::new();
    let id: Option<EnvironmentId> = environment_id.trim().parse().ok();
    if id.is_none() {
        fields.problem(
            "environment_id",
            "Enter the Environment ID: a GUID such as 8a3c5f0e-2b4d-4e6f-9a1b-3c5d7e9f1a2b, without anything around it.",
        );
    }
    let id = id.unwrap_or(EnvironmentId(Uuid::nil()));
    let name = fields.name(&given.name);
    let credential = given.credential(&mut fields).unwrap_or_else(|| Credential::Secret(String::new()));
    let access = given.read(&mut fields, id, credential);
    if !fields.has("environment_id") && host.built_in.get(id).await.is_ok() {
        fields.problem("environment_id", "Slipway keeps this environment itself. There is nothing to connect.");
    }
    fields.finish()?;
    let access = access.ok_or_else(unchecked)?;
    let row = ActiveModel {
        environment_id: Set(id.0),
        name: Set(name.clone()),
        url: Set(access.url.clone()),
        tenant: Set(access.tenant.clone()),
        client_id: Set(access.client_id.clone()),
        authority: Set(access.authority.clone()),
        has_certificate: Set(is_certificate(&access.credential)),
        credential: Set(credential::seal(&host.secrets, id, &access.credential)?),
        trial: Set(String::new()),
        row_version: Set(1),
        modified: Set(host.now()),
        modified_by_name: Set(caller.name.clone()),
    };
    let transaction = host.begin().await?;
    if Entity::find().count(&transaction).await? >= MOST {
        return Err(Error::Refused(format!("There are {MOST} connections. Delete those that nobody needs any more.")));
    }
    let first = OnConflict::column(Column::EnvironmentId).do_nothing().to_owned();
    if Entity::insert(row).on_conflict(first).exec_without_returning(&transaction).await? == 0 {
        return Err(Error::field("environment_id", "This environment is connected already."));
    }
    let entry = Entry::new(AuditAction::Create, AuditSubject::DataverseConnection)
        .of(id, &name)
        .set("url", &access.url)
        .set("tenant", &access.tenant)
        .set("client_id", &access.client_id)
        .set("authority", &access.authority)
        .set("credential", kind(&access.credential));
    audit::record(host, &transaction, caller, entry).await?;
    transaction.commit().await?;
    Ok(id)
}

/// Changes a connection that still is as the caller read it. Whoever says that a secret goes elsewhere from now on has to
/// know it: otherwise a change of the address would be a way to read it. Administrators only.
///
/// Fields: as [`create`], without `environment_id`.
pub async fn update(
    host: &Host,
    caller: &Caller,
    id: EnvironmentId,
    given: &ConnectionFields,
    row_version: i32,
) -> Result<()> {
    let entry = || Entry::new(AuditAction::Update, AuditSubject::DataverseConnection).of(id, &given.name);
    access::configure(host, caller, entry).await?;
    let transaction = host.begin().await?;
    let before = find(&transaction, id).await?;
    if before.row_version != row_version {
        return Err(Error::Changed(format!("The connection “{}”", before.name)));
    }
    let kept = credential::access(&host.secrets, before.clone())?;
    let mut fields = Fields::new();
    let name = fields.name(&given.name);
    let is_given = given.gives_secret();
    let credential = if is_given { given.credential(&mut fields) } else { Some(kept.credential.clone()) };
    let access = given.read(&mut fields, id, credential.unwrap_or_else(|| kept.credential.clone()));
    let goes_elsewhere = access.as_ref().is_some_and(|access| *access != kept) && !is_given;
    if goes_elsewhere {
        let field = if before.has_certificate { "key" } else { "client_secret" };
        fields.problem(field, "Enter this again, because it would be used in another place from now on.");
    }
    fields.finish()?;
    let access = access.ok_or_else(unchecked)?;
    let mut update = Entity::update_many()
        .col_expr(Column::Name, Expr::value(name.as_str()))
        .col_expr(Column::Url, Expr::value(access.url.as_str()))
        .col_expr(Column::Tenant, Expr::value(access.tenant.as_str()))
        .col_expr(Column::ClientId, Expr::value(access.client_id.as_str()))
        .col_expr(Column::Authority, Expr::value(access.authority.as_str()))
        .col_expr(Column::HasCertificate, Expr::value(is_certificate(&access.credential)))
        .col_expr(Column::RowVersion, Expr::col(Column::RowVersion).add(1))
        .col_expr(Column::Modified, Expr::value(host.now()))
        .col_expr(Column::ModifiedByName, Expr::value(caller.name.as_str()));
    if access != kept {
        update = update
            .col_expr(Column::Credential, Expr::value(credential::seal(&host.secrets, id, &access.credential)?))
            .col_expr(Column::Trial, Expr::value(""));
    }
    update.filter(Column::EnvironmentId.eq(id.0)).exec(&transaction).await?;
    let entry = Entry::new(AuditAction::Update, AuditSubject::DataverseConnection)
        .of(id, &name)
        .field("name", &before.name, &name)
        .field("url", &before.url, &access.url)
        .field("tenant", &before.tenant, &access.tenant)
        .field("client_id", &before.client_id, &access.client_id)
        .field("authority", &before.authority, &access.authority);
    let entry = if is_given { entry.set("credential", kind(&access.credential)) } else { entry };
    audit::record(host, &transaction, caller, entry).await?;
    Ok(transaction.commit().await?)
}

/// Tries to use an environment, step by step, and keeps what came of it. Administrators only.
pub async fn try_out(host: &Host, caller: &Caller, id: EnvironmentId) -> Result<ConnectionTrial> {
    let entry = || Entry::new(AuditAction::Validate, AuditSubject::DataverseConnection).of(id, "");
    access::configure(host, caller, entry).await?;
    let connection = find(&host.database, id).await?;
    let steps = tokio::time::timeout(PATIENCE, async { Ok(host.environments.open(id).await?.check().await) }).await;
    let steps = match steps {
        Ok(Ok(steps)) => steps
            .into_iter()
            .map(|checked| {
                let step = checked.step.to_owned();
                let succeeded = checked.outcome.is_ok();
                TrialStep { step, succeeded, message: checked.outcome.unwrap_or_else(|message| message) }
            })
            .collect(),
        Ok(Err(error)) => failed(EnvironmentError::to_string(&error)),
        Err(_) => failed(format!("There was no answer within {} seconds.", PATIENCE.as_secs())),
    };
    let trial = ConnectionTrial { at: host.clock.now(), steps };
    let document = serde_json::to_string(&trial).map_err(|error| Error::Internal(error.to_string()))?;
    // What was found with other words says nothing of those that stand there by now.
    Entity::update_many()
        .col_expr(Column::Trial, Expr::value(document))
        .filter(Column::EnvironmentId.eq(id.0))
        .filter(Column::RowVersion.eq(connection.row_version))
        .exec(&host.database)
        .await?;
    let entry = Entry::new(AuditAction::Validate, AuditSubject::DataverseConnection)
        .of(id, &connection.name)
        .set("succeeded", trial.succeeded());
    audit::record(host, &host.database, caller, entry).await?;
    Ok(trial)
}

fn failed(message: String) -> Vec<TrialStep> {
    vec![TrialStep { step: "Reach the environment".to_owned(), succeeded: false, message }]
}

/// Forgets a connection with its secret. Refused while a record of the host stands for the environment. Administrators
/// only.
pub async fn delete(host: &Host, caller: &Caller, id: EnvironmentId) -> Result<()> {
    let entry = || Entry::new(AuditAction::Delete, AuditSubject::DataverseConnection).of(id, "");
    access::configure(host, caller, entry).await?;
    let transaction = host.begin().await?;
    let connection = find(&transaction, id).await?;
    let record = deployment_environment::entity::Entity::find()
        .filter(deployment_environment::entity::Column::EnvironmentId.eq(id.0))
        .one(&transaction)
        .await?;
    if let Some(record) = record {
        return Err(Error::Refused(format!(
            "This connection cannot be deleted, because the environment record “{}” uses it. Delete that record first.",
            record.name
        )));
    }
    Entity::delete_by_id(id.0).exec(&transaction).await?;
    let entry = Entry::new(AuditAction::Delete, AuditSubject::DataverseConnection).of(id, connection.name);
    audit::record(host, &transaction, caller, entry).await?;
    Ok(transaction.commit().await?)
}

/// Environment IDs of every connection. For the command line only.
pub async fn ids(host: &Host) -> Result<Vec<EnvironmentId>> {
    let ids: Vec<Uuid> =
        Entity::find().select_only().column(Column::EnvironmentId).limit(MOST).into_tuple().all(&host.database).await?;
    Ok(ids.into_iter().map(EnvironmentId).collect())
}

impl ConnectionFields {
    fn gives_secret(&self) -> bool {
        let given = [&self.client_secret, &self.certificate, &self.key];
        given.iter().any(|secret| !secret.expose_secret().trim().is_empty())
    }

    /// What the application signs in with.
    fn credential(&self, fields: &mut Fields) -> Option<Credential> {
        let text = |secret: &Secret| secret.expose_secret().trim().to_owned();
        let (secret, certificate, key) = (text(&self.client_secret), text(&self.certificate), text(&self.key));
        for (field, text) in [("client_secret", &secret), ("certificate", &certificate), ("key", &key)] {
            if text.chars().count() > LONGEST_SECRET {
                fields.problem(field, format!("Use at most {LONGEST_SECRET} characters."));
            }
        }
        let has_certificate = !certificate.is_empty() || !key.is_empty();
        if !secret.is_empty() && has_certificate {
            fields.problem("client_secret", "Enter either a client secret, or a certificate and its key.");
            return None;
        }
        Some(if has_certificate { Credential::Certificate { certificate, key } } else { Credential::Secret(secret) })
    }

    fn read(&self, fields: &mut Fields, id: EnvironmentId, credential: Credential) -> Option<Access> {
        let given = GivenAccess {
            environment: id,
            url: self.url.clone(),
            tenant: self.tenant.clone(),
            client_id: self.client_id.clone(),
            credential,
            authority: self.authority.clone(),
        };
        match given.read() {
            Ok(access) => Some(access),
            Err(wrong) => {
                for (field, message) in wrong {
                    if !fields.has(field) {
                        fields.problem(field, message);
                    }
                }
                None
            }
        }
    }
}

fn is_certificate(credential: &Credential) -> bool {
    matches!(credential, Credential::Certificate { .. })
}

fn kind(credential: &Credential) -> &'static str {
    if is_certificate(credential) { "certificate" } else { "client secret" }
}

fn unchecked() -> Error {
    Error::Internal("a connection passed its checks without being one".to_owned())
}

async fn find(database: &impl ConnectionTrait, id: EnvironmentId) -> Result<Model> {
    let found = Entity::find_by_id(id.0).one(database).await?;
    found.ok_or_else(|| Error::NotFound("This connection could not be found. It may have been deleted.".to_owned()))
}
