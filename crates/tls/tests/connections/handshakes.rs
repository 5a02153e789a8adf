//! Every suite, group, kind of key and mode of client authentication, in full and resumed handshakes, with
//! and without fragmentation.

use crate::support::{
    KINDS, Kind, LATER, Pair, authority, client, client_identity, modern, name, provider, roots, server,
    server_identity,
};
use cairn_tls::{
    ClientConfig, Connection, ServerConfig, crypto::KeyKind, wire::NamedGroup, wire::SignatureScheme,
    x509::issue::Template,
};

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Auth {
    No,
    RequestedAndRefused,
    Requested,
    Required,
}

struct Case {
    suite: &'static cairn_tls::Tls12Suite,
    group: NamedGroup,
    kind: Kind,
    auth: Auth,
    client_kind: Kind,
}

impl Case {
    fn configs(&self) -> (ClientConfig, ServerConfig) {
        // The curve of a certificate must be among the groups as well (RFC 8422 section 5.1.1).
        let groups: Vec<NamedGroup> = core::iter::once(self.group).chain(CURVES).collect();
        let server = server(self.kind).suites(&[self.suite.id]).unwrap().groups(&[self.group]);
        let server = match self.auth {
            Auth::No => server,
            Auth::Required => server.require_client_certificates(roots()),
            _ => server.request_client_certificates(roots()),
        };
        let client = client().suites(&[self.suite.id]).unwrap().groups(&groups);
        let client = match self.auth {
            Auth::No | Auth::RequestedAndRefused => client,
            _ => {
                let identity = client_identity(self.client_kind);
                let chain: Vec<&[u8]> = identity.chain().collect();
                client.credential(&chain, identity.signing_key().clone()).unwrap()
            }
        };
        (client.build().unwrap(), server.build().unwrap())
    }

    fn run(&self, pieces: usize) {
        let (client, server) = self.configs();
        for resumed in [false, true] {
            let mut pair = Pair::new(&client, &server);
            pair.run_in_pieces(pieces);
            let place = format!(
                "{} {} {:?} {:?} {:?}, resumed {resumed}: {} / {}",
                self.suite.id,
                self.group,
                self.kind,
                self.auth,
                self.client_kind,
                pair.client.fault(),
                pair.server.fault()
            );
            assert!(pair.complete(), "{place}");
            self.check_summaries(&pair, resumed, &place);

            pair.client.write(b"from the client");
            pair.server.write(b"from the server");
            pair.run_in_pieces(pieces);
            assert_eq!(pair.server.data, b"from the client", "{place}");
            assert_eq!(pair.client.data, b"from the server", "{place}");

            pair.client.close();
            pair.run_in_pieces(pieces);
            assert!(pair.client.closed && pair.server.closed, "{place}");
        }
    }

    fn check_summaries(&self, pair: &Pair, resumed: bool, place: &str) {
        let (client, server) = (pair.client.summary(), pair.server.summary());
        let mut as_server_sees = client.clone();
        as_server_sees.side.clone_from(&server.side);
        as_server_sees.peer_chain.clone_from(&server.peer_chain);
        as_server_sees.evidence.peer_verified = server.evidence.peer_verified;
        as_server_sees.not_after = server.not_after;
        assert_eq!(as_server_sees, *server, "{place}");

        assert_eq!(client.is_resumed(), resumed, "{place}");
        assert_eq!(client.suite(), cairn_tls::Suite::Tls12(self.suite), "{place}");
        assert!(
            client.tls12().unwrap().extended_master_secret && client.tls12().unwrap().secure_renegotiation,
            "{place}"
        );
        assert!(!client.tls12().unwrap().session_id.is_empty(), "{place}");
        assert_eq!(client.group(), (!resumed).then_some(self.group), "{place}");
        assert_eq!(client.server_signature_scheme().is_some(), !resumed, "{place}");
        assert_eq!(client.server_name.as_deref(), Some(&b"server.test"[..]), "{place}");
        let proven = matches!(self.auth, Auth::Requested | Auth::Required);
        assert_eq!(client.client_signature_scheme().is_some(), proven && !resumed, "{place}");
        // A resumption keeps the authenticated identity.
        let chain = |summary: &cairn_tls::Summary| {
            summary.peer_chain.as_ref().and_then(|chain| chain.end_entity().map(<[u8]>::to_vec))
        };
        assert_eq!(chain(client).unwrap(), server_identity(self.kind).certificate(), "{place}");
        let expected = proven.then(|| client_identity(self.client_kind).certificate().to_vec());
        assert_eq!(chain(server), expected, "{place}");
    }
}

