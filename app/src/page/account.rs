//! One's own password.

use crate::{
    components::{Appearance, Button, Intent, MessageBar, PostForm, TextField},
    context,
    error::AppError,
    form::{self, Form},
    layout::{Area, PageHeader},
};
use leptos::{prelude::*, server_fn::ServerFn};
use pipelines::user;

/// Address of this page, the only one for somebody with a one-time password.
pub const PATH: &str = "/account";
const FORM: &str = "password";

/// Changes one's own password.
#[server]
pub async fn change_password(
    #[server(default)] current: String,
    #[server(default)] new: String,
    #[server(default)] repeated: String,
) -> Result<(), AppError> {
    let result = async {
        let caller = context::caller_with_one_time_password()?;
        if new != repeated {
            return Err(AppError::field("repeated", "The two new passwords differ. Enter the new password twice."));
        }
        user::change_password(&context::host(), &caller, &current, &new).await?;
        context::session()?.cycle_id().await?;
        form::notify("Your password was changed.").await
    }
    .await;
    form::answer(Form::new(FORM, PATH), &[], result, |()| "/".to_owned()).await
}

/// The form for a new password.
#[component]
pub fn Account() -> impl IntoView {
    super::load(
        Area::General,
        async {
            let one_time = context::visitor().person.is_some_and(|person| person.must_change_password);
            Ok((form::returned(FORM).await, one_time))
        },
        |(entered, one_time)| {
            view! {
                <PageHeader title="Change password"/>
                {one_time.then(|| view! {
                    <MessageBar intent=Intent::Information>
                        "You signed in with a one-time password. Choose a password of your own to go on."
                    </MessageBar>
                })}
                <div class="narrow">
                    <PostForm name=FORM action=ChangePassword::PATH entered=entered.clone()>
                        <TextField
                            name="current"
                            label="Current password"
                            kind="password"
                            required=true
                            error=entered.error("current")
                            autocomplete="current-password"
                            maxlength=1000
                        />
                        <TextField
                            name="new"
                            label="New password"
                            kind="password"
                            required=true
                            hint="At least 12 characters.".to_owned()
                            error=entered.error("new")
                            autocomplete="new-password"
                            maxlength=1000
                        />
                        <TextField
                            name="repeated"
                            label="New password again"
                            kind="password"
                            required=true
                            error=entered.error("repeated")
                            autocomplete="new-password"
                            maxlength=1000
                        />
                        <div class="buttons">
                            <Button appearance=Appearance::Primary>"Change password"</Button>
                        </div>
                    </PostForm>
                </div>
            }
        },
    )
}
