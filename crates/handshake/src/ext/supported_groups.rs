//! supported_groups (RFC 8422 section 5.1.1, RFC 7919).

use super::{ClientExtensions, Codes};
use crate::{
    curves::{curve_of_key, is_for_ecdhe},
    kx::{
        KeyExchange,
        ffdhe::{self, FFDHE, Ffdhe},
    },
    policy::{ClientPolicy, ServerPolicy},
    security::strength,
};
use cairn_crypto::KeyKind;
use cairn_schedule::Tls12Suite;
use cairn_wire::{ClientExtension, KeyAgreement, List, NamedGroup};
use smallvec::SmallVec;

/// The client's offer.
pub(crate) fn offer(groups: &[NamedGroup]) -> Option<ClientExtension<'_>> {
    (!groups.is_empty()).then(|| ClientExtension::SupportedGroups(List::from_items(groups)))
}

/// The groups of RFC 7919 that a client offers if its policy has none: the sizes that every peer can afford.
const FIELDS: [NamedGroup; 3] = [NamedGroup::FFDHE2048, NamedGroup::FFDHE3072, NamedGroup::FFDHE4096];

/// Whether one of the suites has this kind of key exchange.
pub(crate) fn uses(suites: &[&'static Tls12Suite], agreement: KeyAgreement) -> bool {
    suites.iter().any(|suite| KeyExchange::of(suite).is_some_and(|kx| kx.agreement == agreement))
}

/// The groups that a client with this policy offers.
///
/// Curves are offered with ECDHE suites (RFC 8422 section 4). Groups of RFC 7919 are offered with DHE suites,
/// within the limits of the policy (RFC 7919 section 3), and are added if the policy has none. With TLS 1.3
/// all groups of the policy are offered that the provider has, because every suite can use each of them.
pub(crate) fn offered_by(policy: &ClientPolicy, tls13: bool) -> Codes<NamedGroup> {
    let (curves, fields) =
        (uses(&policy.tls12.suites, KeyAgreement::Ecdh), uses(&policy.tls12.suites, KeyAgreement::Dh));
    let bits = &policy.tls12.finite_field_bits;
    let sizes = usize::from(*bits.start())..=usize::from(*bits.end());
    let takes_field =
        |group: NamedGroup| fields && ffdhe::by_name(group).is_none_or(|field| sizes.contains(&field.bits()));
    let takes = |group: &NamedGroup| {
        let for_tls12 = if group.is_ffdhe() { takes_field(*group) } else { curves && is_for_ecdhe(*group) };
        for_tls12 || (tls13 && policy.provider.group(*group).is_some())
    };
    let mut groups: Codes<_> = policy.groups.iter().copied().filter(takes).collect();
    if !policy.groups.iter().any(|group| group.is_ffdhe()) {
        groups.extend(FIELDS.into_iter().filter(|group| takes_field(*group)));
    }
    groups
}

/// Whether a server with this policy accepts a group: one of the policy's groups, or any group of RFC 7919 if
/// the policy has none.
pub(crate) fn is_taken(policy: &ServerPolicy, group: NamedGroup) -> bool {
    let names_fields = || policy.groups.iter().any(|group| group.is_ffdhe());
    policy.groups.contains(&group) || (group.is_ffdhe() && !names_fields())
}

/// The client's list.
pub(crate) fn listed(extensions: &ClientExtensions<'_>) -> Option<Codes<NamedGroup>> {
    extensions.supported_groups.map(|groups| groups.iter().collect())
}

/// The part of the client's groups that the server needs later.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct ClientGroups {
    /// The group for ECDHE: the server's first that the client supports. A client without the extension
    /// leaves the choice to the server (RFC 8422 section 4). It gets secp256r1 if the server has it, because
    /// such a client is likely to be older than x25519.
    pub(crate) for_key_exchange: Option<NamedGroup>,
    /// The groups for DHE: the server's that the client supports, in the server's order. A client that lists
    /// no such group does not know RFC 7919 and leaves the choice to the server (section 4).
    fields: Fields,
    /// Whether the client lists groups of RFC 7919, supported here or not.
    pub(crate) names_fields: bool,
    /// The curves that the client accepts in certificates. `None` means any.
    certificate_curves: Option<SmallVec<[NamedGroup; CERTIFICATE_CURVES.len()]>>,
}

