//! The key exchanges (RFC 5246 section 7.4.3, RFC 8422, RFC 4279, RFC 5489).
//!
//! [`KeyExchange`] determines which messages are sent. Their contents and the resulting secret are in
//! [`client`] and [`server`].

pub(crate) mod client;
pub(crate) mod ffdhe;
pub(crate) mod premaster;
pub(crate) mod server;

use alloc::vec::Vec;
use cairn_crypto::KeyKind;
use cairn_schedule::{Authentication, Randoms, Tls12Suite};
use cairn_wire::{Encode, EncodeError, KeyAgreement, KeyExchangeAlgorithm, ServerParams, Writer};

/// The message that the server signs in ServerKeyExchange: both randoms and the parameters (RFC 5246 section
/// 7.4.3, RFC 8422 section 5.4).
pub(crate) fn signed_message(randoms: &Randoms, params: &ServerParams<'_>) -> Result<Vec<u8>, EncodeError> {
    // Room for the parameters of secp256r1 and x25519.
    let mut message = Vec::with_capacity(2 * 32 + 4 + 65);
    message.extend_from_slice(&randoms.client.0);
    message.extend_from_slice(&randoms.server.0);
    params.encode(&mut Writer::vec(&mut message))?;
    Ok(message)
}

/// Whether a key of this kind fits the suite's authentication (RFC 8422 section 2.1: Ed25519 counts as
/// ECDSA).
pub(crate) const fn key_fits(authentication: Authentication, kind: KeyKind) -> bool {
    match authentication {
        Authentication::Rsa => kind.is_rsa(),
        Authentication::Ecdsa => kind.is_ecdsa() || matches!(kind, KeyKind::Ed25519),
        _ => false,
    }
}

/// The properties of a key exchange that determine the messages of the handshake.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct KeyExchange {
    pub(crate) algorithm: KeyExchangeAlgorithm,
    /// Whether the server sends Certificate.
    pub(crate) certificate: bool,
    /// Whether the server sends ServerKeyExchange.
    pub(crate) server_key_exchange: Presence,
    /// Whether ServerKeyExchange is signed with the certificate's key.
    pub(crate) signed: bool,
    /// The agreement of the two sides on a secret.
    pub(crate) agreement: KeyAgreement,
    /// Whether a pre-shared key is part of the premaster secret.
    pub(crate) psk: bool,
}

/// Whether a message is sent.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Presence {
    Never,
    /// If the server has a PSK identity hint (RFC 4279 section 2).
    WithHint,
    Always,
}

impl KeyExchange {
    /// The key exchange of a suite; `None` if this build does not support it.
    pub(crate) const fn of(suite: &Tls12Suite) -> Option<Self> {
        if suite.is_legacy() && !cfg!(feature = "legacy") {
            return None;
        }
        let algorithm = suite.key_exchange;
        let parts = algorithm.parts();
        Some(Self {
            algorithm,
            certificate: parts.has_certificate(),
            server_key_exchange: match (parts.has_server_params(), parts.psk) {
                (true, _) => Presence::Always,
                (false, true) => Presence::WithHint,
                (false, false) => Presence::Never,
            },
            signed: parts.signed,
            agreement: parts.agreement,
            psk: parts.psk,
        })
    }

    /// Whether the server may send CertificateRequest. RFC 5246 section 7.4.4: "It is a fatal
    /// handshake_failure alert for an anonymous server to request client authentication." With PSK cipher
    /// suites, the pre-shared key authenticates the client; RFC 4279 section 2: "The Certificate and
    /// CertificateRequest payloads are omitted from the response."
    pub(crate) const fn may_ask_client(&self) -> bool {
        self.certificate && !self.psk
    }

    /// Whether a certificate with a key of this kind is suitable for the suite.
    pub(crate) const fn takes_key(&self, suite: &Tls12Suite, kind: KeyKind) -> bool {
        match self.agreement {
            // A key for RSASSA-PSS cannot encrypt (RFC 4055 section 1.2).
            KeyAgreement::Rsa => matches!(kind, KeyKind::Rsa),
            _ => key_fits(suite.authentication, kind),
        }
    }
}
