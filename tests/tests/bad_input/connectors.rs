//! `CreateConnector` and `UpdateConnector`, and providers that are none.

use std::net::SocketAddr;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpListener;
use tokio::task::JoinHandle;
use tranche_sdk::v1::{
    ConnectorCapabilities, CreateConnectorRequest, Money, PartialSettlement, UpdateConnectorRequest, payment,
};
use tranche_tests::shop::money;

use super::table::{Row, brl, invalid, row};

/// Servers that answer `GET /manifest`, and nothing that could be one.
pub(super) struct Nonsense {
    servers: Vec<(SocketAddr, JoinHandle<()>)>,
    /// An address where nobody listens.
    nobody: SocketAddr,
}

/// What they answer: no JSON, JSON without payment methods, nothing found, and credentials refused.
const ANSWERS: [&str; 4] = [
    "200 OK\r\ncontent-length: 6\r\n\r\n<html>",
    "200 OK\r\ncontent-length: 2\r\n\r\n{}",
    "404 Not Found\r\ncontent-length: 0\r\n\r\n",
    "401 Unauthorized\r\ncontent-length: 0\r\n\r\n",
];

impl Nonsense {
    pub(super) async fn start() -> Self {
        let mut servers = Vec::new();
        for answer in ANSWERS {
            let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
            let address = listener.local_addr().unwrap();
            servers.push((address, tokio::spawn(serve(listener, answer))));
        }
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let nobody = listener.local_addr().unwrap();
        Self { servers, nobody }
    }

    fn url(&self, index: usize) -> String {
        format!("http://{}", self.servers[index].0)
    }
}

impl Drop for Nonsense {
    fn drop(&mut self) {
        self.servers.iter().for_each(|(_, server)| server.abort());
    }
}

async fn serve(listener: TcpListener, answer: &'static str) {
    while let Ok((mut stream, _)) = listener.accept().await {
        let mut request = [0; 4_096];
        // A client that went away asks again or does not.
        let _ = stream.read(&mut request).await;
        let _ = stream.write_all(format!("HTTP/1.1 {answer}").as_bytes()).await;
    }
}

fn create(expected: &str, url: &str, change: impl FnOnce(&mut CreateConnectorRequest)) -> Row {
    let mut request = CreateConnectorRequest {
        connector_id: "new".to_owned(),
        kind: "ppp".to_owned(),
        settings: [("base_url".to_owned(), url.to_owned())].into(),
        ..CreateConnectorRequest::default()
    };
    change(&mut request);
    row("/tranche.v1.ConnectorService/CreateConnector", &request, expected)
}

fn update(expected: &str, change: impl FnOnce(&mut UpdateConnectorRequest)) -> Row {
    let mut request = UpdateConnectorRequest {
        request_id: "update-1".to_owned(),
        connector_id: "partial".to_owned(),
        ..UpdateConnectorRequest::default()
    };
    change(&mut request);
    row("/tranche.v1.ConnectorService/UpdateConnector", &request, expected)
}

pub(super) fn rows(provider: &str, nonsense: &Nonsense) -> Vec<Row> {
    let mut rows = configurations(provider, nonsense);
    rows.extend(minimum_amounts(provider));
    rows
}

/// The smallest settlement of each currency, which is named once.
fn minimum_amounts(provider: &str) -> Vec<Row> {
    let path = |index: usize, name: &str| format!("capabilities.minimum_amounts[{index}].{name}");
    let table = [
        (vec![Money::default()], vec![path(0, "currency_code"), path(0, "amount")]),
        (vec![brl("0.00")], vec![path(0, "amount")]),
        (vec![brl("1.001")], vec![path(0, "amount")]),
        (vec![brl("5.00"), money("500", "JPY"), brl("6.00")], vec![path(2, "currency_code")]),
        (
            vec![brl("-1.00"), money("5.00", "ABC"), money("0", "JPY")],
            vec![path(0, "amount"), path(1, "currency_code"), path(2, "amount")],
        ),
        (vec![brl("1.00"); 51], vec!["capabilities.minimum_amounts".to_owned()]),
    ];
    let rows = |(minimum_amounts, fields): (Vec<Money>, Vec<String>)| {
        let expected = invalid(&fields.join(" "));
        let capabilities = Some(ConnectorCapabilities { minimum_amounts, ..Default::default() });
        [
            create(&expected, provider, |it| it.capabilities.clone_from(&capabilities)),
            update(&expected, |it| it.capabilities.clone_from(&capabilities)),
        ]
    };
    table.into_iter().flat_map(rows).collect()
}

