//! Time zones: what a clock on a wall shows, and which moment somebody means who reads one.

use jiff::{
    civil::DateTime,
    tz::{AmbiguousOffset, TimeZone},
};
use model::Timestamp;

/// A time zone by its IANA name.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Zone(TimeZone);

/// The parts of the world that names of time zones begin with. Others are old names and mere offsets.
const REGIONS: [&str; 10] =
    ["Africa", "America", "Antarctica", "Arctic", "Asia", "Atlantic", "Australia", "Europe", "Indian", "Pacific"];

/// Characters of a name; the longest there is has 32.
const LONGEST_NAME: usize = 64;

impl Zone {
    /// The time zone in which moments are kept.
    pub fn utc() -> Self {
        Self(TimeZone::UTC)
    }

    /// The time zone of a name, or a sentence.
    pub fn find(name: &str) -> Result<Self, String> {
        let name = name.trim();
        let known = name.len() <= LONGEST_NAME && (name == "UTC" || name.contains('/'));
        let zone = if name == "UTC" { Some(TimeZone::UTC) } else { TimeZone::get(name).ok().filter(|_| known) };
        zone.map(Self).ok_or_else(|| "Choose a time zone from the list.".to_owned())
    }

    /// The time zone of a name that was kept. One that is not known any more reads as UTC.
    pub(crate) fn kept(name: &str) -> Self {
        Self::find(name).unwrap_or_else(|_| Self::utc())
    }

    /// Its name.
    pub fn name(&self) -> &str {
        self.0.iana_name().unwrap_or("UTC")
    }

    /// Names to choose from: UTC, then places by region.
    pub fn names() -> Vec<String> {
        let known = jiff::tz::db().available();
        let mut names: Vec<_> = known
            .map(|name| name.as_str().to_owned())
            .filter(|name| name.split_once('/').is_some_and(|(region, _)| REGIONS.contains(&region)))
            .collect();
        names.sort_unstable();
        names.insert(0, "UTC".to_owned());
        names
    }

    /// What a clock in this zone shows at a moment: `Mon, Nov 23, 2026 8:00 AM`.
    pub fn clock(&self, at: Timestamp) -> String {
        self.civil(at).strftime("%a, %b %-d, %Y %-I:%M %p").to_string()
    }

    /// A moment as people read it, with the zone named: `Mon, Nov 23, 2026 8:00 AM (Europe/Vienna)`.
    pub fn show(&self, at: Timestamp) -> String {
        format!("{} ({})", self.clock(at), self.name())
    }

    /// A moment as fields of forms have it: `2026-11-23T08:00`.
    pub fn field(&self, at: Timestamp) -> String {
        self.civil(at).strftime("%Y-%m-%dT%H:%M").to_string()
    }

    /// The moment that a clock in this zone shows as `2026-11-23T08:00`; or a sentence, where there is no such moment or
    /// where there are two.
    pub fn moment(&self, text: &str) -> Result<Timestamp, String> {
        let text = text.trim();
        let has_time = text.len() <= 32 && text.contains(['T', ' ']);
        let civil = has_time.then(|| text.parse::<DateTime>().ok()).flatten();
        let Some(civil) = civil else {
            return Err("Enter a date and a time, such as 2026-11-23 20:00.".to_owned());
        };
        let found = self.0.to_ambiguous_timestamp(civil);
        let shown = civil.strftime("%-I:%M %p on %b %-d, %Y");
        match found.offset() {
            AmbiguousOffset::Gap { before, after } => {
                let skipped = i64::from(after.seconds() - before.seconds()) / 60;
                Err(format!(
                    "{shown} does not exist in {}: the clocks are put forward by {skipped} minutes then. Choose an earlier \
                     or a later time.",
                    self.name()
                ))
            }
            AmbiguousOffset::Fold { .. } => Err(format!(
                "{shown} comes twice in {}, because the clocks are put back then. Choose another time, or give the moment \
                 in UTC.",
                self.name()
            )),
            AmbiguousOffset::Unambiguous { .. } => match found.unambiguous() {
                Ok(moment) => Ok(Timestamp(moment.as_millisecond())),
                Err(_) => Err("Enter a date and a time, such as 2026-11-23 20:00.".to_owned()),
            },
        }
    }

    /// What a clock in this zone is ahead of UTC at a moment, in milliseconds.
    pub(crate) fn offset(&self, at: Timestamp) -> i64 {
        i64::from(self.0.to_offset(moment(at)).seconds()) * 1_000
    }

    /// When the clocks of this zone are next put to another offset after a moment.
    pub(crate) fn next_change(&self, after: Timestamp) -> Option<Timestamp> {
        self.0.following(moment(after)).next().map(|change| Timestamp(change.timestamp().as_millisecond()))
    }

