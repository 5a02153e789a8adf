//! Extensions of the messages of TLS 1.3 that follow the ClientHello.

use super::{
    CertificateAuthorities, CertificateCompressionAlgorithms, Cookie, DelegatedCredential, Extension,
    ExtensionMessage, KeyShareEntry, OidFilters, ProtocolName, RawExtension, SerializedSct,
    SignatureSchemeList, named_group, protocol_name, sct, signature_algorithms,
};
use crate::codec::{Decode, Encode};
use crate::codes::{
    CertificateType, ExtensionType, MaxFragmentLengthCode, NamedGroup, ProtocolVersion, SignatureScheme,
};
use crate::error::{DecodeError, DecodeErrorKind, EncodeError};
use crate::handshake::CertificateStatus;
use crate::list::List;
use crate::reader::Reader;
use crate::writer::Writer;

/// Defines the extensions of one message: first those without content, then those with content, each with
/// its type and the functions that decode and encode the content.
macro_rules! message_extensions {
    (
        $(#[$attribute:meta])*
        pub enum $name:ident in $message:ident;
        empty { $($(#[$empty_attribute:meta])* $empty:ident = $empty_code:ident;)* }
        content {
            $(
                $(#[$content_attribute:meta])*
                $content:ident($type:ty) = $content_code:ident, $decode:expr, $encode:expr;
            )*
        }
    ) => {
        $(#[$attribute])*
        ///
        /// Decoding rejects an extension that is known and does not belong in this message with
        /// `illegal_parameter` (RFC 9846 section 4.3); see [`ExtensionMessage`].
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        #[non_exhaustive]
        pub enum $name<'a> {
            $($(#[$empty_attribute])* $empty,)*
            $($(#[$content_attribute])* $content($type),)*
            /// An extension that this crate does not decode.
            Unknown {
                /// Its type.
                extension_type: ExtensionType,
                /// Its content, `<0..2^16-1>` bytes.
                data: &'a [u8],
            },
        }

        impl $name<'_> {
            /// The message that has these extensions.
            pub const MESSAGE: ExtensionMessage = ExtensionMessage::$message;

            /// The type of the extension.
            #[must_use]
            pub const fn extension_type(&self) -> ExtensionType {
                match self {
                    $(Self::$empty => ExtensionType::$empty_code,)*
                    $(Self::$content(_) => ExtensionType::$content_code,)*
                    Self::Unknown { extension_type, .. } => *extension_type,
                }
            }
        }

        impl<'a> Extension<'a> for $name<'a> {
            fn extension_type(&self) -> ExtensionType {
                Self::extension_type(self)
            }

            fn decode_data(extension_type: ExtensionType, r: &mut Reader<'a>) -> Result<Self, DecodeError> {
                Ok(match extension_type {
                    $(ExtensionType::$empty_code => Self::$empty,)*
                    $(ExtensionType::$content_code => Self::$content($decode(r)?),)*
                    _ => Self::Unknown { extension_type, data: unknown(Self::MESSAGE, extension_type, r)? },
                })
            }

            fn encode_data(&self, w: &mut Writer<'_>) -> Result<(), EncodeError> {
                match self {
                    $(Self::$empty => Ok(()),)*
                    $(Self::$content(content) => $encode(content, w),)*
                    Self::Unknown { data, .. } => w.bytes(data),
                }
            }
        }
    };
}

/// The content of an extension that the message does not decode.
fn unknown<'a>(
    message: ExtensionMessage,
    extension_type: ExtensionType,
    r: &mut Reader<'a>,
) -> Result<&'a [u8], DecodeError> {
    if message.is_misplaced(extension_type) {
        let offset = r.offset().saturating_sub(RawExtension::HEADER);
        let kind = DecodeErrorKind::MisplacedExtension { extension_type };
        return Err(DecodeError::new(kind, offset, "Extension.extension_type"));
    }
    Ok(r.rest())
}

message_extensions! {
    /// An extension of a ServerHello that selects TLS 1.3 (RFC 9846 section 4.2.3).
    pub enum Tls13ServerExtension in ServerHello;
    empty {
        /// `tls_cert_with_extern_psk`, empty: the server authenticates with a certificate and an external
        /// pre-shared key (RFC 8773 section 5).
        TlsCertWithExternPsk = TLS_CERT_WITH_EXTERN_PSK;
    }
    content {
        /// `pre_shared_key`: the index of the selected identity in the client's list (RFC 9846 section
        /// 4.3.11).
        PreSharedKey(u16) = PRE_SHARED_KEY, decode_identity, encode_u16;
        /// `supported_versions`: the selected version (RFC 9846 section 4.3.1).
        SupportedVersions(ProtocolVersion) = SUPPORTED_VERSIONS, Decode::decode, Encode::encode;
        /// `key_share`: the server's share, of the group of one of the client's shares (RFC 9846 section
        /// 4.3.8).
        KeyShare(KeyShareEntry<'a>) = KEY_SHARE, Decode::decode, Encode::encode;
    }
}

message_extensions! {
    /// An extension of a HelloRetryRequest (RFC 9846 section 4.2.4).
    pub enum HelloRetryExtension in HelloRetryRequest;
    empty {}
    content {
        /// `supported_versions`: the selected version (RFC 9846 section 4.3.1).
        SupportedVersions(ProtocolVersion) = SUPPORTED_VERSIONS, Decode::decode, Encode::encode;
        /// `cookie`: the bytes that the client returns in its second ClientHello (RFC 9846 section 4.3.2).
        Cookie(Cookie<'a>) = COOKIE, Decode::decode, Encode::encode;
        /// `key_share`: the group of which the server wants a share (RFC 9846 section 4.3.8).
        KeyShare(NamedGroup) = KEY_SHARE, Decode::decode, Encode::encode;
    }
}

message_extensions! {
    /// An extension of EncryptedExtensions (RFC 9846 section 4.4.1).
    pub enum EncryptedExtension in EncryptedExtensions;
    empty {
        /// `server_name`, empty: the server used the name (RFC 6066 section 3).
        ServerName = SERVER_NAME;
        /// `early_data`, empty: the server accepts the early data (RFC 9846 section 4.3.10).
        EarlyData = EARLY_DATA;
    }
    content {
        /// `max_fragment_length`: the accepted limit (RFC 6066 section 4).
        MaxFragmentLength(MaxFragmentLengthCode) = MAX_FRAGMENT_LENGTH, Decode::decode, Encode::encode;
        /// `supported_groups`: `<2..2^16-1>` bytes, the groups that the server prefers, for the client's next
        /// connections (RFC 9846 section 4.3.7).
        SupportedGroups(List<'a, NamedGroup>) = SUPPORTED_GROUPS,
            named_group::decode_groups, named_group::encode_groups;
        /// `application_layer_protocol_negotiation`: the selected protocol, exactly one (RFC 7301 section
        /// 3.1).
        ApplicationLayerProtocolNegotiation(ProtocolName<'a>) = APPLICATION_LAYER_PROTOCOL_NEGOTIATION,
            protocol_name::decode_choice, encode_protocol;
        /// `client_certificate_type`: the selected type (RFC 7250 section 3).
        ClientCertificateType(CertificateType) = CLIENT_CERTIFICATE_TYPE, Decode::decode, Encode::encode;
        /// `server_certificate_type`: the selected type (RFC 7250 section 3).
        ServerCertificateType(CertificateType) = SERVER_CERTIFICATE_TYPE, Decode::decode, Encode::encode;
        /// `record_size_limit`, in bytes. Values below 64 are illegal but decode (RFC 8449 section 4).
        RecordSizeLimit(u16) = RECORD_SIZE_LIMIT, decode_size_limit, encode_u16;
        /// `ticket_request`: the `expected_count`, how many tickets the server expects to send (RFC 9149
        /// section 3).
        TicketRequest(u8) = TICKET_REQUEST, decode_expected_count, encode_u8;
        /// `quic_transport_parameters`: the bytes of the parameters, which this crate does not decode (RFC
        /// 9001 section 8.2).
        QuicTransportParameters(&'a [u8]) = QUIC_TRANSPORT_PARAMETERS, decode_rest, encode_bytes;
    }
}

message_extensions! {
    /// An extension of an entry of Certificate (RFC 9846 section 4.5.1).
    pub enum CertificateEntryExtension in Certificate;
    empty {}
    content {
        /// `status_request`: the status of the certificate (RFC 9846 section 4.5.1.1).
        StatusRequest(CertificateStatus<'a>) = STATUS_REQUEST, Decode::decode, Encode::encode;
        /// `signed_certificate_timestamp`: `<1..2^16-1>` bytes (RFC 9846 section 4.5.1.1, RFC 6962 section
        /// 3.3).
        SignedCertificateTimestamp(List<'a, SerializedSct<'a>>) = SIGNED_CERTIFICATE_TIMESTAMP,
            sct::decode_list, sct::encode_list;
        /// `delegated_credential`: the credential, in the entry of the end-entity certificate (RFC 9345
        /// section 4.1).
        DelegatedCredential(DelegatedCredential<'a>) = DELEGATED_CREDENTIAL, Decode::decode, Encode::encode;
    }
}

message_extensions! {
    /// An extension of CertificateRequest (RFC 9846 section 4.4.2).
    pub enum CertificateRequestExtension in CertificateRequest;
    empty {
        /// `status_request`, empty: the server wants the status of the certificate (RFC 9846 section
        /// 4.5.1.1).
        StatusRequest = STATUS_REQUEST;
        /// `signed_certificate_timestamp`, empty (RFC 6962 section 3.3.1).
        SignedCertificateTimestamp = SIGNED_CERTIFICATE_TIMESTAMP;
    }
    content {
        /// `signature_algorithms`: `<2..2^16-2>` bytes, in order of preference (RFC 9846 section 4.3.3).
        SignatureAlgorithms(List<'a, SignatureScheme>) = SIGNATURE_ALGORITHMS,
            signature_algorithms::decode_list, signature_algorithms::encode_list;
        /// `signature_algorithms_cert`: `<2..2^16-2>` bytes, in order of preference (RFC 9846 section 4.3.3).
        SignatureAlgorithmsCert(List<'a, SignatureScheme>) = SIGNATURE_ALGORITHMS_CERT,
            signature_algorithms::decode_list, signature_algorithms::encode_list;
        /// `compress_certificate`: the algorithms in which the client may compress its Certificate (RFC 8879
        /// section 3).
        CompressCertificate(CertificateCompressionAlgorithms<'a>) = COMPRESS_CERTIFICATE,
            Decode::decode, Encode::encode;
        /// `delegated_credential`: `<2..2^16-2>` bytes, the schemes in which the client may sign with a
        /// delegated credential (RFC 9345 section 4.1.2).
        DelegatedCredential(SignatureSchemeList<'a>) = DELEGATED_CREDENTIAL, Decode::decode, Encode::encode;
        /// `certificate_authorities` (RFC 9846 section 4.3.4).
        CertificateAuthorities(CertificateAuthorities<'a>) = CERTIFICATE_AUTHORITIES,
            Decode::decode, Encode::encode;
        /// `oid_filters` (RFC 9846 section 4.3.5).
        OidFilters(OidFilters<'a>) = OID_FILTERS, Decode::decode, Encode::encode;
    }
}

message_extensions! {
    /// An extension of NewSessionTicket (RFC 9846 section 4.7.1).
    pub enum NewSessionTicketExtension in NewSessionTicket;
    empty {}
    content {
        /// `early_data`: the `max_early_data_size`, in bytes (RFC 9846 section 4.7.1).
        EarlyData(u32) = EARLY_DATA, decode_early_data, encode_u32;
    }
}

fn decode_identity(r: &mut Reader<'_>) -> Result<u16, DecodeError> {
    r.u16("PreSharedKeyExtension.selected_identity")
}

fn decode_size_limit(r: &mut Reader<'_>) -> Result<u16, DecodeError> {
    r.u16("RecordSizeLimit")
}

fn decode_expected_count(r: &mut Reader<'_>) -> Result<u8, DecodeError> {
    r.u8("ServerTicketRequestHint.expected_count")
}

fn decode_early_data(r: &mut Reader<'_>) -> Result<u32, DecodeError> {
    r.u32("EarlyDataIndication.max_early_data_size")
}

fn decode_rest<'a>(r: &mut Reader<'a>) -> Result<&'a [u8], DecodeError> {
    Ok(r.rest())
}

fn encode_bytes(bytes: &[u8], w: &mut Writer<'_>) -> Result<(), EncodeError> {
    w.bytes(bytes)
}

fn encode_u8(value: &u8, w: &mut Writer<'_>) -> Result<(), EncodeError> {
    w.u8(*value)
}

fn encode_u16(value: &u16, w: &mut Writer<'_>) -> Result<(), EncodeError> {
    w.u16(*value)
}

fn encode_u32(value: &u32, w: &mut Writer<'_>) -> Result<(), EncodeError> {
    w.u32(*value)
}

fn encode_protocol(name: &ProtocolName<'_>, w: &mut Writer<'_>) -> Result<(), EncodeError> {
    protocol_name::encode_choice(*name, w)
}
