//! The ServerKeyExchange message.

use super::{DigitallySigned, HandshakeBody};
use crate::bounds::{MAX_8, MAX_16};
use crate::codec::{Decode, Encode};
use crate::codes::{EcCurveType, HandshakeType, KeyAgreement, KeyExchangeAlgorithm, NamedGroup};
use crate::error::{DecodeError, DecodeErrorKind, EncodeError};
use crate::reader::Reader;
use crate::writer::Writer;

/// The server's ephemeral key on a named curve (RFC 8422 section 5.4).
///
/// RFC 8422 deprecates explicit curves; decoding one is an error
/// ([`IllegalValue`](DecodeErrorKind::IllegalValue) for its `curve_type`).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ServerEcdhParams<'a> {
    /// The curve (`curve_params.namedcurve`).
    pub curve: NamedGroup,
    /// The public key: `opaque point<1..2^8-1>`.
    pub public: &'a [u8],
}

impl<'a> Decode<'a> for ServerEcdhParams<'a> {
    fn decode(r: &mut Reader<'a>) -> Result<Self, DecodeError> {
        let start = r.clone();
        let curve_type = EcCurveType(r.u8("ECParameters.curve_type")?);
        // RFC 8422 section 5.4: "The value named_curve indicates that a named curve is used. This option is
        // now the only remaining format."
        if curve_type != EcCurveType::NAMED_CURVE {
            let kind = DecodeErrorKind::IllegalValue { value: curve_type.0.into() };
            return Err(start.error(kind, "ECParameters.curve_type"));
        }
        Ok(Self {
            curve: NamedGroup(r.u16("ECParameters.namedcurve")?),
            public: r.vec8(1, MAX_8, "ServerECDHParams.public")?.rest(),
        })
    }
}

impl Encode for ServerEcdhParams<'_> {
    fn encode(&self, w: &mut Writer<'_>) -> Result<(), EncodeError> {
        EcCurveType::NAMED_CURVE.encode(w)?;
        self.curve.encode(w)?;
        w.vec8(1, MAX_8, "ServerECDHParams.public", |w| w.bytes(self.public))
    }
}

/// The server's group and ephemeral key for finite field Diffie-Hellman (RFC 5246 section 7.4.3).
///
/// The numbers are unsigned and big-endian. Decoding keeps leading zeros.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ServerDhParams<'a> {
    /// The prime: `opaque dh_p<1..2^16-1>`.
    pub dh_p: &'a [u8],
    /// The generator: `opaque dh_g<1..2^16-1>`.
    pub dh_g: &'a [u8],
    /// The public key: `opaque dh_Ys<1..2^16-1>`.
    pub dh_ys: &'a [u8],
}

impl<'a> Decode<'a> for ServerDhParams<'a> {
    fn decode(r: &mut Reader<'a>) -> Result<Self, DecodeError> {
        Ok(Self {
            dh_p: r.vec16(1, MAX_16, "ServerDHParams.dh_p")?.rest(),
            dh_g: r.vec16(1, MAX_16, "ServerDHParams.dh_g")?.rest(),
            dh_ys: r.vec16(1, MAX_16, "ServerDHParams.dh_Ys")?.rest(),
        })
    }
}

impl Encode for ServerDhParams<'_> {
    fn encode(&self, w: &mut Writer<'_>) -> Result<(), EncodeError> {
        w.vec16(1, MAX_16, "ServerDHParams.dh_p", |w| w.bytes(self.dh_p))?;
        w.vec16(1, MAX_16, "ServerDHParams.dh_g", |w| w.bytes(self.dh_g))?;
        w.vec16(1, MAX_16, "ServerDHParams.dh_Ys", |w| w.bytes(self.dh_ys))
    }
}

/// The server's parameters of a Diffie-Hellman key exchange, which its signature covers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ServerParams<'a> {
    /// [`KeyAgreement::Dh`].
    Dh(ServerDhParams<'a>),
    /// [`KeyAgreement::Ecdh`].
    Ecdh(ServerEcdhParams<'a>),
}

impl<'a> ServerParams<'a> {
    fn decode(agreement: KeyAgreement, r: &mut Reader<'a>) -> Result<Option<Self>, DecodeError> {
        Ok(match agreement {
            KeyAgreement::Dh => Some(Self::Dh(ServerDhParams::decode(r)?)),
            KeyAgreement::Ecdh => Some(Self::Ecdh(ServerEcdhParams::decode(r)?)),
            KeyAgreement::None | KeyAgreement::Rsa => None,
        })
    }
}

impl Encode for ServerParams<'_> {
    fn encode(&self, w: &mut Writer<'_>) -> Result<(), EncodeError> {
        match self {
            Self::Dh(params) => params.encode(w),
            Self::Ecdh(params) => params.encode(w),
        }
    }
}

