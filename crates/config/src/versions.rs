//! The versions of TLS that a configuration speaks.

/// The versions of TLS that a configuration speaks.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Versions {
    /// TLS 1.2 only (RFC 5246). This is the default, because TLS 1.3 is not complete yet.
    #[default]
    Tls12,
    /// TLS 1.3 only (RFC 9846).
    Tls13,
    /// Both. TLS 1.3 is negotiated if the peer speaks it.
    Both,
}

impl Versions {
    pub(crate) const fn tls12(self) -> bool {
        matches!(self, Self::Tls12 | Self::Both)
    }

    pub(crate) const fn tls13(self) -> bool {
        matches!(self, Self::Tls13 | Self::Both)
    }
}
