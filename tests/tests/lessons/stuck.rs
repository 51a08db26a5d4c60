//! Lesson 2. Elsewhere a payment got stuck in a state that nothing led out of: nobody was shown it, no act could clear it,
//! and the order stood still until somebody wrote into the database.

use tranche_sdk::v1::resolve_operation_request::Resolution;
use tranche_sdk::v1::resolved_not_done::FollowUp;
use tranche_sdk::v1::{
    ConnectorCapabilities, CreateConnectorRequest, ListStuckOperationsRequest, Operation, PartialSettlement,
    ResolveOperationRequest, ResolvedNotDone, StuckOperation, operation,
};
use tranche_tests::patience::eventually;
use tranche_tests::shop::{Shop, Terms};
use tranche_tests::world::World;

use super::finding::{Finding, accepted, are, books_agree, brl, is, settled, transaction_state, word};

/// A provider that may do twice what it is asked twice gets one request that is lost on the way, and says of another that a
/// person must act. Both are listed, and each is cleared by somebody who says why; then the order is over.
pub(super) async fn play(world: &World) -> Result<(), Finding> {
    let shop = world.shop();
    let terms = Terms::parse("PARTIAL").unwrap().on("once");
    connect_sent_once(&shop, terms.connector).await;
    shop.order("o", "100.00", "BRL").await.unwrap();
    shop.pay("o", "BRL", &[("card", "100.00", terms)]).await.unwrap();

    shop.provider.fault("o-card", "lose-request").await;
    accepted("invoice A", shop.invoice("o", "A", brl("30.00")).await)?;
    comes_to(&shop, operation::State::Unknown).await;
    shop.provider.fault("o-card", "settle-manually").await;
    accepted("invoice B, while A is stuck", shop.invoice("o", "B", brl("30.00")).await)?;
    comes_to(&shop, operation::State::Manual).await;
    accepted("invoice C, while A and B are stuck", shop.invoice("o", "C", brl("40.00")).await)?;
    comes_to(&shop, operation::State::Done).await;

    let cases = stuck(&shop).await;
    let waiting = cases.iter().map(|case| word(case.cause().as_str_name()));
    are("what waits for an operator", waiting, &["UNKNOWN", "MANUAL"])?;
    for case in &cases {
        let row = case.operation.as_ref().unwrap();
        let cleared = accepted("to say that it was not done", clear(&shop, row).await)?;
        is("what became of it", &word(cleared.state().as_str_name()), "REFUSED")?;
    }
    shop.at_rest("o").await;
    are("what waits for an operator", stuck(&shop).await.iter().map(|case| &case.payment_id), &[])?;
    are("what the provider settled", settled(&shop, "o", "card").await, &["40.00", "30.00", "30.00"])?;
    let seen = accepted("to see the order", shop.see_order("o").await)?;
    is("the order", &word(seen.state().as_str_name()), "INVOICED")?;
    is("the transaction", &transaction_state(&shop, "o").await?, "FINISHED")?;
    let explained = accepted("to explain the order", shop.explain("o").await)?;
    let acts = explained.acts.into_iter().map(|act| act.acted.unwrap());
    let acts = acts.map(|act| format!("{}: {}", act.actor, act.reason));
    are("who acted, and why", acts, &["olga: not on the statement", "olga: not on the statement"])?;
    books_agree(&shop, "o").await
}

async fn connect_sent_once(shop: &Shop, connector_id: &str) {
    let capabilities = ConnectorCapabilities {
        partial_settlement: PartialSettlement::Multiple.into(),
        replay_safe: Some(false),
        ..ConnectorCapabilities::default()
    };
    let request = CreateConnectorRequest {
        connector_id: connector_id.to_owned(),
        kind: "ppp".to_owned(),
        settings: [("base_url".to_owned(), shop.provider.url().to_owned())].into(),
        capabilities: Some(capabilities),
        ..CreateConnectorRequest::default()
    };
    shop.client.connectors().create_connector(request).await.unwrap();
}

/// Waits until the newest operation comes to this state.
async fn comes_to(shop: &Shop, state: operation::State) {
    eventually(state.as_str_name(), async || {
        let operations = shop.operations("o").await.map_err(|status| status.to_string())?;
        let newest = operations.last().ok_or("there is none")?;
        if newest.state() == state { Ok(()) } else { Err(format!("{newest:?}")) }
    })
    .await;
}

/// What waits for an operator, also what does so only now.
async fn stuck(shop: &Shop) -> Vec<StuckOperation> {
    let unknown_for = Some(prost_types::Duration { seconds: 0, nanos: 1_000 });
    let request = ListStuckOperationsRequest { unknown_for, ..ListStuckOperationsRequest::default() };
    let listed = shop.client.operators().list_stuck_operations(request).await.unwrap();
    listed.into_inner().stuck_operations
}

/// Says that an operation was not done, so that another one asks for the same. Answers the first one as it is then.
async fn clear(shop: &Shop, row: &Operation) -> Result<Operation, tonic::Status> {
    let not_done = ResolvedNotDone { follow_up: FollowUp::Retry.into(), payment_id: String::new() };
    let request = ResolveOperationRequest {
        request_id: format!("clear {}", row.operation_id),
        operation_id: row.operation_id.clone(),
        actor: "olga".to_owned(),
        reason: "not on the statement".to_owned(),
        resolution: Some(Resolution::NotDone(not_done)),
    };
    let answer = shop.client.operators().resolve_operation(request).await?.into_inner();
    Ok(answer.operation.unwrap())
}
