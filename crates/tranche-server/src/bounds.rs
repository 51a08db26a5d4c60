//! Every bound of the server, named, in one place.

use std::time::Duration;

// The engine.

/// Callers' commands that wait for one lane; beyond it they are shed.
pub const COMMANDS_QUEUED_MAX: usize = 4_096;
/// Internal commands that wait for one lane. Each belongs to a call in flight or to a look for due operations, so that
/// it is never full for long.
pub const INTERNAL_COMMANDS_QUEUED_MAX: usize = CALLS_IN_FLIGHT_MAX + DUE_OPERATIONS_PER_LOOK_MAX;
/// Callers' commands of one batch.
pub const BATCH_COMMANDS_MAX: usize = 64;
/// Internal commands of one batch; callers cannot take their part.
pub const BATCH_INTERNAL_COMMANDS_MAX: usize = 64;
/// Calls that one batch may start.
pub const BATCH_CALLS_MAX: usize = 2 * (BATCH_COMMANDS_MAX + BATCH_INTERNAL_COMMANDS_MAX);
/// Attempts of a batch that meets conflicts.
pub const BATCH_ATTEMPTS_MAX: u32 = 5;
/// Longest time for one attempt of a batch. The database's own limits are shorter; beyond this one the connection is
/// dead, and so is the lane.
pub const BATCH_TIME_MAX: Duration = Duration::from_mins(1);

// The dispatcher.

/// Calls to providers in flight at once, of this process.
pub const CALLS_IN_FLIGHT_MAX: usize = 1_024;
/// Of those, the ones that are kept for connectors that have none in flight.
pub const CALLS_KEPT: usize = 128;
/// Calls in flight at once through a connector that does not say how many it takes, as nobody can read its settings.
pub const CALLS_UNCONFIGURED_MAX: usize = 1;
/// Calls in a row without a usable answer after which a connector is not called for a while.
pub const BREAKER_FAILURES_MAX: u32 = 5;
/// The first such pause; doubled for every further one until the connector takes all calls again.
pub const BREAKER_PAUSE_FIRST: Duration = Duration::from_secs(1);
/// Longest such pause, unless the provider asks for a longer one: how late it may be noticed that it answers again.
pub const BREAKER_PAUSE_MAX: Duration = Duration::from_mins(1);
/// Connectors at which something is due or under way that one look reads; the next look goes on.
pub const DUE_CONNECTORS_PER_LOOK_MAX: usize = 1_000;
/// Due operations that one look asks leases for.
pub const DUE_OPERATIONS_PER_LOOK_MAX: usize = 128;
/// Pause between two looks for due operations.
pub const DUE_OPERATIONS_PAUSE: Duration = Duration::from_millis(200);
/// Pause after a look that found as many as it asked for.
pub const DUE_OPERATIONS_PAUSE_AFTER_FULL: Duration = Duration::from_millis(5);
/// Pause after a look that failed.
pub const DUE_OPERATIONS_PAUSE_AFTER_FAILURE: Duration = Duration::from_secs(1);
/// Attempts to record an outcome that the database refuses. One that it cannot be asked about is kept until it can.
pub const OUTCOME_REFUSALS_MAX: u32 = 20;
/// Pause before the second attempt; doubled for every further one.
pub const OUTCOME_PAUSE_FIRST: Duration = Duration::from_millis(20);
/// Longest pause between two attempts.
pub const OUTCOME_PAUSE_MAX: Duration = Duration::from_secs(2);
/// Connectors whose settings are kept at hand.
pub const CONNECTORS_CACHED_MAX: usize = 10_000;
/// How long a connector's settings are kept at hand.
pub const CONNECTOR_CACHE_TIME: Duration = Duration::from_secs(1);
/// How long a lease lasts unless the operator says otherwise: the longest call that a connector may be given, and some.
pub const LEASE_DEFAULT: Duration = Duration::from_secs(75);

// The callback route.

/// Connections of providers that call back, at once; each has one request. Further ones wait to be accepted.
pub const CALLBACK_CONNECTIONS_MAX: usize = 256;
/// Largest body of a callback.
pub const CALLBACK_BODY_BYTES_MAX: usize = 64 * 1024;
/// Most bytes of a callback's request line and headers.
pub const CALLBACK_HEADERS_BYTES_MAX: usize = 16 * 1024;
/// Headers of one callback.
pub const CALLBACK_HEADERS_MAX: usize = 64;
/// How long a callback's headers may take.
pub const CALLBACK_HEADERS_TIME_MAX: Duration = Duration::from_secs(5);
/// How long a callback's body may take after its headers.
pub const CALLBACK_BODY_TIME_MAX: Duration = Duration::from_secs(5);
/// How long a callback's connection may last in all.
pub const CALLBACK_TIME_MAX: Duration = Duration::from_secs(20);
/// Pause after a connection could not be accepted, as when no file descriptor is left.
pub const CALLBACK_ACCEPT_PAUSE: Duration = Duration::from_millis(100);
/// Refused callbacks that are logged in each span of time; of the others their number is.
pub const CALLBACK_REFUSALS_LOGGED_MAX: u32 = 60;
/// That span of time.
pub const CALLBACK_REFUSALS_SPAN: Duration = Duration::from_mins(1);

// Retention.

