//! When may a stage be deployed to next? Pure: windows, freezes and a moment in, a moment out.

use crate::time_zone::Zone;
use model::{
    Timestamp,
    deployment_window::{Freeze, Weekday, Window},
};

const MINUTE: i64 = 60_000;
const DAY: i64 = 24 * 60 * MINUTE;
const WEEK: i64 = 7 * DAY;

/// Days from a Monday to January 1, 1970, a Thursday.
const SINCE_MONDAY: i64 = 3;

/// How often the clocks may be put between a moment and the next window. They are put twice a year, and four times where
/// Ramadan falls into summer.
const MOST_CHANGES: usize = 8;

/// The windows and freezes of a stage.
#[derive(Clone, Debug)]
pub(crate) struct Calendar {
    /// The time zone of the windows.
    pub zone: Zone,
    /// The windows; none where every time of the week is open.
    pub windows: Vec<Window>,
    /// The freezes.
    pub freezes: Vec<Freeze>,
}

impl Calendar {
    /// The first moment from `at` on at which the stage may be deployed to; none where no window ever comes.
    pub fn next(&self, at: Timestamp) -> Option<Timestamp> {
        let mut at = at;
        // Each turn but the last one leaves a freeze behind.
        for _ in 0..=self.freezes.len() {
            at = self.next_window(at)?;
            match self.freeze(at) {
                None => return Some(at),
                Some(freeze) => at = freeze.until,
            }
        }
        None
    }

    /// The freeze that holds at a moment: where there are several, the one that ends last.
    pub fn freeze(&self, at: Timestamp) -> Option<&Freeze> {
        let holding = self.freezes.iter().filter(|freeze| freeze.from <= at && at < freeze.until);
        holding.max_by_key(|freeze| freeze.until)
    }

    /// The first moment from `at` on at which a clock shows a time within a window.
    fn next_window(&self, at: Timestamp) -> Option<Timestamp> {
        if self.windows.is_empty() {
            return Some(at);
        }
        let mut at = at;
        for _ in 0..=MOST_CHANGES {
            // As long as nobody puts the clocks, they go on evenly.
            let clock = at.0.saturating_add(self.zone.offset(at));
            let wait = self.windows.iter().filter_map(|window| wait(window, clock)).min()?;
            let opens = Timestamp(at.0.saturating_add(wait));
            match self.zone.next_change(at) {
                Some(change) if change <= opens => at = change,
                _ => return Some(opens),
            }
        }
        None
    }
}

