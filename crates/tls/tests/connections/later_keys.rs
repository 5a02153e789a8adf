//! The keys of an authentication of the client after the handshake of TLS 1.3: the base key of its Finished
//! is the traffic secret in use when it is sent (RFC 9846 section 4.5), which the writer alone knows.

use crate::{
    later::configs,
    support::{Kind, Pair, SetClock, client_identity, roots},
    tls13::Updates,
    writing::weak,
};
use cairn_tls::{ClientConfig, Direction, Epoch, Progress, Versions, wire::KeyUpdateRequest};

/// A client whose keys seal 20 records each, eight of them reserved.
fn weak_client() -> ClientConfig {
    let identity = client_identity(Kind::P384);
    let chain: Vec<&[u8]> = identity.chain().collect();
    let client = crate::support::tls12_client(weak(20).0).trust(roots()).clock(SetClock::new());
    let client = client.versions(Versions::Tls13).post_handshake_auth();
    client.credential(&chain, identity.signing_key().clone()).unwrap().build().unwrap()
}

#[test]
fn response_follows_the_key_updates_of_a_writing_half() {
    let mut pair = Pair::ready(&weak_client(), &configs().1);
    let updates = Updates::of(&mut pair.client.conn);
    let Pair { client, mut server } = pair;
    let (mut reader, mut writer) = client.conn.into_halves();
    for round in 1..=3 {
        let mut out = Vec::new();
        for _ in 0..30 {
            writer.write(b"x", &mut out).unwrap();
        }
        server.take(&out);
        let sent = updates.taken();
        assert!(sent.len() >= 2, "{sent:?}");
        server.conn.request_client_certificate(&mut server.outbox).unwrap();
        let mut request = core::mem::take(&mut server.outbox);
        let received = reader.receive(&mut request).unwrap();
        assert_eq!((received.progress, received.consumed), (Progress::ClientAuthentication, request.len()));
        let mut out = Vec::new();
        writer.obey(&mut reader.take_orders().unwrap(), &mut out).unwrap();
        assert!(updates.taken().is_empty());
        server.take(&out);
        assert_eq!((server.authentications, server.error), (round, None));
    }
    assert_eq!(server.data, [b'x'; 90]);
}

/// RFC 9846 section 4.7.2: the messages of a response "MUST appear consecutively on the wire with no
/// intervening messages of other type or from other responses."
#[test]
fn answer_to_a_key_update_comes_after_the_response() {
    let (client, server) = configs();
    let mut pair = Pair::ready(&client, &server);
    let updates = Updates::of(&mut pair.client.conn);
    let out = &mut pair.server.outbox;
    pair.server.conn.update_keys(KeyUpdateRequest::UpdateRequested, out).unwrap();
    pair.server.conn.request_client_certificate(out).unwrap();
    pair.run();
    assert_eq!((pair.server.authentications, pair.server.error), (1, None));
    assert_eq!(updates.taken(), [(Direction::Read, Epoch::Application(0))]);
    pair.client.write(b"x");
    pair.server.conn.request_client_certificate(&mut pair.server.outbox).unwrap();
    pair.run();
    assert_eq!((pair.server.authentications, pair.server.error), (2, None));
    assert_eq!(updates.taken(), [(Direction::Write, Epoch::Application(0))]);
    assert_eq!(pair.server.data, b"x");
}
