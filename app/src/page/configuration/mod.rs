//! *Deployment Pipeline Configuration*: the pages of administrators.

#![allow(clippy::needless_pass_by_value, reason = "components own their properties")]

mod application_users;
pub mod audit;
mod built_in_environment;
mod built_in_environments;
mod dashboard;
mod dataverse_connection;
mod dataverse_connections;
pub mod delivery;
mod delivery_record;
mod environment;
mod environment_roles;
mod environments;
mod installations;
mod people;
mod people_new;
mod person;
pub mod pipeline;
mod pipelines;
mod policy;
mod queue;
pub(super) mod record;
mod record_fields;
mod roles_field;
mod run_history;
#[cfg(test)]
pub(super) mod sample;
mod service_identities;
mod solution_artifacts;
mod stage;
mod stage_delegation;
mod stage_gates;
mod stage_settings;
mod stage_windows;
mod team;
mod teams;
#[cfg(test)]
mod tests;
mod webhook;
mod webhooks;

use application_users::ApplicationUsers;
use audit::AuditLog;
use built_in_environment::{BuiltInEnvironmentForm, NewBuiltInEnvironment};
use built_in_environments::BuiltInEnvironments;
use dashboard::DashboardPage;
use dataverse_connection::{DataverseConnectionForm, NewDataverseConnection};
use dataverse_connections::DataverseConnections;
use delivery::DeliveryPage;
use delivery_record::DeliveryRecord;
use environment::{Environment, NewEnvironment};
use environment_roles::EnvironmentRoles;
use environments::Environments;
use installations::Installations;
use leptos::prelude::*;
use leptos_router::{MatchNestedRoutes, SsrMode, components::Route, path};
use people::People;
use people_new::NewPerson;
use person::PersonForm;
use pipeline::{NewPipelineForm, PipelineForm, check_access::CheckAccess, sharing::SharePage};
use pipelines::Pipelines;
use policy::{PipelinePolicy, StagePolicy};
use queue::QueuePage;
use run_history::RunHistory;
use service_identities::{NewServiceIdentity, ServiceIdentities};
use solution_artifacts::SolutionArtifacts;
use stage::{NewStageForm, StageForm};
use stage_settings::StageSettings;
use stage_windows::StageWindows;
use team::{NewTeam, TeamRecord};
use teams::Teams;
use webhook::{NewWebhook, WebhookRecord};
use webhooks::Webhooks;

/// The addresses of these pages.
#[component(transparent)]
pub fn ConfigurationRoutes() -> impl MatchNestedRoutes + Clone {
    view! {
        <Route path=path!("/configuration") view=DashboardPage ssr=SsrMode::Async/>
        <Route path=path!("/configuration/environments") view=Environments ssr=SsrMode::Async/>
        <Route path=path!("/configuration/environments/new") view=NewEnvironment ssr=SsrMode::Async/>
        <Route path=path!("/configuration/environments/:id") view=Environment ssr=SsrMode::Async/>
        <Route path=path!("/configuration/built-in-environments") view=BuiltInEnvironments ssr=SsrMode::Async/>
        <Route path=path!("/configuration/built-in-environments/new") view=NewBuiltInEnvironment ssr=SsrMode::Async/>
        <Route path=path!("/configuration/built-in-environments/:id") view=BuiltInEnvironmentForm ssr=SsrMode::Async/>
        <Route path=path!("/configuration/pipelines") view=Pipelines ssr=SsrMode::Async/>
        <Route path=path!("/configuration/pipelines/new") view=NewPipelineForm ssr=SsrMode::Async/>
        <Route path=path!("/configuration/pipelines/:id") view=PipelineForm ssr=SsrMode::Async/>
        <Route path=path!("/configuration/pipelines/:id/share") view=SharePage ssr=SsrMode::Async/>
        <Route path=path!("/configuration/pipelines/:id/access") view=CheckAccess ssr=SsrMode::Async/>
        <Route path=path!("/configuration/pipelines/:pipeline/stages/new") view=NewStageForm ssr=SsrMode::Async/>
        <Route path=path!("/configuration/stages/:id") view=StageForm ssr=SsrMode::Async/>
        <Route path=path!("/configuration/stages/:id/settings") view=StageSettings ssr=SsrMode::Async/>
        <PolicyRoutes/>
        <DeploymentRoutes/>
        <WebhookRoutes/>
        <Route path=path!("/configuration/people") view=People ssr=SsrMode::Async/>
        <Route path=path!("/configuration/people/new") view=NewPerson ssr=SsrMode::Async/>
        <Route path=path!("/configuration/people/:id") view=PersonForm ssr=SsrMode::Async/>
        <SecurityRoutes/>
    }
    .into_inner()
}

