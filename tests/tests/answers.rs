//! The whole table of answers, end to end: what a provider answers to a settlement, a refund, a cancellation and an
//! authorization, and what becomes of it in the API, for the operator, and in both sides' books.
//!
//! Of each row of a table:
//!
//! * *the provider is told* faults of the sandbox, one after another, each for one call or with a `*` for ever; or is
//!   `closed`, and takes no connection until it was called.
//! * *calls* is what each call of the operation said, as `ListInteractions` tells: `unknown done` are two calls.
//! * *becomes* is how the operations stand after them, with what was done, or else what was asked.
//! * *waits for an operator* is what `ListStuckOperations` tells then.
//! * *in the end* is how they stand once the provider behaves, where that is something else.
//!
//! The invoice and the explanation must say the same, and in the end both sides' books must agree.

mod door;
mod play;
mod row;

use play::check;
use tranche_sdk::v1::{Operation, operation};
use tranche_tests::world::DatabaseKind;

on_both_databases! {
    to_a_settlement,
    to_a_refund,
    to_a_cancellation,
    to_an_authorization,
}

/// What is asked of a provider.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Kind {
    /// 20.00 of an authorization of 100.00, for the invoice `A`.
    Settlement,
    /// 20.00 of a settlement of 20.00, for the return `R`.
    Refund,
    /// An authorization of 100.00, as its order is canceled.
    Cancellation,
    /// An authorization of 100.00.
    Authorization,
}

impl Kind {
    /// As the sandbox's faults name it.
    fn name(self) -> &'static str {
        match self {
            Self::Settlement => "settlement",
            Self::Refund => "refund",
            Self::Cancellation => "cancellation",
            Self::Authorization => "authorization",
        }
    }

    fn of_operation(self) -> operation::Kind {
        match self {
            Self::Settlement => operation::Kind::Settlement,
            Self::Refund => operation::Kind::Refund,
            Self::Cancellation => operation::Kind::Cancellation,
            Self::Authorization => operation::Kind::Authorization,
        }
    }

    /// The invoice that it is for.
    fn invoice(self) -> Option<&'static str> {
        match self {
            Self::Settlement => Some("A"),
            Self::Refund => Some("R"),
            Self::Cancellation | Self::Authorization => None,
        }
    }

    /// What the explanation of the order says of an operation in its state; nothing of one on the wire.
    fn explained(self, row: &Operation) -> Option<&'static str> {
        use operation::State::{Done, Manual, PendingAtProvider, Refused, Unknown};
        match (row.state(), self) {
            (Done, Self::Settlement) => Some("is invoiced and settled on card"),
            (Done, Self::Refund) => Some("was returned and is refunded on card"),
            (Done, Self::Cancellation) => Some("of the authorization on card is released"),
            (Done, Self::Authorization) => Some("the payment card has room for it"),
            (Refused, Self::Settlement) => {
                Some("was not obtained from card: the provider refused; an operator decides what follows")
            }
            (Refused, Self::Refund) => {
                Some("was returned and waits on card: the provider refused; an operator decides what follows")
            }
            (Refused, Self::Cancellation) => Some(
                "is authorized on card and not needed: the provider refused; an operator decides what follows",
            ),
            (Refused, Self::Authorization) => Some("no payment covers it: add a payment"),
            (Manual, _) => Some("by a person"),
            (PendingAtProvider, _) => Some("the provider said to ask again"),
            (Unknown, _) => Some("nobody can tell yet whether it was done"),
            _ => None,
        }
    }
}

