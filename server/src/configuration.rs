//! The effective settings: defaults, overridden by a file, overridden by the environment, each checked.

use crate::{
    log::LogFormat,
    openid::{self, ProviderSettings},
    reached,
    setting::{self, Setting},
};
use ipnet::IpNet;
use pipelines::{
    secret::Keys,
    webhook::{Outgoing, reach::Reach},
};
use std::{
    collections::BTreeMap,
    fmt,
    net::{IpAddr, SocketAddr},
    path::{Path, PathBuf},
    time::Duration,
};

/// The name of the file of settings in the data folder.
pub const FILE: &str = "slipway.toml";

/// The environment variable that names another file of settings.
pub const FILE_VARIABLE: &str = "SLIPWAY_CONFIG";

/// The most a file of settings may hold.
const MAX_FILE_BYTES: u64 = 64 * 1024;

/// What Slipway runs with.
#[derive(Clone, Debug)]
pub struct Configuration {
    /// Folder of the database and the packages.
    pub data: PathBuf,
    /// Where to listen.
    pub listen: SocketAddr,
    /// Database URL. May hold a password.
    pub database_url: String,
    /// `scheme://host[:port]` that people use, when it is not the address Slipway listens on.
    pub public_url: Option<String>,
    /// Largest package to take, in bytes.
    pub max_upload: u64,
    /// How long a session lasts without being used.
    pub session_idle: Duration,
    /// How long a session lasts, however much it is used.
    pub session_longest: Duration,
    /// How old a look at a target may become before it is looked at again; none where nobody looks by itself.
    pub drift: Option<Duration>,
    /// Where webhooks may go.
    pub reach: Reach,
    /// Proxies whose word on where a request comes from counts.
    pub trusted_proxies: Vec<IpNet>,
    /// Providers that people sign in with.
    pub providers: Vec<ProviderSettings>,
    /// Keys under which secrets are sealed; none for those in the data folder.
    pub secret_keys: Option<Keys>,
    /// Whether the first start creates the demo.
    pub demo: bool,
    /// What to log.
    pub log: String,
    /// How to log.
    pub log_format: LogFormat,
    /// Every setting with where it came from, for `slipway config`.
    pub origins: Vec<Origin>,
}

/// A setting's value and where it came from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Origin {
    /// The key of the setting.
    pub key: &'static str,
    /// Its value, without passwords.
    pub value: String,
    /// `default`, the file, or the environment variable.
    pub source: String,
}

/// Why the settings cannot be used: every problem in a sentence that names the setting.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ConfigurationError(pub Vec<String>);

impl fmt::Display for ConfigurationError {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.0.join("\n"))
    }
}

impl std::error::Error for ConfigurationError {}

impl Configuration {
    /// Reads the settings of this process. `file` is the file named on the command line.
    pub fn load(file: Option<&Path>) -> Result<Self, ConfigurationError> {
        Self::from_sources(file, &|name| std::env::var_os(name).map(|value| value.to_string_lossy().into_owned()))
    }

    /// Reads the settings with another environment than the process's own.
    pub fn from_sources(
        file: Option<&Path>,
        environment: &dyn Fn(&str) -> Option<String>,
    ) -> Result<Self, ConfigurationError> {
        let variable = |setting: &Setting| {
            setting.variables.iter().find_map(|name| {
                let text = environment(name).filter(|text| !text.trim().is_empty())?;
                Some(Value { text: text.trim().to_owned(), source: Source::Variable(name) })
            })
        };
        let data = variable(&setting::DATA);
        let named = file
            .map(Path::to_owned)
            .or_else(|| environment(FILE_VARIABLE).filter(|path| !path.is_empty()).map(PathBuf::from));
        let mut values = if let Some(path) = named {
            read_file(&path, true, true)?
        } else {
            let folder = data.as_ref().map_or(setting::DATA.default, |value| value.text.as_str());
            read_file(&Path::new(folder).join(FILE), false, false)?
        };
        for setting in setting::ALL {
            if let Some(value) = variable(setting) {
                values.insert(setting.key, value);
            }
        }
        check(&Values { values })
    }

