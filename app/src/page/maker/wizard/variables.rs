//! *Environment variables*: a value for every variable the package brings.

use super::{SaveVariables, before, footer};
use crate::{
    components::{Intent, MessageBar},
    page::maker::{address, variable_field::VariableField},
};
use leptos::{prelude::*, server_fn::ServerFn};
use model::stage_run::{VariableToSet, Wizard, WizardStep};

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

fn row(index: usize, variable: &VariableToSet, problem: Option<String>, target: &str) -> AnyView {
    view! {
        <VariableField
            list="rows"
            index
            variable=variable.clone()
            value=variable.entered.clone().unwrap_or_default()
            target=target.to_owned()
            problem
            nothing="Leave as it is"
            kept="A reference was entered. Leave this empty to keep it."
            required=variable.is_needed
        />
    }
    .into_any()
}
