//! Which version a run may take along.

use model::SolutionVersion;

/// A version that is taken, so that the next one has to be higher.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Taken {
    /// The stage, or its target, has it.
    Installed {
        /// Where, for people.
        place: String,
        /// The version.
        version: SolutionVersion,
    },
    /// It is stored as an artifact.
    Stored(SolutionVersion),
    /// Another run is about to deploy it.
    Deploying(SolutionVersion),
}

impl Taken {
    fn version(&self) -> &SolutionVersion {
        match self {
            Self::Installed { version, .. } | Self::Stored(version) | Self::Deploying(version) => version,
        }
    }
}

/// The version to fill in: the next one after development and everything taken.
pub(super) fn next(development: &SolutionVersion, taken: &[Taken]) -> SolutionVersion {
    taken.iter().map(Taken::version).fold(development, Ord::max).next()
}

/// Reads the version a person gave and looks whether it is free.
pub(super) fn check(
    given: &str,
    development: &SolutionVersion,
    source: &str,
    taken: &[Taken],
) -> Result<SolutionVersion, String> {
    let version: SolutionVersion =
        given.parse().map_err(|invalid: model::version::InvalidVersion| invalid.to_string())?;
    let such_as = next(development, taken);
    if let Some(highest) = taken.iter().filter(|taken| taken.version() >= &version).max_by_key(|taken| taken.version())
    {
        let because = match highest {
            Taken::Installed { place, version } => format!("{place} has version {version} already."),
            Taken::Stored(version) => {
                format!("Version {version} is stored as an artifact already, and an artifact never changes.")
            }
            Taken::Deploying(version) => format!("Version {version} is being deployed already."),
        };
        return Err(format!("{because} Enter a higher version, such as {such_as}."));
    }
    if development > &version {
        return Err(format!(
            "The solution has version {development} in {source} already. Enter that version or a higher one, such as {such_as}."
        ));
    }
    Ok(version)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "tests")]

    use super::*;

    fn version(text: &str) -> SolutionVersion {
        text.parse().unwrap()
    }

    fn taken() -> Vec<Taken> {
        vec![
            Taken::Installed { place: "Test".to_owned(), version: version("1.0.0.3") },
            Taken::Stored(version("1.0.0.5")),
        ]
    }

    #[test]
    fn the_version_filled_in_is_higher_than_all_there_are() {
        assert_eq!(next(&version("1.0"), &[]), version("1.0.0.1"));
        assert_eq!(next(&version("1.0.0.2"), &taken()), version("1.0.0.6"));
        assert_eq!(next(&version("2.0.0.0"), &taken()), version("2.0.0.1"));
    }

    #[test]
    fn a_version_has_to_be_higher_than_what_is_taken_and_not_lower_than_development() {
        let check = |given| check(given, &version("1.0.0.4"), "Contoso Dev", &taken());
        assert_eq!(check("1.0.0.6").unwrap().to_string(), "1.0.0.6");
        assert_eq!(check(" 1.1 ").unwrap().to_string(), "1.1");
        assert_eq!(
            check("1.0.0.5").unwrap_err(),
            "Version 1.0.0.5 is stored as an artifact already, and an artifact never changes. Enter a higher version, \
             such as 1.0.0.6."
        );
        assert!(check("one").unwrap_err().contains("is not a version"));
    }

    #[test]
    fn the_version_in_development_itself_may_be_deployed_while_it_is_free() {
        let check = |given| check(given, &version("1.0.0.4"), "Contoso Dev", &[]);
        assert_eq!(check("1.0.0.4").unwrap(), version("1.0.0.4"));
        assert_eq!(
            check("1.0.0.3").unwrap_err(),
            "The solution has version 1.0.0.4 in Contoso Dev already. Enter that version or a higher one, such as 1.0.0.5."
        );
    }

    #[test]
    fn a_stage_that_has_the_version_is_named() {
        let taken = [Taken::Installed { place: "Test".to_owned(), version: version("1.0.0.4") }];
        assert_eq!(
            check("1.0.0.4", &version("1.0.0.4"), "Contoso Dev", &taken).unwrap_err(),
            "Test has version 1.0.0.4 already. Enter a higher version, such as 1.0.0.5."
        );
        let taken = [Taken::Deploying(version("1.0.0.4"))];
        assert!(check("1.0.0.4", &version("1.0.0.4"), "Contoso Dev", &taken).unwrap_err().contains("being deployed"));
    }
}
