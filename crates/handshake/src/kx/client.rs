//! The client's side of a key exchange: reads ServerKeyExchange and sends ClientKeyExchange.

use super::{KeyExchange, ffdhe, premaster, signed_message};
use crate::{
    curves::is_for_ecdhe, error::HandshakeErrorKind, input::Psk, out::Out, policy::ClientPolicy,
    raw_message::RawMessage, security::KeyExchangeEvidence, security::strength,
};
use alloc::vec::Vec;
use cairn_crypto::{CryptoError, FiniteFieldGroup, SecretBytes};
use cairn_schedule::{Randoms, Transcript};
use cairn_wire::{
    ClientKeyExchange, ExchangeKeys, KeyAgreement, NamedGroup, ProtocolVersion, Reader, ServerDhParams,
    ServerEcdhParams, ServerKeyExchange, ServerParams, SignatureScheme,
};

/// The server's share of the key exchange. It is not trusted until the signature is verified.
#[derive(Default)]
pub(crate) struct ServerShare {
    pub(crate) params: Params,
    /// The signature, if the key exchange has one.
    pub(crate) signed: Option<Signed>,
    /// The PSK identity hint.
    pub(crate) hint: Option<Vec<u8>>,
}

/// The server's public value.
#[derive(Default)]
pub(crate) enum Params {
    /// A pre-shared key only: the server has no share.
    #[default]
    None,
    Curve {
        group: NamedGroup,
        public: Vec<u8>,
    },
    Field {
        p: Vec<u8>,
        g: Vec<u8>,
        public: Vec<u8>,
    },
    /// The RSA key of the server's certificate.
    Key(Vec<u8>),
}

/// A signature that has not been verified yet.
pub(crate) struct Signed {
    /// See [`signed_message`].
    pub(crate) message: Vec<u8>,
    pub(crate) scheme: SignatureScheme,
    pub(crate) signature: Vec<u8>,
}

impl ServerShare {
    /// Reads ServerKeyExchange.
    pub(crate) fn read(
        kx: &KeyExchange,
        message: RawMessage<'_>,
        policy: &ClientPolicy,
        randoms: &Randoms,
    ) -> Result<Self, HandshakeErrorKind> {
        let mut reader = Reader::at(RawMessage::HEADER_LEN, message.body());
        let message = ServerKeyExchange::decode(kx.algorithm, &mut reader)?;
        reader.finish("end of ServerKeyExchange")?;
        let params = match message.params() {
            None => Params::None,
            Some(ServerParams::Ecdh(params)) => curve(params, policy)?,
            Some(ServerParams::Dh(params)) => field(params, policy)?,
        };
        let signed = match message {
            ServerKeyExchange::SignedParams { params, signature } => Some(Signed {
                message: signed_message(randoms, &params)?,
                scheme: signature.algorithm,
                signature: signature.signature.to_vec(),
            }),
            _ => None,
        };
        // DHE_PSK and ECDHE_PSK always have the field of the hint; an empty one means no hint (RFC 4279
        // section 3).
        let hint = message.psk_identity_hint().filter(|hint| !hint.is_empty()).map(Into::into);
        Ok(Self { params, signed, hint })
    }

    /// The named group of the server's share, if it has one.
    pub(crate) fn group(&self) -> Option<NamedGroup> {
        match &self.params {
            Params::Curve { group, .. } => Some(*group),
            Params::Field { p, g, .. } => ffdhe::name_of(p, g),
            Params::None | Params::Key(_) => None,
        }
    }
}

fn curve(params: ServerEcdhParams<'_>, policy: &ClientPolicy) -> Result<Params, HandshakeErrorKind> {
    let group = params.curve;
    // RFC 8422 section 5.1: the server chooses among "the curves and point formats supported by the client".
    if !policy.groups.contains(&group) || !is_for_ecdhe(group) {
        return Err(HandshakeErrorKind::GroupNotOffered(group));
    }
    Ok(Params::Curve { group, public: params.public.to_vec() })
}

