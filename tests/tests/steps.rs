//! A process that dies at every step between a command's arrival and its last effect: whatever it left is done by the
//! next one, once.
//!
//! Each act is played on a database of its own for every step and every time that it reaches it; the process dies there
//! as by `kill -9`, and the next one finds what it left. Then the same with a second process that dies at the same step
//! while it mends what the first one left, and with clients that repeat what they had asked for.

use std::collections::BTreeSet;
use std::path::Path;
use std::sync::Arc;

use futures_util::{StreamExt as _, stream};
use rust_decimal::Decimal;
use tempfile::TempDir;
use tokio::sync::Semaphore;
use tonic::Status;
use tranche_cli::server::failpoint::Failpoint;
use tranche_sdk::v1::new_payment::Authorization;
use tranche_sdk::v1::{AddPaymentRequest, NewPayment, RequestedAuthorization};
use tranche_tests::audit::differences;
use tranche_tests::patience::{LOOK_PAUSE, LOOKS_MAX, must};
use tranche_tests::process::Process;
use tranche_tests::provider::Provider;
use tranche_tests::shop::{Shop, Terms, money, provider_payment_id, transaction_id};
use tranche_tests::world::{ACCOUNT, Database, DatabaseKind};

use crate::PROGRAM;
use crate::sql::Sql;

on_both_databases! {
    a_settlement,
    the_last_settlement_and_the_release,
    a_return,
    a_change_that_refunds,
    a_void,
    a_cancellation,
    an_end_of_an_authorization,
    an_authorization,
}

const ORDER: &str = "order-1";
/// How long a provider may take; the lease is a little longer, so that what a death left is soon sent again.
const TIMEOUT_MS: u32 = 200;
const LEASE_MS: &str = "1500";
/// So long that no authorization ends by itself.
const LIFE_SECONDS: i64 = 86_400;
/// More often than any step is reached in one act.
const TIMES_MAX: u32 = 40;
/// Cases at once; most of the time each waits for a lease to run out.
const CASES_AT_ONCE: usize = 10;

/// What is done to an order of 100.00, of which 120.00 are authorized.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Act {
    Settle,
    SettleTheRest,
    Return,
    ChangeThatRefunds,
    Void,
    Cancel,
    /// Nobody asks for it: a server finds that what is held must be settled.
    End,
    /// A payment of 50.00 is added, which the provider is to be asked for.
    Authorize,
}

/// Settled, refunded, canceled.
type Moved = (i64, i64, i64);

impl Act {
    fn terms(self) -> Terms {
        let name = match self {
            Self::ChangeThatRefunds => "TOTAL/NONE",
            Self::End => "HOLD",
            _ => "PARTIAL",
        };
        must(name, Terms::parse(name).ok_or("no such terms"))
    }

