//! Scenario 16: what no currency has, and amounts in another currency than the order's.

use tranche_core::command::{Command, ReleaseRemainder};
use tranche_core::connector::PartialSettlement;
use tranche_core::money::{Currency, Money, MoneyError};
use tranche_core::rejection::Rejection;

use crate::books::Books;
use crate::commands::{
    add, capabilities, change, connector, content, currency, input, invoice, order, payment, release,
    transaction,
};

/// Every amount of a command in another currency than the order's is refused, by the field that it stands in.
#[test]
fn scenario_16_currencies() {
    let (brl, jpy) = (currency("BRL"), currency("JPY"));
    assert!(matches!(Money::parse("1.001", brl), Err(MoneyError::TooManyDecimals { decimals: 3, .. })));
    assert!(matches!(Money::parse("1.5", jpy), Err(MoneyError::TooManyDecimals { decimals: 1, .. })));
    assert!(matches!(Currency::parse("ABC"), Err(MoneyError::UnknownCurrency(_))));

    let usd = currency("USD");
    let foreign = |id: &str| {
        let mut payment = payment(id, "c", 100, None);
        payment.currency = usd;
        payment
    };
    let mut books = Books::new();
    let able = capabilities(PartialSettlement::Multiple { max: None });
    books.play(&Command::WriteConnector(connector("c", None, able))).unwrap();
    books.play(&Command::CreateOrder(order(100, &[]))).unwrap();
    let refused = |books: &mut Books, command: Command, field: &str| {
        let Err(Rejection::Invalid(violations)) = books.play(&command) else {
            panic!("{field} may be in another currency");
        };
        assert_eq!(violations.iter().map(|row| row.field.as_str()).collect::<Vec<_>>(), [field]);
    };
    let brought = Command::CreateTransaction(transaction("t", vec![foreign("card")]));
    refused(&mut books, brought, "payments[0].amount.currency_code");
    let card = payment("card", "c", 100, None);
    books.play(&Command::CreateTransaction(transaction("t", vec![card]))).unwrap();
    let added = Command::AddPayment(Box::new(add("add", foreign("gift"))));
    refused(&mut books, added, "payment.amount.currency_code");
    for mut notified in [invoice("A", 1, &[], &[]), input("A", 1, &[], &[])] {
        notified.currency = usd;
        refused(&mut books, Command::NotifyInvoice(Box::new(notified)), "value.currency_code");
    }
    let mut changed = change("change");
    changed.currencies = vec![("manual_discount".to_owned(), usd)];
    refused(&mut books, Command::ChangeOrder(Box::new(changed)), "manual_discount.currency_code");
    let amount = Some(Money { currency: usd, minor: 1 });
    let released = ReleaseRemainder { amount, content: content(&"usd"), ..release("release", None, Some(1)) };
    refused(&mut books, Command::ReleaseRemainder(released), "amount.currency_code");
}
