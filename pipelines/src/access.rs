//! What a caller may do, decided here and nowhere else.
//!
//! The rules are pure: who somebody is and how they stand to a thing go in, and what they may do comes out. Operations
//! that change something go through [`permit`], which writes a refusal into the audit log.

use crate::{
    Caller, Error, Host, Result,
    audit::{self, Entry},
};
use model::{
    access::{AccessRight, AccessRights, EnvironmentRight, EnvironmentRole},
    audit::{AuditAction, AuditSubject},
    id::UserId,
    token::{Scope, Scopes},
    user::{Role, Roles},
};

/// Whether a person may configure environments, pipelines and stages.
pub(crate) fn configuration(caller: &Caller) -> Result<()> {
    needs(caller, Role::PipelineAdministrator)
}

/// Whether a person may make personal pipelines.
pub(crate) fn personal_pipelines(caller: &Caller) -> Result<()> {
    configuration(caller).or_else(|_| needs(caller, Role::PipelineDefault))
}

/// Whether a person may look after people, teams, roles and the audit log.
pub(crate) fn accounts(caller: &Caller) -> Result<()> {
    needs(caller, Role::SystemAdministrator)
}

/// Whether a person may see who has an account and which teams there are, to choose owners and to give roles.
pub(crate) fn people(caller: &Caller) -> Result<()> {
    accounts(caller).or_else(|_| configuration(caller))
}

/// Whether a person may see a team and its members. `administrator` is the team's.
pub(crate) fn see_team(caller: &Caller, administrator: Option<UserId>) -> Result<()> {
    people(caller).or_else(|_| change_members(caller, administrator))
}

/// Whether a person may say who is a member of a team. Not its roles: those are for System Administrators.
pub(crate) fn change_members(caller: &Caller, administrator: Option<UserId>) -> Result<()> {
    if administrator == Some(caller.user) {
        return Ok(());
    }
    accounts(caller)
}

/// How somebody stands to a pipeline.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Standing {
    /// Whether it is theirs, or their team's.
    pub owns: bool,
    /// What is shared with them, directly and through teams.
    pub shared: AccessRights,
    /// Whether it is a personal pipeline.
    pub personal: bool,
}

/// What somebody may do with a pipeline. Roles come first: what is shared with somebody, or belongs to them, counts only
/// with a role that lets them use pipelines.
pub(crate) fn pipeline(roles: Roles, standing: Standing) -> AccessRights {
    let read_and_write = AccessRights::from(AccessRight::Read).with(AccessRight::Write);
    let most = if standing.personal { read_and_write } else { AccessRights::ALL };
    if roles.has(Role::PipelineAdministrator) {
        return most;
    }
    if standing.personal {
        return if standing.owns && roles.has(Role::PipelineDefault) { most } else { AccessRights::NONE };
    }
    if !roles.has(Role::PipelineUser) {
        return AccessRights::NONE;
    }
    if standing.owns { most } else { standing.shared }
}

/// Whether a right on a pipeline is there.
pub(crate) fn has(rights: AccessRights, right: AccessRight) -> Result<()> {
    if rights.has(right) {
        return Ok(());
    }
    Err(Error::Forbidden(format!("This needs the right {} on the pipeline.", right.label())))
}

/// Whether one of some rights on a pipeline is there.
pub(crate) fn any_of<const N: usize>(rights: AccessRights, wanted: [AccessRight; N]) -> Result<()> {
    if wanted.iter().any(|right| rights.has(*right)) {
        return Ok(());
    }
    let labels = wanted.map(AccessRight::label).join(" or ");
    Err(Error::Forbidden(format!("This needs the right {labels} on the pipeline.")))
}

/// Whether somebody with rights may give these, or take them away: nobody gives more than they have.
pub(crate) fn gives(own: AccessRights, given: AccessRights) -> Result<()> {
    match given.iter().find(|right| !own.has(*right)) {
        None => Ok(()),
        Some(right) => Err(Error::Forbidden(format!("You do not have the right {} yourself.", right.label()))),
    }
}

/// Whether security roles make somebody System Administrator of every environment that Slipway keeps itself: whoever
/// configures environments could give themselves any role there, and is never locked out.
pub(crate) fn administers_environments(roles: Roles) -> bool {
    roles.has(Role::PipelineAdministrator)
}

/// Whether somebody may do something in an environment that Slipway keeps itself, by their security roles and by the
/// roles that they and their teams were given there.
pub(crate) fn in_environment(roles: Roles, given: &[EnvironmentRole], right: EnvironmentRight) -> bool {
    administers_environments(roles) || given.iter().any(|role| role.gives(right))
}

