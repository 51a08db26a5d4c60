//! Two sides of which exactly one can win, over and over again.

use tonic::Status;
use tranche_sdk::v1::ErrorReason;
use tranche_tests::world::DatabaseKind;

use super::act::{Act, Sums};
use super::field::{Field, ORDERS, TRIES};
use super::rest::{Seen, check};

on_both_databases! {
    change_or_invoice,
    cancellation_or_invoice,
    void_or_return,
    one_of_two_changes_of_one_version,
}

/// The name of the last try; the others have numbers.
const LAST: &str = "last";

/// Two sides, and what each is told when it loses. Every act is named after its try.
struct Pair {
    /// The orders' value, and what pays each of them.
    value: &'static str,
    paid_by: &'static [(&'static str, &'static str)],
    /// Whether every try needs orders of its own.
    ends: bool,
    /// What comes before each try.
    before: fn(&str) -> Option<Act>,
    sides: fn(&str) -> [Act; 2],
    lost: [&'static [ErrorReason]; 2],
}

/// What is invoiced would no longer fit into the value, and the lowered value has no room for the invoice. One remains
/// to invoice either way, so that the order stays open for the next try; the last invoice is one of everything.
async fn change_or_invoice(database: DatabaseKind) {
    let pair = Pair {
        value: "1.00",
        paid_by: &[("card", "1000.00")],
        ends: false,
        before: |name| Some(Act::Change(format!("up {name}"), "9.00")),
        sides: |name| {
            let value = if name == LAST { "10.00" } else { "9.00" };
            [Act::Change(format!("down {name}"), "-9.00"), Act::Invoice(name.to_owned(), value)]
        },
        lost: [
            &[ErrorReason::ValueBelowInvoiced, ErrorReason::OrderNotOpen],
            &[ErrorReason::InvoiceAboveRemaining],
        ],
    };
    race(database, pair).await;
}

/// An invoice of everything: once it is settled, the order is no longer open to a cancellation either.
async fn cancellation_or_invoice(database: DatabaseKind) {
    let pair = Pair {
        value: "10.00",
        paid_by: &[("card", "12.00")],
        ends: true,
        before: |_| None,
        sides: |name| [Act::Cancel, Act::Invoice(name.to_owned(), "10.00")],
        lost: [&[ErrorReason::OrderHasInvoices, ErrorReason::OrderNotOpen], &[ErrorReason::OrderNotOpen]],
    };
    race(database, pair).await;
}

/// All that is invoiced and not returned, taken back or given back: its settlement is waiting, under way or done.
async fn void_or_return(database: DatabaseKind) {
    let pair = Pair {
        value: "1000.00",
        paid_by: &[("card", "1000.00")],
        ends: false,
        before: |name| Some(Act::Invoice(name.to_owned(), "10.00")),
        sides: |name| [Act::Void(name.to_owned()), Act::Return(format!("back {name}"), "10.00")],
        lost: [&[ErrorReason::InvoiceNotVoidable], &[ErrorReason::ReturnAboveInvoiced]],
    };
    let seen = race(database, pair).await;
    println!("{seen:?}");
    assert!(seen.amid > 0 && seen.after > 0, "{seen:?}");
}

async fn one_of_two_changes_of_one_version(database: DatabaseKind) {
    let pair = Pair {
        value: "100.00",
        paid_by: &[("card", "1000.00")],
        ends: false,
        before: |_| None,
        sides: |name| {
            [Act::ChangeSeen(format!("up {name}"), "2.00"), Act::ChangeSeen(format!("down {name}"), "-1.00")]
        },
        lost: [&[ErrorReason::EtagMismatch], &[ErrorReason::EtagMismatch]],
    };
    race(database, pair).await;
}

async fn race(database: DatabaseKind, pair: Pair) -> Seen {
    let mut field = Field::new(database, pair.paid_by).await;
    let mut order_ids = Vec::new();
    let mut wins = [0; 2];
    for attempt in 0..TRIES {
        let name = if attempt + 1 < TRIES { attempt.to_string() } else { LAST.to_owned() };
        if attempt == 0 || pair.ends {
            order_ids = field.open(&format!("order-{name}"), pair.value).await;
        }
        if let Some(act) = (pair.before)(&name) {
            // By turns the sides meet the settlement of an invoice under way, and at its end.
            let (settles, is_late) = (matches!(act, Act::Invoice(..)), attempt % 2 == 0);
            if settles && is_late {
                field.delay(&order_ids).await;
            }
            field.each(&order_ids, &act).await;
            if settles && !is_late {
                field.rest(&order_ids).await;
            }
        }
        let answers = field.at_once(attempt, &order_ids, &(pair.sides)(&name)).await;
        for (order_id, answers) in order_ids.iter().zip(answers) {
            let (winner, sums) = only_winner(order_id, &answers, pair.lost);
            field.accept(order_id, sums);
            wins[winner] += 1;
        }
    }
    println!(
        "{} pairs, won by the first {} times and by the second {} times",
        ORDERS * TRIES,
        wins[0],
        wins[1]
    );
    assert!(wins.iter().all(|wins| *wins > 0), "it was no race: {wins:?}");
    check(&field).await
}

/// Which side won, and with what; the other one was told why it lost.
fn only_winner(order_id: &str, answers: &[Result<Sums, Status>], lost: [&[ErrorReason]; 2]) -> (usize, Sums) {
    let (winner, sums, refusal) = match answers {
        [Ok(sums), Err(refusal)] => (0, *sums, refusal),
        [Err(refusal), Ok(sums)] => (1, *sums, refusal),
        _ => panic!("{order_id}: both or neither: {answers:#?}"),
    };
    let reason = tranche_sdk::reason(refusal).unwrap_or_default();
    assert!(lost[1 - winner].contains(&reason), "{order_id}: {refusal:?}");
    (winner, sums)
}
