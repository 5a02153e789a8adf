//! The trees of extensions of TLS 1.3.

use core::fmt;

use super::extensions::Alone;
use super::printer::{Code, Describe, Printer, Text, display};
use crate::codec::Decode;
use crate::ext::{
    CertificateAuthorities, CertificateCompressionAlgorithms, CertificateEntryExtension,
    CertificateRequestExtension, ClientTicketRequest, Cookie, Deferred, DelegatedCredential, Empty,
    EncryptedExtension, HelloRetryExtension, KeyShareClientHello, KeyShareEntry, NewSessionTicketExtension,
    OfferedPsks, OidFilters, PskKeyExchangeModes, SignatureSchemeList, Tls13ServerExtension,
};
use crate::hex::Hex;

/// Prints the content or, if it is malformed, the error.
impl<'a, T: Decode<'a> + Clone + Describe> Describe for Deferred<'a, T> {
    fn describe(&self, p: &mut Printer<'_>) -> fmt::Result {
        match self.get() {
            Ok(value) => value.describe(p),
            Err(error) => p.line(format_args!("error: {error}")),
        }
    }
}

impl Describe for Empty {
    fn describe(&self, _: &mut Printer<'_>) -> fmt::Result {
        Ok(())
    }
}

impl Describe for KeyShareEntry<'_> {
    fn describe(&self, p: &mut Printer<'_>) -> fmt::Result {
        let length = self.key_exchange.len();
        p.line(format_args!("{}, {length} bytes: {}", Code(self.group), Hex(self.key_exchange)))
    }
}

impl Describe for KeyShareClientHello<'_> {
    fn describe(&self, p: &mut Printer<'_>) -> fmt::Result {
        p.list("client_shares", &self.client_shares, |p, share| share.describe(p))
    }
}

impl Describe for OfferedPsks<'_> {
    fn describe(&self, p: &mut Printer<'_>) -> fmt::Result {
        p.list("identities", &self.identities, |p, psk| {
            p.bytes("identity", psk.identity)?;
            p.line(format_args!("obfuscated_ticket_age: {}", psk.obfuscated_ticket_age))
        })?;
        p.list("binders", &self.binders, |p, binder| p.line(format_args!("{}", Hex(binder.0))))
    }
}

impl Describe for PskKeyExchangeModes<'_> {
    fn describe(&self, p: &mut Printer<'_>) -> fmt::Result {
        p.codes("ke_modes", &self.ke_modes)
    }
}

impl Describe for Cookie<'_> {
    fn describe(&self, p: &mut Printer<'_>) -> fmt::Result {
        p.bytes("cookie", self.0)
    }
}

impl Describe for CertificateAuthorities<'_> {
    fn describe(&self, p: &mut Printer<'_>) -> fmt::Result {
        p.list("authorities", &self.authorities, |p, name| p.line(format_args!("{}", Hex(name.0))))
    }
}

impl Describe for OidFilters<'_> {
    fn describe(&self, p: &mut Printer<'_>) -> fmt::Result {
        p.list("filters", &self.filters, |p, filter| {
            p.bytes("certificate_extension_oid", filter.certificate_extension_oid)?;
            p.bytes("certificate_extension_values", filter.certificate_extension_values)
        })
    }
}

impl Describe for CertificateCompressionAlgorithms<'_> {
    fn describe(&self, p: &mut Printer<'_>) -> fmt::Result {
        p.codes("algorithms", &self.algorithms)
    }
}

impl Describe for SignatureSchemeList<'_> {
    fn describe(&self, p: &mut Printer<'_>) -> fmt::Result {
        p.codes("supported_signature_algorithm", &self.supported_signature_algorithm)
    }
}

impl Describe for DelegatedCredential<'_> {
    fn describe(&self, p: &mut Printer<'_>) -> fmt::Result {
        p.line(format_args!("valid_time: {} s", self.valid_time))?;
        p.code("dc_cert_verify_algorithm", self.dc_cert_verify_algorithm)?;
        p.bytes("ASN1_subjectPublicKeyInfo", self.asn1_subject_public_key_info)?;
        p.code("algorithm", self.algorithm)?;
        p.bytes("signature", self.signature)
    }
}

impl Describe for ClientTicketRequest {
    fn describe(&self, p: &mut Printer<'_>) -> fmt::Result {
        p.line(format_args!("new_session_count: {}", self.new_session_count))?;
        p.line(format_args!("resumption_count: {}", self.resumption_count))
    }
}

