//! Dataverse environments, through their Web API (version 9.2).

mod access;
mod check;
mod clients;
mod http;
mod importing;
mod journal;
mod reconfiguring;
mod report;
mod row;
mod sign_in;
mod staging;

use crate::{
    Clock, Environment, EnvironmentError, HostBinding, Identity, Ids, Import, ImportJob, NewConnection, NewSolution,
    PackageKind, PackageStore, Staged, StoredPackage, port::Result,
};
pub use access::{Access, Credential, GivenAccess, PUBLIC_AUTHORITY};
use async_trait::async_trait;
pub use clients::DataverseClients;
use http::{Ask, Http, Sent, code_of, percent, quoted, refused};
use journal::Journal;
use model::{
    ErrorCode, SolutionVersion,
    connection::{Connection, connector_name},
    environment::EnvironmentType,
    id::{DeploymentEnvironmentId, EnvironmentId, ImportJobId},
    package::Publisher,
    settings::DeploymentSettings,
    solution::{SolutionContents, SolutionSummary},
};
pub use report::{ComponentResult, ImportReport};
use reqwest::Method;
use row::{Row, text};
use sea_orm::DatabaseConnection;
use serde_json::{Value, json};
use std::{
    collections::HashSet,
    sync::Arc,
    time::{Duration, Instant},
};

/// The schema name of the environment variable that marks an environment as used by a host.
const MARK: &str = "slipway_host";

/// How long an export may take.
const EXPORT_DEADLINE: Duration = Duration::from_mins(30);

/// The first pause between two looks at an operation; each is longer than the one before, up to the longest.
const FIRST_PAUSE: Duration = Duration::from_millis(50);
const LONGEST_PAUSE: Duration = Duration::from_secs(10);

const SOLUTION_COLUMNS: &str = "$select=solutionid,uniquename,friendlyname,version,ismanaged,installedon,modifiedon,description&$expand=publisherid($select=publisherid,uniquename,friendlyname,customizationprefix,customizationoptionvalueprefix)";

/// A Dataverse environment.
pub struct DataverseEnvironment {
    http: Http,
    packages: PackageStore,
    journal: Journal,
    clock: Arc<dyn Clock>,
    ids: Arc<dyn Ids>,
}

impl DataverseEnvironment {
    /// An environment that is reached in a certain way. Nothing is asked of it yet.
    pub fn new(
        access: Access,
        database: DatabaseConnection,
        packages: PackageStore,
        clock: Arc<dyn Clock>,
        ids: Arc<dyn Ids>,
    ) -> Result<Self> {
        let http = Http::new(access, packages.clone(), Arc::clone(&clock))?;
        Ok(Self { http, packages, journal: Journal(database), clock, ids })
    }

    /// The Environment ID.
    pub fn id(&self) -> EnvironmentId {
        self.http.access.environment
    }

    /// How it is reached.
    pub(crate) fn access(&self) -> &Access {
        &self.http.access
    }

    /// What came of an import, component by component; none where the environment does not know the job.
    pub async fn import_report(&self, job: ImportJobId) -> Result<Option<ImportReport>> {
        let Some(key) = self.journal.find(self.id(), job).await?.and_then(|entry| entry.import_job) else {
            return Ok(None);
        };
        self.report(key).await.map(Some)
    }

    /// The version of the platform the environment has.
    pub async fn version(&self) -> Result<String> {
        let answer = self.http.get("RetrieveVersion()").await?;
        Ok(answer.get("Version").and_then(Value::as_str).unwrap_or_default().to_owned())
    }

    /// The languages that are switched on, as numbers such as 1033.
    pub async fn languages(&self) -> Result<Vec<u32>> {
        let answer = self.http.get("RetrieveProvisionedLanguages()").await?;
        let found = answer.get("RetrieveProvisionedLanguages").and_then(Value::as_array).cloned().unwrap_or_default();
        Ok(found.iter().filter_map(Value::as_u64).filter_map(|number| u32::try_from(number).ok()).collect())
    }

