//! What clients do.

use tranche_sdk::v1::{
    AddPaymentRequest, Allocation, CancelOrderRequest, CreateTransactionRequest, RefundOrder, ReleasePolicy,
    ReleaseRemainderRequest, VoidInvoiceRequest,
};

use super::player::{Player, Tale};
use super::request::{Effect, Entry, Request, Told, send_batch, told};
use crate::shop::{change, input, order, output};

/// Orders of one simulation.
const ORDERS_MAX: usize = 5;
/// Invoices of one batch.
const BATCH_MAX: u32 = 5;
const CURRENCIES: [(&str, u32); 4] = [("BRL", 2), ("BRL", 2), ("JPY", 0), ("KWD", 3)];

/// So many thousandths, at least one unit.
fn share(of: i64, thousandths: u32) -> i64 {
    (of * i64::from(thousandths) / 1_000).max(1)
}

impl Player {
    /// The order that a number means.
    fn which(&self, number: u32) -> Option<usize> {
        usize::try_from(number).ok()?.checked_rem(self.tales.len())
    }

    fn next_number(&self) -> usize {
        self.entries.len() + 1
    }

    pub(super) async fn order(&mut self, worth: u32, like: u32, paid: u32) {
        if self.tales.len() >= ORDERS_MAX {
            return;
        }
        let index = self.tales.len();
        let (currency, exponent) = CURRENCIES[usize::try_from(like).unwrap_or_default() % CURRENCIES.len()];
        let value = i64::from(worth % 7).pow(4) * 9 + i64::from(worth) + 1;
        let order_id = format!("o{}", index + 1);
        self.tales.push(Tale {
            order_id: order_id.clone(),
            currency,
            exponent,
            value,
            invoiced: 0,
            returned: 0,
            is_canceled: false,
            is_there: false,
            payments: 0,
        });
        let money = self.tales[index].money(value);
        let mut request = order(&order_id, &money.amount, currency);
        request.allocation = [Allocation::LowestFirst, Allocation::CreatedFirst, Allocation::Proportional]
            [usize::try_from(like / 4 % 3).unwrap_or_default()]
        .into();
        request.refund_order =
            [RefundOrder::LowestSettledFirst, RefundOrder::CreatedFirst, RefundOrder::Proportional]
                [usize::try_from(like / 12 % 3).unwrap_or_default()]
            .into();
        request.release_policy = [
            ReleasePolicy::OnCompletion,
            ReleasePolicy::OnCompletion,
            ReleasePolicy::Immediately,
            ReleasePolicy::Manual,
        ][usize::try_from(like / 36 % 4).unwrap_or_default()]
        .into();
        self.act(paid, index, Request::CreateOrder(request), Effect::Created).await;
        self.checkout(index, value, paid).await;
    }

    /// Pays an order with one, two or three payments, sometimes with more than it is worth.
    async fn checkout(&mut self, index: usize, value: i64, paid: u32) {
        let count = i64::from(paid % 3 + 1);
        let spare = if paid.is_multiple_of(5) { value / 3 + 1 } else { 0 };
        let mut payments = Vec::new();
        let mut left = value + spare;
        for number in 0..count {
            let part = if number + 1 == count { left } else { left * (i64::from(paid % 7) + 1) / 9 };
            if part > 0 {
                left -= part;
                let which = paid / 3 + u32::try_from(number).unwrap_or_default() * 5;
                payments.push(self.authorize(index, part, which).await);
            }
        }
        let tale = &self.tales[index];
        let (transaction_id, order_id) = (tale.transaction_id(), tale.order_id.clone());
        let request = CreateTransactionRequest { transaction_id, order_id, payments };
        self.act(paid, index, Request::CreateTransaction(request), Effect::None).await;
    }

    pub(super) async fn invoice(&mut self, which: u32, part: u32, replica: u32) {
        let Some(index) = self.which(which) else { return };
        let tale = &self.tales[index];
        let value = match part % 10 {
            0 => tale.remaining().max(1),
            1 => tale.remaining() + 1,
            _ => share(tale.remaining(), part / 2),
        };
        self.notify(index, value, replica).await;
    }

    /// Notifies an output invoice.
    pub(super) async fn notify(&mut self, index: usize, value: i64, replica: u32) -> bool {
        let tale = &self.tales[index];
        let request = output(&tale.order_id, &format!("I{}", self.next_number()), tale.money(value));
        self.act(replica, index, Request::Notify(request), Effect::Invoiced(value)).await
    }

    pub(super) async fn batch(&mut self, which: u32, part: u32, replica: u32) {
        let Some(index) = self.which(which) else { return };
        let tale = self.tales[index].clone();
        let count = part % BATCH_MAX + 1;
        let value = share(tale.remaining(), part / 4);
        let number = self.next_number();
        let requests =
            (0..count).map(|item| output(&tale.order_id, &format!("I{number}-{item}"), tale.money(value)));
        let requests: Vec<_> = requests.collect();
        let replica = self.live(replica).await;
        let Some(living) = self.replicas[replica].as_ref() else { return };
        let answer = living.unless_dead(send_batch(&living.client, requests.clone())).await;
        self.quiet().await;
        let told = match answer {
            Some(Ok(told)) => told,
            Some(Err(status)) => vec![self.known(told(Err(status))); requests.len()],
            None => vec![Told::Nothing; requests.len()],
        };
        for (request, told) in requests.into_iter().zip(told) {
            if told == Told::Refused("INTERNAL".to_owned()) {
                self.failures.push(format!("the server failed: {request:?}"));
            }
            let effect = Effect::Invoiced(value);
            self.log
                .push(format!("  {}", if matches!(told, Told::Accepted(_)) { "accepted" } else { "not" }));
            if matches!(told, Told::Accepted(_)) {
                self.book(index, effect);
            }
            self.entries.push(Entry { order: index, request: Request::Notify(request), effect, told });
        }
    }

