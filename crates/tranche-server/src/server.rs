//! The server: all services on one listener, until it is told to stop.

mod health;

use std::sync::Arc;

use futures_util::future;
use tokio::net::TcpListener;
use tokio::sync::Semaphore;
use tokio_util::sync::CancellationToken;
use tonic::transport::Server;
use tonic::transport::server::TcpIncoming;
use tower::ServiceBuilder;
use tracing::warn;
use tranche_connectors::Connectors;
use tranche_core::time::Clock;
use tranche_proto::v1::account_service_server::AccountServiceServer;
use tranche_proto::v1::connector_service_server::ConnectorServiceServer;
use tranche_proto::v1::event_service_server::EventServiceServer;
use tranche_proto::v1::invoice_service_server::InvoiceServiceServer;
use tranche_proto::v1::operator_service_server::OperatorServiceServer;
use tranche_proto::v1::order_service_server::OrderServiceServer;
use tranche_proto::v1::transaction_service_server::TransactionServiceServer;
use tranche_store::Store;

use crate::bounds::{
    CONNECTION_KEEPALIVE_PAUSE, CONNECTION_KEEPALIVE_TIME_MAX, REQUEST_BYTES_MAX, SHUTDOWN_TIME_MAX,
    STREAMS_PER_CONNECTION_MAX, WATCH_STREAMS_MAX,
};
use crate::engine::Engine;
use crate::layer::{Account, Admission, AroundLayer, Deadline, Log, Panic, Reason};
use crate::service::Edge;

/// Where the random part of the server's own ids comes from. The composition root hands in the real one.
pub type Entropy = Arc<dyn Fn() -> [u8; 10] + Send + Sync>;

/// What the server is handed.
pub struct ServerOptions {
    /// Where clients connect.
    pub listener: TcpListener,
    /// Where reads go.
    pub store: Store,
    /// Where commands go.
    pub engine: Engine,
    /// Reads the manifests of new connectors.
    pub connectors: Connectors,
    /// Tells the time of receipts, heartbeats and latencies.
    pub clock: Arc<dyn Clock>,
    /// The random part of receipt ids.
    pub entropy: Entropy,
    /// Ends the server: streams end, RPCs in progress are finished, up to a limit.
    pub shutdown: CancellationToken,
}

/// Why the server could not serve.
#[derive(Debug, thiserror::Error)]
pub enum ServeError {
    /// The descriptors for reflection do not fit together.
    #[error("the services cannot be described")]
    Reflection(#[from] tonic_reflection::server::Error),
    /// The transport failed.
    #[error("the connections cannot be served")]
    Transport(#[from] tonic::transport::Error),
}

/// Applies the message limit that every service of ours has.
macro_rules! limited {
    ($server:ident, $edge:expr) => {
        $server::new($edge.clone()).max_decoding_message_size(REQUEST_BYTES_MAX)
    };
}

/// Serves until the token is canceled and what is in progress has ended.
pub async fn serve(options: ServerOptions) -> Result<(), ServeError> {
    let ServerOptions { listener, store, engine, connectors, clock, entropy, shutdown } = options;
    let (reporter, health) = tonic_health::server::health_reporter();
    let watched = health::report(reporter, store.clone(), shutdown.clone());
    let edge = Edge {
        store,
        engine,
        connectors,
        clock: Arc::clone(&clock),
        entropy,
        streams: Arc::new(Semaphore::new(WATCH_STREAMS_MAX)),
        shutdown: shutdown.clone(),
    };
    let stack = ServiceBuilder::new()
        // Outermost, so that whatever is answered further in has its one line.
        .layer(AroundLayer(Log::new(clock)))
        // Around all that may answer without a reason, tonic's own routes included.
        .layer(AroundLayer(Reason))
        // Within the layer that logs, so that a handler's panic has its line, and around everything that could panic.
        .layer(AroundLayer(Panic))
        // Around the whole of an RPC, and started before tonic's own watch over the caller's deadline.
        .layer(AroundLayer(Deadline))
        // Before any work is done for an RPC that may be shed.
        .layer(AroundLayer(Admission::new()))
        // Innermost: the handlers take the account from the request.
        .layer(AroundLayer(Account));
    let router = Server::builder()
        .max_concurrent_streams(STREAMS_PER_CONNECTION_MAX)
        .http2_keepalive_interval(Some(CONNECTION_KEEPALIVE_PAUSE))
        .http2_keepalive_timeout(Some(CONNECTION_KEEPALIVE_TIME_MAX))
        .layer(stack)
        .add_service(limited!(AccountServiceServer, edge))
        .add_service(limited!(ConnectorServiceServer, edge))
        .add_service(limited!(OrderServiceServer, edge))
        .add_service(limited!(InvoiceServiceServer, edge))
        .add_service(limited!(TransactionServiceServer, edge))
        .add_service(limited!(EventServiceServer, edge))
        .add_service(limited!(OperatorServiceServer, edge))
        .add_service(health)
        .add_service(descriptors().build_v1()?)
        .add_service(descriptors().build_v1alpha()?);
    let incoming = TcpIncoming::from(listener).with_nodelay(Some(true));
    let serving = router.serve_with_incoming_shutdown(incoming, shutdown.clone().cancelled_owned());
    let over = async {
        shutdown.cancelled().await;
        tokio::time::sleep(SHUTDOWN_TIME_MAX).await;
    };
    let served = async { future::join(serving, watched).await.0 };
    tokio::select! {
        result = served => Ok(result?),
        () = over => {
            warn!("connections were still open at the limit of the shutdown, and are left");
            Ok(())
        }
    }
}

/// All that a client may want to know: ours, health, the details of refusals, and both versions of reflection.
fn descriptors() -> tonic_reflection::server::Builder<'static> {
    tonic_reflection::server::Builder::configure()
        .register_encoded_file_descriptor_set(tranche_proto::FILE_DESCRIPTOR_SET)
        .register_encoded_file_descriptor_set(tonic_health::pb::FILE_DESCRIPTOR_SET)
        .register_encoded_file_descriptor_set(tonic_types::pb::FILE_DESCRIPTOR_SET)
        .include_reflection_service(false)
        .register_encoded_file_descriptor_set(tonic_reflection::pb::v1::FILE_DESCRIPTOR_SET)
        .register_encoded_file_descriptor_set(tonic_reflection::pb::v1alpha::FILE_DESCRIPTOR_SET)
}
