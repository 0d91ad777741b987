//! The OpenID Connect providers of the configuration, each checked at start.

use model::user::{Role, Roles};
use pipelines::secret::Secret;
use serde::Deserialize;
use std::{collections::BTreeMap, path::PathBuf, time::Duration};
use url::Url;

/// Providers at most.
const MOST: usize = 10;
/// Characters of a name, an id or an address at most.
const LONGEST: usize = 300;
/// Bytes of a file that holds a client secret at most.
const LONGEST_SECRET: u64 = 10_000;

/// A provider.
#[derive(Clone, Debug)]
pub struct ProviderSettings {
    /// Its key in the configuration, which stands in addresses and in the database.
    pub key: String,
    /// Its name on the button.
    pub name: String,
    /// Whose tokens count, letter by letter as the provider writes it.
    pub issuer: String,
    /// What tells one account from another.
    pub kind: Kind,
    /// What Slipway is called there.
    pub client_id: String,
    /// What Slipway proves that with; none for a client that has none and relies on PKCE.
    pub client_secret: Option<Secret>,
    /// Scopes that are asked for beside `openid`, `profile` and `email`.
    pub scopes: Vec<String>,
    /// Whether groups are taken over as memberships of teams.
    pub groups: bool,
    /// Where Microsoft Graph answers, for accounts with more groups than fit into a token.
    pub graph: Url,
    /// Which security role an app role stands for; roles that stand here are the provider's to give and to take.
    pub roles: BTreeMap<String, Role>,
    /// Whether somebody who has no account yet is given one.
    pub creates_accounts: bool,
    /// How long roles and memberships of groups last after a sign-in.
    pub rights_last: Duration,
}

impl ProviderSettings {
    /// The security roles that the provider decides over.
    pub fn managed_roles(&self) -> Roles {
        self.roles.values().copied().collect()
    }
}

/// What tells one account from another.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Kind {
    /// Microsoft Entra ID: the claims `oid` and `tid`, of this tenant only.
    Entra {
        /// The tenant.
        tenant: String,
    },
    /// Any other provider: the claim `sub`.
    OpenId,
}

/// A provider as it is written down.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Written {
    name: Option<String>,
    kind: String,
    tenant: Option<String>,
    issuer: Option<String>,
    client_id: String,
    client_secret: Option<Secret>,
    client_secret_file: Option<PathBuf>,
    #[serde(default)]
    scopes: Vec<String>,
    #[serde(default)]
    groups: bool,
    graph: Option<String>,
    #[serde(default)]
    roles: BTreeMap<String, String>,
    #[serde(default = "yes")]
    creates_accounts: bool,
    #[serde(default = "rights_days")]
    rights_days: u64,
}

fn rights_days() -> u64 {
    30
}

fn yes() -> bool {
    true
}

/// Reads providers from the JSON form of the setting. What is wrong is told in a sentence that holds no secret.
pub fn parse(text: &str) -> Result<Vec<ProviderSettings>, String> {
    if text.is_empty() {
        return Ok(Vec::new());
    }
    // The parser's own words may repeat a value.
    let written: BTreeMap<String, serde_json::Value> =
        serde_json::from_str(text).map_err(|_| "it is not a table of providers".to_owned())?;
    if written.len() > MOST {
        return Err(format!("there are more than {MOST} providers"));
    }
    written.into_iter().map(|(key, value)| provider(&key, value).map_err(|error| format!("{key}: {error}"))).collect()
}

