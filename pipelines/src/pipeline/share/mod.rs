//! Sharing a pipeline, giving it another owner, and saying who may do what with it.

use super::{
    entity::{Column, Entity, Model},
    standing, touch,
};
use crate::{
    Caller, Error, Host, Result,
    access::{self, Standing},
    audit::{self, Entry},
    field,
    principal::{self, Memberships},
    user,
};
use model::{
    access::{AccessRight, AccessRights, Ground, Principal, PrincipalKind},
    audit::{AuditAction, AuditSubject},
    id::{PipelineId, TeamId, UserId},
    pipeline::{PersonsAccess, Share, Sharing},
    user::{Role, Roles},
};
use sea_orm::{ActiveValue::Set, ConnectionTrait, entity::prelude::*, sea_query::ExprTrait};
use std::collections::BTreeSet;

pub(crate) mod entity;

/// With whom a pipeline is shared, and with whom it can be. For whoever may share it or give it another owner. Whoever sees
/// a personal pipeline is told that nobody may.
pub async fn sharing(host: &Host, caller: &Caller, id: PipelineId) -> Result<Sharing> {
    let database = &host.database;
    let (pipeline, rights) = standing::find(database, caller, id).await?;
    if !pipeline.personal {
        access::any_of(rights, [AccessRight::Share, AccessRight::Assign])?;
    }
    let everybody = principal::all(database).await?;
    let named = |principal| everybody.iter().map(|known| &known.named).find(|named| named.principal == principal);
    let name = |principal| named(principal).map(|named| named.name.clone()).unwrap_or_default();
    let rows = entity::Entity::find().filter(entity::Column::PipelineId.eq(id.0)).all(database).await?;
    let mut shares: Vec<_> = rows
        .iter()
        .filter_map(|row| {
            let principal = row.principal()?;
            Some(Share { principal, name: name(principal), rights: row.rights() })
        })
        .collect();
    shares.sort_by_cached_key(|share| (field::key(&share.name), share.principal));
    let owner = named(owner(&pipeline)).cloned();
    let owner = owner.ok_or_else(|| Error::Internal(format!("the pipeline {id} has no owner")))?;
    Ok(Sharing {
        pipeline: id,
        name: pipeline.name.clone(),
        personal: pipeline.personal,
        owner,
        rights,
        shares,
        // Service identities run nothing of their own.
        principals: everybody
            .into_iter()
            .filter(|known| known.enabled && !pipeline.personal)
            .filter(|known| known.named.kind != PrincipalKind::ServiceIdentity)
            .map(|known| known.named)
            .collect(),
    })
}

/// Shares a pipeline with a person or a team, or shares it otherwise than before. Nobody gives rights they do not have.
///
/// Fields: `principal`, `rights`.
pub async fn share(host: &Host, caller: &Caller, id: PipelineId, with: Principal, rights: AccessRights) -> Result<()> {
    let (pipeline, own) = standing::find(&host.database, caller, id).await?;
    let entry = || Entry::new(AuditAction::Share, AuditSubject::Pipeline).of(id, &pipeline.name).set("with", with);
    access::permit(host, caller, access::has(own, AccessRight::Share), entry).await?;
    access::permit(host, caller, access::gives(own, rights), entry).await?;
    // Whoever may not give a right may not take it away either.
    let lost =
        |before: Option<&entity::Model>| before.map_or(AccessRights::NONE, |before| before.rights().without(rights));
    let before = find(&host.database, id, with).await?;
    access::permit(host, caller, access::gives(own, lost(before.as_ref())), entry).await?;
    if pipeline.personal {
        return Err(Error::Refused("A personal pipeline cannot be shared.".to_owned()));
    }
    if !rights.has(AccessRight::Read) {
        return Err(Error::field("rights", "Give at least the right to read: nobody can use what they cannot see."));
    }
    let transaction = host.begin().await?;
    let pipeline = super::lock(&transaction, id).await?;
    let name = principal::name_of(&transaction, with).await?;
    let before = find(&transaction, id, with).await?;
    access::gives(own, lost(before.as_ref()))?;
    let names = |rights: AccessRights| rights.names().join(" ");
    let entry = Entry::new(AuditAction::Share, AuditSubject::Pipeline).of(id, &pipeline.name).set("with", &name);
    let entry = if let Some(before) = &before {
        entity::Entity::update_many()
            .col_expr(entity::Column::Rights, Expr::value(rights.code()))
            .filter(entity::Column::Id.eq(before.id))
            .exec(&transaction)
            .await?;
        entry.field("rights", names(before.rights()), names(rights))
    } else {
        let (person, team) = match with {
            Principal::Person(person) => (Some(person.0), None),
            Principal::Team(team) => (None, Some(team.0)),
        };
        let row = entity::ActiveModel {
            id: Set(host.ids.next()),
            pipeline_id: Set(id.0),
            person_id: Set(person),
            team_id: Set(team),
            rights: Set(rights.code()),
        };
        row.insert(&transaction).await?;
        entry.set("rights", names(rights))
    };
    touch(host, &transaction, id).await?;
    audit::record(host, &transaction, caller, entry).await?;
    Ok(transaction.commit().await?)
}

