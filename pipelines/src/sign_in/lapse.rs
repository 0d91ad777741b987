//! Rights that a provider gave end some time after the person last signed in with it. Somebody who has left, or was taken
//! out of a group, may never sign in again; their tokens would go on with what the provider said once.

use super::identity::{Column, Entity};
use crate::{Caller, Host, Origin, Result, Topic, team, user};
use model::{Timestamp, id::UserId, user::Roles};
use sea_orm::{QueryOrder, QuerySelect, entity::prelude::*};
use std::time::Duration;

/// Accounts that are looked at in one go.
const BATCH: u64 = 100;

/// How long what a provider gives lasts.
#[derive(Clone, Debug)]
pub struct Lasting {
    /// Key of the provider.
    pub provider: String,
    /// The roles it decides over.
    pub managed: Roles,
    /// How long they, and memberships of its groups, last after a sign-in.
    pub lasts: Duration,
}

/// How long memberships last that a provider gave which is not in the configuration any more.
const OF_NOBODY: Duration = Duration::from_hours(30 * 24);

/// Takes back what providers gave to people who did not sign in with them for too long: memberships of groups and the
/// roles the provider decides over. They come back with the next sign-in. Tells how many accounts that were.
pub async fn let_rights_lapse(host: &Host, providers: &[Lasting]) -> Result<u64> {
    let mut lapsed = 0;
    for provider in providers.iter().cloned().chain(gone(host, providers).await?) {
        let lasts = i64::try_from(provider.lasts.as_millis()).unwrap_or(i64::MAX);
        let oldest = Timestamp(host.now().saturating_sub(lasts));
        loop {
            let due = Entity::find()
                .filter(Column::Provider.eq(&provider.provider))
                .filter(Column::LastSignIn.lte(oldest.0))
                .filter(Column::Lapsed.eq(false))
                .order_by_asc(Column::LastSignIn)
                .limit(BATCH)
                .all(&host.database)
                .await?;
            if due.is_empty() {
                break;
            }
            let mut failed = false;
            for identity in due {
                match let_lapse(host, &provider, &identity.subject, UserId(identity.person_id), oldest).await {
                    Ok(taken) => lapsed += u64::from(taken),
                    // One account is in the way of no other.
                    Err(error) => {
                        failed = true;
                        let error = &error as &dyn std::error::Error;
                        tracing::error!(person = %identity.person_id, error, "rights given by a provider stay for now");
                    }
                }
            }
            if failed {
                break;
            }
        }
    }
    Ok(lapsed)
}

/// Providers that gave something and are not in the configuration any more: nobody can sign in with them again.
async fn gone(host: &Host, known: &[Lasting]) -> Result<Vec<Lasting>> {
    let gone: Vec<String> = Entity::find()
        .select_only()
        .column(Column::Provider)
        .distinct()
        .filter(Column::Provider.is_not_in(known.iter().map(|one| one.provider.as_str())))
        .filter(Column::Lapsed.eq(false))
        .into_tuple()
        .all(&host.database)
        .await?;
    let lasting = |provider| Lasting { provider, managed: Roles::NONE, lasts: OF_NOBODY };
    Ok(gone.into_iter().map(lasting).collect())
}

/// One account; false where the person signed in meanwhile, or somebody else was here first.
async fn let_lapse(host: &Host, of: &Lasting, subject: &str, person: UserId, oldest: Timestamp) -> Result<bool> {
    let transaction = host.begin().await?;
    let taken = Entity::update_many()
        .col_expr(Column::Lapsed, Expr::value(true))
        .filter(Column::Provider.eq(&of.provider))
        .filter(Column::Subject.eq(subject))
        .filter(Column::LastSignIn.lte(oldest.0))
        .filter(Column::Lapsed.eq(false))
        .exec(&transaction)
        .await?;
    if taken.rows_affected == 0 {
        return Ok(false);
    }
    let account = user::require(&transaction, person).await?;
    let caller = Caller::new(person, account.display_name, Roles::NONE).from(Origin::system());
    user::take_over_roles(host, &transaction, &caller, of.managed, Roles::NONE).await?;
    team::set_group_memberships(host, &transaction, &caller, &of.provider, &[]).await?;
    transaction.commit().await?;
    host.news.tell(Topic::Person(person));
    Ok(true)
}
