//! The rule: deployments go in, and the measures of their weeks come out.

use model::{
    Timestamp,
    delivery::{Delivery, Measures, Week},
};
use std::collections::{BTreeMap, BTreeSet};
use uuid::Uuid;

/// Milliseconds of a week.
const WEEK: i64 = 7 * 24 * 60 * 60 * 1000;

/// A deployment that changed the target of a last stage.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Deployment {
    /// Its run.
    pub run: Uuid,
    /// What it brought where: the same place is the same solution at the same stage.
    pub place: (Uuid, String),
    /// When what it brought was exported out of development.
    pub exported: Option<i64>,
    /// When it ended.
    pub ended: i64,
    /// Whether it failed.
    pub failed: bool,
    /// The run that it took back.
    pub rolls_back: Option<Uuid>,
}

/// The measures of some weeks that end now. Deployments before them are passed over, and so are those to come.
pub fn measures(deployments: &[Deployment], weeks: usize, now: Timestamp) -> Delivery {
    let length = i64::try_from(weeks).unwrap_or(i64::MAX);
    let begins = now.0.saturating_sub(WEEK.saturating_mul(length));
    let taken_back: BTreeSet<Uuid> = deployments.iter().filter_map(|deployment| deployment.rolls_back).collect();
    let restored = restored(deployments, &taken_back);
    let mut all = Samples::default();
    let mut of_week: Vec<Samples> = vec![Samples::default(); weeks];
    for deployment in deployments.iter().filter(|deployment| deployment.ended > begins && deployment.ended <= now.0) {
        let number = usize::try_from((deployment.ended - begins - 1) / WEEK).unwrap_or(usize::MAX);
        let Some(week) = of_week.get_mut(number) else { continue };
        for samples in [week, &mut all] {
            samples.add(deployment, taken_back.contains(&deployment.run), restored.get(&deployment.run).copied());
        }
    }
    let begin = |number: usize| Timestamp(begins + WEEK * i64::try_from(number).unwrap_or_default());
    let weeks = of_week.into_iter().enumerate();
    Delivery {
        weeks: weeks.map(|(number, samples)| Week { begins: begin(number), measures: samples.measures() }).collect(),
        total: all.measures(),
    }
}

/// How long it took after each failure until the next success there, as far as there was one.
fn restored(deployments: &[Deployment], taken_back: &BTreeSet<Uuid>) -> BTreeMap<Uuid, i64> {
    let mut of_place: BTreeMap<&(Uuid, String), Vec<&Deployment>> = BTreeMap::new();
    for deployment in deployments {
        of_place.entry(&deployment.place).or_default().push(deployment);
    }
    let mut restored = BTreeMap::new();
    for mut there in of_place.into_values() {
        there.sort_by_key(|deployment| deployment.ended);
        let mut next_success: Option<i64> = None;
        for deployment in there.into_iter().rev() {
            let bad = deployment.failed || taken_back.contains(&deployment.run);
            if let Some(next) = next_success.filter(|_| bad) {
                restored.insert(deployment.run, next - deployment.ended);
            }
            if !bad {
                next_success = Some(deployment.ended);
            }
        }
    }
    restored
}

#[derive(Clone, Default)]
struct Samples {
    deployments: u32,
    failures: u32,
    lead_times: Vec<i64>,
    restorations: Vec<i64>,
}

impl Samples {
    fn add(&mut self, deployment: &Deployment, taken_back: bool, restored: Option<i64>) {
        self.deployments += 1;
        self.failures += u32::from(deployment.failed || taken_back);
        // A roll-back brings nothing new out of development.
        if let Some(exported) = deployment.exported
            && !deployment.failed
            && deployment.rolls_back.is_none()
        {
            self.lead_times.push(deployment.ended.saturating_sub(exported).max(0));
        }
        self.restorations.extend(restored);
    }

    fn measures(self) -> Measures {
        Measures {
            deployments: self.deployments,
            failures: self.failures,
            lead_time: median(self.lead_times),
            time_to_restore: median(self.restorations),
        }
    }
}

