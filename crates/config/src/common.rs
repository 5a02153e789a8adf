//! The settings that both roles have.

#[cfg(feature = "std")]
use crate::clock::SystemClock;
use crate::{clock::Clock, error::ConfigError, key_log::KeyLog};
use alloc::{sync::Arc, vec::Vec};

/// The settings that both roles have.
#[derive(Clone, Debug)]
pub(crate) struct Common {
    pub(crate) clock: Option<Arc<dyn Clock>>,
    pub(crate) key_log: Option<Arc<dyn KeyLog>>,
}

impl Common {
    pub(crate) fn new() -> Self {
        Self {
            #[cfg(feature = "std")]
            clock: Some(Arc::new(SystemClock)),
            #[cfg(not(feature = "std"))]
            clock: None,
            key_log: None,
        }
    }

    /// The clock, which a complete configuration needs.
    pub(crate) fn clock(&self) -> Result<Arc<dyn Clock>, ConfigError> {
        self.clock.clone().ok_or(ConfigError::NoClock)
    }
}

/// Application protocols in the form of a policy.
pub(crate) fn protocol_names<P: AsRef<[u8]>>(protocols: impl IntoIterator<Item = P>) -> Vec<Vec<u8>> {
    protocols.into_iter().map(|protocol| protocol.as_ref().to_vec()).collect()
}
