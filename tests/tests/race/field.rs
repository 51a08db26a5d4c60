//! Where races are run: orders at two replicas, or at one server that two clients call, and a start for all sides at
//! once.

use std::collections::BTreeMap;
use std::sync::Arc;

use futures_util::future::join_all;
use tokio::sync::Barrier;
use tokio::task::JoinSet;
use tonic::Status;
use tranche_sdk::v1::{ListOrdersRequest, Order};
use tranche_tests::shop::{Shop, Terms, provider_payment_id};
use tranche_tests::world::{ACCOUNT, DatabaseKind, World, WorldOptions};

use super::act::{Act, CURRENCY, Sums};
use crate::PROGRAM;

/// Orders that are raced for at the same time.
pub(super) const ORDERS: usize = 64;
/// Tries on each of them, one after the other.
pub(super) const TRIES: usize = 16;
/// How late the provider answers where something is to happen before its answer.
const LATE: &str = "latency-ms=400";
/// Orders that are looked at at once: a look is work too.
const LOOKS_AT_ONCE: usize = 8;
/// Orders that are listed by one call.
const PAGE_SIZE: i32 = 500;

/// A world, and what was accepted of each order in it.
pub(super) struct Field {
    // Its processes end with it.
    _world: World,
    /// One at each replica.
    pub(super) shops: [Shop; 2],
    /// What pays every order, and how much of each is authorized.
    pub(super) paid_by: &'static [(&'static str, &'static str)],
    /// By order.
    pub(super) accepted: BTreeMap<String, Sums>,
}

impl Field {
    pub(super) async fn new(
        database: DatabaseKind,
        paid_by: &'static [(&'static str, &'static str)],
    ) -> Self {
        let world = World::with(WorldOptions { replicas: 2, ..WorldOptions::new(PROGRAM, database) }).await;
        let mut shops = [world.shop_of(0), world.shop_of(1)];
        if database == DatabaseKind::Sqlite {
            // One server: a second connection, so that the calls of one side do not queue behind the other's.
            shops[1].client = tranche_sdk::connect(&world.url(), ACCOUNT).await.unwrap();
        }
        shops[0].connect(Terms::parse("PARTIAL").unwrap(), 20_000).await.unwrap();
        Self { _world: world, shops, paid_by, accepted: BTreeMap::new() }
    }

    /// New orders of this value.
    pub(super) async fn open(&mut self, name: &str, value: &str) -> Vec<String> {
        let terms = Terms::parse("PARTIAL").unwrap();
        let paid_by: Vec<_> =
            self.paid_by.iter().map(|(payment, amount)| (*payment, *amount, terms)).collect();
        let order_ids: Vec<String> = (0..ORDERS).map(|number| format!("{name}-{number}")).collect();
        let at = order_ids.iter().zip(self.shops.iter().cycle());
        let opened = at.map(async |(order_id, shop)| {
            let order = shop.order(order_id, value, CURRENCY).await.unwrap();
            shop.pay(order_id, CURRENCY, &paid_by).await.unwrap();
            (order_id.clone(), Sums::of(&order))
        });
        self.accepted.extend(join_all(opened).await);
        order_ids
    }

    /// All orders now.
    pub(super) async fn see(&self) -> BTreeMap<String, Order> {
        let mut orders = BTreeMap::new();
        let mut page_token = String::new();
        while orders.len() < self.accepted.len() {
            let request =
                ListOrdersRequest { page_size: PAGE_SIZE, page_token, ..ListOrdersRequest::default() };
            let page = self.shops[1].client.orders().list_orders(request).await.unwrap().into_inner();
            assert!(!page.orders.is_empty(), "an order is not listed");
            orders.extend(page.orders.into_iter().map(|order| (order.order_id.clone(), order)));
            page_token = page.next_page_token;
        }
        orders
    }

    /// Notes what was accepted of an order, and says what its sums are then.
    pub(super) fn accept(&mut self, order_id: &str, more: Sums) -> Sums {
        let sums = self.accepted.get_mut(order_id).unwrap();
        *sums += more;
        *sums
    }

    /// Has the provider answer late to what it is asked next of every order's payments.
    pub(super) async fn delay(&self, order_ids: &[String]) {
        for (payment, _) in self.paid_by {
            let ids = order_ids.iter().map(|order_id| provider_payment_id(order_id, payment));
            join_all(ids.map(async |id| self.shops[0].provider.fault(&id, LATE).await)).await;
        }
    }

    /// Does one thing to every order, which is accepted.
    pub(super) async fn each(&mut self, order_ids: &[String], act: &Act) {
        let at = order_ids.iter().zip(self.shops.iter().cycle());
        let acted = at.map(async |(order_id, shop)| act.perform(shop, order_id, "").await.unwrap());
        for (order_id, sums) in order_ids.iter().zip(join_all(acted).await) {
            self.accept(order_id, sums);
        }
    }

    /// Waits until every operation of the orders has ended.
    pub(super) async fn rest(&self, order_ids: &[String]) {
        for some in order_ids.chunks(LOOKS_AT_ONCE) {
            join_all(some.iter().map(|order_id| self.shops[0].at_rest(order_id))).await;
        }
    }

    /// Has the sides act on every order at once, by turns at one replica and at the other. Answers by order and by side.
    pub(super) async fn at_once(
        &self,
        attempt: usize,
        order_ids: &[String],
        sides: &[Act],
    ) -> Vec<Vec<Result<Sums, Status>>> {
        let seen = self.see().await;
        let start = Arc::new(Barrier::new(order_ids.len() * sides.len()));
        let mut tasks = JoinSet::new();
        for (index, order_id) in order_ids.iter().enumerate() {
            for side in 0..sides.len() {
                // Who is asked first, and which replica each is at, changes from order to order and from try to try.
                let turned = (index + attempt) % 2 == 1;
                let side = if turned { sides.len() - 1 - side } else { side };
                let shop = self.shops[(index / 2 + attempt + side) % 2].clone();
                let seen = seen[order_id].etag.clone();
                let (start, order_id, act) = (Arc::clone(&start), order_id.clone(), sides[side].clone());
                tasks.spawn(async move {
                    start.wait().await;
                    ((index, side), act.perform(&shop, &order_id, &seen).await)
                });
            }
        }
        let answers: BTreeMap<(usize, usize), _> = tasks.join_all().await.into_iter().collect();
        let answers: Vec<Result<Sums, Status>> = answers.into_values().collect();
        answers.chunks(sides.len()).map(<[_]>::to_vec).collect()
    }
}
