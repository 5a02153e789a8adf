//! `delegated_credential` (RFC 9345 section 4). The endpoint that requests a credential sends a list of
//! signature schemes, the other one the credential.

use crate::bounds::{MAX_16, MAX_24};
use crate::codec::{Decode, Encode};
use crate::codes::SignatureScheme;
use crate::error::{DecodeError, EncodeError};
use crate::list::element_vector;
use crate::reader::Reader;
use crate::writer::Writer;

element_vector! {
    /// Signature schemes in order of preference (RFC 9345 section 4.1.1).
    pub struct SignatureSchemeList {
        /// The schemes: `<2..2^16-2>` bytes.
        supported_signature_algorithm: SignatureScheme
    },
    vec16, 2, MAX_16 - 1, "SignatureSchemeList.supported_signature_algorithm"
}

/// A key with which the holder of a certificate lets another key sign in its place (RFC 9345 section 4).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct DelegatedCredential<'a> {
    /// When the credential expires, in seconds after the certificate's notBefore.
    pub valid_time: u32,
    /// The scheme of the signature in CertificateVerify.
    pub dc_cert_verify_algorithm: SignatureScheme,
    /// The public key, a SubjectPublicKeyInfo in DER: `<1..2^24-1>` bytes.
    pub asn1_subject_public_key_info: &'a [u8],
    /// The scheme of `signature`.
    pub algorithm: SignatureScheme,
    /// The signature of the certificate's key over the credential: `<0..2^16-1>` bytes.
    pub signature: &'a [u8],
}

const KEY: &str = "Credential.ASN1_subjectPublicKeyInfo";
const SIGNATURE: &str = "DelegatedCredential.signature";

impl<'a> Decode<'a> for DelegatedCredential<'a> {
    fn decode(r: &mut Reader<'a>) -> Result<Self, DecodeError> {
        Ok(Self {
            valid_time: r.u32("Credential.valid_time")?,
            dc_cert_verify_algorithm: SignatureScheme(r.u16("Credential.dc_cert_verify_algorithm")?),
            asn1_subject_public_key_info: r.vec24(1, MAX_24, KEY)?.rest(),
            algorithm: SignatureScheme(r.u16("DelegatedCredential.algorithm")?),
            signature: r.vec16(0, MAX_16, SIGNATURE)?.rest(),
        })
    }
}

impl DelegatedCredential<'_> {
    /// Encodes what the signature covers of the credential itself: the fields before it (RFC 9345 section 4).
    /// The end-entity certificate precedes them in the signed content.
    ///
    /// # Errors
    /// [`EncodeError`] if the public key is empty or too long.
    pub fn encode_signed_fields(&self, w: &mut Writer<'_>) -> Result<(), EncodeError> {
        w.u32(self.valid_time)?;
        self.dc_cert_verify_algorithm.encode(w)?;
        w.vec24(1, MAX_24, KEY, |w| w.bytes(self.asn1_subject_public_key_info))?;
        self.algorithm.encode(w)
    }
}

impl Encode for DelegatedCredential<'_> {
    fn encode(&self, w: &mut Writer<'_>) -> Result<(), EncodeError> {
        self.encode_signed_fields(w)?;
        w.vec16(0, MAX_16, SIGNATURE, |w| w.bytes(self.signature))
    }
}
