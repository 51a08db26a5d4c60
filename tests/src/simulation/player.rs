//! The player of a list of steps: the replicas, the clock, the network, and what its clients were told.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use std::time::Duration;

use rust_decimal::Decimal;
use tempfile::NamedTempFile;
use tranche_cli::server::core::time::Clock as _;
use tranche_cli::server::failpoint::{Failpoint, Fate};
use tranche_cli::server::store::StoreError;
use tranche_sdk::v1::Money;

use super::authorization::Paid;
use super::clock::StandingClock;
use super::ground::Ground;
use super::network::Network;
use super::replica::Replica;
use super::request::{Effect, Entry, Request, Told, told};
use super::step::{Step, Verb};
use crate::patience::must;

/// How often, and how long apart, it is looked whether nothing happens any more: a minute at most.
const LOOKS_MAX: u32 = 200_000;
const LOOK_PAUSE: Duration = Duration::from_micros(300);
/// What signs the addresses of callbacks.
const CALLBACK_SECRET: &str = "0123456789abcdef0123456789abcdef";
/// Passes of a step before a replica dies at it.
const PASSES_MAX: u32 = 4;

/// An order as its customer knows it, in minor units.
#[derive(Clone, Debug)]
pub(super) struct Tale {
    pub(super) order_id: String,
    pub(super) currency: &'static str,
    pub(super) exponent: u32,
    pub(super) value: i64,
    pub(super) invoiced: i64,
    pub(super) returned: i64,
    pub(super) is_canceled: bool,
    pub(super) is_there: bool,
    pub(super) payments: u32,
}

impl Tale {
    pub(super) fn money(&self, minor: i64) -> Money {
        let amount = Decimal::new(minor, self.exponent).to_string();
        Money { currency_code: self.currency.to_owned(), amount }
    }

    pub(super) fn transaction_id(&self) -> String {
        format!("{}-payments", self.order_id)
    }

    pub(super) fn remaining(&self) -> i64 {
        self.value - self.invoiced
    }
}

/// Plays.
pub(super) struct Player {
    url: String,
    pub(super) clock: Arc<StandingClock>,
    pub(super) network: Network,
    pub(super) replicas: Vec<Option<Replica>>,
    /// The file with what signs the addresses of callbacks.
    secret: NamedTempFile,
    lives: u64,
    pub(super) tales: Vec<Tale>,
    pub(super) entries: Vec<Entry>,
    pub(super) connectors: BTreeSet<&'static str>,
    /// The provider's payments, by its ids.
    pub(super) payments: BTreeMap<String, Paid>,
    /// Payments whose provider was told to refuse, to do more, or to call for a person: their books cannot be as good as
    /// new.
    pub(super) wronged: BTreeSet<String>,
    /// Connectors whose provider is down.
    pub(super) down: BTreeSet<&'static str>,
    pub(super) log: Vec<String>,
    pub(super) faults: u64,
    pub(super) failures: Vec<String>,
}

impl Player {
    pub(super) async fn new(ground: &mut Ground) -> Self {
        let url = ground.clear().await;
        let secret = must("a secret", NamedTempFile::new());
        must("a secret", std::fs::write(secret.path(), CALLBACK_SECRET));
        let mut player = Self {
            url,
            clock: Arc::new(StandingClock::default()),
            network: Network::new().await,
            replicas: (0..ground.replicas()).map(|_| None).collect(),
            secret,
            lives: 0,
            tales: Vec::new(),
            entries: Vec::new(),
            connectors: BTreeSet::new(),
            payments: BTreeMap::new(),
            wronged: BTreeSet::new(),
            down: BTreeSet::new(),
            log: Vec::new(),
            faults: 0,
            failures: Vec::new(),
        };
        player.start_all().await;
        player
    }

    /// Ends all replicas.
    pub(super) async fn end(&mut self) {
        for index in 0..self.replicas.len() {
            self.kill(index).await;
        }
    }

