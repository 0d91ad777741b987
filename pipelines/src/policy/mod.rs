//! Policies: what administrators ask of deployments through a pipeline or to a stage. Both count, and the stricter wins.

mod apply;
mod entity;
pub mod expression;

pub(crate) use apply::{Before, apply};

use crate::{
    Caller, Error, Host, Result, access, artifact,
    audit::{self, Entry},
    field::Fields,
    preflight,
};
use environment::{TargetState, staging::stage as staged};
use model::{
    Finding, Severity, Timestamp,
    audit::{AuditAction, AuditSubject},
    id::{PipelineId, StageId},
    policy::Policy,
};
use sea_orm::{
    ActiveValue::Set,
    ColumnTrait, ConnectionTrait, DatabaseTransaction, EntityTrait, QueryFilter, QueryOrder, QuerySelect,
    sea_query::{Expr, OnConflict},
};
use uuid::Uuid;

/// Names in a list of a policy.
const MOST_NAMES: usize = 200;
/// Characters of a name or sentence.
const LONGEST: usize = 200;
/// Rules of one's own.
const MOST_RULES: usize = 20;
/// Hours in the previous stage: a quarter of a year.
const MOST_HOURS: u32 = 2_160;
/// Artifacts a policy is tried on.
const TRIED: u64 = 5;

/// Whose policy.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Of {
    /// A pipeline's: for all of its stages.
    Pipeline(PipelineId),
    /// A stage's.
    Stage(StageId),
}

impl Of {
    fn subject(self) -> AuditSubject {
        match self {
            Self::Pipeline(_) => AuditSubject::Pipeline,
            Self::Stage(_) => AuditSubject::Stage,
        }
    }

    fn id(self) -> Uuid {
        match self {
            Self::Pipeline(id) => id.0,
            Self::Stage(id) => id.0,
        }
    }
}

/// A policy as it is kept, with the number that a form sends back.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct KeptPolicy {
    /// The policy.
    pub policy: Policy,
    /// Raised by one with every change; 0 where there is none yet.
    pub row_version: i32,
}

/// The policy of a pipeline or a stage; an empty one where there is none. Administrators only.
pub async fn get(host: &Host, caller: &Caller, of: Of) -> Result<KeptPolicy> {
    caller.require_administrator()?;
    let row = entity::Entity::find_by_id(of.id()).one(&host.database).await?;
    row.map_or_else(
        || Ok(KeptPolicy::default()),
        |row| Ok(KeptPolicy { policy: read(&row.document)?, row_version: row.row_version }),
    )
}

/// Keeps a policy. Administrators only.
///
/// Fields: `treatment`, `allowed_connectors`, `denied_connectors`, `allowed_component_types`,
/// `denied_component_types`, `hours`, and
/// `rules[<number>][sentence]`, `rules[<number>][expression]`.
pub async fn save(host: &Host, caller: &Caller, of: Of, policy: &Policy, row_version: i32) -> Result<()> {
    let entry = || Entry::new(AuditAction::Update, of.subject()).of(of.id(), "");
    access::configure(host, caller, entry).await?;
    check(policy)?;
    let document = serde_json::to_string(policy).map_err(|error| Error::Internal(error.to_string()))?;
    let transaction = host.begin().await?;
    let before = entity::Entity::find_by_id(of.id()).one(&transaction).await?;
    let before = before.map(|row| row.document).unwrap_or_default();
    write(host, &transaction, of, document.clone(), row_version).await?;
    audit::record(host, &transaction, caller, entry().field("policy", before, document)).await?;
    Ok(transaction.commit().await?)
}

/// Writes a policy that still is as the caller read it.
async fn write(
    host: &Host,
    transaction: &DatabaseTransaction,
    of: Of,
    document: String,
    row_version: i32,
) -> Result<()> {
    let changed = || Error::Changed("The policy".to_owned());
    if row_version == 0 {
        let (pipeline, stage) = match of {
            Of::Pipeline(id) => (Some(id.0), None),
            Of::Stage(id) => (None, Some(id.0)),
        };
        let row = entity::ActiveModel {
            id: Set(of.id()),
            pipeline_id: Set(pipeline),
            stage_id: Set(stage),
            document: Set(document),
            row_version: Set(1),
            modified: Set(host.now()),
        };
        let first = OnConflict::column(entity::Column::Id).do_nothing().to_owned();
        let rows = entity::Entity::insert(row).on_conflict(first).exec_without_returning(transaction).await?;
        return if rows == 1 { Ok(()) } else { Err(changed()) };
    }
    let updated = entity::Entity::update_many()
        .col_expr(entity::Column::Document, Expr::value(document))
        .col_expr(entity::Column::RowVersion, Expr::value(row_version.saturating_add(1)))
        .col_expr(entity::Column::Modified, Expr::value(host.now()))
        .filter(entity::Column::Id.eq(of.id()))
        .filter(entity::Column::RowVersion.eq(row_version))
        .exec(transaction)
        .await?;
    if updated.rows_affected == 1 { Ok(()) } else { Err(changed()) }
}

