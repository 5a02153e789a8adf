//! Name constraints (RFC 5280 section 4.2.1.10).

use crate::{
    certificate::Certificate,
    dn,
    error::CertificateError,
    general_name::{GeneralName, alternative_names},
    oid,
    place::{ChainError, Field, Oid},
    tlv::{self, Elements, OBJECT_IDENTIFIER, SEQUENCE, SET},
};
use alloc::vec::Vec;

/// The maximum number of comparisons between names and constraints while checking a path: sufficient for an
/// authority with some hundred constraints and a certificate with some hundred names.
pub(super) const MAX_COMPARISONS: usize = 100_000;

/// The combined name constraints of a path's authorities.
#[derive(Debug, Default)]
pub(super) struct Constraints<'a> {
    /// The constraints of each authority, from the top.
    all: Vec<Subtrees<'a>>,
    comparisons: usize,
}

/// `NameConstraints`.
#[derive(Debug)]
struct Subtrees<'a> {
    permitted: Vec<GeneralName<'a>>,
    excluded: Vec<GeneralName<'a>>,
}

/// The relation of a name to a constraint.
enum Verdict {
    /// The name is of another kind than the constraint.
    OfAnotherKind,
    Within,
    Outside,
    /// The kind is unsupported, or the name is malformed.
    Unknown,
}

impl<'a> Constraints<'a> {
    /// Adds the constraints of an authority. Section 6.1.4 (g) intersects the permitted subtrees and unites
    /// the excluded ones; here every name is compared with the constraints of each authority, which is
    /// equivalent.
    pub(super) fn add(&mut self, encoded: &'a [u8]) -> Result<(), ChainError> {
        let field = Field::Extension(Oid::new(oid::NAME_CONSTRAINTS.as_bytes()));
        let subtrees = Subtrees::parse(encoded).map_err(|_| ChainError::malformed(field))?;
        self.all.push(subtrees);
        Ok(())
    }

    /// Checks all names of a certificate. Section 6.1.3 (b) and (c): "verify that the subject name is within
    /// one of the permitted_subtrees ..., and verify that each of the alternative names in the subjectAltName
    /// extension (critical or non-critical) is within one of the permitted_subtrees for that name type", and
    /// is not within any of the excluded ones.
    pub(super) fn check(&mut self, certificate: &Certificate<'_>) -> Result<(), ChainError> {
        if self.all.is_empty() {
            return Ok(());
        }
        let subject = certificate.raw.subject;
        // "Restrictions of the form directoryName MUST be applied to the subject field in the certificate
        // (when the certificate includes a non-empty subject field)".
        if !dn::is_empty(subject) {
            self.check_name(GeneralName::Directory(subject), Field::Subject)?;
        }
        let field = Field::Extension(Oid::new(oid::SUBJECT_ALT_NAME.as_bytes()));
        let mut has_mail = false;
        if let Some(encoded) = certificate.alternative_names {
            let malformed = |_| ChainError::malformed(field);
            for name in alternative_names(encoded).map_err(malformed)? {
                let name = name.map_err(malformed)?;
                has_mail |= matches!(name, GeneralName::Mail(_));
                self.check_name(name, field)?;
            }
        }
        if !has_mail {
            // "the rfc822Name constraint MUST be applied to the attribute of type emailAddress in the subject
            // distinguished name."
            for mail in mail_addresses(subject).map_err(|_| ChainError::malformed(Field::Subject))? {
                self.check_name(GeneralName::Mail(mail), Field::Subject)?;
            }
        }
        Ok(())
    }

    fn check_name(&mut self, name: GeneralName<'_>, field: Field) -> Result<(), ChainError> {
        for subtrees in &self.all {
            let count = subtrees.permitted.len().saturating_add(subtrees.excluded.len());
            self.comparisons = self.comparisons.saturating_add(count);
            if self.comparisons > MAX_COMPARISONS {
                return Err(ChainError::new(CertificateError::TooComplex).of(field));
            }
            // "If no name of the type is in the certificate, the certificate is acceptable."
            let mut is_permitted = None;
            for constraint in &subtrees.permitted {
                match compare(name, *constraint, false) {
                    Verdict::OfAnotherKind => {}
                    Verdict::Within => is_permitted = Some(true),
                    Verdict::Outside => is_permitted = is_permitted.or(Some(false)),
                    Verdict::Unknown => return Err(unknown(name, field)),
                }
            }
            if is_permitted == Some(false) {
                return Err(ChainError::new(CertificateError::NameConstraint).of(field));
            }
            // "Any name matching a restriction in the excludedSubtrees field is invalid regardless of
            // information appearing in the permittedSubtrees."
            for constraint in &subtrees.excluded {
                match compare(name, *constraint, true) {
                    Verdict::OfAnotherKind | Verdict::Outside => {}
                    Verdict::Within => {
                        return Err(ChainError::new(CertificateError::NameConstraint).of(field));
                    }
                    Verdict::Unknown => return Err(unknown(name, field)),
                }
            }
        }
        Ok(())
    }
}

