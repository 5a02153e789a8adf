//! Rejected certificates.

use super::expect;
use crate::support::{
    Kind, LATER, NOW, SetClock, authority, client, client_identity, provider, roots, server, server_identity,
};
use cairn_tls::{
    ClientConfigBuilder, ServerConfigBuilder,
    x509::{
        KeyUsage, Roots,
        issue::{Identity, Template},
    },
};

fn showing(identity: &Identity) -> ServerConfigBuilder {
    let chain: Vec<&[u8]> = identity.chain().collect();
    let builder = crate::support::tls12_server(provider().clone()).clock(SetClock::new());
    builder.credential(&chain, identity.signing_key().clone()).unwrap()
}

fn issued(template: &Template) -> ServerConfigBuilder {
    showing(&template.issue(provider(), Kind::P256.spec(), authority()).unwrap())
}

fn good() -> Template {
    Template::server("server").dns("server.test").valid(0, LATER)
}

/// A client with this certificate.
fn client_showing(identity: &Identity) -> ClientConfigBuilder {
    let chain: Vec<&[u8]> = identity.chain().collect();
    client().credential(&chain, identity.signing_key().clone()).unwrap()
}

#[test]
fn invalid_server_certificates_are_rejected_with_their_alert() {
    expect(
        client(),
        issued(&Template::server("server").dns("other.test").valid(0, LATER)),
        "Us in VerifyingPeer, bad_certificate, RFC 6125 section 6.4: Certificate(NameMismatch)",
        "Peer in AwaitClientKeyExchange, no alert, RFC 5246 section 7.2.2: PeerAlert(bad_certificate)",
    );
    expect(
        client(),
        showing(&good().self_signed(provider(), Kind::P256.spec()).unwrap()),
        "Us in VerifyingPeer, unknown_ca, RFC 5280 section 6.1: Certificate(SelfSigned)",
        "Peer in AwaitClientKeyExchange, no alert, RFC 5246 section 7.2.2: PeerAlert(unknown_ca)",
    );
    let other =
        Template::authority("Other CA").valid(0, LATER).self_signed(provider(), Kind::P256.spec()).unwrap();
    expect(
        client(),
        showing(&good().issue(provider(), Kind::P256.spec(), &other).unwrap()),
        "Us in VerifyingPeer, unknown_ca, RFC 5280 section 6.1: Certificate(UnknownIssuer)",
        "Peer in AwaitClientKeyExchange, no alert, RFC 5246 section 7.2.2: PeerAlert(unknown_ca)",
    );
    expect(
        client(),
        issued(&good().valid(0, NOW - 1)),
        "Us in VerifyingPeer, certificate_expired, RFC 5280 section 6.1.3: Certificate(Expired { not_after: \
         1699999999, now: 1700000000 })",
        "Peer in AwaitClientKeyExchange, no alert, RFC 5246 section 7.2.2: PeerAlert(certificate_expired)",
    );
    expect(
        client(),
        issued(&good().valid(NOW + 1, LATER)),
        "Us in VerifyingPeer, certificate_expired, RFC 5280 section 6.1.3: Certificate(NotYetValid { \
         not_before: 1700000001, now: 1700000000 })",
        "Peer in AwaitClientKeyExchange, no alert, RFC 5246 section 7.2.2: PeerAlert(certificate_expired)",
    );
    expect(
        client(),
        issued(&Template::client("client").dns("server.test").valid(0, LATER)),
        "Us in VerifyingPeer, unsupported_certificate, RFC 5280 section 4.2.1.12: Certificate(NotForThisUse)",
        "Peer in AwaitClientKeyExchange, no alert, RFC 5246 section 7.2.2: \
         PeerAlert(unsupported_certificate)",
    );
    let encipherment = KeyUsage { key_encipherment: true, ..KeyUsage::NONE };
    // Such a server needs an explicit credential: with certificate and key only, the configuration would
    // respect the key usage.
    let identity = good().key_usage(Some(encipherment));
    let identity = identity.issue(provider(), Kind::P256.spec(), authority()).unwrap();
    let chain = cairn_tls::CertificateChain::new(&[identity.certificate()]).unwrap();
    let careless = cairn_tls::Credential::new(chain, identity.signing_key().clone());
    let builder = crate::support::tls12_server(provider().clone()).clock(SetClock::new());
    expect(
        client(),
        builder.credential_value(std::sync::Arc::new(careless)).unwrap(),
        "Us in VerifyingPeer, unsupported_certificate, RFC 5246 section 7.4.2: KeyMayNotSign",
        "Peer in AwaitClientKeyExchange, no alert, RFC 5246 section 7.2.2: \
         PeerAlert(unsupported_certificate)",
    );
}

