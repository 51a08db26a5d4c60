//! Commands with as few words as possible.

use std::collections::BTreeMap;
use std::time::Duration;

use tranche_core::authorization::{Approval, AuthorizationRequest};
use tranche_core::command::{
    AddPayment, AdoptMovement, CancelOrder, ChangeOrder, Command, ConnectorConfiguration, CreateOrder,
    CreateTransaction, LeaseOperation, NewAuthorization, NewLine, NewPayment, NotifyInvoice,
    ObserveAuthorizationEnd, RecordCallback, RecordOutcome, ReleaseRemainder, Resolution, ResolveOperation,
    RetryOperation, UpdateAccount, UpdateTracking, VoidInvoice, WriteConnector,
};
use tranche_core::connector::{Capabilities, PartialSettlement, Refunds, Remainder};
use tranche_core::content::Content;
use tranche_core::id::{AccountId, ConnectorId, InvoiceNumber, LineId, PaymentId, RequestId, TransactionId};
use tranche_core::invoice::{InvoiceLine, InvoiceType, Leg, Tracking};
use tranche_core::money::{Currency, Money};
use tranche_core::operation::{Answer, Authorization, Exchange, Operation};
use tranche_core::operator::Actor;
use tranche_core::order::Totals;
use tranche_core::payment::Mode;

use crate::books::Books;

pub(crate) fn currency(code: &str) -> Currency {
    Currency::parse(code).unwrap()
}

pub(crate) fn content(of: &impl std::fmt::Debug) -> Content {
    Content::default().with("content", &format!("{of:?}"))
}

pub(crate) fn capabilities(partial_settlement: PartialSettlement) -> Capabilities {
    Capabilities {
        partial_settlement,
        remainder: Remainder::Kept,
        partial_cancellation: false,
        refunds: Refunds::Partial,
        replay_safe: true,
        replay_window: Duration::from_hours(24),
        authorization_lifetime: None,
    }
}

pub(crate) fn account(request: &str) -> UpdateAccount {
    UpdateAccount {
        account_id: AccountId::trusted("a"),
        request_id: RequestId::trusted(request),
        content: content(&request),
        etag: None,
        partial_settlement: None,
        allocation: None,
        refund_order: None,
        release_policy: None,
        legacy_mode: None,
        authorization_lead_time: None,
    }
}

pub(crate) fn connector(id: &str, default_mode: Option<Mode>, capabilities: Capabilities) -> WriteConnector {
    WriteConnector {
        account_id: AccountId::trusted("a"),
        connector_id: ConnectorId::trusted(id),
        request_id: None,
        content: content(&(default_mode, capabilities)),
        etag: None,
        configuration: ConnectorConfiguration {
            kind: "protocol".to_owned(),
            settings: BTreeMap::new(),
            default_mode,
            capabilities,
            minimum_amounts: Vec::new(),
            manifest: String::new(),
        },
    }
}

pub(crate) fn line(id: &str, quantity: i64, unit_price: i64) -> NewLine {
    let (sku_id, description) = ("sku".to_owned(), String::new());
    NewLine { line_id: LineId::trusted(id), sku_id, description, quantity, unit_price }
}

pub(crate) fn order(value: i64, lines: &[(&str, i64)]) -> CreateOrder {
    let line = |(id, quantity): &(&str, i64)| line(id, *quantity, 1);
    CreateOrder {
        key: Books::key(),
        content: content(&(value, lines)),
        currency: currency("BRL"),
        lines: lines.iter().map(line).collect(),
        totals: Totals { items: value, ..Totals::default() },
        allocation: None,
        refund_order: None,
        release_policy: None,
    }
}

pub(crate) fn payment(id: &str, connector: &str, authorized: i64, mode: Option<Mode>) -> NewPayment {
    NewPayment {
        payment_id: PaymentId::trusted(id),
        connector_id: ConnectorId::trusted(connector),
        currency: currency("BRL"),
        authorized,
        mode,
        authorization: adopted(&format!("provider's {id}")),
    }
}

/// Looks whether a payment's authorization ends.
pub(crate) fn observe(payment: &str) -> Command {
    let (key, payment_id) = (Books::key(), PaymentId::trusted(payment));
    Command::ObserveAuthorizationEnd(ObserveAuthorizationEnd { key, payment_id })
}

