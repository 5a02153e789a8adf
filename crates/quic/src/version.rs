//! The versions of QUIC, and the constants in which their packet protection differs.

use core::fmt;

/// A version of QUIC.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Version {
    /// QUIC version 1 (RFC 9000).
    V1,
    /// QUIC version 2 (RFC 9369).
    V2,
}

/// The labels of HKDF-Expand-Label.
pub(crate) struct Labels {
    /// The key of the AEAD (RFC 9001 section 5.1).
    pub(crate) key: &'static [u8],
    /// The IV of the AEAD (RFC 9001 section 5.1).
    pub(crate) iv: &'static [u8],
    /// The key of header protection (RFC 9001 section 5.4).
    pub(crate) hp: &'static [u8],
    /// The secret after a key update (RFC 9001 section 6.1).
    pub(crate) ku: &'static [u8],
}

/// Key and nonce of the Retry Integrity Tag, which are public (RFC 9001 section 5.8).
pub(crate) struct RetryKey {
    pub(crate) key: [u8; 16],
    pub(crate) nonce: [u8; 12],
}

impl Version {
    /// The version with this value in the Version field of long headers (RFC 9000 section 15, RFC 9369
    /// section 3.1), or `None` for any other.
    #[must_use]
    pub const fn from_code(code: u32) -> Option<Self> {
        match code {
            0x0000_0001 => Some(Self::V1),
            0x6b33_43cf => Some(Self::V2),
            _ => None,
        }
    }

    /// The value of the Version field.
    #[must_use]
    pub const fn code(self) -> u32 {
        match self {
            Self::V1 => 0x0000_0001,
            Self::V2 => 0x6b33_43cf,
        }
    }

    /// The salt of Initial secrets (RFC 9001 section 5.2, RFC 9369 section 3.3.1).
    pub(crate) const fn initial_salt(self) -> &'static [u8; 20] {
        match self {
            Self::V1 => &[
                0x38, 0x76, 0x2c, 0xf7, 0xf5, 0x59, 0x34, 0xb3, 0x4d, 0x17, 0x9a, 0xe6, 0xa4, 0xc8, 0x0c,
                0xad, 0xcc, 0xbb, 0x7f, 0x0a,
            ],
            Self::V2 => &[
                0x0d, 0xed, 0xe3, 0xde, 0xf7, 0x00, 0xa6, 0xdb, 0x81, 0x93, 0x81, 0xbe, 0x6e, 0x26, 0x9d,
                0xcb, 0xf9, 0xbd, 0x2e, 0xd9,
            ],
        }
    }

    /// The labels (RFC 9001 sections 5.1 and 6.1, RFC 9369 section 3.3.2).
    pub(crate) const fn labels(self) -> Labels {
        match self {
            Self::V1 => Labels { key: b"quic key", iv: b"quic iv", hp: b"quic hp", ku: b"quic ku" },
            Self::V2 => Labels { key: b"quicv2 key", iv: b"quicv2 iv", hp: b"quicv2 hp", ku: b"quicv2 ku" },
        }
    }

    /// Key and nonce of the Retry Integrity Tag (RFC 9001 section 5.8, RFC 9369 section 3.3.3).
    pub(crate) const fn retry_key(self) -> RetryKey {
        match self {
            Self::V1 => RetryKey {
                key: [
                    0xbe, 0x0c, 0x69, 0x0b, 0x9f, 0x66, 0x57, 0x5a, 0x1d, 0x76, 0x6b, 0x54, 0xe3, 0x68, 0xc8,
                    0x4e,
                ],
                nonce: [0x46, 0x15, 0x99, 0xd3, 0x5d, 0x63, 0x2b, 0xf2, 0x23, 0x98, 0x25, 0xbb],
            },
            Self::V2 => RetryKey {
                key: [
                    0x8f, 0xb4, 0xb0, 0x1b, 0x56, 0xac, 0x48, 0xe2, 0x60, 0xfb, 0xcb, 0xce, 0xad, 0x7c, 0xcc,
                    0x92,
                ],
                nonce: [0xd8, 0x69, 0x69, 0xbc, 0x2d, 0x7c, 0x6d, 0x99, 0x90, 0xef, 0xb0, 0x4a],
            },
        }
    }
}

impl fmt::Display for Version {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::V1 => "QUIC version 1",
            Self::V2 => "QUIC version 2",
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_of_versions_are_recognized() {
        for version in [Version::V1, Version::V2] {
            assert_eq!(Version::from_code(version.code()), Some(version));
        }
        // Version Negotiation, the number 2, and the number of drafts of version 2.
        for code in [0, 2, 0x709a_50c4, u32::MAX] {
            assert_eq!(Version::from_code(code), None);
        }
    }
}
