//! Servers that are killed and paused at any moment while they deploy: nothing is lost, nothing is done twice.
//!
//! `make crash` runs it with a hundred runs and thirty deaths and prints its counts; `make test` with fewer.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing, reason = "tests")]

mod contoso;
mod process;

use contoso::{People, Pipeline};
use environment::ImportStatus;
use model::{
    id::{EnvironmentId, StageId, StageRunId},
    stage_run::{StageRun, StageRunStatus},
};
use pipelines::stage_run::{self, Request};
use process::Process;
use rand::{RngExt, SeedableRng, rngs::StdRng};
use sea_orm::{ConnectionTrait, Statement};
use sha2::{Digest, Sha256};
use slipway_server::{
    configuration::Configuration,
    host::{self, Opened},
};
use std::{
    collections::HashMap,
    path::Path,
    time::{Duration, Instant},
};

/// The version that every solution is deployed as.
const VERSION: &str = "1.0.0.1";
/// Longer than a worker's lease, so that another one has its runs when it wakes up.
const PAUSE: Duration = Duration::from_secs(18);

/// How much is done.
struct Size {
    pipelines: usize,
    solutions: usize,
    kills: usize,
    /// How long the whole may take.
    deadline: Duration,
}

impl Size {
    /// How many runs that are.
    fn runs(&self) -> usize {
        self.pipelines * self.solutions * 2
    }

