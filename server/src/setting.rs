//! The settings: what there is to set, under which names, with which default. The help text, the checks and the
//! documentation are all made from this table.

use std::fmt::Write as _;

/// One setting.
#[derive(Debug)]
pub struct Setting {
    /// Its key in the file.
    pub key: &'static str,
    /// The environment variables that set it; the first one that is set counts.
    pub variables: &'static [&'static str],
    /// What holds when nobody sets it; empty when it is then worked out, as `what` says.
    pub default: &'static str,
    /// What it may be set to, as the end of “must be …”.
    pub allowed: &'static str,
    /// What it does.
    pub what: &'static str,
    /// Whether its value may hold a password.
    pub secret: bool,
}

/// The folder of everything that Slipway keeps.
pub const DATA: Setting = Setting {
    key: "data",
    variables: &["SLIPWAY_DATA"],
    default: ".slipway",
    allowed: "a folder that can be created and written",
    what: "Folder of the database and the packages. A relative path starts at the folder in which Slipway is started.",
    secret: false,
};

/// The address.
pub const ADDRESS: Setting = Setting {
    key: "address",
    variables: &["SLIPWAY_ADDRESS"],
    default: "127.0.0.1",
    allowed: "an IP address, such as 127.0.0.1, 0.0.0.0 or ::",
    what: "Address to listen on. The default can be reached from this machine only.",
    secret: false,
};

/// The port.
pub const PORT: Setting = Setting {
    key: "port",
    variables: &["SLIPWAY_PORT", "PORT"],
    default: "3000",
    allowed: "a whole number from 0 to 65535, where 0 takes any free port",
    what: "Port to listen on.",
    secret: false,
};

/// The database.
pub const DATABASE_URL: Setting = Setting {
    key: "database_url",
    variables: &["SLIPWAY_DATABASE_URL"],
    default: "",
    allowed: "a URL that begins with sqlite: or postgres://",
    what: "Database. Without it, the SQLite file slipway.sqlite in the data folder.",
    secret: true,
};

/// The address people use.
pub const PUBLIC_URL: Setting = Setting {
    key: "public_url",
    variables: &["SLIPWAY_PUBLIC_URL"],
    default: "",
    allowed: "http:// or https:// with a host and, if need be, a port, and nothing after it, such as https://slipway.contoso.com",
    what: "Address that people use, when a proxy stands in front. With https, cookies are sent over https only.",
    secret: false,
};

/// The size of an upload.
pub const MAX_UPLOAD_MB: Setting = Setting {
    key: "max_upload_mb",
    variables: &["SLIPWAY_MAX_UPLOAD_MB"],
    default: "250",
    allowed: "a whole number from 1 to 4096",
    what: "Largest solution package that can be uploaded, in megabytes (of 1,048,576 bytes).",
    secret: false,
};

/// How long a session lasts without being used.
pub const SESSION_IDLE_MINUTES: Setting = Setting {
    key: "session_idle_minutes",
    variables: &["SLIPWAY_SESSION_IDLE_MINUTES"],
    default: "480",
    allowed: "a whole number from 5 to 43200",
    what: "Minutes without a request after which a person has to sign in again.",
    secret: false,
};

/// How long a session lasts at most.
pub const SESSION_LONGEST_HOURS: Setting = Setting {
    key: "session_longest_hours",
    variables: &["SLIPWAY_SESSION_LONGEST_HOURS"],
    default: "168",
    allowed: "a whole number from 1 to 8760",
    what: "Hours after which a person has to sign in again, however much the session is used.",
    secret: false,
};

/// How often targets are looked at.
pub const DRIFT_HOURS: Setting = Setting {
    key: "drift_hours",
    variables: &["SLIPWAY_DRIFT_HOURS"],
    default: "24",
    allowed: "a whole number from 0 to 720",
    what: "Hours after which a target is looked at again for what differs from what was deployed there; 0 for never.",
    secret: false,
};

/// Whether webhooks may go without TLS.
pub const WEBHOOK_HTTP: Setting = Setting {
    key: "webhook_http",
    variables: &["SLIPWAY_WEBHOOK_HTTP"],
    default: "false",
    allowed: "true or false",
    what: "Whether webhooks may have addresses with http, which everybody on the way can read.",
    secret: false,
};

/// Where webhooks may go beyond the internet.
pub const WEBHOOK_NETWORKS: Setting = Setting {
    key: "webhook_networks",
    variables: &["SLIPWAY_WEBHOOK_NETWORKS"],
    default: "",
    allowed: "IP addresses and networks with commas between, such as 127.0.0.1, 10.0.0.0/8",
    what: "Networks that webhooks may call though they are private, local or otherwise not the internet. Without it, none.",
    secret: false,
};

