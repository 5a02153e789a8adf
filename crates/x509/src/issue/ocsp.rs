//! Issues OCSP responses (RFC 6960 section 4.2.1) for demos and tests.

use super::{error::IssueError, identity::Identity, template::usual_scheme};
use crate::{algorithms, ocsp::State, oid, read::RawCertificate};
use alloc::{vec, vec::Vec};
use cairn_crypto::{HashAlgorithm, Provider};
use core::time::Duration;
use der::{
    Any, Choice, DateTime, Decode, Encode, Enumerated, Sequence, Tag,
    asn1::{BitString, GeneralizedTime, Null, ObjectIdentifier, OctetString},
    referenced::RefToOwned,
};
use x509_cert::{
    ext::{Extension, Extensions, pkix::CrlReason},
    name::Name,
    spki::AlgorithmIdentifierOwned,
};

/// The contents of an OCSP response about one certificate.
#[derive(Clone, Debug)]
pub struct OcspTemplate {
    state: State,
    this_update: u64,
    next_update: Option<u64>,
    hash: HashAlgorithm,
    critical: bool,
}

impl OcspTemplate {
    /// A response with this state, valid from `this_update` to `next_update`, both in seconds since 1970.
    #[must_use]
    pub const fn new(state: State, this_update: u64, next_update: Option<u64>) -> Self {
        Self { state, this_update, next_update, hash: HashAlgorithm::Sha1, critical: false }
    }

    /// Sets the hash function that identifies the certificate. The default is SHA-1, which every client
    /// supports; its strength does not matter here.
    #[must_use]
    pub const fn hash(mut self, hash: HashAlgorithm) -> Self {
        self.hash = hash;
        self
    }

    /// Adds an unknown critical extension, for tests.
    #[must_use]
    pub const fn critical_extension(mut self) -> Self {
        self.critical = true;
        self
    }

    /// Signs a response about `certificate` (DER), issued by `issuer`, and returns it in DER. `responder` is
    /// the issuer itself, or has a certificate from it ([`super::Template::ocsp_responder`]), which is
    /// included in the response.
    ///
    /// # Errors
    /// [`IssueError`].
    pub fn sign(
        &self,
        provider: &Provider,
        certificate: &[u8],
        issuer: &Identity,
        responder: &Identity,
    ) -> Result<Vec<u8>, IssueError> {
        let subject = RawCertificate::parse(certificate).map_err(|_| IssueError::Issuer)?;
        let signer = RawCertificate::parse(responder.certificate()).map_err(|_| IssueError::Issuer)?;
        let hash = provider.hash(self.hash).ok_or(IssueError::Scheme)?;
        let cert_id = CertId {
            hash_algorithm: AlgorithmIdentifierOwned { oid: self.hash_oid(), parameters: None },
            issuer_name_hash: octets(hash.hash(&[subject.issuer])?.as_bytes())?,
            issuer_key_hash: octets(hash.hash(&[&issuer.signing_key().public_key().bits])?.as_bytes())?,
            serial_number: Any::new(Tag::Integer, subject.serial)?,
        };
        let cert_status = match self.state {
            State::Good => CertStatus::Good(Null),
            State::Revoked { since } => {
                CertStatus::Revoked(RevokedInfo { revocation_time: time(since)?, reason: None })
            }
            State::Unknown => CertStatus::Unknown(Null),
        };
        let unknown = Extension { extn_id: oid::COMMON_NAME, critical: true, extn_value: octets(&[])? };
        let single = SingleResponse {
            cert_id,
            cert_status,
            this_update: time(self.this_update)?,
            next_update: self.next_update.map(time).transpose()?,
            single_extensions: self.critical.then(|| vec![unknown]),
        };
        let tbs_response_data = ResponseData {
            by_name: Name::from_der(signer.subject).map_err(|_| IssueError::Issuer)?,
            produced_at: time(self.this_update)?,
            responses: vec![single],
        };

        let key = &**responder.signing_key();
        let scheme = usual_scheme(key)?;
        let algorithm = algorithms::of_signature(scheme).ok_or(IssueError::Scheme)?;
        let signature = key.sign(scheme, &tbs_response_data.to_der()?, &mut provider.rng())?;
        let is_delegated = responder.certificate() != issuer.certificate();
        let basic = BasicOcspResponse {
            tbs_response_data,
            signature_algorithm: algorithms::identifier(&algorithm)?.ref_to_owned(),
            signature: BitString::from_bytes(&signature)?,
            certs: if is_delegated { Some(vec![Any::from_der(responder.certificate())?]) } else { None },
        };
        let response = ResponseBytes { response_type: oid::OCSP_BASIC, response: octets(&basic.to_der()?)? };
        let response =
            OcspResponse { response_status: OcspResponseStatus::Successful, response_bytes: Some(response) };
        Ok(response.to_der()?)
    }

