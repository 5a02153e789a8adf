//! client_certificate_type and server_certificate_type (RFC 7250): a raw public key in place of a chain of
//! certificates.
//!
//! Each direction is negotiated separately. A client that offers X.509 only omits the extension, and a peer
//! without the extension means X.509 (section 4.1). A resumed session keeps the types of its full handshake.

use super::{ClientExtensions, ServerExtensions};
use crate::error::HandshakeErrorKind;
use cairn_wire::{CertificateType, ClientExtension, List, ServerExtension};

/// The types that a client accepts from the server.
pub(crate) fn offer_server(types: &[CertificateType]) -> Option<ClientExtension<'_>> {
    is_sent(types).then(|| ClientExtension::ServerCertificateTypes(List::from_items(types)))
}

/// The types that a client can present if it is asked for a certificate.
pub(crate) fn offer_client(types: &[CertificateType]) -> Option<ClientExtension<'_>> {
    is_sent(types).then(|| ClientExtension::ClientCertificateTypes(List::from_items(types)))
}

fn is_sent(types: &[CertificateType]) -> bool {
    types.iter().any(|each| *each != CertificateType::X509)
}

/// The types that one extension of the client's offer leaves.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Types {
    /// Whether the client sent the extension, so that the server responds to it.
    is_present: bool,
    x509: bool,
    raw_public_key: bool,
}

impl Types {
    fn read(types: Option<List<'_, CertificateType>>) -> Self {
        Self {
            is_present: types.is_some(),
            x509: types.is_none_or(|types| types.contains(&CertificateType::X509)),
            raw_public_key: types.is_some_and(|types| types.contains(&CertificateType::RAW_PUBLIC_KEY)),
        }
    }

    /// The types that the client accepts from the server.
    pub(crate) fn of_server(extensions: &ClientExtensions<'_>) -> Self {
        Self::read(extensions.server_certificate_types)
    }

    /// The types that the client can present.
    pub(crate) fn of_client(extensions: &ClientExtensions<'_>) -> Self {
        Self::read(extensions.client_certificate_types)
    }

    /// Whether the client sent the extension, so that the server responds to it.
    pub(crate) const fn is_answered(&self) -> bool {
        self.is_present
    }

    pub(crate) fn contain(&self, wanted: CertificateType) -> bool {
        match wanted {
            CertificateType::X509 => self.x509,
            CertificateType::RAW_PUBLIC_KEY => self.raw_public_key,
            _ => false,
        }
    }

    /// Chooses our first type that the client can present. A client that sent the extension without any of
    /// our types is refused. RFC 7250 section 4.2: "The server supports the extension defined in this
    /// document, but it does not have any certificate type in common with the client. Then, the server
    /// terminates the session with a fatal alert of type 'unsupported_certificate'." A client that did not
    /// send it may continue without a certificate, unless one is required.
    pub(crate) fn choose(
        &self,
        ours: &[CertificateType],
        is_required: bool,
    ) -> Result<Option<CertificateType>, HandshakeErrorKind> {
        match ours.iter().copied().find(|each| self.contain(*each)) {
            None if self.is_present || is_required => Err(HandshakeErrorKind::NoSharedCertificateType),
            found => Ok(found),
        }
    }

    /// The server's response about its own certificate.
    pub(crate) fn server_response(
        &self,
        certificate_type: CertificateType,
    ) -> Option<ServerExtension<'static>> {
        self.is_present.then_some(ServerExtension::ServerCertificateType(certificate_type))
    }

    /// The server's response about the client's certificate, if it requests one (RFC 7250 section 4.2).
    pub(crate) fn client_response(&self, asked: Option<CertificateType>) -> Option<ServerExtension<'static>> {
        asked.filter(|_| self.is_present).map(ServerExtension::ClientCertificateType)
    }
}

/// The type that the server will send: one of `ours`, and X.509 if it does not send the extension (RFC 7250
/// section 4.2).
pub(crate) fn accept_server(
    ours: &[CertificateType],
    extensions: &ServerExtensions<'_>,
) -> Result<CertificateType, HandshakeErrorKind> {
    accept(ours, extensions.server_certificate_type)
}

/// The type to present if the server requests a certificate. `None` if that can only be X.509 and we have no
/// X.509 credential.
pub(crate) fn accept_client(
    ours: &[CertificateType],
    extensions: &ServerExtensions<'_>,
) -> Result<Option<CertificateType>, HandshakeErrorKind> {
    let chosen = extensions.client_certificate_type;
    match accept(ours, chosen) {
        Err(HandshakeErrorKind::NoSharedCertificateType) => Ok(None),
        accepted => accepted.map(Some),
    }
}

/// RFC 7250 section 4.2: the value "MUST be selected from one of the values provided in the
/// client_certificate_type extension sent in the client hello".
fn accept(
    ours: &[CertificateType],
    chosen: Option<CertificateType>,
) -> Result<CertificateType, HandshakeErrorKind> {
    match chosen {
        Some(chosen) if ours.contains(&chosen) => Ok(chosen),
        Some(chosen) => Err(HandshakeErrorKind::CertificateTypeNotOffered(chosen)),
        None if ours.contains(&CertificateType::X509) => Ok(CertificateType::X509),
        None => Err(HandshakeErrorKind::NoSharedCertificateType),
    }
}

/// Whether the list is not empty and has only supported types.
pub(crate) fn are_known(types: &[CertificateType]) -> bool {
    let known =
        |each: &CertificateType| matches!(*each, CertificateType::X509 | CertificateType::RAW_PUBLIC_KEY);
    !types.is_empty() && types.iter().all(known)
}
