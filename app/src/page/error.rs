//! What a page shows instead of itself when something is wrong.

use crate::{
    components::{Appearance, Button, LinkButton},
    context,
    layout::PageHeader,
};
use http::HeaderName;
use leptos::prelude::*;
use model::Problem;

/// What is wrong, and a way on.
pub fn page(problem: &Problem) -> AnyView {
    let title = match problem {
        Problem::SignInRequired => "Sign in",
        Problem::Forbidden(_) => "You may not see this page",
        Problem::NotFound(_) => "Not found",
        Problem::Invalid(_) => "The address is not right",
        Problem::Refused(_) => "This is not possible",
        Problem::Changed(_) => "It was changed in the meantime",
        Problem::Unavailable(_) => "The environment does not answer",
        Problem::Internal(_) => "Something failed",
    };
    let again = matches!(problem, Problem::Unavailable(_) | Problem::Internal(_) | Problem::Changed(_));
    let request = matches!(problem, Problem::Internal(_))
        .then(|| context::header(HeaderName::from_static("x-request-id")))
        .flatten();
    view! {
        <PageHeader title/>
        <p>{problem.to_string()}</p>
        {request.map(|id| view! { <p class="hint">"Request id: "<code>{id}</code></p> })}
        <div class="buttons">
            {again.then(|| view! { <form method="get"><Button>"Try again"</Button></form> })}
            <LinkButton href="/" appearance=Appearance::Primary>"Go to the start page"</LinkButton>
        </div>
    }
    .into_any()
}
