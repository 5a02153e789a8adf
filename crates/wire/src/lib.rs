//! The wire format of TLS 1.2 and TLS 1.3: the presentation language, code points, record headers, alerts,
//! handshake messages and extensions.
//!
//! [`HandshakeMessage`] is a message of TLS 1.2, [`Tls13HandshakeMessage`] one of TLS 1.3. The versions
//! share the ClientHello: the extensions that only TLS 1.3 uses are decoded on demand ([`Deferred`]), so
//! that a server of TLS 1.2 can ignore it. [`AnyServerHello`] finds out which version a ServerHello selects.
//! [`ExtensionMessage`] states the messages of TLS 1.3 in which an extension may stand.
//!
//! This is the lowest layer of Cairn. On its own it serves proxies that read `server_name`, fingerprinting
//! tools, fuzzers and capture decoders. It contains no cryptography, keeps no state and performs no I/O.
//!
//! - **Reading** borrows from the input and allocates nothing. No input causes a panic, and the cost of
//!   decoding is linear in the length of the input. [`Decode`] reads a value. Lists and extensions are
//!   validated when they are decoded, so iterating over them ([`List::iter`], [`Extensions::iter`]) cannot
//!   fail. A [`DecodeError`] states what was expected, what was found, the offset, and the alert to send.
//! - **Writing** fills a slice or appends to a vector through [`Writer`], in one pass. [`Encode`] writes a
//!   value.
//! - **Unknown values are preserved.** A code point is a number, with a name if it is registered. Extensions
//!   and messages that the crate does not decode are kept as bytes. Encoding a decoded value yields the
//!   original bytes.
//! - **Printing**: the `Display` of every message shows its fields as a tree; the module [`tree`] does the
//!   same for streams.
//!
//! Messages and fields are named as in the RFCs, in Rust case. Code points have their IANA names.
//!
//! # Reading
//!
//! ```
//! use cairn_wire::{ClientExtension, ClientHello, Decode, ExtensionType};
//!
//! # let bytes = [
//! #     3, 3, 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 0, 1, 2,
//! #     3, 4, 5, 6, 7, 8, 9, 0, 1,
//! #     0, 0, 4, 0xc0, 0x2f, 0xc0, 0x30, 1, 0, 0, 16, 0, 0, 0, 12, 0, 10, 0, 0, 7,
//! #     b'a', b'.', b't', b'e', b's', b't', b'1',
//! # ];
//! # let body = &bytes[..];
//! // The body of a handshake message, without its header of four bytes.
//! let hello = ClientHello::decode_exact(body)?;
//! for suite in hello.cipher_suites {
//!     println!("{suite}"); // TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256, and so on
//! }
//! let name = hello.extensions.and_then(|block| block.get(ExtensionType::SERVER_NAME));
//! if let Some(ClientExtension::ServerName(names)) = name {
//!     assert_eq!(names.first().map(|name| name.name), Some(&b"a.test1"[..]));
//! }
//! # assert!(name.is_some());
//! # Ok::<(), cairn_wire::DecodeError>(())
//! ```
//!
//! # Writing without an allocator
//!
//! ```
//! use cairn_wire::{
//!     CipherSuite, ClientExtension, ClientHello, CompressionMethod, Extensions, HandshakeBody, List,
//!     NamedGroup, ProtocolVersion, Random, ServerName, SessionId, Writer,
//! };
//!
//! let names = [ServerName::host(b"example.com")];
//! let extensions = [
//!     ClientExtension::ServerName(List::from_items(&names)),
//!     ClientExtension::SupportedGroups(List::from_items(&[NamedGroup::X25519])),
//!     ClientExtension::ExtendedMasterSecret,
//! ];
//! let hello = ClientHello {
//!     client_version: ProtocolVersion::TLS_1_2,
//!     random: Random([7; 32]),
//!     session_id: SessionId::EMPTY,
//!     cipher_suites: List::from_items(&[CipherSuite::TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256]),
//!     compression_methods: List::from_items(&[CompressionMethod::NULL]),
//!     extensions: Some(Extensions::from_items(&extensions)),
//! };
//! let mut buffer = [0; 256];
//! let mut w = Writer::slice(&mut buffer);
//! hello.write_message(&mut w)?; // header and body
//! assert_eq!(w.into_written().len(), 79);
//! # Ok::<(), cairn_wire::EncodeError>(())
//! ```
//!
//! # Features
//!
//! - `alloc`: writing to a `Vec<u8>`, and `tree::RecordTree`.
//! - `std` (default): enables `alloc`. The crate itself does not use `std`.
#![no_std]

#[cfg(any(feature = "alloc", test))]
extern crate alloc;
#[cfg(test)]
extern crate std;

mod bounds;
mod codec;
mod error;
mod hex;
mod list;
mod reader;
mod section;
mod writer;

pub mod alert;
pub mod codes;
pub mod ext;
pub mod handshake;
pub mod record;
pub mod tree;

pub use codec::{Decode, Encode};
pub use error::{DecodeError, DecodeErrorKind, EncodeError};
pub use list::{List, ListIter};
pub use reader::Reader;
pub use section::section_in;
pub use writer::Writer;

#[doc(no_inline)]
pub use {alert::*, codes::*, ext::*, handshake::*, record::*};

/// Tests the examples in `README.md`.
#[cfg(doctest)]
#[doc = include_str!("../README.md")]
mod readme {}
