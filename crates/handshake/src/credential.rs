//! Certificate chains, raw public keys and credentials.

use crate::{HandshakeErrorKind, RawMessage, Stapled, trigger};
use alloc::{sync::Arc, vec::Vec};
use cairn_crypto::{DecryptingKey, KeyKind, SigningKey};
use cairn_wire::{
    Asn1Cert, Certificate, CertificateType, Decode, Encode, EncodeError, List, Reader, SignatureScheme,
    Writer,
};
use core::{
    fmt,
    panic::{RefUnwindSafe, UnwindSafe},
};

/// The content of a Certificate message: a chain of X.509 certificates, or a raw public key (RFC 7250).
///
/// It is stored in the encoding of the message (RFC 5246 section 7.4.2, RFC 7250 section 3): one allocation,
/// and one copy to send it. The encoding does not distinguish the two types, so the value does; a key is
/// never returned as a certificate, nor the reverse.
#[derive(Clone, PartialEq, Eq)]
pub struct CertificateChain {
    form: Form,
    body: Vec<u8>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Form {
    X509,
    RawPublicKey,
}

impl CertificateChain {
    /// Creates a chain of certificates in DER, with the end-entity certificate first.
    ///
    /// # Errors
    /// [`EncodeError`] if the chain is longer than a Certificate message can hold (2^24 - 1 bytes), there is
    /// no certificate, or one is empty.
    pub fn new(certificates: &[&[u8]]) -> Result<Self, EncodeError> {
        if certificates.is_empty() {
            return Err(EncodeError::TooShort { what: "Certificate.certificate_list", length: 0, min: 1 });
        }
        let list: Vec<Asn1Cert<'_>> = certificates.iter().map(|der| Asn1Cert(der)).collect();
        Ok(Self {
            form: Form::X509,
            body: Certificate { certificate_list: List::from_items(&list) }.to_vec()?,
        })
    }

    /// Creates a raw public key from a `SubjectPublicKeyInfo` in DER (RFC 7250 section 3).
    ///
    /// # Errors
    /// [`EncodeError`] if the key is empty, or longer than a Certificate message can hold (2^24 - 1 bytes).
    pub fn raw_public_key(spki: &[u8]) -> Result<Self, EncodeError> {
        let mut body = Vec::new();
        Writer::vec(&mut body).vec24(1, MAX_SPKI, SPKI, |w| w.bytes(spki))?;
        Ok(Self { form: Form::RawPublicKey, body })
    }

    /// Reads the body of a Certificate message of the negotiated type. Returns `None` if it is empty. RFC
    /// 7250 does not define an empty message for raw public keys, so three zero bytes are used as with X.509
    /// (RFC 5246 section 7.4.6).
    pub(crate) fn read(
        certificate_type: CertificateType,
        message: RawMessage<'_>,
    ) -> Result<Option<Self>, HandshakeErrorKind> {
        let form = if certificate_type == CertificateType::RAW_PUBLIC_KEY {
            let mut reader = Reader::at(RawMessage::HEADER_LEN, message.body());
            let mut spki = reader.vec24(0, MAX_SPKI, SPKI)?;
            reader.finish("end of handshake message")?;
            (!spki.rest().is_empty()).then_some(Form::RawPublicKey)
        } else {
            let certificate: Certificate<'_> = trigger::read(message)?;
            (!certificate.certificate_list.is_empty()).then_some(Form::X509)
        };
        Ok(form.map(|form| Self { form, body: message.body().to_vec() }))
    }

    /// The type of the certificate.
    #[must_use]
    pub const fn certificate_type(&self) -> CertificateType {
        match self.form {
            Form::X509 => CertificateType::X509,
            Form::RawPublicKey => CertificateType::RAW_PUBLIC_KEY,
        }
    }

    /// The raw public key, a `SubjectPublicKeyInfo` in DER; `None` for X.509 certificates.
    #[must_use]
    pub fn as_raw_public_key(&self) -> Option<&[u8]> {
        match self.form {
            Form::X509 => None,
            Form::RawPublicKey => Some(Reader::new(&self.body).vec24(1, MAX_SPKI, SPKI).ok()?.rest()),
        }
    }

    /// The body of a Certificate message with this chain.
    #[must_use]
    pub fn as_message_body(&self) -> &[u8] {
        &self.body
    }

    /// The certificates in DER, with the end-entity certificate first; empty for a raw public key.
    pub fn iter(&self) -> impl Iterator<Item = &[u8]> + '_ {
        let certificates = match self.form {
            Form::X509 => self.body.as_slice(),
            Form::RawPublicKey => &[],
        };
        Certificate::decode_exact(certificates)
            .into_iter()
            .flat_map(|c| c.certificate_list.into_iter())
            .map(|c| c.0)
    }

    /// The end-entity certificate in DER; `None` for a raw public key.
    #[must_use]
    pub fn end_entity(&self) -> Option<&[u8]> {
        self.iter().next()
    }
}

impl fmt::Debug for CertificateChain {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.form {
            Form::X509 => {
                write!(f, "CertificateChain({} certificates, {} bytes)", self.iter().count(), self.body.len())
            }
            Form::RawPublicKey => write!(f, "CertificateChain(raw public key, {} bytes)", self.body.len()),
        }
    }
}

const SPKI: &str = "ASN.1_subjectPublicKeyInfo";
/// The bytes of a key in a Certificate message.
const MAX_SPKI: usize = 0xff_ffff;

/// A certificate chain and the properties of its private key.
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
    pub end_point: Option<Arc<[u8]>>,
    /// The OCSP response and timestamps that a server sends to clients that request them. Unused in clients,
    /// because TLS 1.2 has no message for it.
    pub stapled: Stapled,
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
            end_point: None,
            stapled: Stapled::default(),
        }
    }

    /// Creates a credential with a key elsewhere, for example in another process or in a token. The caller
    /// states what the key can do and answers each [`crate::Question::Sign`].
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
            end_point: None,
            stapled: Stapled::default(),
        }
    }

    /// Adds an OCSP response and timestamps.
    #[must_use]
    pub fn with_stapled(mut self, stapled: Stapled) -> Self {
        self.stapled = stapled;
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