async fn to_a_settlement(database: DatabaseKind) {
    check(
        database,
        Kind::Settlement,
        r#"
        the provider is told                     | calls                | becomes                | waits for an operator | in the end
        -                                        | done                 | DONE 20.00             | -             | -
        settle-less                              | done                 | DONE 19.99, DONE 0.01  | -             | -
        settle-more                              | done                 | DONE 20.00             | SURPLUS 0.01  | -
        pending*                                 | pending pending done | DONE 20.00             | -             | -
        settle-manually*                         | manual               | MANUAL 20.00           | MANUAL 20.00  | -
        {"answer": {"status": 200, "body": {"settleId": "S", "value": 20.00, "code": "refund-manually"}}}* | manual | MANUAL 20.00 | MANUAL 20.00 | -
        {"answer": {"status": 500, "body": {"code": "cancel-manually"}}}*                                 | manual | MANUAL 20.00 | MANUAL 20.00 | -
        closed                                   | no-answer+ done      | DONE 20.00             | -             | -
        unauthorized                             | no-answer done       | DONE 20.00             | -             | -
        forbidden                                | no-answer done       | DONE 20.00             | -             | -
        too-many-requests                        | no-answer done       | DONE 20.00             | -             | -
        too-many-requests=1                      | no-answer done       | DONE 20.00             | -             | -
        refuse                                   | refused              | REFUSED 20.00          | LACKING 20.00 | -
        refuse=404                               | refused              | REFUSED 20.00          | LACKING 20.00 | -
        refuse=409                               | refused              | REFUSED 20.00          | LACKING 20.00 | -
        refuse=422                               | refused              | REFUSED 20.00          | LACKING 20.00 | -
        value-zero                               | refused              | REFUSED 20.00          | LACKING 20.00 | -
        unauthorized then refuse                 | no-answer refused    | REFUSED 20.00          | LACKING 20.00 | -
        pending then refuse                      | pending refused      | REFUSED 20.00          | LACKING 20.00 | -
        server-error then refuse*                | unknown refused+     | UNKNOWN 20.00          | UNKNOWN 20.00 | DONE 20.00
        server-error=503 then refuse=404*        | unknown refused+     | UNKNOWN 20.00          | UNKNOWN 20.00 | DONE 20.00
        lose-request then refuse=409*            | unknown refused+     | UNKNOWN 20.00          | UNKNOWN 20.00 | DONE 20.00
        server-error then refuse=422*            | unknown refused+     | UNKNOWN 20.00          | UNKNOWN 20.00 | DONE 20.00
        server-error then value-zero             | unknown refused+     | UNKNOWN 20.00          | UNKNOWN 20.00 | -
        {"timeout_then_refuse": {"delay_ms": 5000}} | unknown refused+  | UNKNOWN 20.00          | UNKNOWN 20.00 | -
        server-error then settle-manually*       | unknown manual       | MANUAL 20.00           | MANUAL 20.00  | -
        server-error then pending*               | unknown pending pending done | DONE 20.00     | -             | -
        server-error                             | unknown done         | DONE 20.00             | -             | -
        server-error=502                         | unknown done         | DONE 20.00             | -             | -
        {"server_error": {"status": 503, "booked": true}} | unknown done | DONE 20.00            | -             | -
        latency-ms=5000                          | unknown done         | DONE 20.00             | -             | -
        lose-request                             | unknown done         | DONE 20.00             | -             | -
        lose-answer                              | unknown done         | DONE 20.00             | -             | -
        unreadable-answer                        | unknown done         | DONE 20.00             | -             | -
        {"unreadable_answer": {"booked": false}} | unknown done         | DONE 20.00             | -             | -
        empty-answer                             | unknown done         | DONE 20.00             | -             | -
        foreign-payment-id                       | unknown done         | DONE 20.00             | -             | -
        foreign-request-id                       | unknown done         | DONE 20.00             | -             | -
        too-many-decimals                        | unknown done         | DONE 20.00             | -             | -
        {"answer": {"status": 302, "body": {}}}  | unknown done         | DONE 20.00             | -             | -
        {"answer": {"status": 200, "body": {}}}  | unknown done         | DONE 20.00             | -             | -
        "#,
    )
    .await;
}

