//! `tranche serve`: composes the server and runs it until it is told to stop.

mod callback;

use std::net::SocketAddr;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use tokio::net::TcpListener;
use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;
use tracing::{info, warn};
use tranche_server::bounds::{EVENTS_KEPT_DEFAULT, EVENTS_KEPT_MAX, EVENTS_KEPT_MIN, LEASE_DEFAULT};
use tranche_server::callback::CallbackOptions;
use tranche_server::connectors::Connectors;
use tranche_server::core::time::Clock;
use tranche_server::dispatcher::{self, DispatcherOptions};
use tranche_server::ending::{self, EndingOptions};
use tranche_server::engine::{Engine, EngineOptions};
use tranche_server::failpoint::Failpoints;
use tranche_server::retention::{self, RetentionOptions};
use tranche_server::store::{Store, StoreOptions, migrate_up};
use tranche_server::{ServerOptions, encode_reply, serve};

use crate::child::LISTENING;
use crate::entropy::{SystemClock, jitter, random_bytes};
#[cfg(feature = "fault-injection")]
use crate::fault::{self, DieAt};
use crate::{CommandError, shutdown};

/// The embedded default: one file where the server is started.
pub(crate) const DATABASE_DEFAULT: &str = "sqlite:tranche.db";

/// How long calls to providers that are under way may take at the end.
const DRAIN_TIME_MAX: Duration = Duration::from_secs(25);
/// Shortest lease: less leaves no time for a call.
const LEASE_MS_MIN: u64 = 1_500;
/// Longest lease: what a crash left waits for its end.
const LEASE_MS_MAX: u64 = 600_000;

#[derive(Clone, Debug, clap::Args)]
#[command(after_help = "Examples:
  tranche serve
      serves on 127.0.0.1:50051, with everything in ./tranche.db
  tranche migrate up --database postgres://tranche@127.0.0.1/tranche
  tranche serve --database postgres://tranche@127.0.0.1/tranche --listen 127.0.0.1:50061
      one of any number of replicas
  grpcurl -plaintext 127.0.0.1:50051 list
      reflection and health are always on

The account of a call is its metadata `tranche-account`, or `default`. SIGTERM and Ctrl-C end the server in order: \
calls to providers that are under way are finished, and what is due then waits in the database.")]
#[expect(clippy::struct_excessive_bools, reason = "each is a flag of its own on the command line")]
pub(crate) struct ServeArguments {
    /// The address to listen on; port 0 takes a free one, and the line on standard output says which.
    #[arg(long, env = "TRANCHE_LISTEN", default_value = "127.0.0.1:50051")]
    pub(crate) listen: SocketAddr,
    /// The database: `sqlite:PATH` (embedded, one server per file) or `postgres://USER:PASSWORD@HOST/NAME`.
    #[arg(long, env = "TRANCHE_DATABASE", default_value = DATABASE_DEFAULT, hide_env_values = true)]
    pub(crate) database: String,
    /// Brings the schema up before serving. An embedded database is always brought up.
    #[arg(long, env = "TRANCHE_MIGRATE")]
    pub(crate) migrate: bool,
    /// Listens beyond loopback although nothing is encrypted and nobody is authenticated: whoever reaches the address
    /// can move money.
    #[arg(long, env = "TRANCHE_ALLOW_PLAINTEXT_BEYOND_LOOPBACK")]
    pub(crate) allow_plaintext_beyond_loopback: bool,
    /// How long the right to send an operation lasts, in milliseconds. After a crash, what was being sent is sent again
    /// when it has run out. Must exceed every connector's timeout by more than a second, in which its credentials are
    /// read, or its operations are never sent.
    #[arg(long, env = "TRANCHE_LEASE_MS", default_value_t = lease_default_ms(), value_parser = clap::value_parser!(u64).range(LEASE_MS_MIN..=LEASE_MS_MAX))]
    pub(crate) lease_ms: u64,
    /// How many days events are kept at least. Older ones are forgotten, the oldest first; a reader that has not come so
    /// far is refused and told where to go on. The same for all replicas, or the fewest days count.
    #[arg(long, env = "TRANCHE_KEEP_EVENTS_DAYS", value_name = "DAYS", default_value_t = days(EVENTS_KEPT_DEFAULT), value_parser = clap::value_parser!(u64).range(days(EVENTS_KEPT_MIN)..=days(EVENTS_KEPT_MAX)))]
    pub(crate) keep_events_days: u64,
    /// Accepts commands but sends nothing to providers; what is due waits, and nobody looks which authorizations end. For
    /// the first start after a restore.
    #[arg(long, env = "TRANCHE_PAUSE_SENDING")]
    pub(crate) pause_sending: bool,
    /// The address on which providers call back about authorizations that they were asked for; port 0 takes a free one.
    /// Without it they are only asked again. To be reached over HTTPS, it needs a proxy in front of it.
    #[arg(long, env = "TRANCHE_CALLBACK_LISTEN", requires_all = ["callback_url", "callback_secret"])]
    pub(crate) callback_listen: Option<SocketAddr>,
    /// Where providers reach that address, such as `https://payments.example/tranche`: all of it that comes before
    /// `/callbacks`. The same for all replicas.
    #[arg(long, env = "TRANCHE_CALLBACK_URL", value_name = "URL", requires = "callback_listen")]
    pub(crate) callback_url: Option<String>,
    /// Where the secret stands that signs the addresses of callbacks, as `env:NAME` or `file:/path`: at least 32 random
    /// bytes as text. The same for all replicas; another one makes every address that was given out before invalid.
    #[arg(long, env = "TRANCHE_CALLBACK_SECRET", value_name = "REFERENCE", requires = "callback_listen")]
    pub(crate) callback_secret: Option<String>,
    /// Stops when standard input closes, so that a server started by another program never outlives it.
    #[arg(long, env = "TRANCHE_EXIT_WHEN_STDIN_CLOSES")]
    pub(crate) exit_when_stdin_closes: bool,
    /// Dies when it reaches a step for the Nth time: STEP:N.
    #[cfg(feature = "fault-injection")]
    #[arg(long, env = "TRANCHE_DIE_AT", hide = true)]
    pub(crate) die_at: Option<DieAt>,
    /// Has a bug, by its name.
    #[cfg(feature = "fault-injection")]
    #[arg(long, env = "TRANCHE_PLANT", hide = true)]
    pub(crate) plant: Option<String>,
}

