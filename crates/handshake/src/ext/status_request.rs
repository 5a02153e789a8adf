//! status_request (RFC 6066 section 8): the server sends an OCSP response for its certificate ("stapling").
//!
//! The client requests it. The server responds with an empty extension if CertificateStatus may follow its
//! Certificate message; it may still omit the message. [`crate::Question::VerifyPeer`] judges the response.
//! The extension applies to full handshakes only.

use super::{ClientExtensions, ServerExtensions};
use crate::error::HandshakeErrorKind;
use cairn_wire::{
    CertificateStatus, CertificateStatusRequest, CertificateStatusType, ClientExtension, ServerExtension,
};

/// The client's offer, which accepts any responder.
pub(crate) const fn offer() -> ClientExtension<'static> {
    ClientExtension::StatusRequest(CertificateStatusRequest::OCSP)
}

/// Whether the client requests an OCSP response. The list of responders is ignored, because the server has at
/// most one response.
pub(crate) fn requested(extensions: &ClientExtensions<'_>) -> bool {
    matches!(extensions.status_request, Some(CertificateStatusRequest::Ocsp(_)))
}

/// The server's response.
pub(crate) fn response(will_come: bool) -> Option<ServerExtension<'static>> {
    will_come.then_some(ServerExtension::StatusRequest)
}

/// Whether CertificateStatus may come.
pub(crate) fn may_come(extensions: &ServerExtensions<'_>) -> bool {
    extensions.status_request
}

/// The CertificateStatus message of a server that has a response.
pub(crate) const fn message(response: &[u8]) -> CertificateStatus<'_> {
    CertificateStatus { status_type: CertificateStatusType::OCSP, response }
}

/// The OCSP response of a message, which must be of the requested type.
pub(crate) fn ocsp_response<'a>(message: &CertificateStatus<'a>) -> Result<&'a [u8], HandshakeErrorKind> {
    match message.status_type {
        CertificateStatusType::OCSP => Ok(message.response),
        other => Err(HandshakeErrorKind::StatusTypeNotOffered(other)),
    }
}
