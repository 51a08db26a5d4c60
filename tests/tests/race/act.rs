//! What a side does to an order, and what an accepted act makes of its sums.

use std::ops::AddAssign;

use rust_decimal::Decimal;
use tonic::Status;
use tranche_sdk::v1::{ChangeOrderRequest, Order, order};
use tranche_tests::audit::decimal;
use tranche_tests::shop::{Shop, change, money};

/// The currency of every order.
pub(super) const CURRENCY: &str = "BRL";

/// What a side does to an order.
#[derive(Clone, Debug)]
pub(super) enum Act {
    /// Notifies an output invoice: number and value.
    Invoice(String, &'static str),
    /// Notifies an input invoice: number and value.
    Return(String, &'static str),
    /// Takes an invoice back.
    Void(String),
    /// Changes the value: request and by how much.
    Change(String, &'static str),
    /// Changes the value of the version that was seen before the start.
    ChangeSeen(String, &'static str),
    Cancel,
}

/// The sums of an order and whether it is canceled, or what an act adds to that.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Sums {
    pub(super) value: Decimal,
    pub(super) invoiced: Decimal,
    pub(super) returned: Decimal,
    pub(super) is_canceled: bool,
}

impl AddAssign for Sums {
    fn add_assign(&mut self, other: Self) {
        self.value += other.value;
        self.invoiced += other.invoiced;
        self.returned += other.returned;
        self.is_canceled |= other.is_canceled;
    }
}

impl Sums {
    pub(super) fn of(order: &Order) -> Self {
        let [value, invoiced, returned] = [&order.value, &order.invoiced, &order.returned];
        Self {
            value: decimal(value.as_ref()),
            invoiced: decimal(invoiced.as_ref()),
            returned: decimal(returned.as_ref()),
            is_canceled: order.state() == order::State::Canceled,
        }
    }

    pub(super) fn of_value(value: Decimal) -> Self {
        Self { value, ..Self::default() }
    }

    pub(super) fn canceled() -> Self {
        Self { is_canceled: true, ..Self::default() }
    }

    pub(super) fn of_invoice(invoiced: Decimal) -> Self {
        Self { invoiced, ..Self::default() }
    }

    pub(super) fn of_return(returned: Decimal) -> Self {
        Self { returned, ..Self::default() }
    }
}

impl Act {
    /// Does it, and says what it adds to the order's sums if it is accepted. `seen` is the version of the order that was
    /// seen before.
    pub(super) async fn perform(&self, shop: &Shop, order_id: &str, seen: &str) -> Result<Sums, Status> {
        let given = |amount: &str| money(amount, CURRENCY);
        match self {
            Self::Invoice(number, value) => {
                let receipt = shop.invoice(order_id, number, given(value)).await?;
                Ok(Sums::of_invoice(decimal(receipt.value.as_ref())))
            }
            Self::Return(number, value) => {
                let receipt = shop.give_back(order_id, number, given(value)).await?;
                Ok(Sums::of_return(decimal(receipt.value.as_ref())))
            }
            Self::Void(number) => {
                let voided = shop.void(order_id, number).await?;
                Ok(Sums::of_invoice(-decimal(voided.value.as_ref())))
            }
            Self::Change(request_id, by) => {
                shop.change(order_id, request_id, given(by)).await?;
                Ok(Sums::of_value(decimal(Some(&given(by)))))
            }
            Self::ChangeSeen(request_id, by) => {
                let etag = seen.to_owned();
                let request = ChangeOrderRequest { etag, ..change(order_id, request_id, &given(by)) };
                shop.client.orders().change_order(request).await?;
                Ok(Sums::of_value(decimal(Some(&given(by)))))
            }
            Self::Cancel => {
                shop.cancel(order_id).await?;
                Ok(Sums::canceled())
            }
        }
    }
}
