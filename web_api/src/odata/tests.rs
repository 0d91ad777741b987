use super::{apply::Style, *};
use crate::built_in::tables::ORGANIZATION;
use proptest::prelude::*;
use serde_json::json;

fn solution(name: &str, version: i64) -> Row {
    let id = uuid::Uuid::from_u128(u128::from(version.unsigned_abs()));
    let row = json!({"solutionid": id, "uniquename": name, "versionnumber": version, "ismanaged": version % 2 == 0});
    row.as_object().cloned().unwrap_or_default()
}

fn admits(filter: &str, row: &Row) -> bool {
    let table = ORGANIZATION.table("solution").unwrap();
    Filter::parse(filter, ORGANIZATION, table).unwrap().admits(row, &Snapshot::new())
}

#[test]
fn what_is_missing_is_unknown_and_not_unequal() {
    let row = solution("Orders", 1);
    for (filter, expected) in [
        ("description eq null", true),
        ("description ne null", false),
        ("description ne 'x'", false),
        ("not (description eq 'x')", false),
        ("not (description eq 'x') or uniquename eq 'orders'", true),
        ("contains(description,'x') or true eq true", true),
        ("ismanaged", false),
        ("not ismanaged and length(uniquename) eq 6", true),
        ("tolower(uniquename) eq 'orders'", true),
        ("versionnumber ge 1 and versionnumber lt 1.5", true),
        ("solutionid eq 00000000-0000-0000-0000-000000000001", true),
        ("solutionid eq '00000000-0000-0000-0000-000000000001'", true),
        ("uniquename gt 'Alpha' and uniquename le 'orders'", true),
    ] {
        assert_eq!(admits(filter, &row), expected, "{filter}");
    }
}

#[test]
fn what_a_filter_requires_is_known_before_rows_are_read() {
    let table = ORGANIZATION.table("solutioncomponent").unwrap();
    let id = "00000000-0000-0000-0000-000000000007";
    let parse = |text: &str| Filter::parse(text, ORGANIZATION, table).unwrap();
    let filter = parse(&format!("componenttype eq 61 and _solutionid_value eq {id}"));
    assert_eq!(filter.required("_solutionid_value"), Some(&Literal::Guid(id.to_owned())));
    let filter = parse(&format!("componenttype eq 61 or _solutionid_value eq {id}"));
    assert_eq!(filter.required("_solutionid_value"), None);
}

#[test]
fn what_a_filter_chooses_from_is_known_before_rows_are_read() {
    let table = ORGANIZATION.table("solutioncomponent").unwrap();
    let parse = |text: &str| Filter::parse(text, ORGANIZATION, table).unwrap();
    for (filter, values, only) in [
        ("componenttype eq 61", Some(1), true),
        ("(componenttype eq 61 or componenttype eq 29)", Some(2), true),
        ("componenttype in (61, 29, 1)", Some(3), true),
        ("componenttype eq 61 and ismetadata eq true", Some(1), false),
        ("componenttype eq 61 or ismetadata eq true", None, false),
        ("componenttype gt 61", None, false),
        ("componenttype eq null", None, false),
        ("not (componenttype eq 61)", None, false),
    ] {
        let filter = parse(filter);
        assert_eq!(filter.one_of("componenttype").map(|values| values.len()), values, "{filter:?}");
        assert_eq!(filter.asks_only_for(&["componenttype"]), only, "{filter:?}");
    }
}

#[test]
fn a_query_has_bounds() {
    let table = ORGANIZATION.table("solution").unwrap();
    let query = Query::parse("$skiptoken=9999999999999999999_x", ORGANIZATION, table).unwrap();
    assert!(apply::shown_before(&query) <= 1_000_000, "no database counts further than its numbers go");
    let expand = |count: usize| format!("$expand={}", vec!["publisherid"; count].join(","));
    assert!(Query::parse(&expand(15), ORGANIZATION, table).is_ok());
    assert!(Query::parse(&expand(16), ORGANIZATION, table).is_err());
    let table = ORGANIZATION.table("solutioncomponent").unwrap();
    assert!(Query::parse("$orderby=solutionid/publisherid/uniquename", ORGANIZATION, table).is_ok());
    let far = format!("$orderby={}uniquename", "solutionid/".repeat(4));
    assert!(Query::parse(&far, ORGANIZATION, table).is_err());
}

