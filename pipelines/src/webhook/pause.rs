//! How long to wait between the tries of a delivery.

use std::time::Duration;

/// The pauses after the first try, the second, and so on. After the try that follows the last one it is given up: nine
/// hours are enough to see that a receiver is down and to mend it.
const PAUSES: [Duration; 8] = [
    Duration::from_secs(10),
    Duration::from_secs(30),
    Duration::from_mins(2),
    Duration::from_mins(10),
    Duration::from_mins(30),
    Duration::from_hours(1),
    Duration::from_hours(2),
    Duration::from_hours(5),
];

/// How much longer a pause becomes at most, so that what failed together is not tried together.
const JITTER: f64 = 0.2;

/// The pause after so many tries that failed; none where it is given up. `chance` is from 0 to 1.
pub fn pause(tries: u32, chance: f64) -> Option<Duration> {
    let pause = PAUSES.get(usize::try_from(tries).ok()?.checked_sub(1)?)?;
    Some(pause.mul_f64(1.0 + JITTER * chance.clamp(0.0, 1.0)))
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "tests")]
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn pauses_grow_until_it_is_given_up() {
        for (tries, seconds) in [
            (0, None),
            (1, Some(10)),
            (2, Some(30)),
            (3, Some(120)),
            (4, Some(600)),
            (5, Some(1_800)),
            (6, Some(3_600)),
            (7, Some(7_200)),
            (8, Some(18_000)),
            (9, None),
            (u32::MAX, None),
        ] {
            assert_eq!(pause(tries, 0.0), seconds.map(Duration::from_secs), "{tries}");
        }
        assert_eq!(pause(1, 1.0), Some(Duration::from_secs(12)));
        assert_eq!(pause(1, 7.0), Some(Duration::from_secs(12)));
    }

    proptest! {
        #[test]
        fn whatever_chance_says_every_pause_is_longer_than_the_one_before(
            tries in 1_u32..8, chance in 0.0..=1.0_f64, other in 0.0..=1.0_f64,
        ) {
            prop_assert!(pause(tries, chance).unwrap() < pause(tries + 1, other).unwrap());
        }
    }
}
