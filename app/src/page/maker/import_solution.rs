//! To be written.
use crate::page::not_found::NotFound;
use leptos::prelude::*;
/// To be written.
#[component]
pub fn ImportSolution() -> impl IntoView {
    view! { <NotFound/> }
}
/// To be written.
#[component]
pub fn ImportJob() -> impl IntoView {
    view! { <NotFound/> }
}
