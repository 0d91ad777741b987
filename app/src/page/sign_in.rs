//! Signing in.

use crate::{
    components::{Appearance, Button, HiddenField, PostForm, TextField},
    context,
    error::AppError,
    form::{self, Form},
    layout::{Area, DocumentTitle},
};
use leptos::{prelude::*, server_fn::ServerFn};
use pipelines::user;

const FORM: &str = "sign-in";

/// Signs a person in and leads on to where they wanted to go.
#[server]
pub async fn submit_sign_in(
    #[server(default)] user_name: String,
    #[server(default)] password: String,
    #[server(default)] next: String,
) -> Result<(), AppError> {
    let result = async {
        let person = user::sign_in(&context::host(), &context::visitor().origin, &user_name, &password).await?;
        let session = context::session()?;
        // A new id, so that a session somebody else planted before is worth nothing.
        session.cycle_id().await?;
        session.insert(context::SESSION_USER, person.id).await?;
        Ok::<_, AppError>(())
    }
    .await;
    let page = form::sign_in_address(context::local_address(&next).unwrap_or("/"));
    form::answer(Form::new(FORM, &page), &[("user_name", &user_name)], result, |()| onward(&next)).await
}

/// Where a person goes after signing in.
fn onward(next: &str) -> String {
    context::local_address(next).filter(|next| !next.starts_with("/sign-in")).unwrap_or("/").to_owned()
}

/// Name and password.
#[component]
pub fn SignIn() -> impl IntoView {
    super::load(
        Area::Public,
        async {
            let next = super::query("next").unwrap_or_default();
            if context::visitor().person.is_some() {
                context::redirect(&onward(&next));
            }
            Ok((form::returned(FORM).await, next))
        },
        |(entered, next)| {
            view! {
                <DocumentTitle text="Sign in"/>
                <section class="sign-in card">
                    <h1>"Sign in to Slipway"</h1>
                    <PostForm name=FORM action=SubmitSignIn::PATH entered=entered.clone()>
                        <HiddenField name="next" value=next/>
                        <TextField
                            name="user_name"
                            label="Name"
                            required=true
                            value=entered.value("user_name", "")
                            error=entered.error("user_name")
                            autocomplete="username"
                            maxlength=200
                            autofocus=true
                        />
                        <TextField
                            name="password"
                            label="Password"
                            kind="password"
                            required=true
                            error=entered.error("password")
                            autocomplete="current-password"
                            maxlength=1000
                        />
                        <div class="buttons">
                            <Button appearance=Appearance::Primary>"Sign in"</Button>
                        </div>
                    </PostForm>
                </section>
            }
        },
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn signing_in_leads_on_within_this_site_and_never_in_a_circle() {
        assert_eq!(onward("/runs/1?x=2"), "/runs/1?x=2");
        assert_eq!(onward("//evil.example"), "/");
        assert_eq!(onward("/sign-in?next=/sign-in"), "/");
        assert_eq!(onward(""), "/");
    }
}
