//! The work per act does not grow with the invoices that the order already has.

mod rows;
mod statement;

use std::time::Duration;

use futures_util::future::join_all;
use statement::{Statement, no_scans, statements_of};
use tranche_sandbox::books::PaymentBooks;
use tranche_tests::patience::eventually;
use tranche_tests::shop::{Shop, Terms, money, provider_payment_id};
use tranche_tests::world::{DatabaseKind, World, WorldOptions};

use crate::PROGRAM;

const ORDER: &str = "grown";
/// The first look is at the invoice after these, the second at the one after those. Both are more than the settlements
/// that a return has at hand at most, so that it has as many at both looks.
const FEW: usize = 10;
const MANY: usize = 1_000;
/// Calls that are on their way at once while the order grows.
const AT_ONCE: usize = 25;
/// How late the provider answers where something is to happen before its answer.
const LATE: &str = "latency-ms=500";

/// What is looked at, in this order: what an act leaves behind for the next one is then the same at both looks.
const ACTS: [Act; 5] = [Act::Invoice, Act::Increment, Act::Discount, Act::Return, Act::Void];

#[derive(Clone, Copy, Debug)]
enum Act {
    /// An invoice, and its settlement's outcome.
    Invoice,
    Increment,
    Discount,
    /// A return, and its refund's outcome.
    Return,
    /// An invoice that is taken back while its settlement is under way, and the settlement's outcome.
    Void,
}

impl Act {
    async fn perform(self, shop: &Shop, number: usize) {
        match self {
            Self::Invoice => invoice(shop, &number.to_string()).await,
            Self::Increment => change(shop, &format!("up {number}"), "1.00").await,
            Self::Discount => change(shop, &format!("down {number}"), "-1.00").await,
            Self::Return => give_back(shop, &format!("back {number}")).await,
            Self::Void => {
                let mistake = format!("mistake {number}");
                shop.provider.fault(&provider_payment_id(ORDER, "card"), LATE).await;
                invoice(shop, &mistake).await;
                shop.void(ORDER, &mistake).await.unwrap();
            }
        }
    }

    /// Outcomes that follow.
    fn outcomes(self) -> u64 {
        match self {
            Self::Invoice | Self::Return | Self::Void => 1,
            Self::Increment | Self::Discount => 0,
        }
    }
}

async fn invoice(shop: &Shop, number: &str) {
    shop.invoice(ORDER, number, money("1.00", "BRL")).await.unwrap();
}

async fn change(shop: &Shop, request_id: &str, by: &str) {
    shop.change(ORDER, request_id, money(by, "BRL")).await.unwrap();
}

async fn give_back(shop: &Shop, number: &str) {
    shop.give_back(ORDER, number, money("1.00", "BRL")).await.unwrap();
}

async fn world(database: DatabaseKind) -> (World, Shop) {
    let serve = ["--log", "info,sqlx=debug", "--log-format", "json"].map(str::to_owned).to_vec();
    let world = World::with(WorldOptions { serve, ..WorldOptions::new(PROGRAM, database) }).await;
    let shop = world.shop();
    let terms = Terms::parse("PARTIAL").unwrap();
    shop.connect(terms, 5_000).await.unwrap();
    shop.order(ORDER, "100000.00", "BRL").await.unwrap();
    // More than the order's value, so that there is room for what raises it.
    shop.pay(ORDER, "BRL", &[("card", "200000.00", terms)]).await.unwrap();
    (world, shop)
}

/// Invoices the order until it has `count` invoices that were not voided, and waits until all are settled.
async fn grow(shop: &Shop, from: usize, count: usize) {
    let numbers: Vec<String> = (from..count).map(|number| number.to_string()).collect();
    for some in numbers.chunks(AT_ONCE) {
        join_all(some.iter().map(|number| invoice(shop, number))).await;
    }
    // The next invoice uses what was settled for one that was voided: each has one settlement, its own or that one.
    booked(shop, count, |books| books.settlements.len()).await;
}

/// Waits until the provider has booked so many of something; its side is looked at, as every look at ours is work too.
async fn booked(shop: &Shop, count: usize, number: fn(&PaymentBooks) -> usize) {
    eventually("every operation is booked", async || {
        let booked = number(&shop.provider.payment(&provider_payment_id(ORDER, "card")).await);
        if booked == count { Ok(()) } else { Err(format!("{booked} of {count}")) }
    })
    .await;
    // The last outcome is still being written.
    tokio::time::sleep(Duration::from_millis(300)).await;
}

/// The statements of an act, from its acceptance to its recorded outcome.
async fn look(world: &World, shop: &Shop, act: Act, number: usize) -> Vec<Statement> {
    let before = world.log(0).len();
    act.perform(shop, number).await;
    eventually("the outcome is recorded", async || {
        let statements = statements_of(&world.log(0)[before..]);
        let recorded = statements.iter().filter(|statement| statement.records_outcome());
        let recorded: u64 = recorded.map(|statement| statement.rows_affected).sum();
        if recorded == act.outcomes() { Ok(()) } else { Err(format!("{recorded} outcomes of {act:?}")) }
    })
    .await;
    // It is still to be committed.
    tokio::time::sleep(Duration::from_millis(100)).await;
    let mut statements = statements_of(&world.log(0)[before..]);
    statements.sort();
    statements
}

on_both_databases!(statements_and_rows_stay_equal);

async fn statements_and_rows_stay_equal(database: DatabaseKind) {
    let (world, shop) = world(database).await;
    let looks = async |number: usize| {
        let mut looks = Vec::new();
        for act in ACTS {
            looks.push(look(&world, &shop, act, number).await);
        }
        looks
    };
    grow(&shop, 0, FEW).await;
    let few = looks(FEW).await;
    grow(&shop, FEW + 1, MANY).await;
    let many = looks(MANY).await;

    let only = |some: &[Statement], others: &[Statement]| -> Vec<String> {
        some.iter().filter(|one| !others.contains(one)).map(|one| format!("{one:?}")).collect()
    };
    for ((act, few), many) in ACTS.iter().zip(&few).zip(&many) {
        println!("{act:?}: {} statements", few.len());
        assert!(few.len() > 5, "{act:?}: an acceptance is more than {few:#?}");
        assert_eq!(
            only(few, many),
            only(many, few),
            "{act:?}: only at invoice {FEW}, and only at invoice {MANY}"
        );
        assert_eq!(few.len(), many.len(), "{act:?}: statements at invoice {FEW} and at invoice {MANY}");
        if database == DatabaseKind::Sqlite {
            no_scans(&world, many).await;
        }
    }
    // The void was one of money under way: it is settled now, and ahead.
    let payment = shop.see_transaction(ORDER).await.unwrap().payments.pop().unwrap();
    assert_eq!(payment.ahead, Some(money("1.00", "BRL")));
}
