use crate::common::{TestHost, assert_changed, assert_not_found, message_at, problems, refusal};
use model::{
    environment::{DeploymentEnvironment, EnvironmentType},
    id::{DeploymentEnvironmentId, PipelineId, StageId},
    pipeline::Stage,
};
use slipway_pipelines::{
    deployment_environment, pipeline,
    solution::{self, NewSolutionForm},
    stage::{self, NewStage, StageChanges},
    stage_run::{self, Request},
};
use testbed::each_database;
use uuid::Uuid;

fn new(pipeline: PipelineId, name: &str, previous: Option<StageId>, target: &DeploymentEnvironment) -> NewStage {
    NewStage { pipeline, name: name.to_owned(), description: String::new(), previous, target: Some(target.id) }
}

fn changes(stage: &Stage) -> StageChanges {
    StageChanges {
        name: stage.name.clone(),
        description: stage.description.clone(),
        previous: stage.previous,
        target: Some(stage.target),
        row_version: stage.row_version,
    }
}

async fn names(test: &TestHost, pipeline: PipelineId) -> Vec<String> {
    let pipeline = pipeline::get(&test.host, &test.administrator, pipeline).await.unwrap();
    assert_eq!(pipeline.obstacles, Vec::<String>::new());
    pipeline.stages.into_iter().map(|stage| stage.name).collect()
}

#[tokio::test]
async fn stages_are_a_chain_without_forks() {
    each_database(|database| async move {
        let test = TestHost::new(database).await;
        let (host, admin) = (&test.host, &test.administrator);
        let contoso = test.contoso().await;
        let spare = test.environment("Spare", EnvironmentType::Target).await;
        for (previous, words) in [
            (None, "“Test” is the first stage"),
            (Some(contoso.test_stage), "“Production” follows “Test” already"),
            (Some(StageId(Uuid::from_u128(404))), "Choose a stage of this pipeline."),
        ] {
            let creating = stage::create(host, admin, &new(contoso.pipeline, "Third", previous, &spare)).await;
            let message = message_at("previous", creating);
            assert!(message.contains(words), "{message}");
        }
        let last = Some(contoso.production_stage);
        stage::create(host, admin, &new(contoso.pipeline, "Third", last, &spare)).await.unwrap();
        assert_eq!(names(&test, contoso.pipeline).await, ["Test", "Production", "Third"]);

        let production = stage::get(host, admin, contoso.production_stage).await.unwrap();
        let looping = StageChanges { previous: Some(contoso.production_stage), ..changes(&production) };
        message_at("previous", stage::update(host, admin, production.id, &looping).await);
        let first = StageChanges { previous: None, ..changes(&production) };
        message_at("previous", stage::update(host, admin, production.id, &first).await);
    })
    .await;
}

#[tokio::test]
async fn two_stages_added_at_once_do_not_make_a_fork() {
    each_database(|database| async move {
        let test = TestHost::new(database).await;
        let (host, admin) = (&test.host, &test.administrator);
        let pipeline = test.pipeline("Contoso").await;
        let development = test.environment("Dev", EnvironmentType::Development).await;
        test.link(pipeline, &development).await;
        let one = test.environment("One", EnvironmentType::Target).await;
        let other = test.environment("Other", EnvironmentType::Target).await;
        let (first, second) = (new(pipeline, "One", None, &one), new(pipeline, "Other", None, &other));
        let (one, other) = tokio::join!(stage::create(host, admin, &first), stage::create(host, admin, &second));
        assert!(one.is_ok() != other.is_ok(), "{one:?} {other:?}");
        message_at("previous", if one.is_ok() { other } else { one });
        assert_eq!(names(&test, pipeline).await.len(), 1);
    })
    .await;
}

#[tokio::test]
async fn every_field_of_a_stage_says_what_it_must_hold() {
    each_database(|database| async move {
        let test = TestHost::new(database).await;
        let (host, admin) = (&test.host, &test.administrator);
        let contoso = test.contoso().await;
        let bad = NewStage {
            pipeline: contoso.pipeline,
            name: " tEST ".to_owned(),
            description: "x".repeat(2001),
            previous: None,
            target: None,
        };
        let problems = problems(stage::create(host, admin, &bad).await);
        let fields: Vec<_> = problems.iter().map(|problem| problem.field.as_str()).collect();
        assert_eq!(fields, ["name", "description", "previous", "target"]);

        // The same environment once as development and once as target: only the type of the record differs.
        let both = test.record("Both", EnvironmentType::Target, contoso.development.environment_id).await;
        let inactive = test.environment("Old", EnvironmentType::Target).await;
        deployment_environment::set_active(host, admin, inactive.id, false, 1).await.unwrap();
        let nothing = DeploymentEnvironmentId(Uuid::from_u128(404));
        for (target, words) in [
            (contoso.development.id, "is a development environment"),
            (both, "as the development environment “Contoso Dev”"),
            (contoso.test.id, "“Test” deploys into “Contoso Test” already"),
            (inactive.id, "is deactivated"),
            (nothing, "Choose a target environment."),
        ] {
            let new = NewStage {
                target: Some(target),
                ..new(contoso.pipeline, "Third", Some(contoso.production_stage), &contoso.test)
            };
            let message = message_at("target", stage::create(host, admin, &new).await);
            assert!(message.contains(words), "{message}");
        }
        let spare = test.environment("Spare", EnvironmentType::Target).await;
        assert_eq!(stage::targets(host, admin, contoso.pipeline).await.unwrap(), [spare]);
    })
    .await;
}

