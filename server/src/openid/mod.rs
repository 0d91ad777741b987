//! Signing in with OpenID Connect: authorization code with PKCE, made for Microsoft Entra ID.

mod claims;
mod graph;
mod http;
mod provider;
pub mod settings;

pub use provider::{Departure, OpenIdError, Provider};
pub use settings::{Kind, ProviderSettings};

use environment::Clock;
use pipelines::sign_in::Lasting;
use std::sync::Arc;

/// The providers of the configuration. Cheap to clone.
#[derive(Clone, Debug, Default)]
pub struct Providers(Arc<[Provider]>);

impl Providers {
    /// The providers, which send people back to an address below `public_url`.
    pub fn new(settings: &[ProviderSettings], public_url: &str, clock: &Arc<dyn Clock>) -> Self {
        Self(settings.iter().filter_map(|one| Provider::new(one.clone(), public_url, clock.clone())).collect())
    }

    /// The provider of a key.
    pub fn get(&self, key: &str) -> Option<&Provider> {
        self.0.iter().find(|provider| provider.settings.key == key)
    }

    /// How long what each provider gives lasts.
    pub fn lasting(&self) -> Vec<Lasting> {
        let lasting = |settings: &ProviderSettings| Lasting {
            provider: settings.key.clone(),
            managed: settings.managed_roles(),
            lasts: settings.rights_last,
        };
        self.iter().map(|provider| lasting(&provider.settings)).collect()
    }

    /// Every provider, in the order of keys.
    pub fn iter(&self) -> impl Iterator<Item = &Provider> {
        self.0.iter()
    }
}
