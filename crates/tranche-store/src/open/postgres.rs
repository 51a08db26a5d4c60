//! PostgreSQL: what every connection is told.

use std::time::Duration;

use sea_orm::ConnectOptions;

use super::{Purpose, unset};
use crate::bounds::{
    IDLE_IN_TRANSACTION_TIMEOUT, KEEPALIVE_COUNT, KEEPALIVE_IDLE, KEEPALIVE_INTERVAL, LOCK_TIMEOUT,
    PREPARED_STATEMENTS_MAX, STATEMENT_TIMEOUT,
};

/// How the planner is told to look rows up by index, always: no table is read whole, nor what goes with it, so that
/// the work is the same from the first day on. JIT must be off beside it: it takes "discouraged" for "expensive", and
/// compiles.
const PLANNER: [(&str, &str); 4] =
    [("enable_seqscan", "off"), ("enable_hashjoin", "off"), ("enable_mergejoin", "off"), ("jit", "off")];

/// The write path's plans are made once per connection; planning each time costs a fifth of the throughput. A plan that
/// was made while the tables were empty must therefore be right when they are full: the indexes are such that one alone
/// fits each statement (see the schema; a test has all plans explained on empty tables). Reads are of more kinds than
/// that, and planned by the size that their tables have.
fn plans(purpose: Purpose) -> (&'static str, &'static str) {
    let mode = if purpose == Purpose::Write { "force_generic_plan" } else { "force_custom_plan" };
    ("plan_cache_mode", mode)
}

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
                // What is acknowledged survives a crash, whatever the role's or the database's default is.
                ("synchronous_commit", "on".to_owned()),
            ])
            .options(PLANNER)
            .options([plans(purpose)]);
        if purpose == Purpose::Read {
            return options.options([("default_transaction_read_only", "on")]);
        }
        options
    });
    options
}
