//! What a caller may do, decided here and nowhere else.
//!
//! The rules are pure: who somebody is and how they stand to a thing go in, and what they may do comes out. Operations
//! that change something go through [`permit`], which writes a refusal into the audit log.

use crate::{
    Caller, Error, Host, Result,
    audit::{self, Entry},
};
use model::{
    audit::{AuditAction, AuditSubject},
    id::UserId,
    token::{Scope, Scopes},
    user::Role,
};

/// Whether a person may configure environments, pipelines and stages.
pub(crate) fn configuration(caller: &Caller) -> Result<()> {
    needs(caller, Role::PipelineAdministrator)
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

fn needs(caller: &Caller, role: Role) -> Result<()> {
    if caller.roles.has(role) {
        Ok(())
    } else {
        Err(Error::Forbidden(format!("This needs the role {}.", role.label())))
    }
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
        (Action::Use | Action::Download | Action::Export, _) => Scope::Read,
        (
            Action::Request | Action::Settle | Action::Deploy | Action::CheckAgain | Action::Cancel | Action::Upload,
            _,
        )
        | (_, Subject::Run | Subject::Artifact | Subject::Solution | Subject::Connection) => Scope::Deploy,
        _ => Scope::Administer,
    }
}

#[cfg(test)]
mod scope_tests {
    use super::*;

    #[test]
    fn a_token_needs_the_scope_of_what_it_changes() {
        use AuditAction as Action;
        use AuditSubject as Subject;
        for (action, subject, needed) in [
            (Action::Download, Subject::Artifact, Scope::Read),
            (Action::Request, Subject::Stage, Scope::Deploy),
            (Action::Create, Subject::Solution, Scope::Deploy),
            (Action::Cancel, Subject::Run, Scope::Deploy),
            (Action::Create, Subject::Pipeline, Scope::Administer),
            (Action::SetRoles, Subject::Person, Scope::Administer),
            (Action::Share, Subject::Pipeline, Scope::Administer),
        ] {
            assert_eq!(scope(action, subject), needed, "{action:?} {subject:?}");
        }
    }
}
