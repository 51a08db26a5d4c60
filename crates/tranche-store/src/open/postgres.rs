//! PostgreSQL: what every connection is told.

use std::time::Duration;

use sea_orm::ConnectOptions;

use super::{Purpose, unset};
use crate::bounds::{
    IDLE_IN_TRANSACTION_TIMEOUT, KEEPALIVE_COUNT, KEEPALIVE_IDLE, KEEPALIVE_INTERVAL, LOCK_TIMEOUT,
    PREPARED_STATEMENTS_MAX, STATEMENT_TIMEOUT,
};

/// How the planner is told to look rows up by key, always.
///
/// Every statement of ours finds its rows by an index, from a list of keys. A plan that is kept is a trap: made while
/// the tables are empty, when all indexes look equally good, it may read a whole account by the wrong one for as long
/// as the connection lives (tried: it did). So each statement is planned anew, by the size that its tables have now;
/// that is half a millisecond in a batch. Whole tables, and what needs them, are out of the question even when they
/// are small, so that the work of a command is the same from the first day on. JIT must be off beside it: it takes
/// "discouraged" for "expensive", and compiles.
const PLANNER: [(&str, &str); 5] = [
    ("plan_cache_mode", "force_custom_plan"),
    ("enable_seqscan", "off"),
    ("enable_hashjoin", "off"),
    ("enable_mergejoin", "off"),
    ("jit", "off"),
];

fn millis(duration: Duration) -> String {
    duration.as_millis().to_string()
}

/// How connections to the server at `url` are opened.
pub(super) fn options(url: &str, purpose: Purpose) -> ConnectOptions {
    let mut options = unset(url);
    options.map_sqlx_postgres_opts(move |options| {
        let options =
            options.application_name("tranche").statement_cache_capacity(PREPARED_STATEMENTS_MAX).options([
                ("tcp_keepalives_idle", KEEPALIVE_IDLE.as_secs().to_string()),
                ("tcp_keepalives_interval", KEEPALIVE_INTERVAL.as_secs().to_string()),
                ("tcp_keepalives_count", KEEPALIVE_COUNT.to_string()),
                ("idle_in_transaction_session_timeout", millis(IDLE_IN_TRANSACTION_TIMEOUT)),
                // The locks do what is needed; a stricter level would only turn their waits into failures.
                ("default_transaction_isolation", "read committed".to_owned()),
            ]);
        if purpose == Purpose::Migrate {
            // A migration may take as long as the data needs.
            return options;
        }
        let options = options
            .options([
                ("lock_timeout", millis(LOCK_TIMEOUT)),
                ("statement_timeout", millis(STATEMENT_TIMEOUT)),
            ])
            .options(PLANNER);
        if purpose == Purpose::Read {
            return options.options([("default_transaction_read_only", "on")]);
        }
        options
    });
    options
}
