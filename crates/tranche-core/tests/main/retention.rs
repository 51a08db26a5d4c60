//! Which events are forgotten.

use std::time::Duration;

use tranche_core::bounds::EVENTS_FORGOTTEN_PER_COMMAND_MAX;
use tranche_core::command::{Command, ForgetEvents, Needs};
use tranche_core::decide::decide;
use tranche_core::decision::{ConnectorCalls, Context, Reply};
use tranche_core::event::EventLog;
use tranche_core::id::AccountId;
use tranche_core::state::State;
use tranche_core::time::Timestamp;

const KEPT: Duration = Duration::from_secs(100);
const NOW_SECONDS: i64 = 1_000;

fn account(id: &str) -> AccountId {
    AccountId::trusted(id)
}

/// A log that forgot up to a number, with its oldest events as their ages in seconds.
fn log(state: &mut State, id: &str, forgotten: i64, ages: &[i64]) {
    if forgotten > 0 {
        let row = EventLog { account_id: account(id), forgotten, version: 3 };
        state.event_logs.load(account(id), row);
    }
    for (number, age) in (forgotten + 1..).zip(ages) {
        let create_time = Timestamp::from_micros((NOW_SECONDS - age) * 1_000_000);
        state.oldest_events.insert((account(id), number), create_time);
    }
}

/// Decides once, and makes it the present; answers what was written.
fn forget(state: &mut State, id: &str) -> Option<EventLog> {
    let command = Command::ForgetEvents(ForgetEvents { account_id: account(id), kept: KEPT });
    let context = Context {
        now: Timestamp::from_micros(NOW_SECONDS * 1_000_000),
        lease: Duration::from_secs(30),
        calls_available: 0,
        connectors: ConnectorCalls::unbounded(),
    };
    let decision = decide(state, &command, &context).unwrap();
    assert_eq!((decision.reply, decision.record, decision.calls.len()), (Reply::Done, None, 0));
    let rows = decision.rows;
    assert!(rows.events.is_empty(), "forgetting is no event: it would never end");
    let written = rows.event_logs.first().cloned();
    state.apply(rows);
    written
}

#[test]
fn the_oldest_are_forgotten_up_to_the_first_that_is_kept() {
    for (name, forgotten, ages, expected) in [
        ("nothing ever happened", 0, &[][..], None),
        ("nothing is old", 0, &[99, 98, 0], None),
        ("exactly as old as events are kept", 0, &[100, 99], Some(1)),
        ("some are old", 0, &[300, 200, 100, 99], Some(3)),
        ("all are old", 0, &[300, 200, 100], Some(3)),
        ("on from what is forgotten", 7, &[300, 200, 50], Some(9)),
        ("all are forgotten already", 7, &[], None),
        ("what is left is not old", 7, &[99], None),
        ("an old one behind a newer one stays: no gap comes about", 0, &[300, 50, 300], Some(1)),
        ("from the future", 0, &[-5, 300], None),
    ] {
        let mut state = State::default();
        // The neighbours in key order are other people's.
        log(&mut state, "a", 0, &[900]);
        log(&mut state, "m", forgotten, ages);
        log(&mut state, "z", 5, &[900]);
        let version = if forgotten > 0 { 4 } else { 1 };
        let expected = expected.map(|forgotten| EventLog { account_id: account("m"), forgotten, version });
        assert_eq!(forget(&mut state, "m"), expected, "{name}");
        assert_eq!(forget(&mut state, "m"), None, "{name}: again");
    }
}

#[test]
fn a_command_forgets_a_bounded_number() {
    let mut state = State::default();
    let most = i64::try_from(EVENTS_FORGOTTEN_PER_COMMAND_MAX).unwrap();
    log(&mut state, "m", 0, &vec![900; EVENTS_FORGOTTEN_PER_COMMAND_MAX + 2]);
    let mut forgotten = || forget(&mut state, "m").map(|log| log.forgotten);
    assert_eq!([forgotten(), forgotten(), forgotten()], [Some(most), Some(most + 2), None]);
}

#[test]
fn it_needs_the_log_alone() {
    let command = Command::ForgetEvents(ForgetEvents { account_id: account("m"), kept: KEPT });
    let mut needs = Needs::default();
    command.name_needs(&mut needs);
    assert_eq!(needs, Needs { event_logs: [account("m")].into(), ..Needs::default() });
    assert_eq!(
        (command.account_id(), command.order_key(), command.name(), command.is_internal()),
        (&account("m"), None, "ForgetEvents", false)
    );
}
