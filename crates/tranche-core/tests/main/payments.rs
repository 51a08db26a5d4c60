//! Payments that are added, and payments of several modes in one order.

use tranche_core::command::{AddPayment, Command};
use tranche_core::connector::PartialSettlement;
use tranche_core::id::{ConnectorId, PaymentId, TransactionId};
use tranche_core::order::OrderState;
use tranche_core::payment::Mode;

use crate::books::Books;
use crate::commands::{
    add, adopted, capabilities, connector, content, currency, order, payment, transaction,
};
use crate::language::check;

#[test]
fn added() {
    let short = "order 10000; pay card 10000 TOTAL ONCE; invoice A 2000; done card#1 7500; see order missing=2500; invoice B 8000 => !InvoiceAboveRoom missing=2500;";
    check(
        "it covers what was missing",
        &format!(
            "{short} add gift 2500 => -; heard CoverageChanged; heard PaymentAdded; see order missing=0; see gift room=2500; invoice B 8000 => cancel card 2500, settle gift 2500; quiet; see order transaction=Finished"
        ),
    );
    check(
        "a part of it",
        &format!(
            "{short} add gift 1000; heard CoverageChanged; see order missing=1500; invoice B 6501 => !InvoiceAboveRoom room=6500 missing=1; add bank 1500; see order missing=0; invoice B 8000 => settle bank 1500, cancel card 2500, settle gift 1000"
        ),
    );
    check(
        "more than it",
        &format!(
            "{short} add gift 9000; see order missing=0; invoice B 8000 => cancel card 2500, settle gift 2500; done => cancel gift 6500"
        ),
    );
    check(
        "an order can grow",
        "order 10000; pay card 10000; change 1 +5000 => !ValueAboveRoom missing=5000; add gift 5000 => -; change 1 +5000 => -; invoice A 15000 => settle card 10000, settle gift 5000; quiet; see order transaction=Finished",
    );
    check(
        "it comes last in the order of creation",
        "order 10000 CREATED_FIRST; pay card 10000; add gift 500; invoice A 9999 => settle card 9999; add bank 700; invoice B 1 => cancel bank 700, settle card 1, cancel gift 500",
    );
    check(
        "what is held waits for it as well",
        "order 10000; pay card 10000 HOLD ONCE; invoice A 4000 => -; add gift 1000 => -; invoice B 6000 => settle card 9000, settle gift 1000",
    );
    check(
        "what lacks is not asked of it by itself",
        "order 10000; pay card 10000; invoice A 10000; refused card#1; add gift 10000 => -; see card lacking=10000; see gift room=10000 canceling=0; void A; invoice B 10000 => settle card 10000, cancel gift 10000",
    );
    check(
        "what was settled ahead goes back only as far as before",
        "order 10000; pay card 10000 TOTAL NONE; invoice A 1000; done; add gift 5000 => -; see card ahead=9000; invoice B 5000 gift:5000 => refund card#1 5000, settle gift 5000",
    );
    check(
        "to an order whose money is being released",
        "order 8000 IMMEDIATELY; pay card 10000 CANCELS_PARTS; change 1 -1000 => cancel card 3000; change 2 +1 => !ValueAboveRoom; add gift 1 CANCELS_PARTS => -; change 2 +1 => -; invoice A 7001 => settle card 7000, settle gift 1",
    );
}

#[test]
fn adding_is_refused() {
    check("before there is a transaction", "order 10000; add card 10000 => !TransactionNotFound");
    check("to no order", "add card 10000 => !TransactionNotFound");
    check(
        "of an id that is taken",
        "order 10000; pay card 10000; add card 10000 => !PaymentAlreadyExists card; add gift 1; add gift 1 => !PaymentAlreadyExists gift",
    );
    check(
        "to a transaction that has ended",
        "order 100; pay card 100; invoice A 100; done; see order transaction=Finished; add gift 1 => !TransactionNotOpen Finished",
    );
    check(
        "to an order that is invoiced, though its transaction is open",
        "order 8000; pay card 10000; invoice A 8000; done => cancel card 2000; see order state=Invoiced transaction=Open; add gift 100 => !OrderNotOpen Invoiced; refused card#2; add gift 100 => !OrderNotOpen Invoiced",
    );
    check(
        "to one that is canceled",
        "order 100; pay card 100; cancel; add gift 1 => !OrderNotOpen Canceled; done; add gift 1 => !TransactionNotOpen Canceled",
    );
    check(
        "of a mode that its connector cannot",
        "order 100; pay card 100; add gift 100 PARTIAL ONCE => !ModeNotSupported",
    );
    check(
        "of a mode that the account has off",
        "order 100; pay card 100; account WHOLE; add gift 100 HOLD => !PartialSettlementDisabled; add bank 100; see bank mode=Total; see card mode=Partial",
    );
    let twenty = (0..20).map(|id| format!("pay p{id} 10;")).collect::<Vec<_>>().concat();
    check(
        "beyond as many as are allowed",
        &format!(
            "order 200; {twenty} add p20 10 => !TooManyPayments maximum: 20; add p0 10 => !PaymentAlreadyExists"
        ),
    );
    check(
        "above the largest amount",
        "order 100; pay card 999999999999999; add gift 1 => !Invalid payment.amount.amount",
    );
}

