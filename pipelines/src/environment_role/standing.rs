//! How people stand to environments: what they may do there by the roles that they and their teams have.

use super::entity::{Column, Entity};
use crate::{
    Caller, Error, Host, Result, access, sign_in,
    user::{self, entity::SERVICE},
};
use model::{
    access::{EnvironmentRight, EnvironmentRole},
    id::{EnvironmentId, UserId},
};
use sea_orm::{ColumnTrait, Condition, EntityTrait, QueryFilter};
use std::collections::{BTreeMap, BTreeSet};

/// A right that somebody would need in an environment and does not have.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MissingRight {
    /// Name of who lacks it.
    pub who: String,
    /// What they lack.
    pub right: EnvironmentRight,
    /// Name of the environment.
    pub environment: String,
    /// Whether it is not who asks, but whom a delegated stage deploys as.
    pub delegated: bool,
    /// Whether their account is disabled, so that no role would help.
    pub disabled: bool,
    /// Whether the environment cannot know them: it keeps people by their accounts in Microsoft Entra ID, and theirs is
    /// not connected with one.
    pub unknown: bool,
}

impl MissingRight {
    /// Who lacks what, and where.
    pub fn sentence(&self) -> String {
        let Self { who, right, environment, .. } = self;
        let who = if self.delegated { format!("This stage is delegated to {who}, who") } else { who.clone() };
        if self.disabled {
            let gap = if self.delegated { " is disabled and" } else { ", whose account is disabled," };
            return format!("{who}{gap} may not {} in {environment}.", right.label());
        }
        let reason = if self.unknown { ": it does not know them" } else { "" };
        format!("{who} may not {} in {environment} ({}){reason}.", right.label(), right.privilege())
    }

    /// What to do about it.
    pub fn remedy(&self) -> String {
        let Self { who, right, environment, .. } = self;
        let roles = right.role_labels();
        match (self.disabled, self.delegated) {
            (true, true) => "Have an administrator delegate the stage to somebody else.".to_owned(),
            (true, false) => format!("Have an administrator enable the account of {who}."),
            (false, _) if self.unknown => {
                let delegate = if *right == EnvironmentRight::Import {
                    ", or delegate the stage to a service identity"
                } else {
                    ""
                };
                format!(
                    "Have {who} connect their account with Microsoft Entra ID and an administrator give that account the role {roles} in {environment}{delegate}."
                )
            }
            (false, true) => format!("Have an administrator give {who} the role {roles} in {environment}."),
            (false, false) => {
                let delegate = if *right == EnvironmentRight::Import { ", or delegate the stage" } else { "" };
                format!(
                    "Have an administrator give {who}, or a team of theirs, the role {roles} in {environment}{delegate}."
                )
            }
        }
    }
}

/// Whether somebody may do something in an environment.
pub(crate) async fn may(
    host: &Host,
    caller: &Caller,
    environment: EnvironmentId,
    right: EnvironmentRight,
) -> Result<bool> {
    Ok(may_as(host, caller, false, environment, right).await? == Verdict::May)
}

/// What there is to say to somebody who wants to do something.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Verdict {
    May,
    Lacks,
    /// The environment cannot know them.
    Unknown,
}

/// Decides by roles: those that are given in an environment that Slipway keeps itself, and in any other one those that
/// it gives itself to the person's account in Microsoft Entra ID. A service identity is, in such an environment, the
/// application that Slipway signs in as, which an administrator let in.
async fn may_as(
    host: &Host,
    caller: &Caller,
    is_service: bool,
    environment: EnvironmentId,
    right: EnvironmentRight,
) -> Result<Verdict> {
    if access::in_environment(caller.roles, &[], right) {
        return Ok(Verdict::May);
    }
    let verdict = |roles: &[EnvironmentRole]| {
        if access::in_environment(caller.roles, roles, right) { Verdict::May } else { Verdict::Lacks }
    };
    if host.built_in.keeps(environment).await? {
        let rows = Entity::find()
            .filter(Column::EnvironmentId.eq(environment.0))
            .filter(held_by(caller))
            .all(&host.database)
            .await?;
        let given: Vec<EnvironmentRole> = rows.iter().filter_map(super::entity::Model::role).collect();
        return Ok(verdict(&given));
    }
    if is_service {
        return Ok(Verdict::May);
    }
    let accounts = sign_in::entra_accounts(host, caller.user).await?;
    if accounts.is_empty() {
        return Ok(Verdict::Unknown);
    }
    let opened = host.environments.open(environment).await?;
    let mut given = Vec::new();
    for account in accounts {
        let names = opened.roles_of(account).await?.unwrap_or_default();
        given.extend(EnvironmentRole::ALL.into_iter().filter(|role| names.iter().any(|name| name == role.label())));
    }
    Ok(verdict(&given))
}

