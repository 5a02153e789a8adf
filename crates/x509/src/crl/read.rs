//! Parses a CRL (RFC 5280 section 5.1).

use super::error::CrlError;
use crate::{
    certificate::Certificate,
    ocsp::Tools,
    oid,
    place::Field,
    read::Extensions,
    time,
    tlv::{self, BIT_STRING, Elements, GENERALIZED_TIME, INTEGER, SEQUENCE, UTC_TIME},
};
use alloc::vec::Vec;
use core::ops::Range;

/// The time by which an issuer's clock may be ahead of ours, in seconds: five minutes.
pub const TOLERANCE: u64 = 300;

/// `CertificateList`.
#[derive(Debug)]
pub(super) struct Crl {
    pub(super) der: Vec<u8>,
    /// The range of `tbsCertList` with its header, which is the signed part.
    tbs: Range<usize>,
    /// The contents of `signatureAlgorithm`.
    algorithm: Vec<u8>,
    signature: Vec<u8>,
    /// A distinguished name in DER.
    pub(super) issuer: Vec<u8>,
    this_update: u64,
    pub(super) next_update: Option<u64>,
    /// The contents of each serial number with its revocation date, sorted by serial number.
    revoked: Vec<(Vec<u8>, u64)>,
    scope: Scope,
    /// The `SubjectPublicKeyInfo` of the key that verified the signature.
    #[cfg(feature = "std")]
    signer: std::sync::OnceLock<Vec<u8>>,
}

/// `IssuingDistributionPoint` (RFC 5280 section 5.2.5).
#[derive(Debug, Default)]
struct Scope {
    /// The contents of `distributionPoint`.
    point: Option<Vec<u8>>,
    only_end_entities: bool,
    only_authorities: bool,
}

impl Crl {
    pub(super) fn read(der: &[u8]) -> Result<Self, CrlError> {
        let bad = |_| CrlError::BadEncoding;
        let contents = Elements::only(der, SEQUENCE).map_err(bad)?;
        let mut list = Elements::of(contents);
        let tbs = list.one(SEQUENCE).map_err(bad)?;
        let algorithm = list.one(SEQUENCE).map_err(bad)?.contents;
        let signature = list.one(BIT_STRING).map_err(bad)?.contents;
        let signature = tlv::whole_bytes(signature).map_err(bad)?;
        list.finish().map_err(bad)?;

        let mut fields = Elements::of(tbs.contents);
        let version = fields.optional(INTEGER).map_err(bad)?;
        if version.is_some_and(|version| version.contents != [1]) {
            return Err(CrlError::BadEncoding);
        }
        // Section 5.1.2.2: the inner identifier must equal the outer one.
        if fields.one(SEQUENCE).map_err(bad)?.contents != algorithm {
            return Err(CrlError::BadEncoding);
        }
        let issuer = fields.one(SEQUENCE).map_err(bad)?.whole;
        let this_update = fields.any().and_then(time::time).map_err(bad)?;
        let mut next_update = None;
        for tag in [UTC_TIME, GENERALIZED_TIME] {
            if let Some(element) = fields.optional(tag).map_err(bad)? {
                next_update = Some(time::time(element).map_err(bad)?);
                break;
            }
        }
        let revoked = match fields.optional(SEQUENCE).map_err(bad)? {
            Some(entries) => entries_of(entries.contents)?,
            None => Vec::new(),
        };
        let scope = match fields.optional(tlv::explicit(0)).map_err(bad)? {
            Some(extensions) => scope_of(Elements::only(extensions.contents, SEQUENCE).map_err(bad)?)?,
            None => Scope::default(),
        };
        fields.finish().map_err(bad)?;
        // `tbsCertList` is the first element of the contents.
        let start = der.len().saturating_sub(contents.len());
        Ok(Self {
            der: der.to_vec(),
            tbs: start..start.saturating_add(tbs.whole.len()),
            algorithm: algorithm.to_vec(),
            signature: signature.to_vec(),
            issuer: issuer.to_vec(),
            this_update,
            next_update,
            revoked,
            scope,
            #[cfg(feature = "std")]
            signer: std::sync::OnceLock::new(),
        })
    }

    /// Whether the CRL would list this certificate of its issuer if it were revoked (section 6.3.3 (b)).
    pub(super) fn covers(&self, certificate: &Certificate<'_>) -> bool {
        let is_for_kind =
            if certificate.is_ca { !self.scope.only_end_entities } else { !self.scope.only_authorities };
        is_for_kind
            && self.scope.point.as_ref().is_none_or(|point| {
                certificate.crl_distribution_points.is_some_and(|points| names_point(points, point))
            })
    }

    /// The revocation date of the certificate with this serial number.
    pub(super) fn revoked_since(&self, serial: &[u8]) -> Option<u64> {
        let place = self.revoked.binary_search_by(|(known, _)| known.as_slice().cmp(serial)).ok()?;
        self.revoked.get(place).map(|(_, since)| *since)
    }

    pub(super) fn check_dates(&self, now: u64) -> Result<(), CrlError> {
        if self.this_update > now.saturating_add(TOLERANCE) {
            return Err(CrlError::NotYetValid { this_update: self.this_update, now });
        }
        match self.next_update {
            Some(next_update) if next_update < now => Err(CrlError::Outdated { next_update, now }),
            _ => Ok(()),
        }
    }