/// How long it is, by the clock, from what it shows until it shows a time within a window; 0 within. None for a window
/// without a day.
fn wait(window: &Window, clock: i64) -> Option<i64> {
    let since_monday = (clock + SINCE_MONDAY * DAY).rem_euclid(WEEK);
    let length = i64::from(window.minutes()) * MINUTE;
    let of_day = |day: &Weekday| {
        let opens = i64::from(day.number()) * DAY + i64::from(window.from.minutes()) * MINUTE;
        let since_opening = (since_monday - opens).rem_euclid(WEEK);
        if since_opening < length { 0 } else { WEEK - since_opening }
    };
    window.days.iter().map(of_day).min()
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, reason = "tests")]

    use super::*;
    use model::{deployment_window::TimeOfDay, id::FreezeId};
    use proptest::prelude::*;
    use uuid::Uuid;

    fn moment(text: &str) -> Timestamp {
        Zone::utc().moment(text.trim_end_matches('Z')).unwrap()
    }

    fn window(days: &[Weekday], from: &str, until: &str) -> Window {
        Window { days: days.to_vec(), from: from.parse().unwrap(), until: until.parse().unwrap() }
    }

    fn freeze(from: Timestamp, until: Timestamp) -> Freeze {
        Freeze {
            id: FreezeId(Uuid::nil()),
            from,
            until,
            reason: "Year end".to_owned(),
            declared_by: "Adele Vance".to_owned(),
        }
    }

    fn calendar(zone: &str, windows: &[Window], freezes: &[(&str, &str)]) -> Calendar {
        let freezes = freezes.iter().map(|(from, until)| freeze(moment(from), moment(until))).collect();
        Calendar { zone: Zone::find(zone).unwrap(), windows: windows.to_vec(), freezes }
    }

    fn next(calendar: &Calendar, at: &str) -> Option<String> {
        Some(Zone::utc().field(calendar.next(moment(at))?))
    }

    #[test]
    fn a_stage_without_windows_is_open_but_for_its_freezes() {
        let open = calendar("UTC", &[], &[]);
        assert_eq!(next(&open, "2026-11-23T08:00").as_deref(), Some("2026-11-23T08:00"));
        let frozen = [("2026-12-20T00:00", "2027-01-07T00:00"), ("2027-01-06T00:00", "2027-01-08T12:00")];
        let frozen = calendar("UTC", &[], &frozen);
        for (at, expected) in [
            ("2026-12-19T23:59", "2026-12-19T23:59"),
            ("2026-12-20T00:00", "2027-01-08T12:00"),
            ("2027-01-08T11:59", "2027-01-08T12:00"),
            ("2027-01-08T12:00", "2027-01-08T12:00"),
        ] {
            assert_eq!(next(&frozen, at).as_deref(), Some(expected), "{at}");
        }
    }

    /// November 23, 2026 is a Monday.
    #[test]
    fn a_window_opens_and_closes_by_the_clock_of_its_zone() {
        use Weekday::{Friday, Monday, Saturday, Sunday, Thursday, Tuesday, Wednesday};
        let evenings = window(&[Monday, Tuesday, Wednesday, Thursday, Friday], "20:00", "23:00");
        let night = window(&[Friday], "22:00", "02:00");
        let weekend = window(&[Saturday, Sunday], "00:00", "00:00");
        for (zone, windows, at, expected) in [
            ("UTC", vec![evenings.clone()], "2026-11-23T08:00", "2026-11-23T20:00"),
            ("UTC", vec![evenings.clone()], "2026-11-23T22:59", "2026-11-23T22:59"),
            ("UTC", vec![evenings.clone()], "2026-11-23T23:00", "2026-11-24T20:00"),
            ("UTC", vec![evenings.clone()], "2026-11-27T23:00", "2026-11-30T20:00"),
            ("Europe/Vienna", vec![evenings.clone()], "2026-11-23T08:00", "2026-11-23T19:00"),
            ("Europe/Vienna", vec![evenings.clone()], "2026-07-20T08:00", "2026-07-20T18:00"),
            ("Asia/Kolkata", vec![evenings.clone()], "2026-11-23T08:00", "2026-11-23T14:30"),
            ("Pacific/Auckland", vec![evenings.clone()], "2026-11-22T08:00", "2026-11-23T07:00"),
            ("UTC", vec![night.clone()], "2026-11-28T01:59", "2026-11-28T01:59"),
            ("UTC", vec![night.clone()], "2026-11-28T02:00", "2026-12-04T22:00"),
            ("UTC", vec![window(&[Sunday], "23:00", "01:00")], "2026-11-23T00:30", "2026-11-23T00:30"),
            ("UTC", vec![weekend.clone()], "2026-11-27T12:00", "2026-11-28T00:00"),
            ("UTC", vec![weekend.clone()], "2026-11-29T23:59", "2026-11-29T23:59"),
            ("UTC", vec![weekend, evenings], "2026-11-30T00:00", "2026-11-30T20:00"),
        ] {
            assert_eq!(next(&calendar(zone, &windows, &[]), at).as_deref(), Some(expected), "{zone} {windows:?} {at}");
        }
    }

    #[test]
    fn a_freeze_that_ends_outside_of_a_window_holds_until_the_next_one() {
        let evenings = window(&[Weekday::Monday], "20:00", "23:00");
        let frozen = calendar("UTC", &[evenings], &[("2026-11-23T21:00", "2026-11-24T12:00")]);
        assert_eq!(next(&frozen, "2026-11-23T20:30").as_deref(), Some("2026-11-23T20:30"));
        assert_eq!(next(&frozen, "2026-11-23T21:00").as_deref(), Some("2026-11-30T20:00"));
    }

    /// On March 29, 2026 clocks in Vienna go from 2:00 to 3:00; on October 25 they show 2:00 to 3:00 twice.
    #[test]
    fn daylight_saving_moves_skips_and_repeats_windows() {
        use Weekday::{Saturday, Sunday};
        for (from, until, at, expected) in [
            // Within what is skipped: not this Sunday.
            ("02:15", "02:45", "2026-03-28T12:00", "2026-04-05T00:15"),
            // Partly: it opens when the clock shows a time in it.
            ("02:30", "04:00", "2026-03-28T12:00", "2026-03-29T01:00"),
            ("01:30", "02:30", "2026-03-29T00:59", "2026-03-29T00:59"),
            ("01:30", "02:30", "2026-03-29T01:00", "2026-04-04T23:30"),
            // What comes twice is open twice.
            ("02:15", "02:45", "2026-10-24T12:00", "2026-10-25T00:15"),
            ("02:15", "02:45", "2026-10-25T00:45", "2026-10-25T01:15"),
            ("02:15", "02:45", "2026-10-25T01:45", "2026-11-01T01:15"),
            // A day with 23 hours.
            ("20:00", "21:00", "2026-03-29T12:00", "2026-03-29T18:00"),
        ] {
            let calendar = calendar("Europe/Vienna", &[window(&[Sunday], from, until)], &[]);
            assert_eq!(next(&calendar, at).as_deref(), Some(expected), "{from} {until} {at}");
        }
        // Samoa had no December 30, 2011, a Friday: its window is not there that week.
        let friday = calendar("Pacific/Apia", &[window(&[Weekday::Friday], "10:00", "11:00")], &[]);
        assert_eq!(next(&friday, "2011-12-28T00:00").as_deref(), Some("2012-01-05T20:00"));
        let saturday = calendar("Pacific/Apia", &[window(&[Saturday], "00:00", "01:00")], &[]);
        assert_eq!(next(&saturday, "2011-12-28T00:00").as_deref(), Some("2011-12-30T10:00"));
    }

    #[test]
    fn a_window_without_a_day_never_opens() {
        let never = calendar("UTC", &[window(&[], "20:00", "23:00")], &[]);
        assert_eq!(next(&never, "2026-11-23T08:00"), None);
    }

    fn windows() -> impl Strategy<Value = Vec<Window>> {
        let day = prop::sample::subsequence(Weekday::ALL.to_vec(), 1..4);
        let time = || (0_u16..96).prop_map(|quarter| TimeOfDay::from_minutes(quarter * 15).unwrap());
        let window = (day, time(), time()).prop_map(|(days, from, until)| Window { days, from, until });
        prop::collection::vec(window, 0..3)
    }

    /// Whether a clock shows a time within a window, told from day and time as a person would.
    fn shows(window: &Window, clock: jiff::civil::DateTime) -> bool {
        let number = |day: jiff::civil::Weekday| u16::try_from(day.to_monday_zero_offset()).unwrap();
        let minute = u16::try_from(clock.hour()).unwrap() * 60 + u16::try_from(clock.minute()).unwrap();
        let opens_on = |day: u16| window.days.iter().any(|open| open.number() == day);
        let (today, from, until) = (number(clock.weekday()), window.from.minutes(), window.until.minutes());
        if from < until {
            return opens_on(today) && from <= minute && minute < until;
        }
        (opens_on(today) && from <= minute) || (opens_on((today + 6) % 7) && minute < until)
    }

    fn is_open(calendar: &Calendar, at: Timestamp) -> bool {
        let clock = calendar.zone.civil(at);
        let in_window = calendar.windows.is_empty() || calendar.windows.iter().any(|window| shows(window, clock));
        in_window && !calendar.freezes.iter().any(|freeze| freeze.from <= at && at < freeze.until)
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(96))]

        #[test]
        fn the_next_moment_is_open_and_none_before_it_is(
            windows in windows(),
            freezes in prop::collection::vec((0_i64..6_000, 1_i64..3_000), 0..4),
            zone in prop::sample::select(vec![
                "UTC", "Europe/Vienna", "America/New_York", "Australia/Lord_Howe", "Africa/Casablanca", "Asia/Kolkata",
            ]),
            // Days around which clocks are put somewhere, and any other.
            day in prop_oneof![
                prop::sample::select(vec!["2026-03-28", "2026-10-24", "2026-11-01", "2026-10-03", "2026-02-14", "2026-03-21"]),
                Just("2026-07-01"),
            ],
            minutes in 0_i64..4_000,
        ) {
            let start = moment(&format!("{day}T00:00"));
            let after = |minutes: i64| Timestamp(start.0 + minutes * MINUTE);
            let freezes = freezes.into_iter().map(|(from, length)| freeze(after(from), after(from + length))).collect();
            let calendar = Calendar { zone: Zone::find(zone).unwrap(), windows, freezes };
            let next = calendar.next(after(minutes)).unwrap();
            prop_assert!(is_open(&calendar, next), "not open at {next}");
            let mut at = after(minutes);
            while at < next {
                prop_assert!(!is_open(&calendar, at), "open at {at} already, not only at {next}");
                at = Timestamp(at.0 + MINUTE);
            }
        }
    }
}
