//! Certificate policies (RFC 5280 section 6.1), as far as TLS needs them.
//!
//! TLS requires no policy: `user-initial-policy-set` is `anyPolicy`, and the three initial indicators are not
//! set. Policies therefore matter only if an authority requires a valid one (`requireExplicitPolicy`). The
//! result depends only on whether the valid policy tree is empty, so only the expected policies of its
//! deepest level are kept. Their number is bounded by the size of the certificates, whereas the tree can grow
//! exponentially (see RFC 9618).

use crate::{
    certificate::Certificate,
    error::CertificateError,
    oid,
    place::{ChainError, Field, Oid},
    tlv::{self, Elements, INTEGER, OBJECT_IDENTIFIER, SEQUENCE},
};
use alloc::{collections::BTreeSet, vec::Vec};
use core::mem;
use der::asn1::ObjectIdentifier;

/// The policy state variables of section 6.1.2.
#[derive(Debug)]
pub(super) struct Policies<'a> {
    /// The expected policies of the next certificate; `None` if the tree is empty.
    expected: Option<Set<'a>>,
    explicit_policy: u32,
    policy_mapping: u32,
    inhibit_any_policy: u32,
}

/// A set of policies. `anyPolicy` is a flag, so that it needs no allocation on its own.
#[derive(Debug, Default)]
struct Set<'a> {
    has_any: bool,
    others: BTreeSet<&'a [u8]>,
}

impl<'a> Set<'a> {
    /// Adds a policy and returns whether it is new.
    fn insert(&mut self, policy: &'a [u8]) -> bool {
        if policy == oid::ANY_POLICY.as_bytes() {
            !mem::replace(&mut self.has_any, true)
        } else {
            self.others.insert(policy)
        }
    }

    /// The set, unless it is empty.
    fn if_any(self) -> Option<Self> {
        (self.has_any || !self.others.is_empty()).then_some(self)
    }
}

impl<'a> Policies<'a> {
    /// The initial state for a path of `length` certificates (section 6.1.2).
    pub(super) fn new(length: usize) -> Self {
        let beyond = u32::try_from(length).unwrap_or(u32::MAX).saturating_add(1);
        Self {
            expected: Some(Set { has_any: true, others: BTreeSet::new() }),
            explicit_policy: beyond,
            policy_mapping: beyond,
            inhibit_any_policy: beyond,
        }
    }

    /// Processes a certificate: the policy steps of section 6.1.3, then of 6.1.4 or, for the last one, of
    /// 6.1.5.
    pub(super) fn take(
        &mut self,
        certificate: &Certificate<'a>,
        is_self_issued: bool,
        is_last: bool,
    ) -> Result<(), ChainError> {
        let malformed =
            |id: ObjectIdentifier| move |_| ChainError::malformed(Field::Extension(Oid::new(id.as_bytes())));
        let valid = self
            .valid_policies(certificate, is_self_issued && !is_last)
            .map_err(malformed(oid::CERTIFICATE_POLICIES))?;
        self.expected = valid;
        let (require_explicit, inhibit_mapping) = match certificate.policy_constraints {
            Some(encoded) => constraints(encoded).map_err(malformed(oid::POLICY_CONSTRAINTS))?,
            None => (None, None),
        };
        // 6.1.3 (f): "Verify that either explicit_policy is greater than 0 or the valid_policy_tree is not
        // equal to NULL".
        self.check_explicit()?;
        if let Some(encoded) = certificate.policy_mappings {
            let mappings = mappings(encoded).map_err(malformed(oid::POLICY_MAPPINGS))?;
            if !is_last {
                self.map(&mappings);
            }
        }
        let inhibit_any = match certificate.inhibit_any_policy {
            Some(encoded) => Some(
                Elements::only(encoded, INTEGER)
                    .and_then(tlv::number)
                    .map_err(malformed(oid::INHIBIT_ANY_POLICY))?,
            ),
            None => None,
        };
        if is_last {
            // 6.1.5 (a): "If explicit_policy is not 0, decrement explicit_policy by 1."
            self.explicit_policy = self.explicit_policy.saturating_sub(1);
            // (b): "if requireExplicitPolicy is present and has a value of 0, set the explicit_policy state
            // variable to 0."
            if require_explicit == Some(0) {
                self.explicit_policy = 0;
            }
            // (g): "If either (1) the value of explicit_policy variable is greater than zero or (2) the
            // valid_policy_tree is not NULL, then path processing has succeeded."
            return self.check_explicit();
        }
        // 6.1.4 (h): "If certificate i is not self-issued": each variable that is not 0 is decremented by 1.
        if !is_self_issued {
            self.explicit_policy = self.explicit_policy.saturating_sub(1);
            self.policy_mapping = self.policy_mapping.saturating_sub(1);
            self.inhibit_any_policy = self.inhibit_any_policy.saturating_sub(1);
        }
        // (i) and (j): a value in the certificate that is less replaces the variable.
        self.explicit_policy = self.explicit_policy.min(require_explicit.unwrap_or(u32::MAX));
        self.policy_mapping = self.policy_mapping.min(inhibit_mapping.unwrap_or(u32::MAX));
        self.inhibit_any_policy = self.inhibit_any_policy.min(inhibit_any.unwrap_or(u32::MAX));
        Ok(())
    }

