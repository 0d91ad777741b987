//! How a Dataverse environment is reached, and as whom.

use super::sign_in;
use model::id::EnvironmentId;
use std::fmt;

/// What an application signs in with.
#[derive(Clone, PartialEq, Eq)]
pub enum Credential {
    /// A client secret.
    Secret(String),
    /// A certificate and its key, both in PEM. The key is RSA, in PKCS#8.
    Certificate {
        /// The certificate.
        certificate: String,
        /// The private key.
        key: String,
    },
}

/// Never shows what it holds.
impl fmt::Debug for Credential {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(match self {
            Self::Secret(_) => "Secret",
            Self::Certificate { .. } => "Certificate",
        })
    }
}

/// Where an environment is and who uses it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Access {
    /// The Environment ID.
    pub environment: EnvironmentId,
    /// Address of the environment: `https://contoso.crm4.dynamics.com`.
    pub url: String,
    /// Tenant: its id or one of its domains.
    pub tenant: String,
    /// Client id of the application.
    pub client_id: String,
    /// What it signs in with.
    pub credential: Credential,
    /// Address of Entra ID: `https://login.microsoftonline.com`.
    pub authority: String,
}

/// Entra ID of the public cloud.
pub const PUBLIC_AUTHORITY: &str = "https://login.microsoftonline.com";

/// What somebody says of how an environment is reached.
#[derive(Clone, Debug)]
pub struct GivenAccess {
    /// The Environment ID.
    pub environment: EnvironmentId,
    /// Address of the environment.
    pub url: String,
    /// Tenant: its id or one of its domains.
    pub tenant: String,
    /// Client id of the application.
    pub client_id: String,
    /// What it signs in with.
    pub credential: Credential,
    /// Address of Entra ID; that of the public cloud where it is empty.
    pub authority: String,
}

