//! When a stage may be deployed to: weekly windows, and freezes.

use crate::{Timestamp, id::FreezeId};
use serde::{Deserialize, Serialize};
use std::{fmt, str::FromStr};

/// Minutes of a day.
const DAY: u16 = 24 * 60;

/// A time of day on a clock, to the minute.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(transparent)]
pub struct TimeOfDay(u16);

impl TimeOfDay {
    /// The time so many minutes after midnight; none beyond the day.
    pub fn from_minutes(minutes: u16) -> Option<Self> {
        (minutes < DAY).then_some(Self(minutes))
    }

    /// Minutes since midnight, 0 to 1,439.
    pub fn minutes(self) -> u16 {
        self.0
    }
}

impl fmt::Display for TimeOfDay {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{:02}:{:02}", self.0 / 60, self.0 % 60)
    }
}

/// A text that is no time of day.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("Enter a time such as 20:00.")]
pub struct NoTimeOfDay;

impl FromStr for TimeOfDay {
    type Err = NoTimeOfDay;

    /// Reads `20:00`, and `20:00:00` as some browsers write it.
    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let text = text.trim();
        let text = text.strip_suffix(":00").filter(|rest| rest.contains(':')).unwrap_or(text);
        let (hours, minutes) = text.split_once(':').ok_or(NoTimeOfDay)?;
        let number = |text: &str, longest: usize| {
            let is_number = !text.is_empty() && text.len() <= longest && text.bytes().all(|byte| byte.is_ascii_digit());
            is_number.then(|| text.parse::<u16>().ok()).flatten()
        };
        match (number(hours, 2), number(minutes, 2)) {
            (Some(hours @ 0..24), Some(minutes @ 0..60)) => Ok(Self(hours * 60 + minutes)),
            _ => Err(NoTimeOfDay),
        }
    }
}

/// A day of the week, from Monday.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum Weekday {
    /// Monday.
    Monday,
    /// Tuesday.
    Tuesday,
    /// Wednesday.
    Wednesday,
    /// Thursday.
    Thursday,
    /// Friday.
    Friday,
    /// Saturday.
    Saturday,
    /// Sunday.
    Sunday,
}

impl Weekday {
    /// Every day, from Monday.
    pub const ALL: [Self; 7] =
        [Self::Monday, Self::Tuesday, Self::Wednesday, Self::Thursday, Self::Friday, Self::Saturday, Self::Sunday];

    /// Days since Monday.
    pub fn number(self) -> u16 {
        self as u16
    }

    /// Its name.
    pub fn label(self) -> &'static str {
        match self {
            Self::Monday => "Monday",
            Self::Tuesday => "Tuesday",
            Self::Wednesday => "Wednesday",
            Self::Thursday => "Thursday",
            Self::Friday => "Friday",
            Self::Saturday => "Saturday",
            Self::Sunday => "Sunday",
        }
    }

    /// Its name in three letters.
    pub fn short(self) -> &'static str {
        self.label().get(..3).unwrap_or_default()
    }
}

/// A time of the week in which a stage may be deployed to. It is open while a clock in the stage's time zone shows a time
/// in it: what the clock skips in spring is not there, and what it shows twice in autumn is open twice.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Window {
    /// The days on which it opens, in order.
    pub days: Vec<Weekday>,
    /// When it opens.
    pub from: TimeOfDay,
    /// When it closes: on the next day where that is not later than it opens, so that 00:00 to 00:00 is the whole day.
    pub until: TimeOfDay,
}

impl Window {
    /// How long it stays open, in minutes of the clock: 1 to 1,440.
    pub fn minutes(&self) -> u16 {
        let minutes = (self.until.0 + DAY - self.from.0) % DAY;
        if minutes == 0 { DAY } else { minutes }
    }
}

impl fmt::Display for Window {
    /// `Mon, Tue 20:00–23:00`
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let days = self.days.iter().map(|day| day.short()).collect::<Vec<_>>().join(", ");
        write!(formatter, "{days} {}–{}", self.from, self.until)
    }
}

/// A time in which nothing is deployed to a stage.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Freeze {
    /// Id.
    pub id: FreezeId,
    /// From this moment on.
    pub from: Timestamp,
    /// Until this moment, not included.
    pub until: Timestamp,
    /// Why.
    pub reason: String,
    /// Name of who declared it.
    pub declared_by: String,
}

/// When a stage may be deployed to.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct DeploymentWindows {
    /// The time zone of the windows, by its IANA name.
    pub time_zone: String,
    /// The windows; none where it may be deployed to at any time of the week.
    pub windows: Vec<Window>,
    /// Freezes that have not ended, and those of late, in order.
    pub freezes: Vec<Freeze>,
    /// Raised with every change of zone and windows; 0 where nothing has been kept yet.
    pub row_version: i32,
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "tests")]

    use super::*;
    use proptest::prelude::*;

    #[test]
    fn a_time_of_day_is_read_as_forms_write_it_and_nothing_else_is_one() {
        for (text, minutes) in [("00:00", 0), (" 7:05 ", 425), ("23:59", 1_439), ("20:00:00", 1_200)] {
            assert_eq!(text.parse::<TimeOfDay>().unwrap().minutes(), minutes, "{text}");
        }
        for bad in ["", "24:00", "12:60", "12", "-1:00", "+1:00", "1:2:3", "12:00 PM", "١٢:٠٠", "99999999999:00"] {
            assert_eq!(bad.parse::<TimeOfDay>(), Err(NoTimeOfDay), "{bad}");
        }
    }

    #[test]
    fn a_window_that_closes_earlier_than_it_opens_closes_on_the_next_day() {
        for (from, until, minutes) in
            [("20:00", "23:00", 180), ("22:00", "02:00", 240), ("00:00", "00:00", 1_440), ("09:00", "09:00", 1_440)]
        {
            let window =
                Window { days: vec![Weekday::Monday], from: from.parse().unwrap(), until: until.parse().unwrap() };
            assert_eq!(window.minutes(), minutes, "{from} {until}");
        }
    }

    #[test]
    fn a_window_reads_in_a_line() {
        let window = Window {
            days: vec![Weekday::Monday, Weekday::Friday],
            from: "20:00".parse().unwrap(),
            until: "02:30".parse().unwrap(),
        };
        assert_eq!(window.to_string(), "Mon, Fri 20:00–02:30");
    }

    proptest! {
        #[test]
        fn a_time_of_day_is_read_as_it_is_written(minutes in 0_u16..1_440) {
            let time = TimeOfDay::from_minutes(minutes).unwrap();
            prop_assert_eq!(time.to_string().parse::<TimeOfDay>(), Ok(time));
        }
    }
}
