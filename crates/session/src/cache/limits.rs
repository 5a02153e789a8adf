//! Limits on the size of a cache and the age of its sessions.

/// Limits on the size of a cache and the age of its sessions. [`CacheLimits::new`] returns recommended
/// values.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct CacheLimits {
    /// The maximum number of sessions. With 0 the cache stores none.
    pub sessions: usize,
    /// The maximum size in bytes of the sessions and the cache's bookkeeping for them. Spare capacity of
    /// vectors and overhead of the allocator are not counted. A session that exceeds the limit on its own is
    /// not stored.
    pub bytes: usize,
    /// The number of seconds after the original handshake during which a session can be found; a resumption
    /// does not extend it. RFC 5246 appendix F.1.4 suggests at most 24 hours. The handshake policy has its
    /// own lifetime, and the shorter one applies.
    pub lifetime: u32,
    /// The maximum number of TLS 1.3 tickets that a client stores for each key. A newer ticket replaces the
    /// oldest. Default 8.
    pub tickets_per_key: usize,
}

impl CacheLimits {
    /// 24 hours in seconds, the upper limit that RFC 5246 appendix F.1.4 suggests.
    pub const LIFETIME: u32 = 24 * 60 * 60;

    /// The default of [`CacheLimits::tickets_per_key`].
    pub const TICKETS_PER_KEY: usize = 8;

    /// The default of [`CacheLimits::bytes`] per session. A session without a chain takes about 350 bytes; a
    /// chain of two or three certificates takes the rest.
    pub const BYTES_PER_SESSION: usize = 4096;

    /// The minimum default of [`CacheLimits::bytes`], so that a small cache has room for a long chain.
    pub const MIN_BYTES: usize = 64 * 1024;

    /// Returns the default limits for this number of sessions.
    #[must_use]
    pub const fn new(sessions: usize) -> Self {
        let bytes = sessions.saturating_mul(Self::BYTES_PER_SESSION);
        let bytes = if bytes < Self::MIN_BYTES { Self::MIN_BYTES } else { bytes };
        Self { sessions, bytes, lifetime: Self::LIFETIME, tickets_per_key: Self::TICKETS_PER_KEY }
    }
}
