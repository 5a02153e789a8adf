//! The signature schemes accepted in certificates: signature_algorithms_cert (RFC 9846 section 4.3.3), or
//! signature_algorithms if it is absent (RFC 5246 section 7.4.2).

use crate::support::{Kind, LATER, Pair, SetClock, client, name, provider, server};
use cairn_crypto::KeySpec;
use cairn_tls::{
    CertificateError, CertificateWithheld, ClientConfig, ClientConfigBuilder, Connection, Direction, Epoch,
    ErrorKind, ServerConfig, Side, Trace, Traced, Versions,
    wire::{AlertDescription, Certificate, Decode, HandshakeType, SignatureScheme as S, Tls13Certificate},
    x509::{
        CertificateFacts, Roots,
        issue::{Identity, Template},
    },
};
use std::sync::{Arc, Mutex, OnceLock};

/// An authority whose key supports several signature schemes.
fn authority() -> &'static Identity {
    static AUTHORITY: OnceLock<Identity> = OnceLock::new();
    AUTHORITY.get_or_init(|| {
        let template = Template::authority("RSA CA").valid(0, LATER);
        template.self_signed(provider(), KeySpec::Rsa { bits: 2048 }).unwrap()
    })
}

fn trusting() -> ClientConfigBuilder {
    let mut roots = Roots::new();
    roots.add_der(authority().certificate()).unwrap();
    crate::support::tls12_client(provider().clone()).trust(roots).clock(SetClock::new()).no_resumption()
}

/// A server with a certificate for each of these names, signed with this scheme, in this order.
fn serving(certificates: &[(&str, S)]) -> ServerConfig {
    let mut builder = crate::support::tls12_server(provider().clone()).clock(SetClock::new());
    for (name, scheme) in certificates {
        let template = Template::server(name).dns(name).valid(0, LATER).scheme(*scheme);
        let identity = template.issue(provider(), KeySpec::EcP256, authority()).unwrap();
        let chain: Vec<&[u8]> = identity.chain().collect();
        builder = builder.credential(&chain, identity.signing_key().clone()).unwrap();
    }
    builder.build().unwrap()
}

/// Records the signature scheme of the received certificate.
#[derive(Default)]
struct Seen(Mutex<Option<S>>);

impl Trace for Seen {
    fn trace(&self, _: Direction, _: Epoch, message: Traced<'_>) {
        if let Traced::Handshake { msg_type: HandshakeType::CERTIFICATE, message } = message {
            let first = match Certificate::decode_exact(&message[4..]) {
                Ok(message) => message.certificate_list.first().unwrap().0,
                Err(_) => {
                    let message = Tls13Certificate::decode_exact(&message[4..]).unwrap();
                    message.certificate_list.first().unwrap().cert_data
                }
            };
            *self.0.lock().unwrap() = scheme_of(first);
        }
    }
}

fn scheme_of(certificate: &[u8]) -> Option<S> {
    CertificateFacts::from_der(certificate).unwrap().signature_scheme
}

/// The signature scheme of the certificate that the client receives, and whether the client accepts it.
fn shown(client: ClientConfigBuilder, server: &ServerConfig) -> (S, bool) {
    let mut connection = Connection::client(&client.build().unwrap(), name());
    let seen = Arc::new(Seen::default());
    let trace: Arc<dyn Trace> = seen.clone();
    connection.set_trace(&trace);
    let mut pair = Pair::of(connection, Connection::server(server));
    pair.run();
    let scheme = seen.0.lock().unwrap().unwrap();
    (scheme, pair.complete())
}

#[test]
fn server_prefers_a_certificate_with_signatures_that_the_client_accepts() {
    let name = "server.test";
    let both =
        serving(&[(name, S::RSA_PKCS1_SHA256), (name, S::RSA_PKCS1_SHA512), (name, S::RSA_PSS_RSAE_SHA384)]);
    // A client that accepts all schemes gets the first.
    assert_eq!(shown(trusting(), &both), (S::RSA_PKCS1_SHA256, true));
    for scheme in [S::RSA_PKCS1_SHA512, S::RSA_PKCS1_SHA256, S::RSA_PSS_RSAE_SHA384] {
        let client = trusting().certificate_signature_schemes(&[scheme]);
        assert_eq!(shown(client, &both), (scheme, true));
    }
    // The order of the server's credentials decides, not the order of the client's list.
    let client = trusting().certificate_signature_schemes(&[S::RSA_PKCS1_SHA512, S::RSA_PKCS1_SHA256]);
    assert_eq!(shown(client, &both), (S::RSA_PKCS1_SHA256, true));
    // Without signature_algorithms_cert, signature_algorithms applies to certificates too (RFC 5246 section
    // 7.4.2).
    let client = trusting().signature_schemes(&[S::ECDSA_SECP256R1_SHA256, S::RSA_PKCS1_SHA512]);
    assert_eq!(shown(client, &both), (S::RSA_PKCS1_SHA512, true));
}

