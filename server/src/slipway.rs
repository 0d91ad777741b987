//! What every request is answered with.

use crate::{configuration::Configuration, openid::Providers, site::Site, uploads::Uploads};
use environment::Ids;
use ipnet::IpNet;
use pipelines::Host;
use sea_orm::DatabaseConnection;
use std::{sync::Arc, time::Duration};
use tokio::sync::Semaphore;
use tokio_util::sync::CancellationToken;

/// Live streams that are open at once; one more is asked to come back later.
const STREAMS: usize = 500;

/// The running Slipway. Cheap to clone: every clone is the same.
#[derive(Clone)]
pub struct Slipway {
    /// The host of pipelines.
    pub host: Host,
    /// The database, to see whether it answers.
    pub database: DatabaseConnection,
    /// Scripts and styles.
    pub site: Arc<Site>,
    /// New ids, for requests.
    pub ids: Arc<dyn Ids>,
    /// Cancelled when the process is to end.
    pub shutdown: CancellationToken,
    /// Whether everybody reaches Slipway over https.
    pub is_secure: bool,
    /// The address people use, when a proxy stands in front.
    pub public_url: Option<String>,
    /// Largest package to take, in bytes.
    pub max_upload: u64,
    /// How long a session lasts without being used.
    pub session_idle: Duration,
    /// How long a session lasts, however much it is used.
    pub session_longest: Duration,
    /// How old a look at a target may become before it is looked at again; none where nobody looks by itself.
    pub drift: Option<Duration>,
    /// Proxies whose word on where a request comes from counts.
    pub trusted_proxies: Arc<[IpNet]>,
    /// Providers that people sign in with.
    pub providers: Providers,
    /// Permits for live streams.
    pub streams: Arc<Semaphore>,
    /// The places for uploads.
    pub uploads: Uploads,
}

impl Slipway {
    /// Puts the parts together.
    pub fn new(
        configuration: &Configuration,
        host: Host,
        database: DatabaseConnection,
        site: Site,
        ids: Arc<dyn Ids>,
        shutdown: CancellationToken,
    ) -> Self {
        let public_url = configuration.public_url.as_deref().unwrap_or_default();
        let providers = Providers::new(&configuration.providers, public_url, host.shared_clock());
        Self {
            host,
            database,
            site: Arc::new(site),
            ids,
            shutdown,
            is_secure: configuration.is_secure(),
            public_url: configuration.public_url.clone(),
            max_upload: configuration.max_upload,
            session_idle: configuration.session_idle,
            session_longest: configuration.session_longest,
            drift: configuration.drift,
            trusted_proxies: configuration.trusted_proxies.clone().into(),
            providers,
            streams: Arc::new(Semaphore::new(STREAMS)),
            uploads: Uploads::default(),
        }
    }
}
