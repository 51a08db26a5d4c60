//! The sentences that say, for people, where every unit of an order's value is and why.

mod beside;
mod ended;
mod failed;
mod released;
mod returned;

use tranche_core::explanation::explain;
use tranche_core::operation::{Operation, OperationState};

use crate::language::played;

/// Plays a script, and compares all that is said afterwards; operations are named as in the tables.
fn said(name: &str, script: &str, expected: &[&str]) {
    let books = played(name, script);
    let operations = books.operations();
    let is_told =
        |row: &&Operation| !row.state.is_ended() || matches!(row.state, OperationState::Refused { .. });
    let told: Vec<Operation> = operations.iter().filter(is_told).cloned().collect();
    let (summary, parts) = explain(&books.order(), &books.payments(), &told);
    let mut sentences = vec![summary];
    sentences.extend(parts.into_iter().map(|part| part.sentence));
    for sentence in &mut sentences {
        for row in &operations {
            let by_name = format!("{}#{}", row.payment_id, row.ordinal);
            *sentence = sentence.replace(row.operation_id.as_str(), &by_name);
        }
    }
    assert_eq!(sentences, expected, "{name}");
}

/// All is invoiced, the order is closed, and its transaction is not.
fn closed() -> String {
    FINISHED.replace("finished", "open")
}

const OPEN: &str = "Order o of 100.00 BRL is open: 0.00 BRL invoiced, 0.00 BRL returned, 100.00 BRL left to invoice; its transaction t is open.";
const PARTLY: &str = "Order o of 100.00 BRL is partially invoiced: 20.00 BRL invoiced, 0.00 BRL returned, 80.00 BRL left to invoice; its transaction t is open.";
const ALL: &str = "Order o of 100.00 BRL is invoiced in full and not settled in full yet: 100.00 BRL invoiced, 0.00 BRL returned, 0.00 BRL left to invoice; its transaction t is open.";
const FINISHED: &str = "Order o of 100.00 BRL is invoiced: 100.00 BRL invoiced, 0.00 BRL returned, 0.00 BRL left to invoice; its transaction t is finished.";
const CANCELED: &str = "Order o of 100.00 BRL is canceled: 0.00 BRL invoiced, 0.00 BRL returned, 0.00 BRL left to invoice; its transaction t is";
const NOT_INVOICED: &str = "80.00 BRL is not invoiced; the payment card has room for it.";
const NEVER: &str = "100.00 BRL will not be invoiced: the order was canceled before anything was.";
const VOIDED: &str =
    "100.00 BRL will not be invoiced: the order was canceled after its invoices had been voided.";

#[test]
fn what_is_not_invoiced() {
    said(
        "no payments yet",
        "order 10000",
        &[
            "Order o of 100.00 BRL is open: 0.00 BRL invoiced, 0.00 BRL returned, 100.00 BRL left to invoice; it has no transaction.",
            "100.00 BRL is not invoiced, and the order has no payments yet.",
        ],
    );
    said(
        "by the next invoice",
        "order 10000; pay card 7000; pay gift 3000; change 1 -1 +1",
        &[
            OPEN,
            "70.00 BRL is not invoiced; the payment card has room for it.",
            "30.00 BRL is not invoiced; the payment gift has room for it.",
        ],
    );
    said(
        "more room than is needed",
        "order 10000; pay card 7000; pay gift 4000; change 1 -1 +1",
        &[
            OPEN,
            "60.00 BRL is not invoiced; the payment card has room for it.",
            "40.00 BRL is not invoiced; the payment gift has room for it.",
            "Beside the order's value, 10.00 BRL is authorized on card and not needed: it is released when nothing remains to invoice.",
        ],
    );
    said(
        "under MANUAL",
        "order 10000 MANUAL; pay card 11000; change 1 -1 +1",
        &[
            OPEN,
            "100.00 BRL is not invoiced; the payment card has room for it.",
            "Beside the order's value, 10.00 BRL is authorized on card and not needed: an operator can release it once nothing more of the payment is needed, as its provider cancels no parts.",
        ],
    );
    said(
        "under MANUAL, where the provider cancels parts",
        "order 10000 MANUAL; pay card 11000 CANCELS_PARTS; change 1 -1 +1",
        &[
            OPEN,
            "100.00 BRL is not invoiced; the payment card has room for it.",
            "Beside the order's value, 10.00 BRL is authorized on card and not needed: it is released when an operator says so.",
        ],
    );
    said(
        "being settled ahead",
        "order 10000; pay card 10000 TOTAL ONCE; invoice A 2000",
        &[
            PARTLY,
            "80.00 BRL is not invoiced, and is being settled ahead on card; the next invoices use it first (card#1: sent).",
            "20.00 BRL is invoiced and being settled on card (card#1: sent).",
        ],
    );
    said(
        "settled ahead",
        "order 10000; pay card 10000 TOTAL ONCE; invoice A 2000; done",
        &[
            PARTLY,
            "80.00 BRL is not invoiced, and is settled ahead on card; the next invoices use it first.",
            "20.00 BRL is invoiced and settled on card.",
        ],
    );
    said(
        "voided",
        "order 10000; pay card 10000; invoice A 2000; done; void A",
        &[
            OPEN,
            NOT_INVOICED,
            "20.00 BRL is not invoiced, and is settled ahead on card; the next invoices use it first.",
        ],
    );
}

