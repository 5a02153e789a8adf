//! What an end proves itself with.

use crate::{ErrorKind, RawMessage, Stapled, trigger};
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

/// What a peer shows: a chain of X.509 certificates, or a bare public key in its place (RFC 7250).
///
/// It is kept in the form that the Certificate message has (RFC 5246 section 7.4.2, RFC 7250 section 3), so that sending it
/// is one copy and keeping it one allocation. The form alone does not tell which of the two it is, so the value does: a key
/// is never among its certificates, and no certificate is taken for a key.
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
    /// A chain of certificates in DER, the end entity's first.
    ///
    /// # Errors
    /// [`EncodeError`] when it is longer than a Certificate message can hold (2^24 - 1 bytes), there is no certificate,
    /// or one is empty.
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

    /// A bare public key: a `SubjectPublicKeyInfo` in DER (RFC 7250 section 3).
    ///
    /// # Errors
    /// [`EncodeError`] when it is empty, or longer than a Certificate message can hold (2^24 - 1 bytes).
    pub fn raw_public_key(spki: &[u8]) -> Result<Self, EncodeError> {
        let mut body = Vec::new();
        Writer::vec(&mut body).vec24(1, MAX_SPKI, SPKI, |w| w.bytes(spki))?;
        Ok(Self { form: Form::RawPublicKey, body })
    }

    /// Reads the body of a Certificate message in which this type was agreed on; `None` when nothing is shown. RFC 7250 has
    /// no words for that, so it is the same three zeros as with X.509 (RFC 5246 section 7.4.6).
    pub(crate) fn read(
        certificate_type: CertificateType,
        message: RawMessage<'_>,
    ) -> Result<Option<Self>, ErrorKind> {
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

    /// Which of the two it is.
    #[must_use]
    pub const fn certificate_type(&self) -> CertificateType {
        match self.form {
            Form::X509 => CertificateType::X509,
            Form::RawPublicKey => CertificateType::RAW_PUBLIC_KEY,
        }
    }

    /// The bare public key, a `SubjectPublicKeyInfo` in DER; `None` when it is certificates.
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

    /// The certificates in DER, the end entity's first; none when it is a bare public key.
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

    /// The end entity's certificate in DER; none when it is a bare public key.
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
/// Bytes of a key in a Certificate message.
const MAX_SPKI: usize = 0xff_ffff;

/// A chain, and what the machine must know of its key.
#[derive(Clone, Debug)]
pub struct Credential {
    /// The chain to send.
    pub chain: CertificateChain,
    /// The kind of the end entity's key: it decides which suites it can serve.
    pub key_kind: KeyKind,
    /// The schemes that the key can sign with, most preferred first.
    pub schemes: Vec<SignatureScheme>,
    /// The private key, where it is at hand. The machine never uses it: it asks [`crate::Question::Sign`], and who
    /// answers may sign with this or send the question elsewhere.
    pub key: Option<Arc<dyn SigningKey>>,
    /// Whether the key decrypts premaster secrets: it can serve suites with the RSA key exchange then.
    pub may_decrypt: bool,
    /// The key for that, where it is at hand. The machine never uses it: it asks
    /// [`crate::Question::DecryptPremaster`].
    pub decrypting_key: Option<Arc<dyn DecryptingKey>>,
    /// How long the modulus of an RSA key is, in bits, where that is told: a server with DHE chooses a group that is as
    /// strong, if the client names one (RFC 7919 section 4).
    pub modulus_bits: Option<usize>,
    /// The channel binding `tls-server-end-point` of the end entity's certificate (RFC 5929 section 4.1): its hash, by a
    /// rule that needs the certificate read. The machine only keeps it with the session; `None` where nobody asks for it.
    pub end_point: Option<Arc<[u8]>>,
    /// What a server sends along with the chain to clients that ask. Of no use to a client: TLS 1.2 has no place for it.
    pub stapled: Stapled,
}

/// Its keys are shared and `Sync`; a panic in one of them changes nothing in the credential.
impl UnwindSafe for Credential {}

/// As above.
impl RefUnwindSafe for Credential {}

impl Credential {
    /// A credential whose key is at hand.
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

    /// A credential whose key lives elsewhere, for example in another process or in a token. The caller says what the key
    /// can do, and answers each [`crate::Question::Sign`].
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

    /// The same, with something to send along.
    #[must_use]
    pub fn with_stapled(mut self, stapled: Stapled) -> Self {
        self.stapled = stapled;
        self
    }

    /// The same, whose RSA key has a modulus of so many bits.
    #[must_use]
    pub const fn with_modulus_bits(mut self, bits: Option<usize>) -> Self {
        self.modulus_bits = bits;
        self
    }

    /// The same, whose key decrypts premaster secrets besides.
    #[must_use]
    pub fn with_decrypting_key(mut self, key: Arc<dyn DecryptingKey>) -> Self {
        self.may_decrypt = true;
        self.decrypting_key = Some(key);
        self
    }

    /// The key's first scheme that the peer takes too.
    pub(crate) fn scheme_for(
        &self,
        peer_schemes: impl Fn(SignatureScheme) -> bool,
    ) -> Option<SignatureScheme> {
        self.schemes.iter().copied().find(|scheme| peer_schemes(*scheme))
    }
}
