//! The same random histories through the engine and both databases: the same answers, and the same books.

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};

use proptest::collection::vec;
use proptest::prelude::any;
use proptest::strategy::{Strategy, ValueTree};
use proptest::test_runner::{Config, RngAlgorithm, TestRng, TestRunner};
use sea_orm::ConnectionTrait;
use tokio::sync::mpsc;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;
use tranche_core::command::{Command, WriteConnector};
use tranche_core::decision::Reply;
use tranche_core::id::{AccountId, TransactionId};
use tranche_core::rejection::Rejection;
use tranche_core::time::{Clock, Timestamp};
use tranche_server::bounds::CALLS_IN_FLIGHT_MAX;
use tranche_server::engine::{Engine, EngineOptions, Failure, Job};
use tranche_server::failpoint::Failpoints;
use tranche_store::{OperationFilter, Store, StoreOptions, StoreTime};

use crate::books::{Books, LEASE};
use crate::choices::Choices;
use crate::database::{Place, check};
use crate::history::History;

/// Histories of an ordinary run, on each database; `TRANCHE_TEST_ENGINE_HISTORIES` asks for another number.
const HISTORIES: usize = 60;
/// Choices of the longest history.
const CHOICES_MAX: usize = 400;
/// More rows than any history makes.
const ROWS_MAX: u64 = 10_000;

/// A clock that stands where it was set.
#[derive(Debug, Default)]
struct Hands(AtomicI64);

impl Clock for Hands {
    fn now(&self) -> Timestamp {
        Timestamp::from_micros(self.0.load(Ordering::Relaxed))
    }
}

/// An engine on an empty database, and what it would send.
struct Run {
    engine: Engine,
    jobs: mpsc::Receiver<Job>,
    clock: Arc<Hands>,
    store: Store,
    shutdown: CancellationToken,
    tasks: TaskTracker,
}

impl Run {
    async fn new(place: &Place) -> Self {
        let clock = Arc::new(Hands::default());
        let given: Arc<dyn Clock> = Arc::<Hands>::clone(&clock);
        let options =
            StoreOptions { time: StoreTime::Given, ..StoreOptions::new(&place.url, Arc::clone(&given)) };
        let store = Store::open(options).await.unwrap();
        let (shutdown, tasks) = (CancellationToken::new(), TaskTracker::new());
        let options = EngineOptions {
            lanes: store.lanes(),
            store: store.clone(),
            clock: given,
            lease: LEASE,
            encode: |_| vec![1],
            sends: true,
            failpoints: Failpoints::default(),
            shutdown: shutdown.clone(),
            failed: CancellationToken::new(),
        };
        let (engine, jobs) = Engine::start(options, &tasks);
        Self { engine, jobs, clock, store, shutdown, tasks }
    }

    async fn play(&mut self, now: Timestamp, command: &Command) -> Result<Reply, Rejection> {
        self.clock.0.store(now.micros(), Ordering::Relaxed);
        if let Command::WriteConnector(WriteConnector { account_id, connector_id, .. }) = command {
            // There is no dispatcher here that would read its limit.
            self.engine.bulkheads().configure(account_id, connector_id, 1, CALLS_IN_FLIGHT_MAX);
        }
        let reply = self.engine.submit(command.clone()).await;
        // The history tells what became of each call; nobody makes it, and its permit is free again.
        while self.jobs.try_recv().is_ok() {}
        reply.map_err(|failure| match failure {
            Failure::Rejected(rejection) => rejection,
            other => panic!("{other:?} {command:?}"),
        })
    }

    async fn end(self) {
        self.shutdown.cancel();
        self.tasks.close();
        self.tasks.wait().await;
        self.store.close().await.unwrap();
    }
}

fn histories() -> Vec<Vec<u32>> {
    #[expect(clippy::disallowed_methods, reason = "a test's own knob")]
    let count = std::env::var("TRANCHE_TEST_ENGINE_HISTORIES").ok();
    let count = count.map_or(HISTORIES, |text| text.parse().expect("a number"));
    // Always the same, and others than the core's own tests play.
    let rng = TestRng::from_seed(RngAlgorithm::ChaCha, &[7; 32]);
    let mut runner = TestRunner::new_with_rng(Config::default(), rng);
    let strategy = vec(any::<u32>(), 20..CHOICES_MAX);
    (0..count).map(|_| strategy.new_tree(&mut runner).unwrap().current()).collect()
}

#[test]
fn the_engine_keeps_the_same_books() {
    let histories: Vec<History> = histories()
        .into_iter()
        .map(|choices| {
            // All calls can be sent at once here, as no history makes as many as the engine allows.
            let mut history = History::new(Choices::new(choices), &[100]);
            history.play();
            history
        })
        .collect();
    check(async |place| {
        for history in &histories {
            wipe(&place).await;
            let mut run = Run::new(&place).await;
            let mut books = Books::new();
            for (now, command) in &history.sent {
                books.now = *now;
                let expected = books.play(command).map(|decision| decision.reply);
                let reply = run.play(*now, command).await;
                assert_eq!(reply, expected, "{command:?}");
            }
            same(&run.store, &books).await;
            run.end().await;
        }
    });
}

/// Empties the database, as every history is about the same order.
async fn wipe(place: &Place) {
    let raw = place.raw().await;
    for table in [
        "requests",
        "events",
        "event_logs",
        "event_counters",
        "acts",
        "interactions",
        "operations",
        "changes",
        "invoices",
        "payments",
        "lines",
        "orders",
        "connectors",
        "accounts",
    ] {
        raw.execute_unprepared(&format!("DELETE FROM {table}")).await.unwrap();
    }
    raw.close().await.unwrap();
}

/// Every row of the database is the one that the books in memory hold.
async fn same(store: &Store, books: &Books) {
    let (key, account) = (Books::key(), AccountId::trusted("a"));
    let transaction = store.transaction(&account, &TransactionId::trusted("t")).await.unwrap();
    assert_eq!(transaction, Some((books.order(), books.payments())));
    let (_, lines) = store.order(&key).await.unwrap().unwrap();
    assert_eq!(lines, books.all.lines_of(&key));
    let (mut invoices, _) = store.ledger(&key).await.unwrap();
    invoices.sort_by(|one, other| one.invoice_number.cmp(&other.invoice_number));
    assert_eq!(invoices, books.invoices());
    let filter = OperationFilter::default();
    let mut operations = store.operations(&key, &filter, None, ROWS_MAX).await.unwrap();
    operations.sort_by(|one, other| (&one.payment_id, one.ordinal).cmp(&(&other.payment_id, other.ordinal)));
    assert_eq!(operations, books.operations());
    let changes = store.changes(&key, None, ROWS_MAX).await.unwrap();
    for change in &changes {
        let row = books.all.changes.get(&(key.clone(), change.request_id.clone()));
        assert_eq!(Some(change), row);
    }
    assert_eq!(u32::try_from(changes.len()).unwrap(), books.order().changes);
    let events = store.events(&account, 0, None, ROWS_MAX).await.unwrap().events;
    let numbers: Vec<i64> = events.iter().map(|event| event.number).collect();
    assert_eq!(numbers, (1..).take(numbers.len()).collect::<Vec<i64>>());
    let events: Vec<_> = events.into_iter().map(|event| event.event).collect();
    assert_eq!(events, books.all.events);
}
