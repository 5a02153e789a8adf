//! The key schedules of TLS. For TLS 1.2: PRF, master secret, key block, transcript hash, Finished,
//! exporters, and the [`KeyChange`] value that passes new keys to the record layer. For TLS 1.3 see
//! [`tls13`].
//!
//! This layer derives secrets and keys. It does not know the order of messages. A decrypter with a key log
//! needs only this crate and the record layer:
//!
//! ```
//! use cairn_crypto::Secret;
//! use cairn_schedule::{KeyBlock, MasterSecret, Randoms, suite};
//! use cairn_wire::{CipherSuite, Random};
//!
//! # fn main() -> Result<(), cairn_schedule::ScheduleError> {
//! let provider = cairn_provider_aws_lc::provider();
//! let suite = suite(CipherSuite::TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256).unwrap();
//! let randoms = Randoms { client: Random([1; 32]), server: Random([2; 32]) };
//! let master = MasterSecret::from(Secret::from(&[3; 48])); // for example from a CLIENT_RANDOM line
//!
//! let prf = master.prf(provider.hmac(suite.prf_hash).unwrap())?;
//! let block = KeyBlock::derive(&prf, suite.protection, &randoms)?;
//! let (_client_writes, _server_writes) = block.into_directions();
//! # Ok(()) }
//! ```
//!
//! Data of one version has a type of its own: code for TLS 1.2 uses [`Tls12Suite`] and [`Tls12Keys`], and
//! code for TLS 1.3 uses [`tls13::Tls13Suite`] and [`tls13::Tls13Keys`]. [`Suite`] and [`Keys`] have one
//! variant for each version.
#![no_std]

extern crate alloc;
#[cfg(feature = "std")]
extern crate std;

mod any_suite;
mod error;
mod exporter;
mod finished;
mod gate;
mod key_block;
mod key_change;
mod master_secret;
mod prf;
mod record_padding;
mod side;
mod suites;
#[cfg(test)]
mod testing;
pub mod tls13;
mod transcript;

pub use any_suite::Suite;
pub use error::ScheduleError;
pub use exporter::export_keying_material;
pub use finished::{VERIFY_DATA_LEN, VerifyData, verify_data};
pub use gate::Gate;
pub use key_block::{KeyBlock, Tls12Keys};
pub use key_change::{Direction, Epoch, KeyChange, Keys};
pub use master_secret::{MasterSecret, Randoms};
pub use prf::Prf;
pub use record_padding::RecordPadding;
pub use side::Side;
pub use suites::{
    Authentication, Grade, MacOrder, NonceScheme, Protection, SUITES, Tls12Suite, suite, suite_needs_legacy,
};
pub use transcript::Transcript;

/// Tests the examples in `README.md`.
#[cfg(doctest)]
#[doc = include_str!("../README.md")]
mod readme {}
