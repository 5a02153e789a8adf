//! Presets: policies for a provider, by how old the peers may be.

use super::{
    ClientAuthentication, ClientPolicy, Limits, Renegotiation, RenegotiationLimits, Requirement,
    ResumptionPolicy, ServerPolicy, SuiteOrder, Tls12ClientPolicy, Tls12ServerPolicy, Tls13ClientPolicy,
    Tls13ServerPolicy, check_suite,
};
use crate::{curves::is_for_ecdhe, record_sizes::MAX_PLAINTEXT, security::Floor};
use alloc::{vec, vec::Vec};
use cairn_crypto::Provider;
use cairn_schedule::{Grade, SUITES, Side, Tls12Suite};
use cairn_wire::{CertificateType, NamedGroup, SignatureScheme};

/// The cipher suites and signature schemes of a policy, by how old the peers may be. Suites without
/// encryption or authentication are in no preset; they must be listed explicitly.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[non_exhaustive]
pub enum Policy {
    /// Ephemeral keys on elliptic curves, and AES-GCM or ChaCha20-Poly1305.
    #[default]
    Modern,
    /// In addition, for older or smaller peers: DHE, AES-CBC and AES-CCM, all with forward secrecy. Without
    /// the cargo feature `legacy`, only AES-CCM.
    Compatible,
    /// In addition, for old peers: suites without forward secrecy and 3DES; and signatures with SHA-1 and
    /// SHA-224 as the last choice, if the provider has them (`with_legacy_signatures`). Without the cargo
    /// feature `legacy`, only PSK suites.
    Legacy,
}

impl Policy {
    /// The lowest grade in the policy.
    pub(super) const fn last(self) -> Grade {
        match self {
            Self::Modern => Grade::Modern,
            Self::Compatible => Grade::Compatible,
            Self::Legacy => Grade::Legacy,
        }
    }

    /// The TLS 1.2 suites of the policy in our order of preference, whatever the provider supports. They
    /// include PSK suites, which a side without pre-shared keys omits.
    pub fn suites(self) -> impl Iterator<Item = &'static Tls12Suite> {
        SUITES.iter().filter(move |suite| suite.grade() <= self.last())
    }

    /// Those of the suites that this side can use with this provider.
    pub fn supported_suites(
        self,
        side: Side,
        provider: &Provider,
    ) -> impl Iterator<Item = &'static Tls12Suite> {
        self.suites().filter(move |suite| check_suite(side, suite, provider).is_ok())
    }

    /// The signature schemes of the policy that the provider can verify, in the provider's order. Schemes
    /// with SHA-1 or SHA-224 are in [`Policy::Legacy`] only. ML-DSA is in no preset; a policy must list it.
    #[must_use]
    pub fn signature_schemes(self, provider: &Provider) -> Vec<SignatureScheme> {
        let mut schemes = provider.schemes();
        schemes.retain(|scheme| {
            !is_opt_in_scheme(*scheme) && (self == Self::Legacy || !is_legacy_scheme(*scheme))
        });
        schemes
    }
}

/// Whether a signature scheme is in no preset, so that a policy must list it explicitly: ML-DSA, which TLS
/// 1.2 must not use (draft-ietf-tls-mldsa) and whose signatures and keys are large.
#[must_use]
const fn is_opt_in_scheme(scheme: SignatureScheme) -> bool {
    matches!(scheme, SignatureScheme::MLDSA44 | SignatureScheme::MLDSA65 | SignatureScheme::MLDSA87)
}

/// Whether a signature scheme uses SHA-1 or SHA-224, which [`Policy::Legacy`] alone accepts.
#[must_use]
pub const fn is_legacy_scheme(scheme: SignatureScheme) -> bool {
    matches!(
        scheme,
        SignatureScheme::RSA_PKCS1_SHA1
            | SignatureScheme::ECDSA_SHA1
            | SignatureScheme::RSA_PKCS1_SHA224
            | SignatureScheme::ECDSA_SHA224
    )
}

fn suites_without_psk(policy: Policy, side: Side, provider: &Provider) -> Vec<&'static Tls12Suite> {
    policy.supported_suites(side, provider).filter(|suite| !suite.uses_psk()).collect()
}

/// The groups for ECDHE that the provider supports, in its order of preference.
fn groups(provider: &Provider) -> Vec<NamedGroup> {
    provider.groups.iter().map(|group| group.group()).filter(|group| is_for_ecdhe(*group)).collect()
}

impl ClientPolicy {
    /// The policy of a client for current servers, with TLS 1.3 and 1.2: [`Policy::Modern`].
    ///
    /// All that the provider supports is offered, except for suites that need a pre-shared key; servers must
    /// support secure renegotiation (RFC 5746); renegotiation is refused; sessions are offered for
    /// resumption. No application protocol is offered, and no statement about certificates is requested.
    #[must_use]
    pub fn modern(provider: Provider) -> Self {
        Self::new(Policy::Modern, provider)
    }

