//! The document and its addresses.

use crate::{
    context::{self, ElementIds},
    page::{
        account::{
            password::Account, providers::Providers, sessions::Sessions, time_zone::TimeZonePage, tokens::Tokens,
        },
        approvals::Approvals,
        configuration::ConfigurationRoutes,
        home::Home,
        maker::MakerRoutes,
        not_found::NotFound,
        sign_in::SignIn,
    },
};
use leptos::prelude::*;
use leptos_meta::{HashedStylesheet, MetaTags, provide_meta_context};
use leptos_router::{
    SsrMode,
    components::{FlatRoutes, Route, Router},
    path,
};

/// The document around every page.
pub fn shell(options: LeptosOptions) -> impl IntoView {
    let theme = context::theme();
    view! {
        <!DOCTYPE html>
        <html lang="en" data-theme=theme.name()>
            <head>
                <meta charset="utf-8"/>
                <meta name="viewport" content="width=device-width, initial-scale=1"/>
                <meta name="description" content="Deployment pipelines for Power Platform solutions."/>
                <link rel="icon" href="/favicon.svg" type="image/svg+xml"/>
                <HashedStylesheet id="leptos" options=options.clone()/>
                <HydrationScripts options islands=true/>
                <MetaTags/>
            </head>
            <body>
                <App/>
            </body>
        </html>
    }
}

/// Every page by its address.
#[component]
pub fn App() -> impl IntoView {
    provide_meta_context();
    provide_context(ElementIds::default());
    view! {
        <Router>
            <FlatRoutes fallback=NotFound>
                <Route path=path!("/") view=Home ssr=SsrMode::Async/>
                <Route path=path!("/sign-in") view=SignIn ssr=SsrMode::Async/>
                <Route path=path!("/approvals") view=Approvals ssr=SsrMode::Async/>
                <Route path=path!("/account") view=Account ssr=SsrMode::Async/>
                <Route path=path!("/account/sessions") view=Sessions ssr=SsrMode::Async/>
                <Route path=path!("/account/tokens") view=Tokens ssr=SsrMode::Async/>
                <Route path=path!("/account/time-zone") view=TimeZonePage ssr=SsrMode::Async/>
                <Route path=path!("/account/providers") view=Providers ssr=SsrMode::Async/>
                <MakerRoutes/>
                <ConfigurationRoutes/>
            </FlatRoutes>
        </Router>
    }
}
