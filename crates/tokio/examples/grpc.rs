//! gRPC over TLS with tonic: a server on `TlsListener`, and a client on `HttpsConnector`. Both authenticate
//! with certificates, and the service sees the client's.
//!
//! ```text
//! cargo run -p cairn-tokio --example grpc --features axum,hyper
//! ```
//!
//! tonic's own TLS is not compiled. Messages and service are written by hand, as `tonic-prost-build` would
//! generate them from this file:
//!
//! ```text
//! package example;
//! message HelloRequest { string name = 1; }
//! message HelloReply { string message = 1; }
//! service Greeter { rpc Hello(HelloRequest) returns (HelloReply); }
//! ```
#![allow(clippy::std_instead_of_alloc, clippy::std_instead_of_core, reason = "an example has std")]

use axum::{
    extract::{ConnectInfo, connect_info::Connected},
    serve::IncomingStream,
};
use cairn_tokio::{
    HttpsConnector, TlsAcceptor, TlsConnector, TlsListener,
    tls::{
        ClientConfig, ServerConfig,
        crypto::KeySpec,
        default_provider,
        x509::{
            CertificateFacts, Roots,
            issue::{Identity, Template},
        },
    },
};
use http::uri::PathAndQuery;
use std::{
    convert::Infallible,
    future::{Ready, ready},
    task::{Context, Poll},
};
use tonic::{
    Request, Response, Status,
    body::Body,
    codegen::{BoxFuture, Service},
    server::NamedService,
    service::Routes,
    transport::{Channel, Endpoint},
};
use tonic_prost::ProstCodec;

type Result<T> = std::result::Result<T, Box<dyn std::error::Error + Send + Sync>>;

#[derive(Clone, PartialEq, prost::Message)]
struct HelloRequest {
    #[prost(string, tag = "1")]
    name: String,
}

#[derive(Clone, PartialEq, prost::Message)]
struct HelloReply {
    #[prost(string, tag = "1")]
    message: String,
}

const HELLO: &str = "/example.Greeter/Hello";

/// The properties of a connection that services see.
#[derive(Clone, Debug)]
struct Connection {
    /// The subject of the client's certificate, which was verified in the handshake.
    client: Option<String>,
    /// The application protocol.
    alpn: Option<String>,
}

impl Connected<IncomingStream<'_, TlsListener>> for Connection {
    fn connect_info(stream: IncomingStream<'_, TlsListener>) -> Self {
        let summary = stream.io().summary();
        let certificate = summary.and_then(|summary| summary.peer_certificate());
        let facts = certificate.and_then(|der| CertificateFacts::from_der(der).ok());
        let alpn = summary.and_then(|summary| summary.alpn.as_deref());
        Self {
            client: facts.map(|facts| facts.subject),
            alpn: alpn.map(|alpn| String::from_utf8_lossy(alpn).into_owned()),
        }
    }
}

/// The service.
#[derive(Clone)]
struct Greeter;

impl Greeter {
    fn hello(request: &Request<HelloRequest>) -> std::result::Result<Response<HelloReply>, Status> {
        let connection = request.extensions().get::<ConnectInfo<Connection>>();
        let Some(ConnectInfo(Connection { client: Some(client), alpn })) = connection else {
            return Err(Status::unauthenticated("the client has no certificate"));
        };
        let (name, alpn) = (&request.get_ref().name, alpn.as_deref().unwrap_or("no protocol"));
        Ok(Response::new(HelloReply { message: format!("hello {name}, you are {client}, over {alpn}") }))
    }
}

/// The method `Hello`.
impl Service<Request<HelloRequest>> for Greeter {
    type Response = Response<HelloReply>;
    type Error = Status;
    type Future = Ready<std::result::Result<Self::Response, Status>>;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<std::result::Result<(), Status>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, request: Request<HelloRequest>) -> Self::Future {
        ready(Self::hello(&request))
    }
}

/// The methods by their paths.
impl Service<http::Request<Body>> for Greeter {
    type Response = http::Response<Body>;
    type Error = Infallible;
    type Future = BoxFuture<Self::Response, Infallible>;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<std::result::Result<(), Infallible>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, request: http::Request<Body>) -> Self::Future {
        Box::pin(async move {
            if request.uri().path() != HELLO {
                return Ok(Status::unimplemented("there is no such method").into_http());
            }
            Ok(tonic::server::Grpc::new(ProstCodec::default()).unary(Self, request).await)
        })
    }
}

