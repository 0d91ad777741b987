//! Solution versions: two to four whole numbers, compared as numbers.

use serde::{Deserialize, Serialize};
use std::{cmp::Ordering, fmt, hash::Hash, str::FromStr};

/// A solution version such as `1.0.0.3`. It keeps the spelling it was read with (`3.04.0009.1`) and compares by
/// number, missing parts counting as zero.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct SolutionVersion {
    text: String,
    parts: [u32; 4],
}

/// Why a text is not a solution version.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("“{0}” is not a version. A version is two to four whole numbers with dots between them, such as 1.0.0.1.")]
pub struct InvalidVersion(pub String);

impl SolutionVersion {
    /// The four parts, missing ones as zero.
    pub fn parts(&self) -> [u32; 4] {
        self.parts
    }

    /// The spelling it was read with.
    pub fn as_str(&self) -> &str {
        &self.text
    }

    /// The version after this one: the last of four parts raised by one, as the platform fills it in.
    #[must_use]
    pub fn next(&self) -> Self {
        let [major, minor, build, revision] = self.parts;
        let parts = match revision.checked_add(1) {
            Some(revision) => [major, minor, build, revision],
            None => [major, minor, build.saturating_add(1), 0],
        };
        Self::from(parts)
    }

    /// A text that sorts as the version does, for a database column.
    pub fn sort_key(&self) -> String {
        let [a, b, c, d] = self.parts;
        format!("{a:010}.{b:010}.{c:010}.{d:010}")
    }
}

impl From<[u32; 4]> for SolutionVersion {
    fn from(parts: [u32; 4]) -> Self {
        let [a, b, c, d] = parts;
        Self { text: format!("{a}.{b}.{c}.{d}"), parts }
    }
}

impl FromStr for SolutionVersion {
    type Err = InvalidVersion;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let trimmed = text.trim();
        let invalid = || InvalidVersion(trimmed.chars().take(60).collect());
        let mut parts = [0_u32; 4];
        let mut count = 0_usize;
        for part in trimmed.split('.') {
            if part.is_empty() || !part.bytes().all(|byte| byte.is_ascii_digit()) {
                return Err(invalid());
            }
            *parts.get_mut(count).ok_or_else(invalid)? = part.parse().map_err(|_| invalid())?;
            count += 1;
        }
        if count < 2 {
            return Err(invalid());
        }
        Ok(Self { text: trimmed.to_owned(), parts })
    }
}

impl TryFrom<String> for SolutionVersion {
    type Error = InvalidVersion;

    fn try_from(text: String) -> Result<Self, Self::Error> {
        text.parse()
    }
}

impl From<SolutionVersion> for String {
    fn from(version: SolutionVersion) -> Self {
        version.text
    }
}

impl fmt::Display for SolutionVersion {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.text)
    }
}

impl PartialEq for SolutionVersion {
    fn eq(&self, other: &Self) -> bool {
        self.parts == other.parts
    }
}

impl Eq for SolutionVersion {}

impl Hash for SolutionVersion {
    fn hash<H: std::hash::Hasher>(&self, state: &mut H) {
        self.parts.hash(state);
    }
}

impl PartialOrd for SolutionVersion {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for SolutionVersion {
    fn cmp(&self, other: &Self) -> Ordering {
        self.parts.cmp(&other.parts)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn version(text: &str) -> SolutionVersion {
        text.parse().unwrap()
    }

    #[test]
    fn versions_of_two_to_four_parts_are_read_and_others_refused() {
        for good in ["1.0", "1.71.5", "1.0.0.3", "20260130.0", "1.0.20230421.1", " 9.0.2103.4000 ", "3.04.0009.1"] {
            assert!(good.parse::<SolutionVersion>().is_ok(), "{good}");
        }
        for bad in ["", "1", "1.", ".1", "1.0.0.0.0", "1.a", "1.-1", "1.0.0.99999999999", "1..2", "+1.0"] {
            assert!(bad.parse::<SolutionVersion>().is_err(), "{bad}");
        }
    }

    #[test]
    fn versions_compare_as_numbers_and_keep_their_spelling() {
        assert!(version("1.0.0.10") > version("1.0.0.9"));
        assert_eq!(version("1.0"), version("1.0.0.0"));
        assert_eq!(version("3.04.0009.1").to_string(), "3.04.0009.1");
        assert_eq!(version("1.0").next().to_string(), "1.0.0.1");
        assert_eq!(version("1.0.0.3").next().to_string(), "1.0.0.4");
    }

    proptest! {
        #[test]
        fn the_sort_key_sorts_as_the_version_does(a in any::<[u32; 4]>(), b in any::<[u32; 4]>()) {
            let (a, b) = (SolutionVersion::from(a), SolutionVersion::from(b));
            prop_assert_eq!(a.cmp(&b), a.sort_key().cmp(&b.sort_key()));
        }

        #[test]
        fn the_next_version_is_higher(parts in any::<[u32; 4]>()) {
            prop_assume!(parts[3] < u32::MAX || parts[2] < u32::MAX);
            let version = SolutionVersion::from(parts);
            prop_assert!(version.next() > version);
        }

        #[test]
        fn a_version_survives_being_written_and_read(parts in any::<[u32; 4]>()) {
            let version = SolutionVersion::from(parts);
            let read: SolutionVersion = version.to_string().parse().unwrap();
            prop_assert_eq!(read, version);
        }
    }
}
