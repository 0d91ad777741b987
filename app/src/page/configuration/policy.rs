//! The policy of a pipeline or of a stage: what administrators ask of deployments.
#![allow(clippy::too_many_arguments, reason = "a form has as many fields as it has")]

use super::{
    pipeline as pipeline_form,
    record::{RecordHeader, RecordState},
    stage as stage_form,
};
use crate::{
    components::{
        Appearance, Breadcrumb, Button, Checkbox, Choice, Crumb, Findings, HiddenField, PostForm, Select, TextArea,
        TextField,
    },
    context,
    error::AppError,
    form::{self, Form, Returned},
    layout::Area,
    page,
};
use leptos::{prelude::*, server_fn::ServerFn};
use model::{
    Severity,
    id::{PipelineId, StageId},
    pipeline::Pipeline,
    policy::{CustomRule, Policy},
};
use pipelines::{
    pipeline,
    policy::{self, KeptPolicy, Of, Trial},
    preflight,
};
use serde::{Deserialize, Serialize};

const FORM: &str = "policy";
const KIND: &str = "Policy";
/// Empty rows for rules that are to come.
const MORE_RULES: usize = 2;

/// Address of the policy of a pipeline.
pub fn of_pipeline(id: PipelineId) -> String {
    format!("{}/policy", pipeline_form::address(id))
}

/// Address of the policy of a stage.
pub fn of_stage(id: StageId) -> String {
    format!("{}/policy", stage_form::address(id))
}

/// What becomes of a finding: its rule, and `error`, `off` or nothing.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Treatment {
    /// Name of the rule.
    pub rule: String,
    /// What becomes of it.
    #[serde(default)]
    pub value: String,
}

/// A rule of one's own as a form has it.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct RuleRow {
    /// The sentence.
    #[serde(default)]
    pub sentence: String,
    /// The expression.
    #[serde(default)]
    pub expression: String,
    /// `error` or `warning`.
    #[serde(default)]
    pub severity: String,
}

/// Keeps a policy.
#[server]
pub async fn save_policy(
    kind: String,
    id: String,
    row_version: i32,
    #[server(default)] treatments: Vec<Treatment>,
    #[server(default)] allowed_connectors: String,
    #[server(default)] denied_connectors: String,
    #[server(default)] allowed_component_types: String,
    #[server(default)] denied_component_types: String,
    #[server(default)] notes_required: String,
    #[server(default)] hours: String,
    #[server(default)] rules: Vec<RuleRow>,
) -> Result<(), AppError> {
    let (of, page) = subject(&kind, &id)?;
    let rules: Vec<RuleRow> = rules
        .into_iter()
        .filter(|rule| !rule.sentence.trim().is_empty() || !rule.expression.trim().is_empty())
        .collect();
    let result = async {
        let chosen = |value: &str| {
            treatments.iter().filter(|one| one.value == value).map(|one| one.rule.clone()).collect::<Vec<_>>()
        };
        let hours_in_previous_stage = match hours.trim() {
            "" => 0,
            hours => {
                hours.parse().map_err(|_| AppError::field("hours", "Enter a whole number of hours, such as 24."))?
            }
        };
        let policy = Policy {
            errors: chosen("error"),
            off: chosen("off"),
            allowed_connectors: words(&allowed_connectors),
            denied_connectors: words(&denied_connectors),
            allowed_component_types: words(&allowed_component_types),
            denied_component_types: words(&denied_component_types),
            notes_required: !notes_required.is_empty(),
            hours_in_previous_stage,
            rules: rules
                .iter()
                .map(|rule| CustomRule {
                    sentence: rule.sentence.trim().to_owned(),
                    expression: rule.expression.trim().to_owned(),
                    blocks: rule.severity == "error",
                })
                .collect(),
        };
        policy::save(&context::host(), &context::caller()?, of, &policy, row_version).await?;
        form::notify("The policy was saved.").await
    }
    .await;
    let mut entered = vec![
        ("allowed_connectors".to_owned(), allowed_connectors),
        ("denied_connectors".to_owned(), denied_connectors),
        ("allowed_component_types".to_owned(), allowed_component_types),
        ("denied_component_types".to_owned(), denied_component_types),
        ("notes_required".to_owned(), notes_required),
        ("hours".to_owned(), hours),
        ("rules".to_owned(), rules.len().to_string()),
    ];
    entered.extend(treatments.into_iter().map(|one| (format!("treatment:{}", one.rule), one.value)));
    for (number, rule) in rules.into_iter().enumerate() {
        entered.push((format!("rules[{number}][sentence]"), rule.sentence));
        entered.push((format!("rules[{number}][expression]"), rule.expression));
        entered.push((format!("rules[{number}][severity]"), rule.severity));
    }
    let entered: Vec<(&str, &str)> = entered.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
    form::answer(Form::new(FORM, &page), &entered, result, |()| page.clone()).await
}

