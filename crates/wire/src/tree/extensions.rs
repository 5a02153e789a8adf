//! The trees of extensions.

use core::fmt;

use super::printer::{Code, Describe, Printer, Text, display};
use crate::ext::{
    CertificateStatusRequest, ClientExtension, Extension, Extensions, RawExtension, ServerExtension,
};
use crate::hex::Hex;

impl Describe for ClientExtension<'_> {
    fn describe(&self, p: &mut Printer<'_>) -> fmt::Result {
        match self {
            Self::ServerName(list) => list
                .iter()
                .try_for_each(|name| p.line(format_args!("{}: {}", Code(name.name_type), Text(name.name)))),
            Self::MaxFragmentLength(code) => p.code("max_fragment_length", *code),
            Self::StatusRequest(request) => request.describe(p),
            Self::SupportedGroups(list) => p.codes("named_group_list", list),
            Self::EcPointFormats(list) => p.codes("ec_point_format_list", list),
            Self::SignatureAlgorithms(list) | Self::SignatureAlgorithmsCert(list) => {
                p.codes("supported_signature_algorithms", list)
            }
            Self::ApplicationLayerProtocolNegotiation(list) => {
                p.list("protocol_name_list", list, |p, name| p.line(format_args!("{}", Text(name.0))))
            }
            Self::SignedCertificateTimestamp | Self::EncryptThenMac | Self::ExtendedMasterSecret => Ok(()),
            Self::ClientCertificateTypes(list) => p.codes("client_certificate_types", list),
            Self::ServerCertificateTypes(list) => p.codes("server_certificate_types", list),
            Self::Padding(data) if data.iter().all(|byte| *byte == 0) => {
                p.line(format_args!("padding: {} zero bytes", data.len()))
            }
            Self::Padding(data) => p.bytes("padding", data),
            Self::RecordSizeLimit(limit) => p.line(format_args!("record_size_limit: {limit}")),
            Self::SessionTicket(ticket) => p.bytes("ticket", ticket),
            Self::SupportedVersions(list) => p.codes("versions", list),
            Self::RenegotiationInfo(connection) => p.bytes("renegotiated_connection", connection),
            Self::CompressCertificate(content) => content.describe(p),
            Self::DelegatedCredential(content) => content.describe(p),
            Self::PreSharedKey(content) => content.describe(p),
            Self::Cookie(content) => content.describe(p),
            Self::PskKeyExchangeModes(content) => content.describe(p),
            Self::CertificateAuthorities(content) => content.describe(p),
            Self::KeyShare(content) => content.describe(p),
            Self::TicketRequest(content) => content.describe(p),
            Self::TlsCertWithExternPsk(content)
            | Self::EarlyData(content)
            | Self::PostHandshakeAuth(content) => content.describe(p),
            Self::QuicTransportParameters(data) => p.bytes("transport_parameters", data),
            Self::Unknown { data, .. } => p.bytes("extension_data", data),
        }
    }
}

impl Describe for ServerExtension<'_> {
    fn describe(&self, p: &mut Printer<'_>) -> fmt::Result {
        match self {
            Self::ServerName
            | Self::StatusRequest
            | Self::EncryptThenMac
            | Self::ExtendedMasterSecret
            | Self::SessionTicket => Ok(()),
            Self::MaxFragmentLength(code) => p.code("max_fragment_length", *code),
            Self::SupportedGroups(list) => p.codes("named_group_list", list),
            Self::EcPointFormats(list) => p.codes("ec_point_format_list", list),
            Self::ApplicationLayerProtocolNegotiation(name) => {
                p.line(format_args!("protocol_name: {}", Text(name.0)))
            }
            Self::SignedCertificateTimestamp(list) => {
                p.list("sct_list", list, |p, sct| p.line(format_args!("{}", Hex(sct.0))))
            }
            Self::ClientCertificateType(code) => p.code("client_certificate_type", *code),
            Self::ServerCertificateType(code) => p.code("server_certificate_type", *code),
            Self::RecordSizeLimit(limit) => p.line(format_args!("record_size_limit: {limit}")),
            Self::SupportedVersions(version) => p.code("selected_version", *version),
            Self::RenegotiationInfo(connection) => p.bytes("renegotiated_connection", connection),
            Self::Unknown { data, .. } => p.bytes("extension_data", data),
        }
    }
}

impl Describe for CertificateStatusRequest<'_> {
    fn describe(&self, p: &mut Printer<'_>) -> fmt::Result {
        p.code("status_type", self.status_type())?;
        match self {
            Self::Ocsp(request) => {
                p.list("responder_id_list", &request.responder_id_list, |p, id| {
                    p.line(format_args!("{}", Hex(id.0)))
                })?;
                p.bytes("request_extensions", request.request_extensions)
            }
            Self::Unknown { request, .. } => p.bytes("request", request),
        }
    }
}

/// Prints the heading of an extension from the wire.
pub(super) fn heading(raw: &RawExtension<'_>, p: &mut Printer<'_>) -> fmt::Result {
    let place = raw.offset.saturating_sub(RawExtension::HEADER);
    p.line(format_args!("{} @{place}, {} bytes", Code(raw.extension_type), raw.data.len()))
}

/// Prints a block. Only blocks from the wire have offsets and sizes.
pub(super) fn block<'a, E: Extension<'a> + Describe>(
    extensions: Option<&Extensions<'a, E>>,
    p: &mut Printer<'_>,
) -> fmt::Result {
    let Some(extensions) = extensions else { return p.line(format_args!("extensions: (absent)")) };
    p.line(format_args!("extensions: {}", extensions.len()))?;
    p.nest(|p| {
        let mut raw = extensions.raw();
        extensions.iter().try_for_each(|extension| {
            match raw.as_mut().and_then(Iterator::next) {
                Some(raw) => heading(&raw, p)?,
                None => p.line(format_args!("{}", Code(extension.extension_type())))?,
            }
            p.nest(|p| extension.describe(p))
        })
    })
}

/// Prints a single extension: its type, then its content.
pub(super) struct Alone<'t, E>(pub(super) &'t E);

impl<'a, E: Extension<'a> + Describe> Describe for Alone<'_, E> {
    fn describe(&self, p: &mut Printer<'_>) -> fmt::Result {
        p.line(format_args!("{}", Code(self.0.extension_type())))?;
        p.nest(|p| self.0.describe(p))
    }
}

/// Prints the tree of the extension, without a trailing newline.
impl fmt::Display for ClientExtension<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        Alone(self).describe(&mut Printer::new(f))
    }
}

/// Prints the tree of the extension, without a trailing newline.
impl fmt::Display for ServerExtension<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        Alone(self).describe(&mut Printer::new(f))
    }
}

display!(CertificateStatusRequest<'_>);
