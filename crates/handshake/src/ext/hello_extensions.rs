//! The contents of a hello's extensions, collected while the hello is decoded.

use crate::{
    error::HandshakeErrorKind,
    raw_message::{self, RawMessage},
};
use cairn_wire::{
    CertificateCompressionAlgorithms, CertificateStatusRequest, CertificateType, ClientExtension,
    ClientHello, ClientTicketRequest, Cookie, Deferred, EcPointFormat, Empty, EncryptedExtension,
    KeyShareClientHello, List, MaxFragmentLengthCode, NamedGroup, OfferedPsks, ProtocolName, ProtocolVersion,
    PskKeyExchangeModes, SerializedSct, ServerExtension, ServerName, SignatureScheme, SignatureSchemeList,
};

/// Defines a struct with one field for each extension that the handshake uses: its content, or a flag if the
/// extension has no content.
macro_rules! hello_extensions {
    (
        $(#[$doc:meta])*
        $Name:ident of $Extension:ident
        with content: $( $field:ident: $Content:ty = $Variant:ident, )*;
        without: $( $flag:ident = $Flag:ident, )*
    ) => {
        $(#[$doc])*
        #[derive(Default)]
        pub(crate) struct $Name<'a> {
            $( pub(super) $field: Option<$Content>, )*
            $( pub(super) $flag: bool, )*
        }

        impl<'a> $Name<'a> {
            /// Takes the content of one extension. An extension without a field is ignored.
            #[inline]
            pub(crate) fn take(&mut self, extension: $Extension<'a>) {
                match extension {
                    $( $Extension::$Variant(content) => self.$field = Some(content), )*
                    $( $Extension::$Flag => self.$flag = true, )*
                    _ => {}
                }
            }
        }
    };
}

hello_extensions! {
    /// The contents of a ClientHello's extensions.
    ClientExtensions of ClientExtension
    with content:
    server_name: List<'a, ServerName<'a>> = ServerName,
    max_fragment_length: MaxFragmentLengthCode = MaxFragmentLength,
    status_request: CertificateStatusRequest<'a> = StatusRequest,
    supported_groups: List<'a, NamedGroup> = SupportedGroups,
    ec_point_formats: List<'a, EcPointFormat> = EcPointFormats,
    signature_algorithms: List<'a, SignatureScheme> = SignatureAlgorithms,
    signature_algorithms_cert: List<'a, SignatureScheme> = SignatureAlgorithmsCert,
    application_layer_protocol_negotiation: List<'a, ProtocolName<'a>> = ApplicationLayerProtocolNegotiation,
    client_certificate_types: List<'a, CertificateType> = ClientCertificateTypes,
    server_certificate_types: List<'a, CertificateType> = ServerCertificateTypes,
    padding: &'a [u8] = Padding,
    compress_certificate: Deferred<'a, CertificateCompressionAlgorithms<'a>> = CompressCertificate,
    record_size_limit: u16 = RecordSizeLimit,
    quic_transport_parameters: &'a [u8] = QuicTransportParameters,
    delegated_credential: Deferred<'a, SignatureSchemeList<'a>> = DelegatedCredential,
    tls_cert_with_extern_psk: Deferred<'a, Empty> = TlsCertWithExternPsk,
    session_ticket: &'a [u8] = SessionTicket,
    supported_versions: List<'a, ProtocolVersion> = SupportedVersions,
    renegotiation_info: &'a [u8] = RenegotiationInfo,
    cookie: Deferred<'a, Cookie<'a>> = Cookie,
    key_share: Deferred<'a, KeyShareClientHello<'a>> = KeyShare,
    early_data: Deferred<'a, Empty> = EarlyData,
    post_handshake_auth: Deferred<'a, Empty> = PostHandshakeAuth,
    psk_key_exchange_modes: Deferred<'a, PskKeyExchangeModes<'a>> = PskKeyExchangeModes,
    pre_shared_key: Deferred<'a, OfferedPsks<'a>> = PreSharedKey,
    ticket_request: Deferred<'a, ClientTicketRequest> = TicketRequest,;
    without:
    signed_certificate_timestamp = SignedCertificateTimestamp,
    encrypt_then_mac = EncryptThenMac,
    extended_master_secret = ExtendedMasterSecret,
}

hello_extensions! {
    /// The contents of a ServerHello's extensions.
    ServerExtensions of ServerExtension
    with content:
    max_fragment_length: MaxFragmentLengthCode = MaxFragmentLength,
    ec_point_formats: List<'a, EcPointFormat> = EcPointFormats,
    application_layer_protocol_negotiation: ProtocolName<'a> = ApplicationLayerProtocolNegotiation,
    signed_certificate_timestamp: List<'a, SerializedSct<'a>> = SignedCertificateTimestamp,
    client_certificate_type: CertificateType = ClientCertificateType,
    server_certificate_type: CertificateType = ServerCertificateType,
    record_size_limit: u16 = RecordSizeLimit,
    supported_versions: ProtocolVersion = SupportedVersions,
    renegotiation_info: &'a [u8] = RenegotiationInfo,;
    without:
    status_request = StatusRequest,
    encrypt_then_mac = EncryptThenMac,
    extended_master_secret = ExtendedMasterSecret,
    session_ticket = SessionTicket,
}

impl<'a> ServerExtensions<'a> {
    /// Takes the content of an extension of EncryptedExtensions, where TLS 1.3 has the responses that are in
    /// ServerHello in TLS 1.2 (RFC 9846 section 4.4.1).
    pub(crate) fn take_encrypted(&mut self, extension: EncryptedExtension<'a>) {
        match extension {
            EncryptedExtension::MaxFragmentLength(code) => self.max_fragment_length = Some(code),
            EncryptedExtension::ApplicationLayerProtocolNegotiation(name) => {
                self.application_layer_protocol_negotiation = Some(name);
            }
            EncryptedExtension::ClientCertificateType(chosen) => self.client_certificate_type = Some(chosen),
            EncryptedExtension::ServerCertificateType(chosen) => self.server_certificate_type = Some(chosen),
            EncryptedExtension::RecordSizeLimit(limit) => self.record_size_limit = Some(limit),
            _ => {}
        }
    }
}

impl<'a> ClientExtensions<'a> {
    /// Decodes a ClientHello and collects its extensions on the way. They are collected in place, because the
    /// struct is large.
    #[inline]
    pub(crate) fn read(&mut self, message: RawMessage<'a>) -> Result<ClientHello<'a>, HandshakeErrorKind> {
        raw_message::read_with(message, |reader| {
            ClientHello::decode_each(reader, |extension| self.take(extension))
        })
    }
}
