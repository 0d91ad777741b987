//! The form of a webhook, and what was sent to it.

use super::{
    delivery_record,
    record::{ConfirmedCommand, PostCommand, RecordHeader, RecordState, Refusal, SaveCommands, after_saving},
    record_fields::NameField,
    webhooks,
};
use crate::{
    components::{
        Badge, Checkbox, Choice, Column, CommandBar, Grid, HiddenField, Intent, MessageBar, Moment, Pager, PostForm,
        Select, TextField,
    },
    context,
    error::AppError,
    form::{self, Form, Returned},
    layout::Area,
    page, shown_once,
};
use http::header::CACHE_CONTROL;
use leptos::{prelude::*, server_fn::ServerFn};
use model::{
    event::EventName,
    id::WebhookId,
    page::Page,
    pipeline::PipelineSummary,
    webhook::{Delivery, DeliveryStatus, Webhook, WebhookForm},
};
use pipelines::{
    secret::{ExposeSecret, Secret},
    webhook::{self, WebhookFields, delivery},
};

/// Address of the form of a new webhook.
pub const NEW: &str = "/configuration/webhooks/new";
const FORM: &str = "webhook";
/// The commands beside the form.
const COMMANDS: &str = "webhook-commands";
const KIND: &str = "Webhook";
/// What a new secret waits under for the next page.
const MADE: &str = "webhook-secret";

/// Address of a webhook's form.
pub fn address(id: WebhookId) -> String {
    format!("{}/{id}", webhooks::PATH)
}

/// Creates a webhook.
#[server]
#[allow(clippy::too_many_arguments, reason = "one for each field of the form")]
pub async fn create_webhook(
    #[server(default)] name: String,
    #[server(default)] url: String,
    #[server(default)] secret: String,
    #[server(default)] form: String,
    #[server(default)] events: Vec<String>,
    #[server(default)] pipeline: String,
    #[server(default)] active: String,
) -> Result<(), AppError> {
    let given = fields(name, url, secret, form, events, pipeline, &active);
    let result = async {
        let (host, caller) = (context::host(), context::caller()?);
        let (id, made) = webhook::create(&host, &caller, &given).await?;
        if let Some(made) = made {
            shown_once::keep(MADE, &made.expose_secret()).await?;
        }
        form::notify("The webhook was created.").await?;
        Ok::<_, AppError>(id)
    }
    .await;
    form::answer(Form::new(FORM, NEW), &entered(&given, &ticked(&given)), result, address).await
}

/// Changes a webhook.
#[server]
#[allow(clippy::too_many_arguments, reason = "one for each field of the form")]
pub async fn save_webhook(
    id: WebhookId,
    row_version: i32,
    #[server(default)] name: String,
    #[server(default)] url: String,
    #[server(default)] secret: String,
    #[server(default)] form: String,
    #[server(default)] events: Vec<String>,
    #[server(default)] pipeline: String,
    #[server(default)] active: String,
    #[server(default)] then: String,
) -> Result<(), AppError> {
    let given = fields(name, url, secret, form, events, pipeline, &active);
    let result = async {
        webhook::update(&context::host(), &context::caller()?, id, &given, row_version).await?;
        form::notify("The webhook was saved.").await
    }
    .await;
    let page = address(id);
    let to = |()| after_saving(&then, webhooks::PATH, page.clone());
    form::answer(Form::new(FORM, &page), &entered(&given, &ticked(&given)), result, to).await
}

/// *New secret*: the one before is worth nothing any more.
#[server]
pub async fn renew_webhook_secret(id: WebhookId) -> Result<(), AppError> {
    let result = async {
        let secret = webhook::renew_secret(&context::host(), &context::caller()?, id).await?;
        shown_once::keep(MADE, &secret.expose_secret()).await
    }
    .await;
    let page = address(id);
    form::answer(Form::new(COMMANDS, &page), &[], result, |()| page.clone()).await
}

/// *Send a test event*, and look at what comes of it.
#[server]
pub async fn test_webhook(id: WebhookId) -> Result<(), AppError> {
    let result =
        async { Ok::<_, AppError>(delivery::send_test(&context::host(), &context::caller()?, id).await?) }.await;
    form::answer(Form::new(COMMANDS, &address(id)), &[], result, delivery_record::address).await
}