/// Groups of RFC 7919.
type Fields = [Option<NamedGroup>; FFDHE.len()];

/// The server's groups of RFC 7919 that the client accepts, in the server's order.
fn shared_fields(policy: &ServerPolicy, client_takes: impl Fn(NamedGroup) -> bool) -> Fields {
    let ServerPolicy { groups: ours, provider, floor, tls12, .. } = policy;
    let mut fields = Fields::default();
    if provider.finite_field.is_none() {
        return fields;
    }
    let takes = |group: &NamedGroup| client_takes(*group) && ffdhe::strength(*group) >= floor.bits;
    let mut fill = |shared: &mut dyn Iterator<Item = NamedGroup>| {
        for (place, group) in fields.iter_mut().zip(shared) {
            *place = Some(group);
        }
    };
    if ours.iter().any(|group| group.is_ffdhe()) {
        fill(&mut ours.iter().copied().filter(|group| ffdhe::by_name(*group).is_some()).filter(takes));
    } else {
        // A floor that requires more than the limit takes precedence.
        let least =
            FFDHE.iter().find(|group| ffdhe::strength(group.name) >= floor.bits).map_or(0, Ffdhe::bits);
        let longest = least.max(tls12.max_finite_field.into());
        let all = FFDHE.iter().filter(|group| group.bits() <= longest).map(|group| group.name);
        fill(&mut all.filter(takes));
    }
    fields
}

/// The curves that are used in certificates.
const CERTIFICATE_CURVES: [NamedGroup; 3] =
    [NamedGroup::SECP256R1, NamedGroup::SECP384R1, NamedGroup::SECP521R1];

impl ClientGroups {
    /// Judges the client's list for these suites, which client and policy have in common. A group that is
    /// weaker than the floor is never chosen.
    pub(crate) fn new(
        policy: &ServerPolicy,
        suites: &[&'static Tls12Suite],
        theirs: Option<&[NamedGroup]>,
    ) -> Self {
        let ServerPolicy { groups: ours, provider, floor, .. } = policy;
        let takes = |group: NamedGroup| theirs.is_none_or(|theirs| theirs.contains(&group));
        let names_fields = theirs.is_some_and(|theirs| theirs.iter().any(|group| group.is_ffdhe()));
        let fields = if uses(suites, KeyAgreement::Dh) {
            shared_fields(policy, |group| !names_fields || takes(group))
        } else {
            Fields::default()
        };
        let ours_first = ours.iter().copied().filter(|group| {
            let usable = is_for_ecdhe(*group) && strength::of_curve(*group) >= floor.bits;
            usable && takes(*group) && provider.group(*group).is_some()
        });
        let for_key_exchange = match theirs {
            Some(_) => { ours_first }.next(),
            None => ours_first.min_by_key(|group| *group != NamedGroup::SECP256R1),
        };
        Self {
            fields,
            names_fields,
            for_key_exchange,
            certificate_curves: theirs.map(|theirs| {
                CERTIFICATE_CURVES.into_iter().filter(|curve| theirs.contains(curve)).collect()
            }),
        }
    }

    /// The group for DHE beside a certificate key of this strength in bits: the client's first that is at
    /// least as strong, because a stronger one gains nothing (RFC 7919 section 4), or else the strongest. For
    /// a client that lists none it is the server's first.
    pub(crate) fn field(&self, key_bits: u16) -> Option<NamedGroup> {
        let mut fields = self.fields.iter().flatten().copied();
        if !self.names_fields {
            return fields.next();
        }
        let strongest = fields.clone().max_by_key(|group| ffdhe::strength(*group));
        fields.find(|group| ffdhe::strength(*group) >= key_bits).or(strongest)
    }

    /// Whether the client accepts a certificate with a key of this kind. If the key is on a curve, the
    /// client's groups must include it (RFC 8422 section 5.1.1).
    pub(crate) fn takes_certificate(&self, kind: KeyKind) -> bool {
        let Some(curve) = curve_of_key(kind) else { return true };
        self.certificate_curves.as_ref().is_none_or(|curves| curves.contains(&curve))
    }
}
