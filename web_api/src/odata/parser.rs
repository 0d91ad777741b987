//! Reads `$filter`: once, and checked against the table.

use super::{
    filter::{Comparison, Filter, Literal, Operand, Path, Search, Step, moment},
    lexer::{Token, is_guid, words},
};
use crate::{
    error::{ApiError, Result},
    table::{Kind, Schema, Table},
};

/// Lookups that a path may lead through.
const MOST_LOOKUPS: usize = 3;

/// How deep expressions may be nested.
const DEEPEST: usize = 50;

impl Filter {
    /// Reads an expression about the rows of a table.
    pub fn parse(text: &str, schema: Schema, table: &'static Table) -> Result<Self> {
        let mut parser = Parser { tokens: words(text)?, at: 0, schema, table };
        let filter = parser.or(0)?;
        match parser.peek() {
            None => Ok(filter),
            Some(token) => Err(ApiError::odata(format!("Syntax error at {token:?} in '$filter'."))),
        }
    }
}

/// Reads a value that stands without quotes.
pub fn literal(word: &str) -> Option<Literal> {
    match word {
        "null" => return Some(Literal::Null),
        "true" => return Some(Literal::Boolean(true)),
        "false" => return Some(Literal::Boolean(false)),
        _ => {}
    }
    if is_guid(word) {
        return Some(Literal::Guid(word.to_owned()));
    }
    if let Ok(number) = word.parse::<f64>()
        && number.is_finite()
        && word.chars().all(|c| c.is_ascii_digit() || "+-.eE".contains(c))
    {
        return Some(Literal::Number(number));
    }
    moment(word).map(Literal::Moment)
}

struct Parser {
    tokens: Vec<Token>,
    at: usize,
    schema: Schema,
    table: &'static Table,
}

impl Parser {
    fn peek(&self) -> Option<&Token> {
        self.tokens.get(self.at)
    }

    fn next(&mut self) -> Result<Token> {
        let token = self.tokens.get(self.at).cloned();
        self.at += 1;
        token.ok_or_else(|| ApiError::odata("The expression of '$filter' ends too early."))
    }

    fn take(&mut self, expected: &Token) -> Result<()> {
        let token = self.next()?;
        if token == *expected {
            Ok(())
        } else {
            Err(ApiError::odata(format!("Syntax error in '$filter': {expected:?} expected, {token:?} found.")))
        }
    }

    fn take_word(&mut self, word: &str) -> bool {
        let is = matches!(self.peek(), Some(Token::Word(found)) if found.eq_ignore_ascii_case(word));
        self.at += usize::from(is);
        is
    }

    fn or(&mut self, depth: usize) -> Result<Filter> {
        not_too_deep(depth)?;
        let mut filter = self.and(depth)?;
        while self.take_word("or") {
            filter = Filter::Or(Box::new(filter), Box::new(self.and(depth)?));
        }
        Ok(filter)
    }

    fn and(&mut self, depth: usize) -> Result<Filter> {
        let mut filter = self.one(depth)?;
        while self.take_word("and") {
            filter = Filter::And(Box::new(filter), Box::new(self.one(depth)?));
        }
        Ok(filter)
    }

    fn one(&mut self, depth: usize) -> Result<Filter> {
        not_too_deep(depth)?;
        if self.take_word("not") {
            return Ok(Filter::Not(Box::new(self.one(depth + 1)?)));
        }
        if self.peek() == Some(&Token::Open) {
            self.at += 1;
            let filter = self.or(depth + 1)?;
            self.take(&Token::Close)?;
            return Ok(filter);
        }
        if let Some(filter) = self.search()? {
            return Ok(filter);
        }
        let left = self.operand(depth)?;
        let comparison = match self.peek() {
            Some(Token::Word(word)) => match word.to_ascii_lowercase().as_str() {
                "eq" => Comparison::Equal,
                "ne" => Comparison::NotEqual,
                "gt" => Comparison::Greater,
                "ge" => Comparison::GreaterOrEqual,
                "lt" => Comparison::Less,
                "le" => Comparison::LessOrEqual,
                "in" => {
                    self.at += 1;
                    return Ok(Filter::In(left, self.list()?));
                }
                _ => return Ok(Filter::Is(left)),
            },
            _ => return Ok(Filter::Is(left)),
        };
        self.at += 1;
        let right = self.operand(depth)?;
        Ok(Filter::Compare(left, comparison, right))
    }

