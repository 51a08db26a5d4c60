//! Adopting a settlement that nobody asked for.

use super::note;
use super::surplus::settled_unasked;
use crate::command::AdoptMovement;
use crate::decide::replay;
use crate::decision::{Context, Decision, Reply};
use crate::operation::OperationKind;
use crate::operator::ActKind;
use crate::plan::plan;
use crate::rejection::{Rejection, Violation};
use crate::state::State;
use crate::work::Work;

/// Books a settlement that the provider made and no operation owns.
///
/// Checks: replay, the transaction and the payment exist, the time, the currency, no operation owns the provider's id,
/// none that is open could turn out to own it, and the provider has said that it authorizes the payment; it is not beyond
/// the authorization, unless the command says so and nothing is under way that could leave less of it.
pub(in crate::decide) fn adopt(
    state: &State,
    command: &AdoptMovement,
    context: &Context,
) -> Result<Decision, Rejection> {
    let AdoptMovement { key, transaction_id, payment_id, request_id, content, provider_id, amount, .. } =
        command;
    let request = command.request_key();
    if let Some(decision) = replay(state, &request, content)? {
        return Ok(decision);
    }
    let not_found = || Rejection::TransactionNotFound(transaction_id.clone());
    let cause = format!("adopt:{request_id}");
    let mut work = Work::open(state, context, key, cause).ok_or_else(not_found)?;
    let own = work.order.transaction.as_ref().filter(|own| own.transaction_id == *transaction_id);
    own.ok_or_else(not_found)?;
    let index = work.payments.iter().position(|payment| payment.payment_id == *payment_id);
    let index = index.ok_or_else(|| Rejection::PaymentNotFound(key.order_id.clone(), payment_id.clone()))?;
    if command.movement_time.is_some_and(|time| time > context.now) {
        let description = "is in the future; what has not happened cannot be adopted";
        return Err(Rejection::Invalid(vec![Violation::new("movement_time", description)]));
    }
    if amount.currency != work.order.currency {
        let (given, own) = (amount.currency.code(), work.order.currency.code());
        let description = format!("is {given}; the order is in {own}");
        return Err(Rejection::Invalid(vec![Violation::new("amount.currency_code", description)]));
    }
    if let Some(operation_id) = work.owner_of(index, OperationKind::Settlement, provider_id, None) {
        return Err(Rejection::MovementAlreadyBooked { provider_id: provider_id.clone(), operation_id });
    }
    if let Some(operation_id) = work.may_own_movement(payment_id) {
        let provider_id = provider_id.clone();
        return Err(Rejection::OperationCouldOwnMovement { operation_id, provider_id });
    }
    let payment = &work.payments[index];
    // How much of it is beyond is known when nothing else of the payment is being settled or released.
    let (unsettled, under_way) = (payment.unsettled(), payment.under_way());
    if amount.minor > unsettled && (under_way > 0 || !command.is_beyond_authorization) {
        return Err(Rejection::MovementAboveAuthorization {
            payment_id: payment_id.clone(),
            amount: *amount,
            unsettled: work.order.money(unsettled),
            under_way: work.order.money(under_way),
        });
    }
    note(&mut work, ActKind::AdoptMovement, (request_id, &command.by), Some(payment_id.clone()), None);
    work.payments[index].settlements += 1;
    settled_unasked(&mut work, index, amount.minor, provider_id, command.movement_time);
    plan(&mut work);
    let mut decision =
        work.close(|closed| Reply::Adopted(closed.order.clone(), closed.payments.to_vec(), closed.started));
    decision.record = Some((request, content.clone()));
    Ok(decision)
}
