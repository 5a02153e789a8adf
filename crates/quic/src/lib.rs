//! The TLS of a QUIC transport: the handshake (RFC 9001), and packet protection in version 1 and version 2
//! (RFC 9369).
//!
//! [`Connection`] is the handshake without packets. It takes the bytes of CRYPTO frames and returns
//! [`Event`]s. Its configurations, sessions and questions are those of TLS over TCP. The README has an
//! example with both sides, and the example `transport` of this package is a small transport.
//!
//! | type | purpose |
//! |---|---|
//! | [`Connection`], [`Event`] | the handshake of one connection |
//! | [`Parameters`] | the transport parameters of this side (section 8.2) |
//! | [`CryptoStream`] | puts CRYPTO frames of one level in order |
//! | [`Version`], [`Level`] | the versions of QUIC, and the encryption levels of their packets |
//! | [`initial_keys`] | the keys of Initial packets, from a connection ID (RFC 9001 section 5.2) |
//! | [`Keys`], [`DirectionKeys`] | the keys of the other levels, from traffic secrets of TLS (section 5.1) |
//! | [`PacketKey`] | seals and opens the payload of a packet in place (section 5.3) |
//! | [`HeaderKey`] | protects the first byte and the packet number (section 5.4) |
//! | [`OneRttSecrets`] | the keys of 1-RTT packets after each key update (section 6.1) |
//! | [`OneRttKeys`] | 1-RTT packets with key updates and usage limits as a whole (section 6) |
//! | [`retry_tag`], [`check_retry`] | the integrity tag of Retry packets (section 5.8) |
//!
//! A transport that keeps its own account of key updates takes [`Keys`] and [`OneRttSecrets`]. Any other
//! takes [`OneRttKeys`], which obeys the rules of RFC 9001 section 6 and needs the time as an argument.
//!
//! Errors say whether a packet is discarded or the connection ends: see [`OpenError::connection_error`].
//!
//! # Example: protection of a packet
//!
//! ```
//! use cairn_quic::{Version, initial_keys};
//! use cairn_schedule::Side;
//!
//! # fn main() -> Result<(), Box<dyn std::error::Error>> {
//! let provider = cairn_provider_aws_lc::provider();
//! let connection_id = [0x83, 0x94, 0xc8, 0xf0, 0x3e, 0x51, 0x57, 0x08];
//! let client = initial_keys(&provider, Version::V1, &connection_id, Side::Client)?;
//! let server = initial_keys(&provider, Version::V1, &connection_id, Side::Server)?;
//!
//! // A header of 4 bytes that ends with a packet number of 1 byte, the payload, and room for the tag.
//! let mut packet = *b"\xc0id\x07three frames----------------";
//! let (header, payload) = packet.split_at_mut(4);
//! client.local.packet.seal(7, header, payload)?;
//! client.local.header.protect(&mut packet, 3)?;
//!
//! let number = server.remote.header.unprotect(&mut packet, 3)?.decode(None);
//! let (header, payload) = packet.split_at_mut(4);
//! let length = server.remote.packet.open(number, header, payload)?;
//! assert_eq!((number, &payload[..length]), (7, &b"three frames"[..]));
//! # Ok(()) }
//! ```
#![no_std]
#![cfg_attr(docsrs, feature(doc_cfg))]

extern crate alloc;
#[cfg(feature = "std")]
extern crate std;

mod connection;
mod crypto_stream;
mod error;
mod keys;
mod level;
mod packet_number;
mod version;

pub use connection::Connection;
pub use connection::error::{ConfigNotSet, Error, ErrorKind};
pub use connection::event::{EarlyDataKeys, Event, OneRtt, Remembered};
pub use connection::parameters::Parameters;
pub use crypto_stream::{CryptoBufferExceeded, CryptoStream};
pub use error::{KeyUpdateViolation, OpenError, ProtectionError, UpdateRefused};
pub use keys::header::HeaderKey;
pub use keys::initial::initial_keys;
pub use keys::one_rtt::{OneRttKeys, Opened, Time};
pub use keys::packet::PacketKey;
pub use keys::retry::{RETRY_TAG_LEN, check_retry, retry_tag};
pub use keys::update::{OneRttSecrets, PacketKeys};
pub use keys::{DirectionKeys, Keys};
pub use level::Level;
pub use packet_number::{MAX_PACKET_NUMBER, TruncatedNumber};
pub use version::Version;

#[cfg(any(feature = "aws-lc", feature = "rustcrypto"))]
pub use cairn_config::default_provider;
pub use cairn_config::{
    CertificateWithheld, ClientConfig, ClientConfigBuilder, Clock, ConfigError, KeyLog, ServerConfig,
    ServerConfigBuilder, ServerEndpoint, Versions, certificate_compressions, credential_elsewhere,
};
#[cfg(feature = "std")]
pub use cairn_config::{KeyLogFile, SystemClock};
pub use cairn_crypto::{self as crypto, Provider};
pub use cairn_handshake as handshake;
pub use cairn_schedule::{self as schedule, Side};
pub use cairn_session as session;
pub use cairn_x509::{self as x509, CertificateError, ChainError, ServerName, Stapling};

/// Tests the examples in `README.md`.
#[cfg(doctest)]
#[doc = include_str!("../README.md")]
mod readme {}
