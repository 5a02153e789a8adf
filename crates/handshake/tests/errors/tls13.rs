//! The modification of a handshake of TLS 1.3 for each kind of error that only it has.

use crate::{
    case::{Case, P256, honest, tampered},
    support::{
        End, Fields, Wire, certificate_with_psk_pair, client_accepts,
        compression::words,
        delegated, delegated_pair, early_data_pair,
        edit::{body, message},
        later_pair, raw, retried_pair, tls13_mutual_pair, tls13_pair, tls13_resuming_pair,
    },
};
use cairn_crypto::KeySpec;
use cairn_handshake::{
    CertificateChain, ClientAuthentication, ClientPolicy, Credential, Input, ServerPolicy,
};
use cairn_wire::{
    AlertDescription as A, CertificateType, CipherSuite, ExtensionType as X, HandshakeType as H, NamedGroup,
    SignatureScheme, SignatureScheme as S,
};
use std::sync::Arc;

fn default_pair() -> (End, End) {
    tls13_pair(P256, |_| {}, |_| {})
}

/// The client of a handshake in which the server presents this delegated credential.
fn delegated_with(fields: &Fields) -> End {
    let encoded = fields.encode();
    let change = |message: &mut raw::Certificate| message.entries[0].1.set(X::DELEGATED_CREDENTIAL, &encoded);
    tampered(delegated_pair(), |wire| raw::certificate(wire, change)).0
}

/// The server of a handshake with certificates and an external PSK whose ClientHello is rewritten.
fn with_psk_hello(edit: impl Fn(&mut raw::ClientHello)) -> End {
    let pair = certificate_with_psk_pair(|_| {}, |_| {});
    tampered(pair, |wire| raw::client_hello(wire, &edit)).1
}

/// Puts an extension before pre_shared_key.
fn before_psks(extensions: &mut raw::Extensions, extension_type: X, data: &[u8]) {
    let psks = extensions.get(X::PRE_SHARED_KEY).unwrap().to_vec();
    extensions.set(extension_type, data);
    extensions.set(X::PRE_SHARED_KEY, &psks);
}

/// The server of a handshake whose second ClientHello is rewritten.
fn second_hello(edit: impl Fn(&mut raw::ClientHello)) -> End {
    let mut hellos = 0;
    let tamper = |wire: &mut Wire| {
        raw::client_hello(wire, |hello| {
            hellos += 1;
            if hellos == 2 {
                edit(hello);
            }
        });
    };
    tampered(retried_pair(|_| {}, |_| {}), tamper).1
}

/// The client of a handshake whose ServerHello follows HelloRetryRequest and is rewritten.
fn second_server_hello(edit: impl Fn(&mut raw::ServerHello)) -> End {
    tampered(retried_pair(|_| {}, |_| {}), |wire| raw::server_hello(wire, &edit)).0
}

/// The client of a handshake whose CompressedCertificate is rewritten.
fn compressed(change: impl Fn(&mut Vec<u8>)) -> End {
    let ends = tls13_pair(
        P256,
        |client| client.tls13.certificate_compression = words(),
        |server| server.tls13.certificate_compression = words(),
    );
    tampered(ends, |wire| body(wire, H::COMPRESSED_CERTIFICATE, &change)).0
}

