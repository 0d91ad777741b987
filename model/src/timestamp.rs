//! A moment in UTC, with the precision the database keeps.

use serde::{Deserialize, Serialize};
use std::{fmt, ops::Add, time::Duration};
use time::{Date, OffsetDateTime, format_description::well_known::Rfc3339, macros::format_description};

/// A moment in UTC as milliseconds since 1970. Kept as a number, so that it sorts the same in every database.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Timestamp(pub i64);

impl Timestamp {
    /// The moment in RFC 3339, for `<time datetime>` and for machines.
    pub fn to_rfc3339(self) -> String {
        self.date_time().format(&Rfc3339).unwrap_or_default()
    }

    /// The moment as people read it, in UTC: `Oct 24, 2025 5:46 PM`. The browser shows it in the reader's own time zone.
    pub fn to_text(self) -> String {
        self.date_time()
            .format(format_description!(
                "[month repr:short] [day padding:none], [year] [hour repr:12 padding:none]:[minute] [period case:upper]"
            ))
            .unwrap_or_default()
    }

    /// How long ago this was at `now`: `2 hours ago`; a moment still to come reads `in 2 hours`.
    pub fn relative_to(self, now: Self) -> String {
        let seconds = (now.0 - self.0) / 1000;
        let distance = seconds.unsigned_abs();
        let (count, unit) = match distance {
            0..60 => return if seconds < 0 { "in a moment" } else { "just now" }.to_owned(),
            60..3_600 => (distance / 60, "minute"),
            3_600..86_400 => (distance / 3_600, "hour"),
            86_400..2_592_000 => (distance / 86_400, "day"),
            2_592_000..31_536_000 => (distance / 2_592_000, "month"),
            _ => (distance / 31_536_000, "year"),
        };
        let plural = if count == 1 { "" } else { "s" };
        if seconds < 0 { format!("in {count} {unit}{plural}") } else { format!("{count} {unit}{plural} ago") }
    }

    /// The time from `earlier` to this moment; zero when `earlier` is not earlier.
    pub fn since(self, earlier: Self) -> Duration {
        Duration::from_millis(u64::try_from(self.0 - earlier.0).unwrap_or(0))
    }

    /// The day in UTC as forms and URLs write it: `2025-10-24`.
    pub fn day(self) -> String {
        self.date_time().format(format_description!("[year]-[month]-[day]")).unwrap_or_default()
    }

    /// The first moment of a day in UTC written as `2025-10-24`; none when there is no such day.
    pub fn start_of_day(day: &str) -> Option<Self> {
        let date = Date::parse(day.trim(), format_description!("[year]-[month]-[day]")).ok()?;
        Some(Self(date.midnight().assume_utc().unix_timestamp().saturating_mul(1000)))
    }

    fn date_time(self) -> OffsetDateTime {
        OffsetDateTime::from_unix_timestamp_nanos(i128::from(self.0) * 1_000_000).unwrap_or(OffsetDateTime::UNIX_EPOCH)
    }
}

impl Add<Duration> for Timestamp {
    type Output = Self;

    fn add(self, duration: Duration) -> Self {
        Self(self.0.saturating_add(i64::try_from(duration.as_millis()).unwrap_or(i64::MAX)))
    }
}

impl fmt::Display for Timestamp {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.to_rfc3339())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOON: Timestamp = Timestamp(1_761_328_000_000);

    #[test]
    fn a_moment_reads_as_the_platform_writes_it() {
        assert_eq!(NOON.to_text(), "Oct 24, 2025 5:46 PM");
        assert_eq!(NOON.to_rfc3339(), "2025-10-24T17:46:40Z");
    }

    #[test]
    fn a_day_is_read_as_its_first_moment_in_utc() {
        assert_eq!(NOON.day(), "2025-10-24");
        assert_eq!(
            Timestamp::start_of_day("2025-10-24").map(Timestamp::to_rfc3339).as_deref(),
            Some("2025-10-24T00:00:00Z")
        );
        for no_day in ["", "2025-02-30", "24.10.2025", "2025-10-24T00:00", "99999-01-01"] {
            assert_eq!(Timestamp::start_of_day(no_day), None, "{no_day}");
        }
    }

    #[test]
    fn distance_is_told_in_the_largest_whole_unit() {
        for (seconds, expected) in [
            (0, "just now"),
            (59, "just now"),
            (60, "1 minute ago"),
            (7_200, "2 hours ago"),
            (86_400, "1 day ago"),
            (-90, "in 1 minute"),
            (40_000_000, "1 year ago"),
        ] {
            assert_eq!(NOON.relative_to(Timestamp(NOON.0 + seconds * 1000)), expected, "{seconds}");
        }
    }
}
