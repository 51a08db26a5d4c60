//! The scenarios of the rules, end to end: what each step does to the provider, and what both ledgers say after it.
//!
//! A scenario is a table in a small language; [`table`] reads it and [`play`] plays it. Its first row names the columns,
//! each of which is played on an order of its own. A later row is a step, and what is expected of it in each column, or
//! after `=>` in all of them:
//!
//! * `order VALUE [CURRENCY | POLICY]…`, `pay PAYMENT VALUE TERMS [+ …]` (`MODE` for the column's name),
//!   `invoice NUMBER VALUE [CURRENCY | PAYMENT:VALUE…]`, `at once NUMBER VALUE + NUMBER VALUE`, `return …` as `invoice`,
//!   `change REQUEST BY`, `void NUMBER`, `cancel`, `add PAYMENT VALUE TERMS`, `release [PAYMENT] [VALUE]`: expected are the operations that it
//!   starts, `-` for none, such as `settle card 20.00, refund card#1 80.00` (of what the payment's first operation
//!   settled) or `settle card 20.00 UNKNOWN after 2` attempts; or `refused REASON key=value at path`, which also expects that nothing was written.
//! * `see order`, `see transaction`, `see payment P`, `see books P`, `see told` of what events said last: expected are
//!   fields, as `key=value`.
//! * `fault P NAME`: the next booking of the payment goes wrong at the provider; with a `*` every one, until `behave`.
//! * `resolve P#N not-done`: an operator says so of the payment's Nth operation, and gives it up.
//!
//! Every column ends with an audit of both sides' books.

mod changes;
mod play;
mod returns;
mod table;

use play::check;
use tranche_tests::world::DatabaseKind;

on_both_databases! {
    one_payment,
    one_payment_on_a_provider_that_settles_only_all,
    two_payments,
    two_payments_on_providers_that_settle_only_all,
    payments_of_two_modes,
    invoices_of_nothing_or_too_much,
    two_invoices_at_once,
    answer_lost_after_booking,
    money_that_the_order_cannot_take,
    timeout_and_then_a_refusal,
    less_than_asked_of_all,
    less_than_asked_at_the_end,
    less_than_asked_of_a_part,
}

/// Scenarios 1 and 2.
async fn one_payment(database: DatabaseKind) {
    check(
        database,
        "
        step                  | TOTAL                     | HOLD                      | PARTIAL
        order 100.00
        pay card 100.00 MODE
        invoice A 20.00       | settle card 100.00        | -                         | settle card 20.00
        see payment card      | asked=20.00 settled=100.00 ahead=80.00 room=80.00 held=0.00 | asked=20.00 settled=0.00 held=20.00 room=80.00 | asked=20.00 settled=20.00 ahead=0.00 room=80.00
        see order             => state=PARTIALLY_INVOICED value=100.00 invoiced=20.00 remaining=80.00
        see transaction       => state=OPEN
        invoice B 80.00       | -                         | settle card 100.00        | settle card 80.00
        see payment card      => state=FINISHED requested=100.00 asked=100.00 settling=0.00 settled=100.00 ahead=0.00 held=0.00 lacking=0.00 room=0.00 canceled=0.00 refunded=0.00
        see order             => state=INVOICED invoiced=100.00 remaining=0.00
        see transaction       => state=FINISHED
        see books card        | settlements=1 settled=100.00 | settlements=1 settled=100.00 | settlements=2 settled=100.00
        ",
    )
    .await;
}

/// Scenarios 1 and 2, NONE.
async fn one_payment_on_a_provider_that_settles_only_all(database: DatabaseKind) {
    check(
        database,
        "
        step                  | TOTAL/NONE         | HOLD/NONE
        order 100.00
        pay card 100.00 MODE
        invoice A 20.00       | settle card 100.00 | -
        invoice B 80.00       | -                  | settle card 100.00
        see order             => state=INVOICED
        see transaction       => state=FINISHED
        see books card        => settlements=1 settled=100.00 canceled=0.00
        ",
    )
    .await;
}