/// Deletes a webhook.
#[server]
pub async fn delete_webhook(id: WebhookId) -> Result<(), AppError> {
    let result = async {
        webhook::delete(&context::host(), &context::caller()?, id).await?;
        form::notify("The webhook was deleted.").await
    }
    .await;
    form::answer(Form::new(COMMANDS, &address(id)), &[], result, |()| webhooks::PATH.to_owned()).await
}

fn fields(
    name: String,
    url: String,
    secret: String,
    form: String,
    events: Vec<String>,
    pipeline: String,
    active: &str,
) -> WebhookFields {
    WebhookFields { name, url, secret: Secret::from(secret), form, events, pipeline, active: !active.is_empty() }
}

/// The boxes of events that are ticked, as a form that is not accepted gets them back.
fn ticked(given: &WebhookFields) -> Vec<String> {
    given.events.iter().map(|name| entered_as(name)).collect()
}

fn entered_as(event: &str) -> String {
    format!("event:{event}")
}

/// What a form that is not accepted gets back: not the secret, and of the address not what may give access.
fn entered<'a>(given: &'a WebhookFields, ticked: &'a [String]) -> Vec<(&'a str, &'a str)> {
    let mut entered: Vec<(&str, &str)> = vec![
        ("name", &given.name),
        ("url", given.url.split(['?', '#']).next().unwrap_or_default()),
        ("form", &given.form),
        ("pipeline", &given.pipeline),
        ("active", if given.active { "yes" } else { "" }),
    ];
    entered.extend(ticked.iter().map(|name| (name.as_str(), "yes")));
    entered
}

/// `/configuration/webhooks/new`
#[component]
pub fn NewWebhook() -> impl IntoView {
    page::load(
        Area::Configuration,
        async {
            let (host, caller) = (context::host(), context::caller()?);
            caller.require_administrator()?;
            Ok::<_, AppError>((pipelines::pipeline::list(&host, &caller).await?, form::returned(FORM).await))
        },
        |(pipelines, entered)| {
            view! {
                <CommandBar><SaveCommands form=FORM new=NEW/></CommandBar>
                <RecordHeader title="New Webhook" kind=KIND state=RecordState::New/>
                <section class="card record">
                    <PostForm name=FORM action=CreateWebhook::PATH entered=entered.clone()>
                        <WebhookFormFields entered stored=None pipelines/>
                    </PostForm>
                </section>
                <Receiving/>
            }
        },
    )
}

/// `/configuration/webhooks/{id}`
#[component]
pub fn WebhookRecord() -> impl IntoView {
    let id = page::parameter::<WebhookId>("id");
    let number = page::query("page").and_then(|page| page.parse().ok()).unwrap_or(1);
    page::load(
        Area::Configuration,
        async move {
            let (host, caller, id) = (context::host(), context::caller()?, id?);
            let webhook = webhook::get(&host, &caller, id).await?;
            let deliveries = delivery::deliveries(&host, &caller, id, number).await?;
            let pipelines = pipelines::pipeline::list(&host, &caller).await?;
            let made = shown_once::take::<String>(MADE).await?;
            if made.is_some() {
                context::set_header(CACHE_CONTROL, "no-store");
            }
            let returned = (form::returned(FORM).await, form::returned(COMMANDS).await);
            Ok::<_, AppError>((webhook, deliveries, pipelines, made, returned))
        },
        |(webhook, deliveries, pipelines, made, (entered, commanded))| {
            let (id, row_version) = (webhook.id, webhook.row_version);
            let (at, by) = webhook.modified.clone();
            view! {
                <Head webhook=webhook.clone() commanded/>
                {made.map(just_made)}
                <section class="card record">
                    <PostForm name=FORM action=SaveWebhook::PATH entered=entered.clone()>
                        <HiddenField name="id" value=id.to_string()/>
                        <HiddenField name="row_version" value=row_version.to_string()/>
                        <WebhookFormFields entered stored=Some(webhook) pipelines/>
                    </PostForm>
                    <p class="muted">{format!("Last changed by {by} ")}<Moment at/></p>
                </section>
                {sent(id, deliveries)}
            }
            .into_any()
        },
    )
}