impl Describe for Tls13ServerExtension<'_> {
    fn describe(&self, p: &mut Printer<'_>) -> fmt::Result {
        match self {
            Self::TlsCertWithExternPsk => Ok(()),
            Self::PreSharedKey(index) => p.line(format_args!("selected_identity: {index}")),
            Self::SupportedVersions(version) => p.code("selected_version", *version),
            Self::KeyShare(share) => {
                p.line(format_args!("server_share:"))?;
                p.nest(|p| share.describe(p))
            }
            Self::Unknown { data, .. } => p.bytes("extension_data", data),
        }
    }
}

impl Describe for HelloRetryExtension<'_> {
    fn describe(&self, p: &mut Printer<'_>) -> fmt::Result {
        match self {
            Self::SupportedVersions(version) => p.code("selected_version", *version),
            Self::Cookie(cookie) => cookie.describe(p),
            Self::KeyShare(group) => p.code("selected_group", *group),
            Self::Unknown { data, .. } => p.bytes("extension_data", data),
        }
    }
}

impl Describe for EncryptedExtension<'_> {
    fn describe(&self, p: &mut Printer<'_>) -> fmt::Result {
        match self {
            Self::ServerName | Self::EarlyData => Ok(()),
            Self::MaxFragmentLength(code) => p.code("max_fragment_length", *code),
            Self::SupportedGroups(list) => p.codes("named_group_list", list),
            Self::ApplicationLayerProtocolNegotiation(name) => {
                p.line(format_args!("protocol_name: {}", Text(name.0)))
            }
            Self::ClientCertificateType(code) => p.code("client_certificate_type", *code),
            Self::ServerCertificateType(code) => p.code("server_certificate_type", *code),
            Self::RecordSizeLimit(limit) => p.line(format_args!("record_size_limit: {limit}")),
            Self::TicketRequest(count) => p.line(format_args!("expected_count: {count}")),
            Self::QuicTransportParameters(data) => p.bytes("transport_parameters", data),
            Self::Unknown { data, .. } => p.bytes("extension_data", data),
        }
    }
}

impl Describe for CertificateEntryExtension<'_> {
    fn describe(&self, p: &mut Printer<'_>) -> fmt::Result {
        match self {
            Self::StatusRequest(status) => status.describe(p),
            Self::SignedCertificateTimestamp(list) => {
                p.list("sct_list", list, |p, sct| p.line(format_args!("{}", Hex(sct.0))))
            }
            Self::DelegatedCredential(credential) => credential.describe(p),
            Self::Unknown { data, .. } => p.bytes("extension_data", data),
        }
    }
}

impl Describe for CertificateRequestExtension<'_> {
    fn describe(&self, p: &mut Printer<'_>) -> fmt::Result {
        match self {
            Self::StatusRequest | Self::SignedCertificateTimestamp => Ok(()),
            Self::SignatureAlgorithms(list) | Self::SignatureAlgorithmsCert(list) => {
                p.codes("supported_signature_algorithms", list)
            }
            Self::DelegatedCredential(list) => list.describe(p),
            Self::CompressCertificate(algorithms) => algorithms.describe(p),
            Self::CertificateAuthorities(authorities) => authorities.describe(p),
            Self::OidFilters(filters) => filters.describe(p),
            Self::Unknown { data, .. } => p.bytes("extension_data", data),
        }
    }
}

impl Describe for NewSessionTicketExtension<'_> {
    fn describe(&self, p: &mut Printer<'_>) -> fmt::Result {
        match self {
            Self::EarlyData(size) => p.line(format_args!("max_early_data_size: {size}")),
            Self::Unknown { data, .. } => p.bytes("extension_data", data),
        }
    }
}

/// Implements `Display` for the extensions of a message: the type, then the content.
macro_rules! display_alone {
    ($($type:ident),* $(,)?) => {
        $(
            /// Prints the tree of the extension, without a trailing newline.
            impl fmt::Display for $type<'_> {
                fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                    Alone(self).describe(&mut Printer::new(f))
                }
            }
        )*
    };
}

display_alone!(
    Tls13ServerExtension,
    HelloRetryExtension,
    EncryptedExtension,
    CertificateEntryExtension,
    CertificateRequestExtension,
    NewSessionTicketExtension,
);

display!(
    KeyShareEntry<'_>,
    KeyShareClientHello<'_>,
    OfferedPsks<'_>,
    PskKeyExchangeModes<'_>,
    Cookie<'_>,
    CertificateAuthorities<'_>,
    OidFilters<'_>,
    CertificateCompressionAlgorithms<'_>,
    ClientTicketRequest,
    SignatureSchemeList<'_>,
    DelegatedCredential<'_>,
);
