//! The Pipelines page of a solution: where each version is, and *Deploy here*.

use super::{personal_pipeline::DeletePersonalPipeline, wizard::DiscardRun};
use crate::{
    components::{
        Card, Column, CommandBar, CommandLink, Fact, Grid, Icon, Intent, MessageBar, Moment, Pager, StatusBadge, Tab,
        Tabs,
    },
    context::{caller, host},
    error::AppError,
    form,
    island::LiveRegion,
    layout::{Area, PageHeader},
    page::{
        self, comparison,
        configuration::{
            pipeline::check_access::check_access_address,
            record::{ConfirmedCommand, Refusal},
        },
        maker::{address, solution_area},
    },
};
use leptos::{prelude::*, server_fn::ServerFn};
use model::{
    drift::DriftCheck,
    id::{EnvironmentId, PipelineId},
    page::Page,
    pipeline::{OpenRun, SolutionPipeline, StageCard},
    solution::SolutionContents,
    stage_run::{RunFilter, StageRunStatus, StageRunSummary, WizardStep},
};
use pipelines::{pipeline::personal, solution, stage_run};

/// Name under which a refusal to delete a pipeline comes back to the page.
pub const FORM: &str = "pipelines";

/// What the page shows below the choice of the pipeline.
enum Shown {
    Nothing,
    Details(SolutionPipeline),
    History(PipelineId, Page<StageRunSummary>),
}

/// `/environments/{environment}/solutions/{solution}/pipelines`
#[component]
pub fn Pipelines() -> impl IntoView {
    let area = solution_area();
    let wanted: Option<PipelineId> = page::query("pipeline").and_then(|text| text.parse().ok());
    let history = page::query("tab").is_some_and(|tab| tab == "run-history");
    let number: u64 = page::query("page").and_then(|text| text.parse().ok()).unwrap_or(1);
    page::load(
        area.clone().unwrap_or(Area::General),
        async move {
            let Area::Solution { environment, solution: name } = area? else {
                return Err(AppError::not_found("This page"));
            };
            let (host, caller) = (host(), caller()?);
            let contents = solution::get(&host, &caller, environment, &name).await?;
            let pipelines = if contents.summary.managed {
                Vec::new()
            } else {
                stage_run::pipelines_for(&host, &caller, environment).await?
            };
            let chosen = wanted
                .filter(|wanted| pipelines.iter().any(|(id, _)| id == wanted))
                .or_else(|| pipelines.first().map(|(id, _)| *id));
            let shown = match chosen {
                None => Shown::Nothing,
                Some(id) if history => {
                    let filter = RunFilter {
                        pipeline: Some(id),
                        solution: Some(contents.summary.unique_name.clone()),
                        environment: Some(environment),
                        page: number,
                        ..RunFilter::default()
                    };
                    Shown::History(id, stage_run::history(&host, &caller, &filter).await?)
                }
                Some(id) => Shown::Details(stage_run::solution_pipeline(&host, &caller, environment, &name, id).await?),
            };
            let may = May { make: personal::may_make(&caller), configure: caller.is_administrator() };
            Ok((environment, contents, pipelines, shown, may, form::returned(FORM).await))
        },
        |(environment, contents, pipelines, shown, may, refused)| {
            let name = contents.summary.unique_name.clone();
            let address = address::pipelines(environment, &name, None);
            let commands = commands(environment, &contents, &shown, may);
            let body = match &shown {
                Shown::Nothing => nothing(&contents, may).into_any(),
                Shown::Details(pipeline) => {
                    let tabs = tabs(&address, pipeline.id, false);
                    view! {
                        {choice(&pipelines, pipeline.id)}
                        {tabs}
                        {details(&contents, pipeline)}
                    }
                    .into_any()
                }
                Shown::History(pipeline, page) => {
                    let tabs = tabs(&address, *pipeline, true);
                    view! {
                        {choice(&pipelines, *pipeline)}
                        {tabs}
                        {run_history(&address, *pipeline, page)}
                    }
                    .into_any()
                }
            };
            view! {
                {commands}
                <PageHeader title="Pipelines" subtitle=contents.summary.display_name.clone()/>
                <Refusal returned=refused/>
                <p class="lead">
                    "Deploy this solution from development, stage by stage. The same artifact that was tested goes on to the next stage, whatever happened in development since."
                </p>
                {body}
            }
        },
    )
}

