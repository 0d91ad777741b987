//! *Deployment settings*: connections and values prepared for a solution at a stage, which every deployment there is
//! offered first.

use super::{
    address,
    variable_field::{VariableField, given},
};
use crate::{
    components::{
        Appearance, Breadcrumb, Button, CommandBar, CommandLink, Crumb, HiddenField, Intent, MessageBar, Moment,
        PostForm,
    },
    context::{caller, host},
    error::AppError,
    form::{self, Form, Returned},
    layout::{Area, PageHeader},
    page,
};
use leptos::{prelude::*, server_fn::ServerFn};
use model::{
    SolutionVersion,
    connection::connector_name,
    id::{EnvironmentId, StageId},
    settings::ConnectionSetting,
    stage_run::{ReferenceToBind, VariableToSet, WizardStep},
    variable::VariableType,
};
use pipelines::{
    deployment_settings::{self, Destination, GivenVariable, MOST_BYTES, Prepared},
    stage_run::{self, Request},
};
use serde::{Deserialize, Serialize};

/// The form of values and connections.
const FORM: &str = "deployment-settings";
/// The form that begins a run.
const APPLY_FORM: &str = "apply-settings";
/// The form of the file, under whose name the server's route sends it back.
const FILE_FORM: &str = "settings-file";

/// A name and what is prepared for it.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub struct PreparedRow {
    /// Logical name of a connection reference or schema name of a variable.
    pub name: String,
    /// Connection id or value.
    #[serde(default)]
    pub value: String,
    /// Not empty where a secret is to be forgotten.
    #[serde(default)]
    pub forget: String,
}

/// Keeps what is prepared.
#[server]
pub async fn save_deployment_settings(
    environment: EnvironmentId,
    solution: String,
    stage: StageId,
    row_version: i32,
    #[server(default)] connections: Vec<PreparedRow>,
    #[server(default)] variables: Vec<PreparedRow>,
) -> Result<(), AppError> {
    let destination = Destination { environment, solution, stage };
    let page = address::settings(environment, &destination.solution, stage);
    let given_connections: Vec<_> = connections
        .iter()
        .map(|row| ConnectionSetting {
            logical_name: row.name.clone(),
            connection_id: row.value.clone(),
            connector_id: String::new(),
        })
        .collect();
    let given_variables: Vec<_> = variables
        .iter()
        .map(|row| GivenVariable {
            schema_name: row.name.clone(),
            value: given(&row.value),
            forget: !row.forget.is_empty(),
        })
        .collect();
    let result: Result<(), AppError> = async {
        let (host, caller) = (host(), caller()?);
        deployment_settings::save(&host, &caller, &destination, &given_connections, &given_variables, row_version)
            .await?;
        form::notify("The deployment settings were saved. The next deployment to this stage is offered them.").await
    }
    .await;
    // Values of secrets do not come back, not even to whoever entered them.
    let secret = match &result {
        Ok(()) => Vec::new(),
        Err(_) => secrets(&destination).await,
    };
    let entered: Vec<(String, &str)> = connections
        .iter()
        .map(|row| (format!("connection:{}", row.name), row.value.as_str()))
        .chain(
            variables
                .iter()
                .filter(|row| !secret.iter().any(|name| name.eq_ignore_ascii_case(&row.name)))
                .map(|row| (format!("variable:{}", row.name), row.value.as_str())),
        )
        .collect();
    let entered: Vec<_> = entered.iter().map(|(name, value)| (name.as_str(), *value)).collect();
    form::answer(Form::new(FORM, &page), &entered, result, |()| page.clone()).await
}

/// *Apply*: leads to the wizard of a run that sets them and imports nothing.
#[server]
pub async fn apply_settings(environment: EnvironmentId, solution: String, stage: StageId) -> Result<(), AppError> {
    let page = address::settings(environment, &solution, stage);
    let request = Request { environment, solution, stage };
    let result = async { Ok::<_, AppError>(stage_run::apply_settings(&host(), &caller()?, &request).await?) }.await;
    form::answer(Form::new(APPLY_FORM, &page), &[], result, |run| address::step(run, WizardStep::PreFlight)).await
}

/// Names of the secret variables of a solution; of those that cannot be told, nothing is kept.
async fn secrets(destination: &Destination) -> Vec<String> {
    let Ok(caller) = caller() else { return Vec::new() };
    let Ok(prepared) = deployment_settings::get(&host(), &caller, destination).await else { return Vec::new() };
    let variables = prepared.variables.into_iter().map(|variable| variable.definition);
    variables.filter(|definition| definition.kind == VariableType::Secret).map(|secret| secret.schema_name).collect()
}

