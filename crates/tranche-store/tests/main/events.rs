//! Numbers: no gap, none twice, in the order of commits.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use tranche_core::event::{Event, EventKind};
use tranche_core::id::{AccountId, OrderId};
use tranche_store::Store;

use crate::database::{check, empty};
use crate::rows::{key, order};

const WRITERS: usize = 8;
const BATCHES: usize = 25;

fn event(account: &str, order: &str) -> Event {
    Event {
        account_id: AccountId::trusted(account),
        order_id: Some(OrderId::trusted(order)),
        kind: EventKind::AccountUpdated,
    }
}

/// Writes batches; every fifth is refused, and gives its numbers back.
async fn write(store: Store, writer: usize) {
    for index in 0..BATCHES {
        let mut batch = empty(&store).await;
        let id = format!("{writer}-{index}");
        let mut row = order(&id);
        if index % 5 == 4 {
            row.invoiced = -1;
        }
        batch.state.orders.write(key(&id), row);
        batch.state.events = (0..=index % 3).flat_map(|_| [event("b", &id), event("a", &id)]).collect();
        assert_eq!(batch.commit().await.is_ok(), index % 5 != 4);
    }
}

/// Follows by cursor from the first event on, while they are written.
async fn follow(store: Store, ended: Arc<AtomicBool>) -> Vec<i64> {
    let mut numbers = vec![0];
    loop {
        let was_ended = ended.load(Ordering::SeqCst);
        let after = *numbers.last().unwrap();
        let events = store.events(&AccountId::trusted("a"), after, None, 7).await.unwrap().events;
        if was_ended && events.is_empty() {
            return numbers;
        }
        numbers.extend(events.iter().map(|event| event.number));
        tokio::task::yield_now().await;
    }
}

#[test]
fn events_have_no_gaps_and_a_follower_misses_none() {
    check(async |place| {
        let store = place.store().await;
        // A second replica, where there can be one.
        let other = if place.is_sqlite() { store.clone() } else { place.store().await };
        let ended = Arc::new(AtomicBool::new(false));
        let reader = tokio::spawn(follow(other.clone(), Arc::clone(&ended)));
        let writers: Vec<_> = (0..WRITERS)
            .map(|writer| tokio::spawn(write(if writer % 2 == 0 { &store } else { &other }.clone(), writer)))
            .collect();
        for writer in writers {
            writer.await.unwrap();
        }
        ended.store(true, Ordering::SeqCst);
        let numbers = reader.await.unwrap();
        let expected: usize = (0..BATCHES).filter(|index| index % 5 != 4).map(|index| index % 3 + 1).sum();
        assert_eq!(numbers.len(), WRITERS * expected + 1);
        assert!(numbers.windows(2).all(|pair| pair[0] + 1 == pair[1]));
        let last = store.last_event_number(&AccountId::trusted("b")).await.unwrap();
        assert_eq!(usize::try_from(last).unwrap(), WRITERS * expected);
        assert_eq!(store.last_event_number(&AccountId::trusted("none")).await.unwrap(), 0);

        // Those of one order, with the account's numbers.
        let of_order =
            store.events(&AccountId::trusted("a"), 0, Some(&OrderId::trusted("3-2")), 9).await.unwrap();
        assert_eq!(of_order.last, *numbers.last().unwrap());
        let of_order = of_order.events;
        assert_eq!(of_order.len(), 3);
        assert_eq!(of_order[0].number + 2, of_order[2].number);
    });
}
