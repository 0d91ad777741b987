//! The configuration as an administrator's browser sees it: pages and posted forms through the real renderer, over a
//! real host.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing, reason = "tests")]

use super::{
    built_in_environment::{
        CreateBuiltInEnvironment, DeleteBuiltInEnvironment, ResetBuiltInEnvironment, SaveBuiltInEnvironment,
    },
    environment::{
        CreateEnvironment, DeleteEnvironment, RefreshEnvironmentStatus, SaveEnvironment, SetEnvironmentActive,
    },
    people::{ResetPersonPassword, SetPersonEnabled},
    people_new::CreatePerson,
    person::SetPersonRoles,
    pipeline::{
        CreatePipeline, DeletePipeline, SavePipeline, SetPipelineActive,
        development_environments::{LinkEnvironment, UnlinkEnvironment},
    },
    stage::{CreateStage, DeleteStage, SaveStage},
};
use crate::page::tests::site::{Site, last};
use leptos::server_fn::ServerFn;
use model::user::{Person, Roles};
use pipelines::{
    Host, Origin, deployment_environment,
    sign_in::{self, Attempt},
    user,
};

impl Site {
    /// Creates a built-in environment and the record of it; tells the ids of both.
    pub(in crate::page) async fn environment(&self, name: &str, kind: &str) -> (String, String) {
        let built_in = self.post(CreateBuiltInEnvironment::PATH, &[("name", name), ("import_pace", "0")]).await;
        let built_in = last(&built_in);
        let me = self.me.id.to_string();
        let fields = [("name", name), ("kind", kind), ("environment_id", &built_in), ("owner", &me)];
        let record = self.post(CreateEnvironment::PATH, &fields).await;
        (built_in, last(&record))
    }

    pub(in crate::page) async fn pipeline(&self, name: &str) -> String {
        let me = self.me.id.to_string();
        last(&self.post(CreatePipeline::PATH, &[("name", name), ("description", ""), ("owner", &me)]).await)
    }
}

#[tokio::test]
async fn an_administrator_configures_a_pipeline_from_nothing_and_hostile_names_stay_text() {
    let site = Site::new().await;
    assert!(site.page("/configuration").await.contains("Get started"));

    let hostile = |name: &str| format!("{name} <script>alert(\"{name}\")</script>");
    let (built_in, development) = site.environment(&hostile("Dev"), "development").await;
    let (_, test) = site.environment(&hostile("Test"), "target").await;
    let (_, production) = site.environment(&hostile("Production"), "target").await;
    deployment_environment::validate_pending(&site.host).await.unwrap();
    let record = site.page(&format!("/configuration/environments/{development}")).await;
    assert!(record.contains(">Success<"), "{record}");
    assert!(record.contains(&format!("/events/environments/{development}")), "{record}");

    let pipeline = site.pipeline(&hostile("Contoso")).await;
    let form = format!("/configuration/pipelines/{pipeline}");
    assert!(site.page(&form).await.contains("This pipeline cannot run yet"));
    site.post(LinkEnvironment::PATH, &[("pipeline", &pipeline), ("environment", &development)]).await;
    let first = hostile("First");
    let fields = [("pipeline", pipeline.as_str()), ("name", &first), ("previous", ""), ("target", &test)];
    let first = last(&site.post(CreateStage::PATH, &fields).await);
    let second = hostile("Second");
    let fields = [("pipeline", pipeline.as_str()), ("name", &second), ("previous", &first), ("target", &production)];
    let second = last(&site.post(CreateStage::PATH, &fields).await);
    let ready = site.page(&form).await;
    assert!(!ready.contains("This pipeline cannot run yet"), "{ready}");
    let chain = ready.find("Order of deployment").unwrap();
    let (one, two) = (ready[chain..].find(&first).unwrap(), ready[chain..].find(&second).unwrap());
    assert!(one < two, "{ready}");

    for address in [
        "/configuration",
        "/configuration/environments",
        "/configuration/environments?view=target",
        "/configuration/environments/new",
        &format!("/configuration/environments/{development}"),
        "/configuration/built-in-environments",
        "/configuration/built-in-environments/new",
        &format!("/configuration/built-in-environments/{built_in}"),
        "/configuration/pipelines",
        "/configuration/pipelines/new",
        &form,
        &format!("{form}?tab=run-history"),
        &format!("{form}/stages/new"),
        &format!("/configuration/stages/{second}"),
        "/configuration/run-history?status=failed&from=2026-01-01&solution=%3Cscript%3Ealert(1)%3C%2Fscript%3E",
        "/configuration/solution-artifacts?solution=%3Cscript%3Ealert(1)%3C%2Fscript%3E",
        "/configuration/people",
        "/configuration/people/new",
    ] {
        let page = site.page(address).await;
        assert!(!page.contains("<script>alert"), "{address}: {page}");
        assert_eq!(page.matches("<h1").count(), 1, "{address}: {page}");
    }
}