    /// Whether this key signed the CRL. A CRL may be long, so with `std` the signature is checked once and
    /// the key is kept.
    pub(super) fn is_signed_with(&self, spki: &[u8], tools: &Tools<'_>) -> bool {
        #[cfg(feature = "std")]
        if self.signer.get().is_some_and(|signer| signer == spki) {
            return true;
        }
        let Some(tbs) = self.der.get(self.tbs.clone()) else { return false };
        let is_right = tools.verify(spki, &self.algorithm, tbs, &self.signature).is_ok();
        #[cfg(feature = "std")]
        if is_right {
            // Another thread may have set it first.
            let _ = self.signer.set(spki.to_vec());
        }
        is_right
    }
}

/// `revokedCertificates`, sorted by serial number.
fn entries_of(encoded: &[u8]) -> Result<Vec<(Vec<u8>, u64)>, CrlError> {
    let bad = |_| CrlError::BadEncoding;
    let mut revoked = Vec::new();
    let mut entries = Elements::of(encoded);
    while !entries.is_finished() {
        let mut entry = Elements::of(entries.one(SEQUENCE).map_err(bad)?.contents);
        let serial = entry.one(INTEGER).map_err(bad)?.contents;
        let since = entry.any().and_then(time::time).map_err(bad)?;
        if let Some(extensions) = entry.optional(SEQUENCE).map_err(bad)? {
            check_entry(extensions.contents)?;
        }
        entry.finish().map_err(bad)?;
        revoked.push((serial.to_vec(), since));
    }
    revoked.sort_unstable();
    Ok(revoked)
}

/// Rejects an entry with a critical extension. The only one that RFC 5280 defines, `certificateIssuer`,
/// belongs to indirect CRLs.
fn check_entry(extensions: &[u8]) -> Result<(), CrlError> {
    let mut is_unknown = false;
    let known = [oid::REASON_CODE, oid::INVALIDITY_DATE];
    let each = Extensions(extensions).each(|extension| {
        is_unknown |= extension.is_critical && !known.iter().any(|known| extension.is(known));
        Ok(())
    });
    each.map_err(|_| CrlError::BadEncoding)?;
    if is_unknown { Err(CrlError::UnknownCriticalExtension) } else { Ok(()) }
}

fn scope_of(extensions: &[u8]) -> Result<Scope, CrlError> {
    let mut is_unknown = false;
    let mut scope = Ok(Scope::default());
    let each = Extensions(extensions).each(|extension| {
        if extension.is(&oid::ISSUING_DISTRIBUTION_POINT) {
            scope = issuing_distribution_point(extension.value).map_err(|_| extension.field())?;
        } else {
            is_unknown |= extension.is_critical;
        }
        Ok::<(), Field>(())
    });
    each.map_err(|_| CrlError::BadEncoding)?;
    if is_unknown { Err(CrlError::UnknownCriticalExtension) } else { scope }
}

fn issuing_distribution_point(encoded: &[u8]) -> der::Result<Result<Scope, CrlError>> {
    let mut fields = Elements::of(Elements::only(encoded, SEQUENCE)?);
    let point = fields.optional(tlv::explicit(0))?.map(|point| point.contents.to_vec());
    let mut flag = |number| match fields.optional(tlv::context(number))? {
        Some(flag) => tlv::boolean(flag.contents),
        None => Ok(false),
    };
    let (only_end_entities, only_authorities) = (flag(1)?, flag(2)?);
    let has_reasons = fields.optional(tlv::context(3))?.is_some();
    let mut flag = |number| match fields.optional(tlv::context(number))? {
        Some(flag) => tlv::boolean(flag.contents),
        None => Ok(false),
    };
    let (is_indirect, only_attributes) = (flag(4)?, flag(5)?);
    fields.finish()?;
    if has_reasons || is_indirect || only_attributes {
        return Ok(Err(CrlError::UnsupportedScope));
    }
    Ok(Ok(Scope { point, only_end_entities, only_authorities }))
}

/// Whether one of a certificate's `CRLDistributionPoints` shares a name with the CRL's `distributionPoint`,
/// given the contents of that field (section 6.3.3 (b) (2) (i)).
fn names_point(points: &[u8], point: &[u8]) -> bool {
    let search = || {
        let mut points = Elements::of(Elements::only(points, SEQUENCE)?);
        while !points.is_finished() {
            let mut fields = Elements::of(points.one(SEQUENCE)?.contents);
            let Some(name) = fields.optional(tlv::explicit(0))? else { continue };
            if name.contents == point || have_name_in_common(name.contents, point)? {
                return Ok(true);
            }
        }
        der::Result::Ok(false)
    };
    search().unwrap_or(false)
}

/// Whether two `DistributionPointName`s that are full names share a name.
fn have_name_in_common(one: &[u8], other: &[u8]) -> der::Result<bool> {
    let mut names = Elements::of(Elements::only(one, tlv::explicit(0))?);
    while !names.is_finished() {
        let name = names.any()?.whole;
        let mut others = Elements::of(Elements::only(other, tlv::explicit(0))?);
        while !others.is_finished() {
            if others.any()?.whole == name {
                return Ok(true);
            }
        }
    }
    Ok(false)
}
