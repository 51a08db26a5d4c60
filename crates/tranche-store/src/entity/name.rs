//! How rows spell the domain's enumerations. The names are data: a rename needs a migration.

use tranche_core::account::{Allocation, RefundOrder, ReleasePolicy};
use tranche_core::connector::{Refunds, Remainder};
use tranche_core::invoice::InvoiceType;
use tranche_core::operation::{OperationKind, RefundPurpose, Waiting};
use tranche_core::operator::ActKind;
use tranche_core::order::{OrderState, TransactionState};
use tranche_core::payment::{Mode, PaymentState};
use tranche_core::validity::Validity;

use crate::OperationStateName;

/// A value that a column spells by its name.
pub(crate) trait Named: Copy + 'static {
    /// Its name.
    fn name(self) -> &'static str;
    /// The value of that name.
    fn named(name: &str) -> Option<Self>;
}

macro_rules! names {
    ($($type:ident { $($variant:ident = $name:literal),* $(,)? })*) => {$(
        impl Named for $type {
            fn name(self) -> &'static str {
                match self {
                    $(Self::$variant => $name,)*
                }
            }

            fn named(name: &str) -> Option<Self> {
                match name {
                    $($name => Some(Self::$variant),)*
                    _ => None,
                }
            }
        }
    )*};
}

names! {
    Allocation {
        LowestFirst = "lowest_first",
        CreatedFirst = "created_first",
        Proportional = "proportional",
    }
    RefundOrder {
        LowestSettledFirst = "lowest_settled_first",
        CreatedFirst = "created_first",
        Proportional = "proportional",
    }
    ReleasePolicy {
        OnCompletion = "on_completion",
        Immediately = "immediately",
        Manual = "manual",
    }
    Mode { Partial = "partial", Hold = "hold", Total = "total" }
    Validity { Lasting = "lasting", Ending = "ending", Ended = "ended" }
    Remainder { Kept = "kept", Released = "released" }
    Refunds { None = "none", Full = "full", Partial = "partial" }
    OrderState {
        Open = "open",
        PartiallyInvoiced = "partially_invoiced",
        Invoiced = "invoiced",
        Canceled = "canceled",
    }
    TransactionState { Open = "open", Finished = "finished", Canceled = "canceled" }
    InvoiceType { Output = "output", Input = "input" }
    OperationKind {
        Authorization = "authorization",
        Settlement = "settlement", Refund = "refund", Cancellation = "cancellation" }
    ActKind {
        RetryOperation = "retry_operation",
        ResolveOperation = "resolve_operation",
        ReleaseRemainder = "release_remainder",
        AdoptMovement = "adopt_movement",
    }
    RefundPurpose { Excess = "excess", Return = "return" }
    Waiting { Pending = "pending", AtProvider = "pending_at_provider", Unknown = "unknown" }
    PaymentState {
        Authorizing = "authorizing",
        Authorized = "authorized",
        Denied = "denied",
        Finished = "finished",
        Canceled = "canceled",
    }
    OperationStateName {
        Pending = "pending",
        Sent = "sent",
        PendingAtProvider = "pending_at_provider",
        Unknown = "unknown",
        Manual = "manual",
        Stuck = "stuck",
        Done = "done",
        Refused = "refused",
        Withdrawn = "withdrawn",
    }
}
