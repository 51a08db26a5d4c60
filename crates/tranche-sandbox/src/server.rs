//! The routes. A handler reads, lets the desk decide under its lock, and sends.

mod decisions;
mod errands;

use std::io;
use std::sync::Arc;

use axum::body::to_bytes;
use axum::extract::{ConnectInfo, Path, Request, State};
use axum::http::{HeaderMap, header};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use axum::{Router, http::StatusCode, routing::post};
use serde::Serialize;
use serde_json::Value;
use tokio::net::TcpListener;
use tokio::sync::{Semaphore, watch};
use tokio_util::task::TaskTracker;

use crate::answer::{self, Answer};
use crate::bounds::{BODY_BYTES_MAX, CALLBACKS_IN_FLIGHT_MAX};
use crate::connection::{Door, Line, Lines};
use crate::desk::{Desk, Reply, request_id};
use crate::fault::{FaultError, FaultRule};
use crate::page;
use crate::protocol::OperationKind;
use crate::refusal::Refusal;
use crate::{Sandbox, SandboxConfig};

#[derive(Clone)]
struct Server {
    sandbox: Sandbox,
    /// Becomes true when the server shuts down, so that held calls are let go.
    closing: watch::Receiver<bool>,
    /// Whether connections are taken.
    door: Door,
    /// What goes on without a call.
    errands: TaskTracker,
    /// Callbacks in flight.
    in_flight: Arc<Semaphore>,
}

/// Serves until `shutdown`, then lets the calls in flight end.
pub(crate) async fn serve(
    sandbox: Sandbox,
    listener: TcpListener,
    shutdown: impl Future<Output = ()> + Send + 'static,
) -> io::Result<()> {
    let (lines, door) = Lines::new(listener)?;
    let (close, closing) = watch::channel(false);
    let errands = TaskTracker::new();
    let in_flight = Arc::new(Semaphore::new(CALLBACKS_IN_FLIGHT_MAX));
    let routes = Router::new()
        .route("/manifest", get(manifest))
        .route("/payments", post(authorize))
        .route("/payments/{payment_id}/{operations}", post(operate))
        .route("/", get(books_page))
        .route("/books", get(books))
        .route("/books/{payment_id}", get(payment_books))
        .route("/calls", get(calls))
        .route("/faults", get(faults).post(add_faults).delete(clear_faults))
        .route("/decisions", post(decisions::decide))
        .route("/callbacks", get(decisions::callbacks).post(decisions::call_back))
        .route("/callbacks/{payment_id}", get(decisions::payment_callbacks))
        .fallback(async || send(Answer::error(&Refusal::NoSuchPath)))
        .with_state(Server { sandbox, closing, door, errands: errands.clone(), in_flight })
        .into_make_service_with_connect_info::<Line>();
    let served = axum::serve(lines, routes)
        .with_graceful_shutdown(async move {
            shutdown.await;
            close.send_replace(true);
        })
        .await;
    errands.close();
    errands.wait().await;
    served
}

/// A call of the protocol, read.
struct Received {
    method: String,
    path: String,
    body: Result<Value, Refusal>,
}

impl Received {
    /// Reads a call. Without the right credentials its body does not count.
    async fn read(config: &SandboxConfig, request: Request) -> Self {
        let (parts, body) = request.into_parts();
        let body = if is_authorized(config, &parts.headers) {
            json(to_bytes(body, BODY_BYTES_MAX).await.ok().as_deref())
        } else {
            Err(Refusal::Unauthorized)
        };
        Self { method: parts.method.to_string(), path: parts.uri.path().to_owned(), body }
    }
}

fn json(bytes: Option<&[u8]>) -> Result<Value, Refusal> {
    let bytes = bytes.ok_or(Refusal::TooLong(BODY_BYTES_MAX))?;
    if bytes.is_empty() {
        return Ok(Value::Null);
    }
    serde_json::from_slice(bytes).map_err(|error| Refusal::Malformed(format!("the body is no JSON: {error}")))
}

/// Both header families of the protocol are accepted.
fn is_authorized(config: &SandboxConfig, headers: &HeaderMap) -> bool {
    let matches = |expected: &Option<String>, names: [&str; 2]| {
        expected.as_ref().is_none_or(|expected| {
            names
                .iter()
                .any(|name| headers.get(*name).is_some_and(|given| given.as_bytes() == expected.as_bytes()))
        })
    };
    matches(&config.app_key, ["x-vtex-api-appkey", "x-provider-api-appkey"])
        && matches(&config.app_token, ["x-vtex-api-apptoken", "x-provider-api-apptoken"])
}

