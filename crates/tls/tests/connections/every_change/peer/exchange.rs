//! Certificates and key exchange, for both roles.

use super::{Peer, client::encode};
use crate::{
    every_change::flows::{FFDHE2048, PSK, PSK_IDENTITY},
    support::{provider, server_identity},
};
use cairn_crypto::{FiniteFieldGroup, KeyKind, Secret};
use cairn_tls::{
    wire::{
        Asn1Cert, Certificate, ClientKeyExchange, DigitallySigned, Encode, ExchangeKeys, KeyAgreement, List,
        ServerDhParams, ServerEcdhParams, ServerKeyExchange, ServerParams, SignatureScheme,
    },
    x509::raw_key,
};

impl Peer<'_> {
    /// The body of the peer's own Certificate, or its raw public key.
    pub(super) fn own_certificate_body(&self) -> Vec<u8> {
        let Some(identity) = self.flow.own_identity else { return vec![0, 0, 0] };
        if self.flow.raw {
            let spki = raw_key::encode(identity.signing_key().public_key()).unwrap();
            return [&u32::try_from(spki.len()).unwrap().to_be_bytes()[1..], &spki].concat();
        }
        let chain: Vec<Asn1Cert<'_>> = identity.chain().map(Asn1Cert).collect();
        encode(&Certificate { certificate_list: List::from_items(&chain) }).split_off(4)
    }

    /// ServerKeyExchange (RFC 5246 section 7.4.3), if the key exchange has one.
    pub(super) fn server_key_exchange(&mut self) -> Option<Vec<u8>> {
        let (kx, rng) = (self.kx(), &mut provider().rng());
        let parts = kx.parts();
        let hint = self.flow.hint;
        if !parts.has_server_params() && (!parts.psk || hint.is_empty()) {
            return None;
        }
        let key = match parts.agreement {
            KeyAgreement::None | KeyAgreement::Rsa => None,
            KeyAgreement::Dh => {
                let field = provider().finite_field.as_ref().unwrap();
                let key = || field.generate(FiniteFieldGroup { p: &FFDHE2048, g: &[2] }, rng).unwrap();
                Some(until_plain(key, |key| key.share()))
            }
            KeyAgreement::Ecdh => Some(provider().group(self.flow.group).unwrap().generate(rng).unwrap()),
        };
        let params = key.as_ref().map(|key| match parts.agreement {
            KeyAgreement::Dh => {
                ServerParams::Dh(ServerDhParams { dh_p: &FFDHE2048, dh_g: &[2], dh_ys: key.share() })
            }
            _ => ServerParams::Ecdh(ServerEcdhParams { curve: self.flow.group, public: key.share() }),
        });
        let exchange = match params {
            Some(params) if parts.signed => self.signed(params),
            Some(params) if parts.psk => {
                encode(&ServerKeyExchange::HintAndParams { psk_identity_hint: hint, params })
            }
            Some(params) => encode(&ServerKeyExchange::Params(params)),
            None => encode(&ServerKeyExchange::Hint(hint)),
        };
        if key.is_some() {
            self.ephemeral = key;
        }
        Some(exchange)
    }

    /// ServerKeyExchange with these parameters, signed together with both randoms.
    fn signed(&self, params: ServerParams<'_>) -> Vec<u8> {
        let key = self.flow.own_identity.unwrap().signing_key();
        let algorithm = match key.public_key().kind {
            KeyKind::Ed25519 => SignatureScheme::ED25519,
            _ => SignatureScheme::RSA_PKCS1_SHA256,
        };
        let text =
            [&self.agreed.client_random[..], &self.agreed.server_random, &params.to_vec().unwrap()].concat();
        let signature = &*key.sign(algorithm, &text, &mut provider().rng()).unwrap();
        encode(&ServerKeyExchange::SignedParams {
            params,
            signature: DigitallySigned { algorithm, signature },
        })
    }

    /// Signs changed parameters, if they can still be separated from the signature.
    pub(super) fn sign_anew(&self, exchange: &mut Vec<u8>) {
        let Ok(read) = ServerKeyExchange::decode_exact(self.kx(), &exchange[4..]) else { return };
        if let ServerKeyExchange::SignedParams { params, .. } = read {
            *exchange = self.signed(params);
        }
    }

    /// ClientKeyExchange (RFC 5246 section 7.4.7), and the premaster secret.
    pub(super) fn client_key_exchange(&mut self) -> Vec<u8> {
        let (kx, rng) = (self.kx(), &mut provider().rng());
        let theirs = core::mem::take(&mut self.heard.server_key_exchange);
        let parts = kx.parts();
        let params = || ServerKeyExchange::decode_exact(kx, &theirs).unwrap().params().unwrap();
        let (public, secret) = match parts.agreement {
            KeyAgreement::None => (vec![], vec![]),
            KeyAgreement::Rsa => {
                let key = server_identity(crate::support::Kind::Rsa).signing_key();
                let mut secret = [7; 48];
                secret[..2].copy_from_slice(&[3, 3]);
                let rsa = provider().rsa_encryption.as_ref().unwrap();
                (rsa.encrypt(&key.public_key().bits, &secret, rng).unwrap(), secret.to_vec())
            }
            KeyAgreement::Dh | KeyAgreement::Ecdh => match params() {
                ServerParams::Ecdh(params) => {
                    let group = provider().group(params.curve).unwrap();
                    let made = group.encapsulate(params.public, rng).unwrap();
                    (made.share, made.secret.expose().to_vec())
                }
                ServerParams::Dh(params) => {
                    let group = FiniteFieldGroup { p: params.dh_p, g: params.dh_g };
                    let field = provider().finite_field.as_ref().unwrap();
                    let made = || field.encapsulate(group, params.dh_ys, rng).unwrap();
                    let made = until_plain(made, |made| &made.share);
                    (made.share, without_zeros(made.secret.expose()))
                }
            },
        };
        self.set_premaster(secret);
        encode(&ClientKeyExchange {
            psk_identity: parts.psk.then_some(PSK_IDENTITY),
            exchange_keys: ExchangeKeys::new(parts.agreement, &public),
        })
    }

    /// The client's share in an honest exchange.
    pub(super) fn take_client_key_exchange(&mut self, body: &[u8]) {
        let agree = |ephemeral: &mut Option<Box<dyn cairn_crypto::EphemeralKey>>, public: &[u8]| {
            let key = ephemeral.take().expect("one exchange for each handshake");
            // If the announced share was changed, there is no common secret.
            key.agree(public).map(|secret| secret.expose().to_vec()).unwrap_or_default()
        };
        let secret = match ClientKeyExchange::decode_exact(self.kx(), body).unwrap().exchange_keys {
            Some(ExchangeKeys::Ecdh(public)) => agree(&mut self.ephemeral, public),
            Some(ExchangeKeys::Dh(public)) => without_zeros(&agree(&mut self.ephemeral, public)),
            Some(ExchangeKeys::Rsa(encrypted)) => {
                let der = server_identity(crate::support::Kind::Rsa).key().as_der();
                let key = provider().keys.load_decrypting(der).unwrap();
                let none = Secret::from(&[0; 48]);
                let made = key.decrypt_premaster(encrypted, [3, 3], &none, &mut provider().rng()).unwrap();
                made.expose().to_vec()
            }
            None => vec![],
        };
        self.set_premaster(secret);
    }

    /// With a pre-shared key, both (RFC 4279 section 2).
    fn set_premaster(&mut self, secret: Vec<u8>) {
        let parts = self.kx().parts();
        self.premaster = match parts.agreement {
            KeyAgreement::None => with_psk(&vec![0; PSK.len()]),
            _ if parts.psk => with_psk(&secret),
            _ => secret,
        };
    }
}

/// A number whose first byte is from 1 to 127, so that its shorter and longer forms have the same result in
/// every run. If the length before it is one too large, the first byte becomes the length, and with 254 or
/// 255 the message would still end exactly after a signature.
fn until_plain<T>(mut make: impl FnMut() -> T, share: impl Fn(&T) -> &[u8]) -> T {
    loop {
        let made = make();
        let number = share(&made);
        if number.len() == FFDHE2048.len() && matches!(number[0], 1..0x80) {
            return made;
        }
    }
}

fn with_psk(other: &[u8]) -> Vec<u8> {
    let length = |bytes: &[u8]| u16::try_from(bytes.len()).unwrap().to_be_bytes();
    [&length(other)[..], other, &length(PSK), PSK].concat()
}

/// RFC 5246 section 8.1.2.
fn without_zeros(secret: &[u8]) -> Vec<u8> {
    secret.iter().copied().skip_while(|byte| *byte == 0).collect()
}
