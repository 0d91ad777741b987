//! The fields that records of every kind have: name, owner, description.

use crate::{
    components::{Choice, Select, TextArea, TextField},
    error::AppError,
    form::Returned,
};
use leptos::prelude::*;
use model::{id::UserId, user::Person};

/// The name of a record.
#[component]
pub fn NameField(
    /// What was entered.
    entered: Returned,
    /// What is stored.
    #[prop(into)]
    stored: String,
) -> impl IntoView {
    view! {
        <TextField
            name="name"
            label="Name"
            value=entered.value("name", &stored)
            required=true
            error=entered.error("name")
            autocomplete="off"
            maxlength=100
        />
    }
}

/// The owner of a record.
#[component]
pub fn OwnerField(
    /// What was entered.
    entered: Returned,
    /// The owner stored.
    stored: UserId,
    /// Everybody with an account.
    people: Vec<Person>,
) -> impl IntoView {
    view! {
        <Select
            name="owner"
            label="Owner"
            choices=owners(people, stored)
            value=entered.value("owner", &stored.to_string())
            required=true
            error=entered.error("owner")
        />
    }
}

/// The description of a record.
#[component]
pub fn DescriptionField(
    /// What was entered.
    entered: Returned,
    /// What is stored.
    #[prop(into)]
    stored: String,
) -> impl IntoView {
    view! {
        <TextArea
            name="description"
            label="Description"
            value=entered.value("description", &stored)
            error=entered.error("description")
            maxlength=2000
        />
    }
}

/// The owner a form posts.
pub fn owner(posted: &str) -> Result<UserId, AppError> {
    posted.parse().map_err(|_| AppError::field("owner", "Choose an owner."))
}

/// Who may own a record: everybody who may sign in, and the owner it has.
fn owners(people: Vec<Person>, stored: UserId) -> Vec<Choice> {
    people
        .into_iter()
        .filter(|person| person.enabled || person.id == stored)
        .map(|person| Choice::new(person.id, person.display_name))
        .collect()
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing, reason = "tests")]

    use super::*;
    use crate::page::configuration::sample;
    use uuid::Uuid;

    fn person(number: u128, enabled: bool) -> Person {
        Person { enabled, ..sample::person(number) }
    }

    #[test]
    fn somebody_who_left_stays_owner_of_what_they_own_and_gets_nothing_new() {
        let people = || vec![person(1, true), person(2, false), person(3, false)];
        let choices = owners(people(), UserId(Uuid::from_u128(2)));
        assert_eq!(choices, [1_u128, 2].map(|number| Choice::new(Uuid::from_u128(number), format!("Person {number}"))));
    }

    #[test]
    fn an_owner_has_to_be_chosen() {
        assert_eq!(owner("").unwrap_err(), AppError::field("owner", "Choose an owner."));
        assert_eq!(owner(&Uuid::from_u128(7).to_string()).unwrap(), UserId(Uuid::from_u128(7)));
    }

    #[test]
    fn hostile_names_and_descriptions_stay_text() {
        let hostile = "</textarea></option><script>alert(1)</script>\" autofocus onfocus=\"alert(1)";
        let mut somebody = person(1, true);
        somebody.display_name = hostile.to_owned();
        let html = view! {
            <NameField entered=Returned::default() stored=hostile/>
            <OwnerField entered=Returned::default() stored=somebody.id people=vec![somebody]/>
            <DescriptionField entered=Returned::default() stored=hostile/>
        }
        .to_html();
        assert!(!html.contains("<script"), "{html}");
        assert!(html.contains("alert(1)&lt;/script&gt;&quot; autofocus"), "a quotation mark ends no attribute: {html}");
    }
}