    /// The row of the variable that marks the environment, with the mark.
    async fn mark(&self) -> Result<Option<(String, HostBinding)>> {
        let path = format!(
            "environmentvariabledefinitions?$select=environmentvariabledefinitionid,defaultvalue&$filter=schemaname%20eq%20{}",
            quoted(MARK)
        );
        let rows = self.http.list(&path).await?;
        let Some(row) = rows.first() else { return Ok(None) };
        let value: Value = serde_json::from_str(text(row, "defaultvalue")).unwrap_or_default();
        let record = value.get("record").and_then(Value::as_str).and_then(|id| id.parse().ok());
        let kind = value.get("environmentType").and_then(Value::as_i64).and_then(|code| i32::try_from(code).ok());
        match (record, kind.and_then(EnvironmentType::from_code)) {
            (Some(record), Some(kind)) => {
                Ok(Some((text(row, "environmentvariabledefinitionid").to_owned(), HostBinding { record, kind })))
            }
            _ => Err(refused(format!(
                "The environment variable {MARK} says nothing that Slipway understands. Delete it in the environment, then try again."
            ))),
        }
    }

    /// The row of a solution, by unique name without regard to case.
    async fn solution_row(&self, unique_name: &str) -> Result<Option<Row>> {
        let path = format!("solutions?{SOLUTION_COLUMNS}&$filter=uniquename%20eq%20{}", quoted(unique_name));
        Ok(self.http.list(&path).await?.into_iter().next())
    }

    /// The environment variables with their values.
    async fn variable_rows(&self) -> Result<Vec<Row>> {
        let path = "environmentvariabledefinitions?$select=environmentvariabledefinitionid,schemaname,displayname,description,type,defaultvalue,isrequired&$expand=environmentvariabledefinition_environmentvariablevalue($select=environmentvariablevalueid,value)";
        Ok(self.http.list(path).await?)
    }

    /// The solution operation that is running, in the platform's word.
    async fn running(&self) -> Result<Option<String>> {
        let path = "asyncoperations?$select=messagename,operationtype&$filter=statecode%20ne%203%20and%20(operationtype%20eq%20203%20or%20operationtype%20eq%20207%20or%20operationtype%20eq%20208%20or%20operationtype%20eq%20211%20or%20messagename%20eq%20'ImportSolutionAsync'%20or%20messagename%20eq%20'StageAndUpgradeAsync')&$top=1";
        let rows = self.http.list(path).await?;
        Ok(rows.first().map(|row| match row.get("operationtype").and_then(Value::as_i64) {
            Some(207) => "DeleteAndPromote".to_owned(),
            Some(208) => "Uninstall".to_owned(),
            _ => "Import".to_owned(),
        }))
    }

    /// Waits for an operation to end; its failure is the environment's refusal.
    async fn ended(&self, operation: &str, deadline: Duration) -> Result<()> {
        let began = Instant::now();
        let mut pause = FIRST_PAUSE;
        loop {
            let path =
                format!("asyncoperations({operation})?$select=statecode,statuscode,errorcode,message,friendlymessage");
            let answer = self.http.get(&path).await?;
            if answer.get("statecode").and_then(Value::as_i64) == Some(3) {
                if answer.get("statuscode").and_then(Value::as_i64) == Some(30) {
                    return Ok(());
                }
                let text = |name: &str| answer.get(name).and_then(Value::as_str).filter(|text| !text.is_empty());
                let message = text("friendlymessage").or(text("message")).unwrap_or("The operation failed.").to_owned();
                let code = answer.get("errorcode").and_then(Value::as_i64).and_then(code_of);
                return Err(EnvironmentError::Refused { code, message });
            }
            if began.elapsed() > deadline {
                return Err(EnvironmentError::Unreachable {
                    reason: format!("The operation did not end within {} minutes.", deadline.as_secs() / 60),
                    retry_after: None,
                });
            }
            tokio::time::sleep(pause).await;
            pause = (pause * 2).min(LONGEST_PAUSE);
        }
    }

    /// Connections as far as the environment's own references name them.
    async fn referenced_connections(&self) -> Result<Vec<Connection>> {
        let path = "connectionreferences?$select=connectionid,connectorid,connectionreferencedisplayname&$filter=connectionid%20ne%20null";
        let mut seen = HashSet::new();
        let rows = self.http.list(path).await?;
        let found = rows.iter().filter(|row| seen.insert(text(row, "connectionid").to_owned()));
        Ok(found
            .map(|row| Connection {
                id: text(row, "connectionid").to_owned(),
                display_name: text(row, "connectionreferencedisplayname").to_owned(),
                connector_id: text(row, "connectorid").to_owned(),
                owner: String::new(),
                usable: true,
            })
            .collect())
    }
}