fn needs(caller: &Caller, role: Role) -> Result<()> {
    if caller.roles.has(role) {
        Ok(())
    } else {
        Err(Error::Forbidden(format!("This needs the role {}.", role.label())))
    }
}

/// Goes on with a change of environments, pipelines or stages, for Deployment Pipeline Administrators; as [`permit`].
pub(crate) async fn configure(host: &Host, caller: &Caller, entry: impl FnOnce() -> Entry) -> Result<()> {
    permit(host, caller, configuration(caller), entry).await
}

/// Goes on with a change that was allowed. One that was forbidden is written into the audit log as `entry` and stays
/// forbidden. Outside of a transaction: what is refused changes nothing else.
pub(crate) async fn permit<T>(
    host: &Host,
    caller: &Caller,
    decision: Result<T>,
    entry: impl FnOnce() -> Entry,
) -> Result<T> {
    if decision.is_ok() && caller.scopes == Scopes::ALL {
        return decision;
    }
    let entry = entry();
    let decision = decision.and_then(|allowed| within_scopes(caller, &entry).map(|()| allowed));
    if let Err(error @ Error::Forbidden(_)) = &decision {
        audit::record(host, &host.database, caller, entry.refused(error)).await?;
    }
    decision
}

/// Whether the caller's token is made for a change.
fn within_scopes(caller: &Caller, entry: &Entry) -> Result<()> {
    let scope = scope(entry.action(), entry.subject());
    if caller.scopes.allow(scope) {
        return Ok(());
    }
    Err(Error::Forbidden(format!("This token may not do this: it needs the scope {}.", scope.label())))
}

