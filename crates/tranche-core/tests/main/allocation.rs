//! The allocation, against one that hands out unit by unit.

use tranche_core::account::Allocation;
use tranche_core::allocation::split;

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

#[test]
fn every_small_split() {
    let mut splits = 0;
    for first in 0..9 {
        for second in 0..9 {
            for third in 0..9 {
                let rooms = [first, second, third];
                for value in 0..=first + second + third {
                    for allocation in
                        [Allocation::LowestFirst, Allocation::CreatedFirst, Allocation::Proportional]
                    {
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
        for allocation in [Allocation::LowestFirst, Allocation::CreatedFirst, Allocation::Proportional] {
            let parts = split(allocation, value, &rooms);
            assert_eq!(parts.iter().sum::<i64>(), value);
            assert!(parts.iter().all(|part| (0..=most).contains(part)), "{parts:?}");
        }
    }
}
