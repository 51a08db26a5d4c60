//! The network between the replicas and the provider: it holds every call until a step says what becomes of it.

use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use axum::Router;
use axum::body::{Body, Bytes};
use axum::extract::{Request, State};
use axum::response::Response;
use futures_util::stream;
use serde_json::Value;
use tokio::net::TcpListener;
use tokio::sync::oneshot;
use tokio::task::JoinHandle;
use tranche_sandbox::{Sandbox, SandboxConfig};

use crate::patience::must;

/// Largest call that is taken; ours are a few hundred bytes.
const CALL_BYTES_MAX: usize = 1024 * 1024;

/// An answer of the provider.
#[derive(Clone, Debug)]
pub(super) struct Answered {
    pub(super) status: u16,
    pub(super) body: Bytes,
}

/// A call that is under way.
#[derive(Debug)]
pub(super) struct Held {
    /// Counts the calls in the order in which they came.
    pub(super) number: u64,
    pub(super) path: String,
    /// The provider's id of the payment.
    pub(super) payment_id: String,
    /// The id of the request; of an authorization, which has none, the payment's.
    pub(super) request_id: String,
    pub(super) body: Bytes,
    /// What the provider has answered, if the answer is on its way.
    pub(super) kept: Option<Answered>,
    answer: oneshot::Sender<Option<Answered>>,
}

impl Held {
    /// Answers whoever called, if they still wait; nothing means that the answer is lost.
    pub(super) fn answer(self, answered: Option<Answered>) {
        let _ = self.answer.send(answered);
    }

    /// Gives the caller nothing to read, but what was sent may still arrive.
    pub(super) fn lose_answer(self) {
        self.answer(None);
    }

    /// What is asked: `authorizations`, `settlements`, `refunds` or `cancellations`.
    pub(super) fn kind(&self) -> &str {
        self.path.split('/').nth(3).unwrap_or("authorizations")
    }
}

/// What a provider is asked to authorize, and where it may call back.
#[derive(Clone, Debug)]
pub(super) struct Asked {
    pub(super) callback_url: String,
    pub(super) body: Bytes,
}

#[derive(Debug, Default)]
struct Wires {
    held: Vec<Held>,
    calls: u64,
    /// By the provider's ids of the payments.
    asked: BTreeMap<String, Asked>,
}

/// A network with a provider at its end.
pub(super) struct Network {
    /// Where the replicas think that the provider is.
    pub(super) url: String,
    /// The provider.
    pub(super) sandbox: Sandbox,
    wires: Arc<Mutex<Wires>>,
    way: Way,
    tasks: [JoinHandle<()>; 2],
}

/// The way to the provider.
#[derive(Clone, Debug)]
struct Way {
    client: reqwest::Client,
    url: String,
}

impl Way {
    async fn forward(&self, method: http::Method, path: &str, body: Bytes) -> Answered {
        let request = self.client.request(method, format!("{}{path}", self.url)).body(body);
        let response = must(path, request.send().await);
        let status = response.status().as_u16();
        Answered { status, body: must(path, response.bytes().await) }
    }
}

#[derive(Clone)]
struct Gate {
    wires: Arc<Mutex<Wires>>,
    way: Way,
}

impl Network {
    pub(super) async fn new() -> Self {
        let sandbox = Sandbox::new(SandboxConfig { keep_calls: false, ..SandboxConfig::default() });
        let (listener, provider_url) = listen().await;
        let provider = sandbox.clone();
        let serving = tokio::spawn(async move {
            must("the provider", provider.serve(listener, std::future::pending()).await);
        });
        let client = must("an HTTP client", reqwest::Client::builder().no_proxy().build());
        let way = Way { client, url: provider_url };
        let wires = Arc::new(Mutex::new(Wires::default()));
        let (listener, url) = listen().await;
        let gate = Gate { wires: Arc::clone(&wires), way: way.clone() };
        let routes = Router::new().fallback(hold).with_state(gate);
        let holding = tokio::spawn(async move {
            must("the network", axum::serve(listener, routes).await);
        });
        Self { url, sandbox, wires, way, tasks: [serving, holding] }
    }

    /// Makes a call of nobody, such as a checkout's.
    pub(super) async fn post(&self, path: &str, body: &Value) -> Value {
        let answered = self.way.forward(http::Method::POST, path, body.to_string().into()).await;
        must(path, serde_json::from_slice(&answered.body))
    }

    /// Lets a call reach the provider, and says what it answers.
    pub(super) async fn pass_on(&self, call: &Held) -> Answered {
        self.way.forward(http::Method::POST, &call.path, call.body.clone()).await
    }

