//! The process that serves: from opening the database to the last step of the worker.

use crate::{
    background,
    configuration::Configuration,
    first_start,
    host::{self, OpenError, Opened},
    router,
    site::Site,
    slipway::Slipway,
    webhook::HttpSender,
};
use axum::{Extension, Router, extract::ConnectInfo};
use hyper_util::{
    rt::{TokioExecutor, TokioIo, TokioTimer},
    server::{conn::auto::Builder, graceful::GracefulShutdown},
    service::TowerToHyperService,
};
use std::{io, net::SocketAddr, sync::Arc, time::Duration};
use tokio::{
    net::{TcpListener, TcpStream},
    sync::Semaphore,
};
use tokio_util::sync::CancellationToken;
use tower::Layer;

/// How long a client may take to send the head of a request, and how long a connection may stay without one.
const HEAD: Duration = Duration::from_secs(30);

/// Connections that are open at once; more wait to be accepted.
const CONNECTIONS: usize = 2048;

/// How long answers under way may take to end after a shutdown was asked for.
const FAREWELL: Duration = Duration::from_secs(10);

/// How long the steps of runs that are under way may take to end after that.
const LAST_STEP: Duration = Duration::from_secs(30);

/// Why Slipway does not serve.
#[derive(Debug, thiserror::Error)]
pub enum ServeError {
    /// The host cannot be opened.
    #[error(transparent)]
    Open(#[from] OpenError),
    /// The first people cannot be created, or imports of an earlier process not be taken up.
    #[error("Slipway cannot start: {0}")]
    Start(#[from] pipelines::Error),
    /// The address cannot be listened on.
    #[error(
        "Slipway cannot listen on {address}: {cause}. Set address and port (SLIPWAY_ADDRESS, SLIPWAY_PORT) to ones that are free."
    )]
    Listen {
        /// The address.
        address: SocketAddr,
        /// What the system says.
        cause: io::Error,
    },
    /// Webhooks cannot be called from this machine.
    #[error("Slipway cannot make calls from this machine: {0}.")]
    Calls(#[from] reqwest::Error),
    /// The public URL cannot be trusted.
    #[error("The public URL (SLIPWAY_PUBLIC_URL) cannot be used: {0}.")]
    PublicUrl(#[from] tower_http::csrf::ConfigError),
}

/// Serves until the process is asked to end (SIGTERM, SIGINT) or `shutdown` is cancelled. `tell` is called with what a
/// person who starts Slipway should read.
pub async fn serve(
    configuration: &Configuration,
    shutdown: CancellationToken,
    tell: impl Fn(&str),
) -> Result<(), ServeError> {
    let Opened { host, database, built_in, ids, .. } = host::open(configuration).await?;
    // Before anything else, so that a port that is taken costs nobody the passwords that are shown once.
    let address = configuration.listen;
    let failed = |cause| ServeError::Listen { address, cause };
    let listener = TcpListener::bind(address).await.map_err(failed)?;
    if let Some(welcome) = first_start::welcome(&host, configuration.demo).await? {
        tell(&welcome);
    }
    let resumed = built_in.resume_imports().await.map_err(pipelines::Error::from)?;
    if resumed > 0 {
        tracing::info!(resumed, "took up imports that an earlier process had begun");
    }
    let slipway = Slipway::new(configuration, host, database.clone(), Site::embedded(), ids, shutdown.clone());
    let router = router::router(&slipway)?;
    let sender = HttpSender::new(configuration.reach.clone())?;
    let work = background::start(&slipway, Arc::new(sender));
    let listening = listener.local_addr().map_err(failed)?;
    let url = configuration.public_url.clone().unwrap_or_else(|| format!("http://{listening}"));
    tell(&format!("Slipway listens on {listening}. Open {url}\n"));
    tokio::spawn(cancel_on_signal(shutdown.clone()));

    accept(listener, router, &shutdown).await;

    if tokio::time::timeout(LAST_STEP, work.wait()).await.is_err() {
        tracing::warn!("a step takes longer than {LAST_STEP:?}; it is taken up at the next start");
    }
    if let Err(error) = database.close().await {
        tracing::warn!(%error, "the database did not close");
    }
    Ok(())
}

/// Takes connections until the shutdown, then lets the answers under way end.
async fn accept(listener: TcpListener, router: Router, shutdown: &CancellationToken) {
    let mut builder = Builder::new(TokioExecutor::new());
    builder.http1().timer(TokioTimer::new()).header_read_timeout(HEAD);
    builder.http2().timer(TokioTimer::new()).keep_alive_interval(HEAD).max_concurrent_streams(100);
    let graceful = GracefulShutdown::new();
    let places = Arc::new(Semaphore::new(CONNECTIONS));
    loop {
        let next = async {
            let place = places.clone().acquire_owned().await;
            (listener.accept().await, place)
        };
        let (accepted, place) = tokio::select! {
            () = shutdown.cancelled() => break,
            next = next => next,
        };
        let (stream, peer) = match accepted {
            Ok(accepted) => accepted,
            Err(error) => {
                // Such as too many open files: a moment later there may be one again.
                tracing::warn!(%error, "a connection could not be accepted");
                tokio::time::sleep(Duration::from_millis(100)).await;
                continue;
            }
        };
        let connection = connection(&builder, stream, peer, &router, &graceful);
        tokio::spawn(async move {
            connection.await;
            drop(place);
        });
    }
    drop(listener);
    tracing::info!("shutting down");
    if tokio::time::timeout(FAREWELL, graceful.shutdown()).await.is_err() {
        tracing::warn!("some answers took longer than {FAREWELL:?} and were cut off");
    }
}

fn connection(
    builder: &Builder<TokioExecutor>,
    stream: TcpStream,
    peer: SocketAddr,
    router: &Router,
    graceful: &GracefulShutdown,
) -> impl Future<Output = ()> + Send + 'static {
    // Events and small pages leave at once rather than waiting for more.
    if let Err(error) = stream.set_nodelay(true) {
        tracing::debug!(%error, "a connection stays with its delay");
    }
    let service = TowerToHyperService::new(Extension(ConnectInfo(peer)).layer(router.clone()));
    let connection = builder.serve_connection(TokioIo::new(stream), service).into_owned();
    let connection = graceful.watch(connection);
    async move {
        if let Err(error) = connection.await {
            tracing::debug!(%error, "a connection ended");
        }
    }
}

async fn cancel_on_signal(shutdown: CancellationToken) {
    signal().await;
    shutdown.cancel();
    signal().await;
    tracing::warn!("asked to end a second time: ending at once");
    std::process::exit(1);
}

async fn signal() {
    #[cfg(unix)]
    {
        use tokio::signal::unix::{SignalKind, signal};
        match signal(SignalKind::terminate()) {
            Ok(mut terminate) => tokio::select! {
                _ = tokio::signal::ctrl_c() => {}
                _ = terminate.recv() => {}
            },
            Err(error) => {
                tracing::warn!(%error, "SIGTERM cannot be listened for");
                wait_for_interrupt().await;
            }
        }
    }
    #[cfg(not(unix))]
    wait_for_interrupt().await;
}

async fn wait_for_interrupt() {
    if let Err(error) = tokio::signal::ctrl_c().await {
        tracing::warn!(%error, "the interrupt key cannot be listened for");
        std::future::pending::<()>().await;
    }
}
