//! Accounts of people with OpenID Connect providers.
//!
//! A provider's account is told by what the provider never gives to anybody else, and by nothing more: neither a name
//! nor an e-mail address leads to an account in Slipway. So nobody takes an account over by being called like somebody
//! at a provider. An account that exists already is connected from within, by its person, who confirms it with their
//! password ([`super::confirm_themselves`]).

use crate::{
    Caller, Error, Host, Result, Topic,
    audit::{self, Entry},
    caller::Origin,
    field, team,
    user::{self, NewUser},
};
use model::{
    audit::{AuditAction, AuditSubject},
    id::UserId,
    user::{Person, Role, Roles},
};
use sea_orm::{ActiveValue::Set, DatabaseTransaction, QueryOrder, entity::prelude::*};

/// Characters of what a provider tells an account by, at most.
const LONGEST_SUBJECT: usize = 255;
/// Names that are tried before a person is asked to turn to their administrator.
const MOST_NAMES: u32 = 50;

/// What a provider says of somebody. Everything in it was signed by the provider or fetched from it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ProviderIdentity {
    /// Key of the provider in the configuration.
    pub provider: String,
    /// Name of the provider.
    pub provider_name: String,
    /// What tells the account from all others of the provider, and never changes.
    pub subject: String,
    /// A name to sign in with, as a proposal.
    pub user_name: String,
    /// A name for people, as a proposal.
    pub display_name: String,
    /// The groups the account is in; none when the provider is not asked for them.
    pub groups: Option<Vec<String>>,
    /// The roles that the provider decides over; none when it decides over none.
    pub roles: Option<ProviderRoles>,
    /// Whether somebody who has no account yet is given one.
    pub creates_accounts: bool,
}

/// Security roles that a provider decides over.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ProviderRoles {
    /// Those it decides over.
    pub managed: Roles,
    /// Those of them that it gives this account.
    pub given: Roles,
}

/// A provider's account that is connected with a person.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Identity {
    /// Key of the provider.
    pub provider: String,
    /// When it was connected.
    pub created: model::Timestamp,
    /// When it was last used.
    pub last_sign_in: model::Timestamp,
}

/// Signs in with what a provider says. Groups and roles are taken over anew every time: what was taken away there is
/// gone here. With `connect`, the account is connected with a person who is signed in and has confirmed it.
pub async fn with_provider(
    host: &Host,
    origin: &Origin,
    identity: &ProviderIdentity,
    connect: Option<UserId>,
) -> Result<Person> {
    check(identity)?;
    let transaction = host.begin().await?;
    let key = (identity.provider.clone(), identity.subject.clone());
    let known = Entity::find_by_id(key.clone()).one(&transaction).await?.map(|known| UserId(known.person_id));
    let user = match (known, connect) {
        (Some(known), Some(connect)) if known != connect => {
            return Err(Error::Refused(format!(
                "This account of {} is connected with another account of Slipway already.",
                identity.provider_name
            )));
        }
        (Some(known), _) => known,
        (None, Some(connect)) => {
            add(host, &transaction, identity, connect).await?;
            connect
        }
        (None, None) if identity.creates_accounts => {
            let person = create(host, &transaction, identity).await?;
            add(host, &transaction, identity, person).await?;
            person
        }
        (None, None) => {
            drop(transaction);
            let reason = "The account is connected with nobody.";
            let entry =
                Entry::new(AuditAction::SignIn, AuditSubject::Provider).of(&identity.provider, &identity.provider_name);
            audit::record_stranger(host, &host.database, &identity.user_name, origin, entry.refused(reason)).await?;
            return Err(Error::Refused(format!(
                "There is no account in Slipway for this account of {}. Ask your administrator for one, sign in with its \
                 password, and connect the two on your account's page.",
                identity.provider_name
            )));
        }
    };
    // First, so that rights that lapse at this moment wait for what the provider says, or were taken before it.
    let still_there = Entity::update_many()
        .col_expr(Column::LastSignIn, Expr::value(host.now()))
        .col_expr(Column::Lapsed, Expr::value(false))
        .filter(Column::Provider.eq(key.0))
        .filter(Column::Subject.eq(key.1))
        .exec(&transaction)
        .await?;
    if still_there.rows_affected == 0 {
        return Err(Error::Refused(
            "Your account was disconnected from the provider just now. Sign in again.".to_owned(),
        ));
    }
    // What is taken over is done by the provider for the person, as the log has it.
    let account = user::require(&transaction, user).await?;
    let caller = Caller::new(user, account.display_name, Roles::NONE).from(origin.clone());
    if let Some(roles) = identity.roles {
        user::take_over_roles(host, &transaction, &caller, roles.managed, roles.given).await?;
    }
    if let Some(groups) = &identity.groups {
        team::set_group_memberships(host, &transaction, &caller, &identity.provider, groups).await?;
    }
    transaction.commit().await?;
    host.news.tell(Topic::Person(user));

    // Whatever was taken over, somebody whose account is disabled stays out.
    let Some((caller, person)) = user::visitor(host, user).await? else {
        let entry = Entry::new(AuditAction::SignIn, AuditSubject::Person).of(user, &identity.user_name);
        let entry = entry.set("method", &identity.provider).refused("The account is disabled.");
        audit::record_stranger(host, &host.database, &identity.user_name, origin, entry).await?;
        return Err(Error::Refused("Your account is disabled. Ask your administrator.".to_owned()));
    };
    let entry = Entry::new(AuditAction::SignIn, AuditSubject::Person).of(person.id, &person.user_name);
    let entry = entry.set("method", &identity.provider);
    audit::record(host, &host.database, &caller.from(origin.clone()), entry).await?;
    Ok(person)
}