#[test]
fn invalid_client_certificates_are_rejected_with_their_alert() {
    let required = || server(Kind::P256).require_client_certificates(roots());
    expect(
        client(),
        required(),
        "Peer in AwaitChangeCipherSpec, no alert, RFC 5246 section 7.2.2: PeerAlert(handshake_failure)",
        "Us in AwaitCertificate, handshake_failure, RFC 5246 section 7.4.6: CertificateRequired",
    );
    expect(
        client_showing(server_identity(Kind::P256)),
        required(),
        "Peer in AwaitChangeCipherSpec, no alert, RFC 5246 section 7.2.2: PeerAlert(unsupported_certificate)",
        "Us in VerifyingPeer, unsupported_certificate, RFC 5280 section 4.2.1.12: Certificate(NotForThisUse)",
    );
    let expired =
        Template::client("client").valid(0, NOW - 1).issue(provider(), Kind::P256.spec(), authority());
    expect(
        client_showing(&expired.unwrap()),
        required(),
        "Peer in AwaitChangeCipherSpec, no alert, RFC 5246 section 7.2.2: PeerAlert(certificate_expired)",
        "Us in VerifyingPeer, certificate_expired, RFC 5280 section 6.1.3: Certificate(Expired { not_after: \
         1699999999, now: 1700000000 })",
    );
    let unknown =
        Template::client("client").valid(0, LATER).self_signed(provider(), Kind::P256.spec()).unwrap();
    let requested = server(Kind::P256).request_client_certificates(roots());
    expect(
        // None of the server's authorities issued it, so the client sends it only with this option.
        client_showing(&unknown).show_certificate_to_any_authority(),
        requested,
        "Peer in AwaitChangeCipherSpec, no alert, RFC 5246 section 7.2.2: PeerAlert(unknown_ca)",
        "Us in VerifyingPeer, unknown_ca, RFC 5280 section 6.1: Certificate(SelfSigned)",
    );
}

#[test]
fn disabled_verification_still_checks_signatures() {
    let anyone = || {
        crate::support::tls12_client(provider().clone())
            .danger_accept_any_certificate()
            .clock(SetClock::new())
    };
    let server = showing(&good().valid(0, 1).self_signed(provider(), Kind::P256.spec()).unwrap());
    crate::support::Pair::ready(&anyone().build().unwrap(), &server.build().unwrap());

    // The certificate contains one key, and another key signs.
    let chain = cairn_tls::CertificateChain::new(&[server_identity(Kind::P256).certificate()]).unwrap();
    let thief = cairn_tls::Credential::new(chain, client_identity(Kind::P256).signing_key().clone());
    let builder = crate::support::tls12_server(provider().clone()).clock(SetClock::new());
    let server = builder.credential_value(std::sync::Arc::new(thief)).unwrap();
    expect(
        anyone(),
        server,
        "Us in VerifyingPeer, decrypt_error, RFC 5246 section 4.7: BadSignature",
        "Peer in AwaitClientKeyExchange, no alert, RFC 5246 section 7.2.2: PeerAlert(decrypt_error)",
    );
}

#[test]
fn self_signed_certificate_is_accepted_if_trusted_exactly() {
    let identity = good().self_signed(provider(), Kind::P256.spec()).unwrap();
    let mut roots = Roots::new();
    roots.add_der(identity.certificate()).unwrap();
    let client =
        || crate::support::tls12_client(provider().clone()).trust(roots.clone()).clock(SetClock::new());
    crate::support::Pair::ready(&client().build().unwrap(), &showing(&identity).build().unwrap());
    let twin = good().self_signed(provider(), Kind::P256.spec()).unwrap();
    expect(
        client(),
        showing(&twin),
        "Us in VerifyingPeer, unknown_ca, RFC 5280 section 6.1: Certificate(SelfSigned)",
        "Peer in AwaitClientKeyExchange, no alert, RFC 5246 section 7.2.2: PeerAlert(unknown_ca)",
    );
}
