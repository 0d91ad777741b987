//! What the wizard's forms do.

use super::after;
use crate::{
    context::{caller, host, redirect},
    error::AppError,
    form,
    page::maker::{address, variable_field::given},
};
use leptos::prelude::*;
use model::{
    FieldProblem, Problem,
    id::{EnvironmentId, StageId, StageRunId},
    settings::{ConnectionSetting, VariableSetting},
    stage_run::WizardStep,
};
use pipelines::{
    solution,
    stage_run::{self, LocalTime},
};
use serde::{Deserialize, Serialize};

/// A name and what was chosen or entered for it: one row of the connections or variables step.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Row {
    /// Logical name of a connection reference or schema name of a variable.
    pub name: String,
    /// Connection id or value.
    #[serde(default)]
    pub value: String,
    /// The connector of a connection reference.
    #[serde(default)]
    pub connector: String,
    /// The name of a connection to create and choose.
    #[serde(default)]
    pub create: String,
}

/// *Next* on the destination step: asks for a run.
#[server]
pub async fn request_run(environment: String, solution: String, stage: String) -> Result<(), AppError> {
    let values = [("environment", environment.as_str()), ("solution", &solution), ("stage", &stage)];
    let result = async {
        let caller = caller()?;
        let environment: EnvironmentId = environment.parse().map_err(|_| AppError::not_found("The environment"))?;
        let stage: StageId = stage.parse().map_err(|_| AppError::field("stage", "Choose the stage to deploy to."))?;
        let request = stage_run::Request { environment, solution: solution.clone(), stage };
        Ok::<_, AppError>(Box::pin(stage_run::request(&host(), &caller, &request)).await?)
    }
    .await;
    form::answer("destination", &values, result, |run| address::step(run, WizardStep::PreFlight)).await
}

/// *Next* on the connections step: creates the connections that were named, keeps what was chosen, and goes on when
/// every reference has its connection.
#[server]
pub async fn save_connections(run: String, #[server(default)] rows: Vec<Row>) -> Result<(), AppError> {
    let id = run_id(&run)?;
    let result = async {
        let (host, caller) = (host(), caller()?);
        let target = stage_run::get(&host, &caller, id).await?.target;
        let mut settings = Vec::with_capacity(rows.len());
        for row in rows {
            let connection_id = if row.create.trim().is_empty() {
                row.value
            } else {
                solution::create_connection(&host, &caller, target, &row.connector, &row.create).await?.id
            };
            settings.push(ConnectionSetting { logical_name: row.name, connection_id, connector_id: row.connector });
        }
        Ok(stage_run::save_connections(&host, &caller, id, &settings).await?)
    }
    .await;
    go_on(id, WizardStep::Connections, result).await
}

/// *Next* on the variables step.
#[server]
pub async fn save_variables(run: String, #[server(default)] rows: Vec<Row>) -> Result<(), AppError> {
    let id = run_id(&run)?;
    let settings: Vec<_> =
        rows.into_iter().map(|row| VariableSetting { schema_name: row.name, value: given(&row.value) }).collect();
    let result = async { Ok(stage_run::save_variables(&host(), &caller()?, id, &settings).await?) }.await;
    go_on(id, WizardStep::Variables, result).await
}

/// *Deploy* on the summary step: now, or later at a time in a time zone.
#[server]
pub async fn deploy(
    run: String,
    version: String,
    notes: String,
    #[server(default)] when: String,
    #[server(default)] scheduled: String,
    #[server(default)] time_zone: String,
) -> Result<(), AppError> {
    let id = run_id(&run)?;
    let result: Result<(), AppError> = async {
        let (host, caller) = (host(), caller()?);
        if when == "later" {
            let time = LocalTime { time: scheduled.clone(), time_zone: time_zone.clone() };
            return Ok(stage_run::deploy_later(&host, &caller, id, &version, &notes, &time).await?);
        }
        Ok(stage_run::deploy(&host, &caller, id, &version, &notes).await?)
    }
    .await;
    if let Err(AppError(Problem::Invalid(fields))) = &result
        && let Some(step) = fields.iter().find_map(step_of)
    {
        stage_run::save_summary(&host(), &caller()?, id, &version, &notes).await?;
        redirect(&format!("{}?check=1", address::step(id, step)));
        return Ok(());
    }
    let entered = [
        ("version", version.as_str()),
        ("notes", &notes),
        ("when", &when),
        ("scheduled", &scheduled),
        ("time_zone", &time_zone),
    ];
    form::answer("deploy", &entered, result, |()| address::run(id)).await
}

/// *Check again* on the pre-flight step.
#[server]
pub async fn check_again(run: String) -> Result<(), AppError> {
    let id = run_id(&run)?;
    let result: Result<(), AppError> = async { Ok(stage_run::check_again(&host(), &caller()?, id).await?) }.await;
    form::answer("deploy", &[], result, |()| address::step(id, WizardStep::PreFlight)).await
}

/// *Cancel deployment*, wherever it stands; leads to the run's page.
#[server]
pub async fn discard_run(run: String) -> Result<(), AppError> {
    let id = run_id(&run)?;
    let result: Result<(), AppError> = async { Ok(stage_run::cancel(&host(), &caller()?, id).await?) }.await;
    form::answer("run", &[], result, |()| address::run(id)).await
}

/// To the next step; back to this one while something on it has to be mended. What was entered is kept either way.
async fn go_on(id: StageRunId, step: WizardStep, kept: Result<(), AppError>) -> Result<(), AppError> {
    let next = match kept {
        Err(AppError(Problem::Invalid(_))) => Ok(format!("{}?check=1", address::step(id, step))),
        Err(error) => Err(error),
        Ok(()) => {
            let wizard = stage_run::wizard(&host(), &caller()?, id).await?;
            Ok(address::step(id, after(&wizard.steps, step)))
        }
    };
    form::answer("deploy", &[], next, |next| next).await
}

/// The step on which a field stands, unless it is the summary itself.
fn step_of(problem: &FieldProblem) -> Option<WizardStep> {
    match problem.field.split_once(':') {
        Some(("connection", _)) => Some(WizardStep::Connections),
        Some(("variable", _)) => Some(WizardStep::Variables),
        _ => None,
    }
}

fn run_id(text: &str) -> Result<StageRunId, AppError> {
    text.parse().map_err(|_| AppError::not_found("The run"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_problem_leads_to_the_step_with_its_field() {
        for (field, expected) in [
            ("connection:cra6e_Ref", Some(WizardStep::Connections)),
            ("variable:cra6e_Text", Some(WizardStep::Variables)),
            ("version", None),
        ] {
            assert_eq!(step_of(&FieldProblem::new(field, "x")), expected, "{field}");
        }
    }
}
