//! The field with the security roles of a person or a team.

use crate::{components::Checkbox, error::AppError, form::Returned};
use leptos::prelude::*;
use model::user::{Role, Roles};

/// What a form posts its roles as.
const NAME: &str = "roles[]";

/// A box for each security role.
#[component]
pub fn RolesField(
    /// What was entered.
    entered: Returned,
    /// What is stored.
    stored: Roles,
) -> impl IntoView {
    let boxes = Role::ALL.map(|role| {
        let checked = entered.checked(&entered_as(role.name()), stored.has(role));
        view! {
            <Checkbox
                name=NAME
                id=format!("role-{}", role.name())
                label=role.label()
                value=role.name()
                checked
                hint=role.description().to_owned()
            />
        }
    });
    view! {
        <fieldset class="field choices">
            <legend>"Security roles"</legend>
            {boxes.collect_view()}
            {entered.error("roles").map(|error| view! { <p class="error">{error}</p> })}
        </fieldset>
    }
    .into_any()
}

/// The roles that a form posted.
pub fn roles(posted: &[String]) -> Result<Roles, AppError> {
    let role =
        |name: &String| Role::from_name(name).ok_or_else(|| AppError::field("roles", "Choose among these roles."));
    posted.iter().map(role).collect()
}

/// What is kept of posted roles, so that a form that comes back has them ticked.
pub fn entered(posted: &[String]) -> Vec<(String, String)> {
    posted.iter().map(|name| (entered_as(name), "yes".to_owned())).collect()
}

fn entered_as(name: &str) -> String {
    format!("role:{name}")
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing, reason = "tests")]

    use super::*;

    #[test]
    fn roles_are_read_by_their_names_and_nothing_else_is_one() {
        let names = |names: &[&str]| names.iter().map(|name| (*name).to_owned()).collect::<Vec<_>>();
        assert_eq!(roles(&[]).unwrap(), Roles::NONE);
        assert_eq!(roles(&names(&["pipeline-user", "pipeline-user"])).unwrap(), Roles::USER);
        assert!(roles(&names(&["pipeline-user", "emperor"])).is_err());
    }

    #[test]
    fn the_roles_that_are_stored_are_ticked() {
        let html = view! { <RolesField entered=Returned::default() stored=Roles::USER/> }.to_html();
        assert_eq!(html.matches("checked").count(), 1, "{html}");
    }
}
