//! The form of a new account.

use super::{
    people,
    record::{RecordHeader, RecordState},
    roles_field::{self, RolesField},
};
use crate::{
    components::{Command, CommandBar, PostForm, TextField},
    context,
    error::AppError,
    form::{self, Form},
    layout::Area,
    page,
};
use leptos::{prelude::*, server_fn::ServerFn};
use model::user::Roles;
use pipelines::user::{self, NewUser};

/// Address of this page.
pub const PATH: &str = "/configuration/people/new";
const FORM: &str = "person";

/// Creates an account.
#[server]
pub async fn create_person(
    #[server(default)] user_name: String,
    #[server(default)] display_name: String,
    #[server(default)] roles: Vec<String>,
) -> Result<(), AppError> {
    let result = async {
        let caller = context::caller()?;
        let new = NewUser {
            user_name: user_name.clone(),
            display_name: display_name.clone(),
            roles: roles_field::roles(&roles)?,
        };
        let (person, password) = user::create(&context::host(), &caller, &new).await?;
        people::issue(&person.display_name, &person.user_name, &password).await
    }
    .await;
    let ticked = roles_field::entered(&roles);
    let mut entered = vec![("user_name", user_name.as_str()), ("display_name", display_name.as_str())];
    entered.extend(ticked.iter().map(|(name, value)| (name.as_str(), value.as_str())));
    form::answer(Form::new(FORM, PATH), &entered, result, |()| people::PATH.to_owned()).await
}

/// `/configuration/people/new`
#[component]
pub fn NewPerson() -> impl IntoView {
    page::load(
        Area::Configuration,
        async {
            context::caller()?.require_system_administrator()?;
            Ok::<_, AppError>(form::returned(FORM).await)
        },
        |entered| {
            view! {
                <CommandBar>
                    <Command icon="save" form=format!("form-{FORM}")>"Save"</Command>
                </CommandBar>
                <RecordHeader title="New Person" kind="Account" state=RecordState::New/>
                <section class="card record">
                    <PostForm name=FORM action=CreatePerson::PATH entered=entered.clone()>
                        <TextField
                            name="display_name"
                            label="Display name"
                            value=entered.value("display_name", "")
                            required=true
                            error=entered.error("display_name")
                            autocomplete="off"
                            maxlength=100
                        />
                        <TextField
                            name="user_name"
                            label="User name"
                            value=entered.value("user_name", "")
                            required=true
                            hint="The name to sign in with. It cannot be changed later.".to_owned()
                            error=entered.error("user_name")
                            autocomplete="off"
                            maxlength=100
                        />
                        <RolesField entered stored=Roles::USER/>
                    </PostForm>
                    <p class="hint">"After saving, a one-time password is shown. It has to be changed at the first sign-in."</p>
                </section>
            }
        },
    )
}
