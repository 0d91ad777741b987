//! The connections of an environment.

use super::{BuiltIn, Shared, entity::connection, find};
use crate::{EnvironmentError, NewConnection, port::Result};
use model::{connection::Connection, id::EnvironmentId};
use sea_orm::{ActiveValue::Set, ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter, QueryOrder, sea_query::Expr};

/// Characters of a connector's id (the platform's own limit) and of the other texts.
const CONNECTOR_LENGTH: usize = 1000;
const TEXT_LENGTH: usize = 200;

pub(super) async fn all(database: &impl ConnectionTrait, id: EnvironmentId) -> Result<Vec<Connection>> {
    let rows = connection::Entity::find()
        .filter(connection::Column::EnvironmentId.eq(id.0))
        .order_by_asc(connection::Column::DisplayName)
        .order_by_asc(connection::Column::Id)
        .all(database)
        .await?;
    Ok(rows.into_iter().map(Connection::from).collect())
}

pub(super) async fn create(shared: &Shared, id: EnvironmentId, new: NewConnection) -> Result<Connection> {
    let connector_id = text("connector", &new.connector_id, CONNECTOR_LENGTH)?;
    let display_name = text("name", &new.display_name, TEXT_LENGTH)?;
    let owner = text("owner", &new.owner, TEXT_LENGTH)?;
    find(&shared.database, id).await?;
    let row = connection::Model {
        id: shared.ids.next().simple().to_string(),
        environment_id: id.0,
        connector_id,
        display_name,
        owner,
        usable: true,
        created: shared.now().0,
    };
    let values = connection::ActiveModel {
        id: Set(row.id.clone()),
        environment_id: Set(row.environment_id),
        connector_id: Set(row.connector_id.clone()),
        display_name: Set(row.display_name.clone()),
        owner: Set(row.owner.clone()),
        usable: Set(row.usable),
        created: Set(row.created),
    };
    connection::Entity::insert(values).exec_without_returning(&shared.database).await?;
    Ok(row.into())
}

impl BuiltIn {
    /// Marks a connection as working or as broken, as a real one breaks when its owner's password changes. Refused
    /// where the environment has no such connection.
    pub async fn set_connection_usable(&self, id: EnvironmentId, connection_id: &str, usable: bool) -> Result<()> {
        let updated = connection::Entity::update_many()
            .col_expr(connection::Column::Usable, Expr::value(usable))
            .filter(connection::Column::EnvironmentId.eq(id.0))
            .filter(connection::Column::Id.eq(connection_id))
            .exec(&self.shared.database)
            .await?;
        if updated.rows_affected == 0 {
            let message = "The environment has no such connection.".to_owned();
            return Err(EnvironmentError::Refused { code: None, message });
        }
        Ok(())
    }
}

fn text(what: &str, value: &str, longest: usize) -> Result<String> {
    let value = value.trim();
    if value.is_empty() || value.chars().count() > longest || value.chars().any(char::is_control) {
        let message = format!("The {what} of a connection needs 1 to {longest} characters, on one line.");
        return Err(EnvironmentError::Refused { code: None, message });
    }
    Ok(value.to_owned())
}