#[test]
fn what_is_shown_within_each_other_has_a_bound_and_is_found_whatever_the_order() {
    let table = ORGANIZATION.table("publisher").unwrap();
    let publisher = json!({"publisherid": "00000000-0000-0000-0000-0000000000aa", "uniquename": "contoso"});
    let publisher = publisher.as_object().cloned().unwrap();
    let solutions: Vec<Row> = (1..=300)
        .map(|version| {
            let mut row = solution(&format!("s{version}"), version);
            row.insert("_publisherid_value".to_owned(), publisher["publisherid"].clone());
            row
        })
        .collect();
    let snapshot = Snapshot::from([("publisher", vec![publisher.clone()]), ("solution", solutions)]);
    let record = |text: &str| {
        let query = Query::parse(text, ORGANIZATION, table).unwrap();
        apply::View::new(ORGANIZATION, &snapshot, Style::default()).record(&publisher, &query)
    };
    let shown = record("$expand=publisher_solution($orderby=versionnumber desc;$top=2;$select=versionnumber)").unwrap();
    let versions: Vec<_> =
        shown["publisher_solution"].as_array().unwrap().iter().map(|row| &row["versionnumber"]).collect();
    assert_eq!(versions, [300, 299]);
    // 300 solutions, each with its publisher, each with 300 solutions.
    let refused = record("$expand=publisher_solution($expand=publisherid($expand=publisher_solution))").unwrap_err();
    assert!(format!("{refused:?}").contains("more than"), "{refused:?}");
}

proptest! {
    #[test]
    fn no_text_upsets_the_parsers(text in ".{0,120}") {
        let table = ORGANIZATION.table("solution").unwrap();
        let _ = Filter::parse(&text, ORGANIZATION, table);
        let _ = Query::parse(&text, ORGANIZATION, table);
        let _ = Query::parse(&format!("$filter={text}"), ORGANIZATION, table);
        let _ = Query::parse(&format!("$expand={text}&$orderby={text}"), ORGANIZATION, table);
        let _ = crate::call::Call::segments(&text);
    }

    #[test]
    fn any_text_is_found_by_itself_when_it_is_quoted(text in "[^\u{0}]{1,40}", other in "[a-z]{41}") {
        let filter = format!("uniquename eq '{}'", text.replace('\'', "''"));
        prop_assert!(admits(&filter, &solution(&text, 1)));
        prop_assert!(!admits(&filter, &solution(&other, 1)));
    }

    #[test]
    fn not_turns_what_is_known_around(name in "[a-z]{1,8}", wanted in "[a-z]{1,8}", version in 1..100_i64) {
        let row = solution(&name, version);
        let filter = format!("uniquename eq '{wanted}' and versionnumber gt 50");
        prop_assert_ne!(admits(&filter, &row), admits(&format!("not ({filter})"), &row));
        prop_assert_eq!(admits(&format!("not ({filter})"), &row), admits(&format!("uniquename ne '{wanted}' or versionnumber le 50"), &row));
    }

    #[test]
    fn parts_put_together_are_the_whole(count in 0..60_i64, size in 1..20_usize, descending: bool) {
        let table = ORGANIZATION.table("solution").unwrap();
        let rows: Vec<Row> = (1..=count).map(|version| solution(&format!("s{}", version % 7), version)).collect();
        let snapshot = Snapshot::from([("solution", rows)]);
        let order = if descending { "uniquename desc,versionnumber" } else { "uniquename,versionnumber desc" };
        let mut query = Query::parse(&format!("$orderby={order}&$count=true"), ORGANIZATION, table).unwrap();
        let whole = part(&query, &snapshot, Style::default()).unwrap();
        let mut put_together: Vec<Row> = Vec::new();
        loop {
            let page = part(&query, &snapshot, Style { page_size: Some(size), ..Style::default() }).unwrap();
            prop_assert!(page.rows.len() <= size);
            prop_assert_eq!(page.count, Some(usize::try_from(count).unwrap()));
            put_together.extend(page.rows);
            match page.skip_token {
                Some(token) => query.skip_token = Some(token),
                None => break,
            }
        }
        prop_assert_eq!(put_together, whole.rows);
    }
}
