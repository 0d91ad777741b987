//! Error codes of the platform.

use serde::{Deserialize, Serialize};
use std::fmt;

/// A Dataverse error code. Written `0x8004801D` in JSON and on screen; the Web API also uses it as a signed number.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct ErrorCode(pub u32);

/// Names the codes that Slipway uses itself. The symbolic names are the platform's
/// (Microsoft, *Web service error codes*, `web-service-error-codes.md`).
macro_rules! codes {
    ($($name:ident = $number:literal, $symbol:literal, $meaning:literal;)*) => {
        impl ErrorCode {
            $(
                #[doc = concat!("`", $symbol, "`: ", $meaning, ".")]
                pub const $name: Self = Self($number);
            )*

            /// The platform's symbolic name of the code, where Slipway knows it: `ImportMissingDependenciesError`.
            pub fn symbol(self) -> Option<&'static str> {
                match self {
                    $(Self::$name => Some($symbol),)*
                    _ => None,
                }
            }
        }
    };
}

codes! {
    INVALID_SOLUTION_FILE = 0x8004_8060, "ImportCustomizationsBadZipFileError", "not a solution package";
    INVALID_FILE = 0x8004_8000, "ImportInvalidFileError", "a file that cannot be opened";
    INVALID_XML = 0x8004_802C, "ImportInvalidXmlError", "a file that is not well-formed XML";
    INVALID_SCHEMA = 0x8004_801A, "ImportXsdValidationError", "a file that is not as its schema asks";
    MISSING_DEPENDENCIES = 0x8004_801D, "ImportMissingDependenciesError", "the target lacks what the package needs";
    MISSING_COMPONENT = 0x8004_801F, "ImportMissingComponent", "a root component that is nowhere defined";
    MISSING_ROOT_COMPONENT = 0x8004_803A, "ImportMissingRootComponentEntry", "a component that the manifest does not list";
    MISSING_REQUIRED_ROW = 0x8004_F041, "InvalidDependencyEntity", "a component needs what is neither in the package nor in the target";
    MISSING_APP_FILE = 0x8007_2356, "CanvasAppsExpectedFileMissing", "a file of a canvas app is missing or invalid";
    MISSING_WEB_RESOURCE_FILE = 0x8004_F11A, "WebResourceImportMissingFile", "the file of a web resource is missing";
    WRONG_PUBLISHER = 0x8004_801C, "ImportWrongPublisherError", "the publisher of a managed solution cannot be changed";
    INVALID_PREFIX = 0x8004_4366, "InvalidNamePrefix", "a prefix of a publisher that no name may begin with";
    INVALID_OPTION_VALUE_PREFIX = 0x8004_8402, "OptionValuePrefixOutOfRange", "the first number of choice values is out of range";
    MANAGED_OVER_UNMANAGED = 0x8004_8040, "ImportSolutionManagedToUnmanagedMismatch", "a managed package over an unmanaged solution";
    UNMANAGED_OVER_MANAGED = 0x8004_8041, "ImportSolutionUnmanagedToManagedMismatch", "an unmanaged package over a managed solution";
    OVERWRITES_ACTIVE_COMPONENT = 0x8004_F016, "CannotOverwriteActiveComponent", "a managed component over an unmanaged one";
    COMPONENT_IN_USE = 0x8004_F01F, "CannotDeleteInUseComponent", "a component cannot be deleted because others need it";
    SYSTEM_SOLUTION = 0x8004_8046, "ImportSystemSolutionError", "a solution of the platform itself";
    SOLUTION_CONCURRENCY = 0x8007_1151, "SolutionConcurrencyFailure", "another solution operation is running in the environment";
    UPGRADE_FAILED = 0x8004_F046, "SolutionUpgradeFailed", "an upgrade was begun and not applied";
    DUPLICATE_COMPONENT = 0x8007_1153, "DuplicateComponentInSolutionXml", "a component that stands twice";
    PACKAGE_VERSION_TOO_NEW = 0x8004_8068, "ImportSolutionPackageInvalidSolutionPackageVersion", "a format that the environment does not read";
    PACKAGE_NEEDS_UPGRADE = 0x8004_8067, "ImportSolutionPackageNeedsUpgrade", "an older format that is transformed before it is imported";
    LANGUAGES_IGNORED = 0x8004_8026, "ImportLanguagesIgnoredError", "labels in languages that are not installed";
    ATTACHMENT_BLOCKED = 0x8004_3E09, "AttachmentBlocked", "a file of a blocked type, or too large";
    IMPORT_FAILED = 0x8004_8033, "ImportSolutionError", "the import failed";
    EXPORT_MANAGED = 0x8004_8036, "ExportManagedSolutionError", "a managed solution cannot be exported";
    EXPORT_MISSING_SOLUTION = 0x8004_8037, "ExportMissingSolutionError", "there is no such solution to export";
    INVALID_UNIQUE_NAME = 0x8004_F002, "InvalidSolutionUniqueName", "a unique name with other characters than it may have";
    INVALID_VERSION = 0x8004_F01E, "InvalidSolutionVersion", "a version that is none";
    PRIVILEGE_DENIED = 0x8004_0220, "PrivilegeDenied", "somebody does not hold the necessary privileges";
    DUPLICATE_KEY = 0x8004_0237, "DuplicateRecord", "a record with these key values is there already";
    DEPENDENCIES_EXIST = 0x8004_F01D, "CannotUninstallWithDependencies", "other solutions need this one";
}

impl ErrorCode {
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

    #[test]
    fn every_symbolic_name_is_the_platforms() {
        let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../../shared/fixtures/dataverse_errorcodes.tsv");
        let Ok(table) = std::fs::read_to_string(path) else {
            println!("skipped: ../shared/fixtures is not here");
            return;
        };
        let known = table.lines().filter_map(|line| {
            let mut columns = line.split('\t');
            let code = columns.next()?.strip_prefix("0x")?;
            Some((ErrorCode(u32::from_str_radix(code, 16).ok()?), columns.nth(1)?))
        });
        let mut seen = 0;
        for (code, name) in known {
            if let Some(symbol) = code.symbol() {
                assert_eq!(symbol, name, "{code}");
                seen += 1;
            }
        }
        assert!(seen >= 32, "{seen} of Slipway's codes are in the platform's table");
    }
}
