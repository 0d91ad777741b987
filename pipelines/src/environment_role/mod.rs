//! Roles that people and teams have in the environments Slipway keeps itself: what they may do there by hand, and
//! through pipelines.

use crate::{
    Caller, Error, Host, Result, access,
    audit::{self, Entry},
    principal::{self, Memberships},
};
use model::{
    access::{EnvironmentRight, EnvironmentRole, NamedPrincipal, Principal},
    audit::{AuditAction, AuditSubject},
    environment_access::{EnvironmentAccess, EnvironmentGround, GivenRoles, PersonsRights},
    id::{EnvironmentId, UserId},
};
use sea_orm::{ActiveValue::Set, Condition, ConnectionTrait, entity::prelude::*, sea_query::OnConflict};
use std::collections::{BTreeMap, BTreeSet};

pub(crate) mod entity;
pub(crate) mod standing;

use entity::{ActiveModel, Column, Entity, Model};
pub use standing::MissingRight;

/// Who has which role in a built-in environment, and what everybody may do there for which reasons. Eight queries,
/// however many people there are. Administrators only.
pub async fn access(host: &Host, caller: &Caller, environment: EnvironmentId) -> Result<EnvironmentAccess> {
    caller.require_administrator()?;
    let name = host.built_in.get(environment).await?.name;
    let database = &host.database;
    let rows = Entity::find().filter(Column::EnvironmentId.eq(environment.0)).all(database).await?;
    let mut roles: BTreeMap<Principal, BTreeSet<EnvironmentRole>> = BTreeMap::new();
    for row in &rows {
        if let (Some(principal), Some(role)) = (row.principal(), row.role()) {
            roles.entry(principal).or_default().insert(role);
        }
    }
    let everybody = principal::all(database).await?;
    let memberships = Memberships::load(database).await?;
    let given = everybody.iter().filter_map(|known| {
        let roles = roles.get(&known.named.principal)?;
        Some(GivenRoles { to: known.named.clone(), roles: roles.iter().copied().collect() })
    });
    let people = everybody.iter().filter(|known| known.enabled).filter_map(|known| {
        let Principal::Person(person) = known.named.principal else { return None };
        rights(&known.named, person, &roles, &memberships)
    });
    Ok(EnvironmentAccess {
        environment,
        name,
        given: given.collect(),
        people: people.collect(),
        principals: everybody.iter().filter(|known| known.enabled).map(|known| known.named.clone()).collect(),
    })
}

/// What a person may do, and why; none for whoever may do nothing.
fn rights(
    named: &NamedPrincipal,
    person: UserId,
    given: &BTreeMap<Principal, BTreeSet<EnvironmentRole>>,
    memberships: &Memberships,
) -> Option<PersonsRights> {
    let of = |principal: &Principal| given.get(principal).into_iter().flatten().copied();
    let (mut grounds, mut roles) = (Vec::new(), Vec::new());
    let mut security_roles = model::user::Roles::NONE;
    for (role, team) in memberships.roles_of(person) {
        security_roles = security_roles.with(role);
        if access::administers_environments(role.into()) {
            grounds.push(EnvironmentGround::HostRole(role, team));
        }
    }
    for role in of(&Principal::Person(person)) {
        roles.push(role);
        grounds.push(EnvironmentGround::Role(role, None));
    }
    for team in memberships.teams_of(person) {
        for role in of(&Principal::Team(team.into())) {
            roles.push(role);
            grounds.push(EnvironmentGround::Role(role, Some(memberships.team(team))));
        }
    }
    let may = |right: &EnvironmentRight| access::in_environment(security_roles, &roles, *right);
    let rights: Vec<_> = EnvironmentRight::ALL.into_iter().filter(may).collect();
    (!grounds.is_empty()).then(|| PersonsRights { person: named.clone(), rights, grounds })
}

