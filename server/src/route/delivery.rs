//! The measures of delivery as a table for other programs.

use crate::{refusal, slipway::Slipway};
use axum::{
    Extension,
    extract::{Query, State},
    response::{IntoResponse, Response},
};
use http::{HeaderMap, header};
use model::delivery::Delivery;
use pipelines::{Caller, delivery};
use std::{collections::BTreeMap, fmt::Write};

/// Sends the weeks: `/delivery/csv`, with the query of the page. Times are milliseconds.
pub async fn export(
    State(slipway): State<Slipway>,
    Extension(caller): Extension<Caller>,
    Query(query): Query<BTreeMap<String, String>>,
    headers: HeaderMap,
) -> Response {
    let filter = app::delivery_filter(|name| query.get(name).cloned());
    match delivery::get(&slipway.host, &caller, filter.pipeline, filter.period).await {
        Ok(delivery) => {
            let fields = [
                (header::CONTENT_TYPE, "text/csv; charset=utf-8"),
                (header::CONTENT_DISPOSITION, "attachment; filename=\"delivery.csv\""),
                (header::CACHE_CONTROL, "private, no-store"),
            ];
            (fields, comma_separated(&delivery)).into_response()
        }
        Err(error) => refusal::of(&headers, &error),
    }
}

/// Numbers and days only: nothing in it needs quotes.
fn comma_separated(delivery: &Delivery) -> String {
    let mut table = "week_from,deployments,failures,lead_time_ms,time_to_restore_ms\r\n".to_owned();
    for week in &delivery.weeks {
        let measures = &week.measures;
        let time = |time: Option<i64>| time.map(|time| time.to_string()).unwrap_or_default();
        // Writing to a String cannot fail.
        let _ = write!(
            table,
            "{},{},{},{},{}\r\n",
            week.begins.day(),
            measures.deployments,
            measures.failures,
            time(measures.lead_time),
            time(measures.time_to_restore)
        );
    }
    table
}

#[cfg(test)]
mod tests {
    use super::*;
    use model::{
        Timestamp,
        delivery::{Measures, Week},
    };

    #[test]
    fn a_week_is_a_line_and_what_was_not_measured_is_empty() {
        let measures = Measures { deployments: 2, failures: 1, lead_time: Some(5), time_to_restore: None };
        let delivery = Delivery { weeks: vec![Week { begins: Timestamp(0), measures }], total: Measures::default() };
        let table = comma_separated(&delivery);
        assert_eq!(table.lines().nth(1), Some("1970-01-01,2,1,5,"));
    }
}
