//! How people stand to environments: what they may do there by the roles that they and their teams have.

use super::entity::{Column, Entity};
use crate::{Caller, Error, Host, Result, access, user};
use model::{
    access::{EnvironmentRight, EnvironmentRole},
    id::{EnvironmentId, UserId},
};
use sea_orm::{ColumnTrait, Condition, EntityTrait, QueryFilter};

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
        format!("{who} may not {} in {environment} ({}).", right.label(), right.privilege())
    }

    /// What to do about it.
    pub fn remedy(&self) -> String {
        let Self { who, right, environment, .. } = self;
        let roles = right.role_labels();
        match (self.disabled, self.delegated) {
            (true, true) => "Have an administrator delegate the stage to somebody else.".to_owned(),
            (true, false) => format!("Have an administrator enable the account of {who}."),
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

/// Whether somebody may do something in an environment. In environments that Slipway does not keep itself that cannot be
/// told here: they say so themselves.
pub(crate) async fn may(
    host: &Host,
    caller: &Caller,
    environment: EnvironmentId,
    right: EnvironmentRight,
) -> Result<bool> {
    if access::in_environment(caller.roles, &[], right) {
        return Ok(true);
    }
    let rows = Entity::find()
        .filter(Column::EnvironmentId.eq(environment.0))
        .filter(
            Condition::any()
                .add(Column::PersonId.eq(caller.user.0))
                .add(Column::TeamId.is_in(caller.teams.iter().map(|team| team.0))),
        )
        .all(&host.database)
        .await?;
    let given: Vec<EnvironmentRole> = rows.iter().filter_map(super::entity::Model::role).collect();
    Ok(access::in_environment(caller.roles, &given, right) || !host.built_in.keeps(environment).await?)
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
    if account.enabled && may(host, &caller, environment, right).await? {
        return Ok(None);
    }
    Ok(Some(MissingRight {
        who: account.display_name,
        right,
        environment: name.to_owned(),
        delegated,
        disabled: !account.enabled,
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
            let missing = MissingRight { who, right, environment, delegated, disabled };
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
