//! Cairn as the TLS of [quinn], an implementation of QUIC: the same configurations as over TCP serve QUIC and
//! HTTP/3.
//!
//! quinn is used without its own TLS: `quinn = { version = "0.11", default-features = false, features =
//! ["runtime-tokio"] }`.
//!
//! # Example
//!
//! ```
//! use cairn_quinn::{QuicClientConfig, QuicServerConfig, endpoint_config, quic, server_config};
//! use quinn::{Endpoint, TokioRuntime};
//! use std::{error::Error, net::UdpSocket, sync::Arc};
//!
//! # async fn example(
//! #     client: quic::ClientConfig,
//! #     server: quic::ServerConfig,
//! # ) -> Result<Vec<u8>, Box<dyn Error>> {
//! // A server: any `ServerConfig` with an application protocol.
//! let provider = Arc::clone(server.provider());
//! let config = server_config(Arc::new(QuicServerConfig::new(server)?), &provider)?;
//! let socket = UdpSocket::bind("127.0.0.1:0")?;
//! let address = socket.local_addr()?;
//! let endpoint = endpoint_config(&provider)?;
//! let server = Endpoint::new(endpoint, Some(config), socket, Arc::new(TokioRuntime))?;
//! tokio::spawn(async move {
//!     while let Some(incoming) = server.accept().await {
//!         let Ok(connection) = incoming.await else { continue };
//!         let Ok(mut stream) = connection.open_uni().await else { continue };
//!         drop(stream.write_all(b"hello").await);
//!         drop(stream.finish());
//!         connection.closed().await;
//!     }
//! });
//!
//! // A client.
//! let config = quinn::ClientConfig::new(Arc::new(QuicClientConfig::new(client)?));
//! let socket = UdpSocket::bind("127.0.0.1:0")?;
//! let client = Endpoint::new(endpoint_config(&provider)?, None, socket, Arc::new(TokioRuntime))?;
//! let connection = client.connect_with(config, address, "localhost")?.await?;
//! let received = connection.accept_uni().await?.read_to_end(100).await?;
//! # Ok(received) }
//! # #[cfg(feature = "aws-lc")]
//! # #[tokio::main]
//! # async fn main() -> Result<(), Box<dyn Error>> {
//! # use quic::x509::{Roots, issue::Template};
//! # let template = Template::server("localhost").dns("localhost").valid(0, 4_000_000_000);
//! # let identity = template.self_signed(&quic::default_provider(), quic::crypto::KeySpec::EcP256)?;
//! # let mut roots = Roots::new();
//! # roots.add_der(identity.certificate())?;
//! # let chain: Vec<&[u8]> = identity.chain().collect();
//! # let server = quic::ServerConfig::builder().credential(&chain, identity.signing_key().clone())?;
//! # let client = quic::ClientConfig::builder().trust(roots).alpn(["example"]).build()?;
//! # assert_eq!(example(client, server.alpn(["example"]).build()?).await?, b"hello");
//! # Ok(()) }
//! # #[cfg(not(feature = "aws-lc"))]
//! # fn main() {}
//! ```
//!
//! # Limits
//!
//! - quinn cannot wait for the answer to a question. A configuration that leaves questions to its caller (a
//!   key in another process, sessions in a database) is refused with [`SetupError::Asks`]. A transport that
//!   can wait uses [`quic`] directly.
//! - quinn speaks version 1 of QUIC.
//! - [`HandshakeData`] is there when the handshake is complete, on a server too.
//!
//! [quinn]: https://docs.rs/quinn
#![cfg_attr(docsrs, feature(doc_cfg))]

extern crate alloc;

mod client;
mod endpoint;
mod error;
mod keys;
mod no_session;
mod server;
mod session;

pub use self::{
    client::QuicClientConfig,
    endpoint::{endpoint_config, server_config},
    error::SetupError,
    server::QuicServerConfig,
    session::{HandshakeData, PeerIdentity},
};
pub use cairn_quic as quic;

/// Tests the examples in `README.md`.
#[cfg(all(doctest, feature = "aws-lc"))]
#[doc = include_str!("../README.md")]
mod crate_readme {}
