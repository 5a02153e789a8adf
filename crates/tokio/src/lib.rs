//! Async TLS streams for tokio: [`TlsConnector`], [`TlsAcceptor`] and [`TlsStream`].
//!
//! The configurations are those of [`cairn_tls`], which is re-exported as [`tls`].
//!
//! # A client
//!
//! ```no_run
//! # #[cfg(all(feature = "aws-lc", feature = "net"))]
//! use cairn_tokio::{TlsConnector, tls::{ClientConfig, ServerName}};
//! use tokio::{io::{AsyncReadExt, AsyncWriteExt}, net::TcpStream};
//!
//! # #[cfg(all(feature = "aws-lc", feature = "net"))]
//! #[tokio::main]
//! async fn main() -> Result<(), Box<dyn std::error::Error>> {
//!     let config = ClientConfig::builder().trust_pem(&std::fs::read("ca.pem")?)?.build()?;
//!     let tcp = TcpStream::connect("localhost:8443").await?;
//!     let mut tls = TlsConnector::new(config).connect(ServerName::parse("localhost")?, tcp).await?;
//!     tls.write_all(b"hello\n").await?;
//!     tls.shutdown().await?;
//!     let mut response = String::new();
//!     // An end without the server's close_notify is an error, because data may be missing.
//!     tls.read_to_string(&mut response).await?;
//!     print!("{response}");
//!     Ok(())
//! }
//! # #[cfg(not(all(feature = "aws-lc", feature = "net")))]
//! # fn main() {}
//! ```
//!
//! # A server
//!
//! It sends a greeting to each client and reads the client's message.
//!
//! ```no_run
//! # #[cfg(all(feature = "aws-lc", feature = "net"))]
//! use cairn_tokio::{TlsAcceptor, TlsListener, TlsStream, tls::ServerConfig};
//! use std::{io, time::Duration};
//! use tokio::{io::{AsyncReadExt, AsyncWriteExt}, net::{TcpListener, TcpStream}, time::timeout};
//!
//! # #[cfg(all(feature = "aws-lc", feature = "net"))]
//! #[tokio::main]
//! async fn main() -> Result<(), Box<dyn std::error::Error>> {
//!     let config = ServerConfig::builder()
//!         .credential_pem(&std::fs::read("cert.pem")?, &std::fs::read("key.pem")?)?
//!         .build()?;
//!     let tcp = TcpListener::bind("127.0.0.1:8443").await?;
//!     // Each handshake is in a task of its own, so no client delays another.
//!     let mut listener = TlsListener::new(tcp, TlsAcceptor::new(config))
//!         .on_failure(|address, failed| eprintln!("{address} failed: {failed}"));
//!     loop {
//!         let (tls, address) = listener.accept().await?;
//!         tokio::spawn(async move {
//!             match timeout(Duration::from_secs(10), greet(tls)).await {
//!                 Ok(Ok(received)) => println!("{address} sent {received:?}"),
//!                 Ok(Err(error)) => eprintln!("{address} failed: {error}"),
//!                 Err(_) => eprintln!("{address} was too slow"),
//!             }
//!         });
//!     }
//! }
//!
//! # #[cfg(all(feature = "aws-lc", feature = "net"))]
//! async fn greet(mut tls: TlsStream<TcpStream>) -> io::Result<String> {
//!     tls.write_all(b"hello\n").await?;
//!     tls.shutdown().await?;
//!     let mut received = String::new();
//!     (&mut tls).take(1000).read_to_string(&mut received).await?;
//!     // The system resets a connection with unread data, and the client can lose the greeting.
//!     tokio::io::copy(&mut tls, &mut tokio::io::sink()).await?;
//!     Ok(received)
//! }
//! # #[cfg(not(all(feature = "aws-lc", feature = "net")))]
//! # fn main() {}
//! ```
//!
//! # Answers that come later
//!
//! A key in another process, sessions in a shared store, certificates in a database: the configuration leaves
//! such questions open, and an [`Answerer`] answers them with a future. Only the connection that asks waits.
//!
//! The page `docs/async.md` of the repository has such a server, and describes dropped futures, time limits,
//! reloads, observation and HTTP.
//!
//! # Features
//!
//! | feature | adds |
//! |---|---|
//! | `net` (default) | `TlsListener`, and [`TlsStream::into_split`] for the sockets of tokio |
//! | `axum` | `TlsListener` for `axum::serve` |
//! | `tracing` | `Tracing`, an [`Observer`] that emits events of the crate `tracing` |
//! | `hyper` | `HttpsConnector`, for the HTTP client of hyper-util |
//! | `aws-lc` (default) | the default cryptography, AWS-LC; it needs a C compiler |
//! | `rustcrypto` | cryptography in Rust alone; it is the default where `aws-lc` is off |
//! | `legacy` (default) | support for old peers: see the feature of `cairn-tls` |
//!
//! The time limits of [`TlsConnector`] and [`TlsAcceptor`] need a runtime with its timer enabled, as with
//! `#[tokio::main]`.
#![cfg_attr(docsrs, feature(doc_cfg))]

extern crate alloc;

mod answer;
mod bridge;
mod connect;
mod driver;
mod handshake;
#[cfg(feature = "hyper")]
mod hyper;
#[cfg(feature = "net")]
mod listener;
mod observe;
mod reload;
mod split;
mod stream;
mod tasks;
#[cfg(feature = "tracing")]
mod tracing;

#[cfg(feature = "hyper")]
pub use self::hyper::{HttpsConnector, HttpsStream};
#[cfg(feature = "net")]
pub use self::listener::TlsListener;
#[cfg(feature = "tracing")]
pub use self::tracing::Tracing;
pub use self::{
    answer::{AnswerError, AnswerFuture, Answerer, Or, Reply, Response, Unanswered},
    connect::{TlsAcceptor, TlsConnector},
    handshake::HandshakeFailed,
    observe::{ObservedHandshake, ObservedQuestion, Observer},
    reload::{ReloadError, Reloader},
    split::{Halves, IntoSplit, ReadHalf, WriteHalf},
    stream::{EarlyStream, TlsStream},
};
pub use cairn_tls as tls;

/// Tests the examples in `README.md`.
#[cfg(all(doctest, feature = "aws-lc", feature = "net"))]
#[doc = include_str!("../README.md")]
mod crate_readme {}

/// Tests the examples in the README of the project.
#[cfg(all(doctest, feature = "aws-lc", feature = "net"))]
#[doc = include_str!("../../../README.md")]
mod readme {}
