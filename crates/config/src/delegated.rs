//! Delegated credentials: those of this side, and those that peers present (RFC 9345).

use crate::error::ConfigError;
use alloc::{sync::Arc, vec::Vec};
use cairn_crypto::{KeyKind, Provider};
use cairn_handshake::{Credential, DelegatedCredential, PeerKey, Policy, UnixTime, Verified};
use cairn_wire::SignatureScheme;
use cairn_x509::{CertificateError, DelegatedKey, Holder, delegated_credential};

/// The schemes of [`Policy::Modern`] that delegated credentials may use, in the provider's order.
pub(crate) fn usual_schemes(provider: &Provider) -> Vec<SignatureScheme> {
    let mut schemes = Policy::Modern.signature_schemes(provider);
    schemes.retain(|scheme| {
        KeyKind::for_delegated_credential(*scheme)
            .is_some_and(|kind| provider.verifier(kind, *scheme).is_some())
    });
    schemes
}

/// Verifies a credential of our own as its peers will, and returns the last second of its validity. `None` if
/// it is not delegated.
pub(crate) fn verify_own(
    credential: &Credential,
    holder: Holder,
    provider: &Provider,
    now: UnixTime,
) -> Result<Option<UnixTime>, ConfigError> {
    let Some(delegated) = &credential.delegated else { return Ok(None) };
    let end_entity = credential.chain.end_entity().ok_or(CertificateError::EmptyChain)?;
    let fields = delegated.fields();
    let verified = delegated_credential::verify(&fields, end_entity, holder, provider, now.as_secs())?;
    let is_other = credential.key.as_ref().is_some_and(|key| *key.public_key() != verified.public_key);
    if is_other || credential.key_kind != verified.public_key.kind {
        return Err(ConfigError::DelegatedKeyMismatch);
    }
    Ok(Some(UnixTime::from_secs(verified.not_after)))
}

/// Verifies a delegated credential that the peer presents with its chain, and returns its key. `None` if it
/// presents none, so that the key of the certificate counts.
pub(crate) fn key(
    delegated: Option<&Arc<DelegatedCredential>>,
    certificates: &[&[u8]],
    holder: Holder,
    provider: &Provider,
    now: UnixTime,
) -> Result<Option<Verified>, CertificateError> {
    let Some(delegated) = delegated else { return Ok(None) };
    let end_entity = certificates.first().ok_or(CertificateError::EmptyChain)?;
    let fields = delegated.fields();
    let verified = delegated_credential::verify(&fields, end_entity, holder, provider, now.as_secs())?;
    let DelegatedKey { public_key, scheme, not_after, .. } = verified;
    let key = PeerKey { public_key, may_sign: true, may_encrypt: false, only_scheme: Some(scheme) };
    Ok(Some(Verified { key, not_after: Some(UnixTime::from_secs(not_after)) }))
}

/// The result for a chain, with the key of the delegated credential in place of the certificate's. It is
/// valid as long as both are: RFC 9345 section 7.4 warns of "resuming connections for which the DC has
/// expired".
pub(crate) fn combined(of_chain: Verified, delegated: Option<Verified>) -> Verified {
    let Some(Verified { key, not_after }) = delegated else { return of_chain };
    let not_after = match (of_chain.not_after, not_after) {
        (Some(chain), Some(credential)) => Some(chain.min(credential)),
        (chain, credential) => chain.or(credential),
    };
    Verified { key, not_after }
}