impl NamedService for Greeter {
    const NAME: &'static str = "example.Greeter";
}

/// The client of the service.
struct GreeterClient(tonic::client::Grpc<Channel>);

impl GreeterClient {
    /// Connects to this URI. Each connection is one of `tls`.
    async fn connect(uri: String, tls: TlsConnector) -> Result<Self> {
        let channel = Endpoint::from_shared(uri)?.connect_with_connector(HttpsConnector::new(tls)).await?;
        Ok(Self(tonic::client::Grpc::new(channel)))
    }

    async fn hello(&mut self, name: &str) -> Result<String> {
        self.0.ready().await?;
        let request = Request::new(HelloRequest { name: name.to_owned() });
        let codec = ProstCodec::<HelloRequest, HelloReply>::default();
        let reply = self.0.unary(request, PathAndQuery::from_static(HELLO), codec).await?;
        Ok(reply.into_inner().message)
    }
}

/// A server that requests certificates of this authority from its clients.
fn server(ca: &Identity) -> Result<TlsAcceptor> {
    let template = Template::server("localhost").dns("localhost").valid(0, 4_000_000_000);
    let identity = template.issue(&default_provider(), KeySpec::EcP256, ca)?;
    let chain: Vec<&[u8]> = identity.chain().collect();
    let config = ServerConfig::builder().credential(&chain, identity.signing_key().clone())?;
    // gRPC needs HTTP/2. A client that offers other protocols only is refused in the handshake.
    Ok(TlsAcceptor::new(config.alpn(["h2"]).request_client_certificates(roots(ca)?).build()?))
}

fn roots(ca: &Identity) -> Result<Roots> {
    let mut roots = Roots::new();
    roots.add_der(ca.certificate())?;
    Ok(roots)
}

#[tokio::main]
async fn main() -> Result<()> {
    for line in run().await? {
        println!("{line}");
    }
    Ok(())
}

/// The reply to a client with a certificate, and the error of one without.
async fn run() -> Result<[String; 2]> {
    let provider = default_provider();
    let ca = Template::authority("An authority").valid(0, 4_000_000_000);
    let ca = ca.self_signed(&provider, KeySpec::EcP256)?;

    let tcp = tokio::net::TcpListener::bind("127.0.0.1:0").await?;
    let uri = format!("https://localhost:{}", tcp.local_addr()?.port());
    let listener = TlsListener::new(tcp, server(&ca)?)
        .on_failure(|address, failed| eprintln!("{address} failed: {failed}"));
    // Routes of axum can be added to those of tonic.
    let app = Routes::new(Greeter).into_axum_router();
    let app = app.into_make_service_with_connect_info::<Connection>();
    tokio::spawn(async move { axum::serve(listener, app).await });

    let config = || -> Result<_> { Ok(ClientConfig::builder().trust(roots(&ca)?).alpn(["h2"])) };
    let client = Template::client("alice").valid(0, 4_000_000_000);
    let client = client.issue(&provider, KeySpec::EcP256, &ca)?;
    let chain: Vec<&[u8]> = client.chain().collect();
    let with_certificate = config()?.credential(&chain, client.signing_key().clone())?.build()?;
    let mut client = GreeterClient::connect(uri.clone(), TlsConnector::new(with_certificate)).await?;
    let reply = client.hello("you").await?;

    let mut client = GreeterClient::connect(uri, TlsConnector::new(config()?.build()?)).await?;
    match client.hello("you").await {
        Ok(reply) => Err(format!("a client without a certificate got {reply:?}").into()),
        Err(error) => Ok([reply, error.to_string()]),
    }
}

#[cfg(test)]
#[tokio::test]
async fn the_service_sees_the_certificate_of_the_client() -> Result<()> {
    let [reply, error] = run().await?;
    assert_eq!(reply, "hello you, you are CN=alice, over h2");
    assert!(error.contains("the client has no certificate"), "{error}");
    Ok(())
}
