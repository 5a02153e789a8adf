//! The key exchange of a cipher suite.

use super::CipherSuite;

/// The key exchange of a cipher suite, which determines the structure of ServerKeyExchange and
/// ClientKeyExchange (RFC 5246 section 7.4.3).
///
/// The signature algorithm does not affect the structure: `ECDHE_RSA` and `ECDHE_ECDSA` are both
/// [`Ecdhe`](Self::Ecdhe).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum KeyExchangeAlgorithm {
    /// RSA encryption of the premaster secret (RFC 5246 section 7.4.7.1).
    Rsa,
    /// Ephemeral Diffie-Hellman, signed: `DHE_RSA`, `DHE_DSS` (RFC 5246 section 7.4.3).
    Dhe,
    /// Ephemeral Diffie-Hellman, not signed: `DH_anon` (RFC 5246 section 7.4.3).
    DhAnon,
    /// Ephemeral elliptic curve Diffie-Hellman, signed: `ECDHE_RSA`, `ECDHE_ECDSA` (RFC 8422 section 2).
    Ecdhe,
    /// Ephemeral elliptic curve Diffie-Hellman, not signed: `ECDH_anon` (RFC 8422 section 2.3).
    EcdhAnon,
    /// A pre-shared key alone (RFC 4279 section 2).
    Psk,
    /// A pre-shared key and Diffie-Hellman (RFC 4279 section 3).
    DhePsk,
    /// A pre-shared key and RSA encryption (RFC 4279 section 4).
    RsaPsk,
    /// A pre-shared key and elliptic curve Diffie-Hellman (RFC 5489 section 2).
    EcdhePsk,
}

impl CipherSuite {
    /// The key exchange named by the suite.
    ///
    /// `None` for TLS 1.3 suites (which do not name a key exchange), signaling values, unknown suites, and
    /// key exchanges whose messages this crate does not decode: static Diffie-Hellman, Kerberos, SRP, GOST,
    /// ECCPWD.
    #[must_use]
    pub fn key_exchange(self) -> Option<KeyExchangeAlgorithm> {
        let (key_exchange, _) = self.name()?.strip_prefix("TLS_")?.split_once("_WITH_")?;
        Some(match key_exchange {
            "RSA" => KeyExchangeAlgorithm::Rsa,
            "DHE_RSA" | "DHE_DSS" => KeyExchangeAlgorithm::Dhe,
            "DH_anon" => KeyExchangeAlgorithm::DhAnon,
            "ECDHE_RSA" | "ECDHE_ECDSA" => KeyExchangeAlgorithm::Ecdhe,
            "ECDH_anon" => KeyExchangeAlgorithm::EcdhAnon,
            "PSK" => KeyExchangeAlgorithm::Psk,
            // RFC 6655 spells this `PSK_DHE` in two suites.
            "DHE_PSK" | "PSK_DHE" => KeyExchangeAlgorithm::DhePsk,
            "RSA_PSK" => KeyExchangeAlgorithm::RsaPsk,
            "ECDHE_PSK" => KeyExchangeAlgorithm::EcdhePsk,
            _ => return None,
        })
    }
}
