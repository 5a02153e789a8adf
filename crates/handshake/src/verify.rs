//! Verification of a peer's signature: the key must fit the suite, and the scheme must have been offered and
//! fit the key.

use crate::{error::HandshakeErrorKind, input::PeerKey};
use cairn_crypto::Provider;
use cairn_wire::{DigitallySigned, SignatureScheme};

/// Verifies a DigitallySigned element over `message` (RFC 5246 section 4.7).
pub(crate) fn check_signature(
    provider: &Provider,
    offered: &[SignatureScheme],
    key: &PeerKey,
    message: &[u8],
    signed: &DigitallySigned<'_>,
) -> Result<(), HandshakeErrorKind> {
    let scheme = signed.algorithm;
    let kind = key.public_key.kind;
    // RFC 5246 section 7.4.2: "the certificate MUST allow the key to be used for signing (the
    // digitalSignature bit MUST be set if the key usage extension is present)".
    if !key.may_sign {
        return Err(HandshakeErrorKind::KeyMayNotSign);
    }
    // The hash and the signature algorithm are one of ours. For ServerKeyExchange, RFC 5246 section 7.4.3:
    // they "MUST be a pair listed in that extension", signature_algorithms. For CertificateVerify, section
    // 7.4.8: they "MUST be one of those present in the supported_signature_algorithms field of the
    // CertificateRequest message".
    if !offered.contains(&scheme) {
        return Err(HandshakeErrorKind::SchemeNotOffered(scheme));
    }
    // RFC 5246 sections 7.4.3 and 7.4.8: they "MUST be compatible with the key" in the end-entity
    // certificate.
    if key.only_scheme.is_some_and(|only| only != scheme) {
        return Err(HandshakeErrorKind::SchemeNotForKey(scheme, kind));
    }
    let verifier =
        provider.verifier(kind, scheme).ok_or(HandshakeErrorKind::SchemeNotForKey(scheme, kind))?;
    Ok(verifier.verify(&key.public_key.bits, message, signed.signature)?)
}
