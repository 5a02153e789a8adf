//! The parts of a certificate that verification needs.

use crate::{
    algorithms::{self, Key},
    error::CertificateError,
    oid,
    place::{ChainError, Field, Oid},
    read::{Extension, RawCertificate},
    tlv::{self, Elements, NULL, OCTET_STRING, SEQUENCE},
    usage::{self, ExtendedKeyUsage, KeyUsage},
};
use alloc::vec::Vec;

/// The parts of a certificate (RFC 5280 section 4.1) that verification needs.
#[derive(Debug)]
pub(crate) struct Certificate<'a> {
    pub(crate) raw: RawCertificate<'a>,
    /// `None` if TLS cannot use its algorithm.
    pub(crate) key: Option<Key>,
    pub(crate) is_ca: bool,
    pub(crate) path_len: Option<u32>,
    /// Everything if the extension is absent.
    pub(crate) key_usage: KeyUsage,
    /// Whether the key usage extension is present.
    pub(crate) has_key_usage: bool,
    pub(crate) extended_key_usage: Option<ExtendedKeyUsage>,
    pub(crate) must_staple: bool,
    /// Whether delegated credentials may be issued with the key (RFC 9345 section 4.2).
    pub(crate) delegation_usage: bool,
    /// The encoded subject alternative names.
    pub(crate) alternative_names: Option<&'a [u8]>,
    pub(crate) name_constraints: Option<&'a [u8]>,
    pub(crate) policies: Option<&'a [u8]>,
    pub(crate) policy_mappings: Option<&'a [u8]>,
    pub(crate) policy_constraints: Option<&'a [u8]>,
    pub(crate) inhibit_any_policy: Option<&'a [u8]>,
    pub(crate) crl_distribution_points: Option<&'a [u8]>,
    pub(crate) subject_key_id: Option<&'a [u8]>,
    /// `keyIdentifier` of the authority key identifier extension.
    pub(crate) authority_key_id: Option<&'a [u8]>,
    /// An unrecognized critical extension.
    pub(crate) unknown_critical: Option<Oid>,
    /// The validity period; `None` if malformed.
    validity: Option<(u64, u64)>,
}

impl<'a> Certificate<'a> {
    pub(crate) fn read(certificate: &'a [u8]) -> Result<Self, ChainError> {
        Self::parse(certificate).map_err(ChainError::malformed)
    }

    /// Parses a certificate.
    ///
    /// # Errors
    /// The malformed field.
    pub(crate) fn parse(certificate: &'a [u8]) -> Result<Self, Field> {
        let raw = RawCertificate::parse(certificate)?;
        let mut certificate = Self {
            key: algorithms::key(raw.spki).map_err(|_| Field::PublicKey)?,
            validity: raw.validity().ok(),
            raw,
            is_ca: false,
            path_len: None,
            key_usage: KeyUsage::ANY,
            has_key_usage: false,
            extended_key_usage: None,
            must_staple: false,
            delegation_usage: false,
            alternative_names: None,
            name_constraints: None,
            policies: None,
            policy_mappings: None,
            policy_constraints: None,
            inhibit_any_policy: None,
            crl_distribution_points: None,
            subject_key_id: None,
            authority_key_id: None,
            unknown_critical: None,
        };
        let mut seen = 0_u32;
        let mut unknown = Vec::new();
        // The extensions borrow the raw while the other fields are filled in.
        let extensions = certificate.raw.all_extensions();
        extensions.each(|extension| {
            let which = certificate.take(extension).map_err(|_| extension.field())?;
            let Some(which) = which else {
                unknown.push(extension.oid);
                return Ok(());
            };
            // RFC 5280 section 4.2: "A certificate MUST NOT include more than one instance of a particular
            // extension." This includes unknown extensions.
            let bit = 1 << which;
            if seen & bit != 0 {
                return Err(extension.field());
            }
            seen |= bit;
            Ok(())
        })?;
        if unknown.len() > 1 {
            unknown.sort_unstable();
            if let Some(twice) = unknown.windows(2).find(|pair| pair.first() == pair.last()) {
                return Err(Field::Extension(Oid::new(twice.first().copied().unwrap_or_default())));
            }
        }
        Ok(certificate)
    }