/// "If a name constraints extension that is marked as critical imposes constraints on a particular name form,
/// and an instance of that name form appears ..., then the application MUST either process the constraint or
/// reject the certificate." One that is not critical is treated alike.
fn unknown(name: GeneralName<'_>, field: Field) -> ChainError {
    ChainError::new(match name {
        GeneralName::Other(_) => CertificateError::UnsupportedConstraint,
        _ => CertificateError::BadEncoding,
    })
    .of(field)
}

impl<'a> Subtrees<'a> {
    fn parse(encoded: &'a [u8]) -> der::Result<Self> {
        let mut fields = Elements::of(Elements::only(encoded, SEQUENCE)?);
        if fields.is_finished() {
            // "Conforming CAs MUST NOT issue certificates where name constraints is an empty sequence."
            return Err(tlv::malformed());
        }
        let mut subtrees = |number| match fields.optional(tlv::explicit(number))? {
            Some(field) => general_subtrees(field.contents),
            None => Ok(Vec::new()),
        };
        let (permitted, excluded) = (subtrees(0)?, subtrees(1)?);
        fields.finish()?;
        Ok(Self { permitted, excluded })
    }
}

/// `GeneralSubtrees`: at least one, each without minimum and maximum.
fn general_subtrees(encoded: &[u8]) -> der::Result<Vec<GeneralName<'_>>> {
    let mut subtrees = Elements::of(encoded);
    let mut names = Vec::new();
    while !subtrees.is_finished() {
        let mut subtree = Elements::of(subtrees.one(SEQUENCE)?.contents);
        let name = GeneralName::take(&mut subtree)?;
        // "the minimum MUST be zero, and maximum MUST be absent": DER omits a minimum of zero.
        subtree.finish()?;
        if !is_constraint(name) {
            return Err(tlv::malformed());
        }
        names.push(name);
    }
    if names.is_empty() { Err(tlv::malformed()) } else { Ok(names) }
}

/// Whether this is valid as a constraint.
fn is_constraint(name: GeneralName<'_>) -> bool {
    match name {
        GeneralName::Dns(base) | GeneralName::Uri(base) => is_domain(base),
        GeneralName::Mail(base) => match mailbox(base) {
            Some((_, host)) => is_host(host),
            None => !base.contains(&b'@') && is_domain(base),
        },
        GeneralName::Directory(base) => dn::canonical(base).is_some(),
        // "For IPv4 addresses, the iPAddress field of GeneralName MUST contain eight (8) octets, encoded in
        // the style of RFC 4632 (CIDR)"; 32 octets for IPv6.
        GeneralName::Address(base) => match base.len() {
            8 => is_mask(base.get(4..)),
            32 => is_mask(base.get(16..)),
            _ => false,
        },
        GeneralName::Other(_) => true,
    }
}

/// Whether this is a host name, the empty domain, which contains every name, or a domain without its own
/// name, written with a leading period. RFC 5280 has no leading period in DNS constraints, but some issuers
/// write it and other implementations accept it.
fn is_domain(base: &[u8]) -> bool {
    base.is_empty() || is_host(base.strip_prefix(b".").unwrap_or(base))
}

/// Whether this is a host name: labels of printable characters without a wildcard.
fn is_host(name: &[u8]) -> bool {
    let is_label = |label: &[u8]| {
        (1..=63).contains(&label.len())
            && label.iter().all(|byte| byte.is_ascii_alphanumeric() || b"-_".contains(byte))
    };
    name.len() <= 253 && name.split(|byte| *byte == b'.').all(is_label)
}

/// Whether all ones precede all zeros (RFC 4632 section 3.1).
fn is_mask(mask: Option<&[u8]>) -> bool {
    let Some(mask) = mask else { return false };
    let bits = mask.iter().fold(0_u128, |bits, byte| bits << 8 | u128::from(*byte));
    let width = u32::try_from(mask.len()).unwrap_or_default().saturating_mul(8);
    bits.count_ones().saturating_add(bits.trailing_zeros().min(width)) == width
}

/// The local part and the host of a mailbox.
fn mailbox(name: &[u8]) -> Option<(&[u8], &[u8])> {
    let at = name.iter().rposition(|byte| *byte == b'@')?;
    let (local, host) = name.split_at_checked(at)?;
    // An at sign within the local part is quoted (RFC 5321 section 4.1.2), so the last one separates the
    // host.
    let is_quoted = local.len() > 1 && local.starts_with(b"\"") && local.ends_with(b"\"");
    (!local.is_empty() && (is_quoted || !local.contains(&b'@'))).then_some((local, host.get(1..)?))
}

