//! Applications that may use the Web API of an environment: client ids with secrets, and the tokens they were given.
//!
//! A secret and a token are random and long, so that their SHA-256 is enough to recognise them by and says nothing
//! about them.

use super::{
    BuiltIn,
    entity::{application_token, application_user},
    find,
};
use crate::{EnvironmentError, port::Result};
use model::{Timestamp, id::EnvironmentId};
use rand::RngExt;
use sea_orm::{ActiveValue::Set, ColumnTrait, EntityTrait, PaginatorTrait, QueryFilter, QueryOrder, sea_query::Expr};
use sha2::{Digest, Sha256};
use std::time::Duration;
use uuid::Uuid;

/// How long a token lasts; the platform's last about as long.
pub const TOKEN_LASTS: Duration = Duration::from_hours(1);

/// The tenant that applications sign in to.
pub const APPLICATION_TENANT: &str = "slipway";

/// Application users one environment may have.
const MOST: u64 = 100;

const NAME_LENGTH: usize = 100;

/// An application that may use an environment.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ApplicationUser {
    /// The client id.
    pub id: Uuid,
    /// The environment.
    pub environment: EnvironmentId,
    /// Name for people.
    pub name: String,
    /// When it was registered.
    pub created: Timestamp,
    /// When it last asked for a token.
    pub last_used: Option<Timestamp>,
}

/// An application that was just registered, with the secret nobody can read again.
#[derive(Clone)]
pub struct NewApplicationUser {
    /// The client id.
    pub id: Uuid,
    /// The client secret.
    pub secret: String,
}

impl BuiltIn {
    /// The application users of an environment, by name.
    pub async fn application_users(&self, id: EnvironmentId) -> Result<Vec<ApplicationUser>> {
        let database = &self.shared.database;
        find(database, id).await?;
        let rows = application_user::Entity::find()
            .filter(application_user::Column::EnvironmentId.eq(id.0))
            .order_by_asc(application_user::Column::Name)
            .all(database)
            .await?;
        Ok(rows.into_iter().map(view).collect())
    }

    /// Registers an application. Refused without a name, and where there are 100 of them.
    pub async fn add_application_user(&self, id: EnvironmentId, name: &str) -> Result<NewApplicationUser> {
        let database = &self.shared.database;
        find(database, id).await?;
        let name = name.trim();
        if name.is_empty() || name.chars().count() > NAME_LENGTH || name.chars().any(char::is_control) {
            let message = format!("Give the application a name of at most {NAME_LENGTH} characters, on one line.");
            return Err(EnvironmentError::Refused { code: None, message });
        }
        let present = application_user::Entity::find()
            .filter(application_user::Column::EnvironmentId.eq(id.0))
            .count(database)
            .await?;
        if present >= MOST {
            let message = format!("An environment has at most {MOST} application users. Remove one first.");
            return Err(EnvironmentError::Refused { code: None, message });
        }
        let secret = random();
        let client = self.shared.ids.next();
        let row = application_user::ActiveModel {
            id: Set(client),
            environment_id: Set(id.0),
            name: Set(name.to_owned()),
            secret_hash: Set(hash(&secret)),
            created: Set(self.shared.now().0),
            last_used: Set(None),
        };
        application_user::Entity::insert(row).exec_without_returning(database).await?;
        Ok(NewApplicationUser { id: client, secret })
    }

    /// Removes an application; its tokens end with it.
    pub async fn remove_application_user(&self, id: EnvironmentId, client: Uuid) -> Result<()> {
        application_user::Entity::delete_many()
            .filter(application_user::Column::Id.eq(client))
            .filter(application_user::Column::EnvironmentId.eq(id.0))
            .exec(&self.shared.database)
            .await?;
        Ok(())
    }

    /// Gives an application that knows its secret a token. None for anybody else.
    pub async fn issue_token(&self, client: Uuid, secret: &str) -> Result<Option<String>> {
        let (database, now) = (&self.shared.database, self.shared.now());
        let Some(row) = application_user::Entity::find_by_id(client).one(database).await? else { return Ok(None) };
        // Hashes are compared, so how long it takes tells nothing about the secret.
        if row.secret_hash != hash(secret) {
            return Ok(None);
        }
        application_token::Entity::delete_many()
            .filter(application_token::Column::Expires.lt(now.0))
            .exec(database)
            .await?;
        let token = random();
        let issued = application_token::ActiveModel {
            token_hash: Set(hash(&token)),
            application_user_id: Set(client),
            expires: Set((now + TOKEN_LASTS).0),
        };
        application_token::Entity::insert(issued).exec_without_returning(database).await?;
        application_user::Entity::update_many()
            .col_expr(application_user::Column::LastUsed, Expr::value(now.0))
            .filter(application_user::Column::Id.eq(client))
            .exec(database)
            .await?;
        Ok(Some(token))
    }

    /// Whose token this is; none when it is nobody's or has ended.
    pub async fn application_of_token(&self, token: &str) -> Result<Option<ApplicationUser>> {
        let found = application_token::Entity::find_by_id(hash(token))
            .filter(application_token::Column::Expires.gt(self.shared.now().0))
            .find_also_related(application_user::Entity)
            .one(&self.shared.database)
            .await?;
        Ok(found.and_then(|(_, user)| user).map(view))
    }
}

fn view(row: application_user::Model) -> ApplicationUser {
    ApplicationUser {
        id: row.id,
        environment: EnvironmentId(row.environment_id),
        name: row.name,
        created: Timestamp(row.created),
        last_used: row.last_used.map(Timestamp),
    }
}

fn random() -> String {
    let bytes: [u8; 32] = rand::rng().random();
    hex::encode(bytes)
}

fn hash(text: &str) -> String {
    hex::encode(Sha256::digest(text.as_bytes()))
}
