//! Who is called back: a real HTTP server that keeps what arrives and answers what it is told to.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on fails here")]

use std::collections::VecDeque;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use axum::Router;
use axum::body::to_bytes;
use axum::extract::{Request, State};
use axum::http::StatusCode;
use tokio::net::TcpListener;
use tokio::task::JoinHandle;

/// Longer than every callback.
const BODY_BYTES_MAX: usize = 16 * 1024 * 1024;
/// How often a test looks whether a callback has come that nobody told it to wait for.
const LOOKS_MAX: usize = 2_000;

/// A callback as it arrived.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Received {
    /// Path and query, byte for byte.
    pub(crate) target: String,
    pub(crate) app_key: Option<String>,
    pub(crate) app_token: Option<String>,
    /// `None` if the connection broke off in the middle of it.
    pub(crate) body: Option<String>,
}

#[derive(Clone, Debug, Default)]
struct Desk {
    received: Arc<Mutex<Vec<Received>>>,
    answers: Arc<Mutex<VecDeque<u16>>>,
}

pub(crate) struct Receiver {
    /// Host and port.
    pub(crate) authority: String,
    desk: Desk,
    server: JoinHandle<std::io::Result<()>>,
}

impl Drop for Receiver {
    fn drop(&mut self) {
        self.server.abort();
    }
}

impl Receiver {
    pub(crate) async fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let authority = listener.local_addr().unwrap().to_string();
        let desk = Desk::default();
        let routes = Router::new().fallback(receive).with_state(desk.clone());
        let server = tokio::spawn(async move { axum::serve(listener, routes).await });
        Self { authority, desk, server }
    }

    /// Answers the next callbacks with these statuses, and all later ones with 200.
    pub(crate) fn answer(&self, statuses: &[u16]) {
        self.desk.answers.lock().unwrap().extend(statuses);
    }

    /// What arrived, in order.
    pub(crate) fn received(&self) -> Vec<Received> {
        self.desk.received.lock().unwrap().clone()
    }

    /// Waits until so many callbacks have arrived.
    pub(crate) async fn expect(&self, count: usize) -> Vec<Received> {
        for _ in 0..LOOKS_MAX {
            if self.received().len() >= count {
                break;
            }
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
        let received = self.received();
        assert_eq!(received.len(), count, "{received:?}");
        received
    }
}

async fn receive(State(desk): State<Desk>, request: Request) -> StatusCode {
    let (parts, body) = request.into_parts();
    let header = |name: &str| parts.headers.get(name).map(|value| value.to_str().unwrap().to_owned());
    let body =
        to_bytes(body, BODY_BYTES_MAX).await.ok().map(|bytes| String::from_utf8(bytes.into()).unwrap());
    desk.received.lock().unwrap().push(Received {
        target: parts.uri.path_and_query().unwrap().as_str().to_owned(),
        app_key: header("x-vtex-api-appkey"),
        app_token: header("x-vtex-api-apptoken"),
        body,
    });
    let status = desk.answers.lock().unwrap().pop_front();
    StatusCode::from_u16(status.unwrap_or(200)).unwrap()
}