/// Compares a name with a constraint. A wildcard represents many names: all of them must be permitted, and
/// none excluded.
fn compare(name: GeneralName<'_>, constraint: GeneralName<'_>, is_excluding: bool) -> Verdict {
    let verdict = |is_within: Option<bool>| match is_within {
        Some(true) => Verdict::Within,
        Some(false) => Verdict::Outside,
        None => Verdict::Unknown,
    };
    match (name, constraint) {
        (GeneralName::Dns(name), GeneralName::Dns(base)) => verdict(is_dns_within(name, base, is_excluding)),
        (GeneralName::Mail(name), GeneralName::Mail(base)) => verdict(is_mail_within(name, base)),
        (GeneralName::Uri(name), GeneralName::Uri(base)) => {
            verdict(uri_host(name).map(|host| is_host_within(host, base)))
        }
        (GeneralName::Directory(name), GeneralName::Directory(base)) => {
            let both = dn::canonical(name).zip(dn::canonical(base));
            verdict(both.map(|(name, base)| name.starts_with(&base)))
        }
        (GeneralName::Address(name), GeneralName::Address(base)) => match (name.len(), base.len()) {
            (4, 8) | (16, 32) => verdict(is_address_within(name, base)),
            (4, 32) | (16, 8) => Verdict::OfAnotherKind,
            _ => Verdict::Unknown,
        },
        (GeneralName::Other(name), GeneralName::Other(base)) if name == base => Verdict::Unknown,
        _ => Verdict::OfAnotherKind,
    }
}

/// "Any DNS name that can be constructed by simply adding zero or more labels to the left-hand side of the
/// name satisfies the name constraint."
fn is_dns_within(name: &[u8], base: &[u8], is_excluding: bool) -> Option<bool> {
    let Some(domain) = name.strip_prefix(b"*.") else {
        return is_host(name).then(|| is_within_domain(name, base));
    };
    if !is_host(domain) {
        return None;
    }
    let is_all_within = match base.strip_prefix(b".") {
        // Every name that matches the wildcard has one more label.
        Some(base) => is_within_domain(domain, base),
        None => is_within_domain(domain, base),
    };
    // Whether the wildcard matches the name of the constraint itself.
    let host = base.strip_prefix(b".").unwrap_or(base);
    let is_one_within = || {
        let label = host.iter().position(|byte| *byte == b'.').and_then(|end| host.get(end..)?.get(1..));
        label.is_some_and(|rest| rest.eq_ignore_ascii_case(domain)) && !base.starts_with(b".")
    };
    Some(is_all_within || (is_excluding && is_one_within()))
}

/// Whether `name` is `base` or below it. With a leading period in `base`, `name` must be below it.
fn is_within_domain(name: &[u8], base: &[u8]) -> bool {
    if base.is_empty() {
        return true;
    }
    let Some(start) = name.len().checked_sub(base.len()) else { return false };
    let Some((before, end)) = name.split_at_checked(start) else { return false };
    end.eq_ignore_ascii_case(base)
        && if base.starts_with(b".") {
            !before.is_empty()
        } else {
            before.is_empty() || before.ends_with(b".")
        }
}

/// For URIs and mailboxes: "When the constraint does not begin with a period, it specifies a host." "When the
/// constraint begins with a period, it MAY be expanded with one or more labels."
fn is_host_within(host: &[u8], base: &[u8]) -> bool {
    base.is_empty()
        || if base.starts_with(b".") { is_within_domain(host, base) } else { host.eq_ignore_ascii_case(base) }
}

fn is_mail_within(name: &[u8], base: &[u8]) -> Option<bool> {
    let (local, host) = mailbox(name).filter(|(_, host)| is_host(host))?;
    // The local part is compared as it is, including letter case (RFC 5280 section 7.5).
    Some(match mailbox(base) {
        Some((base_local, base_host)) => local == base_local && host.eq_ignore_ascii_case(base_host),
        None => is_host_within(host, base),
    })
}

/// The host of a URI (RFC 3986 section 3.2.2): "When a constraint ... is applied to a URI that does not
/// include an authority component with a host name specified as a fully qualified domain name ..., then the
/// application MUST reject the certificate."
fn uri_host(uri: &[u8]) -> Option<&[u8]> {
    let text = core::str::from_utf8(uri).ok()?;
    let (_, rest) = text.split_once("://")?;
    let authority = rest.split(['/', '?', '#']).next()?;
    let host = authority.rsplit_once('@').map_or(authority, |(_, host)| host);
    let host = host.split_once(':').map_or(host, |(host, _)| host);
    let is_name = is_host(host.as_bytes()) && host.parse::<core::net::Ipv4Addr>().is_err();
    is_name.then_some(host.as_bytes())
}

fn is_address_within(name: &[u8], base: &[u8]) -> Option<bool> {
    let (network, mask) = base.split_at_checked(name.len())?;
    let mut bytes = name.iter().zip(network).zip(mask);
    Some(bytes.all(|((name, network), mask)| name & mask == network & mask))
}

/// The contents of each emailAddress in a distinguished name.
fn mail_addresses(subject: &[u8]) -> der::Result<Vec<&[u8]>> {
    let mut found = Vec::new();
    let mut parts = Elements::of(Elements::only(subject, SEQUENCE)?);
    while !parts.is_finished() {
        let mut set = Elements::of(parts.one(SET)?.contents);
        while !set.is_finished() {
            let mut attribute = Elements::of(set.one(SEQUENCE)?.contents);
            let is_mail = attribute.one(OBJECT_IDENTIFIER)?.contents == oid::EMAIL_ADDRESS.as_bytes();
            let value = attribute.any()?;
            if is_mail {
                found.push(value.contents);
            }
        }
    }
    Ok(found)
}

#[cfg(test)]
mod tests;