    /// Processes an extension and returns a number for its kind, or `None` if it is unknown.
    fn take(&mut self, extension: Extension<'a>) -> der::Result<Option<u8>> {
        const BASIC_CONSTRAINTS: &[u8] = oid::BASIC_CONSTRAINTS.as_bytes();
        const KEY_USAGE: &[u8] = oid::KEY_USAGE.as_bytes();
        const EXTENDED_KEY_USAGE: &[u8] = oid::EXTENDED_KEY_USAGE.as_bytes();
        const TLS_FEATURE: &[u8] = oid::TLS_FEATURE.as_bytes();
        const DELEGATION_USAGE: &[u8] = oid::DELEGATION_USAGE.as_bytes();
        const SUBJECT_ALT_NAME: &[u8] = oid::SUBJECT_ALT_NAME.as_bytes();
        const NAME_CONSTRAINTS: &[u8] = oid::NAME_CONSTRAINTS.as_bytes();
        const CERTIFICATE_POLICIES: &[u8] = oid::CERTIFICATE_POLICIES.as_bytes();
        const POLICY_MAPPINGS: &[u8] = oid::POLICY_MAPPINGS.as_bytes();
        const POLICY_CONSTRAINTS: &[u8] = oid::POLICY_CONSTRAINTS.as_bytes();
        const INHIBIT_ANY_POLICY: &[u8] = oid::INHIBIT_ANY_POLICY.as_bytes();
        const CRL_DISTRIBUTION_POINTS: &[u8] = oid::CRL_DISTRIBUTION_POINTS.as_bytes();
        const SUBJECT_KEY_IDENTIFIER: &[u8] = oid::SUBJECT_KEY_IDENTIFIER.as_bytes();
        const AUTHORITY_KEY_IDENTIFIER: &[u8] = oid::AUTHORITY_KEY_IDENTIFIER.as_bytes();

        let value = extension.value;
        Ok(Some(match extension.oid {
            BASIC_CONSTRAINTS => {
                (self.is_ca, self.path_len) = usage::basic_constraints(value)?;
                0
            }
            KEY_USAGE => {
                self.key_usage = KeyUsage::parse(value)?;
                self.has_key_usage = true;
                1
            }
            EXTENDED_KEY_USAGE => {
                self.extended_key_usage = Some(ExtendedKeyUsage::parse(value)?);
                2
            }
            TLS_FEATURE => {
                self.must_staple = usage::must_staple(value)?;
                3
            }
            SUBJECT_ALT_NAME => {
                self.alternative_names = Some(value);
                4
            }
            NAME_CONSTRAINTS => {
                self.name_constraints = Some(value);
                5
            }
            CERTIFICATE_POLICIES => {
                self.policies = Some(value);
                6
            }
            POLICY_MAPPINGS => {
                self.policy_mappings = Some(value);
                7
            }
            POLICY_CONSTRAINTS => {
                self.policy_constraints = Some(value);
                8
            }
            INHIBIT_ANY_POLICY => {
                self.inhibit_any_policy = Some(value);
                9
            }
            CRL_DISTRIBUTION_POINTS => {
                self.crl_distribution_points = Some(value);
                10
            }
            SUBJECT_KEY_IDENTIFIER if !extension.is_critical => {
                self.subject_key_id = Some(Elements::only(value, OCTET_STRING)?);
                11
            }
            AUTHORITY_KEY_IDENTIFIER if !extension.is_critical => {
                let mut fields = Elements::of(Elements::only(value, SEQUENCE)?);
                self.authority_key_id = fields.optional(tlv::context(0))?.map(|id| id.contents);
                12
            }
            // RFC 9345 section 4.2: "The extension MUST be marked non-critical." Its value is NULL.
            DELEGATION_USAGE if !extension.is_critical => {
                let contents = Elements::only(value, NULL)?;
                if !contents.is_empty() {
                    return Err(tlv::malformed());
                }
                self.delegation_usage = true;
                13
            }
            _ => {
                if extension.is_critical && self.unknown_critical.is_none() {
                    self.unknown_critical = Some(Oid::new(extension.oid));
                }
                return Ok(None);
            }
        }))
    }

    /// Checks that `now`, in seconds since 1970, is within the validity period.
    pub(crate) fn check_validity(&self, now: u64) -> Result<(), ChainError> {
        let (not_before, not_after) = self.validity()?;
        Ok(check_validity(not_before, not_after, now)?)
    }

    /// The validity period in seconds since 1970; earlier times become 0.
    pub(crate) fn validity(&self) -> Result<(u64, u64), ChainError> {
        self.validity.ok_or_else(|| ChainError::malformed(Field::Validity))
    }

    /// Section 6.1: "A certificate is self-issued if the same DN appears in the subject and issuer fields".
    pub(crate) fn is_self_issued(&self) -> bool {
        crate::dn::same(self.raw.subject, self.raw.issuer)
    }
}

/// RFC 5280 section 4.1.2.5: "The validity period for a certificate is the period of time from notBefore
/// through notAfter, inclusive."
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
