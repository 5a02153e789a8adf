//! A certificate with its key.

use super::{IssueError, Template, tbs};
use crate::{credential, oid, pem, pem::PrivateKey, read};
use alloc::{string::String, sync::Arc, vec::Vec};
use cairn_crypto::{Provider, PublicKey, SigningKey};

/// A certificate with its private key, and with the certificates that lead from it towards a root.
#[derive(Clone, Debug)]
pub struct Identity {
    /// Leaf first; never empty.
    chain: Vec<Vec<u8>>,
    key: PrivateKey,
    signing_key: Arc<dyn SigningKey>,
    is_root: bool,
}

impl Identity {
    pub(super) const fn new(
        chain: Vec<Vec<u8>>,
        key: PrivateKey,
        signing_key: Arc<dyn SigningKey>,
        is_root: bool,
    ) -> Self {
        Self { chain, key, signing_key, is_root }
    }

    /// An identity that was made elsewhere, to issue from: a chain in DER, leaf first, and the leaf's key.
    ///
    /// # Errors
    /// [`IssueError::Crypto`] when the key cannot be loaded, [`IssueError::Issuer`] when there is no certificate or it
    /// holds another key.
    pub fn from_parts(provider: &Provider, chain: Vec<Vec<u8>>, key: PrivateKey) -> Result<Self, IssueError> {
        let signing_key = provider.keys.load(key.as_der())?;
        let leaf = chain.first().ok_or(IssueError::Issuer)?;
        let facts = credential::check_key(leaf, &*signing_key).map_err(|_| IssueError::Issuer)?;
        let is_root = facts.self_issued;
        Ok(Self { chain, key, signing_key, is_root })
    }

    /// The certificate in DER.
    #[must_use]
    pub fn certificate(&self) -> &[u8] {
        self.chain.first().map_or(&[], Vec::as_slice)
    }

    /// The chain to send, in DER: this certificate, then its issuers, without the root (RFC 5246 section 7.4.2 lets it
    /// be left out).
    pub fn chain(&self) -> impl Iterator<Item = &[u8]> {
        self.chain.iter().map(Vec::as_slice)
    }

    /// The private key as it goes into a file.
    #[must_use]
    pub const fn key(&self) -> &PrivateKey {
        &self.key
    }

    /// The private key, ready to sign.
    #[must_use]
    pub const fn signing_key(&self) -> &Arc<dyn SigningKey> {
        &self.signing_key
    }

    /// The certificate in PEM.
    #[must_use]
    pub fn certificate_pem(&self) -> String {
        pem::encode_certificate(self.certificate())
    }

    /// The chain in PEM, as servers want it in a file.
    #[must_use]
    pub fn chain_pem(&self) -> String {
        self.chain().map(pem::encode_certificate).collect()
    }

    /// What a certificate from this issuer is to send along.
    pub(super) fn chain_below_root(&self) -> impl Iterator<Item = &[u8]> {
        self.chain().take_while(|_| !self.is_root)
    }

    /// Signs a certificate for `public_key`, whose private half may be anywhere, and returns it in DER.
    ///
    /// # Errors
    /// An [`IssueError`] that says what could not be done.
    pub fn sign(
        &self,
        template: &Template,
        provider: &Provider,
        public_key: &PublicKey,
    ) -> Result<Vec<u8>, IssueError> {
        let layout = read::Layout::parse(self.certificate()).map_err(|_| IssueError::Issuer)?;
        let mut key_id = None;
        layout
            .all_extensions()
            .each(|extension| {
                if extension.is(&oid::SUBJECT_KEY_IDENTIFIER) {
                    // An OCTET STRING inside of the extension's own.
                    key_id = extension.value.get(2..);
                }
                Ok(())
            })
            .map_err(|_| IssueError::Issuer)?;
        let issuer = tbs::Issuer { name: layout.subject, key_id, key: &*self.signing_key };
        tbs::certificate(template, provider, public_key, &issuer)
    }
}