/// What the person who looks may do about pipelines.
#[derive(Clone, Copy)]
struct May {
    /// Make personal pipelines.
    make: bool,
    /// Configure every pipeline.
    configure: bool,
}

fn commands(environment: EnvironmentId, contents: &SolutionContents, shown: &Shown, may: May) -> AnyView {
    let name = &contents.summary.unique_name;
    let create = (may.make && !contents.summary.managed).then(|| {
        view! { <CommandLink href=address::new_pipeline(environment, name) icon="add">"Create pipeline"</CommandLink> }
    });
    let (chosen, editable) = match shown {
        Shown::Nothing => (None, None),
        Shown::Details(pipeline) => (Some(pipeline.id), pipeline.editable.then_some(pipeline)),
        Shown::History(pipeline, _) => (Some(*pipeline), None),
    };
    let of_pipeline = editable.map(|pipeline| {
        let fields = vec![
            ("id", pipeline.id.to_string()),
            ("environment", environment.to_string()),
            ("solution", name.clone()),
        ];
        view! {
            <CommandLink href=address::edit_pipeline(environment, name, pipeline.id) icon="edit">"Edit pipeline"</CommandLink>
            <ConfirmedCommand
                action=DeletePersonalPipeline::PATH
                verb="Delete pipeline"
                what=pipeline.name.clone()
                consequence="Its stages are deleted with it. Its environments, and what was deployed to them, stay as they are."
                fields
            />
        }
    });
    let manage = may.configure.then(|| {
        view! { <CommandLink href="/configuration/pipelines" icon="open">"Manage pipelines"</CommandLink> }
    });
    let refresh = address::pipelines(environment, name, chosen);
    let access = chosen.map(|chosen| {
        view! { <CommandLink href=check_access_address(chosen) icon="key">"Check access"</CommandLink> }
    });
    view! {
        <CommandBar>
            {create}
            {of_pipeline}
            <CommandLink href=refresh icon="arrow-clockwise">"Refresh"</CommandLink>
            {access}
            {manage}
        </CommandBar>
    }
    .into_any()
}

fn nothing(contents: &SolutionContents, may: May) -> impl IntoView + use<> {
    let message = if contents.summary.managed {
        "This solution is managed. A managed solution cannot be deployed: deploy it from the development environment in which it is unmanaged."
    } else if may.make {
        "No pipeline of yours starts from this environment. Choose Create pipeline to make one for yourself, or ask an administrator to share one with you."
    } else {
        "No pipeline that you may use starts from this environment. Ask an administrator to link it to a pipeline as a development environment, and to share that pipeline with you."
    };
    view! { <MessageBar intent=Intent::Information>{message}</MessageBar> }
}

fn choice(pipelines: &[(PipelineId, String)], chosen: PipelineId) -> impl IntoView + use<> {
    let options = pipelines
        .iter()
        .map(|(id, name)| view! { <option value=id.to_string() selected=*id == chosen>{name.clone()}</option> })
        .collect_view();
    view! {
        <form method="get" class="pipeline-choice">
            <div class="field">
                <label for="pipeline">"Pipeline"</label>
                <select id="pipeline" name="pipeline">{options}</select>
            </div>
            <button class="button" type="submit">"Show"</button>
        </form>
    }
}

fn tabs(address: &str, pipeline: PipelineId, history: bool) -> impl IntoView + use<> {
    let tabs = vec![
        Tab::new("Details", format!("{address}?pipeline={pipeline}"), !history),
        Tab::new("Run history", format!("{address}?pipeline={pipeline}&tab=run-history"), history),
    ];
    view! { <Tabs label="Pipeline" tabs/> }
}

