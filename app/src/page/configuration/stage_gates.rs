//! The gates of a stage, on the stage's form.

use super::stage;
use crate::{
    components::{Appearance, Button, Checkbox, HiddenField, PostForm, TextField},
    context,
    error::AppError,
    form::{self, Form, Returned},
};
use leptos::{prelude::*, server_fn::ServerFn};
use model::{
    gate::{Approver, Gates},
    id::{StageId, TeamId, UserId},
    team::TeamSummary,
    user::Person,
};
use pipelines::gate;

/// The form of a stage's gates.
pub const FORM: &str = "gates";

/// Changes the gates of a stage.
#[server]
pub async fn save_gates(
    id: StageId,
    #[server(default)] pre_export: String,
    #[server(default)] pre_deployment: String,
    #[server(default)] approvers: Vec<String>,
    #[server(default)] needed: String,
    #[server(default)] requester: String,
    #[server(default)] deadline: String,
) -> Result<(), AppError> {
    let result = async {
        let gates = Gates {
            pre_export_step_required: !pre_export.is_empty(),
            pre_deployment_step_required: !pre_deployment.is_empty(),
            approvers: read(&approvers)?,
            approvals_needed: number("needed", &needed)?,
            requester_may_approve: !requester.is_empty(),
            deadline_hours: number("deadline", &deadline)?,
        };
        gate::save(&context::host(), &context::caller()?, id, &gates).await?;
        form::notify("The gates were saved.").await
    }
    .await;
    let ticked: Vec<_> = approvers.iter().map(|approver| (entered_as(approver), "yes")).collect();
    let entered: Vec<_> = [
        ("pre_export", pre_export.as_str()),
        ("pre_deployment", &pre_deployment),
        ("needed", &needed),
        ("requester", &requester),
        ("deadline", &deadline),
    ]
    .into_iter()
    .chain(ticked.iter().map(|(name, value)| (name.as_str(), *value)))
    .collect();
    let page = stage::address(id);
    form::answer(Form::new(FORM, &page), &entered, result, |()| page.clone()).await
}

fn number(field: &str, posted: &str) -> Result<u32, AppError> {
    posted.trim().parse().map_err(|_| AppError::field(field, "Enter a whole number."))
}

fn read(posted: &[String]) -> Result<Vec<Approver>, AppError> {
    let mut approvers = Vec::new();
    for posted in posted {
        let approver = match posted.split_once(':') {
            Some(("person", id)) => id.parse::<UserId>().ok().map(Approver::Person),
            Some(("team", id)) => id.parse::<TeamId>().ok().map(Approver::Team),
            _ => None,
        };
        let approver =
            approver.ok_or_else(|| AppError::field("approvers", "Choose people and teams from the list."))?;
        if !approvers.contains(&approver) {
            approvers.push(approver);
        }
    }
    Ok(approvers)
}

fn word(approver: Approver) -> String {
    match approver {
        Approver::Person(id) => format!("person:{id}"),
        Approver::Team(id) => format!("team:{id}"),
    }
}

fn entered_as(approver: &str) -> String {
    format!("approver:{approver}")
}

/// The card with the gates of a stage.
#[component]
pub fn StageGates(
    /// The stage.
    stage: StageId,
    /// Whether it is the first one of its pipeline.
    first: bool,
    /// Its gates.
    gates: Gates,
    /// People to choose from.
    people: Vec<Person>,
    /// Teams to choose from.
    teams: Vec<TeamSummary>,
    /// What came back.
    entered: Returned,
) -> impl IntoView {
    let person = people.into_iter().filter(|person| person.enabled && !person.is_service);
    let choices = person
        .map(|person| (Approver::Person(person.id), person.display_name, None))
        .chain(teams.into_iter().map(|team| (Approver::Team(team.id), team.name, Some("Any member of the team"))));
    let boxes: Vec<_> = choices
        .map(|(approver, name, hint)| {
            let value = word(approver);
            let checked = entered.checked(&entered_as(&value), gates.approvers.contains(&approver));
            view! {
                <Checkbox
                    name="approvers[]"
                    id=format!("approver-{}", value.replace(':', "-"))
                    label=name
                    value=value
                    checked
                    hint=hint.map(str::to_owned)
                />
            }
        })
        .collect();
    let export = first.then(|| {
        view! {
            <Checkbox
                name="pre_export"
                label="Pre-Export Step Required"
                checked=entered.checked("pre_export", gates.pre_export_step_required)
                hint="The solution leaves development only after something outside of Slipway has said so.".to_owned()
                error=entered.error("pre_export")
            />
        }
    });
    view! {
        <section class="card record">
            <h2>"Gates"</h2>
            <p class="hint">"What a deployment waits for. No run waits longer than the deadline: it fails then, and can be retried."</p>
            <PostForm name=FORM action=SaveGates::PATH entered=entered.clone()>
                <HiddenField name="id" value=stage.to_string()/>
                {export}
                <fieldset class="field choices">
                    <legend>"Approvers"</legend>
                    {boxes}
                    {entered.error("approvers").map(|error| view! { <p class="error">{error}</p> })}
                </fieldset>
                <TextField
                    name="needed"
                    label="Approvals needed"
                    kind="number"
                    value=entered.value("needed", &gates.approvals_needed.to_string())
                    hint="How many of them have to approve, in any order. One rejection ends the run. 0 where nobody approves.".to_owned()
                    error=entered.error("needed")
                />
                <Checkbox
                    name="requester"
                    label="Approvers may approve their own deployments"
                    checked=entered.checked("requester", gates.requester_may_approve)
                />
                <Checkbox
                    name="pre_deployment"
                    label="Pre-Deployment Step Required"
                    checked=entered.checked("pre_deployment", gates.pre_deployment_step_required)
                    hint="After approval, the import waits until something outside of Slipway has said so.".to_owned()
                />
                <TextField
                    name="deadline"
                    label="Deadline of each gate in hours"
                    kind="number"
                    required=true
                    value=entered.value("deadline", &gates.deadline_hours.to_string())
                    error=entered.error("deadline")
                />
                <div class="buttons">
                    <Button appearance=Appearance::Primary>"Save gates"</Button>
                </div>
            </PostForm>
        </section>
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "tests")]

    use super::*;
    use crate::page::configuration::sample;
    use uuid::Uuid;

    #[test]
    fn approvers_are_read_as_they_are_written_and_nothing_else_is_one() {
        let both = [Approver::Person(UserId(Uuid::from_u128(1))), Approver::Team(TeamId(Uuid::from_u128(2)))];
        let words: Vec<_> = both.iter().chain(&both).map(|approver| word(*approver)).collect();
        assert_eq!(read(&words).unwrap(), both);
        for bad in ["", "person:", "team:x", "emperor:1"] {
            assert!(read(&[bad.to_owned()]).is_err(), "{bad}");
        }
    }

    #[test]
    fn only_a_first_stage_offers_the_pre_export_step_and_approvers_are_ticked() {
        let show = |first: bool| {
            let person = sample::person(1);
            let gates = Gates { approvers: vec![Approver::Person(person.id)], approvals_needed: 1, ..Gates::default() };
            let stage = StageId(Uuid::from_u128(5));
            view! {
                <StageGates stage first gates people=vec![person] teams=Vec::new() entered=Returned::default()/>
            }
            .to_html()
        };
        assert!(show(true).contains("Pre-Export Step Required"));
        let later = show(false);
        assert!(!later.contains("Pre-Export Step Required"), "{later}");
        assert_eq!(later.matches("checked").count(), 1, "{later}");
    }
}
