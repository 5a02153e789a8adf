//! signature_algorithms_cert (RFC 8446 section 4.2.3, which has TLS 1.2 process it too): the schemes that a client takes
//! in the signatures of certificates, where they are not those that it takes in the handshake.
//!
//! For certificates of clients there is only CertificateRequest in TLS 1.2, whose list is for both (RFC 5246 section
//! 7.4.4).

use super::{ClientExtensions, signature_algorithms};
use alloc::vec::Vec;
use cairn_wire::{ClientExtension, List, SignatureScheme};

/// What a client offers that has a list of its own for certificates.
pub(crate) fn offer(schemes: &[SignatureScheme]) -> Option<ClientExtension<'_>> {
    (!schemes.is_empty()).then(|| ClientExtension::SignatureAlgorithmsCert(List::from_items(schemes)))
}

/// The schemes that the client takes in certificates, as far as they have a name: those of signature_algorithms where it
/// has no list of its own.
pub(crate) fn read(extensions: &ClientExtensions<'_>) -> Vec<SignatureScheme> {
    let own = extensions.signature_algorithms_cert;
    match own {
        Some(schemes) => signature_algorithms::named(&schemes),
        None => signature_algorithms::offered(extensions).unwrap_or_default(),
    }
}
