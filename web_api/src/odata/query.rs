//! The options of a query: `$select`, `$filter`, `$orderby`, `$top`, `$count`, `$expand`, `$skiptoken`.

use super::{
    filter::{Filter, Path},
    parser::path,
};
use crate::{
    error::{ApiError, Result},
    table::{Collection, Column, Schema, Table},
};

/// How deep expansions may be nested.
const DEEPEST: usize = 3;

/// Expansions at one level; the platform has as many.
const MOST_EXPANDS: usize = 15;

/// Records one answer has at most; more come with the next link.
pub const MOST_RECORDS: usize = 5000;

/// A query about the rows of a table.
#[derive(Clone, Debug)]
pub struct Query {
    /// The table.
    pub table: &'static Table,
    /// Properties to show; all where it is empty.
    pub select: Vec<&'static Column>,
    /// Which rows.
    pub filter: Option<Filter>,
    /// In which order; true is descending.
    pub order: Vec<(Path, bool)>,
    /// At most how many.
    pub top: Option<usize>,
    /// Whether to count them.
    pub count: bool,
    /// What to show with each.
    pub expand: Vec<Expand>,
    /// Where to go on.
    pub skip_token: Option<String>,
}

/// Records that are shown with a row.
#[derive(Clone, Debug)]
pub struct Expand {
    /// Name of the navigation property.
    pub navigation: &'static str,
    /// How they hang together.
    pub way: Way,
    /// The query about them.
    pub query: Query,
}

/// How records hang together.
#[derive(Clone, Copy, Debug)]
pub enum Way {
    /// The row leads to one record.
    Lookup(&'static Column),
    /// Other records lead to the row.
    Collection(&'static Collection),
}

impl Query {
    /// A query for everything.
    pub fn all(table: &'static Table) -> Self {
        Self {
            table,
            select: Vec::new(),
            filter: None,
            order: Vec::new(),
            top: None,
            count: false,
            expand: Vec::new(),
            skip_token: None,
        }
    }

    /// Reads the query part of an address, percent-encoded as it comes.
    pub fn parse(text: &str, schema: Schema, table: &'static Table) -> Result<Self> {
        let options = options(text)?;
        Self::of_options(options.iter().map(|(name, value)| (name.as_str(), value.as_str())), schema, table, 0)
    }

    fn of_options<'a>(
        options: impl Iterator<Item = (&'a str, &'a str)>,
        schema: Schema,
        table: &'static Table,
        depth: usize,
    ) -> Result<Self> {
        let mut query = Self::all(table);
        for (name, value) in options {
            match name.trim() {
                "$select" => query.select = select(value, table)?,
                "$filter" if value.trim().is_empty() => {}
                "$filter" => query.filter = Some(Filter::parse(value, schema, table)?),
                "$orderby" => query.order = order(value, schema, table)?,
                "$top" => {
                    let top = value.trim().parse().map_err(|_| {
                        ApiError::odata(format!("Invalid value '{value}' for $top query option found. It is a number."))
                    })?;
                    query.top = Some(top);
                }
                "$count" => {
                    query.count = value.trim().parse().map_err(|_| {
                        ApiError::odata(format!("Invalid value '{value}' for $count: it is true or false."))
                    })?;
                }
                "$expand" => query.expand = expand(value, schema, table, depth)?,
                "$skiptoken" if depth == 0 => query.skip_token = Some(value.to_owned()),
                "$format" | "api-version" => {}
                unknown if unknown.starts_with('$') => {
                    return Err(ApiError::odata(format!("The query option '{unknown}' is not supported.")));
                }
                _ => {}
            }
        }
        Ok(query)
    }

    /// Logical names of the tables that decide which rows are shown: its own first.
    pub fn deciding_tables(&self) -> Vec<&'static str> {
        let mut found = vec![self.table.logical_name];
        let mut others = Vec::new();
        if let Some(filter) = &self.filter {
            filter.tables(&mut others);
        }
        others.extend(self.order.iter().flat_map(|(path, _)| path.tables()));
        for table in others {
            if !found.contains(&table) {
                found.push(table);
            }
        }
        found
    }
}

