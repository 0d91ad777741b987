//! Teams: people who have roles and shares together.
//!
//! Members are put in by hand, or come from a group of an identity provider: then signing in writes who is one
//! ([`set_group_memberships`]) and nobody else does.

use crate::{
    Caller, Error, Host, Result, access,
    audit::{self, Entry},
    field::{self, Fields},
    user,
};
use model::{
    audit::{AuditAction, AuditSubject},
    id::{TeamId, UserId},
    team::{Member, Membership, Team, TeamSummary},
    user::Roles,
};
use sea_orm::{
    ActiveValue::Set,
    ConnectionTrait, DatabaseTransaction, QuerySelect,
    entity::prelude::*,
    sea_query::{ExprTrait, OnConflict},
};
use std::collections::{BTreeSet, HashMap};

pub(crate) mod entity;
pub(crate) mod member;
pub(crate) mod role;

use entity::{ActiveModel, Column, Entity, Model};

/// Characters of a group's id at a provider.
const LONGEST_GROUP: usize = 200;

/// What the form of a team holds.
#[derive(Clone, Debug)]
pub struct TeamForm {
    /// Name.
    pub name: String,
    /// Description, possibly empty.
    pub description: String,
    /// The person who may change who is a member, beside system administrators.
    pub administrator: Option<UserId>,
    /// Security roles of its members.
    pub roles: Roles,
    /// Where members come from.
    pub membership: Membership,
}

/// Every team, by name, in three queries. Administrators of either kind.
pub async fn list(host: &Host, caller: &Caller) -> Result<Vec<TeamSummary>> {
    access::people(caller)?;
    let mut roles: HashMap<Uuid, Vec<role::Model>> = HashMap::new();
    for row in role::Entity::find().all(&host.database).await? {
        roles.entry(row.team_id).or_default().push(row);
    }
    let counted: Vec<(Uuid, i64)> = member::Entity::find()
        .select_only()
        .column(member::Column::TeamId)
        .column_as(Expr::col(member::Column::PersonId).count(), "members")
        .group_by(member::Column::TeamId)
        .into_tuple()
        .all(&host.database)
        .await?;
    let counted: HashMap<_, _> = counted.into_iter().collect();
    let mut teams: Vec<_> = Entity::find()
        .all(&host.database)
        .await?
        .into_iter()
        .map(|team| TeamSummary {
            id: TeamId(team.id),
            membership: team.membership(),
            roles: roles.get(&team.id).map(role::roles).unwrap_or_default(),
            members: counted.get(&team.id).and_then(|count| u64::try_from(*count).ok()).unwrap_or_default(),
            name: team.name,
            description: team.description,
        })
        .collect();
    teams.sort_by_cached_key(|team| (field::key(&team.name), team.id));
    Ok(teams)
}

/// One team with its members. Administrators of either kind, and the administrator of the team itself.
pub async fn get(host: &Host, caller: &Caller, id: TeamId) -> Result<Team> {
    let team = find(&host.database, id).await?.ok_or_else(not_found)?;
    access::see_team(caller, team.administrator()).map_err(|_| not_found())?;
    let roles = role::Entity::find().filter(role::Column::TeamId.eq(id.0)).all(&host.database).await?;
    let members = member::Entity::find()
        .filter(member::Column::TeamId.eq(id.0))
        .find_also_related(user::entity::Entity)
        .all(&host.database)
        .await?;
    let mut members: Vec<_> = members
        .into_iter()
        .filter_map(|(_, person)| person)
        .map(|person| Member { id: UserId(person.id), name: person.display_name, user_name: person.user_name })
        .collect();
    members.sort_by_cached_key(|member| (field::key(&member.name), member.id));
    Ok(Team {
        id,
        administrator: team.administrator(),
        membership: team.membership(),
        roles: role::roles(&roles),
        name: team.name,
        description: team.description,
        members,
        row_version: team.row_version,
    })
}

/// Teams whose members the caller looks after, by name: those of which they are the administrator.
pub async fn administered(host: &Host, caller: &Caller) -> Result<Vec<(TeamId, String)>> {
    let teams = Entity::find().filter(Column::AdministratorId.eq(caller.user.0)).all(&host.database).await?;
    let mut teams: Vec<_> = teams.into_iter().map(|team| (TeamId(team.id), team.name)).collect();
    teams.sort_by_cached_key(|(_, name)| field::key(name));
    Ok(teams)
}

