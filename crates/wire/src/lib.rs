//! How TLS lays out bytes: the presentation language, code points, record headers, alerts, every handshake message and
//! extension of TLS 1.2 (and as much of TLS 1.3 as its hellos need).
//!
//! This is the lowest layer of Cairn, and of use alone: for a proxy that reads the name a client asks for, a tool that
//! takes fingerprints, a fuzzer, a decoder of captures. It knows no cryptography, keeps no state and does no I/O.
//!
//! - **Reading** borrows from the input and allocates nothing. A peer's bytes cannot make it panic, and what they cost is
//!   linear in their number. [`Decode`] reads a value; lists and extensions are checked when they are decoded, so that
//!   going through them ([`List::iter`], [`Extensions::iter`]) cannot fail. An error ([`DecodeError`]) says what was
//!   expected, what came, at which offset, and which alert it deserves.
//! - **Writing** goes to a caller's slice or vector through [`Writer`], in one pass. [`Encode`] writes a value.
//! - What is unknown is kept: a code point is a number with names, extensions and messages without a layout here are
//!   bytes. What decodes encodes to the same bytes.
//! - **Printing**: every message has a `Display` that shows its tree, and the module [`tree`] does so for streams.
//!
//! Names of messages and fields are those of the RFCs in Rust case, code points have their IANA names.
//!
//! # Reading
//!
//! ```
//! use cairn_wire::{ClientExtension, ClientHello, Decode, ExtensionType};
//!
//! # let bytes = [
//! #     3, 3, 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 0, 1, 0, 0,
//! #     4, 0xc0, 0x2f, 0xc0, 0x30, 1, 0, 0, 16, 0, 0, 0, 12, 0, 10, 0, 0, 7, b'a', b'.', b't', b'e', b's', b't', b'1',
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
//!     CipherSuite, ClientExtension, ClientHello, CompressionMethod, Extensions, HandshakeBody, List, NamedGroup,
//!     ProtocolVersion, Random, ServerName, SessionId, Writer,
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
//! - `alloc`: writing to a `Vec<u8>`, and the tree of a stream of records.
//! - `std` (default): `alloc`; the crate itself uses nothing of `std`.
#![no_std]

#[cfg(any(feature = "alloc", test))]
extern crate alloc;
#[cfg(test)]
extern crate std;

mod codec;
mod error;
mod hex;
mod list;
mod reader;
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
pub use writer::Writer;

#[doc(no_inline)]
pub use {alert::*, codes::*, ext::*, handshake::*, record::*};
