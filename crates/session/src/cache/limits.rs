//! How much a cache may keep, and for how long.

/// How much a cache may keep, and for how long. [`CacheLimits::new`] gives sound values; change a field to differ.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct CacheLimits {
    /// How many sessions at most; with 0 the cache keeps none.
    pub sessions: usize,
    /// How many bytes at most, of sessions and of the cache's own bookkeeping for them, as far as they can be counted:
    /// spare room in vectors and what the allocator adds are not. A session that is larger alone is not kept.
    pub bytes: usize,
    /// How many seconds after the original handshake a session can be found (a resumption makes it no younger). RFC
    /// 5246 appendix F.1.4 suggests 24 hours at most, and the handshake's policy has a lifetime of its own; the
    /// shorter one rules.
    pub lifetime: u32,
}

impl CacheLimits {
    /// 24 hours in seconds, the upper limit that RFC 5246 appendix F.1.4 suggests.
    pub const LIFETIME: u32 = 24 * 60 * 60;

    /// The default of [`CacheLimits::bytes`] is this many for each session: a session alone takes some 350 bytes, a
    /// chain of two or three certificates fills the rest.
    pub const BYTES_PER_SESSION: usize = 4096;

    /// The default of [`CacheLimits::bytes`] is no less than this, so that a small cache has room for a long chain.
    pub const MIN_BYTES: usize = 64 * 1024;

    /// Limits for a cache of this many sessions.
    #[must_use]
    pub const fn new(sessions: usize) -> Self {
        let bytes = sessions.saturating_mul(Self::BYTES_PER_SESSION);
        let bytes = if bytes < Self::MIN_BYTES { Self::MIN_BYTES } else { bytes };
        Self { sessions, bytes, lifetime: Self::LIFETIME }
    }
}