    pub(crate) fn civil(&self, at: Timestamp) -> DateTime {
        self.0.to_datetime(moment(at))
    }
}

/// Moments are within the years that jiff knows; one that is not is its nearest.
fn moment(at: Timestamp) -> jiff::Timestamp {
    jiff::Timestamp::from_millisecond(at.0).unwrap_or(if at.0 < 0 {
        jiff::Timestamp::MIN
    } else {
        jiff::Timestamp::MAX
    })
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "tests")]

    use super::*;
    use proptest::prelude::*;

    fn zone(name: &str) -> Zone {
        Zone::find(name).unwrap()
    }

    #[test]
    fn a_moment_is_read_in_its_zone() {
        for (name, text, utc) in [
            ("UTC", "2026-11-23T08:00", "2026-11-23T08:00:00Z"),
            ("Europe/Vienna", "2026-11-23T08:00", "2026-11-23T07:00:00Z"),
            ("Europe/Vienna", "2026-07-01 08:00", "2026-07-01T06:00:00Z"),
            ("Asia/Kolkata", "2026-11-23T08:00:00", "2026-11-23T02:30:00Z"),
            ("America/Los_Angeles", "2026-12-31T23:59", "2027-01-01T07:59:00Z"),
        ] {
            let moment = zone(name).moment(text).unwrap();
            assert_eq!(moment.to_rfc3339(), utc, "{name} {text}");
        }
    }

    #[test]
    fn a_time_that_the_clocks_skip_or_show_twice_is_refused_with_a_sentence() {
        let vienna = zone("Europe/Vienna");
        assert_eq!(
            vienna.moment("2026-03-29T02:30").unwrap_err(),
            "2:30 AM on Mar 29, 2026 does not exist in Europe/Vienna: the clocks are put forward by 60 minutes then. Choose \
             an earlier or a later time."
        );
        assert_eq!(
            vienna.moment("2026-10-25T02:00").unwrap_err(),
            "2:00 AM on Oct 25, 2026 comes twice in Europe/Vienna, because the clocks are put back then. Choose another \
             time, or give the moment in UTC."
        );
        assert_eq!(vienna.moment("2026-10-25T03:00").unwrap().to_rfc3339(), "2026-10-25T02:00:00Z");
        // Lord Howe puts its clocks forward by half an hour.
        let sentence = zone("Australia/Lord_Howe").moment("2026-10-04T02:15").unwrap_err();
        assert!(sentence.contains("by 30 minutes"), "{sentence}");
        // Samoa left a whole day out.
        assert!(zone("Pacific/Apia").moment("2011-12-30T12:00").unwrap_err().contains("does not exist"));
    }

    #[test]
    fn nonsense_is_no_moment() {
        for bad in ["", "tomorrow", "2026-11-23", "2026-02-30T08:00", "2026-11-23T25:00", "99999-01-01T00:00", "08:00"]
        {
            assert!(Zone::utc().moment(bad).unwrap_err().starts_with("Enter a date and a time"), "{bad}");
        }
    }

    #[test]
    fn a_zone_is_one_of_the_list_and_knows_its_name() {
        let names = Zone::names();
        assert_eq!(names[0], "UTC");
        assert!(names.len() > 300 && names.iter().all(|name| Zone::find(name).is_ok_and(|zone| zone.name() == name)));
        for bad in ["", "Mars/Olympus", "Europe", "CET", "../../etc/passwd", "Europe/Vienna\0", &"x/".repeat(60)] {
            assert!(Zone::find(bad).is_err(), "{bad}");
        }
        assert_eq!(Zone::kept("Mars/Olympus"), Zone::utc());
    }

    #[test]
    fn a_moment_reads_with_its_zone() {
        let at = Timestamp(1_795_417_200_000);
        assert_eq!(zone("Europe/Vienna").show(at), "Mon, Nov 23, 2026 8:00 AM (Europe/Vienna)");
        assert_eq!(zone("Europe/Vienna").field(at), "2026-11-23T08:00");
    }

    proptest! {
        #[test]
        fn what_a_field_shows_is_the_moment_it_was_filled_from_unless_the_clocks_show_it_twice(
            minutes in 24_000_000_i64..40_000_000,
            name in prop::sample::select(vec!["UTC", "Europe/Vienna", "America/St_Johns", "Australia/Lord_Howe", "Asia/Kolkata"]),
        ) {
            let (zone, at) = (zone(name), Timestamp(minutes * 60_000));
            match zone.moment(&zone.field(at)) {
                Ok(read) => prop_assert_eq!(read, at),
                Err(sentence) => prop_assert!(sentence.contains("comes twice"), "{}", sentence),
            }
        }
    }
}
