//! The demo of a first start.

use crate::common::{NOON, sign_in};
use environment::{Environments, PackageStore, builtin::BuiltIn, clock::SetClock, ids::CountingIds};
use model::user::Roles;
use slipway_pipelines::{Caller, Host, demo, deployment_environment, pipeline, stage_run, user};
use std::sync::Arc;
use testbed::each_database;

#[tokio::test]
async fn a_newcomer_finds_something_to_deploy() {
    each_database(|database| async move {
        let folder = tempfile::tempdir().unwrap();
        let packages = PackageStore::open(folder.path(), 1 << 20).unwrap();
        let (clock, ids) = (Arc::new(SetClock::at(NOON)), Arc::new(CountingIds::default()));
        let built_in = BuiltIn::new(database.clone(), packages.clone(), clock.clone(), ids.clone());
        let host = Host::new(database, packages, built_in.clone(), Arc::new(built_in.clone()), clock, ids);
        let accounts = demo::create(&host).await.unwrap().expect("a demo");
        assert_eq!((accounts.administrator.as_str(), accounts.maker.as_str()), ("admin", "maker"));
        assert!(demo::create(&host).await.unwrap().is_none(), "the demo is made once");

        let password = accounts.maker_password.to_string();
        let maker = sign_in(&host, "maker", &password).await.unwrap();
        assert!(maker.must_change_password && maker.roles == Roles::USER);
        let (maker, _) = user::visitor(&host, maker.id).await.unwrap().unwrap();
        let choices = deployment_environment::choices(&host, &maker).await.unwrap();
        let names: Vec<_> = choices.iter().map(|choice| choice.name.as_str()).collect();
        assert_eq!(names, ["Contoso Dev", "Contoso Production", "Contoso Test"]);

        let development = choices[0].id;
        let (pipeline, name) = stage_run::pipelines_for(&host, &maker, development).await.unwrap().remove(0);
        assert_eq!(name, "Contoso Standard Deployment Pipeline");
        let pipeline =
            stage_run::solution_pipeline(&host, &maker, development, demo::SOLUTION, pipeline).await.unwrap();
        assert!(pipeline.obstacles.is_empty() && pipeline.stages[0].obstacle.is_none());
        let stages: Vec<_> = pipeline.stages.iter().map(|card| card.stage.name.as_str()).collect();
        assert_eq!(stages, ["Test", "Production"]);

        let solution = built_in.open(development).await.unwrap().solution(demo::SOLUTION).await.unwrap().unwrap();
        assert_eq!(solution.summary.display_name, "Contoso Expenses");
        assert_eq!(solution.connection_references.len(), 1);
        assert_eq!(solution.environment_variables.len(), 2);
        assert!(solution.components.iter().any(|component| component.name == "contoso_/icons/expense.svg"));

        let administrator = sign_in(&host, "admin", &accounts.administrator_password.to_string()).await.unwrap();
        let administrator = Caller::new(administrator.id, administrator.display_name, administrator.roles);
        let pipelines = pipeline::list(&host, &administrator).await.unwrap();
        assert_eq!(pipelines.len(), 1);
        assert!(pipeline::get(&host, &administrator, pipelines[0].id).await.unwrap().obstacles.is_empty());
    })
    .await;
}
