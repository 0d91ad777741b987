//! The choice of a time zone.

use super::{Choice, Select};
use leptos::prelude::*;
use pipelines::time_zone::Zone;

/// A time zone, by its IANA name.
#[component]
pub fn TimeZoneSelect(
    /// The chosen one.
    #[prop(into)]
    value: String,
    /// What it is for.
    #[prop(optional_no_strip, into)]
    hint: Option<String>,
    /// What is wrong.
    #[prop(optional_no_strip, into)]
    error: Option<String>,
    /// Id, when another form of the page has such a field.
    #[prop(optional, into)]
    id: Option<String>,
) -> impl IntoView {
    let choices = Zone::names().into_iter().map(|name| Choice::new(&name, name.replace('_', " "))).collect();
    let id = id.unwrap_or_else(|| "field-time-zone".to_owned());
    view! { <Select name="time_zone" label="Time zone" choices value hint error id/> }.into_any()
}
