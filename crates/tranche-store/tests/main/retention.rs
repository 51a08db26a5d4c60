//! Events that are forgotten: the oldest first, in steps, and never unnoticed.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicI64, Ordering};
use std::time::Duration;

use tranche_core::bounds::EVENTS_FORGOTTEN_PER_COMMAND_MAX;
use tranche_core::command::{Command, ForgetEvents, Needs};
use tranche_core::decide::decide;
use tranche_core::decision::{ConnectorCalls, Context};
use tranche_core::event::{Event, EventKind};
use tranche_core::id::{AccountId, OrderId};
use tranche_core::time::{Clock, Timestamp};
use tranche_store::{Batch, OldestEvent, Store, StoreError, StoreOptions, StoreTime};

use crate::database::{Place, check, empty};

const MINUTE: Duration = Duration::from_mins(1);
/// Events of the history that is forgotten in steps: two full ones and a rest.
const OLD: usize = 2 * EVENTS_FORGOTTEN_PER_COMMAND_MAX + 20;
const WRITERS: usize = 3;
const BATCHES: usize = 60;

/// A clock that is moved by hand.
struct Hand(AtomicI64);

impl Hand {
    fn advance(&self, by: Duration) {
        self.0.fetch_add(i64::try_from(by.as_micros()).unwrap(), Ordering::Relaxed);
    }
}

impl Clock for Hand {
    fn now(&self) -> Timestamp {
        Timestamp::from_micros(self.0.load(Ordering::Relaxed))
    }
}

fn account(id: &str) -> AccountId {
    AccountId::trusted(id)
}

fn hand() -> Arc<Hand> {
    Arc::new(Hand(AtomicI64::new(1_700_000_000_000_000)))
}

async fn open(place: &Place, clock: &Arc<Hand>) -> Store {
    let clock = Arc::<Hand>::clone(clock);
    let options = StoreOptions { url: place.url.clone(), clock, time: StoreTime::Given };
    Store::open(options).await.unwrap()
}

/// Writes events of an account, in one batch, each of an order of its own number.
async fn write(store: &Store, id: &str, events: usize) {
    let mut batch = empty(store).await;
    let event = |number: usize| Event {
        account_id: account(id),
        order_id: Some(OrderId::trusted(&number.to_string())),
        kind: EventKind::AccountUpdated,
    };
    batch.state.events = (0..events).map(event).collect();
    batch.commit().await.unwrap();
}

/// A batch in which an account has decided what to forget.
async fn decided(store: &Store, id: &str, kept: Duration) -> Batch {
    let command = Command::ForgetEvents(ForgetEvents { account_id: account(id), kept });
    let mut needs = Needs::default();
    command.name_needs(&mut needs);
    let mut batch = store.begin(&needs).await.unwrap();
    let connectors = ConnectorCalls::unbounded();
    let context = Context { now: batch.now, lease: MINUTE, calls_available: 0, connectors };
    let decision = decide(&batch.state, &command, &context).unwrap();
    batch.state.apply(decision.rows);
    batch
}

/// The numbers that are left of an account, and up to which it forgot.
async fn kept(store: &Store, id: &str) -> (Vec<i64>, i64) {
    let page = store.events(&account(id), 0, None, 9_999).await.unwrap();
    (page.events.iter().map(|event| event.number).collect(), page.forgotten)
}

fn numbers(first: usize, last: usize) -> Vec<i64> {
    (first..=last).map(|number| i64::try_from(number).unwrap()).collect()
}

#[test]
fn the_oldest_go_first_in_steps_and_the_numbers_go_on() {
    check(async |place| {
        let clock = hand();
        let store = open(&place, &clock).await;
        write(&store, "a", OLD).await;
        write(&store, "b", 2).await;
        let first_time = clock.now();
        clock.advance(MINUTE);
        write(&store, "a", 3).await;

        let most = EVENTS_FORGOTTEN_PER_COMMAND_MAX;
        for (name, forgotten) in
            [("a full step", most), ("another", 2 * most), ("the rest", OLD), ("nothing more is old", OLD)]
        {
            decided(&store, "a", MINUTE).await.commit().await.unwrap();
            let expected = i64::try_from(forgotten).unwrap();
            assert_eq!(kept(&store, "a").await, (numbers(forgotten + 1, OLD + 3), expected), "{name}");
            // Another account's are its own.
            assert_eq!(kept(&store, "b").await, (vec![1, 2], 0), "{name}");
        }
        let oldest = |id, create_time| OldestEvent { account_id: account(id), create_time };
        let all = [oldest("a", Some(clock.now())), oldest("b", Some(first_time))];
        assert_eq!(store.oldest_events(None, 9).await.unwrap(), all);
        assert_eq!(store.oldest_events(None, 1).await.unwrap(), all[..1]);
        assert_eq!(store.oldest_events(Some(&account("a")), 9).await.unwrap(), all[1..]);

        // Of one order, from before what was forgotten on.
        let of_order = store.events(&account("a"), 5, Some(&OrderId::trusted("1")), 9).await.unwrap();
        let last = i64::try_from(OLD).unwrap() + 3;
        assert_eq!(of_order.events.iter().map(|event| event.number).collect::<Vec<_>>(), [last - 1]);
        assert_eq!((of_order.forgotten, of_order.last), (last - 3, last));

        clock.advance(MINUTE);
        decided(&store, "a", MINUTE).await.commit().await.unwrap();
        assert_eq!(kept(&store, "a").await, (vec![], last), "all are forgotten");
        assert_eq!(store.oldest_events(None, 1).await.unwrap(), [oldest("a", None)]);
        assert_eq!(store.events(&account("a"), last, None, 9).await.unwrap().last, last);
        write(&store, "a", 2).await;
        assert_eq!(kept(&store, "a").await, (vec![last + 1, last + 2], last), "the numbers go on");
        // An account of which nothing is known.
        let page = store.events(&account("none"), 7, None, 9).await.unwrap();
        assert_eq!((page.events.len(), page.forgotten, page.last), (0, 0, 0));
    });
}

