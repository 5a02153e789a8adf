//! The ServerKeyExchange message.

use super::{DigitallySigned, HandshakeBody};
use crate::bounds::{MAX_8, MAX_16};
use crate::codec::{Decode, Encode};
use crate::codes::{EcCurveType, HandshakeType, KeyExchangeAlgorithm, NamedGroup};
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

/// The server's part of the key exchange. Its structure depends on the key exchange algorithm (RFC 5246
/// section 7.4.3).
///
/// `params_bytes` are the encoded parameters, which the signature covers. Encoding writes `params` and
/// ignores `params_bytes`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ServerKeyExchange<'a> {
    /// [`KeyExchangeAlgorithm::Ecdhe`] (RFC 8422 section 5.4).
    Ecdhe {
        /// The curve and the key.
        params: ServerEcdhParams<'a>,
        /// The encoded parameters, which the signature covers.
        params_bytes: &'a [u8],
        /// The signature over both randoms and the parameters.
        signature: DigitallySigned<'a>,
    },
    /// [`KeyExchangeAlgorithm::EcdhAnon`] (RFC 8422 section 5.4).
    EcdhAnon {
        /// The curve and the key.
        params: ServerEcdhParams<'a>,
    },
    /// [`KeyExchangeAlgorithm::Dhe`] (RFC 5246 section 7.4.3).
    Dhe {
        /// The group and the key.
        params: ServerDhParams<'a>,
        /// The encoded parameters, which the signature covers.
        params_bytes: &'a [u8],
        /// The signature over both randoms and the parameters.
        signature: DigitallySigned<'a>,
    },
    /// [`KeyExchangeAlgorithm::DhAnon`] (RFC 5246 section 7.4.3).
    DhAnon {
        /// The group and the key.
        params: ServerDhParams<'a>,
    },
    /// [`KeyExchangeAlgorithm::Psk`] (RFC 4279 section 2).
    Psk {
        /// The PSK identity hint: `opaque psk_identity_hint<0..2^16-1>`.
        identity_hint: &'a [u8],
    },
    /// [`KeyExchangeAlgorithm::DhePsk`] (RFC 4279 section 3).
    DhePsk {
        /// The PSK identity hint: `opaque psk_identity_hint<0..2^16-1>`.
        identity_hint: &'a [u8],
        /// The group and the key.
        params: ServerDhParams<'a>,
    },
    /// [`KeyExchangeAlgorithm::RsaPsk`] (RFC 4279 section 4).
    RsaPsk {
        /// The PSK identity hint: `opaque psk_identity_hint<0..2^16-1>`.
        identity_hint: &'a [u8],
    },
    /// [`KeyExchangeAlgorithm::EcdhePsk`] (RFC 5489 section 2).
    EcdhePsk {
        /// The PSK identity hint: `opaque psk_identity_hint<0..2^16-1>`.
        identity_hint: &'a [u8],
        /// The curve and the key.
        params: ServerEcdhParams<'a>,
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
        Ok(match algorithm {
            KeyExchangeAlgorithm::Rsa => {
                return Err(r.error(DecodeErrorKind::NotInKeyExchange, "ServerKeyExchange"));
            }
            KeyExchangeAlgorithm::Ecdhe => {
                let (params, params_bytes, signature) = signed(r)?;
                Self::Ecdhe { params, params_bytes, signature }
            }
            KeyExchangeAlgorithm::EcdhAnon => Self::EcdhAnon { params: ServerEcdhParams::decode(r)? },
            KeyExchangeAlgorithm::Dhe => {
                let (params, params_bytes, signature) = signed(r)?;
                Self::Dhe { params, params_bytes, signature }
            }
            KeyExchangeAlgorithm::DhAnon => Self::DhAnon { params: ServerDhParams::decode(r)? },
            KeyExchangeAlgorithm::Psk => Self::Psk { identity_hint: hint(r)? },
            KeyExchangeAlgorithm::DhePsk => {
                Self::DhePsk { identity_hint: hint(r)?, params: ServerDhParams::decode(r)? }
            }
            KeyExchangeAlgorithm::RsaPsk => Self::RsaPsk { identity_hint: hint(r)? },
            KeyExchangeAlgorithm::EcdhePsk => {
                Self::EcdhePsk { identity_hint: hint(r)?, params: ServerEcdhParams::decode(r)? }
            }
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
}

fn signed<'a, P: Decode<'a>>(r: &mut Reader<'a>) -> Result<(P, &'a [u8], DigitallySigned<'a>), DecodeError> {
    let start = r.clone();
    let params = P::decode(r)?;
    let params_bytes = r.read_since(&start);
    Ok((params, params_bytes, DigitallySigned::decode(r)?))
}

fn hint<'a>(r: &mut Reader<'a>) -> Result<&'a [u8], DecodeError> {
    Ok(r.vec16(0, MAX_16, HINT)?.rest())
}

impl Encode for ServerKeyExchange<'_> {
    fn encode(&self, w: &mut Writer<'_>) -> Result<(), EncodeError> {
        let write_hint = |w: &mut Writer<'_>, hint: &[u8]| w.vec16(0, MAX_16, HINT, |w| w.bytes(hint));
        match *self {
            Self::Ecdhe { params, signature, .. } => {
                params.encode(w)?;
                signature.encode(w)
            }
            Self::EcdhAnon { params } => params.encode(w),
            Self::Dhe { params, signature, .. } => {
                params.encode(w)?;
                signature.encode(w)
            }
            Self::DhAnon { params } => params.encode(w),
            Self::Psk { identity_hint } | Self::RsaPsk { identity_hint } => write_hint(w, identity_hint),
            Self::DhePsk { identity_hint, params } => {
                write_hint(w, identity_hint)?;
                params.encode(w)
            }
            Self::EcdhePsk { identity_hint, params } => {
                write_hint(w, identity_hint)?;
                params.encode(w)
            }
        }
    }
}

impl HandshakeBody for ServerKeyExchange<'_> {
    const TYPE: HandshakeType = HandshakeType::SERVER_KEY_EXCHANGE;
}
