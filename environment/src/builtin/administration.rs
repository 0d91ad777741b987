//! What administrators do with built-in environments.

use super::{
    BuiltIn, contents,
    entity::{connection, environment, import_job as job, publisher, reference_binding, solution, variable_value},
    find, from_json, import_job, name_key, to_json,
};
use crate::{EnvironmentError, port::Result};
use model::{
    Timestamp,
    environment::{BuiltInEnvironment, EnvironmentProperties},
    id::EnvironmentId,
};
use sea_orm::{
    ActiveValue::Set, ColumnTrait, DbErr, EntityTrait, PaginatorTrait, QueryFilter, QueryOrder, SqlErr, sea_query::Expr,
};
use std::collections::HashMap;
use uuid::Uuid;

/// Characters a name may have.
const NAME_LENGTH: usize = 100;

/// Milliseconds an import may be made to take for each component.
const SLOWEST_PACE: u32 = 10_000;

impl BuiltIn {
    /// Every built-in environment, by name.
    pub async fn list(&self) -> Result<Vec<BuiltInEnvironment>> {
        let database = &self.shared.database;
        let rows = environment::Entity::find().order_by_asc(environment::Column::NameKey).all(database).await?;
        let counts = contents::count_solutions(database, None).await?;
        rows.into_iter().map(|row| view(&counts, row)).collect()
    }

    /// One built-in environment; [`EnvironmentError::NotFound`] where there is none.
    pub async fn get(&self, id: EnvironmentId) -> Result<BuiltInEnvironment> {
        let database = &self.shared.database;
        let row = find(database, id).await?;
        let counts = contents::count_solutions(database, Some(id)).await?;
        view(&counts, row)
    }

    /// Whether there is such an environment.
    pub async fn keeps(&self, id: EnvironmentId) -> Result<bool> {
        let found = environment::Entity::find_by_id(id.0).count(&self.shared.database).await?;
        Ok(found > 0)
    }

    /// Creates an empty environment. Refused where the name is empty, longer than 100 characters or taken, and where
    /// the pace is slower than 10 seconds for a component.
    pub async fn create(&self, id: EnvironmentId, name: &str, import_pace: u32) -> Result<()> {
        let (name, import_pace) = (good_name(name)?, good_pace(import_pace)?);
        let row = environment::ActiveModel {
            id: Set(id.0),
            name: Set(name.to_owned()),
            name_key: Set(name_key(name)),
            import_pace: Set(import_pace),
            binding_record: Set(None),
            binding_kind: Set(None),
            created: Set(self.shared.now().0),
            properties: Set(to_json(&EnvironmentProperties::default())?),
        };
        let inserted = environment::Entity::insert(row).exec_without_returning(&self.shared.database).await;
        inserted.map(drop).map_err(|error| taken(error, name))
    }

    /// Renames an environment and sets how fast imports are; refused as [`BuiltIn::create`] is.
    pub async fn update(&self, id: EnvironmentId, name: &str, import_pace: u32) -> Result<()> {
        let (name, import_pace) = (good_name(name)?, good_pace(import_pace)?);
        let updated = environment::Entity::update_many()
            .col_expr(environment::Column::Name, Expr::value(name))
            .col_expr(environment::Column::NameKey, Expr::value(name_key(name)))
            .col_expr(environment::Column::ImportPace, Expr::value(import_pace))
            .filter(environment::Column::Id.eq(id.0))
            .exec(&self.shared.database)
            .await
            .map_err(|error| taken(error, name))?;
        if updated.rows_affected == 0 { Err(EnvironmentError::NotFound(id)) } else { Ok(()) }
    }

    /// Says what an environment is like and what it takes.
    pub async fn set_properties(&self, id: EnvironmentId, properties: &EnvironmentProperties) -> Result<()> {
        let updated = environment::Entity::update_many()
            .col_expr(environment::Column::Properties, Expr::value(to_json(properties)?))
            .filter(environment::Column::Id.eq(id.0))
            .exec(&self.shared.database)
            .await?;
        if updated.rows_affected == 0 { Err(EnvironmentError::NotFound(id)) } else { Ok(()) }
    }

    /// Takes everything out of an environment and keeps its name and the mark of its host record. Refused while an
    /// import is running.
    pub async fn reset(&self, id: EnvironmentId) -> Result<()> {
        let transaction = import_job::exclusive(&self.shared, id).await?;
        solution::Entity::delete_many().filter(solution::Column::EnvironmentId.eq(id.0)).exec(&transaction).await?;
        reference_binding::Entity::delete_many()
            .filter(reference_binding::Column::EnvironmentId.eq(id.0))
            .exec(&transaction)
            .await?;
        variable_value::Entity::delete_many()
            .filter(variable_value::Column::EnvironmentId.eq(id.0))
            .exec(&transaction)
            .await?;
        connection::Entity::delete_many().filter(connection::Column::EnvironmentId.eq(id.0)).exec(&transaction).await?;
        publisher::Entity::delete_many().filter(publisher::Column::EnvironmentId.eq(id.0)).exec(&transaction).await?;
        job::Entity::delete_many().filter(job::Column::EnvironmentId.eq(id.0)).exec(&transaction).await?;
        Ok(transaction.commit().await?)
    }

    /// Deletes an environment with all that is in it. Refused while an import is running.
    pub async fn delete(&self, id: EnvironmentId) -> Result<()> {
        let transaction = import_job::exclusive(&self.shared, id).await?;
        solution::Entity::delete_many().filter(solution::Column::EnvironmentId.eq(id.0)).exec(&transaction).await?;
        environment::Entity::delete_by_id(id.0).exec(&transaction).await?;
        Ok(transaction.commit().await?)
    }
}

fn view(counts: &HashMap<Uuid, u64>, row: environment::Model) -> Result<BuiltInEnvironment> {
    Ok(BuiltInEnvironment {
        id: EnvironmentId(row.id),
        properties: from_json(&row.properties)?,
        solutions: counts.get(&row.id).copied().unwrap_or_default(),
        import_pace: u32::try_from(row.import_pace).unwrap_or_default(),
        name: row.name,
        created: Timestamp(row.created),
    })
}

fn good_name(name: &str) -> Result<&str> {
    let name = name.trim();
    if name.is_empty() {
        return Err(refused("Give the environment a name."));
    }
    if name.chars().count() > NAME_LENGTH || name.chars().any(char::is_control) {
        return Err(refused(format!("The name of an environment has at most {NAME_LENGTH} characters, on one line.")));
    }
    Ok(name)
}

fn good_pace(import_pace: u32) -> Result<i32> {
    i32::try_from(import_pace).ok().filter(|_| import_pace <= SLOWEST_PACE).ok_or_else(|| {
        refused(format!("An import may be made to take at most {SLOWEST_PACE} milliseconds for each component."))
    })
}

fn taken(error: DbErr, name: &str) -> EnvironmentError {
    match error.sql_err() {
        Some(SqlErr::UniqueConstraintViolation(_)) => {
            refused(format!("There is already a built-in environment named “{name}”. Choose another name."))
        }
        _ => error.into(),
    }
}

fn refused(message: impl Into<String>) -> EnvironmentError {
    EnvironmentError::Refused { code: None, message: message.into() }
}
