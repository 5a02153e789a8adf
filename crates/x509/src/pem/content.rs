//! Recognizes other contents of a file, with their names and advice.

use core::fmt;
use der::{AnyRef, Decode, Reader, SliceReader, Tag};

/// The wanted contents of a file.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Wanted {
    /// Certificates.
    Certificate,
    /// A private key.
    PrivateKey,
    /// Public keys.
    PublicKey,
    /// Certificate revocation lists.
    Crl,
    /// Certificate requests.
    CertificateRequest,
}

impl fmt::Display for Wanted {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Certificate => "certificate",
            Self::PrivateKey => "private key",
            Self::PublicKey => "public key",
            Self::Crl => "certificate revocation list",
            Self::CertificateRequest => "certificate request",
        })
    }
}

/// Contents of a file or PEM block that are often given by mistake.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Content {
    /// A certificate.
    Certificate,
    /// A private key.
    PrivateKey,
    /// A public key.
    PublicKey,
    /// An RSA public key without its algorithm (RFC 8017 appendix A.1.1).
    Pkcs1PublicKey,
    /// A certificate request (RFC 2986).
    CertificateRequest,
    /// A certificate revocation list (RFC 5280 section 5).
    RevocationList,
    /// A certificate with OpenSSL's trust settings appended.
    TrustedCertificate,
    /// An archive of certificates and keys (PKCS #12, RFC 7292), as in `.p12` and `.pfx`.
    Pkcs12,
    /// A collection of certificates (PKCS #7, RFC 2315), as in `.p7b`.
    Pkcs7,
    /// A private key in OpenSSH's own format.
    OpenSshPrivateKey,
    /// A public key in an SSH format.
    SshPublicKey,
    /// A private key in PuTTY's format.
    PuttyKey,
    /// A Java key store.
    JavaKeyStore,
    /// A DSA key, which no supported cipher suite uses.
    DsaKey,
    /// Parameters of a key exchange or of a curve.
    Parameters,
    /// PGP data.
    Pgp,
    /// Text in UTF-16.
    Utf16,
    /// Base64 without BEGIN and END lines.
    BareBase64,
}

impl Content {
    /// The contents that a block's label announces.
    pub(super) fn of_label(label: &[u8]) -> Option<Self> {
        Some(match label {
            b"CERTIFICATE" | b"X509 CERTIFICATE" => Self::Certificate,
            b"TRUSTED CERTIFICATE" => Self::TrustedCertificate,
            b"PRIVATE KEY" | b"RSA PRIVATE KEY" | b"EC PRIVATE KEY" | b"ENCRYPTED PRIVATE KEY" => {
                Self::PrivateKey
            }
            b"PUBLIC KEY" => Self::PublicKey,
            b"RSA PUBLIC KEY" => Self::Pkcs1PublicKey,
            b"CERTIFICATE REQUEST" | b"NEW CERTIFICATE REQUEST" => Self::CertificateRequest,
            b"X509 CRL" | b"CRL" => Self::RevocationList,
            b"PKCS7" | b"PKCS #7 SIGNED DATA" | b"CMS" => Self::Pkcs7,
            b"OPENSSH PRIVATE KEY" => Self::OpenSshPrivateKey,
            b"DSA PRIVATE KEY" => Self::DsaKey,
            b"EC PARAMETERS" | b"DH PARAMETERS" | b"DSA PARAMETERS" => Self::Parameters,
            label if label.starts_with(b"PGP ") => Self::Pgp,
            _ => return None,
        })
    }

    /// Recognizes a file that is neither PEM nor a certificate or key in DER.
    pub(super) fn of_file(file: &[u8]) -> Option<Self> {
        const PUTTY: &[u8] = b"PuTTY-User-Key-File-";
        let text = file.trim_ascii_start();
        let is_ssh = [&b"ssh-"[..], b"ecdsa-sha2-", b"sk-ssh-", b"sk-ecdsa-", b"---- BEGIN SSH2 PUBLIC KEY"]
            .iter()
            .any(|start| text.starts_with(start));
        Some(match file {
            [0xff, 0xfe, ..] | [0xfe, 0xff, ..] | [b'-', 0, b'-', 0, ..] | [0, b'-', 0, b'-', ..] => {
                Self::Utf16
            }
            // The magic numbers of JKS and JCEKS.
            [0xfe, 0xed, 0xfe, 0xed, ..] | [0xce, 0xce, 0xce, 0xce, ..] => Self::JavaKeyStore,
            _ if text.starts_with(PUTTY) => Self::PuttyKey,
            _ if is_ssh => Self::SshPublicKey,
            _ if is_bare_base64(text) => Self::BareBase64,
            _ => return None,
        })
    }

