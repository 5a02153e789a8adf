//! Configuration: plain values, created by builders that reject inconsistent settings.

mod binding;
mod client;
mod credentials;
mod error;
mod psks;
pub(crate) mod raw_keys;
mod server;
mod shared;
mod suites;

pub use client::{ClientConfig, ClientConfigBuilder};
pub use credentials::credential_elsewhere;
pub use error::ConfigError;
pub use server::{ServerConfig, ServerConfigBuilder};

pub(crate) use client::Trust;
pub(crate) use credentials::with_end_point;
pub(crate) use server::ClientTrust;

use self::{psks::Psks, raw_keys::RawKeys};
use crate::Clock;
use alloc::{sync::Arc, vec::Vec};
use cairn_handshake::KeyLogLine;
use cairn_record::RecordLimits;

/// Receives the secrets of connections for a key log.
pub trait KeyLog: Send + Sync {
    /// Receives one secret. The connection waits for the call.
    fn log(&self, line: &KeyLogLine);
}

impl core::fmt::Debug for dyn KeyLog {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.write_str("KeyLog")
    }
}

/// The session store.
#[derive(Debug)]
pub(crate) enum Sessions<S: ?Sized> {
    /// None: every handshake is full.
    None,
    /// A store that responds immediately.
    Store(Arc<S>),
    /// The caller stores sessions and is asked.
    Ask,
}

impl<S: ?Sized> Clone for Sessions<S> {
    fn clone(&self) -> Self {
        match self {
            Self::None => Self::None,
            Self::Store(store) => Self::Store(Arc::clone(store)),
            Self::Ask => Self::Ask,
        }
    }
}

impl<S: ?Sized> Sessions<S> {
    pub(crate) const fn are_kept(&self) -> bool {
        !matches!(self, Self::None)
    }
}

/// The settings that both roles have.
#[derive(Clone, Debug)]
pub(crate) struct Common {
    pub(crate) clock: Option<Arc<dyn Clock>>,
    pub(crate) key_log: Option<Arc<dyn KeyLog>>,
    pub(crate) record_limits: RecordLimits,
}

impl Common {
    pub(crate) fn new() -> Self {
        Self {
            #[cfg(feature = "std")]
            clock: Some(Arc::new(crate::SystemClock)),
            #[cfg(not(feature = "std"))]
            clock: None,
            key_log: None,
            record_limits: RecordLimits::default(),
        }
    }

    /// The parts that a complete configuration needs.
    pub(crate) fn check(&self) -> Result<Arc<dyn Clock>, ConfigError> {
        self.clock.clone().ok_or(ConfigError::NoClock)
    }
}

/// Application protocols in the form of a policy.
fn protocol_names<P: AsRef<[u8]>>(protocols: impl IntoIterator<Item = P>) -> Vec<Vec<u8>> {
    protocols.into_iter().map(|protocol| protocol.as_ref().to_vec()).collect()
}
