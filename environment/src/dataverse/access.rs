//! How a Dataverse environment is reached, and as whom.

use model::id::EnvironmentId;
use std::fmt;

/// What an application signs in with.
#[derive(Clone)]
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
#[derive(Clone, Debug)]
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
