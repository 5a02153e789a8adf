//! The time, for the age of sessions and the validity of certificates.

use cairn_handshake::UnixTime;

/// Returns the time. The connection itself has no clock.
pub trait Clock: Send + Sync {
    /// The current time.
    fn now(&self) -> UnixTime;
}

/// The clock of the operating system.
#[cfg(feature = "std")]
#[derive(Clone, Copy, Debug, Default)]
pub struct SystemClock;

#[cfg(feature = "std")]
impl Clock for SystemClock {
    /// The time of the system. A clock that is set before 1970 returns [`UnixTime::EPOCH`]; no certificate is
    /// valid at that time.
    fn now(&self) -> UnixTime {
        std::time::SystemTime::now()
            .duration_since(std::time::SystemTime::UNIX_EPOCH)
            .map_or(UnixTime::EPOCH, |since| UnixTime::EPOCH.saturating_add(since))
    }
}

impl core::fmt::Debug for dyn Clock {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.write_str("Clock")
    }
}
