//! Points in time.

use core::{fmt, time::Duration};

/// A point in time: milliseconds since 1970-01-01 00:00 UTC, without leap seconds.
///
/// The constructors name the unit, because X.509 and most RFCs count seconds while TLS 1.3 counts the age of
/// a ticket in milliseconds (RFC 9846 section 4.3.11.1).
///
/// ```
/// use cairn_handshake::UnixTime;
///
/// let time = UnixTime::from_millis(1_700_000_000_250);
/// assert_eq!(time.as_secs(), 1_700_000_000);
/// assert!(time > UnixTime::from_secs(1_700_000_000));
/// ```
#[derive(Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct UnixTime {
    millis: u64,
}

const MILLIS_PER_SEC: u64 = 1000;

impl UnixTime {
    /// 1970-01-01 00:00 UTC.
    pub const EPOCH: Self = Self { millis: 0 };

    /// The last time that this type can represent.
    pub const MAX: Self = Self { millis: u64::MAX };

    /// Creates a time from seconds since 1970. Times after [`UnixTime::MAX`], in 580 million years, become
    /// that time.
    #[must_use]
    pub const fn from_secs(seconds: u64) -> Self {
        Self { millis: seconds.saturating_mul(MILLIS_PER_SEC) }
    }

    /// Creates a time from milliseconds since 1970.
    #[must_use]
    pub const fn from_millis(milliseconds: u64) -> Self {
        Self { millis: milliseconds }
    }

    /// The number of complete seconds since 1970.
    #[must_use]
    pub const fn as_secs(self) -> u64 {
        self.millis / MILLIS_PER_SEC
    }

    /// The number of milliseconds since 1970.
    #[must_use]
    pub const fn as_millis(self) -> u64 {
        self.millis
    }

    /// The time that is later by this duration, rounded down to milliseconds; at most [`UnixTime::MAX`].
    #[must_use]
    pub fn saturating_add(self, duration: Duration) -> Self {
        let duration = u64::try_from(duration.as_millis()).unwrap_or(u64::MAX);
        Self { millis: self.millis.saturating_add(duration) }
    }

    /// The time that is earlier by this duration, rounded down to milliseconds; at least
    /// [`UnixTime::EPOCH`].
    #[must_use]
    pub fn saturating_sub(self, duration: Duration) -> Self {
        let duration = u64::try_from(duration.as_millis()).unwrap_or(u64::MAX);
        Self { millis: self.millis.saturating_sub(duration) }
    }

    /// The time between both points, whichever is the earlier one.
    #[must_use]
    pub const fn abs_diff(self, other: Self) -> Duration {
        Duration::from_millis(self.millis.abs_diff(other.millis))
    }

    /// The time since `earlier`; `None` if that is later than this time.
    #[must_use]
    pub const fn checked_duration_since(self, earlier: Self) -> Option<Duration> {
        match self.millis.checked_sub(earlier.millis) {
            Some(millis) => Some(Duration::from_millis(millis)),
            None => None,
        }
    }

    /// The number of seconds since `earlier`, where both times are first rounded down to seconds; `None` if
    /// `earlier` is in a later second. Lifetimes in seconds are compared with this, so clocks need not agree
    /// on fractions of a second.
    #[must_use]
    pub const fn checked_secs_since(self, earlier: Self) -> Option<u64> {
        self.as_secs().checked_sub(earlier.as_secs())
    }
}

impl fmt::Debug for UnixTime {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "UnixTime({} ms)", self.millis)
    }
}

#[cfg(test)]
mod tests {
    use super::UnixTime;
    use core::time::Duration;

    #[test]
    fn units_convert_without_overflow() {
        assert_eq!(UnixTime::from_secs(2), UnixTime::from_millis(2000));
        assert_eq!(UnixTime::from_millis(2999).as_secs(), 2);
        assert_eq!(UnixTime::from_secs(u64::MAX), UnixTime::MAX);
        assert_eq!(UnixTime::MAX.saturating_add(Duration::MAX), UnixTime::MAX);
        assert_eq!(UnixTime::from_millis(1).saturating_add(Duration::from_secs(1)).as_millis(), 1001);
        assert_eq!(UnixTime::from_millis(1).saturating_sub(Duration::from_secs(1)), UnixTime::EPOCH);
        assert_eq!(UnixTime::MAX.saturating_sub(Duration::MAX), UnixTime::EPOCH);
    }

    #[test]
    fn differences_have_a_direction() {
        let (earlier, later) = (UnixTime::from_millis(1_900), UnixTime::from_millis(3_100));
        assert_eq!(later.checked_duration_since(earlier), Some(Duration::from_millis(1200)));
        assert_eq!(earlier.checked_duration_since(later), None);
        assert_eq!(earlier.abs_diff(later), later.abs_diff(earlier));
        assert_eq!(later.checked_secs_since(earlier), Some(2), "from second 1 to second 3");
        assert_eq!(earlier.checked_secs_since(later), None);
        let same_second = UnixTime::from_millis(1_000);
        assert_eq!(same_second.checked_secs_since(earlier), Some(0));
        assert_eq!(same_second.checked_duration_since(earlier), None);
    }
}
