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
//! ```no_run
//! # #[cfg(all(feature = "aws-lc", feature = "net"))]
//! use cairn_tokio::{TlsAcceptor, tls::ServerConfig};
//! use tokio::{io::{AsyncReadExt, AsyncWriteExt}, net::{TcpListener, TcpStream}};
//!
//! # #[cfg(all(feature = "aws-lc", feature = "net"))]
//! #[tokio::main]
//! async fn main() -> Result<(), Box<dyn std::error::Error>> {
//!     let config = ServerConfig::builder()
//!         .credential_pem(&std::fs::read("cert.pem")?, &std::fs::read("key.pem")?)?
//!         .build()?;
//!     let acceptor = TlsAcceptor::new(config);
//!     let listener = TcpListener::bind("127.0.0.1:8443").await?;
//!     loop {
//!         let (tcp, _) = listener.accept().await?;
//!         let acceptor = acceptor.clone();
//!         // The handshake is in the task of the connection, so no client delays another.
//!         tokio::spawn(async move {
//!             if let Err(error) = echo(&acceptor, tcp).await {
//!                 eprintln!("a client failed: {error}");
//!             }
//!         });
//!     }
//! }
//!
//! # #[cfg(all(feature = "aws-lc", feature = "net"))]
//! async fn echo(acceptor: &TlsAcceptor, tcp: TcpStream) -> std::io::Result<()> {
//!     let mut tls = acceptor.accept(tcp).await?;
//!     let mut line = [0; 100];
//!     let length = tls.read(&mut line).await?;
//!     tls.write_all(&line[..length]).await?;
//!     tls.shutdown().await?;
//!     // Data that was not read would make the system reset the connection.
//!     tokio::io::copy(&mut tls, &mut tokio::io::sink()).await?;
//!     Ok(())
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
//! # Features
//!
//! | feature | adds |
//! |---|---|
//! | `net` (default) | `TlsListener`, and [`TlsStream::into_split`] for the sockets of tokio |
//! | `axum` | `TlsListener` for `axum::serve` |
//! | `hyper` | `HttpsConnector`, for the HTTP client of hyper-util |
//! | `aws-lc` (default) | the default cryptography, AWS-LC; it needs a C compiler |
//! | `rustcrypto` | cryptography in Rust alone; it is the default where `aws-lc` is off |
//! | `legacy` (default) | what only old peers need |
//!
//! The time limits of [`TlsConnector`] and [`TlsAcceptor`] need a runtime with its timer enabled, as with
//! `#[tokio::main]`.
#![cfg_attr(docsrs, feature(doc_cfg))]

extern crate alloc;

mod answer;
mod bridge;
mod connect;
mod driver;
#[cfg(feature = "hyper")]
mod hyper;
#[cfg(feature = "net")]
mod listener;
mod split;
mod stream;
mod tasks;

#[cfg(feature = "hyper")]
pub use self::hyper::{HttpsConnector, HttpsStream};
#[cfg(feature = "net")]
pub use self::listener::TlsListener;
pub use self::{
    answer::{AnswerError, AnswerFuture, Answerer, Or, Reply, Response, Unanswered},
    connect::{HandshakeFailed, TlsAcceptor, TlsConnector},
    split::{Halves, IntoSplit, ReadHalf, WriteHalf},
    stream::{EarlyStream, TlsStream},
};
pub use cairn_tls as tls;

/// Tests the examples in `README.md`.
#[cfg(all(doctest, feature = "aws-lc", feature = "net"))]
#[doc = include_str!("../README.md")]
mod crate_readme {}