    fn search(&mut self) -> Result<Option<Filter>> {
        let Some(Token::Word(word)) = self.peek() else { return Ok(None) };
        let search = match word.to_ascii_lowercase().as_str() {
            "contains" => Search::Contains,
            "startswith" => Search::Begins,
            "endswith" => Search::Ends,
            _ => return Ok(None),
        };
        if self.tokens.get(self.at + 1) != Some(&Token::Open) {
            return Ok(None);
        }
        self.at += 2;
        let text = self.operand(0)?;
        self.take(&Token::Comma)?;
        let part = self.operand(0)?;
        self.take(&Token::Close)?;
        Ok(Some(Filter::Search(search, text, part)))
    }

    fn list(&mut self) -> Result<Vec<Literal>> {
        self.take(&Token::Open)?;
        let mut literals = Vec::new();
        loop {
            match self.next()? {
                Token::Text(text) => literals.push(Literal::Text(text)),
                Token::Value(word) | Token::Word(word) => literals.push(value_of_word(&word)?),
                token => return Err(ApiError::odata(format!("Syntax error in '$filter': {token:?} in a list."))),
            }
            match self.next()? {
                Token::Comma => {}
                Token::Close => return Ok(literals),
                token => return Err(ApiError::odata(format!("Syntax error in '$filter': {token:?} in a list."))),
            }
        }
    }

    fn operand(&mut self, depth: usize) -> Result<Operand> {
        not_too_deep(depth)?;
        match self.next()? {
            Token::Text(text) => Ok(Operand::Literal(Literal::Text(text))),
            Token::Value(word) => Ok(Operand::Literal(value_of_word(&word)?)),
            Token::Word(word) => {
                if self.peek() == Some(&Token::Open) {
                    let wrap = match word.to_ascii_lowercase().as_str() {
                        "tolower" | "toupper" | "trim" => Operand::Trimmed,
                        "length" => Operand::Length,
                        _ => return Err(ApiError::odata(format!("The function '{word}' is not supported."))),
                    };
                    self.at += 1;
                    let inner = self.operand(depth + 1)?;
                    self.take(&Token::Close)?;
                    return Ok(wrap(Box::new(inner)));
                }
                match literal(&word) {
                    Some(literal) => Ok(Operand::Literal(literal)),
                    None => Ok(Operand::Path(path(&word, self.schema, self.table)?)),
                }
            }
            token => Err(ApiError::odata(format!("Syntax error in '$filter' at {token:?}."))),
        }
    }
}

fn not_too_deep(depth: usize) -> Result<()> {
    if depth > DEEPEST {
        let message = format!("The expression of '$filter' is nested deeper than {DEEPEST} levels.");
        return Err(ApiError::odata(message));
    }
    Ok(())
}

fn value_of_word(word: &str) -> Result<Literal> {
    literal(word).ok_or_else(|| ApiError::odata(format!("'{word}' in '$filter' is not a value.")))
}

/// Finds a property, possibly through lookups: `publisherid/uniquename`.
pub(super) fn path(text: &str, schema: Schema, table: &'static Table) -> Result<Path> {
    let mut parts: Vec<&str> = text.split('/').collect();
    let mut property = parts.pop().unwrap_or_default().to_owned();
    if parts.len() > MOST_LOOKUPS {
        return Err(ApiError::odata(format!("A path leads through at most {MOST_LOOKUPS} lookups.")));
    }
    let mut table = table;
    let mut through = Vec::new();
    let unknown = |name: &str, table: &Table| {
        ApiError::odata(format!(
            "Could not find a property named '{name}' on type 'Microsoft.Dynamics.CRM.{}'.",
            table.logical_name
        ))
    };
    for part in &parts {
        let (column, target) = table.lookup(part).ok_or_else(|| unknown(part, table))?;
        table = schema.table(target).ok_or_else(|| unknown(part, table))?;
        through.push(Step { column, table });
    }
    // A lookup may be compared by its own name, too.
    if let Some((column, _)) = table.lookup(&property) {
        property = column.property();
    }
    let column = table.property(&property).ok_or_else(|| unknown(&property, table))?;
    let is_moment = matches!(column.kind, Kind::DateTime);
    Ok(Path { through, property, is_moment })
}
