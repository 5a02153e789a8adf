//! signature_algorithms (RFC 5246 section 7.4.1.4.1).

use super::ClientExtensions;
use crate::security::strength::is_legacy;
use alloc::vec::Vec;
use cairn_wire::{ClientExtension, List, SignatureScheme};

/// What a client offers.
pub(crate) fn offer(schemes: &[SignatureScheme]) -> Option<ClientExtension<'_>> {
    (!schemes.is_empty()).then(|| ClientExtension::SignatureAlgorithms(List::from_items(schemes)))
}

/// What a client means that sends none (RFC 5246 section 7.4.1.4.1).
const IMPLIED: [SignatureScheme; 2] = [SignatureScheme::RSA_PKCS1_SHA1, SignatureScheme::ECDSA_SHA1];

/// The schemes that the client takes, as far as they have a name. Those with SHA-1 and SHA-224 count only where
/// our policy has them, be they named or implied.
pub(crate) fn read(ours: &[SignatureScheme], extensions: &ClientExtensions<'_>) -> Vec<SignatureScheme> {
    let mut theirs = offered(extensions).unwrap_or_else(|| IMPLIED.to_vec());
    theirs.retain(|scheme| !is_legacy(*scheme) || ours.contains(scheme));
    theirs
}

/// Those that the client names.
pub(super) fn offered(extensions: &ClientExtensions<'_>) -> Option<Vec<SignatureScheme>> {
    extensions.signature_algorithms.map(|schemes| named(&schemes))
}

/// The schemes of a list that have a name, each once, in the order of the list: as many as the registry has at most, though
/// the list may hold 32,767 and the same one again and again.
pub(super) fn named(schemes: &List<'_, SignatureScheme>) -> Vec<SignatureScheme> {
    // What peers send in practice fits at once.
    let mut named = Vec::with_capacity(24);
    // A bit for each remainder that was met: only where that of a scheme was, it may be there already. The remainders of the
    // schemes of RFC 8446 all differ.
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
