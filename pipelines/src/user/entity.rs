//! The table of people.

use model::{
    Timestamp,
    id::UserId,
    user::{Person, Role},
};
use sea_orm::entity::prelude::*;

/// A person's account.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "person")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    pub user_name: String,
    pub user_name_key: String,
    pub display_name: String,
    pub role: String,
    pub enabled: bool,
    pub password_hash: String,
    pub must_change_password: bool,
    pub password_set: i64,
    pub failed_sign_ins: i32,
    pub blocked_until: Option<i64>,
    pub created: i64,
}

#[derive(Clone, Copy, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}

impl Model {
    /// The person as pages show them.
    pub(crate) fn person(&self) -> Person {
        Person {
            id: UserId(self.id),
            user_name: self.user_name.clone(),
            display_name: self.display_name.clone(),
            // The database lets no other word in; the lesser role is the safe reading of one.
            role: Role::from_name(&self.role).unwrap_or(Role::User),
            must_change_password: self.must_change_password,
            enabled: self.enabled,
            password_set: Timestamp(self.password_set),
        }
    }
}