/// The proxies.
pub const TRUSTED_PROXIES: Setting = Setting {
    key: "trusted_proxies",
    variables: &["SLIPWAY_TRUSTED_PROXIES"],
    default: "",
    allowed: "IP addresses and networks with commas between, such as 127.0.0.1, 10.0.0.0/8",
    what: "Proxies whose X-Forwarded-For and X-Forwarded-Proto are believed. Without it, nobody's are.",
    secret: false,
};

/// The providers.
pub const PROVIDERS: Setting = Setting {
    key: "providers",
    variables: &["SLIPWAY_PROVIDERS"],
    default: "",
    allowed: "a table of providers, in the environment as a JSON object; see the README. It needs public_url",
    what: "OpenID Connect providers that people sign in with, such as Microsoft Entra ID.",
    secret: true,
};

/// The keys of secrets.
pub const SECRET_KEYS: Setting = Setting {
    key: "secret_keys",
    variables: &["SLIPWAY_SECRET_KEYS"],
    default: "",
    allowed: "a list of id:key with commas between, each key 64 hexadecimal digits, the newest last",
    what: "Keys under which secrets are sealed in the database. Without it, the first start creates secrets.key in the data folder: keep a copy of it apart from the database.",
    secret: true,
};

/// Whether the first start makes the demo.
pub const DEMO: Setting = Setting {
    key: "demo",
    variables: &["SLIPWAY_DEMO"],
    default: "false",
    allowed: "true or false",
    what: "Whether the first start, with an empty database, creates the demo: three built-in environments, a pipeline, a solution and two people. `make run` sets it to true.",
    secret: false,
};

/// What is logged.
pub const LOG: Setting = Setting {
    key: "log",
    variables: &["SLIPWAY_LOG"],
    default: "info",
    allowed: "error, warn, info, debug or trace, or a list such as info,slipway_pipelines=debug",
    what: "What is written to the log (standard error).",
    secret: false,
};

/// The form of the log.
pub const LOG_FORMAT: Setting = Setting {
    key: "log_format",
    variables: &["SLIPWAY_LOG_FORMAT"],
    default: "text",
    allowed: "text or json",
    what: "Form of the log: lines for people, or one JSON object a line.",
    secret: false,
};

/// Every setting, in the order in which they are documented.
pub const ALL: [&Setting; 17] = [
    &DATA,
    &ADDRESS,
    &PORT,
    &DATABASE_URL,
    &PUBLIC_URL,
    &MAX_UPLOAD_MB,
    &SESSION_IDLE_MINUTES,
    &SESSION_LONGEST_HOURS,
    &DRIFT_HOURS,
    &WEBHOOK_HTTP,
    &WEBHOOK_NETWORKS,
    &TRUSTED_PROXIES,
    &PROVIDERS,
    &SECRET_KEYS,
    &DEMO,
    &LOG,
    &LOG_FORMAT,
];

/// The settings as the help text shows them.
pub fn help() -> String {
    let mut text = String::from(
        "Settings come from environment variables, then from a file (slipway.toml in the data folder, or --config), then from these defaults:\n",
    );
    for setting in ALL {
        let default = if setting.default.is_empty() { "none" } else { setting.default };
        // Writing to a String cannot fail.
        let _ = write!(
            text,
            "\n  {} (in the file: {}; default: {default})\n      {}\n      It must be {}.\n",
            setting.variables.join(" or "),
            setting.key,
            setting.what,
            setting.allowed,
        );
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_help_names_every_setting_with_its_variables() {
        let help = help();
        for setting in ALL {
            assert!(help.contains(setting.key) && help.contains(setting.what), "{}", setting.key);
            assert!(setting.variables.iter().all(|variable| help.contains(variable)), "{}", setting.key);
        }
    }

    #[test]
    fn the_readme_lists_every_setting_with_its_variables_and_its_default() {
        let path = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../README.md");
        let Ok(readme) = std::fs::read_to_string(path) else {
            eprintln!("skipped: there is no README.md beside the crate");
            return;
        };
        for setting in ALL {
            let variables = setting.variables.iter().map(|name| format!("`{name}`")).collect::<Vec<_>>().join(" or ");
            let row = format!("| {variables} | `{}` |", setting.key);
            let line = readme.lines().find(|line| line.starts_with(&row));
            assert!(line.is_some_and(|line| line.contains(setting.default)), "{row}");
        }
    }
}
