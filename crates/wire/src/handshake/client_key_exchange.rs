//! The ClientKeyExchange message.

use super::HandshakeBody;
use crate::bounds::{MAX_8, MAX_16};
use crate::codec::Encode;
use crate::codes::{HandshakeType, KeyAgreement, KeyExchangeAlgorithm};
use crate::error::{DecodeError, EncodeError};
use crate::reader::Reader;
use crate::writer::Writer;

/// The client's part of the key exchange (RFC 5246 section 7.4.7, RFC 4279 section 2).
///
/// Which of the parts a message has depends on the key exchange: see [`KeyExchangeAlgorithm::parts`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ClientKeyExchange<'a> {
    /// The PSK identity, in key exchanges with a pre-shared key: `opaque psk_identity<0..2^16-1>` (RFC 4279
    /// section 2).
    pub psk_identity: Option<&'a [u8]>,
    /// The client's public key or the encrypted premaster secret; absent if the pre-shared key is the only
    /// secret.
    pub exchange_keys: Option<ExchangeKeys<'a>>,
}

/// The client's public key or the encrypted premaster secret: `exchange_keys` (RFC 5246 section 7.4.7).
///
/// Public keys are always explicit. The implicit encoding, for a key in the client's certificate, belongs to
/// static Diffie-Hellman, which this crate does not decode.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ExchangeKeys<'a> {
    /// [`KeyAgreement::Dh`]: `opaque dh_Yc<1..2^16-1>` (RFC 5246 section 7.4.7.2).
    Dh(&'a [u8]),
    /// [`KeyAgreement::Ecdh`]: `ECPoint ecdh_Yc`, of `<1..2^8-1>` bytes (RFC 8422 section 5.7).
    Ecdh(&'a [u8]),
    /// [`KeyAgreement::Rsa`]: `EncryptedPreMasterSecret`, of `<0..2^16-1>` bytes (RFC 5246 section 7.4.7.1).
    Rsa(&'a [u8]),
}

const IDENTITY: &str = "ClientKeyExchange.psk_identity";
const ENCRYPTED: &str = "ClientKeyExchange.EncryptedPreMasterSecret";
const DH_YC: &str = "ClientKeyExchange.dh_Yc";
const ECDH_YC: &str = "ClientKeyExchange.ecdh_Yc";

impl<'a> ExchangeKeys<'a> {
    /// `bytes` in the form of this agreement; `None` for [`KeyAgreement::None`].
    #[must_use]
    pub const fn new(agreement: KeyAgreement, bytes: &'a [u8]) -> Option<Self> {
        match agreement {
            KeyAgreement::None => None,
            KeyAgreement::Dh => Some(Self::Dh(bytes)),
            KeyAgreement::Ecdh => Some(Self::Ecdh(bytes)),
            KeyAgreement::Rsa => Some(Self::Rsa(bytes)),
        }
    }

    /// The public key or the encrypted premaster secret, without its length.
    #[must_use]
    pub const fn as_bytes(&self) -> &'a [u8] {
        match self {
            Self::Dh(bytes) | Self::Ecdh(bytes) | Self::Rsa(bytes) => bytes,
        }
    }

    fn decode(agreement: KeyAgreement, r: &mut Reader<'a>) -> Result<Option<Self>, DecodeError> {
        Ok(match agreement {
            KeyAgreement::None => None,
            KeyAgreement::Dh => Some(Self::Dh(r.vec16(1, MAX_16, DH_YC)?.rest())),
            KeyAgreement::Ecdh => Some(Self::Ecdh(r.vec8(1, MAX_8, ECDH_YC)?.rest())),
            KeyAgreement::Rsa => Some(Self::Rsa(r.vec16(0, MAX_16, ENCRYPTED)?.rest())),
        })
    }
}

impl Encode for ExchangeKeys<'_> {
    fn encode(&self, w: &mut Writer<'_>) -> Result<(), EncodeError> {
        match *self {
            Self::Dh(public) => w.vec16(1, MAX_16, DH_YC, |w| w.bytes(public)),
            Self::Ecdh(public) => w.vec8(1, MAX_8, ECDH_YC, |w| w.bytes(public)),
            Self::Rsa(encrypted) => w.vec16(0, MAX_16, ENCRYPTED, |w| w.bytes(encrypted)),
        }
    }
}

impl<'a> ClientKeyExchange<'a> {
    /// Decodes the body of the message.
    ///
    /// # Errors
    ///
    /// The errors of the fields.
    pub fn decode(algorithm: KeyExchangeAlgorithm, r: &mut Reader<'a>) -> Result<Self, DecodeError> {
        let parts = algorithm.parts();
        Ok(Self {
            psk_identity: if parts.psk { Some(r.vec16(0, MAX_16, IDENTITY)?.rest()) } else { None },
            exchange_keys: ExchangeKeys::decode(parts.agreement, r)?,
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
        if let Some(identity) = self.psk_identity {
            w.vec16(0, MAX_16, IDENTITY, |w| w.bytes(identity))?;
        }
        match &self.exchange_keys {
            Some(keys) => keys.encode(w),
            None => Ok(()),
        }
    }
}

impl HandshakeBody for ClientKeyExchange<'_> {
    const TYPE: HandshakeType = HandshakeType::CLIENT_KEY_EXCHANGE;
}
