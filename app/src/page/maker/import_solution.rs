//! Importing a solution package, and watching the import.

use super::address;
use crate::{
    components::{
        Appearance, Breadcrumb, Crumb, DescriptionList, Fact, Intent, LinkButton, MessageBar, Moment, ProgressBar,
    },
    context,
    error::AppError,
    form,
    island::Upload,
    layout::{Area, PageHeader},
    page,
};
use environment::{ImportJob as Job, ImportStatus};
use http::HeaderName;
use leptos::prelude::*;
use model::id::{EnvironmentId, ImportJobId};
use pipelines::{deployment_environment, solution};

/// The name under which the server's upload route sends the form back.
const FORM: &str = "import-solution";
/// The field of the file.
const FIELD: &str = "package";

/// The form for a solution package.
#[component]
pub fn ImportSolution() -> impl IntoView {
    let environment = page::parameter::<EnvironmentId>("environment");
    let area = environment.as_ref().map_or(Area::General, |environment| Area::Environment(*environment));
    page::load(
        area,
        async move {
            let environment = environment?;
            let choice =
                deployment_environment::require_choice(&context::host(), &context::caller()?, environment).await?;
            let max_bytes = context::host().packages().max_bytes();
            let entered = form::returned(FORM).await;
            let error = entered.error(FIELD).or_else(|| entered.problem().map(ToString::to_string));
            Ok::<_, AppError>((choice, max_bytes, error))
        },
        |(choice, max_bytes, error)| {
            let list = address::solutions(choice.id);
            view! {
                <Breadcrumb crumbs=vec![Crumb::new("Solutions", list)] current="Import solution"/>
                <PageHeader title="Import solution" subtitle=choice.name/>
                <div class="narrow">
                    <Upload
                        action=format!("/upload/{}", choice.id)
                        name=FIELD.to_owned()
                        label="Solution package".to_owned()
                        hint=format!(
                            "A .zip file as the platform exports it, managed or unmanaged, of up to {} MB.",
                            max_bytes / 1024 / 1024,
                        )
                        max_bytes
                        error
                        button="Import".to_owned()
                    />
                </div>
            }
        },
    )
}

/// How far an import is. While it runs, the browser asks again every second.
#[component]
pub fn ImportJob() -> impl IntoView {
    let environment = page::parameter::<EnvironmentId>("environment");
    let job = page::parameter::<ImportJobId>("job");
    let area = environment.as_ref().map_or(Area::General, |environment| Area::Environment(*environment));
    page::load(
        area,
        async move {
            let (environment, job) = (environment?, job?);
            let job = solution::import_job(&context::host(), &context::caller()?, environment, job).await?;
            if job.status == ImportStatus::Running {
                context::set_header(HeaderName::from_static("refresh"), "1");
            }
            Ok::<_, AppError>((environment, job))
        },
        |(environment, job)| show(environment, job),
    )
}

fn show(environment: EnvironmentId, job: Job) -> impl IntoView {
    let list = address::solutions(environment);
    let title = match job.status {
        ImportStatus::Running => format!("Importing {}", job.solution),
        ImportStatus::Succeeded => format!("{} was imported", job.solution),
        ImportStatus::Failed => format!("{} was not imported", job.solution),
    };
    let outcome = match job.status {
        ImportStatus::Running => view! {
            <div role="status">
                <ProgressBar label="Import" percent=job.progress/>
                <p>{job.message}</p>
            </div>
        }
        .into_any(),
        ImportStatus::Succeeded => view! {
            <MessageBar intent=Intent::Success>"The solution is in the environment."</MessageBar>
        }
        .into_any(),
        ImportStatus::Failed => view! {
            <MessageBar intent=Intent::Error>
                {job.message} {job.code.map(|code| view! { " "<code>{code.to_string()}</code> })}
            </MessageBar>
        }
        .into_any(),
    };
    let buttons = match job.status {
        ImportStatus::Running => ().into_any(),
        ImportStatus::Succeeded => view! {
            <LinkButton appearance=Appearance::Primary href=address::solution(environment, &job.solution)>"Open the solution"</LinkButton>
            <LinkButton href=list.clone()>"All solutions"</LinkButton>
        }
        .into_any(),
        ImportStatus::Failed => view! {
            <LinkButton appearance=Appearance::Primary href=address::import_solution(environment)>"Import another package"</LinkButton>
            <LinkButton href=list.clone()>"All solutions"</LinkButton>
        }
        .into_any(),
    };
    view! {
        <Breadcrumb crumbs=vec![Crumb::new("Solutions", list)] current="Import"/>
        <PageHeader title/>
        {outcome}
        <DescriptionList>
            <Fact label="Started"><Moment at=job.started/></Fact>
            {job.ended.map(|ended| view! { <Fact label="Ended"><Moment at=ended/></Fact> })}
        </DescriptionList>
        <div class="buttons">{buttons}</div>
    }
}
