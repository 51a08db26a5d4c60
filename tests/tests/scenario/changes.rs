//! Changes of orders, cancellations, and the release of what nothing needs.

use tranche_tests::world::DatabaseKind;

use super::play::check;

on_both_databases! {
    lowered_and_invoiced,
    lowered_on_providers_that_settle_only_all,
    lowered_and_released_at_once,
    not_canceled_once_invoiced,
    lowered_to_what_is_invoiced,
    not_below_what_is_invoiced,
    raised_as_far_as_payments_cover,
    canceled,
    canceled_after_its_invoice_was_voided,
    canceled_while_nobody_can_tell_what_is_settled,
    canceled_while_nobody_can_tell_that_nothing_is_settled,
    what_a_voided_invoice_settled_serves_the_next,
    released_by_an_operator,
    a_payment_is_added,
}

/// Scenarios 3 and 4.
async fn lowered_and_invoiced(database: DatabaseKind) {
    check(
        database,
        "
        step                  | TOTAL                                | HOLD                                 | PARTIAL
        order 100.00
        pay card 100.00 MODE
        change 1 -20.00       => -
        see order             => value=80.00 remaining=80.00 state=OPEN
        see payment card      => room=100.00 canceled=0.00
        invoice A 80.00       | settle card 80.00, cancel card 20.00 | settle card 80.00, cancel card 20.00 | settle card 80.00, cancel card 20.00
        see order             => state=INVOICED
        see transaction       => state=FINISHED
        see books card        => settlements=1 settled=80.00 canceled=20.00 refunded=0.00
        ",
    )
    .await;
}

/// Scenarios 4 and 21, NONE.
async fn lowered_on_providers_that_settle_only_all(database: DatabaseKind) {
    check(
        database,
        "
        step                  | TOTAL/NONE                                | HOLD/NONE
        order 100.00
        pay card 100.00 MODE
        change 1 -20.00       => -
        invoice A 30.00       | settle card 100.00, refund card#1 20.00   | -
        see payment card      | ahead=50.00 refunded=20.00                | held=30.00
        invoice B 50.00       | -                                         | settle card 100.00, refund card#1 20.00
        see order             => state=INVOICED
        see transaction       => state=FINISHED
        see books card        => settlements=1 settled=100.00 refunds=1 refunded=20.00 canceled=0.00
        ",
    )
    .await;
}

/// Scenarios 3 and 4, IMMEDIATELY; the increase that follows has no room any more.
async fn lowered_and_released_at_once(database: DatabaseKind) {
    check(
        database,
        "
        step                        | PARTIAL/PARTS
        order 100.00 IMMEDIATELY
        pay card 100.00 MODE
        change 1 -20.00             => cancel card 20.00
        see payment card            => room=80.00 canceled=20.00
        change 2 +5.00              => refused VALUE_ABOVE_ROOM orderId=order-1 value=85.00 room=80.00 missing=5.00 currencyCode=BRL
        invoice A 80.00             => settle card 80.00
        see transaction             => state=FINISHED
        see books card              => settled=80.00 canceled=20.00
        ",
    )
    .await;
}

/// Scenario 9.
async fn not_canceled_once_invoiced(database: DatabaseKind) {
    check(
        database,
        "
        step                  | TOTAL              | HOLD | PARTIAL
        order 100.00
        pay card 100.00 MODE
        invoice A 20.00       | settle card 100.00 | -    | settle card 20.00
        cancel                => refused ORDER_HAS_INVOICES invoiced=20.00 currencyCode=BRL
        see order             => state=PARTIALLY_INVOICED
        ",
    )
    .await;
}

/// Scenario 10.
async fn lowered_to_what_is_invoiced(database: DatabaseKind) {
    check(
        database,
        "
        step                  | TOTAL                | TOTAL/NONE           | HOLD                                 | HOLD/NONE                               | PARTIAL
        order 100.00
        pay card 100.00 MODE
        invoice A 20.00       | settle card 100.00   | settle card 100.00   | -                                    | -                                       | settle card 20.00
        change 1 -80.00       | refund card#1 80.00  | refund card#1 80.00  | settle card 20.00, cancel card 80.00 | settle card 100.00, refund card#1 80.00 | cancel card 80.00
        see order             => state=INVOICED value=20.00
        see transaction       => state=FINISHED
        ",
    )
    .await;
}

/// Scenario 11.
async fn not_below_what_is_invoiced(database: DatabaseKind) {
    check(
        database,
        "
        step                  | TOTAL              | HOLD | PARTIAL
        order 100.00
        pay card 100.00 MODE
        invoice A 60.00       | settle card 100.00 | -    | settle card 60.00
        change 1 -50.00       => refused VALUE_BELOW_INVOICED value=50.00 invoiced=60.00 currencyCode=BRL
        change 1 -100.00      => refused VALUE_BELOW_MINIMUM value=0.00 currencyCode=BRL
        see order             => value=100.00 remaining=40.00
        ",
    )
    .await;
}

async fn raised_as_far_as_payments_cover(database: DatabaseKind) {
    check(
        database,
        "
        step                                    | PARTIAL
        order 100.00
        pay gift 30.00 MODE + card 90.00 MODE
        change 1 +20.01                         => refused VALUE_ABOVE_ROOM value=120.01 room=120.00 missing=0.01
        change 1 +20.00                         => -
        invoice A 120.00                        => settle gift 30.00, settle card 90.00
        see order                               => state=INVOICED value=120.00
        see transaction                         => state=FINISHED
        ",
    )
    .await;
}