fn details(contents: &SolutionContents, pipeline: &SolutionPipeline) -> impl IntoView + use<> {
    // Runs that move by themselves, the newest first; their events refresh the cards.
    let followed = pipeline.stages.iter().flat_map(|card| &card.open).rev().filter(|run| moves(run));
    let events = followed.map(|run| format!("/events/runs/{}", run.id)).collect();
    let cards = pipeline.stages.iter().map(|card| stage_card(contents, pipeline, card)).collect_view();
    let obstacles = pipeline.obstacles.join(" ");
    let source = pipeline.source.name.clone();
    let version = pipeline.development_version.to_string();
    let content = view! {
        {(!obstacles.is_empty())
            .then(|| {
                view! {
                    <MessageBar intent=Intent::Warning title="This pipeline cannot run yet.">
                        {obstacles}
                    </MessageBar>
                }
            })}
        <ol class="stages">
            <li>
                <Card title="Development" emphasized=true>
                    <p>
                        {format!("Securely build and verify in {source}. Once everything works, deploy it.")}
                    </p>
                    <dl class="facts">
                        <Fact label="Solution version">{version}</Fact>
                    </dl>
                </Card>
            </li>
            {cards}
        </ol>
    };
    view! { <LiveRegion id="stages".to_owned() events label=Some("Stages".to_owned())>{content}</LiveRegion> }
}

/// Whether a run changes without anybody doing anything.
fn moves(run: &OpenRun) -> bool {
    run.status != StageRunStatus::ValidationSucceeded
}

fn stage_card(contents: &SolutionContents, pipeline: &SolutionPipeline, card: &StageCard) -> impl IntoView + use<> {
    let stage = &card.stage;
    let deploy = address::deploy(pipeline.source.id, &contents.summary.unique_name, pipeline.id, stage.id);
    let settings = address::settings(pipeline.source.id, &contents.summary.unique_name, stage.id);
    let drift = card.installed.as_ref().map(|_| {
        let href = address::drift(pipeline.source.id, &contents.summary.unique_name, stage.id);
        let words = card.drift.as_ref().map_or_else(|| "Check for drift".to_owned(), DriftCheck::summary);
        let label = format!("{words}: {}", stage.name);
        let checked = card.drift.as_ref().map(|drift| view! { " " <Moment at=drift.checked/> });
        view! { <Fact label="Drift"><a href=href aria-label=label>{words}</a>{checked}</Fact> }
    });
    let reason = format!("reason-{}", stage.id);
    let button = match card.obstacle.clone() {
        None => view! {
            <a class="button primary" href=deploy aria-label=format!("Deploy here: {}", stage.name)>
                <Icon name="rocket"/>
                "Deploy here"
            </a>
        }
        .into_any(),
        Some(obstacle) => view! {
            <p class="reason" id=reason.clone()>{obstacle}</p>
            <button class="button primary" type="button" disabled aria-describedby=reason aria-label=format!("Deploy here: {}", stage.name)>
                <Icon name="rocket"/>
                "Deploy here"
            </button>
        }
        .into_any(),
    };
    let last = card.last.as_ref().map(|last| {
        let (icon, word) = match last.status {
            StageRunStatus::Succeeded => ("checkmark-circle", "succeeded"),
            StageRunStatus::Canceled => ("prohibited", "canceled"),
            _ => ("error-circle", "failed"),
        };
        view! {
            <a class=format!("last-run {word}") href=address::run(last.id)>
                <Icon name=icon/>
                <span>{format!("Version {} {word}", last.version)}</span>
            </a>
            " "
            <Moment at=last.ended/>
        }
    });
    let bars = card.open.iter().map(open_run).collect_view();
    let installed = card.installed.as_ref().map_or_else(|| "Not installed yet".to_owned(), ToString::to_string);
    let description = stage.description.clone();
    let (has_last, delegated) = (last.is_some(), stage.delegation.is_some());
    view! {
        <li>
            <section class="card stage-card" aria-label=format!("Stage {}", stage.name)>
                <header>
                    <div>
                        <h2>{stage.name.clone()}</h2>
                        <p class="muted">{stage.target_name.clone()}</p>
                    </div>
                    <a href=format!("/environments/{}/solutions", stage.target_environment)>
                        <Icon name="open"/>
                        "Go to this environment"
                    </a>
                </header>
                <div class="content">
                    {(!description.is_empty()).then(|| view! { <p>{description}</p> })}
                    {delegated.then(|| view! { <p class="muted">"Delegated: deploys with rights of its own in the target."</p> })}
                    <dl class="facts">
                        <Fact label="Last successfully installed version">{installed}</Fact>
                        <Fact label="Last deployed">{if has_last { last.into_any() } else { "Never".into_any() }}</Fact>
                        {drift}
                    </dl>
                    {bars}
                    <p>
                        <a class="with-icon" href=settings>
                            <Icon name="settings"/>
                            {format!("Settings for {}", stage.name)}
                        </a>
                    </p>
                </div>
                <footer>{button}</footer>
            </section>
        </li>
    }
}