/// Scenarios 6 and 7, and on to the order's end.
async fn two_payments(database: DatabaseKind) {
    check(
        database,
        "
        step                                    | TOTAL             | HOLD              | PARTIAL
        order 100.00
        pay gift 30.00 MODE + card 70.00 MODE
        invoice A 20.00                         | settle gift 30.00 | -                 | settle gift 20.00
        invoice B 50.00                         | settle card 70.00 | settle gift 30.00 | settle gift 10.00, settle card 40.00
        see payment gift                        | asked=30.00 settled=30.00 ahead=0.00 | asked=30.00 settled=30.00 held=0.00 | asked=30.00 settled=30.00
        see payment card                        | asked=40.00 settled=70.00 ahead=30.00 | asked=40.00 settled=0.00 held=40.00 | asked=40.00 settled=40.00
        see order                               => state=PARTIALLY_INVOICED remaining=30.00
        invoice C 30.00                         | -                 | settle card 70.00 | settle card 30.00
        see order                               => state=INVOICED remaining=0.00
        see transaction                         => state=FINISHED
        ",
    )
    .await;
}

/// Scenarios 6 and 7, NONE.
async fn two_payments_on_providers_that_settle_only_all(database: DatabaseKind) {
    check(
        database,
        "
        step                                    | TOTAL/NONE        | HOLD/NONE
        order 100.00
        pay gift 30.00 MODE + card 70.00 MODE
        invoice A 20.00                         | settle gift 30.00 | -
        invoice B 50.00                         | settle card 70.00 | settle gift 30.00
        invoice C 30.00                         | -                 | settle card 70.00
        see transaction                         => state=FINISHED
        see books gift                          => settlements=1 settled=30.00
        see books card                          => settlements=1 settled=70.00
        ",
    )
    .await;
}

/// Scenario 8.
async fn payments_of_two_modes(database: DatabaseKind) {
    check(
        database,
        "
        step                                     | both
        order 100.00
        pay gift 30.00 TOTAL + card 70.00 PARTIAL
        invoice A 20.00                          => settle gift 30.00
        see payment gift                         => asked=20.00 settled=30.00 ahead=10.00
        invoice B 80.00                          => settle card 70.00
        see payment gift                         => asked=30.00 settled=30.00 ahead=0.00
        see payment card                         => asked=70.00 settled=70.00
        see books gift                           => settlements=1 settled=30.00
        see transaction                          => state=FINISHED
        ",
    )
    .await;
}

/// Scenario 12.
async fn invoices_of_nothing_or_too_much(database: DatabaseKind) {
    check(
        database,
        "
        step                  | TOTAL              | HOLD | PARTIAL
        order 100.00
        pay card 100.00 MODE
        invoice A 0.00        => refused INVALID_ARGUMENT at value.amount
        invoice A -1.00       => refused INVALID_ARGUMENT at value.amount
        invoice A 100.01      => refused INVOICE_ABOVE_REMAINING value=100.00 invoiced=0.00 remaining=100.00
        invoice A 20.00       | settle card 100.00 | -    | settle card 20.00
        invoice B 80.01       => refused INVOICE_ABOVE_REMAINING value=100.00 invoiced=20.00 remaining=80.00
        see order             => invoiced=20.00 remaining=80.00
        ",
    )
    .await;
}

/// Scenario 13: two replicas on Postgres, two clients on SQLite.
async fn two_invoices_at_once(database: DatabaseKind) {
    check(
        database,
        "
        step                       | TOTAL              | HOLD | PARTIAL
        order 100.00
        pay card 100.00 MODE
        at once A 10.00 + B 10.00  | settle card 100.00 | -    | settle card 10.00, settle card 10.00
        see order                  => invoiced=20.00 remaining=80.00
        see books card             | calls=1            | calls=0 | calls=2
        ",
    )
    .await;
}

/// Scenario 15.
async fn answer_lost_after_booking(database: DatabaseKind) {
    check(
        database,
        "
        step                  | TOTAL                                 | HOLD                     | PARTIAL
        order 100.00
        pay card 100.00 MODE
        fault card lose-answer
        invoice A 20.00       | settle card 100.00                    | -                        | settle card 20.00
        invoice B 80.00       | -                                     | settle card 100.00       | settle card 80.00
        see books card        | calls=2 settlements=1 settled=100.00  | calls=2 settlements=1 settled=100.00 | calls=3 settlements=2 settled=100.00
        see transaction       => state=FINISHED
        ",
    )
    .await;
}

