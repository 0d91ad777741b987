//! *Environment variables*: a value for every variable the package brings.

use super::{SaveVariables, before, footer};
use crate::{
    components::{Intent, MessageBar},
    page::maker::address,
};
use leptos::{prelude::*, server_fn::ServerFn};
use model::{
    stage_run::{VariableToSet, Wizard, WizardStep},
    variable::VariableType,
};

/// The step. Problems are shown once somebody has tried to go on.
pub fn step(wizard: &Wizard, checked: bool) -> impl IntoView + use<> {
    let run = &wizard.run;
    let needed = wizard.variables.iter().filter(|variable| variable.is_needed && !variable.is_entered).count();
    let mut has_problems = false;
    let rows = wizard
        .variables
        .iter()
        .enumerate()
        .map(|(index, variable)| {
            let field = format!("variable:{}", variable.definition.schema_name);
            let problem = wizard.problems.iter().find(|problem| checked && problem.field == field);
            has_problems |= problem.is_some();
            row(index, variable, problem.map(|problem| problem.message.clone()), &run.target_name)
        })
        .collect_view();
    let back = before(&wizard.steps, WizardStep::Variables).map(|step| address::step(run.id, step));
    view! {
        <form method="post" action=SaveVariables::PATH class="wizard-form" autocomplete="off">
            <input type="hidden" name="run" value=run.id.to_string()/>
            <div class="wizard-content">
                <h2>"Environment variables"</h2>
                <p>{format!("Values for {}. A variable left empty keeps what it has there, or its default.", run.target_name)}</p>
                <p class="strong" role="status">
                    {match needed {
                        0 => "Every variable has a value.".to_owned(),
                        1 => "1 value needed".to_owned(),
                        count => format!("{count} values needed"),
                    }}
                </p>
                {has_problems
                    .then(|| {
                        view! { <MessageBar intent=Intent::Error>"Mend the values that are marked before you go on."</MessageBar> }
                    })}
                <ul class="variables">{rows}</ul>
            </div>
            {footer(
                back,
                view! { <button class="button primary" type="submit">"Next"</button> },
                run.source,
                &run.solution,
            )}
        </form>
    }
}

fn row(index: usize, variable: &VariableToSet, problem: Option<String>, target: &str) -> impl IntoView + use<> {
    let VariableToSet { definition, target_value, entered, is_entered, is_needed } = variable.clone();
    let id = format!("variable-{index}");
    let (hint_id, error_id) = (format!("{id}-hint"), format!("{id}-error"));
    let is_secret = definition.kind == VariableType::Secret;
    let hint = [
        (!definition.description.is_empty()).then(|| definition.description.clone()),
        target_value.filter(|value| !value.is_empty()).map(|value| format!("{target} has: {value}")),
        definition
            .default_value
            .filter(|value| !value.is_empty() && !is_secret)
            .map(|value| format!("Default: {value}")),
        (is_secret && is_entered).then(|| "A reference was entered. Leave this empty to keep it.".to_owned()),
        is_secret.then(|| "The identifier of a secret in a key vault, not the secret itself.".to_owned()),
    ]
    .into_iter()
    .flatten()
    .collect::<Vec<_>>()
    .join(" · ");
    let name = format!("rows[{index}][value]");
    let described_by = problem.as_ref().map_or_else(|| hint_id.clone(), |_| format!("{error_id} {hint_id}"));
    let invalid = problem.is_some().then_some("true");
    let value = entered.unwrap_or_default();
    let input = match definition.kind {
        VariableType::Boolean => view! {
            <select id=id.clone() name=name aria-describedby=described_by aria-invalid=invalid>
                <option value="">"Leave as it is"</option>
                <option value="yes" selected=value.eq_ignore_ascii_case("yes")>"Yes"</option>
                <option value="no" selected=value.eq_ignore_ascii_case("no")>"No"</option>
            </select>
        }
        .into_any(),
        VariableType::Json => view! {
            <textarea id=id.clone() name=name rows="4" spellcheck="false" aria-describedby=described_by aria-invalid=invalid>
                {value}
            </textarea>
        }
        .into_any(),
        kind => view! {
            <input
                id=id.clone()
                name=name
                type=if kind == VariableType::Secret { "password" } else { "text" }
                inputmode=(kind == VariableType::Number).then_some("decimal")
                value=value
                maxlength="2000"
                autocomplete="off"
                aria-describedby=described_by
                aria-invalid=invalid
            />
        }
        .into_any(),
    };
    view! {
        <li class="field">
            <label for=id>
                {definition.display_name.clone()}
                {is_needed.then(|| view! { <span class="star" aria-hidden="true">" *"</span><span class="visually-hidden">" (required)"</span> })}
            </label>
            <p class="muted">{format!("{} · {}", definition.schema_name, definition.kind.label())}</p>
            <input type="hidden" name=format!("rows[{index}][name]") value=definition.schema_name/>
            {input}
            <p class="hint" id=hint_id>{hint}</p>
            {problem.map(|message| view! { <p class="error" id=error_id>{message}</p> })}
        </li>
    }
}
