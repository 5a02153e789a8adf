//! The fingerprint of a verifier.

use super::ChainVerifier;
use alloc::vec::Vec;
use cairn_crypto::HashAlgorithm;

/// Identifies the layout of the digest, so that another layout has other values.
const LABEL: &[u8] = b"cairn-x509 verifier 1";

/// The fingerprint of `verifier`.
pub(super) fn of(verifier: &ChainVerifier) -> [u8; 32] {
    digest(verifier).unwrap_or_else(|| {
        let mut unique = [0; 32];
        // A provider without randomness cannot complete a handshake, so the value does not matter.
        let _ = verifier.random.fill(&mut unique);
        unique
    })
}

fn digest(verifier: &ChainVerifier) -> Option<[u8; 32]> {
    let sha256 = verifier.hashes.iter().find(|hash| hash.algorithm() == HashAlgorithm::Sha256)?;
    let mut settings = Settings::default();
    settings.list(verifier.roots.anchors().iter().map(|anchor| anchor.der.clone()).collect());
    settings.list(verifier.roots.exact().to_vec());
    settings.list(verifier.algorithms.iter().map(|known| known.name().into_bytes()).collect());
    match &verifier.path_schemes {
        None => settings.one(b"any scheme"),
        Some(schemes) => {
            settings.list(schemes.iter().map(|scheme| scheme.0.to_be_bytes().to_vec()).collect());
        }
    }
    match &verifier.crls {
        None => settings.one(b"no CRLs"),
        Some((crls, policy)) => {
            settings.list(crls.encoded().map(<[u8]>::to_vec).collect());
            settings.one(alloc::format!("{:?} {:?}", policy.stale, policy.unknown).as_bytes());
        }
    }
    let hash = sha256.hash(&[LABEL, &settings.0]).ok()?;
    hash.as_bytes().try_into().ok()
}

/// A list of settings, each with its length in front, so that the encoding is unambiguous.
#[derive(Default)]
struct Settings(Vec<u8>);

impl Settings {
    fn one(&mut self, setting: &[u8]) {
        self.number(setting.len());
        self.0.extend_from_slice(setting);
    }

    /// Adds a set, sorted and without duplicates.
    fn list(&mut self, mut items: Vec<Vec<u8>>) {
        items.sort_unstable();
        items.dedup();
        self.number(items.len());
        for item in &items {
            self.one(item);
        }
    }

    fn number(&mut self, number: usize) {
        self.0.extend_from_slice(&u64::try_from(number).unwrap_or(u64::MAX).to_be_bytes());
    }
}
