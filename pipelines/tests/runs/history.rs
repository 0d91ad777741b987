//! Lists of runs, artifacts and the dashboard.

use crate::{
    common::{assert_forbidden, assert_not_found},
    package::Package,
    scene::Scene,
};
use model::{
    environment::EnvironmentType,
    id::StageRunId,
    stage_run::{RunFilter, RunSort, StageRunStatus},
};
use sea_orm::{ConnectionTrait, DbBackend, TransactionTrait};
use slipway_pipelines::{dashboard, pipeline, stage_run};
use std::time::Duration;
use testbed::each_database;

/// Runs that were asked for and withdrawn, one after the other.
async fn withdrawn(scene: &Scene, solution: &str, count: usize) -> Vec<StageRunId> {
    let mut runs = Vec::new();
    for _ in 0..count {
        scene.test.clock.advance(Duration::from_secs(1));
        let run = scene.ask(solution, scene.contoso.test_stage).await.unwrap();
        stage_run::cancel(&scene.host, &scene.maker, run).await.unwrap();
        runs.push(run);
    }
    runs
}

/// Makes many runs of the only one there is.
async fn multiply(scene: &Scene, runs: usize) {
    let database = &scene.test.database;
    let new_id = match database.get_database_backend() {
        DbBackend::Sqlite => "randomblob(16)",
        _ => "gen_random_uuid()",
    };
    let numbers =
        "WITH RECURSIVE numbers(number) AS (SELECT 2 UNION ALL SELECT number + 1 FROM numbers WHERE number < ";
    let transaction = database.begin().await.unwrap();
    for statement in [
        format!(
            "CREATE TEMPORARY TABLE copies AS {numbers}{runs}) SELECT stage_run.* FROM stage_run CROSS JOIN numbers"
        ),
        format!("UPDATE copies SET id = {new_id}"),
        "INSERT INTO stage_run SELECT * FROM copies".to_owned(),
        "DROP TABLE copies".to_owned(),
    ] {
        transaction.execute_unprepared(&statement).await.unwrap();
    }
    transaction.commit().await.unwrap();
}

#[tokio::test]
async fn the_history_is_paged_narrowed_and_sorted() {
    each_database(|database| async move {
        let scene = Scene::new(database).await;
        let (host, administrator, maker) = (&scene.host, &scene.administrator, &scene.maker);
        for name in ["Alpha", "Beta"] {
            scene.import(&Package::named(name)).await;
        }
        let mut runs = withdrawn(&scene, "Alpha", 60).await;
        let middle = host.clock().now();
        runs.extend(withdrawn(&scene, "Beta", 5).await);
        scene.test.clock.advance(Duration::from_secs(1));
        let open = scene.ask_as(administrator, "Beta", scene.contoso.test_stage).await.unwrap();
        runs.push(open);
        runs.reverse();

        let first = stage_run::history(host, administrator, &RunFilter::default()).await.unwrap();
        assert_eq!((first.number, first.size, first.total, first.more), (1, 50, 66, false));
        assert_eq!(first.last(), 2);
        let second = stage_run::history(host, maker, &RunFilter { page: 2, ..RunFilter::default() }).await.unwrap();
        let found: Vec<_> = first.rows.iter().chain(&second.rows).map(|run| run.id).collect();
        assert_eq!(found, runs);
        let beyond = RunFilter { page: 9, ..RunFilter::default() };
        let beyond = stage_run::history(host, maker, &beyond).await.unwrap();
        assert_eq!((beyond.rows.len(), beyond.total), (0, 66));

        let count = async |filter: RunFilter| stage_run::history(host, maker, &filter).await.unwrap().total;
        let all = RunFilter::default;
        let elsewhere = scene.test.environment("Elsewhere", EnvironmentType::Target).await;
        for (filter, expected) in [
            (RunFilter { status: Some(StageRunStatus::NotStarted), ..all() }, 1),
            (RunFilter { status: Some(StageRunStatus::Canceled), ..all() }, 65),
            (RunFilter { solution: Some("BETA".to_owned()), ..all() }, 6),
            (RunFilter { solution: Some("Gamma".to_owned()), ..all() }, 0),
            (RunFilter { pipeline: Some(scene.contoso.pipeline), ..all() }, 66),
            (RunFilter { stage: Some(scene.contoso.production_stage), ..all() }, 0),
            (RunFilter { environment: Some(scene.development()), ..all() }, 66),
            (RunFilter { environment: Some(scene.contoso.test.environment_id), ..all() }, 66),
            (RunFilter { environment: Some(elsewhere.environment_id), ..all() }, 0),
            (RunFilter { requested_by: Some(administrator.user), ..all() }, 1),
            (RunFilter { from: Some(middle), ..all() }, 7),
            (RunFilter { until: Some(middle), ..all() }, 59),
            (RunFilter { from: Some(middle), solution: Some("alpha".to_owned()), ..all() }, 1),
        ] {
            assert_eq!(count(filter.clone()).await, expected, "{filter:?}");
        }

        for sort in RunSort::ALL {
            let mut orders = Vec::new();
            for ascending in [true, false] {
                let mut ids = Vec::new();
                for page in [1, 2] {
                    let filter = RunFilter { sort, ascending, page, ..RunFilter::default() };
                    let page = stage_run::history(host, maker, &filter).await.unwrap();
                    ids.extend(page.rows.into_iter().map(|run| run.id));
                }
                orders.push(ids);
            }
            orders[1].reverse();
            assert_eq!(orders[0], orders[1], "{sort:?}");
            assert_eq!(orders[0].len(), 66);
        }
        let newest_end = RunFilter { sort: RunSort::Ended, ..RunFilter::default() };
        let by_end = stage_run::history(host, maker, &newest_end).await.unwrap();
        assert_eq!(by_end.rows[0].id, runs[1], "a run that has not ended is not the last one that did");
    })
    .await;
}