async fn to_a_refund(database: DatabaseKind) {
    check(
        database,
        Kind::Refund,
        r#"
        the provider is told                     | calls                | becomes                | waits for an operator | in the end
        -                                        | done                 | DONE 20.00             | -             | -
        refund-less                              | done                 | DONE 19.99, DONE 0.01  | -             | -
        refund-more                              | done                 | DONE 20.00             | SURPLUS 0.01  | -
        pending*                                 | pending pending done | DONE 20.00             | -             | -
        refund-manually*                         | manual               | MANUAL 20.00           | MANUAL 20.00  | -
        {"answer": {"status": 200, "body": {"refundId": "R", "value": 20.00, "code": "refund-manually"}}}* | manual | MANUAL 20.00 | MANUAL 20.00 | -
        {"answer": {"status": 501, "body": {}}}* | manual               | MANUAL 20.00           | MANUAL 20.00  | -
        closed                                   | no-answer+ done      | DONE 20.00             | -             | -
        unauthorized                             | no-answer done       | DONE 20.00             | -             | -
        forbidden                                | no-answer done       | DONE 20.00             | -             | -
        too-many-requests                        | no-answer done       | DONE 20.00             | -             | -
        refuse                                   | refused              | REFUSED 20.00          | LACKING 20.00 | -
        refuse=404                               | refused              | REFUSED 20.00          | LACKING 20.00 | -
        refuse=409                               | refused              | REFUSED 20.00          | LACKING 20.00 | -
        refuse=422                               | refused              | REFUSED 20.00          | LACKING 20.00 | -
        value-zero                               | refused              | REFUSED 20.00          | LACKING 20.00 | -
        server-error then refuse*                | unknown refused+     | UNKNOWN 20.00          | UNKNOWN 20.00 | DONE 20.00
        lose-request then refuse=404*            | unknown refused+     | UNKNOWN 20.00          | UNKNOWN 20.00 | DONE 20.00
        server-error then value-zero             | unknown refused+     | UNKNOWN 20.00          | UNKNOWN 20.00 | -
        {"timeout_then_refuse": {"delay_ms": 5000}} | unknown refused+  | UNKNOWN 20.00          | UNKNOWN 20.00 | -
        server-error                             | unknown done         | DONE 20.00             | -             | -
        {"server_error": {"status": 503, "booked": true}} | unknown done | DONE 20.00            | -             | -
        latency-ms=5000                          | unknown done         | DONE 20.00             | -             | -
        lose-request                             | unknown done         | DONE 20.00             | -             | -
        lose-answer                              | unknown done         | DONE 20.00             | -             | -
        unreadable-answer                        | unknown done         | DONE 20.00             | -             | -
        empty-answer                             | unknown done         | DONE 20.00             | -             | -
        foreign-payment-id                       | unknown done         | DONE 20.00             | -             | -
        foreign-request-id                       | unknown done         | DONE 20.00             | -             | -
        too-many-decimals                        | unknown done         | DONE 20.00             | -             | -
        "#,
    )
    .await;
}

/// A cancellation's answer has no value, so that there is no less, no more and no 0 of it.
async fn to_a_cancellation(database: DatabaseKind) {
    check(
        database,
        Kind::Cancellation,
        r#"
        the provider is told                     | calls                | becomes                | waits for an operator | in the end
        -                                        | done                 | DONE 100.00            | -              | -
        pending*                                 | pending pending done | DONE 100.00            | -              | -
        cancel-manually*                         | manual               | MANUAL 100.00          | MANUAL 100.00  | -
        {"answer": {"status": 200, "body": {"cancellationId": "C", "code": "cancel-manually"}}}* | manual | MANUAL 100.00 | MANUAL 100.00 | -
        {"answer": {"status": 501, "body": {}}}* | manual               | MANUAL 100.00          | MANUAL 100.00  | -
        closed                                   | no-answer+ done      | DONE 100.00            | -              | -
        unauthorized                             | no-answer done       | DONE 100.00            | -              | -
        forbidden                                | no-answer done       | DONE 100.00            | -              | -
        too-many-requests                        | no-answer done       | DONE 100.00            | -              | -
        refuse                                   | refused              | REFUSED 100.00         | LACKING 100.00 | -
        refuse=404                               | refused              | REFUSED 100.00         | LACKING 100.00 | -
        refuse=409                               | refused              | REFUSED 100.00         | LACKING 100.00 | -
        refuse=422                               | refused              | REFUSED 100.00         | LACKING 100.00 | -
        server-error then refuse*                | unknown refused+     | UNKNOWN 100.00         | UNKNOWN 100.00 | DONE 100.00
        lose-request then refuse=404*            | unknown refused+     | UNKNOWN 100.00         | UNKNOWN 100.00 | DONE 100.00
        {"timeout_then_refuse": {"delay_ms": 5000}} | unknown refused+  | UNKNOWN 100.00         | UNKNOWN 100.00 | -
        server-error                             | unknown done         | DONE 100.00            | -              | -
        {"server_error": {"status": 503, "booked": true}} | unknown done | DONE 100.00           | -              | -
        latency-ms=5000                          | unknown done         | DONE 100.00            | -              | -
        lose-request                             | unknown done         | DONE 100.00            | -              | -
        lose-answer                              | unknown done         | DONE 100.00            | -              | -
        unreadable-answer                        | unknown done         | DONE 100.00            | -              | -
        empty-answer                             | unknown done         | DONE 100.00            | -              | -
        foreign-payment-id                       | unknown done         | DONE 100.00            | -              | -
        foreign-request-id                       | unknown done         | DONE 100.00            | -              | -
        "#,
    )
    .await;
}

