//! `cairn scan` of servers on bare sockets, which behave as the usual implementations do not.

use crate::{
    scan::{command, findings, list, scan, suites, text},
    support::{Files, Kind, PATIENCE, Pki, free_port, run},
};
use cairn_tls::{
    crypto::PrivateKeyDer,
    default_provider,
    wire::{
        Asn1Cert, Certificate, CipherSuite, ClientExtension, ClientHello, CompressionMethod, Decode,
        ExtensionType, HandshakeBody, List, ProtocolVersion, Random, ServerHello, ServerHelloDone, SessionId,
        Writer,
    },
    x509::pem,
};
use core::{
    sync::atomic::{AtomicUsize, Ordering},
    time::Duration,
};
use rsa::{BoxedUint, hazmat::rsa_decrypt, pkcs8::DecodePrivateKey, traits::PublicKeyParts};
use std::{
    fs,
    io::{self, Read, Write},
    net::{TcpListener, TcpStream},
    thread,
};

/// A server that treats one connection after the other in this way. Returns its address.
fn bare(visit: impl Fn(TcpStream) -> io::Result<()> + Send + 'static) -> String {
    let listener = TcpListener::bind(("127.0.0.1", 0)).unwrap();
    let address = listener.local_addr().unwrap().to_string();
    thread::spawn(move || {
        for tcp in listener.incoming() {
            let tcp = tcp.unwrap();
            tcp.set_read_timeout(Some(PATIENCE)).unwrap();
            // The scan may close at any time.
            let _gone = visit(tcp);
        }
    });
    address
}

/// The fragment of the next record.
fn record(tcp: &mut TcpStream) -> io::Result<Vec<u8>> {
    let mut header = [0; 5];
    tcp.read_exact(&mut header)?;
    let mut fragment = vec![0; usize::from(u16::from_be_bytes([header[3], header[4]]))];
    tcp.read_exact(&mut fragment)?;
    Ok(fragment)
}

/// The hello in the first record.
fn client_hello(fragment: &[u8]) -> ClientHello<'_> {
    ClientHello::decode_exact(&fragment[4..]).unwrap()
}

/// Whether TLS 1.2 is the newest version that a hello offers.
fn is_tls12(hello: &ClientHello<'_>) -> bool {
    let has_versions = hello.extensions.is_some_and(|all| all.contains(ExtensionType::SUPPORTED_VERSIONS));
    hello.client_version == ProtocolVersion::TLS_1_2 && !has_versions
}

/// Refuses a hello.
fn refuse(tcp: &mut TcpStream) -> io::Result<()> {
    tcp.write_all(&[21, 3, 3, 0, 2, 2, 40])
}

/// A record with handshake messages.
fn handshake(messages: &[u8]) -> Vec<u8> {
    let length = u16::try_from(messages.len()).unwrap().to_be_bytes();
    [&[22, 3, 3][..], &length, messages].concat()
}

/// The first flight of a server of TLS 1.2 with this suite, which has the RSA key exchange.
fn flight(suite: CipherSuite, chain: &[Vec<u8>]) -> Vec<u8> {
    let mut flight = Vec::new();
    let mut w = Writer::vec(&mut flight);
    let hello = ServerHello {
        server_version: ProtocolVersion::TLS_1_2,
        random: Random([9; 32]),
        session_id: SessionId::EMPTY,
        cipher_suite: suite,
        compression_method: CompressionMethod::NULL,
        extensions: None,
    };
    hello.write_message(&mut w).unwrap();
    let certificates: Vec<Asn1Cert<'_>> = chain.iter().map(|der| Asn1Cert(der)).collect();
    Certificate { certificate_list: List::from_items(&certificates) }.write_message(&mut w).unwrap();
    ServerHelloDone.write_message(&mut w).unwrap();
    handshake(&flight)
}

fn chain(files: &Files) -> Vec<Vec<u8>> {
    pem::certificates(&fs::read(&files.cert).unwrap()).unwrap()
}

