//! Drift: where a target differs from what was last deployed there.

use crate::{
    common::{assert_not_found, refusal},
    package::Package,
    scene::Scene,
};
use environment::EnvironmentError;
use model::drift::DriftKind;
use slipway_pipelines::{deployment_settings::Destination, drift, stage_run};
use std::time::Duration;
use testbed::each_database;

fn destination(scene: &Scene) -> Destination {
    Destination { environment: scene.development(), solution: "Expenses".to_owned(), stage: scene.contoso.test_stage }
}

/// What the card of the stage says.
async fn card(scene: &Scene) -> Option<String> {
    let of = destination(scene);
    let pipeline = scene.contoso.pipeline;
    let shown = stage_run::solution_pipeline(&scene.host, &scene.maker, of.environment, &of.solution, pipeline);
    let shown = shown.await.unwrap();
    let card = shown.stages.into_iter().find(|card| card.stage.id == of.stage).unwrap();
    card.drift.map(|check| check.summary())
}

#[tokio::test]
async fn a_target_that_somebody_changed_by_hand_has_drifted_until_the_next_deployment() {
    each_database(|database| async move {
        let scene = Scene::new(database).await;
        let worker = scene.worker();
        let (host, maker, of) = (&scene.host, &scene.maker, destination(&scene));
        scene.import(&Package::named("Expenses")).await;
        assert_eq!(drift::get(host, maker, &of).await.unwrap().deployed, None);
        assert_eq!(refusal(drift::check(host, maker, &of).await), "Nothing has been deployed to Test yet.");
        let run = scene.deployed("Expenses", of.stage, "1.0.0.1").await;
        let before = drift::get(host, maker, &of).await.unwrap();
        assert_eq!((before.deployed.unwrap().0, before.check), (run.id, None));
        assert_eq!(card(&scene).await, None);

        drift::check(host, maker, &of).await.unwrap();
        assert_eq!(drift::get(host, maker, &of).await.unwrap().check.unwrap().drifts, []);
        assert_eq!(card(&scene).await.as_deref(), Some("As it was deployed"));

        let other =
            Package::named("Expenses").version("9.0").managed().icon("<svg id='other'/>").table("contoso", "Receipt");
        let other = other.store(host).await;
        scene.import_stored(scene.contoso.test.environment_id, other).await.unwrap();
        drift::check(host, maker, &of).await.unwrap();
        let found = drift::get(host, maker, &of).await.unwrap().check.unwrap();
        let of_kind = |kind| found.drifts.iter().filter(|drift| drift.kind == kind).collect::<Vec<_>>();
        let version = of_kind(DriftKind::Version)[0];
        assert_eq!((version.deployed.as_str(), version.found.as_str()), ("1.0.0.1", "9.0"));
        assert!(of_kind(DriftKind::Changed).iter().any(|drift| drift.name.contains("Icon of")), "{found:?}");
        // The table left with the package that does not bring it.
        assert!(!of_kind(DriftKind::Missing).is_empty(), "{found:?}");
        assert!(card(&scene).await.unwrap().ends_with("differences from what was deployed"));

        scene.import(&Package::named("Expenses").version("9.0")).await;
        scene.deployed("Expenses", of.stage, "9.0.0.1").await;
        assert_eq!((card(&scene).await, drift::get(host, maker, &of).await.unwrap().check), (None, None));
        worker.stop().await;
    })
    .await;
}

#[tokio::test]
async fn targets_are_looked_at_by_themselves_when_nobody_has_for_long() {
    each_database(|database| async move {
        const DAY: Duration = Duration::from_hours(24);
        let scene = Scene::new(database).await;
        let worker = scene.worker();
        let host = &scene.host;
        assert_eq!(drift::look_where_due(host, DAY).await.unwrap(), 0, "nothing has been deployed");
        for name in ["Expenses", "Travel"] {
            scene.import(&Package::named(name)).await;
            scene.deployed(name, scene.contoso.test_stage, "1.0.0.1").await;
        }
        assert_eq!(drift::look_where_due(host, DAY).await.unwrap(), 2);
        assert_eq!(card(&scene).await.as_deref(), Some("As it was deployed"));

        let other = Package::named("Expenses").version("9.0").managed().store(host).await;
        scene.import_stored(scene.contoso.test.environment_id, other).await.unwrap();
        scene.test.clock.advance(Duration::from_hours(23));
        assert_eq!(drift::look_where_due(host, DAY).await.unwrap(), 0, "a day has not passed");
        drift::check(host, &scene.maker, &Destination { solution: "Travel".to_owned(), ..destination(&scene) })
            .await
            .unwrap();
        scene.test.clock.advance(Duration::from_hours(1));
        assert_eq!(drift::look_where_due(host, DAY).await.unwrap(), 1, "somebody has looked at the other one");
        assert!(card(&scene).await.unwrap().contains("difference"));

        // One that does not answer keeps nobody from the others.
        scene.test.clock.advance(DAY * 2);
        scene.watched.refuse("stage", || EnvironmentError::Unreachable { reason: "Off".to_owned(), retry_after: None });
        assert_eq!(drift::look_where_due(host, DAY).await.unwrap(), 0);
        scene.watched.answer("stage");
        assert_eq!(drift::look_where_due(host, DAY).await.unwrap(), 2);
        worker.stop().await;
    })
    .await;
}

#[tokio::test]
async fn only_whoever_may_deploy_looks() {
    each_database(|database| async move {
        let scene = Scene::new(database).await;
        scene.import(&Package::named("Expenses")).await;
        let outsider = scene.test.another_user().await;
        assert_not_found(drift::get(&scene.host, &outsider, &destination(&scene)).await);
        assert_not_found(drift::check(&scene.host, &outsider, &destination(&scene)).await);
    })
    .await;
}
