//! The ClientKeyExchange message.

use super::HandshakeBody;
use crate::bounds::{MAX_8, MAX_16};
use crate::codec::Encode;
use crate::codes::{HandshakeType, KeyExchangeAlgorithm};
use crate::error::{DecodeError, EncodeError};
use crate::reader::Reader;
use crate::writer::Writer;

/// The client's part of the key exchange. Its structure depends on the key exchange algorithm (RFC 5246
/// section 7.4.7).
///
/// Public keys are always explicit. The implicit encoding, for a key in the client's certificate, belongs to
/// static Diffie-Hellman, which this crate does not decode.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ClientKeyExchange<'a> {
    /// [`KeyExchangeAlgorithm::Rsa`] (RFC 5246 section 7.4.7.1).
    Rsa {
        /// The encrypted premaster secret: `<0..2^16-1>` bytes.
        encrypted_premaster: &'a [u8],
    },
    /// [`KeyExchangeAlgorithm::Dhe`] and [`KeyExchangeAlgorithm::DhAnon`] (RFC 5246 section 7.4.7.2).
    Dhe {
        /// The public key: `opaque dh_Yc<1..2^16-1>`.
        public: &'a [u8],
    },
    /// [`KeyExchangeAlgorithm::Ecdhe`] and [`KeyExchangeAlgorithm::EcdhAnon`] (RFC 8422 section 5.7).
    Ecdhe {
        /// The public key: `ECPoint ecdh_Yc`, of `<1..2^8-1>` bytes.
        public: &'a [u8],
    },
    /// [`KeyExchangeAlgorithm::Psk`] (RFC 4279 section 2).
    Psk {
        /// The PSK identity: `opaque psk_identity<0..2^16-1>`.
        identity: &'a [u8],
    },
    /// [`KeyExchangeAlgorithm::DhePsk`] (RFC 4279 section 3).
    DhePsk {
        /// The PSK identity: `opaque psk_identity<0..2^16-1>`.
        identity: &'a [u8],
        /// The public key: `opaque dh_Yc<1..2^16-1>`.
        public: &'a [u8],
    },
    /// [`KeyExchangeAlgorithm::RsaPsk`] (RFC 4279 section 4).
    RsaPsk {
        /// The PSK identity: `opaque psk_identity<0..2^16-1>`.
        identity: &'a [u8],
        /// The encrypted premaster secret: `<0..2^16-1>` bytes.
        encrypted: &'a [u8],
    },
    /// [`KeyExchangeAlgorithm::EcdhePsk`] (RFC 5489 section 2).
    EcdhePsk {
        /// The PSK identity: `opaque psk_identity<0..2^16-1>`.
        identity: &'a [u8],
        /// The public key: `ECPoint ecdh_Yc`, of `<1..2^8-1>` bytes.
        public: &'a [u8],
    },
}

const IDENTITY: &str = "ClientKeyExchange.psk_identity";
const ENCRYPTED: &str = "ClientKeyExchange.EncryptedPreMasterSecret";
const DH_YC: &str = "ClientKeyExchange.dh_Yc";
const ECDH_YC: &str = "ClientKeyExchange.ecdh_Yc";

impl<'a> ClientKeyExchange<'a> {
    /// Decodes the body of the message.
    ///
    /// # Errors
    ///
    /// The errors of the fields.
    pub fn decode(algorithm: KeyExchangeAlgorithm, r: &mut Reader<'a>) -> Result<Self, DecodeError> {
        Ok(match algorithm {
            KeyExchangeAlgorithm::Rsa => {
                Self::Rsa { encrypted_premaster: r.vec16(0, MAX_16, ENCRYPTED)?.rest() }
            }
            KeyExchangeAlgorithm::Dhe | KeyExchangeAlgorithm::DhAnon => {
                Self::Dhe { public: r.vec16(1, MAX_16, DH_YC)?.rest() }
            }
            KeyExchangeAlgorithm::Ecdhe | KeyExchangeAlgorithm::EcdhAnon => {
                Self::Ecdhe { public: r.vec8(1, MAX_8, ECDH_YC)?.rest() }
            }
            KeyExchangeAlgorithm::Psk => Self::Psk { identity: r.vec16(0, MAX_16, IDENTITY)?.rest() },
            KeyExchangeAlgorithm::DhePsk => Self::DhePsk {
                identity: r.vec16(0, MAX_16, IDENTITY)?.rest(),
                public: r.vec16(1, MAX_16, DH_YC)?.rest(),
            },
            KeyExchangeAlgorithm::RsaPsk => Self::RsaPsk {
                identity: r.vec16(0, MAX_16, IDENTITY)?.rest(),
                encrypted: r.vec16(0, MAX_16, ENCRYPTED)?.rest(),
            },
            KeyExchangeAlgorithm::EcdhePsk => Self::EcdhePsk {
                identity: r.vec16(0, MAX_16, IDENTITY)?.rest(),
                public: r.vec8(1, MAX_8, ECDH_YC)?.rest(),
            },
        })
    }

    /// Decodes a message body that occupies all of `bytes`.
    ///
    /// # Errors
    ///
    /// As [`decode`](Self::decode), and [`TrailingBytes`](crate::DecodeErrorKind::TrailingBytes).
    pub fn decode_exact(algorithm: KeyExchangeAlgorithm, bytes: &'a [u8]) -> Result<Self, DecodeError> {
        let mut r = Reader::new(bytes);
        let message = Self::decode(algorithm, &mut r)?;
        r.finish("ClientKeyExchange")?;
        Ok(message)
    }
}

impl Encode for ClientKeyExchange<'_> {
    fn encode(&self, w: &mut Writer<'_>) -> Result<(), EncodeError> {
        match *self {
            Self::Psk { identity }
            | Self::DhePsk { identity, .. }
            | Self::RsaPsk { identity, .. }
            | Self::EcdhePsk { identity, .. } => w.vec16(0, MAX_16, IDENTITY, |w| w.bytes(identity))?,
            Self::Rsa { .. } | Self::Dhe { .. } | Self::Ecdhe { .. } => {}
        }
        match *self {
            Self::Psk { .. } => Ok(()),
            Self::Rsa { encrypted_premaster } | Self::RsaPsk { encrypted: encrypted_premaster, .. } => {
                w.vec16(0, MAX_16, ENCRYPTED, |w| w.bytes(encrypted_premaster))
            }
            Self::Dhe { public } | Self::DhePsk { public, .. } => {
                w.vec16(1, MAX_16, DH_YC, |w| w.bytes(public))
            }
            Self::Ecdhe { public } | Self::EcdhePsk { public, .. } => {
                w.vec8(1, MAX_8, ECDH_YC, |w| w.bytes(public))
            }
        }
    }
}

impl HandshakeBody for ClientKeyExchange<'_> {
    const TYPE: HandshakeType = HandshakeType::CLIENT_KEY_EXCHANGE;
}
