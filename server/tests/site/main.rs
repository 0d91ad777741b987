//! The site as browsers and programs see it: the real router over real databases.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::large_futures,
    reason = "tests"
)]

mod access_scene;
mod access_table;
mod applications;
mod bed;
mod contoso;
mod downloads;
mod live;
mod process;
mod protection;
mod secrets;
mod sessions;
mod settings_file;
mod signing_in;
mod tokens;
mod uploads;
mod webhooks;
