//! Signing in.

use crate::{
    components::{Appearance, Button, HiddenField, PostForm, TextField},
    context::{self, ProviderChoice},
    error::AppError,
    form::{self, Form},
    layout::{Area, DocumentTitle},
    sign_in::onward,
};
use leptos::{prelude::*, server_fn::ServerFn};
use pipelines::sign_in::{self, Attempt};

/// The name of the form.
pub const FORM: &str = "sign-in";

/// Signs a person in and leads on to where they wanted to go.
#[server]
pub async fn submit_sign_in(
    #[server(default)] user_name: String,
    #[server(default)] password: String,
    #[server(default)] next: String,
) -> Result<(), AppError> {
    let result = async {
        let browser = context::known_browser();
        let attempt = Attempt {
            user_name: &user_name,
            password: &password,
            browser: browser.as_deref(),
            origin: &context::visitor().origin,
        };
        let signed_in = sign_in::with_password(&context::host(), attempt).await?;
        context::know_browser(&signed_in.browser);
        context::open_session(&signed_in.person, "Password").await?;
        Ok::<_, AppError>(())
    }
    .await;
    let page = form::sign_in_address(context::local_address(&next).unwrap_or("/"));
    form::answer(Form::new(FORM, &page), &[("user_name", &user_name)], result, |()| onward(&next)).await
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
            let providers = providers(&next);
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
                    {providers}
                </section>
            }
        },
    )
}

/// A button for every provider.
fn providers(next: &str) -> impl IntoView + use<> {
    let buttons: Vec<_> = context::providers()
        .into_iter()
        .map(|ProviderChoice { key, name, .. }| {
            view! {
                <form method="post" action=format!("/sign-in/{key}")>
                    <HiddenField name="next" value=next/>
                    <Button>{format!("Sign in with {name}")}</Button>
                </form>
            }
        })
        .collect();
    (!buttons.is_empty())
        .then(|| view! { <div class="providers" role="group" aria-label="Other ways to sign in">{buttons}</div> })
}