fn select(value: &str, table: &'static Table) -> Result<Vec<&'static Column>> {
    let names = value.split(',').map(str::trim).filter(|name| !name.is_empty() && *name != "*");
    names
        .map(|name| {
            let by_lookup = || table.lookup(name).map(|(column, _)| column);
            table.property(name).or_else(by_lookup).ok_or_else(|| {
                ApiError::odata(format!(
                    "Could not find a property named '{name}' on type 'Microsoft.Dynamics.CRM.{}'.",
                    table.logical_name
                ))
            })
        })
        .collect()
}

fn order(value: &str, schema: Schema, table: &'static Table) -> Result<Vec<(Path, bool)>> {
    let parts = value.split(',').map(str::trim).filter(|part| !part.is_empty());
    parts
        .map(|part| {
            let mut words = part.split_whitespace();
            let property = words.next().unwrap_or_default();
            let descending = match words.next() {
                None | Some("asc") => false,
                Some("desc") => true,
                Some(other) => return Err(ApiError::odata(format!("'{other}' is not an order: it is asc or desc."))),
            };
            Ok((path(property, schema, table)?, descending))
        })
        .collect()
}

fn expand(value: &str, schema: Schema, table: &'static Table, depth: usize) -> Result<Vec<Expand>> {
    if depth >= DEEPEST {
        return Err(ApiError::odata(format!("$expand is nested deeper than {DEEPEST} levels.")));
    }
    let mut expands = Vec::new();
    for part in split(value, ',')? {
        let part = part.trim();
        if part.is_empty() {
            continue;
        }
        let (name, options) = match part.split_once('(') {
            Some((name, rest)) => {
                let options = rest.strip_suffix(')').ok_or_else(|| ApiError::odata("$expand has an open bracket."))?;
                (name.trim(), options)
            }
            None => (part, ""),
        };
        let unknown = || {
            ApiError::odata(format!(
                "Could not find a property named '{name}' on type 'Microsoft.Dynamics.CRM.{}'.",
                table.logical_name
            ))
        };
        let (navigation, way, target) = if let Some((column, target)) = table.lookup(name) {
            let crate::table::Kind::Lookup { navigation, .. } = column.kind else { return Err(unknown()) };
            (navigation, Way::Lookup(column), target)
        } else {
            let collection = table.collection(name).ok_or_else(unknown)?;
            (collection.navigation, Way::Collection(collection), collection.table)
        };
        let target = schema.table(target).ok_or_else(unknown)?;
        let options = split(options, ';')?;
        let pairs = options.iter().filter_map(|option| option.trim().split_once('='));
        let query = Query::of_options(pairs, schema, target, depth + 1)?;
        expands.push(Expand { navigation, way, query });
        if expands.len() > MOST_EXPANDS {
            return Err(ApiError::odata(format!("A query has at most {MOST_EXPANDS} $expand options at each level.")));
        }
    }
    Ok(expands)
}

/// Splits at a separator that stands outside of brackets and quotes.
pub fn split(text: &str, separator: char) -> Result<Vec<&str>> {
    let mut parts = Vec::new();
    let (mut depth, mut quoted, mut begin) = (0_usize, false, 0);
    for (at, c) in text.char_indices() {
        match c {
            '\'' => quoted = !quoted,
            '(' | '[' | '{' if !quoted => depth += 1,
            ')' | ']' | '}' if !quoted => {
                depth = depth.checked_sub(1).ok_or_else(|| ApiError::odata("There is a closing bracket too many."))?;
            }
            c if c == separator && depth == 0 && !quoted => {
                parts.push(text.get(begin..at).unwrap_or_default());
                begin = at + c.len_utf8();
            }
            _ => {}
        }
    }
    if quoted || depth > 0 {
        return Err(ApiError::odata("There is an open bracket or quote."));
    }
    parts.push(text.get(begin..).unwrap_or_default());
    parts.retain(|part| !part.is_empty());
    Ok(parts)
}

/// The options of an address, percent signs and plus signs undone.
pub fn options(text: &str) -> Result<Vec<(String, String)>> {
    let parts = text.split('&').filter(|part| !part.is_empty());
    parts
        .map(|part| {
            let (name, value) = part.split_once('=').unwrap_or((part, ""));
            Ok((decode(name, true)?, decode(value, true)?))
        })
        .collect()
}

/// Undoes percent signs, and plus signs where they stand for blanks.
pub fn decode(text: &str, plus: bool) -> Result<String> {
    let bad = || ApiError::odata("The address has a percent sign that means nothing.");
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.as_bytes();
    while let Some((&byte, after)) = rest.split_first() {
        rest = after;
        match byte {
            b'%' => {
                let digits = rest.get(..2).and_then(|digits| std::str::from_utf8(digits).ok()).ok_or_else(bad)?;
                bytes.push(u8::from_str_radix(digits, 16).map_err(|_| bad())?);
                rest = rest.get(2..).unwrap_or_default();
            }
            b'+' if plus => bytes.push(b' '),
            byte => bytes.push(byte),
        }
    }
    String::from_utf8(bytes).map_err(|_| bad())
}