/// Those of some environments that somebody is offered to do something in, for lists. Environments that Slipway does not
/// keep are not asked for that: they are offered to whoever they can know, and asked when one is chosen.
pub(crate) async fn offered(
    host: &Host,
    caller: &Caller,
    environments: Vec<EnvironmentId>,
    right: EnvironmentRight,
) -> Result<BTreeSet<EnvironmentId>> {
    if access::in_environment(caller.roles, &[], right) {
        return Ok(environments.into_iter().collect());
    }
    let kept: BTreeSet<_> = host.built_in.list().await?.into_iter().map(|kept| kept.id).collect();
    let mut given: BTreeMap<EnvironmentId, Vec<EnvironmentRole>> = BTreeMap::new();
    for row in Entity::find().filter(held_by(caller)).all(&host.database).await? {
        given.entry(EnvironmentId(row.environment_id)).or_default().extend(row.role());
    }
    let is_known = !sign_in::entra_accounts(host, caller.user).await?.is_empty();
    let may = |given: &Vec<EnvironmentRole>| access::in_environment(caller.roles, given, right);
    let is_offered = |environment: &EnvironmentId| {
        if kept.contains(environment) { given.get(environment).is_some_and(may) } else { is_known }
    };
    Ok(environments.into_iter().filter(is_offered).collect())
}

/// Roles of a person and of their teams.
fn held_by(caller: &Caller) -> Condition {
    Condition::any()
        .add(Column::PersonId.eq(caller.user.0))
        .add(Column::TeamId.is_in(caller.teams.iter().map(|team| team.0)))
}

/// Goes on only where the caller has a right in an environment.
pub(crate) async fn require(
    host: &Host,
    caller: &Caller,
    (environment, name): (EnvironmentId, &str),
    right: EnvironmentRight,
) -> Result<()> {
    if may(host, caller, environment, right).await? {
        return Ok(());
    }
    Err(Error::Forbidden(format!(
        "You may not {} in {name} ({}). Ask an administrator for the role {} there.",
        right.label(),
        right.privilege(),
        right.role_labels()
    )))
}

/// What somebody lacks to do something in an environment, as they stand at the moment; none where they lack nothing.
/// `delegated` where a stage deploys as them.
pub(crate) async fn missing(
    host: &Host,
    person: UserId,
    delegated: bool,
    (environment, name): (EnvironmentId, &str),
    right: EnvironmentRight,
) -> Result<Option<MissingRight>> {
    let account = user::require(&host.database, person).await?;
    let (roles, teams) = user::role::standing(&host.database, person).await?;
    let caller = Caller::new(person, &account.display_name, roles).among(teams);
    let verdict = if account.enabled {
        may_as(host, &caller, account.kind == SERVICE, environment, right).await?
    } else {
        Verdict::Lacks
    };
    if verdict == Verdict::May {
        return Ok(None);
    }
    Ok(Some(MissingRight {
        who: account.display_name,
        right,
        environment: name.to_owned(),
        delegated,
        disabled: !account.enabled,
        unknown: verdict == Verdict::Unknown,
    }))
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing, reason = "tests")]

    use super::*;

    #[test]
    fn a_missing_right_says_who_lacks_what_where_and_what_helps() {
        let missing = |right, delegated, disabled| {
            let (who, environment) = ("Miguel Silva".to_owned(), "Contoso Test".to_owned());
            let missing = MissingRight { who, right, environment, delegated, disabled, unknown: false };
            format!("{} {}", missing.sentence(), missing.remedy())
        };
        assert_eq!(
            missing(EnvironmentRight::Import, false, false),
            "Miguel Silva may not import solutions in Contoso Test (prvImportCustomization). Have an administrator give \
             Miguel Silva, or a team of theirs, the role System Customizer or System Administrator in Contoso Test, or \
             delegate the stage."
        );
        assert_eq!(
            missing(EnvironmentRight::Export, false, false),
            "Miguel Silva may not export solutions in Contoso Test (prvExportCustomization). Have an administrator give \
             Miguel Silva, or a team of theirs, the role Environment Maker, System Customizer or System Administrator in \
             Contoso Test."
        );
        assert_eq!(
            missing(EnvironmentRight::Import, true, false),
            "This stage is delegated to Miguel Silva, who may not import solutions in Contoso Test \
             (prvImportCustomization). Have an administrator give Miguel Silva the role System Customizer or System \
             Administrator in Contoso Test."
        );
        assert_eq!(
            missing(EnvironmentRight::Import, true, true),
            "This stage is delegated to Miguel Silva, who is disabled and may not import solutions in Contoso Test. Have \
             an administrator delegate the stage to somebody else."
        );
        assert_eq!(
            missing(EnvironmentRight::Import, false, true),
            "Miguel Silva, whose account is disabled, may not import solutions in Contoso Test. Have an administrator \
             enable the account of Miguel Silva."
        );
    }
}
