//! The cipher suites of TLS 1.3 (RFC 9846 appendix B.4).

use crate::suites::Grade;
use cairn_crypto::{AeadAlgorithm, HashAlgorithm};
use cairn_wire::CipherSuite;

/// A TLS 1.3 cipher suite: the AEAD of the records, and the hash of the transcript and of HKDF. Key exchange
/// and authentication are negotiated apart from it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Tls13Suite {
    /// The code point.
    pub id: CipherSuite,
    /// The AEAD that protects records.
    pub aead: AeadAlgorithm,
    /// The hash of the transcript, HKDF and HMAC. RFC 9846 section 7.1: "The Hash function used by
    /// Transcript-Hash and HKDF is the cipher suite hash algorithm."
    pub hash: HashAlgorithm,
}

impl Tls13Suite {
    /// The grade of the suite. All suites of TLS 1.3 have forward secrecy with an ephemeral key exchange, so
    /// the AEAD alone decides: CCM is [`Grade::Compatible`], as in TLS 1.2.
    #[must_use]
    pub const fn grade(&self) -> Grade {
        match self.aead {
            AeadAlgorithm::Aes128Gcm | AeadAlgorithm::Aes256Gcm | AeadAlgorithm::ChaCha20Poly1305 => {
                Grade::Modern
            }
            _ => Grade::Compatible,
        }
    }
}

/// All supported suites in our order of preference. CCM is meant for constrained devices, and with tags of 8
/// bytes a forged record is accepted with probability 2^-64 (RFC 6655 section 1).
pub static SUITES: &[Tls13Suite] = &[
    Tls13Suite {
        id: CipherSuite::TLS_AES_128_GCM_SHA256,
        aead: AeadAlgorithm::Aes128Gcm,
        hash: HashAlgorithm::Sha256,
    },
    Tls13Suite {
        id: CipherSuite::TLS_AES_256_GCM_SHA384,
        aead: AeadAlgorithm::Aes256Gcm,
        hash: HashAlgorithm::Sha384,
    },
    Tls13Suite {
        id: CipherSuite::TLS_CHACHA20_POLY1305_SHA256,
        aead: AeadAlgorithm::ChaCha20Poly1305,
        hash: HashAlgorithm::Sha256,
    },
    Tls13Suite {
        id: CipherSuite::TLS_AES_128_CCM_SHA256,
        aead: AeadAlgorithm::Aes128Ccm,
        hash: HashAlgorithm::Sha256,
    },
    Tls13Suite {
        id: CipherSuite::TLS_AES_128_CCM_8_SHA256,
        aead: AeadAlgorithm::Aes128Ccm8,
        hash: HashAlgorithm::Sha256,
    },
];

/// The TLS 1.3 suite with this code point, if it is supported.
#[must_use]
pub fn suite(id: CipherSuite) -> Option<&'static Tls13Suite> {
    SUITES.iter().find(|suite| suite.id == id)
}