#[async_trait]
impl Environment for DataverseEnvironment {
    async fn identity(&self) -> Result<Identity> {
        let who = self.http.get("WhoAmI()").await?;
        let organization = who.get("OrganizationId").and_then(Value::as_str).unwrap_or_default();
        let row = self.http.get(&format!("organizations({organization})?$select=name")).await?;
        let name = row.get("name").and_then(Value::as_str).unwrap_or_default().to_owned();
        Ok(Identity { id: self.id(), name, binding: self.mark().await?.map(|(_, binding)| binding) })
    }

    async fn check(&self) -> Vec<crate::Checked> {
        self.try_out().await
    }

    async fn bind(&self, binding: HostBinding) -> Result<()> {
        let value = json!({"record": binding.record, "environmentType": binding.kind.code()}).to_string();
        for _ in 0..2 {
            match self.mark().await? {
                Some((_, present)) if present == binding => return Ok(()),
                Some((row, present)) if present.record == binding.record => {
                    let path = format!("environmentvariabledefinitions({row})");
                    let body = json!({"defaultvalue": value});
                    let ask = Ask { method: Method::PATCH, path: &path, body: Sent::Json(&body), repeatable: true };
                    self.http.json(ask).await?;
                    return Ok(());
                }
                Some((_, present)) => {
                    return Err(refused(format!(
                        "The environment is already used by another host record, as a {}. Delete that record first.",
                        present.kind.label()
                    )));
                }
                None => {}
            }
            let body = json!({
                "schemaname": MARK, "displayname": "Slipway host", "type": 100_000_000, "defaultvalue": value,
                "description": "The record of the pipelines host that uses this environment.",
            });
            match self.http.post("environmentvariabledefinitions", &body, false).await {
                Ok(_) => return Ok(()),
                // Somebody was faster: whose it is now is looked at once more.
                Err(failure) if failure.error.code() == Some(ErrorCode::DUPLICATE_KEY) => {}
                Err(failure) => return Err(failure.into()),
            }
        }
        Err(refused("The environment's mark changes while it is read. Try again."))
    }

    async fn release(&self, record: DeploymentEnvironmentId) -> Result<()> {
        let Some((row, binding)) = self.mark().await? else { return Ok(()) };
        if binding.record != record {
            return Ok(());
        }
        let path = format!("environmentvariabledefinitions({row})");
        let ask = Ask { method: Method::DELETE, path: &path, body: Sent::Nothing, repeatable: true };
        match self.http.json(ask).await {
            Err(failure) if !failure.is_missing() => Err(failure.into()),
            _ => Ok(()),
        }
    }

    async fn solutions(&self) -> Result<Vec<SolutionSummary>> {
        let rows = self.http.list(&format!("solutions?{SOLUTION_COLUMNS}&$filter=isvisible%20eq%20true")).await?;
        let mut solutions: Vec<SolutionSummary> = rows.iter().filter_map(row::solution).collect();
        solutions
            .sort_by_cached_key(|solution| (solution.display_name.to_lowercase(), solution.unique_name.to_lowercase()));
        Ok(solutions)
    }

    async fn solution(&self, unique_name: &str) -> Result<Option<SolutionContents>> {
        let Some(row) = self.solution_row(unique_name).await? else { return Ok(None) };
        let Some(summary) = row::solution(&row) else { return Ok(None) };
        let id = text(&row, "solutionid").to_owned();
        let path = format!(
            "msdyn_solutioncomponentsummaries?$select=msdyn_componenttype,msdyn_componentlogicalname,msdyn_objectid,msdyn_name,msdyn_displayname,msdyn_schemaname,msdyn_uniquename,msdyn_primaryentityname&$filter=msdyn_solutionid%20eq%20{}",
            quoted(&id)
        );
        let rows = self.http.list(&path).await?;
        let mut names = HashSet::new();
        for row in &rows {
            for column in ["msdyn_objectid", "msdyn_name", "msdyn_schemaname", "msdyn_uniquename"] {
                names.insert(text(row, column).to_lowercase());
            }
        }
        let is_its = |row: &&Row, columns: [&str; 2]| {
            columns.iter().any(|column| names.contains(&text(row, column).to_lowercase()))
        };
        let mut components: Vec<_> = rows.iter().map(row::component).collect();
        components.sort();
        components.dedup();
        let references = self
            .http
            .list("connectionreferences?$select=connectionreferenceid,connectionreferencelogicalname,connectionreferencedisplayname,connectorid,connectionid,description")
            .await?;
        let references = references
            .iter()
            .filter(|row| is_its(row, ["connectionreferenceid", "connectionreferencelogicalname"]))
            .map(row::reference)
            .collect();
        let variables = self.variable_rows().await?;
        let variables = variables
            .iter()
            .filter(|row| is_its(row, ["environmentvariabledefinitionid", "schemaname"]))
            .map(row::variable)
            .collect();
        Ok(Some(SolutionContents {
            description: text(&row, "description").to_owned(),
            summary,
            components,
            connection_references: references,
            environment_variables: variables,
            // What the environment has, it has; what is missing shows when a package is staged.
            missing_dependencies: Vec::new(),
        }))
    }