#[test]
fn of_two_who_forget_the_same_one_decides_again() {
    check(async |place| {
        // SQLite has one writer: the second batch begins after the first.
        if place.is_sqlite() {
            return;
        }
        let clock = hand();
        let store = open(&place, &clock).await;
        let other = open(&place, &clock).await;
        write(&store, "a", 5).await;
        for (name, forgotten) in [("a log that was never written", 5), ("one that was", 8)] {
            let (one, late) =
                (decided(&store, "a", Duration::ZERO).await, decided(&other, "a", Duration::ZERO).await);
            one.commit().await.unwrap();
            assert!(matches!(late.commit().await, Err(StoreError::Conflict(_))), "{name}");
            decided(&other, "a", Duration::ZERO).await.commit().await.unwrap();
            assert_eq!(kept(&store, "a").await, (vec![], forgotten), "{name}");
            write(&store, "a", 3).await;
        }
    });
}

/// Forgets all there is, again and again, until the writers have ended and nothing is left.
async fn forget_all(store: Store, ended: Arc<AtomicBool>) {
    loop {
        let was_ended = ended.load(Ordering::SeqCst);
        let forgotten = decided(&store, "a", Duration::ZERO).await.commit().await;
        assert!(matches!(forgotten, Ok(()) | Err(StoreError::Conflict(_))), "{forgotten:?}");
        if was_ended && kept(&store, "a").await.0.is_empty() {
            return;
        }
    }
}

/// Follows by cursor; a reader whose place is forgotten begins anew where it is told to. Answers where it ended.
async fn follow(store: Store, ended: Arc<AtomicBool>) -> i64 {
    let mut after = 0;
    loop {
        let was_ended = ended.load(Ordering::SeqCst);
        let page = store.events(&account("a"), after, None, 7).await.unwrap();
        if page.forgotten > after {
            after = page.forgotten;
            continue;
        }
        let read: Vec<i64> = page.events.iter().map(|event| event.number).collect();
        let expected: Vec<i64> = (after + 1..).take(read.len()).collect();
        assert_eq!(read, expected, "a gap that the reader was not told of");
        if read.is_empty() {
            assert_eq!(page.last, after, "nothing to read, and yet more has happened");
            if was_ended {
                return after;
            }
        }
        after = page.last.min(after + i64::try_from(read.len()).unwrap());
        tokio::task::yield_now().await;
    }
}

#[test]
fn a_follower_beside_those_who_forget_misses_nothing_unknowingly() {
    check(async |place| {
        let clock = hand();
        let store = open(&place, &clock).await;
        // A second replica, where there can be one.
        let other = if place.is_sqlite() { store.clone() } else { open(&place, &clock).await };
        let ended = Arc::new(AtomicBool::new(false));
        let replicas = || [store.clone(), other.clone()].into_iter();
        let readers: Vec<_> =
            replicas().map(|store| tokio::spawn(follow(store, Arc::clone(&ended)))).collect();
        let forgetters: Vec<_> =
            replicas().map(|store| tokio::spawn(forget_all(store, Arc::clone(&ended)))).collect();
        let writers = replicas().cycle().take(WRITERS).map(|store| {
            tokio::spawn(async move {
                for index in 0..BATCHES {
                    write(&store, "a", 1 + index % 3).await;
                }
            })
        });
        for writer in writers.collect::<Vec<_>>() {
            writer.await.unwrap();
        }
        ended.store(true, Ordering::SeqCst);
        let written = i64::try_from(WRITERS * BATCHES * 2).unwrap();
        for reader in readers {
            assert_eq!(reader.await.unwrap(), written);
        }
        for forgetter in forgetters {
            forgetter.await.unwrap();
        }
        assert_eq!(kept(&store, "a").await, (vec![], written));
    });
}