impl Server {
    /// Handles a call of the protocol, from its bytes to its end.
    async fn handle(
        mut self,
        line: Line,
        request: Request,
        decide: impl FnOnce(&mut Desk, &Value) -> Reply,
        refuse: impl FnOnce(&Refusal) -> Answer,
    ) -> Response {
        let received = Received::read(&self.sandbox.config, request).await;
        let (reply, errands) = {
            let mut desk = self.sandbox.desk();
            let reply = match &received.body {
                Ok(body) => decide(&mut desk, body),
                Err(refusal) => Reply::now(refuse(refusal)),
            };
            desk.log(&received.method, &received.path, received.body.as_ref().ok(), &reply);
            (reply, desk.take_errands())
        };
        self.set_about(errands);
        let status = reply.answer.as_ref().map(|answer| answer.status.as_u16());
        tracing::debug!(
            method = received.method,
            path = received.path,
            request_id = received.body.as_ref().ok().and_then(request_id),
            status,
            "call"
        );
        if !reply.delay.is_zero() {
            tokio::select! {
                () = tokio::time::sleep(reply.delay) => {}
                _ = self.closing.wait_for(|closing| *closing) => {}
            }
        }
        if let Some(refused) = reply.refused {
            self.door.close(refused);
        }
        let Some(answer) = reply.answer else {
            line.cut();
            return StatusCode::NO_CONTENT.into_response();
        };
        send(answer)
    }
}

/// A string is sent as it is, so that an answer can be no JSON at all.
fn send(answer: Answer) -> Response {
    let mut response = match answer.body {
        Value::String(text) => (answer.status, text).into_response(),
        body => as_json(answer.status, &body),
    };
    if let Some(seconds) = answer.retry_after_seconds {
        response.headers_mut().insert(header::RETRY_AFTER, seconds.into());
    }
    response
}

fn as_json(status: StatusCode, body: &impl Serialize) -> Response {
    match serde_json::to_vec(body) {
        Ok(bytes) => (status, [(header::CONTENT_TYPE, "application/json")], bytes).into_response(),
        Err(error) => (StatusCode::INTERNAL_SERVER_ERROR, error.to_string()).into_response(),
    }
}

async fn manifest(
    State(server): State<Server>,
    ConnectInfo(line): ConnectInfo<Line>,
    request: Request,
) -> Response {
    let decide = |_: &mut Desk, _: &Value| Reply::now(answer::manifest());
    server.handle(line, request, decide, Answer::error).await
}

async fn authorize(
    State(server): State<Server>,
    ConnectInfo(line): ConnectInfo<Line>,
    request: Request,
) -> Response {
    server.handle(line, request, Desk::authorize, Answer::error).await
}

async fn operate(
    State(server): State<Server>,
    ConnectInfo(line): ConnectInfo<Line>,
    Path((payment_id, operations)): Path<(String, String)>,
    request: Request,
) -> Response {
    let kind = match operations.as_str() {
        "settlements" => OperationKind::Settlement,
        "refunds" => OperationKind::Refund,
        "cancellations" => OperationKind::Cancellation,
        _ => return send(Answer::error(&Refusal::NoSuchPath)),
    };
    let decide = |desk: &mut Desk, body: &Value| desk.operate(kind, &payment_id, body);
    let refuse = |refusal: &Refusal| Answer::refused(kind, &payment_id, None, refusal);
    server.handle(line, request, decide, refuse).await
}

/// The tables are made under the desk's lock, the page is written outside of it.
async fn books_page(State(server): State<Server>) -> Response {
    let tables = server.sandbox.desk().tables();
    let headers = [
        (header::CONTENT_TYPE, "text/html; charset=utf-8"),
        (header::CONTENT_SECURITY_POLICY, page::CONTENT_SECURITY_POLICY),
        (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
        (header::REFERRER_POLICY, "no-referrer"),
        (header::CACHE_CONTROL, "no-store"),
    ];
    (headers, page::render(&tables)).into_response()
}

async fn books(State(server): State<Server>) -> Response {
    as_json(StatusCode::OK, &server.sandbox.books())
}

async fn payment_books(State(server): State<Server>, Path(payment_id): Path<String>) -> Response {
    match server.sandbox.payment(&payment_id) {
        Some(payment) => as_json(StatusCode::OK, &payment),
        None => send(Answer::error(&Refusal::PaymentUnknown(payment_id))),
    }
}

async fn calls(State(server): State<Server>) -> Response {
    as_json(StatusCode::OK, &server.sandbox.calls())
}

async fn faults(State(server): State<Server>) -> Response {
    as_json(StatusCode::OK, &server.sandbox.faults())
}

async fn add_faults(State(server): State<Server>, request: Request) -> Response {
    let bytes = to_bytes(request.into_body(), BODY_BYTES_MAX).await.ok();
    let added = json(bytes.as_deref()).and_then(|body| {
        let rules = fault_rules(body)?;
        server.sandbox.add_faults(rules).map_err(|error| Refusal::Malformed(error.to_string()))
    });
    match added {
        Ok(()) => as_json(StatusCode::OK, &server.sandbox.faults()),
        Err(refusal) => send(Answer::error(&refusal)),
    }
}

fn fault_rules(body: Value) -> Result<Vec<FaultRule>, Refusal> {
    let rules = match body {
        Value::Array(rules) => rules,
        rule @ Value::Object(_) => vec![rule],
        _ => return Err(Refusal::Malformed("the body must be a rule or a list of rules".to_owned())),
    };
    let read = rules.into_iter().enumerate().map(|(index, rule)| {
        serde_json::from_value(rule).map_err(|error| FaultError::Invalid(format!("rule {index}: {error}")))
    });
    read.collect::<Result<_, FaultError>>().map_err(|error| Refusal::Malformed(error.to_string()))
}

async fn clear_faults(State(server): State<Server>) -> Response {
    server.sandbox.clear_faults();
    StatusCode::NO_CONTENT.into_response()
}
