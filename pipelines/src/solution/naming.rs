//! How solutions and publishers may be named. The platform's rules.

use model::ErrorCode;
use sha2::{Digest, Sha256};

/// Characters of a unique name, at most. The platform's column `uniquename` of solutions.
pub(super) const LONGEST_UNIQUE_NAME: usize = 65;
/// Characters of a solution's name for people, at most. The platform's column `friendlyname`.
pub(super) const LONGEST_DISPLAY_NAME: usize = 256;

/// Whether a unique name is one: letters, digits and underscores of ASCII, not beginning with a digit.
pub(super) fn check_unique_name(name: &str) -> Result<(), String> {
    let first = name.bytes().next();
    let begins = first.is_some_and(|byte| byte.is_ascii_alphabetic() || byte == b'_');
    if begins && name.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_') {
        Ok(())
    } else {
        Err(format!(
            "Use only the letters A to Z, digits and underscores, and do not begin with a digit ({}).",
            ErrorCode::INVALID_UNIQUE_NAME
        ))
    }
}

/// Whether a customization prefix is one: two to eight letters and digits, beginning with a letter, and not one that
/// the platform keeps for itself.
pub(super) fn check_prefix(prefix: &str) -> Result<(), &'static str> {
    let begins = prefix.bytes().next().is_some_and(|byte| byte.is_ascii_alphabetic());
    if !(2..=8).contains(&prefix.len()) || !begins || !prefix.bytes().all(|byte| byte.is_ascii_alphanumeric()) {
        Err("Enter two to eight letters and digits, beginning with a letter.")
    } else if prefix.to_ascii_lowercase().starts_with("mscrm") {
        Err("Prefixes that begin with “mscrm” belong to the platform. Choose another one.")
    } else {
        Ok(())
    }
}

/// The first number of a new publisher's choice values: 10000 to 99999, told by the prefix, as the platform fills it
/// in.
pub(super) fn option_value_prefix(prefix: &str) -> u32 {
    let digest = Sha256::digest(prefix.to_ascii_lowercase().as_bytes());
    let number = digest.iter().take(4).fold(0_u32, |number, byte| (number << 8) | u32::from(*byte));
    10_000 + number % 90_000
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing, reason = "tests")]
    use super::*;

    #[test]
    fn a_unique_name_is_letters_digits_and_underscores() {
        for good in ["ContosoTravel", "_x", "a", "A_1"] {
            assert_eq!(check_unique_name(good), Ok(()), "{good}");
        }
        for bad in ["", "1a", "a b", "a-b", "é", "a.b", "a\0"] {
            assert!(check_unique_name(bad).unwrap_err().contains("0x8004F002"), "{bad}");
        }
    }

    #[test]
    fn a_prefix_is_short_and_not_the_platforms() {
        for good in ["co", "contoso", "a1234567", "ms"] {
            assert!(check_prefix(good).is_ok(), "{good}");
        }
        for bad in ["", "a", "123", "1ab", "a12345678", "co_", "mscrm", "MSCRMx", "éé"] {
            assert!(check_prefix(bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn choice_values_begin_with_five_digits() {
        for prefix in ["co", "contoso", "abc", "x9"] {
            assert!((10_000..=99_999).contains(&option_value_prefix(prefix)));
        }
        assert_eq!(option_value_prefix("Contoso"), option_value_prefix("contoso"));
    }
}
