//! The last chapter: what is not sold after all, what comes back, and where every unit of the value is then.

use tranche_sdk::v1::{ChangeOrderRequest, ExplainOrderRequest, RemovedLine, invoice};

use super::DemoError;
use super::story::{CURRENCY, PaidBy, Parcel, Story, money, refused};

const ORDER: &str = "order-1005";
/// The order's value without the grinder.
const VALUE: &str = "325.27";

const FIRST: Parcel = Parcel {
    number: "NF-e 000.104",
    invoice_type: invoice::Type::Output,
    value: "140.53",
    lines: &[("1", 1)],
    what: "one set of cups",
};
const REST: Parcel = Parcel {
    number: "NF-e 000.105",
    invoice_type: invoice::Type::Output,
    value: "184.74",
    lines: &[("1", 1), ("3", 3)],
    what: "all but the grinder",
};
const RETURNED: Parcel = Parcel {
    number: "NF-e 000.106",
    invoice_type: invoice::Type::Input,
    value: "150.00",
    lines: &[("1", 1), ("3", 1)],
    what: "cups and paper come back",
};

impl Story<'_> {
    /// Tells the chapter.
    pub(super) async fn second_thoughts(&mut self, paid_by: &[PaidBy]) -> Result<(), DemoError> {
        println!(
            "\n━━ Second thoughts: a line is removed, goods come back, and every unit is accounted for\n"
        );
        let transaction_id = self.open(ORDER, paid_by).await?;
        self.ship(ORDER, &transaction_id, &FIRST).await?;
        self.remove_the_grinder().await?;
        self.ship(ORDER, &transaction_id, &REST).await?;
        self.ship(ORDER, &transaction_id, &RETURNED).await?;
        self.explain().await
    }

    async fn remove_the_grinder(&self) -> Result<(), DemoError> {
        let request = ChangeOrderRequest {
            request_id: "change-1".to_owned(),
            order_id: ORDER.to_owned(),
            reason: "the grinder is sold out".to_owned(),
            removed_lines: vec![RemovedLine { line_id: "2".to_owned(), quantity: 1 }],
            expected_value: Some(money(VALUE)),
            ..ChangeOrderRequest::default()
        };
        self.client().orders().change_order(request).await.map_err(refused("ChangeOrder"))?;
        println!(
            "\n  change: the grinder is not sold, which leaves {VALUE} {CURRENCY}; the provider hears nothing yet"
        );
        Ok(())
    }

    async fn explain(&self) -> Result<(), DemoError> {
        let request = ExplainOrderRequest { order_id: ORDER.to_owned() };
        let explained =
            self.client().orders().explain_order(request).await.map_err(refused("ExplainOrder"))?;
        println!("\n  ExplainOrder says:");
        for line in explained.into_inner().text.lines() {
            println!("  │ {line}");
        }
        Ok(())
    }
}