    /// Whether people reach Slipway over https.
    pub fn is_secure(&self) -> bool {
        self.public_url.as_deref().is_some_and(|url| url.starts_with("https://"))
    }

    /// What holds for what is sent to others.
    pub fn outgoing(&self) -> Outgoing {
        let public_url = self.public_url.clone().unwrap_or_else(|| format!("http://{}", self.listen));
        Outgoing { public_url, reach: self.reach.clone() }
    }

    /// Folder of the packages.
    pub fn packages(&self) -> PathBuf {
        self.data.join("packages")
    }
}

/// Those of some environment variables that look like settings and are none: most likely they are misspelt. What tests
/// use, and what Kubernetes sets for a service of this name, is left out.
pub fn unknown_variables(names: impl IntoIterator<Item = String>) -> Vec<String> {
    const OTHERS: [&str; 3] = ["SLIPWAY_TEST_", "SLIPWAY_SERVICE_", "SLIPWAY_PORT_"];
    let known =
        |name: &str| name == FILE_VARIABLE || setting::ALL.iter().any(|setting| setting.variables.contains(&name));
    let is_unknown = |name: &String| {
        name.starts_with("SLIPWAY_") && !known(name) && !OTHERS.iter().any(|other| name.starts_with(other))
    };
    names.into_iter().filter(is_unknown).collect()
}

fn check(values: &Values) -> Result<Configuration, ConfigurationError> {
    let mut problems = Vec::new();
    let data = values.read(&setting::DATA, &mut problems, |text| Some(PathBuf::from(text)));
    let address = values.read(&setting::ADDRESS, &mut problems, |text| text.parse::<IpAddr>().ok());
    let port = values.read(&setting::PORT, &mut problems, |text| text.parse::<u16>().ok());
    let database_url = values.read(&setting::DATABASE_URL, &mut problems, |text| database_url(text, data.as_deref()));
    let public_url = values.read(&setting::PUBLIC_URL, &mut problems, public_url);
    let max_upload = values.read(&setting::MAX_UPLOAD_MB, &mut problems, |text| whole(text, 1, 4096));
    let session_idle = values.read(&setting::SESSION_IDLE_MINUTES, &mut problems, |text| whole(text, 5, 43_200));
    let session_longest = values.read(&setting::SESSION_LONGEST_HOURS, &mut problems, |text| whole(text, 1, 8760));
    let drift = values.read(&setting::DRIFT_HOURS, &mut problems, |text| whole(text, 0, 720));
    let webhook_http = values.read(&setting::WEBHOOK_HTTP, &mut problems, |text| text.parse::<bool>().ok());
    let webhook_networks = values.read(&setting::WEBHOOK_NETWORKS, &mut problems, reached::networks);
    let trusted_proxies = values.read(&setting::TRUSTED_PROXIES, &mut problems, reached::networks);
    let providers = values.explain(&setting::PROVIDERS, &mut problems, openid::settings::parse).unwrap_or_default();
    if !providers.is_empty() && public_url.as_ref().is_some_and(String::is_empty) {
        let key = setting::PUBLIC_URL.key;
        problems.push(format!("providers need {key} (SLIPWAY_PUBLIC_URL): it is where they send people back to."));
    }
    let secret_keys = values.explain(&setting::SECRET_KEYS, &mut problems, secret_keys).flatten();
    let demo = values.read(&setting::DEMO, &mut problems, |text| text.parse::<bool>().ok());
    let log = values.read(&setting::LOG, &mut problems, |text| crate::log::is_filter(text).then(|| text.to_owned()));
    let log_format = values.read(&setting::LOG_FORMAT, &mut problems, LogFormat::from_name);
    match (
        data,
        address,
        port,
        database_url,
        public_url,
        max_upload,
        session_idle,
        session_longest,
        drift,
        webhook_http.zip(webhook_networks),
        trusted_proxies,
        demo,
        log,
        log_format,
    ) {
        (
            Some(data),
            Some(address),
            Some(port),
            Some(database_url),
            Some(public_url),
            Some(max_upload),
            Some(session_idle),
            Some(session_longest),
            Some(drift),
            Some((http, networks)),
            Some(trusted_proxies),
            Some(demo),
            Some(log),
            Some(log_format),
        ) if problems.is_empty() => Ok(Configuration {
            data,
            listen: SocketAddr::new(address, port),
            database_url,
            public_url: Some(public_url).filter(|url| !url.is_empty()),
            max_upload: max_upload * 1024 * 1024,
            session_idle: Duration::from_mins(session_idle),
            session_longest: Duration::from_hours(session_longest),
            drift: (drift > 0).then(|| Duration::from_hours(drift)),
            reach: Reach { http, networks },
            trusted_proxies,
            providers,
            secret_keys,
            demo,
            log,
            log_format,
            origins: values.origins(),
        }),
        _ => Err(ConfigurationError(problems)),
    }
}

