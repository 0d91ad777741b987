//! A built-in environment as an organisation: its rows, as its tables describe them, and what is done with them.

mod change;
pub(crate) mod connectivity;
mod import_report;
mod operation;
mod signatures;
pub(crate) mod tables;
mod transfer;

use crate::{
    call::{Answer, Call, Segment},
    change::{Change, ChangeKind, Failed, Found},
    error::{ApiError, Result},
    metadata::Signatures,
    odata::{Row, Snapshot},
    organization::{Organization, Wanted},
    record,
    table::{Schema, Table},
    web_api::{Principal, WebApi},
};
use async_trait::async_trait;
use environment::{
    Environment, Environments, ImportJob, ImportStatus, PackageStore,
    builtin::{Alteration, ComponentRow, DoneOperation, Operation},
};
use model::{ComponentType, Timestamp, id::EnvironmentId};
use serde_json::{Value, json};
use std::sync::Arc;
use uuid::Uuid;

/// The schema name of the variable that shows which host uses an environment.
pub const MARK: &str = "slipway_host";

/// The platform version that built-in environments say they have.
pub const VERSION: &str = "9.2.25093.138";

/// The language of built-in environments: English.
pub const LANGUAGE: u32 = 1033;

/// An environment as somebody uses it.
pub struct BuiltInOrganization {
    /// The Web API it belongs to.
    pub api: WebApi,
    /// The environment.
    pub id: EnvironmentId,
    /// Who uses it.
    pub user: Principal,
    /// Address of the service: ends in `/api/data/v9.2/`.
    pub base: String,
}

impl BuiltInOrganization {
    /// The environment behind the port.
    pub async fn environment(&self) -> Result<Arc<dyn Environment>> {
        Ok(self.api.built_in.open(self.id).await?)
    }

    async fn own_rows(&self, table: &'static str, wanted: &Wanted<'_>) -> Result<Vec<Row>> {
        let (built_in, id) = (&self.api.built_in, self.id);
        let required = |column: &str| match wanted.ids(column).as_deref() {
            Some([only]) => Some(*only),
            _ => None,
        };
        let rows = match table {
            "organization" => {
                let environment = built_in.get(id).await?;
                vec![row(json!({
                    "organizationid": id, "name": environment.name, "languagecode": LANGUAGE, "localeid": LANGUAGE,
                    "schemanameprefix": "new", "createdon": moment(environment.created),
                    "modifiedon": moment(environment.created), "versionnumber": environment.created.0,
                }))]
            }
            "businessunit" => {
                let environment = built_in.get(id).await?;
                vec![row(json!({
                    "businessunitid": self.business_unit(), "name": environment.name, "isdisabled": false,
                    "versionnumber": environment.created.0,
                }))]
            }
            "systemuser" => built_in.application_users(id).await?.iter().map(|user| self.user_row(user)).collect(),
            "role" => built_in.application_users(id).await?.iter().map(|user| self.role_row(user.id)).collect(),
            "publisher" => built_in.publisher_rows(id).await?.into_iter().map(publisher).collect(),
            "solution" => built_in.solution_rows(id).await?.into_iter().map(|row| self.solution(row)).collect(),
            "solutioncomponent" => {
                let of = required("_solutionid_value");
                built_in.component_rows(id, of).await?.iter().map(component).collect()
            }
            "msdyn_solutioncomponentsummary" => {
                let of = required("msdyn_solutionid");
                let rows = built_in.component_rows(id, of).await?;
                let count = rows.len();
                rows.iter().map(|row| summary(row, count)).collect()
            }
            "connectionreference" => built_in.reference_rows(id).await?.into_iter().map(reference).collect(),
            "environmentvariabledefinition" => {
                let mut rows: Vec<Row> = built_in.variable_rows(id).await?.into_iter().map(definition).collect();
                rows.extend(self.mark().await?);
                rows
            }
            "environmentvariablevalue" => built_in.variable_rows(id).await?.into_iter().filter_map(value).collect(),
            "asyncoperation" => match required("asyncoperationid") {
                Some(operation) => {
                    built_in.operation(id, operation).await?.iter().map(|one| self.operation(one)).collect()
                }
                None => built_in.operations(id).await?.iter().map(|one| self.operation(one)).collect(),
            },
            "importjob" => {
                let environment = self.environment().await?;
                let jobs = match required("importjobid") {
                    Some(job) => environment.import_job(job.into()).await?.into_iter().collect(),
                    None => built_in.import_jobs(id).await?,
                };
                let solutions = built_in.solution_rows(id).await?;
                let found = jobs.iter().map(|job| {
                    let solution =
                        solutions.iter().find(|row| row.summary.unique_name.eq_ignore_ascii_case(&job.solution));
                    import_job(job, solution.map(|row| row.id))
                });
                found.collect()
            }
            other => return Err(ApiError::no_segment(other)),
        };
        Ok(rows)
    }

