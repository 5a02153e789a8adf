//! The HTTP client of `instant-acme`, over `HttpsConnector`.

use axum::body::Bytes;
use cairn_tokio::{HttpsConnector, TlsConnector, tls::ClientConfig};
use http::Request;
use hyper_util::{client::legacy, rt::TokioExecutor};
use instant_acme::{BodyWrapper, BytesResponse, Error, HttpClient};
use std::{future::Future, pin::Pin};

pub(crate) struct Client(legacy::Client<HttpsConnector, BodyWrapper<Bytes>>);

impl Client {
    pub(crate) fn new(trust: ClientConfig) -> Self {
        let https = HttpsConnector::new(TlsConnector::new(trust));
        Self(legacy::Client::builder(TokioExecutor::new()).build(https))
    }
}

impl HttpClient for Client {
    fn request(
        &self,
        request: Request<BodyWrapper<Bytes>>,
    ) -> Pin<Box<dyn Future<Output = Result<BytesResponse, Error>> + Send>> {
        let response = self.0.request(request);
        Box::pin(async move { response.await.map(BytesResponse::from).map_err(|e| Error::Other(e.into())) })
    }
}