/// An authorization that exists at the provider, under this id.
pub(crate) fn adopted(provider_payment_id: &str) -> NewAuthorization {
    NewAuthorization::Adopted(Authorization {
        provider_payment_id: provider_payment_id.to_owned(),
        provider_transaction_id: String::new(),
        authorization_id: String::new(),
        tid: None,
        nsu: None,
        expire_time: None,
    })
}

/// An authorization that the provider is to be asked for.
pub(crate) fn requested() -> NewAuthorization {
    NewAuthorization::Requested(AuthorizationRequest {
        payment_method: "Visa".to_owned(),
        token: Some("a token".to_owned()),
        installments: 1,
        return_url: None,
    })
}

pub(crate) fn transaction(id: &str, payments: Vec<NewPayment>) -> CreateTransaction {
    CreateTransaction {
        key: Books::key(),
        transaction_id: TransactionId::trusted(id),
        content: content(&payments),
        payments,
    }
}

pub(crate) fn invoice(
    number: &str,
    value: i64,
    legs: &[(&str, i64)],
    lines: &[(&str, i64)],
) -> NotifyInvoice {
    NotifyInvoice {
        key: Books::key(),
        invoice_number: InvoiceNumber::trusted(number),
        invoice_type: InvoiceType::Output,
        receipt_id: format!("receipt of {number}"),
        content: content(&(value, legs, lines)),
        currency: currency("BRL"),
        value,
        lines: lines
            .iter()
            .map(|(id, quantity)| InvoiceLine { line_id: LineId::trusted(id), quantity: *quantity })
            .collect(),
        legs: legs.iter().map(|(id, value)| Leg::new(PaymentId::trusted(id), *value)).collect(),
        issue_time: None,
        invoice_key: String::new(),
        invoice_url: String::new(),
        tracking: Tracking::default(),
        validate_only: false,
    }
}

/// A return.
pub(crate) fn input(number: &str, value: i64, legs: &[(&str, i64)], lines: &[(&str, i64)]) -> NotifyInvoice {
    let content = content(&("input", value, legs, lines));
    NotifyInvoice { invoice_type: InvoiceType::Input, content, ..invoice(number, value, legs, lines) }
}

/// A change that changes nothing yet.
pub(crate) fn change(request: &str) -> ChangeOrder {
    ChangeOrder {
        key: Books::key(),
        request_id: RequestId::trusted(request),
        content: Content::default(),
        etag: None,
        reason: "asked for".to_owned(),
        currencies: Vec::new(),
        added_lines: Vec::new(),
        removed_lines: Vec::new(),
        manual_discount: 0,
        manual_increment: 0,
        expected_value: None,
        validate_only: false,
    }
}

/// A change of the value alone.
pub(crate) fn change_by(request: &str, amount: i64) -> ChangeOrder {
    ChangeOrder {
        content: content(&amount),
        manual_discount: (-amount).max(0),
        manual_increment: amount.max(0),
        ..change(request)
    }
}

pub(crate) fn cancel(request: &str) -> CancelOrder {
    CancelOrder {
        key: Books::key(),
        request_id: RequestId::trusted(request),
        content: content(&"cancel"),
        etag: None,
        reason: "asked for".to_owned(),
    }
}

pub(crate) fn void(number: &str, request: &str) -> VoidInvoice {
    VoidInvoice {
        key: Books::key(),
        invoice_number: InvoiceNumber::trusted(number),
        request_id: RequestId::trusted(request),
        content: content(&("void", number)),
        reason: "issued by mistake".to_owned(),
    }
}

pub(crate) fn add(request: &str, payment: NewPayment) -> AddPayment {
    AddPayment {
        key: Books::key(),
        transaction_id: TransactionId::trusted("t"),
        request_id: RequestId::trusted(request),
        content: content(&payment),
        payment,
    }
}

pub(crate) fn release(request: &str, payment: Option<&str>, amount: Option<i64>) -> ReleaseRemainder {
    ReleaseRemainder {
        key: Books::key(),
        transaction_id: TransactionId::trusted("t"),
        request_id: RequestId::trusted(request),
        content: content(&(payment, amount)),
        payment_id: payment.map(PaymentId::trusted),
        amount: amount.map(|minor| Money { currency: currency("BRL"), minor }),
        by: by(),
    }
}

fn by() -> Actor {
    Actor { name: "an operator".to_owned(), reason: "asked for".to_owned() }
}

pub(crate) fn retry(operation: &Operation, request: &str) -> RetryOperation {
    RetryOperation {
        key: operation.order.clone(),
        operation_id: operation.operation_id.clone(),
        request_id: RequestId::trusted(request),
        content: content(&"retry"),
        by: by(),
    }
}

