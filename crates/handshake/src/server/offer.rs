//! The client's offer, reduced to the choices that the policy accepts in a full handshake.

use crate::{
    credential::Credential,
    error::HandshakeErrorKind,
    ext::{
        ClientExtensions, Codes,
        certificate_type::Types,
        ec_point_formats::ClientPoints,
        signature_algorithms::{self, ClientSchemes},
        signature_algorithms_cert,
        supported_groups::{self, ClientGroups},
    },
    kx::KeyExchange,
    policy::{ClientAuthentication, ServerPolicy, SuiteOrder},
    security::strength,
};
use cairn_crypto::AeadAlgorithm;
use cairn_schedule::{Protection, Tls12Suite};
use cairn_wire::{CipherSuite, KeyAgreement, List, NamedGroup, SignatureScheme};
use smallvec::SmallVec;

/// The common part of the client's offer and the policy.
#[derive(Clone, Debug)]
pub(crate) struct Offer {
    /// The cipher suites in common, most preferred first.
    suites: Suites,
    groups: ClientGroups,
    pub(crate) schemes: ClientSchemes,
    pub(crate) points: ClientPoints,
    /// The type of certificate that the client accepts from us: X.509 or raw public key.
    pub(crate) server_types: Types,
    /// The type that the client can present.
    pub(crate) client_types: Types,
}

/// Initial capacity of the suites in common; few servers support more.
pub(super) type Suites = SmallVec<[&'static Tls12Suite; 8]>;

/// The choices of a full handshake.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Choice {
    pub(crate) suite: &'static Tls12Suite,
    pub(crate) kx: KeyExchange,
    pub(crate) group: Option<NamedGroup>,
    pub(crate) scheme: Option<SignatureScheme>,
}

/// The lists of a hello that a full handshake chooses from. A resumption needs the suites only, so the other
/// lists are judged when it is clear that no session is resumed.
pub(crate) struct Lists {
    /// The cipher suites in common, most preferred first.
    suites: Suites,
    groups: Option<Codes<NamedGroup>>,
    schemes: Option<Codes<SignatureScheme>>,
    certificate_schemes: Option<Codes<SignatureScheme>>,
    points: ClientPoints,
    server_types: Types,
    client_types: Types,
}

impl Lists {
    /// Copies the lists of the hello. `suites` are the suites in common.
    pub(crate) fn read(suites: Suites, extensions: &ClientExtensions<'_>) -> Self {
        Self {
            suites,
            groups: supported_groups::listed(extensions),
            schemes: signature_algorithms::listed(extensions),
            certificate_schemes: signature_algorithms_cert::listed(extensions),
            points: ClientPoints::read(extensions),
            server_types: Types::of_server(extensions),
            client_types: Types::of_client(extensions),
        }
    }

    /// Whether the client offers this suite and the policy accepts it.
    pub(crate) fn has(&self, suite: &'static Tls12Suite) -> bool {
        self.suites.contains(&suite)
    }
}

impl Offer {
    /// Judges the client's lists by the policy.
    pub(crate) fn new(policy: &ServerPolicy, lists: &Lists) -> Self {
        let Lists { suites, groups, schemes, certificate_schemes, .. } = lists;
        Self {
            groups: ClientGroups::new(policy, suites, groups.as_deref()),
            suites: suites.clone(),
            schemes: ClientSchemes::new(
                &policy.signature_schemes,
                schemes.as_deref(),
                certificate_schemes.as_deref(),
            ),
            points: lists.points,
            server_types: lists.server_types.clone(),
            client_types: lists.client_types.clone(),
        }
    }

    /// Checks whether any suite can be negotiated, whatever the credential. An ECDHE suite needs a curve in
    /// common, a DHE suite a finite field, and a signature a scheme (RFC 5246 section 7.4.3, RFC 8422 section
    /// 5.1).
    pub(crate) fn check_full_handshake(&self) -> Result<(), HandshakeErrorKind> {
        if supported_groups::uses(&self.suites, KeyAgreement::Ecdh) {
            // This is an error even if another suite would not use ECDHE (RFC 8422 section 5.1.2).
            self.points.check()?;
        }
        if self.suites.iter().any(|suite| self.possible(suite).is_some()) {
            return Ok(());
        }
        Err(self.nothing_shared())
    }

    /// The error if no suite is left. It is [`HandshakeErrorKind::NoSharedField`] if the client lists groups
    /// of RFC 7919 and one of ours would have made a suite possible (section 4).
    pub(crate) fn nothing_shared(&self) -> HandshakeErrorKind {
        let refused = self.groups.names_fields && self.groups.field(0).is_none();
        if refused && supported_groups::uses(&self.suites, KeyAgreement::Dh) {
            HandshakeErrorKind::NoSharedField
        } else {
            HandshakeErrorKind::NoSharedCipherSuite
        }
    }

