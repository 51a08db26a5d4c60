//! What a history begins with: an order and its payments, in the books and in the model.

use std::time::Duration;

use tranche_core::account::{Allocation, RefundOrder, ReleasePolicy};
use tranche_core::command::{Command, NewAuthorization, NewPayment, WriteConnector};
use tranche_core::connector::{Capabilities, PartialSettlement, Remainder};
use tranche_core::money::Money;
use tranche_core::payment::Mode;

use super::History;
use crate::choices::Choices;
use crate::commands;
use crate::model::{End, Model, Pay, Request, Started};

/// The order of a history, with its payments.
pub(super) fn model(choices: &mut Choices) -> Model {
    let most = choices.pick(&[5, 50, 10_000]);
    let count = choices.range(1, 3);
    let any = |choices: &mut Choices| {
        let pay = pay(choices, most);
        if choices.chance(30) { to_be_asked_for(pay) } else { pay }
    };
    let pays: Vec<Pay> = (0..count).map(|_| any(choices)).collect();
    let sum: i64 = pays.iter().map(|pay| pay.authorized + pay.request.value).sum();
    let slack = choices.pick(&[0, 3, sum / 2]);
    Model {
        now: 0,
        is_over: false,
        value: choices.range((sum - slack).max(1), sum),
        invoiced: 0,
        returned: 0,
        is_canceled: false,
        allocation: choices.pick(&[
            Allocation::LowestFirst,
            Allocation::CreatedFirst,
            Allocation::Proportional,
        ]),
        refund_order: choices.pick(&[
            RefundOrder::LowestSettledFirst,
            RefundOrder::CreatedFirst,
            RefundOrder::Proportional,
        ]),
        policy: choices.pick(&[
            ReleasePolicy::OnCompletion,
            ReleasePolicy::OnCompletion,
            ReleasePolicy::Immediately,
            ReleasePolicy::Manual,
        ]),
        pays,
    }
}

/// The same payment, with the provider still to be asked for its authorization.
pub(super) fn to_be_asked_for(pay: Pay) -> Pay {
    let request = Request { value: pay.authorized, is_open: true, ..Request::default() };
    Pay { authorized: 0, request, ..pay }
}

/// A payment of at most so much, of any kind.
pub(super) fn pay(choices: &mut Choices, most: i64) -> Pay {
    let authorized = choices.range(1, most);
    let max = choices.pick(&[None, None, Some(2), Some(3), Some(4)]);
    let whole = choices.chance(20);
    let once = choices.chance(20);
    let in_parts = !whole && !once;
    let mode = choices.pick(if in_parts {
        &[Mode::Partial, Mode::Partial, Mode::Partial, Mode::Hold, Mode::Total]
    } else {
        &[Mode::Hold, Mode::Total]
    });
    Pay {
        authorized,
        request: Request::default(),
        mode,
        whole,
        max: match (mode, max) {
            (Mode::Partial, Some(max)) => max,
            (Mode::Partial, None) => usize::MAX,
            _ => 1,
        },
        releases: choices.chance(50),
        cancels_parts: choices.chance(50),
        minimum: choices.pick(&[0, 0, 0, 0, 3, 40]),
        end: End::Never,
        asked: 0,
        returned: 0,
        lacking: 0,
        surplus: 0,
        by_itself: 0,
        unrefunded: 0,
        unreturned: 0,
        unreleased: 0,
        short_in_a_row: 0,
        all: Vec::new(),
    }
}

impl History {
    /// Writes the order and its payments into the books.
    pub(super) fn set_up(&mut self) {
        let names = ["p", "q", "r"];
        for index in 0..self.model.pays.len() {
            self.model.pays[index].end = self.end_of_a_new_payment();
            self.model.pays[index].request.since = self.books.now.micros();
        }
        let pays = self.model.pays.clone();
        let payments: Vec<NewPayment> =
            names.iter().zip(&pays).map(|(name, pay)| self.connect(name, pay)).collect();
        let mut order = commands::order(self.model.value, &[]);
        order.allocation = Some(self.model.allocation);
        order.refund_order = Some(self.model.refund_order);
        order.release_policy = Some(self.model.policy);
        self.write(&Command::CreateOrder(order));
        self.log.push(format!("{:?} {:?}", self.model.policy, pays));
        let transaction = Command::CreateTransaction(commands::transaction("t", payments));
        self.send(&transaction, |model| model.plan(Started::new())).unwrap();
    }

    /// A command that the model knows of already.
    fn write(&mut self, command: &Command) {
        self.sent.push((self.books.now, command.clone()));
        self.books.play(command).unwrap();
    }

    /// When an authorization ends that is made now, if it ever does.
    pub(super) fn end_of_a_new_payment(&mut self) -> End {
        let now = self.books.now;
        let life = self.choices.pick(&[None, None, None, Some(100), Some(10_000), Some(300_000)]);
        let life = life.map(Duration::from_secs);
        life.map_or(End::Never, |life| {
            let near = now.after(life).before((life / 2).min(Duration::from_hours(24)));
            End::Ahead(near, now.after(life))
        })
    }

    /// A payment on a connector of its own, which can do what the model says.
    pub(super) fn connect(&mut self, name: &str, pay: &Pay) -> NewPayment {
        let in_parts = pay.mode == Mode::Partial;
        let max = u32::try_from(pay.max).ok().filter(|_| in_parts);
        let settles = match (pay.whole, in_parts) {
            (true, _) => PartialSettlement::None,
            (false, true) => PartialSettlement::Multiple { max },
            (false, false) => PartialSettlement::Once,
        };
        // Who knows when the authorization ends: the caller, or whoever configured the connector.
        let end = match pay.end {
            End::Ahead(_, end) => Some(end),
            _ => None,
        };
        let is_told = self.choices.chance(50) && pay.request.value == 0;
        let (told, lifetime) = if is_told {
            (end, Some(Duration::from_secs(1)).filter(|_| end.is_some()))
        } else {
            (None, end.map(|end| end.since(self.books.now)))
        };
        let able = Capabilities {
            authorization_lifetime: lifetime,
            remainder: if pay.releases { Remainder::Released } else { Remainder::Kept },
            partial_cancellation: pay.cancels_parts,
            replay_safe: self.choices.chance(80),
            replay_window: Duration::from_hours(self.choices.pick(&[24, 1, 48])),
            ..commands::capabilities(settles)
        };
        let mut connector: WriteConnector = commands::connector(name, None, able);
        if pay.minimum > 0 {
            let minimum = Money { currency: commands::currency("BRL"), minor: pay.minimum };
            connector.configuration.minimum_amounts = vec![minimum];
        }
        self.write(&Command::WriteConnector(connector));
        let mut payment = commands::payment(name, name, pay.authorized + pay.request.value, Some(pay.mode));
        if pay.request.value > 0 {
            payment.authorization = commands::requested();
        } else if let NewAuthorization::Adopted(adopted) = &mut payment.authorization {
            adopted.expire_time = told;
        }
        payment
    }
}