    const fn hash_oid(&self) -> ObjectIdentifier {
        match self.hash {
            HashAlgorithm::Sha256 => oid::SHA256,
            HashAlgorithm::Sha384 => oid::SHA384,
            HashAlgorithm::Sha512 => oid::SHA512,
            _ => oid::SHA1,
        }
    }
}

fn time(seconds: u64) -> Result<GeneralizedTime, IssueError> {
    let date = DateTime::from_unix_duration(Duration::from_secs(seconds)).map_err(|_| IssueError::Date)?;
    Ok(GeneralizedTime::from_date_time(date))
}

fn octets(bytes: &[u8]) -> der::Result<OctetString> {
    OctetString::new(bytes)
}

// RFC 6960 section 4.2.1. `x509-ocsp` has these types for older versions of `der` and `x509-cert` only.

#[derive(Sequence)]
struct OcspResponse {
    response_status: OcspResponseStatus,
    #[asn1(context_specific = "0", optional = "true")]
    response_bytes: Option<ResponseBytes>,
}

#[derive(Clone, Copy, Enumerated)]
#[repr(u8)]
enum OcspResponseStatus {
    Successful = 0,
}

#[derive(Sequence)]
struct ResponseBytes {
    response_type: ObjectIdentifier,
    response: OctetString,
}

#[derive(Sequence)]
struct BasicOcspResponse {
    tbs_response_data: ResponseData,
    signature_algorithm: AlgorithmIdentifierOwned,
    signature: BitString,
    /// The certificates in DER.
    #[asn1(context_specific = "0", optional = "true")]
    certs: Option<Vec<Any>>,
}

#[derive(Sequence)]
struct ResponseData {
    /// `responderID`, of which only this form is written.
    #[asn1(context_specific = "1")]
    by_name: Name,
    produced_at: GeneralizedTime,
    responses: Vec<SingleResponse>,
}

#[derive(Sequence)]
struct SingleResponse {
    cert_id: CertId,
    cert_status: CertStatus,
    this_update: GeneralizedTime,
    #[asn1(context_specific = "0", optional = "true")]
    next_update: Option<GeneralizedTime>,
    #[asn1(context_specific = "1", optional = "true")]
    single_extensions: Option<Extensions>,
}

#[derive(Sequence)]
struct CertId {
    hash_algorithm: AlgorithmIdentifierOwned,
    issuer_name_hash: OctetString,
    issuer_key_hash: OctetString,
    /// An INTEGER.
    serial_number: Any,
}

#[derive(Choice)]
enum CertStatus {
    #[asn1(context_specific = "0", tag_mode = "IMPLICIT")]
    Good(Null),
    #[asn1(context_specific = "1", tag_mode = "IMPLICIT", constructed = "true")]
    Revoked(RevokedInfo),
    #[asn1(context_specific = "2", tag_mode = "IMPLICIT")]
    Unknown(Null),
}

#[derive(Sequence)]
struct RevokedInfo {
    revocation_time: GeneralizedTime,
    #[asn1(context_specific = "0", optional = "true")]
    reason: Option<CrlReason>,
}
