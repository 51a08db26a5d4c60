use std::collections::BTreeSet;

use tranche_core::connector::PartialSettlement;
use tranche_core::id::{InvoiceNumber, LineId, OperationId, PaymentId, TransactionId};
use tranche_core::invoice::{InvoiceState, InvoiceType};
use tranche_core::money::{Currency, Money};
use tranche_core::order::{OrderState, TransactionState};
use tranche_core::payment::Mode;
use tranche_core::rejection::{LineExcess, PaymentExcess, RefusedMode, Resource, TakenAuthorization};

use super::*;

mod sentences;

const PROTOCOL: &str = include_str!("../../../../proto/tranche/v1/error_reason.proto");

/// The reason, code and metadata keys of every value, as the protocol's comments promise them.
fn promised() -> Vec<(ErrorReason, String, Vec<String>)> {
    let mut promised = Vec::new();
    let (mut code, mut keys) = (String::new(), String::new());
    for line in PROTOCOL.lines().map(str::trim) {
        if let Some(comment) = line.strip_prefix("// ") {
            let word = comment.split(';').next().unwrap_or_default();
            if comment.contains(';') && word.bytes().all(|byte| byte.is_ascii_uppercase() || byte == b'_') {
                word.clone_into(&mut code);
            }
            if let Some(listed) = comment.strip_prefix("Metadata: ") {
                listed.trim_end_matches('.').clone_into(&mut keys);
            }
        } else if let Some((name, _)) = line.split_once(" = ")
            && let Some(reason) = ErrorReason::from_str_name(name)
            && reason != ErrorReason::Unspecified
        {
            let keys = std::mem::take(&mut keys);
            let key = |key: &str| match key.trim_start_matches("and ").strip_prefix("of the first such ") {
                Some(of_first) => of_first.rsplit(' ').next().unwrap().to_owned(),
                None => key.to_owned(),
            };
            let keys = keys.split(", ").filter(|key| *key != "none").map(key);
            promised.push((reason, std::mem::take(&mut code), keys.collect()));
        }
    }
    promised
}

/// What the protocol says of a key that only some statuses of a reason carry.
const SOMETIMES: &str = " where the request has one";

/// Fails if the status carries other metadata than the protocol's comment on its reason lists.
fn assert_metadata(promised: &[(ErrorReason, String, Vec<String>)], reason: ErrorReason, status: &Status) {
    let listed = promised.iter().find(|row| row.0 == reason).map(|row| row.2.clone());
    let (sometimes, always): (Vec<String>, Vec<String>) =
        listed.unwrap().into_iter().partition(|key| key.ends_with(SOMETIMES));
    let always: BTreeSet<String> = always.into_iter().collect();
    let is_sometimes =
        |key: &String| sometimes.iter().any(|other| other.strip_suffix(SOMETIMES) == Some(key));
    let mut carried: BTreeSet<String> =
        status.get_details_error_info().unwrap().metadata.into_keys().collect();
    carried.retain(|key| !is_sometimes(key));
    assert_eq!(carried, always, "{reason:?}");
}

fn upper(code: Code) -> String {
    match code {
        Code::InvalidArgument => "INVALID_ARGUMENT",
        Code::Unimplemented => "UNIMPLEMENTED",
        Code::Unauthenticated => "UNAUTHENTICATED",
        Code::PermissionDenied => "PERMISSION_DENIED",
        Code::Aborted => "ABORTED",
        Code::ResourceExhausted => "RESOURCE_EXHAUSTED",
        Code::Unavailable => "UNAVAILABLE",
        Code::DeadlineExceeded => "DEADLINE_EXCEEDED",
        Code::Internal => "INTERNAL",
        Code::Cancelled => "CANCELLED",
        Code::NotFound => "NOT_FOUND",
        Code::AlreadyExists => "ALREADY_EXISTS",
        Code::FailedPrecondition => "FAILED_PRECONDITION",
        other => panic!("{other:?} is used by no reason"),
    }
    .to_owned()
}

