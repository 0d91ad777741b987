//! *Destination*: the pipeline and the stage to deploy to.

use super::{DiscardRun, RequestRun, WizardStep, footer, frame};
use crate::{
    components::{Icon, Intent, MessageBar},
    context::{caller, host},
    error::AppError,
    form,
    layout::Area,
    page::{
        self,
        maker::{address, solution_area},
    },
};
use leptos::{prelude::*, server_fn::ServerFn};
use model::{
    id::{PipelineId, StageId},
    pipeline::{SolutionPipeline, StageCard},
    solution::SolutionContents,
    stage_run::Wizard,
};
use pipelines::{solution, stage_run};

/// Where the wizard begins: `/environments/{environment}/solutions/{solution}/deploy`.
#[component]
pub fn Destination() -> impl IntoView {
    let area = solution_area();
    let wanted_pipeline: Option<PipelineId> = page::query("pipeline").and_then(|text| text.parse().ok());
    let wanted_stage: Option<StageId> = page::query("stage").and_then(|text| text.parse().ok());
    page::load(
        area.clone().unwrap_or(Area::General),
        async move {
            let Area::Solution { environment, solution: name } = area? else {
                return Err(AppError::not_found("This page"));
            };
            let (host, caller) = (host(), caller()?);
            let contents = solution::get(&host, &caller, environment, &name).await?;
            let pipelines = stage_run::pipelines_for(&host, &caller, environment).await?;
            let chosen = wanted_pipeline
                .filter(|wanted| pipelines.iter().any(|(id, _)| id == wanted))
                .or_else(|| pipelines.first().map(|(id, _)| *id));
            let pipeline = match chosen {
                Some(id) if !contents.summary.managed => {
                    Some(stage_run::solution_pipeline(&host, &caller, environment, &name, id).await?)
                }
                _ => None,
            };
            Ok((environment, contents, pipelines, pipeline, form::returned("destination").await))
        },
        move |(environment, contents, pipelines, pipeline, returned)| {
            let content = match pipeline {
                Some(pipeline) => {
                    choose(&contents, &pipelines, &pipeline, wanted_stage, returned.problem().map(ToString::to_string))
                        .into_any()
                }
                None => no_pipeline(&contents).into_any(),
            };
            let steps = [WizardStep::Destination, WizardStep::PreFlight, WizardStep::Changes, WizardStep::Summary];
            frame(WizardStep::Destination, &steps, None, environment, &contents.summary.unique_name, content)
        },
    )
}

fn no_pipeline(contents: &SolutionContents) -> impl IntoView + use<> {
    let message = if contents.summary.managed {
        "A managed solution cannot be deployed from here. Deploy it from the development environment in which it is unmanaged."
    } else {
        "No pipeline that you may use starts from this environment. Ask an administrator to link it to a pipeline as a development environment, and to share that pipeline with you."
    };
    view! {
        <div class="wizard-form">
            <div class="wizard-content">
                <h2>"Destination"</h2>
                <MessageBar intent=Intent::Warning>{message}</MessageBar>
            </div>
        </div>
    }
}

