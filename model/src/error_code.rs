//! Error codes of the platform.

use serde::{Deserialize, Serialize};
use std::fmt;

/// A Dataverse error code. Written `0x8004801D` in JSON and on screen; the Web API also uses it as a signed number.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct ErrorCode(pub u32);

impl ErrorCode {
    /// `ImportSolutionInvalidFile`: not a solution package.
    pub const INVALID_SOLUTION_FILE: Self = Self(0x8004_8060);
    /// `ImportInvalidFileError`.
    pub const INVALID_FILE: Self = Self(0x8004_8000);
    /// `ImportInvalidXmlError`: a file that is not well-formed XML.
    pub const INVALID_XML: Self = Self(0x8004_802C);
    /// `ImportXsdValidationError`: a file that is not as its schema asks.
    pub const INVALID_SCHEMA: Self = Self(0x8004_801A);
    /// `ImportMissingDependenciesError`.
    pub const MISSING_DEPENDENCIES: Self = Self(0x8004_801D);
    /// `ImportWrongPublisherError`.
    pub const WRONG_PUBLISHER: Self = Self(0x8004_801C);
    /// `ImportSolutionManagedToUnmanagedMismatch`: a managed package over an unmanaged solution.
    pub const MANAGED_OVER_UNMANAGED: Self = Self(0x8004_8040);
    /// `ImportSolutionUnmanagedToManagedMismatch`: an unmanaged package over a managed solution.
    pub const UNMANAGED_OVER_MANAGED: Self = Self(0x8004_8041);
    /// `SolutionConcurrencyFailure`: another solution operation is running in the environment.
    pub const SOLUTION_CONCURRENCY: Self = Self(0x8007_1151);
    /// `DuplicateComponentInSolutionXml`.
    pub const DUPLICATE_COMPONENT: Self = Self(0x8007_1153);
    /// `ImportSolutionError`: the import failed.
    pub const IMPORT_FAILED: Self = Self(0x8004_8033);
    /// `ExportManagedSolutionError`: a managed solution cannot be exported.
    pub const EXPORT_MANAGED: Self = Self(0x8004_8036);
    /// `ExportNonExistingSolution`.
    pub const EXPORT_MISSING_SOLUTION: Self = Self(0x8004_8037);
    /// `InvalidSolutionUniqueName`.
    pub const INVALID_UNIQUE_NAME: Self = Self(0x8004_F002);
    /// `InvalidSolutionVersion`.
    pub const INVALID_VERSION: Self = Self(0x8004_F01E);
    /// `SolutionDependenciesExist`: other solutions need this one.
    pub const DEPENDENCIES_EXIST: Self = Self(0x8004_F01D);

    /// The code as the Web API writes it.
    #[allow(clippy::cast_possible_wrap, reason = "the platform's own reading of the same 32 bits")]
    pub fn as_i32(self) -> i32 {
        self.0 as i32
    }
}

/// A text that is not an error code.
#[derive(Debug, thiserror::Error)]
#[error("“{0}” is not an error code such as 0x8004801D.")]
pub struct InvalidErrorCode(String);

impl TryFrom<String> for ErrorCode {
    type Error = InvalidErrorCode;

    fn try_from(text: String) -> Result<Self, Self::Error> {
        text.strip_prefix("0x")
            .filter(|digits| digits.len() == 8)
            .and_then(|digits| u32::from_str_radix(digits, 16).ok())
            .map(Self)
            .ok_or(InvalidErrorCode(text))
    }
}

impl From<ErrorCode> for String {
    fn from(code: ErrorCode) -> Self {
        code.to_string()
    }
}

impl fmt::Display for ErrorCode {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "0x{:08X}", self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_code_reads_in_both_of_the_platforms_forms() {
        assert_eq!(ErrorCode::MISSING_DEPENDENCIES.to_string(), "0x8004801D");
        assert_eq!(ErrorCode::MISSING_DEPENDENCIES.as_i32(), -2_147_188_707);
        let read = ErrorCode::try_from("0x8004801D".to_owned()).unwrap();
        assert_eq!(read, ErrorCode::MISSING_DEPENDENCIES);
        assert!(ErrorCode::try_from("8004801D".to_owned()).is_err());
    }
}