#[test]
fn every_reason_has_the_code_that_the_protocol_promises() {
    let promised = promised();
    assert!(promised.len() > 60, "{}", promised.len());
    for (reason, promise, _) in promised {
        assert_eq!(upper(code(reason)), promise, "{reason:?}");
    }
}

fn money(minor: i64) -> Money {
    Money { currency: Currency::parse("BRL").unwrap(), minor }
}

fn about() -> About {
    About { order_id: Some(OrderId::trusted("o")), transaction_id: Some(TransactionId::trusted("t")) }
}

fn exists(resource: Resource) -> Rejection {
    Rejection::AlreadyExists {
        resource,
        id: "x".to_owned(),
        differences: vec!["lines".to_owned(), "value".to_owned()],
    }
}

fn excess(line: &str) -> LineExcess {
    LineExcess { line_id: LineId::trusted(line), quantity: 3, remaining: 1 }
}

fn taken(id: &str) -> TakenAuthorization {
    TakenAuthorization { connector_id: ConnectorId::trusted("c"), provider_payment_id: id.to_owned() }
}

fn above(payment_id: &str) -> Vec<PaymentExcess> {
    let payment_id = PaymentId::trusted(payment_id);
    vec![PaymentExcess { payment_id, amount: money(500), left: money(100) }; 2]
}

fn payment() -> PaymentId {
    PaymentId::trusted("p")
}

/// Every rejection with its reason.
fn rejections() -> Vec<(Rejection, ErrorReason)> {
    let (order, connector) = (OrderId::trusted("o"), ConnectorId::trusted("c"));
    let partial_settlement = PartialSettlement::Once;
    let refused = |mode| vec![RefusedMode { connector_id: connector.clone(), mode, partial_settlement }; 2];
    let mode = |mode| Rejection::ModeNotSupported(refused(mode));
    let off = |mode| Rejection::PartialSettlementDisabled(refused(mode));
    vec![
        (Rejection::Invalid(vec![Violation::new("value", "is required")]), ErrorReason::InvalidArgument),
        (Rejection::OrderNotFound(order.clone()), ErrorReason::OrderNotFound),
        (
            Rejection::InvoiceNotFound(order.clone(), InvoiceNumber::trusted("1")),
            ErrorReason::InvoiceNotFound,
        ),
        (Rejection::TransactionNotFound(TransactionId::trusted("t")), ErrorReason::TransactionNotFound),
        (Rejection::ConnectorNotFound(vec![connector.clone()]), ErrorReason::ConnectorNotFound),
        (Rejection::ConnectorNotFound(vec![connector.clone(); 9]), ErrorReason::ConnectorNotFound),
        (Rejection::OperationNotFound(OperationId::trusted("op")), ErrorReason::OperationNotFound),
        (exists(Resource::Order), ErrorReason::OrderAlreadyExists),
        (exists(Resource::Invoice), ErrorReason::InvoiceAlreadyExists),
        (exists(Resource::Transaction), ErrorReason::TransactionAlreadyExists),
        (exists(Resource::Connector), ErrorReason::ConnectorAlreadyExists),
        (
            Rejection::RequestIdReused {
                request_id: "r".to_owned(),
                differences: vec!["tracking".to_owned()],
            },
            ErrorReason::RequestIdReused,
        ),
        (
            Rejection::PaymentAlreadyAdopted(vec![taken("pp"), taken("pq"), taken("pr")]),
            ErrorReason::PaymentAlreadyAdopted,
        ),
        (
            Rejection::OrderHasTransaction {
                order_id: order.clone(),
                transaction_id: TransactionId::trusted("t"),
            },
            ErrorReason::OrderHasTransaction,
        ),
        (
            Rejection::OrderNotOpen { order_id: order.clone(), state: OrderState::Canceled },
            ErrorReason::OrderNotOpen,
        ),
        (Rejection::OrderWithoutTransaction(order.clone()), ErrorReason::OrderWithoutTransaction),
        (
            Rejection::InvoiceAboveRemaining {
                value: money(10_000),
                invoiced: money(2_000),
                remaining: money(8_000),
                is_final: false,
            },
            ErrorReason::InvoiceAboveRemaining,
        ),
        (Rejection::InvoiceAboveRoom { room: money(100), missing: money(50) }, ErrorReason::InvoiceAboveRoom),
        (Rejection::PaymentAboveRoom(above("p")), ErrorReason::PaymentAboveRoom),
        (Rejection::LineQuantityExceeded(vec![excess("a"), excess("b")]), ErrorReason::LineQuantityExceeded),
        (
            Rejection::PaymentsBelowOrderValue {
                value: money(10_000),
                authorized: money(9_000),
                missing: money(1_000),
            },
            ErrorReason::PaymentsBelowOrderValue,
        ),
        (mode(Mode::Partial), ErrorReason::ModeNotSupported),
        (off(Mode::Partial), ErrorReason::PartialSettlementDisabled),
        (off(Mode::Hold), ErrorReason::PartialSettlementDisabled),
        (
            Rejection::EtagMismatch { given: "1".to_owned(), current: "2".to_owned() },
            ErrorReason::EtagMismatch,
        ),
    ]
}