/// Scenario 16.
async fn money_that_the_order_cannot_take(database: DatabaseKind) {
    check(
        database,
        "
        step                  | TOTAL | HOLD | PARTIAL
        order 100.001         => refused INVALID_ARGUMENT at lines[0].unit_price.amount
        order 100.5 JPY       => refused INVALID_ARGUMENT at lines[0].unit_price.amount
        order 100.00 ABC      => refused INVALID_ARGUMENT at currency_code lines[0].unit_price.currency_code
        order 100.00
        pay card 100.00:USD MODE => refused INVALID_ARGUMENT at payments[0].amount.currency_code
        pay card 100.00 MODE
        invoice A 20.001      => refused INVALID_ARGUMENT at value.amount
        invoice A 20.00 USD   => refused INVALID_ARGUMENT at value.currency_code
        invoice A 20.00 ABC   => refused INVALID_ARGUMENT at value.currency_code
        invoice A 20.5 JPY    => refused INVALID_ARGUMENT at value.amount
        see order             => invoiced=0.00
        ",
    )
    .await;
}

/// Scenario 19: nobody can tell, so that nothing is repeated elsewhere and nothing is given up.
async fn timeout_and_then_a_refusal(database: DatabaseKind) {
    check(
        database,
        "
        step                                    | TOTAL | HOLD | PARTIAL
        order 100.00
        pay gift 30.00 MODE + card 70.00 MODE
        fault gift timeout-then-refuse
        invoice A 30.00                         => settle gift 30.00 UNKNOWN after 2
        see payment gift                        => asked=30.00 settling=30.00 settled=0.00 lacking=0.00
        see payment card                        => asked=0.00 settling=0.00 settled=0.00 room=70.00
        see order                               => state=PARTIALLY_INVOICED invoiced=30.00
        see transaction                         => state=OPEN
        see books card                          => calls=0
        ",
    )
    .await;
}

/// Scenario 14, TOTAL: the invoice is paid, and what is missing of the room is told, and refused.
async fn less_than_asked_of_all(database: DatabaseKind) {
    check(
        database,
        r#"
        step                    | TOTAL
        order 100.00
        pay card 100.00 MODE
        fault card {"settle_less":{"less_by":"25.00"}}
        invoice A 20.00         => settle card 100.00 DONE 75.00
        see payment card        => asked=20.00 settled=75.00 ahead=55.00 room=55.00 lacking=0.00
        see told                => missing=25.00
        invoice B 80.00         => refused INVOICE_ABOVE_ROOM room=55.00 missing=25.00
        invoice B 55.01         => refused INVOICE_ABOVE_ROOM room=55.00 missing=0.01
        invoice B 55.00         => -
        see order               => state=PARTIALLY_INVOICED remaining=25.00
        see books card          => settlements=1 settled=75.00
        add gift 25.00 PARTIAL  => -
        see told                => missing=0.00
        invoice C 25.00         => settle gift 25.00, cancel card 25.00
        see transaction         => state=FINISHED
        "#,
    )
    .await;
}

/// Scenario 14, HOLD: what the one settlement did not bring is an operator's case.
async fn less_than_asked_at_the_end(database: DatabaseKind) {
    check(
        database,
        r#"
        step                    | HOLD
        order 100.00
        pay card 100.00 MODE
        fault card {"settle_less":{"less_by":"25.00"}}
        invoice A 20.00         => -
        invoice B 80.00         => settle card 100.00 DONE 75.00, settle card 25.00 REFUSED
        see payment card        => asked=100.00 settled=75.00 lacking=25.00 room=0.00
        see order               => state=PARTIALLY_INVOICED remaining=0.00
        see transaction         => state=OPEN
        see books card          => calls=1 settlements=1 settled=75.00
        "#,
    )
    .await;
}

/// Scenario 14, PARTIAL: what was settled is booked, and the difference asked for.
async fn less_than_asked_of_a_part(database: DatabaseKind) {
    check(
        database,
        r#"
        step                    | PARTIAL
        order 100.00
        pay card 100.00 MODE
        fault card {"settle_less":{"less_by":"5.00"}}
        invoice A 20.00         => settle card 20.00 DONE 15.00, settle card 5.00
        see payment card        => asked=20.00 settled=20.00 lacking=0.00 room=80.00
        see books card          => settlements=2 settled=20.00
        "#,
    )
    .await;
}
