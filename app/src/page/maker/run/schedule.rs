//! When a run begins, and what can be changed about that while it waits.

use crate::{
    components::{
        Card, Dialog, DialogButton, Fact, Icon, Intent, MessageBar, Moment, PostForm, TextArea, TextField,
        TimeZoneSelect,
    },
    context::{caller, host},
    error::AppError,
    form::{self, Form, Returned},
    page::maker::address,
};
use leptos::{prelude::*, server_fn::ServerFn};
use model::{id::StageRunId, stage_run::StageRun};
use pipelines::stage_run::{self, LocalTime, TimeChanges};

/// The form that chooses another time.
pub const FORM: &str = "schedule";
/// The form that lets a run go on outside of the windows.
pub const OVERRIDE: &str = "override";

/// *Change*: has a run begin at another time; *Start as soon as possible* without one.
#[server]
pub async fn reschedule_run(
    run: StageRunId,
    #[server(default)] when: String,
    #[server(default)] scheduled: String,
    #[server(default)] time_zone: String,
) -> Result<(), AppError> {
    let time = LocalTime { time: scheduled.clone(), time_zone: time_zone.clone() };
    let result = async {
        let time = Some(&time).filter(|_| when != "now");
        stage_run::reschedule(&host(), &caller()?, run, time).await?;
        form::notify(if time.is_some() { "The run was scheduled." } else { "The run goes on as soon as it may." }).await
    }
    .await;
    let entered = [("scheduled", scheduled.as_str()), ("time_zone", &time_zone)];
    let page = address::run(run);
    form::answer(Form::new(FORM, &page), &entered, result, |()| page.clone()).await
}

/// *Deploy anyway*: lets a run go on outside of the deployment windows.
#[server]
pub async fn override_window(run: StageRunId, #[server(default)] reason: String) -> Result<(), AppError> {
    let result = async {
        stage_run::override_window(&host(), &caller()?, run, &reason).await?;
        form::notify("The run goes on outside of the deployment windows.").await
    }
    .await;
    let page = address::run(run);
    form::answer(Form::new(OVERRIDE, &page), &[("reason", reason.as_str())], result, |()| page.clone()).await
}

/// The card of a run that waits for a time; nothing otherwise.
pub fn card(run: &StageRun, changes: Option<TimeChanges>, entered: Returned, overridden: Returned) -> Option<AnyView> {
    if run.scheduled.is_none() && run.window_override.is_none() && changes.is_none() {
        return None;
    }
    let scheduled = run.scheduled.clone().map(|scheduled| {
        view! {
            <Fact label="Scheduled for">
                {scheduled.text}<br/><small><Moment at=scheduled.at/></small>
            </Fact>
        }
    });
    let reason =
        run.window_override.clone().map(|reason| view! { <Fact label="Outside of the windows">{reason}</Fact> });
    let forms = changes.map(|changes| {
        let may_override = changes.may_override && run.window_override.is_none();
        let override_form = may_override.then(|| override_form(run.id, overridden));
        view! { {time_form(run, changes, entered)} {override_form} }
    });
    Some(
        view! {
            <Card title="Schedule">
                <div class="waiting">
                    <dl class="facts">{scheduled} {reason}</dl>
                    {forms}
                </div>
            </Card>
        }
        .into_any(),
    )
}

fn time_form(run: &StageRun, changes: TimeChanges, entered: Returned) -> impl IntoView + use<> {
    let id = run.id.to_string();
    let is_scheduled = run.scheduled.is_some();
    let now = is_scheduled.then(|| {
        view! {
            <button class="button" type="submit" name="when" value="now" formnovalidate>"Start as soon as possible"</button>
        }
    });
    view! {
        <PostForm name=FORM action=RescheduleRun::PATH entered=entered.clone()>
            <input type="hidden" name="run" value=id/>
            <TextField
                name="scheduled"
                label="Date and time"
                kind="datetime-local"
                required=true
                value=entered.value("scheduled", &changes.proposed)
                error=entered.error("scheduled")
            />
            <TimeZoneSelect
                value=entered.value("time_zone", &changes.time_zone)
                error=entered.error("time_zone")
            />
            <div class="buttons">
                <button class="button" type="submit" name="when" value="later">
                    <Icon name="clock"/>
                    {if is_scheduled { "Change schedule" } else { "Schedule" }}
                </button>
                {now}
            </div>
        </PostForm>
    }
}

fn override_form(run: StageRunId, entered: Returned) -> impl IntoView {
    let problem = entered.problem().map(ToString::to_string);
    view! {
        {problem.map(|problem| view! { <MessageBar intent=Intent::Error>{problem}</MessageBar> })}
        <Dialog
            trigger="Deploy outside of the windows"
            icon="warning"
            button=DialogButton::Button
            title="Deploy outside of the deployment windows?"
        >
            <p>"The run does not wait for a window or the end of a freeze. A time that was chosen for it stands."</p>
            <form method="post" action=OverrideWindow::PATH>
                <input type="hidden" name="run" value=run.to_string()/>
                <TextArea
                    name="reason"
                    id="override-reason"
                    label="Reason"
                    rows=3
                    required=true
                    maxlength=500
                    value=entered.value("reason", "")
                    hint="It stands on the run and in the audit log.".to_owned()
                    error=entered.error("reason")
                />
                <button class="button primary" type="submit">"Deploy anyway"</button>
            </form>
        </Dialog>
    }
}
