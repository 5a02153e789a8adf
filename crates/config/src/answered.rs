//! The answer of a configuration to a question of the machine.

use crate::withheld::CertificateWithheld;
use alloc::{sync::Arc, vec::Vec};
use cairn_crypto::Provider;
use cairn_handshake::{
    Answer, CertificateChain, DecryptPremaster, PeerKey, Session, SessionAnswer, Sign, UnixTime, Verified,
};
use cairn_x509::{CertificateError, CertificateFacts, ChainError, VerifiedPeer};

/// The answer of a configuration to a question of the machine.
#[derive(Debug)]
pub struct Answered {
    /// The answer.
    pub answer: Answer,
    /// The reason, if the answer refuses something.
    pub refusal: Option<Refusal>,
}

/// The reason for an answer that refuses something. It is more precise than the answer, from which the
/// machine needs only the alert.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Refusal {
    /// The peer's certificate chain or raw public key was rejected.
    PeerRejected(ChainError),
    /// The server requested a certificate, and the client sends none.
    CertificateWithheld(CertificateWithheld),
}

impl From<Answer> for Answered {
    fn from(answer: Answer) -> Self {
        Self { answer, refusal: None }
    }
}

/// The answer to a question about a session.
pub(crate) fn found(session: Option<Arc<Session>>, now: UnixTime) -> Answered {
    Answer::Session(SessionAnswer { session, now }).into()
}

/// The signature of the credential's own key; `None` if the key is elsewhere.
pub(crate) fn signature(sign: &Sign<'_>, provider: &Provider) -> Option<Answered> {
    let key = sign.credential.key.as_ref()?;
    let signed = key.sign(sign.scheme, sign.message, &mut provider.rng());
    Some(signed.map_or(Answer::Failed, Answer::Signature).into())
}

/// The premaster secret, decrypted by the credential's own key; `None` if the key is elsewhere.
pub(crate) fn premaster(decrypt: &DecryptPremaster<'_>, provider: &Provider) -> Option<Answered> {
    let key = decrypt.credential.decrypting_key.as_ref()?;
    let DecryptPremaster { ciphertext, client_version, fallback, .. } = *decrypt;
    let decrypted = key.decrypt_premaster(ciphertext, client_version, fallback, &mut provider.rng());
    // A failure must not be observable here: the machine continues with a random premaster secret.
    Some(decrypted.map_or(Answer::Failed, Answer::Premaster).into())
}

/// The answer if the peer was verified.
pub(crate) fn verified<E: Into<ChainError>>(result: Result<Verified, E>) -> Answered {
    result.map_or_else(|error| rejected(error.into()), |verified| Answer::PeerVerified(verified).into())
}

/// The answer if the peer is not to be verified.
pub(crate) fn not_checked(result: Result<PeerKey, CertificateError>) -> Answered {
    result.map_or_else(|error| rejected(error.into()), |key| Answer::PeerNotChecked(key).into())
}

fn rejected(error: ChainError) -> Answered {
    Answered {
        answer: Answer::PeerRejected { alert: error.reason.alert() },
        refusal: Some(Refusal::PeerRejected(error)),
    }
}

/// The certificates of a chain, the end-entity certificate first.
pub(crate) fn certificates(chain: &CertificateChain) -> Vec<&[u8]> {
    chain.iter().collect()
}

/// The result of a verifier: the key, and how long the chain and its revocation status are valid.
pub(crate) fn verdict(peer: VerifiedPeer) -> Verified {
    let key = PeerKey {
        public_key: peer.public_key,
        may_sign: peer.key_usage.digital_signature,
        may_encrypt: peer.key_usage.key_encipherment,
        only_scheme: peer.only_scheme,
    };
    Verified { key, not_after: Some(UnixTime::from_secs(peer.not_after)) }
}

/// The key of a chain that is not to be verified.
pub(crate) fn unverified(certificates: &[&[u8]]) -> Result<PeerKey, CertificateError> {
    let end_entity = certificates.first().ok_or(CertificateError::EmptyChain)?;
    let facts = CertificateFacts::from_der(end_entity)?;
    let public_key = facts.public_key.ok_or(CertificateError::UnsupportedAlgorithm)?;
    Ok(PeerKey {
        public_key,
        may_sign: facts.key_usage.digital_signature,
        may_encrypt: facts.key_usage.key_encipherment,
        only_scheme: facts.only_scheme,
    })
}
