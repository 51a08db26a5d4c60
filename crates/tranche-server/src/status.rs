//! The only place that makes a [`tonic::Status`].
//!
//! Whatever is refused becomes a [`Refusal`]; an exhaustive match explains it, and the reason alone decides the code.
//! Every status carries exactly one `ErrorInfo`, and a sentence whose variables are all in its metadata. What a database
//! says never leaves the process: it is logged under an incident id, which the caller gets instead.

mod explanation;
mod foreign;
mod reason;
mod rejection;

use std::collections::HashMap;
use std::fmt::Display;
use std::sync::atomic::{AtomicU64, Ordering};

use tonic::{Code, Status};
use tonic_types::{ErrorDetails, FieldViolation, PreconditionViolation, StatusExt};
use tracing::error;
use tranche_connectors::ManifestError;
use tranche_core::command::Command;
use tranche_core::id::{AccountId, ConnectorId, OrderId, TransactionId};
use tranche_core::money::decimal_of;
use tranche_core::rejection::{Rejection, Violation};
use tranche_proto::v1::{ErrorReason, FieldViolation as ItemViolation, ItemRejection};
use tranche_store::StoreError;

use crate::bounds::{
    METADATA_BYTES_MAX, NAMED_IN_MESSAGE_MAX, RETRY_PAUSE, VIOLATION_BYTES_MAX, VIOLATIONS_LISTED_MAX,
    WATCH_STREAMS_MAX,
};
use crate::engine::Failure;
use crate::wire::Unacceptable;
use explanation::Explanation;
pub(crate) use foreign::explain_foreign;
pub(crate) use reason::of_status;
use reason::{code, is_repeatable};

/// The domain of our reasons.
const DOMAIN: &str = "tranche.v1";

/// What of a command a rejection is told with.
#[derive(Clone, Debug, Default)]
pub(crate) struct About {
    order_id: Option<OrderId>,
    transaction_id: Option<TransactionId>,
}

impl About {
    /// Of an order.
    pub(crate) fn order(order_id: &OrderId) -> Self {
        Self { order_id: Some(order_id.clone()), ..Self::default() }
    }

    /// Of a command, before the engine takes it.
    pub(crate) fn command(command: &Command) -> Self {
        let transaction_id = match command {
            Command::ReleaseRemainder(command) => Some(command.transaction_id.clone()),
            _ => None,
        };
        Self { order_id: command.order_key().map(|key| key.order_id.clone()), transaction_id }
    }
}

/// Why an RPC is not answered with its message.
#[derive(Debug)]
pub(crate) enum Refusal {
    /// The request does not become a command.
    Unacceptable(Unacceptable),
    /// What the request names does not exist, or the core does not accept it.
    Rejected(Rejection, About),
    /// The engine has no reply.
    Failed(Failure, About),
    /// A read failed.
    Unreadable(StoreError),
    /// A recorded answer cannot be decoded.
    Undecodable(prost::DecodeError),
    /// A provider's manifest cannot be had.
    Manifest(ConnectorId, ManifestError),
    /// A reader of events would miss those that are forgotten.
    CursorExpired {
        /// Whose events.
        account_id: AccountId,
        /// Resumes before the oldest event that is kept.
        oldest_cursor: String,
    },
    /// As many streams are open as are allowed.
    TooManyStreams,
    /// As many RPCs are in progress as are allowed.
    TooManyRpcs,
    /// The server is stopping.
    ShuttingDown,
    /// The time for the RPC is over.
    TimedOut,
    /// A handler panicked; the panic hook has logged it.
    Panicked,
}

impl From<Unacceptable> for Refusal {
    fn from(unacceptable: Unacceptable) -> Self {
        Self::Unacceptable(unacceptable)
    }
}

impl From<StoreError> for Refusal {
    fn from(error: StoreError) -> Self {
        Self::Unreadable(error)
    }
}

impl From<Unacceptable> for Status {
    fn from(unacceptable: Unacceptable) -> Self {
        Refusal::from(unacceptable).into()
    }
}

impl From<Refusal> for Status {
    fn from(refusal: Refusal) -> Self {
        explain(refusal).into()
    }
}