#[test]
fn what_is_invoiced() {
    // What nobody does by itself is not said to be under way.
    let being = "being settled on card";
    for (answer, doing, state) in [
        ("", being, "sent"),
        ("pending card#1", being, "the provider said to ask again"),
        ("unknown card#1", being, "nobody can tell yet whether it was done"),
        ("manual card#1", "to be settled on card by a person", "a person must make it"),
        ("no-answer card#1", being, "not sent yet"),
        (
            "no-answer card#1; wait 86400; lease card#1",
            "to be settled on card once an operator says how",
            "attempts or time ran out",
        ),
    ] {
        said(
            state,
            &format!("order 10000; pay card 10000; invoice A 2000; {answer}"),
            &[PARTLY, NOT_INVOICED, &format!("20.00 BRL is invoiced and {doing} (card#1: {state}).")],
        );
    }
    said(
        "some of it by hand",
        "order 10000; pay card 10000; invoice A 500; manual card#1; invoice B 1500",
        &[
            PARTLY,
            NOT_INVOICED,
            "20.00 BRL is invoiced and being settled on card, in part by people (card#1: a person must make it; card#2: sent).",
        ],
    );
    said(
        "settled",
        "order 10000; pay card 10000; invoice A 2000; done",
        &[PARTLY, NOT_INVOICED, "20.00 BRL is invoiced and settled on card."],
    );
    said(
        "held",
        "order 10000; pay card 10000 HOLD ONCE; invoice A 2000",
        &[
            PARTLY,
            NOT_INVOICED,
            "20.00 BRL is invoiced and held on card: its one settlement is sent when nothing more is to come (mode HOLD).",
        ],
    );
    said(
        "kept for the last settlement",
        "order 10000; pay card 10000 max=2; invoice A 500; done; invoice B 1500",
        &[
            PARTLY,
            NOT_INVOICED,
            "15.00 BRL is invoiced and held on card: the last settlement that the provider allows is kept for the end.",
            "5.00 BRL is invoiced and settled on card.",
        ],
    );
    said(
        "too small",
        "order 10000; pay card 10000 minimum=2001; invoice A 2000",
        &[
            PARTLY,
            NOT_INVOICED,
            "20.00 BRL is invoiced and held on card: the provider takes no settlement that small, so that it waits for the next invoice.",
        ],
    );
    said(
        "not with a surplus",
        "order 10000; pay card 10000; invoice A 500; done card#1 +1; invoice B 1500",
        &[
            PARTLY,
            NOT_INVOICED,
            "15.00 BRL is invoiced and held on card: an operator must look at its surplus first.",
            "5.00 BRL is invoiced and settled on card.",
            "Beside the order's value, 0.01 BRL was moved unasked, as the provider of card says; the payment starts nothing new until an operator says whether that is so.",
        ],
    );
    said(
        "many at once",
        "order 10000; pay card 10000; invoice A 100; invoice B 200; invoice C 300; invoice D 400; invoice E 1000",
        &[
            PARTLY,
            NOT_INVOICED,
            "20.00 BRL is invoiced and being settled on card (card#1: sent; card#2: not sent yet; card#3: not sent yet; and 2 more).",
        ],
    );
    said(
        "of each payment",
        "order 10000; pay card 7000; pay gift 3000; invoice A 10000; done gift#1",
        &[
            ALL,
            "70.00 BRL is invoiced and being settled on card (card#1: sent).",
            "30.00 BRL is invoiced and settled on gift.",
        ],
    );
}