#[test]
fn server_without_tls_is_a_failure() {
    let port = free_port();
    run(&mut command(&format!("127.0.0.1:{port}"), &[])).expect_code(3);
    let http = |mut tcp: TcpStream| {
        let _gone = tcp.read(&mut [0; 4096])?;
        tcp.write_all(b"HTTP/1.1 400 Bad Request\r\n\r\n")
    };
    run(&mut command(&bare(http), &[])).expect_code(4).expect_words(&["no version of TLS"]);
}

#[test]
fn scan_is_incomplete_if_the_server_ends() {
    // It ends after three connections; the scan asks on the second and the third.
    let listener = TcpListener::bind(("127.0.0.1", 0)).unwrap();
    let address = listener.local_addr().unwrap().to_string();
    thread::spawn(move || {
        for tcp in listener.incoming().take(3) {
            let mut tcp = tcp.unwrap();
            let _gone = tcp.read(&mut [0; 4096]);
            let _gone = tcp.write_all(b"HTTP/1.1 400 Bad Request\r\n\r\n");
        }
    });
    run(&mut command(&address, &[])).expect_code(3).expect_words(&["incomplete"]);
}

#[test]
fn server_that_limits_connections_is_noted() {
    let pki = Pki::new();
    let chain = chain(&pki.server(Kind::Rsa));
    let suite = CipherSuite::TLS_RSA_WITH_AES_128_CBC_SHA;
    for (limit, noted) in [(usize::MAX, false), (6, true)] {
        let (chain, answered) = (chain.clone(), AtomicUsize::new(0));
        let address = bare(move |mut tcp| {
            let fragment = record(&mut tcp)?;
            let hello = client_hello(&fragment);
            if answered.fetch_add(1, Ordering::Relaxed) >= limit {
                return Ok(());
            }
            let is_accepted = is_tls12(&hello) && hello.cipher_suites.contains(&suite);
            if is_accepted { tcp.write_all(&flight(suite, &chain)) } else { refuse(&mut tcp) }
        });
        let report = scan(&pki, &address);
        assert_eq!(suites(&report, "TLS 1.2"), [suite.name().unwrap()]);
        let notes = list(&report, "/not_tested");
        assert_eq!(notes.iter().any(|note| note.contains("--rate N")), noted, "{notes:?}");
    }
}

#[test]
fn order_of_a_server_that_takes_no_long_hello_is_found() {
    let pki = Pki::new();
    let chain = chain(&pki.server(Kind::Rsa));
    // In the registry, the second comes first, and far from the other.
    let own = [CipherSuite::TLS_RSA_WITH_AES_128_GCM_SHA256, CipherSuite::TLS_RSA_WITH_AES_128_CBC_SHA];
    let address = bare(move |mut tcp| {
        let fragment = record(&mut tcp)?;
        let hello = client_hello(&fragment);
        if hello.cipher_suites.len() > 64 {
            return Ok(());
        }
        match own.iter().find(|suite| is_tls12(&hello) && hello.cipher_suites.contains(suite)) {
            Some(suite) => tcp.write_all(&flight(*suite, &chain)),
            None => refuse(&mut tcp),
        }
    });
    let report = scan(&pki, &address);
    assert_eq!(suites(&report, "TLS 1.2"), own.map(|suite| suite.name().unwrap()));
    assert_eq!(report["versions"][1]["order"], "server");
}