fn configurations(provider: &str, nonsense: &Nonsense) -> Vec<Row> {
    let unusable = "FailedPrecondition CONNECTOR_MANIFEST_INVALID connectorId=new";
    let set = |request: &mut CreateConnectorRequest, pairs: &[(&str, &str)]| {
        for (key, value) in pairs {
            request.settings.insert((*key).to_owned(), (*value).to_owned());
        }
    };
    let once =
        ConnectorCapabilities { partial_settlement: PartialSettlement::Once.into(), ..Default::default() };
    vec![
        create(&invalid("connector_id kind"), provider, |it| *it = CreateConnectorRequest::default()),
        create(&invalid("kind"), provider, |it| it.kind = "pigeon".to_owned()),
        create(&invalid("settings.base_url"), provider, |it| it.settings.clear()),
        create(
            &invalid(
                "settings.base_url settings.header_family settings.timeout_ms settings.color default_mode",
            ),
            "ftp://provider.example",
            |it| {
                set(it, &[("header_family", "x"), ("timeout_ms", "1"), ("color", "red")]);
                it.default_mode = 99;
            },
        ),
        // Credentials are references; a literal is refused.
        create(&invalid("settings.app_key settings.app_token"), provider, |it| {
            set(it, &[("app_key", "literal"), ("app_token", "s3cret")]);
        }),
        create(&invalid("settings.app_token"), provider, |it| set(it, &[("app_key", "env:TRANCHE_NO_SUCH")])),
        create(
            "FailedPrecondition CONNECTOR_CREDENTIALS_UNREADABLE connectorId=new setting=settings.app_key",
            provider,
            |it| set(it, &[("app_key", "env:NO_SUCH_KEY"), ("app_token", "file:/no/such/token")]),
        ),
        create(unusable, &nonsense.url(0), |_| ()),
        create(unusable, &nonsense.url(1), |_| ()),
        create(unusable, &nonsense.url(2), |_| ()),
        create(
            "FailedPrecondition CONNECTOR_CREDENTIALS_REFUSED connectorId=new status=401",
            &nonsense.url(3),
            |_| (),
        ),
        create(
            "FailedPrecondition CONNECTOR_UNREACHABLE connectorId=new",
            &format!("http://{}", nonsense.nobody),
            |_| (),
        ),
        // Refused when it is configured, not when money is due.
        create(
            "FailedPrecondition MODE_NOT_SUPPORTED connectorId=new mode=PARTIAL partialSettlement=ONCE",
            provider,
            |it| {
                it.capabilities = Some(once.clone());
                it.default_mode = payment::Mode::Partial.into();
            },
        ),
        create(&invalid("capabilities.max_settlements"), provider, |it| {
            it.capabilities = Some(ConnectorCapabilities { max_settlements: Some(3), ..once.clone() });
        }),
        create("AlreadyExists CONNECTOR_ALREADY_EXISTS connectorId=partial", provider, |it| {
            it.connector_id = "partial".to_owned();
        }),
        update(&invalid("request_id"), |it| it.request_id.clear()),
        update("NotFound CONNECTOR_NOT_FOUND connectorId=nobody", |it| it.connector_id = "nobody".to_owned()),
        update("Aborted ETAG_MISMATCH etag=old", |it| it.etag = "old".to_owned()),
        update(&invalid("settings.base_url"), |it| {
            it.settings.insert("base_url".to_owned(), "nowhere".to_owned());
        }),
        update(
            "FailedPrecondition MODE_NOT_SUPPORTED connectorId=total mode=PARTIAL partialSettlement=ONCE",
            |it| {
                it.connector_id = "total".to_owned();
                it.default_mode = payment::Mode::Partial.into();
            },
        ),
    ]
}
