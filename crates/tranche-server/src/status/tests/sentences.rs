//! What a caller reads of a refusal: a sentence that can be read aloud, and that says what mends it.

use tranche_core::rejection::ReturnedExcess;

use super::*;

fn said(rejection: Rejection) -> String {
    Status::from(Refusal::Rejected(rejection, about())).message().to_owned()
}

/// The sentences of the details.
fn detailed(rejection: Rejection) -> Vec<String> {
    let status = Status::from(Refusal::Rejected(rejection, about()));
    let violations = status.get_details_precondition_failure().unwrap().violations;
    violations.into_iter().map(|row| format!("{}: {}", row.subject, row.description)).collect()
}

#[test]
fn an_order_that_has_ended_says_what_is_possible_instead() {
    let above = |is_final| {
        let (value, invoiced, remaining) = (money(10_000), money(10_000), money(0));
        said(Rejection::InvoiceAboveRemaining { value, invoiced, remaining, is_final })
    };
    let told = "The invoice is above what remains to invoice of the order 'o', 0.00 BRL: of its value, 100.00 BRL, 100.00 \
                BRL is invoiced; ";
    assert_eq!(above(false), format!("{told}lower the invoice, or raise the order's value first."));
    assert_eq!(
        above(true),
        format!("{told}the order has ended, and what is sold on top needs another order.")
    );
    let not_open = |state| said(Rejection::OrderNotOpen { order_id: OrderId::trusted("o"), state });
    assert_eq!(
        not_open(OrderState::Invoiced),
        "The order 'o' is INVOICED, which is final, and the request needs an open one; what goes back takes an input \
         invoice, and what is sold on top another order."
    );
    assert_eq!(
        not_open(OrderState::Canceled),
        "The order 'o' is CANCELED, which is final, and the request needs an open one; use another order."
    );
}

#[test]
fn a_void_that_returns_forbid_says_what_they_took() {
    let rejection = Rejection::InvoiceNotVoidable {
        invoice_number: InvoiceNumber::trusted("1"),
        invoice_type: InvoiceType::Output,
        state: InvoiceState::Accepted,
        returned: vec![
            ReturnedExcess::Order(money(500)),
            ReturnedExcess::Payment(payment(), money(300)),
            ReturnedExcess::Line(LineId::trusted("l"), 1),
        ],
    };
    assert_eq!(
        said(rejection.clone()),
        "The invoice '1' of the order 'o' cannot be voided: it is returned from, 5.00 BRL more than the order's other \
         invoices have; what is left of it goes back with an input invoice."
    );
    assert_eq!(
        detailed(rejection),
        [
            "order/o: The invoice is returned from, 5.00 BRL more than the order's other invoices have.",
            "payment/p: The invoice is returned from, 3.00 BRL more than the order's other invoices have of the payment \
             'p'.",
            "line/l: The invoice is returned from, 1 more than the order's other invoices have of the line 'l'.",
        ]
    );
}

#[test]
fn a_release_is_told_what_to_wait_for() {
    assert_eq!(
        said(Rejection::ReleaseAboveFree { amount: None, free: money(0) }),
        "Nothing can be released now: all is settled or released, or the order may still need it; repeat when the order \
         needs less."
    );
    let connector_id = ConnectorId::trusted("c");
    assert_eq!(
        said(Rejection::PartialCancellationNotSupported { connector_id, payment_id: payment() }),
        "The connector 'c' cannot cancel a part of the authorization of the payment 'p'; repeat when the order is \
         complete, so that all that is left of it is released at once."
    );
}

#[test]
fn several_things_are_told_of_together() {
    assert_eq!(
        said(exists(Resource::Order)),
        "The order 'x' exists with other content: it differs in lines, value; use another id for another order."
    );
    assert_eq!(
        said(Rejection::LineQuantityExceeded(vec![excess("a"), excess("b")])),
        "More is named than the order 'o' has left: the line 'a' has 1 left, and the request names 3; lower the \
         quantities that the details list."
    );
    assert_eq!(
        said(Rejection::PaymentAlreadyAdopted(vec![taken("pp"), taken("pq")])),
        "The authorization 'pp' of the connector 'c' belongs to another payment; name another authorization. The \
         same is true of 'pq'."
    );
    assert_eq!(
        said(Rejection::ConnectorNotFound(vec![ConnectorId::trusted("c"), ConnectorId::trusted("d")])),
        "The account has no connectors 'c', 'd'; create them first, or correct the ids or the account."
    );
    assert_eq!(
        said(Rejection::LineAlreadyExists(vec![LineId::trusted("a"), LineId::trusted("b")])),
        "The order 'o' has the lines 'a', 'b' already; add what is new under an id of its own."
    );
    let rejection = Rejection::PaymentAboveRoom(above("p"));
    let sentence = "The invoice asks 5.00 BRL of the payment 'p' of the order 'o', which can still be asked for 1.00 \
                    BRL; name other amounts, or none.";
    assert_eq!(said(rejection.clone()), format!("{sentence} The details list 1 more."));
    assert_eq!(detailed(rejection), [format!("payment/p: {sentence}"), format!("payment/p: {sentence}")]);
}
