//! The allocation, against one that hands out unit by unit.

use tranche_core::account::{Allocation, RefundOrder};
use tranche_core::allocation::{split, split_release, split_return};

/// Gives every unit to whom it belongs next.
fn unit_by_unit(allocation: Allocation, value: i64, rooms: &[i64]) -> Vec<i64> {
    let mut parts = vec![0; rooms.len()];
    let sum: i64 = rooms.iter().sum();
    if allocation == Allocation::Proportional && sum > 0 {
        parts = rooms.iter().map(|room| value * room / sum).collect();
    }
    while parts.iter().sum::<i64>() < value {
        let open = (0..rooms.len()).filter(|&index| parts[index] < rooms[index]);
        let next = match allocation {
            Allocation::CreatedFirst => open.min(),
            Allocation::LowestFirst => open.min_by_key(|&index| (rooms[index], index)),
            // Who is furthest below the exact share.
            Allocation::Proportional => {
                open.min_by_key(|&index| (parts[index] * sum - value * rooms[index], index))
            }
        };
        parts[next.unwrap()] += 1;
    }
    parts
}

/// Takes every unit from whom it belongs to next.
fn returned_unit_by_unit(order: RefundOrder, value: i64, rooms: &[i64], settled: &[i64]) -> Vec<i64> {
    if order == RefundOrder::Proportional {
        return unit_by_unit(Allocation::Proportional, value, rooms);
    }
    let mut parts = vec![0; rooms.len()];
    for _ in 0..value {
        let open = (0..rooms.len()).filter(|&index| parts[index] < rooms[index]);
        let next = match order {
            RefundOrder::LowestSettledFirst => open.min_by_key(|&index| (settled[index], index)),
            RefundOrder::CreatedFirst | RefundOrder::Proportional => open.min(),
        };
        parts[next.unwrap()] += 1;
    }
    parts
}

/// Takes every unit from the payment that the allocation would fill last and that still has one.
fn released_unit_by_unit(allocation: Allocation, value: i64, releasable: &[i64], rooms: &[i64]) -> Vec<i64> {
    if allocation == Allocation::Proportional {
        return unit_by_unit(allocation, value, releasable);
    }
    let mut parts = vec![0; rooms.len()];
    for _ in 0..value {
        let open = (0..rooms.len()).filter(|&index| parts[index] < releasable[index]);
        let last = match allocation {
            Allocation::LowestFirst => open.max_by_key(|&index| (rooms[index], index)),
            Allocation::CreatedFirst | Allocation::Proportional => open.max(),
        };
        parts[last.unwrap()] += 1;
    }
    parts
}

const ALLOCATIONS: [Allocation; 3] =
    [Allocation::LowestFirst, Allocation::CreatedFirst, Allocation::Proportional];
const REFUND_ORDERS: [RefundOrder; 3] =
    [RefundOrder::LowestSettledFirst, RefundOrder::CreatedFirst, RefundOrder::Proportional];

/// Every three numbers below `below`.
fn threes(below: i64) -> impl Iterator<Item = [i64; 3]> {
    (0..below).flat_map(move |first| {
        (0..below).flat_map(move |second| (0..below).map(move |third| [first, second, third]))
    })
}

/// The parts sum to the value, and none is below zero or above what it may be.
fn assert_whole(parts: &[i64], value: i64, rooms: &[i64], what: &str) {
    assert_eq!(parts.len(), rooms.len(), "{what}");
    assert_eq!(parts.iter().sum::<i64>(), value, "{what}: {parts:?}");
    assert!(parts.iter().zip(rooms).all(|(part, room)| (0..=*room).contains(part)), "{what}: {parts:?}");
}

#[test]
fn every_small_return() {
    let mut splits = 0;
    for rooms in threes(4) {
        for settled in threes(4) {
            for value in 0..=rooms.iter().sum() {
                for order in REFUND_ORDERS {
                    let what = format!("{order:?} {value} over {rooms:?} of {settled:?}");
                    let parts = split_return(order, value, &rooms, &settled);
                    assert_eq!(parts, returned_unit_by_unit(order, value, &rooms, &settled), "{what}");
                    assert_whole(&parts, value, &rooms, &what);
                    splits += 1;
                }
            }
        }
    }
    assert!(splits > 50_000);
}

#[test]
fn every_small_release() {
    let mut splits = 0;
    for rooms in threes(5) {
        let below = |parts: &[i64; 3]| parts.iter().zip(&rooms).all(|(part, room)| part <= room);
        for releasable in threes(5).filter(below) {
            for value in 0..=releasable.iter().sum() {
                for allocation in ALLOCATIONS {
                    let what = format!("{allocation:?} {value} of {releasable:?} over {rooms:?}");
                    let parts = split_release(allocation, value, &releasable, &rooms);
                    let expected = released_unit_by_unit(allocation, value, &releasable, &rooms);
                    assert_eq!(parts, expected, "{what}");
                    assert_whole(&parts, value, &releasable, &what);
                    splits += 1;
                }
            }
        }
    }
    assert!(splits > 50_000);
}

/// What is released is what the allocation would have filled last: filling the rest and releasing go to opposite ends.
#[test]
fn a_release_takes_from_the_other_end() {
    for rooms in threes(6) {
        let sum = rooms.iter().sum::<i64>();
        for value in 0..=sum {
            for allocation in [Allocation::LowestFirst, Allocation::CreatedFirst] {
                let kept = split(allocation, sum - value, &rooms);
                let released = split_release(allocation, value, &rooms, &rooms);
                let both: Vec<i64> =
                    kept.iter().zip(&released).map(|(kept, released)| kept + released).collect();
                assert_eq!(both, rooms, "{allocation:?} {value} of {rooms:?}");
            }
        }
    }
}

#[test]
fn every_small_split() {
    let mut splits = 0;
    for first in 0..9 {
        for second in 0..9 {
            for third in 0..9 {
                let rooms = [first, second, third];
                for value in 0..=first + second + third {
                    for allocation in ALLOCATIONS {
                        let expected = unit_by_unit(allocation, value, &rooms);
                        assert_eq!(
                            split(allocation, value, &rooms),
                            expected,
                            "{allocation:?} {value} over {rooms:?}"
                        );
                        splits += 1;
                    }
                }
            }
        }
    }
    assert!(splits > 10_000);
}

#[test]
fn the_largest_amounts() {
    let most = tranche_core::bounds::AMOUNT_MAX;
    let rooms = vec![most; tranche_core::bounds::PAYMENTS_PER_TRANSACTION_MAX];
    let sum: i64 = rooms.iter().sum();
    for value in [1, most, sum / 2 + 1, sum - 1, sum] {
        for allocation in ALLOCATIONS {
            assert_whole(&split(allocation, value, &rooms), value, &rooms, "invoice");
            assert_whole(&split_release(allocation, value, &rooms, &rooms), value, &rooms, "release");
        }
        for order in REFUND_ORDERS {
            assert_whole(&split_return(order, value, &rooms, &rooms), value, &rooms, "return");
        }
    }
}
