//! The start: leads on to where there is something to do.

use crate::{
    components::{Intent, MessageBar},
    context,
    error::AppError,
    layout::{Area, PageHeader},
};
use leptos::prelude::*;
use model::environment::EnvironmentType;
use pipelines::deployment_environment;

/// Leads on to the solutions of the first development environment, or to the configuration where there is none yet.
#[component]
pub fn Home() -> impl IntoView {
    super::load(
        Area::General,
        async {
            let caller = context::caller()?;
            let choices = deployment_environment::choices(&context::host(), &caller).await?;
            let first =
                choices.iter().find(|choice| choice.kind == EnvironmentType::Development).or_else(|| choices.first());
            match first {
                Some(choice) => context::redirect(&super::maker::address::solutions(choice.id)),
                None if caller.is_administrator() => context::redirect("/configuration"),
                None if caller.is_system_administrator() => context::redirect("/configuration/people"),
                None => {}
            }
            Ok::<_, AppError>(())
        },
        |()| {
            view! {
                <PageHeader title="Welcome to Slipway"/>
                <MessageBar intent=Intent::Information>
                    "There is no environment you may use yet. Ask an administrator to share a pipeline with you, and to link your development environment to it."
                </MessageBar>
            }
        },
    )
}
