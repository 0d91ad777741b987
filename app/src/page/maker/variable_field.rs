//! The field of an environment variable, wherever a value for one is entered.

use leptos::prelude::*;
use model::{stage_run::VariableToSet, variable::VariableType};

/// What browsers send of a text area, with the line ends that the person saw: HTML sends CR LF for each of them.
pub fn given(value: &str) -> String {
    value.replace("\r\n", "\n")
}

/// A list item with the field. The form sends `{list}[{index}][name]` and `{list}[{index}][value]`, and for a secret that
/// may be forgotten `{list}[{index}][forget]`.
#[component]
#[allow(clippy::needless_pass_by_value, reason = "components own their properties")]
pub fn VariableField(
    /// Name of the form's list.
    list: &'static str,
    /// Place in the list.
    index: usize,
    /// The variable.
    variable: VariableToSet,
    /// What stands in the field; never that of a secret.
    value: String,
    /// Name of the target.
    target: String,
    /// What is wrong with the value.
    problem: Option<String>,
    /// The choice of no value, where there are choices.
    nothing: &'static str,
    /// Said of a secret that is there already.
    kept: &'static str,
    /// Whether a secret that is there can be forgotten.
    #[prop(optional)]
    can_forget: bool,
    /// Whether the field says that a value is required.
    #[prop(optional)]
    required: bool,
) -> AnyView {
    let VariableToSet { definition, target_value, is_entered, .. } = variable;
    let is_secret = definition.kind == VariableType::Secret;
    let id = format!("variable-{index}");
    let (hint_id, error_id) = (format!("{id}-hint"), format!("{id}-error"));
    let has_lines = [Some(&value), target_value.as_ref(), definition.default_value.as_ref()]
        .into_iter()
        .flatten()
        .any(|text| text.contains('\n'));
    let hint = [
        (!definition.description.is_empty()).then(|| definition.description.clone()),
        target_value.filter(|value| !value.is_empty()).map(|value| format!("{target} has: {value}")),
        definition
            .default_value
            .filter(|value| !value.is_empty() && !is_secret)
            .map(|value| format!("Default: {value}")),
        (is_secret && is_entered).then(|| kept.to_owned()),
        is_secret.then(|| "The identifier of a secret in a key vault, not the secret itself.".to_owned()),
    ];
    let hint = hint.into_iter().flatten().collect::<Vec<_>>().join(" · ");
    let name = format!("{list}[{index}][value]");
    let described_by = problem.as_ref().map_or_else(|| hint_id.clone(), |_| format!("{error_id} {hint_id}"));
    let invalid = problem.is_some().then_some("true");
    let input = match definition.kind {
        VariableType::Boolean => view! {
            <select id=id.clone() name=name aria-describedby=described_by aria-invalid=invalid>
                <option value="">{nothing}</option>
                <option value="yes" selected=value.eq_ignore_ascii_case("yes")>"Yes"</option>
                <option value="no" selected=value.eq_ignore_ascii_case("no")>"No"</option>
            </select>
        }
        .into_any(),
        // A field of one line would drop the line ends of what it is given.
        kind if kind == VariableType::Json || (has_lines && !is_secret) => {
            // Browsers drop one line end after the opening tag; a text that begins with one keeps it this way.
            let value = if value.starts_with('\n') { format!("\n{value}") } else { value };
            view! {
                <textarea
                    id=id.clone()
                    name=name
                    rows="4"
                    spellcheck="false"
                    aria-describedby=described_by
                    aria-invalid=invalid
                >
                    {value}
                </textarea>
            }
            .into_any()
        }
        kind => view! {
            <input
                id=id.clone()
                name=name
                type=if is_secret { "password" } else { "text" }
                inputmode=(kind == VariableType::Number).then_some("decimal")
                value=value
                autocomplete="off"
                aria-describedby=described_by
                aria-invalid=invalid
            />
        }
        .into_any(),
    };
    let star = required.then(|| {
        view! { <span class="star" aria-hidden="true">" *"</span><span class="visually-hidden">" (required)"</span> }
    });
    let forget = (can_forget && is_secret && is_entered).then(|| {
        view! {
            <label class="checkbox">
                <input type="checkbox" name=format!("{list}[{index}][forget]") value="yes"/>
                {format!("Forget the reference of {}", definition.display_name)}
            </label>
        }
    });
    view! {
        <li class="field">
            <label for=id>{definition.display_name.clone()} {star}</label>
            <p class="muted">{format!("{} · {}", definition.schema_name, definition.kind.label())}</p>
            <input type="hidden" name=format!("{list}[{index}][name]") value=definition.schema_name/>
            {input}
            <p class="hint" id=hint_id>{hint}</p>
            {problem.map(|problem| view! { <p class="error" id=error_id>{problem}</p> })}
            {forget}
        </li>
    }
    .into_any()
}