impl ServeArguments {
    /// A server on the embedded database at `path`, on a free port.
    pub(crate) fn embedded(path: &Path) -> Self {
        Self {
            listen: SocketAddr::from(([127, 0, 0, 1], 0)),
            database: format!("sqlite:{}", path.display()),
            migrate: true,
            allow_plaintext_beyond_loopback: false,
            lease_ms: lease_default_ms(),
            keep_events_days: days(EVENTS_KEPT_DEFAULT),
            pause_sending: false,
            callback_listen: None,
            callback_url: None,
            callback_secret: None,
            exit_when_stdin_closes: false,
            #[cfg(feature = "fault-injection")]
            die_at: None,
            #[cfg(feature = "fault-injection")]
            plant: None,
        }
    }

    #[cfg(feature = "fault-injection")]
    fn failpoints(&self) -> Failpoints {
        self.die_at.clone().map_or_else(Failpoints::default, |death| Failpoints::scripted(Arc::new(death)))
    }

    #[cfg(not(feature = "fault-injection"))]
    #[expect(clippy::unused_self, reason = "as with the feature, where a flag says otherwise")]
    fn failpoints(&self) -> Failpoints {
        Failpoints::default()
    }
}

fn lease_default_ms() -> u64 {
    u64::try_from(LEASE_DEFAULT.as_millis()).unwrap_or(u64::MAX)
}

/// Hours of a day.
const DAY_HOURS: u64 = 24;

fn days(duration: Duration) -> u64 {
    duration.as_secs() / Duration::from_hours(DAY_HOURS).as_secs()
}

/// A server that runs.
pub(crate) struct Running {
    /// Where it listens.
    pub(crate) address: SocketAddr,
    shutdown: CancellationToken,
    /// Ends the engine and the dispatcher, after the last RPC has had its reply.
    drain: CancellationToken,
    /// The engine cannot go on.
    failed: CancellationToken,
    serving: JoinHandle<Result<(), CommandError>>,
    tasks: TaskTracker,
    engine: Engine,
    store: Store,
}

/// Runs the command.
pub(crate) async fn run(arguments: ServeArguments) -> Result<(), CommandError> {
    #[cfg(feature = "fault-injection")]
    fault::plant(arguments.plant.as_deref())?;
    let signals = |error| CommandError::new("signals cannot be watched", &error);
    let token = shutdown::watch(arguments.exit_when_stdin_closes).map_err(signals)?;
    let running = start(&arguments, token).await?;
    println!("{LISTENING}{}", running.address);
    running.finished().await
}