#[tokio::test]
async fn what_was_typed_comes_back_with_the_problem_at_its_field() {
    let site = Site::new().await;
    let me = site.me.id.to_string();
    let fields = [("name", "Typed name"), ("kind", "target"), ("environment_id", "nonsense"), ("owner", &me)];
    let back = site.post(CreateEnvironment::PATH, &fields).await;
    assert!(back.starts_with("/configuration/environments/new?returned="), "{back}");
    let page = site.page(&back).await;
    assert!(page.contains("value=\"Typed name\"") && page.contains("value=\"nonsense\""), "{page}");
    assert!(page.contains("aria-describedby=\"field-environment-id-error field-environment-id-hint\""), "{page}");
    assert!(page.contains("value=\"target\" selected"), "{page}");
}

#[tokio::test]
async fn the_change_of_somebody_else_is_not_overwritten() {
    let site = Site::new().await;
    let pipeline = site.pipeline("Contoso").await;
    let me = site.me.id.to_string();
    let change =
        |name: &'static str| [("name", name), ("owner", me.as_str()), ("row_version", "1"), ("id", pipeline.as_str())];
    let form = format!("/configuration/pipelines/{pipeline}");
    assert_eq!(site.post(SavePipeline::PATH, &change("Renamed")).await, form);
    let back = site.post(SavePipeline::PATH, &change("Too late")).await;
    let page = site.page(&back).await;
    assert!(page.contains("changed by somebody else"), "{page}");
    assert!(page.contains("value=\"Too late\"") && page.contains("<h1>Renamed"), "{page}");
}

#[tokio::test]
async fn what_is_refused_says_why_and_save_and_close_leads_to_the_list() {
    let site = Site::new().await;
    let (built_in, development) = site.environment("Contoso Dev", "development").await;
    let pipeline = site.pipeline("Contoso").await;
    site.post(LinkEnvironment::PATH, &[("pipeline", &pipeline), ("environment", &development)]).await;
    let back = site.post(DeleteEnvironment::PATH, &[("id", &development)]).await;
    let page = site.page(&back).await;
    assert!(page.contains("the pipeline “Contoso” starts from it"), "{page}");
    let back = site.post(DeleteBuiltInEnvironment::PATH, &[("id", &built_in)]).await;
    assert!(site.page(&back).await.contains("cannot be deleted"));
    let back = site.post(LinkEnvironment::PATH, &[("pipeline", &pipeline), ("environment", "")]).await;
    assert!(site.page(&back).await.contains("Choose a development environment to link."));

    let fields = [("pipeline", pipeline.as_str()), ("environment", development.as_str())];
    assert_eq!(site.post(UnlinkEnvironment::PATH, &fields).await, format!("/configuration/pipelines/{pipeline}"));
    assert_eq!(site.post(DeleteEnvironment::PATH, &[("id", &development)]).await, "/configuration/environments");
    let fields = [("id", built_in.as_str()), ("name", "Renamed"), ("import_pace", "5"), ("then", "close")];
    assert_eq!(site.post(SaveBuiltInEnvironment::PATH, &fields).await, "/configuration/built-in-environments");
    site.post(ResetBuiltInEnvironment::PATH, &[("id", &built_in)]).await;
    let fields = [("id", pipeline.as_str()), ("row_version", "1"), ("active", "false")];
    let form = site.post(SetPipelineActive::PATH, &fields).await;
    assert!(site.page(&form).await.contains("(inactive)"));
    assert_eq!(site.post(DeletePipeline::PATH, &[("id", &pipeline)]).await, "/configuration/pipelines");
    assert_eq!(site.get(&format!("/configuration/pipelines/{pipeline}")).await.status, 404);
}

