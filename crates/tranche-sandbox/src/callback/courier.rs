//! The only place of the sandbox that sends: one callback, one answer, within a time.
//!
//! The address is used exactly as it was received, byte for byte: what a signature covers must not be rewritten. Only
//! plain HTTP is spoken, and only to loopback addresses unless the configuration says otherwise, so that a sandbox that
//! strangers reach is no means to reach what only this machine reaches: the address is looked up first, and the
//! connection is made to what was found.

use std::io;
use std::net::SocketAddr;
use std::pin::pin;

use axum::body::Body;
use axum::http::{Request, Uri, header};
use hyper::client::conn::http1;
use hyper_util::rt::TokioIo;
use tokio::io::AsyncWriteExt;
use tokio::net::{TcpStream, lookup_host};
use tokio::time::timeout;

use super::{Delivery, half};
use crate::SandboxConfig;
use crate::bounds::CALLBACK_TIME_MAX;

/// The port of plain HTTP.
const PORT_DEFAULT: u16 = 80;
const KEY_HEADER: &str = "X-VTEX-API-AppKey";
const TOKEN_HEADER: &str = "X-VTEX-API-AppToken";

/// Why a callback has no answer.
#[derive(Debug, thiserror::Error)]
pub(crate) enum CourierError {
    #[error("the address cannot be called back: {0}")]
    Address(String),
    #[error("the connection failed: {0}")]
    Connection(#[from] io::Error),
    #[error("no answer came: {0}")]
    Answer(#[from] hyper::Error),
    #[error("the request cannot be built: {0}")]
    Request(#[from] axum::http::Error),
    #[error("no answer came within {seconds} seconds", seconds = CALLBACK_TIME_MAX.as_secs())]
    TooLate,
    #[error("the connection was broken off")]
    BrokenOff,
}

/// Sends a callback once. Says the status of the answer; the rest of it is not read.
pub(crate) async fn send(delivery: &Delivery, config: &SandboxConfig) -> Result<u16, CourierError> {
    timeout(CALLBACK_TIME_MAX, attempt(delivery, config)).await.unwrap_or(Err(CourierError::TooLate))
}

async fn attempt(delivery: &Delivery, config: &SandboxConfig) -> Result<u16, CourierError> {
    let uri: Uri = delivery.url.parse().map_err(|error| CourierError::Address(format!("{error}")))?;
    let stream = TcpStream::connect(address(&uri, config.callbacks_anywhere).await?).await?;
    let authority = uri.authority().map(ToString::to_string).unwrap_or_default();
    let target = uri.path_and_query().map_or("/", |target| target.as_str());
    if delivery.is_broken_off {
        return break_off(stream, &authority, target, &delivery.body).await;
    }
    let mut request = Request::post(target).header(header::HOST, &authority);
    if !delivery.body.is_empty() {
        request = request.header(header::CONTENT_TYPE, "application/json");
    }
    for (name, value) in [(KEY_HEADER, &config.callback_app_key), (TOKEN_HEADER, &config.callback_app_token)]
    {
        if let Some(value) = value {
            request = request.header(name, value);
        }
    }
    let request = request.body(Body::from(delivery.body.clone()))?;
    let (mut sender, connection) = http1::handshake(TokioIo::new(stream)).await?;
    let mut answer = pin!(sender.send_request(request));
    let answer = tokio::select! {
        biased;
        answer = &mut answer => answer,
        // A connection that ends may have brought the answer.
        _ = connection => answer.await,
    };
    Ok(answer?.status().as_u16())
}

/// Where to connect to.
async fn address(uri: &Uri, is_anywhere: bool) -> Result<SocketAddr, CourierError> {
    let refused = |why: &str| CourierError::Address(why.to_owned());
    if uri.scheme_str() != Some("http") {
        return Err(refused("the sandbox calls back over plain HTTP only"));
    }
    let host = uri.host().unwrap_or_default().trim_start_matches('[').trim_end_matches(']');
    let port = uri.port_u16().unwrap_or(PORT_DEFAULT);
    let mut found = lookup_host((host, port)).await?;
    found
        .find(|address| is_anywhere || address.ip().is_loopback())
        .ok_or_else(|| refused("it is not on this machine, and the sandbox was not told to leave it"))
}

/// Announces the whole body, sends half of it and hangs up.
async fn break_off(
    mut stream: TcpStream,
    authority: &str,
    target: &str,
    body: &str,
) -> Result<u16, CourierError> {
    let head = format!(
        "POST {target} HTTP/1.1\r\nHost: {authority}\r\nContent-Type: application/json\r\nContent-Length: {}\r\n\r\n",
        body.len()
    );
    stream.write_all(head.as_bytes()).await?;
    stream.write_all(half(body).as_bytes()).await?;
    stream.shutdown().await?;
    Err(CourierError::BrokenOff)
}
