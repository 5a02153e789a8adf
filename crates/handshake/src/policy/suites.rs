//! Which cipher suites a provider and a credential can serve.

use super::{ServerPolicy, error::PolicyError, lists::check_list};
use crate::{credential::Credential, curves::is_for_ecdhe, kx::KeyExchange, security::Floor};
use cairn_crypto::{KeyKind, Provider};
use cairn_schedule::{Protection, Side, Tls12Suite};
use cairn_wire::{KeyAgreement, NamedGroup};

impl ServerPolicy {
    /// The maximum early data that is skipped, in bytes with padding and tags. It is never less than the
    /// server's own tickets permit.
    pub(crate) fn max_skipped_early_data(&self) -> u32 {
        let permitted = self.tls13.early_data.map_or(0, |early| early.max_bytes);
        self.limits.max_skipped_early_data.max(permitted.saturating_add(permitted / 8))
    }

    /// Whether this credential's key can serve any suite of the policy.
    #[must_use]
    pub fn can_serve_with(&self, credential: &Credential) -> bool {
        let mut tls12 = self.tls12.suites.iter();
        self.can_serve_tls13_with(credential)
            || tls12.any(|suite| {
                KeyExchange::of(suite).is_some_and(|kx| {
                    kx.certificate
                        && credential.delegated.is_none()
                        && kx.takes_key(suite, credential.key_kind)
                        && (kx.agreement != KeyAgreement::Rsa || credential.may_decrypt)
                        && (!kx.signed || !credential.schemes.is_empty())
                })
            })
    }

    /// Whether this credential's key can serve TLS 1.3, if the policy has it: whether it signs by a scheme
    /// that CertificateVerify permits (RFC 9846 section 4.3.3).
    #[must_use]
    pub fn can_serve_tls13_with(&self, credential: &Credential) -> bool {
        let mut schemes = credential.schemes.iter();
        let fits = |scheme: &_| KeyKind::for_certificate_verify(*scheme) == Some(credential.key_kind);
        !self.tls13.suites.is_empty() && schemes.any(fits)
    }

    /// Whether RSA keys of the server decrypt premaster secrets in TLS 1.2 while TLS 1.3 is spoken too. RFC
    /// 9846 appendix F.10: "if TLS 1.3 servers also support static RSA in the context of previous versions of
    /// TLS, then it may be possible to impersonate the server for TLS 1.3 connections". A server should warn
    /// of that if it has such a key.
    #[must_use]
    pub fn mixes_static_rsa_with_tls13(&self) -> bool {
        let is_static = |suite: &Tls12Suite| suite.key_exchange.parts().agreement == KeyAgreement::Rsa;
        !self.tls13.suites.is_empty() && self.tls12.suites.iter().any(|suite| is_static(suite))
    }

    /// Whether a suite of the policy needs no credential.
    #[must_use]
    pub fn can_serve_without_credential(&self) -> bool {
        self.tls12.suites.iter().any(|suite| KeyExchange::of(suite).is_some_and(|kx| !kx.certificate))
    }
}

/// Whether the server signs its ServerKeyExchange with this suite.
pub(super) fn is_signed(suite: &Tls12Suite) -> bool {
    KeyExchange::of(suite).is_some_and(|kx| kx.signed)
}

/// Whether one of these groups serves the suite. A suite with ECDHE needs a curve; others need no group.
#[must_use]
pub fn has_group_for(suite: &Tls12Suite, groups: &[NamedGroup]) -> bool {
    let needs_curve = KeyExchange::of(suite).is_some_and(|kx| kx.agreement == KeyAgreement::Ecdh);
    !needs_curve || groups.iter().any(|group| is_for_ecdhe(*group))
}

/// Checks the suites of a policy.
pub(super) fn check_suites(
    side: Side,
    suites: &[&'static Tls12Suite],
    provider: &Provider,
    floor: &Floor,
) -> Result<(), PolicyError> {
    check_list("cipher_suites", suites.iter().map(|_| 2))?;
    if let Some(suite) = suites.iter().find(|suite| !floor.admits(side, suite)) {
        return Err(PolicyError::BelowFloor(suite.id));
    }
    suites.iter().try_for_each(|suite| check_suite(side, suite, provider))
}

/// Checks whether the provider supports all that this side needs for a suite.
///
/// A server with RSA key exchange also needs a key that decrypts, which is part of its credential.
///
/// # Errors
/// [`PolicyError`]: the first missing primitive.
pub fn check_suite(side: Side, suite: &Tls12Suite, provider: &Provider) -> Result<(), PolicyError> {
    let id = suite.id;
    if suite.is_legacy() && !cfg!(feature = "legacy") {
        return Err(PolicyError::NeedsLegacy(id));
    }
    let hash = suite.prf_hash;
    if provider.hash(hash).is_none() || provider.hmac(hash).is_none() {
        return Err(PolicyError::PrfHashNotInProvider { suite: id, hash });
    }
    match suite.protection {
        Protection::Aead { algorithm: aead, .. } => {
            if provider.aead(aead).is_none() {
                return Err(PolicyError::AeadNotInProvider { suite: id, aead });
            }
        }
        Protection::Cbc { cipher, mac: hash, .. } => {
            if provider.block_cipher(cipher).is_none() {
                return Err(PolicyError::BlockCipherNotInProvider { suite: id, cipher });
            }
            if provider.hmac(hash).is_none() {
                return Err(PolicyError::MacNotInProvider { suite: id, hash });
            }
            if provider.hash(hash).and_then(|hash| hash.compression()).is_none() {
                return Err(PolicyError::CompressionNotInProvider { suite: id, hash });
            }
        }
        Protection::Null { mac: hash } => {
            if provider.hmac(hash).is_none() {
                return Err(PolicyError::MacNotInProvider { suite: id, hash });
            }
        }
        _ => return Err(PolicyError::ProtectionUnknown(id)),
    }
    match KeyExchange::of(suite).ok_or(PolicyError::KeyExchangeUnknown(id))?.agreement {
        KeyAgreement::Dh if provider.finite_field.is_none() => Err(PolicyError::FiniteFieldNotInProvider(id)),
        KeyAgreement::Rsa if side == Side::Client && provider.rsa_encryption.is_none() => {
            Err(PolicyError::RsaEncryptionNotInProvider(id))
        }
        _ => Ok(()),
    }
}
