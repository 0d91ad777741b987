//! What pre-flight finds.

use crate::{Component, ErrorCode};
use serde::{Deserialize, Serialize, Serializer};

/// How much a finding matters: errors block a deployment, warnings and information do not.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Severity {
    /// The deployment would fail.
    Error,
    /// The deployment works, but somebody should know.
    Warning,
    /// Worth knowing.
    Information,
}

impl Severity {
    /// The word on screen.
    pub fn label(self) -> &'static str {
        match self {
            Self::Error => "Error",
            Self::Warning => "Warning",
            Self::Information => "Information",
        }
    }
}

/// What a page can offer so that a finding goes away.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "kebab-case", rename_all_fields = "camelCase")]
pub enum Action {
    /// Choose a connection for a connection reference.
    BindConnection {
        /// Its logical name.
        logical_name: String,
    },
    /// Give an environment variable a value.
    EnterValue {
        /// Its schema name.
        schema_name: String,
    },
    /// Deploy another solution to the same target first, in its own pipeline.
    DeploySolution {
        /// Its unique name.
        unique_name: String,
    },
}

/// One thing pre-flight found. In JSON it has the code's symbolic name beside the code.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
pub struct Finding {
    /// How much it matters.
    pub severity: Severity,
    /// The platform's code, where it has one.
    pub code: Option<ErrorCode>,
    /// The rule that found it, in kebab case: `missing-dependency`.
    pub rule: String,
    /// A few words for a heading.
    pub title: String,
    /// What is wrong, in a sentence.
    pub message: String,
    /// The components concerned.
    pub components: Vec<Component>,
    /// What to do about it, in a sentence; empty where there is nothing to do.
    #[serde(default)]
    pub remedy: String,
    /// What does it, where a page can offer that.
    #[serde(default)]
    pub action: Option<Action>,
}

impl Serialize for Finding {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        #[derive(Serialize)]
        struct Written<'a> {
            severity: Severity,
            code: Option<ErrorCode>,
            #[serde(skip_serializing_if = "Option::is_none")]
            symbol: Option<&'a str>,
            rule: &'a str,
            title: &'a str,
            message: &'a str,
            components: &'a [Component],
            remedy: &'a str,
            #[serde(skip_serializing_if = "Option::is_none")]
            action: Option<&'a Action>,
        }
        let Self { severity, code, rule, title, message, components, remedy, action } = self;
        let symbol = code.and_then(ErrorCode::symbol);
        Written {
            severity: *severity,
            code: *code,
            symbol,
            rule,
            title,
            message,
            components,
            remedy,
            action: action.as_ref(),
        }
        .serialize(serializer)
    }
}

impl Finding {
    /// Whether this finding keeps a deployment from starting.
    pub fn blocks(&self) -> bool {
        self.severity == Severity::Error
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_finding_is_written_with_the_symbolic_name_of_its_code_and_read_again() {
        let finding = Finding {
            severity: Severity::Error,
            code: Some(ErrorCode::MISSING_DEPENDENCIES),
            rule: "missing-dependency".to_owned(),
            title: "Missing table".to_owned(),
            message: "It is not there.".to_owned(),
            components: Vec::new(),
            remedy: String::new(),
            action: Some(Action::DeploySolution { unique_name: "Regions".to_owned() }),
        };
        let json = serde_json::to_value(&finding).unwrap();
        assert_eq!(json["symbol"], "ImportMissingDependenciesError");
        assert_eq!(json["action"], serde_json::json!({ "kind": "deploy-solution", "uniqueName": "Regions" }));
        assert_eq!(serde_json::from_value::<Finding>(json).unwrap(), finding);
    }
}
