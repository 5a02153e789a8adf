//! The parameters of RSASSA-PSS (RFC 4055 section 3.1).

use crate::oid;
use crate::tlv::{self, Elements, INTEGER, NULL, OBJECT_IDENTIFIER, SEQUENCE};
use cairn_crypto::HashAlgorithm;
use cairn_wire::SignatureScheme;

/// The hash of `RSASSA-PSS-params`, given their contents, where they are of the one form that TLS uses: the same hash for
/// the message and for MGF1, and a salt as long as its output (RFC 8446 section 4.2.3). Whether the parameters of a hash
/// are NULL or missing does not matter (RFC 4055 section 2.1).
pub(super) fn hash(parameters: &[u8]) -> Option<HashAlgorithm> {
    let mut fields = Elements::of(parameters);
    // The defaults are SHA-1 and 20 bytes, so none of these is missing.
    let of_message = hash_algorithm(fields.one(tlv::explicit(0)).ok()?.contents)?;
    let mut mask = Elements::of(Elements::only(fields.one(tlv::explicit(1)).ok()?.contents, SEQUENCE).ok()?);
    if mask.one(OBJECT_IDENTIFIER).ok()?.contents != oid::MGF1.as_bytes() {
        return None;
    }
    let of_mask = hash_algorithm(mask.any().ok()?.whole)?;
    mask.finish().ok()?;
    let salt = Elements::only(fields.one(tlv::explicit(2)).ok()?.contents, INTEGER).ok()?;
    let salt = usize::try_from(tlv::number(salt).ok()?).ok()?;
    if let Some(trailer) = fields.optional(tlv::explicit(3)).ok()?
        && Elements::only(trailer.contents, INTEGER).ok()? != [1]
    {
        return None;
    }
    fields.finish().ok()?;
    (of_message == of_mask && salt == of_message.output_len()).then_some(of_message)
}

/// A whole `AlgorithmIdentifier` of a hash.
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

/// Passes over parameters that may be NULL or missing.
pub(super) fn null(parts: &mut Elements<'_>) -> Option<()> {
    match parts.optional(NULL).ok()? {
        Some(null) if !null.contents.is_empty() => None,
        _ => Some(()),
    }
}

/// The scheme of a key of RSASSA-PSS with this hash.
pub(super) const fn scheme(hash: HashAlgorithm) -> SignatureScheme {
    match hash {
        HashAlgorithm::Sha384 => SignatureScheme::RSA_PSS_PSS_SHA384,
        HashAlgorithm::Sha512 => SignatureScheme::RSA_PSS_PSS_SHA512,
        _ => SignatureScheme::RSA_PSS_PSS_SHA256,
    }
}