    /// `businessunitid` of the one business unit there is.
    pub fn business_unit(&self) -> Uuid {
        let mut bytes = *self.id.0.as_bytes();
        bytes.reverse();
        uuid::Builder::from_custom_bytes(bytes).into_uuid()
    }

    fn user_row(&self, user: &environment::builtin::ApplicationUser) -> Row {
        row(json!({
            "systemuserid": user.id, "fullname": format!("# {}", user.name), "domainname": null,
            "internalemailaddress": null, "applicationid": user.id, "azureactivedirectoryobjectid": user.id,
            "isdisabled": false, "_businessunitid_value": self.business_unit(), "versionnumber": user.created.0,
        }))
    }

    fn role_row(&self, user: Uuid) -> Row {
        let mut bytes = *user.as_bytes();
        bytes.reverse();
        row(json!({
            "roleid": uuid::Builder::from_custom_bytes(bytes).into_uuid(), "name": "System Administrator",
            "_businessunitid_value": self.business_unit(), "_systemuserid_value": user, "versionnumber": 1,
        }))
    }

    fn solution(&self, solution: environment::builtin::SolutionRow) -> Row {
        let summary = solution.summary;
        let visible = true;
        row(json!({
            "solutionid": solution.id, "uniquename": summary.unique_name, "friendlyname": summary.display_name,
            "version": summary.version.as_str(), "ismanaged": summary.managed, "isvisible": visible,
            "isapimanaged": false, "description": some(&solution.description),
            "installedon": moment(summary.installed), "createdon": moment(summary.installed),
            "modifiedon": moment(summary.modified), "updatedon": moment(summary.modified),
            "solutionpackageversion": "9.2", "_publisherid_value": solution.publisher_id,
            "_organizationid_value": self.id, "versionnumber": summary.modified.0,
        }))
    }

    /// The mark of a host, as the environment variable that it is on the platform.
    async fn mark(&self) -> Result<Option<Row>> {
        let identity = self.environment().await?.identity().await?;
        Ok(identity.binding.map(|binding| {
            let value = json!({"record": binding.record, "environmentType": binding.kind.code()}).to_string();
            row(json!({
                "environmentvariabledefinitionid": self.id, "schemaname": MARK, "displayname": "Slipway host",
                "description": "The record of the pipelines host that uses this environment.",
                "type": 100_000_000, "defaultvalue": value, "isrequired": false, "secretstore": 0,
                "ismanaged": false, "statecode": 0, "statuscode": 1, "modifiedon": moment(Timestamp(0)),
                "versionnumber": 1,
            }))
        }))
    }

    fn operation(&self, operation: &Operation) -> Row {
        let failed = operation.code.is_some() || !operation.message.is_empty();
        let (state, status) = match (operation.completed, failed) {
            (None, _) => (0, 20),
            (Some(_), false) => (3, 30),
            (Some(_), true) => (3, 31),
        };
        let span = operation.completed.map(|completed| completed.since(operation.created).as_secs_f64());
        let changed = operation.completed.unwrap_or(operation.created);
        row(json!({
            "asyncoperationid": operation.id, "name": operation.name, "messagename": operation.message_name,
            "operationtype": operation.operation_type, "statecode": state, "statuscode": status,
            "errorcode": operation.code.map(model::ErrorCode::as_i32),
            "message": some(&operation.message), "friendlymessage": some(&operation.message),
            "dependencytoken": format!("SolutionOperation_{{{}}}", self.id), "correlationid": operation.id,
            "retrycount": 0, "depth": 1, "executiontimespan": span, "createdon": moment(operation.created),
            "startedon": moment(operation.created), "completedon": operation.completed.map(moment),
            "modifiedon": moment(changed), "versionnumber": changed.0 + i64::from(status),
        }))
    }
}

/// The platform's `operationtype` of an uninstallation.
const UNINSTALL: i32 = 208;

/// Tables whose rows a change may lead to.
const FOR_CHANGES: [&str; 4] = ["publisher", "solution", "environmentvariabledefinition", "environmentvariablevalue"];

