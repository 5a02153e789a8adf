//! Cases about record sizes and padding.

use crate::case::{Case, P256, client_of, default_pair, server_of, tampered};
use crate::support::{
    End, Wire,
    edit::{client_hello, server_hello},
    pair, resuming_pair,
};
use cairn_handshake::MaxFragmentLength::Bytes512;
use cairn_wire::{
    AlertDescription as A, ClientExtension, ExtensionType, MaxFragmentLengthCode, ServerExtension,
};

/// A pair that negotiates max_fragment_length.
fn short_fragments() -> (End, End) {
    pair(P256, |client| client.tls12.max_fragment_length = Some(Bytes512), |_| {})
}

/// Responds with this length.
fn answer_length(wire: &mut Wire, code: MaxFragmentLengthCode) {
    server_hello(wire, |parts| {
        parts.remove(ExtensionType::MAX_FRAGMENT_LENGTH);
        parts.extensions.push(ServerExtension::MaxFragmentLength(code));
    });
}

#[rustfmt::skip]
pub(crate) fn cases() -> Vec<Case> {
    Vec::from(cases! {
    UnknownFragmentLength, "the client asks for 2^13 bytes", Some(A::ILLEGAL_PARAMETER), || {
        server_of(|parts| parts.extensions.push(ClientExtension::MaxFragmentLength(MaxFragmentLengthCode(5))))
    };
    UnknownFragmentLength, "of a server that would ignore it", Some(A::ILLEGAL_PARAMETER), || {
        let ends = pair(P256, |_| {}, |server| server.tls12.max_fragment_length = false);
        tampered(ends, |wire| client_hello(wire, |parts| {
            parts.extensions.push(ClientExtension::MaxFragmentLength(MaxFragmentLengthCode(0)));
        })).1
    };
    FragmentLengthNotOffered, "another length than requested", Some(A::ILLEGAL_PARAMETER), || {
        tampered(short_fragments(), |wire| answer_length(wire, MaxFragmentLengthCode::POW_2_10)).0
    };
    FragmentLengthNotOffered, "an undefined length", Some(A::ILLEGAL_PARAMETER), || {
        tampered(short_fragments(), |wire| answer_length(wire, MaxFragmentLengthCode(9))).0
    };
    ResumedWithOtherFragmentLength, "a session that had none", Some(A::ILLEGAL_PARAMETER), || {
        let ends = resuming_pair(|client| client.tls12.max_fragment_length = Some(Bytes512),
            |server| server.tls12.max_fragment_length = false);
        tampered(ends, |wire| answer_length(wire, MaxFragmentLengthCode::POW_2_9)).0
    };
    ExtensionNotOffered, "an unsolicited max_fragment_length", Some(A::UNSUPPORTED_EXTENSION), || {
        tampered(default_pair(), |wire| answer_length(wire, MaxFragmentLengthCode::POW_2_9)).0
    };
    RecordSizeLimitTooSmall, "the client takes 63 bytes", Some(A::ILLEGAL_PARAMETER), || {
        let ends = pair(P256, |_| {}, |server| server.record_size_limit = Some(64));
        tampered(ends, |wire| client_hello(wire, |parts| {
            parts.extensions.push(ClientExtension::RecordSizeLimit(63));
        })).1
    };
    RecordSizeLimitTooSmall, "of a server that would ignore it", Some(A::ILLEGAL_PARAMETER), || {
        server_of(|parts| parts.extensions.push(ClientExtension::RecordSizeLimit(0)))
    };
    RecordSizeLimitTooSmall, "the server takes 63 bytes", Some(A::ILLEGAL_PARAMETER), || {
        let ends = pair(P256, |client| client.record_size_limit = Some(64), |_| {});
        tampered(ends, |wire| server_hello(wire, |parts| {
            parts.extensions.push(ServerExtension::RecordSizeLimit(63));
        })).0
    };
    TwoRecordLimits, "the server answers both", Some(A::ILLEGAL_PARAMETER), || {
        let ends = pair(P256, |client| {
            client.tls12.max_fragment_length = Some(Bytes512);
            client.record_size_limit = Some(512);
        }, |server| server.record_size_limit = Some(512));
        tampered(ends, |wire| answer_length(wire, MaxFragmentLengthCode::POW_2_9)).0
    };
    PaddingNotZero, "the last byte is one", Some(A::ILLEGAL_PARAMETER), || {
        server_of(|parts| parts.extensions.push(ClientExtension::Padding(&[0, 0, 1])))
    };
    ExtensionNotAllowed, "the server says padding again", Some(A::ILLEGAL_PARAMETER), || {
        let ends = pair(P256, |client| {
            client.padding = true;
            client.alpn_protocols = vec![b"a".repeat(200)];
        }, |_| {});
        tampered(ends, |wire| server_hello(wire, |parts| {
            let extension_type = ExtensionType::PADDING;
            parts.extensions.push(ServerExtension::Unknown { extension_type, data: &[0] });
        })).0
    };
    ExtensionNotAllowed, "the server says signature_algorithms_cert again", Some(A::ILLEGAL_PARAMETER), || {
        let ends = pair(P256, |client| {
            client.certificate_signature_schemes = client.signature_schemes.clone();
        }, |_| {});
        tampered(ends, |wire| server_hello(wire, |parts| {
            let extension_type = ExtensionType::SIGNATURE_ALGORITHMS_CERT;
            parts.extensions.push(ServerExtension::Unknown { extension_type, data: &[0, 2, 4, 3] });
        })).0
    };
    ExtensionNotOffered, "an unsolicited record_size_limit", Some(A::UNSUPPORTED_EXTENSION), || {
        client_of(|parts| parts.extensions.push(ServerExtension::RecordSizeLimit(64)))
    };
    })
}