/// Each payment has every later fault as well; mending one shows the next.
#[test]
fn in_order_of_precedence() {
    let mut books = Books::new();
    let several = capabilities(PartialSettlement::Multiple { max: None });
    for (id, able) in [("c", several), ("once", capabilities(PartialSettlement::Once))] {
        books.play(&Command::WriteConnector(connector(id, None, able))).unwrap();
    }
    books.play(&Command::CreateOrder(order(100, &[]))).unwrap();
    let card = payment("card", "c", 100, None);
    books.play(&Command::CreateTransaction(transaction("t", vec![card]))).unwrap();
    let refused = |books: &mut Books, command: &AddPayment| {
        let mut command = command.clone();
        command.content = content(&command.payment);
        match books.play(&Command::AddPayment(Box::new(command))) {
            Ok(_) => "ok".to_owned(),
            Err(rejection) => format!("{rejection:?}").split([' ', '(']).next().unwrap().to_owned(),
        }
    };
    let set = |books: &mut Books, state: OrderState| {
        let mut row = books.order();
        row.state = state;
        books.all.orders.write(Books::key(), row);
    };
    let mut wrong = add("1", payment("card", "nobody's", 100, Some(Mode::Partial)));
    wrong.transaction_id = TransactionId::trusted("other");
    wrong.payment.currency = currency("USD");
    set(&mut books, OrderState::Canceled);
    assert_eq!(refused(&mut books, &wrong), "ConnectorNotFound");
    wrong.payment.connector_id = ConnectorId::trusted("once");
    assert_eq!(refused(&mut books, &wrong), "Invalid", "the currency");
    wrong.payment.currency = currency("BRL");
    assert_eq!(refused(&mut books, &wrong), "TransactionNotFound");
    wrong.transaction_id = TransactionId::trusted("t");
    assert_eq!(refused(&mut books, &wrong), "OrderNotOpen");
    set(&mut books, OrderState::Invoiced);
    assert_eq!(refused(&mut books, &wrong), "OrderNotOpen");
    set(&mut books, OrderState::Open);
    assert_eq!(refused(&mut books, &wrong), "PaymentAlreadyExists");
    wrong.payment.payment_id = PaymentId::trusted("gift");
    assert_eq!(refused(&mut books, &wrong), "ModeNotSupported");
    wrong.payment.connector_id = ConnectorId::trusted("c");
    wrong.payment.authorization = adopted("provider's card");
    assert_eq!(refused(&mut books, &wrong), "PaymentAlreadyAdopted");
    wrong.payment.authorization = adopted("provider's gift");
    assert_eq!(refused(&mut books, &wrong), "ok");
    assert_eq!(refused(&mut books, &wrong), "ok", "its replay");
    wrong.payment.authorized = 1;
    assert_eq!(refused(&mut books, &wrong), "RequestIdReused");
    wrong.request_id = add("2", wrong.payment.clone()).request_id;
    assert_eq!(refused(&mut books, &wrong), "PaymentAlreadyExists");
    assert_eq!(books.payments().len(), 2);
}

#[test]
fn modes_mix() {
    let mixed = |name: &str, rest: &str| {
        check(
            name,
            &format!(
                "order 10000 CREATED_FIRST; pay gift 2000 TOTAL ONCE; pay card 5000 PARTIAL; pay bank 3000 HOLD ONCE; {rest}"
            ),
        );
    };
    mixed(
        "each in its own way",
        "invoice A 500 => settle gift 2000; done; invoice B 3000 => settle card 1500; done; see gift ahead=0; invoice C 4000 => settle card 3500; done; see bank held=500; invoice D 2500 => settle bank 3000; done; see order transaction=Finished",
    );
    mixed(
        "what is held is settled as soon as it is full",
        "invoice A 3000 bank:3000 => settle bank 3000; invoice B 1 card:1 => settle card 1; invoice C 1 gift:1 => settle gift 2000; quiet => -; see gift ahead=1999",
    );
    mixed(
        "what is left of each goes at the end",
        "invoice A 500 gift:500; quiet; invoice B 500 bank:500; change 1 -7500 => -; see gift ahead=1500; see bank held=500; invoice C 1500 => settle bank 500, cancel card 5000; quiet => cancel bank 2500; see order transaction=Finished",
    );
    check(
        "total asks for no more than the others leave",
        "order 10000 CREATED_FIRST; pay gift 4000 HOLD ONCE; pay card 10000 TOTAL ONCE; invoice A 6000 => settle card 6000, settle gift 4000; done; see card ahead=4000",
    );
    check(
        "whole authorizations",
        "order 10000; pay gift 4000 TOTAL NONE; pay card 9000 HOLD NONE; invoice A 1000 => settle gift 4000; done; invoice B 9000 => settle card 9000; done => refund card#1 3000; done; see order transaction=Finished",
    );
}

#[test]
fn payments_cover_the_order_and_stay_countable() {
    let most = tranche_core::bounds::AMOUNT_MAX - 10;
    check(
        "too little",
        "order 100; pay card 60; calls 1 => !PaymentsBelowOrderValue value=100 authorized=60 missing=40",
    );
    check(
        "the largest amount",
        &format!("order 10; pay card 10; add gift {most} => -; add more 1 => !Invalid payment.amount.amount"),
    );
    check(
        "with what a provider is asked for",
        &format!(
            "order 10; pay card 10; add gift {most} ASKED; add more 1 => !Invalid payment.amount.amount"
        ),
    );
}