#[test]
fn server_name_outranks_signature_schemes_and_a_certificate_is_always_sent() {
    let server = serving(&[("other.test", S::RSA_PKCS1_SHA512), ("server.test", S::RSA_PKCS1_SHA256)]);
    let client = || trusting().certificate_signature_schemes(&[S::RSA_PKCS1_SHA512]);
    // The client refuses a scheme that it did not offer, although its provider could verify it.
    assert_eq!(shown(client(), &server), (S::RSA_PKCS1_SHA256, false));
    let mut pair = Pair::new(&client().build().unwrap(), &server);
    pair.run();
    let error = pair.client.error.unwrap();
    let ErrorKind::Certificate(refused) = error.kind else { panic!("{error}") };
    assert_eq!(refused.reason, CertificateError::UnsupportedAlgorithm, "{error}");
    // If no certificate has the name, the first that the client can verify.
    let server = serving(&[("a.test", S::RSA_PKCS1_SHA256), ("b.test", S::RSA_PKCS1_SHA512)]);
    assert_eq!(shown(client(), &server), (S::RSA_PKCS1_SHA512, false));
}

#[test]
fn client_prefers_a_certificate_with_signatures_that_the_server_accepts() {
    let identity = |scheme| {
        let template = Template::client("client").valid(0, LATER).scheme(scheme);
        template.issue(provider(), KeySpec::EcP256, authority()).unwrap()
    };
    let mut builder = client().no_resumption();
    for scheme in [S::RSA_PKCS1_SHA256, S::RSA_PKCS1_SHA384] {
        let identity = identity(scheme);
        let chain: Vec<&[u8]> = identity.chain().collect();
        builder = builder.credential(&chain, identity.signing_key().clone()).unwrap();
    }
    let client = builder.build().unwrap();
    for (schemes, expected) in [
        (&[S::ECDSA_SECP256R1_SHA256, S::RSA_PKCS1_SHA384][..], S::RSA_PKCS1_SHA384),
        (&[S::ECDSA_SECP256R1_SHA256, S::RSA_PKCS1_SHA384, S::RSA_PKCS1_SHA256], S::RSA_PKCS1_SHA256),
        (&[S::ECDSA_SECP256R1_SHA256], S::RSA_PKCS1_SHA256),
    ] {
        let mut trusted = Roots::new();
        trusted.add_der(authority().certificate()).unwrap();
        let server = server(Kind::P256).require_client_certificates(trusted).signature_schemes(schemes);
        let pair = Pair::ready(&client, &server.build().unwrap());
        let chain = pair.server.summary().peer_chain.clone().unwrap();
        assert_eq!(scheme_of(chain.end_entity().unwrap()), Some(expected), "{schemes:?}");
    }
}

#[test]
fn client_sends_a_certificate_of_a_listed_authority() {
    let other = Template::authority("Other CA").valid(0, LATER);
    let other = other.self_signed(provider(), KeySpec::Rsa { bits: 2048 }).unwrap();
    let identity = |by: &Identity| {
        Template::client("client").valid(0, LATER).issue(provider(), KeySpec::EcP256, by).unwrap()
    };
    let identities = [identity(&other), identity(authority())];
    let mut builder = client().no_resumption();
    for identity in &identities {
        let chain: Vec<&[u8]> = identity.chain().collect();
        builder = builder.credential(&chain, identity.signing_key().clone()).unwrap();
    }
    let client = builder.build().unwrap();
    for (known, expected) in [(&other, &identities[0]), (authority(), &identities[1])] {
        let mut trusted = Roots::new();
        trusted.add_der(known.certificate()).unwrap();
        let server = server(Kind::P256).require_client_certificates(trusted).build().unwrap();
        let pair = Pair::ready(&client, &server);
        let chain = pair.server.summary().peer_chain.clone().unwrap();
        assert_eq!(chain.end_entity(), Some(expected.certificate()));
    }
}

/// Sends the CertificateRequest of a server with these roots to this client. Returns why the client sent no
/// certificate, and the server's error.
fn withheld(client: &ClientConfig, trusted: Roots) -> (Option<CertificateWithheld>, Option<String>) {
    let server = server(Kind::P256).require_client_certificates(trusted).build().unwrap();
    let mut pair = Pair::new(client, &server);
    pair.run();
    let fault = pair.server.error.as_ref().map(ToString::to_string);
    (pair.client.conn.reader().certificate_withheld(), fault)
}

