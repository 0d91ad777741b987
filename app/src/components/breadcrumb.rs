//! The way to a page.

use leptos::prelude::*;

/// One step of the way.
#[derive(Clone, Debug)]
pub struct Crumb {
    label: String,
    href: String,
}

impl Crumb {
    /// A page on the way.
    pub fn new(label: impl Into<String>, href: impl Into<String>) -> Self {
        Self { label: label.into(), href: href.into() }
    }
}

/// The way to a page. The page itself is the last step.
#[component]
pub fn Breadcrumb(
    /// The pages on the way.
    crumbs: Vec<Crumb>,
    /// The page itself.
    #[prop(into)]
    current: String,
) -> impl IntoView {
    let crumbs = crumbs.into_iter().map(|crumb| view! { <li><a href=crumb.href>{crumb.label}</a></li> });
    view! {
        <nav class="breadcrumb" aria-label="Breadcrumb">
            <ol>{crumbs.collect_view()} <li aria-current="page">{current}</li></ol>
        </nav>
    }
    .into_any()
}
