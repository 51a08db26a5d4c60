//! The Rust client of Tranche: the generated clients over one connection, for one account.
//!
//! ```no_run
//! # async fn example() -> Result<(), Box<dyn std::error::Error>> {
//! use tranche_sdk::v1::GetOrderRequest;
//!
//! let client = tranche_sdk::connect("http://127.0.0.1:50051", "default").await?;
//! let response = client.orders().get_order(GetOrderRequest { order_id: "1234".into() }).await?;
//! println!("{:?}", response.into_inner().order);
//! # Ok(())
//! # }
//! ```

mod error;

use std::time::Duration;

use tonic::metadata::{Ascii, MetadataValue};
use tonic::service::Interceptor;
use tonic::service::interceptor::InterceptedService;
use tonic::transport::{Channel, Endpoint};
use tonic::{Request, Status};

pub use error::{ConnectError, metadata, reason, violations};
pub use tranche_proto::v1;

use v1::account_service_client::AccountServiceClient;
use v1::connector_service_client::ConnectorServiceClient;
use v1::event_service_client::EventServiceClient;
use v1::invoice_service_client::InvoiceServiceClient;
use v1::operator_service_client::OperatorServiceClient;
use v1::order_service_client::OrderServiceClient;
use v1::transaction_service_client::TransactionServiceClient;

/// The metadata key that names the account.
pub const ACCOUNT_METADATA: &str = "tranche-account";

/// How long a connection may take to come about.
const CONNECT_TIME_MAX: Duration = Duration::from_secs(10);

/// Names the account on every call.
#[derive(Clone, Debug)]
pub struct Account(MetadataValue<Ascii>);

impl Interceptor for Account {
    fn call(&mut self, mut request: Request<()>) -> Result<Request<()>, Status> {
        request.metadata_mut().insert(ACCOUNT_METADATA, self.0.clone());
        Ok(request)
    }
}

/// A connection that names its account on every call.
pub type Connection = InterceptedService<Channel, Account>;

/// One connection to a server, for one account. Cheap to clone; calls share the connection.
#[derive(Clone, Debug)]
pub struct Client {
    channel: Channel,
    account: Account,
}

/// Connects to the server at `address`, such as `http://127.0.0.1:50051`, for one account.
pub async fn connect(address: &str, account: &str) -> Result<Client, ConnectError> {
    let endpoint = Endpoint::from_shared(address.to_owned()).map_err(ConnectError::Address)?;
    let account = account.parse().map_err(|_| ConnectError::Account(account.to_owned()))?;
    let endpoint = endpoint.connect_timeout(CONNECT_TIME_MAX).tcp_nodelay(true);
    let channel = endpoint.connect().await.map_err(ConnectError::Unreachable)?;
    Ok(Client { channel, account: Account(account) })
}

impl Client {
    fn connection(&self) -> Connection {
        InterceptedService::new(self.channel.clone(), self.account.clone())
    }

    /// Account settings.
    pub fn accounts(&self) -> AccountServiceClient<Connection> {
        AccountServiceClient::new(self.connection())
    }

    /// Connectors.
    pub fn connectors(&self) -> ConnectorServiceClient<Connection> {
        ConnectorServiceClient::new(self.connection())
    }

    /// Orders.
    pub fn orders(&self) -> OrderServiceClient<Connection> {
        OrderServiceClient::new(self.connection())
    }

    /// Invoices.
    pub fn invoices(&self) -> InvoiceServiceClient<Connection> {
        InvoiceServiceClient::new(self.connection())
    }

    /// Transactions, payments and operations.
    pub fn transactions(&self) -> TransactionServiceClient<Connection> {
        TransactionServiceClient::new(self.connection())
    }

    /// Events.
    pub fn events(&self) -> EventServiceClient<Connection> {
        EventServiceClient::new(self.connection())
    }

    /// What operators do.
    pub fn operators(&self) -> OperatorServiceClient<Connection> {
        OperatorServiceClient::new(self.connection())
    }
}
