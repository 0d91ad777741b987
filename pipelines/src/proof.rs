//! What shows who asks.

use crate::{Host, Result, session, session::IdHash, token};
use model::id::TokenId;

/// What shows who asks. It may be taken back while somebody still looks: a live stream asks again.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Proof {
    /// A session, by the hash of its id.
    Session(IdHash),
    /// A token of a program.
    Token(TokenId),
}

impl Proof {
    /// Whether it was neither taken back nor expired.
    pub async fn holds(self, host: &Host) -> Result<bool> {
        match self {
            Self::Session(session) => session::is_open(host, session).await,
            Self::Token(token) => token::is_valid(host, token).await,
        }
    }
}
