//! An access token of an application user.

use sea_orm::entity::prelude::*;

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "application_token")]
pub struct Model {
    /// SHA-256 of the token, in hexadecimal digits.
    #[sea_orm(primary_key, auto_increment = false)]
    pub token_hash: String,
    pub application_user_id: Uuid,
    pub expires: i64,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {
    #[sea_orm(
        belongs_to = "super::application_user::Entity",
        from = "Column::ApplicationUserId",
        to = "super::application_user::Column::Id"
    )]
    ApplicationUser,
}

impl Related<super::application_user::Entity> for Entity {
    fn to() -> RelationDef {
        Relation::ApplicationUser.def()
    }
}

impl ActiveModelBehavior for ActiveModel {}
