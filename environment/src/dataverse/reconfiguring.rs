//! New connections and values for a solution that is installed, without an import.

use super::{
    DataverseEnvironment,
    http::{Ask, Sent, quoted, refused},
    row::{text, value_row},
};
use crate::{Environment, EnvironmentError, port::Result};
use model::{ErrorCode, settings::DeploymentSettings, solution::SolutionContents};
use reqwest::Method;
use serde_json::{Value, json};

impl DataverseEnvironment {
    /// Sets what differs, record by record: the Web API has no way to set all of it at once. Connections come first,
    /// because they are what is refused if anything is.
    pub(super) async fn set_up(&self, unique_name: &str, settings: &DeploymentSettings) -> Result<()> {
        if let Some(running) = self.running().await? {
            return Err(EnvironmentError::Busy { running });
        }
        let solution = self.solution(unique_name).await?;
        let solution =
            solution.ok_or_else(|| refused(format!("The environment has no solution named {unique_name}.")))?;
        self.bind_references(&solution, settings).await?;
        self.set_values(&solution, settings).await
    }

    async fn bind_references(&self, solution: &SolutionContents, settings: &DeploymentSettings) -> Result<()> {
        for bound in &solution.connection_references {
            let name = &bound.reference.logical_name;
            let Some(connection) = settings.connection(name) else { continue };
            if bound.connection_id.as_deref() == Some(connection) {
                continue;
            }
            let path = format!(
                "connectionreferences?$select=connectionreferenceid&$filter=connectionreferencelogicalname%20eq%20{}",
                quoted(name)
            );
            let rows = self.http.list(&path).await?;
            let row = rows.first().ok_or_else(|| refused(format!("The connection reference {name} is gone.")))?;
            let path = format!("connectionreferences({})", text(row, "connectionreferenceid"));
            self.patch(&path, &json!({"connectionid": connection})).await.map_err(|error| match error {
                EnvironmentError::Refused { code, message } => EnvironmentError::Refused {
                    code,
                    message: format!("The connection of {name} was refused. {message}"),
                },
                other => other,
            })?;
        }
        Ok(())
    }

    async fn set_values(&self, solution: &SolutionContents, settings: &DeploymentSettings) -> Result<()> {
        let wanted: Vec<(&str, &str)> = solution
            .environment_variables
            .iter()
            .filter_map(|variable| {
                let name = variable.definition.schema_name.as_str();
                let value = settings.value(name)?;
                (variable.value.as_deref() != Some(value)).then_some((name, value))
            })
            .collect();
        if wanted.is_empty() {
            return Ok(());
        }
        let present = self.variable_rows().await?;
        for (name, value) in wanted {
            let row = present.iter().find(|row| text(row, "schemaname").eq_ignore_ascii_case(name));
            let row = row.ok_or_else(|| refused(format!("The environment variable {name} is gone.")))?;
            if let Some(there) = value_row(row) {
                let path = format!("environmentvariablevalues({})", text(there, "environmentvariablevalueid"));
                self.patch(&path, &json!({"value": value})).await?;
                continue;
            }
            let definition = text(row, "environmentvariabledefinitionid");
            let body = json!({
                "schemaname": name, "value": value,
                "EnvironmentVariableDefinitionId@odata.bind": format!("/environmentvariabledefinitions({definition})"),
            });
            match self.http.post("environmentvariablevalues", &body, false).await {
                // Somebody was faster. Asked again, this finds the value that is there now.
                Err(failure) if failure.error.code() == Some(ErrorCode::DUPLICATE_KEY) => {
                    return Err(EnvironmentError::Unreachable {
                        reason: format!("The value of {name} was being set by somebody else."),
                        retry_after: None,
                    });
                }
                Err(failure) => return Err(failure.into()),
                Ok(_) => {}
            }
        }
        Ok(())
    }

    async fn patch(&self, path: &str, body: &Value) -> Result<()> {
        self.http.json(Ask { method: Method::PATCH, path, body: Sent::Json(body), repeatable: true }).await?;
        Ok(())
    }
}
