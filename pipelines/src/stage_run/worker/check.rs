//! From the request to the wizard: fetch what is to be deployed, and look what would go wrong.

use super::{
    Step, Work, rewrite,
    trouble::{Failure, Trouble},
};
use crate::{
    Error, comparison, preflight,
    stage_run::{
        authority,
        entity::{self, Model},
        journal::Change,
        look::{self, Look},
        operation,
        patience::{FOR_PACKAGES, within},
        policy, record,
        settings::{effective, problems},
        state::Event,
    },
};

use environment::{PackageKind, PackageStoreError, StoredPackage};
use model::{
    Finding, Severity, SolutionVersion,
    access::EnvironmentRight,
    gate::Gate,
    id::{EnvironmentId, StageId},
    package::PackageFacts,
    settings::DeploymentSettings,
    stage_run::{StepStatus, SubOperation},
    variable::VariableType,
};
use sea_orm::ActiveValue::Set;

impl Work {
    /// Exports the solution for a first stage, and fetches the artifact for a later one.
    pub(super) async fn export(&self, run: &Model) -> Result<Step, Trouble> {
        let began = self.now();
        if !run.version_is_fixed
            && let Some((gate, gates)) = self.gate(run, &[Gate::PreExportStep]).await?
        {
            return self.wait_at(run, gate, &gates).await;
        }
        let package = if run.version_is_fixed {
            self.artifact(run).await?
        } else {
            self.require_export(run).await?;
            self.exported(run).await?
        };
        let fetched = self.now();
        let reading = SubOperation::RetrievingArtifactConfiguration;
        let doing = format!("Reading the package of {}", run.solution_display_name);
        let unreadable = |error: PackageStoreError| Trouble::at(reading, &doing, "Slipway", error);
        let facts = self.host.packages.facts(&package).await.map_err(unreadable)?;
        let version = version(run, &facts);
        // What the target is asked about is what it is going to get.
        let package = if run.version_is_fixed {
            package
        } else {
            let rewritten = rewrite::rewritten(&self.host, &package, version.clone(), true);
            rewritten.await.map_err(unreadable)?
        };
        let (said, fetching) = if run.version_is_fixed {
            (
                format!("Took the artifact of version {}, SHA-256 {}.", run.version, package.sha256),
                "Same artifact as before",
            )
        } else {
            let message = format!("Exported {} {} from {}.", facts.display_name, facts.version, run.source_name);
            (message, "Exported")
        };
        let mut change = self
            .change(run)
            .advance(Event::Exported)?
            .say(said)
            .step(SubOperation::ExecutingPreStep, StepStatus::Succeeded, began, fetching)
            .step(reading, StepStatus::Succeeded, fetched, contents(&facts))
            .step(SubOperation::ValidatingArtifactConfiguration, StepStatus::Started, self.now(), "");
        keep_facts(&mut change, run, &facts, &version);
        change.columns.staged_at = Set(Some(began.0));
        change.columns.staged_bytes = Set(Some(i64::try_from(package.bytes).unwrap_or(i64::MAX)));
        change.columns.staged_sha256 = Set(Some(package.sha256));
        self.write(change).await
    }

    /// Nothing is exported for somebody who may not export it.
    async fn require_export(&self, run: &Model) -> Result<(), Trouble> {
        let missing = authority::of(&self.host, run).await?.missing;
        if missing.iter().all(|missing| missing.right != EnvironmentRight::Export) {
            return Ok(());
        }
        Err(Trouble::Final(found(run, SubOperation::ExecutingPreStep, preflight::missing_rights(&missing))))
    }

    async fn exported(&self, run: &Model) -> Result<StoredPackage, Trouble> {
        let step = SubOperation::ExecutingPreStep;
        let doing = format!("Exporting {} from {}", run.solution_display_name, run.source_name);
        let trouble = |error| Trouble::at(step, &doing, &run.source_name, Error::Environment(error));
        let source = self.host.environments.open(EnvironmentId(run.source_id)).await.map_err(trouble)?;
        within(FOR_PACKAGES, source.export(&run.solution, PackageKind::Unmanaged)).await.map_err(trouble)
    }

    /// The artifact of an earlier stage, byte for byte.
    pub(super) async fn artifact(&self, run: &Model) -> Result<StoredPackage, Trouble> {
        let step = SubOperation::ExecutingPreStep;
        let doing = format!("Fetching the artifact of {} {}", run.solution_display_name, run.version);
        let package = run.package().ok_or_else(|| {
            Trouble::at(step, &doing, "Slipway", Error::Internal(format!("run {} has no artifact", run.id)))
        })?;
        match self.host.packages.verify(&package).await {
            Ok(()) => Ok(package),
            Err(error @ PackageStoreError::Io(_)) => Err(Trouble::at(step, &doing, "Slipway", error)),
            Err(error) => Err(Trouble::Final(damaged(run, &error.to_string()))),
        }
    }

