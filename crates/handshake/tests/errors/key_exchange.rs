//! Cases about key shares, groups and pre-shared keys.

//! The modification of a handshake for each kind of error.

use crate::case::{Case, P256, default_pair, honest, suite_pair, suite_pair_with, tampered};
use crate::support::{
    edit::{body, client_hello},
    pair,
};
use cairn_crypto::KeySpec;
use cairn_wire::{AlertDescription as A, ExtensionType, HandshakeType as H, NamedGroup};

/// Replaces a number of this many bytes at the end with 1.
fn last_is_one(body: &mut [u8], width: usize) {
    let start = body.len() - width;
    body[start..].fill(0);
    *body.last_mut().unwrap() = 1;
}

#[rustfmt::skip]
pub(crate) fn cases() -> Vec<Case> {
    Vec::from(cases! {
    GroupNotOffered, "P-256 for a client of X25519 and P-384", Some(A::ILLEGAL_PARAMETER), || {
        let groups = vec![NamedGroup::X25519, NamedGroup::SECP384R1];
        tampered(pair(KeySpec::EcP384, |client| client.groups = groups, |_| {}), |wire| {
            body(wire, H::SERVER_KEY_EXCHANGE, |body| body[2] = 23);
        }).0
    };
    GroupNotOffered, "a field for a curve", Some(A::ILLEGAL_PARAMETER), || {
        let with_a_field = vec![NamedGroup::X25519, NamedGroup::SECP256R1, NamedGroup::FFDHE2048];
        tampered(pair(P256, |client| client.groups = with_a_field, |_| {}), |wire| {
            body(wire, H::SERVER_KEY_EXCHANGE, |body| body[1..3].copy_from_slice(&[1, 0]));
        }).0
    };
    BadPeerShare, "a point that is on no curve", Some(A::ILLEGAL_PARAMETER), || {
        let ends = pair(P256, |client| client.groups = vec![NamedGroup::SECP256R1], |_| {});
        tampered(ends, |wire| body(wire, H::CLIENT_KEY_EXCHANGE, |body| body[10] ^= 1)).1
    };
    BadPeerShare, "zero on X25519", Some(A::ILLEGAL_PARAMETER), || {
        tampered(default_pair(), |wire| body(wire, H::CLIENT_KEY_EXCHANGE, |body| body[1..].fill(0))).1
    };
    BadPeerShare, "a share of the wrong length", Some(A::ILLEGAL_PARAMETER), || {
        tampered(default_pair(), |wire| body(wire, H::CLIENT_KEY_EXCHANGE, |body| *body = vec![1, 4])).1
    };
    BadFieldShare, "the server sends 1", Some(A::HANDSHAKE_FAILURE), || {
        tampered(suite_pair("TLS_DH_anon_WITH_AES_128_GCM_SHA256"), |wire| {
            body(wire, H::SERVER_KEY_EXCHANGE, |body| last_is_one(body, 256));
        }).0
    };
    BadFieldShare, "the client sends 1", Some(A::HANDSHAKE_FAILURE), || {
        tampered(suite_pair("TLS_DHE_RSA_WITH_AES_128_GCM_SHA256"), |wire| {
            body(wire, H::CLIENT_KEY_EXCHANGE, |body| last_is_one(body, 256));
        }).1
    };
    FieldTooSmall, "ffdhe2048 for a client that requires 3072 bits", Some(A::INSUFFICIENT_SECURITY), || {
        // A server without support for RFC 7919 chooses any group.
        let ends = suite_pair_with("TLS_DHE_RSA_WITH_AES_128_GCM_SHA256", |client| {
            client.tls12.finite_field_bits = 2049..=8192;
        });
        tampered(ends, |wire| client_hello(wire, |parts| parts.remove(ExtensionType::SUPPORTED_GROUPS))).0
    };
    FieldTooLarge, "ffdhe2048 for a client that accepts only shorter primes", Some(A::ILLEGAL_PARAMETER), || {
        honest(suite_pair_with("TLS_DHE_RSA_WITH_AES_128_GCM_SHA256", |client| {
            client.tls12.finite_field_bits = 0..=2047;
        })).0
    };
    NoPsk, "the client has none", Some(A::HANDSHAKE_FAILURE), || {
        let (mut client, server) = suite_pair("TLS_PSK_WITH_AES_128_GCM_SHA256");
        client.psk = None;
        honest((client, server)).0
    };
    UnknownPskIdentity, "the server has none", Some(A::UNKNOWN_PSK_IDENTITY), || {
        let (client, mut server) = suite_pair("TLS_ECDHE_PSK_WITH_AES_128_GCM_SHA256");
        server.psk = None;
        honest((client, server)).1
    };
    UnknownPskIdentity, "the key is empty", Some(A::UNKNOWN_PSK_IDENTITY), || {
        let (client, mut server) = suite_pair("TLS_RSA_PSK_WITH_AES_128_GCM_SHA256");
        server.psk.as_mut().unwrap().key = cairn_crypto::SecretBytes::new(Vec::new());
        honest((client, server)).1
    };
    })
}