    /// What was invoiced before.
    fn before(self) -> Option<&'static str> {
        match self {
            Self::Settle | Self::Cancel | Self::Authorize => None,
            Self::SettleTheRest => Some("80.00"),
            Self::Return | Self::Void | Self::ChangeThatRefunds | Self::End => Some("20.00"),
        }
    }

    /// What the provider has done in the end.
    fn done(self) -> Moved {
        match self {
            Self::Settle | Self::Void | Self::End => (20, 0, 0),
            Self::SettleTheRest => (100, 0, 20),
            Self::Return => (20, 5, 0),
            // The provider settles all of the authorization, and 20.00 of it were never needed.
            Self::ChangeThatRefunds => (120, 50, 0),
            Self::Cancel => (0, 0, 120),
            Self::Authorize => (0, 0, 0),
        }
    }

    /// The steps that it reaches. Nothing is asked of a provider for a void of what is settled: it is ahead.
    fn steps(self) -> BTreeSet<Failpoint> {
        let is_of_batch = |failpoint: &Failpoint| *failpoint <= Failpoint::CallersAnswered;
        let is_reached = |failpoint: &Failpoint| self != Self::Void || is_of_batch(failpoint);
        Failpoint::ALL.into_iter().filter(is_reached).collect()
    }

    async fn perform(self, shop: &Shop, card: &str) -> Result<String, Status> {
        let brl = |amount: &str| money(amount, "BRL");
        Ok(match self {
            Self::Settle | Self::SettleTheRest => {
                format!("{:?}", shop.invoice(ORDER, "B", brl("20.00")).await?)
            }
            Self::Return => format!("{:?}", shop.give_back(ORDER, "R", brl("5.00")).await?),
            Self::ChangeThatRefunds => format!("{:?}", shop.change(ORDER, "lower", brl("-30.00")).await?),
            Self::Void => shop.void(ORDER, "A").await?.void_reason,
            Self::Cancel => format!("{:?}", shop.cancel(ORDER).await?),
            Self::End => settlement_found(shop).await?,
            Self::Authorize => {
                let request = AddPaymentRequest {
                    request_id: "more".to_owned(),
                    transaction_id: transaction_id(ORDER),
                    payment: Some(requested(&more(card), self.terms())),
                };
                format!("{:?}", shop.client.transactions().add_payment(request).await?.into_inner())
            }
        })
    }
}

/// The name of the payment that is added to a card's.
fn more(card: &str) -> String {
    format!("more-than-{card}")
}

fn requested(payment_id: &str, terms: Terms) -> NewPayment {
    let requested = RequestedAuthorization {
        payment_method: "Visa".to_owned(),
        token: "a token".to_owned(),
        ..RequestedAuthorization::default()
    };
    NewPayment {
        payment_id: payment_id.to_owned(),
        connector_id: terms.connector.to_owned(),
        amount: Some(money("50.00", "BRL")),
        authorization: Some(Authorization::Requested(requested)),
        ..NewPayment::default()
    }
}

/// Waits until a server has found that something must be settled, and says why it is.
async fn settlement_found(shop: &Shop) -> Result<String, Status> {
    for _ in 0..LOOKS_MAX {
        if let Some(row) = shop.operations(ORDER).await?.first() {
            return Ok(row.cause.clone());
        }
        tokio::time::sleep(LOOK_PAUSE).await;
    }
    Err(Status::deadline_exceeded("nobody looks"))
}

async fn a_settlement(database: DatabaseKind) {
    die_everywhere(Act::Settle, database).await;
}

async fn the_last_settlement_and_the_release(database: DatabaseKind) {
    die_everywhere(Act::SettleTheRest, database).await;
}

async fn a_return(database: DatabaseKind) {
    die_everywhere(Act::Return, database).await;
}

async fn a_change_that_refunds(database: DatabaseKind) {
    die_everywhere(Act::ChangeThatRefunds, database).await;
}

async fn a_void(database: DatabaseKind) {
    die_everywhere(Act::Void, database).await;
}

async fn a_cancellation(database: DatabaseKind) {
    die_everywhere(Act::Cancel, database).await;
}

async fn an_authorization(database: DatabaseKind) {
    die_everywhere(Act::Authorize, database).await;
}

async fn an_end_of_an_authorization(database: DatabaseKind) {
    die_everywhere(Act::End, database).await;
}

/// A step, and which time that it is reached; one for each process that dies.
type Deaths = Vec<(Failpoint, u32)>;

