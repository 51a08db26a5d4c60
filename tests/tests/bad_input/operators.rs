//! What operators ask for that is not to be had: operations, movements, statements, lists.

use tranche_sdk::v1::resolve_operation_request::Resolution;
use tranche_sdk::v1::resolved_not_done::FollowUp;
use tranche_sdk::v1::{
    AdoptMovementRequest, ListStuckOperationsRequest, ReconcileRequest, ResolveOperationRequest,
    ResolvedDone, ResolvedNotDone, ResolvedSurplus, RetryOperationRequest, StatementEntry,
};
use tranche_tests::shop::{money, transaction_id};

use super::fixture::Fixture;
use super::table::{Row, brl, invalid, row, too_long};

/// Why operators act, in the fixture's tests.
const REASON: &str = "as the provider's books show";

pub(super) async fn rows(fixture: &Fixture) -> Vec<Row> {
    let shop = fixture.world.shop();
    let first = async |order_id: &str| shop.operations(order_id).await.unwrap().remove(0);
    let done = first("order-1").await;
    let refused = first("unreleased").await;
    let mut rows = retries(&done.operation_id, &refused.operation_id);
    rows.extend(resolutions(&done.operation_id, &refused.operation_id));
    rows.extend(adoptions(&done.operation_id, &done.provider_id));
    rows.extend(statements());
    rows.extend(lists());
    rows
}

fn retries(done: &str, refused: &str) -> Vec<Row> {
    let retry = |expected: &str, operation_id: &str, actor: &str| {
        let request = RetryOperationRequest {
            request_id: "retry-9".to_owned(),
            operation_id: operation_id.to_owned(),
            actor: actor.to_owned(),
            reason: REASON.to_owned(),
        };
        row("/tranche.v1.OperatorService/RetryOperation", &request, expected)
    };
    let nothing = RetryOperationRequest::default();
    let path = "/tranche.v1.OperatorService/RetryOperation";
    vec![
        row(path, &nothing, &invalid("request_id operation_id actor reason")),
        retry(&invalid("actor"), refused, ""),
        retry("NotFound OPERATION_NOT_FOUND operationId=op_9", "op_9", "olga"),
        retry(
            &format!(
                "FailedPrecondition OPERATION_NOT_RETRYABLE operationId={done} state=DONE operation/{done}"
            ),
            done,
            "olga",
        ),
    ]
}

fn resolutions(done: &str, refused: &str) -> Vec<Row> {
    let path = "/tranche.v1.OperatorService/ResolveOperation";
    let resolve = |expected: &str, operation_id: &str, resolution: Option<Resolution>| {
        let request = ResolveOperationRequest {
            request_id: "resolve-9".to_owned(),
            operation_id: operation_id.to_owned(),
            actor: "olga".to_owned(),
            reason: REASON.to_owned(),
            resolution,
        };
        row(path, &request, expected)
    };
    let was_done = |amount: &str, id: &str| {
        Some(Resolution::Done(ResolvedDone { amount: Some(brl(amount)), provider_id: id.to_owned() }))
    };
    let not_done = |follow_up: FollowUp, payment_id: &str| {
        let payment_id = payment_id.to_owned();
        Some(Resolution::NotDone(ResolvedNotDone { follow_up: follow_up.into(), payment_id }))
    };
    let surplus = |real| Some(Resolution::Surplus(ResolvedSurplus { real }));
    let not_resolvable =
        format!("FailedPrecondition OPERATION_NOT_RESOLVABLE operationId={done} state=DONE operation/{done}");
    vec![
        row(
            path,
            &ResolveOperationRequest::default(),
            &invalid("request_id operation_id resolution actor reason"),
        ),
        resolve(&invalid("resolution"), done, None),
        resolve(&invalid("done.amount.amount done.provider_id"), done, was_done("0.00", "")),
        resolve(&invalid("not_done.follow_up"), done, not_done(FollowUp::Unspecified, "")),
        resolve(&invalid("not_done.payment_id"), done, not_done(FollowUp::Retry, "card")),
        resolve(&invalid("not_done.payment_id"), done, not_done(FollowUp::Move, &too_long())),
        resolve(&invalid("surplus.real"), done, surplus(None)),
        resolve("NotFound OPERATION_NOT_FOUND operationId=op_9", "op_9", surplus(Some(true))),
        resolve(&not_resolvable, done, was_done("20.00", "S-9")),
        resolve(&not_resolvable, done, not_done(FollowUp::GiveUp, "")),
        resolve(&not_resolvable, done, surplus(Some(false))),
        // A release is the payment's own.
        resolve(&invalid("not_done.follow_up"), refused, not_done(FollowUp::Move, "")),
    ]
}

