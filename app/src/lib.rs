//! The pages.
use leptos::prelude::*;
use leptos_router::{components::{Router, Routes, Route}, path, SsrMode};
pub fn shell(options: LeptosOptions) -> impl IntoView {
    view! { <!DOCTYPE html><html lang="en"><head><meta charset="utf-8"/>
    <HydrationScripts options islands=true/></head><body><App/></body></html> }
}
#[component]
pub fn App() -> impl IntoView {
    leptos_meta::provide_meta_context();
    view! { <Router><Routes fallback=|| "no"><Route path=path!("/") view=Home ssr=SsrMode::Async/></Routes></Router> }
}
#[component]
fn Home() -> impl IntoView {
    view! { <h1>"hi"</h1><Counter start=3/> }
}
#[island]
fn Counter(start: i32) -> impl IntoView {
    let n = RwSignal::new(start);
    view! { <button on:click=move |_| n.update(|n| *n += 1)>{n}</button> }
}
