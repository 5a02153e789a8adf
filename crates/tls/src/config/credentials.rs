//! Credentials of a configuration, and which of them is shown to whom.

use crate::ConfigError;
use alloc::{string::String, sync::Arc, vec::Vec};
use cairn_crypto::{DecryptingKey, KeyKind, Provider, SigningKey};
use cairn_handshake::{CertificateChain, ChooseClientCredential, ChooseServerCredential, Credential};
use cairn_x509::{CertificateError, CertificateFacts, OcspError, check_key, ocsp, pem};

/// Bytes of all timestamps of a certificate, each with the two of its length (RFC 6962 section 3.3).
const MAX_TIMESTAMPS: usize = 0xffff;

/// Some credentials, in order of preference.
#[derive(Clone, Debug, Default)]
pub(crate) struct Credentials {
    entries: Vec<Entry>,
}

#[derive(Clone, Debug)]
struct Entry {
    credential: Arc<Credential>,
    /// The DNS names of its certificate, in lower case.
    names: Vec<String>,
}

impl Credentials {
    pub(crate) fn add_pem(
        &mut self,
        provider: &Provider,
        chain: &[u8],
        key: &[u8],
    ) -> Result<(), ConfigError> {
        let chain = pem::certificates(chain)?;
        let key = pem::private_key(key)?;
        let signing = provider.keys.load(key.as_der()).map_err(ConfigError::Key)?;
        // For the RSA key exchange, where it is taken. A provider that does not do that is none the worse.
        let decrypting = if signing.public_key().kind == KeyKind::Rsa {
            provider.keys.load_decrypting(key.as_der()).ok()
        } else {
            None
        };
        let chain: Vec<&[u8]> = chain.iter().map(Vec::as_slice).collect();
        self.add_with(&chain, signing, decrypting)
    }

    pub(crate) fn add(&mut self, chain: &[&[u8]], key: Arc<dyn SigningKey>) -> Result<(), ConfigError> {
        self.add_with(chain, key, None)
    }

    fn add_with(
        &mut self,
        chain: &[&[u8]],
        key: Arc<dyn SigningKey>,
        decrypting: Option<Arc<dyn DecryptingKey>>,
    ) -> Result<(), ConfigError> {
        let end_entity = chain.first().ok_or(ConfigError::Certificate(CertificateError::EmptyChain))?;
        if chain.iter().any(|certificate| certificate.is_empty()) {
            return Err(ConfigError::Certificate(CertificateError::BadEncoding));
        }
        let names = check_key(end_entity, &*key)?.dns_names;
        let chain = CertificateChain::new(chain).map_err(|_| ConfigError::ChainTooLong)?;
        let mut credential = Credential::new(chain, key);
        if let Some(decrypting) = decrypting {
            credential = credential.with_decrypting_key(decrypting);
        }
        self.entries.push(Entry { credential: Arc::new(credential), names: lower(names) });
        Ok(())
    }

    pub(crate) fn add_credential(&mut self, credential: Arc<Credential>) -> Result<(), ConfigError> {
        let end_entity =
            credential.chain.end_entity().ok_or(ConfigError::Certificate(CertificateError::EmptyChain))?;
        let facts = CertificateFacts::from_der(end_entity).map_err(ConfigError::Certificate)?;
        self.entries.push(Entry { credential, names: lower(facts.dns_names) });
        Ok(())
    }

    /// Gives the last credential an OCSP response to staple, which must be about its certificate. Whether it is good is
    /// for clients to judge: they know the time.
    pub(crate) fn staple_to_last(&mut self, response: &[u8]) -> Result<(), ConfigError> {
        let entry = self.entries.last_mut().ok_or(ConfigError::NoCredential)?;
        let end_entity = entry.credential.chain.end_entity();
        let end_entity = end_entity.ok_or(ConfigError::Certificate(CertificateError::EmptyChain))?;
        let serial = CertificateFacts::from_der(end_entity).map_err(ConfigError::Certificate)?.serial;
        let statements = ocsp::statements(response).map_err(ConfigError::Ocsp)?;
        if !statements.iter().any(|statement| statement.serial == serial) {
            return Err(ConfigError::Ocsp(OcspError::OtherCertificate));
        }
        Arc::make_mut(&mut entry.credential).stapled.ocsp_response = Some(response.to_vec());
        Ok(())
    }

    /// Gives the last credential timestamps to show.
    pub(crate) fn add_timestamps_to_last(&mut self, timestamps: &[&[u8]]) -> Result<(), ConfigError> {
        let entry = self.entries.last_mut().ok_or(ConfigError::NoCredential)?;
        let all = &mut Arc::make_mut(&mut entry.credential).stapled.signed_certificate_timestamps;
        all.extend(timestamps.iter().map(|timestamp| timestamp.to_vec()));
        let length = all.iter().fold(0, |sum: usize, each| sum.saturating_add(each.len()).saturating_add(2));
        if length > MAX_TIMESTAMPS || all.iter().any(Vec::is_empty) {
            return Err(ConfigError::TimestampLength { length });
        }
        Ok(())
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.entries.is_empty()
    }

    pub(crate) fn iter(&self) -> impl Iterator<Item = &Arc<Credential>> {
        self.entries.iter().map(|entry| &entry.credential)
    }

    /// The first that suits the client and is for the host it names; else the first that suits it.
    pub(crate) fn for_client(&self, question: &ChooseServerCredential<'_>) -> Option<Arc<Credential>> {
        let suitable = || self.entries.iter().filter(|entry| question.suits(&entry.credential));
        let host = question.server_name().map(<[u8]>::to_ascii_lowercase);
        let named = host.and_then(|host| suitable().find(|entry| entry.is_for(&host)));
        named.or_else(|| suitable().next()).map(|entry| Arc::clone(&entry.credential))
    }

    /// The first that suits the server's request.
    pub(crate) fn for_server(&self, question: &ChooseClientCredential<'_>) -> Option<Arc<Credential>> {
        self.iter().find(|credential| question.suits(credential)).cloned()
    }
}

impl Entry {
    /// Whether the certificate names this host; a wildcard stands for one whole label on the left (RFC 6125 section
    /// 6.4.3).
    fn is_for(&self, host: &[u8]) -> bool {
        self.names.iter().any(|name| {
            let name = name.as_bytes();
            match name.strip_prefix(b"*.") {
                Some(parent) => host
                    .iter()
                    .position(|byte| *byte == b'.')
                    .is_some_and(|dot| host.get(dot + 1..) == Some(parent)),
                None => name == host,
            }
        })
    }
}

fn lower(names: Vec<String>) -> Vec<String> {
    names.into_iter().map(|name| name.to_ascii_lowercase()).collect()
}
