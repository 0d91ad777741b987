//! `$filter`: true, false or unknown for a row, as in SQL.

use super::apply::{Row, Snapshot, follow};
use crate::table::{Column, Table};
use serde_json::Value;
use std::cmp::Ordering;
use time::{Date, OffsetDateTime, format_description::well_known::Rfc3339, macros::format_description};

/// A value in an expression.
#[derive(Clone, Debug, PartialEq)]
pub enum Literal {
    /// `null`
    Null,
    /// `true`, `false`
    Boolean(bool),
    /// `12`, `-1.5`
    Number(f64),
    /// `'text'`
    Text(String),
    /// An id without quotes.
    Guid(String),
    /// A moment.
    Moment(OffsetDateTime),
}

/// A step from a row to the record that one of its lookups leads to.
#[derive(Clone, Copy, Debug)]
pub struct Step {
    /// The lookup.
    pub column: &'static Column,
    /// Where it leads.
    pub table: &'static Table,
}

/// A property, possibly of a record that a lookup leads to.
#[derive(Clone, Debug)]
pub struct Path {
    /// Lookups on the way.
    pub through: Vec<Step>,
    /// The property.
    pub property: String,
    /// Whether the property holds a moment.
    pub is_moment: bool,
}

/// Something that has a value for a row.
#[derive(Clone, Debug)]
pub enum Operand {
    /// A property.
    Path(Path),
    /// A value.
    Literal(Literal),
    /// `tolower(…)` and `toupper(…)`, which change nothing where case does not count, and `trim(…)`.
    Trimmed(Box<Operand>),
    /// `length(…)`
    Length(Box<Operand>),
}

/// A comparison.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Comparison {
    /// `eq`
    Equal,
    /// `ne`
    NotEqual,
    /// `gt`
    Greater,
    /// `ge`
    GreaterOrEqual,
    /// `lt`
    Less,
    /// `le`
    LessOrEqual,
}

/// How a text is looked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Search {
    /// `contains`
    Contains,
    /// `startswith`
    Begins,
    /// `endswith`
    Ends,
}

/// An expression.
#[derive(Clone, Debug)]
pub enum Filter {
    /// `a and b`
    And(Box<Filter>, Box<Filter>),
    /// `a or b`
    Or(Box<Filter>, Box<Filter>),
    /// `not a`
    Not(Box<Filter>),
    /// `a eq b`
    Compare(Operand, Comparison, Operand),
    /// `a in (…)`, `Microsoft.Dynamics.CRM.In(PropertyName='a',PropertyValues=[…])`
    In(Operand, Vec<Literal>),
    /// `contains(a, 'b')`
    Search(Search, Operand, Operand),
    /// A property that is a truth value.
    Is(Operand),
}

impl Filter {
    /// Whether a row is meant.
    pub fn admits(&self, row: &Row, snapshot: &Snapshot) -> bool {
        self.holds(row, snapshot) == Some(true)
    }

    /// The value that a property has to equal for every row that is meant, where the expression says so.
    pub fn required(&self, property: &str) -> Option<&Literal> {
        match self {
            Self::And(a, b) => a.required(property).or_else(|| b.required(property)),
            Self::Compare(Operand::Path(path), Comparison::Equal, Operand::Literal(literal)) if path.is(property) => {
                Some(literal)
            }
            _ => None,
        }
    }

    /// The values of which a property has to equal one for every row that is meant, where the expression says so. What
    /// may be missing is none of them.
    pub fn one_of(&self, property: &str) -> Option<Vec<&Literal>> {
        match self {
            Self::And(a, b) => a.one_of(property).or_else(|| b.one_of(property)),
            Self::Or(a, b) => {
                let mut values = a.one_of(property)?;
                values.extend(b.one_of(property)?);
                Some(values)
            }
            Self::In(Operand::Path(path), literals) if path.is(property) => Some(literals.iter().collect()),
            _ => self.required(property).filter(|literal| **literal != Literal::Null).map(|literal| vec![literal]),
        }
    }

    /// Whether the expression says nothing but that some properties are one of some values.
    pub fn asks_only_for(&self, properties: &[&str]) -> bool {
        match self {
            Self::And(a, b) => a.asks_only_for(properties) && b.asks_only_for(properties),
            other => properties.iter().any(|property| other.is_choice_of(property)),
        }
    }

    fn is_choice_of(&self, property: &str) -> bool {
        match self {
            Self::Or(a, b) => a.is_choice_of(property) && b.is_choice_of(property),
            Self::Compare(Operand::Path(path), Comparison::Equal, Operand::Literal(literal)) => {
                path.is(property) && *literal != Literal::Null
            }
            Self::In(Operand::Path(path), _) => path.is(property),
            _ => false,
        }
    }

    /// Logical names of the tables that lookups in the expression lead to.
    pub fn tables(&self, found: &mut Vec<&'static str>) {
        match self {
            Self::And(a, b) | Self::Or(a, b) => {
                a.tables(found);
                b.tables(found);
            }
            Self::Not(a) => a.tables(found),
            Self::Compare(a, _, b) | Self::Search(_, a, b) => {
                a.tables(found);
                b.tables(found);
            }
            Self::In(a, _) | Self::Is(a) => a.tables(found),
        }
    }

