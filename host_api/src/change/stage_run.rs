//! Runs: asked for by creating a record, and written to until they are deployed.
#![allow(clippy::option_option, reason = "what a body does not say and what it takes away are two things")]

use super::{Created, resolve};
use crate::{error::refusal, given::Given, organization::HostOrganization, tables::HOST};
use model::{
    SolutionVersion, Timestamp,
    id::{ArtifactId, StageId, StageRunId},
    settings::{ConnectionSetting, DeploymentSettings, VariableSetting},
    stage_run::StageRunStatus,
};
use pipelines::{
    rows::{self, RunQuery},
    stage_run::{self, LocalTime, Request, Written},
};
use serde_json::{Map, Value, json};
use time::{OffsetDateTime, macros::format_description};
use uuid::Uuid;
use web_api::{
    change::Target,
    error::{ApiError, Result},
    table::Table,
};

/// Entries of each list of settings.
const MOST_ENTRIES: usize = 5_000;

/// What a body writes into the columns of a run; the outer is none where it does not say.
#[derive(Clone)]
struct Writing {
    version: Option<Option<SolutionVersion>>,
    development_version: Option<Option<SolutionVersion>>,
    notes: Option<String>,
    settings: Option<Option<DeploymentSettings>>,
    scheduled: Option<Option<Timestamp>>,
    solution: Option<Uuid>,
    language: Option<String>,
}

impl Writing {
    fn read(given: &mut Given<'_>) -> Result<Self> {
        let settings = given.text("deploymentsettingsjson").map(settings).transpose()?;
        // What people have notes written from is theirs to read; here nobody writes any.
        given.pass_over(&["aigenerateddeploymentnotes", "name"]);
        Ok(Self {
            version: given.version("artifactversion")?,
            development_version: given.version("artifactdevcurrentversion")?,
            notes: given.text("deploymentnotes").map(str::to_owned),
            settings,
            scheduled: given.moment("scheduledtime")?,
            solution: given.id("solutionid")?,
            language: given.text("makerainoteslanguagecode").map(str::to_owned),
        })
    }

    fn says_something(&self) -> bool {
        self.version.is_some()
            || self.development_version.is_some()
            || self.notes.is_some()
            || self.settings.is_some()
            || self.scheduled.is_some()
            || self.solution.is_some()
            || self.language.is_some()
    }

    fn write(self, written: &mut Written) {
        if let Some(version) = self.version {
            written.version = version;
        }
        if let Some(version) = self.development_version {
            written.development_version = version;
        }
        if let Some(settings) = self.settings {
            written.settings = settings;
        }
        if let Some(scheduled) = self.scheduled {
            written.scheduled = scheduled;
        }
        written.notes = self.notes.or(written.notes.take());
        written.solution = self.solution.or(written.solution);
        written.language = self.language.or(written.language.take());
    }
}

/// Reads `deploymentsettingsjson`; none for an empty text. Keys that other tools add are passed over.
fn settings(text: &str) -> Result<Option<DeploymentSettings>> {
    if text.trim().is_empty() {
        return Ok(None);
    }
    let wrong = |what: &str| {
        ApiError::argument(format!(
            "'deploymentsettingsjson' {what}. It is a JSON text: {{\"EnvironmentVariables\":[{{\"SchemaName\":\"\",\"Value\":\"\"}}],\"ConnectionReferences\":[{{\"LogicalName\":\"\",\"ConnectionId\":\"\",\"ConnectorId\":\"\"}}]}}"
        ))
    };
    let document: Value = serde_json::from_str(text).map_err(|error| wrong(&format!("is not JSON ({error})")))?;
    let document = document.as_object().ok_or_else(|| wrong("is no object"))?;
    let list = |name: &str| match document.get(name) {
        None | Some(Value::Null) => Ok(&[][..]),
        Some(Value::Array(entries)) if entries.len() <= MOST_ENTRIES => Ok(entries.as_slice()),
        Some(Value::Array(_)) => Err(wrong(&format!("has more than {MOST_ENTRIES} entries in '{name}'"))),
        Some(_) => Err(wrong(&format!("has something else than a list in '{name}'"))),
    };
    let value = |entry: &Value, name: &str| match entry.get(name) {
        None | Some(Value::Null) => String::new(),
        Some(Value::String(text)) => text.clone(),
        Some(other) => other.to_string(),
    };
    let named = |entry: &Value, name: &str| {
        let text = value(entry, name);
        if text.is_empty() { Err(wrong(&format!("has an entry without '{name}'"))) } else { Ok(text) }
    };
    let mut settings = DeploymentSettings::default();
    for entry in list("EnvironmentVariables")? {
        let setting = VariableSetting { schema_name: named(entry, "SchemaName")?, value: value(entry, "Value") };
        settings.environment_variables.push(setting);
    }
    for entry in list("ConnectionReferences")? {
        settings.connection_references.push(ConnectionSetting {
            logical_name: named(entry, "LogicalName")?,
            connection_id: value(entry, "ConnectionId"),
            connector_id: value(entry, "ConnectorId"),
        });
    }
    Ok(Some(settings))
}

async fn led_to(
    organization: &HostOrganization,
    given: &mut Given<'_>,
    navigation: &str,
    target: &str,
) -> Result<Option<Uuid>> {
    match given.bound(organization, navigation)? {
        None | Some(Target::Nothing) => Ok(None),
        Some(found) => {
            let table = HOST.table(target).ok_or_else(|| ApiError::no_segment(target))?;
            resolve(organization, table, &found, &Created::new()).await.map(Some)
        }
    }
}

