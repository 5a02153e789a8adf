//! signature_algorithms (RFC 5246 section 7.4.1.4.1).

use super::ClientExtensions;
use crate::security::strength::is_legacy;
use cairn_wire::{ClientExtension, List, SignatureScheme};
use smallvec::SmallVec;

/// The client's offer.
pub(crate) fn offer(schemes: &[SignatureScheme]) -> Option<ClientExtension<'_>> {
    (!schemes.is_empty()).then(|| ClientExtension::SignatureAlgorithms(List::from_items(schemes)))
}

/// The schemes of a client that omits the extension. RFC 5246 section 7.4.1.4.1: with an RSA certificate
/// "behave as if client had sent the value {sha1,rsa}", with ECDSA "{sha1,ecdsa}".
const IMPLIED: [SignatureScheme; 2] = [SignatureScheme::RSA_PKCS1_SHA1, SignatureScheme::ECDSA_SHA1];

/// Registered schemes without duplicates. The lists of common peers fit without an allocation.
pub(crate) type Schemes = SmallVec<[SignatureScheme; 24]>;

/// The registered schemes that the client lists. `None` if it omits the extension.
pub(crate) fn listed(extensions: &ClientExtensions<'_>) -> Option<Schemes> {
    extensions.signature_algorithms.map(|schemes| registered(&schemes))
}

/// The schemes that the server may sign with: those that the client lists, or those that it implies. Schemes
/// with SHA-1 and SHA-224, explicit or implied, count only if our policy has them too.
pub(crate) fn accepted(ours: &[SignatureScheme], listed: Option<Schemes>) -> Schemes {
    let mut theirs = listed.unwrap_or_else(|| IMPLIED.into_iter().collect());
    theirs.retain(|scheme| !is_legacy(*scheme) || ours.contains(scheme));
    theirs
}

/// The registered schemes of a list, in its order. The result is bounded by the size of the registry,
/// although the list may have 32,767 entries.
pub(super) fn registered(schemes: &List<'_, SignatureScheme>) -> Schemes {
    let mut registered = Schemes::new();
    // One bit for each remainder seen so far: only a scheme whose remainder was seen can be a duplicate. The
    // remainders of the schemes of RFC 8446 all differ.
    let mut met = 0_u64;
    for scheme in schemes.iter() {
        let [high, low] = scheme.0.to_be_bytes();
        let bit = 1_u64 << ((high << 3 ^ low) & 0x3f);
        if (met & bit == 0 || !registered.contains(&scheme)) && scheme.name().is_some() {
            met |= bit;
            registered.push(scheme);
        }
    }
    registered
}
