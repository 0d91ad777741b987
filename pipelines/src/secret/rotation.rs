//! Sealing everything anew, under the newest key.

use super::Place;
use crate::{Error, Host, Result};
use sea_orm::{
    ConnectionTrait, ExprTrait,
    sea_query::{Expr, Query},
};
use uuid::Uuid;

/// Every column that holds sealed texts.
pub const COLUMNS: [Column; 6] = [
    crate::sign_in::PENDING,
    crate::deployment_settings::SETTINGS,
    crate::dataverse_connection::CREDENTIALS,
    crate::stage_run::WRITTEN,
    crate::webhook::URLS,
    crate::webhook::SECRETS,
];

/// Rows that are sealed anew in one go.
const ROWS: u64 = 200;

/// A column that holds sealed texts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Column {
    /// Its table.
    pub table: &'static str,
    /// The column whose value names a row.
    pub key: Key,
    /// The column itself.
    pub column: &'static str,
}

/// The column whose value names a row, by the kind of its values.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Key {
    /// A column of ids.
    Uuid(&'static str),
    /// A column of texts.
    Text(&'static str),
}

/// Seals every secret in the database anew that is not sealed under the newest key yet, and tells how many there were.
/// Can be stopped and repeated, and done while Slipway runs. For the command line only.
pub async fn rotate(host: &Host) -> Result<u64> {
    let mut done = 0;
    for column in COLUMNS {
        done += rotate_column(host, column).await?;
    }
    Ok(done)
}

async fn rotate_column(host: &Host, column: Column) -> Result<u64> {
    let (mut done, mut after): (u64, Option<Name>) = (0, None);
    loop {
        let rows = read(host, column, after.as_ref()).await?;
        let Some((last, _)) = rows.last() else { return Ok(done) };
        after = Some(last.clone());
        for (name, sealed) in rows {
            if host.secrets().is_current(&sealed)? {
                continue;
            }
            let place: Place = column.row(&name);
            let opened = host.secrets().open(&place, &sealed)?;
            done += write(host, column, &name, &sealed, &host.secrets().seal(&place, &opened)?).await?;
        }
    }
}

/// What names a row.
#[derive(Clone, Debug)]
enum Name {
    Uuid(Uuid),
    Text(String),
}

impl std::fmt::Display for Name {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Uuid(id) => id.fmt(formatter),
            Self::Text(text) => formatter.write_str(text),
        }
    }
}

impl Name {
    fn value(&self) -> Expr {
        match self {
            Self::Uuid(id) => Expr::value(*id),
            Self::Text(text) => Expr::value(text.clone()),
        }
    }
}

fn key_column(key: Key) -> &'static str {
    match key {
        Key::Uuid(column) | Key::Text(column) => column,
    }
}

async fn read(host: &Host, column: Column, after: Option<&Name>) -> Result<Vec<(Name, String)>> {
    let key = key_column(column.key);
    let mut query = Query::select();
    query.column(key).column(column.column).from(column.table).order_by(key, sea_orm::Order::Asc).limit(ROWS);
    query.and_where(Expr::col(column.column).is_not_null());
    if let Some(after) = after {
        query.and_where(Expr::col(key).gt(after.value()));
    }
    let rows = host.database.query_all(&query).await?;
    let rows = rows.into_iter().map(|row| {
        let name = match column.key {
            Key::Uuid(key) => Name::Uuid(row.try_get("", key)?),
            Key::Text(key) => Name::Text(row.try_get("", key)?),
        };
        Ok::<_, Error>((name, row.try_get("", column.column)?))
    });
    rows.collect()
}

/// Writes unless somebody wrote something else in the meantime, which is sealed under the newest key anyway.
async fn write(host: &Host, column: Column, name: &Name, before: &str, sealed: &str) -> Result<u64> {
    let update = Query::update()
        .table(column.table)
        .value(column.column, sealed)
        .and_where(Expr::col(key_column(column.key)).eq(name.value()))
        .and_where(Expr::col(column.column).eq(before))
        .to_owned();
    Ok(host.database.execute(&update).await?.rows_affected())
}