/// The scope that a token needs for a change: what makers do is deploying, everything else is administering.
fn scope(action: AuditAction, subject: AuditSubject) -> Scope {
    use AuditAction as Action;
    use AuditSubject as Subject;
    match (action, subject) {
        (Action::Use | Action::Open | Action::Download | Action::Export, _) => Scope::Read,
        (Action::Prevent | Action::Allow | Action::Override | Action::Move, _) => Scope::Administer,
        (Action::Settle, _)
        | (Action::Validate, Subject::Stage)
        | (_, Subject::Run | Subject::Artifact | Subject::Solution | Subject::Connection) => Scope::Deploy,
        _ => Scope::Administer,
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing, reason = "tests")]

    use super::*;
    use model::id::TeamId;
    use proptest::prelude::*;

    #[test]
    fn a_token_needs_the_scope_of_what_it_changes() {
        use AuditAction as Action;
        use AuditSubject as Subject;
        for (action, subject, needed) in [
            (Action::Download, Subject::Artifact, Scope::Read),
            (Action::Request, Subject::Run, Scope::Deploy),
            (Action::Settle, Subject::Stage, Scope::Deploy),
            (Action::Validate, Subject::Stage, Scope::Deploy),
            (Action::Validate, Subject::Environment, Scope::Administer),
            (Action::Approve, Subject::Run, Scope::Deploy),
            (Action::Prevent, Subject::Artifact, Scope::Administer),
            (Action::Schedule, Subject::Run, Scope::Deploy),
            (Action::Override, Subject::Run, Scope::Administer),
            (Action::Move, Subject::Run, Scope::Administer),
            (Action::Create, Subject::Solution, Scope::Deploy),
            (Action::Cancel, Subject::Run, Scope::Deploy),
            (Action::Create, Subject::Pipeline, Scope::Administer),
            (Action::SetRoles, Subject::Person, Scope::Administer),
            (Action::Share, Subject::Pipeline, Scope::Administer),
        ] {
            assert_eq!(scope(action, subject), needed, "{action:?} {subject:?}");
        }
    }

    fn with(role: Role) -> Caller {
        Caller::new(UserId(uuid::Uuid::from_u128(1)), "Ada", role.into())
    }

    #[test]
    fn each_role_looks_after_its_own_part() {
        for (role, configures, looks_after_accounts, makes_their_own) in [
            (Role::SystemAdministrator, false, true, false),
            (Role::PipelineAdministrator, true, false, true),
            (Role::PipelineUser, false, false, false),
            (Role::PipelineDefault, false, false, true),
        ] {
            let caller = with(role).among([TeamId(uuid::Uuid::from_u128(2))]);
            assert_eq!(configuration(&caller).is_ok(), configures, "{role:?}");
            assert_eq!(accounts(&caller).is_ok(), looks_after_accounts, "{role:?}");
            assert_eq!(personal_pipelines(&caller).is_ok(), makes_their_own, "{role:?}");
            assert_eq!(people(&caller).is_ok(), configures || looks_after_accounts, "{role:?}");
        }
    }

    #[test]
    fn the_administrator_of_a_team_changes_its_members_and_no_other_teams() {
        let (ada, other) = (with(Role::PipelineUser), UserId(uuid::Uuid::from_u128(9)));
        for (caller, administrator, sees, changes) in [
            (&ada, Some(ada.user), true, true),
            (&ada, Some(other), false, false),
            (&ada, None, false, false),
            (&with(Role::PipelineAdministrator), Some(other), true, false),
            (&with(Role::SystemAdministrator), Some(other), true, true),
        ] {
            assert_eq!(see_team(caller, administrator).is_ok(), sees);
            assert_eq!(change_members(caller, administrator).is_ok(), changes);
        }
    }

    #[test]
    fn rights_on_a_pipeline_follow_from_role_ownership_and_shares() {
        use AccessRight::{Read, Share, Write};
        let (none, all) = (AccessRights::NONE, AccessRights::ALL);
        let read = AccessRights::from(Read);
        let write = read.with(Write);
        let standing = |owns, shared| Standing { owns, shared, personal: false };
        let personal = |owns| Standing { owns, shared: all, personal: true };
        for (role, standing, expected) in [
            (Role::PipelineAdministrator, standing(false, none), all),
            (Role::PipelineAdministrator, personal(false), write),
            (Role::SystemAdministrator, standing(true, all), none),
            (Role::PipelineDefault, standing(true, all), none),
            (Role::PipelineDefault, personal(true), write),
            (Role::PipelineDefault, personal(false), none),
            (Role::PipelineUser, standing(false, none), none),
            (Role::PipelineUser, standing(false, read), read),
            (Role::PipelineUser, standing(false, read.with(Share)), read.with(Share)),
            (Role::PipelineUser, standing(true, none), all),
            (Role::PipelineUser, personal(true), none),
        ] {
            assert_eq!(pipeline(role.into(), standing), expected, "{role:?} {standing:?}");
        }
        assert_eq!(pipeline(Roles::NONE, standing(true, all)), none);
    }

    #[test]
    fn what_somebody_may_do_in_an_environment_follows_from_their_roles_there_and_from_administering() {
        use EnvironmentRight::{Create, Export, Import};
        use EnvironmentRole::{BasicUser, EnvironmentMaker, SystemAdministrator, SystemCustomizer};
        let all = [Create, Export, Import];
        for (roles, given, rights) in [
            (Roles::NONE, &[][..], &[][..]),
            (Role::PipelineUser.into(), &[], &[]),
            (Role::SystemAdministrator.into(), &[], &[]),
            (Role::PipelineAdministrator.into(), &[], &all),
            (Role::PipelineAdministrator.into(), &[BasicUser], &all),
            (Roles::NONE, &[BasicUser], &[]),
            (Roles::NONE, &[EnvironmentMaker], &[Create, Export]),
            (Roles::NONE, &[BasicUser, EnvironmentMaker], &[Create, Export]),
            (Roles::NONE, &[SystemCustomizer], &all),
            (Role::PipelineUser.into(), &[SystemAdministrator], &all),
        ] {
            for right in all {
                let expected = rights.contains(&right);
                assert_eq!(in_environment(roles, given, right), expected, "{roles:?} {given:?} {right:?}");
            }
        }
    }

    #[test]
    fn nobody_gives_what_they_do_not_have() {
        let read = AccessRights::from(AccessRight::Read);
        assert!(gives(read.with(AccessRight::Share), read).is_ok());
        assert!(gives(read.with(AccessRight::Share), read.with(AccessRight::Write)).is_err());
        assert!(has(read, AccessRight::Share).is_err());
        assert!(any_of(read, [AccessRight::Share, AccessRight::Read]).is_ok());
    }

    proptest! {
        #[test]
        fn a_further_role_or_share_never_takes_anything_away(
            roles in 0_u8..16, further in 0_u8..16, code in any::<i32>(), more in any::<i32>(),
            owns in any::<bool>(), personal in any::<bool>(),
        ) {
            let set = |bits: u8| Role::ALL.into_iter().enumerate().filter(|(bit, _)| bits >> bit & 1 == 1).map(|(_, role)| role).collect::<Roles>();
            let shared = AccessRights::from_code(code);
            let less = pipeline(set(roles), Standing { owns, shared, personal });
            let wider = Standing { owns, shared: shared.and(AccessRights::from_code(more)), personal };
            let greater = pipeline(set(roles | further), wider);
            prop_assert_eq!(less.within(greater), less);
            if personal {
                prop_assert!(!greater.has(AccessRight::Share) && !greater.has(AccessRight::Assign));
            }
        }
    }
}
