//! The table of roles given to people, and what people may do all in all.

use crate::{Result, team};
use model::{
    id::{TeamId, UserId},
    user::{Role, Roles},
};
use sea_orm::{
    ActiveValue::Set,
    ConnectionTrait, DatabaseTransaction, JoinType, QuerySelect,
    entity::prelude::*,
    sea_query::{ExprTrait, LockType, Query, UnionType},
};
use std::collections::{BTreeSet, HashMap};

/// A role of a person.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "person_role")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub person_id: Uuid,
    #[sea_orm(primary_key, auto_increment = false)]
    pub role: String,
}

#[derive(Clone, Copy, Debug, EnumIter, DeriveRelation)]
pub enum Relation {
    #[sea_orm(belongs_to = "super::entity::Entity", from = "Column::PersonId", to = "super::entity::Column::Id")]
    Person,
}

impl Related<super::entity::Entity> for Entity {
    fn to() -> RelationDef {
        Relation::Person.def()
    }
}

impl ActiveModelBehavior for ActiveModel {}

/// Roles of a person and of their teams, and those teams, in one query.
pub(crate) async fn standing(database: &impl ConnectionTrait, user: UserId) -> Result<(Roles, Vec<TeamId>)> {
    use team::{member, role};
    let through_teams = Query::select()
        .column((member::Entity, member::Column::TeamId))
        .column((role::Entity, role::Column::Role))
        .from(member::Entity)
        .join(
            JoinType::LeftJoin,
            role::Entity,
            Expr::col((role::Entity, role::Column::TeamId)).equals((member::Entity, member::Column::TeamId)),
        )
        .and_where(Expr::col((member::Entity, member::Column::PersonId)).eq(user.0))
        .take();
    let own = Query::select()
        .expr(Expr::cust("NULL"))
        .column(Column::Role)
        .from(Entity)
        .and_where(Column::PersonId.eq(user.0))
        .take();
    let mut both = through_teams;
    both.union(UnionType::All, own);
    let (mut roles, mut teams) = (Roles::NONE, BTreeSet::new());
    for row in database.query_all(&both).await? {
        if let Some(team) = row.try_get::<Option<Uuid>>("", "team_id")? {
            teams.insert(TeamId(team));
        }
        let role = row.try_get::<Option<String>>("", "role")?;
        roles = roles.and(role.as_deref().and_then(Role::from_name).into_iter().collect());
    }
    Ok((roles, teams.into_iter().collect()))
}

/// Roles that a person has through their teams.
pub(super) async fn through_teams(database: &impl ConnectionTrait, user: UserId) -> Result<Roles> {
    use team::{member, role};
    let teams = Query::select()
        .column(member::Column::TeamId)
        .from(member::Entity)
        .and_where(member::Column::PersonId.eq(user.0))
        .take();
    let rows = role::Entity::find().filter(role::Column::TeamId.in_subquery(teams)).all(database).await?;
    Ok(role::roles(&rows))
}

/// Roles given to one person.
pub(super) async fn of(database: &impl ConnectionTrait, user: UserId) -> Result<Roles> {
    let rows = Entity::find().filter(Column::PersonId.eq(user.0)).all(database).await?;
    Ok(rows.iter().filter_map(|row| Role::from_name(&row.role)).collect())
}

/// Roles given to every person who has one.
pub(crate) async fn of_all(database: &impl ConnectionTrait) -> Result<HashMap<UserId, Roles>> {
    let mut roles: HashMap<UserId, Roles> = HashMap::new();
    for row in Entity::find().all(database).await? {
        let of = roles.entry(UserId(row.person_id)).or_default();
        *of = of.and(Role::from_name(&row.role).into_iter().collect());
    }
    Ok(roles)
}

/// Gives a person exactly these roles.
pub(super) async fn replace(transaction: &DatabaseTransaction, user: UserId, roles: Roles) -> Result<()> {
    Entity::delete_many().filter(Column::PersonId.eq(user.0)).exec(transaction).await?;
    let rows = roles.iter().map(|role| ActiveModel { person_id: Set(user.0), role: Set(role.name().to_owned()) });
    if !roles.is_empty() {
        Entity::insert_many(rows).exec_without_returning(transaction).await?;
    }
    Ok(())
}

/// Holds all system administrators until the transaction ends, so that two of them cannot take each other's role away
/// at the same time.
pub(super) async fn lock_administrators(transaction: &DatabaseTransaction) -> Result<()> {
    Entity::find().filter(Column::Role.eq(Role::SystemAdministrator.name())).lock_exclusive().all(transaction).await?;
    Ok(())
}

/// Holds the roles of a person until the transaction ends: they are read and written again as a whole. Nobody who merely
/// refers to the person waits.
pub(super) async fn lock(transaction: &DatabaseTransaction, user: UserId) -> Result<()> {
    super::entity::Entity::find_by_id(user.0).lock(LockType::NoKeyUpdate).one(transaction).await?;
    Ok(())
}

/// Whether somebody who can sign in is System Administrator by themselves, not through a team that a provider may empty.
pub(super) async fn has_administrator(transaction: &DatabaseTransaction) -> Result<bool> {
    let left = Entity::find()
        .filter(Column::Role.eq(Role::SystemAdministrator.name()))
        .inner_join(super::entity::Entity)
        .filter(super::entity::Column::Enabled.eq(true))
        .filter(super::entity::Column::Kind.eq(super::entity::PERSON))
        .count(transaction)
        .await?;
    Ok(left > 0)
}