pub(crate) fn resolve(operation: &Operation, request: &str, resolution: Resolution) -> ResolveOperation {
    ResolveOperation {
        key: operation.order.clone(),
        operation_id: operation.operation_id.clone(),
        request_id: RequestId::trusted(request),
        content: content(&resolution),
        resolution,
        by: by(),
    }
}

pub(crate) fn adopt(
    request: &str,
    payment: &str,
    value: i64,
    provider_id: &str,
    is_beyond_authorization: bool,
) -> AdoptMovement {
    AdoptMovement {
        key: Books::key(),
        transaction_id: TransactionId::trusted("t"),
        payment_id: PaymentId::trusted(payment),
        request_id: RequestId::trusted(request),
        content: content(&(payment, value, provider_id)),
        provider_id: provider_id.to_owned(),
        amount: Money { currency: currency("BRL"), minor: value },
        movement_time: None,
        is_beyond_authorization,
        by: by(),
    }
}

pub(crate) fn tracking(number: &str, request: &str, courier: &str) -> UpdateTracking {
    UpdateTracking {
        key: Books::key(),
        invoice_number: InvoiceNumber::trusted(number),
        request_id: RequestId::trusted(request),
        content: content(&courier),
        tracking: Tracking { courier: courier.to_owned(), ..Tracking::default() },
    }
}

pub(crate) fn lease(operation: &Operation) -> Command {
    Command::LeaseOperation(LeaseOperation {
        key: operation.order.clone(),
        operation_id: operation.operation_id.clone(),
    })
}

fn exchange() -> Exchange {
    Exchange {
        method: "POST".to_owned(),
        url: String::new(),
        request_headers: String::new(),
        request_body: String::new(),
        status: None,
        response_headers: String::new(),
        response_body: String::new(),
        latency: Duration::ZERO,
        error: None,
    }
}

/// What a provider says of a payment's authorization without being asked; nothing: that it can be asked again.
pub(crate) fn callback(payment: &str, answer: Option<Answer>) -> Command {
    Command::RecordCallback(Box::new(RecordCallback {
        key: Books::key(),
        payment_id: PaymentId::trusted(payment),
        answer,
        exchange: exchange(),
    }))
}

pub(crate) fn outcome(operation: &Operation, attempt: u32, answer: Answer) -> Command {
    Command::RecordOutcome(Box::new(RecordOutcome {
        key: operation.order.clone(),
        operation_id: operation.operation_id.clone(),
        attempt,
        answer,
        exchange: exchange(),
        // The whole pause, so that tables can name it.
        jitter: 1000,
    }))
}

pub(crate) fn done(operation: &Operation, value: i64, surplus: i64) -> Answer {
    Answer::Done {
        value,
        surplus,
        provider_id: format!("provider's {}#{}", operation.payment_id, operation.ordinal),
    }
}

/// What a provider says of an authorization: `approved [AUTHORIZATION] [max=VALUE]`, `denied`, `undecided [SECONDS]`.
pub(crate) fn of_authorization(words: &[&str]) -> Answer {
    match words {
        ["approved", rest @ ..] => {
            let named = rest.iter().find(|word| !word.starts_with("max="));
            let max_value =
                rest.iter().find_map(|word| word.strip_prefix("max=")).map(|most| most.parse().unwrap());
            let authorization_id = format!("authorization {}", named.unwrap_or(&"1"));
            Answer::Approved(Approval { authorization_id, tid: Some("tid".to_owned()), nsu: None, max_value })
        }
        ["denied"] => Answer::Denied { code: "no-money".to_owned(), message: "ask somebody else".to_owned() },
        ["undecided", rest @ ..] => {
            let seconds = rest.first().map(|word| Duration::from_secs(word.parse().unwrap()));
            Answer::Undecided { cancel_after: seconds }
        }
        other => panic!("'{other:?}' is not said of an authorization"),
    }
}

/// What a provider says without having moved money.
pub(crate) fn no_money(word: &str, retry_after: Option<Duration>) -> Answer {
    let (code, message, detail) = (word.to_owned(), String::new(), String::new());
    match word {
        "refused" => Answer::Refused { code, message },
        "pending" => Answer::Pending,
        "manual" => Answer::Manual { code, message },
        "unknown" => Answer::Unknown { detail },
        "no-answer" => Answer::NoAnswer { detail, retry_after },
        other => panic!("'{other}' is not an answer"),
    }
}
