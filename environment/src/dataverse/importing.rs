//! Imports into a Dataverse environment.
//!
//! The package is uploaded first (`StageSolution`), which may be repeated. Then one short request starts the import, and
//! that one is never repeated blindly: it is written down before, and where its answer was lost, the import is looked for
//! among the environment's own import jobs.

use super::{
    DataverseEnvironment,
    http::{Ask, Failure, Sent, code_of, quoted, refused},
    journal::Entry,
    report::ImportReport,
    row::{moment, text, value_row},
};
use crate::{EnvironmentError, Import, ImportJob, ImportStatus, StoredPackage, port::Result};
use model::{ErrorCode, Timestamp, id::ImportJobId, package::PackageFacts};
use reqwest::Method;
use serde_json::{Map, Value, json};
use std::time::Duration;
use uuid::Uuid;

/// How long after its request was sent an import may still appear that is not there yet. Longer than a request lives.
const MAY_APPEAR: Duration = Duration::from_mins(5);

/// How far clocks may be apart.
const CLOCKS: Duration = Duration::from_mins(2);

impl DataverseEnvironment {
    /// Uploads a package and gives what the environment says to it.
    pub(super) async fn upload(&self, package: &StoredPackage) -> Result<Value> {
        let object = Map::new();
        let ask = Ask {
            method: Method::POST,
            path: "StageSolution",
            body: Sent::Package(&object, "CustomizationFile", package),
            repeatable: true,
        };
        let mut answer = self.http.json(ask).await?;
        answer
            .get_mut("StageSolutionResults")
            .map(Value::take)
            .ok_or_else(|| refused("The environment did not say what it thinks of the package."))
    }

    pub(super) async fn begin_import(&self, import: &Import) -> Result<()> {
        let known = self.journal.find(self.id(), import.job).await?;
        if let Some(known) = &known {
            if known.import_job.is_some() || self.recover(known).await?.is_some() {
                return Ok(());
            }
            if self.clock.now().since(Timestamp(known.sent)) < MAY_APPEAR {
                return Err(EnvironmentError::Unreachable {
                    reason: "The environment has not said yet whether it began the import.".to_owned(),
                    retry_after: Some(Duration::from_secs(10)),
                });
            }
        }
        let facts = self.packages.facts(&import.package).await?;
        let staged = self.upload(&import.package).await?;
        let upload = staged.get("StageSolutionUploadId").cloned().unwrap_or_default();
        let previous = self.solution_row(&facts.unique_name).await?;
        let replaces = facts.managed && previous.is_some_and(|row| row.get("ismanaged") == Some(&json!(true)));
        let mut body = json!({
            "OverwriteUnmanagedCustomizations": import.overwrite_customizations,
            "PublishWorkflows": true,
            "SkipProductUpdateDependencies": false,
            "ComponentParameters": self.parameters(import, &facts).await?,
            "SolutionParameters": {"StageSolutionUploadId": upload},
        });
        let action = if replaces {
            "StageAndUpgradeAsync"
        } else {
            if let Value::Object(body) = &mut body {
                body.insert("ImportJobId".to_owned(), json!(import.job));
            }
            "ImportSolutionAsync"
        };
        self.journal.begin(self.id(), import.job, &facts.unique_name, self.clock.now()).await?;
        match self.http.post(action, &body, false).await {
            Ok(answer) => {
                let id = |name: &str| answer.get(name).and_then(Value::as_str).and_then(|id| Uuid::parse_str(id).ok());
                let key =
                    id("ImportJobKey").ok_or_else(|| refused("The environment began an import without naming it."))?;
                self.journal.started(import.job, key, id("AsyncOperationId")).await
            }
            Err(Failure { may_be_done: false, error, .. }) => {
                self.journal.refused(import.job).await?;
                Err(error)
            }
            // The answer was lost: the import is looked for when it is asked about.
            Err(Failure { error, .. }) => {
                tracing::warn!(job = %import.job, %error, "the answer to an import's start was lost");
                Err(error)
            }
        }
    }

    /// Looks for an import whose start was never answered: under the id it was to have, or as the only import of its
    /// solution since it was sent.
    async fn recover(&self, entry: &Entry) -> Result<Option<Uuid>> {
        let select = "$select=importjobid,solutionname,createdon";
        let found = match self.http.get(&format!("importjobs({})?{select}", entry.job)).await {
            Ok(_) => Some(entry.job),
            Err(failure) if failure.is_missing() => {
                let since = Timestamp(entry.sent.saturating_sub(i64::try_from(CLOCKS.as_millis()).unwrap_or_default()));
                let path = format!(
                    "importjobs?{select}&$filter=solutionname%20eq%20{}%20and%20createdon%20ge%20{}&$orderby=createdon%20desc",
                    quoted(&entry.solution),
                    since.to_rfc3339()
                );
                let rows = self.http.list(&path).await?;
                rows.first().and_then(|row| Uuid::parse_str(text(row, "importjobid")).ok())
            }
            Err(failure) => return Err(failure.into()),
        };
        if let Some(key) = found {
            self.journal.started(ImportJobId(entry.job), key, None).await?;
        }
        Ok(found)
    }

