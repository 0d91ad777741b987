//! The page for addresses that lead nowhere.

use crate::{context, error::AppError, layout::Area};
use leptos::prelude::*;

/// The page for addresses that lead nowhere.
#[component]
pub fn NotFound() -> impl IntoView {
    let area = if context::visitor().person.is_some() { Area::General } else { Area::Public };
    super::load(area, async { Err::<(), _>(AppError::not_found("This page")) }, |()| ())
}
