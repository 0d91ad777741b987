//! The pages, one module for each.

pub mod account;
pub mod approvals;
pub mod comparison;
pub mod configuration;
mod error;
pub mod home;
pub mod maker;
pub mod not_found;
pub mod sign_in;

use crate::{
    context,
    error::AppError,
    form,
    layout::{Area, Frame},
};
use leptos::prelude::*;
use leptos_router::hooks::use_params_map;
use model::Problem;
use std::{future::Future, str::FromStr};

/// A page of an area: reads its data, then shows it inside of the area's frame.
///
/// The one way for pages to read: nothing is rendered before the data is there, so the answer carries the right
/// status. Somebody who has not signed in is sent to do so and comes back; every other error becomes a page that says
/// what is wrong and leads on.
pub fn load<T, V>(
    area: Area,
    data: impl Future<Output = Result<T, AppError>> + Send + 'static,
    show: impl FnOnce(T) -> V + Send + 'static,
) -> AnyView
where
    T: Send + 'static,
    V: IntoView + 'static,
{
    let found = area.clone();
    in_frame(area, async move { data.await.map(|data| (found, data)) }, show)
}

/// A page whose area comes to light with its data, such as that of a run.
pub fn load_with_area<T, V>(
    data: impl Future<Output = Result<(Area, T), AppError>> + Send + 'static,
    show: impl FnOnce(T) -> V + Send + 'static,
) -> AnyView
where
    T: Send + 'static,
    V: IntoView + 'static,
{
    in_frame(Area::General, data, show)
}

fn in_frame<T, V>(
    otherwise: Area,
    data: impl Future<Output = Result<(Area, T), AppError>> + Send + 'static,
    show: impl FnOnce(T) -> V + Send + 'static,
) -> AnyView
where
    T: Send + 'static,
    V: IntoView + 'static,
{
    Suspend::new(async move {
        let visitor = context::visitor();
        if otherwise != Area::Public {
            match visitor.person {
                None => return sign_in(),
                Some(person) if person.must_change_password && context::path() != account::PATH => {
                    context::redirect(account::PATH);
                    return ().into_any();
                }
                Some(_) => {}
            }
        }
        match data.await {
            // Nobody sees the page; what is to be said once waits for the next one.
            Ok(_) if context::is_redirected() => ().into_any(),
            Ok((area, data)) => Frame::load(area).await.around(show(data).into_any()),
            Err(AppError(Problem::SignInRequired)) => sign_in(),
            Err(error) => {
                context::set_status(error.status());
                Frame::load(otherwise).await.around(error::page(&error.0))
            }
        }
    })
    .into_any()
}

fn sign_in() -> AnyView {
    context::redirect(&form::sign_in_address(&context::address()));
    ().into_any()
}

/// A part of the address that names a thing: the `{run}` of `/runs/{run}`. One that cannot be read names nothing.
pub fn parameter<T: FromStr>(name: &str) -> Result<T, AppError> {
    use_params_map()
        .read_untracked()
        .get_str(name)
        .and_then(|text| text.parse().ok())
        .ok_or_else(|| AppError::not_found("This page"))
}

/// A field of the address's query; none when it is absent or empty.
pub fn query(name: &str) -> Option<String> {
    leptos_router::hooks::use_query_map()
        .read_untracked()
        .get_str(name)
        .map(|text| text.trim().to_owned())
        .filter(|text| !text.is_empty())
}

#[cfg(test)]
mod tests;
