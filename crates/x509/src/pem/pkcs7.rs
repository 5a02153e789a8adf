//! The certificates of a PKCS #7 collection: `SignedData` without signers (RFC 5652 section 5.1).

use crate::{
    oid,
    tlv::{self, Elements, INTEGER, OBJECT_IDENTIFIER, SEQUENCE, SET},
};
use alloc::vec::Vec;

/// The certificates of a `ContentInfo` in DER, in their order, without those of other kinds than X.509.
pub(super) fn certificates(content_info: &[u8]) -> der::Result<Vec<Vec<u8>>> {
    let mut info = Elements::of(Elements::only(content_info, SEQUENCE)?);
    if info.one(OBJECT_IDENTIFIER)?.contents != oid::SIGNED_DATA.as_bytes() {
        return Err(tlv::malformed());
    }
    let signed = info.one(tlv::explicit(0))?.contents;
    info.finish()?;
    let mut signed = Elements::of(Elements::only(signed, SEQUENCE)?);
    signed.one(INTEGER)?;
    signed.one(SET)?;
    signed.one(SEQUENCE)?;
    let mut found = Vec::new();
    if let Some(set) = signed.optional(tlv::explicit(0))? {
        let mut set = Elements::of(set.contents);
        while !set.is_finished() {
            let certificate = set.any()?;
            if certificate.tag == SEQUENCE {
                found.push(certificate.whole.to_vec());
            }
        }
    }
    Ok(found)
}
