//! What a run waits for at a gate, what has been said, and the form of whoever may answer.

use crate::{
    components::{Card, ComparisonView, Icon, Intent, MessageBar, Moment, PostForm, TextArea},
    context::{caller, host},
    error::AppError,
    form::{self, Form, Returned},
    page::maker::address,
};
use leptos::{prelude::*, server_fn::ServerFn};
use model::{
    comparison::Comparison,
    gate::{Gate, GateStatus, Waiting},
    id::StageRunId,
};
use pipelines::stage_run;

/// The form that answers.
pub const FORM: &str = "answer";

/// *Approve* or *Reject*; *Complete* or *Fail* for a step outside of Slipway.
#[server]
pub async fn answer_gate(
    run: StageRunId,
    #[server(default)] gate: String,
    #[server(default)] status: String,
    #[server(default)] comment: String,
) -> Result<(), AppError> {
    let result = async {
        let (host, caller) = (host(), caller()?);
        let status = status.parse().unwrap_or_default();
        match gate.as_str() {
            "approval" => stage_run::update_approval_status(&host, &caller, run, status, &comment).await?,
            "preExportStep" => stage_run::update_pre_export_step_status(&host, &caller, run, status, &comment).await?,
            _ => stage_run::update_pre_deployment_step_status(&host, &caller, run, status, &comment).await?,
        }
        form::notify("Your answer was given.").await
    }
    .await;
    let page = address::run(run);
    form::answer(Form::new(FORM, &page), &[("comment", comment.as_str())], result, |()| page.clone()).await
}

/// The card of a run that waits, or that somebody has said something to; nothing otherwise.
pub fn card(
    run: StageRunId,
    waiting: Waiting,
    changes: Option<Result<Comparison, String>>,
    entered: &Returned,
) -> Option<AnyView> {
    let Waiting { gate, deadline, approvals, needed, mine } = waiting;
    if gate.is_none() && approvals.is_empty() {
        return None;
    }
    let said = approvals
        .into_iter()
        .map(|said| {
            let (icon, word) =
                if said.approved { ("checkmark-circle", "approved") } else { ("error-circle", "rejected") };
            let comment = (!said.comment.is_empty()).then(|| view! { <p class="notes">{said.comment}</p> });
            view! { <li><p><Icon name=icon/>{format!("{} {word} ", said.person)}<Moment at=said.at/></p>{comment}</li> }
        })
        .collect_view();
    let waits = gate.map(|gate| {
        let what = match gate {
            Gate::Approval if needed > 1 => format!("This deployment needs the approval of {needed} people."),
            Gate::Approval => "This deployment needs the approval of one person.".to_owned(),
            gate => {
                format!("This deployment waits for its {}, which something outside of Slipway completes.", gate.label())
            }
        };
        let until = deadline
            .map(|at| view! { <p class="muted">"It fails if nobody answers until "<Moment at absolute=true/>"."</p> });
        view! { <p>{what}</p> {until} }
    });
    let form = gate.filter(|_| mine).map(|gate| answer(run, gate, changes, entered));
    Some(
        view! {
            <Card title="Approvals and steps">
                <div class="waiting">
                    {waits}
                    <ul class="ways-on">{said}</ul>
                    {form}
                </div>
            </Card>
        }
        .into_any(),
    )
}

fn answer(
    run: StageRunId,
    gate: Gate,
    changes: Option<Result<Comparison, String>>,
    entered: &Returned,
) -> impl IntoView + use<> {
    let (yes, no) = match gate {
        Gate::Approval => ("Approve", "Reject"),
        Gate::PreExportStep | Gate::PreDeploymentStep => ("Complete", "Fail"),
    };
    let name = match gate {
        Gate::PreExportStep => "preExportStep",
        Gate::Approval => "approval",
        Gate::PreDeploymentStep => "preDeploymentStep",
    };
    let will_change = changes.map(|changes| match changes {
        Ok(comparison) => view! {
            <details class="what-will-change">
                <summary>"What will change: " {comparison.summary()}</summary>
                <ComparisonView comparison/>
            </details>
        }
        .into_any(),
        Err(sentence) => view! { <MessageBar intent=Intent::Warning>{sentence}</MessageBar> }.into_any(),
    });
    let (error, comment) = (entered.error("comment"), entered.value("comment", ""));
    let problem = error.clone().or_else(|| entered.problem().map(ToString::to_string));
    let reject = problem.filter(|_| error.is_none());
    view! {
        {will_change}
        {reject.map(|problem| view! { <MessageBar intent=Intent::Error>{problem}</MessageBar> })}
        <PostForm name=FORM action=AnswerGate::PATH>
            <input type="hidden" name="run" value=run.to_string()/>
            <input type="hidden" name="gate" value=name/>
            <TextArea
                name="comment"
                label="Comment"
                rows=3
                maxlength=2000
                value=comment
                hint="The maker of the run sees it.".to_owned()
                error=error
            />
            <div class="buttons">
                <button class="button primary" type="submit" name="status" value=GateStatus::Completed.code().to_string()>
                    <Icon name="checkmark-circle"/>
                    {yes}
                </button>
                <button class="button" type="submit" name="status" value=GateStatus::Rejected.code().to_string()>
                    <Icon name="dismiss"/>
                    {no}
                </button>
            </div>
        </PostForm>
    }
}