#[test]
fn client_sends_no_certificate_of_an_unlisted_authority() {
    let other = Template::authority("Other CA").valid(0, LATER);
    let other = other.self_signed(provider(), KeySpec::EcP256).unwrap();
    let template = Template::client("client").valid(0, LATER);
    let identity = template.issue(provider(), KeySpec::EcP256, &other).unwrap();
    let chain: Vec<&[u8]> = identity.chain().collect();
    let shows = |builder: ClientConfigBuilder| {
        builder.no_resumption().credential(&chain, identity.signing_key().clone()).unwrap()
    };
    let trusts = |authority: &Identity| {
        let mut trusted = Roots::new();
        trusted.add_der(authority.certificate()).unwrap();
        trusted
    };
    let (reason, fault) = withheld(&shows(client()).build().unwrap(), trusts(authority()));
    assert_eq!(reason, Some(CertificateWithheld::Authorities));
    assert!(fault.unwrap().contains("no certificate"));
    // With this option the client sends it anyway, and the server decides.
    let client_of_choice = shows(client()).show_certificate_to_any_authority().build().unwrap();
    let (reason, fault) = withheld(&client_of_choice, trusts(authority()));
    assert_eq!(reason, None);
    assert!(fault.unwrap().contains("certificate is not accepted"));
    // A suitable certificate is sent, and there is nothing to report.
    assert_eq!(withheld(&shows(client()).build().unwrap(), trusts(&other)), (None, None));
}

#[test]
fn client_reports_why_it_sends_no_certificate() {
    let mut trusted = Roots::new();
    trusted.add_der(authority().certificate()).unwrap();
    let bare = client().no_resumption().build().unwrap();
    assert_eq!(withheld(&bare, trusted.clone()).0, Some(CertificateWithheld::NoCredential));

    let template = Template::client("client").valid(0, LATER);
    let identity = template.issue(provider(), KeySpec::Rsa { bits: 2048 }, authority()).unwrap();
    let chain: Vec<&[u8]> = identity.chain().collect();
    let with = client().no_resumption().credential(&chain, identity.signing_key().clone()).unwrap();
    let with = with.build().unwrap();
    assert_eq!(withheld(&with, trusted.clone()), (None, None));
    // A server that accepts only ECDSA signatures.
    let schemes = [S::ECDSA_SECP256R1_SHA256];
    let server = server(Kind::P256).signature_schemes(&schemes).require_client_certificates(trusted);
    let mut pair = Pair::new(&with, &server.build().unwrap());
    pair.run();
    let reason = pair.client.conn.reader().certificate_withheld();
    assert_eq!(reason, Some(CertificateWithheld::SignatureSchemes));
    assert!(reason.unwrap().to_string().contains("was not sent"));
}

/// A certificate for server.test that states another signature algorithm: with SHA-1.
fn sha1_identity() -> (Vec<u8>, Arc<dyn cairn_crypto::SigningKey>) {
    let template = Template::server("server.test").dns("server.test").valid(0, LATER);
    let identity =
        template.scheme(S::RSA_PKCS1_SHA256).issue(provider(), KeySpec::EcP256, authority()).unwrap();
    let sha256_with_rsa = [0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x01, 0x0b];
    let mut der = identity.certificate().to_vec();
    let places: Vec<usize> =
        (0..der.len()).filter(|place| der[*place..].starts_with(&sha256_with_rsa)).collect();
    for place in places {
        der[place + 8] = 5;
    }
    assert_eq!(scheme_of(&der), Some(S::RSA_PKCS1_SHA1));
    (der, identity.signing_key().clone())
}