/// `/environments/{environment}/solutions/{solution}/settings/{stage}`
#[component]
pub fn DeploymentSettings() -> impl IntoView {
    let destination = super::destination();
    page::load(
        super::solution_area().unwrap_or(Area::General),
        async move {
            let destination = destination?;
            let prepared = deployment_settings::get(&host(), &caller()?, &destination).await?;
            let returned =
                [form::returned(FORM).await, form::returned(FILE_FORM).await, form::returned(APPLY_FORM).await];
            Ok((destination, prepared, returned))
        },
        |(destination, prepared, [entered, file, applying])| show(&destination, &prepared, &entered, &file, applying),
    )
}

fn show(
    destination: &Destination,
    prepared: &Prepared,
    entered: &Returned,
    file: &Returned,
    applying: Returned,
) -> AnyView {
    let (environment, stage) = (destination.environment, destination.stage);
    let name = prepared.solution.unique_name.clone();
    let itself = address::settings(environment, &name, stage);
    let file_address = address::settings_file(environment, &name, stage);
    let crumbs = vec![
        Crumb::new(prepared.solution.display_name.clone(), address::solution(environment, &name)),
        Crumb::new("Pipelines", address::pipelines(environment, &name, Some(prepared.stage.pipeline))),
    ];
    let stage_name = prepared.stage.name.clone();
    let subtitle = format!("{} to {stage_name} ({})", prepared.solution.display_name, prepared.stage.target_name);
    let modified = prepared.modified.clone().map(|(at, person)| {
        view! { <p class="muted">{format!("Last changed by {person} ")}<Moment at/></p> }
    });
    let is_empty = prepared.connections.is_empty() && prepared.variables.is_empty();
    let target = prepared.stage.target_name.clone();
    let connections = prepared.connections.iter().enumerate();
    let connections: Vec<_> = connections.map(|(index, bind)| connection(index, bind, &target, entered)).collect();
    let variables = prepared.variables.iter().enumerate();
    let variables: Vec<_> = variables.map(|(index, set)| variable(index, set, &target, entered)).collect();
    let row_version = prepared.row_version.to_string();
    let posted = name.clone();
    let form = (!is_empty).then(|| {
        view! {
            <section class="card">
                <PostForm name=FORM action=SaveDeploymentSettings::PATH entered=entered.clone()>
                    <HiddenField name="environment" value=environment.to_string()/>
                    <HiddenField name="solution" value=posted/>
                    <HiddenField name="stage" value=stage.to_string()/>
                    <HiddenField name="row_version" value=row_version/>
                    {(!connections.is_empty())
                        .then(|| view! { <h2>"Connections"</h2> <ul class="variables">{connections}</ul> })}
                    {(!variables.is_empty())
                        .then(|| view! { <h2>"Environment variables"</h2> <ul class="variables">{variables}</ul> })}
                    <div class="buttons">
                        <Button appearance=Appearance::Primary>"Save"</Button>
                    </div>
                </PostForm>
            </section>
        }
    });
    let none = is_empty.then(|| {
        view! {
            <MessageBar intent=Intent::Information>
                "This solution has neither connection references nor environment variables, so there is nothing to prepare."
            </MessageBar>
        }
    });
    let installed = prepared.installed.clone().filter(|_| !is_empty);
    let apply = installed.map(|version| apply_form(destination, &prepared.stage.target_name, &version, applying));
    let file_form = (!is_empty).then(|| file_form(file_address.clone(), file));
    view! {
        <CommandBar>
            <CommandLink icon="arrow-download" href=file_address>"Export"</CommandLink>
            <CommandLink icon="arrow-clockwise" href=itself>"Refresh"</CommandLink>
        </CommandBar>
        <Breadcrumb crumbs current=format!("Settings for {stage_name}")/>
        <PageHeader title="Deployment settings" subtitle/>
        <p class="lead">
            "Connections and values prepared here are offered first when this solution is deployed to this stage. Whoever deploys can still change them."
        </p>
        {prepared.target_problem.clone().map(|problem| view! { <MessageBar intent=Intent::Warning>{problem}</MessageBar> })}
        {modified}
        {none}
        <div class="sections narrow">{form} {apply} {file_form}</div>
    }
    .into_any()
}

