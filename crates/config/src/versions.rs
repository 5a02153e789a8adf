//! The versions of TLS that a configuration speaks.

use crate::suites::Means;

/// The versions of TLS that a configuration speaks.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Versions {
    /// TLS 1.2 only (RFC 5246).
    Tls12,
    /// TLS 1.3 only (RFC 9846).
    Tls13,
    /// Both, which is the default. TLS 1.3 is negotiated if the peer speaks it.
    ///
    /// A version that nothing in the configuration can authenticate is not spoken: TLS 1.3 if there are only
    /// pre-shared keys of TLS 1.2, or if a server has only keys that sign by PKCS #1, and TLS 1.2 if there
    /// are only external PSKs. The same holds for a version without a suite in the list of suites, if there
    /// is such a list.
    #[default]
    Both,
}

impl Versions {
    pub(crate) const fn tls12(self) -> bool {
        matches!(self, Self::Tls12 | Self::Both)
    }

    pub(crate) const fn tls13(self) -> bool {
        matches!(self, Self::Tls13 | Self::Both)
    }

    /// The versions without one that cannot be authenticated. A version that stands alone is kept, so that
    /// the missing key is reported.
    pub(crate) const fn authenticated_by(self, means: &Means<'_>) -> Self {
        let by_psk = means.psks.exist();
        match self {
            Self::Both if means.certificates || by_psk == means.external_psks => Self::Both,
            Self::Both if by_psk => Self::Tls12,
            Self::Both => Self::Tls13,
            one => one,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::psks::Psks;

    #[test]
    fn version_without_a_key_that_authenticates_it_is_not_spoken() {
        let (none, some) = (Psks::None, Psks::Ask);
        let of = |versions: Versions, psks, external_psks, certificates| {
            versions.authenticated_by(&Means { psks, external_psks, certificates })
        };
        for (certificates, psks, external_psks, expected) in [
            (true, &none, false, Versions::Both),
            (true, &some, false, Versions::Both),
            (true, &none, true, Versions::Both),
            (false, &some, true, Versions::Both),
            (false, &some, false, Versions::Tls12),
            (false, &none, true, Versions::Tls13),
            // Nothing is configured, and the error says so.
            (false, &none, false, Versions::Both),
        ] {
            assert_eq!(of(Versions::Both, psks, external_psks, certificates), expected);
            for one in [Versions::Tls12, Versions::Tls13] {
                assert_eq!(of(one, psks, external_psks, certificates), one);
            }
        }
    }
}
