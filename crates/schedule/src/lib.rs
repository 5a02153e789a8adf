//! From secrets to keys: the TLS 1.2 PRF, master secret, key block, transcript hash, Finished, exporters, and the
//! [`KeyChange`] value by which new keys travel to the record layer.
//!
//! This layer knows which secret is made of what; it does not know who sends what when. A decrypter that has a key
//! log needs no more than this crate and the record layer:
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
//! let master = MasterSecret::from(Secret::from(&[3; 48])); // from a CLIENT_RANDOM line, say
//!
//! let prf = master.prf(provider.hmac(suite.prf_hash).unwrap())?;
//! let block = KeyBlock::derive(&prf, suite, &randoms)?;
//! let (_client_writes, _server_writes) = block.into_directions();
//! # Ok(()) }
//! ```
//!
//! Nothing here is TLS 1.2 by accident: [`KeyChange`] has room for the traffic secrets of later versions, and an
//! [`Epoch`] is what DTLS and QUIC count by.
#![no_std]

extern crate alloc;
#[cfg(feature = "std")]
extern crate std;

mod error;
mod exporter;
mod finished;
mod key_block;
mod key_change;
mod master_secret;
mod prf;
mod suites;
#[cfg(test)]
mod testing;
mod transcript;

pub use error::ScheduleError;
pub use exporter::export_keying_material;
pub use finished::{VERIFY_DATA_LEN, VerifyData, verify_data};
pub use key_block::{KeyBlock, TrafficKeys};
pub use key_change::{Direction, Epoch, KeyChange};
pub use master_secret::{MasterSecret, Randoms};
pub use prf::Prf;
pub use suites::{Authentication, Grade, NonceScheme, Protection, SUITES, Suite, suite, suite_needs_legacy};
pub use transcript::Transcript;

/// Which end of the connection something belongs to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Side {
    /// The end that sends ClientHello.
    Client,
    /// The end that sends ServerHello.
    Server,
}

impl Side {
    /// The other end.
    #[must_use]
    pub const fn peer(self) -> Self {
        match self {
            Self::Client => Self::Server,
            Self::Server => Self::Client,
        }
    }
}

impl core::fmt::Display for Side {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.write_str(match self {
            Self::Client => "client",
            Self::Server => "server",
        })
    }
}