    /// Calls whose caller still waits.
    pub(super) fn waiting(&self) -> usize {
        self.wires().held.iter().filter(|call| !call.answer.is_closed()).count()
    }

    /// Whether any call is under way, also of callers that are dead.
    pub(super) fn has_calls(&self) -> bool {
        !self.wires().held.is_empty()
    }

    /// Takes a call out of those that are under way, in an order that does not depend on how they came.
    pub(super) fn take(&self, which: u32) -> Option<Held> {
        let mut wires = self.wires();
        let held = &mut wires.held;
        held.sort_by(|one, other| {
            (&one.path, &one.request_id, one.number).cmp(&(&other.path, &other.request_id, other.number))
        });
        let count = u32::try_from(held.len()).ok().filter(|count| *count > 0)?;
        let index = usize::try_from(which % count).ok()?;
        Some(held.remove(index))
    }

    /// Whether a call of this operation is under way.
    pub(super) fn is_waiting(&self, request_id: &str) -> bool {
        self.wires().held.iter().any(|call| call.request_id == request_id)
    }

    /// The payments whose authorization was asked for, by the provider's ids.
    pub(super) fn asked(&self) -> BTreeMap<String, Asked> {
        self.wires().asked.clone()
    }

    /// What the provider says of an authorization if it is asked once more.
    pub(super) async fn say_again(&self, asked: &Asked) -> Bytes {
        self.way.forward(http::Method::POST, "/payments", asked.body.clone()).await.body
    }

    /// Calls a replica back as a provider does, and says with which status it answers.
    pub(super) async fn call_back(&self, address: SocketAddr, path: &str, body: Bytes) -> u16 {
        let request = self.way.client.post(format!("http://{address}{path}")).body(body);
        must(path, request.send().await).status().as_u16()
    }

    /// Takes the call with this number.
    pub(super) fn take_number(&self, number: u64) -> Option<Held> {
        let held = &mut self.wires().held;
        let index = held.iter().position(|call| call.number == number)?;
        Some(held.remove(index))
    }

    /// Puts a call back.
    pub(super) fn put(&self, call: Held) {
        self.wires().held.push(call);
    }

    fn wires(&self) -> MutexGuard<'_, Wires> {
        self.wires.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for Network {
    fn drop(&mut self) {
        for task in &self.tasks {
            task.abort();
        }
    }
}

async fn listen() -> (TcpListener, String) {
    let listener = must("an address", TcpListener::bind("127.0.0.1:0").await);
    let address = must("an address", listener.local_addr());
    (listener, format!("http://{address}"))
}

/// Holds a call until there is an answer for it. The manifest is read when a connector is written, and moves nothing.
async fn hold(State(gate): State<Gate>, request: Request) -> Response {
    let (parts, body) = request.into_parts();
    let path = parts.uri.path().to_owned();
    let Ok(body) = axum::body::to_bytes(body, CALL_BYTES_MAX).await else { return lost() };
    if parts.method != http::Method::POST {
        return response(&gate.way.forward(parts.method, &path, body).await);
    }
    let json: Value = serde_json::from_slice(&body).unwrap_or_default();
    let text = |name: &str| json[name].as_str().map(str::to_owned);
    let in_path = path.split('/').nth(2).map(str::to_owned);
    let payment_id = in_path.or_else(|| text("paymentId")).unwrap_or_default();
    let request_id = text("requestId").unwrap_or_else(|| payment_id.clone());
    let (answer, answered) = oneshot::channel();
    {
        let mut wires = gate.wires.lock().unwrap_or_else(PoisonError::into_inner);
        wires.calls += 1;
        let number = wires.calls;
        if let Some(callback_url) = text("callbackUrl") {
            let asked = Asked { callback_url, body: body.clone() };
            wires.asked.insert(payment_id.clone(), asked);
        }
        wires.held.push(Held { number, path, payment_id, request_id, body, kept: None, answer });
    }
    match answered.await {
        Ok(Some(answered)) => response(&answered),
        Ok(None) | Err(_) => lost(),
    }
}

fn response(answered: &Answered) -> Response {
    let builder = Response::builder().status(answered.status).header("content-type", "application/json");
    must("a response", builder.body(Body::from(answered.body.clone())))
}

/// A response that breaks off: the caller cannot know what it would have said.
fn lost() -> Response {
    let broken = stream::once(async { Err::<Bytes, _>(std::io::Error::other("the connection is cut")) });
    Response::new(Body::from_stream(broken))
}
