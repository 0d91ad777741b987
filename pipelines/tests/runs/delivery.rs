//! What was delivered, and what is where.

use crate::{common::assert_forbidden, package::Package, scene::Scene};
use model::delivery::Period;
use slipway_pipelines::{delivery, installation, stage_run};
use std::time::Duration;
use testbed::each_database;

const DAY: Duration = Duration::from_hours(24);

#[tokio::test]
async fn only_what_reaches_the_last_stage_is_delivered_and_its_lead_time_begins_in_development() {
    each_database(|database| async move {
        let scene = Scene::new(database).await;
        let worker = scene.worker();
        let (host, adele) = (&scene.host, &scene.administrator);
        scene.import(&Package::named("Expenses")).await;
        scene.deployed("Expenses", scene.contoso.test_stage, "1.0.0.1").await;
        let nothing = delivery::get(host, adele, None, Period::FourWeeks).await.unwrap();
        assert_eq!((nothing.weeks.len(), nothing.total.deployments), (4, 0));

        scene.test.clock.advance(DAY * 2);
        scene.deployed("Expenses", scene.contoso.production_stage, "1.0.0.1").await;
        let delivered = delivery::get(host, adele, None, Period::FourWeeks).await.unwrap().total;
        assert_eq!((delivered.deployments, delivered.failures), (1, 0));
        let lead_time = Duration::from_millis(u64::try_from(delivered.lead_time.unwrap()).unwrap());
        assert!(lead_time >= DAY * 2 && lead_time < DAY * 2 + Duration::from_hours(1), "{lead_time:?}");

        // An import that the target refuses has changed it as much as one that went well.
        scene.test.clock.advance(DAY);
        scene.import(&Package::named("Expenses").version("1.0.0.1")).await;
        scene.deployed("Expenses", scene.contoso.test_stage, "1.0.0.2").await;
        let draft = scene.draft("Expenses", scene.contoso.production_stage).await;
        scene.watched.refuse("start_import", || environment::EnvironmentError::Refused {
            code: None,
            message: "No.".to_owned(),
        });
        scene.deploy(draft.id, "").await;
        scene.ended(draft.id).await;
        scene.watched.answer("start_import");
        scene.test.clock.advance(DAY);
        stage_run::retry(host, &scene.maker, draft.id).await.unwrap();
        scene.until_true(draft.id, "success", |run| run.status.is_final() && run.error_message.is_empty()).await;
        let elsewhere = scene.test.pipeline("Another").await;
        let of_another = delivery::get(host, adele, Some(elsewhere), Period::Year).await.unwrap();
        assert_eq!((of_another.weeks.len(), of_another.total.deployments), (52, 0));
        let mine = delivery::get(host, adele, Some(scene.contoso.pipeline), Period::Year).await.unwrap();
        assert_eq!(mine.total.deployments, 2, "a run that was retried with success is one success");
        scene.test.clock.advance(DAY * 7 * 4);
        let later = delivery::get(host, adele, None, Period::FourWeeks).await.unwrap();
        assert_eq!(later.total.deployments, 0);
        assert_forbidden(delivery::get(host, &scene.maker, None, Period::Year).await);
        worker.stop().await;
    })
    .await;
}

#[tokio::test]
async fn every_target_shows_the_version_it_has_and_whether_it_is_behind() {
    each_database(|database| async move {
        let scene = Scene::new(database).await;
        let worker = scene.worker();
        let (host, adele) = (&scene.host, &scene.administrator);
        assert_eq!(installation::list(host, adele).await.unwrap().solutions.len(), 0);
        scene.import(&Package::named("Expenses")).await;
        for stage in [scene.contoso.test_stage, scene.contoso.production_stage] {
            scene.deployed("Expenses", stage, "1.0.0.1").await;
        }
        scene.test.clock.advance(DAY);
        scene.import(&Package::named("Expenses").version("1.0.0.1")).await;
        let second = scene.deployed("Expenses", scene.contoso.test_stage, "1.0.0.2").await;
        let matrix = installation::list(host, adele).await.unwrap();
        let names: Vec<_> = matrix.targets.iter().map(|(_, name)| name.as_str()).collect();
        assert_eq!(names, ["Contoso Production", "Contoso Test"]);
        let cells: Vec<_> = matrix.solutions[0].installed.iter().flatten().collect();
        assert_eq!((cells[0].version.as_str(), cells[0].behind), ("1.0.0.1", true));
        assert_eq!((cells[1].version.as_str(), cells[1].behind, cells[1].run), ("1.0.0.2", false, second.id));
        assert_forbidden(installation::list(host, &scene.maker).await);
        worker.stop().await;
    })
    .await;
}
