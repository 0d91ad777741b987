//! What the fields of forms must hold, and the messages when they do not.

use crate::{Error, Result};
use model::FieldProblem;
use sea_orm::{DbErr, SqlErr};

/// Characters of a name. The platform's own limit (`name`, str100).
pub(crate) const LONGEST_NAME: usize = 100;
/// Characters of a description. The platform's limit for text of several lines by default.
pub(crate) const LONGEST_DESCRIPTION: usize = 2000;

/// Gathers what is wrong, so that a form says everything at once.
#[derive(Debug, Default)]
pub(crate) struct Fields(Vec<FieldProblem>);

impl Fields {
    /// Nothing wrong so far.
    pub(crate) fn new() -> Self {
        Self::default()
    }

    /// Adds a problem.
    pub(crate) fn problem(&mut self, field: &str, message: impl Into<String>) {
        self.0.push(FieldProblem::new(field, message));
    }

    /// A text of one line that has to be there, trimmed.
    pub(crate) fn required(&mut self, field: &str, what: &str, text: &str, longest: usize) -> String {
        let text = text.trim();
        if text.is_empty() {
            self.problem(field, format!("Enter {what}."));
        } else if text.chars().count() > longest {
            self.problem(field, format!("Use at most {longest} characters for {what}."));
        } else if text.chars().any(char::is_control) {
            self.problem(field, format!("Use only visible characters for {what}."));
        }
        text.to_owned()
    }

    /// The field `name`.
    pub(crate) fn name(&mut self, text: &str) -> String {
        self.required("name", "a name", text, LONGEST_NAME)
    }

    /// The field `description`, which may be empty.
    pub(crate) fn description(&mut self, text: &str) -> String {
        let text = text.trim();
        if text.chars().count() > LONGEST_DESCRIPTION {
            self.problem("description", format!("Use at most {LONGEST_DESCRIPTION} characters for the description."));
        } else if text.contains('\0') {
            self.problem("description", "Use only visible characters for the description.");
        }
        text.to_owned()
    }

    /// Whether a field has a problem already.
    pub(crate) fn has(&self, field: &str) -> bool {
        self.0.iter().any(|problem| problem.field == field)
    }

    /// Goes on only when nothing is wrong.
    pub(crate) fn finish(self) -> Result<()> {
        if self.0.is_empty() { Ok(()) } else { Err(Error::Invalid(self.0)) }
    }
}

/// The form of a name that is the same for names that differ only in case.
pub(crate) fn key(name: &str) -> String {
    name.to_lowercase()
}

/// The error of a write that gave a name: the unique index decides when two give the same name at once, and its
/// refusal becomes the message of the field.
pub(crate) fn name_taken(error: DbErr, field: &str, message: String) -> Error {
    match error.sql_err() {
        Some(SqlErr::UniqueConstraintViolation(index)) if index.contains("name") => Error::field(field, message),
        _ => Error::Database(error),
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing, reason = "tests")]
    use super::*;

    fn message_of_name(text: &str) -> Option<String> {
        let mut fields = Fields::new();
        fields.name(text);
        fields.finish().err().map(|error| error.to_string())
    }

    #[test]
    fn a_name_is_there_and_has_at_most_a_hundred_visible_characters() {
        assert_eq!(message_of_name("Contoso Dev"), None);
        assert_eq!(message_of_name(&"é".repeat(100)), None);
        assert_eq!(message_of_name(" \t "), Some("Enter a name.".to_owned()));
        assert_eq!(message_of_name(&"é".repeat(101)), Some("Use at most 100 characters for a name.".to_owned()));
        assert_eq!(message_of_name("a\u{0}b"), Some("Use only visible characters for a name.".to_owned()));
        assert_eq!(message_of_name("a\nb"), Some("Use only visible characters for a name.".to_owned()));
    }

    #[test]
    fn a_form_says_everything_at_once() {
        let mut fields = Fields::new();
        fields.name("");
        fields.description(&"x".repeat(2001));
        assert!(fields.has("name") && fields.has("description") && !fields.has("owner"));
        let Err(Error::Invalid(problems)) = fields.finish() else { panic!("no problems") };
        assert_eq!(problems.len(), 2);
    }
}
