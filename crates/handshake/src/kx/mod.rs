//! The key exchanges (RFC 5246 section 7.4.3, RFC 8422, RFC 4279, RFC 5489).
//!
//! [`KeyExchange`] determines which messages are sent. Their contents and the resulting secret are in
//! [`client`] and [`server`].

pub(crate) mod client;
pub(crate) mod ffdhe;
pub(crate) mod premaster;
pub(crate) mod server;

use crate::verify::key_fits;
use cairn_crypto::KeyKind;
use cairn_schedule::Tls12Suite;
use cairn_wire::KeyExchangeAlgorithm;

/// The properties of a key exchange that determine the messages of the handshake.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct KeyExchange {
    pub(crate) algorithm: KeyExchangeAlgorithm,
    /// Whether the server sends Certificate.
    pub(crate) certificate: bool,
    /// Whether the server sends ServerKeyExchange.
    pub(crate) server_key_exchange: Said,
    /// Whether ServerKeyExchange is signed with the certificate's key.
    pub(crate) signed: bool,
    /// How the two sides agree on a secret.
    pub(crate) agreement: Agreement,
    /// Whether a pre-shared key is part of the premaster secret.
    pub(crate) psk: bool,
}

/// Whether a message is sent.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Said {
    Never,
    /// If the server has a PSK identity hint (RFC 4279 section 2).
    WithHint,
    Always,
}

/// How the two sides agree on a secret.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Agreement {
    /// There is no agreement; the pre-shared key is the only secret.
    None,
    /// Elliptic curve Diffie-Hellman.
    Curve,
    /// Finite field Diffie-Hellman.
    Field,
    /// The client generates the secret and encrypts it with the key of the server's certificate.
    Encrypted,
}

impl KeyExchange {
    /// The key exchange of a suite; `None` if this build does not support it.
    pub(crate) const fn of(suite: &Tls12Suite) -> Option<Self> {
        if suite.is_legacy() && !cfg!(feature = "legacy") {
            return None;
        }
        use Agreement::{Curve, Encrypted, Field};
        use Said::{Always, Never, WithHint};
        let algorithm = suite.key_exchange;
        // The columns are: Certificate, ServerKeyExchange, its signature; and the pre-shared key.
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

    /// Whether the server may send CertificateRequest. An anonymous server must not (RFC 5246 section 7.4.4),
    /// and with PSK cipher suites the pre-shared key authenticates the client (RFC 4279 sections 2 to 4).
    pub(crate) const fn may_ask_client(&self) -> bool {
        self.certificate && !self.psk
    }

    /// Whether a certificate with a key of this kind is suitable for the suite.
    pub(crate) const fn takes_key(&self, suite: &Tls12Suite, kind: KeyKind) -> bool {
        match self.agreement {
            // A key for RSASSA-PSS cannot encrypt (RFC 4055 section 1.2).
            Agreement::Encrypted => matches!(kind, KeyKind::Rsa),
            _ => key_fits(suite.authentication, kind),
        }
    }
}
