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

/// What a client means that does not say which schemes it takes (RFC 5246 section 7.4.1.4.1). Keys sign with SHA-1 only
/// where somebody has asked for it: to all others this is nothing.
const UNSAID: [SignatureScheme; 2] = [SignatureScheme::RSA_PKCS1_SHA1, SignatureScheme::ECDSA_SHA1];

/// The schemes that the client takes, as far as they have a name.
pub(crate) fn read(extensions: &ClientExtensions<'_>) -> Vec<SignatureScheme> {
    let said = super::client(extensions, |extension| match extension {
        ClientExtension::SignatureAlgorithms(schemes) => Some(schemes),
        _ => None,
    });
    let named = |schemes: List<'_, SignatureScheme>| {
        schemes.iter().filter(|scheme| scheme.name().is_some()).take(MAX_SCHEMES).collect()
    };
    said.map_or_else(|| UNSAID.to_vec(), named)
}