    fn check_explicit(&self) -> Result<(), ChainError> {
        if self.explicit_policy == 0 && self.expected.is_none() {
            let field = Field::Extension(Oid::new(oid::CERTIFICATE_POLICIES.as_bytes()));
            return Err(ChainError::new(CertificateError::NoValidPolicy).of(field));
        }
        Ok(())
    }

    /// The policies of the next level of the tree (section 6.1.3 (d) and (e)).
    fn valid_policies(
        &self,
        certificate: &Certificate<'a>,
        may_be_any: bool,
    ) -> der::Result<Option<Set<'a>>> {
        // (e): "If the certificate policies extension is not present, set the valid_policy_tree to NULL."
        let Some(encoded) = certificate.policies else { return Ok(None) };
        let mut stated = Set::default();
        let mut policies = Elements::of(Elements::only(encoded, SEQUENCE)?);
        if policies.is_finished() {
            return Err(tlv::malformed());
        }
        while !policies.is_finished() {
            let mut information = Elements::of(policies.one(SEQUENCE)?.contents);
            // Section 4.2.1.4: "A certificate policy OID MUST NOT appear more than once in a certificate
            // policies extension."
            if !stated.insert(information.one(OBJECT_IDENTIFIER)?.contents) {
                return Err(tlv::malformed());
            }
            // "Optional qualifiers, which MAY be present, are not expected to change the definition of the
            // policy."
            information.optional(SEQUENCE)?;
            information.finish()?;
        }
        let Some(expected) = &self.expected else { return Ok(None) };
        // (d) (2): "If the certificate policies extension includes the policy anyPolicy ... and either (a)
        // inhibit_anyPolicy is greater than 0 or (b) i<n and the certificate is self-issued".
        let takes_any = stated.has_any && (self.inhibit_any_policy > 0 || may_be_any);
        let mut valid = Set { has_any: false, others: stated.others };
        if !expected.has_any {
            valid.others.retain(|policy| expected.others.contains(policy));
        }
        if takes_any {
            valid.has_any = expected.has_any;
            valid.others.extend(&expected.others);
        }
        Ok(valid.if_any())
    }

    /// Section 6.1.4 (b): replaces this certificate's policies by their equivalents in the subject's domain.
    fn map(&mut self, mappings: &[(&'a [u8], &'a [u8])]) {
        let Some(valid) = &self.expected else { return };
        let has_any = valid.has_any;
        let is_mapped = |policy: &[u8]| mappings.iter().any(|(from, _)| *from == policy);
        let mut others: BTreeSet<_> =
            valid.others.iter().copied().filter(|policy| !is_mapped(policy)).collect();
        if self.policy_mapping > 0 {
            let applies = |from: &[u8]| has_any || valid.others.contains(from);
            others.extend(mappings.iter().filter(|(from, _)| applies(from)).map(|(_, to)| *to));
        }
        self.expected = Set { has_any, others }.if_any();
    }
}

/// `PolicyConstraints` (section 4.2.1.11): `requireExplicitPolicy` and `inhibitPolicyMapping`. "Conforming
/// CAs MUST NOT issue certificates where policy constraints is an empty sequence."
fn constraints(encoded: &[u8]) -> der::Result<(Option<u32>, Option<u32>)> {
    let mut fields = Elements::of(Elements::only(encoded, SEQUENCE)?);
    if fields.is_finished() {
        return Err(tlv::malformed());
    }
    let mut number = |tag| match fields.optional(tag)? {
        Some(field) => tlv::number(field.contents).map(Some),
        None => Ok(None),
    };
    let both = (number(tlv::context(0))?, number(tlv::context(1))?);
    fields.finish()?;
    Ok(both)
}

/// `PolicyMappings` (section 4.2.1.5). Section 6.1.4 (a): "verify that the special value anyPolicy does not
/// appear as an issuerDomainPolicy or a subjectDomainPolicy."
fn mappings(encoded: &[u8]) -> der::Result<Vec<(&[u8], &[u8])>> {
    let any = oid::ANY_POLICY.as_bytes();
    let mut mappings = Vec::new();
    let mut pairs = Elements::of(Elements::only(encoded, SEQUENCE)?);
    if pairs.is_finished() {
        return Err(tlv::malformed());
    }
    while !pairs.is_finished() {
        let mut pair = Elements::of(pairs.one(SEQUENCE)?.contents);
        let (from, to) = (pair.one(OBJECT_IDENTIFIER)?.contents, pair.one(OBJECT_IDENTIFIER)?.contents);
        pair.finish()?;
        if from == any || to == any {
            return Err(tlv::malformed());
        }
        mappings.push((from, to));
    }
    Ok(mappings)
}
