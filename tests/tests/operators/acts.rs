//! Every act through the API, with the books of both sides afterwards.

use tonic::Status;
use tranche_sdk::v1::resolve_operation_request::Resolution;
use tranche_sdk::v1::resolved_not_done::FollowUp;
use tranche_sdk::v1::{
    AdoptMovementRequest, ConnectorCapabilities, CreateConnectorRequest, ListStuckOperationsRequest,
    Operation, PartialSettlement, PaymentAmount, ResolveOperationRequest, ResolvedDone, ResolvedNotDone,
    ResolvedSurplus, RetryOperationRequest, StuckOperation, operation, stuck_operation::Cause,
};
use tranche_tests::audit::differences;
use tranche_tests::patience::eventually;
use tranche_tests::shop::{Shop, Terms, has_ended, money, provider_payment_id, transaction_id};
use tranche_tests::world::World;

use super::DatabaseKind;
use crate::PROGRAM;
use crate::bad_input::told::Told;

/// Why the operator of these tests acts.
const REASON: &str = "as the provider's books show";

fn brl(amount: &str) -> tranche_sdk::v1::Money {
    money(amount, "BRL")
}

/// An operator of a shop, who makes each request under an id of its own.
struct Operator {
    shop: Shop,
}

impl Operator {
    async fn retry(&self, request_id: &str, row: &Operation) -> Result<Operation, Status> {
        let request = RetryOperationRequest {
            request_id: request_id.to_owned(),
            operation_id: row.operation_id.clone(),
            actor: "olga".to_owned(),
            reason: REASON.to_owned(),
        };
        let answer = self.shop.client.operators().retry_operation(request).await?;
        Ok(answer.into_inner().operation.unwrap())
    }

    async fn resolve(
        &self,
        request_id: &str,
        row: &Operation,
        resolution: Resolution,
    ) -> Result<Vec<Operation>, Status> {
        let request = ResolveOperationRequest {
            request_id: request_id.to_owned(),
            operation_id: row.operation_id.clone(),
            actor: "olga".to_owned(),
            reason: REASON.to_owned(),
            resolution: Some(resolution),
        };
        let answer = self.shop.client.operators().resolve_operation(request).await?.into_inner();
        assert_eq!(answer.operation.unwrap().operation_id, row.operation_id);
        Ok(answer.started_operations)
    }

    async fn adopt(&self, request_id: &str, order_id: &str, amount: &str, id: &str) -> Result<(), Status> {
        let request = AdoptMovementRequest {
            request_id: request_id.to_owned(),
            transaction_id: transaction_id(order_id),
            payment_id: "card".to_owned(),
            provider_id: id.to_owned(),
            amount: Some(brl(amount)),
            movement_time: None,
            actor: "olga".to_owned(),
            reason: REASON.to_owned(),
            beyond_authorization: false,
        };
        self.shop.client.operators().adopt_movement(request).await.map(drop)
    }

    async fn stuck(&self, order_id: &str) -> Vec<StuckOperation> {
        let request = ListStuckOperationsRequest {
            order_id: order_id.to_owned(),
            unknown_for: Some(prost_types::Duration { seconds: 0, nanos: 1_000 }),
            ..ListStuckOperationsRequest::default()
        };
        self.shop
            .client
            .operators()
            .list_stuck_operations(request)
            .await
            .unwrap()
            .into_inner()
            .stuck_operations
    }

    /// The one case of an order, once it waits for this cause and this much.
    async fn case(&self, order_id: &str, meant: Cause, amount: &str) -> Operation {
        let case = eventually(&format!("a case of {order_id}"), async || {
            match self.stuck(order_id).await.as_slice() {
                [case] if case.cause() == meant => Ok(case.clone()),
                other => Err(format!("{other:?}")),
            }
        })
        .await;
        assert_eq!(case.amount, Some(brl(amount)), "{case:?}");
        case.operation.unwrap()
    }

