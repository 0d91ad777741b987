//! What can still be done about a run that has ended: try it again, go back, deploy the version once more, and keep it
//! from going on.

use crate::{
    components::{Card, Dialog, DialogButton, Icon, Intent, MessageBar, Moment, TextArea},
    context::{caller, host},
    error::AppError,
    form::{self, Form, Returned},
    page::maker::address,
};
use leptos::{prelude::*, server_fn::ServerFn};
use model::{
    id::{ArtifactId, StageRunId},
    stage_run::{ProgressionBlock, RollBack, StageRun, WayOn, WaysOn, WizardStep},
};
use pipelines::{artifact::progression, stage_run};

/// The form that keeps a version from going on.
pub const PREVENT: &str = "prevent-progression";

/// *Retry*.
#[server]
pub async fn retry_run(run: StageRunId) -> Result<(), AppError> {
    let result = async {
        stage_run::retry(&host(), &caller()?, run).await?;
        form::notify("The run is tried again.").await
    }
    .await;
    form::answer(Form::new("run", &address::run(run)), &[], result, |()| address::run(run)).await
}

/// *Redeploy*: leads to the wizard of the new run.
#[server]
pub async fn redeploy_run(run: StageRunId) -> Result<(), AppError> {
    let result = async { Ok::<_, AppError>(stage_run::redeploy(&host(), &caller()?, run).await?) }.await;
    let then = |new| address::step(new, WizardStep::PreFlight);
    form::answer(Form::new("run", &address::run(run)), &[], result, then).await
}

/// *Roll back*: leads to the page of the new run.
#[server]
pub async fn roll_back_run(run: StageRunId) -> Result<(), AppError> {
    let result = async { Ok::<_, AppError>(stage_run::roll_back(&host(), &caller()?, run).await?) }.await;
    form::answer(Form::new("run", &address::run(run)), &[], result, address::run).await
}

/// *Prevent progression*.
#[server]
pub async fn prevent_progression(
    run: StageRunId,
    artifact: ArtifactId,
    #[server(default)] reason: String,
) -> Result<(), AppError> {
    let result = async {
        progression::prevent(&host(), &caller()?, artifact, &reason).await?;
        form::notify("The version is kept from going on.").await
    }
    .await;
    let page = address::run(run);
    form::answer(Form::new(PREVENT, &page), &[("reason", reason.as_str())], result, |()| page.clone()).await
}

/// *Allow progression*.
#[server]
pub async fn allow_progression(run: StageRunId, artifact: ArtifactId) -> Result<(), AppError> {
    let result = async {
        progression::allow(&host(), &caller()?, artifact).await?;
        form::notify("The version may go on again.").await
    }
    .await;
    form::answer(Form::new(PREVENT, &address::run(run)), &[], result, |()| address::run(run)).await
}

/// The card with what can still be done; nothing where there is nothing.
pub fn card(run: &StageRun, ways: WaysOn, entered: &Returned) -> Option<impl IntoView + use<>> {
    let WaysOn { retry, redeploy, roll_back, block, may_block } = ways;
    let artifact = run.artifact.filter(|_| may_block);
    if retry.is_none() && redeploy.is_none() && roll_back.is_none() && block.is_none() && artifact.is_none() {
        return None;
    }
    let retry = retry.map(|way| {
        let button = post(RetryRun::PATH, run.id, "arrow-clockwise", "Retry".to_owned());
        one(way, "Retry", "Goes on from the step that failed. What had succeeded stays as it is.", button.into_any())
    });
    let roll_back = roll_back.map(|back| self::roll_back(run.id, back));
    let redeploy = redeploy.map(|way| {
        let explanation = "Deploys this version once more, with connections and values to look through.";
        one(way, "Redeploy", explanation, self::redeploy(run).into_any())
    });
    let block = progression(run, block, artifact, entered);
    Some(view! {
        <Card title="What can be done">
            <ul class="ways-on">{retry} {roll_back} {redeploy} {block}</ul>
        </Card>
    })
}

/// One of the things that can be done, or why not.
fn one(way: WayOn, name: &'static str, explanation: &'static str, button: AnyView) -> AnyView {
    match way {
        WayOn::Open => view! { <li><p>{explanation}</p>{button}</li> }.into_any(),
        WayOn::Closed(reason) => view! { <li><h3>{name}</h3><p class="reason">{reason}</p></li> }.into_any(),
    }
}

