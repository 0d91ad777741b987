//! How well solutions get from development to the end of their pipelines: the four measures of software delivery.

use crate::Timestamp;
use serde::{Deserialize, Serialize};

/// How far back is looked.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Period {
    /// Four weeks.
    FourWeeks,
    /// Twelve weeks.
    #[default]
    TwelveWeeks,
    /// A year of weeks.
    Year,
}

impl Period {
    /// Every period, the shortest first.
    pub const ALL: [Self; 3] = [Self::FourWeeks, Self::TwelveWeeks, Self::Year];

    /// How many weeks it has.
    pub fn weeks(self) -> usize {
        match self {
            Self::FourWeeks => 4,
            Self::TwelveWeeks => 12,
            Self::Year => 52,
        }
    }

    /// The word in addresses.
    pub fn name(self) -> &'static str {
        match self {
            Self::FourWeeks => "four-weeks",
            Self::TwelveWeeks => "twelve-weeks",
            Self::Year => "year",
        }
    }

    /// The words on screen.
    pub fn label(self) -> &'static str {
        match self {
            Self::FourWeeks => "4 weeks",
            Self::TwelveWeeks => "12 weeks",
            Self::Year => "52 weeks",
        }
    }

    /// The period of a word.
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|period| period.name() == name)
    }
}

/// What was delivered in a period, to the last stages of pipelines.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Delivery {
    /// The weeks of the period, the earliest first.
    pub weeks: Vec<Week>,
    /// All of them together.
    pub total: Measures,
}

/// One week.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Week {
    /// Its first moment.
    pub begins: Timestamp,
    /// What was measured.
    pub measures: Measures,
}

/// The four measures over some time.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Measures {
    /// Deployments that changed the target of a last stage, failed ones among them.
    pub deployments: u32,
    /// Those of them that failed in the target or were rolled back.
    pub failures: u32,
    /// Median milliseconds from the export out of development to the end of a successful deployment.
    pub lead_time: Option<i64>,
    /// Median milliseconds from the end of a failed deployment to the end of the next successful one there.
    pub time_to_restore: Option<i64>,
}

impl Measures {
    /// Failures of a hundred deployments, rounded; none without deployments.
    pub fn failure_percent(&self) -> Option<u32> {
        (self.deployments > 0).then(|| (self.failures * 100 + self.deployments / 2) / self.deployments)
    }
}

/// A span of time as people say it: `3 days`, `5 hours`, `12 minutes`.
pub fn span(milliseconds: i64) -> String {
    let minutes = milliseconds.max(0) / 60_000;
    let (count, unit) = match minutes {
        0 => return "less than a minute".to_owned(),
        1..120 => (minutes, "minute"),
        120..2_880 => (minutes / 60, "hour"),
        _ => (minutes / 1_440, "day"),
    };
    format!("{count} {unit}{}", if count == 1 { "" } else { "s" })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_span_is_said_in_the_unit_that_fits() {
        for (milliseconds, expected) in [
            (-1, "less than a minute"),
            (59_999, "less than a minute"),
            (60_000, "1 minute"),
            (119 * 60_000, "119 minutes"),
            (120 * 60_000, "2 hours"),
            (47 * 3_600_000, "47 hours"),
            (48 * 3_600_000, "2 days"),
        ] {
            assert_eq!(span(milliseconds), expected);
        }
    }

    #[test]
    fn a_rate_needs_something_to_be_a_rate_of() {
        let measures = |deployments, failures| Measures { deployments, failures, ..Measures::default() };
        assert_eq!(measures(0, 0).failure_percent(), None);
        assert_eq!(measures(3, 1).failure_percent(), Some(33));
        assert_eq!(measures(3, 2).failure_percent(), Some(67));
    }

    #[test]
    fn a_period_is_found_by_its_word() {
        for period in Period::ALL {
            assert_eq!(Period::from_name(period.name()), Some(period));
        }
        assert_eq!(Period::from_name("decade"), None);
    }
}
