use std::sync::atomic::{AtomicI64, Ordering};
use std::time::Duration;

use super::*;

/// A clock that stands.
#[derive(Debug, Default)]
struct Hands(AtomicI64);

impl Clock for Hands {
    fn now(&self) -> Timestamp {
        Timestamp::from_micros(self.0.load(Ordering::Relaxed))
    }
}

impl Hands {
    fn pass(&self, time: Duration) {
        self.0.fetch_add(i64::try_from(time.as_micros()).unwrap(), Ordering::Relaxed);
    }
}

fn key(id: &str) -> Key {
    (AccountId::trusted("a"), ConnectorId::trusted(id))
}

fn bulkheads(limits: &[(&str, usize)]) -> (Bulkheads, Arc<Hands>) {
    let clock = Arc::new(Hands::default());
    let bulkheads = Bulkheads::new(Arc::<Hands>::clone(&clock));
    for (id, limit) in limits {
        bulkheads.configure(&key(id).0, &key(id).1, 1, *limit);
    }
    (bulkheads, clock)
}

/// Permits of calls through a connector, as many as there are of those wanted.
fn take(bulkheads: &Bulkheads, id: &str, wanted: usize) -> Vec<permit::ConnectorPermit> {
    let mut reserved = bulkheads.reserve(BTreeMap::from([(key(id), wanted)]));
    std::iter::from_fn(|| reserved.take(&key(id))).collect()
}

fn end(permits: Vec<permit::ConnectorPermit>, evidence: Evidence) {
    for permit in permits {
        permit.ended(evidence, 1000);
    }
}

const FAILED: Evidence = Evidence::Failed { retry_after: None };

#[test]
fn calls_are_limited_connector_by_connector() {
    let (bulkheads, _) = bulkheads(&[("few", 3), ("many", 200)]);
    let mut few = take(&bulkheads, "few", 9);
    assert_eq!((few.len(), bulkheads.room(&key("few"))), (3, 0));
    assert_eq!(take(&bulkheads, "few", 9).len(), 0);
    assert_eq!(take(&bulkheads, "many", 9).len(), 9);
    // What one has no limit of yet takes one, so that the smallest limit is kept.
    assert_eq!(bulkheads.room(&key("new")), 1);
    few.pop();
    assert_eq!(bulkheads.room(&key("few")), 1);
    end(few, Evidence::Answered);
    assert_eq!(bulkheads.room(&key("few")), 3);
    // Lowered below what is in flight.
    let few = take(&bulkheads, "few", 3);
    bulkheads.configure(&key("few").0, &key("few").1, 2, 1);
    drop(few.into_iter().take(1));
    assert_eq!(bulkheads.room(&key("few")), 1);
}

#[test]
fn what_a_batch_reserved_and_did_not_take_is_free_again() {
    let (bulkheads, _) = bulkheads(&[("c", 3)]);
    let wanted = BTreeMap::from([(key("c"), 2), (key("d"), 5)]);
    let mut reserved = bulkheads.reserve(wanted);
    let told = BTreeMap::from([(key("c"), 2), (key("d"), 1)]);
    assert_eq!(reserved.calls(), tranche_core::decision::ConnectorCalls::of(told));
    let taken = reserved.take(&key("c"));
    assert!(taken.is_some() && reserved.take(&key("nobody's")).is_none());
    assert_eq!(bulkheads.room(&key("c")), 1);
    drop(reserved);
    assert_eq!((bulkheads.room(&key("c")), bulkheads.room(&key("d"))), (2, 1));
    drop(taken);
    assert_eq!(bulkheads.room(&key("c")), 3);
}