/// Takes a share back. Taking back what is not shared does nothing.
pub async fn unshare(host: &Host, caller: &Caller, id: PipelineId, with: Principal) -> Result<()> {
    let (pipeline, own) = standing::find(&host.database, caller, id).await?;
    let entry = || Entry::new(AuditAction::Unshare, AuditSubject::Pipeline).of(id, &pipeline.name).set("with", with);
    access::permit(host, caller, access::has(own, AccessRight::Share), entry).await?;
    if let Some(share) = find(&host.database, id, with).await? {
        access::permit(host, caller, access::gives(own, share.rights()), entry).await?;
    }
    let transaction = host.begin().await?;
    super::lock(&transaction, id).await?;
    if let Some(share) = find(&transaction, id, with).await? {
        // Whoever may not give a right may not take it away either.
        access::gives(own, share.rights())?;
        entity::Entity::delete_by_id(share.id).exec(&transaction).await?;
        let name = principal::name_of(&transaction, with).await?;
        let entry = Entry::new(AuditAction::Unshare, AuditSubject::Pipeline)
            .of(id, &pipeline.name)
            .gone("with", name)
            .gone("rights", share.rights().names().join(" "));
        audit::record(host, &transaction, caller, entry).await?;
    }
    Ok(transaction.commit().await?)
}

/// Gives a pipeline another owner.
///
/// Field: `principal`.
pub async fn assign(host: &Host, caller: &Caller, id: PipelineId, to: Principal) -> Result<()> {
    let (pipeline, own) = standing::find(&host.database, caller, id).await?;
    let entry = || Entry::new(AuditAction::Assign, AuditSubject::Pipeline).of(id, &pipeline.name).set("owner", to);
    access::permit(host, caller, access::has(own, AccessRight::Assign), entry).await?;
    if pipeline.personal {
        return Err(Error::Refused(super::personal::STAYS.to_owned()));
    }
    let transaction = host.begin().await?;
    let pipeline = super::lock(&transaction, id).await?;
    let before = principal::name_of(&transaction, owner(&pipeline)).await?;
    let after = principal::name_of(&transaction, to).await?;
    // The person who gave it to a team stays known as the one who did.
    let (person, team) = match to {
        Principal::Person(person) => (person.0, None),
        Principal::Team(team) => (caller.user.0, Some(team.0)),
    };
    Entity::update_many()
        .col_expr(Column::OwnerId, Expr::value(person))
        .col_expr(Column::OwnerTeamId, Expr::value(team))
        .col_expr(Column::RowVersion, Expr::col(Column::RowVersion).add(1))
        .col_expr(Column::Modified, Expr::value(host.now()))
        .filter(Column::Id.eq(id.0))
        .exec(&transaction)
        .await?;
    let entry = Entry::new(AuditAction::Assign, AuditSubject::Pipeline).of(id, &pipeline.name);
    audit::record(host, &transaction, caller, entry.field("owner", before, after)).await?;
    Ok(transaction.commit().await?)
}

