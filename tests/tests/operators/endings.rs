//! Authorizations that end soon are cases of operators, as long as something is at stake and can still be saved.

use tranche_sdk::v1::new_payment::Authorization;
use tranche_sdk::v1::{
    ListStuckOperationsRequest, NewPayment, RetryOperationRequest, StuckOperation, stuck_operation::Cause,
};
use tranche_tests::audit::differences;
use tranche_tests::patience::eventually;
use tranche_tests::shop::{Shop, Terms, money, provider_payment_id};
use tranche_tests::world::World;

use super::DatabaseKind;
use crate::PROGRAM;
use crate::sql::Sql;

/// So long that no authorization ends by itself.
const LIFE_SECONDS: i64 = 86_400;

fn terms(text: &str) -> Terms {
    Terms::parse(text).unwrap()
}

/// An order of 100.00 whose payments end within a day, or not where they are called `gift`.
async fn order(shop: &Shop, order_id: &str, paid_by: &[(&str, &str, Terms)]) {
    let order = shop.order(order_id, "100.00", "BRL").await.unwrap();
    let mut payments = shop.payments(order_id, "BRL", paid_by).await;
    let ending = |payment: &&mut NewPayment| payment.payment_id != "gift";
    for payment in payments.iter_mut().filter(ending) {
        let Some(Authorization::Adopted(adopted)) = &mut payment.authorization else { unreachable!() };
        adopted.expire_time = order.create_time;
        adopted.expire_time.get_or_insert_default().seconds += LIFE_SECONDS;
    }
    shop.create_transaction(order_id, payments).await.unwrap();
}

/// All cases of authorizations that end, page by page.
async fn cases(shop: &Shop, page_size: i32) -> Vec<StuckOperation> {
    let (mut cases, mut page_token) = (Vec::new(), String::new());
    loop {
        let request = ListStuckOperationsRequest {
            page_size,
            page_token,
            causes: vec![Cause::AuthorizationEnding.into()],
            ..ListStuckOperationsRequest::default()
        };
        let page = shop.client.operators().list_stuck_operations(request).await.unwrap().into_inner();
        cases.extend(page.stuck_operations);
        page_token = page.next_page_token;
        if page_token.is_empty() {
            return cases;
        }
    }
}

/// The cases, in words, in the order of their words.
fn words(cases: &[StuckOperation]) -> Vec<String> {
    let of = |case: &StuckOperation| {
        format!("{} {} {}", case.order_id, case.payment_id, case.amount.clone().unwrap_or_default().amount)
    };
    let mut words: Vec<String> = cases.iter().map(of).collect();
    words.sort();
    words
}

async fn lists(shop: &Shop, expected: &[&str]) {
    eventually("the cases", async || {
        let seen = words(&cases(shop, 500).await);
        if seen == expected { Ok(()) } else { Err(format!("{seen:?}")) }
    })
    .await;
}

pub(super) async fn what_ends_is_listed_while_it_can_be_avoided(database: DatabaseKind) {
    let world = World::new(PROGRAM, database).await;
    let shop = world.shop();
    for text in ["PARTIAL", "HOLD"] {
        shop.connect(terms(text), 20_000).await.unwrap();
    }
    let partial = terms("PARTIAL");
    let orders = ["added", "canceled", "ended", "held", "invoiced", "lowered", "safe", "unsettled"];
    for order_id in orders {
        let on = if order_id == "held" { terms("HOLD") } else { partial };
        let paid_by = match order_id {
            "lowered" => vec![("card", "60.00", on), ("gift", "40.00", partial)],
            "safe" => vec![("card", "60.00", on), ("gift", "100.00", partial)],
            _ => vec![("card", "100.00", on)],
        };
        order(&shop, order_id, &paid_by).await;
    }
    shop.invoice("invoiced", "A", money("30.00", "BRL")).await.unwrap();
    shop.invoice("held", "A", money("20.00", "BRL")).await.unwrap();
    shop.at_rest("invoiced").await;
    assert_eq!(words(&cases(&shop, 500).await), Vec::<String>::new(), "none is near its end");
    // Its provider refuses, and can be asked again.
    shop.provider.fault(&provider_payment_id("unsettled", "card"), "refuse").await;
    shop.invoice("unsettled", "A", money("100.00", "BRL")).await.unwrap();
    shop.at_rest("unsettled").await;

    // The lead time comes, whatever the time is.
    let sql = Sql::connect(world.database()).await;
    sql.run("UPDATE payments SET observe_time = 0 WHERE observe_time IS NOT NULL").await.unwrap();
    // What was held is settled then, and nothing of it is at stake any more; nor of what another payment covers.
    lists(
        &shop,
        &[
            "added card 100.00",
            "canceled card 100.00",
            "ended card 100.00",
            "invoiced card 70.00",
            "lowered card 60.00",
            "unsettled card 100.00",
        ],
    )
    .await;
    let all = cases(&shop, 500).await;
    assert_eq!(cases(&shop, 1).await, all, "page by page");
    for case in &all {
        assert_eq!((case.cause(), &case.operation), (Cause::AuthorizationEnding, &None), "{case:?}");
        assert_eq!(case.transaction_id, format!("{}-payments", case.order_id), "{case:?}");
        let payments = shop.see_transaction(&case.order_id).await.unwrap().payments;
        let payment = payments.iter().find(|row| row.payment_id == case.payment_id).unwrap();
        assert_eq!(case.expire_time, payment.expire_time, "{case:?}");
        let (since, end) = (case.since_time.unwrap().seconds, case.expire_time.unwrap().seconds);
        assert!(payment.create_time.unwrap().seconds <= since && since < end, "{case:?}");
    }
    let unasked = ListStuckOperationsRequest::default();
    let unasked = shop.client.operators().list_stuck_operations(unasked).await.unwrap().into_inner();
    let (endings, others): (Vec<_>, Vec<_>) =
        unasked.stuck_operations.into_iter().partition(|case| case.operation.is_none());
    assert_eq!(endings, all, "they are among all that waits");
    let [lacking] = others.as_slice() else { panic!("{others:?}") };
    assert_eq!((lacking.cause(), &lacking.expire_time), (Cause::Lacking, &None), "{lacking:?}");

    // Each of them is saved in its own way, but for one that ends.
    shop.add("added", "BRL", ("gift", "100.00", partial)).await.unwrap();
    shop.cancel("canceled").await.unwrap();
    shop.invoice("invoiced", "B", money("70.00", "BRL")).await.unwrap();
    shop.change("lowered", "1", money("-60.00", "BRL")).await.unwrap();
    sql.run("UPDATE payments SET expire_time = 1, observe_time = 1 WHERE order_id = 'ended'").await.unwrap();
    lists(&shop, &["unsettled card 100.00"]).await;
    let again = RetryOperationRequest {
        request_id: "1".to_owned(),
        operation_id: lacking.operation.clone().unwrap().operation_id,
        actor: "olga".to_owned(),
        reason: "the authorization ends soon".to_owned(),
    };
    shop.client.operators().retry_operation(again).await.unwrap();
    lists(&shop, &[]).await;
    for order_id in orders {
        shop.at_rest(order_id).await;
        assert_eq!(differences(&shop, order_id).await, Vec::<String>::new(), "{order_id}");
    }
}
