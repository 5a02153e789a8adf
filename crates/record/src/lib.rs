//! The TLS record layer (RFC 5246 section 6, RFC 9846 section 5): framing, fragmentation, in-place record
//! protection, and the limits of each.
//!
//! A [`RecordReader`] opens the first record of the received bytes in place. A [`RecordWriter`] appends
//! sealed records to an output buffer. They share no state, so each may run on its own thread. They perform
//! no I/O, own no buffers, and do not interpret handshake messages. New keys arrive as the
//! [`KeyChange`](cairn_schedule::KeyChange) of the key schedule.
//!
//! [`RecordReader::open_data`] and [`RecordWriter::seal_slice`] move application data from one buffer to
//! another; with an AEAD they do so without an additional copy.
//!
//! Both are built on [`RecordKeys`], which holds only the cryptographic part. Its caller supplies the
//! sequence number, so it also serves DTLS, where the sequence number contains the epoch in its upper 16 bits
//! (RFC 6347 section 4.1.2.1), and tools that decrypt recorded traffic.
//!
//! # Example
//!
//! Seal a record at one end and open it at the other:
//!
//! ```
//! use cairn_crypto::Secret;
//! use cairn_record::{Opened, RecordLimits, RecordReader, RecordWriter};
//! use cairn_schedule::{Direction, Epoch, Gate, KeyBlock, KeyChange, Keys, MasterSecret, Randoms, suite};
//! use cairn_wire::{CipherSuite, ContentType, ProtocolVersion, Random};
//!
//! # fn main() -> Result<(), Box<dyn std::error::Error>> {
//! // Keys, as a handshake would have made them.
//! let provider = cairn_provider_aws_lc::provider();
//! let suite = suite(CipherSuite::TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256).ok_or("suite")?;
//! let randoms = Randoms { client: Random([1; 32]), server: Random([2; 32]) };
//! let master = MasterSecret::from(Secret::from(&[3; 48]));
//! let prf = master.prf(provider.hmac(suite.prf_hash).ok_or("hmac")?)?;
//! let (keys, _) = KeyBlock::derive(&prf, suite.protection, &randoms)?.into_directions();
//! let change = |direction| KeyChange {
//!     epoch: Epoch::Application(0), direction, keys: Keys::Tls12(keys.clone()),
//! };
//!
//! let mut client = RecordWriter::new(RecordLimits::default());
//! client.set_version(ProtocolVersion::TLS_1_2);
//! client.change_keys(&provider, &change(Direction::Write))?;
//! client.set_gate(Gate::Open { epoch: client.epoch() })?; // the handshake is complete
//! let mut wire = Vec::new();
//! client.seal(ContentType::APPLICATION_DATA, b"stone upon stone", &mut wire)?;
//!
//! let mut server = RecordReader::new(RecordLimits::default());
//! server.expect_version(ProtocolVersion::TLS_1_2);
//! server.change_keys(&provider, &change(Direction::Read))?;
//! server.set_gate(Gate::Open { epoch: server.epoch() })?;
//! let Opened::Record(record) = server.open(&mut wire)? else { return Err("more bytes needed".into()) };
//! assert_eq!(record.content_type, ContentType::APPLICATION_DATA);
//! assert_eq!(&wire[record.payload], b"stone upon stone"); // where the ciphertext was
//! assert_eq!(record.consumed, wire.len());
//! # Ok(()) }
//! ```
//!
//! # Record protection
//!
//! | protection | RFC | record body |
//! |---|---|---|
//! | AES-GCM, AES-CCM, CCM_8 | 5288, 6655 | explicit nonce, ciphertext, tag |
//! | ChaCha20-Poly1305 | 7905 | ciphertext, tag |
//! | CBC, MAC-then-encrypt | 5246 section 6.2.3.2 | IV, encrypted plaintext, MAC and padding |
//! | CBC, encrypt-then-MAC | 7366 | IV, encrypted plaintext and padding, MAC |
//! | NULL | 5246 section 6.2.3.1 | plaintext, MAC |
//!
//! With MAC-then-encrypt, a decrypted CBC record is not authenticated until its padding and MAC have been
//! checked, and the check must not reveal the decrypted bytes. It therefore executes the same steps for all
//! records of the same length, whatever their padding. The only branch depends on the final verdict, and
//! every failure is the same error. The check needs the compression function of the hash
//! ([`cairn_crypto::Hash::compression`]); without it, the keys are rejected. `cargo xtask conformance
//! constant-time` counts instructions and looks for branches on secret data.
//!
//! # Responsibilities of the caller
//!
//! The caller answers a [`RecordError`] with the alert that [`RecordError::alert`] names, reassembles
//! fragmented messages, passes on the keys and gates of the handshake in their order, and respects the usage
//! limits of keys: it consults [`RecordWriter::usage`] to close the connection in time, or in TLS 1.3
//! [`RecordWriter::is_update_due`] to send KeyUpdate.
//!
//! Application data passes only while the gate of its direction is open
//! ([`Gate`](cairn_schedule::Gate)). Which handshake messages are permitted when is the concern of the
//! handshake.
#![no_std]

extern crate alloc;
#[cfg(feature = "std")]
extern crate std;

mod early_data;
mod error;
mod header;
mod install;
mod limits;
mod padding;
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
