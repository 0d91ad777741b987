//! Titles of pages.

use leptos::prelude::*;
use leptos_meta::Title;

/// The title of the page in the browser: *Solutions - Slipway*.
#[component]
pub fn DocumentTitle(
    /// Title of the page.
    #[prop(into)]
    text: String,
) -> impl IntoView {
    // leptos_meta writes the text into the page as it is.
    view! { <Title text=escaped(&format!("{text} - Slipway"))/> }
}

/// The heading of a page, which is its title in the browser, too.
#[component]
pub fn PageHeader(
    /// The heading.
    #[prop(into)]
    title: String,
    /// What kind of thing it is about: *Deployment Pipeline*.
    #[prop(optional, into)]
    subtitle: Option<String>,
    /// What stands next to the heading.
    #[prop(optional)]
    children: Option<Children>,
) -> impl IntoView {
    view! {
        <DocumentTitle text=title.clone()/>
        <div class="page-header">
            <h1>{title}</h1>
            {subtitle.map(|subtitle| view! { <p class="subtitle">{subtitle}</p> })}
            {children.map(|children| children())}
        </div>
    }
    .into_any()
}

fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_title_cannot_leave_its_element() {
        assert_eq!(escaped("</title><script>&"), "&lt;/title>&lt;script>&amp;");
    }
}