fn explain(refusal: Refusal) -> Explanation {
    match refusal {
        Refusal::Unacceptable(Unacceptable(violations)) => invalid(violations),
        Refusal::Rejected(rejection, about) | Refusal::Failed(Failure::Rejected(rejection), about) => {
            rejection::explain(rejection, &about)
        }
        Refusal::Failed(failure, _) => failed(&failure),
        Refusal::Unreadable(error) => unreadable(&error),
        Refusal::Undecodable(error) => internal(&error.to_string()),
        Refusal::Manifest(connector_id, error) => manifest(&connector_id, &error),
        Refusal::CursorExpired { account_id, oldest_cursor } => Explanation::new(
            ErrorReason::EventCursorExpired,
            format!(
                "The events after the cursor are not kept any more, or the log was restored from a day before it; \
                 follow from the oldest that is kept, with the cursor '{oldest_cursor}', and read the resources for \
                 what happened before."
            ),
        )
        .of("account", account_id.as_str())
        .with("oldestCursor", oldest_cursor),
        Refusal::TooManyStreams => Explanation::new(
            ErrorReason::TooManyStreams,
            format!("All {WATCH_STREAMS_MAX} streams of events are in use; close one, or repeat later."),
        )
        .with("maximum", WATCH_STREAMS_MAX.to_string()),
        Refusal::TooManyRpcs => overloaded(),
        Refusal::ShuttingDown => shutting_down(),
        Refusal::TimedOut => Explanation::new(
            ErrorReason::DeadlineExceeded,
            "The time ran out, and the work may or may not have been done; repeat the request unchanged, its key makes \
             that safe.",
        ),
        Refusal::Panicked => internal("a handler panicked"),
    }
}

/// A request that can never be right, with all that is wrong with it, as far as headers have room.
fn invalid(violations: Vec<Violation>) -> Explanation {
    let message = match violations.as_slice() {
        [only] => format!(
            "The field '{}' {}.",
            cut(&only.field, VIOLATION_BYTES_MAX),
            cut(&only.description, VIOLATION_BYTES_MAX)
        ),
        all => {
            let mut fields: Vec<String> = Vec::new();
            for violation in all {
                let field = cut(&violation.field, VIOLATION_BYTES_MAX);
                if !fields.contains(&field) {
                    fields.push(field);
                }
            }
            format!("Some fields are not right: {}; the details say of each what to correct.", names(&fields))
        }
    };
    Explanation { violations, ..Explanation::new(ErrorReason::InvalidArgument, message) }
}

fn failed(failure: &Failure) -> Explanation {
    match failure {
        // Told with what it is about; see `explain`.
        Failure::Rejected(rejection) => rejection::explain(rejection.clone(), &About::default()),
        Failure::Overloaded => overloaded(),
        Failure::ShuttingDown => shutting_down(),
        Failure::Unavailable => unavailable(),
        Failure::Conflict => conflict(),
        Failure::Internal => internal("the engine refused a command; its own line says why"),
    }
}

fn unreadable(error: &StoreError) -> Explanation {
    match error {
        StoreError::Conflict(_) => conflict(),
        StoreError::Unavailable(detail) => {
            error!(detail, "the database is away");
            unavailable()
        }
        StoreError::Refused(_) | StoreError::Corrupt(_) | StoreError::Schema(_) | StoreError::InUse(_) => {
            internal(&error.to_string())
        }
    }
}

fn manifest(connector_id: &ConnectorId, error: &ManifestError) -> Explanation {
    let because = |reason| {
        Explanation::new(reason, format!("The connector '{connector_id}' was not written: {error}."))
            .of("connector", connector_id.as_str())
            .with("connectorId", connector_id.as_str())
    };
    match error {
        ManifestError::Unreachable { detail } => {
            because(ErrorReason::ConnectorUnreachable).with("detail", detail)
        }
        ManifestError::CredentialsRefused { status } => {
            because(ErrorReason::ConnectorCredentialsRefused).with("status", status.to_string())
        }
        ManifestError::CredentialsUnreadable { setting, detail } => {
            because(ErrorReason::ConnectorCredentialsUnreadable)
                .with("setting", setting)
                .with("detail", detail)
        }
        ManifestError::Invalid { detail } => {
            because(ErrorReason::ConnectorManifestInvalid).with("detail", detail)
        }
    }
}

fn overloaded() -> Explanation {
    Explanation::new(
        ErrorReason::Overloaded,
        "The server has more work than it takes, and did nothing; repeat the request unchanged after the delay.",
    )
}

fn shutting_down() -> Explanation {
    Explanation::new(
        ErrorReason::ShuttingDown,
        "The server is stopping; repeat the request unchanged, at another replica or after the delay.",
    )
}

fn unavailable() -> Explanation {
    Explanation::new(
        ErrorReason::DatabaseUnavailable,
        "The database cannot be reached, and the work may or may not have been done; repeat the request unchanged \
         after the delay, its key makes that safe.",
    )
}

