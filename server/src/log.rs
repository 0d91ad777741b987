//! The log of the process, on standard error.

use std::io::IsTerminal;
use tracing_subscriber::EnvFilter;

/// The form of the log.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LogFormat {
    /// Lines for people.
    Text,
    /// One JSON object a line.
    Json,
}

impl LogFormat {
    /// The form of a name in the settings.
    pub fn from_name(name: &str) -> Option<Self> {
        match name {
            "text" => Some(Self::Text),
            "json" => Some(Self::Json),
            _ => None,
        }
    }
}

/// Whether a text says what to log. A list of targets may name anything; a single word has to be a level.
pub fn is_filter(text: &str) -> bool {
    let is_level = |word: &str| ["error", "warn", "info", "debug", "trace", "off"].contains(&word);
    text.split(',').all(|part| match part.trim().split_once('=') {
        Some((target, level)) => !target.is_empty() && is_level(level.trim()),
        None => is_level(part.trim()),
    }) && EnvFilter::try_new(text).is_ok()
}

/// Begins to log. Does nothing when something logs already.
pub fn start(filter: &str, format: LogFormat) {
    // Statements of the database are noise at any level people choose for Slipway itself.
    let filter = EnvFilter::try_new(format!("{filter},sqlx=warn,sea_orm=warn,sea_orm_migration=warn"))
        .unwrap_or_else(|_| EnvFilter::new("info"));
    let is_terminal = std::io::stderr().is_terminal();
    let builder = tracing_subscriber::fmt().with_env_filter(filter).with_writer(std::io::stderr).with_ansi(is_terminal);
    let started = match format {
        LogFormat::Text => builder.compact().try_init(),
        LogFormat::Json => builder.json().flatten_event(true).try_init(),
    };
    if let Err(error) = started {
        tracing::debug!(%error, "the log is set up already");
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_filter_is_a_level_or_a_list_of_targets_with_levels() {
        for good in ["info", "warn,slipway_server=debug", "off"] {
            assert!(is_filter(good), "{good}");
        }
        for bad in ["", "loud", "info,", "slipway_server=loud", "=info"] {
            assert!(!is_filter(bad), "{bad}");
        }
    }
}
