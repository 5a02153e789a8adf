//! Providers, policies and credentials.

use cairn_crypto::{KeySpec, PrivateKeyDer, Provider, PublicKey, SigningKey};
use cairn_handshake::{CertificateChain, ClientPolicy, Credential, Item, Policy, ServerPolicy};
use cairn_schedule::{Grade, SUITES, Tls12Suite};
use std::{
    collections::BTreeMap,
    sync::{Arc, Mutex, OnceLock},
};

/// The suites of a default configuration.
pub fn modern_suites() -> impl Iterator<Item = &'static Tls12Suite> {
    SUITES.iter().filter(|suite| suite.grade() == Grade::Modern && !suite.uses_psk())
}

/// The default provider, for operations that belong to neither side.
pub fn provider() -> Provider {
    cairn_provider_aws_lc::provider()
}

/// The client's provider.
pub fn client_provider() -> Provider {
    by_environment(0)
}

/// The server's provider.
pub fn server_provider() -> Provider {
    by_environment(1)
}

/// `CAIRN_TEST_PROVIDERS=client,server` selects the provider of each side: `aws-lc` or `rustcrypto`. Without
/// it, both use the first.
fn by_environment(end: usize) -> Provider {
    let Ok(names) = std::env::var("CAIRN_TEST_PROVIDERS") else { return provider() };
    let names: Vec<&str> = names.split(',').collect();
    assert_eq!(names.len(), 2, "CAIRN_TEST_PROVIDERS: expected client,server");
    match names[end] {
        "aws-lc" => cairn_provider_aws_lc::provider(),
        "rustcrypto" => cairn_provider_rustcrypto::provider(),
        other => panic!("CAIRN_TEST_PROVIDERS: no provider {other:?}"),
    }
}

pub fn client_policy() -> ClientPolicy {
    let mut policy = ClientPolicy::tls12_only(Policy::Modern, client_provider());
    policy.record_size_limit = None;
    policy.status_request = true;
    policy.signed_certificate_timestamps = true;
    policy.resumption.as_mut().unwrap().unverified_peers = true;
    policy.padding = false;
    policy.resumption.as_mut().unwrap().tickets = false;
    policy
}

pub fn server_policy() -> ServerPolicy {
    let mut policy = ServerPolicy::tls12_only(Policy::Modern, server_provider());
    policy.record_size_limit = None;
    policy.resumption.as_mut().unwrap().unverified_peers = true;
    policy
}

/// Every kind of key that a credential can have.
pub const KEY_SPECS: [KeySpec; 5] =
    [KeySpec::EcP256, KeySpec::EcP384, KeySpec::EcP521, KeySpec::Ed25519, KeySpec::Rsa { bits: 2048 }];

/// A key with an arbitrary chain, which the machine does not parse. There is one for each kind.
pub fn credential(spec: KeySpec) -> (Arc<Credential>, PublicKey) {
    type Made = Mutex<BTreeMap<String, (Arc<Credential>, PublicKey)>>;
    static MADE: OnceLock<Made> = OnceLock::new();
    let mut made = MADE.get_or_init(Made::default).lock().unwrap();
    made.entry(format!("{spec:?}")).or_insert_with(|| new_credential(spec)).clone()
}

fn new_credential(spec: KeySpec) -> (Arc<Credential>, PublicKey) {
    let provider = server_provider();
    let der = provider.keys.generate(spec, &mut provider.rng()).unwrap();
    let key: Arc<dyn SigningKey> = provider.keys.load(PrivateKeyDer::Pkcs8(der.expose())).unwrap();
    let public = key.public_key().clone();
    let chain = CertificateChain::new(&[b"end entity", b"intermediate"]).unwrap();
    let mut credential = Credential::new(chain, key);
    if let Ok(decrypting) = provider.keys.load_decrypting(PrivateKeyDer::Pkcs8(der.expose())) {
        credential = credential.with_decrypting_key(decrypting);
    }
    (Arc::new(credential), public)
}

/// The OCSP response of the tests' servers.
pub const OCSP_RESPONSE: &[u8] = b"an OCSP response";

/// The certificate timestamps of the tests' servers.
pub const TIMESTAMPS: [&[u8]; 2] = [b"one", b"another"];
