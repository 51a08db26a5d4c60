//! A provider that can be in trouble: a gateway before a sandbox, which counts what comes.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use axum::Router;
use axum::body::{Body, Bytes};
use axum::extract::{Request, State};
use axum::response::Response;
use reqwest::Client;
use tokio::net::TcpListener;
use tokio::task::JoinHandle;
use tranche_tests::patience::must;
use tranche_tests::provider::Provider;

/// How long a call takes where all is well, so that calls at once can be seen to be at once.
const CALL_TIME: Duration = Duration::from_millis(15);
/// Largest call that is taken.
const CALL_BYTES_MAX: usize = 1024 * 1024;

/// What the gateway does with calls that move money.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Mood {
    /// They reach the provider.
    Well,
    /// Nobody answers.
    Hangs,
    /// The provider answers nothing but this status, and perhaps asks for a pause of so many seconds.
    Answers(u16, Option<u32>),
    /// Calls reach the provider, and their answers are lost.
    LosesAnswers,
}

/// What was seen of calls that move money.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Seen {
    /// Calls that came.
    pub(crate) calls: usize,
    /// The most that were there at once.
    pub(crate) at_once: usize,
    /// The most that were there at once beyond the answers that had been given before, since the mood changed.
    pub(crate) ahead_of_answers: usize,
}

struct Desk {
    mood: Mood,
    seen: Seen,
    present: usize,
    /// Counts the moods: a call that came in another one is none of this one's.
    moods: usize,
    /// Calls of this mood that are there, and those that were answered.
    present_of_mood: usize,
    answered: usize,
}

/// A gateway that runs; dropped, it is gone.
pub(crate) struct Gateway {
    pub(crate) provider: Provider,
    desk: Arc<Mutex<Desk>>,
    serving: JoinHandle<()>,
}

#[derive(Clone)]
struct Way {
    desk: Arc<Mutex<Desk>>,
    client: Client,
    to: String,
}

impl Gateway {
    /// A gateway before a provider, in a good mood.
    pub(crate) async fn before(provider: &Provider) -> Self {
        let listener = must("an address", TcpListener::bind("127.0.0.1:0").await);
        let url = format!("http://{}", must("an address", listener.local_addr()));
        let desk = Desk {
            mood: Mood::Well,
            seen: Seen::default(),
            present: 0,
            moods: 0,
            present_of_mood: 0,
            answered: 0,
        };
        let desk = Arc::new(Mutex::new(desk));
        let client = must("an HTTP client", Client::builder().no_proxy().build());
        let way = Way { desk: Arc::clone(&desk), client, to: provider.url().to_owned() };
        let routes = Router::new().fallback(pass).with_state(way);
        let serving = tokio::spawn(async move { must("the gateway", axum::serve(listener, routes).await) });
        Self { provider: Provider::new(url), desk, serving }
    }

    /// Changes the mood, and says what was seen in the one before.
    pub(crate) fn be(&self, mood: Mood) -> Seen {
        let mut desk = lock(&self.desk);
        let seen = std::mem::take(&mut desk.seen);
        (desk.mood, desk.present_of_mood, desk.answered) = (mood, 0, 0);
        desk.moods += 1;
        seen
    }

    /// What was seen in this mood so far.
    pub(crate) fn seen(&self) -> Seen {
        lock(&self.desk).seen
    }
}

impl Drop for Gateway {
    fn drop(&mut self) {
        self.serving.abort();
    }
}

fn lock(desk: &Mutex<Desk>) -> MutexGuard<'_, Desk> {
    desk.lock().unwrap_or_else(PoisonError::into_inner)
}

/// A call that is there until it is answered or its caller gives up.
struct Present {
    desk: Arc<Mutex<Desk>>,
    mood: Mood,
    moods: usize,
    is_answered: bool,
}

impl Present {
    fn new(desk: &Arc<Mutex<Desk>>) -> Self {
        let mut now = lock(desk);
        now.present += 1;
        now.present_of_mood += 1;
        now.seen.calls += 1;
        now.seen.at_once = now.seen.at_once.max(now.present);
        let ahead = now.present_of_mood.saturating_sub(now.answered);
        now.seen.ahead_of_answers = now.seen.ahead_of_answers.max(ahead);
        Self { desk: Arc::clone(desk), mood: now.mood, moods: now.moods, is_answered: false }
    }
}

impl Drop for Present {
    fn drop(&mut self) {
        let mut now = lock(&self.desk);
        now.present -= 1;
        if now.moods == self.moods {
            // In one: whoever gets the answer may make another call at once.
            now.present_of_mood -= 1;
            now.answered += usize::from(self.is_answered);
        }
    }
}

async fn pass(State(way): State<Way>, request: Request) -> Response {
    let (parts, body) = request.into_parts();
    let path = parts.uri.path().to_owned();
    let Ok(body) = axum::body::to_bytes(body, CALL_BYTES_MAX).await else { return answer(413, Bytes::new()) };
    let moves = ["/settlements", "/refunds", "/cancellations"].iter().any(|what| path.ends_with(what));
    if !moves {
        return forward(&way, parts.method, &path, body).await;
    }
    let mut present = Present::new(&way.desk);
    let response = match present.mood {
        Mood::Hangs => std::future::pending().await,
        Mood::Answers(status, retry_after) => {
            let mut response = answer(status, Bytes::new());
            if let Some(seconds) = retry_after {
                response.headers_mut().insert("retry-after", seconds.into());
            }
            response
        }
        Mood::Well => {
            tokio::time::sleep(CALL_TIME).await;
            forward(&way, parts.method, &path, body).await
        }
        Mood::LosesAnswers => {
            forward(&way, parts.method, &path, body).await;
            std::future::pending().await
        }
    };
    present.is_answered = true;
    response
}

async fn forward(way: &Way, method: http::Method, path: &str, body: Bytes) -> Response {
    let request = way.client.request(method, format!("{}{path}", way.to)).body(body);
    let request = request.header("content-type", "application/json");
    let response = must(path, request.send().await);
    let status = response.status().as_u16();
    answer(status, must(path, response.bytes().await))
}

fn answer(status: u16, body: Bytes) -> Response {
    let builder = Response::builder().status(status).header("content-type", "application/json");
    must("a response", builder.body(Body::from(body)))
}
