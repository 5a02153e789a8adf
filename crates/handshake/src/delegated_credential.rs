//! Delegated credentials (RFC 9345).

use crate::error::HandshakeErrorKind;
use alloc::vec::Vec;
use cairn_wire::{self as wire, Decode, DecodeError, SignatureScheme};
use core::fmt;

/// A delegated credential: a public key that signs in place of the key of an end-entity certificate, which
/// has signed this (RFC 9345 section 4).
///
/// It is decoded and not verified. The machine compares its schemes with what was offered and with
/// CertificateVerify. The answer to [`crate::Question::VerifyPeer`] judges the rest.
#[derive(Clone, PartialEq, Eq)]
pub struct DelegatedCredential {
    valid_time: u32,
    scheme: SignatureScheme,
    public_key: Vec<u8>,
    algorithm: SignatureScheme,
    signature: Vec<u8>,
}

impl DelegatedCredential {
    /// Decodes the content of the extension delegated_credential, which is also the content of a file.
    ///
    /// # Errors
    /// [`DecodeError`] if it is malformed.
    pub fn decode(bytes: &[u8]) -> Result<Self, DecodeError> {
        wire::DelegatedCredential::decode_exact(bytes).map(|credential| Self::from(&credential))
    }

    /// The fields, as `cairn_x509::delegated_credential::verify` takes them.
    #[must_use]
    pub fn fields(&self) -> wire::DelegatedCredential<'_> {
        wire::DelegatedCredential {
            valid_time: self.valid_time,
            dc_cert_verify_algorithm: self.scheme,
            asn1_subject_public_key_info: &self.public_key,
            algorithm: self.algorithm,
            signature: &self.signature,
        }
    }

    /// `dc_cert_verify_algorithm`: the scheme of CertificateVerify.
    #[must_use]
    pub const fn scheme(&self) -> SignatureScheme {
        self.scheme
    }

    /// The scheme with which the certificate's key has signed the credential.
    #[must_use]
    pub const fn algorithm(&self) -> SignatureScheme {
        self.algorithm
    }

    /// The length of the signature of the certificate's key in bytes.
    pub(crate) const fn signature_len(&self) -> usize {
        self.signature.len()
    }

    /// Checks that both schemes are among those that we have offered: `algorithm` in signature_algorithms,
    /// and `dc_cert_verify_algorithm` in delegated_credential.
    pub(crate) fn check_offered(
        &self,
        signature_schemes: &[SignatureScheme],
        delegated_schemes: &[SignatureScheme],
    ) -> Result<(), HandshakeErrorKind> {
        // RFC 9345 sections 4.1.1 and 4.1.2: "the dc_cert_verify_algorithm field MUST be of a type advertised
        // by the client in the SignatureSchemeList and is considered not valid otherwise", and likewise by
        // the server.
        if !delegated_schemes.contains(&self.scheme) {
            return Err(HandshakeErrorKind::DelegatedSchemeNotOffered(self.scheme));
        }
        // "The algorithm field MUST be of a type advertised by the client in the "signature_algorithms"
        // extension of the ClientHello message", and by the server in that of the CertificateRequest.
        if !signature_schemes.contains(&self.algorithm) {
            return Err(HandshakeErrorKind::DelegationAlgorithmNotOffered(self.algorithm));
        }
        Ok(())
    }

    /// Whether this may be the credential's public key: a SubjectPublicKeyInfo ends with the key's bits.
    pub(crate) fn may_have_key(&self, bits: &[u8]) -> bool {
        self.public_key.ends_with(bits)
    }
}

impl From<&wire::DelegatedCredential<'_>> for DelegatedCredential {
    fn from(credential: &wire::DelegatedCredential<'_>) -> Self {
        Self {
            valid_time: credential.valid_time,
            scheme: credential.dc_cert_verify_algorithm,
            public_key: credential.asn1_subject_public_key_info.to_vec(),
            algorithm: credential.algorithm,
            signature: credential.signature.to_vec(),
        }
    }
}

impl fmt::Debug for DelegatedCredential {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "DelegatedCredential({}, signed with {})", self.scheme, self.algorithm)
    }
}