    async fn roles_of(&self, person: uuid::Uuid) -> Result<Option<Vec<String>>> {
        let path = format!(
            "systemusers?$select=systemuserid,isdisabled&$filter=azureactivedirectoryobjectid%20eq%20{person}&$expand=systemuserroles_association($select=name)"
        );
        let users = self.http.list(&path).await?;
        let user = users.iter().find(|user| user.get("isdisabled") != Some(&json!(true)));
        Ok(user.map(|user| {
            let roles = user.get("systemuserroles_association").and_then(Value::as_array).cloned().unwrap_or_default();
            roles.iter().filter_map(|role| role.get("name")?.as_str().map(str::to_owned)).collect()
        }))
    }

    async fn publishers(&self) -> Result<Vec<Publisher>> {
        let path = "publishers?$select=uniquename,friendlyname,customizationprefix,customizationoptionvalueprefix&$filter=isreadonly%20eq%20false";
        let rows = self.http.list(path).await?;
        let mut publishers: Vec<Publisher> = rows.iter().map(row::publisher).collect();
        publishers.sort_by_cached_key(|publisher| {
            (publisher.display_name.to_lowercase(), publisher.unique_name.to_lowercase())
        });
        Ok(publishers)
    }

    async fn create_solution(&self, new: NewSolution) -> Result<SolutionSummary> {
        if self.solution_row(&new.unique_name).await?.is_some() {
            return Err(refused(format!(
                "The environment already has a solution named {}. Choose another name.",
                new.unique_name
            )));
        }
        let path =
            format!("publishers?$select=publisherid&$filter=uniquename%20eq%20{}", quoted(&new.publisher.unique_name));
        if self.http.list(&path).await?.is_empty() {
            let body = json!({
                "uniquename": new.publisher.unique_name, "friendlyname": new.publisher.display_name,
                "customizationprefix": new.publisher.prefix,
                "customizationoptionvalueprefix": new.publisher.option_value_prefix,
            });
            self.http.post("publishers", &body, false).await?;
        }
        let publisher = self.http.list(&path).await?;
        let publisher = publisher.first().map(|row| text(row, "publisherid").to_owned());
        let publisher = publisher.ok_or_else(|| refused("The publisher could not be created."))?;
        let body = json!({
            "uniquename": new.unique_name, "friendlyname": new.display_name, "description": new.description,
            "version": new.version.as_str(), "publisherid@odata.bind": format!("/publishers({publisher})"),
        });
        self.http.post("solutions", &body, false).await?;
        let row = self.solution_row(&new.unique_name).await?;
        row.as_ref()
            .and_then(row::solution)
            .ok_or_else(|| refused("The solution was created and cannot be found. Look into the environment."))
    }

    async fn set_version(&self, unique_name: &str, version: &SolutionVersion) -> Result<()> {
        let row = self.solution_row(unique_name).await?;
        let Some((row, present)) = row.as_ref().and_then(|row| Some((row, row::solution(row)?))) else {
            return Err(refused(format!("The environment has no solution named {unique_name}.")));
        };
        if present.managed {
            return Err(refused(format!(
                "{} is a managed solution. Its version changes only with an import.",
                present.unique_name
            )));
        }
        if *version < present.version {
            let message = format!(
                "{} has the version {}. A new version cannot be lower, and {version} is.",
                present.unique_name, present.version
            );
            return Err(EnvironmentError::refused(ErrorCode::INVALID_VERSION, message));
        }
        if present.version.as_str() == version.as_str() {
            return Ok(());
        }
        let path = format!("solutions({})", text(row, "solutionid"));
        let body = json!({"version": version.as_str()});
        self.http.json(Ask { method: Method::PATCH, path: &path, body: Sent::Json(&body), repeatable: true }).await?;
        Ok(())
    }