/// Starts a server that ends with `shutdown`.
pub(crate) async fn start(
    arguments: &ServeArguments,
    shutdown: CancellationToken,
) -> Result<Running, CommandError> {
    for address in [Some(arguments.listen), arguments.callback_listen].into_iter().flatten() {
        if !address.ip().is_loopback() && !arguments.allow_plaintext_beyond_loopback {
            return Err(CommandError(format!(
                "{address} is not a loopback address, and nothing is encrypted: whoever reaches it can move money. \
                 Listen on 127.0.0.1, or say --allow-plaintext-beyond-loopback"
            )));
        }
    }
    let clock: Arc<dyn Clock> = Arc::new(SystemClock::start());
    let store = open_store(arguments, &clock).await?;
    let client = |error| CommandError::new("the HTTP client cannot be built", &error);
    let mut connectors = Connectors::new(Arc::clone(&clock)).map_err(client)?;
    let called_back = callback::bind(arguments).await?;
    if let Some((_, callbacks)) = &called_back {
        connectors = connectors.with_callbacks(Arc::clone(callbacks));
    }
    let bind = |error| CommandError::new(&format!("cannot listen on {}", arguments.listen), &error);
    let listener = TcpListener::bind(arguments.listen).await.map_err(bind)?;
    let address = listener.local_addr().map_err(bind)?;

    let tasks = TaskTracker::new();
    let drain = CancellationToken::new();
    let failed = CancellationToken::new();
    let sends = !arguments.pause_sending;
    if !sends {
        warn!("sending is paused: nothing is asked of providers until a start without --pause-sending");
    }
    let failpoints = arguments.failpoints();
    let options = EngineOptions {
        store: store.clone(),
        lanes: store.lanes(),
        clock: Arc::clone(&clock),
        lease: Duration::from_millis(arguments.lease_ms),
        encode: encode_reply,
        sends,
        failpoints: failpoints.clone(),
        shutdown: drain.clone(),
        failed: failed.clone(),
    };
    let (engine, jobs) = Engine::start(options, &tasks);
    let options = DispatcherOptions {
        store: store.clone(),
        engine: engine.clone(),
        connectors: connectors.clone(),
        clock: Arc::clone(&clock),
        jitter,
        sends,
        failpoints,
        shutdown: drain.clone(),
    };
    dispatcher::start(options, jobs, &tasks);
    let options = EndingOptions {
        store: store.clone(),
        engine: engine.clone(),
        clock: Arc::clone(&clock),
        jitter,
        shutdown: shutdown.clone(),
    };
    if sends {
        // While sending is paused the books may be older than what their provider knows: what is settled only because
        // an authorization ends waits for a start without the pause.
        ending::start(options, &tasks);
    }
    if let Some((listener, callbacks)) = called_back {
        let (store, engine, clock) = (store.clone(), engine.clone(), Arc::clone(&clock));
        let shutdown = shutdown.clone();
        let options = CallbackOptions { listener, callbacks, store, engine, clock, shutdown };
        tranche_server::callback::start(options, &tasks);
    }
    let options = RetentionOptions {
        store: store.clone(),
        engine: engine.clone(),
        clock: Arc::clone(&clock),
        jitter,
        events_kept: Duration::from_hours(arguments.keep_events_days * DAY_HOURS),
        shutdown: shutdown.clone(),
    };
    if sends {
        // While sending is paused both sides' books are compared, and the log may be all that tells what was.
        retention::start(options, &tasks);
    }
    tasks.close();
    let options = ServerOptions {
        listener,
        store: store.clone(),
        engine: engine.clone(),
        connectors,
        clock,
        entropy: Arc::new(random_bytes),
        shutdown: shutdown.clone(),
    };
    let serving = tokio::spawn(async move {
        serve(options).await.map_err(|error| CommandError::new("the server failed", &error))
    });
    info!(%address, "listening");
    Ok(Running { address, shutdown, drain, failed, serving, tasks, engine, store })
}

async fn open_store(arguments: &ServeArguments, clock: &Arc<dyn Clock>) -> Result<Store, CommandError> {
    let failed = |error| CommandError::new("the database cannot be opened", &error);
    if arguments.migrate || arguments.database.starts_with("sqlite:") {
        migrate_up(&arguments.database).await.map_err(failed)?;
    }
    Store::open(StoreOptions::new(arguments.database.clone(), Arc::clone(clock))).await.map_err(failed)
}

impl Running {
    /// Waits until the server has ended and everything it had begun is done.
    pub(crate) async fn finished(self) -> Result<(), CommandError> {
        let served = tokio::select! {
            served = self.serving => served,
            () = self.failed.cancelled() => {
                let text = "the engine cannot go on; start the server again: nothing that was acknowledged is lost";
                return Err(CommandError(text.to_owned()));
            }
        };
        self.drain.cancel();
        if tokio::time::timeout(DRAIN_TIME_MAX, self.tasks.wait()).await.is_ok() {
            let (decided, written) = (self.engine.counts(), self.store.counts());
            info!(
                batches = decided.batches,
                commands = decided.commands,
                calls = decided.calls,
                breakers_opened = decided.breakers_opened,
                breakers_closed = decided.breakers_closed,
                commits = written.commits,
                statements = written.statements,
                "stopped"
            );
        } else {
            // Nothing is lost: what a call brings is asked for again when its lease has run out.
            warn!("calls to providers were still under way at the limit of the shutdown, and are left");
        }
        served.unwrap_or_else(|error| Err(CommandError::new("the server failed", &error)))
    }

    /// Stops the server and waits for it.
    pub(crate) async fn stop(self) -> Result<(), CommandError> {
        self.shutdown.cancel();
        self.finished().await
    }
}
