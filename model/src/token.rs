//! Tokens with which programs act for a person.

use crate::{Timestamp, id::TokenId};
use serde::{Deserialize, Serialize};

/// A thing that a token may do.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum Scope {
    /// Read what its person may see.
    Read,
    /// Deploy as its person may.
    Deploy,
    /// Configure as its person may.
    Administer,
}

impl Scope {
    /// Every scope, in the order of the form.
    pub const ALL: [Self; 3] = [Self::Read, Self::Deploy, Self::Administer];

    /// The word in forms.
    pub fn name(self) -> &'static str {
        match self {
            Self::Read => "read",
            Self::Deploy => "deploy",
            Self::Administer => "administer",
        }
    }

    /// The word on screen.
    pub fn label(self) -> &'static str {
        match self {
            Self::Read => "Read",
            Self::Deploy => "Deploy",
            Self::Administer => "Administer",
        }
    }

    /// What it allows, in a sentence.
    pub fn meaning(self) -> &'static str {
        match self {
            Self::Read => "See pipelines, runs and solutions that you may see, and download their artifacts.",
            Self::Deploy => "Import solutions, request deployments and carry them through.",
            Self::Administer => "Change environments, pipelines, people and access, as far as you may.",
        }
    }

    fn bit(self) -> i32 {
        match self {
            Self::Read => 1,
            Self::Deploy => 2,
            Self::Administer => 4,
        }
    }
}

/// What a caller may do at most. Whoever may change something may read it, too.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Scopes(i32);

impl Scopes {
    /// Everything: somebody who signed in.
    pub const ALL: Self = Self(7);

    /// These, and reading; none when there is nothing among them.
    pub fn of(scopes: impl IntoIterator<Item = Scope>) -> Option<Self> {
        let bits = scopes.into_iter().fold(0, |bits, scope| bits | scope.bit());
        (bits != 0).then_some(Self(bits | Scope::Read.bit()))
    }

    /// As they are kept in the database: 1 for read, 2 for deploy, 4 for administer.
    pub fn from_bits(bits: i32) -> Option<Self> {
        Self::of(Scope::ALL.into_iter().filter(|scope| bits & scope.bit() != 0))
    }

    /// As they are kept in the database.
    pub fn bits(self) -> i32 {
        self.0
    }

    /// Whether one is among them.
    pub fn allow(self, scope: Scope) -> bool {
        self.0 & scope.bit() != 0
    }

    /// The words on screen: *Read, Deploy*.
    pub fn label(self) -> String {
        let labels: Vec<_> = Scope::ALL.into_iter().filter(|scope| self.allow(*scope)).map(Scope::label).collect();
        labels.join(", ")
    }
}

/// A token as its person sees it. The token itself is shown once, when it is made, and kept nowhere.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ApiToken {
    /// Id.
    pub id: TokenId,
    /// What it is for.
    pub name: String,
    /// How it begins, to recognise it by.
    pub prefix: String,
    /// What it may do at most.
    pub scopes: Scopes,
    /// When it was made.
    pub created: Timestamp,
    /// When it ends.
    pub expires: Timestamp,
    /// When it was last used, to within a minute.
    pub last_used: Option<Timestamp>,
    /// Network address it was last used from.
    pub last_address: String,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn whoever_may_change_may_read_and_nobody_may_do_nothing() {
        assert_eq!(Scopes::of([]), None);
        assert_eq!(Scopes::from_bits(0), None);
        for (scopes, label) in [
            (vec![Scope::Read], "Read"),
            (vec![Scope::Deploy], "Read, Deploy"),
            (vec![Scope::Administer], "Read, Administer"),
            (Scope::ALL.to_vec(), "Read, Deploy, Administer"),
        ] {
            let scopes = Scopes::of(scopes);
            assert_eq!(scopes.map(Scopes::label).as_deref(), Some(label));
            assert_eq!(scopes.and_then(|scopes| Scopes::from_bits(scopes.bits())), scopes);
        }
        assert_eq!(Scopes::of(Scope::ALL), Some(Scopes::ALL));
    }
}
