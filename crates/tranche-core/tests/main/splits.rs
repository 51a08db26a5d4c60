//! Every policy, on amounts of every size and in currencies of every number of decimals: parts sum to the whole, none is
//! negative, and none is above its room.

use proptest::collection::vec;
use proptest::prelude::{Strategy, any};
use proptest::sample::Index;
use proptest::test_runner::{Config, RngAlgorithm, TestCaseError, TestRng, TestRunner};
use rust_decimal::Decimal;
use tranche_core::account::{Allocation, RefundOrder};
use tranche_core::allocation::{split, split_release, split_return};
use tranche_core::bounds::{AMOUNT_MAX, PAYMENTS_PER_TRANSACTION_MAX};
use tranche_core::money::{Currency, Money};

const SPLITS: u32 = 3_000;
const ALLOCATIONS: [Allocation; 3] =
    [Allocation::LowestFirst, Allocation::CreatedFirst, Allocation::Proportional];
const REFUND_ORDERS: [RefundOrder; 3] =
    [RefundOrder::LowestSettledFirst, RefundOrder::CreatedFirst, RefundOrder::Proportional];

/// Rooms of all sizes, what was settled of each payment, and a value up to the sum of the rooms.
fn case() -> impl Strategy<Value = (Vec<i64>, Vec<i64>, i64)> {
    let sizes = vec(any::<Index>(), 1..=PAYMENTS_PER_TRANSACTION_MAX);
    (sizes, vec(0..=AMOUNT_MAX, PAYMENTS_PER_TRANSACTION_MAX), any::<Index>(), 0_u32..16).prop_map(
        |(sizes, settled, value, magnitude)| {
            let most = 10_i64.pow(magnitude).min(AMOUNT_MAX);
            let below = |index: Index, most: i64| {
                i64::try_from(index.index(usize::try_from(most).unwrap() + 1)).unwrap()
            };
            let rooms: Vec<i64> = sizes.into_iter().map(|index| below(index, most)).collect();
            let value = below(value, rooms.iter().sum());
            (rooms, settled, value)
        },
    )
}

fn check(what: &str, parts: &[i64], value: i64, rooms: &[i64]) -> Result<(), TestCaseError> {
    let fits = parts.len() == rooms.len()
        && parts.iter().zip(rooms).all(|(part, room)| (0..=*room).contains(part))
        && parts.iter().sum::<i64>() == value;
    if !fits {
        return Err(TestCaseError::fail(format!("{what}: {value} over {rooms:?} is {parts:?}")));
    }
    for code in ["JPY", "BRL", "KWD"] {
        let currency = Currency::parse(code).unwrap();
        let decimal = |minor| Money { currency, minor }.decimal();
        let told: Decimal = parts.iter().map(|part| decimal(*part)).sum();
        // What is told is read back as the same, in every currency.
        let read = |part: &i64| Money::parse(&decimal(*part).to_string(), currency).map(|money| money.minor);
        let same = parts.iter().all(|part| read(part) == Ok(*part));
        if told != decimal(value) || !same {
            return Err(TestCaseError::fail(format!("{what} in {code}: {told} is not {}", decimal(value))));
        }
    }
    Ok(())
}

#[test]
fn parts_sum_to_the_whole_and_stay_below_their_rooms() {
    let config = Config { cases: SPLITS, failure_persistence: None, ..Config::default() };
    let mut runner = TestRunner::new_with_rng(config, TestRng::deterministic_rng(RngAlgorithm::ChaCha));
    let result = runner.run(&case(), |(rooms, settled, value)| {
        for allocation in ALLOCATIONS {
            check(&format!("{allocation:?}"), &split(allocation, value, &rooms), value, &rooms)?;
            let parts = split_release(allocation, value, &rooms, &settled[..rooms.len()]);
            check(&format!("the release of {allocation:?}"), &parts, value, &rooms)?;
        }
        for order in REFUND_ORDERS {
            let parts = split_return(order, value, &rooms, &settled[..rooms.len()]);
            check(&format!("{order:?}"), &parts, value, &rooms)?;
        }
        Ok(())
    });
    result.unwrap_or_else(|failure| panic!("{failure}"));
}
