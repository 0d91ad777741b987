//! What stands around the content of a page: header, navigation, messages.

#![allow(clippy::needless_pass_by_value, reason = "components take their properties by value")]

mod area;
mod header;
mod navigation;
mod title;

pub use area::Area;
pub use title::{DocumentTitle, PageHeader};

use crate::{
    components::{Intent, MessageBar},
    context, form,
    island::LocalTime,
};
use header::Header;
use leptos::prelude::*;
use model::{environment::EnvironmentChoice, user::Person};
use navigation::Navigation;

/// What the frame of a page shows, read before the page is rendered.
pub struct Frame {
    area: Area,
    person: Option<Person>,
    choices: Vec<EnvironmentChoice>,
    notice: Option<String>,
    /// Runs that wait for the approval of the person.
    pending: u64,
}

impl Frame {
    /// Reads what the frame of an area shows. A frame that cannot be read in full is shown without the rest, so that
    /// it never hides the page.
    pub async fn load(area: Area) -> Self {
        let choices = match context::caller() {
            Ok(caller) => {
                pipelines::deployment_environment::choices(&context::host(), &caller).await.unwrap_or_else(|error| {
                    tracing::error!(%error, "the environments of the header could not be read");
                    Vec::new()
                })
            }
            Err(_) => Vec::new(),
        };
        let pending = match context::caller() {
            Ok(caller) if !matches!(area, Area::Public | Area::General) => {
                pipelines::stage_run::pending_count(&context::host(), &caller).await.unwrap_or_else(|error| {
                    tracing::error!(%error, "the pending approvals could not be counted");
                    0
                })
            }
            _ => 0,
        };
        let notice = if context::is_refresh() { None } else { form::notice().await };
        Self { area, person: context::visitor().person, choices, notice, pending }
    }

    /// The frame around the content of a page.
    pub fn around(self, content: AnyView) -> AnyView {
        let Self { area, person, choices, notice, pending } = self;
        let failure = form::failure();
        let class = format!("area {}", area.name());
        view! {
            <div class=class>
                <a class="skip-link" href="#main">"Skip to content"</a>
                <Header area=area.clone() person=person.clone() choices/>
                <div class="columns">
                    <Navigation area person pending/>
                    <main id="main" tabindex="-1">
                        {notice.map(|notice| view! { <MessageBar intent=Intent::Success>{notice}</MessageBar> })}
                        {failure.map(|failure| view! { <MessageBar intent=Intent::Error>{failure}</MessageBar> })}
                        {content}
                    </main>
                </div>
                <LocalTime/>
            </div>
        }
        .into_any()
    }
}
