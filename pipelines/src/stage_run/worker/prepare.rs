//! From *Deploy* to the import: store the artifact, wait for the target, and look once more.

use super::{
    LEASE, Step, Work,
    check::{damaged, found},
    rewrite::rewritten,
    trouble::Trouble,
};
use crate::{
    Error,
    artifact::{
        entity::{self as artifact, version},
        progression,
    },
    preflight,
    stage_run::{
        authority,
        entity::{self, Model},
        journal::{self, Guard},
        look,
        operation::{self, Turn},
        patience::{FOR_ANSWERS, FOR_PACKAGES, within},
        policy, schedule,
        state::Event,
    },
};
use environment::{PackageStoreError, StoredPackage};
use model::{
    Finding, SolutionVersion,
    gate::Gate,
    id::EnvironmentId,
    stage_run::{StepStatus, SubOperation},
};
use sea_orm::{
    ActiveValue::Set, ColumnTrait, DatabaseTransaction, EntityTrait, IntoActiveModel, QueryFilter,
    sea_query::OnConflict,
};
use std::time::Duration;

/// How long a run waits for its target at most before it looks by itself whether it is free.
const LOOK_AGAIN: Duration = Duration::from_secs(5);

const PREPARING: SubOperation = SubOperation::RetrievingArtifact;

impl Work {
    /// Stores the artifact of a first stage, or makes sure of the one of an earlier stage, and joins the queue of the
    /// target.
    pub(super) async fn prepare(&self, run: &Model) -> Result<Step, Trouble> {
        let began = self.now();
        // A run that is retried may have its artifact already.
        let made = if run.version_is_fixed || run.artifact_id.is_some() {
            self.sure(run).await?;
            None
        } else {
            let made = self.make(run).await?;
            self.raise_development(run).await?;
            Some(made)
        };
        let gate = self.gate(run, &[Gate::Approval, Gate::PreDeploymentStep]).await?;
        let mut change = self.change(run);
        match &gate {
            // The artifact is stored before anybody looks at it; the wait begins when that is written.
            Some((gate, gates)) if made.is_none() => return self.wait_at(run, *gate, gates).await,
            Some(_) => {}
            None => {
                change = change.advance(Event::Prepared)?;
                change.columns.import_job = Set(Some(run.import_job.unwrap_or_else(|| self.host.ids.next())));
                if run.queued.is_none() {
                    operation::join(&mut change.columns, self.now());
                }
            }
        }
        let transaction = self.host.begin().await?;
        let sha256 = if let Some(made) = made {
            if !keep(&transaction, &made).await? {
                transaction.rollback().await.map_err(Error::from)?;
                return Err(Trouble::fails(
                    PREPARING,
                    format!(
                        "Version {} of {} has been stored as an artifact by another run, and an artifact never changes. \
                     Deploy a higher version.",
                        run.version, run.solution_display_name
                    ),
                ));
            }
            change.columns.artifact_id = Set(Some(made.id));
            change.columns.artifact_bytes = Set(Some(made.managed_bytes));
            change.columns.artifact_sha256 = Set(Some(made.managed_sha256.clone()));
            change = change
                .say(format!("Stored the artifact of version {}, SHA-256 {}.", made.version, made.managed_sha256));
            made.managed_sha256
        } else {
            run.artifact_sha256.clone().unwrap_or_default()
        };
        change = change.step(PREPARING, StepStatus::Succeeded, began, format!("SHA-256 {sha256}"));
        let Some(run) = change.write(&transaction, Guard::Lease(self.lease)).await? else {
            transaction.rollback().await.map_err(Error::from)?;
            return Ok(Step::Rests);
        };
        if gate.is_some() {
            transaction.commit().await.map_err(Error::from)?;
            return Ok(Step::Goes(Box::new(run)));
        }
        Box::pin(self.turn(transaction, run)).await
    }

    /// Takes the target when it is the run's turn, and looks once more what would go wrong.
    pub(super) async fn take_turn(&self, run: &Model) -> Result<Step, Trouble> {
        let transaction = self.host.begin().await?;
        // Locks the run, so that whoever gives the target back finds it waiting, or it finds the target free.
        let mut change = self.change(run);
        change.columns.lease_until = Set(Some((self.now() + LEASE).0));
        let Some(run) = change.write(&transaction, Guard::Lease(self.lease)).await? else {
            transaction.rollback().await.map_err(Error::from)?;
            return Ok(Step::Rests);
        };
        Box::pin(self.turn(transaction, run)).await
    }