    /// Recognizes the contents of a DER or BER file.
    pub(super) fn of_der(file: &[u8]) -> Option<Self> {
        /// The arcs below 1.2.840.113549.1.7: `data`, which an archive of PKCS #12 holds, and `signedData`.
        const PKCS7_DATA: &[u8] = b"\x06\x09\x2a\x86\x48\x86\xf7\x0d\x01\x07\x01";
        const PKCS7_SIGNED: &[u8] = b"\x06\x09\x2a\x86\x48\x86\xf7\x0d\x01\x07\x02";
        // Both may have indefinite lengths, so only their start is compared.
        let head = file.get(..40).unwrap_or(file);
        let has = |bytes: &[u8]| head.windows(bytes.len()).any(|window| window == bytes);
        if has(b"\x02\x01\x03\x30") && (has(PKCS7_DATA) || has(PKCS7_SIGNED)) {
            return Some(Self::Pkcs12);
        }
        if has(PKCS7_SIGNED) {
            return Some(Self::Pkcs7);
        }
        let (tags, first) = elements(file).ok()?;
        Some(match tags {
            [Some(Tag::Integer), Some(Tag::Integer), None] => Self::Pkcs1PublicKey,
            [Some(Tag::Integer), Some(Tag::Sequence | Tag::Integer | Tag::OctetString), _]
            | [Some(Tag::Sequence), Some(Tag::OctetString), None] => Self::PrivateKey,
            [Some(Tag::Sequence), Some(Tag::BitString), None] => Self::PublicKey,
            [Some(Tag::Sequence), Some(Tag::Sequence), Some(Tag::BitString)] => {
                // A signed structure: the signed part starts with a version and continues with at least one
                // name.
                match elements(first).ok()?.0 {
                    [Some(Tag::Integer), Some(Tag::Sequence), Some(Tag::Sequence)] if is_request(first) => {
                        Self::CertificateRequest
                    }
                    [_, _, Some(Tag::UtcTime | Tag::GeneralizedTime)] => Self::RevocationList,
                    [Some(Tag::Integer), Some(Tag::Sequence), Some(Tag::Sequence)]
                        if fourth_is_time(first) =>
                    {
                        Self::RevocationList
                    }
                    _ => Self::Certificate,
                }
            }
            _ => return None,
        })
    }

    /// Whether it may hold the wanted thing in an unsupported form.
    pub(super) const fn may_hold(self, wanted: Wanted) -> bool {
        match self {
            Self::Pkcs12 | Self::JavaKeyStore | Self::Utf16 | Self::BareBase64 => true,
            Self::TrustedCertificate | Self::Pkcs7 => matches!(wanted, Wanted::Certificate),
            Self::OpenSshPrivateKey | Self::PuttyKey => matches!(wanted, Wanted::PrivateKey),
            Self::Pkcs1PublicKey | Self::SshPublicKey => matches!(wanted, Wanted::PublicKey),
            _ => false,
        }
    }

