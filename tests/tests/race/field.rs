//! Where races are run: orders at two replicas, or at one server that two clients call, and a start for all sides at
//! once.

use std::collections::BTreeMap;
use std::sync::Arc;

use futures_util::future::join_all;
use tokio::sync::Barrier;
use tokio::task::JoinSet;
use tonic::Status;
use tranche_tests::shop::{Shop, Terms};
use tranche_tests::world::{ACCOUNT, DatabaseKind, World, WorldOptions};

use super::act::{Act, CURRENCY, Sums};
use crate::PROGRAM;

/// Orders that are raced for at the same time.
pub(super) const ORDERS: usize = 64;
/// Tries on each of them, one after the other.
pub(super) const TRIES: usize = 16;

/// A world, and what was accepted of each order in it.
pub(super) struct Field {
    world: World,
    /// One at each replica.
    pub(super) shops: [Shop; 2],
    /// By order.
    pub(super) accepted: BTreeMap<String, Sums>,
}

impl Field {
    pub(super) async fn new(database: DatabaseKind) -> Self {
        let world = World::with(WorldOptions { replicas: 2, ..WorldOptions::new(PROGRAM, database) }).await;
        let mut shops = [world.shop_of(0), world.shop_of(1)];
        if database == DatabaseKind::Sqlite {
            // One server: a second connection, so that the calls of one side do not queue behind the other's.
            shops[1].client = tranche_sdk::connect(&world.url(), ACCOUNT).await.unwrap();
        }
        shops[0].connect(Terms::parse("PARTIAL").unwrap(), 20_000).await.unwrap();
        Self { world, shops, accepted: BTreeMap::new() }
    }

    /// New orders of this value, paid by these payments.
    pub(super) async fn open(
        &mut self,
        name: &str,
        value: &'static str,
        paid_by: &[(&'static str, &'static str)],
    ) -> Vec<String> {
        let terms = Terms::parse("PARTIAL").unwrap();
        let paid_by: Vec<_> = paid_by.iter().map(|(payment, amount)| (*payment, *amount, terms)).collect();
        let order_ids: Vec<String> = (0..ORDERS).map(|number| format!("{name}-{number}")).collect();
        let opened = order_ids.iter().zip(self.shops.iter().cycle()).map(async |(order_id, shop)| {
            let order = shop.order(order_id, value, CURRENCY).await.unwrap();
            shop.pay(order_id, CURRENCY, &paid_by).await.unwrap();
            (order_id.clone(), Sums::of(&order))
        });
        self.accepted.extend(join_all(opened).await);
        order_ids
    }

    /// Notes what was accepted of an order, and says what its sums are then.
    pub(super) fn accept(&mut self, order_id: &str, more: Sums) -> Sums {
        let sums = self.accepted.get_mut(order_id).unwrap();
        *sums += more;
        *sums
    }

    /// Does one thing to every order, which is accepted.
    pub(super) async fn each(&mut self, order_ids: &[String], act: &Act) {
        let acted = order_ids
            .iter()
            .zip(self.shops.iter().cycle())
            .map(async |(order_id, shop)| act.perform(shop, order_id, String::new()).await.unwrap());
        for (order_id, sums) in order_ids.iter().zip(join_all(acted).await) {
            self.accept(order_id, sums);
        }
    }

    /// Has the sides act on every order at once; of two neighbours each is at another replica. Answers by order and by
    /// side.
    pub(super) async fn at_once(
        &self,
        attempt: usize,
        order_ids: &[String],
        sides: &[Act],
    ) -> Vec<Vec<Result<Sums, Status>>> {
        let start = Arc::new(Barrier::new(order_ids.len() * sides.len()));
        let mut tasks = JoinSet::new();
        for (index, order_id) in order_ids.iter().enumerate() {
            for side in 0..sides.len() {
                // Who is asked first, and which replica each is at, changes from order to order and from try to try.
                let turned = (index + attempt) % 2 == 1;
                let side = if turned { sides.len() - 1 - side } else { side };
                let shop = self.shops[(index / 2 + attempt + side) % 2].clone();
                let (start, order_id, act) = (Arc::clone(&start), order_id.clone(), sides[side].clone());
                tasks.spawn(async move {
                    let etag = act.look(&shop, &order_id).await.unwrap();
                    start.wait().await;
                    ((index, side), act.perform(&shop, &order_id, etag).await)
                });
            }
        }
        let answers: BTreeMap<(usize, usize), _> = tasks.join_all().await.into_iter().collect();
        let answers: Vec<Result<Sums, Status>> = answers.into_values().collect();
        answers.chunks(sides.len()).map(<[_]>::to_vec).collect()
    }
}
