//! A replica: the whole server in this process, on threads of its own, so that it can die as a process does.

use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use tokio::net::TcpListener;
use tokio::runtime::{Builder, Runtime};
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;
use tranche_cli::server::bounds::{CALLS_IN_FLIGHT_MAX, LEASE_DEFAULT};
use tranche_cli::server::callback::{self, CallbackOptions};
use tranche_cli::server::connectors::Connectors;
use tranche_cli::server::connectors::callback::Callbacks;
use tranche_cli::server::core::time::Clock;
use tranche_cli::server::dispatcher::{Dispatcher, DispatcherOptions};
use tranche_cli::server::ending::{Ending, EndingOptions};
use tranche_cli::server::engine::{Engine, EngineOptions};
use tranche_cli::server::failpoint::Failpoints;
use tranche_cli::server::store::{Store, StoreError, StoreOptions, StoreTime};
use tranche_cli::server::{ServerOptions, encode_reply, serve};
use tranche_sdk::Client;

use super::ACCOUNT;
use super::clock::StandingClock;
use super::fate::Destiny;
use crate::patience::must;

/// How long the threads of a dead replica may take to end.
const DEATH_TIME_MAX: Duration = Duration::from_secs(20);
/// How often a file is asked for that a dead replica had.
const OPENINGS_MAX: u32 = 2_000;
const OPENING_PAUSE: Duration = Duration::from_millis(2);

/// Where providers believe callbacks to be; the simulation goes to the listener itself.
pub(super) const CALLBACK_URL: &str = "https://callbacks.example";

/// A life of a replica.
pub(super) struct Replica {
    runtime: Runtime,
    engine: Engine,
    dispatcher: Dispatcher,
    ending: Ending,
    pub(super) client: Client,
    /// Where it listens for callbacks.
    pub(super) callbacks: SocketAddr,
    pub(super) destiny: Arc<Destiny>,
}

impl Replica {
    /// Starts a replica on a database. `secret` refers to what signs the addresses of callbacks. `lives` counts all lives
    /// of the simulation, and is the seed of the ids that the replica makes.
    pub(super) async fn start(url: &str, secret: &str, clock: &Arc<StandingClock>, lives: u64) -> Self {
        let runtime = must("a runtime", Builder::new_multi_thread().worker_threads(1).enable_all().build());
        let destiny = Arc::new(Destiny::default());
        let clock: Arc<dyn Clock> = Arc::<StandingClock>::clone(clock);
        let (url, secret) = (url.to_owned(), secret.to_owned());
        let composed = runtime.spawn(compose(url, secret, clock, Arc::clone(&destiny), lives));
        let Composed { address, callbacks, engine, dispatcher, ending } = must("a replica", composed.await);
        let client = must("a client", tranche_sdk::connect(&format!("http://{address}"), ACCOUNT).await);
        Self { runtime, engine, dispatcher, ending, client, callbacks, destiny }
    }

    /// Whether it does not go on.
    pub(super) fn has_stopped(&self) -> bool {
        self.destiny.has_stopped()
    }

    /// Calls to providers that it has under way.
    pub(super) fn calls(&self) -> usize {
        CALLS_IN_FLIGHT_MAX - self.engine.calls_available()
    }

    /// Calls to providers that it has sent, and has no answer to; nothing while it is still sending.
    pub(super) fn sent(&self) -> Option<usize> {
        let (taken, answered) = self.destiny.calls();
        let leased = usize::try_from(self.engine.counts().calls).ok()?;
        (leased == taken).then_some(taken - answered)
    }

    /// Whether some connector is held back, so that which of its calls are made depends on their order.
    pub(super) fn is_limiting(&self) -> bool {
        self.engine.bulkheads().is_limiting()
    }

    /// Looks once for what is due, on its own threads.
    pub(super) async fn look(&self) -> Result<usize, String> {
        let dispatcher = self.dispatcher.clone();
        let look = self.runtime.spawn(async move { dispatcher.look().await });
        tokio::select! {
            found = look => must("a look", found),
            () = self.destiny.silent() => Err("it died".to_owned()),
        }
    }

    /// Looks once for authorizations that end, on its own threads.
    pub(super) async fn look_for_ends(&self) -> Result<usize, String> {
        let ending = self.ending.clone();
        let look = self.runtime.spawn(async move { ending.look().await });
        tokio::select! {
            found = look => must("a look", found),
            () = self.destiny.silent() => Err("it died".to_owned()),
        }
    }

