//! Certificate chains and raw public keys.

use crate::{
    error::HandshakeErrorKind,
    raw_message::{self, RawMessage},
};
use alloc::vec::Vec;
use cairn_wire::{Certificate, CertificateType, EncodeError, Reader, Writer};
use core::fmt;
use smallvec::SmallVec;

/// The identity that a side presents: a chain of X.509 certificates, or a raw public key (RFC 7250).
///
/// It holds the DER encodings and no message: each version of TLS has its own Certificate message. The two
/// types are distinct; a key is never returned as a certificate, nor the reverse. Chains are shared as
/// `Arc<CertificateChain>`.
#[derive(Clone, PartialEq, Eq)]
pub struct CertificateChain(Content);

#[derive(Clone, PartialEq, Eq)]
enum Content {
    X509(Certificates),
    RawPublicKey(Vec<u8>),
}

/// At least one certificate, none of them empty.
#[derive(Clone, PartialEq, Eq)]
struct Certificates {
    /// The certificates in DER, one after the other: a single allocation.
    ders: Vec<u8>,
    /// The end of each certificate in `ders`.
    ends: SmallVec<[usize; 4]>,
}

impl Certificates {
    fn collect<'a>(ders: impl Iterator<Item = &'a [u8]> + Clone) -> Self {
        let length = ders.clone().map(<[u8]>::len).fold(0_usize, usize::saturating_add);
        let mut all = Vec::with_capacity(length);
        let ends = ders
            .map(|der| {
                all.extend_from_slice(der);
                all.len()
            })
            .collect();
        Self { ders: all, ends }
    }

    fn iter(&self) -> impl Iterator<Item = &[u8]> + '_ {
        let mut start = 0;
        self.ends.iter().map(move |end| {
            let der = self.ders.get(start..*end).unwrap_or_default();
            start = *end;
            der
        })
    }

    /// The length of `certificate_list` (RFC 5246 section 7.4.2): each certificate has a length of three
    /// bytes.
    fn list_len(&self) -> usize {
        self.ends.len().saturating_mul(LENGTH_LEN).saturating_add(self.ders.len())
    }
}

impl CertificateChain {
    /// Creates a chain of certificates in DER, with the end-entity certificate first.
    ///
    /// # Errors
    /// [`EncodeError`] if the chain is longer than a Certificate message can hold (2^24 - 1 bytes), there is
    /// no certificate, or one is empty.
    pub fn new(certificates: &[&[u8]]) -> Result<Self, EncodeError> {
        if certificates.is_empty() {
            return Err(EncodeError::TooShort { what: LIST, length: 0, min: 1 });
        }
        if certificates.iter().any(|der| der.is_empty()) {
            return Err(EncodeError::TooShort { what: "ASN.1Cert", length: 0, min: 1 });
        }
        let chain = Certificates::collect(certificates.iter().copied());
        match chain.list_len() {
            length if length > MAX_LEN => Err(EncodeError::TooLong { what: LIST, length, max: MAX_LEN }),
            _ => Ok(Self(Content::X509(chain))),
        }
    }

    /// Creates a raw public key from a `SubjectPublicKeyInfo` in DER (RFC 7250 section 3).
    ///
    /// # Errors
    /// [`EncodeError`] if the key is empty, or longer than a Certificate message can hold (2^24 - 1 bytes).
    pub fn raw_public_key(spki: &[u8]) -> Result<Self, EncodeError> {
        match spki.len() {
            0 => Err(EncodeError::TooShort { what: SPKI, length: 0, min: 1 }),
            length if length > MAX_LEN => Err(EncodeError::TooLong { what: SPKI, length, max: MAX_LEN }),
            _ => Ok(Self(Content::RawPublicKey(spki.to_vec()))),
        }
    }

    /// The identification of its owner: the kind, and the end-entity certificate or the key.
    pub(crate) fn identity(&self) -> (&'static [u8], &[u8]) {
        match self.as_raw_public_key() {
            Some(key) => (b"raw public key", key),
            None => (b"certificate", self.end_entity().unwrap_or_default()),
        }
    }

    /// Reads the body of a TLS 1.2 Certificate message of the negotiated type. Returns `None` if it is empty.
    /// RFC 7250 does not define an empty message for raw public keys, so three zero bytes are used as with
    /// X.509 (RFC 5246 section 7.4.6).
    pub(crate) fn read_tls12(
        certificate_type: CertificateType,
        message: RawMessage<'_>,
    ) -> Result<Option<Self>, HandshakeErrorKind> {
        if certificate_type == CertificateType::RAW_PUBLIC_KEY {
            let mut reader = Reader::at(RawMessage::HEADER_LEN, message.body());
            let spki = reader.vec24(0, MAX_LEN, SPKI)?.rest();
            reader.finish("end of handshake message")?;
            Ok((!spki.is_empty()).then(|| Self(Content::RawPublicKey(spki.to_vec()))))
        } else {
            let list = raw_message::read::<Certificate<'_>>(message)?.certificate_list;
            let chain = || Self(Content::X509(Certificates::collect(list.iter().map(|der| der.0))));
            Ok((!list.is_empty()).then(chain))
        }
    }

