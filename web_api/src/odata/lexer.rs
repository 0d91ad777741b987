//! The words of an OData expression.

use crate::error::{ApiError, Result};

/// One word.
#[derive(Clone, Debug, PartialEq)]
pub enum Token {
    /// `uniquename`, `eq`, `_publisherid_value`, `publisherid/uniquename`, `Microsoft.Dynamics.CRM.In`.
    Word(String),
    /// `'text'`, its doubled quotes undone.
    Text(String),
    /// A number, date or id: whatever begins with a digit or a sign.
    Value(String),
    /// `(`
    Open,
    /// `)`
    Close,
    /// `,`
    Comma,
}

/// Words one expression may have.
const MOST: usize = 5000;

/// Takes an expression apart.
pub fn words(text: &str) -> Result<Vec<Token>> {
    let mut tokens = Vec::new();
    let mut rest = text.trim_start();
    while let Some(first) = rest.chars().next() {
        let (token, after) = match first {
            '(' => (Token::Open, rest.get(1..)),
            ')' => (Token::Close, rest.get(1..)),
            ',' => (Token::Comma, rest.get(1..)),
            '\'' => {
                let (text, after) = quoted(rest)?;
                (Token::Text(text), Some(after))
            }
            _ => {
                let end = rest.find(|c: char| c.is_whitespace() || "(),'".contains(c)).unwrap_or(rest.len());
                let (word, after) = rest.split_at(end);
                // `guid'…'` and `datetime'…'` are from OData before version 4.
                if word.is_empty() {
                    return Err(ApiError::odata(format!("Syntax error at '{first}'.")));
                }
                let is_value = first.is_ascii_digit() || first == '-' || first == '+' || is_guid(word);
                (if is_value { Token::Value(word.to_owned()) } else { Token::Word(word.to_owned()) }, Some(after))
            }
        };
        tokens.push(token);
        if tokens.len() > MOST {
            return Err(ApiError::odata(format!("The expression has more than {MOST} words.")));
        }
        rest = after.unwrap_or_default().trim_start();
    }
    Ok(tokens)
}

/// Whether a word is an id: thirty-two hexadecimal digits with four dashes.
pub fn is_guid(word: &str) -> bool {
    word.len() == 36 && uuid::Uuid::parse_str(word).is_ok()
}

fn quoted(text: &str) -> Result<(String, &str)> {
    let mut value = String::new();
    let mut rest = text.get(1..).unwrap_or_default();
    loop {
        let Some(end) = rest.find('\'') else {
            return Err(ApiError::odata("There is an unterminated string literal in the expression."));
        };
        let (piece, after) = rest.split_at(end);
        value.push_str(piece);
        let after = after.get(1..).unwrap_or_default();
        if let Some(more) = after.strip_prefix('\'') {
            value.push('\'');
            rest = more;
        } else {
            return Ok((value, after));
        }
    }
}