/// The one in the middle; of two in the middle, what lies between them.
fn median(mut samples: Vec<i64>) -> Option<i64> {
    samples.sort_unstable();
    let middle = samples.len() / 2;
    let upper = samples.get(middle).copied()?;
    if samples.len() % 2 == 1 {
        return Some(upper);
    }
    let lower = samples.get(middle.checked_sub(1)?).copied()?;
    Some(lower + (upper - lower) / 2)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "tests")]

    use super::*;
    use proptest::prelude::*;

    const HOUR: i64 = 60 * 60 * 1000;
    const NOW: Timestamp = Timestamp(100 * WEEK);

    fn deployment(run: u128, hours_ago: i64) -> Deployment {
        let ended = NOW.0 - hours_ago * HOUR;
        Deployment {
            run: Uuid::from_u128(run),
            place: (Uuid::from_u128(1), "expenses".to_owned()),
            exported: Some(ended - 10 * HOUR),
            ended,
            failed: false,
            rolls_back: None,
        }
    }

    #[test]
    fn deployments_are_counted_in_the_week_in_which_they_ended() {
        let week = WEEK / HOUR;
        let all = [
            deployment(1, 0),
            deployment(2, week),
            deployment(3, week - 1),
            deployment(4, 2 * week),
            deployment(5, -1),
        ];
        let delivery = measures(&all, 2, NOW);
        assert_eq!(delivery.weeks.iter().map(|week| week.measures.deployments).collect::<Vec<_>>(), [1, 2]);
        assert_eq!(delivery.weeks[1].begins, Timestamp(NOW.0 - WEEK));
        assert_eq!((delivery.total.deployments, delivery.total.lead_time), (3, Some(10 * HOUR)));
    }

    #[test]
    fn what_failed_or_was_taken_back_is_a_failure_until_the_next_success() {
        let failed = Deployment { failed: true, ..deployment(1, 50) };
        let mended = deployment(2, 48);
        let bad = deployment(3, 30);
        let back = Deployment { rolls_back: Some(bad.run), exported: Some(0), ..deployment(4, 29) };
        let elsewhere = Deployment { place: (Uuid::from_u128(2), "expenses".to_owned()), ..deployment(5, 49) };
        let open = Deployment { failed: true, ..deployment(6, 1) };
        let delivery = measures(&[open, back, bad, elsewhere, mended, failed], 1, NOW);
        assert_eq!((delivery.total.deployments, delivery.total.failures), (6, 3));
        // Two hours and one hour; the last failure is not restored yet.
        assert_eq!(delivery.total.time_to_restore, Some(3 * HOUR / 2));
        assert_eq!(delivery.total.lead_time, Some(10 * HOUR), "what a roll-back brings has no lead time");
    }

    #[test]
    fn nothing_delivered_measures_nothing() {
        let delivery = measures(&[], 3, NOW);
        assert_eq!((delivery.weeks.len(), delivery.total), (3, Measures::default()));
    }

    #[test]
    fn a_median_is_no_average() {
        assert_eq!(median(vec![]), None);
        assert_eq!(median(vec![5]), Some(5));
        assert_eq!(median(vec![1_000, 1, 2]), Some(2));
        assert_eq!(median(vec![4, 1, 2, 1_000]), Some(3));
    }

    proptest! {
        #[test]
        fn weeks_add_up_to_the_total(ended in proptest::collection::vec((0_i64..20 * 7 * 24, any::<bool>()), 0..60)) {
            let all: Vec<_> = ended
                .iter()
                .zip(1..)
                .map(|((hours, failed), run)| Deployment { failed: *failed, ..deployment(run, *hours) })
                .collect();
            let delivery = measures(&all, 12, NOW);
            let sum = |of: fn(&Measures) -> u32| delivery.weeks.iter().map(|week| of(&week.measures)).sum::<u32>();
            prop_assert_eq!(sum(|measures| measures.deployments), delivery.total.deployments);
            prop_assert_eq!(sum(|measures| measures.failures), delivery.total.failures);
        }
    }
}