    pub(super) async fn play(&mut self, step: Step) {
        self.log.push(step.to_string());
        let [one, two, three] = step.numbers;
        match step.verb {
            Verb::Order => self.order(one, two, three).await,
            Verb::Invoice => self.invoice(one, two, three).await,
            Verb::Batch => self.batch(one, two, three).await,
            Verb::Return => self.give_back(one, two, three).await,
            Verb::Void => self.void(one, three).await,
            Verb::Change => self.change(one, two, three).await,
            Verb::Cancel => self.cancel(one, three).await,
            Verb::Pay => self.pay(one, two, three).await,
            Verb::Release => self.release(one, three).await,
            Verb::Operate => self.operate(one, two, three).await,
            Verb::Decide => self.decide(one, two).await,
            Verb::CallBack => self.call_back(one, two, three).await,
            Verb::Repeat => self.repeat(one, three).await,
            Verb::Tick => {
                self.tick(one).await;
                if two.is_multiple_of(2) {
                    self.look_for_ends(one).await;
                }
            }
            Verb::Deliver => self.deliver(one, two, three).await,
            Verb::DeliverAll => self.deliver_all().await,
            Verb::Wait => self.wait(one),
            Verb::Kill => {
                let index = self.index(one);
                if self.replicas[index].is_some() {
                    self.faults += 1;
                    self.kill(index).await;
                    self.quiet().await;
                }
            }
            Verb::DieAt => self.arm_death(one, two, three),
            Verb::FailAt => self.arm_failure(one, two, three),
            Verb::Start => {
                let index = self.index(one);
                self.start(index).await;
            }
            Verb::Outage => self.break_down(one, two),
        }
    }

    fn wait(&self, which: u32) {
        let pause = match which % 20 {
            0..4 => Duration::from_millis(50),
            4..8 => Duration::from_secs(1),
            8..12 => Duration::from_secs(30),
            12..16 => Duration::from_secs(80),
            16..18 => Duration::from_mins(10),
            18 => Duration::from_hours(2),
            _ => Duration::from_hours(25),
        };
        self.clock.pass(pause);
    }

    fn arm_death(&self, which: u32, step: u32, passes: u32) {
        let Some(replica) = self.replicas[self.index(which)].as_ref() else { return };
        let step = usize::try_from(step).unwrap_or_default() % Failpoint::ALL.len();
        replica.destiny.arm(Failpoint::ALL[step], passes % PASSES_MAX, Fate::Stop);
    }

    fn arm_failure(&self, which: u32, how: u32, passes: u32) {
        let Some(replica) = self.replicas[self.index(which)].as_ref() else { return };
        let detail = || "a fault was asked for".to_owned();
        let (failpoint, error) = match how % 5 {
            0 | 1 => (Failpoint::RowsWritten, StoreError::Conflict(detail())),
            2 => (Failpoint::RowsLoaded, StoreError::Unavailable(detail())),
            3 => (Failpoint::RowsWritten, StoreError::Unavailable(detail())),
            // The connection is lost while the commit is acknowledged.
            _ => (Failpoint::Committed, StoreError::Unavailable(detail())),
        };
        replica.destiny.arm(failpoint, passes % PASSES_MAX, Fate::Fail(error));
    }

    pub(super) fn index(&self, which: u32) -> usize {
        usize::try_from(which).unwrap_or_default() % self.replicas.len()
    }

    pub(super) async fn start(&mut self, index: usize) {
        if self.replicas[index].is_none() {
            self.lives += 1;
            let secret = format!("file:{}", self.secret.path().display());
            let replica = Replica::start(&self.url, &secret, &self.clock, self.lives).await;
            self.replicas[index] = Some(replica);
        }
    }

    pub(super) async fn start_all(&mut self) {
        for index in 0..self.replicas.len() {
            self.start(index).await;
        }
    }

    pub(super) async fn kill(&mut self, index: usize) {
        if let Some(replica) = self.replicas[index].take() {
            replica.kill().await;
        }
    }

    /// A replica that lives: this one, or the next one; if none does, this one is started.
    pub(super) async fn live(&mut self, which: u32) -> usize {
        let first = self.index(which);
        let count = self.replicas.len();
        let living =
            (0..count).map(|next| (first + next) % count).find(|index| self.replicas[*index].is_some());
        if let Some(index) = living {
            return index;
        }
        self.start(first).await;
        first
    }

    /// Asks a replica, and says what is known then.
    pub(super) async fn ask(&mut self, which: u32, request: &Request) -> Told {
        let index = self.live(which).await;
        let Some(replica) = self.replicas[index].as_ref() else { return Told::Nothing };
        let answer = replica.unless_dead(request.send(&replica.client)).await;
        let told = answer.map_or(Ok(Told::Nothing), told);
        self.quiet().await;
        let told = self.known(told);
        let text = match &told {
            Told::Accepted(_) => "accepted",
            Told::Refused(reason) => reason.as_str(),
            Told::Nothing => "no answer",
        };
        self.log.push(format!("  {text}"));
        told
    }