    /// Waits until all of an order has ended and nothing of it waits for an operator, and says what is settled.
    async fn settled(&self, order_id: &str) -> String {
        self.shop.at_rest(order_id).await;
        assert_eq!(self.stuck(order_id).await, [], "{order_id}");
        let done = self.shop.see_transaction(order_id).await.unwrap().done.unwrap();
        done.settled.unwrap().amount
    }
}

fn not_done(follow_up: FollowUp, payment_id: &str) -> Resolution {
    let payment_id = payment_id.to_owned();
    Resolution::NotDone(ResolvedNotDone { follow_up: follow_up.into(), payment_id })
}

/// An order of 100.00, its card with 70.00 and its gift card with 60.00.
async fn order(shop: &Shop, order_id: &str) {
    let partial = Terms::parse("PARTIAL").unwrap();
    shop.order(order_id, "100.00", "BRL").await.unwrap();
    shop.pay(order_id, "BRL", &[("card", "70.00", partial), ("gift", "60.00", partial)]).await.unwrap();
}

/// An invoice of 20.00 of the card, after its provider was told what to do with it.
async fn invoice(shop: &Shop, order_id: &str, fault: &str) {
    shop.provider.fault(&provider_payment_id(order_id, "card"), fault).await;
    let mut request = tranche_tests::shop::output(order_id, "A", brl("20.00"));
    request.payments = vec![PaymentAmount { payment_id: "card".to_owned(), amount: Some(brl("20.00")) }];
    shop.client.invoices().notify_invoice(request).await.unwrap();
}

pub(super) async fn every_act_moves_the_money_that_it_says(database: DatabaseKind) {
    let world = World::new(PROGRAM, database).await;
    let shop = world.shop();
    shop.connect(Terms::parse("PARTIAL").unwrap(), 20_000).await.unwrap();
    let operator = Operator { shop: shop.clone() };

    // What was refused is asked for again, by a new operation.
    order(&shop, "retried").await;
    invoice(&shop, "retried", "refuse").await;
    let case = operator.case("retried", Cause::Lacking, "20.00").await;
    let tried = operator.retry("1", &case).await.unwrap();
    assert_ne!(tried.operation_id, case.operation_id);
    assert_eq!(operator.retry("1", &case).await.unwrap().operation_id, tried.operation_id, "the same act");
    assert_eq!(operator.settled("retried").await, "20.00");

    // Another payment is asked instead.
    order(&shop, "moved").await;
    invoice(&shop, "moved", "refuse").await;
    let case = operator.case("moved", Cause::Lacking, "20.00").await;
    let started = operator.resolve("1", &case, not_done(FollowUp::Move, "gift")).await.unwrap();
    assert_eq!(started.iter().map(|row| row.payment_id.as_str()).collect::<Vec<_>>(), ["gift"]);
    assert_eq!(operator.settled("moved").await, "20.00");
    let invoice_now = shop.see_invoice("moved", "A").await.unwrap();
    let parts: Vec<&str> = invoice_now.allocations.iter().map(|part| part.payment_id.as_str()).collect();
    assert_eq!(parts, ["gift"], "the invoice says who is asked now");

    // Nobody is asked.
    order(&shop, "given-up").await;
    invoice(&shop, "given-up", "refuse").await;
    let case = operator.case("given-up", Cause::Lacking, "20.00").await;
    operator.resolve("1", &case, not_done(FollowUp::GiveUp, "")).await.unwrap();
    assert_eq!(operator.settled("given-up").await, "0.00");
    let given_up = shop.see_order("given-up").await.unwrap().given_up;
    assert_eq!(given_up, Some(brl("20.00")));
    let invoice_now = shop.see_invoice("given-up", "A").await.unwrap();
    assert_eq!(invoice_now.given_up, Some(brl("20.00")), "nobody pays the invoice");

    // A person did it at the provider, and says under which id.
    order(&shop, "by-hand").await;
    invoice(&shop, "by-hand", "settle-manually").await;
    let case = operator.case("by-hand", Cause::Manual, "20.00").await;
    operator.resolve("1", &case, not_done(FollowUp::Retry, "")).await.unwrap();
    assert_eq!(operator.settled("by-hand").await, "20.00");

    // The provider moved more than it was asked; it is real, and pays for the next invoice.
    order(&shop, "surplus").await;
    invoice(&shop, "surplus", "settle-more").await;
    let case = operator.case("surplus", Cause::Surplus, "0.01").await;
    let real = Resolution::Surplus(ResolvedSurplus { real: Some(true) });
    operator.resolve("1", &case, real).await.unwrap();
    let ahead = shop.see_transaction("surplus").await.unwrap().payments[0].ahead.clone();
    assert_eq!(ahead, Some(brl("0.01")));
    assert_eq!(operator.settled("surplus").await, "20.01");

    // A movement that nobody asked for is found, adopted, and given back when the order needs less.
    order(&shop, "adopted").await;
    let settle_id = settle_unasked(&shop, "adopted", "30.00").await;
    operator.adopt("1", "adopted", "30.00", &settle_id).await.unwrap();
    shop.change("adopted", "change-1", brl("-90.00")).await.unwrap();
    shop.invoice("adopted", "A", brl("10.00")).await.unwrap();
    operator.settled("adopted").await;
    let books = shop.provider.payment(&provider_payment_id("adopted", "card")).await;
    let refunds: Vec<(&str, String)> =
        books.refunds.iter().map(|row| (row.settle_id.as_str(), row.value.to_string())).collect();
    assert_eq!(
        refunds,
        [(settle_id.as_str(), "20.00".to_owned())],
        "it names the settlement that was adopted"
    );

    for order_id in ["retried", "moved", "given-up", "by-hand", "surplus", "adopted"] {
        assert_eq!(differences(&shop, order_id).await, Vec::<String>::new(), "{order_id}");
    }
}