/// The provider accounts that are connected with the caller.
pub async fn identities(host: &Host, caller: &Caller) -> Result<Vec<Identity>> {
    caller.require_person()?;
    let found = Entity::find()
        .filter(Column::PersonId.eq(caller.user.0))
        .order_by_asc(Column::Provider)
        .all(&host.database)
        .await?;
    Ok(found
        .into_iter()
        .map(|found| Identity {
            provider: found.provider,
            created: model::Timestamp(found.created),
            last_sign_in: model::Timestamp(found.last_sign_in),
        })
        .collect())
}

/// The object ids, in Microsoft Entra ID, of the accounts that are connected with somebody. Subjects of Entra ID are a
/// tenant and an object id; those of other providers are no such pair.
pub(crate) async fn entra_accounts(host: &Host, person: UserId) -> Result<Vec<Uuid>> {
    let found = Entity::find().filter(Column::PersonId.eq(person.0)).all(&host.database).await?;
    let object_id = |identity: Model| Uuid::parse_str(identity.subject.split_once('/')?.1).ok();
    Ok(found.into_iter().filter_map(object_id).collect())
}

/// Disconnects the caller from a provider: the groups and the roles it decides over (`managed`) go with it. Refused when
/// there would be no way left to sign in.
pub async fn disconnect(host: &Host, caller: &Caller, provider: &str, managed: Roles) -> Result<()> {
    caller.require_person()?;
    let transaction = host.begin().await?;
    let own = Column::PersonId.eq(caller.user.0);
    let has_password = user::has_password(&transaction, caller.user).await?;
    if !has_password && Entity::find().filter(own.clone()).count(&transaction).await? < 2 {
        return Err(Error::Refused(
            "You could not sign in any more: you have no password in Slipway. Ask your administrator for one first."
                .to_owned(),
        ));
    }
    let gone = Entity::delete_many().filter(own).filter(Column::Provider.eq(provider)).exec(&transaction).await?;
    if gone.rows_affected == 0 {
        return Err(Error::NotFound("Your account is not connected with this provider.".to_owned()));
    }
    team::set_group_memberships(host, &transaction, caller, provider, &[]).await?;
    user::take_over_roles(host, &transaction, caller, managed, Roles::NONE).await?;
    let entry = Entry::new(AuditAction::Unlink, AuditSubject::Person).of(caller.user, &caller.name);
    audit::record(host, &transaction, caller, entry.gone("provider", provider)).await?;
    transaction.commit().await?;
    host.news.tell(Topic::Person(caller.user));
    Ok(())
}