    async fn export(&self, unique_name: &str, kind: PackageKind) -> Result<StoredPackage> {
        // Unique names are compared letter by letter by an export.
        let row = self.solution_row(unique_name).await?;
        let name = row.as_ref().map_or(unique_name, |row| text(row, "uniquename")).to_owned();
        let body = json!({"SolutionName": name, "Managed": kind == PackageKind::Managed});
        let answer = self.http.post("ExportSolutionAsync", &body, true).await?;
        let id = |name: &str| {
            let id = answer.get(name).and_then(Value::as_str).map(str::to_owned);
            id.ok_or_else(|| refused("The environment did not begin the export."))
        };
        self.ended(&id("AsyncOperationId")?, EXPORT_DEADLINE).await?;
        let body = json!({"ExportJobId": id("ExportJobId")?});
        Ok(self.http.download("DownloadSolutionExportData", &body, "ExportSolutionFile").await?)
    }

    async fn stage(&self, package: &StoredPackage) -> Result<Staged> {
        let facts = self.packages.facts(package).await?;
        let solutions = self.solutions().await?;
        let results = self.upload(package).await?;
        let verdict = staging::read(&results, &solutions);
        let is_there = verdict.has_previous
            || solutions.iter().any(|one| one.unique_name.eq_ignore_ascii_case(&facts.unique_name));
        Ok(Staged {
            previous: if is_there { self.solution(&facts.unique_name).await? } else { None },
            solutions,
            unmet: verdict.unmet,
            connections: self.connections().await?,
            running_operation: self.running().await?,
            validation: verdict.validation,
            // The environment itself says what is missing; what Slipway would work out is left to it.
            ..Staged::default()
        })
    }

    async fn start_import(&self, import: &Import) -> Result<()> {
        self.begin_import(import).await
    }

    async fn import_job(&self, job: ImportJobId) -> Result<Option<ImportJob>> {
        self.look_at_import(job).await
    }

    async fn reconfigure(&self, unique_name: &str, settings: &DeploymentSettings) -> Result<()> {
        self.set_up(unique_name, settings).await
    }

    async fn connections(&self) -> Result<Vec<Connection>> {
        let path = format!("{}/connections?api-version=1", self.http.access.connectivity());
        let mut connections = match self.http.list(&path).await {
            Ok(rows) => rows.iter().filter_map(row::connection).collect(),
            // The application may lack the right to see connections; those in use can be chosen all the same.
            Err(failure) if failure.status.is_some_and(|status| status.is_client_error()) => {
                tracing::info!(error = %failure.error, "the environment does not show its connections");
                self.referenced_connections().await?
            }
            Err(failure) => return Err(failure.into()),
        };
        connections.sort_by_cached_key(|one: &Connection| (one.display_name.to_lowercase(), one.id.clone()));
        Ok(connections)
    }

    async fn create_connection(&self, new: NewConnection) -> Result<Connection> {
        let connector = connector_name(&new.connector_id);
        let path = format!(
            "{}/connectors/{}/connections/{}?api-version=1",
            self.http.access.connectivity(),
            percent(connector),
            self.ids.next().simple()
        );
        let body = json!({"properties": {
            "apiId": new.connector_id, "displayName": new.display_name,
            "environment": {"name": self.id(), "id": format!("/providers/Microsoft.PowerApps/environments/{}", self.id())},
        }});
        let ask = Ask { method: Method::PUT, path: &path, body: Sent::Json(&body), repeatable: false };
        let answer = self.http.json(ask).await?;
        let created = answer.as_object().and_then(row::connection);
        created.ok_or_else(|| refused("The environment did not say which connection it created."))
    }

    async fn uninstall(&self, unique_name: &str) -> Result<()> {
        let Some(row) = self.solution_row(unique_name).await? else { return Ok(()) };
        let path = format!("solutions({})", text(&row, "solutionid"));
        let ask = Ask { method: Method::DELETE, path: &path, body: Sent::Nothing, repeatable: true };
        match self.http.json(ask).await {
            Err(failure) if !failure.is_missing() => Err(failure.into()),
            _ => Ok(()),
        }
    }
}
