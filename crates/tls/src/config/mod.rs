//! Configuration: plain values, made by builders that refuse in words what cannot work.

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
pub use suites::Policy;

pub(crate) use client::Trust;
pub(crate) use credentials::with_end_point;
pub(crate) use server::ClientTrust;

use self::{psks::Psks, raw_keys::RawKeys};
use crate::Clock;
use alloc::{sync::Arc, vec::Vec};
use cairn_handshake::KeyLogLine;
use cairn_record::RecordLimits;

/// Takes the secrets of connections, for a key log.
pub trait KeyLog: Send + Sync {
    /// One secret. What happens in here delays the connection.
    fn log(&self, line: &KeyLogLine);
}

impl core::fmt::Debug for dyn KeyLog {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.write_str("KeyLog")
    }
}

/// Who keeps sessions.
#[derive(Debug)]
pub(crate) enum Sessions<S: ?Sized> {
    /// Nobody: every handshake is a full one.
    None,
    /// A store that answers at once.
    Store(Arc<S>),
    /// The caller, asked for each.
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

/// What both sides configure alike.
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

    /// What must be there before a configuration is done.
    pub(crate) fn check(&self) -> Result<Arc<dyn Clock>, ConfigError> {
        self.clock.clone().ok_or(ConfigError::NoClock)
    }
}

/// Application protocols as a policy holds them.
fn protocol_names<P: AsRef<[u8]>>(protocols: impl IntoIterator<Item = P>) -> Vec<Vec<u8>> {
    protocols.into_iter().map(|protocol| protocol.as_ref().to_vec()).collect()
}
