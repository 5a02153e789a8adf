//! The fingerprint of a verifier.

use crate::{
    crl::{CrlPolicy, Crls},
    trust::Roots,
    verifiers::PkixAlgorithm,
};
use alloc::{sync::Arc, vec::Vec};
use cairn_crypto::{Hash, HashAlgorithm};
use cairn_wire::SignatureScheme;

/// Identifies the raw of the digest, so that another raw has other values.
const LABEL: &[u8] = b"cairn-x509 verifier 1";

/// Everything that a result depends on, apart from the chain and the time.
pub(super) struct Settings<'a> {
    pub(super) roots: &'a Roots,
    pub(super) algorithms: &'a [PkixAlgorithm],
    pub(super) path_schemes: Option<&'a [SignatureScheme]>,
    pub(super) crls: Option<&'a (Crls, CrlPolicy)>,
}

impl Settings<'_> {
    /// The SHA-256 digest of the settings, or `None` if `hashes` lacks SHA-256 or it fails.
    pub(super) fn digest(&self, hashes: &[Arc<dyn Hash>]) -> Option<[u8; 32]> {
        let sha256 = hashes.iter().find(|hash| hash.algorithm() == HashAlgorithm::Sha256)?;
        let mut encoded = Encoded::default();
        encoded.list(self.roots.anchors().iter().map(|anchor| anchor.der.clone()).collect());
        encoded.list(self.roots.exact().to_vec());
        encoded.list(self.algorithms.iter().map(|known| known.name().into_bytes()).collect());
        match self.path_schemes {
            None => encoded.one(b"any scheme"),
            Some(schemes) => {
                encoded.list(schemes.iter().map(|scheme| scheme.0.to_be_bytes().to_vec()).collect());
            }
        }
        match self.crls {
            None => encoded.one(b"no CRLs"),
            Some((crls, policy)) => {
                encoded.list(crls.encoded().map(<[u8]>::to_vec).collect());
                encoded.one(alloc::format!("{:?} {:?}", policy.stale, policy.unknown).as_bytes());
            }
        }
        let hash = sha256.hash(&[LABEL, &encoded.0]).ok()?;
        hash.as_bytes().try_into().ok()
    }
}

/// The encoded settings, each with its length in front, so that the encoding is unambiguous.
#[derive(Default)]
struct Encoded(Vec<u8>);

impl Encoded {
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

#[cfg(test)]
mod tests;