fn connection(index: usize, bind: &ReferenceToBind, target: &str, entered: &Returned) -> AnyView {
    let reference = bind.reference.clone();
    let field = format!("connection:{}", reference.logical_name);
    let chosen = entered.value(&field, bind.chosen.as_deref().unwrap_or_default());
    let (id, error_id) = (format!("connection-{index}"), format!("connection-{index}-error"));
    let problem = entered.error(&field);
    // What was imported, or has gone since, stays chosen until somebody chooses otherwise.
    let gone = (!chosen.is_empty() && !bind.choices.iter().any(|choice| choice.id == chosen)).then(|| {
        view! { <option value=chosen.clone() selected>{format!("{chosen} (not found in {target})")}</option> }
    });
    let options = bind
        .choices
        .iter()
        .map(|choice| {
            let state = if choice.usable { "" } else { ", has to be signed in again" };
            let words = format!("{} ({}{state})", choice.display_name, choice.owner);
            view! { <option value=choice.id.clone() selected=choice.id == chosen>{words}</option> }
        })
        .collect_view();
    view! {
        <li class="field">
            <label for=id.clone()>{reference.display_name.clone()}</label>
            <p class="muted">{format!("{} · {}", reference.logical_name, connector_name(&reference.connector_id))}</p>
            <input type="hidden" name=format!("connections[{index}][name]") value=reference.logical_name/>
            <select
                id=id
                name=format!("connections[{index}][value]")
                aria-invalid=problem.is_some().then_some("true")
                aria-describedby=problem.is_some().then(|| error_id.clone())
            >
                <option value="">"Nothing prepared"</option>
                {gone}
                {options}
            </select>
            {problem.map(|problem| view! { <p class="error" id=error_id>{problem}</p> })}
        </li>
    }
    .into_any()
}

fn variable(index: usize, variable: &VariableToSet, target: &str, entered: &Returned) -> AnyView {
    let field = format!("variable:{}", variable.definition.schema_name);
    let value = match variable.definition.kind {
        VariableType::Secret => String::new(),
        _ => entered.value(&field, variable.entered.as_deref().unwrap_or_default()),
    };
    view! {
        <VariableField
            list="variables"
            index
            variable=variable.clone()
            value
            target=target.to_owned()
            problem=entered.error(&field)
            nothing="Nothing prepared"
            kept="A reference is prepared. Leave this empty to keep it."
            can_forget=true
        />
    }
    .into_any()
}

/// The form that applies settings to the version that is there.
fn apply_form(destination: &Destination, target: &str, version: &SolutionVersion, entered: Returned) -> AnyView {
    let Destination { environment, solution, stage } = destination.clone();
    let button = format!("Apply to {target}");
    let explanation = format!(
        "{target} has version {version}. A run without an import sets its connections and values, after pre-flight and with the approvals of the stage."
    );
    view! {
        <section class="card">
            <h2>"Apply without deploying"</h2>
            <p>{explanation}</p>
            <PostForm name=APPLY_FORM action=ApplySettings::PATH entered>
                <HiddenField name="environment" value=environment.to_string()/>
                <HiddenField name="solution" value=solution/>
                <HiddenField name="stage" value=stage.to_string()/>
                <div class="buttons">
                    <Button icon="settings">{button}</Button>
                </div>
            </PostForm>
        </section>
    }
    .into_any()
}

/// The form that takes a deployment-settings file.
fn file_form(action: String, entered: &Returned) -> AnyView {
    let problem = entered.error("file").or_else(|| entered.problem().map(ToString::to_string));
    let described_by = if problem.is_some() { "file-error file-hint" } else { "file-hint" };
    let invalid = problem.is_some().then_some("true");
    view! {
        <section class="card">
            <h2>"Import a settings file"</h2>
            <form method="post" enctype="multipart/form-data" class="form" action=action>
                <div class="field">
                    <label for="file">"Deployment settings file"</label>
                    <input
                        type="file"
                        id="file"
                        name="file"
                        required
                        accept=".json,application/json"
                        aria-invalid=invalid
                        aria-describedby=described_by
                    />
                    {problem.map(|problem| view! { <p class="error" id="file-error" role="alert">{problem}</p> })}
                    <p class="hint" id="file-hint">
                        {format!(
                            "As pac solution create-settings writes it, up to {} MB. Empty values and placeholders leave what is prepared as it is.",
                            MOST_BYTES / 1024 / 1024,
                        )}
                    </p>
                </div>
                <div class="buttons">
                    <Button icon="arrow-import">"Import"</Button>
                </div>
            </form>
        </section>
    }
    .into_any()
}
