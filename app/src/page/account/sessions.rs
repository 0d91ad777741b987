//! Where one is signed in.

use super::{AccountHeader, Part};
use crate::{
    components::{Badge, Column, CommandBar, CommandLink, DialogButton, Grid, Intent, Moment},
    context,
    error::AppError,
    form::{self, Form, Returned},
    layout::Area,
    page::{
        self,
        configuration::record::{ConfirmedCommand, Refusal},
    },
};
use leptos::{prelude::*, server_fn::ServerFn};
use model::{id::SessionId, session::OwnSession};
use pipelines::{Proof, session};

/// Address of this page.
pub const PATH: &str = "/account/sessions";
const FORM: &str = "sessions";

/// Ends one of one's own sessions.
#[server]
pub async fn end_session(id: SessionId) -> Result<(), AppError> {
    let result = async {
        session::end(&context::host(), &context::caller()?, id).await?;
        form::notify("The session was ended.").await
    }
    .await;
    form::answer(Form::new(FORM, PATH), &[], result, |()| PATH.to_owned()).await
}

/// Signs out everywhere, here included.
#[server]
pub async fn end_all_sessions() -> Result<(), AppError> {
    let result = async {
        session::end_all(&context::host(), &context::caller()?).await?;
        Ok::<_, AppError>(context::session()?.flush().await?)
    }
    .await;
    form::answer(Form::new(FORM, PATH), &[], result, |()| "/sign-in".to_owned()).await
}

/// `/account/sessions`
#[component]
pub fn Sessions() -> impl IntoView {
    page::load(
        Area::General,
        async {
            let caller = context::caller()?;
            let current = match context::proof() {
                Some(Proof::Session(current)) => current,
                _ => [0; 32],
            };
            let sessions = session::list(&context::host(), &caller, current).await?;
            Ok::<_, AppError>((sessions, form::returned(FORM).await))
        },
        |(sessions, returned)| show(sessions, returned),
    )
}

fn show(sessions: Vec<OwnSession>, returned: Returned) -> impl IntoView {
    let columns = vec![
        Column::new("Browser"),
        Column::new("Address"),
        Column::new("Signed in with"),
        Column::new("Signed in"),
        Column::new("Last used"),
        Column::new("Ends"),
        Column::new("Commands").hidden(),
    ];
    view! {
        <CommandBar>
            <ConfirmedCommand
                action=EndAllSessions::PATH
                verb="Sign out"
                icon="prohibited"
                what="everywhere"
                consequence="Every session ends, this one included. Slipway forgets the browsers in which you signed in before. API tokens stay."
                fields=Vec::new()
            />
            <CommandLink icon="arrow-clockwise" href=PATH>"Refresh"</CommandLink>
        </CommandBar>
        <AccountHeader title="Sessions" part=Part::Sessions/>
        <Refusal returned/>
        <div class="sections">
        <p>"You are signed in here. End what you do not know, and change your password."</p>
        <section class="card">
            <Grid
                caption="Sessions"
                hide_caption=true
                columns
                rows=sessions.into_iter().map(row).collect()
                empty="There is no session."
            />
        </section>
        </div>
    }
}

fn row(session: OwnSession) -> AnyView {
    let command = if session.current {
        view! { <Badge intent=Intent::Success>"This one"</Badge> }.into_any()
    } else {
        view! {
            <ConfirmedCommand
                action=EndSession::PATH
                verb="End"
                icon="prohibited"
                what=format!("the session of {}", session.device)
                consequence="Whoever uses it is signed out at once."
                fields=vec![("id", session.id.to_string())]
                button=DialogButton::Subtle
            />
        }
        .into_any()
    };
    let address = if session.address.is_empty() { "---".to_owned() } else { session.address };
    view! {
        <tr data-session=session.id.to_string()>
            <th scope="row">{session.device}</th>
            <td>{address}</td>
            <td>{session.method}</td>
            <td><Moment at=session.created/></td>
            <td><Moment at=session.last_seen/></td>
            <td><Moment at=session.expires/></td>
            <td class="commands">{command}</td>
        </tr>
    }
    .into_any()
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing, reason = "tests")]

    use super::*;
    use model::Timestamp;

    #[test]
    fn the_session_that_asks_is_not_offered_to_be_ended_and_others_are_whatever_they_call_themselves() {
        let session = |current| OwnSession {
            id: SessionId(uuid::Uuid::from_u128(7)),
            device: "</th><script>alert(1)</script>".to_owned(),
            address: "192.0.2.1".to_owned(),
            method: "Password".to_owned(),
            created: Timestamp(0),
            last_seen: Timestamp(0),
            expires: Timestamp(0),
            current,
        };
        let shown = |current| {
            Owner::new().with(|| {
                leptos_meta::provide_meta_context();
                show(vec![session(current)], Returned::default()).to_html()
            })
        };
        assert!(shown(true).contains("This one") && !shown(true).contains(EndSession::PATH));
        assert!(shown(false).contains(EndSession::PATH) && !shown(false).contains("<script"));
    }
}