fn adoptions(owner: &str, settle_id: &str) -> Vec<Row> {
    let path = "/tranche.v1.OperatorService/AdoptMovement";
    let adopt = |expected: &str, change: &dyn Fn(&mut AdoptMovementRequest)| {
        let mut request = AdoptMovementRequest {
            request_id: "adopt-9".to_owned(),
            transaction_id: transaction_id("order-1"),
            payment_id: "card".to_owned(),
            provider_id: "S-9".to_owned(),
            amount: Some(brl("1.00")),
            movement_time: None,
            actor: "olga".to_owned(),
            reason: REASON.to_owned(),
            beyond_authorization: false,
        };
        change(&mut request);
        row(path, &request, expected)
    };
    vec![
        row(
            path,
            &AdoptMovementRequest::default(),
            &invalid("request_id transaction_id payment_id provider_id amount actor reason"),
        ),
        adopt(&invalid("provider_id"), &|it| it.provider_id = "9".repeat(201)),
        adopt(&invalid("provider_id"), &|it| it.provider_id = "S\t9".to_owned()),
        adopt(&invalid("amount.amount"), &|it| it.amount = Some(brl("0.00"))),
        adopt(&invalid("movement_time"), &|it| {
            it.movement_time = Some(prost_types::Timestamp { seconds: 32_503_680_000, nanos: 0 });
        }),
        adopt(&invalid("amount.currency_code"), &|it| it.amount = Some(money("1.00", "USD"))),
        adopt("NotFound TRANSACTION_NOT_FOUND transactionId=t-9", &|it| {
            it.transaction_id = "t-9".to_owned();
        }),
        adopt(
            "FailedPrecondition MOVEMENT_ABOVE_AUTHORIZATION payment/card paymentId=card amount=1000000.00 unsettled=70.00 \
             underWay=0.00 currencyCode=BRL",
            &|it| it.amount = Some(brl("1000000.00")),
        ),
        adopt("NotFound PAYMENT_NOT_FOUND orderId=order-1 paymentId=cash", &|it| {
            it.payment_id = "cash".to_owned();
        }),
        adopt(
            &format!("AlreadyExists MOVEMENT_ALREADY_BOOKED operationId={owner} providerId={settle_id}"),
            &|it| it.provider_id = settle_id.to_owned(),
        ),
    ]
}

fn statements() -> Vec<Row> {
    let path = "/tranche.v1.OperatorService/Reconcile";
    let time = |seconds| Some(prost_types::Timestamp { seconds, nanos: 0 });
    let entry = StatementEntry {
        provider_id: "S-1".to_owned(),
        amount: Some(brl("1.00")),
        ..StatementEntry::default()
    };
    let of = |entries: Vec<StatementEntry>| ReconcileRequest {
        connector_id: "partial".to_owned(),
        entries,
        ..ReconcileRequest::default()
    };
    let wrong = StatementEntry { kind: 1, amount: Some(brl("0.00")), ..StatementEntry::default() };
    vec![
        row(path, &ReconcileRequest::default(), &invalid("connector_id entries")),
        row(
            path,
            &of(vec![entry.clone(), wrong]),
            &invalid("entries[1].provider_id entries[1].kind entries[1].amount.amount"),
        ),
        row(path, &of(vec![entry.clone(); 501]), &invalid("entries")),
        row(
            path,
            &ReconcileRequest { period_start_time: time(2), ..of(vec![entry.clone()]) },
            &invalid("period_end_time"),
        ),
        row(
            path,
            &ReconcileRequest { period_end_time: time(2), ..of(vec![entry.clone()]) },
            &invalid("period_start_time"),
        ),
        row(
            path,
            &ReconcileRequest {
                period_start_time: time(2),
                period_end_time: time(2),
                ..of(vec![entry.clone()])
            },
            &invalid("period_end_time"),
        ),
        row(
            path,
            &ReconcileRequest { connector_id: "nobody".to_owned(), ..of(vec![entry]) },
            "NotFound CONNECTOR_NOT_FOUND connectorId=nobody",
        ),
    ]
}

fn lists() -> Vec<Row> {
    let list = ListStuckOperationsRequest {
        page_size: -1,
        page_token: "x".to_owned(),
        causes: vec![0, 99],
        connector_id: too_long(),
        order_id: " a".to_owned(),
        unknown_for: Some(prost_types::Duration { seconds: -1, nanos: 0 }),
    };
    let all = "page_size page_token causes[0] causes[1] connector_id order_id unknown_for";
    vec![row("/tranche.v1.OperatorService/ListStuckOperations", &list, &invalid(all))]
}
