//! Tokens with which programs act for one.

use super::{AccountHeader, Part};
use crate::{
    components::{
        Appearance, Badge, Button, Checkbox, Column, DialogButton, Grid, Intent, MessageBar, Moment, PostForm,
        TextField,
    },
    context,
    error::AppError,
    form::{self, Form, Returned},
    layout::Area,
    page::{
        self,
        configuration::record::{ConfirmedCommand, Refusal},
    },
    shown_once,
};
use http::header::CACHE_CONTROL;
use leptos::{prelude::*, server_fn::ServerFn};
use model::{
    Timestamp,
    id::TokenId,
    token::{ApiToken, Scope},
};
use pipelines::{
    secret::ExposeSecret,
    token::{self, LONGEST_DAYS, NewToken},
    user,
};
use serde::{Deserialize, Serialize};

/// Address of this page.
pub const PATH: &str = "/account/tokens";
const FORM: &str = "token";
const LIST: &str = "tokens";
const MADE: &str = "token";

/// Days a token lasts unless somebody says otherwise.
const DAYS: &str = "90";

/// A token on its way to the page that shows it, once.
#[derive(Serialize, Deserialize)]
struct Made {
    name: String,
    token: String,
}

/// Makes a token.
#[server]
pub async fn create_token(
    #[server(default)] name: String,
    #[server(default)] read: String,
    #[server(default)] deploy: String,
    #[server(default)] administer: String,
    #[server(default)] days: String,
    #[server(default)] password: String,
) -> Result<(), AppError> {
    let ticked = |scope: Scope| match scope {
        Scope::Read => !read.is_empty(),
        Scope::Deploy => !deploy.is_empty(),
        Scope::Administer => !administer.is_empty(),
    };
    let result = async {
        let new = NewToken {
            name: name.clone(),
            scopes: Scope::ALL.into_iter().filter(|scope| ticked(*scope)).collect(),
            days: days.trim().parse().ok(),
        };
        let (made, text) = token::create(&context::host(), &context::caller()?, &new, &password).await?;
        let made = Made { name: made.name, token: text.expose_secret().to_owned() };
        shown_once::keep(MADE, &made).await
    }
    .await;
    let entered = [
        ("name", name.as_str()),
        ("read", read.as_str()),
        ("deploy", deploy.as_str()),
        ("administer", administer.as_str()),
        ("days", days.as_str()),
    ];
    form::answer(Form::new(FORM, PATH), &entered, result, |()| PATH.to_owned()).await
}

/// Revokes a token.
#[server]
pub async fn revoke_token(id: TokenId) -> Result<(), AppError> {
    let result = async {
        token::revoke(&context::host(), &context::caller()?, id).await?;
        form::notify("The token was revoked.").await
    }
    .await;
    form::answer(Form::new(LIST, PATH), &[], result, |()| PATH.to_owned()).await
}

/// `/account/tokens`
#[component]
pub fn Tokens() -> impl IntoView {
    page::load(
        Area::General,
        async {
            let (host, caller) = (context::host(), context::caller()?);
            let tokens = token::list(&host, &caller).await?;
            let made = shown_once::take::<Made>(MADE).await?;
            if made.is_some() {
                context::set_header(CACHE_CONTROL, "no-store");
            }
            let now = host.clock().now();
            let has_password = user::has_own_password(&host, &caller).await?;
            let new = NewTokenForm { entered: form::returned(FORM).await, has_password };
            Ok::<_, AppError>((tokens, made, now, new, form::returned(LIST).await))
        },
        |(tokens, made, now, new, returned)| show(tokens, made, now, new, returned),
    )
}

/// The form for a new token.
struct NewTokenForm {
    entered: Returned,
    /// Whether the person confirms it with a password of Slipway's own.
    has_password: bool,
}

fn show(
    tokens: Vec<ApiToken>,
    made: Option<Made>,
    now: Timestamp,
    new: NewTokenForm,
    returned: Returned,
) -> impl IntoView {
    let columns = vec![
        Column::new("Name"),
        Column::new("Begins with"),
        Column::new("May"),
        Column::new("Created"),
        Column::new("Expires"),
        Column::new("Last used"),
        Column::new("Commands").hidden(),
    ];
    view! {
        <AccountHeader title="API tokens" part=Part::Tokens/>
        <Refusal returned/>
        {made.map(just_made)}
        <div class="sections">
        <p>"With a token, a program acts for you: " <code>"Authorization: Bearer slipway_…"</code> ". Keep it like a password."</p>
        <section class="card">
            <Grid
                caption="API tokens"
                hide_caption=true
                columns
                rows=tokens.into_iter().map(|token| row(token, now)).collect()
                empty="You have no tokens."
            />
        </section>
        {new_token(new)}
        </div>
    }
}