    pub(super) async fn give_back(&mut self, which: u32, part: u32, replica: u32) {
        let Some(index) = self.which(which) else { return };
        let tale = &self.tales[index];
        let left = tale.invoiced - tale.returned;
        let value = match part % 8 {
            0 => left.max(1),
            1 => left + 1,
            _ => share(left, part),
        };
        let request = input(&tale.order_id, &format!("R{}", self.next_number()), tale.money(value));
        self.act(replica, index, Request::Notify(request), Effect::Returned(value)).await;
    }

    pub(super) async fn void(&mut self, which: u32, replica: u32) {
        let outputs = self.entries.iter().filter(|entry| matches!(entry.effect, Effect::Invoiced(_)));
        let outputs: Vec<&Entry> = outputs.collect();
        let Some(chosen) = usize::try_from(which).ok().and_then(|which| which.checked_rem(outputs.len()))
        else {
            return;
        };
        let entry = outputs[chosen].clone();
        let (Request::Notify(invoice), Effect::Invoiced(value)) = (&entry.request, entry.effect) else {
            return;
        };
        let request = VoidInvoiceRequest {
            request_id: format!("q{}", self.next_number()),
            order_id: invoice.order_id.clone(),
            invoice_number: invoice.invoice_number.clone(),
            reason: "issued by mistake".to_owned(),
        };
        self.act(replica, entry.order, Request::Void(request), Effect::Voided(value)).await;
    }

    pub(super) async fn change(&mut self, which: u32, part: u32, replica: u32) {
        let Some(index) = self.which(which) else { return };
        let tale = &self.tales[index];
        let by = match part % 6 {
            0 => -tale.remaining(),
            1 => share(tale.value, part / 2),
            2 => -tale.remaining() - 1,
            _ => -share(tale.remaining(), part),
        };
        if by == 0 {
            return;
        }
        let mut money = tale.money(by.abs());
        if by < 0 {
            money.amount.insert(0, '-');
        }
        let request = change(&tale.order_id, &format!("q{}", self.next_number()), &money);
        self.act(replica, index, Request::Change(request), Effect::Changed(by)).await;
    }

    pub(super) async fn cancel(&mut self, which: u32, replica: u32) {
        let Some(index) = self.which(which) else { return };
        let request = CancelOrderRequest {
            request_id: format!("q{}", self.next_number()),
            order_id: self.tales[index].order_id.clone(),
            reason: "the customer changed their mind".to_owned(),
            ..CancelOrderRequest::default()
        };
        self.act(replica, index, Request::Cancel(request), Effect::Canceled).await;
    }

    pub(super) async fn pay(&mut self, which: u32, part: u32, replica: u32) {
        let Some(index) = self.which(which) else { return };
        let value = share(self.tales[index].value, part);
        let payment = self.authorize(index, value, replica).await;
        let request = AddPaymentRequest {
            request_id: format!("q{}", self.next_number()),
            transaction_id: self.tales[index].transaction_id(),
            payment: Some(payment),
        };
        self.act(replica, index, Request::AddPayment(request), Effect::None).await;
    }

    pub(super) async fn release(&mut self, which: u32, replica: u32) {
        let Some(index) = self.which(which) else { return };
        let request = ReleaseRemainderRequest {
            request_id: format!("q{}", self.next_number()),
            transaction_id: self.tales[index].transaction_id(),
            actor: "an operator".to_owned(),
            reason: "nothing more is to come".to_owned(),
            ..ReleaseRemainderRequest::default()
        };
        self.act(replica, index, Request::Release(request), Effect::None).await;
    }

    pub(super) async fn repeat(&mut self, which: u32, replica: u32) {
        let Some(index) = usize::try_from(which).ok().and_then(|which| which.checked_rem(self.entries.len()))
        else {
            return;
        };
        self.ask_again(index, replica).await;
    }

    /// Sends a request again, word by word. What was accepted must be answered as the first time.
    pub(super) async fn ask_again(&mut self, index: usize, replica: u32) {
        let Entry { order, request, effect, told: before } = self.entries[index].clone();
        let told = self.ask(replica, &request).await;
        match (&before, &told) {
            (Told::Accepted(first), Told::Accepted(again)) if first == again => {}
            (_, Told::Nothing) => {}
            (Told::Accepted(_), _) => {
                self.failures.push(format!("{request:?} was answered {before:?}, and is now {told:?}"));
            }
            (_, Told::Accepted(_)) => self.book(order, effect),
            (_, Told::Refused(_)) => {}
        }
        // What was accepted stays so; what was refused before may have been accepted now.
        if !matches!(before, Told::Accepted(_)) {
            self.entries[index].told = told;
        }
    }
}
