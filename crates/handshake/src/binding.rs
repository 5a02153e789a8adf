//! The binding of sessions to a configuration.

use core::fmt;

/// A digest of the configuration that a session is bound to: the first 16 bytes of SHA-256. That length
/// suffices because an attacker needs a second preimage. `Debug` does not print it, because a digest of
/// pre-shared keys helps to guess keys that are not random.
#[derive(Clone, Copy, Default, PartialEq, Eq, Hash)]
pub struct Digest(pub [u8; Self::LEN]);

impl Digest {
    /// The length in bytes.
    pub const LEN: usize = 16;
}

impl fmt::Debug for Digest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Digest(..)")
    }
}

/// The digests that the sessions of a policy are bound to. They cover the configuration that the verification
/// of the peer depends on. A session is resumed only under a policy with the same digests.
///
/// The machine compares the digests but does not compute them. Servers that share sessions, and a client that
/// resumes after a restart, need equal digests; so derive them from the configuration.
///
/// The default is all zero: policies with the default binding share sessions, subject to the other rules.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct Binding {
    /// The context: this side's credentials, and the caller's name of the context.
    pub context: Digest,
    /// The trust anchors and the verification policy for the peer's certificate or raw public key.
    pub verification: Digest,
    /// The same with the set of pre-shared keys. It is used for sessions that a pre-shared key authenticated.
    pub psks: Digest,
}

impl Binding {
    /// The digest for a peer that was authenticated with a pre-shared key, or without one.
    pub(crate) const fn of_peer(&self, by_psk: bool) -> Digest {
        if by_psk { self.psks } else { self.verification }
    }
}
