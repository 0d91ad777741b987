//! When a stage may be deployed to: its windows and freezes.

use super::{
    pipeline as pipeline_form,
    record::{ConfirmedCommand, Refusal},
    stage as stage_form,
};
use crate::{
    components::{
        Appearance, Breadcrumb, Button, Card, Checkbox, Column, Crumb, DialogButton, Grid, HiddenField, PostForm,
        TextField, TimeZoneSelect,
    },
    context,
    error::AppError,
    form::{self, Form, Returned},
    layout::{Area, PageHeader},
    page,
};
use leptos::{prelude::*, server_fn::ServerFn};
use model::{
    deployment_window::{DeploymentWindows, Freeze, TimeOfDay, Weekday, Window},
    id::{FreezeId, StageId},
};
use pipelines::{
    deployment_window::{self, MOST_WINDOWS, NewFreeze},
    pipeline, stage,
    time_zone::Zone,
};
use serde::{Deserialize, Serialize};

/// The form of a stage's windows.
const WINDOWS: &str = "windows";
/// The form of a new freeze.
const FREEZE: &str = "freeze";
/// Name under which a refusal to remove a freeze comes back.
const UNFREEZE: &str = "unfreeze";
/// Empty rows for windows that are to come.
const MORE_WINDOWS: usize = 2;

/// Address of this page.
pub fn address(stage: StageId) -> String {
    format!("{}/windows", stage_form::address(stage))
}

/// A window as a form has it.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct WindowRow {
    /// The names of its days.
    #[serde(default)]
    pub days: Vec<String>,
    /// When it opens.
    #[serde(default)]
    pub from: String,
    /// When it closes.
    #[serde(default)]
    pub until: String,
}

impl WindowRow {
    fn of(window: &Window) -> Self {
        Self {
            days: window.days.iter().map(|day| day.label().to_owned()).collect(),
            from: window.from.to_string(),
            until: window.until.to_string(),
        }
    }

    /// Whether it is one of the rows that nobody filled in, or one that somebody emptied.
    fn is_empty(&self) -> bool {
        self.from.trim().is_empty() && self.until.trim().is_empty()
    }
}

/// Changes time zone and windows of a stage.
#[server]
pub async fn save_windows(
    id: StageId,
    row_version: i32,
    #[server(default)] time_zone: String,
    #[server(default)] windows: Vec<WindowRow>,
) -> Result<(), AppError> {
    let rows: Vec<_> = windows.into_iter().filter(|row| !row.is_empty()).take(MOST_WINDOWS + 1).collect();
    let result = async {
        let windows = rows.iter().enumerate().map(|(number, row)| read(number, row)).collect::<Result<Vec<_>, _>>()?;
        let (host, caller) = (context::host(), context::caller()?);
        deployment_window::save(&host, &caller, id, &time_zone, &windows, row_version).await?;
        form::notify("The deployment windows were saved.").await
    }
    .await;
    let rows = serde_json::to_string(&rows).unwrap_or_default();
    let entered = [("time_zone", time_zone.as_str()), ("rows", &rows)];
    let page = address(id);
    form::answer(Form::new(WINDOWS, &page), &entered, result, |()| page.clone()).await
}

fn read(number: usize, row: &WindowRow) -> Result<Window, AppError> {
    let problem = |message: String| AppError::field("windows", format!("Window {}: {message}", number + 1));
    let time = |text: &str| text.parse::<TimeOfDay>().map_err(|error| problem(error.to_string()));
    let days: Vec<_> = Weekday::ALL.into_iter().filter(|day| row.days.iter().any(|name| name == day.label())).collect();
    if days.is_empty() {
        return Err(problem("Choose at least one day.".to_owned()));
    }
    Ok(Window { days, from: time(&row.from)?, until: time(&row.until)? })
}

/// Declares a freeze of a stage.
#[server]
pub async fn freeze_stage(
    id: StageId,
    #[server(default)] from: String,
    #[server(default)] until: String,
    #[server(default)] reason: String,
) -> Result<(), AppError> {
    let result = async {
        let new = NewFreeze { from: from.clone(), until: until.clone(), reason: reason.clone() };
        deployment_window::freeze(&context::host(), &context::caller()?, id, &new).await?;
        form::notify("The freeze was declared.").await
    }
    .await;
    let entered = [("from", from.as_str()), ("until", &until), ("reason", &reason)];
    let page = address(id);
    form::answer(Form::new(FREEZE, &page), &entered, result, |()| page.clone()).await
}