impl BuiltInOrganization {
    /// Works out one change after others of the same change set.
    async fn plan(
        &self,
        change: Change,
        pending: &mut change::Pending,
        alterations: &mut Vec<Alteration>,
    ) -> Result<Found> {
        let table = change.table;
        match change.kind {
            ChangeKind::Create(body) => {
                let mut snapshot = Snapshot::new();
                for table in FOR_CHANGES {
                    snapshot.insert(table, self.own_rows(table, &Wanted::default()).await?);
                }
                let planned = change::create(table, &body, &snapshot, pending)?;
                if let Some(content_id) = change.content_id {
                    pending.insert(content_id, (table, body));
                }
                alterations.extend(planned.alteration);
                Ok(Some(planned.found_by))
            }
            ChangeKind::Update(known, body) => {
                let row = record::known(self, table, &known).await?;
                let planned = change::update(table, &row, &body)?;
                alterations.extend(planned.alteration);
                Ok(Some(planned.found_by))
            }
            ChangeKind::Delete(known) => {
                let row = record::known(self, table, &known).await?;
                alterations.push(change::delete(table, &row)?);
                Ok(None)
            }
            ChangeKind::Link(..) | ChangeKind::Unlink(..) => {
                Err(ApiError::not_allowed("Records of a built-in environment are not linked by clients."))
            }
        }
    }

    /// Uninstalls a solution. Returns the operation's id.
    pub async fn uninstall(&self, unique_name: &str) -> Result<Uuid> {
        let done = self.environment().await?.uninstall(unique_name).await;
        let record = DoneOperation {
            operation_type: UNINSTALL,
            message_name: "UninstallSolution",
            name: unique_name,
            failure: done.as_ref().err(),
        };
        let operation = self.api.built_in.record_operation(self.id, record).await?;
        done?;
        Ok(operation)
    }
}

#[async_trait]
impl Organization for BuiltInOrganization {
    fn schema(&self) -> Schema {
        tables::ORGANIZATION
    }

    fn signatures(&self) -> &'static Signatures {
        &signatures::SIGNATURES
    }

    fn base(&self) -> &str {
        &self.base
    }

    fn user(&self) -> Uuid {
        self.user.id
    }

    fn new_id(&self) -> Uuid {
        self.api.built_in.new_id()
    }

    fn packages(&self) -> &PackageStore {
        &self.api.packages
    }

    async fn rows(&self, table: &'static Table, wanted: &Wanted<'_>) -> Result<Vec<Row>> {
        self.own_rows(table.logical_name, wanted).await
    }

    async fn change(&self, changes: Vec<Change>) -> Result<Vec<Found>, Failed> {
        if let [Change { table, kind: ChangeKind::Delete(known), .. }] = changes.as_slice()
            && table.logical_name == "solution"
        {
            let row = record::known(self, table, known).await?;
            self.uninstall(row.get("uniquename").and_then(Value::as_str).unwrap_or_default()).await?;
            return Ok(vec![None]);
        }
        let (mut pending, mut alterations, mut found) = (change::Pending::new(), Vec::new(), Vec::new());
        for (index, change) in changes.into_iter().enumerate() {
            found.push(self.plan(change, &mut pending, &mut alterations).await.map_err(Failed::at(index))?);
        }
        if !alterations.is_empty() {
            self.api.built_in.alter(self.id, alterations).await.map_err(ApiError::from)?;
        }
        Ok(found)
    }

    async fn operation(&self, call: Call, segment: &Segment) -> Option<Result<Answer>> {
        operation::answer(self, call, segment).await
    }
}

/// A moment as the platform writes it, to the second.
pub fn moment(moment: Timestamp) -> String {
    Timestamp(moment.0.div_euclid(1000) * 1000).to_rfc3339()
}

fn row(value: Value) -> Row {
    match value {
        Value::Object(row) => row,
        _ => Row::new(),
    }
}

fn some(text: &str) -> Option<&str> {
    Some(text).filter(|text| !text.is_empty())
}

fn publisher(publisher: environment::builtin::PublisherRow) -> Row {
    let details = publisher.publisher;
    row(json!({
        "publisherid": publisher.id, "uniquename": details.unique_name, "friendlyname": details.display_name,
        "customizationprefix": details.prefix, "customizationoptionvalueprefix": details.option_value_prefix,
        "isreadonly": false, "versionnumber": 1,
    }))
}

fn component(component: &ComponentRow) -> Row {
    row(json!({
        "solutioncomponentid": component.id, "componenttype": type_code(&component.component.kind),
        "objectid": component.object_id, "rootcomponentbehavior": 0,
        "ismetadata": matches!(component.component.kind, ComponentType::Number(1 | 2 | 9 | 10)),
        "_solutionid_value": component.solution_id, "versionnumber": 1,
    }))
}

