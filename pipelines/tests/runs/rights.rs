//! The rights a deployment takes, and stages that deploy as somebody else.

use crate::{common::assert_forbidden, package::Package, scene::Scene};
use environment::EnvironmentError;
use model::{
    ErrorCode,
    access::{EnvironmentRole, Principal},
    environment::DeploymentEnvironment,
    gate::{Approver, Gates},
    id::StageId,
    pipeline::{Delegation, DelegationType},
    stage_run::{RunFilter, StageRunStatus},
    user::{Person, Roles},
};
use slipway_pipelines::{Caller, environment_role, gate, stage, stage::delegation, stage_run, user};
use std::collections::BTreeSet;
use testbed::each_database;

impl Scene {
    /// Takes the maker's roles in an environment away.
    async fn take_role(&self, environment: &DeploymentEnvironment) {
        let (id, from) = (environment.environment_id, Principal::Person(self.maker.user));
        environment_role::take_away(&self.host, &self.administrator, id, from).await.unwrap();
    }

    /// A service identity with a role in an environment.
    async fn service(&self, environment: &DeploymentEnvironment, role: EnvironmentRole) -> Person {
        let service = user::create_service(&self.host, &self.administrator, "deployer", "Deployer").await.unwrap();
        let (to, roles) = (Principal::Person(service.id), BTreeSet::from([role]));
        environment_role::give(&self.host, &self.administrator, environment.environment_id, to, &roles).await.unwrap();
        service
    }

    /// Delegates a stage.
    async fn delegate(&self, caller: &Caller, id: StageId, to: Delegation) {
        let version = stage::get(&self.host, &self.administrator, id).await.unwrap().row_version;
        delegation::delegate(&self.host, caller, id, Some(to), version).await.unwrap();
    }
}

fn to_service(service: &Person) -> Delegation {
    Delegation { kind: DelegationType::ServicePrincipal, delegate: service.id }
}

#[tokio::test]
async fn who_may_not_import_into_the_target_is_told_so_by_pre_flight_and_goes_on_with_the_role() {
    each_database(|database| async move {
        let scene = Scene::new(database).await;
        let (host, target) = (&scene.host, &scene.contoso.test);
        scene.test.role(target, &scene.maker, EnvironmentRole::EnvironmentMaker).await;
        let worker = scene.worker();
        scene.import(&Package::named("Expenses")).await;
        let id = scene.ask("Expenses", scene.contoso.test_stage).await.unwrap();
        let run = scene.until(id, StageRunStatus::Failed).await;
        let found: Vec<_> = run.findings.iter().filter(|finding| finding.blocks()).collect();
        assert_eq!(found.len(), 1, "{found:?}");
        assert_eq!((found[0].rule.as_str(), found[0].code), ("missing-right", Some(ErrorCode::PRIVILEGE_DENIED)));
        assert_eq!(found[0].message, "Miguel Silva may not import solutions in Contoso Test (prvImportCustomization).");
        assert!(found[0].remedy.contains("System Customizer or System Administrator in Contoso Test"), "{found:?}");

        scene.test.role(target, &scene.maker, EnvironmentRole::SystemCustomizer).await;
        stage_run::retry(host, &scene.maker, id).await.unwrap();
        scene.until(id, StageRunStatus::ValidationSucceeded).await;
        scene.deploy(id, "1.0.0.1").await;
        let run = scene.until(id, StageRunStatus::Succeeded).await;
        assert_eq!(run.run_as_name, None);
        worker.stop().await;
    })
    .await;
}

#[tokio::test]
async fn who_may_not_export_gets_nothing_exported_and_needs_no_such_right_for_later_stages() {
    each_database(|database| async move {
        let scene = Scene::new(database).await;
        let source = &scene.contoso.development;
        let worker = scene.worker();
        scene.import(&Package::named("Expenses")).await;
        scene.deployed("Expenses", scene.contoso.test_stage, "1.0.0.1").await;
        scene.test.role(source, &scene.maker, EnvironmentRole::BasicUser).await;
        scene.watched.refuse("export", || EnvironmentError::Internal("It is asked to export.".into()));
        let id = scene.ask("Expenses", scene.contoso.test_stage).await.unwrap();
        let run = scene.until(id, StageRunStatus::Failed).await;
        assert_eq!(
            run.findings[0].message,
            "Miguel Silva may not export solutions in Contoso Dev (prvExportCustomization)."
        );
        scene.watched.answer("export");
        scene.deployed("Expenses", scene.contoso.production_stage, "1.0.0.1").await;

        scene.test.role(source, &scene.maker, EnvironmentRole::EnvironmentMaker).await;
        stage_run::retry(&scene.host, &scene.maker, id).await.unwrap();
        let run = scene.until(id, StageRunStatus::ValidationSucceeded).await;
        assert!(run.findings.iter().all(|finding| !finding.blocks()));
        worker.stop().await;
    })
    .await;
}

