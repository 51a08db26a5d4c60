//! Returns: what goes back, from which payment, and against which settlement.

use tranche_tests::world::DatabaseKind;

use super::play::check;

on_both_databases! {
    each_return_is_refunded,
    one_return_of_several_settlements,
    never_more_than_is_invoiced,
    across_payments,
    by_the_orders_own_refund_order,
    by_the_callers_own_split,
    before_anything_is_settled,
    refused_and_asked_again,
    shares_that_do_not_divide,
}

/// Scenarios 1, 2 and 5.
async fn each_return_is_refunded(database: DatabaseKind) {
    check(
        database,
        "
        step                  | TOTAL                 | HOLD                  | PARTIAL
        order 100.00
        pay card 100.00 MODE
        invoice A 20.00       | settle card 100.00    | -                     | settle card 20.00
        invoice B 80.00       | -                     | settle card 100.00    | settle card 80.00
        see transaction       => state=FINISHED
        return R 20.00        | refund card#1 20.00   | refund card#1 20.00   | refund card#1 20.00
        return S 80.00        | refund card#1 80.00   | refund card#1 80.00   | refund card#2 80.00
        see order             => state=INVOICED returned=100.00
        see transaction       => state=FINISHED
        see payment card      => state=FINISHED returned=100.00 refunded=100.00
        return T 0.01         => refused RETURN_ABOVE_INVOICED value=0.01 invoiced=100.00 returned=100.00
        see books card        => refunds=2 refunded=100.00
        ",
    )
    .await;
}

/// Scenario 5, the large return first.
async fn one_return_of_several_settlements(database: DatabaseKind) {
    check(
        database,
        "
        step                  | PARTIAL
        order 100.00
        pay card 100.00 MODE
        invoice A 20.00       => settle card 20.00
        invoice B 80.00       => settle card 80.00
        return R 80.00        => refund card#1 20.00, refund card#2 60.00
        return S 20.00        => refund card#2 20.00
        ",
    )
    .await;
}

/// Scenario 17.
async fn never_more_than_is_invoiced(database: DatabaseKind) {
    check(
        database,
        "
        step                  | TOTAL              | HOLD | PARTIAL
        order 100.00
        pay card 100.00 MODE
        invoice A 20.00       | settle card 100.00 | -    | settle card 20.00
        return R 20.01        => refused RETURN_ABOVE_INVOICED value=20.01 invoiced=20.00 returned=0.00 currencyCode=BRL
        see order             => returned=0.00
        ",
    )
    .await;
}

async fn across_payments(database: DatabaseKind) {
    check(
        database,
        "
        step                                    | PARTIAL
        order 100.00
        pay gift 30.00 MODE + card 70.00 MODE
        invoice A 100.00                        => settle gift 30.00, settle card 70.00
        return R 40.00                          => refund gift#1 30.00, refund card#1 10.00
        return S 60.00                          => refund card#1 60.00
        ",
    )
    .await;
}

async fn by_the_orders_own_refund_order(database: DatabaseKind) {
    check(
        database,
        "
        step                                    | PARTIAL
        order 100.00 REFUND_PROPORTIONAL
        pay gift 30.00 MODE + card 70.00 MODE
        invoice A 100.00                        => settle gift 30.00, settle card 70.00
        return R 10.00                          => refund gift#1 3.00, refund card#1 7.00
        return S 0.01                           => refund card#1 0.01
        ",
    )
    .await;
}

async fn by_the_callers_own_split(database: DatabaseKind) {
    check(
        database,
        "
        step                                    | PARTIAL
        order 100.00
        pay gift 30.00 MODE + card 70.00 MODE
        invoice A 60.00 gift:20.00 card:40.00   => settle gift 20.00, settle card 40.00
        return R 50.00 gift:20.01 card:29.99    => refused RETURN_ABOVE_PAYMENT paymentId=gift amount=20.01 returnable=20.00
        return R 50.00 gift:20.00 card:30.00    => refund gift#1 20.00, refund card#1 30.00
        return S 10.00 nobody:10.00             => refused INVALID_ARGUMENT at payments[0].payment_id
        ",
    )
    .await;
}

async fn before_anything_is_settled(database: DatabaseKind) {
    check(
        database,
        "
        step                  | HOLD
        order 100.00
        pay card 100.00 MODE
        invoice A 20.00       => -
        return R 20.00        => -
        see payment card      => held=20.00 returned=20.00 waiting=20.00 refunding=0.00
        invoice B 80.00       => settle card 100.00, refund card#1 20.00
        see payment card      => settled=100.00 refunded=20.00 waiting=0.00
        see transaction       => state=FINISHED
        ",
    )
    .await;
}

/// Scenario 18.
async fn refused_and_asked_again(database: DatabaseKind) {
    check(
        database,
        "
        step                  | TOTAL                      | HOLD | PARTIAL
        order 100.00
        pay card 100.00 MODE
        fault card refuse
        invoice A 20.00       | settle card 100.00 REFUSED | -    | settle card 20.00 REFUSED
        see payment card      | asked=20.00 lacking=20.00  | lacking=0.00 held=20.00 | asked=20.00 lacking=20.00
        invoice B 10.00       | settle card 100.00         | -    | settle card 10.00
        see payment card      | settled=100.00 lacking=0.00 | held=30.00 settled=0.00 | settled=10.00 lacking=20.00
        ",
    )
    .await;
}

/// Scenario 20.
async fn shares_that_do_not_divide(database: DatabaseKind) {
    check(
        database,
        "
        step                                    | PARTIAL
        order 3.00 PROPORTIONAL
        pay gift 1.00 MODE + card 2.00 MODE
        invoice A 1.00                          => settle gift 0.33, settle card 0.67
        invoice B 1.00                          => settle gift 0.34, settle card 0.66
        invoice C 1.00                          => settle gift 0.33, settle card 0.67
        see transaction                         => state=FINISHED
        see books gift                          => settled=1.00
        see books card                          => settled=2.00
        ",
    )
    .await;
}
