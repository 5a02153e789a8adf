//! The contents of Finished and of a PSK binder.

use cairn_crypto::{HashOutput, ct_eq};
use core::fmt;

/// `Finished.verify_data` (RFC 9846 section 4.5.3). It is as long as the hash: "In TLS 1.3, it is the size of
/// the HMAC output for the Hash used for the handshake."
#[derive(Clone, Copy)]
pub struct VerifyData(HashOutput);

impl VerifyData {
    pub(super) const fn new(tag: HashOutput) -> Self {
        Self(tag)
    }

    /// The bytes.
    #[must_use]
    pub fn as_bytes(&self) -> &[u8] {
        self.0.as_bytes()
    }

    /// Returns `true` if `received` equals this value. The comparison takes constant time.
    #[must_use]
    pub fn matches(&self, received: &[u8]) -> bool {
        ct_eq(self.as_bytes(), received)
    }
}

impl fmt::Debug for VerifyData {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "VerifyData([{} bytes])", self.as_bytes().len())
    }
}

/// A `PskBinderEntry` (RFC 9846 section 4.3.11.2). It is as long as the hash of the PSK.
#[derive(Clone, Copy)]
pub struct Binder(HashOutput);

impl Binder {
    pub(super) const fn new(tag: HashOutput) -> Self {
        Self(tag)
    }

    /// The bytes.
    #[must_use]
    pub fn as_bytes(&self) -> &[u8] {
        self.0.as_bytes()
    }

    /// Returns `true` if `received` equals this value. The comparison takes constant time.
    #[must_use]
    pub fn matches(&self, received: &[u8]) -> bool {
        ct_eq(self.as_bytes(), received)
    }
}

impl fmt::Debug for Binder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Binder([{} bytes])", self.as_bytes().len())
    }
}