fn conflict() -> Explanation {
    Explanation::new(
        ErrorReason::Conflict,
        "Other writers were first too often, and nothing was done; repeat the request unchanged after the delay.",
    )
}

/// Counts the incidents of this process.
static INCIDENTS: AtomicU64 = AtomicU64::new(1);

/// What should not happen: logged in full, told by its incident id alone.
fn internal(detail: &str) -> Explanation {
    let count = INCIDENTS.fetch_add(1, Ordering::Relaxed);
    let incident_id = format!("{:x}-{count:x}", std::process::id());
    error!(incident_id, detail, "an incident");
    let message = format!(
        "Something that should not happen happened, and the work may or may not have been done; repeat the request \
         unchanged, its key makes that safe, and report the incident '{incident_id}'."
    );
    Explanation::new(ErrorReason::Internal, message).with("incidentId", incident_id)
}

impl From<Explanation> for Status {
    fn from(explanation: Explanation) -> Self {
        let Explanation { reason, message, metadata, subject, violations, preconditions } = explanation;
        let name = reason::name(reason);
        let code = code(reason);
        let metadata: HashMap<String, String> = metadata
            .into_iter()
            .map(|(key, value)| (key.to_owned(), cut(&value, METADATA_BYTES_MAX)))
            .collect();
        let mut details = ErrorDetails::with_error_info(name, DOMAIN, metadata);
        let (kind, id) = subject.unwrap_or_default();
        match code {
            Code::InvalidArgument if !violations.is_empty() => {
                details.set_bad_request(listed(&violations));
            }
            Code::NotFound => {
                details.set_resource_info(kind, id, "", "");
            }
            Code::FailedPrecondition if preconditions.is_empty() => {
                details.add_precondition_failure_violation(name, format!("{kind}/{id}"), message.clone());
            }
            Code::FailedPrecondition => {
                let preconditions: Vec<PreconditionViolation> = preconditions
                    .into_iter()
                    .take(VIOLATIONS_LISTED_MAX)
                    .map(|(subject, description)| PreconditionViolation::new(name, subject, description))
                    .collect();
                details.set_precondition_failure(preconditions);
            }
            _ if is_repeatable(reason) => {
                details.set_retry_info(Some(RETRY_PAUSE));
            }
            _ => {}
        }
        Self::with_error_details(code, message, details)
    }
}

/// A refusal as one item of a batch tells it: what the status of a single call would have said.
impl From<Refusal> for ItemRejection {
    fn from(refusal: Refusal) -> Self {
        let Explanation { reason, message, metadata, violations, .. } = explain(refusal);
        let violation =
            |listed: FieldViolation| ItemViolation { field: listed.field, description: listed.description };
        Self {
            code: code(reason).into(),
            reason: reason::name(reason).to_owned(),
            message,
            metadata: metadata
                .into_iter()
                .map(|(key, value)| (key.to_owned(), cut(&value, METADATA_BYTES_MAX)))
                .collect(),
            field_violations: listed(&violations).into_iter().map(violation).collect(),
        }
    }
}

/// The violations as details; if they are too many for headers, the last one says how many more there are.
fn listed(violations: &[Violation]) -> Vec<FieldViolation> {
    let part = |violation: &Violation| {
        let field = cut(&violation.field, VIOLATION_BYTES_MAX);
        FieldViolation::new(field, cut(&violation.description, VIOLATION_BYTES_MAX))
    };
    let mut listed: Vec<FieldViolation> = violations.iter().take(VIOLATIONS_LISTED_MAX).map(part).collect();
    let left = violations.len() - listed.len();
    if left > 0 {
        listed.push(FieldViolation::new("", format!("{left} more violations are not listed")));
    }
    listed
}

/// The first few of these, and how many more there are.
fn names<T: Display>(all: &[T]) -> String {
    let named = all.iter().take(NAMED_IN_MESSAGE_MAX).map(|name| format!("'{name}'"));
    let named = named.collect::<Vec<_>>().join(", ");
    match all.len().saturating_sub(NAMED_IN_MESSAGE_MAX) {
        0 => named,
        more => format!("{named} and {more} more"),
    }
}

/// A text cut to a number of bytes, at the end of a character.
fn cut(text: &str, bytes_max: usize) -> String {
    if text.len() <= bytes_max {
        return text.to_owned();
    }
    let end = text.floor_char_boundary(bytes_max);
    format!("{}…", text.get(..end).unwrap_or_default())
}

/// An amount as metadata tells it: a plain decimal, whose currency stands beside it.
fn decimal(money: tranche_core::money::Money) -> String {
    decimal_of(money.minor, money.currency).to_string()
}

#[cfg(test)]
mod tests;
