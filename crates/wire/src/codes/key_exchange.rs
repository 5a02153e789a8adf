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

/// The parts of the ServerKeyExchange and ClientKeyExchange messages of a key exchange.
///
/// | message | pre-shared key | agreement | signature |
/// |---|---|---|---|
/// | ServerKeyExchange | `psk_identity_hint` | ServerDHParams or ServerECDHParams | `signed_params` |
/// | ClientKeyExchange | `psk_identity` | public key or encrypted premaster secret | |
///
/// A key exchange without a pre-shared key and without server parameters has no ServerKeyExchange message.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct KeyExchangeParts {
    /// Whether a pre-shared key is part of the premaster secret. Both messages then begin with a PSK field
    /// (RFC 4279 section 2).
    pub psk: bool,
    /// The agreement of the two sides on the rest of the premaster secret.
    pub agreement: KeyAgreement,
    /// Whether the server signs its parameters (RFC 5246 section 7.4.3).
    pub signed: bool,
}

/// The method by which client and server agree on a secret.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum KeyAgreement {
    /// They do not: the pre-shared key is the only secret (RFC 4279 section 2).
    None,
    /// Finite field Diffie-Hellman (RFC 5246 section 8.1.2).
    Dh,
    /// Elliptic curve Diffie-Hellman (RFC 8422 section 5.10).
    Ecdh,
    /// The client generates the secret and encrypts it with the RSA key of the server's certificate (RFC 5246
    /// section 8.1.1).
    Rsa,
}

impl KeyExchangeParts {
    /// Whether ServerKeyExchange has parameters, in which case the message is mandatory. Otherwise the server
    /// sends the message only for its PSK identity hint (RFC 4279 section 2), if the key exchange has one.
    #[must_use]
    pub const fn has_server_params(&self) -> bool {
        matches!(self.agreement, KeyAgreement::Dh | KeyAgreement::Ecdh)
    }

    /// Whether the server sends Certificate (RFC 5246 section 7.4.2): its key signs the parameters, or the
    /// client encrypts with it.
    #[must_use]
    pub const fn has_certificate(&self) -> bool {
        self.signed || matches!(self.agreement, KeyAgreement::Rsa)
    }
}

impl KeyExchangeAlgorithm {
    /// All key exchanges.
    pub const ALL: [Self; 9] = [
        Self::Rsa,
        Self::Dhe,
        Self::DhAnon,
        Self::Ecdhe,
        Self::EcdhAnon,
        Self::Psk,
        Self::DhePsk,
        Self::RsaPsk,
        Self::EcdhePsk,
    ];

    /// The parts of the messages of this key exchange.
    #[must_use]
    pub const fn parts(self) -> KeyExchangeParts {
        use KeyAgreement::{Dh, Ecdh, Rsa};
        let (psk, agreement, signed) = match self {
            Self::Rsa => (false, Rsa, false),
            Self::Dhe => (false, Dh, true),
            Self::DhAnon => (false, Dh, false),
            Self::Ecdhe => (false, Ecdh, true),
            Self::EcdhAnon => (false, Ecdh, false),
            Self::Psk => (true, KeyAgreement::None, false),
            Self::DhePsk => (true, Dh, false),
            Self::RsaPsk => (true, Rsa, false),
            Self::EcdhePsk => (true, Ecdh, false),
        };
        KeyExchangeParts { psk, agreement, signed }
    }
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