    /// What it answers; nothing if it dies before.
    pub(super) async fn unless_dead<T>(&self, answer: impl Future<Output = T>) -> Option<T> {
        tokio::select! {
            answer = answer => Some(answer),
            () = self.destiny.silent() => None,
        }
    }

    /// Ends it at once: what it was doing is not done, and its connections are closed.
    pub(super) async fn kill(self) {
        let Self { runtime, engine, dispatcher, ending, client, destiny, .. } = self;
        drop((engine, dispatcher, ending, client, destiny));
        must("the death", tokio::task::spawn_blocking(|| runtime.shutdown_timeout(DEATH_TIME_MAX)).await);
    }
}

async fn open(url: &str, clock: &Arc<dyn Clock>) -> Store {
    let options =
        StoreOptions { time: StoreTime::Given, ..StoreOptions::new(url.to_owned(), Arc::clone(clock)) };
    for _ in 0..OPENINGS_MAX {
        match Store::open(options.clone()).await {
            Err(StoreError::InUse(_)) => tokio::time::sleep(OPENING_PAUSE).await,
            opened => return must("the database", opened),
        }
    }
    must(url, Err("the dead do not let go of it"))
}

/// What a replica consists of.
struct Composed {
    address: SocketAddr,
    callbacks: SocketAddr,
    engine: Engine,
    dispatcher: Dispatcher,
    ending: Ending,
}

async fn listen() -> (TcpListener, SocketAddr) {
    let listener = must("an address", TcpListener::bind("127.0.0.1:0").await);
    let address = must("an address", listener.local_addr());
    (listener, address)
}

async fn compose(
    url: String,
    secret: String,
    clock: Arc<dyn Clock>,
    destiny: Arc<Destiny>,
    lives: u64,
) -> Composed {
    let store = open(&url, &clock).await;
    let signed = Arc::new(must("the callbacks", Callbacks::read(CALLBACK_URL, &secret).await));
    let connectors = must("the connectors", Connectors::new(Arc::clone(&clock)));
    let connectors = connectors.with_callbacks(Arc::clone(&signed));
    let (listener, address) = listen().await;
    let tasks = TaskTracker::new();
    let failpoints = Failpoints::scripted(destiny);
    let options = EngineOptions {
        store: store.clone(),
        // One batch after the other: which of two comes first is for the steps to say.
        lanes: 1,
        clock: Arc::clone(&clock),
        lease: LEASE_DEFAULT,
        encode: encode_reply,
        sends: true,
        failpoints: failpoints.clone(),
        shutdown: CancellationToken::new(),
        failed: CancellationToken::new(),
    };
    let (engine, jobs) = Engine::start(options, &tasks);
    let dispatcher = Dispatcher::new(DispatcherOptions {
        store: store.clone(),
        engine: engine.clone(),
        connectors: connectors.clone(),
        clock: Arc::clone(&clock),
        jitter: || 500,
        sends: true,
        failpoints,
        shutdown: CancellationToken::new(),
    });
    let ending = Ending::new(EndingOptions {
        store: store.clone(),
        engine: engine.clone(),
        clock: Arc::clone(&clock),
        jitter: || 500,
        shutdown: CancellationToken::new(),
    });
    let (called_back, callbacks) = listen().await;
    let options = CallbackOptions {
        listener: called_back,
        callbacks: signed,
        store: store.clone(),
        engine: engine.clone(),
        clock: Arc::clone(&clock),
        shutdown: CancellationToken::new(),
    };
    callback::start(options, &tasks);
    // It sends what is leased; what is due it looks for when a step says so.
    tasks.spawn(dispatcher.clone().accept(jobs, tasks.clone()));
    let count = AtomicU64::new(0);
    let entropy = move || {
        let mut bytes = [0; 10];
        bytes[..2].copy_from_slice(&lives.to_be_bytes()[6..]);
        bytes[2..].copy_from_slice(&count.fetch_add(1, Ordering::Relaxed).to_be_bytes());
        bytes
    };
    let options = ServerOptions {
        listener,
        store,
        engine: engine.clone(),
        connectors,
        clock,
        entropy: Arc::new(entropy),
        shutdown: CancellationToken::new(),
    };
    tokio::spawn(async move { must("the server", serve(options).await) });
    Composed { address, callbacks, engine, dispatcher, ending }
}