    async fn turn(&self, transaction: DatabaseTransaction, run: Model) -> Result<Step, Trouble> {
        let now = self.now();
        let step = SubOperation::DeployingArtifact;
        if let Some(closed) = schedule::too_early(&transaction, &run, now).await? {
            return self.hold_back(transaction, &run, closed).await;
        }
        match operation::take_turn(&transaction, &run, now).await? {
            Turn::Its => {
                transaction.commit().await.map_err(Error::from)?;
                journal::tell(&self.host, &run);
                Box::pin(self.look_again(&run)).await
            }
            Turn::Waits(waiting_for) => {
                let mut change = self.change(&run).due(Some(now + LOOK_AGAIN));
                if run.waiting_for != waiting_for {
                    change = change.say(&waiting_for).step(step, StepStatus::Pending, now, &waiting_for);
                    change.columns.waiting_for = Set(waiting_for);
                }
                change.write(&transaction, Guard::Lease(self.lease)).await?;
                transaction.commit().await.map_err(Error::from)?;
                self.host.news().tell(crate::Topic::Run(run.run()));
                Ok(Step::Rests)
            }
        }
    }

    /// Pre-flight with the settings, against the target as it is now that nobody else changes it.
    async fn look_again(&self, run: &Model) -> Result<Step, Trouble> {
        let step = SubOperation::DeployingArtifact;
        let doing = format!("Pre-flight of {} against {}", run.solution_display_name, run.target_name);
        if !run.settings_only
            && let Some(artifact) = run.artifact_id
            && let Some(block) = progression::block(&self.host.database, artifact).await?
        {
            return Err(Trouble::fails(step, progression::sentence(&run.version, &block)));
        }
        if let Some(obstacle) = authority::requester_obstacle(&self.host, run).await? {
            return Err(Trouble::fails(step, obstacle));
        }
        let look = look::at(&self.host, run, FOR_PACKAGES).await;
        let look = look.map_err(|error| Trouble::at(step, &doing, &run.target_name, error))?;
        if let Some(running) = &look.staged.running_operation {
            let waiting_for =
                format!("{} is busy with another operation ({running}). The run goes on after it.", run.target_name);
            return Err(Trouble::Busy { waiting_for });
        }
        let settings = run.settings();
        let authority = authority::of(&self.host, run).await?;
        let findings = preflight::check(&preflight::Subject {
            package: &look.facts,
            staged: &look.staged,
            stage_installed: None,
            settings: Some(&settings),
            redeployment: run.redeployment,
            missing_rights: &authority.missing,
        });
        // Policies may have changed since *Deploy*, and hours pass.
        let findings = policy::under(&self.host, run, &look.facts, findings).await;
        let findings = findings.map_err(|error| Trouble::at(step, &doing, &run.target_name, error))?;
        if findings.iter().any(Finding::blocks) {
            return Err(Trouble::Final(found(run, step, findings)));
        }
        let now = self.now();
        let mut change = self.change(run).advance(Event::TargetFree)?;
        change.columns.queued = Set(None);
        change.columns.findings = Set(entity::write(&findings));
        change.columns.previous_version = Set(look.previous_version().map(ToString::to_string));
        authority.keep(&mut change.columns);
        let (target, as_whom) = (&run.target_name, authority.words());
        let message = if run.settings_only {
            format!("Applying the settings of {} to {target}{as_whom}. Nothing is imported.", run.solution_display_name)
        } else {
            format!("Importing version {} into {target}{as_whom}.", run.version)
        };
        let change = change.say(message).step(step, StepStatus::Started, now, "");
        self.write(change).await
    }

    /// Makes sure that the artifact of an earlier stage is what was stored.
    async fn sure(&self, run: &Model) -> Result<(), Trouble> {
        let doing = format!("Fetching the artifact of {} {}", run.solution_display_name, run.version);
        let package = run.package().ok_or_else(|| {
            Trouble::at(PREPARING, &doing, "Slipway", Error::Internal(format!("run {} has no artifact", run.id)))
        })?;
        match self.host.packages.verify(&package).await {
            Ok(()) => Ok(()),
            Err(error @ PackageStoreError::Io(_)) => Err(Trouble::at(PREPARING, &doing, "Slipway", error)),
            Err(error) => Err(Trouble::Final(damaged(run, &error.to_string()))),
        }
    }

