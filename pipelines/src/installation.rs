//! Which version of which solution is where, as far as it was deployed through pipelines.

use crate::{
    Caller, Host, Result,
    artifact::entity::version,
    drift::{self, Finding},
    field,
    stage_run::entity::{Column, Entity},
};
use model::{
    Timestamp,
    id::{EnvironmentId, StageId, StageRunId},
    installation::{Installations, Installed, InstalledSolution},
    stage_run::StageRunStatus,
};
use sea_orm::{ColumnTrait, EntityTrait, FromQueryResult, QueryFilter, QueryOrder, QuerySelect};
use std::collections::{BTreeMap, BTreeSet};
use uuid::Uuid;

/// Deployments that are looked at: the latest ones.
const MOST: u64 = 20_000;

/// The matrix of solutions and targets. Two queries. Administrators only.
pub async fn list(host: &Host, caller: &Caller) -> Result<Installations> {
    caller.require_administrator()?;
    let rows = Entity::find()
        .select_only()
        .columns([
            Column::Id,
            Column::StageId,
            Column::TargetId,
            Column::TargetName,
            Column::Solution,
            Column::SolutionKey,
            Column::SolutionDisplayName,
            Column::Version,
            Column::VersionKey,
            Column::SettingsOnly,
            Column::Ended,
        ])
        .filter(Column::Status.eq(StageRunStatus::Succeeded.code()))
        .order_by_desc(Column::Ended)
        .order_by_desc(Column::VersionKey)
        .limit(MOST)
        .into_model::<Row>()
        .all(&host.database)
        .await?;
    let drifts = drift::found(host).await?;
    Ok(matrix(rows, &drifts))
}

/// What was last found for a solution at a stage.
type Drifts = BTreeMap<(StageId, String), Finding>;

#[derive(Clone, Debug, FromQueryResult)]
struct Row {
    id: Uuid,
    stage_id: Uuid,
    target_id: Uuid,
    target_name: String,
    solution: String,
    solution_key: String,
    solution_display_name: String,
    version: String,
    version_key: String,
    settings_only: bool,
    ended: Option<i64>,
}