/// Every rejection of a change, a return, a void, a release or an added payment with its reason.
fn rejections_of_changes() -> Vec<(Rejection, ErrorReason)> {
    let (order, connector) = (OrderId::trusted("o"), ConnectorId::trusted("c"));
    vec![
        (Rejection::PaymentAlreadyExists(payment()), ErrorReason::PaymentAlreadyExists),
        (Rejection::LineAlreadyExists(vec![LineId::trusted("l"); 2]), ErrorReason::LineAlreadyExists),
        (Rejection::PaymentNotFound(order.clone(), payment()), ErrorReason::PaymentNotFound),
        (
            Rejection::TransactionNotOpen {
                transaction_id: TransactionId::trusted("t"),
                state: TransactionState::Finished,
            },
            ErrorReason::TransactionNotOpen,
        ),
        (
            Rejection::TooManyPayments { transaction_id: TransactionId::trusted("t"), maximum: 20 },
            ErrorReason::TooManyPayments,
        ),
        (Rejection::TooManyLines { maximum: 500 }, ErrorReason::TooManyLines),
        (Rejection::TooManyInvoices { maximum: 10_000 }, ErrorReason::TooManyInvoices),
        (Rejection::TooManyChanges { maximum: 1_000 }, ErrorReason::TooManyChanges),
        (Rejection::OrderHasInvoices { invoiced: money(2_000) }, ErrorReason::OrderHasInvoices),
        (
            Rejection::ValueBelowInvoiced { value: money(1_000), invoiced: money(2_000) },
            ErrorReason::ValueBelowInvoiced,
        ),
        (Rejection::ValueBelowMinimum { value: money(-100) }, ErrorReason::ValueBelowMinimum),
        (
            Rejection::ValueAboveRoom { value: money(11_000), room: money(8_000), missing: money(1_000) },
            ErrorReason::ValueAboveRoom,
        ),
        (
            Rejection::ValueUnexpected { value: money(9_000), expected: money(9_100) },
            ErrorReason::ValueUnexpected,
        ),
        (
            Rejection::ReturnAboveInvoiced {
                value: money(2_001),
                invoiced: money(2_000),
                returned: money(0),
            },
            ErrorReason::ReturnAboveInvoiced,
        ),
        (Rejection::ReturnAbovePayment(above("p")), ErrorReason::ReturnAbovePayment),
        (
            Rejection::InvoiceNotVoidable {
                invoice_number: InvoiceNumber::trusted("1"),
                invoice_type: InvoiceType::Output,
                state: InvoiceState::Voided { reason: "mistaken".to_owned() },
                returned: Vec::new(),
            },
            ErrorReason::InvoiceNotVoidable,
        ),
        (
            Rejection::ReleaseAboveFree { amount: Some(money(200)), free: money(100) },
            ErrorReason::ReleaseAboveFree,
        ),
        (Rejection::ReleaseAboveFree { amount: None, free: money(0) }, ErrorReason::ReleaseAboveFree),
        (
            Rejection::PartialCancellationNotSupported {
                connector_id: connector.clone(),
                payment_id: payment(),
            },
            ErrorReason::PartialCancellationNotSupported,
        ),
    ]
}