#[test]
fn suites_of_a_server_without_hello_retry_request_are_found() {
    let pki = Pki::new();
    let own = [CipherSuite::TLS_AES_256_GCM_SHA384, CipherSuite::TLS_AES_128_GCM_SHA256];
    let address = bare(move |mut tcp| {
        let fragment = record(&mut tcp)?;
        let hello = client_hello(&fragment);
        let share = hello.extensions.and_then(|all| all.get(ExtensionType::KEY_SHARE));
        let has_share = match share {
            Some(ClientExtension::KeyShare(shares)) => !shares.get().unwrap().client_shares.is_empty(),
            _ => false,
        };
        let suite = own.iter().find(|suite| has_share && hello.cipher_suites.contains(suite));
        let Some(suite) = suite else { return refuse(&mut tcp) };
        let id = hello.session_id.as_bytes();
        let start = [&[3, 3][..], &[9; 32], &[u8::try_from(id.len()).unwrap()], id].concat();
        // supported_versions has TLS 1.3, and key_share a key of X25519.
        let extensions = [&[0, 46, 0, 43, 0, 2, 3, 4, 0, 51, 0, 36, 0, 29, 0, 32][..], &[9; 32]].concat();
        let body = [&start[..], &suite.0.to_be_bytes(), &[0], &extensions].concat();
        let length = u32::try_from(body.len()).unwrap().to_be_bytes();
        tcp.write_all(&handshake(&[&[2][..], &length[1..], &body].concat()))
    });
    let report = scan(&pki, &address);
    assert_eq!(suites(&report, "TLS 1.3"), own.map(|suite| suite.name().unwrap()));
}

/// The DER of a key in PEM.
fn pem_der(path: &str) -> Vec<u8> {
    match pem::private_key(&fs::read(path).unwrap()).unwrap().as_der() {
        PrivateKeyDer::Pkcs8(der) => der.to_vec(),
        _ => panic!("{path} is not PKCS #8"),
    }
}

/// A server that tells plaintexts of the RSA key exchange apart by its alerts: TLS 1.2 with one suite, and no
/// handshake that completes.
fn oracle(pki: &Pki, is_good: fn(&[u8]) -> bool) -> String {
    let files = pki.server(Kind::Rsa);
    let chain = chain(&files);
    let key = rsa::PrivateKey::from_pkcs8_der(&pem_der(&files.key)).unwrap();
    let suite = CipherSuite::TLS_RSA_WITH_AES_128_CBC_SHA;
    bare(move |mut tcp| {
        let fragment = record(&mut tcp)?;
        let hello = client_hello(&fragment);
        if !is_tls12(&hello) || !hello.cipher_suites.contains(&suite) {
            return refuse(&mut tcp);
        }
        tcp.write_all(&flight(suite, &chain))?;
        let message = record(&mut tcp)?;
        let cipher = message.get(6..).unwrap_or_default();
        let number = BoxedUint::from_be_slice(cipher, key.n_bits_precision()).unwrap();
        let plain = rsa_decrypt(Some(&mut default_provider().rng()), &key, &number).unwrap().to_be_bytes();
        let plain = &plain[plain.len() - key.size()..];
        let alert = if is_good(plain) { 20 } else { 51 };
        // Everything that the client sends is read, so that the alert is not lost.
        tcp.set_read_timeout(Some(Duration::from_millis(50)))?;
        let _more = tcp.read(&mut [0; 1024]);
        tcp.write_all(&[21, 3, 3, 0, 2, 2, alert])
    })
}

#[test]
fn answers_to_malformed_rsa_key_exchanges_are_told_apart_by_class() {
    let pki = Pki::new();
    let starts_right: fn(&[u8]) -> bool = |plain| plain.starts_with(&[0, 2]);
    let is_padded: fn(&[u8]) -> bool = |plain| {
        plain.starts_with(&[0, 2]) && plain[2..].iter().position(|byte| *byte == 0) == Some(256 - 49 - 2)
    };
    for (is_good, class, finding) in [
        (starts_right, "strong oracle", Some("robot-strong")),
        (is_padded, "weak oracle", Some("robot-weak")),
        (|_: &[u8]| true, "no oracle", None),
    ] {
        let report = scan(&pki, &oracle(&pki, is_good));
        assert_eq!(suites(&report, "TLS 1.2"), ["TLS_RSA_WITH_AES_128_CBC_SHA"]);
        assert_eq!(text(&report, "/robot"), class);
        let found: Vec<&str> = findings(&report).into_iter().filter(|id| id.starts_with("robot")).collect();
        assert_eq!(found, Vec::from_iter(finding));
    }
}