/// Commands, name, and why a command was refused.
#[component]
fn Head(webhook: Webhook, commanded: Returned) -> AnyView {
    let id = webhook.id;
    let fields = vec![("id", id.to_string())];
    let what = format!("the webhook {}", webhook.name);
    view! {
        <CommandBar>
            <SaveCommands form=FORM new=NEW refresh=address(id)/>
            <PostCommand action=TestWebhook::PATH icon="send" fields=fields.clone()>"Send a test event"</PostCommand>
            <ConfirmedCommand
                action=RenewWebhookSecret::PATH
                verb="New secret"
                icon="lock-closed"
                what=format!("for {what}")
                consequence="Calls are signed with the new one from now on. Receivers refuse them until they know it."
                fields=fields.clone()
            />
            <ConfirmedCommand
                action=DeleteWebhook::PATH
                verb="Delete"
                what
                consequence="It is told nothing any more, and its deliveries are forgotten, those that wait included."
                fields
            />
        </CommandBar>
        <RecordHeader title=webhook.name kind=KIND state=RecordState::saved(webhook.active)/>
        <Refusal returned=commanded/>
    }
    .into_any()
}

fn just_made(secret: String) -> AnyView {
    view! {
        <MessageBar intent=Intent::Warning title="Secret for the signature:">
            <code class="one-time-password">{secret}</code>
            <p>"Copy it to the receiver now: it is not shown again."</p>
        </MessageBar>
    }
    .into_any()
}

/// What a webhook is and what it is told.
#[component]
fn WebhookFormFields(entered: Returned, stored: Option<Webhook>, pipelines: Vec<PipelineSummary>) -> AnyView {
    let text = |name: &str, value: String| entered.value(name, &value);
    let stored_form = stored.as_ref().map_or(WebhookForm::Event, |stored| stored.form);
    let told = |event: EventName| stored.as_ref().is_none_or(|stored| stored.events.contains(&event));
    let boxes = EventName::ALL.map(|event| {
        view! {
            <Checkbox
                name="events[]"
                id=format!("event-{}", event.name())
                label=event.name()
                value=event.name()
                checked=entered.checked(&entered_as(event.name()), told(event))
                hint=event.meaning().to_owned()
            />
        }
    });
    let secret = if stored.is_some() {
        "One is stored. Leave this empty to keep it."
    } else {
        "Signs the calls. Leave this empty, and Slipway makes one and shows it once."
    };
    let chosen = stored.as_ref().and_then(|stored| stored.pipeline).map(|id| id.to_string()).unwrap_or_default();
    view! {
        <NameField entered=entered.clone() stored=stored.as_ref().map(|stored| stored.name.clone()).unwrap_or_default()/>
        <TextField
            name="url"
            label="Address"
            kind="url"
            value=text("url", stored.as_ref().map(|stored| stored.url.clone()).unwrap_or_default())
            required=true
            hint="An https address. In Microsoft Teams: that of the workflow “Post to a channel when a webhook request is received”.".to_owned()
            error=entered.error("url")
            autocomplete="off"
            maxlength=2000
        />
        <Select
            name="form"
            label="What is sent"
            choices=WebhookForm::ALL.map(|form| Choice::new(form.name(), form.label())).to_vec()
            value=text("form", stored_form.name().to_owned())
            error=entered.error("form")
        />
        <TextField
            name="secret"
            label="Secret"
            kind="password"
            hint=secret.to_owned()
            error=entered.error("secret")
            autocomplete="off"
        />
        <Select
            name="pipeline"
            label="Pipeline"
            none="All pipelines"
            choices=pipelines.into_iter().map(|pipeline| Choice::new(pipeline.id, pipeline.name)).collect()
            value=text("pipeline", chosen)
            error=entered.error("pipeline")
        />
        <fieldset class="field choices">
            <legend>"Events"</legend>
            {boxes.collect_view()}
            {entered.error("events").map(|error| view! { <p class="error">{error}</p> })}
        </fieldset>
        <Checkbox
            name="active"
            label="Switched on"
            checked=entered.checked("active", stored.as_ref().is_none_or(|stored| stored.active))
            hint="What waits while it is off is sent when it is on again.".to_owned()
        />
    }
    .into_any()
}