    /// Writes the package that pre-flight looked at as the chosen version, managed and unmanaged.
    async fn make(&self, run: &Model) -> Result<artifact::Model, Trouble> {
        let doing = format!("Storing the artifact of {} {}", run.solution_display_name, run.version);
        let snapshot = run.staged().ok_or_else(|| {
            Trouble::at(PREPARING, &doing, "Slipway", Error::Internal(format!("run {} has no package", run.id)))
        })?;
        let packed = self.packed(&snapshot, run.version()).await;
        let (managed, unmanaged) = packed.map_err(|error| Trouble::at(PREPARING, &doing, "Slipway", error))?;
        let bytes = |package: &StoredPackage| i64::try_from(package.bytes).unwrap_or(i64::MAX);
        Ok(artifact::Model {
            // Made once for each run, so that it is the same one when this is done again.
            id: run.id,
            pipeline_id: run.pipeline_id,
            pipeline_name: run.pipeline_name.clone(),
            solution: run.solution.clone(),
            solution_key: run.solution_key.clone(),
            solution_display_name: run.solution_display_name.clone(),
            version: run.version.clone(),
            version_key: run.version_key.clone(),
            source_id: run.source_id,
            generated: self.now().0,
            managed_bytes: bytes(&managed),
            unmanaged_bytes: bytes(&unmanaged),
            managed_sha256: managed.sha256,
            unmanaged_sha256: unmanaged.sha256,
        })
    }

    /// Both packages of a version. The managed one is the very package that pre-flight looked at, unless its maker chose
    /// another version.
    async fn packed(
        &self,
        snapshot: &StoredPackage,
        version: SolutionVersion,
    ) -> Result<(StoredPackage, StoredPackage), PackageStoreError> {
        let facts = self.host.packages.facts(snapshot).await?;
        let is_it = facts.managed && facts.version.as_str() == version.as_str();
        let unmanaged = rewritten(&self.host, snapshot, version.clone(), false);
        if is_it {
            self.host.packages.verify(snapshot).await?;
            return Ok((snapshot.clone(), unmanaged.await?));
        }
        tokio::try_join!(rewritten(&self.host, snapshot, version, true), unmanaged)
    }

    /// Raises the version of the solution in development to the one that is deployed, as the platform does.
    async fn raise_development(&self, run: &Model) -> Result<(), Trouble> {
        let doing = format!("Setting the version of {} in {}", run.solution_display_name, run.source_name);
        let trouble = |error| Trouble::at(PREPARING, &doing, &run.source_name, Error::Environment(error));
        let source = self.host.environments.open(EnvironmentId(run.source_id)).await.map_err(trouble)?;
        let Some(solution) = within(FOR_ANSWERS, source.solution(&run.solution)).await.map_err(trouble)? else {
            return Err(Trouble::fails(
                PREPARING,
                format!(
                    "{doing} failed, because {} no longer has this solution. Import it there again, then deploy again.",
                    run.source_name
                ),
            ));
        };
        let (current, chosen) = (solution.summary.version, version(&run.version));
        if current > chosen {
            return Err(Trouble::fails(
                PREPARING,
                format!(
                    "{} has version {current} of {} by now, which is higher than {chosen}. Deploy again with a higher version.",
                    run.source_name, run.solution_display_name
                ),
            ));
        }
        if current < chosen {
            within(FOR_ANSWERS, source.set_version(&run.solution, &chosen)).await.map_err(trouble)?;
        }
        Ok(())
    }
}

/// Keeps an artifact. False when there is another one of the same version.
async fn keep(transaction: &DatabaseTransaction, made: &artifact::Model) -> crate::Result<bool> {
    let kept = artifact::Entity::insert(made.clone().into_active_model())
        .on_conflict(OnConflict::new().do_nothing().to_owned())
        .exec_without_returning(transaction)
        .await?;
    if kept == 1 {
        return Ok(true);
    }
    let same = artifact::Entity::find_by_id(made.id)
        .filter(artifact::Column::ManagedSha256.eq(&made.managed_sha256))
        .one(transaction)
        .await?;
    Ok(same.is_some())
}
