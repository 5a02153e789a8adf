//! signature_algorithms (RFC 5246 section 7.4.1.4.1).

use super::ClientExtensions;
use crate::security::strength::is_legacy;
use alloc::vec::Vec;
use cairn_wire::{ClientExtension, List, SignatureScheme};

/// The client's offer.
pub(crate) fn offer(schemes: &[SignatureScheme]) -> Option<ClientExtension<'_>> {
    (!schemes.is_empty()).then(|| ClientExtension::SignatureAlgorithms(List::from_items(schemes)))
}

/// The schemes implied by a client that omits the extension. RFC 5246 section 7.4.1.4.1: with an RSA
/// certificate "behave as if client had sent the value {sha1,rsa}", with ECDSA "{sha1,ecdsa}".
const IMPLIED: [SignatureScheme; 2] = [SignatureScheme::RSA_PKCS1_SHA1, SignatureScheme::ECDSA_SHA1];

/// The registered schemes that the client accepts. Schemes with SHA-1 and SHA-224, explicit or implied, count
/// only if our policy has them too.
pub(crate) fn read(ours: &[SignatureScheme], extensions: &ClientExtensions<'_>) -> Vec<SignatureScheme> {
    let mut theirs = offered(extensions).unwrap_or_else(|| IMPLIED.to_vec());
    theirs.retain(|scheme| !is_legacy(*scheme) || ours.contains(scheme));
    theirs
}

/// The schemes that the client lists.
pub(super) fn offered(extensions: &ClientExtensions<'_>) -> Option<Vec<SignatureScheme>> {
    extensions.signature_algorithms.map(|schemes| named(&schemes))
}

/// The registered schemes of a list, without duplicates, in the order of the list. The result is bounded by
/// the size of the registry, although the list may have 32,767 entries.
pub(super) fn named(schemes: &List<'_, SignatureScheme>) -> Vec<SignatureScheme> {
    // The lists of common peers fit without another allocation.
    let mut named = Vec::with_capacity(24);
    // One bit for each remainder seen so far: only a scheme whose remainder was seen can be a duplicate. The
    // remainders of the schemes of RFC 8446 all differ.
    let mut met = 0_u64;
    for scheme in schemes.iter() {
        let [high, low] = scheme.0.to_be_bytes();
        let bit = 1_u64 << ((high << 3 ^ low) & 0x3f);
        if (met & bit == 0 || !named.contains(&scheme)) && scheme.name().is_some() {
            met |= bit;
            named.push(scheme);
        }
    }
    named
}