fn whole(text: &str, least: u64, most: u64) -> Option<u64> {
    text.parse().ok().filter(|number| (least..=most).contains(number))
}

fn database_url(text: &str, data: Option<&Path>) -> Option<String> {
    if text.is_empty() {
        return Some(format!("sqlite://{}?mode=rwc", data?.join("slipway.sqlite").display()));
    }
    ["sqlite:", "postgres://", "postgresql://"].iter().any(|scheme| text.starts_with(scheme)).then(|| text.to_owned())
}

/// `scheme://host[:port]` in the form in which browsers send it as `Origin`; empty when it is not set.
fn public_url(text: &str) -> Option<String> {
    if text.is_empty() {
        return Some(String::new());
    }
    let text = text.strip_suffix('/').unwrap_or(text).to_ascii_lowercase();
    let uri: http::Uri = text.parse().ok()?;
    let scheme = uri.scheme_str().filter(|scheme| ["http", "https"].contains(scheme))?;
    let authority = uri.authority().filter(|authority| !authority.as_str().contains('@'))?;
    if uri.path_and_query().is_some_and(|rest| rest.as_str() != "/") || authority.host().is_empty() {
        return None;
    }
    let standard_port = if scheme == "https" { 443 } else { 80 };
    let port =
        authority.port_u16().filter(|port| *port != standard_port).map(|port| format!(":{port}")).unwrap_or_default();
    Some(format!("{scheme}://{}{port}", authority.host()))
}

#[derive(Clone, Debug)]
struct Value {
    text: String,
    source: Source,
}

#[derive(Clone, Debug)]
enum Source {
    File(PathBuf),
    Variable(&'static str),
}

impl Source {
    /// What to call a setting that comes from here.
    fn name(&self, setting: &Setting) -> String {
        match self {
            Self::Variable(name) => (*name).to_owned(),
            Self::File(path) => format!("{} in {}", setting.key, path.display()),
        }
    }
}

#[derive(Debug)]
struct Values {
    values: BTreeMap<&'static str, Value>,
}

impl Values {
    fn read<T>(&self, setting: &Setting, problems: &mut Vec<String>, parse: impl Fn(&str) -> Option<T>) -> Option<T> {
        let Some(value) = self.values.get(setting.key) else {
            return parse(setting.default);
        };
        let parsed = parse(&value.text);
        if parsed.is_none() {
            let name = value.source.name(setting);
            let shown: String = shown(setting, &value.text).chars().take(200).collect();
            problems.push(format!("{name} is “{shown}”, but must be {}.", setting.allowed));
        }
        parsed
    }

    /// As [`Self::read`], for settings whose values are secret and whose mistakes need a sentence of their own.
    fn explain<T>(
        &self,
        setting: &Setting,
        problems: &mut Vec<String>,
        parse: impl Fn(&str) -> Result<T, String>,
    ) -> Option<T> {
        let Some(value) = self.values.get(setting.key) else { return parse(setting.default).ok() };
        let parsed = parse(&value.text);
        if let Err(error) = &parsed {
            let name = value.source.name(setting);
            problems.push(format!("{name} cannot be used: {error}. It must be {}.", setting.allowed));
        }
        parsed.ok()
    }