/// A payment's own id is the key, so that no answer has the id of another request; and nobody authorizes by hand.
async fn to_an_authorization(database: DatabaseKind) {
    check(
        database,
        Kind::Authorization,
        r#"
        the provider is told                     | calls                | becomes                    | waits for an operator | in the end
        -                                        | done                 | DONE 100.00                | -              | -
        null-authorization-id                    | done                 | DONE 100.00                | -              | -
        deny                                     | refused              | REFUSED 100.00             | -              | -
        undefined                                | pending+             | PENDING_AT_PROVIDER 100.00 | -              | DONE 100.00
        server-error then undefined              | unknown pending+     | PENDING_AT_PROVIDER 100.00 | -              | DONE 100.00
        closed                                   | no-answer+ done      | DONE 100.00                | -              | -
        unauthorized                             | no-answer done       | DONE 100.00                | -              | -
        forbidden                                | no-answer done       | DONE 100.00                | -              | -
        too-many-requests                        | no-answer done       | DONE 100.00                | -              | -
        refuse                                   | refused              | REFUSED 100.00             | -              | -
        refuse=404                               | refused              | REFUSED 100.00             | -              | -
        refuse=409                               | refused              | REFUSED 100.00             | -              | -
        refuse=422                               | refused              | REFUSED 100.00             | -              | -
        server-error then deny                   | unknown refused      | REFUSED 100.00             | -              | -
        server-error then refuse*                | unknown refused+     | UNKNOWN 100.00             | UNKNOWN 100.00 | DONE 100.00
        lose-request then refuse=404*            | unknown refused+     | UNKNOWN 100.00             | UNKNOWN 100.00 | DONE 100.00
        {"timeout_then_refuse": {"delay_ms": 5000}} | unknown refused+  | UNKNOWN 100.00             | UNKNOWN 100.00 | -
        {"answer": {"status": 501, "body": {}}}  | unknown done         | DONE 100.00                | -              | -
        server-error                             | unknown done         | DONE 100.00                | -              | -
        {"server_error": {"status": 503, "booked": true}} | unknown done | DONE 100.00               | -              | -
        latency-ms=5000                          | unknown done         | DONE 100.00                | -              | -
        lose-request                             | unknown done         | DONE 100.00                | -              | -
        lose-answer                              | unknown done         | DONE 100.00                | -              | -
        unreadable-answer                        | unknown done         | DONE 100.00                | -              | -
        empty-answer                             | unknown done         | DONE 100.00                | -              | -
        foreign-payment-id                       | unknown done         | DONE 100.00                | -              | -
        null-status                              | unknown done         | DONE 100.00                | -              | -
        unknown-status                           | unknown done         | DONE 100.00                | -              | -
        "#,
    )
    .await;
}
