//! The encodings of public keys.

use cairn_crypto::KeyKind;
use cairn_provider_parts::encoding::RsaPublicKey;

/// Returns `true` if `bits` is encoded as this kind of key is in certificates. RFC 8422 section 5.1.2:
/// implementations "MUST support the uncompressed format for all of their supported curves and MUST NOT
/// support other formats". AWS-LC would also accept compressed points and `SubjectPublicKeyInfo`.
pub(super) fn has_form(kind: KeyKind, bits: &[u8]) -> bool {
    let uncompressed = |len| bits.len() == len && bits.first() == Some(&4);
    match kind {
        KeyKind::EcP256 => uncompressed(65),
        KeyKind::EcP384 => uncompressed(97),
        KeyKind::EcP521 => uncompressed(133),
        KeyKind::Ed25519 => bits.len() == 32,
        // FIPS 204 table 2.
        KeyKind::MlDsa44 => bits.len() == 1312,
        KeyKind::MlDsa65 => bits.len() == 1952,
        KeyKind::MlDsa87 => bits.len() == 2592,
        KeyKind::Rsa | KeyKind::RsaPss => RsaPublicKey::parse(bits).is_ok(),
        _ => false,
    }
}
