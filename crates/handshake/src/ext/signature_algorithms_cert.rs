//! signature_algorithms_cert (RFC 8446 section 4.2.3, which also applies to TLS 1.2): the schemes that a
//! client accepts in the signatures of certificates, if they differ from those for handshake messages.
//!
//! For client certificates, TLS 1.2 has one list for both purposes, in CertificateRequest (RFC 5246 section
//! 7.4.4).

use super::{
    ClientExtensions,
    signature_algorithms::{self, Schemes},
};
use cairn_wire::{ClientExtension, List, SignatureScheme};

/// The client's offer, if it has a separate list for certificates.
pub(crate) fn offer(schemes: &[SignatureScheme]) -> Option<ClientExtension<'_>> {
    (!schemes.is_empty()).then(|| ClientExtension::SignatureAlgorithmsCert(List::from_items(schemes)))
}

/// The registered schemes that the client accepts in certificates. "If no "signature_algorithms_cert"
/// extension is present, then the "signature_algorithms" extension also applies to signatures appearing in
/// certificates" (RFC 8446 section 4.2.3): the schemes of that one are `listed`.
pub(crate) fn accepted(extensions: &ClientExtensions<'_>, listed: Option<&Schemes>) -> Schemes {
    match extensions.signature_algorithms_cert {
        Some(schemes) => signature_algorithms::registered(&schemes),
        None => listed.map(|listed| Schemes::from_slice(listed)).unwrap_or_default(),
    }
}