/// Gives a person or a team exactly these roles in a built-in environment. Administrators only.
///
/// Fields: `principal`, `roles`.
pub async fn give(
    host: &Host,
    caller: &Caller,
    environment: EnvironmentId,
    to: Principal,
    roles: &BTreeSet<EnvironmentRole>,
) -> Result<()> {
    access::configure(host, caller, || entry(environment, "").set("to", to)).await?;
    if roles.is_empty() {
        return Err(Error::field(
            "roles",
            "Choose at least one role. To take all of them away, use Remove in the list.",
        ));
    }
    replace(host, caller, environment, to, roles).await
}

/// Takes all roles in a built-in environment away from a person or a team. Administrators only.
///
/// Field: `principal`.
pub async fn take_away(host: &Host, caller: &Caller, environment: EnvironmentId, from: Principal) -> Result<()> {
    access::configure(host, caller, || entry(environment, "").set("to", from)).await?;
    replace(host, caller, environment, from, &BTreeSet::new()).await
}

async fn replace(
    host: &Host,
    caller: &Caller,
    environment: EnvironmentId,
    to: Principal,
    roles: &BTreeSet<EnvironmentRole>,
) -> Result<()> {
    let place = host.built_in.get(environment).await?.name;
    let transaction = host.begin().await?;
    let name = principal::name_of(&transaction, to).await?;
    let rows = Entity::find().filter(held(environment, to)).all(&transaction).await?;
    let before: BTreeSet<_> = rows.iter().filter_map(Model::role).collect();
    if before == *roles {
        return Ok(());
    }
    let gone = before.difference(roles).map(|role| role.name());
    Entity::delete_many().filter(held(environment, to)).filter(Column::Role.is_in(gone)).exec(&transaction).await?;
    insert(host, &transaction, environment, to, roles.difference(&before).copied()).await?;
    let names = |roles: &BTreeSet<EnvironmentRole>| roles.iter().map(|role| role.name()).collect::<Vec<_>>().join(" ");
    let entry = entry(environment, &place).set("to", name).field("roles", names(&before), names(roles));
    audit::record(host, &transaction, caller, entry).await?;
    Ok(transaction.commit().await?)
}

/// Makes whoever created a built-in environment its System Administrator.
pub(crate) async fn give_creator(host: &Host, caller: &Caller, environment: EnvironmentId) -> Result<()> {
    if caller.user == Caller::system().user {
        return Ok(());
    }
    let role = [EnvironmentRole::SystemAdministrator];
    insert(host, &host.database, environment, Principal::Person(caller.user), role).await
}

/// Adds roles. One that is there already stays.
async fn insert(
    host: &Host,
    database: &impl ConnectionTrait,
    environment: EnvironmentId,
    to: Principal,
    roles: impl IntoIterator<Item = EnvironmentRole>,
) -> Result<()> {
    let (person, team) = match to {
        Principal::Person(person) => (Some(person.0), None),
        Principal::Team(team) => (None, Some(team.0)),
    };
    let rows: Vec<_> = roles
        .into_iter()
        .map(|role| ActiveModel {
            id: Set(host.ids.next()),
            environment_id: Set(environment.0),
            person_id: Set(person),
            team_id: Set(team),
            role: Set(role.name().to_owned()),
        })
        .collect();
    if !rows.is_empty() {
        let again = OnConflict::new().do_nothing().to_owned();
        Entity::insert_many(rows).on_conflict(again).exec_without_returning(database).await?;
    }
    Ok(())
}

/// What one person or team was given in an environment.
fn held(environment: EnvironmentId, principal: Principal) -> Condition {
    let by = match principal {
        Principal::Person(person) => Column::PersonId.eq(person.0),
        Principal::Team(team) => Column::TeamId.eq(team.0),
    };
    Condition::all().add(Column::EnvironmentId.eq(environment.0)).add(by)
}

fn entry(environment: EnvironmentId, name: &str) -> Entry {
    Entry::new(AuditAction::SetRoles, AuditSubject::BuiltInEnvironment).of(environment, name)
}
