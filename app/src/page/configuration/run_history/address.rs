//! The filter of the run history as the address of its page, in both directions.

use leptos_router::{location::Url, params::ParamsMap};
use model::{
    Timestamp,
    stage_run::{RunFilter, RunSort, StageRunStatus},
};
use std::time::Duration;

/// Where the run history stands.
pub const PATH: &str = "/configuration/run-history";

const DAY: Duration = Duration::from_hours(24);
/// Characters of a solution's name that are looked at; the platform's names are far shorter.
const LONGEST_NAME: usize = 200;
/// A page number beyond every real history, so that no address can ask the database for an absurd offset.
const LAST_PAGE: u64 = 1_000_000;

/// Reads the filter from a query. What cannot be read narrows nothing.
pub fn read(query: &ParamsMap) -> RunFilter {
    let text = |name: &str| query.get_str(name).map(str::trim).filter(|text| !text.is_empty());
    RunFilter {
        status: text("status").and_then(StageRunStatus::from_name),
        pipeline: text("pipeline").and_then(|id| id.parse().ok()),
        solution: text("solution").map(|name| name.chars().take(LONGEST_NAME).collect()),
        environment: text("environment").and_then(|id| id.parse().ok()),
        stage: text("stage").and_then(|id| id.parse().ok()),
        requested_by: text("who").and_then(|id| id.parse().ok()),
        from: text("from").and_then(Timestamp::start_of_day),
        until: text("until").and_then(Timestamp::start_of_day).map(|day| day + DAY),
        sort: text("sort").and_then(RunSort::from_name).unwrap_or_default(),
        ascending: text("order") == Some("ascending"),
        page: text("page").and_then(|page| page.parse().ok()).unwrap_or(0).min(LAST_PAGE),
    }
}

/// The fields of a filter as a query names them. Those that narrow nothing and the usual order are left out.
pub fn fields(filter: &RunFilter) -> Vec<(&'static str, String)> {
    let mut fields = narrowing(filter);
    if filter.sort != RunSort::default() {
        fields.push(("sort", filter.sort.name().to_owned()));
    }
    if filter.ascending {
        fields.push(("order", "ascending".to_owned()));
    }
    if filter.page > 1 {
        fields.push(("page", filter.page.to_string()));
    }
    fields
}

/// Whether the filter leaves anything out.
pub fn is_narrowed(filter: &RunFilter) -> bool {
    !narrowing(filter).is_empty()
}

fn narrowing(filter: &RunFilter) -> Vec<(&'static str, String)> {
    [
        ("status", filter.status.map(|status| status.name().to_owned())),
        ("pipeline", filter.pipeline.map(|id| id.to_string())),
        ("solution", filter.solution.clone()),
        ("environment", filter.environment.map(|id| id.to_string())),
        ("stage", filter.stage.map(|id| id.to_string())),
        ("who", filter.requested_by.map(|id| id.to_string())),
        ("from", filter.from.map(Timestamp::day)),
        ("until", filter.until.map(last_day)),
    ]
    .into_iter()
    .filter_map(|(name, value)| Some((name, value?)))
    .collect()
}

/// The last day that a filter with this end still shows.
pub fn last_day(until: Timestamp) -> String {
    Timestamp(until.0.saturating_sub(1)).day()
}

/// The address that shows the run history through a filter.
pub fn write(filter: &RunFilter) -> String {
    let mut address = PATH.to_owned();
    for (index, (name, value)) in fields(filter).into_iter().enumerate() {
        address.push(if index == 0 { '?' } else { '&' });
        address.push_str(name);
        address.push('=');
        // Ids, days and words stay readable; only a solution's name can hold anything else.
        if name == "solution" { address.push_str(&Url::escape(&value)) } else { address.push_str(&value) }
    }
    address
}

/// The filter behind the heading of a column: sorts by it, or turns the order round when that is so already. Times
/// begin with the latest, texts with the first of the alphabet. The pages begin anew.
pub fn sorted_by(filter: &RunFilter, sort: RunSort) -> RunFilter {
    let ascending = if filter.sort == sort {
        !filter.ascending
    } else {
        !matches!(sort, RunSort::Requested | RunSort::Ended | RunSort::Version)
    };
    RunFilter { sort, ascending, page: 0, ..filter.clone() }
}

