//! The parameters negotiated before a message: the forms of some messages depend on them.

use crate::codes::{CipherSuite, HandshakeType, KeyExchangeAlgorithm};
use crate::handshake::{AnyServerHello, HandshakeMessage, Tls13HandshakeMessage};
use crate::reader::Reader;

/// The parameters negotiated before a stream, or at its end.
///
/// The two versions share the types of Certificate, CertificateRequest and NewSessionTicket, but not their
/// forms. ServerKeyExchange and ClientKeyExchange depend on the key exchange.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Negotiated {
    /// Nothing is known. The first message that only one version has, by its type or by its form, determines
    /// the version.
    #[default]
    Unknown,
    /// TLS 1.2 or earlier, with this key exchange, if it is known.
    Tls12(Option<KeyExchangeAlgorithm>),
    /// TLS 1.3.
    Tls13,
}

impl Negotiated {
    /// The parameters that a ServerHello with this suite negotiates. The suites of TLS 1.3 name no key
    /// exchange (RFC 9846 appendix B.4).
    #[must_use]
    pub fn with_suite(suite: CipherSuite) -> Self {
        match suite.name() {
            Some(name) if name.contains("_WITH_") => Self::Tls12(suite.key_exchange()),
            // Signaling values are no suites.
            Some(name) if !name.ends_with("_SCSV") => Self::Tls13,
            _ => Self::Unknown,
        }
    }

    /// The key exchange of TLS 1.2, if it is known.
    #[must_use]
    pub const fn key_exchange(self) -> Option<KeyExchangeAlgorithm> {
        match self {
            Self::Tls12(key_exchange) => key_exchange,
            Self::Unknown | Self::Tls13 => None,
        }
    }

    /// The selection of a ServerHello.
    pub(super) fn by_server_hello(hello: &AnyServerHello<'_>) -> Self {
        match hello {
            AnyServerHello::Tls12(hello) => Self::Tls12(hello.cipher_suite.key_exchange()),
            AnyServerHello::Tls13(_) | AnyServerHello::HelloRetryRequest(_) => Self::Tls13,
        }
    }

    /// Adds the version that a message shows. A message that is malformed in both versions tells nothing.
    pub(super) fn after(self, msg_type: HandshakeType, body: &[u8]) -> Self {
        match (self, msg_type) {
            (
                Self::Unknown,
                HandshakeType::END_OF_EARLY_DATA
                | HandshakeType::ENCRYPTED_EXTENSIONS
                | HandshakeType::KEY_UPDATE
                | HandshakeType::COMPRESSED_CERTIFICATE,
            ) => Self::Tls13,
            (
                Self::Unknown,
                HandshakeType::SERVER_KEY_EXCHANGE
                | HandshakeType::SERVER_HELLO_DONE
                | HandshakeType::CLIENT_KEY_EXCHANGE
                | HandshakeType::CERTIFICATE_STATUS,
            ) => Self::Tls12(None),
            (
                Self::Unknown,
                HandshakeType::CERTIFICATE
                | HandshakeType::CERTIFICATE_REQUEST
                | HandshakeType::NEW_SESSION_TICKET,
            ) => by_form(msg_type, body),
            (known, _) => known,
        }
    }
}

/// The version in which a message is well-formed. Its lengths leave no message of one version well-formed in
/// the other, except a NewSessionTicket in one of 2^16 cases.
fn by_form(msg_type: HandshakeType, body: &[u8]) -> Negotiated {
    if HandshakeMessage::decode_body(msg_type, body, 0).is_ok() {
        Negotiated::Tls12(None)
    } else if Tls13HandshakeMessage::decode_body(msg_type, body, 0).is_ok() {
        Negotiated::Tls13
    } else {
        Negotiated::Unknown
    }
}

/// Whether a record after ChangeCipherSpec is a ClientHello in the clear. It then answers a
/// HelloRetryRequest, and the ChangeCipherSpec is the one of RFC 9846 appendix E.4.
pub(super) fn is_second_client_hello(fragment: &[u8]) -> bool {
    let mut r = Reader::new(fragment);
    matches!(HandshakeMessage::read_message(&mut r), Ok(HandshakeMessage::ClientHello(_))) && r.is_empty()
}