fn open_run(run: &OpenRun) -> impl IntoView + use<> {
    let address = address::run(run.id);
    let (class, words) = match run.status {
        StageRunStatus::ValidationSucceeded => (
            "pending",
            if run.waits_for_me {
                "Your request to deploy here waits for its settings.".to_owned()
            } else {
                format!("A request of {} waits for its settings.", run.requested_by)
            },
        ),
        StageRunStatus::Scheduled => ("pending", format!("Version {}: {}", run.version, run.waiting_for)),
        StageRunStatus::Deploying => ("running", format!("Currently deploying version {}", run.version)),
        StageRunStatus::PreDeployInProgress | StageRunStatus::PreDeploySucceeded => {
            ("running", format!("Version {} is about to be deployed", run.version))
        }
        _ => ("running", format!("Checking version {}", run.version)),
    };
    let cancel = (run.cancellable && class == "pending").then(|| {
        view! {
            <form method="post" action=DiscardRun::PATH>
                <input type="hidden" name="run" value=run.id.to_string()/>
                <button class="button small" type="submit">
                    <Icon name="dismiss"/>
                    "Cancel deployment"
                </button>
            </form>
        }
    });
    let go_on = run.waits_for_me.then(|| {
        view! {
            <a class="button small" href=address::step(run.id, WizardStep::PreFlight)>
                "Continue"
            </a>
        }
    });
    view! {
        <div class=format!("run-bar {class}")>
            <Icon name="info"/>
            <a href=address>{words}</a>
            {(class == "running").then(|| view! { <span class="spinner" aria-hidden="true"></span> })}
            <div class="actions">{go_on} {cancel}</div>
        </div>
    }
}

fn run_history(address: &str, pipeline: PipelineId, page: &Page<StageRunSummary>) -> impl IntoView + use<> {
    let columns = ["Start time", "End time", "Deployed by", "Stage", "Target", "Status", "Version"]
        .into_iter()
        .map(Column::new)
        .collect();
    let rows = page
        .rows
        .iter()
        .map(|run| {
            view! {
                <tr>
                    <th scope="row">
                        <a href=address::run(run.id)>
                            <Moment at=run.requested/>
                        </a>
                    </th>
                    <td>{run.ended.map(|ended| view! { <Moment at=ended/> })}</td>
                    <td>
                        {run.requested_by_name.clone()}
                        {run.run_as_name.clone().map(|name| view! { <br/><small>{format!("as {name}")}</small> })}
                    </td>
                    <td>{run.stage_name.clone()}</td>
                    <td>{run.target_name.clone()}</td>
                    <td>
                        <StatusBadge status=run.status/>
                        {(!run.waiting_for.is_empty()).then(|| view! { <br/><small>{run.waiting_for.clone()}</small> })}
                    </td>
                    <td>
                        {run.version.to_string()}
                        {run.settings_only.then(|| view! { <br/><small>"Settings only"</small> })} {comparison::of_run(run)}
                    </td>
                </tr>
            }
            .into_any()
        })
        .collect();
    let base = format!("{address}?pipeline={pipeline}&tab=run-history");
    view! {
        <Grid
            caption="Run history of this solution in this pipeline"
            hide_caption=true
            columns
            rows
            empty="Nothing has been deployed through this pipeline yet."
        />
        <Pager number=page.number last=page.last() label="Runs" href=move |number| format!("{base}&page={number}")/>
    }
}
