//! The challenge `tls-alpn-01` (RFC 8737).

use cairn_tokio::{
    Answerer, Reply,
    tls::{
        Answer, Question, ServerConfig,
        wire::{ClientExtension, ClientHello, ExtensionType, ProtocolName},
    },
};
use rcgen::{CertificateParams, CustomExtension, KeyPair};
use std::sync::{Arc, PoisonError, RwLock};

/// The application protocol of the authority's connections (RFC 8737 section 6.2).
const ACME_TLS: &str = "acme-tls/1";

/// Answers the connections of the authority. All clones share the challenge.
#[derive(Clone, Default)]
pub(crate) struct Challenges(Arc<RwLock<Option<ServerConfig>>>);

impl Challenges {
    /// Sets the response to the challenge for a name: the SHA-256 digest of the key authorization, in a
    /// self-signed certificate (RFC 8737 section 3).
    pub(crate) fn set(
        &self,
        name: &str,
        digest: &[u8],
    ) -> Result<(), Box<dyn std::error::Error + Send + Sync>> {
        let key = KeyPair::generate()?;
        let mut params = CertificateParams::new([name.to_owned()])?;
        params.custom_extensions.push(CustomExtension::new_acme_identifier(digest));
        let certificate = params.self_signed(&key)?;
        let config = ServerConfig::builder()
            .credential_pem(certificate.pem().as_bytes(), key.serialize_pem().as_bytes())?
            .alpn([ACME_TLS])
            .build()?;
        self.put(Some(config));
        Ok(())
    }

    /// Forgets the challenge.
    pub(crate) fn clear(&self) {
        self.put(None);
    }

    fn put(&self, config: Option<ServerConfig>) {
        *self.0.write().unwrap_or_else(PoisonError::into_inner) = config;
    }
}

impl Answerer for Challenges {
    fn answer(&self, question: &Question<'_>) -> Reply {
        let Question::ChooseConfiguration(choose) = question else { return Reply::Declined };
        let challenge = self.0.read().unwrap_or_else(PoisonError::into_inner).clone();
        match challenge {
            Some(config) if choose.client_hello().is_some_and(|hello| is_authority(&hello)) => {
                Reply::now(config)
            }
            _ => Reply::now(Answer::Configured),
        }
    }
}

/// Whether the client offers the protocol of the challenge, and no other (RFC 8737 section 3).
fn is_authority(hello: &ClientHello<'_>) -> bool {
    let alpn = ExtensionType::APPLICATION_LAYER_PROTOCOL_NEGOTIATION;
    match hello.extensions.as_ref().and_then(|extensions| extensions.get(alpn)) {
        Some(ClientExtension::ApplicationLayerProtocolNegotiation(names)) => {
            names.iter().eq([ProtocolName(ACME_TLS.as_bytes())])
        }
        _ => false,
    }
}