    /// What is known after an answer; one that only a fault of the server can cause is a failure.
    pub(super) fn known(&mut self, told: Result<Told, String>) -> Told {
        told.unwrap_or_else(|failure| {
            self.failures.push(failure);
            Told::Nothing
        })
    }

    /// Asks for something new about an order, and keeps it.
    pub(super) async fn act(&mut self, which: u32, order: usize, request: Request, effect: Effect) -> bool {
        let told = self.ask(which, &request).await;
        let is_accepted = matches!(told, Told::Accepted(_));
        if is_accepted {
            self.book(order, effect);
        }
        self.entries.push(Entry { order, request, effect, told });
        is_accepted
    }

    /// Books what an accepted request does to its order.
    pub(super) fn book(&mut self, order: usize, effect: Effect) {
        let tale = &mut self.tales[order];
        match effect {
            Effect::Created => tale.is_there = true,
            Effect::Changed(by) => tale.value += by,
            Effect::Invoiced(value) => tale.invoiced += value,
            Effect::Voided(value) => tale.invoiced -= value,
            Effect::Returned(value) => tale.returned += value,
            Effect::Canceled => tale.is_canceled = true,
            Effect::None => {}
        }
    }

    pub(super) async fn tick(&mut self, which: u32) {
        let index = self.index(which);
        let Some(replica) = self.replicas[index].as_ref() else { return };
        let found = replica.look().await;
        self.quiet().await;
        self.log.push(found.map_or_else(|_| "  failed".to_owned(), |found| format!("  {found} due")));
    }

    pub(super) async fn look_for_ends(&mut self, which: u32) {
        let index = self.index(which);
        let Some(replica) = self.replicas[index].as_ref() else { return };
        let found = replica.look_for_ends().await;
        self.quiet().await;
        self.log.push(found.map_or_else(|_| "  failed".to_owned(), |found| format!("  {found} ends")));
    }

    /// Whether the authorization of a provider's payment has ended.
    pub(super) fn has_ended(&self, provider_payment_id: &str) -> bool {
        let end = self.payments.get(provider_payment_id).and_then(|paid| paid.end);
        end.is_some_and(|end| end <= self.clock.now())
    }

    /// The provider's id of a payment.
    pub(super) fn at_provider(&self, order_id: &str, payment_id: &str) -> String {
        let is_it = |paid: &Paid| paid.order_id == order_id && paid.payment_id == payment_id;
        self.payments.iter().find(|(_, paid)| is_it(paid)).map(|(id, _)| id.clone()).unwrap_or_default()
    }

    /// Waits until every replica has stopped or waits for an answer of the provider, and buries the dead.
    pub(super) async fn quiet(&mut self) {
        for _ in 0..LOOKS_MAX {
            let all_sent: Option<usize> = self.replicas.iter().flatten().map(Replica::sent).sum();
            let resting: usize = self
                .replicas
                .iter()
                .flatten()
                .filter(|replica| !replica.has_stopped())
                .map(Replica::calls)
                .sum();
            let stopped: Option<usize> = self
                .replicas
                .iter()
                .flatten()
                .filter(|replica| replica.has_stopped())
                .map(Replica::sent)
                .sum();
            // What a replica had sent before it died is under way, and may arrive.
            if all_sent == Some(self.network.waiting()) && stopped.map(|sent| sent + resting) == all_sent {
                if !self.bury().await {
                    return;
                }
            } else {
                tokio::time::sleep(LOOK_PAUSE).await;
            }
        }
        self.failures.push("it does not come to rest".to_owned());
    }

    /// Notes what has happened, and ends the replicas that have stopped; says whether there were any.
    async fn bury(&mut self) -> bool {
        let mut any = false;
        for index in 0..self.replicas.len() {
            let Some(replica) = self.replicas[index].as_ref() else { continue };
            let has_stopped = replica.has_stopped();
            for failpoint in replica.destiny.take_happened() {
                self.faults += 1;
                let what = if has_stopped { "died" } else { "its database failed" };
                self.log.push(format!("  replica {index} {what} at {}", failpoint.name()));
            }
            if has_stopped {
                any = true;
                self.kill(index).await;
            }
        }
        any
    }
}
