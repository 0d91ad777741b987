//! A form that is posted to a server function.

use super::{MessageBar, badge::Intent};
use crate::form::Returned;
use leptos::prelude::*;
use model::Problem;

/// A form that is posted to a server function. When it comes back, it says why at its top; what is wrong with a field
/// stands at the field. Its id is `form-` and its name, for buttons outside of it.
#[component]
pub fn PostForm(
    /// Name of the form, as the server function gives it to [`crate::form::answer`].
    #[prop(into)]
    name: String,
    /// Path of the server function.
    action: &'static str,
    /// What came back.
    #[prop(optional)]
    entered: Returned,
    /// Fields and buttons.
    children: Children,
) -> impl IntoView {
    let message = entered.problem().map(|problem| match problem {
        Problem::Invalid(fields) if fields.len() == 1 => "Look at the field marked below.".to_owned(),
        Problem::Invalid(fields) => format!("Look at the {} fields marked below.", fields.len()),
        other => other.to_string(),
    });
    view! {
        <form method="post" class="form" id=format!("form-{name}") action=action>
            {message.map(|message| view! { <MessageBar intent=Intent::Error>{message}</MessageBar> })}
            {children()}
        </form>
    }
    .into_any()
}
