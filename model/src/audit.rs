//! The audit log: who did what, when, from where, and what was refused.

use crate::{Timestamp, id::UserId};
use serde::{Deserialize, Serialize};

/// An enumeration whose values have a word for the database and one for the screen.
macro_rules! words {
    ($(#[$doc:meta])* $name:ident { $($(#[$value_doc:meta])* $value:ident = $word:literal, $label:literal;)+ }) => {
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
        #[serde(rename_all = "kebab-case")]
        pub enum $name {
            $($(#[$value_doc])* $value,)+
        }

        impl $name {
            /// Every value, in the order of choices.
            pub const ALL: &[Self] = &[$(Self::$value,)+];

            /// The word in the database and in addresses.
            pub fn name(self) -> &'static str {
                match self {
                    $(Self::$value => $word,)+
                }
            }

            /// The words on screen.
            pub fn label(self) -> &'static str {
                match self {
                    $(Self::$value => $label,)+
                }
            }

            /// The value of a word.
            pub fn from_name(name: &str) -> Option<Self> {
                Self::ALL.iter().copied().find(|value| value.name() == name)
            }
        }
    };
}

words! {
    /// What was done, or was to be done.
    AuditAction {
        /// Somebody signed in.
        SignIn = "sign-in", "Sign in";
        /// Somebody signed out.
        SignOut = "sign-out", "Sign out";
        /// A password was changed or reset.
        SetPassword = "set-password", "Set password";
        /// Something was created.
        Create = "create", "Create";
        /// Fields were changed.
        Update = "update", "Update";
        /// Something was deleted.
        Delete = "delete", "Delete";
        /// Something was activated.
        Activate = "activate", "Activate";
        /// Something was deactivated.
        Deactivate = "deactivate", "Deactivate";
        /// Roles were given or taken away.
        SetRoles = "set-roles", "Set roles";
        /// Somebody became a member of a team.
        AddMember = "add-member", "Add member";
        /// Somebody is a member no more.
        RemoveMember = "remove-member", "Remove member";
        /// Something was shared, or shared otherwise.
        Share = "share", "Share";
        /// A share was taken back.
        Unshare = "unshare", "Stop sharing";
        /// Something got another owner.
        Assign = "assign", "Assign";
        /// A development environment was linked.
        Link = "link", "Link";
        /// A development environment was unlinked.
        Unlink = "unlink", "Unlink";
        /// An environment was to be validated again.
        Validate = "validate", "Validate";
        /// A built-in environment was emptied.
        Reset = "reset", "Reset";
        /// A run was asked for.
        Request = "request", "Request run";
        /// Settings of a run were given.
        Settle = "settle", "Give settings";
        /// Settings were to be applied without an import.
        ApplySettings = "apply-settings", "Apply settings";
        /// A run was to be deployed.
        Deploy = "deploy", "Deploy";
        /// Pre-flight was to be run again.
        CheckAgain = "check-again", "Run pre-flight again";
        /// A run was cancelled.
        Cancel = "cancel", "Cancel run";
        /// A failed run was to be tried again.
        Retry = "retry", "Retry run";
        /// An older version was to be deployed once more.
        Redeploy = "redeploy", "Redeploy";
        /// The version before was to come back.
        RollBack = "roll-back", "Roll back";
        /// A run that waited was let go on.
        Approve = "approve", "Approve";
        /// A run that waited was refused.
        Reject = "reject", "Reject";
        /// A run was to begin at another time.
        Schedule = "schedule", "Schedule run";
        /// A run was let go on outside of its stage's deployment windows.
        Override = "override", "Override deployment window";
        /// A run got another place in its target's queue.
        Move = "move", "Move in queue";
        /// A version must not go on.
        Prevent = "prevent", "Prevent progression";
        /// A version may go on again.
        Allow = "allow", "Allow progression";
        /// A package was uploaded.
        Upload = "upload", "Upload";
        /// A file was downloaded.
        Download = "download", "Download";
        /// The audit log was exported.
        Export = "export", "Export";
        /// A token or a session was revoked.
        Revoke = "revoke", "Revoke";
        /// A token was used.
        Use = "use", "Use";
        /// A test was sent, or something was sent again.
        Send = "send", "Send";
        /// A page or a file was asked for. Written down where it was refused.
        Open = "open", "Open";
    }
}

words! {
    /// What something was done to.
    AuditSubject {
        /// A person's account.
        Person = "person", "Person";
        /// A team.
        Team = "team", "Team";
        /// The host's record of an environment.
        Environment = "environment", "Environment";
        /// An environment that Slipway keeps itself.
        BuiltInEnvironment = "built-in-environment", "Built-in environment";
        /// How a Dataverse environment is reached.
        DataverseConnection = "dataverse-connection", "Dataverse connection";
        /// A pipeline.
        Pipeline = "pipeline", "Pipeline";
        /// A stage.
        Stage = "stage", "Stage";
        /// A run.
        Run = "run", "Run";
        /// An artifact.
        Artifact = "artifact", "Artifact";
        /// A solution in an environment.
        Solution = "solution", "Solution";
        /// A connection in an environment.
        Connection = "connection", "Connection";
        /// A session.
        Session = "session", "Session";
        /// An API token.
        Token = "token", "API token";
        /// An identity provider.
        Provider = "provider", "Identity provider";
        /// The audit log itself.
        AuditLog = "audit-log", "Audit log";
        /// A webhook.
        Webhook = "webhook", "Webhook";
        /// Settings of the host.
        Settings = "settings", "Settings";
        /// An address of a page or a file.
        Address = "address", "Address";
    }
}

words! {
    /// What came of it.
    AuditOutcome {
        /// It was done.
        Allowed = "allowed", "Allowed";
        /// It was refused.
        Refused = "refused", "Refused";
    }
}

words! {
    /// How somebody came to act.
    AuditThrough {
        /// In a browser, signed in.
        Session = "session", "Session";
        /// With an API token.
        Token = "token", "API token";
        /// The host itself, its command line or its worker.
        System = "system", "System";
    }
}

/// A field that was changed. Values of secrets are never in here: `••••••••` stands in their place.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct FieldChange {
    /// Name of the field.
    pub field: String,
    /// What it was; none for something new.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub before: Option<String>,
    /// What it is; none for something deleted.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub after: Option<String>,
}

