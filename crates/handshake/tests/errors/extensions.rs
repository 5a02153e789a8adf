//! Cases about extensions and resumed sessions.

//! The modification of a handshake for each kind of error.

use crate::case::{Case, P256, client_of, default_pair, honest, server_of, suite_pair, tampered};
use crate::support::{
    self, End,
    edit::{body, client_hello, server_hello},
    pair, resuming_pair, run, tls12_mut,
    walk::named_suite,
};
use cairn_handshake::{Machine, Requirement};
use cairn_schedule::SUITES;
use cairn_wire::{
    AlertDescription as A, CertificateType, CipherSuite, ClientExtension, ExtensionType, HandshakeType as H,
    ProtocolName, ProtocolVersion, ServerExtension,
};
use std::sync::Arc;

#[rustfmt::skip]
pub(crate) fn cases() -> Vec<Case> {
    Vec::from(cases! {
    ExtensionNotOffered, "session_ticket that was not offered", Some(A::UNSUPPORTED_EXTENSION), || {
        client_of(|parts| parts.extensions.push(ServerExtension::SessionTicket))
    };
    ExtensionNotOffered, "an application protocol that was not offered", Some(A::UNSUPPORTED_EXTENSION), || {
        client_of(|parts| parts.extensions.push(
            ServerExtension::ApplicationLayerProtocolNegotiation(ProtocolName(b"h2"))))
    };
    ExtensionNotOffered, "supported_versions", Some(A::UNSUPPORTED_EXTENSION), || {
        client_of(|parts| parts.extensions.push(ServerExtension::SupportedVersions(ProtocolVersion(0x0304))))
    };
    ExtensionNotOffered, "server_name, for a client that sent none", Some(A::UNSUPPORTED_EXTENSION), || {
        let (_, server) = default_pair();
        let client = Machine::client(Arc::new(support::client_policy()), None, None);
        tampered((End::new(client), server), |wire| server_hello(wire, |parts| {
            parts.extensions.push(ServerExtension::ServerName);
        })).0
    };
    ExtensionNotAllowed, "signature_algorithms in ServerHello", Some(A::ILLEGAL_PARAMETER), || {
        client_of(|parts| parts.extensions.push(ServerExtension::Unknown {
            extension_type: ExtensionType::SIGNATURE_ALGORITHMS, data: &[0, 2, 4, 3],
        }))
    };
    ResumedWithOtherSuite, "the server changes it", Some(A::ILLEGAL_PARAMETER), || {
        let (mut client, mut server) = resuming_pair(|_| {}, |_| {});
        tls12_mut(server.session.as_mut().unwrap()).suite = &SUITES[2];
        run(&mut client, &mut server, |_, _| {});
        client
    };
    ResumedWithOtherMasterSecretRule, "the client's hello is without", Some(A::HANDSHAKE_FAILURE), || {
        tampered(resuming_pair(|_| {}, |_| {}), |wire| client_hello(wire, |parts| {
            parts.remove(ExtensionType::EXTENDED_MASTER_SECRET);
        })).1
    };
    ResumedWithOtherMasterSecretRule, "the server's hello is without", Some(A::HANDSHAKE_FAILURE), || {
        tampered(resuming_pair(|_| {}, |_| {}), |wire| server_hello(wire, |parts| {
            parts.remove(ExtensionType::EXTENDED_MASTER_SECRET);
        })).0
    };
    ExtendedMasterSecretMissing, "a client without the extension", Some(A::HANDSHAKE_FAILURE), || {
        let ends = pair(P256, |_| {}, |server| server.tls12.extended_master_secret = Requirement::Require);
        tampered(ends, |wire| client_hello(wire, |parts| {
            parts.remove(ExtensionType::EXTENDED_MASTER_SECRET);
        })).1
    };
    ExtendedMasterSecretMissing, "a server without the extension", Some(A::HANDSHAKE_FAILURE), || {
        let ends = pair(P256, |client| client.tls12.extended_master_secret = Requirement::Require, |_| {});
        tampered(ends, |wire| server_hello(wire, |parts| {
            parts.remove(ExtensionType::EXTENDED_MASTER_SECRET);
        })).0
    };
    SecureRenegotiationMissing, "a client without the extension", Some(A::HANDSHAKE_FAILURE), || {
        let ends = pair(P256, |_| {}, |server| server.tls12.secure_renegotiation = Requirement::Require);
        tampered(ends, |wire| client_hello(wire, |parts| parts.remove(ExtensionType::RENEGOTIATION_INFO))).1
    };
    SecureRenegotiationMissing, "a server without the extension", Some(A::HANDSHAKE_FAILURE), || {
        client_of(|parts| parts.remove(ExtensionType::RENEGOTIATION_INFO))
    };
    WrongRenegotiationInfo, "by the client", Some(A::HANDSHAKE_FAILURE), || {
        server_of(|parts| {
            parts.remove(ExtensionType::RENEGOTIATION_INFO);
            parts.extensions.push(ClientExtension::RenegotiationInfo(&[1; 12]));
        })
    };
    WrongRenegotiationInfo, "by a client that sends the SCSV too", Some(A::HANDSHAKE_FAILURE), || {
        server_of(|parts| {
            parts.remove(ExtensionType::RENEGOTIATION_INFO);
            parts.suites.push(CipherSuite::TLS_EMPTY_RENEGOTIATION_INFO_SCSV);
            parts.extensions.push(ClientExtension::RenegotiationInfo(&[1; 12]));
        })
    };
    WrongRenegotiationInfo, "by the server", Some(A::HANDSHAKE_FAILURE), || {
        client_of(|parts| {
            parts.remove(ExtensionType::RENEGOTIATION_INFO);
            parts.extensions.push(ServerExtension::RenegotiationInfo(&[1; 24]));
        })
    };
    CertificateTypeNotOffered, "an unsolicited raw public key", Some(A::ILLEGAL_PARAMETER), || {
        let both = vec![CertificateType::X509, CertificateType::RAW_PUBLIC_KEY];
        let pair = pair(P256, |client| client.server_certificate_types = both, |_| {});
        tampered(pair, |wire| server_hello(wire, |parts| {
            parts.remove(ExtensionType::SERVER_CERTIFICATE_TYPE);
            parts.extensions.push(ServerExtension::ServerCertificateType(CertificateType::OPEN_PGP));
        })).0
    };
    NoSharedCertificateType, "a client for raw public keys only", Some(A::UNSUPPORTED_CERTIFICATE), || {
        let raw = vec![CertificateType::RAW_PUBLIC_KEY];
        honest(pair(P256, |client| client.server_certificate_types = raw, |_| {})).1
    };
    StatusTypeNotOffered, "a status of another type", Some(A::ILLEGAL_PARAMETER), || {
        let (client, mut server) = default_pair();
        support::staple(&mut server);
        tampered((client, server), |wire| body(wire, H::CERTIFICATE_STATUS, |body| body[0] = 2)).0
    };
    ResumedWithoutEncryptThenMac, "the server omits encrypt_then_mac", Some(A::HANDSHAKE_FAILURE), || {
        let (mut client, mut server) = suite_pair("TLS_RSA_WITH_AES_128_CBC_SHA");
        run(&mut client, &mut server, |_, _| {});
        let sessions = (client.saved, server.saved);
        (client, server) = suite_pair("TLS_RSA_WITH_AES_128_CBC_SHA");
        (client.session, server.session) = sessions;
        tampered((client, server), |wire| {
            server_hello(wire, |parts| parts.remove(ExtensionType::ENCRYPT_THEN_MAC));
        }).0
    };
    ExtensionNotAllowed, "encrypt_then_mac with an AEAD", Some(A::ILLEGAL_PARAMETER), || {
        let cbc = named_suite("TLS_RSA_WITH_AES_128_CBC_SHA");
        let ends = pair(P256, |client| client.tls12.suites.push(cbc), |_| {});
        tampered(ends, |wire| server_hello(wire, |parts| {
            parts.extensions.push(ServerExtension::EncryptThenMac);
        })).0
    };
    })
}
