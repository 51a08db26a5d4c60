//! Lesson 7. Elsewhere a provider that settles only once was found out by its refusal of the second parcel, weeks after the
//! sale, or everything was taken with the first one although nobody had chosen that.

use tonic::Status;
use tranche_sdk::v1::{
    Connector, ConnectorCapabilities, CreateConnectorRequest, ErrorReason, PartialSettlement, payment::Mode,
};
use tranche_tests::shop::{Shop, Terms};
use tranche_tests::world::World;

use super::finding::{Finding, accepted, are, books_agree, brl, is, refused, settled, transaction_state};

/// What cannot be done is refused, and what will need a person is warned of, when the provider is configured. What can be
/// done is done as was chosen: by default all at the first parcel, on request once at the end.
pub(super) async fn play(world: &World) -> Result<(), Finding> {
    let shop = world.shop();
    for (name, settles) in [("once", PartialSettlement::Once), ("only all", PartialSettlement::None)] {
        let what = format!("PARTIAL on a provider that settles {name}");
        let capabilities =
            ConnectorCapabilities { partial_settlement: settles.into(), ..ConnectorCapabilities::default() };
        refused(&what, connect(&shop, Mode::Partial, capabilities).await, ErrorReason::InvalidArgument)?;
    }
    let capabilities = ConnectorCapabilities {
        partial_settlement: PartialSettlement::None.into(),
        partial_refunds: Some(false),
        ..ConnectorCapabilities::default()
    };
    let what = "HOLD on a provider that settles only all, and gives no part back";
    let connector = accepted(what, connect(&shop, Mode::Hold, capabilities).await)?;
    is("how many warnings it has", &connector.warnings.len(), &1)?;

    let all_at_first = &["100.00"][..];
    for (name, with_the_first) in
        [("TOTAL", all_at_first), ("HOLD", &[]), ("TOTAL/NONE", all_at_first), ("HOLD/NONE", &[])]
    {
        let terms = Terms::parse(name).unwrap();
        shop.connect(terms, 20_000).await.unwrap();
        let order_id = terms.connector;
        shop.order(order_id, "100.00", "BRL").await.unwrap();
        shop.pay(order_id, "BRL", &[("card", "100.00", terms)]).await.unwrap();
        accepted("invoice A", shop.invoice(order_id, "A", brl("20.00")).await)?;
        shop.at_rest(order_id).await;
        let what = format!("what {name} settled with invoice A");
        are(&what, settled(&shop, order_id, "card").await, with_the_first)?;
        accepted("invoice B", shop.invoice(order_id, "B", brl("80.00")).await)?;
        shop.at_rest(order_id).await;
        let what = format!("what {name} settled in the end");
        are(&what, settled(&shop, order_id, "card").await, all_at_first)?;
        is("the transaction", &transaction_state(&shop, order_id).await?, "FINISHED")?;
        books_agree(&shop, order_id).await?;
    }
    Ok(())
}

async fn connect(shop: &Shop, mode: Mode, capabilities: ConnectorCapabilities) -> Result<Connector, Status> {
    let request = CreateConnectorRequest {
        connector_id: format!("{}-{}", mode.as_str_name(), capabilities.partial_settlement),
        kind: "ppp".to_owned(),
        settings: [("base_url".to_owned(), shop.provider.url().to_owned())].into(),
        default_mode: mode.into(),
        capabilities: Some(capabilities),
    };
    let response = shop.client.connectors().create_connector(request).await?;
    Ok(response.into_inner().connector.unwrap())
}
