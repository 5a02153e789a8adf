//! What of a certificate is judged, without what is there for people to read.

use crate::{
    CertificateError, KeyUsage, algorithms,
    facts::{ExtendedKeyUsage, names, usage},
    oid,
    read::Layout,
};
use alloc::vec::Vec;
use cairn_crypto::PublicKey;
use core::net::IpAddr;

/// What a certificate says of its key and of itself (RFC 5280 section 4.1).
#[derive(Debug)]
pub(crate) struct Terms<'a> {
    pub(crate) layout: Layout<'a>,
    /// None when its algorithm is not one of TLS.
    pub(crate) public_key: Option<PublicKey>,
    pub(crate) is_ca: bool,
    pub(crate) path_len: Option<u8>,
    /// All, if it does not say.
    pub(crate) key_usage: KeyUsage,
    pub(crate) extended_key_usage: Option<ExtendedKeyUsage>,
    pub(crate) must_staple: bool,
    /// The encoded subject alternative names.
    pub(crate) alternative_names: Option<&'a [u8]>,
}

impl<'a> Terms<'a> {
    pub(crate) fn read(certificate: &'a [u8]) -> Result<Self, CertificateError> {
        Self::parse(certificate).map_err(|_| CertificateError::BadEncoding)
    }

    pub(crate) fn parse(certificate: &'a [u8]) -> der::Result<Self> {
        let layout = Layout::parse(certificate)?;
        let mut terms = Self {
            public_key: algorithms::public_key(layout.spki)?,
            layout,
            is_ca: false,
            path_len: None,
            key_usage: KeyUsage::ANY,
            extended_key_usage: None,
            must_staple: false,
            alternative_names: None,
        };
        terms.layout.extensions(|extension| {
            if extension.is(&oid::BASIC_CONSTRAINTS) {
                (terms.is_ca, terms.path_len) = usage::basic_constraints(extension.value)?;
            } else if extension.is(&oid::KEY_USAGE) {
                terms.key_usage = KeyUsage::parse(extension.value)?;
            } else if extension.is(&oid::EXTENDED_KEY_USAGE) {
                terms.extended_key_usage = Some(ExtendedKeyUsage::parse(extension.value)?);
            } else if extension.is(&oid::TLS_FEATURE) {
                terms.must_staple = usage::must_staple(extension.value)?;
            } else if extension.is(&oid::SUBJECT_ALT_NAME) {
                terms.alternative_names = Some(extension.value);
            }
            Ok(())
        })?;
        Ok(terms)
    }

    /// Whether `now`, in seconds since 1970, is in the time that it is valid.
    pub(crate) fn check_validity(&self, now: u64) -> Result<(), CertificateError> {
        let (not_before, not_after) = self.layout.validity().map_err(|_| CertificateError::BadEncoding)?;
        check_validity(not_before, not_after, now)
    }

    /// Whether this address is among its subject alternative names.
    pub(crate) fn is_for_address(&self, address: &IpAddr) -> bool {
        let (mut dns_names, mut addresses) = (Vec::new(), Vec::new());
        self.alternative_names.is_some_and(|encoded| {
            names::alternative_names(encoded, &mut dns_names, &mut addresses).is_ok()
                && addresses.contains(address)
        })
    }
}

pub(crate) fn check_validity(not_before: u64, not_after: u64, now: u64) -> Result<(), CertificateError> {
    if not_before > not_after {
        Err(CertificateError::BadValidity)
    } else if now < not_before {
        Err(CertificateError::NotYetValid { not_before, now })
    } else if now > not_after {
        Err(CertificateError::Expired { not_after, now })
    } else {
        Ok(())
    }
}
