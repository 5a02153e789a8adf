//! ECDSA on P-384 with SHA-1, which AWS-LC supports for other curves only.

use super::encoding::has_form;
use crate::name::NAME;
use crate::sha1;
use aws_lc_rs::digest;
use aws_lc_rs::signature::{ECDSA_P384_SHA384_ASN1, VerificationAlgorithm};
use cairn_crypto::{Algorithm, CryptoError, KeyKind, SignatureVerifier};
use cairn_wire::SignatureScheme;

pub(super) struct P384Sha1;

impl Algorithm for P384Sha1 {
    fn implementation(&self) -> &'static str {
        NAME
    }
}

impl SignatureVerifier for P384Sha1 {
    fn key_kind(&self) -> KeyKind {
        KeyKind::EcP384
    }

    fn scheme(&self) -> SignatureScheme {
        SignatureScheme::ECDSA_SHA1
    }

    fn verify(&self, public_key: &[u8], message: &[u8], signature: &[u8]) -> Result<(), CryptoError> {
        if !has_form(KeyKind::EcP384, public_key) {
            return Err(CryptoError::BadSignature);
        }
        let digest = sha1::widened(message, &digest::SHA384)?;
        ECDSA_P384_SHA384_ASN1
            .verify_digest_sig(public_key, &digest, signature)
            .map_err(|_| CryptoError::BadSignature)
    }
}
