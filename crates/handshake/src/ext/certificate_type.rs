//! client_certificate_type and server_certificate_type (RFC 7250): a bare public key in place of a chain of certificates.
//!
//! Each way is negotiated for itself. Who offers X.509 alone sends no extension, and a peer that sends none means X.509
//! (section 4.1). A resumed session has settled that before.

use super::{ClientExtensions, ServerExtensions};
use crate::ErrorKind;
use cairn_wire::{CertificateType, ClientExtension, List, ServerExtension};

/// What a client offers to take from the server.
pub(crate) fn offer_server(types: &[CertificateType]) -> Option<ClientExtension<'_>> {
    is_worth_saying(types).then(|| ClientExtension::ServerCertificateTypes(List::from_items(types)))
}

/// What a client offers to show, should it be asked.
pub(crate) fn offer_client(types: &[CertificateType]) -> Option<ClientExtension<'_>> {
    is_worth_saying(types).then(|| ClientExtension::ClientCertificateTypes(List::from_items(types)))
}

fn is_worth_saying(types: &[CertificateType]) -> bool {
    types.iter().any(|each| *each != CertificateType::X509)
}

/// What one end of a client's offer leaves.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Types {
    /// Whether the client said it, so that it gets an answer.
    is_said: bool,
    x509: bool,
    raw_public_key: bool,
}

impl Types {
    fn read(said: Option<List<'_, CertificateType>>) -> Self {
        Self {
            is_said: said.is_some(),
            x509: said.is_none_or(|types| types.contains(&CertificateType::X509)),
            raw_public_key: said.is_some_and(|types| types.contains(&CertificateType::RAW_PUBLIC_KEY)),
        }
    }

    /// What the client takes from the server.
    pub(crate) fn of_server(extensions: &ClientExtensions<'_>) -> Self {
        Self::read(extensions.server_certificate_types)
    }

    /// What the client can show.
    pub(crate) fn of_client(extensions: &ClientExtensions<'_>) -> Self {
        Self::read(extensions.client_certificate_types)
    }

    pub(crate) fn contain(&self, wanted: CertificateType) -> bool {
        match wanted {
            CertificateType::X509 => self.x509,
            CertificateType::RAW_PUBLIC_KEY => self.raw_public_key,
            _ => false,
        }
    }

    /// The first of ours that the client can show. A client that named its types and has none of ours is refused (RFC 7250
    /// section 4.2); one that named none may do without, where it need not show anything.
    pub(crate) fn choose(
        &self,
        ours: &[CertificateType],
        is_required: bool,
    ) -> Result<Option<CertificateType>, ErrorKind> {
        match ours.iter().copied().find(|each| self.contain(*each)) {
            None if self.is_said || is_required => Err(ErrorKind::NoSharedCertificateType),
            found => Ok(found),
        }
    }

    /// What a server answers about itself.
    pub(crate) fn answer_server(&self, shown: CertificateType) -> Option<ServerExtension<'static>> {
        self.is_said.then_some(ServerExtension::ServerCertificateType(shown))
    }

    /// What a server answers about the client, if it asks for a certificate (RFC 7250 section 4.2).
    pub(crate) fn answer_client(&self, asked: Option<CertificateType>) -> Option<ServerExtension<'static>> {
        asked.filter(|_| self.is_said).map(ServerExtension::ClientCertificateType)
    }
}

/// What the server will show: one of `ours`, X.509 where it does not say.
pub(crate) fn accept_server(
    ours: &[CertificateType],
    extensions: &ServerExtensions<'_>,
) -> Result<CertificateType, ErrorKind> {
    accept(ours, extensions.server_certificate_type)
}

/// What we shall show, should the server ask; `None` when it can only mean X.509, and we have no such thing.
pub(crate) fn accept_client(
    ours: &[CertificateType],
    extensions: &ServerExtensions<'_>,
) -> Result<Option<CertificateType>, ErrorKind> {
    let chosen = extensions.client_certificate_type;
    match accept(ours, chosen) {
        Err(ErrorKind::NoSharedCertificateType) => Ok(None),
        accepted => accepted.map(Some),
    }
}

fn accept(ours: &[CertificateType], chosen: Option<CertificateType>) -> Result<CertificateType, ErrorKind> {
    match chosen {
        Some(chosen) if ours.contains(&chosen) => Ok(chosen),
        Some(chosen) => Err(ErrorKind::CertificateTypeNotOffered(chosen)),
        None if ours.contains(&CertificateType::X509) => Ok(CertificateType::X509),
        None => Err(ErrorKind::NoSharedCertificateType),
    }
}

/// Whether a list of ours has only types that there are here, and one at least.
pub(crate) fn are_known(types: &[CertificateType]) -> bool {
    let known =
        |each: &CertificateType| matches!(*each, CertificateType::X509 | CertificateType::RAW_PUBLIC_KEY);
    !types.is_empty() && types.iter().all(known)
}
