//! The table of sessions.

use sea_orm::entity::prelude::*;

/// A session.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "session")]
pub struct Model {
    /// SHA-256 of the session's id, hexadecimal: whoever reads the table cannot take a session over.
    #[sea_orm(primary_key, auto_increment = false)]
    pub id_hash: String,
    /// Names the session in lists.
    pub id: Uuid,
    /// Whose it is, once somebody signed in.
    pub person_id: Option<Uuid>,
    pub data: Vec<u8>,
    pub created: i64,
    pub last_seen: i64,
    pub expires: i64,
    pub method: String,
    pub address: String,
    pub device: String,
}

#[derive(Clone, Copy, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