async fn die_everywhere(act: Act, database: DatabaseKind) {
    let folder = must("a folder", TempDir::with_prefix("tranche-test-"));
    let sandbox = ["sandbox", "--listen", "127.0.0.1:0", "--exit-when-stdin-closes"];
    let sandbox = Process::start(Path::new(PROGRAM), &sandbox, &folder.path().join("sandbox.log")).await;
    let sandbox = must("the sandbox does not start", sandbox.map_err(|ended| ended.stderr));
    let permits = Arc::new(Semaphore::new(CASES_AT_ONCE));
    let run = |failpoint: Failpoint| {
        let (permits, url) = (Arc::clone(&permits), sandbox.url());
        async move {
            let (mut reached, mut again) = (0, 0);
            for time in 1..TIMES_MAX {
                let _permit = must("a permit", permits.acquire().await);
                // What is found due was left by somebody.
                let left = (failpoint == Failpoint::DueFound).then_some((Failpoint::Committed, 1));
                let once: Deaths = left.into_iter().chain([(failpoint, time)]).collect();
                let twice: Deaths = once.iter().copied().chain([(failpoint, 1)]).collect();
                let deaths = Case::new(act, database, &url).await.play(&once).await;
                if deaths < once.len() {
                    break;
                }
                let died_twice = Case::new(act, database, &url).await.play(&twice).await == twice.len();
                again += u32::from(died_twice);
                reached = time;
            }
            assert!(reached + 1 < TIMES_MAX, "{failpoint:?} is reached again and again");
            println!("{}: {reached} times, {again} times again", failpoint.name());
            // After the last outcome there is nothing left to mend.
            let is_mended = failpoint != Failpoint::OutcomeRecorded;
            assert!(again > 0 || reached == 0 || !is_mended, "{failpoint:?}: whoever mends reaches it too");
            (failpoint, reached)
        }
    };
    let all: Vec<_> =
        stream::iter(Failpoint::ALL).map(run).buffer_unordered(Failpoint::ALL.len()).collect().await;
    let reached: BTreeSet<Failpoint> =
        all.into_iter().filter(|(_, times)| *times > 0).map(|(failpoint, _)| failpoint).collect();
    assert_eq!(reached, act.steps(), "no step is left out");
    assert!(sandbox.stop().await);
}

/// An order on a database of its own, with the act before it.
struct Case {
    act: Act,
    folder: TempDir,
    database: Database,
    provider: Provider,
}

impl Case {
    async fn new(act: Act, kind: DatabaseKind, sandbox: &str) -> Self {
        let folder = must("a folder", TempDir::with_prefix("tranche-test-"));
        let database = Database::new(kind, Path::new(PROGRAM), folder.path()).await;
        Self { act, folder, database, provider: Provider::new(sandbox.to_owned()) }
    }

    /// A server that is to die, and a shop at it; nothing if it has died while it mended what it found.
    async fn serve(&self, death: Option<(Failpoint, u32)>) -> Option<(Process, Shop)> {
        let die_at = death.map(|(failpoint, time)| format!("{}:{time}", failpoint.name()));
        let mut arguments = vec!["serve", "--listen", "127.0.0.1:0", "--exit-when-stdin-closes"];
        arguments.extend(["--lease-ms", LEASE_MS, "--database", self.database.url()]);
        arguments.extend(die_at.iter().flat_map(|death| ["--die-at", death]));
        let log = self.folder.path().join("server.log");
        let process = Process::start(Path::new(PROGRAM), &arguments, &log).await.ok()?;
        let client = tranche_sdk::connect(&process.url(), ACCOUNT).await.ok()?;
        Some((process, Shop::new(client, self.provider.clone())))
    }

    async fn serve_on(&self) -> (Process, Shop) {
        must("the server does not start", self.serve(None).await.ok_or("it died"))
    }