#[tokio::test]
async fn a_one_time_password_is_shown_once() {
    let site = Site::new().await;
    let fields = [("user_name", "grace"), ("display_name", "Grace Hopper"), ("roles[]", "pipeline-user")];
    let people = site.post(CreatePerson::PATH, &fields).await;
    assert_eq!(people, "/configuration/people");
    let page = site.page(&people).await;
    let password = page.split("one-time-password\">").nth(1).unwrap().split('<').next().unwrap().to_owned();
    sign_in(&site.host, "grace", &password).await.unwrap();
    assert!(!site.page(&people).await.contains(&password));

    let grace = sign_in(&site.host, "grace", &password).await.unwrap().id.to_string();
    site.post(ResetPersonPassword::PATH, &[("id", &grace)]).await;
    assert!(site.page(&people).await.contains("One-time password of Grace Hopper:"));
    assert!(sign_in(&site.host, "grace", &password).await.is_err());
    site.post(SetPersonRoles::PATH, &[("id", &grace), ("roles[]", "pipeline-default"), ("roles[]", "pipeline-user")])
        .await;
    assert!(site.page(&people).await.contains("Deployment Pipeline User, Deployment Pipeline Default"));
    site.post(SetPersonEnabled::PATH, &[("id", &grace), ("enabled", "false")]).await;
    assert!(site.page(&people).await.contains("Disabled"));
}