fn choose(
    contents: &SolutionContents,
    pipelines: &[(PipelineId, String)],
    pipeline: &SolutionPipeline,
    wanted: Option<StageId>,
    problem: Option<String>,
) -> impl IntoView + use<> {
    let environment = pipeline.source.id;
    let name = contents.summary.unique_name.clone();
    let usable = |card: &StageCard| card.obstacle.is_none();
    // The stage that was asked for, else the first one that can be deployed to.
    let chosen = pipeline
        .stages
        .iter()
        .find(|card| Some(card.stage.id) == wanted && usable(card))
        .or_else(|| pipeline.stages.iter().find(|card| usable(card)))
        .map(|card| card.stage.id);
    let pipeline_choice = (pipelines.len() > 1).then(|| {
        let options = pipelines
            .iter()
            .map(
                |(id, name)| view! { <option value=id.to_string() selected=*id == pipeline.id>{name.clone()}</option> },
            )
            .collect_view();
        view! {
            <form method="get" class="inline-form">
                <div class="field">
                    <label for="pipeline">"Pipeline"</label>
                    <select id="pipeline" name="pipeline">{options}</select>
                </div>
                <button class="button" type="submit">"Show stages"</button>
            </form>
        }
    });
    let single = (pipelines.len() <= 1).then(|| {
        view! {
            <dl class="facts">
                <div>
                    <dt>"Pipeline"</dt>
                    <dd>{pipeline.name.clone()}</dd>
                </div>
            </dl>
        }
    });
    let stages = pipeline
        .stages
        .iter()
        .map(|card| {
            let id = format!("stage-{}", card.stage.id);
            let reason_id = format!("{id}-reason");
            let version = card.next.as_ref().map(|version| format!("Version {version}"));
            let obstacle = card.obstacle.clone();
            let installed = card
                .installed
                .as_ref()
                .map_or_else(|| "Nothing installed yet".to_owned(), |version| format!("Installed: {version}"));
            view! {
                <li class="choice">
                    <input
                        type="radio"
                        name="stage"
                        id=id.clone()
                        value=card.stage.id.to_string()
                        required
                        checked=Some(card.stage.id) == chosen
                        disabled=obstacle.is_some()
                        aria-describedby=reason_id.clone()
                    />
                    <label for=id>{card.stage.name.clone()}</label>
                    <div id=reason_id>
                        <p class="muted">{format!("{} · {installed}", card.stage.target_name)}</p>
                        {match obstacle {
                            Some(obstacle) => view! { <p class="reason">{obstacle}</p> }.into_any(),
                            None => view! { <p class="muted">{version}</p> }.into_any(),
                        }}
                    </div>
                </li>
            }
        })
        .collect_view();
    let obstacles = pipeline.obstacles.clone();
    let forward = view! {
        <button class="button primary" type="submit" form="destination" disabled=chosen.is_none()>"Next"</button>
    };
    view! {
        <div class="wizard-form">
            <div class="wizard-content">
                <h2>"Destination"</h2>
                <p>
                    {format!("Select where to deploy {} from {}.", contents.summary.display_name, pipeline.source.name)}
                </p>
                {problem.map(|message| view! { <MessageBar intent=Intent::Error>{message}</MessageBar> })}
                {(!obstacles.is_empty())
                    .then(|| {
                        view! {
                            <MessageBar intent=Intent::Warning title="This pipeline cannot run yet.">
                                {obstacles.join(" ")}
                            </MessageBar>
                        }
                    })}
                {pipeline_choice}
                {single}
                <form method="post" action=RequestRun::PATH id="destination">
                    <input type="hidden" name="environment" value=environment.to_string()/>
                    <input type="hidden" name="solution" value=name.clone()/>
                    <fieldset class="choices">
                        <legend>"Stage"</legend>
                        <ul>{stages}</ul>
                    </fieldset>
                </form>
            </div>
            {footer(None, forward, environment, &name)}
        </div>
    }
}

/// The step for a run that was asked for: what was chosen, and the way to choose anew.
pub fn chosen(wizard: &Wizard) -> impl IntoView + use<> {
    let run = &wizard.run;
    let next = address::step(run.id, WizardStep::PreFlight);
    let discard = run.cancellable.then(|| {
        view! {
            <form method="post" action=DiscardRun::PATH>
                <input type="hidden" name="run" value=run.id.to_string()/>
                <button class="button subtle" type="submit">
                    <Icon name="dismiss"/>
                    "Cancel deployment"
                </button>
            </form>
        }
    });
    view! {
        <div class="wizard-form">
            <div class="wizard-content">
                <h2>"Destination"</h2>
                <dl class="facts">
                    <div>
                        <dt>"Pipeline"</dt>
                        <dd>{run.pipeline_name.clone()}</dd>
                    </div>
                    <div>
                        <dt>"Stage"</dt>
                        <dd>{run.stage_name.clone()}</dd>
                    </div>
                    <div>
                        <dt>"Target environment"</dt>
                        <dd>{run.target_name.clone()}</dd>
                    </div>
                </dl>
                <p class="muted">"To deploy somewhere else, cancel this deployment and begin again."</p>
            </div>
            {footer(
                None,
                view! {
                    <a class="button primary" href=next>"Next"</a>
                    {discard}
                },
                run.source,
                &run.solution,
            )}
        </div>
    }
}