/// An entry of the log.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct AuditEntry {
    /// Number; later entries have higher ones.
    pub id: i64,
    /// When.
    pub at: Timestamp,
    /// Who; none for the host itself and for people nobody knows.
    pub actor: Option<UserId>,
    /// Name of who it was at that time.
    pub actor_name: String,
    /// How they came to act.
    pub through: AuditThrough,
    /// Which session or token.
    pub through_id: Option<String>,
    /// What they did.
    pub action: AuditAction,
    /// What kind of thing they did it to.
    pub subject: AuditSubject,
    /// Its id.
    pub subject_id: Option<String>,
    /// Its name at that time.
    pub subject_name: String,
    /// What was changed.
    pub changes: Vec<FieldChange>,
    /// What came of it.
    pub outcome: AuditOutcome,
    /// Why it was refused.
    pub reason: Option<String>,
    /// Where the request came from.
    pub remote_address: Option<String>,
    /// The request, as the log of the process knows it.
    pub request_id: Option<String>,
}

/// Which entries a list shows, newest first.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct AuditFilter {
    /// Who.
    pub actor: Option<UserId>,
    /// What they did.
    pub action: Option<AuditAction>,
    /// What kind of thing they did it to.
    pub subject: Option<AuditSubject>,
    /// The thing itself.
    pub subject_id: Option<String>,
    /// What came of it.
    pub outcome: Option<AuditOutcome>,
    /// From this moment on.
    pub from: Option<Timestamp>,
    /// Before this moment.
    pub until: Option<Timestamp>,
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::HashSet;

    #[test]
    fn every_word_leads_back_to_its_value() {
        for action in AuditAction::ALL {
            assert_eq!(AuditAction::from_name(action.name()), Some(*action));
            assert_eq!(serde_json::to_value(action).unwrap(), action.name());
        }
        for subject in AuditSubject::ALL {
            assert_eq!(AuditSubject::from_name(subject.name()), Some(*subject));
            assert_eq!(serde_json::to_value(subject).unwrap(), subject.name());
        }
        let words: HashSet<_> = AuditAction::ALL.iter().map(|action| action.name()).collect();
        assert_eq!(words.len(), AuditAction::ALL.len());
    }
}
