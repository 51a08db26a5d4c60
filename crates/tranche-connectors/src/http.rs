//! The only place that sends: one request, one response, and what went wrong between them.
//!
//! A request leaves at most once. Redirects are not followed and reqwest's own retries are off. One retry remains, in
//! hyper's pool, and it is safe: hyper gives a request back for another try only if it never took it from its queue,
//! so not one byte of it was written; the pool's client then tries again only if the connection was a reused one (an
//! idle connection that the provider had closed). A request of which a byte may have left fails instead, and is UNKNOWN.

use std::error::Error;
use std::time::Duration;

use http::{HeaderMap, Method, StatusCode};
use reqwest::{Client, ClientBuilder, redirect, retry};

use crate::bounds::{
    CONNECT_TIME_MAX, CONNECTION_IDLE_TIME_MAX, CONNECTIONS_IDLE_PER_HOST_MAX, RESPONSE_BODY_BYTES_MAX,
};

const USER_AGENT: &str = concat!("tranche/", env!("CARGO_PKG_VERSION"));

/// A request, complete.
pub(crate) struct Outgoing {
    pub(crate) method: Method,
    pub(crate) url: String,
    pub(crate) headers: HeaderMap,
    pub(crate) body: String,
    /// Of the whole call: connecting, sending, and reading the answer to its end.
    pub(crate) timeout: Duration,
}

/// What came back, as far as it came.
pub(crate) struct Incoming {
    pub(crate) status: Option<StatusCode>,
    pub(crate) headers: HeaderMap,
    pub(crate) body: Vec<u8>,
    pub(crate) failure: Option<Failure>,
}

/// What went wrong on the way.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Failure {
    /// Not one byte of the request left.
    NotSent(String),
    /// Some of it may have left, and no whole answer came.
    Lost(String),
}

/// The client for all providers.
pub(crate) fn client() -> Result<Client, reqwest::Error> {
    builder().build().or_else(|error| {
        // Some images carry no certificates; a provider on http, such as a sandbox, works all the same.
        tracing::warn!(
            error = chain(&error),
            "the system's certificates cannot be read: providers on https cannot be reached until they are installed"
        );
        builder().tls_certs_only([]).build()
    })
}

fn builder() -> ClientBuilder {
    Client::builder()
        .user_agent(USER_AGENT)
        .redirect(redirect::Policy::none())
        .retry(retry::never())
        .referer(false)
        .no_proxy()
        .connect_timeout(CONNECT_TIME_MAX)
        .pool_idle_timeout(CONNECTION_IDLE_TIME_MAX)
        .pool_max_idle_per_host(CONNECTIONS_IDLE_PER_HOST_MAX)
}

/// Sends a request and reads the answer, within the request's time and the body's bound.
pub(crate) async fn perform(client: &Client, outgoing: &Outgoing) -> Incoming {
    let mut incoming = Incoming { status: None, headers: HeaderMap::new(), body: Vec::new(), failure: None };
    let request = client
        .request(outgoing.method.clone(), outgoing.url.as_str())
        .headers(outgoing.headers.clone())
        .body(outgoing.body.clone())
        .timeout(outgoing.timeout);
    let mut response = match request.send().await {
        Ok(response) => response,
        Err(error) => {
            incoming.failure = Some(classify(error));
            return incoming;
        }
    };
    incoming.status = Some(response.status());
    incoming.headers = std::mem::take(response.headers_mut());
    loop {
        match response.chunk().await {
            Ok(None) => return incoming,
            Ok(Some(chunk)) => {
                let free = RESPONSE_BODY_BYTES_MAX.saturating_sub(incoming.body.len());
                let taken = chunk.get(..free).unwrap_or(&chunk);
                incoming.body.extend_from_slice(taken);
                if taken.len() < chunk.len() {
                    let detail = format!("the answer is larger than {RESPONSE_BODY_BYTES_MAX} bytes");
                    incoming.failure = Some(Failure::Lost(detail));
                    return incoming;
                }
            }
            Err(error) => {
                let detail = format!("the answer broke off: {}", chain(&error.without_url()));
                incoming.failure = Some(Failure::Lost(detail));
                return incoming;
            }
        }
    }
}

/// A request that is not built, and a connection that is not made, have sent nothing.
///
/// The limit of the whole call may end while connecting, if it is shorter than [`CONNECT_TIME_MAX`]; reqwest does not
/// say so, and the call counts as lost: too careful, never wrong.
fn classify(error: reqwest::Error) -> Failure {
    let not_sent = error.is_builder() || error.is_connect();
    let detail = chain(&error.without_url());
    if not_sent { Failure::NotSent(detail) } else { Failure::Lost(detail) }
}

/// An error and what caused it, in one line.
fn chain(error: &dyn Error) -> String {
    let mut text = error.to_string();
    let mut cause = error.source();
    while let Some(error) = cause {
        text.push_str(": ");
        text.push_str(&error.to_string());
        cause = error.source();
    }
    text
}