fn check(identity: &ProviderIdentity) -> Result<()> {
    let subject = &identity.subject;
    let plain = !subject.is_empty() && subject.len() <= LONGEST_SUBJECT && !subject.chars().any(char::is_control);
    if plain {
        return Ok(());
    }
    Err(Error::Refused(format!("{} did not say who you are in a form that Slipway knows.", identity.provider_name)))
}

async fn add(
    host: &Host,
    transaction: &DatabaseTransaction,
    identity: &ProviderIdentity,
    person: UserId,
) -> Result<()> {
    let already = Entity::find().filter(Column::Provider.eq(&identity.provider)).filter(Column::PersonId.eq(person.0));
    if already.count(transaction).await? > 0 {
        return Err(Error::Refused(format!(
            "Your account is connected with another account of {} already. Disconnect that one first.",
            identity.provider_name
        )));
    }
    let now = host.now();
    let row = ActiveModel {
        provider: Set(identity.provider.clone()),
        subject: Set(identity.subject.clone()),
        person_id: Set(person.0),
        created: Set(now),
        last_sign_in: Set(now),
        lapsed: Set(false),
    };
    Entity::insert(row).exec_without_returning(transaction).await?;
    Ok(())
}

/// Gives somebody an account without a password. Its name is the one the provider proposes, or that one with a number
/// when somebody else has it.
async fn create(host: &Host, transaction: &DatabaseTransaction, identity: &ProviderIdentity) -> Result<UserId> {
    let roles = identity.roles.map_or_else(|| Roles::from(Role::PipelineUser), |roles| roles.given);
    let base = user_name(&identity.user_name);
    for number in 1..=MOST_NAMES {
        let name = if number == 1 { base.clone() } else { format!("{base}-{number}") };
        if user::find_by_key(transaction, &field::key(&name)).await?.is_some() {
            continue;
        }
        let display_name = display_name(&identity.display_name, &name);
        let new = NewUser { user_name: name, display_name, roles };
        return user::create_external(host, transaction, &new, &identity.provider).await;
    }
    Err(Error::Refused("There are too many people with your name. Ask your administrator for an account.".to_owned()))
}

/// A proposed name with what may stand in a name to sign in with.
fn user_name(proposed: &str) -> String {
    let allowed = |letter: &char| letter.is_alphanumeric() || matches!(letter, '.' | '-' | '_' | '@');
    let name: String = proposed.chars().filter(allowed).take(user::LONGEST_USER_NAME - 4).collect();
    if name.is_empty() { "person".to_owned() } else { name }
}

fn display_name(proposed: &str, otherwise: &str) -> String {
    let name: String = proposed.chars().filter(|letter| !letter.is_control()).take(field::LONGEST_NAME).collect();
    let name = name.trim();
    if name.is_empty() { otherwise.to_owned() } else { name.to_owned() }
}

/// A provider's account.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "identity")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub provider: String,
    #[sea_orm(primary_key, auto_increment = false)]
    pub subject: String,
    pub person_id: Uuid,
    pub created: i64,
    pub last_sign_in: i64,
    /// Whether what the provider had given was taken again, as nobody signed in for too long.
    pub lapsed: bool,
}

#[derive(Clone, Copy, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing, reason = "tests")]
    use super::*;

    #[test]
    fn a_proposed_name_becomes_one_that_may_be_signed_in_with() {
        for (proposed, name) in [
            ("adele@contoso.com", "adele@contoso.com"),
            ("Adele Vance", "AdeleVance"),
            ("<script>", "script"),
            ("\0 \n", "person"),
            ("", "person"),
        ] {
            assert_eq!(user_name(proposed), name);
        }
        assert!(user_name(&"x".repeat(500)).len() < 64);
        assert_eq!(display_name(" Adele\nVance ", "adele"), "AdeleVance");
        assert_eq!(display_name(" ", "adele"), "adele");
    }
}
