//! *Connections*: a connection of the target for every connection reference.

use super::{SaveConnections, before, footer};
use crate::{
    components::{Icon, Intent, MessageBar},
    page::maker::address,
};
use leptos::{prelude::*, server_fn::ServerFn};
use model::{
    connection::connector_name,
    stage_run::{ReferenceToBind, Wizard, WizardStep},
};

/// The step. Problems are shown once somebody has tried to go on.
pub fn step(wizard: &Wizard, checked: bool) -> impl IntoView + use<> {
    let run = &wizard.run;
    let needed = wizard.connections.iter().filter(|reference| reference.chosen.is_none()).count();
    let rows = wizard
        .connections
        .iter()
        .enumerate()
        .map(|(index, reference)| {
            let field = format!("connection:{}", reference.reference.logical_name);
            let problem = wizard.problems.iter().find(|problem| checked && problem.field == field);
            row(index, reference, problem.map(|problem| problem.message.clone()), &run.target_name)
        })
        .collect_view();
    let back = before(&wizard.steps, WizardStep::Connections).map(|step| address::step(run.id, step));
    view! {
        <form method="post" action=SaveConnections::PATH class="wizard-form">
            <input type="hidden" name="run" value=run.id.to_string()/>
            <div class="wizard-content">
                <h2>"Connections"</h2>
                <p>"Re-establish connections to activate your solution."</p>
                <p class="strong" role="status">
                    {match needed {
                        0 => "Every connection reference has a connection.".to_owned(),
                        1 => "1 update needed".to_owned(),
                        count => format!("{count} updates needed"),
                    }}
                </p>
                {(checked && needed > 0)
                    .then(|| {
                        view! {
                            <MessageBar intent=Intent::Error>
                                "Choose a connection for every connection reference before you go on."
                            </MessageBar>
                        }
                    })}
                <ul class="references">{rows}</ul>
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

fn row(index: usize, reference: &ReferenceToBind, problem: Option<String>, target: &str) -> impl IntoView + use<> {
    let ReferenceToBind { reference, choices, chosen } = reference.clone();
    let (id, error_id) = (format!("connection-{index}"), format!("connection-{index}-error"));
    let is_bound = chosen.is_some();
    let options = choices
        .iter()
        .map(|connection| {
            let words = if connection.usable {
                format!("{} ({})", connection.display_name, connection.owner)
            } else {
                format!("{} (has to be signed in again)", connection.display_name)
            };
            let selected = chosen.as_deref() == Some(connection.id.as_str());
            view! { <option value=connection.id.clone() selected=selected disabled=!connection.usable>{words}</option> }
        })
        .collect_view();
    let new_id = format!("connection-{index}-new");
    let create = view! {
        <details class="reference-new" open=choices.is_empty()>
            <summary>"New connection"</summary>
            <label for=new_id.clone()>{format!("Name of a new connection in {target}")}</label>
            <input type="text" id=new_id name=format!("rows[{index}][create]") maxlength="100" autocomplete="off"/>
            <p class="muted">{format!("It is created with the connector {} when you go on.", connector_name(&reference.connector_id))}</p>
        </details>
    };
    view! {
        <li class="reference">
            <span class="reference-icon" aria-hidden="true">
                <Icon name="plug-connected"/>
            </span>
            <div class="reference-names">
                <label for=id.clone()>{reference.display_name.clone()}</label>
                <p class="muted">{reference.logical_name.clone()}</p>
                <p class="muted">{connector_name(&reference.connector_id).to_owned()}</p>
            </div>
            <div class="reference-choice field">
                <input type="hidden" name=format!("rows[{index}][name]") value=reference.logical_name/>
                <input type="hidden" name=format!("rows[{index}][connector]") value=reference.connector_id/>
                <select
                    id=id
                    name=format!("rows[{index}][value]")
                    aria-invalid=problem.is_some().then_some("true")
                    aria-describedby=problem.is_some().then(|| error_id.clone())
                >
                    <option value="">"Choose a connection"</option>
                    {options}
                </select>
                {problem.map(|message| view! { <p class="error" id=error_id>{message}</p> })}
                {create}
            </div>
            <span class="reference-state" data-bound=is_bound.to_string()>
                {if is_bound {
                    view! {
                        <Icon name="checkmark-circle"/>
                        <span class="visually-hidden">"has a connection"</span>
                    }
                        .into_any()
                } else {
                    view! {
                        <Icon name="warning"/>
                        <span class="visually-hidden">"needs a connection"</span>
                    }
                        .into_any()
                }}
            </span>
        </li>
    }
}