    /// Looks what the target says to the package, before any settings are given.
    pub(super) async fn validate(&self, run: &Model) -> Result<Step, Trouble> {
        let step = SubOperation::ValidatingArtifactConfiguration;
        let began = self.now();
        let doing = format!("Pre-flight of {} against {}", run.solution_display_name, run.target_name);
        let trouble = |error| Trouble::at(step, &doing, &run.target_name, error);
        let look = look::at(&self.host, run, FOR_PACKAGES).await.map_err(trouble)?;
        let stage = StageId(run.stage_id);
        let installed =
            record::installed(&self.host.database, stage, &run.solution_key).await?.map(|run| run.version());
        let authority = authority::of(&self.host, run).await?;
        let findings = preflight::check(&preflight::Subject {
            package: &look.facts,
            staged: &look.staged,
            stage_installed: installed.as_ref(),
            settings: None,
            redeployment: run.redeployment,
            missing_rights: &authority.missing,
        });
        let findings = policy::under(&self.host, run, &look.facts, findings).await.map_err(trouble)?;
        let previous = look.previous_version().map(ToString::to_string);
        if findings.iter().any(Finding::blocks) {
            return Err(Trouble::Final(found(run, step, findings)));
        }
        let found = summary(&findings);
        let mut change = self.change(run).advance(Event::ValidationPassed)?.say(format!("Pre-flight found {found}."));
        change = change.step(step, StepStatus::Succeeded, began, format!("Found {found}"));
        change.columns.findings = Set(entity::write(&findings));
        change.columns.previous_version = Set(previous);
        authority.keep(&mut change.columns);
        if run.rolls_back.is_none() {
            return self.write(change).await;
        }
        let settings = run.settings();
        let change = match roll_back_obstacle(run, &look, &settings) {
            None => {
                let changes = comparison::told(&self.host, EnvironmentId(run.target_id), &look).await.ok();
                change.columns.changes = Set(changes.map(|changes| entity::write(&changes.counts())));
                change.columns.settings = Set(entity::write(&effective(&look, &settings)));
                operation::join(&mut change.columns, self.now());
                change
                    .advance(Event::DeployRequested)?
                    .say("Nothing stands against it, so the roll-back goes on by itself.")
            }
            Some(obstacle) => change.say(obstacle),
        };
        self.write(change).await?;
        Ok(Step::Rests)
    }
}

/// Why a roll-back waits for a person after pre-flight; none where it goes on by itself.
fn roll_back_obstacle(run: &Model, look: &Look, settings: &DeploymentSettings) -> Option<String> {
    let waits = "The roll-back waits for whoever asked for it:";
    let changes = preflight::changes(&look.facts, look.staged.previous.as_ref(), &look.staged.shared);
    if changes.iter().any(|change| change.loses_data) {
        return Some(format!("{waits} data in {} would be deleted for ever.", run.target_name));
    }
    let problems = problems(look, settings);
    (!problems.is_empty()).then(|| format!("{waits} its connections or environment variables have to be given anew."))
}

/// Keeps what the package says about itself.
fn keep_facts(change: &mut Change, run: &Model, facts: &PackageFacts, version: &SolutionVersion) {
    let secret = facts.environment_variables.iter().filter(|variable| variable.kind == VariableType::Secret);
    let secret: Vec<_> = secret.map(|variable| &variable.schema_name).collect();
    change.columns.secret_variables = Set(entity::write(&secret));
    change.columns.solution_display_name = Set(facts.display_name.clone());
    change.columns.publisher = Set(Some(entity::write(&facts.publisher_details)));
    if !run.version_is_fixed {
        change.columns.development_version = Set(facts.version.to_string());
        change.columns.version_key = Set(version.sort_key());
        change.columns.version = Set(version.to_string());
    }
}

/// The version of the run, unless development has a higher one by now.
fn version(run: &Model, facts: &PackageFacts) -> SolutionVersion {
    let version = run.version();
    if run.version_is_fixed || version >= facts.version { version } else { facts.version.next() }
}

fn contents(facts: &PackageFacts) -> String {
    let counted = |count: usize, one: &str, many: &str| format!("{count} {}", if count == 1 { one } else { many });
    format!(
        "{}, {}, {}",
        counted(facts.components.len(), "component", "components"),
        counted(facts.connection_references.len(), "connection reference", "connection references"),
        counted(facts.environment_variables.len(), "environment variable", "environment variables")
    )
}

fn count(findings: &[Finding], severity: Severity) -> usize {
    findings.iter().filter(|finding| finding.severity == severity).count()
}

/// What was found, where nothing blocks.
fn summary(findings: &[Finding]) -> String {
    match count(findings, Severity::Warning) {
        0 => "no errors".to_owned(),
        1 => "no errors and 1 warning".to_owned(),
        warnings => format!("no errors and {warnings} warnings"),
    }
}

/// The failure of a run whose pre-flight found errors.
pub(super) fn found(run: &Model, step: SubOperation, findings: Vec<Finding>) -> Failure {
    let first = findings.iter().find(|finding| finding.blocks()).map(|finding| finding.message.as_str());
    let first = first.unwrap_or_default();
    let target = &run.target_name;
    let message = match count(&findings, Severity::Error) {
        0 | 1 => format!("Pre-flight against {target} found an error: {first} Mend it, then deploy again."),
        errors => {
            format!(
                "Pre-flight against {target} found {errors} errors, the first: {first} Mend them, then deploy again."
            )
        }
    };
    Failure { step: Some(step), message, findings: Some(findings), import_is_over: false }
}

/// The failure of a run whose artifact is not what was stored.
pub(super) fn damaged(run: &Model, reason: &str) -> Failure {
    let remedy = "Restore Slipway's package folder from a backup, or deploy a new version to the first stage.";
    let message = format!("The artifact of {} {} cannot be used. {reason}", run.solution_display_name, run.version);
    let finding = Finding {
        severity: Severity::Error,
        code: None,
        rule: "artifact-damaged".to_owned(),
        title: "The artifact is damaged".to_owned(),
        message: message.clone(),
        components: Vec::new(),
        remedy: remedy.to_owned(),
        action: None,
    };
    Failure {
        step: Some(SubOperation::RetrievingArtifact),
        message: format!("{message} {remedy}"),
        findings: Some(vec![finding]),
        import_is_over: false,
    }
}
