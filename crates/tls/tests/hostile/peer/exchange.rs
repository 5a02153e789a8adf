//! Certificates and the exchange of keys, as either side.

use super::{
    Peer,
    client::{encode, message},
};
use crate::{
    flows::{FFDHE2048, PSK, PSK_IDENTITY},
    support::{provider, server_identity},
};
use cairn_crypto::{FiniteFieldGroup, KeyKind, Secret};
use cairn_tls::{
    wire::{
        Asn1Cert, Certificate, ClientKeyExchange, DigitallySigned, Encode, HandshakeType,
        KeyExchangeAlgorithm as Kx, List, ServerDhParams, ServerEcdhParams, ServerKeyExchange,
        SignatureScheme, Writer,
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

    /// The server's half (RFC 5246 section 7.4.3), where there is one.
    pub(super) fn server_key_exchange(&mut self) -> Option<Vec<u8>> {
        let (kx, rng) = (self.kx(), &mut provider().rng());
        let identity_hint = self.flow.hint;
        let exchange = match kx {
            Kx::Rsa => return None,
            Kx::Psk | Kx::RsaPsk if identity_hint.is_empty() => return None,
            Kx::Psk => encode(&ServerKeyExchange::Psk { identity_hint }),
            Kx::RsaPsk => encode(&ServerKeyExchange::RsaPsk { identity_hint }),
            Kx::Dhe | Kx::DhAnon | Kx::DhePsk => {
                let group = FiniteFieldGroup { p: &FFDHE2048, g: &[2] };
                let field = provider().finite_field.as_ref().unwrap();
                let key = until_plain(|| field.generate(group, rng).unwrap(), |key| key.share());
                let params = ServerDhParams { dh_p: group.p, dh_g: group.g, dh_ys: key.share() };
                let bytes = encode_params(&params);
                let made = match kx {
                    Kx::Dhe => self.signed(&bytes),
                    Kx::DhAnon => encode(&ServerKeyExchange::DhAnon { params }),
                    _ => encode(&ServerKeyExchange::DhePsk { identity_hint, params }),
                };
                self.ephemeral = Some(key);
                made
            }
            _ => {
                let key = provider().group(self.flow.group).unwrap().generate(rng).unwrap();
                let params = ServerEcdhParams { curve: self.flow.group, public: key.share() };
                let bytes = encode_params(&params);
                let made = match kx {
                    Kx::Ecdhe => self.signed(&bytes),
                    Kx::EcdhAnon => encode(&ServerKeyExchange::EcdhAnon { params }),
                    _ => encode(&ServerKeyExchange::EcdhePsk { identity_hint, params }),
                };
                self.ephemeral = Some(key);
                made
            }
        };
        Some(exchange)
    }

    /// ServerKeyExchange of these parameters, signed with both randoms.
    fn signed(&self, params: &[u8]) -> Vec<u8> {
        let key = self.flow.own_identity.unwrap().signing_key();
        let algorithm = match key.public_key().kind {
            KeyKind::Ed25519 => SignatureScheme::ED25519,
            _ => SignatureScheme::RSA_PKCS1_SHA256,
        };
        let text = [&self.agreed.client_random[..], &self.agreed.server_random, params].concat();
        let signature = &*key.sign(algorithm, &text, &mut provider().rng()).unwrap();
        let mut body = params.to_vec();
        DigitallySigned { algorithm, signature }.encode(&mut Writer::vec(&mut body)).unwrap();
        message(HandshakeType::SERVER_KEY_EXCHANGE, &body)
    }

    /// Signs parameters that have been changed, if they can still be told from the signature.
    pub(super) fn sign_anew(&self, exchange: &mut Vec<u8>) {
        let Ok(read) = ServerKeyExchange::decode_exact(self.kx(), &exchange[4..]) else { return };
        if let ServerKeyExchange::Ecdhe { params_bytes, .. } | ServerKeyExchange::Dhe { params_bytes, .. } =
            read
        {
            *exchange = self.signed(params_bytes);
        }
    }

    /// The client's half (RFC 5246 section 7.4.7), and with it the premaster secret.
    pub(super) fn client_key_exchange(&mut self) -> Vec<u8> {
        let (kx, rng) = (self.kx(), &mut provider().rng());
        let theirs = core::mem::take(&mut self.heard.server_key_exchange);
        let identity = PSK_IDENTITY;
        let (public, secret) = match kx {
            Kx::Psk => (vec![], vec![]),
            Kx::Rsa | Kx::RsaPsk => {
                let key = server_identity(crate::support::Kind::Rsa).signing_key();
                let mut secret = [7; 48];
                secret[..2].copy_from_slice(&[3, 3]);
                let rsa = provider().rsa_encryption.as_ref().unwrap();
                (rsa.encrypt(&key.public_key().bits, &secret, rng).unwrap(), secret.to_vec())
            }
            _ => match ServerKeyExchange::decode_exact(kx, &theirs).unwrap() {
                ServerKeyExchange::Ecdhe { params, .. }
                | ServerKeyExchange::EcdhAnon { params }
                | ServerKeyExchange::EcdhePsk { params, .. } => {
                    let group = provider().group(params.curve).unwrap();
                    let made = group.encapsulate(params.public, rng).unwrap();
                    (made.share, made.secret.expose().to_vec())
                }
                ServerKeyExchange::Dhe { params, .. }
                | ServerKeyExchange::DhAnon { params }
                | ServerKeyExchange::DhePsk { params, .. } => {
                    let group = FiniteFieldGroup { p: params.dh_p, g: params.dh_g };
                    let field = provider().finite_field.as_ref().unwrap();
                    let made = || field.encapsulate(group, params.dh_ys, rng).unwrap();
                    let made = until_plain(made, |made| &made.share);
                    (made.share, without_zeros(made.secret.expose()))
                }
                other => panic!("{other:?}"),
            },
        };
        self.set_premaster(secret);
        let public = &*public;
        encode(&match kx {
            Kx::Rsa => ClientKeyExchange::Rsa { encrypted_premaster: public },
            Kx::Dhe | Kx::DhAnon => ClientKeyExchange::Dhe { public },
            Kx::Ecdhe | Kx::EcdhAnon => ClientKeyExchange::Ecdhe { public },
            Kx::DhePsk => ClientKeyExchange::DhePsk { identity, public },
            Kx::RsaPsk => ClientKeyExchange::RsaPsk { identity, encrypted: public },
            Kx::EcdhePsk => ClientKeyExchange::EcdhePsk { identity, public },
            _ => ClientKeyExchange::Psk { identity },
        })
    }

    /// The client's share in an honest exchange.
    pub(super) fn take_client_key_exchange(&mut self, body: &[u8]) {
        let agree = |ephemeral: &mut Option<Box<dyn cairn_crypto::EphemeralKey>>, public: &[u8]| {
            let key = ephemeral.take().expect("one exchange for each handshake");
            // If the announced share was changed, there is no common secret.
            key.agree(public).map(|secret| secret.expose().to_vec()).unwrap_or_default()
        };
        let secret = match ClientKeyExchange::decode_exact(self.kx(), body).unwrap() {
            ClientKeyExchange::Ecdhe { public } | ClientKeyExchange::EcdhePsk { public, .. } => {
                agree(&mut self.ephemeral, public)
            }
            ClientKeyExchange::Dhe { public } | ClientKeyExchange::DhePsk { public, .. } => {
                without_zeros(&agree(&mut self.ephemeral, public))
            }
            ClientKeyExchange::Rsa { encrypted_premaster: encrypted }
            | ClientKeyExchange::RsaPsk { encrypted, .. } => {
                let der = server_identity(crate::support::Kind::Rsa).key().as_der();
                let key = provider().keys.load_decrypting(der).unwrap();
                let none = Secret::from(&[0; 48]);
                let made = key.decrypt_premaster(encrypted, [3, 3], &none, &mut provider().rng()).unwrap();
                made.expose().to_vec()
            }
            ClientKeyExchange::Psk { .. } => vec![],
        };
        self.set_premaster(secret);
    }

    /// With a pre-shared key, both (RFC 4279 section 2).
    fn set_premaster(&mut self, secret: Vec<u8>) {
        self.premaster = match self.kx() {
            Kx::Psk => with_psk(&vec![0; PSK.len()]),
            Kx::DhePsk | Kx::RsaPsk | Kx::EcdhePsk => with_psk(&secret),
            _ => secret,
        };
    }
}

/// A number that begins neither with 0 nor with 255, whose shorter and longer forms mean the same in every run.
fn until_plain<T>(mut make: impl FnMut() -> T, share: impl Fn(&T) -> &[u8]) -> T {
    loop {
        let made = make();
        let number = share(&made);
        if number.len() == FFDHE2048.len() && !matches!(number[0], 0 | 0xff) {
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

fn encode_params<P: Encode>(params: &P) -> Vec<u8> {
    let mut bytes = Vec::new();
    params.encode(&mut Writer::vec(&mut bytes)).unwrap();
    bytes
}
