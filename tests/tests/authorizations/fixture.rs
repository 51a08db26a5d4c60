//! A provider that decides as it is told, and a world that it can call back.

use std::net::SocketAddr;

use serde_json::Value;
use tempfile::TempDir;
use tranche_sdk::v1::{
    ConnectorCapabilities, CreateConnectorRequest, Interaction, ListInteractionsRequest, NewPayment,
    Operation, PartialSettlement, RequestedAuthorization, new_payment,
};
use tranche_tests::patience::{eventually, must};
use tranche_tests::shop::{Shop, money};
use tranche_tests::world::{DatabaseKind, World, WorldOptions};

use crate::PROGRAM;

/// A payer's token.
pub(crate) const TOKEN: &str = "tok-of-the-payer";

/// Where providers believe our callbacks to be; the tests go to the listener itself.
const PUBLIC_URL: &str = "https://payments.example/tranche";

/// A connector whose provider decides like this.
pub(crate) async fn connect(shop: &Shop, connector_id: &str, decides: &str) {
    let settings = [
        ("base_url", shop.provider.url()),
        ("timeout_ms", "1000"),
        ("merchant_settings.sandbox.authorizations", decides),
    ];
    let settings = settings.map(|(name, value)| (name.to_owned(), value.to_owned()));
    let request = CreateConnectorRequest {
        connector_id: connector_id.to_owned(),
        kind: "ppp".to_owned(),
        settings: settings.into(),
        capabilities: Some(ConnectorCapabilities {
            partial_settlement: PartialSettlement::Multiple.into(),
            ..ConnectorCapabilities::default()
        }),
        ..CreateConnectorRequest::default()
    };
    must("a connector", shop.client.connectors().create_connector(request).await);
}

/// A payment that the provider is to be asked for.
pub(crate) fn requested(payment_id: &str, connector_id: &str, amount: &str) -> NewPayment {
    let requested = RequestedAuthorization {
        payment_method: "Visa".to_owned(),
        token: TOKEN.to_owned(),
        ..RequestedAuthorization::default()
    };
    NewPayment {
        payment_id: payment_id.to_owned(),
        connector_id: connector_id.to_owned(),
        amount: Some(money(amount, "BRL")),
        authorization: Some(new_payment::Authorization::Requested(requested)),
        ..NewPayment::default()
    }
}

/// What a provider says that has authorized.
pub(crate) fn approval(payment_id: &str, authorization_id: &str) -> String {
    format!(
        r#"{{"paymentId":"{payment_id}","status":"approved","authorizationId":"{authorization_id}","tid":"T"}}"#
    )
}

/// All calls of an operation.
pub(crate) async fn interactions(shop: &Shop, operation: &Operation) -> Vec<Interaction> {
    let operation_id = operation.operation_id.clone();
    let request = ListInteractionsRequest { operation_id, ..ListInteractionsRequest::default() };
    must("the calls", shop.client.transactions().list_interactions(request).await).into_inner().interactions
}

/// The secret of a world whose providers call back.
pub(crate) struct Callbacks {
    folder: TempDir,
}

/// What a provider was asked for, and where it is to call back.
pub(crate) struct Asked {
    pub(crate) payment_id: String,
    pub(crate) path: String,
    pub(crate) signature: String,
}

impl Callbacks {
    pub(crate) fn new() -> Self {
        let folder = must("a folder", TempDir::with_prefix("tranche-test-"));
        must("a secret", std::fs::write(folder.path().join("secret"), "0123456789abcdef0123456789abcdef\n"));
        Self { folder }
    }

    /// A world with a listener for callbacks.
    pub(crate) async fn world(&self, database: DatabaseKind) -> World {
        let secret = format!("file:{}", self.folder.path().join("secret").display());
        let serve = ["--callback-listen", "127.0.0.1:0", "--callback-url", PUBLIC_URL, "--callback-secret"];
        let mut serve: Vec<String> = serve.map(str::to_owned).into();
        serve.push(secret);
        World::with(WorldOptions { serve, ..WorldOptions::new(PROGRAM, database) }).await
    }

    /// Where the server listens for callbacks.
    pub(crate) fn address(world: &World) -> SocketAddr {
        let log = world.log(0);
        let line = log.lines().rfind(|line| line.contains("listening for callbacks"));
        let address = line.and_then(|line| line.split("address=").nth(1)?.split_whitespace().next());
        must("where callbacks are", address.ok_or(log.clone()).map(|text| must(text, text.parse())))
    }

    /// What the provider was asked for of a payment.
    pub(crate) async fn asked(&self, world: &World, payment_id: &str) -> Asked {
        eventually(&format!("{payment_id} is asked for"), async || {
            let calls = world.provider().ask("/calls", None).await;
            let calls = calls.as_array().cloned().unwrap_or_default();
            let end = format!("/p-{payment_id}?");
            let is_it =
                |call: &&Value| call["request"]["callbackUrl"].as_str().is_some_and(|url| url.contains(&end));
            let request = calls.iter().find(is_it).map(|call| call["request"].clone());
            let request = request.ok_or_else(|| format!("{calls:?}"))?;
            let url = request["callbackUrl"].as_str().unwrap_or_default();
            let path = url.strip_prefix(PUBLIC_URL).ok_or_else(|| url.to_owned())?.to_owned();
            let signature = path.split('=').next_back().unwrap_or_default().to_owned();
            assert_eq!(signature.len(), 32, "{url}");
            let payment_id = request["paymentId"].as_str().unwrap_or_default().to_owned();
            Ok(Asked { payment_id, path, signature })
        })
        .await
    }

    /// Calls back, and says the status that was answered.
    pub(crate) async fn post(&self, world: &World, path: &str, body: &str) -> u16 {
        let client = must("a client", reqwest::Client::builder().no_proxy().build());
        let request = client.post(format!("http://{}{path}", Self::address(world))).body(body.to_owned());
        let response = must(path, request.send().await);
        let status = response.status().as_u16();
        assert_eq!(must(path, response.text().await), "", "no word is said");
        status
    }
}