    /// As [`ClientPolicy::modern`], for older servers too: [`Policy::Compatible`].
    #[must_use]
    pub fn compatible(provider: Provider) -> Self {
        Self::new(Policy::Compatible, provider)
    }

    /// As [`ClientPolicy::modern`], for old servers too: [`Policy::Legacy`].
    #[must_use]
    pub fn legacy(provider: Provider) -> Self {
        Self::new(Policy::Legacy, provider)
    }

    /// As [`ClientPolicy::modern`], with the suites and signature schemes of this preset.
    #[must_use]
    pub fn new(policy: Policy, provider: Provider) -> Self {
        Self::tls12_only(policy, provider).with_tls13(policy)
    }

    /// As [`ClientPolicy::new`], for TLS 1.2 alone. For TLS 1.3 alone, remove the suites from
    /// [`ClientPolicy::tls12`](#structfield.tls12).
    #[must_use]
    pub fn tls12_only(policy: Policy, provider: Provider) -> Self {
        Self {
            groups: groups(&provider),
            signature_schemes: policy.signature_schemes(&provider),
            certificate_signature_schemes: Vec::new(),
            alpn_protocols: Vec::new(),
            record_size_limit: Some(MAX_PLAINTEXT),
            status_request: false,
            server_certificate_types: vec![CertificateType::X509],
            client_certificate_types: vec![CertificateType::X509],
            signed_certificate_timestamps: false,
            resumption: Some(ResumptionPolicy::default()),
            padding: true,
            grease: false,
            permute_extensions: false,
            floor: Floor::default(),
            key_log: false,
            limits: Limits::default(),
            tls12: Tls12ClientPolicy {
                suites: suites_without_psk(policy, Side::Client, &provider),
                finite_field_bits: 2048..=8192,
                extended_master_secret: Requirement::Offer,
                encrypt_then_mac: true,
                max_fragment_length: None,
                secure_renegotiation: Requirement::Require,
                renegotiation: Renegotiation::Never,
                renegotiation_limits: RenegotiationLimits::default(),
            },
            tls13: Tls13ClientPolicy::default(),
            provider,
        }
    }
}

impl ServerPolicy {
    /// The policy of a server for current clients, with TLS 1.3 and 1.2: [`Policy::Modern`].
    ///
    /// All that the provider supports is accepted, except for suites that need a pre-shared key; no client
    /// certificate is requested; renegotiation is refused; sessions get an ID, and no tickets are issued. No
    /// application protocol is accepted.
    #[must_use]
    pub fn modern(provider: Provider) -> Self {
        Self::new(Policy::Modern, provider)
    }

    /// As [`ServerPolicy::modern`], for older clients too: [`Policy::Compatible`].
    #[must_use]
    pub fn compatible(provider: Provider) -> Self {
        Self::new(Policy::Compatible, provider)
    }

    /// As [`ServerPolicy::modern`], for old clients too: [`Policy::Legacy`].
    #[must_use]
    pub fn legacy(provider: Provider) -> Self {
        Self::new(Policy::Legacy, provider)
    }

    /// As [`ServerPolicy::modern`], with the suites and signature schemes of this preset.
    #[must_use]
    pub fn new(policy: Policy, provider: Provider) -> Self {
        Self::tls12_only(policy, provider).with_tls13(policy)
    }

    /// As [`ServerPolicy::new`], for TLS 1.2 alone. For TLS 1.3 alone, remove the suites from
    /// [`ServerPolicy::tls12`](#structfield.tls12).
    #[must_use]
    pub fn tls12_only(policy: Policy, provider: Provider) -> Self {
        Self {
            ask_for_configuration: false,
            suite_order: SuiteOrder::Server,
            groups: groups(&provider),
            signature_schemes: policy.signature_schemes(&provider),
            alpn_protocols: Vec::new(),
            client_authentication: ClientAuthentication::None,
            client_certificate_types: vec![CertificateType::X509],
            record_size_limit: Some(MAX_PLAINTEXT),
            resumption: Some(ResumptionPolicy { tickets: false, ..ResumptionPolicy::default() }),
            floor: Floor::default(),
            key_log: false,
            limits: Limits::default(),
            tls12: Tls12ServerPolicy {
                suites: suites_without_psk(policy, Side::Server, &provider),
                max_finite_field: 3072,
                psk_identity_hint: None,
                extended_master_secret: Requirement::Offer,
                encrypt_then_mac: true,
                max_fragment_length: true,
                secure_renegotiation: Requirement::Offer,
                renegotiation: Renegotiation::Never,
                renegotiation_limits: RenegotiationLimits::default(),
            },
            tls13: Tls13ServerPolicy::default(),
            provider,
        }
    }
}
