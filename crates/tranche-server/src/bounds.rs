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
pub const BATCH_ATTEMPTS_MAX: u32 = 10;

// The dispatcher.

/// Calls to providers in flight at once, of this process.
pub const CALLS_IN_FLIGHT_MAX: usize = 1_024;
/// Due operations that one look asks leases for.
pub const DUE_OPERATIONS_PER_LOOK_MAX: usize = 128;
/// Pause between two looks for due operations.
pub const DUE_OPERATIONS_PAUSE: Duration = Duration::from_millis(200);
/// Pause after a look that found as many as it asked for.
pub const DUE_OPERATIONS_PAUSE_AFTER_FULL: Duration = Duration::from_millis(5);
/// Pause after a look that failed.
pub const DUE_OPERATIONS_PAUSE_AFTER_FAILURE: Duration = Duration::from_secs(1);
/// Attempts to record one outcome; together they span longer than a lease.
pub const OUTCOME_ATTEMPTS_MAX: u32 = 60;
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
