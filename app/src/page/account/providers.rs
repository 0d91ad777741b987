//! The providers one signs in with.

use super::{AccountHeader, Part};
use crate::{
    components::{Appearance, Badge, Button, HiddenField, Intent, MessageBar, Moment, TextField},
    context::{self, ProviderChoice},
    error::AppError,
    form::{self, Form, Returned},
    layout::Area,
    page::{
        self,
        configuration::record::{ConfirmedCommand, Refusal},
    },
};
use leptos::{prelude::*, server_fn::ServerFn};
use model::user::Roles;
use pipelines::{
    sign_in::{self, Identity},
    user,
};

/// Address of this page.
pub const PATH: &str = "/account/providers";
const FORM: &str = "providers";

/// The name of the form that connects an account with a provider.
pub fn connect_form(provider: &str) -> String {
    format!("connect-{provider}")
}

/// Disconnects one's account from a provider.
#[server]
pub async fn disconnect_provider(#[server(default)] provider: String) -> Result<(), AppError> {
    let result = async {
        let choice = context::providers().into_iter().find(|choice| choice.key == provider);
        let managed = choice.map_or(Roles::NONE, |choice| choice.managed_roles);
        sign_in::disconnect(&context::host(), &context::caller()?, &provider, managed).await?;
        form::notify("Your account was disconnected.").await
    }
    .await;
    form::answer(Form::new(FORM, PATH), &[], result, |()| PATH.to_owned()).await
}

/// `/account/providers`
#[component]
pub fn Providers() -> impl IntoView {
    page::load(
        Area::General,
        async {
            let (host, caller) = (context::host(), context::caller()?);
            let identities = sign_in::identities(&host, &caller).await?;
            let has_password = user::has_own_password(&host, &caller).await?;
            let mut providers = Vec::new();
            for provider in context::providers() {
                let connected = identities.iter().find(|identity| identity.provider == provider.key).cloned();
                let entered = form::returned(&connect_form(&provider.key)).await;
                providers.push((provider, connected, entered));
            }
            Ok::<_, AppError>((providers, has_password, form::returned(FORM).await))
        },
        |(providers, has_password, returned)| {
            let cards = providers
                .into_iter()
                .map(|(provider, connected, entered)| card(provider, connected, entered, has_password))
                .collect_view();
            view! {
                <AccountHeader title="Sign-in" part=Part::Providers/>
                <Refusal returned/>
                <div class="sections narrow">{cards}</div>
            }
        },
    )
}

fn card(provider: ProviderChoice, connected: Option<Identity>, entered: Returned, has_password: bool) -> impl IntoView {
    let ProviderChoice { key, name, .. } = provider;
    let wrong_password = entered.error("password");
    let problem = entered.problem().filter(|_| wrong_password.is_none()).map(ToString::to_string);
    let state = match connected {
        Some(identity) => view! {
            <p><Badge intent=Intent::Success>"Connected"</Badge>" since "<Moment at=identity.created absolute=true/></p>
            <p>"Last sign-in: "<Moment at=identity.last_sign_in/></p>
            <ConfirmedCommand
                action=DisconnectProvider::PATH
                verb="Disconnect"
                icon="prohibited"
                what=format!("from {name}")
                consequence="You cannot sign in this way any more. Memberships of teams that come from it end."
                fields=vec![("provider", key)]
                button=crate::components::DialogButton::Button
            />
        }
        .into_any(),
        None if has_password => view! {
            <p>"Sign in with "{name.clone()}" from now on, in addition to your password."</p>
            <form method="post" class="form" action=format!("/sign-in/{key}")>
                {problem.map(|problem| view! { <MessageBar intent=Intent::Error>{problem}</MessageBar> })}
                <HiddenField name="next" value=PATH/>
                <TextField
                    id=format!("password-{key}")
                    name="password"
                    label="Your password in Slipway"
                    kind="password"
                    required=true
                    error=wrong_password
                    autocomplete="current-password"
                    maxlength=1000
                />
                <div class="buttons">
                    <Button appearance=Appearance::Primary>{format!("Connect {name}")}</Button>
                </div>
            </form>
        }
        .into_any(),
        None => view! { <p>"Not connected."</p> }.into_any(),
    };
    view! { <section class="card"><h2>{name}</h2>{state}</section> }
}
