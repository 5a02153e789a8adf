//! The cipher suite of any version.

use crate::{suites::Tls12Suite, tls13::Tls13Suite};
use cairn_wire::CipherSuite;

/// A cipher suite of any version.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Suite {
    /// A TLS 1.2 cipher suite.
    Tls12(&'static Tls12Suite),
    /// A TLS 1.3 cipher suite.
    Tls13(&'static Tls13Suite),
}

impl Suite {
    /// The code point.
    #[must_use]
    pub const fn id(self) -> CipherSuite {
        match self {
            Self::Tls12(suite) => suite.id,
            Self::Tls13(suite) => suite.id,
        }
    }
}

impl From<&'static Tls12Suite> for Suite {
    fn from(suite: &'static Tls12Suite) -> Self {
        Self::Tls12(suite)
    }
}

impl From<&'static Tls13Suite> for Suite {
    fn from(suite: &'static Tls13Suite) -> Self {
        Self::Tls13(suite)
    }
}
