//! An operator who looks into the provider's books, and says what is true.

use serde_json::Value;
use tranche_sandbox::PaymentStatus;
use tranche_sdk::v1::resolve_operation_request::Resolution;
use tranche_sdk::v1::resolved_not_done::FollowUp;
use tranche_sdk::v1::stuck_operation::Cause;
use tranche_sdk::v1::{
    ListStuckOperationsRequest, Money, Operation, ResolveOperationRequest, ResolvedDone, ResolvedNotDone,
    ResolvedSurplus, RetryOperationRequest, StuckOperation, operation,
};

use super::player::Player;
use super::request::{Effect, Request};

/// Acts of one sweep through everything that waits.
const ACTS_MAX: usize = 60;

/// What the provider's books say of an operation.
struct Booked {
    value: String,
    provider_id: String,
}

impl Player {
    /// Takes up one case that waits for an operator.
    pub(super) async fn operate(&mut self, which: u32, how: u32, replica: u32) {
        let cases = self.cases(replica).await;
        let Some(at) = usize::try_from(which).ok().and_then(|which| which.checked_rem(cases.len())) else {
            return;
        };
        let case = cases[at].clone();
        self.take_up(&case, how, replica).await;
    }

    /// Says of everything that waits what became of it, until nothing does or nothing helps. A provider may refuse the same
    /// for ever: an operator who is not patient any more gives it up at once.
    pub(super) async fn operate_all(&mut self, is_patient: bool) -> bool {
        let mut any = false;
        for how in 0..ACTS_MAX {
            let cases = self.cases(0).await;
            let mut is_taken = false;
            for case in cases {
                // The last word on what lacks is that nobody is asked any more.
                let how = if is_patient && how < 2 { u32::try_from(how).unwrap_or_default() } else { 3 };
                if self.take_up(&case, how, 0).await {
                    is_taken = true;
                    break;
                }
            }
            any |= is_taken;
            if !is_taken && how >= 3 {
                return any;
            }
        }
        self.failures.push("operators never come to an end".to_owned());
        any
    }

    /// What waits, in an order that does not depend on the ids.
    async fn cases(&mut self, replica: u32) -> Vec<StuckOperation> {
        let index = self.live(replica).await;
        let Some(living) = self.replicas[index].as_ref() else { return Vec::new() };
        let request = ListStuckOperationsRequest {
            page_size: 500,
            unknown_for: Some(prost_types::Duration { seconds: 0, nanos: 1_000 }),
            ..ListStuckOperationsRequest::default()
        };
        let mut operators = living.client.operators();
        let answer = living.unless_dead(operators.list_stuck_operations(request)).await;
        self.quiet().await;
        match answer {
            Some(Ok(page)) => {
                let cases = page.into_inner().stuck_operations;
                // What ends is covered by other payments, or not at all: there is nothing to be said of it.
                cases.into_iter().filter(|case| case.operation.is_some()).collect()
            }
            _ => Vec::new(),
        }
    }

    /// Says what is true of a case; whether that was accepted.
    async fn take_up(&mut self, case: &StuckOperation, how: u32, replica: u32) -> bool {
        let Some(row) = case.operation.clone() else { return false };
        let id = self.at_provider(&case.order_id, &row.payment_id);
        let is_authorization = row.kind() == operation::Kind::Authorization;
        // What is still on its way may yet be done.
        if self.network.is_waiting(if is_authorization { &id } else { &row.operation_id }) {
            return false;
        }
        let Some(order) = self.tales.iter().position(|tale| tale.order_id == case.order_id) else {
            return false;
        };
        let booked = if is_authorization { self.authorized(&row, &id).await } else { self.booked(&row) };
        let is_open =
            self.network.sandbox.payment(&id).is_some_and(|row| row.status == PaymentStatus::Undefined);
        if is_authorization && is_open {
            return false;
        }
        let resolution = match (case.cause(), booked) {
            (Cause::Surplus, _) => {
                // The sandbox tells the truth of what it moves.
                Resolution::Surplus(ResolvedSurplus { real: Some(true) })
            }
            (Cause::Unknown | Cause::Manual | Cause::Stuck, Some(booked)) => {
                let amount = row.amount.clone().unwrap_or_default();
                let amount = Money { amount: booked.value, ..amount };
                Resolution::Done(ResolvedDone { amount: Some(amount), provider_id: booked.provider_id })
            }
            (Cause::Lacking | Cause::Unknown | Cause::Stuck, None) if how.is_multiple_of(4) => {
                let request = self.retry(&row);
                return self.act(replica, order, Request::Retry(request), Effect::None).await;
            }
            _ => {
                let follow_up = match how % 4 {
                    _ if is_authorization => FollowUp::GiveUp,
                    0 | 1 => FollowUp::Retry,
                    2 if row.kind() == operation::Kind::Settlement => FollowUp::Move,
                    _ => FollowUp::GiveUp,
                };
                let follow_up = follow_up.into();
                Resolution::NotDone(ResolvedNotDone { follow_up, payment_id: String::new() })
            }
        };
        // Money that was said not to have moved, and was refused, is not as good as new; nor is what was moved unasked.
        if !is_authorization {
            self.wronged.insert(id);
        }
        let request = ResolveOperationRequest {
            request_id: format!("q{}", self.entries.len() + 1),
            operation_id: row.operation_id,
            actor: "an operator".to_owned(),
            reason: "as the provider's books show".to_owned(),
            resolution: Some(resolution),
        };
        self.act(replica, order, Request::Resolve(request), Effect::None).await
    }

    fn retry(&self, row: &Operation) -> RetryOperationRequest {
        RetryOperationRequest {
            request_id: format!("q{}", self.entries.len() + 1),
            operation_id: row.operation_id.clone(),
            actor: "an operator".to_owned(),
            reason: "to be tried again".to_owned(),
        }
    }

    /// What the provider has approved of a payment that it was asked for.
    async fn authorized(&self, row: &Operation, id: &str) -> Option<Booked> {
        let is_approved = self.network.sandbox.payment(id)?.status == PaymentStatus::Approved;
        let asked = self.network.asked().remove(id).filter(|_| is_approved)?;
        let answer: Value = serde_json::from_slice(&self.network.say_again(&asked).await).ok()?;
        let provider_id = answer["authorizationId"].as_str()?.to_owned();
        Some(Booked { value: row.amount.clone()?.amount, provider_id })
    }

    /// What the provider has under the operation's id; of one that it did twice the first.
    fn booked(&self, row: &Operation) -> Option<Booked> {
        let books = self.network.sandbox.payment(&self.at_provider(&row.order_id, &row.payment_id))?;
        let own = |request_id: &str| request_id == row.operation_id;
        let found = match row.kind() {
            operation::Kind::Settlement => {
                let found = books.settlements.iter().find(|booked| own(&booked.request_id))?;
                (found.value, found.settle_id.clone())
            }
            operation::Kind::Refund => {
                let found = books.refunds.iter().find(|booked| own(&booked.request_id))?;
                (found.value, found.refund_id.clone())
            }
            _ => {
                let found = books.cancellations.iter().find(|booked| own(&booked.request_id))?;
                (found.value, found.cancellation_id.clone())
            }
        };
        let (value, provider_id) = found;
        Some(Booked { value: value.to_string(), provider_id })
    }
}