    fn origins(&self) -> Vec<Origin> {
        setting::ALL
            .iter()
            .map(|setting| match self.values.get(setting.key) {
                None => Origin { key: setting.key, value: setting.default.to_owned(), source: "default".to_owned() },
                Some(value) => Origin {
                    key: setting.key,
                    value: shown(setting, &value.text),
                    source: match &value.source {
                        Source::Variable(name) => (*name).to_owned(),
                        Source::File(path) => path.display().to_string(),
                    },
                },
            })
            .collect()
    }
}

/// A value as it may be shown.
fn shown(setting: &Setting, text: &str) -> String {
    if setting.key == setting::DATABASE_URL.key {
        without_password(text)
    } else if setting.secret {
        "…".to_owned()
    } else {
        text.to_owned()
    }
}

fn secret_keys(text: &str) -> Result<Option<Keys>, String> {
    if text.is_empty() {
        return Ok(None);
    }
    Keys::parse(text).map(Some).map_err(|error| error.to_string())
}

/// A URL as it may be shown: without what stands between the scheme and the host, and without its query, both of which
/// may hold a password.
pub fn without_password(url: &str) -> String {
    let (base, query) = url.split_once('?').map_or((url, ""), |(base, _)| (base, "?…"));
    match (base.find("://"), base.rfind('@')) {
        (Some(scheme), Some(at)) if at > scheme => {
            let user = base.get(scheme + 3..at).and_then(|login| login.split(':').next()).unwrap_or_default();
            format!(
                "{}{user}:…{}{query}",
                base.get(..scheme + 3).unwrap_or_default(),
                base.get(at..).unwrap_or_default()
            )
        }
        _ => format!("{base}{query}"),
    }
}

fn read_file(
    path: &Path,
    must_exist: bool,
    may_set_data: bool,
) -> Result<BTreeMap<&'static str, Value>, ConfigurationError> {
    let problem = |sentence: String| ConfigurationError(vec![sentence]);
    match std::fs::metadata(path) {
        Err(error) if is_absent(&error) && !must_exist => return Ok(BTreeMap::new()),
        Ok(metadata) if metadata.len() > MAX_FILE_BYTES => {
            return Err(problem(format!(
                "The settings file {} is larger than {MAX_FILE_BYTES} bytes.",
                path.display()
            )));
        }
        _ => {}
    }
    let text = std::fs::read_to_string(path)
        .map_err(|error| problem(format!("The settings file {} cannot be read: {error}.", path.display())))?;
    let table: toml::Table = text.parse().map_err(|error: toml::de::Error| {
        problem(format!("The settings file {} is not valid TOML: {}.", path.display(), error.message()))
    })?;
    let mut values = BTreeMap::new();
    let mut problems = Vec::new();
    for (key, value) in table {
        let Some(setting) = setting::ALL.iter().find(|setting| setting.key == key) else {
            let known: Vec<_> = setting::ALL.iter().map(|setting| setting.key).collect();
            problems.push(format!(
                "{} sets {key}, which is not a setting. Settings are: {}.",
                path.display(),
                known.join(", ")
            ));
            continue;
        };
        if setting.key == setting::DATA.key && !may_set_data {
            problems.push(format!(
                "{} cannot set data, because it lies in the data folder itself. Set SLIPWAY_DATA.",
                path.display()
            ));
            continue;
        }
        let text = match value {
            toml::Value::String(text) => text,
            toml::Value::Integer(number) => number.to_string(),
            toml::Value::Boolean(flag) => flag.to_string(),
            toml::Value::Table(table) if setting.key == setting::PROVIDERS.key => {
                serde_json::to_string(&table).unwrap_or_default()
            }
            other if setting.secret => {
                problems.push(format!(
                    "{key} in {} is {}, but must be {}.",
                    path.display(),
                    other.type_str(),
                    setting.allowed
                ));
                continue;
            }
            other => {
                problems.push(format!("{key} in {} is “{other}”, but must be {}.", path.display(), setting.allowed));
                continue;
            }
        };
        values.insert(setting.key, Value { text: text.trim().to_owned(), source: Source::File(path.to_owned()) });
    }
    if problems.is_empty() { Ok(values) } else { Err(ConfigurationError(problems)) }
}

/// Whether there is no such file. A data folder that is none is found out when it is opened.
fn is_absent(error: &std::io::Error) -> bool {
    matches!(error.kind(), std::io::ErrorKind::NotFound | std::io::ErrorKind::NotADirectory)
}

#[cfg(test)]
mod tests;
