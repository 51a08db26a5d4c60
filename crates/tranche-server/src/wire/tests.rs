mod answers;
mod contents;
mod requests;

use tranche_core::id::AccountId;
use tranche_proto::v1 as pb;
use tranche_proto::v1::new_payment::Authorization as Source;

/// How a request is changed, and the fields that are then named.
type Row<R> = (fn(&mut R), &'static [&'static str]);

fn account() -> AccountId {
    AccountId::trusted("shop")
}

fn money(amount: &str) -> pb::Money {
    pb::Money { currency_code: "BRL".to_owned(), amount: amount.to_owned() }
}

fn line(id: &str, quantity: i64, price: &str) -> pb::OrderLine {
    pb::OrderLine {
        line_id: id.to_owned(),
        sku_id: "sku".to_owned(),
        quantity,
        unit_price: Some(money(price)),
        ..pb::OrderLine::default()
    }
}

fn order() -> pb::CreateOrderRequest {
    pb::CreateOrderRequest {
        order_id: "order 1".to_owned(),
        currency_code: "BRL".to_owned(),
        lines: vec![line("a", 2, "10.00"), line("b", 1, "5.5")],
        shipping: Some(money("4.50")),
        discounts: Some(money("1.00")),
        ..pb::CreateOrderRequest::default()
    }
}

fn payment(id: &str, amount: &str) -> pb::NewPayment {
    pb::NewPayment {
        payment_id: id.to_owned(),
        connector_id: "ppp".to_owned(),
        amount: Some(money(amount)),
        mode: 0,
        authorization: Some(Source::Adopted(pb::AdoptedAuthorization {
            provider_payment_id: format!("provider-{id}"),
            ..pb::AdoptedAuthorization::default()
        })),
    }
}

fn transaction() -> pb::CreateTransactionRequest {
    pb::CreateTransactionRequest {
        transaction_id: "transaction 1".to_owned(),
        order_id: "order 1".to_owned(),
        payments: vec![payment("gift", "9"), payment("card", "20")],
    }
}

fn share(id: &str, amount: &str) -> pb::PaymentAmount {
    pb::PaymentAmount { payment_id: id.to_owned(), amount: Some(money(amount)) }
}

fn invoice() -> pb::NotifyInvoiceRequest {
    pb::NotifyInvoiceRequest {
        order_id: "order 1".to_owned(),
        invoice_number: "INV/1".to_owned(),
        r#type: pb::invoice::Type::Output.into(),
        value: Some(money("12.5")),
        lines: vec![pb::InvoiceLine { line_id: "a".to_owned(), quantity: 1 }],
        payments: vec![share("gift", "9.00"), share("card", "3.50")],
        ..pb::NotifyInvoiceRequest::default()
    }
}

fn connector() -> pb::CreateConnectorRequest {
    pb::CreateConnectorRequest {
        connector_id: "ppp".to_owned(),
        kind: "ppp".to_owned(),
        settings: [("base_url".to_owned(), "http://127.0.0.1:1".to_owned())].into(),
        ..pb::CreateConnectorRequest::default()
    }
}
