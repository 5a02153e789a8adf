//! The modification of a handshake for each kind of error.

use crate::support::{
    self, End, NOW, Wire, credential,
    edit::{ClientParts, ServerParts, body, client_hello, server_hello},
    go_on, mutual_pair, pair, resuming_pair, run, tls12_mut,
    walk::named_suite,
};
use cairn_crypto::{CryptoError, KeyKind, KeySpec, PublicKey, RandomSource};
use cairn_handshake::{
    CertificateChain, ClientAuthentication, ClientPolicy, Floor, Input, Machine, Renegotiation, Requirement,
    UnixTime,
};
use cairn_schedule::{Epoch, SUITES};
use cairn_wire::{
    Alert, AlertDescription as A, AlertLevel, CertificateType, CipherSuite, ClientExtension,
    CompressionMethod, EcPointFormat, ExtensionType, HandshakeType as H, KeyExchangeAlgorithm, List,
    NameType, NamedGroup, ProtocolName, ProtocolVersion, ServerExtension, ServerName, SignatureScheme,
};
use std::sync::Arc;

pub(crate) const P256: KeySpec = KeySpec::EcP256;

/// The modification of a handshake, and the side that must detect it.
pub(crate) struct Case {
    pub(crate) kind: &'static str,
    pub(crate) how: &'static str,
    pub(crate) alert: Option<A>,
    pub(crate) run: fn() -> End,
}

/// Cases: the name of the kind, how it is provoked, the alert, and the side that fails.
macro_rules! cases {
    ($( $kind:ident, $how:literal, $alert:expr, $run:expr; )*) => {
        [$( Case { kind: stringify!($kind), how: $how, alert: $alert, run: $run } ),*]
    };
}

/// The client of a handshake whose ServerHello is rewritten.
pub(crate) fn client_of(edit: impl for<'a> Fn(&mut ServerParts<'a>)) -> End {
    tampered(pair(P256, |_| {}, |_| {}), |wire| server_hello(wire, &edit)).0
}

/// The server of a handshake whose ClientHello is rewritten.
pub(crate) fn server_of(edit: impl for<'a> Fn(&mut ClientParts<'a>)) -> End {
    tampered(pair(P256, |_| {}, |_| {}), |wire| client_hello(wire, &edit)).1
}

pub(crate) fn tampered(
    (mut client, mut server): (End, End),
    mut tamper: impl FnMut(&mut Wire),
) -> (End, End) {
    run(&mut client, &mut server, |_, wire| tamper(wire));
    (client, server)
}

pub(crate) fn honest(pair: (End, End)) -> (End, End) {
    tampered(pair, |_| {})
}

/// A pair with one suite.
fn suite_pair(suite: &str) -> (End, End) {
    suite_pair_with(suite, |_| {})
}

fn suite_pair_with(suite: &str, client: impl FnOnce(&mut ClientPolicy)) -> (End, End) {
    let suite = named_suite(suite);
    pair(
        KeySpec::Rsa { bits: 2048 },
        |policy| {
            policy.tls12.suites = vec![suite];
            client(policy);
        },
        |policy| policy.tls12.suites = vec![suite],
    )
}

/// The server of a pair whose client lists only this finite field, which the server does not support.
fn name_field((client, mut server): (End, End), field: NamedGroup) -> End {
    let mut policy = support::server_policy();
    policy.groups = vec![NamedGroup::X25519, NamedGroup::FFDHE2048];
    policy.tls12.suites =
        SUITES.iter().filter(|suite| suite.key_exchange == KeyExchangeAlgorithm::Dhe).collect();
    policy
        .tls12
        .suites
        .extend(SUITES.iter().filter(|suite| suite.key_exchange == KeyExchangeAlgorithm::DhAnon));
    server.machine = Machine::server(Arc::new(policy));
    tampered((client, server), |wire| {
        client_hello(wire, |parts| {
            parts.remove(ExtensionType::SUPPORTED_GROUPS);
            let field = vec![field].leak();
            parts.extensions.push(ClientExtension::SupportedGroups(List::from_items(field)));
        });
    })
    .1
}

/// Replaces a number of this many bytes at the end with 1.
fn last_is_one(body: &mut [u8], width: usize) {
    let start = body.len() - width;
    body[start..].fill(0);
    *body.last_mut().unwrap() = 1;
}

pub(crate) fn default_pair() -> (End, End) {
    pair(P256, |_| {}, |_| {})
}

/// A handshake, and then a renegotiation of the client with modified messages.
fn renegotiated(
    suite: &str,
    between: impl FnOnce(&mut End, &mut End),
    mut tamper: impl FnMut(&mut Wire),
) -> (End, End) {
    let (suite, rsa) = (named_suite(suite), KeySpec::Rsa { bits: 2048 });
    let (mut client, mut server) = pair(
        rsa,
        |policy| {
            policy.tls12.renegotiation = Renegotiation::Requested;
            policy.tls12.suites = vec![suite];
        },
        |policy| {
            policy.tls12.renegotiation = Renegotiation::Allowed;
            policy.tls12.suites = vec![suite];
        },
    );
    run(&mut client, &mut server, |_, _| {});
    between(&mut client, &mut server);
    client.step(Input::Renegotiate { now: NOW });
    go_on(&mut client, &mut server, |_, wire| tamper(wire));
    (client, server)
}

/// Inserts CertificateRequest before ServerHelloDone.
fn ask_for_a_certificate(wire: &mut Wire) {
    if let Wire::Handshake(_, bytes) = wire
        && bytes[0] == 14
    {
        bytes.splice(..0, [13, 0, 0, 8, 1, 64, 0, 2, 4, 3, 0, 0]);
    }
}

