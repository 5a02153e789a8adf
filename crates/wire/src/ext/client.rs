//! Extensions of a ClientHello.

use super::{
    CertificateAuthorities, CertificateCompressionAlgorithms, CertificateStatusRequest, ClientTicketRequest,
    Cookie, Deferred, Empty, Extension, KeyShareClientHello, OfferedPsks, ProtocolName, PskKeyExchangeModes,
    ServerName, SignatureSchemeList, certificate_type, named_group, protocol_name, renegotiation_info,
    server_name, signature_algorithms, supported_versions,
};
use crate::codec::{Decode, Encode};
use crate::codes::{
    CertificateType, EcPointFormat, ExtensionType, MaxFragmentLengthCode, NamedGroup, ProtocolVersion,
    SignatureScheme,
};
use crate::error::{DecodeError, EncodeError};
use crate::list::List;
use crate::reader::Reader;
use crate::writer::Writer;

/// An extension of a ClientHello.
///
/// The content of an extension that only TLS 1.3 uses is [`Deferred`]: it is decoded when the version is
/// known to be TLS 1.3.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum ClientExtension<'a> {
    /// `server_name`: the names of the requested server, at most one of each type (RFC 6066 section 3).
    ServerName(List<'a, ServerName<'a>>),
    /// `max_fragment_length`: the requested limit. Undefined values decode; the server must answer them with
    /// `illegal_parameter` (RFC 6066 section 4).
    MaxFragmentLength(MaxFragmentLengthCode),
    /// `status_request` (RFC 6066 section 8).
    StatusRequest(CertificateStatusRequest<'a>),
    /// `supported_groups`: `<2..2^16-1>` bytes, in order of preference (RFC 8422 section 5.1.1, RFC 7919
    /// section 3).
    SupportedGroups(List<'a, NamedGroup>),
    /// `ec_point_formats`: `<1..2^8-1>` bytes (RFC 8422 section 5.1.2).
    EcPointFormats(List<'a, EcPointFormat>),
    /// `signature_algorithms`: `<2..2^16-2>` bytes, in order of preference (RFC 5246 section 7.4.1.4.1).
    SignatureAlgorithms(List<'a, SignatureScheme>),
    /// `signature_algorithms_cert`: `<2..2^16-2>` bytes, in order of preference (RFC 9846 section 4.3.3).
    SignatureAlgorithmsCert(List<'a, SignatureScheme>),
    /// `application_layer_protocol_negotiation`: `<2..2^16-1>` bytes, in order of preference (RFC 7301
    /// section 3.1).
    ApplicationLayerProtocolNegotiation(List<'a, ProtocolName<'a>>),
    /// `signed_certificate_timestamp`, empty (RFC 6962 section 3.3.1).
    SignedCertificateTimestamp,
    /// `client_certificate_type`: `<1..2^8-1>` bytes, in order of preference (RFC 7250 section 3).
    ClientCertificateTypes(List<'a, CertificateType>),
    /// `server_certificate_type`: `<1..2^8-1>` bytes, in order of preference (RFC 7250 section 3).
    ServerCertificateTypes(List<'a, CertificateType>),
    /// `padding`: bytes that must be zero; decoding does not check this (RFC 7685 section 3).
    Padding(&'a [u8]),
    /// `encrypt_then_mac`, empty (RFC 7366 section 2).
    EncryptThenMac,
    /// `extended_master_secret`, empty (RFC 7627 section 5.1).
    ExtendedMasterSecret,
    /// `record_size_limit`, in bytes. Values below 64 are illegal but decode (RFC 8449 section 4).
    RecordSizeLimit(u16),
    /// `session_ticket`: the ticket, without a length prefix, or empty to request one (RFC 5077 section 3.2).
    SessionTicket(&'a [u8]),
    /// `supported_versions`: `<2..254>` bytes, in order of preference (RFC 9846 section 4.3.1).
    SupportedVersions(List<'a, ProtocolVersion>),
    /// `renegotiation_info`: the `renegotiated_connection`, `<0..255>` bytes (RFC 5746 section 3.2).
    RenegotiationInfo(&'a [u8]),
    /// `compress_certificate`: the algorithms in which the server may compress its Certificate (RFC 8879
    /// section 3).
    CompressCertificate(Deferred<'a, CertificateCompressionAlgorithms<'a>>),
    /// `tls_cert_with_extern_psk`, empty (RFC 8773 section 5).
    TlsCertWithExternPsk(Deferred<'a, Empty>),
    /// `delegated_credential`: the schemes in which the server may sign with a delegated credential (RFC 9345
    /// section 4.1.1).
    DelegatedCredential(Deferred<'a, SignatureSchemeList<'a>>),
    /// `pre_shared_key`, the last extension (RFC 9846 section 4.3.11).
    PreSharedKey(Deferred<'a, OfferedPsks<'a>>),
    /// `early_data`, empty (RFC 9846 section 4.3.10).
    EarlyData(Deferred<'a, Empty>),
    /// `cookie`: the bytes of HelloRetryRequest (RFC 9846 section 4.3.2).
    Cookie(Deferred<'a, Cookie<'a>>),
    /// `psk_key_exchange_modes` (RFC 9846 section 4.3.9).
    PskKeyExchangeModes(Deferred<'a, PskKeyExchangeModes<'a>>),
    /// `certificate_authorities` (RFC 9846 section 4.3.4).
    CertificateAuthorities(Deferred<'a, CertificateAuthorities<'a>>),
    /// `post_handshake_auth`, empty (RFC 9846 section 4.3.6).
    PostHandshakeAuth(Deferred<'a, Empty>),
    /// `key_share` (RFC 9846 section 4.3.8).
    KeyShare(Deferred<'a, KeyShareClientHello<'a>>),
    /// `ticket_request` (RFC 9149 section 3).
    TicketRequest(Deferred<'a, ClientTicketRequest>),
    /// `quic_transport_parameters`: the bytes of the parameters, which this crate does not decode (RFC 9001
    /// section 8.2).
    QuicTransportParameters(&'a [u8]),
    /// An extension that this crate does not decode.
    Unknown {
        /// Its type.
        extension_type: ExtensionType,
        /// Its content, `<0..2^16-1>` bytes.
        data: &'a [u8],
    },
}

impl ClientExtension<'_> {
    /// The type of the extension.
    #[must_use]
    pub const fn extension_type(&self) -> ExtensionType {
        match self {
            Self::ServerName(_) => ExtensionType::SERVER_NAME,
            Self::MaxFragmentLength(_) => ExtensionType::MAX_FRAGMENT_LENGTH,
            Self::StatusRequest(_) => ExtensionType::STATUS_REQUEST,
            Self::SupportedGroups(_) => ExtensionType::SUPPORTED_GROUPS,
            Self::EcPointFormats(_) => ExtensionType::EC_POINT_FORMATS,
            Self::SignatureAlgorithms(_) => ExtensionType::SIGNATURE_ALGORITHMS,
            Self::SignatureAlgorithmsCert(_) => ExtensionType::SIGNATURE_ALGORITHMS_CERT,
            Self::ApplicationLayerProtocolNegotiation(_) => {
                ExtensionType::APPLICATION_LAYER_PROTOCOL_NEGOTIATION
            }
            Self::SignedCertificateTimestamp => ExtensionType::SIGNED_CERTIFICATE_TIMESTAMP,
            Self::ClientCertificateTypes(_) => ExtensionType::CLIENT_CERTIFICATE_TYPE,
            Self::ServerCertificateTypes(_) => ExtensionType::SERVER_CERTIFICATE_TYPE,
            Self::Padding(_) => ExtensionType::PADDING,
            Self::EncryptThenMac => ExtensionType::ENCRYPT_THEN_MAC,
            Self::ExtendedMasterSecret => ExtensionType::EXTENDED_MASTER_SECRET,
            Self::RecordSizeLimit(_) => ExtensionType::RECORD_SIZE_LIMIT,
            Self::SessionTicket(_) => ExtensionType::SESSION_TICKET,
            Self::SupportedVersions(_) => ExtensionType::SUPPORTED_VERSIONS,
            Self::RenegotiationInfo(_) => ExtensionType::RENEGOTIATION_INFO,
            Self::CompressCertificate(_) => ExtensionType::COMPRESS_CERTIFICATE,
            Self::TlsCertWithExternPsk(_) => ExtensionType::TLS_CERT_WITH_EXTERN_PSK,
            Self::DelegatedCredential(_) => ExtensionType::DELEGATED_CREDENTIAL,
            Self::PreSharedKey(_) => ExtensionType::PRE_SHARED_KEY,
            Self::EarlyData(_) => ExtensionType::EARLY_DATA,
            Self::Cookie(_) => ExtensionType::COOKIE,
            Self::PskKeyExchangeModes(_) => ExtensionType::PSK_KEY_EXCHANGE_MODES,
            Self::CertificateAuthorities(_) => ExtensionType::CERTIFICATE_AUTHORITIES,
            Self::PostHandshakeAuth(_) => ExtensionType::POST_HANDSHAKE_AUTH,
            Self::KeyShare(_) => ExtensionType::KEY_SHARE,
            Self::TicketRequest(_) => ExtensionType::TICKET_REQUEST,
            Self::QuicTransportParameters(_) => ExtensionType::QUIC_TRANSPORT_PARAMETERS,
            Self::Unknown { extension_type, .. } => *extension_type,
        }
    }
}

impl<'a> Extension<'a> for ClientExtension<'a> {
    fn extension_type(&self) -> ExtensionType {
        Self::extension_type(self)
    }

    fn decode_data(extension_type: ExtensionType, r: &mut Reader<'a>) -> Result<Self, DecodeError> {
        Ok(match extension_type {
            ExtensionType::SERVER_NAME => Self::ServerName(server_name::decode_list(r)?),
            ExtensionType::MAX_FRAGMENT_LENGTH => Self::MaxFragmentLength(Decode::decode(r)?),
            ExtensionType::STATUS_REQUEST => Self::StatusRequest(Decode::decode(r)?),
            ExtensionType::SUPPORTED_GROUPS => Self::SupportedGroups(named_group::decode_groups(r)?),
            ExtensionType::EC_POINT_FORMATS => Self::EcPointFormats(named_group::decode_point_formats(r)?),
            ExtensionType::SIGNATURE_ALGORITHMS => {
                Self::SignatureAlgorithms(signature_algorithms::decode_list(r)?)
            }
            ExtensionType::SIGNATURE_ALGORITHMS_CERT => {
                Self::SignatureAlgorithmsCert(signature_algorithms::decode_list(r)?)
            }
            ExtensionType::APPLICATION_LAYER_PROTOCOL_NEGOTIATION => {
                Self::ApplicationLayerProtocolNegotiation(protocol_name::decode_list(r)?)
            }
            ExtensionType::SIGNED_CERTIFICATE_TIMESTAMP => Self::SignedCertificateTimestamp,
            ExtensionType::CLIENT_CERTIFICATE_TYPE => {
                Self::ClientCertificateTypes(certificate_type::decode_list(r)?)
            }
            ExtensionType::SERVER_CERTIFICATE_TYPE => {
                Self::ServerCertificateTypes(certificate_type::decode_list(r)?)
            }
            ExtensionType::PADDING => Self::Padding(r.rest()),
            ExtensionType::ENCRYPT_THEN_MAC => Self::EncryptThenMac,
            ExtensionType::EXTENDED_MASTER_SECRET => Self::ExtendedMasterSecret,
            ExtensionType::RECORD_SIZE_LIMIT => Self::RecordSizeLimit(r.u16("RecordSizeLimit")?),
            ExtensionType::SESSION_TICKET => Self::SessionTicket(r.rest()),
            ExtensionType::SUPPORTED_VERSIONS => Self::SupportedVersions(supported_versions::decode_list(r)?),
            ExtensionType::RENEGOTIATION_INFO => Self::RenegotiationInfo(renegotiation_info::decode(r)?),
            ExtensionType::COMPRESS_CERTIFICATE => Self::CompressCertificate(Deferred::take(r)),
            ExtensionType::TLS_CERT_WITH_EXTERN_PSK => Self::TlsCertWithExternPsk(Deferred::take(r)),
            ExtensionType::DELEGATED_CREDENTIAL => Self::DelegatedCredential(Deferred::take(r)),
            ExtensionType::PRE_SHARED_KEY => Self::PreSharedKey(Deferred::take(r)),
            ExtensionType::EARLY_DATA => Self::EarlyData(Deferred::take(r)),
            ExtensionType::COOKIE => Self::Cookie(Deferred::take(r)),
            ExtensionType::PSK_KEY_EXCHANGE_MODES => Self::PskKeyExchangeModes(Deferred::take(r)),
            ExtensionType::CERTIFICATE_AUTHORITIES => Self::CertificateAuthorities(Deferred::take(r)),
            ExtensionType::POST_HANDSHAKE_AUTH => Self::PostHandshakeAuth(Deferred::take(r)),
            ExtensionType::KEY_SHARE => Self::KeyShare(Deferred::take(r)),
            ExtensionType::TICKET_REQUEST => Self::TicketRequest(Deferred::take(r)),
            ExtensionType::QUIC_TRANSPORT_PARAMETERS => Self::QuicTransportParameters(r.rest()),
            _ => Self::Unknown { extension_type, data: r.rest() },
        })
    }

    fn encode_data(&self, w: &mut Writer<'_>) -> Result<(), EncodeError> {
        match self {
            Self::ServerName(list) => server_name::encode_list(list, w),
            Self::MaxFragmentLength(code) => code.encode(w),
            Self::StatusRequest(request) => request.encode(w),
            Self::SupportedGroups(list) => named_group::encode_groups(list, w),
            Self::EcPointFormats(list) => named_group::encode_point_formats(list, w),
            Self::SignatureAlgorithms(list) | Self::SignatureAlgorithmsCert(list) => {
                signature_algorithms::encode_list(list, w)
            }
            Self::ApplicationLayerProtocolNegotiation(list) => protocol_name::encode_list(list, w),
            Self::ClientCertificateTypes(list) | Self::ServerCertificateTypes(list) => {
                certificate_type::encode_list(list, w)
            }
            Self::SignedCertificateTimestamp | Self::EncryptThenMac | Self::ExtendedMasterSecret => Ok(()),
            Self::RecordSizeLimit(limit) => w.u16(*limit),
            Self::SupportedVersions(list) => supported_versions::encode_list(list, w),
            Self::RenegotiationInfo(connection) => renegotiation_info::encode(connection, w),
            Self::CompressCertificate(content) => content.encode(w),
            Self::DelegatedCredential(content) => content.encode(w),
            Self::PreSharedKey(content) => content.encode(w),
            Self::Cookie(content) => content.encode(w),
            Self::PskKeyExchangeModes(content) => content.encode(w),
            Self::CertificateAuthorities(content) => content.encode(w),
            Self::KeyShare(content) => content.encode(w),
            Self::TicketRequest(content) => content.encode(w),
            Self::TlsCertWithExternPsk(content)
            | Self::EarlyData(content)
            | Self::PostHandshakeAuth(content) => content.encode(w),
            Self::Padding(data)
            | Self::SessionTicket(data)
            | Self::QuicTransportParameters(data)
            | Self::Unknown { data, .. } => w.bytes(data),
        }
    }
}