/// RFC 9846 section 4.3.3: "TLS 1.3 servers MUST NOT offer a SHA-1 signed certificate unless no valid
/// certificate chain can be produced without it". Section 4.5.1.2: "This fallback chain MUST NOT use the
/// deprecated SHA-1 hash, unless the client specifically advertises that it is willing to accept SHA-1."
#[test]
fn server_of_tls_1_3_shows_no_certificate_with_sha_1_that_the_client_does_not_accept() {
    let (sha1, key) = sha1_identity();
    let of_sha1 = || {
        let builder = crate::support::tls12_server(provider().clone()).clock(SetClock::new());
        builder.versions(Versions::Both).credential(&[&sha1], key.clone()).unwrap()
    };
    let other = Template::server("server.test").dns("server.test").valid(0, LATER);
    let other = other.issue(provider(), KeySpec::EcP256, authority()).unwrap();
    let chain: Vec<&[u8]> = other.chain().collect();
    let both = of_sha1().credential(&chain, other.signing_key().clone()).unwrap().build().unwrap();
    for versions in [Versions::Tls12, Versions::Both] {
        let (scheme, is_accepted) = shown(trusting().versions(versions), &both);
        assert_eq!((scheme, is_accepted), (S::RSA_PKCS1_SHA256, true), "{versions:?}");
    }
    // RFC 5246 leaves the certificate to the server.
    let alone = of_sha1().build().unwrap();
    assert_eq!(shown(trusting().versions(Versions::Tls12), &alone), (S::RSA_PKCS1_SHA1, false));
    let mut pair = Pair::new(&trusting().versions(Versions::Both).build().unwrap(), &alone);
    pair.run();
    let error = pair.server.error.unwrap();
    assert_eq!(error.alert, Some(AlertDescription::HANDSHAKE_FAILURE), "{error}");
}

/// A record with a ClientHello that has one more extension.
fn with_extension(record: &[u8], number: u16, data: &[u8]) -> Vec<u8> {
    let mut record = record.to_vec();
    let after_id = 5 + 4 + 2 + 32 + 1 + usize::from(record[43]);
    let suites = usize::from(u16::from_be_bytes([record[after_id], record[after_id + 1]]));
    let after_methods = after_id + 2 + suites + 1 + usize::from(record[after_id + 2 + suites]);
    let mut extension = number.to_be_bytes().to_vec();
    extension.extend_from_slice(&u16::try_from(data.len()).unwrap().to_be_bytes());
    extension.extend_from_slice(data);
    record.extend_from_slice(&extension);
    for place in [3, 7, after_methods] {
        let length = u16::from_be_bytes([record[place], record[place + 1]]);
        let length = length + u16::try_from(extension.len()).unwrap();
        record[place..place + 2].copy_from_slice(&length.to_be_bytes());
    }
    record
}

/// RFC 9846 section 4.3.4: certificate_authorities "SHOULD be used by the receiving endpoint to guide
/// certificate selection."
#[test]
fn server_of_tls_1_3_prefers_a_certificate_of_an_authority_that_the_client_names() {
    let authorities = ["one", "another"].map(|name| {
        let template = Template::authority(name).valid(0, LATER);
        template.self_signed(provider(), KeySpec::EcP256).unwrap()
    });
    let mut builder = crate::support::tls12_server(provider().clone()).clock(SetClock::new());
    builder = builder.versions(Versions::Both);
    for authority in &authorities {
        let template = Template::server("server.test").dns("server.test").valid(0, LATER);
        let identity = template.issue(provider(), KeySpec::EcP256, authority).unwrap();
        let chain: Vec<&[u8]> = identity.chain().collect();
        builder = builder.credential(&chain, identity.signing_key().clone()).unwrap();
    }
    let server = builder.build().unwrap();
    for authority in &authorities {
        let name = cairn_x509::issuer_name(authority.certificate()).unwrap();
        let mut data = u16::try_from(name.len() + 2).unwrap().to_be_bytes().to_vec();
        data.extend_from_slice(&u16::try_from(name.len()).unwrap().to_be_bytes());
        data.extend_from_slice(name);
        let sent = Arc::new(Issuers::default());
        let trace: Arc<dyn Trace> = sent.clone();
        let mut connection = Connection::server(&server);
        connection.set_trace(&trace);
        let client = Connection::client(&trusting().versions(Versions::Tls13).build().unwrap(), self::name());
        Pair::of(client, connection).run_through(|side, number, record| match (side, number) {
            (Side::Client, 0) => with_extension(&record, 47, &data),
            _ => record,
        });
        assert_eq!(*sent.0.lock().unwrap(), [name]);
    }
}

/// The issuer of each certificate that a server of TLS 1.3 sends.
#[derive(Default)]
struct Issuers(Mutex<Vec<Vec<u8>>>);

impl Trace for Issuers {
    fn trace(&self, direction: Direction, _: Epoch, message: Traced<'_>) {
        if let Traced::Handshake { msg_type: HandshakeType::CERTIFICATE, message } = message {
            assert_eq!(direction, Direction::Write);
            let message = Tls13Certificate::decode_exact(&message[4..]).unwrap();
            let leaf = message.certificate_list.first().unwrap().cert_data;
            self.0.lock().unwrap().push(cairn_x509::issuer_name(leaf).unwrap().to_vec());
        }
    }
}