const CBC: &str = "TLS_RSA_WITH_AES_128_CBC_SHA";
const GCM: &str = "TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256";

#[derive(Debug)]
struct NoRandomness;

impl RandomSource for NoRandomness {
    fn fill(&self, _out: &mut [u8]) -> Result<(), CryptoError> {
        Err(CryptoError::RandomFailed)
    }
}

/// All cases except those of record sizes.
#[rustfmt::skip]
pub(crate) fn general() -> Vec<Case> {
    Vec::from(cases! {
    PeerAlert, "the server refuses", None, || {
        let (mut client, mut server) = default_pair();
        server.credential = None;
        run(&mut client, &mut server, |_, _| {});
        client
    };
    ClosedDuringHandshake, "close_notify for a ServerHello", Some(A::CLOSE_NOTIFY), || {
        tampered(default_pair(), |wire| if matches!(wire, Wire::Handshake(_, b) if b[0] == 2) {
            *wire = Wire::Alert(Alert::warning(A::CLOSE_NOTIFY));
        }).0
    };
    Aborted, "the record layer finds a bad MAC", Some(A::BAD_RECORD_MAC), || {
        let mut client = default_pair().0;
        client.start();
        client.step(Input::Abort(A::BAD_RECORD_MAC));
        client
    };
    Aborted, "before the start", Some(A::INTERNAL_ERROR), || {
        let mut client = default_pair().0;
        client.step(Input::Abort(A::INTERNAL_ERROR));
        client
    };
    BelowFloor, "a server that was not verified", Some(A::INSUFFICIENT_SECURITY), || {
        let floor = Floor { authenticated_peer: true, ..Floor::default() };
        let (mut client, server) = pair(P256, |policy| policy.floor = floor, |_| {});
        client.credulous = true;
        honest((client, server)).0
    };
    BelowFloor, "a client without a certificate", Some(A::INSUFFICIENT_SECURITY), || {
        let floor = Floor { authenticated_peer: true, ..Floor::default() };
        honest(pair(P256, |_| {}, |policy| {
            policy.client_authentication = ClientAuthentication::Request { authorities: Vec::new() };
            policy.floor = floor;
        })).1
    };
    BelowFloor, "no forward secrecy", Some(A::INSUFFICIENT_SECURITY), || {
        let floor = Floor { forward_secrecy: true, ..Floor::default() };
        honest(suite_pair_with("TLS_RSA_WITH_AES_128_GCM_SHA256", |policy| policy.floor = floor)).0
    };
    BelowFloor, "a key of 2048 bits", Some(A::INSUFFICIENT_SECURITY), || {
        let floor = Floor { bits: 128, ..Floor::default() };
        honest(suite_pair_with("TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256", |policy| policy.floor = floor)).0
    };
    UnexpectedMessage, "ServerHelloDone for a ServerHello", Some(A::UNEXPECTED_MESSAGE), || {
        tampered(default_pair(), |wire| if matches!(wire, Wire::Handshake(_, b) if b[0] == 2) {
            *wire = Wire::Handshake(Epoch::tls12(0), vec![14, 0, 0, 0]);
        }).0
    };
    UnexpectedMessage, "ChangeCipherSpec before ClientKeyExchange", Some(A::UNEXPECTED_MESSAGE), || {
        tampered(default_pair(), |wire| if matches!(wire, Wire::Handshake(_, b) if b[0] == 16) {
            *wire = Wire::ChangeCipherSpec;
        }).1
    };
    WrongEpoch, "Finished under the old keys", Some(A::UNEXPECTED_MESSAGE), || {
        tampered(default_pair(), |wire| if let Wire::Handshake(epoch, b) = wire && b[0] == 20 {
            *epoch = Epoch::tls12(0);
        }).1
    };
    SplitAcrossKeyChange, "half a message before ChangeCipherSpec", Some(A::UNEXPECTED_MESSAGE), || {
        let mut held = None;
        tampered(default_pair(), |wire| match wire {
            Wire::Handshake(_, b) if b[0] == 16 => {
                b.push(20);
                held = Some(());
            }
            Wire::Handshake(_, b) if b[0] == 20 && held.is_some() => { b.remove(0); }
            _ => {}
        }).1
    };
    MessageTooLong, "a ClientHello longer than the policy's limit", Some(A::INTERNAL_ERROR), || {
        let mut server = pair(KeySpec::EcP256, |_| {}, |server| server.limits.max_message = 65_536).1;
        server.start();
        server.receive(&Wire::Handshake(Epoch::tls12(0), vec![1, 1, 0, 1]));
        server
    };
    Decode, "a header of a ClientHello of 200 KB, longer than any can be", Some(A::DECODE_ERROR), || {
        let mut server = default_pair().1;
        server.start();
        server.receive(&Wire::Handshake(Epoch::tls12(0), vec![1, 3, 13, 64]));
        server
    };
    TooManyHelloRequests, "five in a handshake", Some(A::UNEXPECTED_MESSAGE), || {
        let mut client = default_pair().0;
        client.start();
        client.receive(&Wire::Handshake(Epoch::tls12(0), vec![0; 20]));
        client
    };
    TooManyHelloRequests, "five after it", Some(A::UNEXPECTED_MESSAGE), || {
        let (mut client, _) = honest(default_pair());
        client.receive(&Wire::Handshake(Epoch::tls12(1), vec![0; 20]));
        client
    };
    Decode, "a byte behind ClientHello", Some(A::DECODE_ERROR), || {
        tampered(default_pair(), |wire| body(wire, H::CLIENT_HELLO, |body| body.push(0))).1
    };
    Decode, "a byte in ServerHelloDone", Some(A::DECODE_ERROR), || {
        tampered(default_pair(), |wire| body(wire, H::SERVER_HELLO_DONE, |body| body.push(0))).0
    };
    Decode, "an extension twice", Some(A::DECODE_ERROR), || {
        client_of(|parts| { let again = parts.extensions[0]; parts.extensions.push(again); })
    };
    Decode, "a Finished of 13 bytes", Some(A::DECODE_ERROR), || {
        tampered(default_pair(), |wire| body(wire, H::FINISHED, |body| body.push(0))).1
    };
    Decode, "a Finished of 11 bytes", Some(A::DECODE_ERROR), || {
        tampered(default_pair(), |wire| body(wire, H::FINISHED, |body| { body.pop(); })).1
    };
    Decode, "explicit curve parameters", Some(A::ILLEGAL_PARAMETER), || {
        tampered(default_pair(), |wire| body(wire, H::SERVER_KEY_EXCHANGE, |body| body[0] = 1)).0
    };
    Decode, "two application protocols chosen", Some(A::DECODE_ERROR), || {
        let protocols = || vec![b"h2".to_vec()];
        let ends = pair(P256, |c| c.alpn_protocols = protocols(), |s| s.alpn_protocols = protocols());
        tampered(ends, |wire| body(wire, H::SERVER_HELLO, |body| {
            let at = body.windows(5).position(|w| w == [0, 3, 2, b'h', b'2']).unwrap();
            body.splice(at..at + 5, [0, 6, 2, b'h', b'2', 2, b'h', b'2']);
            body[at - 1] += 3;
            let all = body.len() - 2 - 32 - 1 - usize::from(body[34]) - 3 - 2;
            let length_at = 2 + 32 + 1 + usize::from(body[34]) + 3;
            body[length_at + 1] = u8::try_from(all).unwrap();
        })).0
    };
    Decode, "HelloRequest with a body", Some(A::DECODE_ERROR), || {
        let mut client = default_pair().0;
        client.start();
        client.receive(&Wire::Handshake(Epoch::tls12(0), vec![0, 0, 0, 1, 0]));
        client
    };
    Decode, "HelloRequest with a body, after the handshake", Some(A::DECODE_ERROR), || {
        let (mut client, _) = honest(default_pair());
        client.receive(&Wire::Handshake(Epoch::tls12(1), vec![0, 0, 0, 1, 0]));
        client
    };
    Decode, "a broken ClientHello after the handshake", Some(A::DECODE_ERROR), || {
        let (_, mut server) = honest(default_pair());
        server.receive(&Wire::Handshake(Epoch::tls12(1), vec![1, 0, 0, 1, 0]));
        server
    };
    Decode, "CertificateRequest without certificate types", Some(A::DECODE_ERROR), || {
        tampered(mutual_pair(P256, P256, |_| {}, |_| {}), |wire| body(wire, H::CERTIFICATE_REQUEST, |body| {
            *body = vec![0, 0, 2, 4, 3, 0, 0];
        })).0
    };
    Decode, "CertificateRequest without signature algorithms", Some(A::DECODE_ERROR), || {
        tampered(mutual_pair(P256, P256, |_| {}, |_| {}), |wire| body(wire, H::CERTIFICATE_REQUEST, |body| {
            *body = vec![1, 64, 0, 0, 0, 0];
        })).0
    };
    VersionNotSupported, "a client of TLS 1.1", Some(A::PROTOCOL_VERSION), || {
        server_of(|parts| parts.hello.client_version = ProtocolVersion(0x0302))
    };
    InappropriateFallback, "a client that fell back to TLS 1.1", Some(A::INAPPROPRIATE_FALLBACK), || {
        server_of(|parts| {
            parts.hello.client_version = ProtocolVersion(0x0302);
            parts.suites.push(CipherSuite::TLS_FALLBACK_SCSV);
        })
    };
    VersionNotSupported, "supported_versions with TLS 1.3 alone", Some(A::PROTOCOL_VERSION), || {
        server_of(|parts| parts.extensions.push(ClientExtension::SupportedVersions(List::from_items(&[
            ProtocolVersion(0x0304),
        ]))))
    };
    VersionNotSupported, "a client of SSL 3.0", Some(A::PROTOCOL_VERSION), || {
        server_of(|parts| parts.hello.client_version = ProtocolVersion(0x0300))
    };
    VersionNotSupported, "a server that chooses SSL 3.0", Some(A::PROTOCOL_VERSION), || {
        client_of(|parts| parts.hello.server_version = ProtocolVersion(0x0300))
    };
    VersionNotSupported, "a server that chooses TLS 1.1", Some(A::PROTOCOL_VERSION), || {
        client_of(|parts| parts.hello.server_version = ProtocolVersion(0x0302))
    };
    VersionNotSupported, "a server that chooses TLS 1.3", Some(A::PROTOCOL_VERSION), || {
        client_of(|parts| parts.hello.server_version = ProtocolVersion(0x0304))
    };
    NoSharedCipherSuite, "unknown suites", Some(A::HANDSHAKE_FAILURE), || {
        server_of(|parts| parts.suites = vec![CipherSuite(0x0a0a), CipherSuite::TLS_FALLBACK_SCSV,
            CipherSuite::TLS_EMPTY_RENEGOTIATION_INFO_SCSV])
    };
    NoSharedCipherSuite, "no group in common", Some(A::HANDSHAKE_FAILURE), || {
        server_of(|parts| {
            parts.remove(ExtensionType::SUPPORTED_GROUPS);
            parts.extensions.push(ClientExtension::SupportedGroups(List::from_items(&[
                NamedGroup::FFDHE2048, NamedGroup(0x1a1a),
            ])));
        })
    };
    NoSharedCipherSuite, "a curve for the exchange alone", Some(A::HANDSHAKE_FAILURE), || {
        server_of(|parts| {
            parts.remove(ExtensionType::SUPPORTED_GROUPS);
            parts.extensions.push(ClientExtension::SupportedGroups(List::from_items(&[NamedGroup::X25519])));
        })
    };
    NoSharedCipherSuite, "no signature_algorithms, which means SHA-1", Some(A::HANDSHAKE_FAILURE), || {
        server_of(|parts| parts.remove(ExtensionType::SIGNATURE_ALGORITHMS))
    };
    NoSharedCipherSuite, "signature schemes for other keys only", Some(A::HANDSHAKE_FAILURE), || {
        let schemes = vec![SignatureScheme::RSA_PKCS1_SHA256];
        honest(pair(P256, |client| client.signature_schemes = schemes, |_| {})).1
    };
    NoSharedCipherSuite, "suites for other keys only", Some(A::HANDSHAKE_FAILURE), || {
        honest(pair(KeySpec::Rsa { bits: 2048 }, |client| client.tls12.suites.truncate(1), |_| {})).1
    };
    NoSharedCipherSuite, "no uncompressed points, and no curves either", Some(A::HANDSHAKE_FAILURE), || {
        server_of(|parts| {
            parts.remove(ExtensionType::SUPPORTED_GROUPS);
            parts.remove(ExtensionType::EC_POINT_FORMATS);
            parts.extensions.push(ClientExtension::EcPointFormats(List::from_items(&[EcPointFormat(1)])));
        })
    };
    NoSharedField, "a group not accepted, and no suite without one", Some(A::INSUFFICIENT_SECURITY), || {
        name_field(suite_pair("TLS_DHE_RSA_WITH_AES_128_GCM_SHA256"), NamedGroup::FFDHE4096)
    };
    NoSharedField, "an unknown field", Some(A::INSUFFICIENT_SECURITY), || {
        name_field(suite_pair("TLS_DH_anon_WITH_AES_128_GCM_SHA256"), NamedGroup(0x01fc))
    };
    NoSharedField, "a suite without a group, for another key", Some(A::INSUFFICIENT_SECURITY), || {
        let suites = || ["TLS_DHE_RSA_WITH_AES_128_GCM_SHA256", "TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256"];
        let suites = || suites().map(named_suite).to_vec();
        let ends = pair(
            KeySpec::Rsa { bits: 2048 },
            |client| client.tls12.suites = suites(),
            |server| server.tls12.suites = suites(),
        );
        tampered(ends, |wire| client_hello(wire, |parts| {
            parts.remove(ExtensionType::SUPPORTED_GROUPS);
            parts.extensions.push(ClientExtension::SupportedGroups(List::from_items(&[
                NamedGroup::X25519, NamedGroup::SECP256R1, NamedGroup(0x01fc),
            ])));
        })).1
    };
    NoSharedApplicationProtocol, "h2 against http/1.1", Some(A::NO_APPLICATION_PROTOCOL), || {
        honest(pair(P256, |client| client.alpn_protocols = vec![b"h2".to_vec()],
            |server| server.alpn_protocols = vec![b"http/1.1".to_vec()])).1
    };
    CipherSuiteNotOffered, "TLS_RSA_WITH_NULL_MD5", Some(A::ILLEGAL_PARAMETER), || {
        client_of(|parts| parts.hello.cipher_suite = CipherSuite(0x0001))
    };
    CipherSuiteNotOffered, "a suite of ours that this client does not offer", Some(A::ILLEGAL_PARAMETER), || {
        let ends = pair(P256, |client| client.tls12.suites.truncate(1), |_| {});
        tampered(ends, |wire| server_hello(wire, |parts| parts.hello.cipher_suite = SUITES[2].id)).0
    };
    CompressionNotOffered, "the server chooses DEFLATE", Some(A::ILLEGAL_PARAMETER), || {
        client_of(|parts| parts.hello.compression_method = CompressionMethod(1))
    };
    NullCompressionMissing, "the client offers DEFLATE alone", Some(A::ILLEGAL_PARAMETER), || {
        server_of(|parts| parts.compression = vec![CompressionMethod(1)])
    };
    GroupNotOffered, "P-256 for a client of X25519 and P-384", Some(A::ILLEGAL_PARAMETER), || {
        let groups = vec![NamedGroup::X25519, NamedGroup::SECP384R1];
        tampered(pair(KeySpec::EcP384, |client| client.groups = groups, |_| {}), |wire| {
            body(wire, H::SERVER_KEY_EXCHANGE, |body| body[2] = 23);
        }).0
    };
    GroupNotOffered, "a field for a curve", Some(A::ILLEGAL_PARAMETER), || {
        let with_a_field = vec![NamedGroup::X25519, NamedGroup::SECP256R1, NamedGroup::FFDHE2048];
        tampered(pair(P256, |client| client.groups = with_a_field, |_| {}), |wire| {
            body(wire, H::SERVER_KEY_EXCHANGE, |body| body[1..3].copy_from_slice(&[1, 0]));
        }).0
    };
    CertificateCurveNotOffered, "a P-384 certificate for a client of X25519", Some(A::ILLEGAL_PARAMETER), || {
        // The server does not receive supported_groups, so it cannot know that the client refuses P-384.
        let of_x25519 = vec![NamedGroup::X25519];
        let ends = pair(KeySpec::EcP384, |client| client.groups = of_x25519.clone(), |server| {
            server.groups = of_x25519.clone();
        });
        tampered(ends, |wire| client_hello(wire, |parts| {
            parts.remove(ExtensionType::SUPPORTED_GROUPS);
        })).0
    };
    ApplicationProtocolNotOffered, "the server chooses another", Some(A::ILLEGAL_PARAMETER), || {
        let protocols = || vec![b"h2".to_vec()];
        let ends = pair(P256, |c| c.alpn_protocols = protocols(), |s| s.alpn_protocols = protocols());
        tampered(ends, |wire| server_hello(wire, |parts| {
            parts.remove(ExtensionType::APPLICATION_LAYER_PROTOCOL_NEGOTIATION);
            parts.extensions.push(ServerExtension::ApplicationLayerProtocolNegotiation(ProtocolName(b"h3")));
        })).0
    };
    SchemeNotOffered, "SHA-1 by the server", Some(A::ILLEGAL_PARAMETER), || {
        tampered(default_pair(), |wire| body(wire, H::SERVER_KEY_EXCHANGE, |body| {
            let at = 4 + usize::from(body[3]);
            body[at..at + 2].copy_from_slice(&[2, 3]);
        })).0
    };
    SchemeNotOffered, "SHA-1 by the client", Some(A::ILLEGAL_PARAMETER), || {
        tampered(mutual_pair(P256, P256, |_| {}, |_| {}), |wire| body(wire, H::CERTIFICATE_VERIFY, |body| {
            body[..2].copy_from_slice(&[2, 3]);
        })).1
    };
    SchemeNotForKey, "RSA with an EC key", Some(A::ILLEGAL_PARAMETER), || {
        tampered(default_pair(), |wire| body(wire, H::SERVER_KEY_EXCHANGE, |body| {
            let at = 4 + usize::from(body[3]);
            body[at..at + 2].copy_from_slice(&[4, 1]);
        })).0
    };
    SchemeNotForKey, "RSA with the client's EC key", Some(A::ILLEGAL_PARAMETER), || {
        tampered(mutual_pair(P256, P256, |_| {}, |_| {}), |wire| body(wire, H::CERTIFICATE_VERIFY, |body| {
            body[..2].copy_from_slice(&[4, 1]);
        })).1
    };
    SchemeNotForKey, "ECDSA with an Ed25519 key", Some(A::ILLEGAL_PARAMETER), || {
        tampered(pair(KeySpec::Ed25519, |_| {}, |_| {}), |wire| body(wire, H::SERVER_KEY_EXCHANGE, |body| {
            let at = 4 + usize::from(body[3]);
            assert_eq!(body[at..at + 2], [8, 7]);
            body[at..at + 2].copy_from_slice(&[4, 3]);
        })).0
    };
    SchemeNotForKey, "Ed25519 with an EC key", Some(A::ILLEGAL_PARAMETER), || {
        tampered(default_pair(), |wire| body(wire, H::SERVER_KEY_EXCHANGE, |body| {
            let at = 4 + usize::from(body[3]);
            body[at..at + 2].copy_from_slice(&[8, 7]);
        })).0
    };
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
        let client = End::new(client);
        tampered((client, server), |wire| server_hello(wire, |parts| {
            parts.extensions.push(ServerExtension::ServerName);
        })).0
    };
    ExtensionNotAllowed, "signature_algorithms in ServerHello", Some(A::ILLEGAL_PARAMETER), || {
        client_of(|parts| parts.extensions.push(ServerExtension::Unknown {
            extension_type: ExtensionType::SIGNATURE_ALGORITHMS, data: &[0, 2, 4, 3],
        }))
    };
    BadServerName, "a name with a zero byte", Some(A::ILLEGAL_PARAMETER), || {
        server_of(|parts| {
            parts.remove(ExtensionType::SERVER_NAME);
            parts.extensions.push(ClientExtension::ServerName(List::from_items(&[
                ServerName { name_type: NameType::HOST_NAME, name: b"cairn.example\0.evil" },
            ])));
        })
    };
    BadAlertLevel, "an alert of level 3", Some(A::ILLEGAL_PARAMETER), || {
        let mut client = default_pair().0;
        client.start();
        client.step(Input::Alert(Alert { level: AlertLevel(3), description: A::CLOSE_NOTIFY }));
        client
    };
    NoUncompressedPoints, "by the client", Some(A::ILLEGAL_PARAMETER), || {
        server_of(|parts| {
            parts.remove(ExtensionType::EC_POINT_FORMATS);
            parts.extensions.push(ClientExtension::EcPointFormats(List::from_items(&[EcPointFormat(1)])));
        })
    };
    NoUncompressedPoints, "by a client that could do without curves", Some(A::ILLEGAL_PARAMETER), || {
        let suites = || {
            [
                named_suite("TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256"),
                named_suite("TLS_DHE_RSA_WITH_AES_128_GCM_SHA256"),
                named_suite("TLS_RSA_WITH_AES_128_GCM_SHA256"),
            ]
        };
        let rsa = KeySpec::Rsa { bits: 2048 };
        let pair = pair(
            rsa,
            |client| client.tls12.suites = suites().into(),
            |server| server.tls12.suites = suites().into(),
        );
        let unfit = |wire: &mut Wire| {
            client_hello(wire, |parts| {
                parts.remove(ExtensionType::EC_POINT_FORMATS);
                parts.extensions.push(ClientExtension::EcPointFormats(List::from_items(&[EcPointFormat(1)])));
            });
        };
        tampered(pair, unfit).1
    };
    NoUncompressedPoints, "by the server", Some(A::ILLEGAL_PARAMETER), || {
        client_of(|parts| {
            parts.remove(ExtensionType::EC_POINT_FORMATS);
            parts.extensions.push(ServerExtension::EcPointFormats(List::from_items(&[EcPointFormat(1)])));
        })
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
    EmptyCertificateList, "by the server", Some(A::DECODE_ERROR), || {
        tampered(default_pair(), |wire| body(wire, H::CERTIFICATE, |body| *body = vec![0, 0, 0])).0
    };
    RequestByAnonymousServer, "with DH_anon", Some(A::HANDSHAKE_FAILURE), || {
        tampered(suite_pair("TLS_DH_anon_WITH_AES_128_GCM_SHA256"), ask_for_a_certificate).0
    };
    UnexpectedMessage, "CertificateRequest with a pre-shared key", Some(A::UNEXPECTED_MESSAGE), || {
        tampered(suite_pair("TLS_DHE_PSK_WITH_AES_128_GCM_SHA256"), ask_for_a_certificate).0
    };
    UnexpectedMessage, "CertificateRequest twice", Some(A::UNEXPECTED_MESSAGE), || {
        tampered(mutual_pair(P256, P256, |_| {}, |_| {}), ask_for_a_certificate).0
    };
    CertificateRequired, "the client has none", Some(A::HANDSHAKE_FAILURE), || {
        honest(pair(P256, |_| {}, |server| {
            server.client_authentication = ClientAuthentication::Require { authorities: Vec::new() };
        })).1
    };
    PeerRejected, "by the client, for its authority", Some(A::UNKNOWN_CA), || {
        let (mut client, mut server) = default_pair();
        client.peer_key = None;
        run(&mut client, &mut server, |_, _| {});
        client
    };
    PeerRejected, "by the server, for its authority", Some(A::UNKNOWN_CA), || {
        let (mut client, mut server) = mutual_pair(P256, P256, |_| {}, |_| {});
        server.peer_key = None;
        run(&mut client, &mut server, |_, _| {});
        server
    };
    WrongKeyForSuite, "an RSA key for an ECDSA suite", Some(A::UNSUPPORTED_CERTIFICATE), || {
        let (mut client, mut server) = default_pair();
        client.peer_key = Some(PublicKey { kind: KeyKind::Rsa, bits: vec![] });
        run(&mut client, &mut server, |_, _| {});
        client
    };
    WrongKeyForSuite, "an Ed25519 key for an RSA suite", Some(A::UNSUPPORTED_CERTIFICATE), || {
        let (mut client, mut server) = pair(KeySpec::Rsa { bits: 2048 }, |_| {}, |_| {});
        client.peer_key = Some(credential(KeySpec::Ed25519).1);
        run(&mut client, &mut server, |_, _| {});
        client
    };
    KeyMayNotSign, "the server's", Some(A::UNSUPPORTED_CERTIFICATE), || {
        let (mut client, mut server) = default_pair();
        client.may_sign = false;
        run(&mut client, &mut server, |_, _| {});
        client
    };
    SchemeNotForKey, "another scheme than the only one of the key", Some(A::ILLEGAL_PARAMETER), || {
        let (mut client, mut server) = default_pair();
        client.only_scheme = Some(SignatureScheme::RSA_PSS_PSS_SHA256);
        run(&mut client, &mut server, |_, _| {});
        client
    };
    KeyMayNotSign, "the client's", Some(A::UNSUPPORTED_CERTIFICATE), || {
        let (mut client, mut server) = mutual_pair(P256, P256, |_| {}, |_| {});
        server.may_sign = false;
        run(&mut client, &mut server, |_, _| {});
        server
    };
    BadSignature, "of ServerKeyExchange", Some(A::DECRYPT_ERROR), || {
        tampered(default_pair(), |wire| {
            body(wire, H::SERVER_KEY_EXCHANGE, |body| *body.last_mut().unwrap() ^= 1);
        }).0
    };
    BadSignature, "of CertificateVerify", Some(A::DECRYPT_ERROR), || {
        tampered(mutual_pair(P256, P256, |_| {}, |_| {}), |wire| {
            body(wire, H::CERTIFICATE_VERIFY, |body| *body.last_mut().unwrap() ^= 1);
        }).1
    };
    BadSignature, "with another server's random", Some(A::DECRYPT_ERROR), || {
        client_of(|parts| parts.hello.random.0[0] ^= 1)
    };
    WrongFinished, "by the client", Some(A::DECRYPT_ERROR), || {
        tampered(default_pair(), |wire| if let Wire::Handshake(epoch, _) = *wire && epoch == Epoch::tls12(1) {
            body(wire, H::FINISHED, |body| body[0] ^= 1);
        }).1
    };
    WrongFinished, "by the server, in a resumption", Some(A::DECRYPT_ERROR), || {
        tampered(resuming_pair(|_| {}, |_| {}), |wire| body(wire, H::FINISHED, |body| body[11] ^= 1)).0
    };
    BadPeerShare, "a point that is on no curve", Some(A::ILLEGAL_PARAMETER), || {
        let ends = pair(P256, |client| client.groups = vec![NamedGroup::SECP256R1], |_| {});
        tampered(ends, |wire| body(wire, H::CLIENT_KEY_EXCHANGE, |body| body[10] ^= 1)).1
    };
    BadPeerShare, "zero on X25519", Some(A::ILLEGAL_PARAMETER), || {
        tampered(default_pair(), |wire| body(wire, H::CLIENT_KEY_EXCHANGE, |body| body[1..].fill(0))).1
    };
    BadPeerShare, "a share of the wrong length", Some(A::ILLEGAL_PARAMETER), || {
        tampered(default_pair(), |wire| body(wire, H::CLIENT_KEY_EXCHANGE, |body| *body = vec![1, 4])).1
    };
    BadFieldShare, "the server sends 1", Some(A::HANDSHAKE_FAILURE), || {
        tampered(suite_pair("TLS_DH_anon_WITH_AES_128_GCM_SHA256"), |wire| {
            body(wire, H::SERVER_KEY_EXCHANGE, |body| last_is_one(body, 256));
        }).0
    };
    BadFieldShare, "the client sends 1", Some(A::HANDSHAKE_FAILURE), || {
        tampered(suite_pair("TLS_DHE_RSA_WITH_AES_128_GCM_SHA256"), |wire| {
            body(wire, H::CLIENT_KEY_EXCHANGE, |body| last_is_one(body, 256));
        }).1
    };
    FieldTooSmall, "ffdhe2048 for a client that requires 3072 bits", Some(A::INSUFFICIENT_SECURITY), || {
        // A server without support for RFC 7919 chooses any group.
        let ends = suite_pair_with("TLS_DHE_RSA_WITH_AES_128_GCM_SHA256", |client| {
            client.tls12.finite_field_bits = 2049..=8192;
        });
        tampered(ends, |wire| client_hello(wire, |parts| parts.remove(ExtensionType::SUPPORTED_GROUPS))).0
    };
    FieldTooLarge, "ffdhe2048 for a client that accepts only shorter primes", Some(A::ILLEGAL_PARAMETER), || {
        honest(suite_pair_with("TLS_DHE_RSA_WITH_AES_128_GCM_SHA256", |client| {
            client.tls12.finite_field_bits = 0..=2047;
        })).0
    };
    KeyMayNotEncrypt, "RSA key exchange, certificate for signatures", Some(A::UNSUPPORTED_CERTIFICATE), || {
        let (mut client, server) = suite_pair("TLS_RSA_WITH_AES_128_GCM_SHA256");
        client.may_encrypt = false;
        honest((client, server)).0
    };
    NoPsk, "the client has none", Some(A::HANDSHAKE_FAILURE), || {
        let (mut client, server) = suite_pair("TLS_PSK_WITH_AES_128_GCM_SHA256");
        client.psk = None;
        honest((client, server)).0
    };
    UnknownPskIdentity, "the server has none", Some(A::UNKNOWN_PSK_IDENTITY), || {
        let (client, mut server) = suite_pair("TLS_ECDHE_PSK_WITH_AES_128_GCM_SHA256");
        server.psk = None;
        honest((client, server)).1
    };
    UnknownPskIdentity, "the key is empty", Some(A::UNKNOWN_PSK_IDENTITY), || {
        let (client, mut server) = suite_pair("TLS_RSA_PSK_WITH_AES_128_GCM_SHA256");
        server.psk.as_mut().unwrap().key = cairn_crypto::SecretBytes::new(Vec::new());
        honest((client, server)).1
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
    WrongRenegotiationInfo, "by a client after a handshake", Some(A::HANDSHAKE_FAILURE), || {
        renegotiated(GCM, |_, _| {}, |wire| client_hello(wire, |parts| {
            parts.remove(ExtensionType::RENEGOTIATION_INFO);
            parts.extensions.push(ClientExtension::RenegotiationInfo(&[1; 12]));
        })).1
    };
    WrongRenegotiationInfo, "none by a client after a handshake", Some(A::HANDSHAKE_FAILURE), || {
        renegotiated(GCM, |_, _| {}, |wire| client_hello(wire, |parts| {
            parts.remove(ExtensionType::RENEGOTIATION_INFO);
        })).1
    };
    WrongRenegotiationInfo, "empty by a client after a handshake", Some(A::HANDSHAKE_FAILURE), || {
        renegotiated(GCM, |_, _| {}, |wire| client_hello(wire, |parts| {
            parts.remove(ExtensionType::RENEGOTIATION_INFO);
            parts.extensions.push(ClientExtension::RenegotiationInfo(&[]));
        })).1
    };
    WrongRenegotiationInfo, "the SCSV too, after a handshake", Some(A::HANDSHAKE_FAILURE), || {
        renegotiated(GCM, |_, _| {}, |wire| client_hello(wire, |parts| {
            parts.suites.push(CipherSuite::TLS_EMPTY_RENEGOTIATION_INFO_SCSV);
        })).1
    };
    WrongRenegotiationInfo, "by a server after a handshake", Some(A::HANDSHAKE_FAILURE), || {
        renegotiated(GCM, |_, _| {}, |wire| server_hello(wire, |parts| {
            parts.remove(ExtensionType::RENEGOTIATION_INFO);
            parts.extensions.push(ServerExtension::RenegotiationInfo(&[1; 24]));
        })).0
    };
    WrongRenegotiationInfo, "none by a server after a handshake", Some(A::HANDSHAKE_FAILURE), || {
        renegotiated(GCM, |_, _| {}, |wire| server_hello(wire, |parts| {
            parts.remove(ExtensionType::RENEGOTIATION_INFO);
        })).0
    };
    EncryptThenMacDropped, "by a client after a handshake", Some(A::HANDSHAKE_FAILURE), || {
        renegotiated(CBC, |_, _| {}, |wire| client_hello(wire, |parts| {
            parts.remove(ExtensionType::ENCRYPT_THEN_MAC);
        })).1
    };
    EncryptThenMacDropped, "by a server after a handshake", Some(A::HANDSHAKE_FAILURE), || {
        renegotiated(CBC, |_, _| {}, |wire| server_hello(wire, |parts| {
            parts.remove(ExtensionType::ENCRYPT_THEN_MAC);
        })).0
    };
    ExtendedMasterSecretChanged, "by a client after a handshake", Some(A::HANDSHAKE_FAILURE), || {
        renegotiated(GCM, |_, _| {}, |wire| client_hello(wire, |parts| {
            parts.remove(ExtensionType::EXTENDED_MASTER_SECRET);
        })).1
    };
    ExtendedMasterSecretChanged, "by a server after a handshake", Some(A::HANDSHAKE_FAILURE), || {
        renegotiated(GCM, |_, _| {}, |wire| server_hello(wire, |parts| {
            parts.remove(ExtensionType::EXTENDED_MASTER_SECRET);
        })).0
    };
    ServerNameChanged, "after a handshake", Some(A::ILLEGAL_PARAMETER), || {
        renegotiated(GCM, |_, _| {}, |wire| client_hello(wire, |parts| {
            parts.remove(ExtensionType::SERVER_NAME);
        })).1
    };
    PeerIdentityChanged, "another server certificate after a handshake", Some(A::ILLEGAL_PARAMETER), || {
        renegotiated(GCM, |_, server| {
            let mut other = (**server.credential.as_ref().unwrap()).clone();
            other.chain = CertificateChain::new(&[b"another end entity", b"intermediate"]).unwrap();
            server.credential = Some(Arc::new(other));
        }, |_| {}).0
    };
    PeerIdentityChanged, "another pre-shared key after a handshake", Some(A::ILLEGAL_PARAMETER), || {
        renegotiated("TLS_PSK_WITH_AES_128_GCM_SHA256", |client, server| {
            for end in [client, server] {
                end.psk.as_mut().unwrap().identity = b"another".to_vec();
            }
        }, |_| {}).1
    };
    PeerIdentityChanged, "no client certificate after a handshake", Some(A::ILLEGAL_PARAMETER), || {
        let allow = |renegotiation: &mut Renegotiation| *renegotiation = Renegotiation::Allowed;
        let (mut client, mut server) = mutual_pair(
            P256,
            P256,
            |policy| allow(&mut policy.tls12.renegotiation),
            |policy| {
                allow(&mut policy.tls12.renegotiation);
                policy.client_authentication = ClientAuthentication::Request { authorities: vec![] };
            },
        );
        run(&mut client, &mut server, |_, _| {});
        client.credential = None;
        server.step(Input::Renegotiate { now: NOW });
        go_on(&mut client, &mut server, |_, _| {});
        server
    };
    TooManyHelloRequests, "hellos that are refused after a handshake", Some(A::UNEXPECTED_MESSAGE), || {
        let (mut client, mut server) =
            pair(P256, |policy| policy.tls12.renegotiation = Renegotiation::Requested, |_| {});
        run(&mut client, &mut server, |_, _| {});
        for _ in 0..5 {
            client.step(Input::Renegotiate { now: NOW });
            go_on(&mut client, &mut server, |_, _| {});
        }
        server
    };
    RenegotiationRefused, "of a certificate requested after a handshake", Some(A::HANDSHAKE_FAILURE), || {
        let (mut client, mut server) =
            pair(P256, |_| {}, |policy| policy.tls12.renegotiation = Renegotiation::Requested);
        run(&mut client, &mut server, |_, _| {});
        let mut policy = support::server_policy();
        policy.tls12.renegotiation = Renegotiation::Requested;
        policy.client_authentication = ClientAuthentication::Require { authorities: vec![] };
        server.machine.set_server_policy(policy.into()).unwrap();
        server.step(Input::Renegotiate { now: NOW });
        go_on(&mut client, &mut server, |_, _| {});
        server
    };
    RenegotiationTimedOut, "no answer to a hello after a handshake", Some(A::HANDSHAKE_FAILURE), || {
        let (mut client, mut server) =
            pair(P256, |policy| policy.tls12.renegotiation = Renegotiation::Requested, |_| {});
        run(&mut client, &mut server, |_, _| {});
        client.step(Input::Renegotiate { now: NOW });
        client.step(Input::Time { now: UnixTime::from_secs(NOW.as_secs() + 61) });
        client
    };
    NoCredential, "the server has none", Some(A::HANDSHAKE_FAILURE), || {
        let (mut client, mut server) = default_pair();
        server.credential = None;
        run(&mut client, &mut server, |_, _| {});
        server
    };
    QuestionFailed, "the signer fails", Some(A::INTERNAL_ERROR), || {
        let (mut client, mut server) = default_pair();
        server.fails = Some("Sign");
        run(&mut client, &mut server, |_, _| {});
        server
    };
    Crypto, "no randomness for a client", Some(A::INTERNAL_ERROR), || {
        honest(pair(P256, |client| client.provider.random = Arc::new(NoRandomness), |_| {})).0
    };
    Crypto, "no randomness for a server", Some(A::INTERNAL_ERROR), || {
        honest(pair(P256, |_| {}, |server| server.provider.random = Arc::new(NoRandomness))).1
    };
    Encode, "an authority without a name", Some(A::INTERNAL_ERROR), || {
        honest(pair(P256, |_| {}, |server| {
            server.client_authentication = ClientAuthentication::Request { authorities: vec![vec![]] };
        })).1
    };
    NotInProvider, "no HMAC", Some(A::INTERNAL_ERROR), || {
        honest(pair(P256, |client| client.provider.hmacs.clear(), |_| {})).0
    };
    NotInProvider, "no hash", Some(A::INTERNAL_ERROR), || {
        honest(pair(P256, |_| {}, |server| server.provider.hashes.clear())).1
    };
    })
}
