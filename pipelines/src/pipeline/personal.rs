//! Personal pipelines: what makers make for themselves, from the environment they stand in to one or two others. Nobody
//! shares them. Source: the platform's documentation, `platform-host-pipelines.md` and `custom-host-pipelines.md`.

use super::{change, erase, link, lock, name_taken, not_found, rules, standing};
use crate::{
    Caller, Error, Host, Result, access,
    audit::{self, Entry},
    deployment_environment, environment_role,
    field::{self, Fields},
    pipeline::entity::{ActiveModel, Column, Entity, Model},
    stage,
};
use model::{
    access::{AccessRight, EnvironmentRight},
    audit::{AuditAction, AuditSubject},
    environment::{EnvironmentChoice, EnvironmentType},
    id::{DeploymentEnvironmentId, EnvironmentId, PipelineId, UserId},
    pipeline::{Pipeline, Stage},
};
use sea_orm::{ActiveValue::Set, DatabaseTransaction, entity::prelude::*};

/// Personal pipelines that a person has at most.
const MOST_OF_A_PERSON: u64 = 50;

/// Why it cannot be given to somebody else.
pub(super) const STAYS: &str = "A personal pipeline stays with its maker.";

/// Why no environment is linked to it or taken from it.
pub(super) const ONE_ENVIRONMENT: &str =
    "A personal pipeline starts from one development environment, always the same.";

/// What its maker says of a personal pipeline.
#[derive(Clone, Debug)]
pub struct PersonalForm {
    /// Name. Other people's personal pipelines may have the same.
    pub name: String,
    /// Description, possibly empty.
    pub description: String,
    /// Record of the environment of its first stage.
    pub target: Option<DeploymentEnvironmentId>,
    /// Record of the environment of its second stage, if it has one.
    pub second_target: Option<DeploymentEnvironmentId>,
}

/// Makes a personal pipeline that starts from a development environment. For Deployment Pipeline Default and
/// administrators, who own it from then on.
///
/// Fields: `name`, `description`, `target`, `second_target`.
pub async fn create(
    host: &Host,
    caller: &Caller,
    development: EnvironmentId,
    form: &PersonalForm,
) -> Result<PipelineId> {
    let entry = || Entry::new(AuditAction::Create, AuditSubject::Pipeline).named(&form.name).set("personal", true);
    access::permit(host, caller, access::personal_pipelines(caller), entry).await?;
    let source = deployment_environment::require_choice(host, caller, development).await?;
    form.require_import(host, caller, &[]).await?;
    let transaction = host.begin().await?;
    let good = form.check(&transaction, &[]).await?;
    let mine = Entity::find().filter(Column::Personal.eq(true)).filter(Column::OwnerId.eq(caller.user.0));
    if mine.count(&transaction).await? >= MOST_OF_A_PERSON {
        return Err(Error::Refused(format!(
            "You have {MOST_OF_A_PERSON} personal pipelines, and nobody has more. Delete one that you do not need."
        )));
    }
    let Some(record) = deployment_environment::lock_development(&transaction, source.id).await? else {
        return Err(Error::Refused(format!(
            "“{}” is not a development environment. Go to the environment in which you develop, and make the pipeline \
             there.",
            source.name
        )));
    };

    let (id, now) = (PipelineId(host.ids.next()), host.now());
    let pipeline = ActiveModel {
        id: Set(id.0),
        name_key: Set(name_key(&good.name, caller.user)),
        name: Set(good.name.clone()),
        description: Set(good.description),
        owner_id: Set(caller.user.0),
        owner_team_id: Set(None),
        personal: Set(true),
        active: Set(true),
        redeployment: Set(false),
        row_version: Set(1),
        created: Set(now),
        modified: Set(now),
    };
    pipeline.insert(&transaction).await.map_err(|error| name_taken(error, &good.name))?;
    link::ActiveModel { pipeline_id: Set(id.0), deployment_environment_id: Set(record.id.0) }
        .insert(&transaction)
        .await?;
    let entry = Entry::new(AuditAction::Create, AuditSubject::Pipeline)
        .of(id, &good.name)
        .set("personal", true)
        .set("owner", caller.user)
        .set("environment", &record.name);
    audit::record(host, &transaction, caller, entry).await?;
    append(host, &transaction, caller, id, None, good.targets).await?;
    transaction.commit().await?;
    Ok(id)
}

/// A personal pipeline, to be changed. For its maker and administrators; not found for anybody else.
pub async fn get(host: &Host, caller: &Caller, id: PipelineId) -> Result<Pipeline> {
    let (found, rights) = standing::find(&host.database, caller, id).await?;
    if !found.personal || access::has(rights, AccessRight::Write).is_err() {
        return Err(not_found());
    }
    super::find(&host.database, id).await?.ok_or_else(not_found)
}

