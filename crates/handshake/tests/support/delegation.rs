//! Delegated credentials (RFC 9345) for pairs of TLS 1.3.

use super::{
    end::End,
    pairs::{tls13_mutual_pair, tls13_pair},
    settings::credential,
};
use KeySpec::{EcP256, Ed25519};
use cairn_crypto::{KeySpec, PublicKey};
use cairn_handshake::{ClientPolicy, Credential, DelegatedCredential, ServerPolicy};
use cairn_wire::{self as wire, Encode, SignatureScheme as S, Writer};
use std::sync::Arc;

/// The fields of a delegated credential that tests change.
#[derive(Clone)]
pub struct Fields {
    pub scheme: S,
    pub key: PublicKey,
    pub algorithm: S,
}

impl Fields {
    /// The encoded credential. The machine looks only at the end of a SubjectPublicKeyInfo, and not at the
    /// signature.
    pub fn encode(&self) -> Vec<u8> {
        let spki = [b"an algorithm", self.key.bits.as_slice()].concat();
        let credential = wire::DelegatedCredential {
            valid_time: 7,
            dc_cert_verify_algorithm: self.scheme,
            asn1_subject_public_key_info: &spki,
            algorithm: self.algorithm,
            signature: &[1; 64],
        };
        let mut out = Vec::new();
        credential.encode(&mut Writer::vec(&mut out)).unwrap();
        out
    }
}

/// A delegated credential for an Ed25519 key, which a key on P-256 has signed.
pub fn delegated() -> (Arc<Credential>, Fields) {
    let (own, key) = credential(Ed25519);
    let fields = Fields { scheme: S::ED25519, key, algorithm: S::ECDSA_SECP256R1_SHA256 };
    let decoded = DelegatedCredential::decode(&fields.encode()).unwrap();
    (Arc::new(Credential::clone(&own).with_delegated_credential(decoded)), fields)
}

/// Gives the server a delegated credential, which the client expects.
pub fn to_server((mut client, mut server): (End, End)) -> (End, End) {
    let (credential, fields) = delegated();
    server.credential = Some(credential);
    client.peer_key = Some(fields.key);
    (client, server)
}

/// Gives the client a delegated credential, which the server expects.
pub fn to_client((mut client, mut server): (End, End)) -> (End, End) {
    let (credential, fields) = delegated();
    client.credential = Some(credential);
    server.peer_key = Some(fields.key);
    (client, server)
}

pub fn client_accepts(policy: &mut ClientPolicy) {
    policy.tls13.delegated_credential_schemes = vec![S::ECDSA_SECP384R1_SHA384, S::ED25519];
}

pub fn server_accepts(policy: &mut ServerPolicy) {
    policy.tls13.delegated_credential_schemes = vec![S::ECDSA_SECP384R1_SHA384, S::ED25519];
}

/// A pair whose server has a delegated credential and whose client accepts it.
pub fn delegated_pair() -> (End, End) {
    to_server(tls13_pair(EcP256, client_accepts, |_| {}))
}

/// A pair whose client has a delegated credential and whose server requires a certificate and accepts it.
pub fn delegated_mutual_pair() -> (End, End) {
    to_client(tls13_mutual_pair(EcP256, |_| {}, server_accepts))
}
