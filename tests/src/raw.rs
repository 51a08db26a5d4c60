//! gRPC without generated code: bytes there and bytes back, to any path.

use bytes::{Buf, BufMut};
use http::uri::PathAndQuery;
use tonic::client::Grpc;
use tonic::codec::{Codec, DecodeBuf, Decoder, EncodeBuf, Encoder};
use tonic::transport::{Channel, Endpoint};
use tonic::{Request, Status};

use crate::patience::must;

/// A connection that knows no message.
#[derive(Clone, Debug)]
pub struct RawClient {
    channel: Channel,
}

impl RawClient {
    /// Connects to a server.
    ///
    /// # Panics
    ///
    /// When there is none.
    pub async fn connect(url: &str) -> Self {
        let endpoint = must(url, Endpoint::from_shared(url.to_owned()));
        Self { channel: must(url, endpoint.connect().await) }
    }

    /// Calls the method at a path such as `/tranche.v1.OrderService/GetOrder`.
    pub async fn call(&self, path: &'static str, body: Vec<u8>) -> Result<Vec<u8>, Status> {
        let mut client = Grpc::new(self.channel.clone());
        must("the connection is ready", client.ready().await);
        let path = PathAndQuery::from_static(path);
        Ok(client.unary(Request::new(body), path, Bytes).await?.into_inner())
    }
}

#[derive(Clone, Copy, Debug)]
struct Bytes;

impl Codec for Bytes {
    type Encode = Vec<u8>;
    type Decode = Vec<u8>;
    type Encoder = Self;
    type Decoder = Self;

    fn encoder(&mut self) -> Self {
        *self
    }

    fn decoder(&mut self) -> Self {
        *self
    }
}

impl Encoder for Bytes {
    type Item = Vec<u8>;
    type Error = Status;

    fn encode(&mut self, item: Vec<u8>, target: &mut EncodeBuf<'_>) -> Result<(), Status> {
        target.put_slice(&item);
        Ok(())
    }
}

impl Decoder for Bytes {
    type Item = Vec<u8>;
    type Error = Status;

    fn decode(&mut self, source: &mut DecodeBuf<'_>) -> Result<Option<Vec<u8>>, Status> {
        let length = source.remaining();
        Ok(Some(source.copy_to_bytes(length).to_vec()))
    }
}