/// What is wrong with a field, in a sentence.
pub type FieldMessage = (&'static str, String);

impl GivenAccess {
    /// The access that is meant, or what is wrong with it. Fields: `url`, `tenant`, `client_id`, `authority`,
    /// `client_secret`, `certificate`, `key`.
    pub fn read(self) -> Result<Access, Vec<FieldMessage>> {
        let mut wrong: Vec<FieldMessage> = Vec::new();
        let authority = match self.authority.trim() {
            "" => PUBLIC_AUTHORITY,
            authority => authority,
        };
        for (field, address, example) in
            [("url", self.url.trim(), "https://contoso.crm4.dynamics.com"), ("authority", authority, PUBLIC_AUTHORITY)]
        {
            if !may_receive_secrets(address) || address.chars().count() > LONGEST {
                wrong.push((field, format!("Enter an https address such as {example}.")));
            }
        }
        let tenant = self.tenant.trim();
        if !is_word(tenant) || tenant.contains(['/', '?', '#']) {
            wrong.push(("tenant", "Enter the tenant's id or one of its domains, such as contoso.com.".to_owned()));
        }
        let client_id = self.client_id.trim();
        if !is_word(client_id) {
            wrong.push(("client_id", "Enter the Application (client) ID.".to_owned()));
        }
        wrong.extend(sign_in::unusable(&self.credential).map(|(field, message)| (field, message.to_owned())));
        if !wrong.is_empty() {
            return Err(wrong);
        }
        Ok(Access {
            environment: self.environment,
            url: self.url.trim().trim_end_matches('/').to_owned(),
            tenant: tenant.to_owned(),
            client_id: client_id.to_owned(),
            authority: authority.trim_end_matches('/').to_owned(),
            credential: self.credential,
        })
    }
}

/// Characters of an address, a tenant or a client id.
const LONGEST: usize = 500;

fn is_word(text: &str) -> bool {
    !text.is_empty() && text.chars().count() <= LONGEST && !text.contains(|c: char| c.is_control() || c.is_whitespace())
}

/// Whether a secret may be sent there: over https, or to this machine.
fn may_receive_secrets(text: &str) -> bool {
    let Ok(url) = reqwest::Url::parse(text) else { return false };
    let is_here = matches!(url.host_str(), Some("localhost" | "127.0.0.1" | "[::1]"));
    url.host_str().is_some()
        && (url.scheme() == "https" || url.scheme() == "http" && is_here)
        && url.username().is_empty()
        && url.password().is_none()
        && url.query().is_none()
        && url.fragment().is_none()
}

impl Access {
    /// The address of the environment without a slash at its end.
    pub(super) fn base(&self) -> &str {
        self.url.trim_end_matches('/')
    }

    /// Where tokens come from.
    pub(super) fn token_address(&self) -> String {
        format!("{}/{}/oauth2/v2.0/token", self.authority.trim_end_matches('/'), self.tenant)
    }

    /// Where connections are: in the Power Platform API, whose address is made from the Environment ID; or, for an
    /// environment that is not Microsoft's, below the environment itself.
    pub(super) fn connectivity(&self) -> String {
        if !self.is_microsofts() {
            return format!("{}/connectivity", self.base());
        }
        let id = self.environment.0.simple().to_string();
        let (beginning, end) = id.split_at(id.len().saturating_sub(2));
        format!("https://{beginning}.{end}.environment.api.powerplatform.com/connectivity")
    }

    /// What a token for connections is for.
    pub(super) fn connectivity_scope(&self) -> String {
        if self.is_microsofts() { "https://api.powerplatform.com/.default".to_owned() } else { self.scope() }
    }

    /// What a token for the environment is for.
    pub(super) fn scope(&self) -> String {
        format!("{}/.default", self.base())
    }

    fn is_microsofts(&self) -> bool {
        let host = self.base().split("://").nth(1).unwrap_or_default();
        let host = host.split(['/', ':']).next().unwrap_or_default().to_ascii_lowercase();
        [".dynamics.com", ".microsoftdynamics.us", ".appsplatform.us", ".dynamics.cn"]
            .iter()
            .any(|end| host.ends_with(end))
    }

    /// The part of the world the environment is in, as its address tells: `crm4` is Europe. None where it does not.
    pub fn region(&self) -> Option<&'static str> {
        let host = self.base().split("://").nth(1)?;
        let label = host.split('.').nth(1)?;
        let regions = [
            ("crm", "North America"),
            ("crm2", "South America"),
            ("crm3", "Canada"),
            ("crm4", "Europe"),
            ("crm5", "Asia Pacific"),
            ("crm6", "Australia"),
            ("crm7", "Japan"),
            ("crm8", "India"),
            ("crm9", "US Government"),
            ("crm11", "United Kingdom"),
            ("crm12", "France"),
            ("crm14", "South Africa"),
            ("crm15", "United Arab Emirates"),
            ("crm16", "Germany"),
            ("crm17", "Switzerland"),
            ("crm19", "Norway"),
            ("crm20", "Singapore"),
            ("crm21", "Korea"),
        ];
        regions.iter().find(|(name, _)| name.eq_ignore_ascii_case(label)).map(|(_, region)| *region)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn connections_are_looked_for_where_the_environment_has_them() {
        let mut access = Access {
            environment: EnvironmentId(uuid::Uuid::from_u128(0x0123_4567_89ab_cdef_0123_4567_89ab_cdef)),
            url: "https://contoso.crm4.dynamics.com/".to_owned(),
            tenant: "contoso.com".to_owned(),
            client_id: "client".to_owned(),
            credential: Credential::Secret("secret".to_owned()),
            authority: PUBLIC_AUTHORITY.to_owned(),
        };
        let address = "https://0123456789abcdef0123456789abcd.ef.environment.api.powerplatform.com/connectivity";
        assert_eq!((access.connectivity().as_str(), access.region()), (address, Some("Europe")));
        assert_eq!(access.token_address(), "https://login.microsoftonline.com/contoso.com/oauth2/v2.0/token");
        assert!(!format!("{access:?}").contains("secret\""));
        access.url = "https://slipway.example.com/environments/1".to_owned();
        assert_eq!(access.connectivity(), "https://slipway.example.com/environments/1/connectivity");
        assert_eq!(access.region(), None);
    }
}