    /// Unknown where a value is missing, as in SQL.
    fn holds(&self, row: &Row, snapshot: &Snapshot) -> Option<bool> {
        let value = |operand: &Operand| operand.value(row, snapshot);
        match self {
            Self::And(a, b) => match (a.holds(row, snapshot), b.holds(row, snapshot)) {
                (Some(false), _) | (_, Some(false)) => Some(false),
                (Some(true), Some(true)) => Some(true),
                _ => None,
            },
            Self::Or(a, b) => match (a.holds(row, snapshot), b.holds(row, snapshot)) {
                (Some(true), _) | (_, Some(true)) => Some(true),
                (Some(false), Some(false)) => Some(false),
                _ => None,
            },
            Self::Not(a) => a.holds(row, snapshot).map(|holds| !holds),
            Self::Compare(a, comparison, b) => compare(&value(a), *comparison, &value(b)),
            Self::In(a, literals) => {
                let value = value(a);
                if value == Literal::Null {
                    return None;
                }
                Some(literals.iter().any(|literal| order(&value, literal) == Some(Ordering::Equal)))
            }
            Self::Search(search, a, b) => {
                let (a, b) = (value(a), value(b));
                let (text, part) = (text(&a)?.to_lowercase(), text(&b)?.to_lowercase());
                Some(match search {
                    Search::Contains => text.contains(&part),
                    Search::Begins => text.starts_with(&part),
                    Search::Ends => text.ends_with(&part),
                })
            }
            Self::Is(a) => match value(a) {
                Literal::Boolean(is) => Some(is),
                _ => None,
            },
        }
    }
}

impl Operand {
    fn value(&self, row: &Row, snapshot: &Snapshot) -> Literal {
        match self {
            Self::Literal(literal) => literal.clone(),
            Self::Path(path) => value_of(path, row, snapshot),
            Self::Trimmed(inner) => match inner.value(row, snapshot) {
                Literal::Text(text) => Literal::Text(text.trim().to_owned()),
                other => other,
            },
            Self::Length(inner) => match text(&inner.value(row, snapshot)) {
                #[allow(clippy::cast_precision_loss, reason = "no text is that long")]
                Some(text) => Literal::Number(text.chars().count() as f64),
                None => Literal::Null,
            },
        }
    }

    fn tables(&self, found: &mut Vec<&'static str>) {
        match self {
            Self::Path(path) => found.extend(path.tables()),
            Self::Literal(_) => {}
            Self::Trimmed(inner) | Self::Length(inner) => inner.tables(found),
        }
    }
}

impl Path {
    /// Whether it is this property of the row itself.
    pub fn is(&self, property: &str) -> bool {
        self.through.is_empty() && self.property == property
    }

    /// Logical names of the tables on the way.
    pub fn tables(&self) -> impl Iterator<Item = &'static str> {
        self.through.iter().map(|step| step.table.logical_name)
    }
}

/// Reads a value of a row.
fn read(value: Option<&Value>, is_moment: bool) -> Literal {
    match value {
        None | Some(Value::Null | Value::Array(_) | Value::Object(_)) => Literal::Null,
        Some(Value::Bool(is)) => Literal::Boolean(*is),
        Some(Value::Number(number)) => Literal::Number(number.as_f64().unwrap_or(f64::NAN)),
        Some(Value::String(text)) if is_moment => moment(text).map_or(Literal::Null, Literal::Moment),
        Some(Value::String(text)) => Literal::Text(text.clone()),
    }
}

fn text(literal: &Literal) -> Option<&str> {
    match literal {
        Literal::Text(text) | Literal::Guid(text) => Some(text),
        _ => None,
    }
}

fn compare(a: &Literal, comparison: Comparison, b: &Literal) -> Option<bool> {
    // `eq null` and `ne null` ask whether there is a value; any other comparison with what is missing is unknown.
    if *a == Literal::Null || *b == Literal::Null {
        let both = a == b;
        return match comparison {
            Comparison::Equal if *b == Literal::Null || *a == Literal::Null && both => Some(both),
            Comparison::NotEqual if *b == Literal::Null => Some(!both),
            _ => None,
        };
    }
    let order = order(a, b)?;
    Some(match comparison {
        Comparison::Equal => order == Ordering::Equal,
        Comparison::NotEqual => order != Ordering::Equal,
        Comparison::Greater => order == Ordering::Greater,
        Comparison::GreaterOrEqual => order != Ordering::Less,
        Comparison::Less => order == Ordering::Less,
        Comparison::LessOrEqual => order != Ordering::Greater,
    })
}

/// The order of two values; none for what cannot be compared. Case does not count, as on the platform.
pub(super) fn order(a: &Literal, b: &Literal) -> Option<Ordering> {
    match (a, b) {
        (Literal::Boolean(a), Literal::Boolean(b)) => Some(a.cmp(b)),
        (Literal::Number(a), Literal::Number(b)) => a.partial_cmp(b),
        (Literal::Moment(a), Literal::Moment(b)) => Some(a.cmp(b)),
        (Literal::Moment(a), Literal::Text(b)) => moment(b).map(|b| a.cmp(&b)),
        (Literal::Text(a), Literal::Moment(b)) => moment(a).map(|a| a.cmp(b)),
        _ => Some(text(a)?.to_lowercase().cmp(&text(b)?.to_lowercase())),
    }
}

/// The value a path has for a row.
pub(super) fn value_of(path: &Path, row: &Row, snapshot: &Snapshot) -> Literal {
    follow(row, &path.through, snapshot).map_or(Literal::Null, |row| read(row.get(&path.property), path.is_moment))
}

pub(super) fn moment(text: &str) -> Option<OffsetDateTime> {
    OffsetDateTime::parse(text, &Rfc3339).ok().or_else(|| {
        let date = Date::parse(text, format_description!("[year]-[month]-[day]")).ok()?;
        Some(date.midnight().assume_utc())
    })
}
