//! Calls to webhooks: over TLS, without following redirects, limited in time and size, and only to addresses that the
//! settings let them go to.

use futures::future::BoxFuture;
use pipelines::{
    secret::ExposeSecret,
    webhook::{
        Answer, Call, Sender,
        reach::{Reach, refused},
    },
};
use reqwest::dns::{Addrs, Name, Resolve, Resolving};
use std::{error::Error, io, net::SocketAddr, sync::Arc, time::Duration};

/// How long a connection may take.
const CONNECT: Duration = Duration::from_secs(5);
/// How long a call may take altogether.
const PATIENCE: Duration = Duration::from_secs(12);
/// Bytes of an answer that are read.
const MOST: usize = 4 * 1024;

/// Makes calls.
pub struct HttpSender {
    client: reqwest::Client,
    reach: Arc<Reach>,
}

impl HttpSender {
    /// With what the settings allow.
    pub fn new(reach: Reach) -> reqwest::Result<Self> {
        // Somebody else in the process may have chosen one already, which is as good.
        let _ = rustls::crypto::ring::default_provider().install_default();
        let reach = Arc::new(reach);
        let client = reqwest::Client::builder()
            .connect_timeout(CONNECT)
            .timeout(PATIENCE)
            .user_agent(concat!("Slipway/", env!("CARGO_PKG_VERSION")))
            .redirect(reqwest::redirect::Policy::none())
            // A proxy would connect to where nobody has looked.
            .no_proxy()
            .dns_resolver(Guarded(reach.clone()))
            .build()?;
        Ok(Self { client, reach })
    }

    async fn answer(&self, call: &Call) -> Result<Answer, String> {
        // An address that is a number is never looked up, so it is looked at here.
        let url = self.reach.read(call.url.expose_secret())?;
        let mut request = self.client.post(url).body(call.body.clone());
        for (name, value) in &call.headers {
            request = request.header(*name, value);
        }
        let mut answer = request.send().await.map_err(|error| reason(&error.without_url()))?;
        let status = answer.status().as_u16();
        let mut body = Vec::new();
        // What it is worth is said by the status; a body that breaks off is shown as far as it came.
        while body.len() < MOST
            && let Ok(Some(chunk)) = answer.chunk().await
        {
            body.extend_from_slice(&chunk);
        }
        body.truncate(MOST);
        Ok(Answer::Status { status, body: String::from_utf8_lossy(&body).into_owned() })
    }
}

#[async_trait::async_trait]
impl Sender for HttpSender {
    async fn send(&self, call: &Call) -> Answer {
        self.answer(call).await.unwrap_or_else(Answer::None)
    }
}

/// Looks names up and gives only those of their addresses that may be connected to. As the connection goes to what is
/// given here, a name that leads elsewhere a moment later leads nowhere.
struct Guarded(Arc<Reach>);

impl Resolve for Guarded {
    fn resolve(&self, name: Name) -> Resolving {
        let reach = self.0.clone();
        let found: BoxFuture<'static, Result<Addrs, Box<dyn Error + Send + Sync>>> = Box::pin(async move {
            let found: Vec<_> = tokio::net::lookup_host((name.as_str(), 0)).await?.collect();
            let first = found.first().copied();
            let permitted: Vec<_> = found.into_iter().filter(|address| reach.permits(address.ip())).collect();
            match first.filter(|_| permitted.is_empty()) {
                Some(refused_address) => Err(Box::new(NotPermitted(refused_address)).into()),
                None => Ok(Box::new(permitted.into_iter()) as Addrs),
            }
        });
        found
    }
}

/// A name leads to where webhooks may not go.
#[derive(Debug, thiserror::Error)]
#[error("{}", refused(.0.ip()))]
struct NotPermitted(SocketAddr);

/// Why there was no answer, in a sentence.
fn reason(error: &reqwest::Error) -> String {
    let mut cause: Option<&(dyn Error + 'static)> = Some(error);
    let mut last = String::new();
    while let Some(error) = cause {
        if let Some(refused) = error.downcast_ref::<NotPermitted>() {
            return refused.to_string();
        }
        if let Some(error) = error.downcast_ref::<io::Error>()
            && let Some(refused) = error.get_ref().and_then(|inner| inner.downcast_ref::<NotPermitted>())
        {
            return refused.to_string();
        }
        last = error.to_string();
        cause = error.source();
    }
    if error.is_timeout() {
        return "The receiver did not answer in time.".to_owned();
    }
    format!("The receiver cannot be reached: {last}.")
}