fn provider(key: &str, value: serde_json::Value) -> Result<ProviderSettings, String> {
    let plain = |letter: u8| letter.is_ascii_lowercase() || letter.is_ascii_digit() || letter == b'-';
    if key.is_empty() || key.len() > 40 || !key.bytes().all(plain) {
        return Err("the key of a provider has at most 40 small letters, digits and hyphens".to_owned());
    }
    let written = written(value)?;
    let kind = match (written.kind.as_str(), written.tenant) {
        ("entra", Some(tenant)) if tenant.parse::<uuid::Uuid>().is_ok() => {
            Kind::Entra { tenant: tenant.to_lowercase() }
        }
        ("entra", _) => return Err("tenant must be the id of the tenant, in the form of a GUID".to_owned()),
        ("openid", None) => Kind::OpenId,
        ("openid", Some(_)) => return Err("tenant is for the kind entra only".to_owned()),
        _ => return Err("kind must be entra or openid".to_owned()),
    };
    let issuer = match (&kind, written.issuer) {
        (_, Some(issuer)) => issuer,
        (Kind::Entra { tenant }, None) => format!("https://login.microsoftonline.com/{tenant}/v2.0"),
        (Kind::OpenId, None) => return Err("issuer is missing".to_owned()),
    };
    address("issuer", &issuer)?;
    let graph = address("graph", written.graph.as_deref().unwrap_or("https://graph.microsoft.com"))?;
    let client_secret = match (written.client_secret, written.client_secret_file) {
        (Some(_), Some(_)) => return Err("set either client_secret or client_secret_file".to_owned()),
        (Some(secret), None) => Some(secret),
        (None, Some(path)) => Some(secret_of(&path)?),
        (None, None) => None,
    };
    let name = short("name", written.name.as_deref().unwrap_or(key))?;
    let client_id = short("client_id", &written.client_id)?;
    let is_scope = |scope: &String| {
        (1..=LONGEST).contains(&scope.len()) && scope.bytes().all(|byte| byte.is_ascii_graphic() && byte != b'"')
    };
    if written.scopes.len() > 20 || !written.scopes.iter().all(is_scope) {
        return Err("scopes must be at most 20 words without spaces".to_owned());
    }
    let roles = written.roles.into_iter().map(|(app_role, role)| {
        let names = Role::ALL.map(Role::name).join(", ");
        let role = Role::from_name(&role).ok_or_else(|| format!("the role of {app_role} must be one of {names}"))?;
        Ok((app_role, role))
    });
    Ok(ProviderSettings {
        key: key.to_owned(),
        name,
        issuer,
        kind,
        client_id,
        client_secret,
        scopes: written.scopes,
        groups: written.groups,
        graph,
        roles: roles.collect::<Result<_, String>>()?,
        creates_accounts: written.creates_accounts,
        rights_last: Duration::from_hours(24 * written.rights_days),
    })
}

/// Names the first field that is wrong rather than repeating what stands in it.
fn written(value: serde_json::Value) -> Result<Written, String> {
    const FIELDS: [&str; 13] = [
        "name",
        "kind",
        "tenant",
        "issuer",
        "client_id",
        "client_secret",
        "client_secret_file",
        "scopes",
        "groups",
        "graph",
        "roles",
        "creates_accounts",
        "rights_days",
    ];
    let fields = value.as_object().ok_or("it is not a table")?;
    if let Some(unknown) = fields.keys().find(|field| !FIELDS.contains(&field.as_str())) {
        return Err(format!("{unknown} is not a setting of a provider; those are {}", FIELDS.join(", ")));
    }
    for missing in ["kind", "client_id"] {
        if !fields.contains_key(missing) {
            return Err(format!("{missing} is missing"));
        }
    }
    let expected = |field: &str| match field {
        "scopes" => "a list of words",
        "groups" | "creates_accounts" => "true or false",
        "roles" => "a table of app roles with their security roles",
        "rights_days" => "a whole number of days from 1 to 365",
        _ => "a text",
    };
    for (field, value) in fields {
        let right = match field.as_str() {
            "scopes" => value.as_array().is_some_and(|list| list.iter().all(serde_json::Value::is_string)),
            "groups" | "creates_accounts" => value.is_boolean(),
            "roles" => value.as_object().is_some_and(|table| table.values().all(serde_json::Value::is_string)),
            "rights_days" => value.as_u64().is_some_and(|days| (1..=365).contains(&days)),
            _ => value.is_string(),
        };
        if !right {
            return Err(format!("{field} must be {}", expected(field)));
        }
    }
    serde_json::from_value(value).map_err(|_| "it cannot be read".to_owned())
}

fn short(field: &str, text: &str) -> Result<String, String> {
    let text = text.trim();
    if text.is_empty() || text.chars().count() > LONGEST || text.chars().any(char::is_control) {
        return Err(format!("{field} must have from 1 to {LONGEST} visible characters"));
    }
    Ok(text.to_owned())
}