#[tokio::test]
async fn a_user_sees_none_of_the_pages_and_changes_nothing() {
    let site = Site::new().await;
    let (built_in, environment) = site.environment("Contoso Dev", "development").await;
    let (_, target) = site.environment("Contoso Test", "target").await;
    let pipeline = site.pipeline("Contoso").await;
    let fields = [("pipeline", pipeline.as_str()), ("name", "Test"), ("target", target.as_str())];
    let stage = last(&site.post(CreateStage::PATH, &fields).await);
    let me = site.me.id.to_string();
    // The owner of a pipeline may do something with it, so it has another one.
    let (grace, _) = user::create_first(&site.host, "grace", "Grace Hopper", Roles::USER).await.unwrap();
    let (ada, _) = user::visitor(&site.host, site.me.id).await.unwrap().unwrap();
    let to = model::access::Principal::Person(grace.id);
    pipelines::pipeline::share::assign(&site.host, &ada, pipeline.parse().unwrap(), to).await.unwrap();

    site.becomes(Roles::USER);
    for address in [
        "/configuration",
        "/configuration/environments",
        "/configuration/environments/new",
        &format!("/configuration/environments/{environment}"),
        "/configuration/built-in-environments",
        "/configuration/built-in-environments/new",
        &format!("/configuration/built-in-environments/{built_in}"),
        "/configuration/pipelines",
        "/configuration/pipelines/new",
        &format!("/configuration/pipelines/{pipeline}"),
        &format!("/configuration/pipelines/{pipeline}?tab=run-history"),
        &format!("/configuration/pipelines/{pipeline}/stages/new"),
        &format!("/configuration/stages/{stage}"),
        "/configuration/run-history",
        "/configuration/solution-artifacts",
        "/configuration/people",
        "/configuration/people/new",
        &format!("/configuration/people/{me}"),
    ] {
        let answer = site.get(address).await;
        assert_eq!(answer.status, 403, "{address}");
        assert!(!answer.body.contains("Contoso"), "{address}: {}", answer.body);
    }
    let named = |id: &str| vec![("id", id.to_owned()), ("row_version", "1".to_owned()), ("name", "Mine".to_owned())];
    let with = |mut fields: Vec<(&'static str, String)>, more: &[(&'static str, &str)]| {
        fields.extend(more.iter().map(|(name, value)| (*name, (*value).to_owned())));
        fields
    };
    let nothing = Vec::new;
    for (action, fields) in [
        (CreateBuiltInEnvironment::PATH, with(nothing(), &[("name", "Mine"), ("import_pace", "0")])),
        (SaveBuiltInEnvironment::PATH, with(named(&built_in), &[("import_pace", "0")])),
        (ResetBuiltInEnvironment::PATH, named(&built_in)),
        (DeleteBuiltInEnvironment::PATH, named(&built_in)),
        (
            CreateEnvironment::PATH,
            with(nothing(), &[("name", "Mine"), ("owner", &me), ("kind", "target"), ("environment_id", &built_in)]),
        ),
        (SaveEnvironment::PATH, with(named(&environment), &[("owner", &me)])),
        (RefreshEnvironmentStatus::PATH, named(&environment)),
        (SetEnvironmentActive::PATH, with(named(&environment), &[("active", "false")])),
        (DeleteEnvironment::PATH, named(&environment)),
        (CreatePipeline::PATH, with(nothing(), &[("name", "Mine"), ("owner", &me)])),
        (SavePipeline::PATH, with(named(&pipeline), &[("owner", &me)])),
        (SetPipelineActive::PATH, with(named(&pipeline), &[("active", "false")])),
        (DeletePipeline::PATH, named(&pipeline)),
        (LinkEnvironment::PATH, with(nothing(), &[("pipeline", &pipeline), ("environment", &environment)])),
        (UnlinkEnvironment::PATH, with(nothing(), &[("pipeline", &pipeline), ("environment", &environment)])),
        (CreateStage::PATH, with(nothing(), &[("pipeline", &pipeline), ("name", "Mine"), ("target", &target)])),
        (SaveStage::PATH, with(named(&stage), &[("target", &target)])),
        (DeleteStage::PATH, named(&stage)),
        (
            CreatePerson::PATH,
            with(nothing(), &[("user_name", "eve"), ("display_name", "Eve"), ("roles[]", "system-administrator")]),
        ),
        (ResetPersonPassword::PATH, named(&me)),
        (SetPersonRoles::PATH, with(named(&me), &[("roles[]", "system-administrator")])),
        (SetPersonEnabled::PATH, with(named(&me), &[("enabled", "false")])),
    ] {
        let fields: Vec<_> = fields.iter().map(|(name, value)| (*name, value.as_str())).collect();
        let answer = site.post_as("application/json", action, &fields).await;
        // To whoever may not see a pipeline it does not exist.
        let expected = if action == LinkEnvironment::PATH { 404 } else { 403 };
        assert_eq!(answer.status, expected, "{action}: {}", answer.body);
    }
    site.becomes(Roles::ADMINISTRATOR);
    let unchanged = site.page(&format!("/configuration/pipelines/{pipeline}")).await;
    assert!(unchanged.contains("<h1>Contoso") && !unchanged.contains("Mine"), "{unchanged}");
    assert_eq!(user::count(&site.host).await.unwrap(), 2);
}

async fn sign_in(host: &Host, user_name: &str, password: &str) -> pipelines::Result<Person> {
    let attempt = Attempt { user_name, password, browser: None, origin: &Origin::system() };
    sign_in::with_password(host, attempt).await.map(|signed_in| signed_in.person)
}
