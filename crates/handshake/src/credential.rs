//! The credentials of a side.

use crate::{
    certificate_chain::CertificateChain, delegated_credential::DelegatedCredential, stapled::Stapled,
};
use alloc::{sync::Arc, vec::Vec};
use cairn_crypto::{DecryptingKey, KeyKind, SigningKey};
use cairn_wire::SignatureScheme;
use core::panic::{RefUnwindSafe, UnwindSafe};

/// A certificate chain and the properties of its private key; or of a delegated credential's key, in place of
/// that of the certificate.
#[derive(Clone, Debug)]
pub struct Credential {
    /// The chain to send.
    pub chain: CertificateChain,
    /// The kind of the end entity's key. It determines the cipher suites that the credential can serve.
    pub key_kind: KeyKind,
    /// The signature schemes of the key, most preferred first.
    pub schemes: Vec<SignatureScheme>,
    /// The private key, if it is available in this process. The machine does not use it: it asks
    /// [`crate::Question::Sign`], and the caller signs with this key or forwards the question.
    pub key: Option<Arc<dyn SigningKey>>,
    /// Whether the key can decrypt premaster secrets, as RSA key exchange requires.
    pub may_decrypt: bool,
    /// The decryption key, if it is available in this process. The machine does not use it: it asks
    /// [`crate::Question::DecryptPremaster`].
    pub decrypting_key: Option<Arc<dyn DecryptingKey>>,
    /// The length of an RSA key's modulus in bits, if it is known. For DHE, a server chooses a group of at
    /// least that strength if the client lists one (RFC 7919 section 4).
    pub modulus_bits: Option<usize>,
    /// The channel binding `tls-server-end-point` (RFC 5929 section 4.1): a hash of the end-entity
    /// certificate. Computing it requires parsing the certificate, so the caller provides it; the machine
    /// stores it with the session. `None` if it is not needed.
    pub tls_server_end_point: Option<Arc<[u8]>>,
    /// The OCSP response and timestamps that a server sends to clients that request them. Unused in clients,
    /// because TLS 1.2 has no message for it.
    pub stapled: Stapled,
    /// The delegated credential whose key signs (RFC 9345). `key_kind`, `schemes` and `key` are then those of
    /// its key. The credential serves TLS 1.3 only, and only peers that accept delegated credentials; another
    /// one with the same chain and the key of the certificate can serve the others.
    pub delegated: Option<Arc<DelegatedCredential>>,
}

/// The keys are shared and `Sync`, and a panic in one of them leaves the credential unchanged.
impl UnwindSafe for Credential {}

/// See `UnwindSafe`.
impl RefUnwindSafe for Credential {}

impl Credential {
    /// Creates a credential with a private key in this process.
    #[must_use]
    pub fn new(chain: CertificateChain, key: Arc<dyn SigningKey>) -> Self {
        Self {
            chain,
            key_kind: key.public_key().kind,
            schemes: key.schemes().to_vec(),
            key: Some(key),
            may_decrypt: false,
            decrypting_key: None,
            modulus_bits: None,
            tls_server_end_point: None,
            stapled: Stapled::default(),
            delegated: None,
        }
    }

    /// Creates a credential with a key elsewhere, for example in another process or in a token. The caller
    /// states the uses of the key and answers each [`crate::Question::Sign`].
    #[must_use]
    pub fn elsewhere(chain: CertificateChain, key_kind: KeyKind, schemes: Vec<SignatureScheme>) -> Self {
        Self {
            chain,
            key_kind,
            schemes,
            key: None,
            may_decrypt: false,
            decrypting_key: None,
            modulus_bits: None,
            tls_server_end_point: None,
            stapled: Stapled::default(),
            delegated: None,
        }
    }

    /// Adds an OCSP response and timestamps.
    #[must_use]
    pub fn with_stapled(mut self, stapled: Stapled) -> Self {
        self.stapled = stapled;
        self
    }

    /// Sets the delegated credential whose key the private key is (RFC 9345). It signs with
    /// `dc_cert_verify_algorithm` only.
    #[must_use]
    pub fn with_delegated_credential(mut self, delegated: DelegatedCredential) -> Self {
        self.schemes.retain(|scheme| *scheme == delegated.scheme());
        self.may_decrypt = false;
        self.decrypting_key = None;
        self.delegated = Some(Arc::new(delegated));
        self
    }

    /// Sets the length in bits of the RSA key's modulus.
    #[must_use]
    pub const fn with_modulus_bits(mut self, bits: Option<usize>) -> Self {
        self.modulus_bits = bits;
        self
    }

    /// Adds a key that decrypts premaster secrets.
    #[must_use]
    pub fn with_decrypting_key(mut self, key: Arc<dyn DecryptingKey>) -> Self {
        self.may_decrypt = true;
        self.decrypting_key = Some(key);
        self
    }

    /// The first scheme of the key that the peer also supports.
    pub(crate) fn scheme_for(
        &self,
        peer_schemes: impl Fn(SignatureScheme) -> bool,
    ) -> Option<SignatureScheme> {
        self.schemes.iter().copied().find(|scheme| peer_schemes(*scheme))
    }
}