    /// The key exchange and the group of a suite, if the client's offer permits it.
    fn possible(&self, suite: &Tls12Suite) -> Option<(KeyExchange, Option<NamedGroup>)> {
        let kx = KeyExchange::of(suite)?;
        let group = match kx.agreement {
            KeyAgreement::Ecdh if !self.points.allow_ecdhe() => return None,
            KeyAgreement::Ecdh => Some(self.groups.for_key_exchange?),
            KeyAgreement::Dh => Some(self.groups.field(0)?),
            KeyAgreement::None | KeyAgreement::Rsa => None,
        };
        (!kx.signed || !self.schemes.for_signing().is_empty()).then_some((kx, group))
    }

    /// Whether the most preferred suite uses a certificate, so that a credential must be chosen.
    pub(crate) fn wants_credential(&self) -> bool {
        self.suites.iter().find_map(|suite| self.possible(suite)).is_some_and(|(kx, _)| kx.certificate)
    }

    /// The choices of a full handshake with this credential, or without one. `None` if it cannot serve this
    /// client.
    pub(crate) fn choose(&self, credential: Option<&Credential>) -> Option<Choice> {
        self.suites.iter().find_map(|suite| self.choice(suite, credential))
    }

    /// Whether this credential can serve this client.
    pub(crate) fn suits(&self, credential: &Credential) -> bool {
        let mut choices = self.suites.iter().filter_map(|suite| self.choice(suite, Some(credential)));
        choices.any(|choice| choice.kx.certificate)
    }

    fn choice(&self, suite: &'static Tls12Suite, credential: Option<&Credential>) -> Option<Choice> {
        let (kx, group) = self.possible(suite)?;
        if !kx.certificate {
            return Some(Choice { suite, kx, group, scheme: None });
        }
        // RFC 9345 section 4.1.1: "When a (D)TLS version negotiated is less than 1.3, the server MUST ignore
        // this extension."
        let credential = credential.filter(|credential| credential.delegated.is_none())?;
        let fits = self.server_types.contain(credential.chain.certificate_type())
            && kx.takes_key(suite, credential.key_kind)
            && self.groups.takes_certificate(credential.key_kind)
            && (kx.agreement != KeyAgreement::Rsa || credential.may_decrypt);
        let scheme = if kx.signed {
            Some(credential.scheme_for(|scheme| self.schemes.for_signing().contains(&scheme))?)
        } else {
            None
        };
        let group = match kx.agreement {
            KeyAgreement::Dh => self.groups.field(credential.modulus_bits.map_or(0, strength::of_modulus)),
            _ => group,
        };
        fits.then_some(Choice { suite, kx, group, scheme })
    }
}

/// Up to this number of suites, each is looked up by itself.
const SHORT: usize = 32;

/// The cipher suites in common, most preferred first. If the policy requires a client certificate, only
/// suites that permit CertificateRequest count.
///
/// The client's list may have 32,767 entries and duplicates. It is read once. For long lists the cost is
/// linear in its length and logarithmic in the length of ours.
pub(super) fn shared_suites(policy: &ServerPolicy, theirs: &List<'_, CipherSuite>) -> Suites {
    let must_ask = matches!(policy.client_authentication, ClientAuthentication::Require { .. });
    let may_ask = |suite: &Tls12Suite| KeyExchange::of(suite).is_some_and(|kx| kx.may_ask_client());
    let ours = policy.tls12.suites.iter().map(|suite| suite.id).zip(0_u16..);
    // The indices of our suites in common, in the client's order.
    let mut places = SmallVec::<[u16; 32]>::new();
    if theirs.len() <= SHORT {
        for id in theirs.iter() {
            if let Some((_, place)) = ours.clone().find(|(known, _)| *known == id)
                && !places.contains(&place)
            {
                places.push(place);
            }
        }
    } else {
        // Our suites by code point, each with its index in our order.
        let mut ours: SmallVec<[(CipherSuite, u16); 32]> = ours.collect();
        ours.sort_unstable();
        for id in theirs.iter() {
            let first = ours.partition_point(|(known, _)| *known < id);
            if let Some((_, place)) = ours.get(first).filter(|(known, _)| *known == id) {
                places.push(*place);
                // A duplicate is not found again, and the search ends once all suites are found.
                ours.remove(first);
                if ours.is_empty() {
                    break;
                }
            }
        }
    }
    let suite = |place: u16| {
        policy.tls12.suites.get(usize::from(place)).copied().filter(|suite| !must_ask || may_ask(suite))
    };
    let their_first = places.iter().find_map(|place| suite(*place));
    if policy.suite_order == SuiteOrder::Server {
        places.sort_unstable();
    }
    let mut shared = Suites::new();
    shared.extend(places.iter().copied().filter_map(suite));
    if policy.suite_order == SuiteOrder::Server && their_first.is_some_and(is_chacha) {
        // The sort is stable, so each half keeps the server's order.
        shared.sort_by_key(|suite| !is_chacha(suite));
    }
    shared
}

const fn is_chacha(suite: &Tls12Suite) -> bool {
    matches!(suite.protection, Protection::Aead { algorithm: AeadAlgorithm::ChaCha20Poly1305, .. })
}