#[tokio::test]
async fn a_right_taken_away_meanwhile_stops_deploy_and_the_import() {
    each_database(|database| async move {
        let scene = Scene::new(database).await;
        let (host, target, stage) = (&scene.host, &scene.contoso.test, scene.contoso.test_stage);
        let gates = Gates {
            approvers: vec![Approver::Person(scene.administrator.user)],
            approvals_needed: 1,
            ..Gates::default()
        };
        gate::save(host, &scene.administrator, stage, &gates).await.unwrap();
        let worker = scene.worker();
        scene.import(&Package::named("Expenses")).await;
        let draft = scene.draft("Expenses", stage).await;
        scene.settle(draft.id).await;
        scene.take_role(target).await;
        assert_forbidden(stage_run::deploy(host, &scene.maker, draft.id, "1.0.0.1", "").await);
        assert_eq!(scene.run(draft.id).await.status, StageRunStatus::ValidationSucceeded, "the settings are kept");

        scene.test.role(target, &scene.maker, EnvironmentRole::SystemCustomizer).await;
        stage_run::deploy(host, &scene.maker, draft.id, "1.0.0.1", "").await.unwrap();
        scene.until_true(draft.id, "an approval", |run| run.waiting_for.starts_with("Waiting for approval")).await;
        scene.take_role(target).await;
        stage_run::update_approval_status(host, &scene.administrator, draft.id, 20, "").await.unwrap();
        let run = scene.until(draft.id, StageRunStatus::Failed).await;
        assert!(
            run.error_message.contains("Miguel Silva may not import solutions in Contoso Test"),
            "{}",
            run.error_message
        );
        assert_eq!(run.findings[0].rule, "missing-right");
        assert_eq!(scene.version_in(target.environment_id, "Expenses").await, None);
        worker.stop().await;
    })
    .await;
}

#[tokio::test]
async fn a_delegated_stage_deploys_as_a_service_identity_and_says_who_asked_and_as_whom_it_ran() {
    each_database(|database| async move {
        let scene = Scene::new(database).await;
        let (host, target, stage) = (&scene.host, &scene.contoso.test, scene.contoso.test_stage);
        scene.take_role(target).await;
        let service = scene.service(target, EnvironmentRole::BasicUser).await;
        scene.delegate(&scene.administrator, stage, to_service(&service)).await;
        let worker = scene.worker();
        scene.import(&Package::named("Expenses")).await;
        // The one it runs as needs the right.
        let id = scene.ask("Expenses", stage).await.unwrap();
        let run = scene.until(id, StageRunStatus::Failed).await;
        assert!(run.findings[0].message.starts_with("This stage is delegated to Deployer, who may not import"));

        let (to, roles) = (Principal::Person(service.id), BTreeSet::from([EnvironmentRole::SystemCustomizer]));
        environment_role::give(host, &scene.administrator, target.environment_id, to, &roles).await.unwrap();
        let run = scene.deployed("Expenses", stage, "1.0.0.1").await;
        assert_eq!((run.requested_by_name.as_str(), run.run_as_name.as_deref()), ("Miguel Silva", Some("Deployer")));
        let log: Vec<_> = scene.log(run.id).await.into_iter().map(|entry| entry.message).collect();
        for told in [
            "Miguel Silva asked for Contoso Expenses in Test. The stage is delegated: it deploys as Deployer.",
            "Miguel Silva asked to deploy version 1.0.0.1 to Contoso Test as Deployer.",
            "Importing version 1.0.0.1 into Contoso Test as Deployer.",
        ] {
            assert!(log.iter().any(|message| message == told), "{told} {log:?}");
        }
        let history = stage_run::history(host, &scene.maker, &RunFilter::default()).await.unwrap();
        let row = history.rows.iter().find(|row| row.id == run.id).unwrap();
        assert_eq!(row.run_as_name.as_deref(), Some("Deployer"));

        user::set_enabled(host, &scene.administrator, service.id, false).await.unwrap();
        let id = scene.ask("Expenses", stage).await.unwrap();
        let run = scene.until(id, StageRunStatus::Failed).await;
        assert!(run.findings[0].message.contains("who is disabled"), "{:?}", run.findings);
        worker.stop().await;
    })
    .await;
}

#[tokio::test]
async fn what_a_stage_is_delegated_to_counts_at_the_import_and_not_at_the_request() {
    each_database(|database| async move {
        let scene = Scene::new(database).await;
        let (host, target, stage) = (&scene.host, &scene.contoso.test, scene.contoso.test_stage);
        let worker = scene.worker();
        scene.import(&Package::named("Expenses")).await;
        let draft = scene.draft("Expenses", stage).await;
        scene.settle(draft.id).await;
        scene.take_role(target).await;
        assert_forbidden(stage_run::deploy(host, &scene.maker, draft.id, "1.0.0.1", "").await);
        let adele = Delegation { kind: DelegationType::StageOwner, delegate: scene.administrator.user };
        scene.delegate(&scene.administrator, stage, adele).await;
        stage_run::deploy(host, &scene.maker, draft.id, "1.0.0.1", "").await.unwrap();
        let run = scene.until(draft.id, StageRunStatus::Succeeded).await;
        assert_eq!(run.run_as_name.as_deref(), Some("Adele Vance"));

        // An owner who may not import any more takes nobody along.
        let ines = scene.test.another_user().await;
        user::set_roles(host, &scene.administrator, ines.user, Roles::ADMINISTRATOR).await.unwrap();
        user::set_roles(
            host,
            &scene.administrator,
            scene.administrator.user,
            model::user::Role::SystemAdministrator.into(),
        )
        .await
        .unwrap();
        let from = Principal::Person(scene.administrator.user);
        let ines = Caller::new(ines.user, ines.name, Roles::ADMINISTRATOR);
        environment_role::take_away(host, &ines, target.environment_id, from).await.unwrap();
        let id = scene.ask("Expenses", stage).await.unwrap();
        let run = scene.until(id, StageRunStatus::Failed).await;
        assert!(run.findings[0].message.starts_with("This stage is delegated to Adele Vance, who may not import"));
        worker.stop().await;
    })
    .await;
}