fn just_made(made: Made) -> impl IntoView {
    view! {
        <MessageBar intent=Intent::Warning title=format!("Token {}:", made.name)>
            <code class="one-time-password">{made.token}</code>
            <p>"Copy it now: it is not shown again."</p>
        </MessageBar>
    }
}

fn new_token(NewTokenForm { entered, has_password }: NewTokenForm) -> impl IntoView {
    let scopes = Scope::ALL.map(|scope| {
        view! {
            <Checkbox
                name=scope.name()
                label=scope.label()
                checked=entered.checked(scope.name(), scope == Scope::Read)
                hint=scope.meaning().to_owned()
            />
        }
    });
    let error = entered.error("scopes");
    let password = has_password.then(|| {
        view! {
            <TextField
                name="password"
                label="Your password in Slipway"
                kind="password"
                required=true
                hint="A token lasts longer than this session: show that it is you.".to_owned()
                error=entered.error("password")
                autocomplete="current-password"
                maxlength=1000
            />
        }
    });
    let recently = (!has_password)
        .then(|| view! { <p>"A token lasts longer than this session. Make it within 15 minutes after signing in: it shows that it is you."</p> });
    view! {
        <section class="card">
            <h2>"New token"</h2>
            <div class="narrow">
            <PostForm name=FORM action=CreateToken::PATH entered=entered.clone()>
                <TextField
                    name="name"
                    label="Name"
                    value=entered.value("name", "")
                    required=true
                    hint="What the token is for: a build, a script.".to_owned()
                    error=entered.error("name")
                    autocomplete="off"
                    maxlength=100
                />
                <fieldset class="choices">
                    <legend>"What it may do, as far as you may"</legend>
                    {error.map(|error| view! { <p class="error" role="alert">{error}</p> })}
                    {scopes.collect_view()}
                </fieldset>
                <TextField
                    name="days"
                    label="Days until it expires"
                    kind="number"
                    value=entered.value("days", DAYS)
                    required=true
                    hint=format!("From 1 to {LONGEST_DAYS}.")
                    error=entered.error("days")
                    autocomplete="off"
                />
                {password}
                {recently}
                <div class="buttons">
                    <Button appearance=Appearance::Primary>"Create token"</Button>
                </div>
            </PostForm>
            </div>
        </section>
    }
}

fn row(token: ApiToken, now: Timestamp) -> AnyView {
    let used = match token.last_used {
        None => view! { "Never" }.into_any(),
        Some(at) => {
            let from = (!token.last_address.is_empty()).then(|| format!(" from {}", token.last_address));
            view! { <Moment at/>{from} }.into_any()
        }
    };
    let expired = (token.expires <= now).then(|| view! { " "<Badge intent=Intent::Error>"Expired"</Badge> });
    view! {
        <tr data-token=token.id.to_string()>
            <th scope="row">{token.name.clone()}</th>
            <td><code>{token.prefix}"…"</code></td>
            <td>{token.scopes.label()}</td>
            <td><Moment at=token.created/></td>
            <td><Moment at=token.expires/>{expired}</td>
            <td>{used}</td>
            <td class="commands">
                <ConfirmedCommand
                    action=RevokeToken::PATH
                    verb="Revoke"
                    icon="prohibited"
                    what=format!("the token {}", token.name)
                    consequence="Programs that use it are refused at once."
                    fields=vec![("id", token.id.to_string())]
                    button=DialogButton::Subtle
                />
            </td>
        </tr>
    }
    .into_any()
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing, reason = "tests")]

    use super::*;
    use model::token::Scopes;

    fn shown(expires: i64, made: Option<Made>) -> String {
        let token = ApiToken {
            id: TokenId(uuid::Uuid::from_u128(7)),
            name: "</th><script>alert(1)</script>".to_owned(),
            prefix: "slipway_0123abcd".to_owned(),
            scopes: Scopes::ALL,
            created: Timestamp(0),
            expires: Timestamp(expires),
            last_used: None,
            last_address: String::new(),
        };
        Owner::new().with(|| {
            leptos_meta::provide_meta_context();
            let new = NewTokenForm { entered: Returned::default(), has_password: true };
            show(vec![token], made, Timestamp(1000), new, Returned::default()).to_html()
        })
    }

    #[test]
    fn a_token_is_shown_when_it_was_just_made_and_only_then() {
        let made = Made { name: "Build".to_owned(), token: "slipway_secret".to_owned() };
        assert_eq!(shown(2000, Some(made)).matches("slipway_secret").count(), 1);
        assert!(!shown(2000, None).contains("Copy it now"));
    }

    #[test]
    fn an_expired_token_says_so_and_a_hostile_name_stays_text() {
        assert!(shown(1000, None).contains("Expired<"));
        assert!(!shown(2000, None).contains("Expired<"));
        assert!(!shown(2000, None).contains("<script"));
    }
}