fn summary(row_of: &ComponentRow, total: usize) -> Row {
    let component = &row_of.component;
    let logical = match &component.kind {
        ComponentType::Table(table) => table.clone(),
        kind @ ComponentType::Number(_) => logical_name(kind).to_owned(),
    };
    row(json!({
        "msdyn_solutioncomponentsummaryid": row_of.id, "msdyn_solutionid": row_of.solution_id.to_string(),
        "msdyn_componenttype": type_code(&component.kind), "msdyn_componenttypename": component.kind.label(),
        "msdyn_componentlogicalname": logical, "msdyn_objectid": row_of.object_id.to_string(),
        "msdyn_name": component.name, "msdyn_displayname": component.display_name,
        "msdyn_schemaname": component.name, "msdyn_primaryentityname": component.parent,
        "msdyn_ismanaged": null, "msdyn_total": total, "versionnumber": 1,
    }))
}

/// The number of a component type. Types that are tables have numbers of 10000 and more, which differ between
/// environments; this one makes them from the name.
pub fn type_code(kind: &ComponentType) -> u32 {
    match kind {
        ComponentType::Number(number) => *number,
        ComponentType::Table(table) => {
            10_000 + table.bytes().fold(0_u32, |sum, byte| (sum * 31 + u32::from(byte)) % 9000)
        }
    }
}

fn logical_name(kind: &ComponentType) -> &'static str {
    match kind {
        ComponentType::Number(1) => "entity",
        ComponentType::Number(2) => "attribute",
        ComponentType::Number(9) => "optionset",
        ComponentType::Number(10) => "entityrelationship",
        ComponentType::Number(20) => "role",
        ComponentType::Number(26) => "savedquery",
        ComponentType::Number(29) => "workflow",
        ComponentType::Number(60) => "systemform",
        ComponentType::Number(61) => "webresource",
        ComponentType::Number(80) => "appmodule",
        ComponentType::Number(91) => "pluginassembly",
        ComponentType::Number(300) => "canvasapp",
        ComponentType::Number(372) => "connector",
        ComponentType::Number(380) => "environmentvariabledefinition",
        _ => "",
    }
}

fn reference(reference: environment::builtin::ReferenceRow) -> Row {
    let details = reference.bound.reference;
    row(json!({
        "connectionreferenceid": reference.id, "connectionreferencelogicalname": details.logical_name,
        "connectionreferencedisplayname": details.display_name, "connectorid": details.connector_id,
        "connectionid": reference.bound.connection_id, "description": some(&details.description),
        "promptingbehavior": 0, "ismanaged": reference.managed, "statecode": 0, "statuscode": 1,
        "modifiedon": moment(reference.modified), "versionnumber": reference.modified.0,
    }))
}

fn definition(variable: environment::builtin::VariableRow) -> Row {
    let details = variable.variable.definition;
    row(json!({
        "environmentvariabledefinitionid": variable.id, "schemaname": details.schema_name,
        "displayname": details.display_name, "description": some(&details.description),
        "type": details.kind.code(), "defaultvalue": details.default_value, "isrequired": details.required,
        "secretstore": 0, "ismanaged": variable.managed, "statecode": 0, "statuscode": 1,
        "modifiedon": moment(variable.modified), "versionnumber": variable.modified.0,
    }))
}

fn value(variable: environment::builtin::VariableRow) -> Option<Row> {
    let value = variable.variable.value?;
    Some(row(json!({
        "environmentvariablevalueid": variable.value_id, "schemaname": variable.variable.definition.schema_name,
        "value": value, "_environmentvariabledefinitionid_value": variable.id, "ismanaged": false,
        "statecode": 0, "statuscode": 1, "modifiedon": moment(variable.modified),
        "versionnumber": variable.modified.0,
    })))
}

fn import_job(job: &ImportJob, solution: Option<Uuid>) -> Row {
    let changed = job.ended.unwrap_or(job.started);
    let solution = solution.filter(|_| job.status == ImportStatus::Succeeded);
    row(json!({
        "importjobid": job.id, "name": "Customizations", "solutionname": job.solution, "progress": f64::from(job.progress),
        "data": import_report::data(job), "solutionid": solution, "createdon": moment(job.started),
        "startedon": moment(job.started), "completedon": job.ended.map(moment), "modifiedon": moment(changed),
        "versionnumber": changed.0 + i64::from(job.progress),
    }))
}
