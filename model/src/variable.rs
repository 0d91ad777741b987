//! Environment variables of solutions.

use serde::{Deserialize, Serialize};

/// The type of an environment variable's value.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum VariableType {
    /// 100000000
    String,
    /// 100000001
    Number,
    /// 100000002: `yes` or `no`
    Boolean,
    /// 100000003
    Json,
    /// 100000004
    DataSource,
    /// 100000005: a reference into a key vault
    Secret,
}

impl VariableType {
    /// The type of a platform option value.
    pub fn from_code(code: u32) -> Option<Self> {
        Some(match code {
            100_000_000 => Self::String,
            100_000_001 => Self::Number,
            100_000_002 => Self::Boolean,
            100_000_003 => Self::Json,
            100_000_004 => Self::DataSource,
            100_000_005 => Self::Secret,
            _ => return None,
        })
    }

    /// The platform's option value.
    pub fn code(self) -> u32 {
        match self {
            Self::String => 100_000_000,
            Self::Number => 100_000_001,
            Self::Boolean => 100_000_002,
            Self::Json => 100_000_003,
            Self::DataSource => 100_000_004,
            Self::Secret => 100_000_005,
        }
    }

    /// The word on screen.
    pub fn label(self) -> &'static str {
        match self {
            Self::String => "Text",
            Self::Number => "Decimal number",
            Self::Boolean => "Yes/No",
            Self::Json => "JSON",
            Self::DataSource => "Data source",
            Self::Secret => "Secret",
        }
    }
}

/// An environment variable as a package declares it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct EnvironmentVariable {
    /// Schema name, in the package's own casing.
    pub schema_name: String,
    /// Name for people.
    pub display_name: String,
    /// Description, possibly empty.
    #[serde(default)]
    pub description: String,
    /// Type of the value.
    #[serde(rename = "type")]
    pub kind: VariableType,
    /// Value used where an environment has none of its own.
    pub default_value: Option<String>,
    /// The current value packaged along, which an import would overwrite the target's with.
    pub packaged_value: Option<String>,
    /// Whether the definition says that a value is required.
    pub required: bool,
}
