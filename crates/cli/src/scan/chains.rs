//! The assessment of certificate chains.

use super::{facts::ChainFacts, seen::SeenChain};
use cairn_tls::{
    ChainError, Clock, Provider, ServerName, Stapling, SystemClock,
    crypto::HashAlgorithm,
    x509::{CertificateFacts, ChainVerifier, Roots, facts, ocsp},
};

/// Assesses chains by these roots, for this name, at the present time.
pub(super) fn assess(
    chains: &[SeenChain],
    provider: &Provider,
    roots: Roots,
    name: &ServerName,
) -> Vec<ChainFacts> {
    let verifier = ChainVerifier::new(provider, roots);
    let now = SystemClock.now().as_secs();
    chains.iter().map(|chain| one(chain, &verifier, provider, name, now)).collect()
}

fn one(
    chain: &SeenChain,
    verifier: &ChainVerifier,
    provider: &Provider,
    name: &ServerName,
    now: u64,
) -> ChainFacts {
    let ders: Vec<&[u8]> = chain.certificates.iter().map(Vec::as_slice).collect();
    let ocsp = chain.ocsp.as_deref().filter(|response| !response.is_empty());
    let error = verifier.verify_stapled(&ders, name, Stapling::Check, ocsp, now).err();
    let mut errors = Vec::from_iter(error);
    if let Some(other) = error.and_then(|_| of_leaf(&ders, provider, name, now))
        && errors.iter().all(|error| error.reason != other.reason)
    {
        errors.push(other);
    }
    let digest =
        provider.hash(HashAlgorithm::Sha256).and_then(|hash| facts::fingerprint(ders.first()?, &**hash).ok());
    let hex = digest.map(|digest| digest.as_ref().iter().map(|byte| format!("{byte:02x}")).collect());
    ChainFacts {
        versions: chain.versions.clone(),
        certificates: ders.iter().filter_map(|der| CertificateFacts::from_der(der).ok()).collect(),
        fingerprint: hex.unwrap_or_default(),
        errors,
        ocsp: ocsp.map(|response| ocsp::statements(response).unwrap_or_default()),
        now,
    }
}

/// What is wrong with the server's own certificate, such as its name, apart from its issuer.
fn of_leaf(chain: &[&[u8]], provider: &Provider, name: &ServerName, now: u64) -> Option<ChainError> {
    let mut roots = Roots::new();
    roots.add_exactly_der(chain.first()?).ok()?;
    ChainVerifier::new(provider, roots).verify_server(chain, name, now).err()
}