/// An address that secrets may be sent to: over https, or on this machine.
fn address(field: &str, text: &str) -> Result<Url, String> {
    let wrong =
        || format!("{field} must be an https address without query and user; http is taken for this machine only");
    let url: Url = text.parse().map_err(|_| wrong())?;
    let is_here = matches!(url.host_str(), Some("127.0.0.1" | "[::1]" | "localhost"));
    let plain =
        url.query().is_none() && url.fragment().is_none() && url.username().is_empty() && url.password().is_none();
    let safe = url.scheme() == "https" || (url.scheme() == "http" && is_here);
    if plain && safe && text.len() <= LONGEST { Ok(url) } else { Err(wrong()) }
}

fn secret_of(path: &std::path::Path) -> Result<Secret, String> {
    let unreadable = |error: std::io::Error| format!("client_secret_file {} cannot be read: {error}", path.display());
    if std::fs::metadata(path).map_err(unreadable)?.len() > LONGEST_SECRET {
        return Err(format!("client_secret_file {} is too large to hold a secret", path.display()));
    }
    let text = std::fs::read_to_string(path).map_err(unreadable)?;
    let text = text.trim();
    if text.is_empty() {
        return Err(format!("client_secret_file {} is empty", path.display()));
    }
    Ok(Secret::from(text))
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing, reason = "tests")]
    use super::*;
    use serde_json::json;

    const TENANT: &str = "6b2b1f4e-52e8-4f2e-9d8e-0d8f5b0a3c11";

    fn one(value: impl Into<serde_json::Value>) -> Result<ProviderSettings, String> {
        parse(&json!({ "contoso": value.into() }).to_string()).map(|mut providers| providers.remove(0))
    }

    #[test]
    fn a_tenant_is_enough_to_find_entra_id() {
        let provider =
            one(json!({ "kind": "entra", "tenant": TENANT, "client_id": "slipway", "client_secret": "hunter2",
            "groups": true, "roles": { "Slipway.Admin": "pipeline-administrator" } }))
            .unwrap();
        assert_eq!(provider.issuer, format!("https://login.microsoftonline.com/{TENANT}/v2.0"));
        assert_eq!(provider.graph.as_str(), "https://graph.microsoft.com/");
        assert_eq!((provider.key.as_str(), provider.name.as_str()), ("contoso", "contoso"));
        assert_eq!(provider.managed_roles(), Role::PipelineAdministrator.into());
        assert!(provider.groups && provider.creates_accounts);
        assert!(!format!("{provider:?}").contains("hunter2"));
    }

    #[test]
    fn no_providers_are_no_mistake() {
        assert!(parse("").unwrap().is_empty() && parse("{}").unwrap().is_empty());
    }

    #[test]
    fn whatever_is_wrong_is_told_by_its_name_and_never_with_a_secret() {
        let fine =
            json!({ "kind": "openid", "issuer": "https://login.test", "client_id": "x", "client_secret": "hunter2" });
        assert!(one(fine.clone()).is_ok());
        for (field, value, message) in [
            ("kind", json!("saml"), "kind must be"),
            ("kind", json!(7), "kind must be a text"),
            ("kind", json!("entra"), "tenant must be"),
            ("tenant", json!(TENANT), "tenant is for"),
            ("issuer", json!("http://login.test"), "issuer must be an https"),
            ("issuer", json!("https://a:b@login.test"), "issuer must be an https"),
            ("graph", json!("ftp://graph.test"), "graph must be an https"),
            ("client_id", json!(" "), "client_id must have"),
            ("client_secret", json!(["hunter2"]), "client_secret must be a text"),
            ("client_secret_file", json!("/nowhere/at/all"), "set either"),
            ("scopes", json!("User.Read"), "scopes must be a list"),
            ("scopes", json!(["a b"]), "scopes must be at most"),
            ("groups", json!("yes"), "groups must be true or false"),
            ("rights_days", json!(0), "rights_days must be a whole number"),
            ("rights_days", json!("30"), "rights_days must be a whole number"),
            ("roles", json!({ "Admin": "king" }), "the role of Admin must be one of"),
            ("secret", json!("hunter2"), "secret is not a setting"),
        ] {
            let mut wrong = fine.clone();
            wrong[field] = value;
            let error = one(wrong).unwrap_err();
            assert!(error.starts_with("contoso: ") && error.contains(message), "{field}: {error}");
            assert!(!error.contains("hunter2"), "{error}");
        }
        assert!(parse(&json!({ "Contoso!": fine }).to_string()).unwrap_err().contains("the key of a provider"));
        assert!(parse("[]").is_err() && parse("hunter2").is_err_and(|error| !error.contains("hunter2")));
    }
}
