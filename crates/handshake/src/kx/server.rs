//! The server's side of a key exchange: sends ServerKeyExchange and reads ClientKeyExchange.

use super::{
    Agreement, KeyExchange, Said,
    client::bad_field_share,
    ffdhe::{self, Ffdhe},
    premaster,
};
use crate::{Credential, HandshakeErrorKind, Origin, RawMessage, security::strength};
use alloc::{boxed::Box, sync::Arc, vec::Vec};
use cairn_crypto::{EphemeralKey, Provider, SecretBytes};
use cairn_schedule::Randoms;
use cairn_wire::{
    ClientKeyExchange, DigitallySigned, Encode, KeyExchangeAlgorithm as Algorithm, NamedGroup, Reader,
    ServerDhParams, ServerEcdhParams, ServerKeyExchange, Writer,
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
            Agreement::None => Self::None,
            Agreement::Curve => {
                let group = named()?;
                let agreement = provider.group(group).ok_or(HandshakeErrorKind::NotInProvider)?;
                Self::Curve { group, key: agreement.generate(&mut provider.rng())? }
            }
            Agreement::Field => {
                let group = ffdhe::by_name(named()?).ok_or(HandshakeErrorKind::NotInProvider)?;
                let field = provider.finite_field.as_ref().ok_or(HandshakeErrorKind::NotInProvider)?;
                Self::Field { group, key: field.generate(group.group(), &mut provider.rng())? }
            }
            Agreement::Encrypted => {
                Self::Key(Arc::clone(credential.ok_or(HandshakeErrorKind::NoCredential)?))
            }
        })
    }

    fn curve(&self) -> Result<ServerEcdhParams<'_>, HandshakeErrorKind> {
        match self {
            Self::Curve { group, key } => Ok(ServerEcdhParams { curve: *group, public: key.share() }),
            _ => Err(HandshakeErrorKind::NotInProvider),
        }
    }

    fn field(&self) -> Result<ServerDhParams<'_>, HandshakeErrorKind> {
        match self {
            Self::Field { group, key } => {
                let field = group.group();
                Ok(ServerDhParams { dh_p: field.p, dh_g: field.g, dh_ys: key.share() })
            }
            _ => Err(HandshakeErrorKind::NotInProvider),
        }
    }

    /// The message that ServerKeyExchange signs: both randoms and the parameters (RFC 5246 section 7.4.3, RFC
    /// 8422 section 5.4).
    pub(crate) fn to_be_signed(&self, randoms: &Randoms) -> Result<Vec<u8>, HandshakeErrorKind> {
        let mut message = [randoms.client.0, randoms.server.0].concat();
        let mut writer = Writer::vec(&mut message);
        match self {
            Self::Curve { .. } => self.curve()?.encode(&mut writer)?,
            Self::Field { .. } => self.field()?.encode(&mut writer)?,
            Self::None | Self::Key(_) => {}
        }
        Ok(message)
    }

    /// The ServerKeyExchange message, if the key exchange has one.
    pub(crate) fn message<'a>(
        &'a self,
        kx: &KeyExchange,
        hint: Option<&'a [u8]>,
        signature: Option<DigitallySigned<'a>>,
    ) -> Result<Option<ServerKeyExchange<'a>>, HandshakeErrorKind> {
        match kx.server_key_exchange {
            Said::Never => return Ok(None),
            Said::WithHint if hint.is_none() => return Ok(None),
            Said::WithHint | Said::Always => {}
        }
        let identity_hint = hint.unwrap_or_default();
        let signed = || signature.ok_or(HandshakeErrorKind::NoCredential);
        Ok(Some(match kx.algorithm {
            Algorithm::Ecdhe => {
                ServerKeyExchange::Ecdhe { params: self.curve()?, params_bytes: &[], signature: signed()? }
            }
            Algorithm::EcdhAnon => ServerKeyExchange::EcdhAnon { params: self.curve()? },
            Algorithm::EcdhePsk => ServerKeyExchange::EcdhePsk { identity_hint, params: self.curve()? },
            Algorithm::Dhe => {
                ServerKeyExchange::Dhe { params: self.field()?, params_bytes: &[], signature: signed()? }
            }
            Algorithm::DhAnon => ServerKeyExchange::DhAnon { params: self.field()? },
            Algorithm::DhePsk => ServerKeyExchange::DhePsk { identity_hint, params: self.field()? },
            Algorithm::Psk => ServerKeyExchange::Psk { identity_hint },
            Algorithm::RsaPsk => ServerKeyExchange::RsaPsk { identity_hint },
            _ => return Err(HandshakeErrorKind::NotInProvider),
        }))
    }

    /// Reads ClientKeyExchange. This consumes the ephemeral key.
    pub(crate) fn take(
        self,
        kx: &KeyExchange,
        origin: &mut Origin,
        message: RawMessage<'_>,
    ) -> Result<ClientShare, HandshakeErrorKind> {
        let mut reader = Reader::at(RawMessage::HEADER_LEN, message.body());
        let said = ClientKeyExchange::decode(kx.algorithm, &mut reader)?;
        reader.finish("end of ClientKeyExchange")?;
        let (identity, theirs) = match said {
            ClientKeyExchange::Rsa { encrypted_premaster: theirs }
            | ClientKeyExchange::Dhe { public: theirs }
            | ClientKeyExchange::Ecdhe { public: theirs } => (None, theirs),
            ClientKeyExchange::Psk { identity } => (Some(identity), &[][..]),
            ClientKeyExchange::DhePsk { identity, public: theirs }
            | ClientKeyExchange::RsaPsk { identity, encrypted: theirs }
            | ClientKeyExchange::EcdhePsk { identity, public: theirs } => (Some(identity), theirs),
        };
        let secret = match self {
            Self::None => ClientSecret::None,
            Self::Curve { group, key } => {
                origin.key_exchange_bits = strength::of_curve(group);
                ClientSecret::Agreed(key.agree(theirs)?)
            }
            Self::Field { group, key } => {
                origin.key_exchange_bits = strength::of_modulus(ffdhe::bits(group.group().p));
                ClientSecret::Agreed(premaster::strip(&key.agree(theirs).map_err(bad_field_share)?))
            }
            Self::Key(credential) => {
                origin.set_encrypted(theirs.len());
                ClientSecret::Encrypted(credential, theirs.to_vec())
            }
        };
        Ok(ClientShare { identity: identity.map(Into::into), secret })
    }
}
