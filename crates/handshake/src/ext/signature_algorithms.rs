//! signature_algorithms (RFC 5246 section 7.4.1.4.1).

use super::ClientExtensions;
use alloc::vec::Vec;
use cairn_wire::{ClientExtension, List, SignatureScheme};

/// How many of a client's schemes are looked at: more than there are in the registry.
const MAX_SCHEMES: usize = 64;

/// What a client offers.
pub(crate) fn offer(schemes: &[SignatureScheme]) -> Option<ClientExtension<'_>> {
    (!schemes.is_empty()).then(|| ClientExtension::SignatureAlgorithms(List::from_items(schemes)))
}

/// The schemes that the client takes, as far as they have a name. A client that sends none means SHA-1 (RFC 5246
/// section 7.4.1.4.1), which is not for who did not ask for it: nothing then.
pub(crate) fn read(extensions: &ClientExtensions<'_>) -> Vec<SignatureScheme> {
    super::client(extensions, |extension| match extension {
        ClientExtension::SignatureAlgorithms(schemes) => Some(schemes),
        _ => None,
    })
    .map(|schemes| named(&schemes))
    .unwrap_or_default()
}

/// The schemes of a list that have a name.
pub(super) fn named(schemes: &List<'_, SignatureScheme>) -> Vec<SignatureScheme> {
    // What peers send in practice fits at once.
    let mut named = Vec::with_capacity(24);
    named.extend(schemes.iter().filter(|scheme| scheme.name().is_some()).take(MAX_SCHEMES));
    named
}
