//! The assessment of certificate chains.

use super::{facts::ChainFacts, seen::SeenChain};
use cairn_tls::{
    Clock, Provider, ServerName, Stapling, SystemClock,
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
    let digest =
        provider.hash(HashAlgorithm::Sha256).and_then(|hash| facts::fingerprint(ders.first()?, &**hash).ok());
    let hex = digest.map(|digest| digest.as_ref().iter().map(|byte| format!("{byte:02x}")).collect());
    ChainFacts {
        versions: chain.versions.clone(),
        certificates: ders.iter().filter_map(|der| CertificateFacts::from_der(der).ok()).collect(),
        fingerprint: hex.unwrap_or_default(),
        error,
        ocsp: ocsp.map(|response| ocsp::statements(response).unwrap_or_default()),
        now,
    }
}
