//! A certificate with its private key and chain.

use super::{
    certificate::{Issuer, certificate},
    error::IssueError,
    template::Template,
};
use crate::{
    certificate::Certificate,
    credential,
    pem::{self, PrivateKey},
};
use alloc::{string::String, sync::Arc, vec::Vec};
use cairn_crypto::{Provider, PublicKey, SigningKey};
use der::Decode;
use x509_cert::name::Name;

/// A certificate with its private key and the certificates that lead from it towards a root.
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

    /// An existing identity to issue from: a chain in DER, leaf first, and the leaf's private key.
    ///
    /// # Errors
    /// [`IssueError::Crypto`] if the key cannot be loaded; [`IssueError::Issuer`] if the chain is empty or
    /// its leaf holds another key.
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

    /// The chain to send, in DER: this certificate, then its issuers, without the root, which RFC 5246
    /// section 7.4.2 permits to omit.
    pub fn chain(&self) -> impl Iterator<Item = &[u8]> {
        self.chain.iter().map(Vec::as_slice)
    }

    /// The private key, in the form of a key file.
    #[must_use]
    pub const fn key(&self) -> &PrivateKey {
        &self.key
    }

    /// The private key, loaded for signing.
    #[must_use]
    pub const fn signing_key(&self) -> &Arc<dyn SigningKey> {
        &self.signing_key
    }

    /// The certificate in PEM.
    #[must_use]
    pub fn certificate_pem(&self) -> String {
        pem::encode_certificate(self.certificate())
    }

    /// The chain in PEM, in the form of a server's certificate file.
    #[must_use]
    pub fn chain_pem(&self) -> String {
        self.chain().map(pem::encode_certificate).collect()
    }

    /// The issuers to send with a certificate that this identity issues.
    pub(super) fn chain_below_root(&self) -> impl Iterator<Item = &[u8]> {
        self.chain().take_while(|_| !self.is_root)
    }

    /// Signs a certificate for `public_key`, whose private key is held elsewhere, and returns it in DER.
    ///
    /// # Errors
    /// [`IssueError`].
    pub fn sign(
        &self,
        template: &Template,
        provider: &Provider,
        public_key: &PublicKey,
    ) -> Result<Vec<u8>, IssueError> {
        let own = Certificate::parse(self.certificate()).map_err(|_| IssueError::Issuer)?;
        let issuer = Issuer {
            name: Name::from_der(own.raw.subject).map_err(|_| IssueError::Issuer)?,
            key_id: own.subject_key_id.map(<[u8]>::to_vec),
            key: &*self.signing_key,
        };
        certificate(template, provider, public_key, &issuer)
    }
}