/// Changes a personal pipeline. A stage whose target stays keeps what it knows; a target that is not among the new ones,
/// or comes in another order, begins anew. Refused where that would delete a stage that has open runs. For its maker and
/// administrators.
///
/// Fields: `name`, `description`, `target`, `second_target`.
pub async fn update(host: &Host, caller: &Caller, id: PipelineId, form: &PersonalForm, row_version: i32) -> Result<()> {
    let before = permit(host, caller, id, AuditAction::Update).await?;
    form.require_import(host, caller, &stage::chain(&host.database, id).await?).await?;
    let transaction = host.begin().await?;
    lock(&transaction, id).await?;
    let stages = stage::chain(&transaction, id).await?;
    let good = form.check(&transaction, &stages).await?;
    let update = Entity::update_many()
        .col_expr(Column::NameKey, Expr::value(name_key(&good.name, UserId(before.owner_id))))
        .col_expr(Column::Name, Expr::value(good.name.as_str()))
        .col_expr(Column::Description, Expr::value(good.description.as_str()));
    change(host, &transaction, id, row_version, update).await.map_err(|error| match error {
        Error::Database(error) => name_taken(error, &good.name),
        error => error,
    })?;
    let entry = Entry::new(AuditAction::Update, AuditSubject::Pipeline)
        .of(id, &good.name)
        .field("name", &before.name, &good.name)
        .field("description", &before.description, &good.description);
    audit::record(host, &transaction, caller, entry).await?;

    let wanted: Vec<_> = good.targets.iter().map(|(target, _)| *target).collect();
    let (kept, removed) = keep(stages, &wanted);
    // From the last to the first, so that none of them follows one that is gone already.
    for stage in removed.iter().rev() {
        stage::remove(host, &transaction, caller, stage).await?;
    }
    let new = good.targets.into_iter().skip(kept.len()).collect();
    append(host, &transaction, caller, id, kept.last(), new).await?;
    Ok(transaction.commit().await?)
}

/// Deletes a personal pipeline; as [`super::delete`]. For its maker and administrators.
pub async fn delete(host: &Host, caller: &Caller, id: PipelineId) -> Result<()> {
    permit(host, caller, id, AuditAction::Delete).await?;
    erase(host, caller, id).await
}

/// Target environments that a person may choose for a personal pipeline, by name: those that are active and validated,
/// and are not the development environment of anything, and that they may import into. For whoever may make personal
/// pipelines.
pub async fn targets(host: &Host, caller: &Caller) -> Result<Vec<(DeploymentEnvironmentId, String)>> {
    access::personal_pipelines(caller)?;
    let development = stage::development_environments(&host.database).await?;
    let candidates = deployment_environment::active_of_kind(&host.database, EnvironmentType::Target).await?;
    let environments = candidates.iter().map(|candidate| candidate.environment_id).collect();
    let open = environment_role::standing::offered(host, caller, environments, EnvironmentRight::Import).await?;
    Ok(candidates
        .into_iter()
        .filter(|candidate| open.contains(&candidate.environment_id))
        .filter(|candidate| rules::environment_obstacle(candidate).is_none())
        .filter(|candidate| rules::check_target(&[], None, candidate, &development).is_ok())
        .map(|candidate| (candidate.id, candidate.name))
        .collect())
}

/// Whether a person may make personal pipelines.
pub fn may_make(caller: &Caller) -> bool {
    access::personal_pipelines(caller).is_ok()
}

/// The environment that personal pipelines would start from, for somebody who may make them there.
pub async fn source(host: &Host, caller: &Caller, development: EnvironmentId) -> Result<EnvironmentChoice> {
    access::personal_pipelines(caller)?;
    deployment_environment::require_choice(host, caller, development).await
}

/// The form in which the names of a person's own pipelines are unique. With whose they are, so that a name tells nobody
/// what others have; names have no line breaks.
pub(super) fn name_key(name: &str, owner: UserId) -> String {
    format!("{}\n{owner}", field::key(name))
}

/// Goes on where somebody may change a personal pipeline.
async fn permit(host: &Host, caller: &Caller, id: PipelineId, action: AuditAction) -> Result<Model> {
    let (found, rights) = standing::find(&host.database, caller, id).await?;
    if !found.personal {
        return Err(not_found());
    }
    let entry = || Entry::new(action, AuditSubject::Pipeline).of(id, &found.name);
    access::permit(host, caller, access::has(rights, AccessRight::Write), entry).await?;
    Ok(found)
}

/// Which of the stages stay, and which go, so that `wanted` comes of them by adding stages at the end.
fn keep(stages: Vec<Stage>, wanted: &[DeploymentEnvironmentId]) -> (Vec<Stage>, Vec<Stage>) {
    let (kept, removed): (Vec<_>, Vec<_>) = stages.iter().cloned().partition(|stage| wanted.contains(&stage.target));
    let in_order = kept.iter().zip(wanted).all(|(stage, wanted)| stage.target == *wanted);
    if in_order { (kept, removed) } else { (Vec::new(), stages) }
}