/// How long events are kept unless the operator says otherwise.
pub const EVENTS_KEPT_DEFAULT: Duration = Duration::from_hours(90 * 24);
/// The shortest time that an operator may have events kept.
pub const EVENTS_KEPT_MIN: Duration = Duration::from_hours(24);
/// The longest time that an operator may have events kept: ten years.
pub const EVENTS_KEPT_MAX: Duration = Duration::from_hours(3_650 * 24);
/// Accounts whose oldest events one look reads.
pub const OLD_EVENTS_ACCOUNTS_PER_LOOK_MAX: u64 = 100;
/// Pause after all accounts were looked at and no event was old.
pub const OLD_EVENTS_PAUSE: Duration = Duration::from_secs(5);
/// Pause after all accounts were looked at and some events were old.
pub const OLD_EVENTS_PAUSE_AFTER_FOUND: Duration = Duration::from_millis(25);

// Ends of authorizations.

/// Payments that one look observes.
pub const ENDS_PER_LOOK_MAX: usize = 128;
/// Pause between two looks for authorizations that end.
pub const ENDS_PAUSE: Duration = Duration::from_secs(1);
/// Pause after a look that found as many as it asked for.
pub const ENDS_PAUSE_AFTER_FULL: Duration = Duration::from_millis(5);

// The gRPC edge.

/// Largest request message.
pub const REQUEST_BYTES_MAX: usize = 4 * 1024 * 1024;
/// Messages of one page, together, beyond its first; below what clients take by default.
pub const PAGE_BYTES_MAX: usize = 3 * 1024 * 1024;
/// Rows of a page whose size the caller leaves open.
pub const PAGE_SIZE_DEFAULT: u64 = 50;
/// Rows of the largest page.
pub const PAGE_SIZE_MAX: u64 = 500;
/// Violations that one refusal lists; headers that a client takes are 16 KiB by default.
pub const VIOLATIONS_LISTED_MAX: usize = 32;
/// Longest text of one violation, and of one path, in bytes.
pub const VIOLATION_BYTES_MAX: usize = 200;
/// Names that one message lists; of more it says how many.
pub const NAMED_IN_MESSAGE_MAX: usize = 5;
/// Longest list of fields, or text of a provider, in a refusal's metadata, in bytes.
pub const METADATA_BYTES_MAX: usize = 600;
/// How long one RPC may take; longer than the longest call for a manifest.
pub const RPC_TIME_MAX: Duration = Duration::from_secs(65);
/// RPCs in progress at once, of this process; beyond it they are shed. Open streams have a bound of their own.
pub const RPCS_IN_PROGRESS_MAX: usize = 8_192;
/// HTTP/2 streams of one connection at once.
pub const STREAMS_PER_CONNECTION_MAX: u32 = 1_024;
/// How often a silent connection is asked for a sign of life.
pub const CONNECTION_KEEPALIVE_PAUSE: Duration = Duration::from_secs(30);
/// How long its answer may take.
pub const CONNECTION_KEEPALIVE_TIME_MAX: Duration = Duration::from_secs(20);
/// The pause that a refused caller is asked to make before repeating.
pub const RETRY_PAUSE: Duration = Duration::from_millis(500);
/// Attempts to write a connector's update beside other writers, where the caller names no version.
pub const CONNECTOR_UPDATE_ATTEMPTS_MAX: u32 = 5;
/// Streams of events at once, of this process.
pub const WATCH_STREAMS_MAX: usize = 1_000;
/// Events that one stream reads at once, and the most that it keeps at hand.
pub const WATCH_PAGE_SIZE: u64 = 200;
/// Shortest pause of a stream that has read all there is; commits come faster than every stream may ask.
pub const WATCH_PAUSE_MIN: Duration = Duration::from_millis(25);
/// Longest pause of a stream that has read all there is: other replicas' commits wake nobody here.
pub const WATCH_PAUSE_MAX: Duration = Duration::from_millis(500);
/// How long a stream stays silent before it sends a heartbeat.
pub const WATCH_HEARTBEAT_PAUSE: Duration = Duration::from_secs(10);
/// How often the database is asked whether it answers.
pub const HEALTH_PAUSE: Duration = Duration::from_secs(2);
/// How long its answer may take before the server is not healthy.
pub const HEALTH_TIME_MAX: Duration = Duration::from_secs(2);
/// How long RPCs and streams may take to end when the server stops.
pub const SHUTDOWN_TIME_MAX: Duration = Duration::from_secs(20);
/// How long nobody can tell what became of an operation before it is listed for operators: most answers come by then.
pub const UNKNOWN_LISTED_AFTER: Duration = Duration::from_mins(5);
/// The longest time that a caller may ask for instead.
pub const UNKNOWN_LISTED_AFTER_MAX: Duration = Duration::from_hours(366 * 24);
/// Movements of one statement that is compared.
pub const STATEMENT_ENTRIES_MAX: usize = 500;
/// Operations that are told to be missing on a statement; where there are more, the answer says so.
pub const MISSING_THERE_MAX: usize = 500;
/// Acts of operators that an explanation tells, the oldest first.
pub const EXPLAINED_ACTS_MAX: u64 = 100;
/// Invoices of one batch.
pub const BATCH_INVOICES_MAX: usize = 500;