#[test]
fn every_rejection_is_told_with_its_reason_code_details_and_metadata() {
    let promised = promised();
    for (rejection, reason) in rejections().into_iter().chain(rejections_of_changes()) {
        let label = format!("{rejection:?}");
        let status = Status::from(Refusal::Rejected(rejection, about()));
        let details = status.get_error_details();
        let info = details.error_info().expect(&label);
        assert_eq!(info.reason, reason::name(reason), "{label}");
        assert_eq!(info.domain, "tranche.v1");
        assert_eq!(status.code(), code(reason), "{label}");
        assert!(status.message().ends_with('.'), "{label}: {}", status.message());
        assert_metadata(&promised, reason, &status);
        match status.code() {
            Code::InvalidArgument => assert!(details.bad_request().is_some(), "{label}"),
            Code::NotFound => assert!(details.resource_info().is_some(), "{label}"),
            Code::FailedPrecondition => assert!(details.precondition_failure().is_some(), "{label}"),
            _ => {}
        }
    }
}

#[test]
fn an_item_of_a_batch_is_told_what_a_call_of_its_own_would_be_told() {
    for (rejection, reason) in rejections().into_iter().chain(rejections_of_changes()) {
        let status = Status::from(Refusal::Rejected(rejection.clone(), about()));
        let item = ItemRejection::from(Refusal::Rejected(rejection, about()));
        let info = status.get_details_error_info().unwrap();
        assert_eq!(
            (item.code, item.message.as_str()),
            (status.code().into(), status.message()),
            "{reason:?}"
        );
        assert_eq!((item.reason, item.metadata), (info.reason, info.metadata));
        let listed = status.get_details_bad_request();
        let listed = listed.map(|request| request.field_violations).unwrap_or_default();
        let fields = |violation: &ItemViolation| (violation.field.clone(), violation.description.clone());
        let told: Vec<_> = item.field_violations.iter().map(fields).collect();
        let listed = listed.into_iter().map(|violation| (violation.field, violation.description));
        assert_eq!(told, listed.collect::<Vec<_>>());
    }
}

#[test]
fn amounts_in_metadata_are_decimals_with_their_currency() {
    let rejection = Rejection::InvoiceAboveRemaining {
        value: money(10_000),
        invoiced: money(2_000),
        remaining: money(8_000),
        is_final: false,
    };
    let status = Status::from(Refusal::Rejected(rejection, about()));
    let info = status.get_details_error_info().unwrap();
    for (key, value) in [
        ("orderId", "o"),
        ("value", "100.00"),
        ("invoiced", "20.00"),
        ("remaining", "80.00"),
        ("currencyCode", "BRL"),
    ] {
        assert_eq!(info.metadata[key], value, "{key}");
    }
}

#[test]
fn what_the_server_cannot_do_now_says_whether_to_repeat() {
    let failed = |failure| Refusal::Failed(failure, About::default());
    let manifest = |error| Refusal::Manifest(ConnectorId::trusted("c"), error);
    let detail = || "it did not answer".to_owned();
    let promised = promised();
    for (refusal, reason, repeats) in [
        (failed(Failure::Overloaded), ErrorReason::Overloaded, true),
        (failed(Failure::ShuttingDown), ErrorReason::ShuttingDown, true),
        (failed(Failure::Unavailable), ErrorReason::DatabaseUnavailable, true),
        (failed(Failure::Conflict), ErrorReason::Conflict, true),
        (failed(Failure::Internal), ErrorReason::Internal, false),
        (Refusal::TooManyStreams, ErrorReason::TooManyStreams, true),
        (Refusal::TooManyRpcs, ErrorReason::Overloaded, true),
        (Refusal::ShuttingDown, ErrorReason::ShuttingDown, true),
        (Refusal::TimedOut, ErrorReason::DeadlineExceeded, false),
        (Refusal::Panicked, ErrorReason::Internal, false),
        (manifest(ManifestError::Unreachable { detail: detail() }), ErrorReason::ConnectorUnreachable, false),
        (
            manifest(ManifestError::CredentialsRefused { status: 401 }),
            ErrorReason::ConnectorCredentialsRefused,
            false,
        ),
        (
            manifest(ManifestError::CredentialsUnreadable {
                setting: "settings.app_key".to_owned(),
                detail: detail(),
            }),
            ErrorReason::ConnectorCredentialsUnreadable,
            false,
        ),
        (manifest(ManifestError::Invalid { detail: detail() }), ErrorReason::ConnectorManifestInvalid, false),
    ] {
        let status = Status::from(refusal);
        assert_metadata(&promised, reason, &status);
        assert_eq!(of_status(&status), reason::name(reason));
        assert_eq!(status.code(), code(reason));
        assert_eq!(status.get_details_retry_info().is_some(), repeats, "{reason:?}");
    }
}