const GROUPS: [NamedGroup; 4] =
    [NamedGroup::X25519, NamedGroup::SECP256R1, NamedGroup::SECP384R1, NamedGroup::SECP521R1];
const CURVES: [NamedGroup; 3] = [NamedGroup::SECP256R1, NamedGroup::SECP384R1, NamedGroup::SECP521R1];

fn fits(suite: &cairn_tls::Tls12Suite, kind: Kind) -> bool {
    suite.id.to_string().contains("_RSA_") == (kind.key_kind() == KeyKind::Rsa)
}

#[test]
fn every_suite_group_and_kind_of_key_completes_and_is_resumed() {
    for suite in modern() {
        for kind in KINDS.into_iter().filter(|kind| fits(suite, *kind)) {
            for group in GROUPS {
                Case { suite, group, kind, auth: Auth::No, client_kind: kind }.run(usize::MAX);
            }
        }
    }
}

#[test]
fn every_client_authentication_mode_completes_or_is_refused() {
    for (i, suite) in modern().iter().enumerate() {
        for kind in KINDS.into_iter().filter(|kind| fits(suite, *kind)) {
            for auth in [Auth::RequestedAndRefused, Auth::Requested, Auth::Required] {
                let client_kinds = if auth == Auth::Required { &KINDS[..] } else { &KINDS[i % 5..][..1] };
                for client_kind in client_kinds {
                    let group = GROUPS[i % 4];
                    Case { suite, group, kind, auth, client_kind: *client_kind }.run(usize::MAX);
                }
            }
        }
    }
}

#[test]
fn handshake_completes_with_single_byte_reads() {
    for (i, suite) in modern().iter().enumerate() {
        for kind in KINDS.into_iter().filter(|kind| fits(suite, *kind)) {
            for auth in [Auth::No, Auth::Required] {
                let (group, client_kind) = (GROUPS[i % 4], KINDS[i % 5]);
                Case { suite, group, kind, auth, client_kind }.run(1);
            }
        }
    }
}

#[test]
fn handshake_completes_with_reads_of_any_size() {
    let suite = &modern()[0];
    let case = Case {
        suite,
        group: NamedGroup::X25519,
        kind: Kind::P256,
        auth: Auth::Required,
        client_kind: Kind::Ed25519,
    };
    for pieces in [2, 3, 4, 5, 6, 7, 11, 64, 100, 1000] {
        case.run(pieces);
    }
}

#[test]
fn every_signature_scheme_of_the_provider_completes() {
    for kind in KINDS {
        for scheme in server_identity(kind).signing_key().schemes() {
            let client = client().signature_schemes(&[*scheme]);
            let fitting: Vec<_> =
                modern().iter().filter(|suite| fits(suite, kind)).map(|suite| suite.id).collect();
            let client = client.suites(&fitting).unwrap().build().unwrap();
            let pair = Pair::ready(&client, &server(kind).build().unwrap());
            assert_eq!(pair.server.summary().server_signature_scheme(), Some(*scheme), "{kind:?}");
        }
    }
    assert!(provider().schemes().contains(&SignatureScheme::RSA_PKCS1_SHA256));
}

#[test]
fn handshake_completes_in_records_of_one_byte() {
    // Our own records may be small; those of the peer may be of any size.
    let limits = |max_plaintext| cairn_tls::RecordLimits { max_plaintext, ..Default::default() };
    for size in [1, 2, 3, 5, 64] {
        let client = client().build().unwrap();
        let server = server(Kind::P256).build().unwrap();
        let client = Connection::client_with_limits(&client, name(), limits(size));
        let mut pair = Pair::of(client, Connection::server(&server));
        pair.run();
        assert!(pair.client.conn.is_complete() && pair.server.conn.is_complete());
        pair.server.write(&[7; 20_000]);
        pair.client.write(&[8; 300]);
        pair.run();
        assert_eq!((pair.client.data.len(), pair.server.data.len()), (20_000, 300));
        pair.client.close();
        pair.run();
        assert!(pair.client.closed && pair.server.closed);
    }
}

#[test]
fn alpn_follows_the_servers_preference_and_is_optional() {
    let with = |protocols: &[&str]| client().alpn(protocols).build().unwrap();
    let server = |protocols: &[&str]| server(Kind::P256).alpn(protocols).build().unwrap();
    for (client, server, chosen) in [
        (with(&["a", "b"]), server(&["b", "a"]), Some(&b"b"[..])),
        (with(&[]), server(&["b"]), None),
        (with(&["a"]), server(&[]), None),
    ] {
        let pair = Pair::ready(&client, &server);
        assert_eq!(pair.client.summary().alpn.as_deref(), chosen);
        assert_eq!(pair.server.summary().alpn.as_deref(), chosen);
    }
}