/// Adds stages at the end, each named as its target.
async fn append(
    host: &Host,
    transaction: &DatabaseTransaction,
    caller: &Caller,
    pipeline: PipelineId,
    last: Option<&Stage>,
    targets: Vec<(DeploymentEnvironmentId, String)>,
) -> Result<()> {
    let mut previous = last.map(|stage| stage.id);
    for (target, name) in targets {
        let good = stage::Good { name, description: String::new(), target };
        previous = Some(stage::insert(host, transaction, caller, pipeline, previous, good).await?);
    }
    Ok(())
}

/// What a form comes to when nothing is wrong.
struct Good {
    name: String,
    description: String,
    /// Records of targets with their names, in order.
    targets: Vec<(DeploymentEnvironmentId, String)>,
}

impl PersonalForm {
    /// Nobody makes a pipeline to where they may not import. `stages` are those that it has already.
    async fn require_import(&self, host: &Host, caller: &Caller, stages: &[Stage]) -> Result<()> {
        for (field, target) in [("target", self.target), ("second_target", self.second_target)] {
            let new = target.filter(|target| stages.iter().all(|stage| stage.target != *target));
            let Some(new) = new else { continue };
            let Some(record) = deployment_environment::find(&host.database, new).await? else { continue };
            let place = (record.environment_id, record.name.as_str());
            match environment_role::standing::require(host, caller, place, EnvironmentRight::Import).await {
                Err(Error::Forbidden(reason)) => return Err(Error::field(field, reason)),
                other => other?,
            }
        }
        Ok(())
    }

    /// Checks every field. `stages` are those that the pipeline has already.
    async fn check(&self, transaction: &DatabaseTransaction, stages: &[Stage]) -> Result<Good> {
        let mut fields = Fields::new();
        let name = fields.name(&self.name);
        let description = fields.description(&self.description);
        let development = stage::development_environments(transaction).await?;
        let mut targets: Vec<(DeploymentEnvironmentId, String)> = Vec::new();
        for (field, target) in [("target", self.target), ("second_target", self.second_target)] {
            let Some(target) = target else {
                if field == "target" {
                    fields.problem(field, "Choose a target environment.");
                }
                continue;
            };
            if targets.iter().any(|(chosen, _)| *chosen == target) {
                fields.problem(field, "Choose another environment than for the first stage, or none.");
                continue;
            }
            let kept = stages.iter().find(|stage| stage.target == target);
            let record = deployment_environment::lock(transaction, target).await?;
            let offered = record.filter(|record| kept.is_some() || rules::environment_obstacle(record).is_none());
            let Some(record) = offered else {
                fields.problem(field, "Choose one of these target environments.");
                continue;
            };
            if let Err(message) = rules::check_target(stages, kept.map(|stage| stage.id), &record, &development) {
                fields.problem(field, message);
            }
            targets.push((target, record.name));
        }
        fields.finish()?;
        Ok(Good { name, description, targets })
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "tests")]

    use super::*;
    use model::id::StageId;

    fn environment(number: u128) -> DeploymentEnvironmentId {
        DeploymentEnvironmentId(Uuid::from_u128(number))
    }

    fn stages(targets: &[u128]) -> Vec<Stage> {
        let mut previous = None;
        let stage = |number: &u128| {
            let id = StageId(Uuid::from_u128(1000 + number));
            Stage {
                id,
                pipeline: PipelineId(Uuid::from_u128(1)),
                name: number.to_string(),
                description: String::new(),
                previous: previous.replace(id),
                target: environment(*number),
                target_name: number.to_string(),
                delegation: None,
                target_environment: EnvironmentId(Uuid::from_u128(*number)),
                row_version: 1,
            }
        };
        targets.iter().map(stage).collect()
    }

    #[test]
    fn a_stage_stays_where_only_others_come_or_go_around_it() {
        for (before, wanted, kept) in [
            (&[1][..], &[1][..], &[1][..]),
            (&[1], &[1, 2], &[1]),
            (&[1, 2], &[1], &[1]),
            (&[1, 2], &[2], &[2]),
            (&[1, 2], &[1, 3], &[1]),
            (&[1, 2], &[1, 2], &[1, 2]),
            (&[1, 2], &[2, 1], &[]),
            (&[1], &[2, 1], &[]),
            (&[1, 2], &[3, 2], &[]),
            (&[], &[1, 2], &[]),
        ] {
            let wanted: Vec<_> = wanted.iter().copied().map(environment).collect();
            let (stays, goes) = keep(stages(before), &wanted);
            assert_eq!(stays.iter().map(|stage| stage.target.0.as_u128()).collect::<Vec<_>>(), kept, "{before:?}");
            assert_eq!(stays.len() + goes.len(), before.len());
        }
    }

    #[test]
    fn names_are_unique_for_one_person_and_free_for_others() {
        let (ada, bob) = (UserId(Uuid::from_u128(1)), UserId(Uuid::from_u128(2)));
        assert_eq!(name_key("Mine", ada), name_key("MINE", ada));
        assert_ne!(name_key("Mine", ada), name_key("Mine", bob));
        assert_ne!(name_key("Mine", ada), field::key("Mine"));
    }
}
