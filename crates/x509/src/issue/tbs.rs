//! Assembles a certificate (RFC 5280 section 4.1).

use super::{error::IssueError, template::Template};
use crate::{
    algorithms,
    der_out::{
        BOOLEAN, INTEGER, OCTET_STRING, UTF8_STRING, bit_string, context, explicit, named_bits, oid,
        sequence, set_of_one, tlv,
    },
    oid::*,
    usage::{ExtendedKeyUsage, KeyUsage},
};
use alloc::vec::Vec;
use cairn_crypto::{HashAlgorithm, Provider, PublicKey, SigningKey};
use core::{net::IpAddr, time::Duration};
use der::{
    DateTime, Encode,
    asn1::{GeneralizedTime, ObjectIdentifier, UtcTime},
};

/// The issuer of a certificate.
pub(super) struct Issuer<'a> {
    /// The distinguished name in DER.
    pub(super) name: &'a [u8],
    /// The subject key identifier.
    pub(super) key_id: Option<&'a [u8]>,
    pub(super) key: &'a dyn SigningKey,
}

/// Builds and signs a certificate.
pub(super) fn certificate(
    template: &Template,
    provider: &Provider,
    public_key: &PublicKey,
    issuer: &Issuer<'_>,
) -> Result<Vec<u8>, IssueError> {
    let scheme = template.scheme_for(issuer.key)?;
    let algorithm = algorithms::of_signature(scheme).ok_or(IssueError::Scheme)?;
    let algorithm = sequence(&[&algorithm]);

    let tbs = sequence(&[
        &tlv(explicit(0), &[&tlv(INTEGER, &[&[2]])]),
        &tlv(INTEGER, &[&serial(template, provider)?]),
        &algorithm,
        issuer.name,
        &sequence(&[&time(template.not_before)?, &time(template.not_after)?]),
        &name(&template.common_name),
        &spki(public_key)?,
        &tlv(explicit(3), &[&sequence(&[&extensions(template, provider, public_key, issuer)?])]),
    ]);
    let signature = issuer.key.sign(scheme, &tbs, &mut provider.rng())?;
    Ok(sequence(&[&tbs, &algorithm, &bit_string(&signature)]))
}

/// A distinguished name that consists of a common name, or is empty if that is.
pub(super) fn name(common_name: &str) -> Vec<u8> {
    if common_name.is_empty() {
        return sequence(&[]);
    }
    let value = tlv(UTF8_STRING, &[common_name.as_bytes()]);
    sequence(&[&set_of_one(&sequence(&[&oid(&COMMON_NAME), &value]))])
}

/// The leftmost 160 bits of the SHA-256 hash of the public key (RFC 7093 section 2), if the provider has
/// SHA-256.
pub(super) fn key_id(provider: &Provider, key: &PublicKey) -> Result<Option<Vec<u8>>, IssueError> {
    let Some(sha256) = provider.hash(HashAlgorithm::Sha256) else {
        return Ok(None);
    };
    let hash = sha256.hash(&[&key.bits])?;
    Ok(hash.as_bytes().get(..20).map(<[u8]>::to_vec))
}

/// Sixteen random bytes. The first is adjusted so that the number is positive and has full length.
fn serial(template: &Template, provider: &Provider) -> Result<[u8; 16], IssueError> {
    let mut serial = template.serial.unwrap_or_default();
    if template.serial.is_none() {
        provider.random.fill(&mut serial)?;
    }
    if let Some(first) = serial.first_mut() {
        *first = (*first & 0x3f) | 0x40;
    }
    Ok(serial)
}

/// UTCTime up to 2049, GeneralizedTime afterwards (RFC 5280 section 4.1.2.5).
fn time(seconds: u64) -> Result<Vec<u8>, IssueError> {
    let date = DateTime::from_unix_duration(Duration::from_secs(seconds)).map_err(|_| IssueError::Date)?;
    let encoded = match UtcTime::from_date_time(date) {
        Ok(time) => time.to_der(),
        Err(_) => GeneralizedTime::from_date_time(date).to_der(),
    };
    encoded.map_err(|_| IssueError::Date)
}

fn spki(key: &PublicKey) -> Result<Vec<u8>, IssueError> {
    let algorithm = algorithms::of_key(key.kind).ok_or(IssueError::Scheme)?;
    Ok(sequence(&[&sequence(&[&algorithm]), &bit_string(&key.bits)]))
}