#[rustfmt::skip]
pub(crate) fn cases() -> Vec<Case> {
    Vec::from(cases! {
    MissingExtension, "ServerHello without key_share", Some(A::MISSING_EXTENSION), || {
        tampered(default_pair(), |wire| raw::server_hello(wire, |hello| {
            hello.extensions.remove(X::KEY_SHARE);
        })).0
    };
    MissingExtension, "ClientHello without signature_algorithms", Some(A::MISSING_EXTENSION), || {
        tampered(default_pair(), |wire| raw::client_hello(wire, |hello| {
            hello.extensions.remove(X::SIGNATURE_ALGORITHMS);
        })).1
    };
    Decode, "signature_algorithms in EncryptedExtensions", Some(A::ILLEGAL_PARAMETER), || {
        tampered(default_pair(), |wire| raw::encrypted_extensions(wire, |extensions| {
            extensions.add(X::SIGNATURE_ALGORITHMS, &[0, 2, 4, 3]);
        })).0
    };
    Extension, "an unsolicited application protocol", Some(A::UNSUPPORTED_EXTENSION), || {
        tampered(default_pair(), |wire| raw::encrypted_extensions(wire, |extensions| {
            extensions.add(X::APPLICATION_LAYER_PROTOCOL_NEGOTIATION, &[0, 3, 2, b'h', b'2']);
        })).0
    };
    SessionIdNotEchoed, "another session ID", Some(A::ILLEGAL_PARAMETER), || {
        tampered(default_pair(), |wire| raw::server_hello(wire, |hello| hello.session_id[0] ^= 1)).0
    };
    UnknownSessionResumed, "a server of TLS 1.2 repeats the session ID", Some(A::ILLEGAL_PARAMETER), || {
        let mut sent = Vec::new();
        tampered(tls13_pair(P256, |_| {}, |server| server.tls13.suites.clear()), |wire| {
            raw::client_hello(wire, |hello| sent.clone_from(&hello.session_id));
            raw::server_hello(wire, |hello| hello.session_id.clone_from(&sent));
        }).0
    };
    Downgraded, "supported_versions is removed on the way", Some(A::ILLEGAL_PARAMETER), || {
        tampered(default_pair(), |wire| raw::client_hello(wire, |hello| {
            hello.extensions.remove(X::SUPPORTED_VERSIONS);
        })).0
    };
    WrongLegacyVersion, "ServerHello of TLS 1.3 with the number of TLS 1.3", Some(A::PROTOCOL_VERSION), || {
        tampered(default_pair(), |wire| raw::server_hello(wire, |hello| hello.version = 0x0304)).0
    };
    WrongLegacyVersion, "ClientHello of TLS 1.3 with the number of TLS 1.3", Some(A::PROTOCOL_VERSION), || {
        tampered(default_pair(), |wire| raw::client_hello(wire, |hello| hello.version = 0x0304)).1
    };
    VersionNotOffered, "HelloRetryRequest chooses TLS 1.2", Some(A::ILLEGAL_PARAMETER), || {
        tampered(retried_pair(|_| {}, |_| {}), |wire| raw::hello_retry_request(wire, |hello| {
            hello.extensions.set(X::SUPPORTED_VERSIONS, &[3, 3]);
        })).0
    };
    RetryWithoutChange, "HelloRetryRequest without key_share", Some(A::ILLEGAL_PARAMETER), || {
        tampered(retried_pair(|_| {}, |_| {}), |wire| raw::hello_retry_request(wire, |hello| {
            hello.extensions.remove(X::KEY_SHARE);
        })).0
    };
    VersionChangedAfterRetry, "ServerHello of TLS 1.2", Some(A::ILLEGAL_PARAMETER), || {
        second_server_hello(|hello| hello.extensions.remove(X::SUPPORTED_VERSIONS))
    };
    SuiteChangedAfterRetry, "another suite in ServerHello", Some(A::ILLEGAL_PARAMETER), || {
        second_server_hello(|hello| {
            let (one, other) = (CipherSuite::TLS_AES_128_GCM_SHA256, CipherSuite::TLS_AES_256_GCM_SHA384);
            hello.suite = if hello.suite == one { other } else { one };
        })
    };
    ClientHelloChanged, "another random", Some(A::ILLEGAL_PARAMETER), || {
        second_hello(|hello| hello.random[0] ^= 1)
    };
    CompressionOffered, "null and DEFLATE", Some(A::ILLEGAL_PARAMETER), || {
        tampered(default_pair(), |wire| raw::client_hello(wire, |hello| hello.compression = vec![0, 1])).1
    };
    NoSharedGroup, "X25519 and P-256", Some(A::HANDSHAKE_FAILURE), || {
        honest(tls13_pair(P256, |client| {
            client.groups = vec![NamedGroup::X25519];
            client.tls13.key_shares = vec![NamedGroup::X25519];
        }, |server| server.groups = vec![NamedGroup::SECP256R1])).1
    };
    KeyShareNotInGroups, "a share for a group that is not listed", Some(A::ILLEGAL_PARAMETER), || {
        tampered(default_pair(), |wire| raw::client_hello(wire, |hello| {
            let mut shares = hello.shares();
            shares.push((NamedGroup(0x7777), vec![1; 32]));
            hello.set_shares(&shares);
        })).1
    };
    KeyShareNotRequested, "the client keeps its share", Some(A::ILLEGAL_PARAMETER), || {
        second_hello(|hello| hello.set_shares(&[(NamedGroup::X25519, vec![9; 32])]))
    };
    KeyShareNotRequested, "the server chooses the first share", Some(A::ILLEGAL_PARAMETER), || {
        second_server_hello(|hello| {
            hello.extensions.set(X::KEY_SHARE, &raw::share(NamedGroup::X25519, &[9; 32]));
        })
    };
    NoSharedSignatureScheme, "a P-384 key and P-256 alone", Some(A::HANDSHAKE_FAILURE), || {
        let schemes = vec![SignatureScheme::ECDSA_SECP256R1_SHA256];
        honest(tls13_pair(KeySpec::EcP384, |client| client.signature_schemes = schemes, |_| {})).1
    };
    ClientCertificateMissing, "the client has none", Some(A::CERTIFICATE_REQUIRED), || {
        honest(tls13_pair(P256, |_| {}, |server| {
            server.client_authentication = ClientAuthentication::Require { authorities: Vec::new() };
        })).1
    };
    SeveralRawPublicKeys, "two keys of the server", Some(A::ILLEGAL_PARAMETER), || {
        // The server sends two certificates, and EncryptedExtensions says that they are keys.
        let types = vec![CertificateType::RAW_PUBLIC_KEY, CertificateType::X509];
        let ends = tls13_pair(P256, |client| client.server_certificate_types = types, |_| {});
        tampered(ends, |wire| raw::encrypted_extensions(wire, |extensions| {
            extensions.set(X::SERVER_CERTIFICATE_TYPE, &[2]);
        })).0
    };
    WrongRequestContext, "of the server's Certificate", Some(A::ILLEGAL_PARAMETER), || {
        tampered(default_pair(), |wire| raw::certificate(wire, |certificate| certificate.context = vec![1])).0
    };
    WrongRequestContext, "of the client's Certificate", Some(A::ILLEGAL_PARAMETER), || {
        let (mut client, mut server) = tls13_mutual_pair(P256, |_| {}, |_| {});
        crate::support::run(&mut client, &mut server, |from_client, wire| if from_client {
            raw::certificate(wire, |certificate| certificate.context = vec![1]);
        });
        server
    };
    CompressedCertificateNotOffered, "from a server to a client without it", Some(A::UNEXPECTED_MESSAGE), || {
        let compressing = |server: &mut ServerPolicy| server.tls13.certificate_compression = words();
        tampered(tls13_pair(P256, |_| {}, compressing), |wire| if let Wire::Handshake(_, bytes) = wire
            && bytes[0] == H::CERTIFICATE.0
        {
            bytes[0] = H::COMPRESSED_CERTIFICATE.0;
        }).0
    };
    CertificateCompressionNotOffered, "the server's Certificate in another", Some(A::ILLEGAL_PARAMETER), || {
        compressed(|body| body[1] ^= 1)
    };
    CertificateNotDecompressed, "another uncompressed_length", Some(A::BAD_CERTIFICATE), || {
        compressed(|body| body[4] += 1)
    };
    DelegatedSchemeNotOffered, "a credential for P-256", Some(A::ILLEGAL_PARAMETER), || {
        delegated_with(&Fields { scheme: S::ECDSA_SECP256R1_SHA256, ..delegated().1 })
    };
    DelegationAlgorithmNotOffered, "a credential signed with SHA-1", Some(A::ILLEGAL_PARAMETER), || {
        delegated_with(&Fields { algorithm: S::ECDSA_SHA1, ..delegated().1 })
    };
    OtherDelegatedScheme, "the scheme of the certificate's key", Some(A::ILLEGAL_PARAMETER), || {
        tampered(delegated_pair(), |wire| raw::certificate_verify(wire, S::ECDSA_SECP256R1_SHA256)).0
    };
    DelegatedByRawPublicKey, "a delegated credential with a raw public key", Some(A::ILLEGAL_PARAMETER), || {
        let (client, mut server) = tls13_pair(P256, |policy| {
            client_accepts(policy);
            policy.server_certificate_types = vec![CertificateType::RAW_PUBLIC_KEY];
        }, |_| {});
        let chain = CertificateChain::raw_public_key(b"a SubjectPublicKeyInfo").unwrap();
        let own = Credential::clone(server.credential.as_ref().unwrap());
        server.credential = Some(Arc::new(Credential { chain, ..own }));
        let encoded = delegated().1.encode();
        tampered((client, server), |wire| raw::certificate(wire, |message| {
            message.entries[0].1.add(X::DELEGATED_CREDENTIAL, &encoded);
        })).0
    };
    EarlyDataWithCertificate, "early_data beside tls_cert_with_extern_psk", Some(A::ILLEGAL_PARAMETER), || {
        with_psk_hello(|hello| before_psks(&mut hello.extensions, X::EARLY_DATA, &[]))
    };
    PskModesWithoutKeyExchange, "psk_ke alone", Some(A::ILLEGAL_PARAMETER), || {
        with_psk_hello(|hello| before_psks(&mut hello.extensions, X::PSK_KEY_EXCHANGE_MODES, &[1, 0]))
    };
    SessionWithCertificate, "the server knows the identity as a ticket", Some(A::ILLEGAL_PARAMETER), || {
        let (first, other) = honest(tls13_resuming_pair(|_| {}, |_| {}));
        drop(first);
        let (client, mut server) = certificate_with_psk_pair(|_| {}, |_| {});
        server.session = other.sealed;
        honest((client, server)).1
    };
    WrongExternalBinder, "another byte of the binder", Some(A::ILLEGAL_PARAMETER), || {
        with_psk_hello(|hello| *hello.extensions.get_mut(X::PRE_SHARED_KEY).last_mut().unwrap() ^= 1)
    };
    CertificateWithPskRefused, "the server does not know the PSK", Some(A::HANDSHAKE_FAILURE), || {
        let (client, mut server) = certificate_with_psk_pair(|_| {}, |_| {});
        server.external_psk = None;
        honest((client, server)).0
    };
    PreSharedKeyNotLast, "another extension follows", Some(A::ILLEGAL_PARAMETER), || {
        tampered(tls13_resuming_pair(|_| {}, |_| {}), |wire| raw::client_hello(wire, |hello| {
            hello.extensions.add(X(0xffce), &[]);
        })).1
    };
    WrongBinderCount, "two identities and one binder", Some(A::ILLEGAL_PARAMETER), || {
        tampered(tls13_resuming_pair(|_| {}, |_| {}), |wire| raw::client_hello(wire, |hello| {
            let psks = hello.extensions.get_mut(X::PRE_SHARED_KEY);
            let length = u16::from_be_bytes([psks[0], psks[1]]);
            let identities = [&psks[2..][..length.into()], &[0, 1, 9, 0, 0, 0, 0]].concat();
            let binders = &psks[usize::from(length) + 2..];
            *psks = [&(length + 7).to_be_bytes(), &identities[..], binders].concat();
        })).1
    };
    WrongBinder, "one bit of the binder", Some(A::DECRYPT_ERROR), || {
        tampered(tls13_resuming_pair(|_| {}, |_| {}), |wire| raw::client_hello(wire, |hello| {
            *hello.extensions.get_mut(X::PRE_SHARED_KEY).last_mut().unwrap() ^= 1;
        })).1
    };
    MissingExtension, "pre_shared_key without psk_key_exchange_modes", Some(A::MISSING_EXTENSION), || {
        tampered(tls13_resuming_pair(|_| {}, |_| {}), |wire| raw::client_hello(wire, |hello| {
            hello.extensions.remove(X::PSK_KEY_EXCHANGE_MODES);
        })).1
    };
    WrongPskIdentity, "the second of one", Some(A::ILLEGAL_PARAMETER), || {
        tampered(tls13_resuming_pair(|_| {}, |_| {}), |wire| raw::server_hello(wire, |hello| {
            hello.extensions.set(X::PRE_SHARED_KEY, &[0, 1]);
        })).0
    };
    SuiteNotForPsk, "a suite with another hash", Some(A::ILLEGAL_PARAMETER), || {
        tampered(tls13_resuming_pair(|_| {}, |_| {}), |wire| raw::server_hello(wire, |hello| {
            let (one, other) = (CipherSuite::TLS_AES_128_GCM_SHA256, CipherSuite::TLS_AES_256_GCM_SHA384);
            hello.suite = if hello.suite == other { one } else { other };
        })).0
    };
    PskModeNotOffered, "psk_ke", Some(A::ILLEGAL_PARAMETER), || {
        tampered(tls13_resuming_pair(|_| {}, |_| {}), |wire| raw::server_hello(wire, |hello| {
            hello.extensions.remove(X::KEY_SHARE);
        })).0
    };
    EarlyDataWithOlderVersion, "a server without TLS 1.3", Some(A::PROTOCOL_VERSION), || {
        honest(early_data_pair(|_, server| server.tls13.suites.clear())).0
    };
    EarlyDataNotAcceptable, "acceptance in a full handshake", Some(A::ILLEGAL_PARAMETER), || {
        let (client, mut server) = early_data_pair(|_, _| {});
        server.session = None;
        tampered((client, server), |wire| raw::encrypted_extensions(wire, |extensions| {
            extensions.add(X::EARLY_DATA, &[]);
        })).0
    };
    TooManyKeyUpdates, "one more than the limit after the handshake", Some(A::UNEXPECTED_MESSAGE), || {
        let (mut client, server) = honest(default_pair());
        for _ in 0..=crate::support::client_policy().limits.max_key_updates {
            let update = Wire::Handshake(client.machine.read_epoch(), message(H::KEY_UPDATE, &[0]));
            client.receive(&update);
        }
        drop(server);
        client
    };
    RequestContextNotUnique, "an empty context after the handshake", Some(A::ILLEGAL_PARAMETER), || {
        let (mut client, mut server) = honest(later_pair(P256, |_| {}, |_| {}));
        server.step(Input::RequestCertificate);
        crate::support::go_on(&mut client, &mut server, |_, wire| {
            raw::certificate_request(wire, |request| request.context.clear());
        });
        client
    };
    TooManyCertificateRequests, "one more after the handshake", Some(A::UNEXPECTED_MESSAGE), || {
        let limit = |client: &mut ClientPolicy| client.limits.max_certificate_requests = 2;
        let (mut client, mut server) = honest(later_pair(P256, limit, |_| {}));
        for _ in 0..3 {
            server.step(Input::RequestCertificate);
        }
        crate::support::go_on(&mut client, &mut server, |_, _| {});
        client
    };
    })
}