#[test]
fn the_text_of_a_database_never_leaves() {
    let secret = || "relation \"orders\" does not exist".to_owned();
    for error in [
        StoreError::Conflict(secret()),
        StoreError::Unavailable(secret()),
        StoreError::Refused(secret()),
        StoreError::Corrupt(secret()),
        StoreError::Schema(secret()),
        StoreError::InUse(secret()),
    ] {
        let status = Status::from(Refusal::from(error));
        assert!(!format!("{status:?}").contains("relation"), "{status:?}");
        assert_ne!(of_status(&status), "");
    }
}

/// The message alone says where to look, for callers whose tools show no details.
#[test]
fn a_message_names_the_fields() {
    let said = |fields: &[&str]| {
        let violations = fields.iter().map(|field| Violation::new(*field, "is required")).collect();
        Status::from(Unacceptable(violations)).message().to_owned()
    };
    assert_eq!(said(&["value"]), "The field 'value' is required.");
    assert_eq!(
        said(&["value", "lines[0].line_id", "value"]),
        "Some fields are not right: 'value', 'lines[0].line_id'; the details say of each what to correct."
    );
    assert_eq!(
        said(&["a", "b", "c", "d", "e", "f", "g"]),
        "Some fields are not right: 'a', 'b', 'c', 'd', 'e' and 2 more; the details say of each what to correct."
    );
}

#[test]
fn too_many_violations_are_counted_and_long_ones_are_cut() {
    let violation = |index: usize| Violation::new(format!("lines[{index}]"), "é".repeat(1_000));
    let violations: Vec<Violation> = (0..500).map(violation).collect();
    let status = Status::from(Unacceptable(violations));
    let listed = status.get_details_bad_request().unwrap().field_violations;
    assert_eq!(listed.len(), VIOLATIONS_LISTED_MAX + 1);
    assert_eq!(listed[VIOLATIONS_LISTED_MAX].description, "468 more violations are not listed");
    assert!(status.details().len() < 12_000, "{}", status.details().len());
}

#[test]
fn what_tonic_answers_by_itself_gets_a_reason() {
    let promised = promised();
    for (code, message, reason) in [
        (Code::Unimplemented, "", Some("UNKNOWN_METHOD")),
        (Code::Unimplemented, "Content is compressed with `gzip`", Some("NOT_IMPLEMENTED")),
        (Code::OutOfRange, "decoded message length too large", Some("MESSAGE_TOO_LARGE")),
        (Code::Internal, "failed to decode", Some("MALFORMED_MESSAGE")),
        (Code::Cancelled, "", Some("CANCELED")),
        (Code::DeadlineExceeded, "", Some("DEADLINE_EXCEEDED")),
        (Code::NotFound, "service not registered", None),
    ] {
        let status = explain_foreign(code, message, "/tranche.v1.OrderService/Nothing");
        assert_eq!(status.as_ref().map(of_status).as_deref(), reason, "{code:?}");
        if let (Some(status), Some(name)) = (status, reason) {
            let reason = ErrorReason::from_str_name(&format!("ERROR_REASON_{name}")).unwrap();
            assert_metadata(&promised, reason, &status);
        }
    }
}
