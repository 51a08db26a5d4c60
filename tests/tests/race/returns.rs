//! Returns of an invoice whose settlement is under way, together above what is invoiced.

use rust_decimal::Decimal;
use tonic::{Code, Status};
use tranche_sdk::v1::ErrorReason;
use tranche_tests::world::DatabaseKind;

use super::act::{Act, Sums};
use super::field::{Field, ORDERS, TRIES};
use super::rest::check;

/// Returns of each invoice, of which two or three have room: what is left over has room at the next try.
const RETURNS: usize = 4;
const INVOICED: &str = "10.00";
const RETURNED: &str = "4.00";

on_both_databases!(what_is_returned_is_what_was_invoiced);

async fn what_is_returned_is_what_was_invoiced(database: DatabaseKind) {
    // The first invoices are settled on one payment and the others on the other, and their returns refunded there.
    let mut field = Field::new(database, &[("gift-card", "64.00"), ("card", "936.00")]).await;
    let order_ids = field.open("order", "1000.00").await;
    let returned: Decimal = RETURNED.parse().unwrap();
    let mut rejected = 0;
    for attempt in 0..TRIES {
        let invoice = Act::Invoice(attempt.to_string(), INVOICED);
        let back = |number| Act::Return(format!("back {attempt}/{number}"), RETURNED);
        let mut sides: Vec<Act> = (0..RETURNS).map(back).collect();
        // By turns just after the acceptance, and at the moment of it.
        let is_accepted = attempt % 2 == 0;
        if is_accepted {
            field.each(&order_ids, &invoice).await;
        } else {
            sides.insert(attempt % sides.len(), invoice);
        }
        let answers = field.at_once(attempt, &order_ids, &sides).await;
        for (order_id, answers) in order_ids.iter().zip(answers) {
            let mut sums = field.accept(order_id, Sums::default());
            for answer in &answers {
                match answer {
                    Ok(more) => sums = field.accept(order_id, *more),
                    Err(refusal) => {
                        expect_too_much(refusal, returned);
                        rejected += 1;
                    }
                }
            }
            let left = sums.invoiced - sums.returned;
            assert!(left >= Decimal::ZERO, "{order_id}: {sums:?}");
            // Those that came before their invoice lost for that reason.
            let in_vain = is_accepted && left >= returned && answers.iter().any(Result::is_err);
            assert!(!in_vain, "{order_id}: a return was refused although {left} is left");
        }
    }
    println!("{} returns, {rejected} of them refused", ORDERS * TRIES * RETURNS);
    assert!(rejected > 0, "nobody lost the race");
    let seen = check(&field).await;
    println!("{seen:?}");
    assert!(seen.amid > 0 && seen.after > 0, "{seen:?}");
}

fn expect_too_much(refusal: &Status, value: Decimal) {
    assert_eq!(refusal.code(), Code::FailedPrecondition, "{refusal:?}");
    assert_eq!(tranche_sdk::reason(refusal), Some(ErrorReason::ReturnAboveInvoiced), "{refusal:?}");
    let metadata = tranche_sdk::metadata(refusal);
    let [invoiced, returned] =
        ["invoiced", "returned"].map(|name| metadata[name].parse::<Decimal>().unwrap());
    assert!(invoiced - returned < value, "{value} was refused although {invoiced} - {returned} is left");
}