/// The provider settles by itself: a settlement that we never asked for. Answers its id.
async fn settle_unasked(shop: &Shop, order_id: &str, value: &str) -> String {
    let payment_id = provider_payment_id(order_id, "card");
    let body = format!(
        r#"{{"transactionId":"{order_id}","requestId":"by itself","paymentId":"{payment_id}","value":{value},"authorizationId":"AUT"}}"#
    );
    let body = serde_json::from_str(&body).unwrap();
    let answer = shop.provider.ask(&format!("/payments/{payment_id}/settlements"), Some(&body)).await;
    answer["settleId"].as_str().unwrap().to_owned()
}

/// A connector that may do twice what it is asked twice.
async fn connect_sent_once(shop: &Shop) {
    let capabilities = ConnectorCapabilities { replay_safe: Some(false), ..ConnectorCapabilities::default() };
    connect(shop, "partial", capabilities).await;
}

/// A connector that may have forgotten, before anything can be repeated, what it was asked.
async fn connect_forgetful(shop: &Shop) {
    let replay_window = Some(prost_types::Duration { seconds: 1, nanos: 0 });
    let capabilities = ConnectorCapabilities { replay_window, ..ConnectorCapabilities::default() };
    connect(shop, "forgetful", capabilities).await;
}

async fn connect(shop: &Shop, connector_id: &str, capabilities: ConnectorCapabilities) {
    let settings = [
        ("base_url".to_owned(), shop.provider.url().to_owned()),
        ("timeout_ms".to_owned(), "500".to_owned()),
    ];
    let capabilities =
        ConnectorCapabilities { partial_settlement: PartialSettlement::Multiple.into(), ..capabilities };
    let request = CreateConnectorRequest {
        connector_id: connector_id.to_owned(),
        kind: "ppp".to_owned(),
        settings: settings.into(),
        capabilities: Some(capabilities),
        ..CreateConnectorRequest::default()
    };
    shop.client.connectors().create_connector(request).await.unwrap();
}