/// Takes a freeze back.
#[server]
pub async fn unfreeze_stage(id: StageId, freeze: FreezeId) -> Result<(), AppError> {
    let result = async {
        deployment_window::unfreeze(&context::host(), &context::caller()?, id, freeze).await?;
        form::notify("The freeze was removed.").await
    }
    .await;
    let page = address(id);
    form::answer(Form::new(UNFREEZE, &page), &[], result, |()| page.clone()).await
}

/// `/configuration/stages/{id}/windows`
#[component]
pub fn StageWindows() -> impl IntoView {
    let id = page::parameter::<StageId>("id");
    page::load(
        Area::Configuration,
        async move {
            let (host, caller) = (context::host(), context::caller()?);
            caller.require_administrator()?;
            let stage = stage::get(&host, &caller, id?).await?;
            let pipeline = pipeline::get(&host, &caller, stage.pipeline).await?;
            let windows = deployment_window::get(&host, &caller, stage.id).await?;
            let returned =
                (form::returned(WINDOWS).await, form::returned(FREEZE).await, form::returned(UNFREEZE).await);
            Ok::<_, AppError>((stage, pipeline.name, windows, returned))
        },
        |(stage, pipeline, windows, (entered, freeze_entered, refused))| {
            let crumbs = vec![
                Crumb::new(pipeline, pipeline_form::address(stage.pipeline)),
                Crumb::new(stage.name.clone(), stage_form::address(stage.id)),
            ];
            let (zone, kept) = (windows.time_zone.clone(), windows.freezes.clone());
            view! {
                <Breadcrumb crumbs current="Deployment windows"/>
                <PageHeader title="Deployment windows" subtitle=format!("{} ({})", stage.name, stage.target_name)/>
                <Refusal returned=refused/>
                <p class="lead">
                    "A run that comes to this stage outside of its windows, or during a freeze, waits and goes on by itself. What runs already goes on to its end."
                </p>
                {windows_form(stage.id, windows, entered)}
                {freezes(stage.id, kept, &zone, freeze_entered)}
            }
        },
    )
}

fn windows_form(stage: StageId, windows: DeploymentWindows, entered: Returned) -> impl IntoView {
    let stored = || windows.windows.iter().map(WindowRow::of).collect::<Vec<_>>();
    let mut rows = match entered.entered("rows") {
        Some(rows) => serde_json::from_str(rows).unwrap_or_else(|_| stored()),
        None => stored(),
    };
    rows.resize((rows.len() + MORE_WINDOWS).min(MOST_WINDOWS.max(rows.len())), WindowRow::default());
    let rows = rows.into_iter().enumerate().map(|(number, row)| window_row(number, &row)).collect_view();
    let error = entered
        .error("windows")
        .map(|error| view! { <div class="field"><p class="error" role="alert">{error}</p></div> });
    view! {
        <Card title="Weekly windows">
            <PostForm name=WINDOWS action=SaveWindows::PATH entered=entered.clone()>
                <HiddenField name="id" value=stage.to_string()/>
                <HiddenField name="row_version" value=windows.row_version.to_string()/>
                <TimeZoneSelect
                    value=entered.value("time_zone", &windows.time_zone)
                    hint="That of the windows, and of the freezes below.".to_owned()
                    error=entered.error("time_zone")
                />
                <p class="hint">
                    "Without a window the stage may be deployed to at any time of the week. A window that ends earlier than it begins ends on the next day. To remove one, empty its times."
                </p>
                {error}
                {rows}
                <div class="buttons">
                    <Button appearance=Appearance::Primary>"Save windows"</Button>
                </div>
            </PostForm>
        </Card>
    }
}

fn window_row(number: usize, row: &WindowRow) -> impl IntoView + use<> {
    let days = Weekday::ALL
        .into_iter()
        .map(|day| {
            let checked = row.days.iter().any(|name| name == day.label());
            view! {
                <Checkbox
                    name=format!("windows[{number}][days][]")
                    id=format!("window-{number}-{}", day.short().to_lowercase())
                    label=day.short()
                    value=day.label()
                    checked
                />
            }
        })
        .collect_view();
    let field = |name: &str, label: &'static str, value: &str| {
        view! {
            <TextField
                name=format!("windows[{number}][{name}]")
                id=format!("window-{number}-{name}")
                label
                kind="time"
                value=value.to_owned()
            />
        }
    };
    view! {
        <fieldset class="choices window">
            <legend>{format!("Window {}", number + 1)}</legend>
            {days}
            {field("from", "From", &row.from)}
            {field("until", "To", &row.until)}
        </fieldset>
    }
}