/// The addresses of the pages about connections, roles in environments, teams, service identities and the audit log.
#[component(transparent)]
fn SecurityRoutes() -> impl MatchNestedRoutes + Clone {
    view! {
        <Route path=path!("/configuration/built-in-environments/:id/roles") view=EnvironmentRoles ssr=SsrMode::Async/>
        <Route path=path!("/configuration/built-in-environments/:id/applications") view=ApplicationUsers ssr=SsrMode::Async/>
        <Route path=path!("/configuration/dataverse-connections") view=DataverseConnections ssr=SsrMode::Async/>
        <Route path=path!("/configuration/dataverse-connections/new") view=NewDataverseConnection ssr=SsrMode::Async/>
        <Route path=path!("/configuration/dataverse-connections/:id") view=DataverseConnectionForm ssr=SsrMode::Async/>
        <Route path=path!("/configuration/teams") view=Teams ssr=SsrMode::Async/>
        <Route path=path!("/configuration/teams/new") view=NewTeam ssr=SsrMode::Async/>
        <Route path=path!("/configuration/teams/:id") view=TeamRecord ssr=SsrMode::Async/>
        <Route path=path!("/configuration/service-identities") view=ServiceIdentities ssr=SsrMode::Async/>
        <Route path=path!("/configuration/service-identities/new") view=NewServiceIdentity ssr=SsrMode::Async/>
        <Route path=path!("/configuration/audit") view=AuditLog ssr=SsrMode::Async/>
    }
    .into_inner()
}

/// The addresses of the pages about what was deployed.
#[component(transparent)]
fn DeploymentRoutes() -> impl MatchNestedRoutes + Clone {
    view! {
        <Route path=path!("/configuration/queue") view=QueuePage ssr=SsrMode::Async/>
        <Route path=path!("/configuration/run-history") view=RunHistory ssr=SsrMode::Async/>
        <Route path=path!("/configuration/solution-artifacts") view=SolutionArtifacts ssr=SsrMode::Async/>
        <Route path=path!("/configuration/installations") view=Installations ssr=SsrMode::Async/>
        <Route path=path!("/configuration/delivery") view=DeliveryPage ssr=SsrMode::Async/>
    }
    .into_inner()
}

/// The addresses of the pages about webhooks.
#[component(transparent)]
fn WebhookRoutes() -> impl MatchNestedRoutes + Clone {
    view! {
        <Route path=path!("/configuration/webhooks") view=Webhooks ssr=SsrMode::Async/>
        <Route path=path!("/configuration/webhooks/new") view=NewWebhook ssr=SsrMode::Async/>
        <Route path=path!("/configuration/webhooks/:id") view=WebhookRecord ssr=SsrMode::Async/>
        <Route path=path!("/configuration/webhooks/deliveries/:id") view=DeliveryRecord ssr=SsrMode::Async/>
    }
    .into_inner()
}

/// The policies of pipelines and stages, and when stages may be deployed to.
#[component(transparent)]
fn PolicyRoutes() -> impl MatchNestedRoutes + Clone {
    view! {
        <Route path=path!("/configuration/pipelines/:id/policy") view=PipelinePolicy ssr=SsrMode::Async/>
        <Route path=path!("/configuration/stages/:id/policy") view=StagePolicy ssr=SsrMode::Async/>
        <Route path=path!("/configuration/stages/:id/windows") view=StageWindows ssr=SsrMode::Async/>
    }
    .into_inner()
}