/// Asks for a run, which begins with pre-flight by itself.
pub async fn create(organization: &HostOrganization, table: &'static Table, body: &Map<String, Value>) -> Result<Uuid> {
    let (host, caller) = (&organization.host, &organization.caller);
    let mut given = Given::new(table, body)?;
    let stage = led_to(organization, &mut given, "deploymentstageid", "deploymentstage").await?;
    let stage = StageId(stage.ok_or_else(|| given.missing("deploymentstageid@odata.bind"))?);
    let source = led_to(organization, &mut given, "devdeploymentenvironment", "deploymentenvironment").await?;
    let artifact = led_to(organization, &mut given, "artifactid", "deploymentartifact").await?;
    // Where a run goes is its stage's to say.
    led_to(organization, &mut given, "targetdeploymentenvironment", "deploymentenvironment").await?;
    led_to(organization, &mut given, "ownerid", "systemuser").await?;
    let is_redeployment = given.flag("isredeployment").unwrap_or_default();
    given.only("iscanceled", &json!(false))?;
    given.only("stagerunstatus", &json!(StageRunStatus::NotStarted.code()))?;
    given.only("statecode", &json!(0))?;
    given.only("statuscode", &json!(1))?;
    let solution = given.text("artifactname").unwrap_or_default();
    let writing = Writing::read(&mut given)?;
    let id = if is_redeployment {
        let artifact = artifact.ok_or_else(|| given.missing("artifactid@odata.bind"))?;
        given.finish()?;
        stage_run::redeploy_artifact(host, caller, stage, ArtifactId(artifact)).await
    } else {
        if solution.trim().is_empty() {
            return Err(given.missing("artifactname"));
        }
        let source = source.ok_or_else(|| given.missing("devdeploymentenvironment@odata.bind"))?;
        given.finish()?;
        let records = rows::environments(host, caller, Some(&[source])).await.map_err(refusal)?;
        let record = records.into_iter().next().ok_or_else(|| ApiError::missing("deploymentenvironment", source))?;
        let request =
            Request { environment: record.environment.environment_id, solution: solution.trim().to_owned(), stage };
        Box::pin(stage_run::request_anew(host, caller, &request)).await
    };
    let id = id.map_err(refusal)?;
    if writing.says_something() {
        stage_run::write(host, caller, id, |written| writing.write(written)).await.map_err(refusal)?;
    }
    Ok(id.0)
}

/// Writes to a run, withdraws it, or has it begin at another time.
pub async fn update(
    organization: &HostOrganization,
    table: &'static Table,
    id: Uuid,
    body: &Map<String, Value>,
) -> Result<()> {
    let (host, caller) = (&organization.host, &organization.caller);
    let query = RunQuery { ids: Some(vec![id]), ..RunQuery::default() };
    let run = rows::runs(host, caller, &query).await.map_err(refusal)?.pop();
    let run = run.ok_or_else(|| ApiError::missing(table.logical_name, id))?;
    let id = StageRunId(id);
    let mut given = Given::new(table, body)?;
    given.only("artifactname", &json!(run.solution))?;
    given.only("isredeployment", &json!(run.redeployment))?;
    given.only("statecode", &json!(0))?;
    given.only("statuscode", &json!(1))?;
    let is_canceled = given.flag("iscanceled").unwrap_or_default();
    let writing = Writing::read(&mut given)?;
    given.finish()?;
    let is_set = matches!(run.status, StageRunStatus::PreDeployInProgress | StageRunStatus::Scheduled);
    let beside_time = Writing { scheduled: None, ..writing.clone() }.says_something();
    if (is_canceled && writing.says_something()) || (is_set && writing.scheduled.is_some() && beside_time) {
        return Err(ApiError::argument("Nothing else can be written together with this."));
    }
    if is_canceled {
        return stage_run::cancel(host, caller, id).await.map_err(refusal);
    }
    // An administrator changes the time of a run that waits for it.
    if let Some(scheduled) = writing.scheduled
        && is_set
    {
        let time = scheduled.map(local_time);
        return stage_run::reschedule(host, caller, id, time.as_ref()).await.map_err(refusal);
    }
    if !writing.says_something() {
        return Ok(());
    }
    stage_run::write(host, caller, id, |written| writing.write(written)).await.map_err(refusal)
}

/// A moment as forms have it, in UTC and to the minute.
fn local_time(at: Timestamp) -> LocalTime {
    let moment = OffsetDateTime::from_unix_timestamp(at.0.div_euclid(1000)).unwrap_or(OffsetDateTime::UNIX_EPOCH);
    let time = moment.format(format_description!("[year]-[month]-[day]T[hour]:[minute]")).unwrap_or_default();
    LocalTime { time, time_zone: "UTC".to_owned() }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "tests")]

    use super::*;

    #[test]
    fn settings_are_read_as_other_tools_write_them() {
        let text = r#"{"EnvironmentVariables":[{"SchemaName":"a_Text","Value":"x","Name":"n"},{"SchemaName":"a_Number","Value":3},{"SchemaName":"a_None","Value":null}],
            "ConnectionReferences":[{"LogicalName":"a_Ref","ConnectionId":"c1","ConnectorId":null}],"Other":1}"#;
        let read = settings(text).unwrap().unwrap();
        assert_eq!((read.value("a_Text"), read.value("a_Number"), read.value("a_None")), (Some("x"), Some("3"), None));
        assert_eq!(read.connection("a_Ref"), Some("c1"));
        assert_eq!(settings(" ").unwrap(), None);
        for wrong in ["x", "[]", r#"{"EnvironmentVariables":{}}"#, r#"{"ConnectionReferences":[{"ConnectionId":"c"}]}"#]
        {
            assert!(settings(wrong).is_err(), "{wrong}");
        }
    }

    #[test]
    fn a_moment_is_written_as_forms_have_it() {
        assert_eq!(local_time(Timestamp(1_774_000_059_999)).time, "2026-03-20T09:47");
    }
}