#[test]
fn however_many_connectors_hang_the_next_one_finds_a_call() {
    let (bulkheads, _) = bulkheads(&[]);
    let mut hanging = Vec::new();
    let mut taken = Vec::new();
    for number in 0..100 {
        let id = format!("hanging-{number}");
        bulkheads.configure(&key(&id).0, &key(&id).1, 1, CALLS_IN_FLIGHT_MAX);
        // As much as there is, again and again.
        let calls = (0..9).flat_map(|_| take(&bulkheads, &id, CALLS_IN_FLIGHT_MAX));
        let before = hanging.len();
        hanging.extend(calls);
        taken.push(hanging.len() - before);
        let next = bulkheads.reserve(BTreeMap::from([(key("healthy"), 9)]));
        assert_ne!(
            next.calls(),
            tranche_core::decision::ConnectorCalls::of(BTreeMap::from([(key("healthy"), 0)]))
        );
    }
    assert!(taken[0] >= CALLS_IN_FLIGHT_MAX / 4, "a connector alone has no use for less: {}", taken[0]);
    assert!(taken.iter().all(|calls| *calls > 0), "{taken:?}");
    assert!(hanging.len() < CALLS_IN_FLIGHT_MAX, "{}", hanging.len());
}

#[test]
fn a_connector_that_fails_is_held_back_alone_and_comes_back_step_by_step() {
    let (bulkheads, clock) = bulkheads(&[("dead", 100), ("alive", 100)]);
    let stale = take(&bulkheads, "dead", 50);
    end(take(&bulkheads, "dead", 5), FAILED);
    assert_eq!((bulkheads.room(&key("dead")), bulkheads.room(&key("alive"))), (0, 100));
    assert!(bulkheads.is_limiting());
    assert_eq!(bulkheads.counts(), BreakerCounts { opened: 1, closed: 0 });
    clock.pass(Duration::from_secs(1));
    // The probe is one, whatever was sent before and is still under way.
    let probe = take(&bulkheads, "dead", 50);
    assert_eq!((probe.len(), bulkheads.room(&key("dead"))), (1, 0));
    end(stale, FAILED);
    assert_eq!(bulkheads.room(&key("dead")), 0, "they neither end the probe nor take its place");
    end(probe, FAILED);
    clock.pass(Duration::from_secs(2));
    end(take(&bulkheads, "dead", 50), Evidence::Answered);
    assert_eq!(bulkheads.counts(), BreakerCounts { opened: 2, closed: 1 });
    let mut rounds = Vec::new();
    while bulkheads.is_limiting() {
        let calls = take(&bulkheads, "dead", 100);
        rounds.push(calls.len());
        end(calls, Evidence::Answered);
    }
    assert_eq!(rounds, [2, 4, 8, 16, 32, 64]);
    assert_eq!(bulkheads.room(&key("dead")), 100);
}

#[test]
fn who_configures_a_connector_anew_has_it_tried() {
    let (bulkheads, _) = bulkheads(&[("c", 9)]);
    end(take(&bulkheads, "c", 5), FAILED);
    bulkheads.configure(&key("c").0, &key("c").1, 1, 9);
    assert_eq!(bulkheads.room(&key("c")), 0, "it was read again, and is the same");
    bulkheads.configure(&key("c").0, &key("c").1, 2, 9);
    assert_eq!((bulkheads.room(&key("c")), bulkheads.version(&key("c"))), (1, Some(2)));
}

#[tokio::test]
async fn whoever_looks_is_woken_by_room_for_a_backlog() {
    let (bulkheads, _) = bulkheads(&[("c", 2)]);
    let is_woken = async || {
        let woken = futures_util::FutureExt::now_or_never(bulkheads.freed());
        woken.is_some()
    };
    let mut calls = take(&bulkheads, "c", 2);
    calls.pop();
    assert!(!is_woken().await, "nothing waits");
    let more = take(&bulkheads, "c", 2);
    bulkheads.note_backlog(&key("c"));
    assert!(!is_woken().await, "there is no room");
    drop(more);
    assert!(is_woken().await);
    drop(calls);
    assert!(!is_woken().await, "once is enough");
}

#[test]
fn connectors_that_rest_are_forgotten_before_there_are_too_many() {
    let (bulkheads, _) = bulkheads(&[("busy", 2), ("failed", 2), ("at rest", 2)]);
    let busy = take(&bulkheads, "busy", 1);
    end(take(&bulkheads, "failed", 1), FAILED);
    for number in 3..=CONNECTORS_CACHED_MAX {
        bulkheads.room(&key(&number.to_string()));
    }
    let known = ["busy", "failed", "at rest"].map(|id| bulkheads.version(&key(id)));
    assert_eq!(known, [Some(1), Some(1), None]);
    assert_eq!(bulkheads.fleet().bulkheads.len(), 3);
    drop(busy);
}
