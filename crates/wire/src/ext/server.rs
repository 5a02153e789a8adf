//! Extensions of a ServerHello.

use super::{Extension, ProtocolName, SerializedSct, named_group, protocol_name, renegotiation_info, sct};
use crate::codec::{Decode, Encode};
use crate::codes::{
    CertificateType, EcPointFormat, ExtensionType, MaxFragmentLengthCode, NamedGroup, ProtocolVersion,
};
use crate::error::{DecodeError, EncodeError};
use crate::list::List;
use crate::reader::Reader;
use crate::writer::Writer;

/// An extension of a ServerHello.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum ServerExtension<'a> {
    /// `server_name`, empty: the server used the name (RFC 6066 section 3).
    ServerName,
    /// `max_fragment_length`: the accepted limit (RFC 6066 section 4).
    MaxFragmentLength(MaxFragmentLengthCode),
    /// `status_request`, empty: a CertificateStatus may follow (RFC 6066 section 8).
    StatusRequest,
    /// `supported_groups`: `<2..2^16-1>` bytes. No RFC allows it in a TLS 1.2 ServerHello, but some servers
    /// send it.
    SupportedGroups(List<'a, NamedGroup>),
    /// `ec_point_formats`: `<1..2^8-1>` bytes (RFC 8422 section 5.2).
    EcPointFormats(List<'a, EcPointFormat>),
    /// `application_layer_protocol_negotiation`: the selected protocol, exactly one (RFC 7301 section 3.1).
    ApplicationLayerProtocolNegotiation(ProtocolName<'a>),
    /// `signed_certificate_timestamp`: `<1..2^16-1>` bytes (RFC 6962 section 3.3).
    SignedCertificateTimestamp(List<'a, SerializedSct<'a>>),
    /// `client_certificate_type`: the selected type (RFC 7250 section 3).
    ClientCertificateType(CertificateType),
    /// `server_certificate_type`: the selected type (RFC 7250 section 3).
    ServerCertificateType(CertificateType),
    /// `encrypt_then_mac`, empty (RFC 7366 section 2).
    EncryptThenMac,
    /// `extended_master_secret`, empty (RFC 7627 section 5.1).
    ExtendedMasterSecret,
    /// `record_size_limit`, in bytes. Values below 64 are illegal but decode (RFC 8449 section 4).
    RecordSizeLimit(u16),
    /// `session_ticket`, empty: NewSessionTicket will follow (RFC 5077 section 3.2).
    SessionTicket,
    /// `supported_versions`: the selected version (RFC 9846 section 4.3.1).
    SupportedVersions(ProtocolVersion),
    /// `renegotiation_info`: the `renegotiated_connection`, `<0..255>` bytes (RFC 5746 section 3.2).
    RenegotiationInfo(&'a [u8]),
    /// An extension that this crate does not decode.
    Unknown {
        /// Its type.
        extension_type: ExtensionType,
        /// Its content, `<0..2^16-1>` bytes.
        data: &'a [u8],
    },
}

impl ServerExtension<'_> {
    /// The type of the extension.
    #[must_use]
    pub const fn extension_type(&self) -> ExtensionType {
        match self {
            Self::ServerName => ExtensionType::SERVER_NAME,
            Self::MaxFragmentLength(_) => ExtensionType::MAX_FRAGMENT_LENGTH,
            Self::StatusRequest => ExtensionType::STATUS_REQUEST,
            Self::SupportedGroups(_) => ExtensionType::SUPPORTED_GROUPS,
            Self::EcPointFormats(_) => ExtensionType::EC_POINT_FORMATS,
            Self::ApplicationLayerProtocolNegotiation(_) => {
                ExtensionType::APPLICATION_LAYER_PROTOCOL_NEGOTIATION
            }
            Self::SignedCertificateTimestamp(_) => ExtensionType::SIGNED_CERTIFICATE_TIMESTAMP,
            Self::ClientCertificateType(_) => ExtensionType::CLIENT_CERTIFICATE_TYPE,
            Self::ServerCertificateType(_) => ExtensionType::SERVER_CERTIFICATE_TYPE,
            Self::EncryptThenMac => ExtensionType::ENCRYPT_THEN_MAC,
            Self::ExtendedMasterSecret => ExtensionType::EXTENDED_MASTER_SECRET,
            Self::RecordSizeLimit(_) => ExtensionType::RECORD_SIZE_LIMIT,
            Self::SessionTicket => ExtensionType::SESSION_TICKET,
            Self::SupportedVersions(_) => ExtensionType::SUPPORTED_VERSIONS,
            Self::RenegotiationInfo(_) => ExtensionType::RENEGOTIATION_INFO,
            Self::Unknown { extension_type, .. } => *extension_type,
        }
    }
}

impl<'a> Extension<'a> for ServerExtension<'a> {
    fn extension_type(&self) -> ExtensionType {
        Self::extension_type(self)
    }

    fn decode_data(extension_type: ExtensionType, r: &mut Reader<'a>) -> Result<Self, DecodeError> {
        Ok(match extension_type {
            ExtensionType::SERVER_NAME => Self::ServerName,
            ExtensionType::MAX_FRAGMENT_LENGTH => Self::MaxFragmentLength(Decode::decode(r)?),
            ExtensionType::STATUS_REQUEST => Self::StatusRequest,
            ExtensionType::SUPPORTED_GROUPS => Self::SupportedGroups(named_group::decode_groups(r)?),
            ExtensionType::EC_POINT_FORMATS => Self::EcPointFormats(named_group::decode_point_formats(r)?),
            ExtensionType::APPLICATION_LAYER_PROTOCOL_NEGOTIATION => {
                Self::ApplicationLayerProtocolNegotiation(protocol_name::decode_choice(r)?)
            }
            ExtensionType::SIGNED_CERTIFICATE_TIMESTAMP => {
                Self::SignedCertificateTimestamp(sct::decode_list(r)?)
            }
            ExtensionType::CLIENT_CERTIFICATE_TYPE => Self::ClientCertificateType(Decode::decode(r)?),
            ExtensionType::SERVER_CERTIFICATE_TYPE => Self::ServerCertificateType(Decode::decode(r)?),
            ExtensionType::ENCRYPT_THEN_MAC => Self::EncryptThenMac,
            ExtensionType::EXTENDED_MASTER_SECRET => Self::ExtendedMasterSecret,
            ExtensionType::RECORD_SIZE_LIMIT => Self::RecordSizeLimit(r.u16("RecordSizeLimit")?),
            ExtensionType::SESSION_TICKET => Self::SessionTicket,
            ExtensionType::SUPPORTED_VERSIONS => Self::SupportedVersions(Decode::decode(r)?),
            ExtensionType::RENEGOTIATION_INFO => Self::RenegotiationInfo(renegotiation_info::decode(r)?),
            _ => Self::Unknown { extension_type, data: r.rest() },
        })
    }

    fn encode_data(&self, w: &mut Writer<'_>) -> Result<(), EncodeError> {
        match self {
            Self::ServerName
            | Self::StatusRequest
            | Self::EncryptThenMac
            | Self::ExtendedMasterSecret
            | Self::SessionTicket => Ok(()),
            Self::MaxFragmentLength(code) => code.encode(w),
            Self::SupportedGroups(list) => named_group::encode_groups(list, w),
            Self::EcPointFormats(list) => named_group::encode_point_formats(list, w),
            Self::ApplicationLayerProtocolNegotiation(name) => protocol_name::encode_choice(*name, w),
            Self::SignedCertificateTimestamp(list) => sct::encode_list(list, w),
            Self::ClientCertificateType(code) | Self::ServerCertificateType(code) => code.encode(w),
            Self::RecordSizeLimit(limit) => w.u16(*limit),
            Self::SupportedVersions(version) => version.encode(w),
            Self::RenegotiationInfo(connection) => renegotiation_info::encode(connection, w),
            Self::Unknown { data, .. } => w.bytes(data),
        }
    }
}
