//! The TLS record layer (RFC 5246 section 6): framing, fragmentation, protection in place, and the limits of all three.
//!
//! Bytes go one way through it. A [`RecordReader`] takes the bytes that arrived and opens their first record where it
//! lies; a [`RecordWriter`] takes what is to be said and appends records. The two share nothing, so that each may live
//! on a thread of its own. Neither does any I/O, neither keeps a buffer, and neither knows what a handshake message
//! means: new keys come from outside, as the [`KeyChange`](cairn_schedule::KeyChange) of the key schedule.
//!
//! Application data can go from one buffer into another instead, without a copy where the protection is an AEAD:
//! [`RecordReader::open_data`] and [`RecordWriter::seal_slice`].
//!
//! Beneath both stands [`RecordKeys`], the cryptographic part alone. Epoch and sequence number are the caller's business
//! there, so that DTLS (RFC 6347 section 4.1.2.1, whose sequence number holds the epoch in its upper 16 bits) and tools
//! that decrypt what others recorded can use it.
//!
//! # Example
//!
//! Seal with one half of a connection, open with the other:
//!
//! ```
//! use cairn_crypto::Secret;
//! use cairn_record::{Opened, RecordLimits, RecordReader, RecordWriter};
//! use cairn_schedule::{Direction, Epoch, KeyBlock, KeyChange, MasterSecret, Randoms, suite};
//! use cairn_wire::{CipherSuite, ContentType, ProtocolVersion, Random};
//!
//! # fn main() -> Result<(), Box<dyn std::error::Error>> {
//! // Keys, as a handshake would have made them.
//! let provider = cairn_provider_aws_lc::provider();
//! let suite = suite(CipherSuite::TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256).ok_or("suite")?;
//! let randoms = Randoms { client: Random([1; 32]), server: Random([2; 32]) };
//! let master = MasterSecret::from(Secret::from(&[3; 48]));
//! let prf = master.prf(provider.hmac(suite.prf_hash).ok_or("hmac")?)?;
//! let (keys, _) = KeyBlock::derive(&prf, suite, &randoms)?.into_directions();
//! let change = |direction| KeyChange {
//!     epoch: Epoch(1), direction, suite, keys: keys.clone(), encrypt_then_mac: false,
//! };
//!
//! let mut client = RecordWriter::new(RecordLimits::default());
//! client.set_version(ProtocolVersion::TLS_1_2);
//! client.change_keys(&provider, &change(Direction::Write))?;
//! let mut wire = Vec::new();
//! client.seal(ContentType::APPLICATION_DATA, b"stone upon stone", &mut wire)?;
//!
//! let mut server = RecordReader::new(RecordLimits::default());
//! server.expect_version(ProtocolVersion::TLS_1_2);
//! server.change_keys(&provider, &change(Direction::Read))?;
//! let Opened::Record(record) = server.open(&mut wire)? else { return Err("more bytes needed".into()) };
//! assert_eq!(record.content_type, ContentType::APPLICATION_DATA);
//! assert_eq!(&wire[record.payload], b"stone upon stone"); // where the ciphertext was
//! assert_eq!(record.consumed, wire.len());
//! # Ok(()) }
//! ```
//!
//! # What protects a record
//!
//! | protection | RFC | a record body |
//! |---|---|---|
//! | AES-GCM, AES-CCM, CCM_8 | 5288, 6655 | explicit nonce, sealed text, tag |
//! | ChaCha20-Poly1305 | 7905 | sealed text, tag |
//! | CBC, MAC-then-encrypt | 5246 section 6.2.3.2 | IV, encrypted text, MAC and padding |
//! | CBC, encrypt-then-MAC | 7366 | IV, encrypted text and padding, MAC |
//! | NULL | 5246 section 6.2.3.1 | text in the clear, MAC |
//!
//! With the MAC inside, what CBC records say when decrypted is not to be believed before it is checked, and the check must
//! not tell what they say. It takes the same steps for all records of one length, whatever their padding; the one branch
//! is on the verdict, and the verdict is one error. It needs the hash's compression function from the provider
//! ([`cairn_crypto::Hash::compression`]); keys are refused without. `cargo xtask conformance constant-time` counts the
//! instructions, and looks for branches on what is secret.
//!
//! # What is left for the layer above
//!
//! It answers a [`RecordError`] with the alert that [`RecordError::alert`] names; it joins fragments of messages, holds
//! the rules of which content type may come when, and reads [`RecordWriter::usage`] to close in time.
#![no_std]

extern crate alloc;
#[cfg(feature = "std")]
extern crate std;

mod error;
mod header;
mod limits;
mod progress;
mod protect;
mod reader;
mod sniff;
#[cfg(test)]
mod testing;
#[cfg(test)]
mod tests;
mod usage;
mod writer;

pub use error::RecordError;
pub use limits::{HEADER_LEN, MAX_CIPHERTEXT_LEN, MAX_PLAINTEXT_LEN, MAX_RECORD_LEN, RecordLimits};
pub use protect::{Overhead, RecordKeys};
pub use reader::{Opened, OpenedData, Record, RecordReader};
pub use sniff::LooksLike;
pub use usage::{REKEY_SOON, Usage};
pub use writer::{RecordWriter, Sealed};

/// Tests the examples in `README.md`.
#[cfg(doctest)]
#[doc = include_str!("../README.md")]
mod readme {}