fn extensions(
    template: &Template,
    provider: &Provider,
    public_key: &PublicKey,
    issuer: &Issuer<'_>,
) -> Result<Vec<u8>, IssueError> {
    const CRITICAL: bool = true;
    let mut all = Vec::new();
    let mut add = |id: &ObjectIdentifier, critical: bool, value: &[u8]| {
        let critical = if critical { tlv(BOOLEAN, &[&[0xff]]) } else { Vec::new() };
        all.extend(sequence(&[&oid(id), &critical, &tlv(OCTET_STRING, &[value])]));
    };

    add(&BASIC_CONSTRAINTS, CRITICAL, &basic_constraints(template));
    if let Some(usage) = template.key_usage_for(public_key.kind) {
        add(&KEY_USAGE, CRITICAL, &key_usage(usage));
    }
    if let Some(usage) = template.extended_key_usage {
        add(&EXTENDED_KEY_USAGE, !CRITICAL, &extended_key_usage(usage));
    }
    let names = alternative_names(template)?;
    if !names.is_empty() {
        // Critical if the subject is empty (RFC 5280 section 4.2.1.6).
        add(&SUBJECT_ALT_NAME, template.common_name.is_empty(), &sequence(&[&names]));
    }
    if !template.permitted.is_empty() {
        add(&NAME_CONSTRAINTS, CRITICAL, &name_constraints(template));
    }
    if template.must_staple {
        let feature = tlv(INTEGER, &[&[5]]); // status_request (RFC 6066 section 1.1).
        add(&TLS_FEATURE, !CRITICAL, &sequence(&[&feature]));
    }
    if let Some(id) = key_id(provider, public_key)? {
        add(&SUBJECT_KEY_IDENTIFIER, !CRITICAL, &tlv(OCTET_STRING, &[&id]));
    }
    if let Some(id) = issuer.key_id {
        add(&AUTHORITY_KEY_IDENTIFIER, !CRITICAL, &sequence(&[&tlv(context(0), &[id])]));
    }
    Ok(all)
}

fn basic_constraints(template: &Template) -> Vec<u8> {
    if !template.is_ca {
        return sequence(&[]);
    }
    let is_ca = tlv(BOOLEAN, &[&[0xff]]);
    match template.path_len {
        // A leading zero byte keeps the number positive.
        Some(len @ 0x80..) => sequence(&[&is_ca, &tlv(INTEGER, &[&[0, len]])]),
        Some(len) => sequence(&[&is_ca, &tlv(INTEGER, &[&[len]])]),
        None => sequence(&[&is_ca]),
    }
}

fn key_usage(usage: KeyUsage) -> Vec<u8> {
    let mut bits = 0;
    for (set, bit) in [
        (usage.digital_signature, 0x80),
        (usage.key_encipherment, 0x20),
        (usage.key_agreement, 0x08),
        (usage.key_cert_sign, 0x04),
        (usage.crl_sign, 0x02),
    ] {
        if set {
            bits |= bit;
        }
    }
    named_bits(bits)
}

fn extended_key_usage(usage: ExtendedKeyUsage) -> Vec<u8> {
    let mut purposes = Vec::new();
    for (set, purpose) in [
        (usage.server_auth, SERVER_AUTH),
        (usage.client_auth, CLIENT_AUTH),
        (usage.ocsp_signing, OCSP_SIGNING),
        (usage.any, ANY_PURPOSE),
    ] {
        if set {
            purposes.extend(oid(&purpose));
        }
    }
    sequence(&[&purposes])
}

fn alternative_names(template: &Template) -> Result<Vec<u8>, IssueError> {
    let mut names = Vec::new();
    for name in template.checked_dns_names()? {
        names.extend(tlv(context(2), &[name.as_bytes()]));
    }
    for address in &template.addresses {
        names.extend(match address {
            IpAddr::V4(four) => tlv(context(7), &[&four.octets()]),
            IpAddr::V6(six) => tlv(context(7), &[&six.octets()]),
        });
    }
    Ok(names)
}

fn name_constraints(template: &Template) -> Vec<u8> {
    let mut subtrees = Vec::new();
    for name in &template.permitted {
        subtrees.extend(sequence(&[&tlv(context(2), &[name.as_bytes()])]));
    }
    sequence(&[&tlv(explicit(0), &[&subtrees])])
}