    /// The chain or the key in the entries of a TLS 1.3 Certificate message of the negotiated type. `None` if
    /// there are none. RFC 9846 section 4.5.1: with raw public keys, "the certificate_list MUST contain no
    /// more than one CertificateEntry".
    pub(crate) fn from_entries<'a>(
        certificate_type: CertificateType,
        mut entries: impl Iterator<Item = &'a [u8]> + Clone,
    ) -> Result<Option<Self>, HandshakeErrorKind> {
        if certificate_type == CertificateType::RAW_PUBLIC_KEY {
            let spki = entries.next();
            if entries.next().is_some() {
                return Err(HandshakeErrorKind::SeveralRawPublicKeys);
            }
            return Ok(spki.map(|spki| Self(Content::RawPublicKey(spki.to_vec()))));
        }
        let chain = Certificates::collect(entries);
        Ok((!chain.ends.is_empty()).then_some(Self(Content::X509(chain))))
    }

    /// The `cert_data` of each entry of a TLS 1.3 Certificate message: the certificates, or the key.
    pub(crate) fn entries(&self) -> impl Iterator<Item = &[u8]> + '_ {
        self.as_raw_public_key().into_iter().chain(self.iter())
    }

    /// The type of the certificate.
    #[must_use]
    pub const fn certificate_type(&self) -> CertificateType {
        match self.0 {
            Content::X509(_) => CertificateType::X509,
            Content::RawPublicKey(_) => CertificateType::RAW_PUBLIC_KEY,
        }
    }

    /// The raw public key, a `SubjectPublicKeyInfo` in DER; `None` for X.509 certificates.
    #[must_use]
    pub fn as_raw_public_key(&self) -> Option<&[u8]> {
        match &self.0 {
            Content::X509(_) => None,
            Content::RawPublicKey(spki) => Some(spki),
        }
    }

    /// The certificates in DER, with the end-entity certificate first; empty for a raw public key.
    pub fn iter(&self) -> impl Iterator<Item = &[u8]> + '_ {
        let certificates = match &self.0 {
            Content::X509(certificates) => Some(certificates),
            Content::RawPublicKey(_) => None,
        };
        certificates.into_iter().flat_map(Certificates::iter)
    }

    /// The end-entity certificate in DER; `None` for a raw public key.
    #[must_use]
    pub fn end_entity(&self) -> Option<&[u8]> {
        self.iter().next()
    }

    /// The length in bytes of the body of a TLS 1.2 Certificate message with this chain.
    #[must_use]
    pub fn tls12_len(&self) -> usize {
        LENGTH_LEN.saturating_add(match &self.0 {
            Content::X509(certificates) => certificates.list_len(),
            Content::RawPublicKey(spki) => spki.len(),
        })
    }

    /// Writes the body of a TLS 1.2 Certificate message with this chain (RFC 5246 section 7.4.2, RFC 7250
    /// section 3). The encoding does not distinguish a certificate from a raw public key.
    ///
    /// # Errors
    /// [`EncodeError`] if the writer has no room.
    pub fn encode_tls12(&self, w: &mut Writer<'_>) -> Result<(), EncodeError> {
        match &self.0 {
            Content::X509(certificates) => w.vec24(1, MAX_LEN, LIST, |w| {
                certificates.iter().try_for_each(|der| w.vec24(1, MAX_LEN, "ASN.1Cert", |w| w.bytes(der)))
            }),
            Content::RawPublicKey(spki) => w.vec24(1, MAX_LEN, SPKI, |w| w.bytes(spki)),
        }
    }
}

impl fmt::Debug for CertificateChain {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.0 {
            Content::X509(Certificates { ders, ends }) => {
                write!(f, "CertificateChain({} certificates, {} bytes)", ends.len(), ders.len())
            }
            Content::RawPublicKey(spki) => {
                write!(f, "CertificateChain(raw public key, {} bytes)", spki.len())
            }
        }
    }
}

const LIST: &str = "Certificate.certificate_list";
const SPKI: &str = "ASN.1_subjectPublicKeyInfo";
/// The bytes of certificates or of a key in a Certificate message.
const MAX_LEN: usize = 0xff_ffff;
/// The bytes of the length of a list, of a certificate, and of a key.
const LENGTH_LEN: usize = 3;