/// What was sent and what waits, newest first.
fn sent(webhook: WebhookId, deliveries: Page<Delivery>) -> AnyView {
    let columns = ["Event", "Created", "State", "Tries", "Last answer"].into_iter().map(Column::new).collect();
    let (number, last, more) = (deliveries.number, deliveries.last(), deliveries.more);
    view! {
        <section class="card">
            <h2>"Deliveries"</h2>
            <Grid
                caption="Deliveries"
                hide_caption=true
                columns
                rows=deliveries.rows.into_iter().map(row).collect()
                empty="Nothing has been sent yet."
            />
            <Pager number last more label="Deliveries" href=move |page| format!("{}?page={page}", address(webhook))/>
        </section>
    }
    .into_any()
}

fn row(delivery: Delivery) -> AnyView {
    view! {
        <tr>
            <th scope="row"><a href=delivery_record::address(delivery.id)>{delivery.event}</a></th>
            <td><Moment at=delivery.created/></td>
            <td>{state(delivery.status)}</td>
            <td>{delivery.tries}</td>
            <td>{delivery.outcome}</td>
        </tr>
    }
    .into_any()
}

/// Where a delivery stands.
pub(super) fn state(status: DeliveryStatus) -> AnyView {
    let (intent, icon) = match status {
        DeliveryStatus::Waiting => (Intent::Information, "clock"),
        DeliveryStatus::Delivered => (Intent::Success, "checkmark-circle"),
        DeliveryStatus::GivenUp => (Intent::Error, "error-circle"),
    };
    view! { <Badge intent icon>{status.label()}</Badge> }.into_any()
}

/// What a receiver has to know.
#[component]
fn Receiving() -> impl IntoView {
    view! {
        <section class="card">
            <h2>"For who receives"</h2>
            <p>
                "Every call is a POST with JSON, signed as the Standard Webhooks specification has it: "
                <code>"webhook-signature"</code> " is HMAC-SHA-256 over " <code>"webhook-id"</code> ", "
                <code>"webhook-timestamp"</code> " and the body, with dots between. Refuse what is older than five minutes, and ignore an id that you have seen: what is not answered with 2xx within 12 seconds is sent again."
            </p>
        </section>
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::page::configuration::sample;

    #[test]
    fn a_form_that_is_not_accepted_gets_its_boxes_back_and_not_the_secret() {
        let text = |text: &str| text.to_owned();
        let events = vec![text("OnDeploymentFailed")];
        let given = fields(text("n"), text("u"), text("hunter2"), text("teams"), events, text(""), "");
        let ticked = ticked(&given);
        let entered = entered(&given, &ticked);
        assert!(entered.contains(&("event:OnDeploymentFailed", "yes")) && entered.contains(&("active", "")));
        assert!(entered.iter().all(|(_, value)| !value.contains("hunter2")), "{entered:?}");
    }

    #[test]
    fn a_webhook_shows_the_events_it_is_told_of_and_its_texts_stay_text() {
        let hostile = "\"></th><script>alert(1)</script>".to_owned();
        let webhook = Webhook {
            name: hostile.clone(),
            url: hostile.clone(),
            events: vec![EventName::DeploymentFailed],
            ..sample::webhook()
        };
        let delivery = Delivery { event: hostile.clone(), outcome: hostile.clone(), ..sample::delivery() };
        let deliveries = Page { rows: vec![delivery], number: 1, size: 50, total: 1, more: false };
        let html = Owner::new().with(|| {
            leptos_meta::provide_meta_context();
            view! {
                <Head webhook=webhook.clone() commanded=Returned::default()/>
                {just_made(hostile)}
                <WebhookFormFields entered=Returned::default() stored=Some(webhook) pipelines=Vec::new()/>
                {sent(sample::webhook().id, deliveries)}
            }
            .to_html()
        });
        assert!(!html.contains("<script"), "{html}");
        assert_eq!(html.matches(" checked").count(), 2, "one event, and switched on: {html}");
    }
}