/// Runs that succeeded, the latest first, laid out. What was found in a target counts until the next run there, be it one
/// of settings.
fn matrix(rows: Vec<Row>, drifts: &Drifts) -> Installations {
    let mut targets: BTreeMap<Uuid, String> = BTreeMap::new();
    let mut solutions: BTreeMap<String, (Row, BTreeMap<Uuid, Row>)> = BTreeMap::new();
    let mut latest_at: BTreeMap<(StageId, String), StageRunId> = BTreeMap::new();
    for row in rows {
        latest_at.entry((StageId(row.stage_id), row.solution_key.clone())).or_insert(StageRunId(row.id));
        if row.settings_only {
            continue;
        }
        // The latest names count.
        targets.entry(row.target_id).or_insert_with(|| row.target_name.clone());
        let (_, there) = solutions.entry(row.solution_key.clone()).or_insert_with(|| (row.clone(), BTreeMap::new()));
        there.entry(row.target_id).or_insert(row);
    }
    let mut targets: Vec<_> = targets.into_iter().map(|(id, name)| (EnvironmentId(id), name)).collect();
    targets.sort_by_cached_key(|(id, name)| (field::key(name), *id));
    let mut solutions: Vec<InstalledSolution> = solutions
        .into_values()
        .map(|(latest, mut there)| {
            let versions: BTreeSet<String> = there.values().map(|row| row.version_key.clone()).collect();
            let highest = versions.last().cloned().unwrap_or_default();
            let installed = targets.iter().map(|(target, _)| {
                let row = there.remove(&target.0)?;
                let place = (StageId(row.stage_id), row.solution_key.clone());
                let found = drifts.get(&place).filter(|found| latest_at.get(&place) == Some(&found.run));
                Some(Installed {
                    version: version(&row.version),
                    run: StageRunId(row.id),
                    since: Timestamp(row.ended.unwrap_or_default()),
                    behind: row.version_key < highest,
                    drift: found.map(|found| found.summary.clone()),
                    drifted: found.is_some_and(|found| found.drifted),
                })
            });
            let installed = installed.collect();
            InstalledSolution { unique_name: latest.solution, display_name: latest.solution_display_name, installed }
        })
        .collect();
    solutions.sort_by_cached_key(|solution| (field::key(&solution.display_name), field::key(&solution.unique_name)));
    Installations { targets, solutions }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "tests")]

    use super::*;

    fn row(solution: &str, target: u128, version: &str, ended: i64) -> Row {
        Row {
            id: Uuid::from_u128(u128::try_from(ended).unwrap()),
            stage_id: Uuid::from_u128(target),
            target_id: Uuid::from_u128(target),
            target_name: format!("Target {target}"),
            solution: solution.to_owned(),
            solution_key: solution.to_lowercase(),
            solution_display_name: format!("{solution} of Contoso"),
            version: version.to_owned(),
            version_key: version.to_owned(),
            settings_only: false,
            ended: Some(ended),
        }
    }

    /// One difference at the stage of a target, compared with the run that ended then.
    fn drift(target: u128, solution: &str, compared_with: i64) -> Drifts {
        let run = StageRunId(Uuid::from_u128(u128::try_from(compared_with).unwrap()));
        let found = Finding { run, summary: "1 difference".to_owned(), drifted: true };
        BTreeMap::from([((StageId(Uuid::from_u128(target)), solution.to_owned()), found)])
    }

    #[test]
    fn the_latest_deployment_says_what_is_there_and_who_is_behind() {
        let rows = vec![
            row("Travel", 2, "1.0.0.1", 9),
            row("Expenses", 1, "1.0.0.3", 8),
            row("Expenses", 2, "1.0.0.2", 7),
            row("Expenses", 1, "1.0.0.2", 6),
        ];
        let installations = matrix(rows, &drift(2, "expenses", 7));
        assert_eq!(
            installations.targets.iter().map(|(_, name)| name.as_str()).collect::<Vec<_>>(),
            ["Target 1", "Target 2"]
        );
        assert_eq!(installations.solutions.len(), 2);
        let (expenses, travel) = (&installations.solutions[0], &installations.solutions[1]);
        let cells = |solution: &InstalledSolution| {
            let cell = |cell: &Option<Installed>| {
                cell.as_ref().map(|cell| (cell.version.to_string(), cell.behind, cell.drifted))
            };
            solution.installed.iter().map(cell).collect::<Vec<_>>()
        };
        let at = |version: &str, behind, drifted| Some((version.to_owned(), behind, drifted));
        assert_eq!(cells(expenses), [at("1.0.0.3", false, false), at("1.0.0.2", true, true)]);
        assert_eq!(cells(travel), [None, at("1.0.0.1", false, false)]);
    }

    #[test]
    fn what_was_found_before_the_latest_run_is_not_shown() {
        let settings = Row { settings_only: true, ..row("Expenses", 1, "1.0.0.2", 8) };
        for (rows, compared_with, expected) in [
            (vec![row("Expenses", 1, "1.0.0.2", 6)], 6, true),
            (vec![row("Expenses", 1, "1.0.0.3", 8), row("Expenses", 1, "1.0.0.2", 6)], 6, false),
            (vec![settings.clone(), row("Expenses", 1, "1.0.0.2", 6)], 6, false),
            (vec![settings, row("Expenses", 1, "1.0.0.2", 6)], 8, true),
        ] {
            let installations = matrix(rows.clone(), &drift(1, "expenses", compared_with));
            let cell = installations.solutions[0].installed[0].clone().unwrap();
            assert_eq!((cell.drifted, cell.drift.is_some()), (expected, expected), "{rows:?} {compared_with}");
            assert_eq!(cell.run.0, rows.iter().find(|row| !row.settings_only).unwrap().id);
        }
    }
}
