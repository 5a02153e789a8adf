//! Issues the certificate that a template describes.

use super::{
    certificate::{self, Issuer, certificate},
    error::IssueError,
    identity::Identity,
    template::Template,
};
use crate::pem::PrivateKey;
use alloc::vec;
use cairn_crypto::{KeySpec, Provider};

impl Template {
    /// Generates a key and a self-signed certificate for it.
    ///
    /// # Errors
    /// [`IssueError`].
    pub fn self_signed(&self, provider: &Provider, spec: KeySpec) -> Result<Identity, IssueError> {
        self.self_signed_with(provider, new_key(provider, spec)?)
    }

    /// Makes a self-signed certificate for an existing key.
    ///
    /// # Errors
    /// [`IssueError`].
    pub fn self_signed_with(&self, provider: &Provider, key: PrivateKey) -> Result<Identity, IssueError> {
        let signing = provider.keys.load(key.as_der())?;
        let issuer = Issuer {
            name: self.subject.to_name()?,
            key_id: certificate::key_id(provider, signing.public_key())?,
            key: &*signing,
        };
        let certificate = certificate(self, provider, signing.public_key(), &issuer)?;
        Ok(Identity::new(vec![certificate], key, signing, true))
    }

    /// Generates a key and a certificate for it, signed by `issuer`.
    ///
    /// # Errors
    /// [`IssueError`].
    pub fn issue(
        &self,
        provider: &Provider,
        spec: KeySpec,
        issuer: &Identity,
    ) -> Result<Identity, IssueError> {
        self.issue_with(provider, new_key(provider, spec)?, issuer)
    }

    /// Makes a certificate for an existing key, signed by `issuer`.
    ///
    /// # Errors
    /// [`IssueError`].
    pub fn issue_with(
        &self,
        provider: &Provider,
        key: PrivateKey,
        issuer: &Identity,
    ) -> Result<Identity, IssueError> {
        let signing = provider.keys.load(key.as_der())?;
        let certificate = issuer.sign(self, provider, signing.public_key())?;
        let chain =
            core::iter::once(certificate).chain(issuer.chain_below_root().map(<[u8]>::to_vec)).collect();
        Ok(Identity::new(chain, key, signing, false))
    }
}

fn new_key(provider: &Provider, spec: KeySpec) -> Result<PrivateKey, IssueError> {
    Ok(PrivateKey::from_pkcs8(provider.keys.generate(spec, &mut provider.rng())?))
}
