//! TLS connections: configuration, the connection without I/O, and blocking streams.
//!
//! # A client
//!
//! It sends a line, prints the response, and closes the connection: see [`Stream::close`].
//!
//! ```no_run
//! # #[cfg(all(feature = "aws-lc", feature = "std"))]
//! use cairn_tls::{ClientConfig, ServerName, Stream};
//! use std::io::{self, Write};
//! use std::{net::TcpStream, time::Duration};
//!
//! # #[cfg(all(feature = "aws-lc", feature = "std"))]
//! fn main() -> Result<(), Box<dyn std::error::Error>> {
//!     let config = ClientConfig::builder().trust_pem(&std::fs::read("ca.pem")?)?.build()?;
//!     let tcp = TcpStream::connect("localhost:8443")?;
//!     tcp.set_read_timeout(Some(Duration::from_secs(10)))?;
//!     tcp.set_write_timeout(Some(Duration::from_secs(10)))?;
//!     let mut tls = Stream::client(&config, ServerName::parse("localhost")?, tcp)?;
//!     tls.write_all(b"hello\n")?;
//!     // Reads until the server's close_notify. An end without it is an error, because data may be missing.
//!     io::copy(&mut tls, &mut io::stdout())?;
//!     tls.close()?;
//!     Ok(())
//! }
//! # #[cfg(not(all(feature = "aws-lc", feature = "std")))]
//! # fn main() {}
//! ```
//!
//! # A server
//!
//! It sends a greeting to each client and reads the client's message.
//!
//! ```no_run
//! # #[cfg(all(feature = "aws-lc", feature = "std"))]
//! use cairn_tls::{ServerConfig, Stream};
//! use std::io::{self, Read, Write};
//! use std::net::{TcpListener, TcpStream};
//! use std::{thread, time::Duration};
//!
//! # #[cfg(all(feature = "aws-lc", feature = "std"))]
//! fn main() -> Result<(), Box<dyn std::error::Error>> {
//!     let config = ServerConfig::builder()
//!         .credential_pem(&std::fs::read("cert.pem")?, &std::fs::read("key.pem")?)?
//!         .build()?;
//!     for tcp in TcpListener::bind("127.0.0.1:8443")?.incoming() {
//!         let config = config.clone();
//!         // An error of one client does not affect the others.
//!         thread::spawn(move || match tcp.and_then(|tcp| greet(&config, tcp)) {
//!             Ok(received) => println!("a client sent {received:?}"),
//!             Err(error) => eprintln!("a client failed: {error}"),
//!         });
//!     }
//!     Ok(())
//! }
//!
//! # #[cfg(all(feature = "aws-lc", feature = "std"))]
//! fn greet(config: &ServerConfig, tcp: TcpStream) -> io::Result<String> {
//!     tcp.set_read_timeout(Some(Duration::from_secs(10)))?;
//!     tcp.set_write_timeout(Some(Duration::from_secs(10)))?;
//!     let mut tls = Stream::server(config, tcp)?;
//!     tls.write_all(b"hello\n")?;
//!     // Waits for the client's close_notify, and stores data that arrives before it.
//!     tls.close()?;
//!     let mut received = String::new();
//!     tls.take(1000).read_to_string(&mut received)?;
//!     Ok(received)
//! }
//! # #[cfg(not(all(feature = "aws-lc", feature = "std")))]
//! # fn main() {}
//! ```
//!
//! # Overview
//!
//! - [`ClientConfig`] and [`ServerConfig`]: created by builders that reject inconsistent settings, and shared
//!   by any number of connections. There is no global state.
//! - [`Connection`]: TLS without I/O. It consumes received bytes and produces bytes to send; it owns no
//!   buffer, socket or clock. It splits into a [`Reader`] and a [`Writer`] that share nothing.
//! - [`Stream`] (with `std`): a [`Connection`] over any `Read + Write` transport. [`Stream::split`] makes two
//!   halves for two threads.
//! - [`Question`]s: requests to the caller for what the configuration does not contain, such as the choice of
//!   a credential, a signature with a remote key, a session in a shared store, or the verification of a
//!   chain. The connection continues when the answer arrives. There are no blocking callbacks;
//!   [`Question::into_owned`] makes a question that can be sent to another thread or task.
//! - [`Summary`]: the negotiated parameters. [`Summary::peer_certificate`] is the peer's certificate, and
//!   [`x509::CertificateFacts::from_der`] parses it.
//!
//! # Features
//!
//! | feature | adds |
//! |---|---|
//! | `std` (default) | [`Stream`], the system's clock, caches of sessions, key log files |
//! | `aws-lc` (default) | the default cryptography, AWS-LC; it needs a C compiler |
//! | `rustcrypto` | cryptography in Rust alone; it is the default where `aws-lc` is off |
//! | `legacy` (default) | what only old peers need, such as CBC and DHE: [`Tls12Suite::is_legacy`] |
//! | `issue` (default) | [`x509::issue`], which makes certificates for demos and tests |
//! | `zlib`, `brotli`, `zstd` | algorithms that compress certificates: [`certificate_compressions`] |
//! | `platform-roots` | `ClientConfigBuilder::trust_platform`: the roots of the operating system |
//!
//! Without the feature of a provider, use [`ClientConfig::builder_with`] and a provider of your own. Without
//! `std`, the configuration needs a clock. To omit support for old peers:
//!
//! ```toml
//! cairn-tls = { version = "0.1", default-features = false, features = ["std", "aws-lc"] }
//! ```
//!
//! # Examples
//!
//! The folder `examples` of this crate has these programs:
//!
//! | example | shows |
//! |---|---|
//! | `client`, `server` | a minimal client and server |
//! | `mutual_tls` | client certificates, required and read |
//! | `certificates_by_name` | a certificate for each name, replaced while the server runs |
//! | `resumption` | sessions in tickets |
//! | `alpn` | application protocols |
//! | `remote_key` | a signature by another process, which comes late |
//!
//! # Errors
//!
//! [`Error`] is an error of the connection: its kind, the handshake state, who detected it, the RFC section,
//! and the alert. It is `Copy`. [`ConfigError`] and [`Misuse`] are local errors; nothing is sent to the peer.
#![no_std]
#![cfg_attr(docsrs, feature(doc_cfg))]