/// The same filter on another page.
pub fn on_page(filter: &RunFilter, page: u64) -> RunFilter {
    RunFilter { page, ..filter.clone() }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing, reason = "tests")]

    use super::*;
    use leptos_router::location::RequestUrl;
    use model::id::{EnvironmentId, PipelineId, StageId, UserId};
    use proptest::{option, prelude::*, sample};
    use uuid::Uuid;

    fn opened(address: &str) -> RunFilter {
        read(RequestUrl::new(address).parse().unwrap().search_params())
    }

    fn ids() -> impl Strategy<Value = Option<Uuid>> {
        option::of(any::<u128>().prop_map(Uuid::from_u128))
    }

    /// The first moments of the days of four hundred years.
    fn days() -> impl Strategy<Value = Option<Timestamp>> {
        option::of((-73_000_i64..73_000).prop_map(|day| Timestamp(day * 86_400_000)))
    }

    fn filters() -> impl Strategy<Value = RunFilter> {
        let narrowing = (
            option::of(sample::select(StageRunStatus::ALL)),
            ids(),
            option::of("[^\\p{White_Space}]|[^\\p{White_Space}].{0,40}[^\\p{White_Space}]"),
            ids(),
            ids(),
            ids(),
            days(),
            days(),
        );
        let order = (sample::select(RunSort::ALL.as_slice()), any::<bool>(), prop_oneof![Just(0), 2_u64..=LAST_PAGE]);
        (narrowing, order).prop_map(|(narrowing, (sort, ascending, page))| {
            let (status, pipeline, solution, environment, stage, who, from, until) = narrowing;
            RunFilter {
                status,
                pipeline: pipeline.map(PipelineId),
                solution,
                environment: environment.map(EnvironmentId),
                stage: stage.map(StageId),
                requested_by: who.map(UserId),
                from,
                until,
                sort,
                ascending,
                page,
            }
        })
    }

    proptest! {
        #[test]
        fn a_filter_survives_its_address(filter in filters()) {
            prop_assert_eq!(opened(&write(&filter)), filter);
        }

        #[test]
        fn any_query_is_read_and_means_the_same_when_written_again(query in "\\PC{0,80}", value in "\\PC{0,30}") {
            for address in [
                format!("{PATH}?{query}"),
                format!("{PATH}?status={value}&pipeline={value}&solution={value}&from={value}&until={value}&page={value}"),
            ] {
                let Ok(url) = RequestUrl::new(&address).parse() else { continue };
                let filter = read(url.search_params());
                prop_assert_eq!(opened(&write(&filter)).status, filter.status);
                prop_assert_eq!(write(&opened(&write(&filter))), write(&filter));
            }
        }

        #[test]
        fn sorting_by_a_column_twice_turns_the_order_round_and_begins_at_the_first_page(filter in filters()) {
            for sort in RunSort::ALL {
                let once = sorted_by(&filter, sort);
                let twice = sorted_by(&once, sort);
                prop_assert_eq!(once.sort, sort);
                prop_assert_eq!(once.page, 0);
                prop_assert_eq!(twice.ascending, !once.ascending);
                prop_assert_eq!(narrowing(&twice), narrowing(&filter));
            }
        }
    }

    #[test]
    fn the_last_day_is_shown_to_its_end() {
        let filter = opened("/configuration/run-history?from=2026-11-01&until=2026-11-22");
        assert_eq!(filter.from.unwrap().to_rfc3339(), "2026-11-01T00:00:00Z");
        assert_eq!(filter.until.unwrap().to_rfc3339(), "2026-11-23T00:00:00Z");
        assert_eq!(write(&filter), "/configuration/run-history?from=2026-11-01&until=2026-11-22");
    }

    #[test]
    fn what_cannot_be_read_narrows_nothing() {
        let filter =
            opened("/configuration/run-history?status=great&pipeline=1&who=%00&from=2026-13-01&page=-4&sort=x");
        assert_eq!(filter, RunFilter::default());
        assert!(!is_narrowed(&filter));
    }

    #[test]
    fn an_unusual_name_of_a_solution_stays_one_value() {
        let filter = RunFilter { solution: Some("a&status=failed#x y".to_owned()), ..RunFilter::default() };
        assert_eq!(write(&filter), "/configuration/run-history?solution=a%26status%3Dfailed%23x%20y");
        assert_eq!(opened(&write(&filter)), filter);
    }

    #[test]
    fn times_sort_from_the_latest_and_texts_from_the_first() {
        let filter = RunFilter { sort: RunSort::Status, ..RunFilter::default() };
        assert!(!sorted_by(&filter, RunSort::Requested).ascending);
        assert!(sorted_by(&filter, RunSort::Solution).ascending);
        assert_eq!(
            write(&sorted_by(&RunFilter::default(), RunSort::Solution)),
            "/configuration/run-history?sort=solution&order=ascending"
        );
    }
}
