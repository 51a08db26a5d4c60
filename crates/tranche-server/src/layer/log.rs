//! One line per RPC.

use std::future::Future;
use std::sync::Arc;

use http::{Request, Response};
use tonic::Status;
use tonic::body::Body;
use tracing::info;
use tranche_core::time::Clock;

use super::Around;
use super::account::account_of;
use crate::status::of_status;

/// Logs every RPC once, when it is answered; a stream, when it is opened.
#[derive(Clone)]
pub(crate) struct Log {
    clock: Arc<dyn Clock>,
}

impl Log {
    /// With the clock that measures latencies.
    pub(crate) fn new(clock: Arc<dyn Clock>) -> Self {
        Self { clock }
    }
}

impl Around for Log {
    async fn around<F>(
        &self,
        request: Request<Body>,
        rest: impl FnOnce(Request<Body>) -> F + Send,
    ) -> Response<Body>
    where
        F: Future<Output = Response<Body>> + Send,
    {
        let start = self.clock.now();
        let method = request.uri().path().to_owned();
        let account = account_of(request.headers()).map(|id| id.to_string()).unwrap_or_default();
        let response = rest(request).await;
        let latency = self.clock.now().since(start);
        let latency_ms = u64::try_from(latency.as_millis()).unwrap_or(u64::MAX);
        match response.extensions().get::<Status>() {
            None => info!(method, account, code = "Ok", latency_ms, "rpc"),
            Some(status) => {
                let reason = of_status(status);
                info!(method, account, code = ?status.code(), reason, latency_ms, "rpc");
            }
        }
        response
    }
}
