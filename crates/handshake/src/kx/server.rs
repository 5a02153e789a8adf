//! The server's side of a key exchange: sends ServerKeyExchange and reads ClientKeyExchange.

use super::{
    KeyExchange,
    client::bad_field_share,
    ffdhe::{self, Ffdhe},
    premaster, signed_message,
};
use crate::{
    credential::Credential, error::HandshakeErrorKind, raw_message::RawMessage,
    security::KeyExchangeEvidence, security::strength,
};
use alloc::{boxed::Box, sync::Arc, vec::Vec};
use cairn_crypto::{EphemeralKey, Provider, SecretBytes};
use cairn_schedule::Randoms;
use cairn_wire::{
    ClientKeyExchange, DigitallySigned, ExchangeKeys, KeyAgreement, NamedGroup, Reader, ServerDhParams,
    ServerEcdhParams, ServerKeyExchange, ServerParams,
};

/// The server's secret of the key exchange.
pub(crate) enum ServerSecret {
    /// A pre-shared key only: the server has no share.
    None,
    Curve {
        group: NamedGroup,
        key: Box<dyn EphemeralKey>,
    },
    Field {
        group: &'static Ffdhe,
        key: Box<dyn EphemeralKey>,
    },
    /// The key of this credential decrypts the premaster secret.
    Key(Arc<Credential>),
}

/// The content of ClientKeyExchange.
pub(crate) struct ClientShare {
    /// The PSK identity.
    pub(crate) identity: Option<Vec<u8>>,
    pub(crate) secret: ClientSecret,
}

/// The shared secret.
pub(crate) enum ClientSecret {
    None,
    Agreed(SecretBytes),
    /// An encrypted premaster secret, and the credential that decrypts it.
    Encrypted(Arc<Credential>, Vec<u8>),
}

impl ServerSecret {
    /// Generates an ephemeral key in this group.
    pub(crate) fn generate(
        kx: &KeyExchange,
        group: Option<NamedGroup>,
        credential: Option<&Arc<Credential>>,
        provider: &Provider,
    ) -> Result<Self, HandshakeErrorKind> {
        let named = || group.ok_or(HandshakeErrorKind::NotInProvider);
        Ok(match kx.agreement {
            KeyAgreement::None => Self::None,
            KeyAgreement::Ecdh => {
                let group = named()?;
                let agreement = provider.group(group).ok_or(HandshakeErrorKind::NotInProvider)?;
                Self::Curve { group, key: agreement.generate(&mut provider.rng())? }
            }
            KeyAgreement::Dh => {
                let group = ffdhe::by_name(named()?).ok_or(HandshakeErrorKind::NotInProvider)?;
                let field = provider.finite_field.as_ref().ok_or(HandshakeErrorKind::NotInProvider)?;
                Self::Field { group, key: field.generate(group.group(), &mut provider.rng())? }
            }
            KeyAgreement::Rsa => Self::Key(Arc::clone(credential.ok_or(HandshakeErrorKind::NoCredential)?)),
        })
    }

    /// The parameters in ServerKeyExchange, if it has any.
    fn params(&self) -> Option<ServerParams<'_>> {
        match self {
            Self::Curve { group, key } => {
                Some(ServerParams::Ecdh(ServerEcdhParams { curve: *group, public: key.share() }))
            }
            Self::Field { group, key } => {
                let field = group.group();
                Some(ServerParams::Dh(ServerDhParams { dh_p: field.p, dh_g: field.g, dh_ys: key.share() }))
            }
            Self::None | Self::Key(_) => None,
        }
    }

    /// The message that a signed ServerKeyExchange signs.
    pub(crate) fn to_be_signed(&self, randoms: &Randoms) -> Result<Vec<u8>, HandshakeErrorKind> {
        let params = self.params().ok_or(HandshakeErrorKind::NotInProvider)?;
        Ok(signed_message(randoms, &params)?)
    }

    /// The ServerKeyExchange message, if the key exchange has one.
    pub(crate) fn message<'a>(
        &'a self,
        kx: &KeyExchange,
        hint: Option<&'a [u8]>,
        signature: Option<DigitallySigned<'a>>,
    ) -> Result<Option<ServerKeyExchange<'a>>, HandshakeErrorKind> {
        Ok(match self.params() {
            // "If no hint is provided, the ServerKeyExchange message is omitted" (RFC
            // 4279 section 2).
            None => hint.filter(|_| kx.psk).map(ServerKeyExchange::Hint),
            // DHE_PSK and ECDHE_PSK always have the field of the hint; an empty one means no hint (RFC 4279
            // section 3).
            Some(params) if kx.psk => {
                Some(ServerKeyExchange::HintAndParams { psk_identity_hint: hint.unwrap_or_default(), params })
            }
            Some(params) if kx.signed => Some(ServerKeyExchange::SignedParams {
                params,
                signature: signature.ok_or(HandshakeErrorKind::NoCredential)?,
            }),
            Some(params) => Some(ServerKeyExchange::Params(params)),
        })
    }

    /// Reads ClientKeyExchange. This consumes the ephemeral key.
    pub(crate) fn take(
        self,
        kx: &KeyExchange,
        evidence: &mut KeyExchangeEvidence,
        message: RawMessage<'_>,
    ) -> Result<ClientShare, HandshakeErrorKind> {
        let mut reader = Reader::at(RawMessage::HEADER_LEN, message.body());
        let message = ClientKeyExchange::decode(kx.algorithm, &mut reader)?;
        reader.finish("end of ClientKeyExchange")?;
        let theirs = message.exchange_keys.as_ref().map_or(&[][..], ExchangeKeys::as_bytes);
        let secret = match self {
            Self::None => ClientSecret::None,
            Self::Curve { group, key } => {
                evidence.key_exchange_bits = strength::of_curve(group);
                ClientSecret::Agreed(key.agree(theirs)?)
            }
            Self::Field { group, key } => {
                evidence.key_exchange_bits = strength::of_modulus(ffdhe::bits(group.group().p));
                ClientSecret::Agreed(premaster::strip(&key.agree(theirs).map_err(bad_field_share)?))
            }
            Self::Key(credential) => {
                evidence.set_encrypted(theirs.len());
                ClientSecret::Encrypted(credential, theirs.to_vec())
            }
        };
        Ok(ClientShare { identity: message.psk_identity.map(Into::into), secret })
    }
}