fn freezes(stage: StageId, freezes: Vec<Freeze>, zone: &str, entered: Returned) -> impl IntoView + use<> {
    let clock = Zone::find(zone).unwrap_or_else(|_| Zone::utc());
    let columns = vec![
        Column::new("Frozen from"),
        Column::new("Frozen until"),
        Column::new("Reason"),
        Column::new("Declared by"),
        Column::new("Remove").hidden(),
    ];
    let rows = freezes
        .into_iter()
        .map(|freeze| {
            let fields = vec![("id", stage.to_string()), ("freeze", freeze.id.to_string())];
            let (from, until) = (clock.clock(freeze.from), clock.clock(freeze.until));
            view! {
                <tr>
                    <th scope="row">{from.clone()}</th>
                    <td>{until}</td>
                    <td>{freeze.reason}</td>
                    <td>{freeze.declared_by}</td>
                    <td>
                        <ConfirmedCommand
                            action=UnfreezeStage::PATH
                            verb="Remove"
                            what=format!("the freeze from {from}")
                            consequence="Runs that wait for its end go on as soon as a window is open."
                            fields
                            button=DialogButton::Subtle
                        />
                    </td>
                </tr>
            }
            .into_any()
        })
        .collect();
    let hint = format!("In the time zone {zone}.");
    view! {
        <Card title="Freezes">
            <Grid caption="Freezes" hide_caption=true columns rows empty="Nothing is frozen."/>
            <PostForm name=FREEZE action=FreezeStage::PATH entered=entered.clone()>
                <HiddenField name="id" value=stage.to_string()/>
                <div class="field-columns">
                    <TextField
                        name="from"
                        id="freeze-from"
                        label="Frozen from"
                        kind="datetime-local"
                        required=true
                        value=entered.value("from", "")
                        hint=hint.clone()
                        error=entered.error("from")
                    />
                    <TextField
                        name="until"
                        id="freeze-until"
                        label="Frozen until"
                        kind="datetime-local"
                        required=true
                        value=entered.value("until", "")
                        hint=hint
                        error=entered.error("until")
                    />
                </div>
                <TextField
                    name="reason"
                    label="Reason"
                    required=true
                    maxlength=500
                    value=entered.value("reason", "")
                    hint="Everybody whose run waits for the end of the freeze sees it.".to_owned()
                    error=entered.error("reason")
                />
                <div class="buttons">
                    <Button>"Declare freeze"</Button>
                </div>
            </PostForm>
        </Card>
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "tests")]

    use super::*;

    fn row(days: &[&str], from: &str, until: &str) -> WindowRow {
        let days = days.iter().map(|day| (*day).to_owned()).collect();
        WindowRow { days, from: from.to_owned(), until: until.to_owned() }
    }

    #[test]
    fn a_window_is_read_as_it_is_shown() {
        let friday = row(&["Monday", "Friday"], "20:00", "02:00");
        let window = read(0, &friday).unwrap();
        assert_eq!(window.days, [Weekday::Monday, Weekday::Friday]);
        assert_eq!(WindowRow::of(&window), friday);
    }

    #[test]
    fn a_window_with_something_missing_is_refused_with_its_number_and_an_empty_row_is_none() {
        for (bad, message) in [
            (row(&[], "20:00", "23:00"), "Window 3: Choose at least one day."),
            (row(&["Monday"], "", "23:00"), "Window 3: Enter a time such as 20:00."),
            (row(&["Monday"], "20:00", "later"), "Window 3: Enter a time such as 20:00."),
            (row(&["Someday"], "20:00", "23:00"), "Window 3: Choose at least one day."),
        ] {
            assert_eq!(read(2, &bad).unwrap_err().0.field("windows"), Some(message), "{bad:?}");
        }
        assert!(row(&["Monday"], " ", "").is_empty());
        assert!(!row(&[], "", "20:00").is_empty());
    }

    #[test]
    fn there_is_always_room_for_another_window_up_to_the_most_there_may_be() {
        let show = |count: usize| {
            let window = read(0, &row(&["Monday"], "20:00", "23:00")).unwrap();
            let windows = DeploymentWindows {
                time_zone: "UTC".to_owned(),
                windows: vec![window; count],
                freezes: Vec::new(),
                row_version: 1,
            };
            windows_form(StageId(uuid::Uuid::nil()), windows, Returned::default()).to_html().matches("<legend").count()
        };
        assert_eq!((show(0), show(1), show(MOST_WINDOWS)), (2, 3, MOST_WINDOWS));
    }
}
