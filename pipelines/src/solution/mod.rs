//! Solutions of an environment, as makers work with them. Everything goes through the environment's port, within a
//! deadline.

use crate::{
    Caller, Error, Host, Result, access,
    audit::{self, Entry},
    deployment_environment,
    environment_role::standing,
    field::{self, Fields},
};
use environment::{Environment, EnvironmentError, Import, ImportJob, NewConnection, NewSolution, StoredPackage, port};
use model::{
    SolutionVersion,
    access::EnvironmentRight,
    audit::{AuditAction, AuditSubject},
    connection::Connection,
    environment::EnvironmentType,
    id::{EnvironmentId, ImportJobId},
    package::Publisher,
    settings::DeploymentSettings,
    solution::{SolutionContents, SolutionSummary},
};
use std::{sync::Arc, time::Duration};

mod naming;

/// How long an environment may take for one operation that a person waits for.
const DEADLINE: Duration = Duration::from_secs(30);

/// A new solution as the form posts it.
#[derive(Clone, Debug, Default)]
pub struct NewSolutionForm {
    /// Name for people.
    pub display_name: String,
    /// Unique name.
    pub unique_name: String,
    /// Unique name of an existing publisher; empty for a new one.
    pub publisher: String,
    /// Name of the new publisher for people.
    pub publisher_display_name: String,
    /// Unique name of the new publisher.
    pub publisher_unique_name: String,
    /// Customization prefix of the new publisher.
    pub publisher_prefix: String,
    /// Version.
    pub version: String,
    /// Description, possibly empty.
    pub description: String,
}

/// The solutions of an environment whose display name or unique name contains `search`, without regard to case, by
/// display name. All of them when `search` is empty.
pub async fn list(
    host: &Host,
    caller: &Caller,
    environment: EnvironmentId,
    search: &str,
) -> Result<Vec<SolutionSummary>> {
    let environment = open(host, caller, environment).await?;
    let mut solutions = in_time(environment.solutions()).await?;
    let search = field::key(search.trim());
    solutions.retain(|solution| {
        field::key(&solution.display_name).contains(&search) || field::key(&solution.unique_name).contains(&search)
    });
    Ok(solutions)
}

/// One solution with what is in it, by unique name without regard to case.
pub async fn get(
    host: &Host,
    caller: &Caller,
    environment: EnvironmentId,
    unique_name: &str,
) -> Result<SolutionContents> {
    let environment = open(host, caller, environment).await?;
    in_time(environment.solution(unique_name))
        .await?
        .ok_or_else(|| Error::NotFound("There is no such solution in this environment.".to_owned()))
}

/// Creates an empty unmanaged solution, for whoever has the right to create in the environment. Users only in
/// development environments.
///
/// Fields: those of the form.
pub async fn create(
    host: &Host,
    caller: &Caller,
    id: EnvironmentId,
    form: &NewSolutionForm,
) -> Result<SolutionSummary> {
    let environment = open_for_development(host, caller, id, AuditAction::Create, EnvironmentRight::Create).await?;
    let publishers = in_time(environment.publishers()).await?;
    let new = form.check(&publishers)?;
    if in_time(environment.solution(&new.unique_name)).await?.is_some() {
        return Err(Error::field(
            "unique_name",
            format!(
                "There is a solution named “{}” in this environment already. Choose another name.",
                new.unique_name
            ),
        ));
    }
    let created = in_time(environment.create_solution(new)).await?;
    let entry = Entry::new(AuditAction::Create, AuditSubject::Solution).of(&created.unique_name, &created.display_name);
    let entry = entry.set("environment", id);
    audit::record(host, &host.database, caller, entry).await?;
    Ok(created)
}

/// Publishers of an environment, by name.
pub async fn publishers(host: &Host, caller: &Caller, environment: EnvironmentId) -> Result<Vec<Publisher>> {
    let environment = open(host, caller, environment).await?;
    Ok(in_time(environment.publishers()).await?)
}

/// Goes on only where the caller may import into an environment, before anything is uploaded for it.
pub async fn may_import(host: &Host, caller: &Caller, id: EnvironmentId) -> Result<()> {
    open_for_development(host, caller, id, AuditAction::Upload, EnvironmentRight::Import).await.map(drop)
}

/// Starts the import of an uploaded package as it is, without settings, for whoever has the right to import in the
/// environment. Users only in development environments.
pub async fn import(host: &Host, caller: &Caller, id: EnvironmentId, package: StoredPackage) -> Result<ImportJobId> {
    let environment = open_for_development(host, caller, id, AuditAction::Upload, EnvironmentRight::Import).await?;
    let job = ImportJobId(host.ids.next());
    let sha256 = package.sha256.clone();
    let import = Import { job, package, settings: DeploymentSettings::default(), overwrite_customizations: false };
    in_time(environment.start_import(&import)).await?;
    let entry = Entry::new(AuditAction::Upload, AuditSubject::Solution).of(job, "");
    audit::record(host, &host.database, caller, entry.set("environment", id).set("sha256", sha256)).await?;
    Ok(job)
}

/// How far an import is.
pub async fn import_job(
    host: &Host,
    caller: &Caller,
    environment: EnvironmentId,
    job: ImportJobId,
) -> Result<ImportJob> {
    let environment = open(host, caller, environment).await?;
    in_time(environment.import_job(job))
        .await?
        .ok_or_else(|| Error::NotFound("There is no such import in this environment.".to_owned()))
}

/// Connections of an environment, by name.
pub async fn connections(host: &Host, caller: &Caller, environment: EnvironmentId) -> Result<Vec<Connection>> {
    let environment = open(host, caller, environment).await?;
    Ok(in_time(environment.connections()).await?)
}

