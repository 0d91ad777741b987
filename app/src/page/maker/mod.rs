//! The pages of makers: environments, their solutions, and deployments.

pub mod address;
pub mod drift;
pub mod import_solution;
pub mod new_solution;
pub mod objects;
pub mod personal_pipeline;
pub mod pipelines;
pub mod run;
pub mod settings;
pub mod solution_overview;
pub mod solutions;
mod variable_field;
pub mod wizard;

use crate::{error::AppError, layout::Area, page};
use ::pipelines::deployment_settings::Destination;
use leptos::prelude::*;
use leptos_router::{MatchNestedRoutes, SsrMode, components::Route, path};

/// The addresses of these pages.
#[component(transparent)]
pub fn MakerRoutes() -> impl MatchNestedRoutes + Clone {
    view! {
        <Route path=path!("/environments/:environment/solutions") view=solutions::Solutions ssr=SsrMode::Async/>
        <Route path=path!("/environments/:environment/new-solution") view=new_solution::NewSolution ssr=SsrMode::Async/>
        <Route path=path!("/environments/:environment/import-solution") view=import_solution::ImportSolution ssr=SsrMode::Async/>
        <Route path=path!("/environments/:environment/imports/:job") view=import_solution::ImportJob ssr=SsrMode::Async/>
        <Route path=path!("/environments/:environment/solutions/:solution") view=solution_overview::SolutionOverview ssr=SsrMode::Async/>
        <Route path=path!("/environments/:environment/solutions/:solution/objects") view=objects::Objects ssr=SsrMode::Async/>
        <Route path=path!("/environments/:environment/solutions/:solution/pipelines") view=pipelines::Pipelines ssr=SsrMode::Async/>
        <PersonalPipelineRoutes/>
        <Route path=path!("/environments/:environment/solutions/:solution/settings/:stage") view=settings::DeploymentSettings ssr=SsrMode::Async/>
        <Route path=path!("/environments/:environment/solutions/:solution/drift/:stage") view=drift::DriftPage ssr=SsrMode::Async/>
        <Route path=path!("/environments/:environment/solutions/:solution/deploy") view=wizard::Destination ssr=SsrMode::Async/>
        <Route path=path!("/runs/:run/deploy/:step") view=wizard::Step ssr=SsrMode::Async/>
        <Route path=path!("/comparison") view=page::comparison::ComparisonPage ssr=SsrMode::Async/>
        <Route path=path!("/runs/:run") view=run::Run ssr=SsrMode::Async/>
    }
    .into_inner()
}

/// The forms of personal pipelines.
#[component(transparent)]
fn PersonalPipelineRoutes() -> impl MatchNestedRoutes + Clone {
    use personal_pipeline::{EditPersonalPipeline, NewPersonalPipeline};
    view! {
        <Route path=path!("/environments/:environment/solutions/:solution/pipelines/new") view=NewPersonalPipeline ssr=SsrMode::Async/>
        <Route path=path!("/environments/:environment/solutions/:solution/pipelines/:pipeline") view=EditPersonalPipeline ssr=SsrMode::Async/>
    }
    .into_inner()
}

/// The area of a page of a solution, from the page's address.
fn solution_area() -> Result<Area, AppError> {
    Ok(Area::Solution { environment: page::parameter("environment")?, solution: page::parameter("solution")? })
}

/// Solution and stage of a page about both, from the page's address.
fn destination() -> Result<Destination, AppError> {
    Ok(Destination {
        environment: page::parameter("environment")?,
        solution: page::parameter("solution")?,
        stage: page::parameter("stage")?,
    })
}