/// People who are no members yet and can become some, by name. For whoever may say who is a member; nobody otherwise.
pub async fn people_to_add(host: &Host, caller: &Caller, id: TeamId) -> Result<Vec<(UserId, String)>> {
    let team = find(&host.database, id).await?.ok_or_else(not_found)?;
    if access::change_members(caller, team.administrator()).is_err() {
        return Ok(Vec::new());
    }
    let members = member::Entity::find().filter(member::Column::TeamId.eq(id.0)).all(&host.database).await?;
    let members: BTreeSet<_> = members.into_iter().map(|member| member.person_id).collect();
    let people = user::entity::Entity::find()
        .filter(user::entity::Column::Enabled.eq(true))
        .filter(user::entity::Column::Kind.eq(user::entity::PERSON))
        .all(&host.database)
        .await?;
    let others = people.into_iter().filter(|person| !members.contains(&person.id));
    let mut others: Vec<_> = others.map(|person| (UserId(person.id), person.display_name)).collect();
    others.sort_by_cached_key(|(_, name)| field::key(name));
    Ok(others)
}

/// Creates a team without members. System Administrators only.
///
/// Fields: `name`, `description`, `administrator`, `provider`, `group_id`.
pub async fn create(host: &Host, caller: &Caller, form: &TeamForm) -> Result<TeamId> {
    let entry = || Entry::new(AuditAction::Create, AuditSubject::Team).named(&form.name);
    access::permit(host, caller, access::accounts(caller), entry).await?;
    let good = form.check(host).await?;
    let (id, now) = (host.ids.next(), host.now());
    let team = ActiveModel {
        id: Set(id),
        name_key: Set(field::key(&good.name)),
        name: Set(good.name.clone()),
        description: Set(good.description.clone()),
        administrator_id: Set(form.administrator.map(Uuid::from)),
        provider: Set(good.provider.clone()),
        group_id: Set(good.group_id.clone()),
        row_version: Set(1),
        created: Set(now),
        modified: Set(now),
    };
    let transaction = host.begin().await?;
    team.insert(&transaction).await.map_err(|error| name_taken(error, &good.name))?;
    set_roles(&transaction, id, form.roles).await?;
    let entry = Entry::new(AuditAction::Create, AuditSubject::Team)
        .of(id, &good.name)
        .set("description", &good.description)
        .set("roles", form.roles.names().join(" "))
        .set("members_from", good.members_from());
    audit::record(host, &transaction, caller, entry).await?;
    transaction.commit().await?;
    Ok(TeamId(id))
}

/// Changes a team. Members of a team whose members come from elsewhere from now on are members no more. System
/// Administrators only.
///
/// Fields: `name`, `description`, `administrator`, `provider`, `group_id`.
pub async fn update(host: &Host, caller: &Caller, id: TeamId, form: &TeamForm, row_version: i32) -> Result<()> {
    let entry = || Entry::new(AuditAction::Update, AuditSubject::Team).of(id, &form.name);
    access::permit(host, caller, access::accounts(caller), entry).await?;
    let good = form.check(host).await?;
    let transaction = host.begin().await?;
    let before = lock(&transaction, id).await?;
    if before.row_version != row_version {
        return Err(Error::Changed(format!("The team “{}”", before.name)));
    }
    let roles = role::Entity::find().filter(role::Column::TeamId.eq(id.0)).all(&transaction).await?;
    Entity::update_many()
        .col_expr(Column::Name, Expr::value(good.name.as_str()))
        .col_expr(Column::NameKey, Expr::value(field::key(&good.name)))
        .col_expr(Column::Description, Expr::value(good.description.as_str()))
        .col_expr(Column::AdministratorId, Expr::value(form.administrator.map(Uuid::from)))
        .col_expr(Column::Provider, Expr::value(good.provider.clone()))
        .col_expr(Column::GroupId, Expr::value(good.group_id.clone()))
        .col_expr(Column::RowVersion, Expr::col(Column::RowVersion).add(1))
        .col_expr(Column::Modified, Expr::value(host.now()))
        .filter(Column::Id.eq(id.0))
        .exec(&transaction)
        .await
        .map_err(|error| name_taken(error, &good.name))?;
    set_roles(&transaction, id.0, form.roles).await?;
    if before.membership() != form.membership {
        member::Entity::delete_many().filter(member::Column::TeamId.eq(id.0)).exec(&transaction).await?;
    }
    let person = |id: Option<UserId>| id.map(|id| id.to_string()).unwrap_or_default();
    let entry = Entry::new(AuditAction::Update, AuditSubject::Team)
        .of(id, &good.name)
        .field("name", &before.name, &good.name)
        .field("description", &before.description, &good.description)
        .field("administrator", person(before.administrator()), person(form.administrator))
        .field("roles", role::roles(&roles).names().join(" "), form.roles.names().join(" "))
        .field("members_from", members_from(&before.membership()), good.members_from());
    audit::record(host, &transaction, caller, entry).await?;
    Ok(transaction.commit().await?)
}

