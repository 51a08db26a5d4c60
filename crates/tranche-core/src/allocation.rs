//! How an amount is split over payments, exactly: the parts sum to the whole and none is above its room.

use std::cmp::Reverse;

use crate::account::{Allocation, RefundOrder};
use crate::planted::{PlantedBug, is_planted};

/// Splits `value` over `rooms`, which are in the order of creation.
///
/// Returns one part per room. `value` must lie between 0 and the sum of the rooms; what lies above is not split.
pub fn split(allocation: Allocation, value: i64, rooms: &[i64]) -> Vec<i64> {
    match allocation {
        Allocation::LowestFirst => {
            let mut order: Vec<usize> = (0..rooms.len()).collect();
            order.sort_by_key(|&index| rooms[index]);
            if is_planted(PlantedBug::FillHighestFirst) {
                order.reverse();
            }
            fill(value, rooms, &order)
        }
        Allocation::CreatedFirst => fill(value, rooms, &(0..rooms.len()).collect::<Vec<_>>()),
        Allocation::Proportional => proportional(value, rooms),
    }
}

/// Splits what a return refunds over `rooms`, what of each payment may still be returned, in the order of creation.
///
/// `settled` is what each payment has settled, which the order goes by. As with [`split`], `value` must lie between 0
/// and the sum of the rooms.
pub fn split_return(order: RefundOrder, value: i64, rooms: &[i64], settled: &[i64]) -> Vec<i64> {
    match order {
        RefundOrder::LowestSettledFirst => {
            let mut order: Vec<usize> = (0..rooms.len()).collect();
            order.sort_by_key(|&index| settled[index]);
            fill(value, rooms, &order)
        }
        RefundOrder::CreatedFirst => split(Allocation::CreatedFirst, value, rooms),
        RefundOrder::Proportional => split(Allocation::Proportional, value, rooms),
    }
}

/// Splits what is released over what each payment can release, from the payment whose room the allocation would fill
/// last; PROPORTIONAL, which fills all at once, takes from all.
///
/// As with [`split`], `value` must lie between 0 and the sum of what can be released.
pub fn split_release(allocation: Allocation, value: i64, releasable: &[i64], rooms: &[i64]) -> Vec<i64> {
    let mut order: Vec<usize> = (0..rooms.len()).rev().collect();
    match allocation {
        Allocation::LowestFirst => order.sort_by_key(|&index| Reverse(rooms[index])),
        Allocation::CreatedFirst => {}
        Allocation::Proportional => return proportional(value, releasable),
    }
    fill(value, releasable, &order)
}

/// Fills the rooms one after the other, in `order`.
fn fill(value: i64, rooms: &[i64], order: &[usize]) -> Vec<i64> {
    let mut parts = vec![0; rooms.len()];
    let mut left = value;
    for &index in order {
        parts[index] = left.min(rooms[index]);
        left -= parts[index];
    }
    parts
}

/// By room, rounded down, then one more for the largest remainders; ties by creation.
fn proportional(value: i64, rooms: &[i64]) -> Vec<i64> {
    let sum: i128 = rooms.iter().map(|&room| i128::from(room)).sum();
    if sum <= i128::from(value) {
        return rooms.to_vec();
    }
    let exact = |index: usize| i128::from(value) * i128::from(rooms[index]);
    // The quotient is at most the room, so that it always fits.
    let mut parts: Vec<i64> =
        (0..rooms.len()).map(|index| i64::try_from(exact(index) / sum).unwrap_or(rooms[index])).collect();
    let mut by_remainder: Vec<usize> = (0..rooms.len()).collect();
    by_remainder.sort_by_key(|&index| Reverse(exact(index) % sum));
    let mut left = value - parts.iter().sum::<i64>();
    for index in by_remainder {
        if left == 0 && !is_planted(PlantedBug::RoundShareUp) {
            break;
        }
        parts[index] += 1;
        left -= 1;
    }
    parts
}

#[cfg(test)]
mod tests {
    use super::*;
    use Allocation::{CreatedFirst, LowestFirst, Proportional};

    #[test]
    fn parts_follow_the_policy() {
        let cases: [(Allocation, i64, &[i64], &[i64]); 12] = [
            (LowestFirst, 2000, &[3000, 7000], &[2000, 0]),
            (LowestFirst, 5000, &[7000, 1000], &[4000, 1000]),
            (LowestFirst, 500, &[1000, 0, 1000], &[500, 0, 0]),
            (LowestFirst, 10000, &[3000, 7000], &[3000, 7000]),
            (CreatedFirst, 5000, &[7000, 1000], &[5000, 0]),
            (CreatedFirst, 7500, &[7000, 1000], &[7000, 500]),
            (Proportional, 100, &[100, 200], &[33, 67]),
            (Proportional, 1, &[1, 1, 1], &[1, 0, 0]),
            (Proportional, 2, &[1, 1, 1], &[1, 1, 0]),
            (Proportional, 300, &[100, 200], &[100, 200]),
            (Proportional, 7, &[0, 10], &[0, 7]),
            (Proportional, 0, &[0, 0], &[0, 0]),
        ];
        for (allocation, value, rooms, expected) in cases {
            assert_eq!(split(allocation, value, rooms), expected, "{allocation:?} {value} over {rooms:?}");
        }
    }

    #[test]
    fn parts_sum_to_the_whole_and_stay_below_their_rooms() {
        let shapes: [&[i64]; 6] = [
            &[1],
            &[3, 5],
            &[0, 4, 9],
            &[7, 7, 7],
            &[1, 100, 10_000],
            &[999_999_999_999_999, 1, 500_000_000_000],
        ];
        for rooms in shapes {
            let sum: i64 = rooms.iter().sum();
            for value in [0, 1, 2, 3, sum / 3, sum / 2, sum - 1, sum] {
                if !(0..=sum).contains(&value) {
                    continue;
                }
                for allocation in [LowestFirst, CreatedFirst, Proportional] {
                    let parts = split(allocation, value, rooms);
                    assert_eq!(parts.iter().sum::<i64>(), value, "{allocation:?} {value} over {rooms:?}");
                    assert!(
                        parts.iter().zip(rooms).all(|(part, room)| (0..=*room).contains(part)),
                        "{allocation:?} {value} over {rooms:?}: {parts:?}"
                    );
                }
            }
        }
    }
}