/// The server's part of the key exchange (RFC 5246 section 7.4.3, RFC 4279 section 2).
///
/// There is one variant for each layout. The key exchange determines which: see
/// [`KeyExchangeAlgorithm::parts`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ServerKeyExchange<'a> {
    /// A PSK identity hint alone: `opaque psk_identity_hint<0..2^16-1>` (RFC 4279 sections 2 and 4).
    Hint(&'a [u8]),
    /// A PSK identity hint and parameters (RFC 4279 section 3, RFC 5489 section 2).
    HintAndParams {
        /// The PSK identity hint; empty if there is none.
        psk_identity_hint: &'a [u8],
        /// The server's parameters.
        params: ServerParams<'a>,
    },
    /// Parameters without a signature, of an anonymous server.
    Params(ServerParams<'a>),
    /// Parameters and their signature (RFC 5246 section 7.4.3, RFC 8422 section 5.4).
    SignedParams {
        /// The server's parameters.
        params: ServerParams<'a>,
        /// The signature over both randoms and the encoded parameters: `signed_params`.
        signature: DigitallySigned<'a>,
    },
}

const HINT: &str = "ServerKeyExchange.psk_identity_hint";

impl<'a> ServerKeyExchange<'a> {
    /// Decodes the body of the message.
    ///
    /// # Errors
    ///
    /// The errors of the fields, and [`NotInKeyExchange`](DecodeErrorKind::NotInKeyExchange) for
    /// [`KeyExchangeAlgorithm::Rsa`], which does not use this message.
    pub fn decode(algorithm: KeyExchangeAlgorithm, r: &mut Reader<'a>) -> Result<Self, DecodeError> {
        let parts = algorithm.parts();
        let hint = if parts.psk { Some(r.vec16(0, MAX_16, HINT)?.rest()) } else { None };
        let params = ServerParams::decode(parts.agreement, r)?;
        Ok(match (hint, params) {
            // RFC 5246 section 7.4.3: "It is not legal to send the ServerKeyExchange message for the
            // following key exchange methods: RSA", and static Diffie-Hellman.
            (None, None) => return Err(r.error(DecodeErrorKind::NotInKeyExchange, "ServerKeyExchange")),
            (Some(hint), None) => Self::Hint(hint),
            (Some(psk_identity_hint), Some(params)) => Self::HintAndParams { psk_identity_hint, params },
            (None, Some(params)) if parts.signed => {
                Self::SignedParams { params, signature: DigitallySigned::decode(r)? }
            }
            (None, Some(params)) => Self::Params(params),
        })
    }

    /// Decodes a message body that occupies all of `bytes`.
    ///
    /// # Errors
    ///
    /// As [`decode`](Self::decode), and [`TrailingBytes`](DecodeErrorKind::TrailingBytes).
    pub fn decode_exact(algorithm: KeyExchangeAlgorithm, bytes: &'a [u8]) -> Result<Self, DecodeError> {
        let mut r = Reader::new(bytes);
        let message = Self::decode(algorithm, &mut r)?;
        r.finish("ServerKeyExchange")?;
        Ok(message)
    }

    /// The PSK identity hint, in key exchanges with a pre-shared key.
    #[must_use]
    pub const fn psk_identity_hint(&self) -> Option<&'a [u8]> {
        match self {
            Self::Hint(hint) | Self::HintAndParams { psk_identity_hint: hint, .. } => Some(hint),
            Self::Params(_) | Self::SignedParams { .. } => None,
        }
    }

    /// The server's parameters, in key exchanges with Diffie-Hellman.
    #[must_use]
    pub const fn params(&self) -> Option<ServerParams<'a>> {
        match self {
            Self::Hint(_) => None,
            Self::HintAndParams { params, .. } | Self::Params(params) | Self::SignedParams { params, .. } => {
                Some(*params)
            }
        }
    }

    /// The signature of the parameters, in signed key exchanges.
    #[must_use]
    pub const fn signature(&self) -> Option<DigitallySigned<'a>> {
        match self {
            Self::SignedParams { signature, .. } => Some(*signature),
            Self::Hint(_) | Self::HintAndParams { .. } | Self::Params(_) => None,
        }
    }
}

impl Encode for ServerKeyExchange<'_> {
    fn encode(&self, w: &mut Writer<'_>) -> Result<(), EncodeError> {
        if let Some(hint) = self.psk_identity_hint() {
            w.vec16(0, MAX_16, HINT, |w| w.bytes(hint))?;
        }
        if let Some(params) = self.params() {
            params.encode(w)?;
        }
        match self.signature() {
            Some(signature) => signature.encode(w),
            None => Ok(()),
        }
    }
}

impl HandshakeBody for ServerKeyExchange<'_> {
    const TYPE: HandshakeType = HandshakeType::SERVER_KEY_EXCHANGE;
}