/// Deletes a team with its memberships and shares. Refused while it owns pipelines. System Administrators only.
pub async fn delete(host: &Host, caller: &Caller, id: TeamId) -> Result<()> {
    let entry = || Entry::new(AuditAction::Delete, AuditSubject::Team).of(id, "");
    access::permit(host, caller, access::accounts(caller), entry).await?;
    let transaction = host.begin().await?;
    let team = lock(&transaction, id).await?;
    let owned = crate::pipeline::owned_by_team(&transaction, id).await?;
    if !owned.is_empty() {
        return Err(Error::Refused(format!(
            "“{}” cannot be deleted, because it owns {}. Give {} another owner first.",
            team.name,
            owned.iter().map(|name| format!("“{name}”")).collect::<Vec<_>>().join(", "),
            if owned.len() == 1 { "it" } else { "them" }
        )));
    }
    Entity::delete_by_id(id.0).exec(&transaction).await?;
    let entry = Entry::new(AuditAction::Delete, AuditSubject::Team).of(id, &team.name);
    audit::record(host, &transaction, caller, entry.gone("description", &team.description)).await?;
    Ok(transaction.commit().await?)
}

/// Makes a person a member. Making a member one again does nothing. System Administrators and the administrator of the
/// team.
///
/// Field: `person`.
pub async fn add_member(host: &Host, caller: &Caller, id: TeamId, person: UserId) -> Result<()> {
    change_members(host, caller, id, person, AuditAction::AddMember).await
}

/// Makes a person a member no more. System Administrators and the administrator of the team.
pub async fn remove_member(host: &Host, caller: &Caller, id: TeamId, person: UserId) -> Result<()> {
    change_members(host, caller, id, person, AuditAction::RemoveMember).await
}

async fn change_members(host: &Host, caller: &Caller, id: TeamId, person: UserId, action: AuditAction) -> Result<()> {
    let team = find(&host.database, id).await?.ok_or_else(not_found)?;
    let entry = || Entry::new(action, AuditSubject::Team).of(id, &team.name).set("member", person);
    // Whoever may not see the team is told that there is none.
    let decision = access::change_members(caller, team.administrator());
    if let Err(error) = access::permit(host, caller, decision, entry).await {
        return Err(if access::see_team(caller, team.administrator()).is_ok() { error } else { not_found() });
    }
    let transaction = host.begin().await?;
    let team = lock(&transaction, id).await?;
    if team.membership() != Membership::Local {
        return Err(Error::Refused(
            "The members of this team come from a group of an identity provider. Change the group there.".to_owned(),
        ));
    }
    let known = user::entity::Entity::find_by_id(person.0).one(&transaction).await?;
    let known = known.ok_or_else(|| Error::field("person", "Choose a person."))?;
    let changed = if action == AuditAction::AddMember {
        put_in(&transaction, id, person).await?
    } else {
        member::Entity::delete_by_id((id.0, person.0)).exec(&transaction).await?.rows_affected > 0
    };
    if changed {
        let entry = Entry::new(action, AuditSubject::Team).of(id, &team.name);
        let entry = if action == AuditAction::AddMember {
            entry.set("member", known.display_name)
        } else {
            entry.gone("member", known.display_name)
        };
        audit::record(host, &transaction, caller, entry).await?;
    }
    Ok(transaction.commit().await?)
}

