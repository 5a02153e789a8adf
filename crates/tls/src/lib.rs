//! TLS connections: configuration, the connection without I/O, and blocking streams.
//!
//! # A client
//!
//! ```no_run
//! # #[cfg(all(feature = "aws-lc", feature = "std"))]
//! # fn main() -> Result<(), Box<dyn std::error::Error>> {
//! use cairn_tls::{ClientConfig, ServerName, Stream};
//! use std::io::{Read, Write};
//!
//! let config = ClientConfig::builder().trust_pem(&std::fs::read("ca.pem")?)?.build()?;
//! let tcp = std::net::TcpStream::connect("example.com:443")?;
//! let mut tls = Stream::client(&config, ServerName::parse("example.com")?, tcp)?;
//! tls.write_all(b"GET / HTTP/1.0\r\nHost: example.com\r\n\r\n")?;
//! let mut page = String::new();
//! tls.read_to_string(&mut page)?;
//! # Ok(()) }
//! # #[cfg(not(all(feature = "aws-lc", feature = "std")))]
//! # fn main() {}
//! ```
//!
//! # A server
//!
//! ```no_run
//! # #[cfg(all(feature = "aws-lc", feature = "std"))]
//! # fn main() -> Result<(), Box<dyn std::error::Error>> {
//! use cairn_tls::{ServerConfig, Stream};
//! use std::io::{Read, Write};
//!
//! let config = ServerConfig::builder()
//!     .credential_pem(&std::fs::read("cert.pem")?, &std::fs::read("key.pem")?)?
//!     .build()?;
//! for tcp in std::net::TcpListener::bind("127.0.0.1:8443")?.incoming() {
//!     let mut tls = Stream::server(&config, tcp?)?;
//!     tls.write_all(b"hello\n")?;
//!     tls.close()?;
//! }
//! # Ok(()) }
//! # #[cfg(not(all(feature = "aws-lc", feature = "std")))]
//! # fn main() {}
//! ```
//!
//! # What is where
//!
//! - [`ClientConfig`] and [`ServerConfig`]: made by builders that refuse in words what cannot work; shared by any
//!   number of connections; nothing is global.
//! - [`Connection`]: TLS without I/O. Bytes that came go in, bytes to send come out; it owns no buffer, no socket and
//!   no clock. It parts into a [`Reader`] and a [`Writer`] that share nothing.
//! - [`Stream`] (with `std`): a [`Connection`] over anything that is `Read + Write`; [`Stream::split`] makes two
//!   halves for two threads.
//! - Questions: what the configuration does not answer (a credential to choose, a signature by a key that lives
//!   elsewhere, a session in a shared store, a chain to check) is handed to the caller, and the connection goes on
//!   when the answer comes. No callback blocks a thread.
//!
//! # Errors
//!
//! [`Error`] is a fault of the connection: what went wrong, in which state, who said so, the section of the RFC and
//! the alert that was sent. It is `Copy`. [`ConfigError`] and [`Misuse`] are ours alone: nothing of them is on the wire.
#![no_std]

extern crate alloc;
#[cfg(feature = "std")]
extern crate std;

/// The README's examples, so that they go on to compile.
#[cfg(all(doctest, feature = "std", feature = "aws-lc"))]
#[doc = include_str!("../../../README.md")]
mod readme {}

mod clock;
mod config;
mod connection;
mod error;
#[cfg(feature = "std")]
mod key_log;
#[cfg(feature = "std")]
mod stream;
mod trace;
mod withheld;

pub use self::{
    clock::Clock,
    config::{
        ClientConfig, ClientConfigBuilder, ConfigError, KeyLog, Policy, ServerConfig, ServerConfigBuilder,
    },
    connection::{
        ChannelBinding, ChannelBindingError, Connection, Notice, Orders, Progress, Reader, Received, Writer,
    },
    error::{Error, ErrorKind, SaidBy},
    trace::{Trace, Traced},
    withheld::CertificateWithheld,
};
#[cfg(feature = "std")]
pub use self::{
    clock::SystemClock,
    key_log::KeyLogFile,
    stream::{Handshake, HandshakeWaits, Parts, ReadHalf, Stream, WriteHalf, tls_error},
};

pub use cairn_crypto::{self as crypto, Provider};
pub use cairn_handshake::{
    Answer, CertificateChain, ClientAuthentication, Credential, ErrorKind as HandshakeErrorKind, FindPsk,
    FindSession, Floor, HandshakeError, Integrity, KeyLogLine, Limits, Misuse, NewTicket, Origin, Part,
    PeerKey, PeerProof, Proof, Psk, Question, QuestionId, RecordSizeLimits, Renegotiation, Requirement,
    Security, Session, SessionAnswer, Shortfall, Stapled, Strength, SuiteOrder, Summary, UnixTime,
};
#[cfg(feature = "aws-lc")]
pub use cairn_provider_aws_lc::{quick_provider as default_provider, with_legacy_signatures};
#[cfg(feature = "rustcrypto")]
pub use cairn_provider_rustcrypto::provider as rustcrypto_provider;
#[cfg(all(feature = "rustcrypto", not(feature = "aws-lc")))]
pub use cairn_provider_rustcrypto::{provider as default_provider, with_legacy_signatures};
pub use cairn_record::{OpenedData, RecordError, RecordLimits, Sealed, Usage};
pub use cairn_schedule::{
    Authentication, Direction, Epoch, Grade, NonceScheme, Protection, SUITES, Side, Suite, suite,
    suite_needs_legacy,
};
pub use cairn_session as session;
pub use cairn_wire as wire;
pub use cairn_x509::{self as x509, CertificateError, ServerName, Stapling};