    /// Plays the act with these deaths, mends what they left, and looks at the books. Says how many processes died.
    async fn play(self, deaths: &[(Failpoint, u32)]) -> usize {
        // Payments have a name of their own at the provider that all cases share.
        let card = format!(
            "card-{}",
            self.folder.path().display().to_string().rsplit('-').next().unwrap_or_default()
        );
        let (process, shop) = self.serve_on().await;
        self.set_up(&shop, &card).await;
        assert!(process.stop().await, "the server that sets the case up ends in order");
        if self.act == Act::End {
            self.let_it_end().await;
        }
        let mut dead = 0;
        let mut first = None;
        for death in deaths {
            let Some((mut process, shop)) = self.serve(Some(*death)).await else {
                dead += 1;
                continue;
            };
            let answer = self.act.perform(&shop, &card).await.ok();
            same(&mut first, answer);
            self.wait(&shop, &mut process).await;
            if process.stop().await {
                break;
            }
            dead += 1;
        }
        let (process, shop) = self.serve_on().await;
        let answer = must("the act", self.act.perform(&shop, &card).await);
        same(&mut first, Some(answer));
        shop.at_rest(ORDER).await;
        let again = must("the act, repeated", self.act.perform(&shop, &card).await);
        same(&mut first, Some(again));
        let books = self.provider.payment(&provider_payment_id(ORDER, &card)).await;
        let moved = (books.settled, books.refunded, books.canceled);
        let (settled, refunded, canceled) = self.act.done();
        let expected = (Decimal::from(settled), Decimal::from(refunded), Decimal::from(canceled));
        assert_eq!(moved, expected, "{:?} with {deaths:?}: what the provider did", self.act);
        if self.act == Act::Authorize {
            self.look_at_the_other_payment(&shop, &card).await;
        }
        assert_eq!(differences(&shop, ORDER).await, Vec::<String>::new(), "{:?} with {deaths:?}", self.act);
        assert!(process.stop().await, "the last server ends in order");
        dead
    }

    async fn set_up(&self, shop: &Shop, card: &str) {
        let terms = self.act.terms();
        must("a connector", shop.connect(terms, TIMEOUT_MS).await);
        let order = must("an order", shop.order(ORDER, "100.00", "BRL").await);
        let mut payments = shop.payments(ORDER, "BRL", &[(card, "120.00", terms)]).await;
        for payment in payments.iter_mut().filter(|_| self.act == Act::End) {
            let Some(Authorization::Adopted(adopted)) = &mut payment.authorization else { unreachable!() };
            adopted.expire_time = order.create_time;
            adopted.expire_time.get_or_insert_default().seconds += LIFE_SECONDS;
        }
        must("a payment", shop.create_transaction(ORDER, payments).await);
        if let Some(value) = self.act.before() {
            must("an invoice", shop.invoice(ORDER, "A", money(value, "BRL")).await);
            shop.at_rest(ORDER).await;
        }
    }

    /// The payment that was added is authorized, here as there; one call more or less makes no second one.
    async fn look_at_the_other_payment(&self, shop: &Shop, card: &str) {
        let transaction = must("the transaction", shop.see_transaction(ORDER).await);
        let added = transaction.payments.into_iter().find(|row| row.payment_id == more(card));
        let added = must("the payment", added.ok_or("it was not added"));
        let id = added.authorization.clone().unwrap_or_default().provider_payment_id;
        let books = self.provider.payment(&id).await;
        assert_eq!(added.authorized, Some(money("50.00", "BRL")), "{added:?}");
        assert_eq!((books.authorized, books.canceled), (Decimal::from(50), Decimal::ZERO), "{added:?}");
    }

    /// Has the authorization begin to end, whatever the time is.
    async fn let_it_end(&self) {
        let sql = Sql::connect(&self.database).await;
        must("the time comes", sql.run("UPDATE payments SET observe_time = 0").await);
    }

    /// Waits until the process has died, or has nothing more to do.
    async fn wait(&self, shop: &Shop, process: &mut Process) {
        for _ in 0..LOOKS_MAX {
            let operations = shop.operations(ORDER).await;
            let all_ended = operations.is_ok_and(|rows| rows.iter().all(tranche_tests::shop::has_ended));
            if all_ended || process.has_ended() {
                return;
            }
            tokio::time::sleep(LOOK_PAUSE).await;
        }
        panic!("{:?}: it neither dies nor ends", self.act);
    }
}

/// Every answer to the same request is the first one.
fn same(first: &mut Option<String>, answer: Option<String>) {
    if let Some(answer) = answer {
        assert_eq!(first.get_or_insert(answer.clone()), &answer);
    }
}
