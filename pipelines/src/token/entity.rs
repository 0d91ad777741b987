//! The table of tokens.

use model::{
    Timestamp,
    id::TokenId,
    token::{ApiToken, Scope, Scopes},
};
use sea_orm::entity::prelude::*;

/// A token.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "api_token")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    pub person_id: Uuid,
    pub name: String,
    /// How the token begins.
    pub prefix: String,
    /// SHA-256 of the token, hexadecimal. A token is random enough that nobody finds it by its hash.
    pub token_hash: String,
    pub scopes: i32,
    pub created: i64,
    pub expires: i64,
    pub last_used: Option<i64>,
    pub last_address: String,
}

#[derive(Clone, Copy, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}

impl Model {
    /// What the token may do at most.
    pub(super) fn scopes(&self) -> Scopes {
        // The database lets no other number in; the least is the safe reading of one.
        Scopes::from_bits(self.scopes).or_else(|| Scopes::of([Scope::Read])).unwrap_or(Scopes::ALL)
    }

    /// The token as its person sees it.
    pub(super) fn view(self) -> ApiToken {
        ApiToken {
            id: TokenId(self.id),
            scopes: self.scopes(),
            name: self.name,
            prefix: self.prefix,
            created: Timestamp(self.created),
            expires: Timestamp(self.expires),
            last_used: self.last_used.map(Timestamp),
            last_address: self.last_address,
        }
    }
}
