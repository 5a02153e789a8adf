//! Issues OCSP responses (RFC 6960 section 4.2.1) for demos and tests.

use super::{error::IssueError, identity::Identity, template::usual_scheme};
use crate::{
    algorithms,
    der_out::{
        self, BOOLEAN, ENUMERATED, INTEGER, OCTET_STRING, bit_string, context, explicit, sequence, tlv,
    },
    ocsp::State,
    oid, read,
};
use alloc::vec::Vec;
use cairn_crypto::{HashAlgorithm, Provider};
use core::time::Duration;
use der::{DateTime, Encode, asn1::GeneralizedTime, asn1::ObjectIdentifier};

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
        let subject = read::Layout::parse(certificate).map_err(|_| IssueError::Issuer)?;
        let signer = read::Layout::parse(responder.certificate()).map_err(|_| IssueError::Issuer)?;
        let hash = provider.hash(self.hash).ok_or(IssueError::Scheme)?;
        let name_hash = hash.hash(&[subject.issuer])?;
        let key_hash = hash.hash(&[&issuer.signing_key().public_key().bits])?;
        let id = sequence(&[
            &sequence(&[&der_out::oid(self.hash_oid())]),
            &tlv(OCTET_STRING, &[name_hash.as_bytes()]),
            &tlv(OCTET_STRING, &[key_hash.as_bytes()]),
            &tlv(INTEGER, &[subject.serial]),
        ]);
        let state = match self.state {
            State::Good => tlv(context(0), &[]),
            State::Revoked { since } => tlv(explicit(1), &[&time(since)?]),
            State::Unknown => tlv(context(2), &[]),
        };
        let mut single = [id, state, time(self.this_update)?].concat();
        if let Some(next) = self.next_update {
            single.extend(tlv(explicit(0), &[&time(next)?]));
        }
        if self.critical {
            let extension = sequence(&[
                &der_out::oid(&oid::COMMON_NAME),
                &tlv(BOOLEAN, &[&[0xff]]),
                &tlv(OCTET_STRING, &[]),
            ]);
            single.extend(tlv(explicit(1), &[&sequence(&[&extension])]));
        }
        let data = sequence(&[
            &tlv(explicit(1), &[signer.subject]),
            &time(self.this_update)?,
            &sequence(&[&sequence(&[&single])]),
        ]);

        let key = &**responder.signing_key();
        let scheme = usual_scheme(key)?;
        let algorithm = algorithms::of_signature(scheme).ok_or(IssueError::Scheme)?;
        let signature = key.sign(scheme, &data, &mut provider.rng())?;
        let mut basic = [data, sequence(&[&algorithm]), bit_string(&signature)].concat();
        if responder.certificate() != issuer.certificate() {
            basic.extend(tlv(explicit(0), &[&sequence(&[responder.certificate()])]));
        }
        let bytes = sequence(&[&der_out::oid(&oid::OCSP_BASIC), &tlv(OCTET_STRING, &[&sequence(&[&basic])])]);
        Ok(sequence(&[&tlv(ENUMERATED, &[&[0]]), &tlv(explicit(0), &[&bytes])]))
    }

    const fn hash_oid(&self) -> &'static ObjectIdentifier {
        match self.hash {
            HashAlgorithm::Sha256 => &oid::SHA256,
            HashAlgorithm::Sha384 => &oid::SHA384,
            HashAlgorithm::Sha512 => &oid::SHA512,
            _ => &oid::SHA1,
        }
    }
}

fn time(seconds: u64) -> Result<Vec<u8>, IssueError> {
    let date = DateTime::from_unix_duration(Duration::from_secs(seconds)).map_err(|_| IssueError::Date)?;
    GeneralizedTime::from_date_time(date).to_der().map_err(|_| IssueError::Date)
}
