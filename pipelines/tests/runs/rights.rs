//! The rights a deployment takes, and stages that deploy as somebody else.

use crate::{common::assert_forbidden, package::Package, scene::Scene};
use environment::EnvironmentError;
use model::{
    ErrorCode,
    access::{EnvironmentRole, Principal},
    environment::{DeploymentEnvironment, EnvironmentType},
    gate::{Approver, Gates},
    id::{EnvironmentId, StageId},
    pipeline::{Delegation, DelegationType},
    stage_run::{RunFilter, StageRunStatus},
    user::{Person, Roles},
};
use slipway_pipelines::{
    Caller, Origin, deployment_environment, environment_role, gate,
    pipeline::share,
    sign_in::{self, ProviderIdentity},
    stage,
    stage::delegation,
    stage_run, user,
};
use std::collections::BTreeSet;
use testbed::each_database;
use uuid::Uuid;

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

#[tokio::test]
async fn an_environment_that_slipway_does_not_keep_decides_itself_who_may_import() {
    each_database(|database| async move {
        let scene = Scene::new(database).await;
        let (host, maker) = (&scene.host, &scene.maker);
        let worker = scene.worker();
        let (inner, id) = (scene.test.built_in("Behind Fabrikam").await, EnvironmentId(Uuid::from_u128(77)));
        scene.watched.disguise(inner, id);
        let record = scene.test.record("Fabrikam", EnvironmentType::Target, id).await;
        deployment_environment::validate_pending(host).await.unwrap();
        let fabrikam = scene.test.read(record).await;
        let stage =
            scene.test.stage(scene.contoso.pipeline, "Fabrikam", Some(scene.contoso.production_stage), &fabrikam).await;
        scene.import(&Package::named("Expenses")).await;
        for before in [scene.contoso.test_stage, scene.contoso.production_stage] {
            scene.deployed("Expenses", before, "1.0.0.1").await;
        }

        let failed = async || {
            let id = scene.ask("Expenses", stage).await.unwrap();
            scene.until(id, StageRunStatus::Failed).await.findings.remove(0)
        };
        let found = failed().await;
        assert!(found.message.contains("it does not know them"), "{}", found.message);
        assert!(found.remedy.contains("connect their account with Microsoft Entra ID"), "{}", found.remedy);

        let account = Uuid::from_u128(4711);
        let identity = ProviderIdentity {
            provider: "entra".to_owned(),
            provider_name: "Entra".to_owned(),
            subject: format!("contoso/{account}"),
            user_name: String::new(),
            display_name: String::new(),
            groups: None,
            roles: None,
            creates_accounts: false,
        };
        sign_in::with_provider(host, &Origin::system(), &identity, Some(maker.user)).await.unwrap();
        for roles in [&[][..], &["Basic User", "Environment Maker", "Import Master"]] {
            scene.watched.give_roles(id, account, roles);
            let found = failed().await;
            assert!(found.message.ends_with("in Fabrikam (prvImportCustomization)."), "{}", found.message);
        }
        scene.watched.give_roles(id, account, &["Basic User", "System Customizer"]);
        scene.draft("Expenses", stage).await;

        // The application that Slipway signs in as stands for service identities.
        scene.watched.give_roles(id, account, &[]);
        let service = user::create_service(host, &scene.administrator, "deployer", "Deployer").await.unwrap();
        scene.delegate(&scene.administrator, stage, to_service(&service)).await;
        let draft = scene.draft("Expenses", stage).await;
        scene.connection(inner, crate::scene::MAIL, "Mail").await;
        scene.deploy(draft.id, "1.0.0.1").await;
        scene.until(draft.id, StageRunStatus::Succeeded).await;
        assert_eq!(scene.version_in(inner, "Expenses").await.unwrap(), "1.0.0.1");
        worker.stop().await;
    })
    .await;
}

#[tokio::test]
async fn nothing_is_deployed_for_somebody_with_whom_the_pipeline_is_not_shared_any_more() {
    each_database(|database| async move {
        let scene = Scene::new(database).await;
        let (host, stage) = (&scene.host, scene.contoso.test_stage);
        let gates = Gates {
            approvers: vec![Approver::Person(scene.administrator.user)],
            approvals_needed: 1,
            ..Gates::default()
        };
        gate::save(host, &scene.administrator, stage, &gates).await.unwrap();
        let worker = scene.worker();
        scene.import(&Package::named("Expenses")).await;
        let draft = scene.draft("Expenses", stage).await;
        scene.deploy(draft.id, "1.0.0.1").await;
        scene.until_true(draft.id, "an approval", |run| run.waiting_for.starts_with("Waiting for approval")).await;
        let with = Principal::Person(scene.maker.user);
        share::unshare(host, &scene.administrator, scene.contoso.pipeline, with).await.unwrap();
        stage_run::update_approval_status(host, &scene.administrator, draft.id, 20, "").await.unwrap();
        let run = scene.until(draft.id, StageRunStatus::Failed).await;
        assert!(run.error_message.contains("is not shared any more with Miguel Silva"), "{}", run.error_message);
        assert_forbidden(stage_run::retry(host, &scene.maker, draft.id).await);
        assert_eq!(scene.version_in(scene.contoso.test.environment_id, "Expenses").await, None);

        scene.test.share(scene.contoso.pipeline, &scene.maker, model::access::AccessRight::Read).await;
        user::set_enabled(host, &scene.administrator, scene.maker.user, false).await.unwrap();
        // The approval is still there: it is the same artifact.
        stage_run::retry(host, &scene.administrator, draft.id).await.unwrap();
        let run = scene.until(draft.id, StageRunStatus::Failed).await;
        assert!(run.error_message.contains("is disabled"), "{}", run.error_message);
        worker.stop().await;
    })
    .await;
}
