//! status_request (RFC 6066 section 8): the server sends word of its certificate's issuer along, a stapled OCSP response.
//!
//! The client asks for it. The server says with an empty extension that CertificateStatus may follow its Certificate, and
//! may do without after all. What the response says is for [`crate::Question::VerifyPeer`] to judge. A resumed session has
//! settled that before.

use super::{ClientExtensions, ServerExtensions};
use crate::ErrorKind;
use cairn_wire::{
    CertificateStatus, CertificateStatusRequest, CertificateStatusType, ClientExtension, ServerExtension,
};

/// What a client offers: any responder will do.
pub(crate) const fn offer() -> ClientExtension<'static> {
    ClientExtension::StatusRequest(CertificateStatusRequest::OCSP)
}

/// Whether the client asks for an OCSP response. Which responders it names does not matter: there is one response to
/// give, or none.
pub(crate) fn requested(extensions: &ClientExtensions<'_>) -> bool {
    matches!(extensions.status_request, Some(CertificateStatusRequest::Ocsp(_)))
}

/// What a server answers.
pub(crate) fn answer(will_come: bool) -> Option<ServerExtension<'static>> {
    will_come.then_some(ServerExtension::StatusRequest)
}

/// Whether CertificateStatus may come.
pub(crate) fn may_come(extensions: &ServerExtensions<'_>) -> bool {
    extensions.status_request
}

/// The message of a server that has a response.
pub(crate) const fn message(response: &[u8]) -> CertificateStatus<'_> {
    CertificateStatus { status_type: CertificateStatusType::OCSP, response }
}

/// The response in a message, which must be of the type that was asked for.
pub(crate) fn response<'a>(message: &CertificateStatus<'a>) -> Result<&'a [u8], ErrorKind> {
    match message.status_type {
        CertificateStatusType::OCSP => Ok(message.response),
        other => Err(ErrorKind::StatusTypeNotOffered(other)),
    }
}
