//! One's own password.

use super::{AccountHeader, PATH, Part};
use crate::{
    components::{Appearance, Button, Intent, MessageBar, PostForm, TextField},
    context,
    error::AppError,
    form::{self, Form},
    layout::Area,
    page,
};
use leptos::{prelude::*, server_fn::ServerFn};
use pipelines::{sign_in, user};

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
        context::know_browser(&sign_in::know_browser(&context::host(), &caller).await?);
        context::session()?.cycle_id().await?;
        form::notify("Your password was changed.").await
    }
    .await;
    form::answer(Form::new(FORM, PATH), &[], result, |()| "/".to_owned()).await
}

/// The form for a new password.
#[component]
pub fn Account() -> impl IntoView {
    page::load(
        Area::General,
        async {
            let one_time = context::visitor().person.is_some_and(|person| person.must_change_password);
            let caller = context::caller_with_one_time_password()?;
            let has_password = user::has_own_password(&context::host(), &caller).await?;
            Ok((form::returned(FORM).await, one_time, has_password))
        },
        |(entered, one_time, has_password)| {
            if !has_password {
                return without_password().into_any();
            }
            view! {
                <AccountHeader title="Change password" part=Part::Password/>
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
            .into_any()
        },
    )
}

fn without_password() -> impl IntoView {
    view! {
        <AccountHeader title="Change password" part=Part::Password/>
        <MessageBar>"You sign in with a provider and have no password in Slipway."</MessageBar>
    }
}
