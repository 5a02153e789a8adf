//! Strategies for the content of extensions of TLS 1.3.

use cairn_wire::*;
use proptest::prelude::*;

use crate::parts::{bytes, code, list};

/// Content of a ClientHello's extension.
fn deferred<T>(content: impl Strategy<Value = T>) -> impl Strategy<Value = Deferred<'static, T>>
where
    T: Decode<'static> + Clone + core::fmt::Debug + 'static,
{
    content.prop_map(|content| Deferred::new(Box::leak(Box::new(content))))
}

fn empty() -> impl Strategy<Value = Deferred<'static, Empty>> {
    deferred(Just(Empty))
}

pub(crate) fn share() -> impl Strategy<Value = KeyShareEntry<'static>> {
    (code!(NamedGroup), bytes(1, 100)).prop_map(|(group, key_exchange)| KeyShareEntry { group, key_exchange })
}

pub(crate) fn offered_psks() -> impl Strategy<Value = OfferedPsks<'static>> {
    let identity = (bytes(1, 100), any::<u32>())
        .prop_map(|(identity, obfuscated_ticket_age)| PskIdentity { identity, obfuscated_ticket_age });
    (list(identity, 1, 4), list(bytes(32, 255).prop_map(PskBinderEntry), 1, 4))
        .prop_map(|(identities, binders)| OfferedPsks { identities, binders })
}

pub(crate) fn authorities() -> impl Strategy<Value = CertificateAuthorities<'static>> {
    list(bytes(1, 60).prop_map(DistinguishedName), 1, 4)
        .prop_map(|authorities| CertificateAuthorities { authorities })
}

pub(crate) fn algorithms() -> impl Strategy<Value = CertificateCompressionAlgorithms<'static>> {
    list(code!(CertificateCompressionAlgorithm), 1, 127)
        .prop_map(|algorithms| CertificateCompressionAlgorithms { algorithms })
}

pub(crate) fn oid_filters() -> impl Strategy<Value = OidFilters<'static>> {
    let filter = (bytes(1, 255), bytes(0, 60)).prop_map(|(oid, values)| OidFilter {
        certificate_extension_oid: oid,
        certificate_extension_values: values,
    });
    list(filter, 0, 4).prop_map(|filters| OidFilters { filters })
}

pub(crate) fn schemes() -> impl Strategy<Value = SignatureSchemeList<'static>> {
    list(code!(SignatureScheme), 1, 30)
        .prop_map(|supported_signature_algorithm| SignatureSchemeList { supported_signature_algorithm })
}

pub(crate) fn delegated_credential() -> impl Strategy<Value = DelegatedCredential<'static>> {
    (any::<u32>(), code!(SignatureScheme), bytes(1, 100), code!(SignatureScheme), bytes(1, 100)).prop_map(
        |(valid_time, dc_cert_verify_algorithm, key, algorithm, signature)| DelegatedCredential {
            valid_time,
            dc_cert_verify_algorithm,
            asn1_subject_public_key_info: key,
            algorithm,
            signature,
        },
    )
}

/// The extensions of a ClientHello that only TLS 1.3 uses.
pub(crate) fn client_extension() -> impl Strategy<Value = ClientExtension<'static>> {
    let modes = list(code!(PskKeyExchangeMode), 1, 255).prop_map(|ke_modes| PskKeyExchangeModes { ke_modes });
    let shares = list(share(), 0, 4).prop_map(|client_shares| KeyShareClientHello { client_shares });
    let tickets = any::<(u8, u8)>().prop_map(|(new_session_count, resumption_count)| ClientTicketRequest {
        new_session_count,
        resumption_count,
    });
    prop_oneof![
        deferred(algorithms()).prop_map(ClientExtension::CompressCertificate),
        empty().prop_map(ClientExtension::TlsCertWithExternPsk),
        deferred(schemes()).prop_map(ClientExtension::DelegatedCredential),
        deferred(offered_psks()).prop_map(ClientExtension::PreSharedKey),
        empty().prop_map(ClientExtension::EarlyData),
        deferred(bytes(1, 300).prop_map(Cookie)).prop_map(ClientExtension::Cookie),
        deferred(modes).prop_map(ClientExtension::PskKeyExchangeModes),
        deferred(authorities()).prop_map(ClientExtension::CertificateAuthorities),
        empty().prop_map(ClientExtension::PostHandshakeAuth),
        deferred(shares).prop_map(ClientExtension::KeyShare),
        deferred(tickets).prop_map(ClientExtension::TicketRequest),
    ]
}
