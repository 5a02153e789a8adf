//! The parameters of RSASSA-PSS (RFC 4055 section 3.1).

use crate::oid;
use crate::tlv::{self, Elements, INTEGER, NULL, OBJECT_IDENTIFIER, SEQUENCE};
use cairn_crypto::HashAlgorithm;
use cairn_wire::SignatureScheme;

/// The hash function of a signature's `RSASSA-PSS-params`, given their contents, if they have the only form
/// that TLS uses: one hash function for the message and for MGF1, and a salt as long as its output (RFC 9846
/// section 4.3.3). The parameters of a hash algorithm may be NULL or absent (RFC 4055 section 2.1).
pub(super) fn hash(parameters: &[u8]) -> Option<HashAlgorithm> {
    read(parameters).filter(|(hash, salt)| *salt == hash.output_len()).map(|(hash, _)| hash)
}

/// The hash function of a key's `RSASSA-PSS-params`, if they permit the signatures that TLS makes. For a key,
/// the salt length is a minimum (RFC 4055 section 3.3).
pub(super) fn hash_of_key(parameters: &[u8]) -> Option<HashAlgorithm> {
    read(parameters).filter(|(hash, salt)| *salt <= hash.output_len()).map(|(hash, _)| hash)
}

/// The common hash function of message and MGF1, and the salt length.
fn read(parameters: &[u8]) -> Option<(HashAlgorithm, usize)> {
    let mut fields = Elements::of(parameters);
    // Both default to SHA-1, so both must be present.
    let of_message = hash_algorithm(fields.one(tlv::explicit(0)).ok()?.contents)?;
    let mut mask = Elements::of(Elements::only(fields.one(tlv::explicit(1)).ok()?.contents, SEQUENCE).ok()?);
    if mask.one(OBJECT_IDENTIFIER).ok()?.contents != oid::MGF1.as_bytes() {
        return None;
    }
    let of_mask = hash_algorithm(mask.any().ok()?.whole)?;
    mask.finish().ok()?;
    let salt = match fields.optional(tlv::explicit(2)).ok()? {
        Some(salt) => tlv::number(Elements::only(salt.contents, INTEGER).ok()?).ok()?,
        None => 20,
    };
    let salt = usize::try_from(salt).ok()?;
    if let Some(trailer) = fields.optional(tlv::explicit(3)).ok()?
        && Elements::only(trailer.contents, INTEGER).ok()? != [1]
    {
        return None;
    }
    fields.finish().ok()?;
    (of_message == of_mask).then_some((of_message, salt))
}

/// Reads the `AlgorithmIdentifier` of a hash function.
fn hash_algorithm(identifier: &[u8]) -> Option<HashAlgorithm> {
    let mut parts = Elements::of(Elements::only(identifier, SEQUENCE).ok()?);
    let named = parts.one(OBJECT_IDENTIFIER).ok()?.contents;
    null(&mut parts)?;
    parts.finish().ok()?;
    let known = [
        (oid::SHA256, HashAlgorithm::Sha256),
        (oid::SHA384, HashAlgorithm::Sha384),
        (oid::SHA512, HashAlgorithm::Sha512),
    ];
    known.iter().find(|(oid, _)| oid.as_bytes() == named).map(|(_, hash)| *hash)
}

/// Skips parameters that may be NULL or absent.
pub(super) fn null(parts: &mut Elements<'_>) -> Option<()> {
    match parts.optional(NULL).ok()? {
        Some(null) if !null.contents.is_empty() => None,
        _ => Some(()),
    }
}

/// The scheme of an RSASSA-PSS key with this hash function.
pub(super) const fn scheme(hash: HashAlgorithm) -> SignatureScheme {
    match hash {
        HashAlgorithm::Sha384 => SignatureScheme::RSA_PSS_PSS_SHA384,
        HashAlgorithm::Sha512 => SignatureScheme::RSA_PSS_PSS_SHA512,
        _ => SignatureScheme::RSA_PSS_PSS_SHA256,
    }
}