#[test]
fn credential_is_chosen_by_server_name() {
    let other = Template::server("other")
        .dns("other.test")
        .valid(0, LATER)
        .issue(provider(), Kind::P256.spec(), authority())
        .unwrap();
    let add = |builder: cairn_tls::ServerConfigBuilder| {
        let chain: Vec<&[u8]> = other.chain().collect();
        builder.credential(&chain, other.signing_key().clone()).unwrap()
    };
    let server = add(server(Kind::P256)).build().unwrap();
    let client = client().build().unwrap();
    for (name, certificate) in [
        ("server.test", server_identity(Kind::P256).certificate()),
        ("other.test", other.certificate()),
        ("a.wild.test", server_identity(Kind::P256).certificate()),
    ] {
        let name = cairn_tls::ServerName::parse(name).unwrap();
        let mut pair = Pair::of(Connection::client(&client, name), Connection::server(&server));
        pair.run();
        assert!(pair.complete(), "{}", pair.client.fault());
        assert_eq!(pair.client.summary().peer_chain.as_ref().unwrap().end_entity(), Some(certificate));
    }
}

#[test]
fn server_without_a_certificate_for_the_name_sends_its_first() {
    let (client, server) = (client().build().unwrap(), server(Kind::P256).build().unwrap());
    let name = cairn_tls::ServerName::parse("nobody.test").unwrap();
    let mut pair = Pair::of(Connection::client(&client, name), Connection::server(&server));
    let mut types = Vec::new();
    pair.run_through(|side, _, record| {
        types.push((side, record[0]));
        record
    });
    // The server continues without an alert, not even a warning; the client sends the alert.
    let alerts: Vec<_> = types.into_iter().filter(|(_, content_type)| *content_type == 21).collect();
    assert_eq!(alerts, [(cairn_tls::Side::Client, 21)]);
    assert!(pair.client.fault().contains("bad_certificate"), "{}", pair.client.fault());
}

#[test]
fn address_is_not_sent_in_server_name() {
    let address = "192.0.2.7";
    let identity = Template::server("by address")
        .ip(address.parse().unwrap())
        .valid(0, LATER)
        .issue(provider(), Kind::P256.spec(), authority())
        .unwrap();
    let chain: Vec<&[u8]> = identity.chain().collect();
    let server = ServerConfig::builder().credential(&chain, identity.signing_key().clone()).unwrap();
    let server = server.clock(crate::support::SetClock::new()).build().unwrap();
    let client = client().build().unwrap();
    for resumed in [false, true] {
        let mut pair = Pair::of(
            Connection::client(&client, cairn_tls::ServerName::parse(address).unwrap()),
            Connection::server(&server),
        );
        pair.run();
        assert!(pair.complete(), "{}", pair.client.fault());
        assert_eq!(pair.server.summary().server_name, None);
        assert_eq!(pair.server.summary().is_resumed(), resumed);
    }
}

#[test]
fn chain_longer_than_a_record_is_fragmented() {
    // Certificates with many names.
    let long = |template: Template| {
        let name =
            |n: usize| [&format!("n{n}"), "a".repeat(60).as_str(), "b".repeat(60).as_str(), "test"].join(".");
        let template = (0..300).map(name).fold(template, |template, name| template.dns(&name));
        template.valid(0, LATER).issue(provider(), Kind::P256.spec(), authority()).unwrap()
    };
    let (ours, theirs) =
        (long(Template::client("client")), long(Template::server("server").dns("server.test")));
    let client = client().credential(&ours.chain().collect::<Vec<_>>(), ours.signing_key().clone()).unwrap();
    let server = crate::support::tls12_server(provider().clone())
        .credential(&theirs.chain().collect::<Vec<_>>(), theirs.signing_key().clone())
        .unwrap()
        .clock(crate::support::SetClock::new())
        .require_client_certificates(roots());
    let mut pair = Pair::new(&client.build().unwrap(), &server.build().unwrap());
    let mut full = [0, 0];
    pair.run_through(|side, _, record| {
        let length = record.len() - 5;
        assert!(length <= 16_384);
        full[usize::from(side == cairn_tls::Side::Server)] += usize::from(length == 16_384);
        record
    });
    assert!(pair.complete(), "{} / {}", pair.client.fault(), pair.server.fault());
    assert_eq!(full, [2, 2], "full records of each side");
}