/// Makes a person a member of exactly those teams of a provider whose groups it says they are in. Called at sign-in,
/// in its transaction; tells whether anything changed.
pub async fn set_group_memberships(
    host: &Host,
    transaction: &DatabaseTransaction,
    caller: &Caller,
    provider: &str,
    group_ids: &[String],
) -> Result<bool> {
    let groups: BTreeSet<&str> = group_ids.iter().map(String::as_str).collect();
    let teams = Entity::find().filter(Column::Provider.eq(provider)).all(transaction).await?;
    let current = member::Entity::find().filter(member::Column::PersonId.eq(caller.user.0)).all(transaction).await?;
    let current: BTreeSet<_> = current.into_iter().map(|member| member.team_id).collect();
    let mut changed = false;
    for team in teams {
        let wanted = team.group_id.as_deref().is_some_and(|group| groups.contains(group));
        let entry = match (current.contains(&team.id), wanted) {
            (false, true) => {
                put_in(transaction, TeamId(team.id), caller.user).await?;
                Entry::new(AuditAction::AddMember, AuditSubject::Team)
                    .of(team.id, &team.name)
                    .set("member", &caller.name)
            }
            (true, false) => {
                member::Entity::delete_by_id((team.id, caller.user.0)).exec(transaction).await?;
                Entry::new(AuditAction::RemoveMember, AuditSubject::Team)
                    .of(team.id, &team.name)
                    .gone("member", &caller.name)
            }
            _ => continue,
        };
        audit::record(host, transaction, caller, entry).await?;
        changed = true;
    }
    Ok(changed)
}

async fn put_in(transaction: &DatabaseTransaction, team: TeamId, person: UserId) -> Result<bool> {
    let row = member::ActiveModel { team_id: Set(team.0), person_id: Set(person.0) };
    let written = member::Entity::insert(row)
        .on_conflict(OnConflict::columns([member::Column::TeamId, member::Column::PersonId]).do_nothing().to_owned())
        .exec_without_returning(transaction)
        .await?;
    Ok(written > 0)
}

async fn set_roles(transaction: &DatabaseTransaction, team: Uuid, roles: Roles) -> Result<()> {
    role::Entity::delete_many().filter(role::Column::TeamId.eq(team)).exec(transaction).await?;
    if !roles.is_empty() {
        let rows = roles.iter().map(|role| role::ActiveModel { team_id: Set(team), role: Set(role.name().to_owned()) });
        role::Entity::insert_many(rows).exec_without_returning(transaction).await?;
    }
    Ok(())
}

/// What a form comes to when nothing is wrong.
struct Good {
    name: String,
    description: String,
    provider: Option<String>,
    group_id: Option<String>,
}

impl Good {
    fn members_from(&self) -> String {
        match (&self.provider, &self.group_id) {
            (Some(provider), Some(group_id)) => format!("{provider} {group_id}"),
            _ => String::new(),
        }
    }
}

fn members_from(membership: &Membership) -> String {
    match membership {
        Membership::Local => String::new(),
        Membership::Group { provider, group_id } => format!("{provider} {group_id}"),
    }
}

impl TeamForm {
    async fn check(&self, host: &Host) -> Result<Good> {
        let mut fields = Fields::new();
        let name = fields.name(&self.name);
        let description = fields.description(&self.description);
        if let Some(administrator) = self.administrator
            && user::entity::Entity::find_by_id(administrator.0).count(&host.database).await? == 0
        {
            fields.problem("administrator", "Choose a person as administrator, or nobody.");
        }
        let (provider, group_id) = match &self.membership {
            Membership::Local => (None, None),
            Membership::Group { provider, group_id } => (
                Some(fields.required("provider", "the name of the provider", provider, field::LONGEST_NAME)),
                Some(fields.required("group_id", "the id of the group", group_id, LONGEST_GROUP)),
            ),
        };
        fields.finish()?;
        Ok(Good { name, description, provider, group_id })
    }
}

async fn find(database: &impl ConnectionTrait, id: TeamId) -> Result<Option<Model>> {
    Ok(Entity::find_by_id(id.0).one(database).await?)
}

async fn lock(transaction: &DatabaseTransaction, id: TeamId) -> Result<Model> {
    Entity::find_by_id(id.0).lock_exclusive().one(transaction).await?.ok_or_else(not_found)
}

fn name_taken(error: DbErr, name: &str) -> Error {
    field::name_taken(error, "name", format!("There is a team named “{name}” already. Choose another name."))
}

fn not_found() -> Error {
    Error::NotFound("There is no such team, or you may not see it.".to_owned())
}