    /// The connections and values to set, in the package's own spelling, with the ids of values that are there.
    async fn parameters(&self, import: &Import, facts: &PackageFacts) -> Result<Vec<Value>> {
        let mut parameters = Vec::new();
        for reference in &facts.connection_references {
            if let Some(connection) = import.settings.connection(&reference.logical_name) {
                parameters.push(json!({
                    "@odata.type": "Microsoft.Dynamics.CRM.connectionreference",
                    "connectionreferencelogicalname": reference.logical_name,
                    "connectionreferencedisplayname": reference.display_name,
                    "description": reference.description,
                    "connectorid": reference.connector_id,
                    "connectionid": connection,
                }));
            }
        }
        let values: Vec<(&str, &str)> = facts
            .environment_variables
            .iter()
            .filter_map(|variable| Some((variable.schema_name.as_str(), import.settings.value(&variable.schema_name)?)))
            .collect();
        if values.is_empty() {
            return Ok(parameters);
        }
        let present = self.variable_rows().await?;
        for (schema_name, value) in values {
            let row = present.iter().find(|row| text(row, "schemaname").eq_ignore_ascii_case(schema_name));
            let id = row.and_then(value_row).map(|row| text(row, "environmentvariablevalueid").to_owned());
            let mut parameter = json!({
                "@odata.type": "Microsoft.Dynamics.CRM.environmentvariablevalue",
                "schemaname": schema_name,
                "value": value,
            });
            if let (Some(id), Value::Object(parameter)) = (id, &mut parameter) {
                parameter.insert("environmentvariablevalueid".to_owned(), id.into());
            }
            parameters.push(parameter);
        }
        Ok(parameters)
    }

    pub(super) async fn look_at_import(&self, job: ImportJobId) -> Result<Option<ImportJob>> {
        let Some(entry) = self.journal.find(self.id(), job).await? else { return Ok(None) };
        let key = match entry.import_job {
            Some(key) => key,
            None => match self.recover(&entry).await? {
                Some(key) => key,
                None => return Ok(None),
            },
        };
        let select = "$select=progress,solutionname,startedon,completedon,createdon";
        let row = match self.http.get(&format!("importjobs({key})?{select}")).await {
            Ok(row) => row,
            // The operation is waiting for its turn: the job is not there before it begins.
            Err(failure) if failure.is_missing() => Value::Null,
            Err(failure) => return Err(failure.into()),
        };
        let empty = Map::new();
        let row = row.as_object().unwrap_or(&empty);
        let operation = match entry.operation {
            Some(operation) => {
                let select = "$select=statecode,statuscode,errorcode,message,friendlymessage,completedon";
                match self.http.get(&format!("asyncoperations({operation})?{select}")).await {
                    Ok(Value::Object(operation)) => Some(operation),
                    Ok(_) => None,
                    Err(failure) if failure.is_missing() => None,
                    Err(failure) => return Err(failure.into()),
                }
            }
            None => None,
        };
        let number = |column: &str| operation.as_ref().and_then(|row| row.get(column)).and_then(Value::as_i64);
        let completed = operation.as_ref().map_or_else(|| moment(row, "completedon"), |row| moment(row, "completedon"));
        let is_over = match number("statecode") {
            Some(state) => state == 3,
            None => completed.is_some(),
        };
        let started = moment(row, "startedon").or_else(|| moment(row, "createdon")).unwrap_or(Timestamp(entry.sent));
        #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "clamped to a percentage")]
        let progress = row.get("progress").and_then(Value::as_f64).unwrap_or_default().clamp(0.0, 100.0) as u8;
        let mut found = ImportJob {
            id: job,
            solution: entry.solution.clone(),
            status: ImportStatus::Running,
            progress,
            message: if row.is_empty() {
                "Waiting for its turn.".to_owned()
            } else {
                "Importing the solution.".to_owned()
            },
            code: None,
            started,
            ended: None,
        };
        if !is_over {
            return Ok(Some(found));
        }
        found.ended = Some(completed.unwrap_or_else(|| self.clock.now()));
        let report = self.report(key).await?;
        let failed = match number("statuscode") {
            Some(status) => status != 30,
            None => report.failure().is_some(),
        };
        if !failed {
            found.status = ImportStatus::Succeeded;
            found.progress = 100;
            let warnings = report.problems.len();
            found.message = match warnings {
                0 => "The solution was imported.".to_owned(),
                1 => "The solution was imported, with a warning.".to_owned(),
                _ => format!("The solution was imported, with {warnings} warnings."),
            };
            return Ok(Some(found));
        }
        found.status = ImportStatus::Failed;
        let of_operation = operation.as_ref().map(|row| {
            let friendly = text(row, "friendlymessage");
            if friendly.is_empty() { text(row, "message").to_owned() } else { friendly.to_owned() }
        });
        found.message = match report.failure() {
            Some(failure) if failure.kind == "solutionManifest" => failure.message.clone(),
            Some(failure) => format!("{} “{}”: {}", failure.kind, failure.name, failure.message),
            None => {
                of_operation.filter(|message| !message.is_empty()).unwrap_or_else(|| "The import failed.".to_owned())
            }
        };
        found.code = report
            .failure()
            .and_then(|failure| failure.code)
            .or_else(|| number("errorcode").and_then(code_of))
            .or(Some(ErrorCode::IMPORT_FAILED));
        Ok(Some(found))
    }

    /// What came of an import, component by component.
    pub(super) async fn report(&self, key: Uuid) -> Result<ImportReport> {
        match self.http.get(&format!("importjobs({key})?$select=data")).await {
            Ok(row) => Ok(ImportReport::parse(row.get("data").and_then(Value::as_str).unwrap_or_default())),
            Err(failure) if failure.is_missing() => Ok(ImportReport::default()),
            Err(failure) => Err(failure.into()),
        }
    }
}
