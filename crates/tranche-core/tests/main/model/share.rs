//! How the model shares an amount: what a payment gets is what those that come before it leave.

use std::cmp::Reverse;
use std::collections::BTreeMap;

use tranche_core::account::Allocation;

/// Shares `value` over `rooms`; `LowestFirst` goes by `ranks`, ties by creation.
pub(super) fn share(allocation: Allocation, value: i64, rooms: &[i64], ranks: &[i64]) -> Vec<i64> {
    match allocation {
        Allocation::Proportional => in_proportion(value, rooms),
        Allocation::CreatedFirst => one_by_one(value, rooms, |index| (0, index)),
        Allocation::LowestFirst => one_by_one(value, rooms, |index| (ranks[index], index)),
    }
}

/// Shares what is released over what each has free: those come first whom the allocation would fill last.
pub(super) fn share_of_release(allocation: Allocation, value: i64, free: &[i64], rooms: &[i64]) -> Vec<i64> {
    match allocation {
        Allocation::Proportional => in_proportion(value, free),
        Allocation::CreatedFirst => one_by_one(value, free, Reverse),
        Allocation::LowestFirst => one_by_one(value, free, |index| Reverse((rooms[index], index))),
    }
}

fn one_by_one<R: Ord>(value: i64, rooms: &[i64], rank: impl Fn(usize) -> R) -> Vec<i64> {
    let before = |index: usize| -> i64 {
        (0..rooms.len()).filter(|other| rank(*other) < rank(index)).map(|other| rooms[other]).sum()
    };
    (0..rooms.len()).map(|index| (value - before(index)).clamp(0, rooms[index])).collect()
}

fn in_proportion(value: i64, rooms: &[i64]) -> Vec<i64> {
    let sum = rooms.iter().sum::<i64>().max(1);
    let mut parts: BTreeMap<usize, i64> =
        rooms.iter().enumerate().map(|(index, room)| (index, value * room / sum)).collect();
    let mut by_rest: Vec<usize> = (0..rooms.len()).collect();
    by_rest.sort_by_key(|index| (Reverse(value * rooms[*index] % sum), *index));
    let left = usize::try_from(value - parts.values().sum::<i64>()).unwrap();
    for index in by_rest.iter().take(left) {
        *parts.entry(*index).or_default() += 1;
    }
    parts.into_values().collect()
}
