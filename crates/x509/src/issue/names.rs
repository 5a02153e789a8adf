//! The names in a certificate to issue, and the addresses where its status is known.

use super::{
    error::IssueError,
    subtree::{Subtree, dns_name, uri},
    template::Template,
};
use crate::name::{DnsName, NameError};
use alloc::{vec, vec::Vec};
use der::{
    asn1::Ia5String,
    oid::db::rfc5280::{ID_AD_CA_ISSUERS, ID_AD_OCSP},
};
use x509_cert::ext::pkix::{
    AccessDescription, AuthorityInfoAccessSyntax, CrlDistributionPoints, NameConstraints,
    constraints::name::GeneralSubtree,
    crl::dp::DistributionPoint,
    name::{DistributionPointName, GeneralName},
};

/// Checks the names that can be malformed.
pub(super) fn check(template: &Template) -> Result<(), IssueError> {
    for name in &template.dns_names {
        // RFC 5280 section 4.2.1.6 refers to RFC 1034 section 3.5, where names have no trailing dot.
        if name.ends_with('.') {
            return Err(IssueError::Name(NameError::Malformed));
        }
        DnsName::parse(name.strip_prefix("*.").unwrap_or(name)).map_err(IssueError::Name)?;
    }
    for mailbox in &template.mailboxes {
        let (user, host) = mailbox.rsplit_once('@').ok_or(IssueError::Address)?;
        if user.is_empty() || !is_printable(user) {
            return Err(IssueError::Address);
        }
        DnsName::parse(host).map_err(IssueError::Name)?;
    }
    let urls = [&template.uris, &template.crl_urls, &template.ocsp_urls, &template.issuer_urls];
    for uri in urls.into_iter().flatten() {
        let (scheme, rest) = uri.split_once(':').ok_or(IssueError::Address)?;
        let is_scheme = scheme.starts_with(|first: char| first.is_ascii_alphabetic());
        if !is_scheme || rest.is_empty() || !is_printable(uri) {
            return Err(IssueError::Address);
        }
    }
    template.permitted.iter().chain(&template.excluded).try_for_each(Subtree::check)
}

/// Whether it consists of printable ASCII characters without spaces.
fn is_printable(text: &str) -> bool {
    text.bytes().all(|byte| byte.is_ascii_graphic())
}

/// The names of the certificate.
pub(super) fn alternative_names(template: &Template) -> der::Result<Vec<GeneralName>> {
    let names = template.dns_names.iter().map(|name| dns_name(name));
    let addresses = template.addresses.iter().map(|address| Ok(GeneralName::from(*address)));
    let mailboxes = template.mailboxes.iter().map(|name| Ia5String::new(name).map(GeneralName::Rfc822Name));
    let uris = template.uris.iter().map(|name| uri(name));
    names.chain(addresses).chain(mailboxes).chain(uris).collect()
}

/// The name constraints, if there are any.
pub(super) fn constraints(template: &Template) -> der::Result<Option<NameConstraints>> {
    let subtrees = |all: &[Subtree]| -> der::Result<Option<Vec<GeneralSubtree>>> {
        let subtree =
            |subtree| Ok(GeneralSubtree { base: Subtree::constraint(subtree)?, minimum: 0, maximum: None });
        Ok(Some(all.iter().map(subtree).collect::<der::Result<Vec<_>>>()?).filter(|all| !all.is_empty()))
    };
    let permitted_subtrees = subtrees(&template.permitted)?;
    let excluded_subtrees = subtrees(&template.excluded)?;
    let is_needed = permitted_subtrees.is_some() || excluded_subtrees.is_some();
    Ok(is_needed.then_some(NameConstraints { permitted_subtrees, excluded_subtrees }))
}

/// The addresses of CRLs: one point, since each address has the same CRL.
pub(super) fn crl_distribution_points(template: &Template) -> der::Result<Option<CrlDistributionPoints>> {
    if template.crl_urls.is_empty() {
        return Ok(None);
    }
    let urls = template.crl_urls.iter().map(|url| uri(url)).collect::<der::Result<_>>()?;
    let point = DistributionPoint {
        distribution_point: Some(DistributionPointName::FullName(urls)),
        reasons: None,
        crl_issuer: None,
    };
    Ok(Some(CrlDistributionPoints(vec![point])))
}

/// The addresses of OCSP responders and of the issuer's certificate.
pub(super) fn authority_info_access(template: &Template) -> der::Result<Option<AuthorityInfoAccessSyntax>> {
    let responders = template.ocsp_urls.iter().map(|url| (ID_AD_OCSP, url));
    let issuers = template.issuer_urls.iter().map(|url| (ID_AD_CA_ISSUERS, url));
    let all = responders
        .chain(issuers)
        .map(|(access_method, url)| Ok(AccessDescription { access_method, access_location: uri(url)? }));
    let all = all.collect::<der::Result<Vec<_>>>()?;
    Ok((!all.is_empty()).then_some(AuthorityInfoAccessSyntax(all)))
}
