//! To be written.
use crate::page::not_found::NotFound;
use leptos::prelude::*;
/// To be written.
#[component]
pub fn SolutionOverview() -> impl IntoView {
    view! { <NotFound/> }
}
