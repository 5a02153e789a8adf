//! A trusted authority.

use crate::{
    algorithms::Key,
    dn,
    place::{ChainError, Oid},
    terms::Terms,
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
    pub(crate) fn read(certificate: &[u8]) -> Result<Option<Self>, ChainError> {
        let terms = Terms::read(certificate)?;
        let (not_before, not_after) = terms.validity()?;
        terms.layout.check().map_err(ChainError::malformed)?;
        if terms.layout.version != 3 || !terms.is_ca || !terms.key_usage.key_cert_sign {
            return Ok(None);
        }
        Ok(Some(Self {
            der: certificate.to_vec(),
            subject: terms.layout.subject.to_vec(),
            canonical: dn::canonical(terms.layout.subject),
            spki: terms.layout.spki.to_vec(),
            key_id: terms.subject_key_id.map(<[u8]>::to_vec),
            not_before,
            not_after,
            path_len: terms.path_len,
            may_sign_crls: terms.key_usage.crl_sign,
            extended_key_usage: terms.extended_key_usage,
            name_constraints: terms.name_constraints.map(<[u8]>::to_vec),
            unknown_critical: terms.unknown_critical,
            key: terms.key,
        }))
    }
}
