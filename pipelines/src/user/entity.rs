//! The table of people.

use model::{
    Timestamp,
    access::{NamedPrincipal, Principal, PrincipalKind},
    id::UserId,
    user::{Person, Roles},
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
    /// `person`, or `service` for an identity that never signs in.
    pub kind: String,
    pub enabled: bool,
    pub password_hash: String,
    pub must_change_password: bool,
    pub password_set: i64,
    pub created: i64,
    /// IANA name; none where nobody chose one.
    pub time_zone: Option<String>,
}

#[derive(Clone, Copy, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}

/// The kind of those who sign in.
pub(crate) const PERSON: &str = "person";
/// The kind of service identities.
pub(crate) const SERVICE: &str = "service";

impl Model {
    /// The person as somebody who can be given something.
    pub(crate) fn named(&self) -> NamedPrincipal {
        NamedPrincipal {
            principal: Principal::Person(UserId(self.id)),
            kind: if self.kind == SERVICE { PrincipalKind::ServiceIdentity } else { PrincipalKind::Person },
            name: self.display_name.clone(),
        }
    }

    /// The person as pages show them, with these roles.
    pub(crate) fn person(&self, roles: Roles) -> Person {
        Person {
            id: UserId(self.id),
            user_name: self.user_name.clone(),
            display_name: self.display_name.clone(),
            roles,
            is_service: self.kind == SERVICE,
            must_change_password: self.must_change_password,
            enabled: self.enabled,
            password_set: Timestamp(self.password_set),
        }
    }
}