extern crate alloc;
#[cfg(feature = "std")]
extern crate std;

mod connection;
mod error;
#[cfg(feature = "std")]
mod stream;
mod trace;
mod unwind;

#[cfg(feature = "std")]
pub use self::stream::{
    ClientIdentified, Handshake, HandshakeWaits, Parts, QuestionPending, ReadHalf, Stream, WriteHalf,
    tls_error,
};
pub use self::{
    connection::{
        ChannelBinding, ChannelBindingError, Connection, Notice, Orders, Progress, Reader, Received, Writer,
    },
    error::{Error, ErrorKind, SaidBy},
    trace::{Trace, Traced},
};

#[cfg(feature = "brotli")]
pub use cairn_config::Brotli;
#[cfg(feature = "zlib")]
pub use cairn_config::Zlib;
#[cfg(feature = "zstd")]
pub use cairn_config::Zstd;
#[cfg(any(feature = "aws-lc", feature = "rustcrypto"))]
pub use cairn_config::default_provider;
#[cfg(feature = "rustcrypto")]
pub use cairn_config::rustcrypto_provider;
#[cfg(all(feature = "legacy", any(feature = "aws-lc", feature = "rustcrypto")))]
pub use cairn_config::with_legacy_signatures;
pub use cairn_config::{
    CertificateWithheld, ClientConfig, ClientConfigBuilder, Clock, ConfigError, KeyLog, ServerConfig,
    ServerConfigBuilder, ServerEndpoint, Versions, certificate_compressions, credential_elsewhere,
};
#[cfg(feature = "std")]
pub use cairn_config::{KeyLogFile, SystemClock};
pub use cairn_crypto::{self as crypto, Provider};
pub use cairn_handshake::{
    Answer, Binding, CertificateChain, CertificateCompression, ChoosePsk, ClientAuthentication,
    ClientIdentity, ConsumePsk, Credential, DecompressionError, DelegatedCredential, Digest, EarlyData,
    EarlyDataPolicy, Endpoint, ExternalPskUse, FindPsk, FindSession, Floor, HandshakeError,
    HandshakeErrorKind, Integrity, KeyExchangeEvidence, KeyLogLine, KnownPsk, Limits, MaxFragmentLength,
    Misuse, NewTicket, NotResumed, OfferedPsk, OwnedQuestion, Part, PeerKey, PeerProof, Policy, PolicyError,
    PostHandshakeAuthentication, Proof, Psk, PskChoice, PskModes, PskUse, Question, QuestionId, QuicSession,
    RecordSizeLimits, Renegotiation, RenegotiationLimits, Requirement, Resumption, Security, Session,
    SessionAnswer, SessionSide, SessionState, Shortfall, Stapled, Strength, SuiteOrder, Summary,
    SummaryParameters, SummarySide, TicketCounts, Tls12Reference, Tls12Session, Tls12Summary, Tls12Ticket,
    Tls13Reference, Tls13Session, Tls13Summary, UnixTime, Verified,
};
pub use cairn_record::{OpenedData, RecordError, RecordLimits, Sealed, Usage};
pub use cairn_schedule::{
    Authentication, Direction, Epoch, Grade, MacOrder, NonceScheme, Protection, RecordPadding, SUITES,
    ScheduleError, Side, Suite, Tls12Suite, suite, suite_needs_legacy,
    tls13::{SUITES as TLS13_SUITES, Tls13Suite},
};
pub use cairn_session as session;
pub use cairn_wire as wire;
pub use cairn_x509::{self as x509, CertificateError, ChainError, ServerName, Stapling};

/// Tests the examples in `README.md`.
#[cfg(doctest)]
#[doc = include_str!("../README.md")]
mod crate_readme {}