async fn canceled(database: DatabaseKind) {
    check(
        database,
        "
        step                  | TOTAL                 | HOLD                | PARTIAL             | TOTAL/NONE
        order 100.00
        pay card 100.00 MODE
        cancel                | cancel card 100.00    | cancel card 100.00  | cancel card 100.00  | cancel card 100.00
        see order             => state=CANCELED
        see transaction       => state=CANCELED
        see payment card      => state=CANCELED canceled=100.00
        invoice A 10.00       => refused ORDER_NOT_OPEN state=CANCELED
        change 1 -10.00       => refused ORDER_NOT_OPEN state=CANCELED
        return R 10.00        => refused RETURN_ABOVE_INVOICED value=10.00 invoiced=0.00 returned=0.00
        ",
    )
    .await;
}

/// Scenario 22, where everything is known in the end.
async fn canceled_after_its_invoice_was_voided(database: DatabaseKind) {
    check(
        database,
        "
        step                  | TOTAL                | HOLD               | PARTIAL
        order 100.00
        pay card 100.00 MODE
        invoice A 20.00       | settle card 100.00   | -                  | settle card 20.00
        void A                => -
        see order             => state=OPEN invoiced=0.00 remaining=100.00
        invoice A 20.00       => -
        invoice A 30.00       => refused INVOICE_ALREADY_EXISTS fields=value
        void A                => -
        cancel                | refund card#1 100.00 | cancel card 100.00 | refund card#1 20.00, cancel card 80.00
        see order             => state=CANCELED
        see transaction       => state=CANCELED
        ",
    )
    .await;
}

/// Scenario 22: what nobody can tell of is awaited, and refunded once it is known to be settled.
async fn canceled_while_nobody_can_tell_what_is_settled(database: DatabaseKind) {
    check(
        database,
        "
        step                       | TOTAL | HOLD | PARTIAL
        order 100.00
        pay card 100.00 MODE
        fault card lose-answer
        fault card server-error*
        invoice A 100.00           => settle card 100.00 UNKNOWN after 2
        void A                     => -
        see order                  => state=OPEN invoiced=0.00
        cancel                     => -
        see order                  => state=CANCELED
        see transaction            => state=OPEN
        see payment card           => settling=100.00 canceling=0.00
        behave                     => refund card#1 100.00
        see transaction            => state=CANCELED
        see books card             => settlements=1 settled=100.00 refunds=1 refunded=100.00 canceled=0.00
        ",
    )
    .await;
}

/// Scenario 22: what nobody can tell of is awaited, and released once an operator has said that it is not settled.
async fn canceled_while_nobody_can_tell_that_nothing_is_settled(database: DatabaseKind) {
    check(
        database,
        "
        step                       | TOTAL | HOLD | PARTIAL
        order 100.00
        pay card 100.00 MODE
        fault card timeout-then-refuse
        invoice A 100.00           => settle card 100.00 UNKNOWN after 2
        void A                     => -
        cancel                     => -
        see transaction            => state=OPEN
        resolve card#1 not-done    => cancel card 100.00
        see transaction            => state=CANCELED
        see books card             => settlements=0 settled=0.00 canceled=100.00
        ",
    )
    .await;
}

async fn what_a_voided_invoice_settled_serves_the_next(database: DatabaseKind) {
    check(
        database,
        "
        step                  | PARTIAL
        order 100.00
        pay card 100.00 MODE
        invoice A 10.00       => settle card 10.00
        void A                => -
        see payment card      => ahead=10.00 settled=10.00
        invoice B 30.00       => settle card 20.00
        invoice C 70.00       => settle card 70.00
        see transaction       => state=FINISHED
        ",
    )
    .await;
}

async fn released_by_an_operator(database: DatabaseKind) {
    check(
        database,
        "
        step                        | PARTIAL/PARTS                       | PARTIAL
        order 80.00 MANUAL
        pay card 100.00 MODE
        release 20.01               | refused RELEASE_ABOVE_FREE amount=20.01 free=20.00 | refused RELEASE_ABOVE_FREE amount=20.01 free=20.00
        release                     | cancel card 20.00                   | refused PARTIAL_CANCELLATION_NOT_SUPPORTED paymentId=card connectorId=partial
        invoice A 80.00             | settle card 80.00                   | settle card 80.00
        see order                   => state=INVOICED
        see transaction             | state=FINISHED                      | state=OPEN
        release card                | refused TRANSACTION_NOT_OPEN state=FINISHED | cancel card 20.00
        see transaction             => state=FINISHED
        release nobody              => refused TRANSACTION_NOT_OPEN state=FINISHED
        see books card              => settled=80.00 canceled=20.00
        ",
    )
    .await;
}

async fn a_payment_is_added(database: DatabaseKind) {
    check(
        database,
        "
        step                        | PARTIAL
        order 100.00
        pay card 100.00 MODE
        change 1 +50.00             => refused VALUE_ABOVE_ROOM missing=50.00
        add gift 50.00 MODE         => -
        change 1 +50.00             => -
        add gift 50.00 MODE         => -
        invoice A 60.00             => settle gift 50.00, settle card 10.00
        invoice B 90.00             => settle card 90.00
        see transaction             => state=FINISHED
        ",
    )
    .await;
}