fn check(policy: &Policy) -> Result<()> {
    let mut fields = Fields::new();
    let is_warning =
        |name: &String| preflight::entries().any(|entry| entry.id == name && entry.severity != Severity::Error);
    if !policy.errors.iter().chain(&policy.off).all(is_warning) {
        fields.problem("treatment", "Choose among the warnings of the list.");
    }
    for (field, names) in [
        ("allowed_connectors", &policy.allowed_connectors),
        ("denied_connectors", &policy.denied_connectors),
        ("allowed_component_types", &policy.allowed_component_types),
        ("denied_component_types", &policy.denied_component_types),
    ] {
        if names.len() > MOST_NAMES || names.iter().any(|name| name.chars().count() > LONGEST) {
            fields.problem(field, format!("Enter at most {MOST_NAMES} names of at most {LONGEST} characters."));
        }
    }
    if policy.hours_in_previous_stage > MOST_HOURS {
        fields.problem("hours", format!("Enter at most {MOST_HOURS} hours."));
    }
    for (number, rule) in policy.rules.iter().enumerate() {
        let sentence = rule.sentence.trim();
        if sentence.is_empty() || sentence.chars().count() > LONGEST {
            let message = format!("Say in a sentence of at most {LONGEST} characters what is asked for.");
            fields.problem(&format!("rules[{number}][sentence]"), message);
        }
        if let Some(problem) = expression::problem(&rule.expression) {
            fields.problem(&format!("rules[{number}][expression]"), problem);
        }
    }
    if policy.rules.len() > MOST_RULES {
        fields.problem("treatment", format!("Have at most {MOST_RULES} rules."));
    }
    fields.finish()
}

/// The policies that count for a stage: its pipeline's and its own.
pub(crate) async fn of_stage(database: &impl ConnectionTrait, pipeline: Uuid, stage: StageId) -> Result<Vec<Policy>> {
    let rows = entity::Entity::find()
        .filter(entity::Column::Id.is_in([pipeline, stage.0]))
        .order_by_asc(entity::Column::Id)
        .all(database)
        .await?;
    rows.iter().map(|row| read(&row.document)).collect()
}

fn read(document: &str) -> Result<Policy> {
    serde_json::from_str(document).map_err(|error| Error::Internal(format!("a policy cannot be read: {error}")))
}

/// What a policy makes of an artifact.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Trial {
    /// Name and version of the artifact.
    pub artifact: String,
    /// The findings in a target that has nothing.
    pub findings: Vec<Finding>,
}

/// Tries a policy on the newest artifacts of a pipeline, in a target that has nothing. Administrators only.
pub async fn try_out(host: &Host, caller: &Caller, pipeline: PipelineId, policy: &Policy) -> Result<Vec<Trial>> {
    caller.require_administrator()?;
    let artifacts = artifact::entity::Entity::find()
        .filter(artifact::entity::Column::PipelineId.eq(pipeline.0))
        .order_by_desc(artifact::entity::Column::Generated)
        .limit(TRIED)
        .all(&host.database)
        .await?;
    let mut trials = Vec::new();
    for artifact in artifacts {
        // What is no longer in the store has nothing to say.
        let Ok(facts) = host.packages.facts(&artifact.managed()).await else { continue };
        let target = staged(&facts, &TargetState::default());
        let subject = preflight::Subject {
            package: &facts,
            staged: &target,
            stage_installed: None,
            settings: None,
            redeployment: false,
            missing_rights: &[],
        };
        let findings = preflight::check(&subject);
        let findings = apply(std::slice::from_ref(policy), &facts, None, Timestamp(host.now()), findings).await;
        trials.push(Trial { artifact: format!("{} {}", artifact.solution_display_name, artifact.version), findings });
    }
    Ok(trials)
}
