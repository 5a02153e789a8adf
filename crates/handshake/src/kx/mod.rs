//! The key exchanges: each is data that knows its messages (RFC 5246 section 7.4.3, RFC 8422, RFC 4279, RFC 5489).
//!
//! What the tables do with a key exchange follows from [`KeyExchange`]; what its messages carry and which secret comes
//! of it is in [`client`] and [`server`].

pub(crate) mod client;
pub(crate) mod ffdhe;
pub(crate) mod premaster;
pub(crate) mod server;

use crate::verify::key_fits;
use cairn_crypto::KeyKind;
use cairn_schedule::Suite;
use cairn_wire::KeyExchangeAlgorithm;

/// A key exchange, as far as who says what when depends on it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct KeyExchange {
    pub(crate) algorithm: KeyExchangeAlgorithm,
    /// Whether the server shows a certificate.
    pub(crate) certificate: bool,
    /// Whether there is ServerKeyExchange.
    pub(crate) server_key_exchange: Said,
    /// Whether ServerKeyExchange is signed with the certificate's key.
    pub(crate) signed: bool,
    /// How the two come to a secret.
    pub(crate) agreement: Agreement,
    /// Whether a pre-shared key goes into the premaster secret.
    pub(crate) psk: bool,
}

/// Whether a message is sent.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Said {
    Never,
    /// Where the server has a hint to give (RFC 4279 section 2).
    WithHint,
    Always,
}

/// How two ends come to a secret.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Agreement {
    /// They do not: they have one.
    None,
    /// Diffie-Hellman on a curve.
    Curve,
    /// Diffie-Hellman over a finite field.
    Field,
    /// The client makes it up, and encrypts it under the key in the server's certificate.
    Encrypted,
}

impl KeyExchange {
    /// That of a suite; `None` for one that this build does not have.
    pub(crate) const fn of(suite: &Suite) -> Option<Self> {
        if suite.is_legacy() && !cfg!(feature = "legacy") {
            return None;
        }
        use Agreement::{Curve, Encrypted, Field};
        use Said::{Always, Never, WithHint};
        let algorithm = suite.key_exchange;
        // Whether there are: a certificate, ServerKeyExchange, a signature on it; and a pre-shared key.
        let (certificate, server_key_exchange, signed, agreement, psk) = match algorithm {
            KeyExchangeAlgorithm::Rsa => (true, Never, false, Encrypted, false),
            KeyExchangeAlgorithm::Dhe => (true, Always, true, Field, false),
            KeyExchangeAlgorithm::DhAnon => (false, Always, false, Field, false),
            KeyExchangeAlgorithm::Ecdhe => (true, Always, true, Curve, false),
            KeyExchangeAlgorithm::EcdhAnon => (false, Always, false, Curve, false),
            KeyExchangeAlgorithm::Psk => (false, WithHint, false, Agreement::None, true),
            KeyExchangeAlgorithm::DhePsk => (false, Always, false, Field, true),
            KeyExchangeAlgorithm::RsaPsk => (true, WithHint, false, Encrypted, true),
            KeyExchangeAlgorithm::EcdhePsk => (false, Always, false, Curve, true),
            _ => return None,
        };
        Some(Self { algorithm, certificate, server_key_exchange, signed, agreement, psk })
    }

    /// Whether the server may ask the client for a certificate: not where it has none itself (RFC 5246 section 7.4.4),
    /// nor where the pre-shared key says who the client is (RFC 4279 sections 2 to 4).
    pub(crate) const fn may_ask_client(&self) -> bool {
        self.certificate && !self.psk
    }

    /// Whether a certificate with a key of this kind serves the suite.
    pub(crate) const fn takes_key(&self, suite: &Suite, kind: KeyKind) -> bool {
        match self.agreement {
            // A key for PSS alone does not encrypt (RFC 4055 section 1.2).
            Agreement::Encrypted => matches!(kind, KeyKind::Rsa),
            _ => key_fits(suite.authentication, kind),
        }
    }
}
