//! Everything that `cairn-x509` reads: certificates, OCSP responses, keys, PEM files, names, and chains of a
//! peer.

use crate::world::{NOW, identity, name, ocsp_response, provider, rewind, roots};
use cairn_crypto::PrivateKeyDer;
use cairn_tls::Side;
use cairn_tls::x509::{
    CertificateFacts, ChainVerifier, Roots, ServerName, Stapling, end_point::tls_server_end_point, facts,
    ocsp, pem, raw_key,
};
use std::sync::OnceLock;

fn verifier() -> &'static ChainVerifier {
    static MADE: OnceLock<ChainVerifier> = OnceLock::new();
    MADE.get_or_init(|| ChainVerifier::new(provider(Side::Client), roots()))
}

/// The trusted chain. An input replaces one certificate at a time.
fn chain() -> Vec<&'static [u8]> {
    identity(Side::Server).chain().collect()
}

/// The first byte determines what the rest is parsed as.
///
/// # Panics
/// If an encoding of a parsed value differs from the input, or a chain is trusted that is not one of ours.
pub fn run(input: &[u8]) {
    rewind();
    let Some((what, bytes)) = input.split_first() else { return };
    let provider = provider(Side::Client);
    match what % 10 {
        0 => {
            let facts = CertificateFacts::from_der(bytes);
            if let Ok(facts) = &facts {
                let _valid = facts.check_validity(NOW.as_secs());
                assert!(!format!("{facts:?}").is_empty());
            }
            let _issuer = facts::issuer_name(bytes);
            let _own = facts::is_self_signed(bytes, provider);
            let _bound = tls_server_end_point(bytes, provider);
        }
        1 => {
            if let Ok(statements) = ocsp::statements(bytes) {
                // At least three hashes, a serial number and two dates.
                assert!(statements.len() * 20 <= bytes.len());
            }
        }
        2 => {
            if let Ok(certificates) = pem::certificates(bytes) {
                for der in &certificates {
                    let again = pem::certificates(pem::encode_certificate(der).as_bytes()).unwrap();
                    assert_eq!(again, [der.as_slice()]);
                }
            }
            let mut roots = Roots::new();
            let _read = cairn_tls::x509::Crls::new().add_pem(bytes);
            if let Ok(file) = roots.add_pem(bytes) {
                assert!(file.added >= roots.authorities());
            }
        }
        3 => {
            if let Ok(keys) = pem::public_keys(bytes) {
                for spki in &keys {
                    let again = pem::public_keys(pem::encode_public_key(spki).as_bytes()).unwrap();
                    assert_eq!(again, [spki.as_slice()]);
                }
            }
            if let Ok(key) = pem::private_key(bytes) {
                assert_eq!(pem::private_key(key.to_pem().as_bytes()).as_ref(), Ok(&key));
            }
        }
        4 => {
            if let Ok(key) = raw_key::decode(bytes)
                && let Some(spki) = raw_key::encode(&key)
            {
                assert_eq!(raw_key::decode(&spki), Ok(key));
            }
        }
        5 => {
            for key in [PrivateKeyDer::Pkcs8(bytes), PrivateKeyDer::Pkcs1(bytes), PrivateKeyDer::Sec1(bytes)]
            {
                let _key = provider.keys.load(key);
                let _key = provider.keys.load_decrypting(key);
            }
        }
        6 => {
            let mut roots = Roots::new();
            if roots.add_der(bytes).is_ok() {
                assert!(roots.trusts_exactly(bytes) || roots.authorities() == 1);
                assert_eq!(roots.authority_names().len(), roots.authorities());
            }
        }
        7 => {
            let mut chain = chain();
            let honest = chain.contains(&bytes);
            chain[0] = bytes;
            let verified = verifier().verify_server(&chain, &name(), NOW.as_secs());
            assert!(verified.is_err() || honest, "trusted, and none of ours");
            chain.push(bytes);
            chain.remove(0);
            let _verified = verifier().verify_client(&chain, NOW.as_secs());
        }
        8 => {
            let verified =
                verifier().verify_stapled(&chain(), &name(), Stapling::Require, Some(bytes), NOW.as_secs());
            // The included certificates are not signed, so they may differ.
            let ours = ocsp::statements(ocsp_response_of_ours());
            assert!(verified.is_err() || ocsp::statements(bytes) == ours, "believed, and none of ours");
        }
        _ => {
            if let Ok(text) = core::str::from_utf8(bytes)
                && let Ok(name) = ServerName::parse(text)
            {
                assert_eq!(ServerName::parse(&name.to_string()), Ok(name));
            }
        }
    }
}

fn ocsp_response_of_ours() -> &'static [u8] {
    static MADE: OnceLock<Vec<u8>> = OnceLock::new();
    MADE.get_or_init(|| {
        rewind();
        ocsp_response()
    })
}

macro_rules! files {
    ($folder:literal: $($name:literal),*) => {
        [$(include_bytes!(concat!("../../crates/", $folder, "/", $name)).as_slice()),*]
    };
}

/// Our own certificates, keys and responses, and those of other crates' tests.
///
/// # Panics
/// Never: our identities have keys.
#[must_use]
pub fn seeds() -> Vec<Vec<u8>> {
    let mut seeds = Vec::new();
    let mut put = |what: &[u8], bytes: &[u8]| {
        if bytes.len() < 4000 {
            what.iter().for_each(|what| seeds.push([&[*what], bytes].concat()));
        }
    };
    for file in files!("x509/tests/fixtures": "root.pem", "intermediate.pem", "leaf.pem",
        "leaf.with-text.pem", "self-signed.pem", "leaf-ed25519.pem", "leaf-of-pss.pem", "leaf-pss-signed.pem",
        "leaf-critical.pem", "leaf-ed448.pem", "root-pss.pem", "leaf.key.pem", "rsa.pkcs1.pem",
        "encrypted.pkcs8.pem",
        "encrypted.traditional.pem", "ec.with-parameters.pem")
    {
        put(&[2, 3], file);
        for der in pem::certificates(file).unwrap_or_default() {
            put(&[0, 6, 7], &der);
        }
    }
    for file in files!("provider-aws-lc/tests/keys": "ec-p256.pkcs8.der", "ec-p384.pkcs8.der",
        "ec-p521.sec1.der", "ed25519.pkcs8.der", "rsa-2048.pkcs1.der", "rsa-2048.pkcs8.der",
        "pss-sha384.pkcs8.der", "x25519.pkcs8.der", "ec-explicit.pkcs8.der", "rsa-1024.pkcs8.der")
    {
        put(&[5], file);
    }
    for side in [Side::Client, Side::Server] {
        identity(side).chain().for_each(|der| put(&[0, 6, 7], der));
        let spki = raw_key::encode(identity(side).signing_key().public_key()).unwrap();
        put(&[4], &spki);
        put(&[3], pem::encode_public_key(&spki).as_bytes());
    }
    put(&[1, 8], ocsp_response_of_ours());
    for name in ["server.test", "*.server.test", "127.0.0.1", "::1", "xn--bcher-kva.example.", "a..b"] {
        put(&[9], name.as_bytes());
    }
    seeds
}