/// Creates a connection that belongs to the caller, who has the right to create in the environment. Makers do this in
/// targets as well: a run cannot go on without.
///
/// Fields: `connector_id`, `display_name`.
pub async fn create_connection(
    host: &Host,
    caller: &Caller,
    id: EnvironmentId,
    connector_id: &str,
    display_name: &str,
) -> Result<Connection> {
    let choice = deployment_environment::require_choice(host, caller, id).await?;
    let decision = standing::require(host, caller, (id, &choice.name), EnvironmentRight::Create).await;
    let entry = || Entry::new(AuditAction::Create, AuditSubject::Connection).named(display_name).set("environment", id);
    access::permit(host, caller, decision, entry).await?;
    let environment = host.environments.open(id).await?;
    let mut fields = Fields::new();
    let connector_id = fields.required("connector_id", "a connector", connector_id, naming::LONGEST_DISPLAY_NAME);
    let display_name = fields.required("display_name", "a display name", display_name, field::LONGEST_NAME);
    fields.finish()?;
    let new = NewConnection { connector_id, display_name, owner: caller.name.clone() };
    let created = in_time(environment.create_connection(new)).await?;
    let entry = Entry::new(AuditAction::Create, AuditSubject::Connection).of(&created.id, &created.display_name);
    audit::record(host, &host.database, caller, entry.set("environment", id)).await?;
    Ok(created)
}

impl NewSolutionForm {
    /// Reads the form; `publishers` are those the environment has.
    fn check(&self, publishers: &[Publisher]) -> Result<NewSolution> {
        let mut fields = Fields::new();
        let display_name =
            fields.required("display_name", "a display name", &self.display_name, naming::LONGEST_DISPLAY_NAME);
        let unique_name = unique_name(&mut fields, "unique_name", "a name", &self.unique_name);
        let description = fields.description(&self.description);
        let publisher = if self.publisher.trim().is_empty() {
            self.new_publisher(&mut fields, publishers)
        } else {
            let wanted = field::key(self.publisher.trim());
            let found = publishers.iter().find(|publisher| field::key(&publisher.unique_name) == wanted).cloned();
            if found.is_none() {
                fields.problem("publisher", "Choose a publisher of this environment, or create a new one.");
            }
            found
        };
        let version: Option<SolutionVersion> = match self.version.parse() {
            Ok(version) => Some(version),
            Err(wrong) => {
                fields.problem("version", wrong.to_string());
                None
            }
        };
        fields.finish()?;
        let (Some(publisher), Some(version)) = (publisher, version) else {
            return Err(Error::Internal("a form without problems has a publisher and a version".to_owned()));
        };
        Ok(NewSolution { unique_name, display_name, description, version, publisher })
    }

    fn new_publisher(&self, fields: &mut Fields, publishers: &[Publisher]) -> Option<Publisher> {
        let display_name = fields.required(
            "publisher_display_name",
            "the publisher's display name",
            &self.publisher_display_name,
            naming::LONGEST_DISPLAY_NAME,
        );
        let unique_name =
            unique_name(fields, "publisher_unique_name", "the publisher's name", &self.publisher_unique_name);
        if publishers.iter().any(|other| field::key(&other.unique_name) == field::key(&unique_name)) {
            fields.problem(
                "publisher_unique_name",
                format!(
                    "There is a publisher named “{unique_name}” already. Choose it from the list, or another name."
                ),
            );
        }
        let prefix = self.publisher_prefix.trim();
        if let Err(message) = naming::check_prefix(prefix) {
            fields.problem("publisher_prefix", message);
        }
        let right = ["publisher_display_name", "publisher_unique_name", "publisher_prefix"];
        (!right.iter().any(|field| fields.has(field))).then(|| Publisher {
            unique_name,
            display_name,
            prefix: prefix.to_ascii_lowercase(),
            option_value_prefix: naming::option_value_prefix(prefix),
        })
    }
}

fn unique_name(fields: &mut Fields, field: &str, what: &str, text: &str) -> String {
    let name = fields.required(field, what, text, naming::LONGEST_UNIQUE_NAME);
    if !fields.has(field)
        && let Err(message) = naming::check_unique_name(&name)
    {
        fields.problem(field, message);
    }
    name
}

/// Opens an environment that the caller may choose.
async fn open(host: &Host, caller: &Caller, environment: EnvironmentId) -> Result<Arc<dyn Environment>> {
    deployment_environment::require_choice(host, caller, environment).await?;
    Ok(host.environments.open(environment).await?)
}

/// Opens an environment in which the caller may create or import solutions by hand, which needs a right there.
async fn open_for_development(
    host: &Host,
    caller: &Caller,
    environment: EnvironmentId,
    action: AuditAction,
    right: EnvironmentRight,
) -> Result<Arc<dyn Environment>> {
    let choice = deployment_environment::require_choice(host, caller, environment).await?;
    let decision = if choice.kind == EnvironmentType::Development || caller.is_administrator() {
        standing::require(host, caller, (environment, &choice.name), right).await
    } else {
        Err(Error::Forbidden(format!(
            "“{}” is a target environment. Solutions come into it through a pipeline only.",
            choice.name
        )))
    };
    let entry = || Entry::new(action, AuditSubject::Solution).named("").set("environment", environment);
    access::permit(host, caller, decision, entry).await?;
    Ok(host.environments.open(environment).await?)
}

async fn in_time<T>(work: impl Future<Output = port::Result<T>>) -> port::Result<T> {
    tokio::time::timeout(DEADLINE, work).await.unwrap_or_else(|_| {
        Err(EnvironmentError::Unreachable {
            reason: format!("The environment did not answer within {} seconds. Try again later.", DEADLINE.as_secs()),
            retry_after: None,
        })
    })
}
