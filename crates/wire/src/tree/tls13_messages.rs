//! The trees of handshake messages of TLS 1.3.

use core::fmt;

use super::extensions::block;
use super::printer::{Code, Describe, Printer, display};
use crate::handshake::{
    AnyServerHello, CertificateEntry, CompressedCertificate, EncryptedExtensions, HelloRetryRequest,
    KeyUpdate, KeyUpdateRequest, Random, Tls13Certificate, Tls13CertificateRequest, Tls13HandshakeMessage,
    Tls13NewSessionTicket, Tls13ServerHello,
};

impl Describe for Tls13HandshakeMessage<'_> {
    /// Prints the body without the message type.
    fn describe(&self, p: &mut Printer<'_>) -> fmt::Result {
        match self {
            Self::EndOfEarlyData(_) => Ok(()),
            Self::ClientHello(message) => message.describe(p),
            Self::ServerHello(message) => message.describe(p),
            Self::NewSessionTicket(message) => message.describe(p),
            Self::EncryptedExtensions(message) => message.describe(p),
            Self::Certificate(message) => message.describe(p),
            Self::CertificateRequest(message) => message.describe(p),
            Self::CertificateVerify(message) => message.describe(p),
            Self::Finished(message) => message.describe(p),
            Self::KeyUpdate(message) => message.describe(p),
            Self::CompressedCertificate(message) => message.describe(p),
            Self::Unknown { body, .. } => p.bytes("body", body),
        }
    }
}

/// Prints the message type and below it the tree of the body, without a trailing newline.
impl fmt::Display for Tls13HandshakeMessage<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut p = Printer::new(f);
        p.line(format_args!("{}", Code(self.msg_type())))?;
        p.nest(|p| self.describe(p))
    }
}

impl Describe for AnyServerHello<'_> {
    fn describe(&self, p: &mut Printer<'_>) -> fmt::Result {
        match self {
            Self::Tls12(hello) => hello.describe(p),
            Self::Tls13(hello) => hello.describe(p),
            Self::HelloRetryRequest(request) => request.describe(p),
        }
    }
}

impl Describe for Tls13ServerHello<'_> {
    fn describe(&self, p: &mut Printer<'_>) -> fmt::Result {
        p.code("legacy_version", self.legacy_version)?;
        p.bytes("random", &self.random.0)?;
        p.bytes("legacy_session_id_echo", self.legacy_session_id_echo.as_bytes())?;
        p.code("cipher_suite", self.cipher_suite)?;
        p.code("legacy_compression_method", self.legacy_compression_method)?;
        block(Some(&self.extensions), p)
    }
}

impl Describe for HelloRetryRequest<'_> {
    fn describe(&self, p: &mut Printer<'_>) -> fmt::Result {
        p.code("legacy_version", self.legacy_version)?;
        p.bytes("random (HelloRetryRequest)", &Random::HELLO_RETRY_REQUEST.0)?;
        p.bytes("legacy_session_id_echo", self.legacy_session_id_echo.as_bytes())?;
        p.code("cipher_suite", self.cipher_suite)?;
        p.code("legacy_compression_method", self.legacy_compression_method)?;
        block(Some(&self.extensions), p)
    }
}

impl Describe for EncryptedExtensions<'_> {
    fn describe(&self, p: &mut Printer<'_>) -> fmt::Result {
        block(Some(&self.extensions), p)
    }
}

impl Describe for CertificateEntry<'_> {
    fn describe(&self, p: &mut Printer<'_>) -> fmt::Result {
        p.bytes("cert_data", self.cert_data)?;
        p.certificate(self.cert_data)?;
        block(Some(&self.extensions), p)
    }
}

impl Describe for Tls13Certificate<'_> {
    fn describe(&self, p: &mut Printer<'_>) -> fmt::Result {
        p.bytes("certificate_request_context", self.certificate_request_context)?;
        p.list("certificate_list", &self.certificate_list, |p, entry| entry.describe(p))
    }
}

impl Describe for Tls13CertificateRequest<'_> {
    fn describe(&self, p: &mut Printer<'_>) -> fmt::Result {
        p.bytes("certificate_request_context", self.certificate_request_context)?;
        block(Some(&self.extensions), p)
    }
}

impl Describe for CompressedCertificate<'_> {
    fn describe(&self, p: &mut Printer<'_>) -> fmt::Result {
        p.code("algorithm", self.algorithm)?;
        p.line(format_args!("uncompressed_length: {}", self.uncompressed_length))?;
        p.bytes("compressed_certificate_message", self.compressed_certificate_message)
    }
}

impl Describe for Tls13NewSessionTicket<'_> {
    fn describe(&self, p: &mut Printer<'_>) -> fmt::Result {
        p.line(format_args!("ticket_lifetime: {} s", self.ticket_lifetime))?;
        p.line(format_args!("ticket_age_add: {}", self.ticket_age_add))?;
        p.bytes("ticket_nonce", self.ticket_nonce)?;
        p.bytes("ticket", self.ticket)?;
        block(Some(&self.extensions), p)
    }
}

impl Describe for KeyUpdate {
    fn describe(&self, p: &mut Printer<'_>) -> fmt::Result {
        p.line(format_args!(
            "request_update: {}",
            match self.request_update {
                KeyUpdateRequest::UpdateNotRequested => "update_not_requested (0x00)",
                KeyUpdateRequest::UpdateRequested => "update_requested (0x01)",
            }
        ))
    }
}

display!(
    AnyServerHello<'_>,
    Tls13ServerHello<'_>,
    HelloRetryRequest<'_>,
    EncryptedExtensions<'_>,
    CertificateEntry<'_>,
    Tls13Certificate<'_>,
    Tls13CertificateRequest<'_>,
    CompressedCertificate<'_>,
    Tls13NewSessionTicket<'_>,
    KeyUpdate,
);