#[tokio::test]
async fn a_long_history_is_not_counted_to_its_end() {
    each_database(|database| async move {
        let scene = Scene::new(database).await;
        scene.import(&Package::named("Alpha")).await;
        withdrawn(&scene, "Alpha", 1).await;
        multiply(&scene, 560).await;
        let page = stage_run::history(&scene.host, &scene.maker, &RunFilter::default()).await.unwrap();
        assert_eq!((page.total, page.more), (550, true));
        let filter = RunFilter { page: 3, ..RunFilter::default() };
        let page = stage_run::history(&scene.host, &scene.administrator, &filter).await.unwrap();
        assert_eq!((page.total, page.more), (560, false));
    })
    .await;
}

#[tokio::test]
async fn users_see_their_own_runs_and_those_of_pipelines_they_may_use() {
    each_database(|database| async move {
        let scene = Scene::new(database).await;
        let (host, administrator, maker) = (&scene.host, &scene.administrator, &scene.maker);
        scene.import(&Package::named("Expenses")).await;
        let stage = scene.contoso.test_stage;
        let own = scene.ask("Expenses", stage).await.unwrap();
        let other = scene.ask_as(administrator, "Expenses", stage).await.unwrap();
        let seen = stage_run::history(host, maker, &RunFilter::default()).await.unwrap();
        assert_eq!(seen.total, 2);
        assert!(!stage_run::get(host, maker, other).await.unwrap().mine);

        let choices = stage_run::filter_choices(host, maker).await.unwrap();
        assert_eq!(choices.pipelines, [(scene.contoso.pipeline, "Contoso pipeline".to_owned())]);
        assert_eq!(choices.solutions, ["Expenses"]);
        let names: Vec<_> = choices.people.iter().map(|(_, name)| name.as_str()).collect();
        assert_eq!(names, ["Adele Vance", "Miguel Silva"]);
        let names: Vec<_> = choices.environments.iter().map(|choice| choice.name.as_str()).collect();
        assert_eq!(names, ["Contoso Dev", "Contoso Test"]);

        pipeline::set_active(host, administrator, scene.contoso.pipeline, false, 1).await.unwrap();
        let seen = stage_run::history(host, maker, &RunFilter::default()).await.unwrap();
        assert_eq!(seen.rows.iter().map(|run| run.id).collect::<Vec<_>>(), [own]);
        assert_not_found(stage_run::get(host, maker, other).await);
        assert_not_found(stage_run::log(host, maker, other, 0).await);
        assert_not_found(stage_run::cancel(host, maker, other).await);
        let choices = stage_run::filter_choices(host, maker).await.unwrap();
        assert_eq!(choices.people.len(), 1);
        assert_eq!(stage_run::history(host, administrator, &RunFilter::default()).await.unwrap().total, 2);
    })
    .await;
}

#[tokio::test]
async fn the_log_goes_on_after_an_entry() {
    each_database(|database| async move {
        let scene = Scene::new(database).await;
        scene.import(&Package::named("Expenses")).await;
        let run = withdrawn(&scene, "Expenses", 1).await[0];
        let rest = stage_run::log(&scene.host, &scene.maker, run, 1).await.unwrap();
        assert_eq!(rest.len(), 1);
        assert_eq!(rest[0].message, "Miguel Silva canceled the run. Nothing has been changed in Contoso Test.");
        assert!(stage_run::log(&scene.host, &scene.maker, run, 2).await.unwrap().is_empty());
    })
    .await;
}

#[tokio::test]
async fn the_dashboard_counts() {
    each_database(|database| async move {
        let scene = Scene::new(database).await;
        scene.import(&Package::named("Expenses")).await;
        withdrawn(&scene, "Expenses", 1).await;
        scene.test.clock.advance(Duration::from_hours(31 * 24));
        withdrawn(&scene, "Expenses", 2).await;
        let open = scene.ask("Expenses", scene.contoso.test_stage).await.unwrap();
        assert_forbidden(dashboard::get(&scene.host, &scene.maker).await);
        let dashboard = dashboard::get(&scene.host, &scene.administrator).await.unwrap();
        assert_eq!((dashboard.environments, dashboard.pipelines, dashboard.open), (3, 1, 1));
        assert_eq!(dashboard.runs, [(StageRunStatus::NotStarted, 1), (StageRunStatus::Canceled, 2)]);
        assert_eq!(dashboard.latest.len(), 4);
        assert_eq!(dashboard.latest[0].id, open);
    })
    .await;
}
