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
    let mut versions = chain.versions.clone();
    versions.sort_unstable_by_key(|version| core::cmp::Reverse(*version));
    ChainFacts {
        versions,
        certificates: certificates(&ders),
        fingerprint: hex.unwrap_or_default(),
        errors,
        ocsp: ocsp.map(|response| ocsp::statements(response).unwrap_or_default()),
        now,
    }
}

/// The facts about the certificates, without malformed ones; none if the server's own is malformed.
fn certificates(chain: &[&[u8]]) -> Vec<CertificateFacts> {
    let mut all = chain.iter().map(|der| CertificateFacts::from_der(der).ok());
    match all.next().flatten() {
        Some(own) => core::iter::once(own).chain(all.flatten()).collect(),
        None => Vec::new(),
    }
}

/// The fault of the server's own certificate apart from its issuer, such as a wrong name.
fn of_leaf(chain: &[&[u8]], provider: &Provider, name: &ServerName, now: u64) -> Option<ChainError> {
    let mut roots = Roots::new();
    roots.add_exactly_der(chain.first()?).ok()?;
    ChainVerifier::new(provider, roots).verify_server(chain, name, now).err()
}

#[cfg(all(test, any(feature = "aws-lc", feature = "rustcrypto")))]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use cairn_tls::{crypto::KeySpec, wire::ProtocolVersion, x509::issue::Template};

    #[test]
    fn other_certificates_do_not_stand_for_a_malformed_own_one() {
        let provider = cairn_tls::default_provider();
        let now = SystemClock.now().as_secs();
        let ca =
            Template::authority("CA").valid(now, now + 60).self_signed(&provider, KeySpec::EcP256).unwrap();
        let (der, junk) = (ca.certificate(), &b"junk"[..]);
        assert_eq!(certificates(&[der, junk, der]).len(), 2);
        assert!(certificates(&[junk, der]).is_empty());

        let seen = SeenChain {
            certificates: vec![junk.to_vec(), der.to_vec()],
            versions: vec![ProtocolVersion::TLS_1_0, ProtocolVersion::TLS_1_2],
            ocsp: None,
        };
        let name = ServerName::parse("localhost").unwrap();
        let assessed = assess(&[seen], &provider, Roots::new(), &name);
        let chain = assessed.first().unwrap();
        assert_eq!(chain.versions, [ProtocolVersion::TLS_1_2, ProtocolVersion::TLS_1_0]);
        assert!(!chain.errors.is_empty() && chain.fingerprint.len() == 64);
    }
}
