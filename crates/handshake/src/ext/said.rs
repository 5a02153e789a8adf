//! What the extensions of a hello say, found in one walk.

use cairn_wire::{
    CertificateStatusRequest, CertificateType, ClientExtension, EcPointFormat, Extensions, List,
    MaxFragmentLengthCode, NamedGroup, ProtocolName, ProtocolVersion, SerializedSct, ServerExtension,
    ServerName, SignatureScheme,
};

/// A struct with a field for each extension that there is a rule for: the content of some, and of those without content
/// whether they are there.
macro_rules! said {
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
            /// Of a hello's block; of one that has none, there are none.
            #[inline]
            pub(crate) fn read(block: Option<&Extensions<'a, $Extension<'a>>>) -> Self {
                let mut said = Self::default();
                let Some(block) = block else { return said };
                for extension in block.iter() {
                    match extension {
                        $( $Extension::$Variant(content) => said.$field = Some(content), )*
                        $( $Extension::$Flag => said.$flag = true, )*
                        _ => {}
                    }
                }
                said
            }
        }
    };
}

said! {
    /// What the extensions of a ClientHello say.
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
    record_size_limit: u16 = RecordSizeLimit,
    session_ticket: &'a [u8] = SessionTicket,
    supported_versions: List<'a, ProtocolVersion> = SupportedVersions,
    renegotiation_info: &'a [u8] = RenegotiationInfo,;
    without:
    signed_certificate_timestamp = SignedCertificateTimestamp,
    encrypt_then_mac = EncryptThenMac,
    extended_master_secret = ExtendedMasterSecret,
}

said! {
    /// What the extensions of a ServerHello say.
    ServerExtensions of ServerExtension
    with content:
    max_fragment_length: MaxFragmentLengthCode = MaxFragmentLength,
    ec_point_formats: List<'a, EcPointFormat> = EcPointFormats,
    application_layer_protocol_negotiation: ProtocolName<'a> = ApplicationLayerProtocolNegotiation,
    signed_certificate_timestamp: List<'a, SerializedSct<'a>> = SignedCertificateTimestamp,
    client_certificate_type: CertificateType = ClientCertificateType,
    server_certificate_type: CertificateType = ServerCertificateType,
    record_size_limit: u16 = RecordSizeLimit,
    renegotiation_info: &'a [u8] = RenegotiationInfo,;
    without:
    status_request = StatusRequest,
    encrypt_then_mac = EncryptThenMac,
    extended_master_secret = ExtendedMasterSecret,
    session_ticket = SessionTicket,
}
