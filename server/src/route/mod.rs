//! What the server itself answers, beside the pages.

pub mod artifact;
pub mod audit;
pub mod comparison;
pub mod delivery;
pub mod events;
pub mod health;
pub mod provider;
pub mod settings_file;
pub mod sign_out;
pub mod theme;
pub mod upload;