fn subject(kind: &str, id: &str) -> Result<(Of, String), AppError> {
    let unknown = || AppError::not_found("The policy");
    match kind {
        "pipeline" => {
            let id: PipelineId = id.parse().map_err(|_| unknown())?;
            Ok((Of::Pipeline(id), of_pipeline(id)))
        }
        "stage" => {
            let id: StageId = id.parse().map_err(|_| unknown())?;
            Ok((Of::Stage(id), of_stage(id)))
        }
        _ => Err(unknown()),
    }
}

/// Names with commas, blanks or line breaks between them.
fn words(text: &str) -> Vec<String> {
    let words = text.split([',', ';', ' ', '\n', '\r', '\t']).map(str::trim).filter(|word| !word.is_empty());
    words.map(str::to_owned).collect()
}

/// `/configuration/pipelines/{id}/policy`
#[component]
pub fn PipelinePolicy() -> impl IntoView {
    let id = page::parameter::<PipelineId>("id");
    page::load(
        Area::Configuration,
        async move {
            let (host, caller) = (context::host(), context::caller()?);
            caller.require_administrator()?;
            let pipeline = pipeline::get(&host, &caller, id?).await?;
            let kept = policy::get(&host, &caller, Of::Pipeline(pipeline.id)).await?;
            let trials = policy::try_out(&host, &caller, pipeline.id, &kept.policy).await?;
            Ok::<_, AppError>((pipeline, kept, trials, form::returned(FORM).await))
        },
        |(pipeline, kept, trials, entered)| {
            let (id, name) = (pipeline.id.to_string(), pipeline.name.clone());
            show(pipeline, None, ("pipeline", id, name), kept, trials, entered)
        },
    )
}

/// `/configuration/stages/{id}/policy`
#[component]
pub fn StagePolicy() -> impl IntoView {
    let id = page::parameter::<StageId>("id");
    page::load(
        Area::Configuration,
        async move {
            let (stage, pipeline) = stage_form::with_pipeline(id?).await?;
            let (host, caller) = (context::host(), context::caller()?);
            let kept = policy::get(&host, &caller, Of::Stage(stage.id)).await?;
            let trials = policy::try_out(&host, &caller, pipeline.id, &kept.policy).await?;
            Ok::<_, AppError>((stage, pipeline, kept, trials, form::returned(FORM).await))
        },
        |(stage, pipeline, kept, trials, entered)| {
            let crumb = Crumb::new(stage.name.clone(), stage_form::address(stage.id));
            show(pipeline, Some(crumb), ("stage", stage.id.to_string(), stage.name), kept, trials, entered)
        },
    )
}