fn post(action: &'static str, run: StageRunId, icon: &'static str, words: String) -> impl IntoView {
    view! {
        <form method="post" action=action>
            <input type="hidden" name="run" value=run.to_string()/>
            <button class="button" type="submit"><Icon name=icon/>{words}</button>
        </form>
    }
}

fn roll_back(run: StageRunId, back: RollBack) -> AnyView {
    let RollBack { to, removed, obstacle } = back;
    let leaves = (!removed.is_empty()).then(|| {
        let items = removed
            .into_iter()
            .map(|component| view! { <li>{format!("{} “{}”", component.kind.label(), component.name)}</li> })
            .collect_view();
        view! {
            <details>
                <summary>"What leaves the target with it"</summary>
                <ul>{items}</ul>
            </details>
        }
    });
    match (to, obstacle) {
        (Some(to), None) => view! {
            <li>
                <p>"Brings back the version that was there before. It asks for nothing and goes on by itself."</p>
                {leaves}
                {post(RollBackRun::PATH, run, "arrow-undo", format!("Roll back to {to}"))}
            </li>
        }
        .into_any(),
        (_, obstacle) => view! {
            <li><h3>"Roll back"</h3><p class="reason">{obstacle}</p>{leaves}</li>
        }
        .into_any(),
    }
}

fn redeploy(run: &StageRun) -> impl IntoView + use<> {
    let id = run.id.to_string();
    view! {
        <Dialog
            trigger="Redeploy"
            icon="rocket"
            button=DialogButton::Button
            title=format!("Redeploy version {}?", run.version)
        >
            <p>
                "This will overwrite the most recent version, and any data within that version. This is irreversible, and the data lost is unrecoverable. Updates, including new tables, will also be removed."
            </p>
            <p>"The next steps show what will be removed, before anything is changed."</p>
            <form method="post" action=RedeployRun::PATH>
                <input type="hidden" name="run" value=id/>
                <button class="button primary" type="submit">"Redeploy"</button>
            </form>
        </Dialog>
    }
}

fn progression(
    run: &StageRun,
    block: Option<ProgressionBlock>,
    artifact: Option<ArtifactId>,
    entered: &Returned,
) -> Option<AnyView> {
    let (id, version) = (run.id.to_string(), run.version.to_string());
    if let Some(block) = block {
        let allow = artifact.map(|artifact| {
            view! {
                <form method="post" action=AllowProgression::PATH>
                    <input type="hidden" name="run" value=id/>
                    <input type="hidden" name="artifact" value=artifact.to_string()/>
                    <button class="button" type="submit"><Icon name="checkmark-circle"/>"Allow progression"</button>
                </form>
            }
        });
        return Some(
            view! {
                <li>
                    <MessageBar intent=Intent::Warning title="This version is kept from going on.">
                        {format!("{} – {}, ", block.reason, block.prevented_by)}<Moment at=block.since/>
                    </MessageBar>
                    {allow}
                </li>
            }
            .into_any(),
        );
    }
    let artifact = artifact?;
    let (problem, value) = (entered.error("reason"), entered.value("reason", ""));
    let explanation = "A version with a fault goes to no further stage until it is allowed again.";
    Some(
        view! {
            <li>
                <p>{explanation}</p>
                {problem.clone().map(|problem| view! { <MessageBar intent=Intent::Error>{problem}</MessageBar> })}
                <Dialog
                    trigger="Prevent progression"
                    icon="prohibited"
                    button=DialogButton::Button
                    title=format!("Prevent version {version} from going on?")
                >
                    <p>"It cannot be deployed to any stage any more, nor redeployed. What runs already goes on."</p>
                    <form method="post" action=PreventProgression::PATH>
                        <input type="hidden" name="run" value=id/>
                        <input type="hidden" name="artifact" value=artifact.to_string()/>
                        <TextArea
                            name="reason"
                            label="Reason"
                            rows=3
                            required=true
                            maxlength=500
                            value=value
                            hint="Everybody who looks at the version sees it.".to_owned()
                            error=problem
                        />
                        <button class="button primary" type="submit">"Prevent progression"</button>
                    </form>
                </Dialog>
            </li>
        }
        .into_any(),
    )
}