pub(super) async fn what_cannot_be_done_says_why(database: DatabaseKind) {
    let world = World::new(PROGRAM, database).await;
    let shop = world.shop();
    connect_sent_once(&shop).await;
    let operator = Operator { shop: shop.clone() };
    let told = |expected: String, refusal: Status| {
        if let Err(seen) = Told::from(&refusal).compare(&expected) {
            panic!("expected {expected}\nseen     {seen}\n{refusal:?}");
        }
    };

    // Its provider would do it twice; and it could be the movement that is to be adopted.
    order(&shop, "unknown").await;
    invoice(&shop, "unknown", "lose-answer").await;
    let case = operator.case("unknown", Cause::Unknown, "20.00").await;
    let id = case.operation_id.clone();
    told(
        format!("FailedPrecondition OPERATION_NOT_RETRYABLE operationId={id} state=UNKNOWN operation/{id}"),
        operator.retry("1", &case).await.unwrap_err(),
    );
    told(
        format!(
            "FailedPrecondition OPERATION_COULD_OWN_MOVEMENT operationId={id} providerId=S-9 operation/{id}"
        ),
        operator.adopt("1", "unknown", "20.00", "S-9").await.unwrap_err(),
    );
    let settled = shop.provider.payment(&provider_payment_id("unknown", "card")).await.settlements.remove(0);
    let done = ResolvedDone { amount: Some(brl("20.00")), provider_id: settled.settle_id };
    operator.resolve("2", &case, Resolution::Done(done)).await.unwrap();

    // Its provider may have forgotten it, so that it is asked nothing again.
    connect_forgetful(&shop).await;
    let forgetful = Terms::parse("PARTIAL").unwrap().on("forgetful");
    shop.order("forgotten", "100.00", "BRL").await.unwrap();
    shop.pay("forgotten", "BRL", &[("card", "100.00", forgetful)]).await.unwrap();
    invoice(&shop, "forgotten", "lose-answer").await;
    let case = operator.case("forgotten", Cause::Unknown, "20.00").await;
    let id = case.operation_id.clone();
    let refusal = operator.retry("1", &case).await.unwrap_err();
    let expected = format!("FailedPrecondition OPERATION_REPLAY_WINDOW_OVER operationId={id} operation/{id}");
    told(expected, refusal);

    // Too little room elsewhere; then nothing lacks any more.
    order(&shop, "refused").await;
    invoice(&shop, "refused", "refuse").await;
    let case = operator.case("refused", Cause::Lacking, "20.00").await;
    let id = case.operation_id.clone();
    let part = |payment_id: &str, amount: &str| PaymentAmount {
        payment_id: payment_id.to_owned(),
        amount: Some(brl(amount)),
    };
    let mut all_of_the_gift = tranche_tests::shop::output("refused", "B", brl("80.00"));
    all_of_the_gift.payments = vec![part("gift", "60.00"), part("card", "20.00")];
    shop.client.invoices().notify_invoice(all_of_the_gift).await.unwrap();
    told(
        format!(
            "FailedPrecondition MOVE_ABOVE_ROOM operationId={id} paymentId=gift amount=20.00 room=0.00 \
             currencyCode=BRL operation/{id}"
        ),
        operator.resolve("1", &case, not_done(FollowUp::Move, "gift")).await.unwrap_err(),
    );
    operator.resolve("2", &case, not_done(FollowUp::GiveUp, "")).await.unwrap();
    told(
        format!("FailedPrecondition NOTHING_LACKING operationId={id} operation/{id}"),
        operator.retry("1", &case).await.unwrap_err(),
    );
    told(
        "AlreadyExists REQUEST_ID_REUSED requestId=2 fields=resolution".to_owned(),
        operator.resolve("2", &case, not_done(FollowUp::Retry, "")).await.unwrap_err(),
    );
    let operations = shop.operations("refused").await.unwrap();
    assert!(operations.iter().all(|row| has_ended(row) || row.state() == operation::State::Sent));
}
