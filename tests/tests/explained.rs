//! Where every unit is: what paid each invoice, and the explanation of an order, over gRPC.

use rust_decimal::Decimal;
use tranche_sdk::v1::{Invoice, ListInvoicesRequest, explanation};
use tranche_tests::audit::decimal;
use tranche_tests::patience::eventually;
use tranche_tests::shop::{Shop, Terms, money};
use tranche_tests::world::{DatabaseKind, World};

use crate::PROGRAM;

on_both_databases! {
    an_invoice_names_what_paid_it,
    an_explanation_sums_to_the_value,
}

async fn shop(world: &World, order_id: &str, terms: &str, paid_by: &[(&str, &str)]) -> Shop {
    let shop = world.shop();
    let terms = Terms::parse(terms).unwrap();
    // The second order on the same terms finds its connector there.
    let _ = shop.connect(terms, 20_000).await;
    shop.order(order_id, "100.00", "BRL").await.unwrap();
    let paid_by: Vec<_> = paid_by.iter().map(|(id, amount)| (*id, *amount, terms)).collect();
    shop.pay(order_id, "BRL", &paid_by).await.unwrap();
    shop
}

fn brl(amount: &str) -> tranche_sdk::v1::Money {
    money(amount, "BRL")
}

/// What paid an invoice: payment, ordinal of the operation, and how much it did for this invoice.
async fn paid_by(shop: &Shop, order_id: &str, invoice: &Invoice) -> String {
    let operations = shop.operations(order_id).await.unwrap();
    let part = |part: &tranche_sdk::v1::InvoiceSettlement| {
        let row = operations.iter().find(|row| row.operation_id == part.operation_id).unwrap();
        assert_eq!(part.provider_id, row.provider_id);
        assert_eq!((part.kind, part.state), (row.kind, row.state));
        format!("{}#{} {}", part.payment_id, row.ordinal, part.amount_done.clone().unwrap().amount)
    };
    invoice.settlements.iter().map(part).collect::<Vec<_>>().join(", ")
}

async fn an_invoice_names_what_paid_it(database: DatabaseKind) {
    let world = World::new(PROGRAM, database).await;
    // Each step is an invoice (a return with `-`, a void with `!`); then what paid each of them.
    for (order_id, terms, steps, expected) in [
        (
            "partial",
            "PARTIAL",
            &["A 20.00", "B 80.00", "-R 90.00", "-S 10.00"][..],
            &[
                ("A", "card#1 20.00"),
                ("B", "card#2 80.00"),
                ("R", "card#3 20.00, card#4 70.00"),
                ("S", "card#5 10.00"),
            ][..],
        ),
        ("total", "TOTAL", &["A 20.00", "B 80.00"], &[("A", "card#1 20.00"), ("B", "card#1 80.00")]),
        (
            "hold",
            "HOLD",
            &["A 20.00", "-R 5.00", "B 80.00"],
            &[("A", "card#1 20.00"), ("R", "card#2 5.00"), ("B", "card#1 80.00")],
        ),
        (
            "voided",
            "PARTIAL",
            &["A 20.00", "!A", "B 30.00", "C 70.00"],
            &[("A", "card#1 0.00"), ("B", "card#1 20.00, card#2 10.00"), ("C", "card#3 70.00")],
        ),
    ] {
        let shop = shop(&world, order_id, terms, &[("card", "100.00")]).await;
        for step in steps {
            match (step.split_once(' '), step.strip_prefix('!')) {
                (_, Some(number)) => drop(shop.void(order_id, number).await.unwrap()),
                (Some((number, value)), _) => {
                    let receipt = match number.strip_prefix('-') {
                        Some(number) => shop.give_back(order_id, number, brl(value)).await,
                        None => shop.invoice(order_id, number, brl(value)).await,
                    };
                    drop(receipt.unwrap());
                }
                _ => panic!("no step: {step}"),
            }
            shop.at_rest(order_id).await;
        }
        for (number, expected) in expected {
            let invoice = shop.see_invoice(order_id, number).await.unwrap();
            assert_eq!(paid_by(&shop, order_id, &invoice).await, *expected, "{order_id}: {number}");
        }
        let request = ListInvoicesRequest { order_id: order_id.to_owned(), ..ListInvoicesRequest::default() };
        let listed = shop.client.invoices().list_invoices(request).await.unwrap().into_inner().invoices;
        assert_eq!(listed.len(), expected.len());
        for invoice in listed {
            let alone = shop.see_invoice(order_id, &invoice.invoice_number).await.unwrap();
            assert_eq!(invoice, alone, "{order_id}: listed and alone");
        }
    }
}

async fn an_explanation_sums_to_the_value(database: DatabaseKind) {
    let world = World::new(PROGRAM, database).await;
    let paid_by = [("gift", "30.00"), ("card", "80.00")];
    let shop = shop(&world, "order-1", "PARTIAL", &paid_by).await;
    let explain = async |sentences: &[&str]| {
        eventually("the explanation", async || {
            let explained = shop.explain("order-1").await.unwrap();
            let own = explained.entries.iter().filter(|entry| !entry.beside_value);
            let sum: Decimal = own.map(|entry| decimal(entry.amount.as_ref())).sum();
            let order = shop.see_order("order-1").await.unwrap();
            assert_eq!(sum, decimal(order.value.as_ref()), "{explained:#?}");
            let told: Vec<&str> = explained.entries.iter().map(|entry| entry.sentence.as_str()).collect();
            assert_eq!(explained.text.lines().skip(1).collect::<Vec<_>>(), told);
            if told == sentences { Ok(explained) } else { Err(explained.text) }
        })
        .await
    };
    explain(&[
        "30.00 BRL is not invoiced; the payment gift has room for it.",
        "70.00 BRL is not invoiced; the payment card has room for it.",
        "Beside the order's value, 10.00 BRL is authorized on card and not needed: it is released when nothing remains \
         to invoice.",
    ])
    .await;
    world.provider().fault("order-1-card", "refuse").await;
    shop.invoice("order-1", "A", brl("50.00")).await.unwrap();
    let operations = shop.at_rest("order-1").await;
    let refused = operations.iter().find(|row| row.payment_id == "card").unwrap().operation_id.clone();
    shop.give_back("order-1", "R", brl("10.00")).await.unwrap();
    shop.at_rest("order-1").await;
    let lacking = format!(
        "20.00 BRL is invoiced and was not obtained from card: the provider refused; an operator decides what follows \
         ({refused}: denied)."
    );
    let explained = explain(&[
        "50.00 BRL is not invoiced; the payment card has room for it.",
        "20.00 BRL is invoiced and settled on gift.",
        &lacking,
        "10.00 BRL was returned and is refunded on gift.",
        "Beside the order's value, 10.00 BRL is authorized on card and not needed: it is released when nothing remains \
         to invoice and nothing of the order lacks.",
    ])
    .await;
    let kinds: Vec<_> = explained.entries.iter().map(explanation_kind).collect();
    assert_eq!(
        kinds,
        [
            explanation::Kind::Remaining,
            explanation::Kind::Settled,
            explanation::Kind::Lacking,
            explanation::Kind::Refunded,
            explanation::Kind::Spare,
        ],
        "{explained:#?}"
    );
    assert_eq!(
        explained.text.lines().next(),
        Some(
            "Order order-1 of 100.00 BRL is partially invoiced: 50.00 BRL invoiced, 10.00 BRL returned, 50.00 BRL \
             left to invoice; its transaction order-1-payments is open."
        )
    );
}

fn explanation_kind(entry: &tranche_sdk::v1::Explanation) -> explanation::Kind {
    entry.kind()
}