    /// Its name in messages.
    const fn name(self) -> &'static str {
        match self {
            Self::Certificate => "a certificate",
            Self::PrivateKey => "a private key",
            Self::PublicKey => "a public key",
            Self::Pkcs1PublicKey => "an RSA public key in PKCS #1",
            Self::CertificateRequest => "a certificate request (PKCS #10)",
            Self::RevocationList => "a certificate revocation list",
            Self::TrustedCertificate => "a TRUSTED CERTIFICATE, which has OpenSSL's trust settings in it",
            Self::Pkcs12 => "a PKCS #12 archive (.p12, .pfx)",
            Self::Pkcs7 => "a PKCS #7 collection (.p7b)",
            Self::OpenSshPrivateKey => "a private key in OpenSSH's format",
            Self::SshPublicKey => "an SSH public key",
            Self::PuttyKey => "a private key in PuTTY's format",
            Self::JavaKeyStore => "a Java key store",
            Self::DsaKey => "a DSA key",
            Self::Parameters => "parameters",
            Self::Pgp => "a PGP block",
            Self::Utf16 => "text in UTF-16",
            Self::BareBase64 => "base64 without BEGIN and END lines",
        }
    }

    /// Advice to the user.
    #[must_use]
    pub const fn advice(self, wanted: Wanted) -> &'static str {
        match (self, wanted) {
            (Self::Certificate, Wanted::PublicKey) => {
                "extract its key with `openssl x509 -in FILE -noout -pubkey`"
            }
            (Self::PrivateKey, Wanted::PublicKey) => {
                "extract its public half with `openssl pkey -in FILE -pubout`"
            }
            (Self::Pkcs1PublicKey, Wanted::PublicKey) => {
                "convert it with `openssl rsa -RSAPublicKey_in -in FILE -pubout -out NEW`"
            }
            (Self::Certificate | Self::PrivateKey | Self::PublicKey | Self::Pkcs1PublicKey, _) => {
                "the files for the certificate and for the key may have been exchanged"
            }
            (Self::CertificateRequest, _) => {
                "a certification authority makes a certificate from it; take the file that it sent back"
            }
            (Self::RevocationList | Self::Parameters, _) => "use another file",
            (Self::TrustedCertificate, _) => "convert it with `openssl x509 -in FILE -out NEW`",
            (Self::Pkcs12, Wanted::PrivateKey) => {
                "extract the key with `openssl pkcs12 -in FILE -nocerts -nodes -out KEY`"
            }
            (Self::Pkcs12, _) => "extract the certificates with `openssl pkcs12 -in FILE -nokeys -out CERT`",
            (Self::Pkcs7, _) => {
                "extract the certificates with `openssl pkcs7 -in FILE -print_certs -out CERT` (with -inform \
                DER where it is binary)"
            }
            (Self::OpenSshPrivateKey, _) => {
                "convert it with `ssh-keygen -p -m PKCS8 -f FILE`, which rewrites FILE"
            }
            (Self::SshPublicKey, Wanted::PublicKey) => "convert it with `ssh-keygen -e -m PKCS8 -f FILE`",
            (Self::SshPublicKey, _) => "use another file: SSH keys have no X.509 certificates",
            (Self::PuttyKey, _) => {
                "convert it with `puttygen FILE -O private-openssh-new -o NEW`, then with ssh-keygen"
            }
            (Self::JavaKeyStore, _) => {
                "convert it with `keytool -importkeystore -srckeystore FILE -destkeystore NEW.p12 \
                -deststoretype pkcs12`, then with `openssl pkcs12`"
            }
            (Self::DsaKey, _) => "use a key of RSA, ECDSA, Ed25519 or ML-DSA",
            (Self::Pgp, _) => "PGP keys have no X.509 certificates",
            (Self::Utf16, _) => "save it as UTF-8, or convert it with `iconv -f UTF-16 -t UTF-8 FILE`",
            (Self::BareBase64, _) => {
                "put `-----BEGIN CERTIFICATE-----` (or the label of the key) on a line before it, and the \
                same with END behind it"
            }
        }
    }
}

impl fmt::Display for Content {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// The tags of the first three elements of a SEQUENCE, and the complete first element.
fn elements(der: &[u8]) -> der::Result<([Option<Tag>; 3], &[u8])> {
    let mut outer = SliceReader::new(der)?;
    let content = AnyRef::decode(&mut outer)?;
    content.header().tag().assert_eq(Tag::Sequence)?;
    let inside = content.value();
    let mut reader = SliceReader::new(inside)?;
    let mut tags = [None; 3];
    let mut first: &[u8] = &[];
    for (place, tag) in tags.iter_mut().enumerate() {
        if reader.is_finished() {
            break;
        }
        *tag = Some(Tag::peek(&reader)?);
        let element = reader.tlv_bytes()?;
        if place == 0 {
            first = element;
        }
    }
    Ok((tags, first))
}

/// Whether a SEQUENCE continues after a version and a name with a `SubjectPublicKeyInfo`, as a certificate
/// request does.
fn is_request(signed: &[u8]) -> bool {
    nth(signed, 2)
        .and_then(|key| elements(key).ok())
        .is_some_and(|(tags, _)| matches!(tags, [Some(Tag::Sequence), Some(Tag::BitString), None]))
}

/// Whether the fourth element is a time, as `thisUpdate` is in a CRL of version 2.
fn fourth_is_time(signed: &[u8]) -> bool {
    let tag = nth(signed, 3).and_then(|element| AnyRef::from_der(element).ok()).map(|any| any.header().tag());
    matches!(tag, Some(Tag::UtcTime | Tag::GeneralizedTime))
}

/// One complete element of a SEQUENCE.
fn nth(der: &[u8], place: usize) -> Option<&[u8]> {
    let content = AnyRef::from_der(der).ok()?;
    let mut reader = SliceReader::new(content.value()).ok()?;
    for _ in 0..place {
        reader.tlv_bytes().ok()?;
    }
    reader.tlv_bytes().ok()
}

/// Whether it is nothing but base64 that starts like a SEQUENCE of more than 255 bytes.
fn is_bare_base64(text: &[u8]) -> bool {
    let is_base64 = |byte: &u8| byte.is_ascii_alphanumeric() || matches!(byte, b'+' | b'/' | b'=');
    text.starts_with(b"MII") && text.iter().all(|byte| is_base64(byte) || byte.is_ascii_whitespace())
}
