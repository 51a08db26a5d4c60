//! Healthy is who can reach the database.

use tokio_util::sync::CancellationToken;
use tonic_health::ServingStatus;
use tonic_health::server::HealthReporter;
use tracing::{info, warn};
use tranche_proto::v1::account_service_server;
use tranche_proto::v1::connector_service_server;
use tranche_proto::v1::event_service_server;
use tranche_proto::v1::invoice_service_server;
use tranche_proto::v1::operator_service_server;
use tranche_proto::v1::order_service_server;
use tranche_proto::v1::transaction_service_server;
use tranche_store::Store;

use crate::bounds::{HEALTH_PAUSE, HEALTH_TIME_MAX};

/// The names that health is asked for by; the empty one means the whole server.
const SERVICES: [&str; 8] = [
    "",
    account_service_server::SERVICE_NAME,
    connector_service_server::SERVICE_NAME,
    order_service_server::SERVICE_NAME,
    invoice_service_server::SERVICE_NAME,
    transaction_service_server::SERVICE_NAME,
    event_service_server::SERVICE_NAME,
    operator_service_server::SERVICE_NAME,
];

/// Reports whether the database answers, until the server stops.
pub(super) async fn report(mut reporter: HealthReporter, store: Store, shutdown: CancellationToken) {
    let mut last = None;
    loop {
        let answered = tokio::time::timeout(HEALTH_TIME_MAX, store.ping()).await;
        let status = match &answered {
            Ok(Ok(())) => ServingStatus::Serving,
            _ => ServingStatus::NotServing,
        };
        if last.replace(status) != Some(status) {
            match answered {
                Ok(Ok(())) => info!("the database answers; serving"),
                Ok(Err(error)) => warn!(%error, "the database does not answer; not serving"),
                Err(_) => warn!("the database does not answer in time; not serving"),
            }
            set(&reporter, status).await;
        }
        tokio::select! {
            () = shutdown.cancelled() => break,
            () = tokio::time::sleep(HEALTH_PAUSE) => {}
        }
    }
    set(&reporter, ServingStatus::NotServing).await;
    for service in SERVICES {
        // Ends the streams of those who watch it, which would keep their connections open.
        reporter.clear_service_status(service).await;
    }
}

async fn set(reporter: &HealthReporter, status: ServingStatus) {
    for service in SERVICES {
        reporter.set_service_status(service, status).await;
    }
}
