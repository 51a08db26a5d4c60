//! The listener for callbacks, if one is asked for.

use std::sync::Arc;

use tokio::net::TcpListener;
use tracing::info;
use tranche_server::connectors::callback::Callbacks;

use super::ServeArguments;
use crate::CommandError;

/// The listener for callbacks and what verifies them; the three flags come together or not at all.
pub(super) async fn bind(
    arguments: &ServeArguments,
) -> Result<Option<(TcpListener, Arc<Callbacks>)>, CommandError> {
    let ServeArguments { callback_listen, callback_url, callback_secret, .. } = arguments;
    let (Some(address), Some(url), Some(secret)) = (callback_listen, callback_url, callback_secret) else {
        return Ok(None);
    };
    let unusable = |error| CommandError::new("callbacks cannot be served", &error);
    let callbacks = Callbacks::read(url, secret).await.map_err(unusable)?;
    let bind = |error| CommandError::new(&format!("cannot listen on {address}"), &error);
    let listener = TcpListener::bind(address).await.map_err(bind)?;
    let address = listener.local_addr().map_err(bind)?;
    info!(%address, url, "listening for callbacks");
    Ok(Some((listener, Arc::new(callbacks))))
}
