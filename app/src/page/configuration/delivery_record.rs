//! One delivery: what was sent, what was answered, how often it was tried.

use super::{
    record::{PostCommand, RecordHeader, RecordState, Refusal},
    webhook, webhooks,
};
use crate::{
    components::{Column, CommandBar, CommandLink, DescriptionList, Fact, Grid, Moment},
    context,
    error::AppError,
    form::{self, Form, Returned},
    layout::Area,
    page::{self, maker},
};
use http::HeaderName;
use leptos::{prelude::*, server_fn::ServerFn};
use model::{
    id::DeliveryId,
    webhook::{DeliveryStatus, DeliveryTry},
};
use pipelines::webhook::{Inspection, delivery};

const FORM: &str = "delivery";

/// Address of a delivery.
pub fn address(id: DeliveryId) -> String {
    format!("{}/deliveries/{id}", webhooks::PATH)
}

/// *Send again*.
#[server]
pub async fn send_delivery_again(id: DeliveryId) -> Result<(), AppError> {
    let result = async {
        delivery::send_again(&context::host(), &context::caller()?, id).await?;
        form::notify("It is sent again.").await
    }
    .await;
    let page = address(id);
    form::answer(Form::new(FORM, &page), &[], result, |()| page.clone()).await
}

/// `/configuration/webhooks/deliveries/{id}`. While it is about to be sent, the browser asks again every second.
#[component]
pub fn DeliveryRecord() -> impl IntoView {
    let id = page::parameter::<DeliveryId>("id");
    page::load(
        Area::Configuration,
        async move {
            let host = context::host();
            let inspection = delivery::inspect(&host, &context::caller()?, id?).await?;
            if inspection.delivery.due.is_some_and(|due| due <= host.clock().now()) {
                context::set_header(HeaderName::from_static("refresh"), "1");
            }
            Ok::<_, AppError>((inspection, form::returned(FORM).await))
        },
        |(inspection, returned)| show(inspection, returned),
    )
}

fn show(inspection: Inspection, returned: Returned) -> AnyView {
    let Inspection { delivery, webhook: name, origin, body, tries } = inspection;
    let next = delivery.due.filter(|_| delivery.status == DeliveryStatus::Waiting);
    let columns = ["Try", "When", "Took", "Answer"].into_iter().map(Column::new).collect();
    let run =
        delivery.run.map(|run| view! { <Fact label="Run"><a href=maker::address::run(run)>"Open run"</a></Fact> });
    view! {
        <CommandBar>
            <PostCommand action=SendDeliveryAgain::PATH icon="arrow-sync" fields=vec![("id", delivery.id.to_string())]>
                "Send again"
            </PostCommand>
            <CommandLink icon="arrow-clockwise" href=address(delivery.id)>"Refresh"</CommandLink>
        </CommandBar>
        <RecordHeader title=delivery.event kind="Delivery" state=RecordState::Active/>
        <Refusal returned/>
        <section class="card">
            <DescriptionList>
                <Fact label="State">{webhook::state(delivery.status)}</Fact>
                <Fact label="Webhook"><a href=webhook::address(delivery.webhook)>{name}</a></Fact>
                <Fact label="To">{origin}</Fact>
                <Fact label="Id"><code>{delivery.id.to_string()}</code></Fact>
                <Fact label="Created"><Moment at=delivery.created/></Fact>
                {next.map(|at| view! { <Fact label="Next try"><Moment at/></Fact> })}
                {run}
            </DescriptionList>
        </section>
        <section class="card">
            <h2>"Tries"</h2>
            <Grid
                caption="Tries"
                hide_caption=true
                columns
                rows=tries.into_iter().map(row).collect()
                empty="It has not been sent yet."
            />
        </section>
        <section class="card">
            <h2>"What is sent"</h2>
            <pre class="sent" tabindex="0">{body}</pre>
        </section>
    }
    .into_any()
}

fn row(attempt: DeliveryTry) -> AnyView {
    let status = attempt.answer_status.map(|status| format!("Status {status}. "));
    let answer = (!attempt.answer.is_empty()).then(|| view! { <pre class="sent">{attempt.answer}</pre> });
    view! {
        <tr>
            <th scope="row">{attempt.number}</th>
            <td><Moment at=attempt.at/></td>
            <td>{format!("{} ms", attempt.milliseconds)}</td>
            <td>{status}{attempt.error}{answer}</td>
        </tr>
    }
    .into_any()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::page::configuration::sample;
    use model::Timestamp;

    #[test]
    fn what_was_sent_and_answered_is_shown_and_stays_text() {
        let hostile = "</pre><script>alert(1)</script>".to_owned();
        let attempt = DeliveryTry {
            number: 1,
            at: Timestamp(0),
            milliseconds: 12,
            answer_status: Some(503),
            answer: hostile.clone(),
            error: "The receiver answered 503.".to_owned(),
        };
        let inspection = Inspection {
            delivery: sample::delivery(),
            webhook: hostile.clone(),
            origin: hostile.clone(),
            body: hostile,
            tries: vec![attempt],
        };
        let html = Owner::new().with(|| {
            leptos_meta::provide_meta_context();
            show(inspection, Returned::default()).to_html()
        });
        assert!(!html.contains("<script"), "{html}");
        assert!(html.contains("Status 503.") && html.contains("12 ms") && html.contains("Send again"), "{html}");
    }
}