/// A server without support for RFC 7919 chooses any group. Only the size of its prime can be checked
/// (section 3): "The client MAY decide to continue the connection if the selected group is acceptable under
/// local policy, or it MAY decide to terminate the connection with a fatal insufficient_security(71) alert."
fn field(params: ServerDhParams<'_>, policy: &ClientPolicy) -> Result<Params, HandshakeErrorKind> {
    let bits = u32::try_from(ffdhe::bits(params.dh_p)).unwrap_or(u32::MAX);
    let accepted = &policy.tls12.finite_field_bits;
    let (min, max) = (*accepted.start(), *accepted.end());
    if bits < u32::from(min) {
        return Err(HandshakeErrorKind::FieldTooSmall { bits, min });
    }
    if bits > u32::from(max) {
        return Err(HandshakeErrorKind::FieldTooLarge { bits, max });
    }
    Ok(Params::Field { p: params.dh_p.to_vec(), g: params.dh_g.to_vec(), public: params.dh_ys.to_vec() })
}

/// Sends ClientKeyExchange and returns the premaster secret.
pub(crate) fn client_key_exchange(
    kx: &KeyExchange,
    params: &Params,
    psk: Option<&Psk>,
    policy: &ClientPolicy,
    evidence: &mut KeyExchangeEvidence,
    transcript: &mut Transcript,
    out: &mut Out<'_>,
) -> Result<SecretBytes, HandshakeErrorKind> {
    let provider = &policy.provider;
    let rng = &mut provider.rng();
    let (ours, secret): (Vec<u8>, Option<SecretBytes>) = match params {
        Params::None => (Vec::new(), None),
        Params::Curve { group, public } => {
            let made =
                provider.group(*group).ok_or(HandshakeErrorKind::NotInProvider)?.encapsulate(public, rng)?;
            evidence.key_exchange_bits = strength::of_curve(*group);
            (made.share, Some(made.secret))
        }
        Params::Field { p, g, public } => {
            let field = provider.finite_field.as_ref().ok_or(HandshakeErrorKind::NotInProvider)?;
            let made = field.encapsulate(FiniteFieldGroup { p, g }, public, rng).map_err(bad_field_share)?;
            evidence.key_exchange_bits = strength::of_modulus(ffdhe::bits(p));
            (made.share, Some(premaster::strip(&made.secret)))
        }
        Params::Key(key) => {
            let rsa = provider.rsa_encryption.as_ref().ok_or(HandshakeErrorKind::NotInProvider)?;
            // The version of our ClientHello.client_version.
            let secret = premaster::random(ProtocolVersion::TLS_1_2, provider)?;
            let encrypted = rsa.encrypt(key, secret.expose(), rng).map_err(bad_key)?;
            evidence.set_encrypted(encrypted.len());
            (encrypted, Some(SecretBytes::from(&secret.expose()[..])))
        }
    };
    if let Some(psk) = psk {
        evidence.set_psk(psk.key.len(), kx.agreement == KeyAgreement::None);
    }
    let message = ClientKeyExchange {
        psk_identity: psk.map(|psk| psk.identity.as_slice()),
        exchange_keys: ExchangeKeys::new(kx.agreement, &ours),
    };
    out.send(transcript, &message)?;
    match (psk, secret) {
        (Some(psk), other) => premaster::with_psk(other.as_ref(), &psk.key),
        (None, Some(secret)) => Ok(secret),
        (None, None) => Err(HandshakeErrorKind::NotInProvider),
    }
}

/// RFC 7919 sections 3 and 4: "If dh_Ys is not in this range, the client MUST terminate the connection with a
/// fatal handshake_failure(40) alert", and the server likewise for dh_Yc. A point that is not on its curve is
/// `illegal_parameter`.
pub(super) fn bad_field_share(error: CryptoError) -> HandshakeErrorKind {
    match error {
        CryptoError::BadPeerShare => HandshakeErrorKind::BadFieldShare,
        other => other.into(),
    }
}

/// A key that cannot encrypt is an error of the certificate.
fn bad_key(error: CryptoError) -> HandshakeErrorKind {
    match error {
        CryptoError::BadPeerShare | CryptoError::InputTooLong => HandshakeErrorKind::KeyMayNotEncrypt,
        other => other.into(),
    }
}
