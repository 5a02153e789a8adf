//! A trusted authority.

use crate::{
    algorithms::Key,
    certificate::Certificate,
    dn,
    place::{ChainError, Oid},
    usage::ExtendedKeyUsage,
};
use alloc::vec::Vec;

/// The parts of an authority's certificate that verification needs, parsed once.
#[derive(Clone, Debug)]
pub(crate) struct Anchor {
    pub(crate) der: Vec<u8>,
    /// The name in DER.
    pub(crate) subject: Vec<u8>,
    /// The canonical form of the name.
    pub(crate) canonical: Option<Vec<u8>>,
    pub(crate) spki: Vec<u8>,
    /// `None` if TLS cannot use its algorithm.
    pub(crate) key: Option<Key>,
    pub(crate) key_id: Option<Vec<u8>>,
    pub(crate) not_before: u64,
    pub(crate) not_after: u64,
    pub(crate) path_len: Option<u32>,
    pub(crate) may_sign_crls: bool,
    pub(crate) extended_key_usage: Option<ExtendedKeyUsage>,
    pub(crate) name_constraints: Option<Vec<u8>>,
    pub(crate) unknown_critical: Option<Oid>,
}

impl Anchor {
    /// Parses a certificate, or returns `None` if it does not state that it is a CA's. Versions 1 and 2
    /// cannot state it, so such a certificate may be an end entity's.
    pub(crate) fn read(der: &[u8]) -> Result<Option<Self>, ChainError> {
        let certificate = Certificate::read(der)?;
        let (not_before, not_after) = certificate.validity()?;
        certificate.raw.check().map_err(ChainError::malformed)?;
        if certificate.raw.version != 3 || !certificate.is_ca || !certificate.key_usage.key_cert_sign {
            return Ok(None);
        }
        Ok(Some(Self {
            der: der.to_vec(),
            subject: certificate.raw.subject.to_vec(),
            canonical: dn::canonical(certificate.raw.subject),
            spki: certificate.raw.spki.to_vec(),
            key_id: certificate.subject_key_id.map(<[u8]>::to_vec),
            not_before,
            not_after,
            path_len: certificate.path_len,
            may_sign_crls: certificate.key_usage.crl_sign,
            extended_key_usage: certificate.extended_key_usage,
            name_constraints: certificate.name_constraints.map(<[u8]>::to_vec),
            unknown_critical: certificate.unknown_critical,
            key: certificate.key,
        }))
    }
}
