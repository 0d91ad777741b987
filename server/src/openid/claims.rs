//! What a provider's token says of somebody, beyond what every token says.

use super::settings::{Kind, ProviderSettings};
use openidconnect::AdditionalClaims;
use pipelines::sign_in::{ProviderIdentity, ProviderRoles};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// Groups and roles that are read at most. Entra ID puts at most 200 groups into a token.
const MOST: usize = 2_000;

/// Claims of Entra ID, some of which other providers use, too.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize, Serialize)]
pub struct Claims {
    /// The account in its tenant; never changes and is never given to another one.
    oid: Option<String>,
    /// The tenant.
    tid: Option<String>,
    /// Ids of groups.
    groups: Option<Vec<String>>,
    /// App roles.
    #[serde(default)]
    roles: Vec<String>,
    /// Claims that did not fit in, with where they are told. The address in `_claim_sources` is not followed.
    #[serde(default, rename = "_claim_names")]
    claim_names: BTreeMap<String, serde_json::Value>,
    /// Set where groups did not fit in, by Entra ID's other form of the same.
    #[serde(default)]
    hasgroups: Option<bool>,
}

impl AdditionalClaims for Claims {}

/// What every token says.
#[derive(Clone, Debug, Default)]
pub struct Standard {
    /// The account, to this client.
    pub subject: String,
    /// The name somebody signs in with there.
    pub preferred_username: Option<String>,
    /// The name for people.
    pub name: Option<String>,
}

/// Why a token does not say who somebody is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ClaimsError {
    /// A claim is missing.
    #[error("the token has no claim {0}")]
    Missing(&'static str),
    /// The token is of another tenant.
    #[error("the token is of another tenant")]
    Tenant,
}

/// Where groups are to be had.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Groups {
    /// Nobody asked for them.
    Unwanted,
    /// In the token.
    Told(Vec<String>),
    /// Too many for the token: Microsoft Graph tells them.
    Overage,
}

impl Claims {
    /// Where the groups of the account are to be had.
    pub fn groups(&self, settings: &ProviderSettings) -> Groups {
        if !settings.groups {
            return Groups::Unwanted;
        }
        match &self.groups {
            Some(groups) => Groups::Told(groups.iter().take(MOST).cloned().collect()),
            None if self.claim_names.contains_key("groups") || self.hasgroups == Some(true) => Groups::Overage,
            // An account in no group has no claim.
            None => Groups::Told(Vec::new()),
        }
    }

    /// Who somebody is, by what never changes and is never given to anybody else.
    pub fn identity(
        &self,
        settings: &ProviderSettings,
        standard: &Standard,
        groups: Option<Vec<String>>,
    ) -> Result<ProviderIdentity, ClaimsError> {
        let subject = match &settings.kind {
            Kind::OpenId => standard.subject.clone(),
            Kind::Entra { tenant } => {
                let found = self.tid.as_deref().ok_or(ClaimsError::Missing("tid"))?;
                if !found.eq_ignore_ascii_case(tenant) {
                    return Err(ClaimsError::Tenant);
                }
                let account = self.oid.as_deref().filter(|oid| !oid.is_empty()).ok_or(ClaimsError::Missing("oid"))?;
                format!("{tenant}/{}", account.to_lowercase())
            }
        };
        let managed = settings.managed_roles();
        let given = self.roles.iter().take(MOST).filter_map(|role| settings.roles.get(role)).copied().collect();
        Ok(ProviderIdentity {
            provider: settings.key.clone(),
            provider_name: settings.name.clone(),
            subject,
            user_name: standard.preferred_username.clone().unwrap_or_default(),
            display_name: standard.name.clone().or_else(|| standard.preferred_username.clone()).unwrap_or_default(),
            groups,
            roles: (!managed.is_empty()).then_some(ProviderRoles { managed, given }),
            creates_accounts: settings.creates_accounts,
        })
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing, reason = "tests")]
    use super::*;
    use crate::openid::settings;
    use model::user::{Role, Roles};
    use serde_json::json;

    const TENANT: &str = "6b2b1f4e-52e8-4f2e-9d8e-0d8f5b0a3c11";
    const OID: &str = "0B7F3D4C-8E8A-4B40-8A3B-1D3C5E7F9A11";

    fn entra() -> ProviderSettings {
        let roles = json!({ "Slipway.Admin": "pipeline-administrator", "Slipway.User": "pipeline-user" });
        let text = json!({ "contoso": { "kind": "entra", "tenant": TENANT, "client_id": "x", "groups": true, "roles": roles } });
        settings::parse(&text.to_string()).unwrap().remove(0)
    }

    fn claims(value: serde_json::Value) -> Claims {
        serde_json::from_value(value).unwrap()
    }

    fn standard() -> Standard {
        Standard {
            subject: "pairwise".to_owned(),
            preferred_username: Some("adele@contoso.com".to_owned()),
            name: Some("Adele Vance".to_owned()),
        }
    }

    #[test]
    fn an_account_of_entra_id_is_its_object_in_its_tenant_whatever_it_is_called() {
        let identity = claims(json!({ "oid": OID, "tid": TENANT.to_uppercase(), "email": "boss@contoso.com" }))
            .identity(&entra(), &standard(), None)
            .unwrap();
        assert_eq!(identity.subject, format!("{TENANT}/{}", OID.to_lowercase()));
        let renamed = Standard { preferred_username: Some("a@b.c".to_owned()), ..standard() };
        let again = claims(json!({ "oid": OID, "tid": TENANT })).identity(&entra(), &renamed, None).unwrap();
        assert_eq!(again.subject, identity.subject);
    }

    #[test]
    fn a_token_of_another_tenant_or_without_an_account_is_nobodys() {
        for (value, error) in [
            (json!({ "oid": OID, "tid": OID }), ClaimsError::Tenant),
            (json!({ "oid": OID }), ClaimsError::Missing("tid")),
            (json!({ "tid": TENANT }), ClaimsError::Missing("oid")),
            (json!({ "tid": TENANT, "oid": "" }), ClaimsError::Missing("oid")),
        ] {
            assert_eq!(claims(value).identity(&entra(), &standard(), None).unwrap_err(), error);
        }
    }

    #[test]
    fn app_roles_become_security_roles_and_unknown_ones_nothing() {
        let claims = claims(json!({ "oid": OID, "tid": TENANT, "roles": ["Slipway.Admin", "Other"] }));
        let roles = claims.identity(&entra(), &standard(), None).unwrap().roles.unwrap();
        assert_eq!(roles.given, Role::PipelineAdministrator.into());
        assert_eq!(roles.managed, Roles::from(Role::PipelineAdministrator).with(Role::PipelineUser));
    }

    #[test]
    fn groups_are_told_by_the_token_or_by_microsoft_graph() {
        let overage = json!({ "_claim_names": { "groups": "src1" }, "_claim_sources": { "src1": { "endpoint": "https://evil.test" } } });
        for (value, groups) in [
            (json!({ "groups": ["a", "b"] }), Groups::Told(vec!["a".to_owned(), "b".to_owned()])),
            (json!({}), Groups::Told(Vec::new())),
            (overage, Groups::Overage),
            (json!({ "hasgroups": true }), Groups::Overage),
        ] {
            assert_eq!(claims(value.clone()).groups(&entra()), groups, "{value}");
        }
        assert_eq!(
            claims(json!({ "groups": ["a"] })).groups(&ProviderSettings { groups: false, ..entra() }),
            Groups::Unwanted
        );
    }
}