    /// As `make crash` or `make test` wants it.
    fn wanted() -> Self {
        let number = |name: &str| std::env::var(name).ok().and_then(|text| text.parse().ok());
        let runs: usize = number("SLIPWAY_CRASH_RUNS").unwrap_or(16);
        let pipelines = if runs >= 50 { 5 } else { 2 };
        Self {
            pipelines,
            solutions: runs.div_ceil(pipelines * 2),
            kills: number("SLIPWAY_CRASH_KILLS").unwrap_or(5).max(1),
            deadline: Duration::from_secs(if runs >= 50 { 1_500 } else { 150 }),
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn one_server_over_sqlite_that_dies_again_and_again_does_everything_once() {
    let folder = tempfile::tempdir().unwrap();
    Box::pin(survive(folder.path(), None, 1)).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn three_servers_over_postgresql_that_die_and_fall_asleep_do_everything_once() {
    let Some(database) = testbed::postgres_url().await else {
        println!("skipped: {} is not set", testbed::POSTGRES);
        return;
    };
    let folder = tempfile::tempdir().unwrap();
    Box::pin(survive(folder.path(), Some(&database), 3)).await;
}

async fn survive(data: &Path, database: Option<&str>, servers: usize) {
    let size = Size::wanted();
    let seed = std::env::var("SLIPWAY_CRASH_SEED").ok().and_then(|seed| seed.parse().ok()).unwrap_or_else(rand::random);
    println!("SLIPWAY_CRASH_SEED={seed}");
    let mut random = StdRng::seed_from_u64(seed);
    let configuration = Configuration::from_sources(None, &|name| match name {
        "SLIPWAY_DATA" => Some(data.display().to_string()),
        "SLIPWAY_DATABASE_URL" => database.map(str::to_owned),
        _ => None,
    })
    .unwrap();
    let opened = host::open(&configuration).await.unwrap();
    let people = People::new(&opened.host).await;
    let mut pipelines = Vec::new();
    for number in 0..size.pipelines {
        pipelines.push(Pipeline::new(&opened, &people, number, size.solutions).await);
    }
    let mut maker = Maker::new(&opened, &people, &pipelines);

    let began = Instant::now();
    let mut started = 0;
    let mut start = || {
        started += 1;
        Process::start(data, database, started)
    };
    let mut processes: Vec<Process> = (0..servers).map(|_| start()).collect();
    let (mut kills, mut pauses) = (0, 0);
    let mut asleep: Option<(Process, Instant)> = None;
    let (mut next_death, mut progress_at_death) = (Instant::now(), 0);
    while !maker.is_done() {
        assert!(began.elapsed() < size.deadline, "after {kills} deaths: {}", maker.standing());
        // A third at once, the others as servers die, the last ones after the last death: there is work at every death.
        let first = size.runs() / 3;
        Box::pin(maker.go_on(first + (size.runs() - first) * kills / size.kills)).await;
        if asleep.as_ref().is_some_and(|(_, since)| since.elapsed() > PAUSE)
            && let Some((process, _)) = asleep.take()
        {
            process.wake();
            processes.push(process);
        }
        // Whoever waits for the leases of the dead would die without harm.
        if Instant::now() < next_death || (maker.progress == progress_at_death && maker.open() > 0) {
            tokio::time::sleep(Duration::from_millis(20)).await;
            continue;
        }
        progress_at_death = maker.progress;
        next_death = Instant::now() + Duration::from_millis(random.random_range(200..2_500));
        if kills < size.kills {
            kills += 1;
            processes.swap_remove(random.random_range(0..processes.len())).kill();
            processes.push(start());
        }
        // With others to take its work over, one may also fall asleep and wake up too late.
        if processes.len() > 1 && asleep.is_none() && random.random_bool(0.5) {
            let process = processes.swap_remove(random.random_range(0..processes.len()));
            process.pause();
            pauses += 1;
            asleep = Some((process, Instant::now()));
        }
    }
    if let Some((process, _)) = asleep.take() {
        process.wake();
        processes.push(process);
        // Time to do the harm that it must not do: there is nothing that would tell that it did none.
        tokio::time::sleep(Duration::from_secs(2)).await;
    }
    for process in &mut processes {
        process.listens().await;
    }
    let counted = count(&opened, &people, &pipelines, &maker.runs).await;
    println!(
        "{} runs, {kills} deaths and {pauses} pauses of {servers} servers in {} s: {} succeeded, {} imports, {} log entries, {} artifacts",
        maker.runs.len(),
        began.elapsed().as_secs(),
        counted.succeeded,
        counted.imports,
        counted.entries,
        counted.artifacts,
    );
    assert!(kills >= size.kills, "only {kills} deaths in the time that the work took");
}

/// Asks for the runs and deploys them, while nobody may be there to work on them.
struct Maker<'a> {
    opened: &'a Opened,
    people: &'a People,
    /// What is to be deployed to a first and then to a second stage.
    ways: Vec<Way>,
    runs: Vec<StageRunId>,
    /// Goes up whenever a run is seen to have gone on.
    progress: usize,
}

struct Way {
    development: EnvironmentId,
    solution: String,
    stages: Vec<StageId>,
    run: Option<StageRunId>,
    status: Option<StageRunStatus>,
}

impl<'a> Maker<'a> {
    fn new(opened: &'a Opened, people: &'a People, pipelines: &[Pipeline]) -> Self {
        let ways = pipelines.iter().flat_map(|pipeline| {
            pipeline.solutions.iter().map(|solution| Way {
                development: pipeline.development,
                solution: solution.clone(),
                stages: pipeline.stages.iter().rev().copied().collect(),
                run: None,
                status: None,
            })
        });
        Self { opened, people, ways: ways.collect(), runs: Vec::new(), progress: 0 }
    }

    fn is_done(&self) -> bool {
        self.ways.iter().all(|way| way.run.is_none() && way.stages.is_empty())
    }

    /// Runs that have not ended.
    fn open(&self) -> usize {
        self.ways.iter().filter(|way| way.run.is_some()).count()
    }

    fn standing(&self) -> String {
        format!("{} ways open, {} runs asked for", self.open(), self.runs.len())
    }

    /// Does for every solution what its maker can do now; asks for no more than so many runs altogether.
    async fn go_on(&mut self, most: usize) {
        let (host, maker) = (&self.opened.host, &self.people.maker);
        for way in &mut self.ways {
            let Some(id) = way.run else {
                let Some(stage) = way.stages.pop_if(|_| self.runs.len() < most) else { continue };
                let request = Request { environment: way.development, solution: way.solution.clone(), stage };
                let id = stage_run::request(host, maker, &request).await.expect("a run");
                way.run = Some(id);
                self.runs.push(id);
                continue;
            };
            let run = stage_run::get(host, maker, id).await.expect("the run");
            self.progress += usize::from(way.status.replace(run.status) != Some(run.status));
            if run.status == StageRunStatus::ValidationSucceeded {
                stage_run::deploy(host, maker, id, VERSION, "Notes").await.expect("to be deployed");
            } else if run.status.is_final() {
                assert_eq!(
                    run.status,
                    StageRunStatus::Succeeded,
                    "{}: {} {:?}",
                    way.solution,
                    run.error_message,
                    run.findings
                );
                way.run = None;
            }
        }
    }
}

struct Counts {
    succeeded: usize,
    imports: usize,
    entries: usize,
    artifacts: usize,
}

/// Counts what there is in the end, and fails where anything is missing, left over, or there twice.
async fn count(opened: &Opened, people: &People, pipelines: &[Pipeline], runs: &[StageRunId]) -> Counts {
    let (host, ada) = (&opened.host, &people.administrator);
    let mut counts = Counts { succeeded: 0, imports: 0, entries: 0, artifacts: 0 };
    for id in runs {
        let run: StageRun = stage_run::get(host, ada, *id).await.unwrap();
        assert_eq!(run.status, StageRunStatus::Succeeded);
        counts.succeeded += 1;
        let log = stage_run::log(host, ada, *id, 0).await.unwrap();
        let numbers: Vec<i64> = log.iter().map(|entry| entry.sequence).collect();
        assert_eq!(numbers, (1..).take(log.len()).collect::<Vec<_>>(), "a number is missing or there twice");
        counts.entries += log.len();
    }
    for pipeline in pipelines {
        for target in pipeline.targets {
            let jobs = opened.built_in.import_jobs(target).await.unwrap();
            let mut imports: HashMap<&str, usize> = HashMap::new();
            for job in &jobs {
                assert_eq!(job.status, ImportStatus::Succeeded, "{}", job.message);
                *imports.entry(job.solution.as_str()).or_default() += 1;
            }
            for solution in &pipeline.solutions {
                assert_eq!(imports.get(solution.as_str()), Some(&1), "{solution} was not imported exactly once");
            }
            assert_eq!(imports.len(), pipeline.solutions.len());
            counts.imports += jobs.len();
        }
    }
    let number = async |sql: &str| {
        let statement = Statement::from_string(opened.database.get_database_backend(), sql);
        let row = opened.database.query_one_raw(statement).await.unwrap().unwrap();
        row.try_get::<i64>("", "n").unwrap()
    };
    let stray = "SELECT COUNT(*) AS n FROM artifact WHERE id NOT IN (SELECT artifact_id FROM stage_run WHERE artifact_id IS NOT NULL)";
    assert_eq!(number(stray).await, 0, "an artifact without a run");
    assert_eq!(number("SELECT COUNT(*) AS n FROM stage_run WHERE queued IS NOT NULL").await, 0, "somebody still waits");
    // What is told to the outside is told once, too.
    for name in ["OnDeploymentRequested", "OnDeploymentStarted", "OnDeploymentCompleted"] {
        let told = number(&format!("SELECT COUNT(*) AS n FROM event_outbox WHERE name = '{name}'")).await;
        assert_eq!(told, i64::try_from(runs.len()).unwrap(), "{name}");
    }
    for artifact in pipelines::artifact::list(host, ada, None, 1).await.unwrap().rows {
        for kind in [environment::PackageKind::Managed, environment::PackageKind::Unmanaged] {
            let file = pipelines::artifact::open(host, ada, artifact.id, kind).await.unwrap();
            let found = hex::encode(Sha256::digest(std::fs::read(&file.path).unwrap()));
            assert_eq!(found, file.sha256, "{}", file.file_name);
        }
        counts.artifacts += 1;
    }
    let solutions: usize = pipelines.iter().map(|pipeline| pipeline.solutions.len()).sum();
    assert_eq!(number("SELECT COUNT(*) AS n FROM artifact").await, i64::try_from(solutions).unwrap());
    counts
}