/// *Check access*: everybody who may do something with a pipeline, and why. Whoever may not share it sees only their
/// own line. Six queries, however many people there are.
pub async fn check_access(host: &Host, caller: &Caller, id: PipelineId) -> Result<(String, Vec<PersonsAccess>)> {
    let database = &host.database;
    let (pipeline, own) = standing::find(database, caller, id).await?;
    let shares = entity::Entity::find().filter(entity::Column::PipelineId.eq(id.0)).all(database).await?;
    let mut people = user::entity::Entity::find().filter(user::entity::Column::Enabled.eq(true));
    if !own.has(AccessRight::Share) {
        people = people.filter(user::entity::Column::Id.eq(caller.user.0));
    }
    let people = people.all(database).await?;
    let memberships = Memberships::load(database).await?;
    let mut access: Vec<_> = people
        .into_iter()
        .filter_map(|person| {
            let view = View { pipeline: &pipeline, shares: &shares, memberships: &memberships };
            let (rights, grounds) = view.of(UserId(person.id));
            (!rights.is_empty()).then_some(PersonsAccess {
                person: UserId(person.id),
                name: person.display_name,
                user_name: person.user_name,
                rights,
                grounds,
            })
        })
        .collect();
    access.sort_by_cached_key(|person| (field::key(&person.name), person.person));
    Ok((pipeline.name, access))
}

/// Everything that decides who may do what with one pipeline.
struct View<'a> {
    pipeline: &'a Model,
    shares: &'a [entity::Model],
    memberships: &'a Memberships,
}

impl View<'_> {
    /// What a person may do, and why.
    fn of(&self, person: UserId) -> (AccessRights, Vec<Ground>) {
        let name = |team: &Uuid| self.memberships.team(*team);
        let teams: BTreeSet<Uuid> = self.memberships.teams_of(person).collect();
        let (mut roles, mut grounds) = (Roles::NONE, Vec::new());
        for (role, team) in self.memberships.roles_of(person) {
            roles = roles.with(role);
            grounds.push(Ground::Role(role, team));
        }
        let mut standing = Standing { owns: false, shared: AccessRights::NONE, personal: self.pipeline.personal };
        match self.pipeline.owner_team_id {
            Some(team) if teams.contains(&team) => {
                standing.owns = true;
                grounds.push(Ground::Owner(Some(name(&team))));
            }
            None if self.pipeline.owner_id == person.0 => {
                standing.owns = true;
                grounds.push(Ground::Owner(None));
            }
            _ => {}
        }
        for share in self.shares {
            let through = match share.principal() {
                Some(Principal::Person(with)) if with == person => None,
                Some(Principal::Team(team)) if teams.contains(&team.0) => Some(name(&team.0)),
                _ => continue,
            };
            standing.shared = standing.shared.and(share.rights());
            grounds.push(Ground::Share(share.rights(), through));
        }
        let rights = access::pipeline(roles, standing);
        grounds.retain(|ground| !matches!(ground, Ground::Role(Role::SystemAdministrator, _)));
        (rights, grounds)
    }
}

/// The owner of a pipeline.
pub(crate) fn owner(pipeline: &Model) -> Principal {
    match pipeline.owner_team_id {
        Some(team) => Principal::Team(TeamId(team)),
        None => Principal::Person(UserId(pipeline.owner_id)),
    }
}

async fn find(database: &impl ConnectionTrait, id: PipelineId, with: Principal) -> Result<Option<entity::Model>> {
    let shares = entity::Entity::find().filter(entity::Column::PipelineId.eq(id.0));
    let shares = match with {
        Principal::Person(person) => shares.filter(entity::Column::PersonId.eq(person.0)),
        Principal::Team(team) => shares.filter(entity::Column::TeamId.eq(team.0)),
    };
    Ok(shares.one(database).await?)
}
