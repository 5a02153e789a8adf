//! Keys in PKCS #11 tokens.

use alloc::sync::Arc;
#[cfg(not(feature = "pkcs11"))]
use cairn_tokio::tls::Provider;
use cairn_tokio::{Answerer, tls::Credential};

/// A key in a token: the credential for configurations, and the answerer that signs with it.
pub(crate) type TokenKey = (Arc<Credential>, Arc<dyn Answerer>);

#[cfg(feature = "pkcs11")]
mod opened {
    use super::TokenKey;
    use alloc::sync::Arc;
    use cairn_pkcs11::{KeyOptions, Pkcs11Key, Signer, Uri};
    use cairn_tokio::tls::{Provider, crypto::SigningKey as _};

    /// The keys that are open.
    #[derive(Clone, Debug, Default)]
    pub(crate) struct Tokens(Vec<Opened>);

    #[derive(Clone, Debug)]
    struct Opened {
        uri: String,
        certificate: Vec<u8>,
        key: Pkcs11Key,
        signer: Signer,
    }

    impl Tokens {
        /// Opens a key. A key of `earlier` that still signs is used again, because tokens permit few
        /// sessions. `chain` is in DER.
        pub(crate) fn open(
            &mut self,
            uri: &str,
            chain: &[Vec<u8>],
            earlier: &Self,
            provider: &Provider,
        ) -> Result<TokenKey, String> {
            let chain: Vec<&[u8]> = chain.iter().map(Vec::as_slice).collect();
            let certificate = chain.first().copied().unwrap_or_default();
            let is_it = |opened: &&Opened| opened.uri == uri && opened.certificate == certificate;
            let known = self.0.iter().find(is_it).cloned();
            let known = known.or_else(|| earlier.0.iter().find(is_it).filter(|it| it.still_signs()).cloned());
            let opened = match known {
                Some(opened) => opened,
                None => Opened::new(uri, certificate, provider)?,
            };
            let credential = opened.signer.credential(&chain).map_err(|e| e.to_string())?;
            let signer = Arc::new(opened.signer.clone());
            self.0.push(opened);
            Ok((credential, signer))
        }
    }

    impl Opened {
        fn new(uri: &str, certificate: &[u8], provider: &Provider) -> Result<Self, String> {
            let parsed: Uri = uri.parse().map_err(|e| format!("{e}"))?;
            let options = KeyOptions::default();
            let key = Pkcs11Key::open(&parsed, certificate, provider, options).map_err(|e| e.to_string())?;
            let signer = Signer::new(key.clone());
            Ok(Self { uri: uri.to_owned(), certificate: certificate.to_vec(), key, signer })
        }

        /// Whether the token signs. No signature of TLS is over a message like this one.
        fn still_signs(&self) -> bool {
            let message = b"cairn-proxy checks that the key in this token still signs";
            self.key.schemes().first().is_some_and(|scheme| self.key.sign_message(*scheme, message).is_ok())
        }
    }
}

#[cfg(feature = "pkcs11")]
pub(crate) use opened::Tokens;

/// The keys that are open: none, because support for tokens is not compiled.
#[cfg(not(feature = "pkcs11"))]
#[derive(Clone, Debug, Default)]
pub(crate) struct Tokens;

#[cfg(not(feature = "pkcs11"))]
impl Tokens {
    /// Reports that there is no support for tokens.
    pub(crate) fn open(
        &mut self,
        _: &str,
        _: &[Vec<u8>],
        _: &Self,
        _: &Provider,
    ) -> Result<TokenKey, String> {
        Err("this program is built without the feature pkcs11, so it cannot use keys in tokens".into())
    }
}
