//! Where providers call back: an HTTP listener of its own, which takes one small request per connection.
//!
//! Nothing that comes in is trusted before its signature is verified, and nothing is read from the database before that.
//! What is accepted becomes a command like any other. Whatever is refused changes nothing; the caller is told no more
//! than a status, and the log says why.

mod call;
mod refusal;

use std::sync::Arc;

use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::{TokioIo, TokioTimer};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;
use tracing::{debug, warn};
use tranche_connectors::callback::Callbacks;
use tranche_core::time::Clock;
use tranche_store::Store;

use crate::bounds::{
    CALLBACK_ACCEPT_PAUSE, CALLBACK_CONNECTIONS_MAX, CALLBACK_HEADERS_BYTES_MAX, CALLBACK_HEADERS_MAX,
    CALLBACK_HEADERS_TIME_MAX, CALLBACK_TIME_MAX,
};
use crate::engine::Engine;
use refusal::Refusals;

/// What the callback route is handed.
pub struct CallbackOptions {
    /// Where providers connect.
    pub listener: TcpListener,
    /// Verifies the addresses that they call.
    pub callbacks: Arc<Callbacks>,
    /// Where payments are read.
    pub store: Store,
    /// Where commands go.
    pub engine: Engine,
    /// Bounds how often refusals are logged.
    pub clock: Arc<dyn Clock>,
    /// Ends the listener; calls in progress are answered.
    pub shutdown: CancellationToken,
}

/// What each call works with.
struct Route {
    callbacks: Arc<Callbacks>,
    store: Store,
    engine: Engine,
    refusals: Refusals,
}

/// Starts the route on `tasks`.
pub fn start(options: CallbackOptions, tasks: &TaskTracker) {
    tasks.spawn(accept(options, tasks.clone()));
}

/// Accepts connections until the shutdown, no more at once than are allowed: the others wait.
async fn accept(options: CallbackOptions, tasks: TaskTracker) {
    let CallbackOptions { listener, callbacks, store, engine, clock, shutdown } = options;
    let route = Arc::new(Route { callbacks, store, engine, refusals: Refusals::new(clock) });
    let places = Arc::new(Semaphore::new(CALLBACK_CONNECTIONS_MAX));
    loop {
        let next = async {
            let place = Arc::clone(&places).acquire_owned().await.ok();
            (place, listener.accept().await)
        };
        let (place, accepted) = tokio::select! {
            () = shutdown.cancelled() => return,
            next = next => next,
        };
        match accepted {
            Ok((stream, peer)) => {
                debug!(%peer, "a provider connected");
                tasks.spawn(connection(Arc::clone(&route), stream, place));
            }
            Err(error) => {
                warn!(%error, "a connection for callbacks cannot be accepted");
                tokio::time::sleep(CALLBACK_ACCEPT_PAUSE).await;
            }
        }
    }
}

/// Serves one connection, which has one request and a bounded time; its place is given back with it.
async fn connection(route: Arc<Route>, stream: TcpStream, place: Option<OwnedSemaphorePermit>) {
    let service = {
        let route = Arc::clone(&route);
        service_fn(move |request| {
            let route = Arc::clone(&route);
            async move { Ok::<_, std::convert::Infallible>(call::answer(&route, request).await) }
        })
    };
    let served = http1::Builder::new()
        .timer(TokioTimer::new())
        .header_read_timeout(CALLBACK_HEADERS_TIME_MAX)
        .max_buf_size(CALLBACK_HEADERS_BYTES_MAX)
        .max_headers(CALLBACK_HEADERS_MAX)
        .keep_alive(false)
        .serve_connection(TokioIo::new(stream), service);
    match tokio::time::timeout(CALLBACK_TIME_MAX, served).await {
        Ok(Ok(())) => {}
        Ok(Err(error)) => route.refusals.note(&format!("the request could not be read: {error}")),
        Err(_) => route.refusals.note("the connection lasted too long"),
    }
    drop(place);
}
