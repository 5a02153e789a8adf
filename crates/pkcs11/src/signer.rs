//! Signatures for async connections.

use crate::{error::Error, key::Pkcs11Key};
use alloc::sync::Arc;
use cairn_crypto::SigningKey;
use cairn_tokio::{
    Answerer, Reply,
    tls::{Answer, CertificateChain, ConfigError, Credential, Question, credential_elsewhere},
};
use cairn_wire::SignatureScheme;
use cairn_x509::credential::CredentialError;
use core::time::Duration;
use tokio::{sync::Semaphore, task, time};

/// Signs for the connections of `cairn-tokio` with a key in a token. Only the connection that asks waits.
///
/// The calls of the module run on tokio's threads for blocking calls. At most as many run at the same time
/// as the key has sessions; the others wait in order, without a thread. A call that has begun counts until
/// it ends, even if its connection is gone.
///
/// Several keys are combined with [`Answerer::or`]: each answers for its own certificate only.
#[derive(Clone, Debug)]
pub struct Signer {
    key: Pkcs11Key,
    permits: Arc<Semaphore>,
    time_limit: Duration,
}

impl Signer {
    /// Signs with this key, within 5 seconds for each signature.
    #[must_use]
    pub fn new(key: Pkcs11Key) -> Self {
        let permits = Arc::new(Semaphore::new(key.max_sessions().min(Semaphore::MAX_PERMITS)));
        Self { key, permits, time_limit: Duration::from_secs(5) }
    }

    /// The maximum time for a signature, including the wait for a session. The acceptor's `answer_timeout`
    /// limits it too.
    #[must_use]
    pub const fn time_limit(mut self, limit: Duration) -> Self {
        self.time_limit = limit;
        self
    }

    /// The credential for a configuration: pass it to `credential_value` of a builder. `chain` is in DER,
    /// with the certificate of the key first.
    ///
    /// # Errors
    /// [`ConfigError::Certificate`], [`ConfigError::ChainTooLong`]; [`ConfigError::Credential`] if the
    /// first certificate is not that of the key.
    pub fn credential(&self, chain: &[&[u8]]) -> Result<Arc<Credential>, ConfigError> {
        let chain = CertificateChain::new(chain).map_err(|_| ConfigError::ChainTooLong)?;
        if chain.end_entity() != Some(self.key.certificate()) {
            return Err(CredentialError::KeyMismatch.into());
        }
        let mut credential = credential_elsewhere(chain)?;
        credential.schemes.retain(|scheme| self.key.schemes().contains(scheme));
        Ok(Arc::new(credential))
    }

    /// Signs a message, as [`Pkcs11Key::sign_message`].
    ///
    /// # Errors
    /// [`Error`]; [`Error::TimedOut`] if it is not ready in time.
    pub async fn sign(&self, scheme: SignatureScheme, message: Vec<u8>) -> Result<Vec<u8>, Error> {
        let late = Error::TimedOut(self.time_limit);
        let (key, permits) = (self.key.clone(), Arc::clone(&self.permits));
        let signed = async {
            // The semaphore is never closed.
            let permit = permits.acquire_owned().await.ok()?;
            let call = task::spawn_blocking(move || {
                let signature = key.sign_message(scheme, &message);
                drop(permit);
                signature
            });
            match call.await {
                Ok(signature) => Some(signature),
                // The panic continues as if the call had been in this task.
                Err(failed) if failed.is_panic() => std::panic::resume_unwind(failed.into_panic()),
                Err(_) => None,
            }
        };
        match time::timeout(self.time_limit, signed).await {
            Ok(Some(signature)) => signature,
            // The runtime is shutting down.
            Ok(None) => Err(Error::ShutDown),
            Err(_) => Err(late),
        }
    }

    /// Whether a question is for this key.
    fn serves(&self, credential: &Credential) -> bool {
        let chain = &credential.chain;
        credential.delegated.is_none()
            && (chain.end_entity() == Some(self.key.certificate())
                || chain.as_raw_public_key() == Some(self.key.spki()))
    }
}

impl Answerer for Signer {
    fn answer(&self, question: &Question<'_>) -> Reply {
        let Question::Sign(sign) = question else { return Reply::Declined };
        if !self.serves(sign.credential) {
            return Reply::Declined;
        }
        let (signer, scheme, message) = (self.clone(), sign.scheme, sign.message.to_vec());
        Reply::later(async move { Ok(Answer::Signature(signer.sign(scheme, message).await?)) })
    }
}