fn show(
    pipeline: Pipeline,
    stage: Option<Crumb>,
    (kind, id, name): (&'static str, String, String),
    kept: KeptPolicy,
    trials: Vec<Trial>,
    entered: Returned,
) -> impl IntoView {
    let mut crumbs = vec![
        Crumb::new("Pipelines", super::pipelines::PATH),
        Crumb::new(pipeline.name.clone(), pipeline_form::address(pipeline.id)),
    ];
    crumbs.extend(stage);
    let KeptPolicy { policy, row_version } = kept;
    let hours =
        if policy.hours_in_previous_stage == 0 { String::new() } else { policy.hours_in_previous_stage.to_string() };
    let fields = view! {
        <HiddenField name="kind" value=kind/>
        <HiddenField name="id" value=id/>
        <HiddenField name="row_version" value=row_version.to_string()/>
        <Checkbox
            name="notes_required"
            label="Deployments need notes"
            checked=entered.checked("notes_required", policy.notes_required)
        />
        <TextField
            name="hours"
            label="Hours in the previous stage"
            value=entered.value("hours", &hours)
            hint="How long a version has to have been in the stage before. Leave it empty for no time.".to_owned()
            error=entered.error("hours")
            autocomplete="off"
        />
        <TextArea
            name="allowed_connectors"
            label="Allowed connectors"
            rows=2
            value=entered.value("allowed_connectors", &policy.allowed_connectors.join("\n"))
            hint="Such as shared_sharepointonline. Leave it empty to allow all.".to_owned()
            error=entered.error("allowed_connectors")
        />
        <TextArea
            name="denied_connectors"
            label="Denied connectors"
            rows=2
            value=entered.value("denied_connectors", &policy.denied_connectors.join("\n"))
            error=entered.error("denied_connectors")
        />
        <TextArea
            name="allowed_component_types"
            label="Allowed types of components"
            rows=2
            value=entered.value("allowed_component_types", &policy.allowed_component_types.join("\n"))
            hint="The platform's numbers or names, such as 1 for tables with all that belongs to them, or bot. Leave it empty to allow all."
                .to_owned()
            error=entered.error("allowed_component_types")
        />
        <TextArea
            name="denied_component_types"
            label="Denied types of components"
            rows=2
            value=entered.value("denied_component_types", &policy.denied_component_types.join("\n"))
            hint="Such as 91 for plug-in assemblies.".to_owned()
            error=entered.error("denied_component_types")
        />
    }
    .into_any();
    view! {
        <Breadcrumb crumbs current=KIND/>
        <RecordHeader title=format!("Policy of {name}") kind=KIND state=RecordState::Active/>
        <section class="card record">
            <PostForm name=FORM action=SavePolicy::PATH entered=entered.clone()>
                {fields}
                <h2>"Findings"</h2>
                <p>"What becomes of the warnings of pre-flight. Errors always stay errors."</p>
                {treatments(&policy, &entered)}
                <h2>"Rules of your own"</h2>
                <p>
                    "An expression in CEL over the facts of the package that has to be true, such as "
                    <code>"solution.managed && solution.uniqueName.startsWith('contoso_')"</code>
                    ". The facts are those of " <code>"slipway check --json"</code> "."
                </p>
                {rules(&policy, &entered)}
                <div class="buttons">
                    <Button appearance=Appearance::Primary>"Save policy"</Button>
                </div>
            </PostForm>
        </section>
        <Trials trials/>
    }
    .into_any()
}

/// The name of a rule for people: `version-lower` is *Version lower*.
fn label(rule: &str) -> String {
    let mut letters = rule.chars();
    let first = letters.next().into_iter().flat_map(char::to_uppercase);
    first.chain(letters.map(|letter| if letter == '-' { ' ' } else { letter })).collect()
}

fn treatments(policy: &Policy, entered: &Returned) -> AnyView {
    let error = entered.error("treatment").map(|error| view! { <p class="error" role="alert">{error}</p> });
    let choices = || vec![Choice::new("error", "Error"), Choice::new("off", "Leave out")];
    let warnings = preflight::entries().filter(|entry| entry.severity != Severity::Error);
    let fields = warnings
        .enumerate()
        .map(|(number, entry)| {
            let stored = if policy.errors.iter().any(|rule| rule == entry.id) {
                "error"
            } else if policy.off.iter().any(|rule| rule == entry.id) {
                "off"
            } else {
                ""
            };
            view! {
                <HiddenField name=format!("treatments[{number}][rule]") value=entry.id/>
                <Select
                    name=format!("treatments[{number}][value]")
                    label=label(entry.id)
                    choices=choices()
                    value=entered.value(&format!("treatment:{}", entry.id), stored)
                    none=entry.severity.label()
                    hint=entry.summary.to_owned()
                />
            }
        })
        .collect_view();
    view! { {error} {fields} }.into_any()
}

fn rules(policy: &Policy, entered: &Returned) -> AnyView {
    let count = entered.entered("rules").and_then(|count| count.parse().ok()).unwrap_or(policy.rules.len());
    (0..count + MORE_RULES)
        .map(|number| {
            let name = |field: &str| format!("rules[{number}][{field}]");
            let stored = policy.rules.get(number);
            let sentence = stored.map(|rule| rule.sentence.as_str()).unwrap_or_default();
            let expression = stored.map(|rule| rule.expression.as_str()).unwrap_or_default();
            let severity = if stored.is_some_and(|rule| !rule.blocks) { "warning" } else { "error" };
            view! {
                <fieldset class="part">
                    <legend>{format!("Rule {}", number + 1)}</legend>
                    <TextField
                        name=name("sentence")
                        label="What is asked for"
                        value=entered.value(&name("sentence"), sentence)
                        hint="A sentence that makers read when it is not so.".to_owned()
                        error=entered.error(&name("sentence"))
                        autocomplete="off"
                    />
                    <TextArea
                        name=name("expression")
                        label="Expression"
                        rows=2
                        value=entered.value(&name("expression"), expression)
                        error=entered.error(&name("expression"))
                    />
                    <Select
                        name=name("severity")
                        label="When it is not true"
                        choices=vec![Choice::new("error", "Error"), Choice::new("warning", "Warning")]
                        value=entered.value(&name("severity"), severity)
                    />
                </fieldset>
            }
        })
        .collect_view()
        .into_any()
}

/// What the policy as it is kept makes of the newest artifacts.
#[component]
fn Trials(trials: Vec<Trial>) -> impl IntoView {
    let none = trials.is_empty().then(|| view! { <p>"There are no artifacts of this pipeline yet."</p> });
    let items = trials
        .into_iter()
        .map(|trial| {
            let errors = trial.findings.iter().filter(|finding| finding.blocks()).count();
            let count = trial.findings.len();
            let verdict = match errors {
                0 => format!("{}: no errors, {count} findings", trial.artifact),
                1 => format!("{}: 1 error", trial.artifact),
                errors => format!("{}: {errors} errors", trial.artifact),
            };
            view! {
                <details>
                    <summary>{verdict}</summary>
                    <Findings findings=trial.findings/>
                </details>
            }
        })
        .collect_view();
    view! {
        <section class="card record">
            <h2>"On recent artifacts"</h2>
            <p>"What the saved policy makes of the newest artifacts of the pipeline, in a target that has nothing."</p>
            {none}
            {items}
        </section>
    }
    .into_any()
}