#[tokio::test]
async fn a_pipeline_has_at_most_seven_stages() {
    each_database(|database| async move {
        let test = TestHost::new(database).await;
        let pipeline = test.pipeline("Long").await;
        let mut previous = None;
        for number in 1..=7 {
            let target = test.environment(&format!("Target {number}"), EnvironmentType::Target).await;
            previous = Some(test.stage(pipeline, &format!("Stage {number}"), previous, &target).await);
        }
        let eighth = test.environment("Target 8", EnvironmentType::Target).await;
        let new = new(pipeline, "Stage 8", previous, &eighth);
        let reason = refusal(stage::create(&test.host, &test.administrator, &new).await);
        assert!(reason.contains("at most 7 stages"), "{reason}");
    })
    .await;
}

#[tokio::test]
async fn a_stage_changes_its_name_and_target_unless_somebody_was_faster() {
    each_database(|database| async move {
        let test = TestHost::new(database).await;
        let (host, admin) = (&test.host, &test.administrator);
        let contoso = test.contoso().await;
        let staging = test.environment("Staging", EnvironmentType::Target).await;
        let before = stage::get(host, admin, contoso.test_stage).await.unwrap();
        assert_eq!(
            (before.target, before.target_name.as_str(), before.row_version),
            (contoso.test.id, "Contoso Test", 1)
        );
        let changes = StageChanges {
            name: "Staging".to_owned(),
            description: "Nearly there.".to_owned(),
            target: Some(staging.id),
            ..changes(&before)
        };
        stage::update(host, admin, before.id, &changes).await.unwrap();
        assert_changed(stage::update(host, admin, before.id, &changes).await);
        let after = stage::get(host, admin, before.id).await.unwrap();
        assert_eq!((after.name.as_str(), after.target_environment), ("Staging", staging.environment_id));
        assert_eq!((after.description.as_str(), after.row_version), ("Nearly there.", 2));
        assert_eq!(names(&test, contoso.pipeline).await, ["Staging", "Production"]);
        let nothing = StageId(Uuid::from_u128(404));
        assert_not_found(stage::get(host, admin, nothing).await);
        assert_not_found(stage::update(host, admin, nothing, &changes).await);
        assert_not_found(stage::delete(host, admin, nothing).await);
    })
    .await;
}

#[tokio::test]
async fn the_stage_after_a_deleted_one_follows_the_one_before() {
    each_database(|database| async move {
        let test = TestHost::new(database).await;
        let (host, admin) = (&test.host, &test.administrator);
        let contoso = test.contoso().await;
        let last = test.environment("Last", EnvironmentType::Target).await;
        let third = test.stage(contoso.pipeline, "Third", Some(contoso.production_stage), &last).await;
        stage::delete(host, admin, contoso.production_stage).await.unwrap();
        assert_eq!(names(&test, contoso.pipeline).await, ["Test", "Third"]);
        stage::delete(host, admin, contoso.test_stage).await.unwrap();
        assert_eq!(names(&test, contoso.pipeline).await, ["Third"]);
        assert_eq!(stage::get(host, admin, third).await.unwrap().previous, None);
        stage::delete(host, admin, third).await.unwrap();
        let pipeline = pipeline::get(host, admin, contoso.pipeline).await.unwrap();
        assert_eq!(pipeline.obstacles, ["Add at least one deployment stage."]);
    })
    .await;
}

#[tokio::test]
async fn stage_and_pipeline_stay_while_runs_of_them_are_open() {
    each_database(|database| async move {
        let test = TestHost::new(database).await;
        let (host, admin) = (&test.host, &test.administrator);
        let contoso = test.contoso().await;
        let environment = contoso.development.environment_id;
        let form = NewSolutionForm {
            display_name: "Travel".to_owned(),
            unique_name: "Travel".to_owned(),
            publisher_display_name: "Contoso".to_owned(),
            publisher_unique_name: "contoso".to_owned(),
            publisher_prefix: "con".to_owned(),
            version: "1.0.0.0".to_owned(),
            ..NewSolutionForm::default()
        };
        solution::create(host, &test.user, environment, &form).await.unwrap();
        let request = Request { environment, solution: "Travel".to_owned(), stage: contoso.test_stage };
        let run = stage_run::request(host, &test.user, &request).await.unwrap();

        let reason = refusal(stage::delete(host, admin, contoso.test_stage).await);
        assert!(reason.contains("one run of it has not ended"), "{reason}");
        refusal(pipeline::delete(host, admin, contoso.pipeline).await);
        stage::delete(host, admin, contoso.production_stage).await.unwrap();

        stage_run::cancel(host, &test.user, run).await.unwrap();
        stage::delete(host, admin, contoso.test_stage).await.unwrap();
        pipeline::delete(host, admin, contoso.pipeline).await.unwrap();
        assert_eq!(stage_run::get(host, admin, run).await.unwrap().pipeline_name, "Contoso pipeline");
    })
    .await;
}
