//! Handshakes that succeed: full, resumed, with early data, retried, in any pieces.

use crate::pair::{CLIENT_PARAMETERS, Pair, SERVER_PARAMETERS, authority, client, identity, roots, server};
use cairn_quic::{
    CryptoStream, Level, Time, Version,
    crypto::KeySpec,
    default_provider,
    handshake::{EarlyData, Resumption},
    x509::issue::Template,
};
use proptest::{prelude::*, sample::Index};

#[test]
fn each_side_gets_its_keys_in_order() {
    let pair = Pair::shake(&client().build().unwrap(), &server().build().unwrap());
    assert_eq!(
        pair.client.log,
        ["crypto", "handshake keys", "transport parameters", "crypto", "1-RTT secrets", "complete"]
    );
    assert_eq!(
        pair.server.log,
        ["transport parameters", "crypto", "handshake keys", "crypto", "1-RTT secrets", "crypto", "complete"]
    );
    assert_eq!(pair.client.parameters, [SERVER_PARAMETERS]);
    assert_eq!(pair.server.parameters, [CLIENT_PARAMETERS]);
    let summary = pair.client.connection.summary().unwrap();
    assert_eq!(summary.alpn.as_deref(), Some(&b"h3"[..]));
    assert_eq!(summary.resumption, Resumption::Full(None));
}

/// A server can send in 1-RTT packets after its Finished.
#[test]
fn server_has_1_rtt_secrets_before_the_handshake_is_complete() {
    let mut pair = Pair::new(&client().build().unwrap(), &server().build().unwrap());
    pair.start();
    pair.pass(&mut |_, _, _| {}).unwrap();
    assert!(pair.server.one_rtt.is_some() && !pair.server.connection.is_complete());
    assert_eq!(pair.server.connection.read_level(), Level::Handshake);
}

#[test]
fn version_2_has_keys_of_its_own() {
    let (client, server) = (client().build().unwrap(), server().build().unwrap());
    let mut pair = Pair::with(&client, &server, Version::V2, SERVER_PARAMETERS);
    pair.start();
    pair.run().unwrap();
    pair.check();
    // RFC 9369 section 5: the ticket belongs to its version.
    let mut other = Pair::new(&client, &server);
    other.start();
    other.run().unwrap();
    assert_eq!(other.client.connection.summary().unwrap().resumption, Resumption::Full(None));
    let mut same = Pair::with(&client, &server, Version::V2, SERVER_PARAMETERS);
    same.start();
    same.run().unwrap();
    assert_eq!(same.client.connection.summary().unwrap().resumption, Resumption::ByPsk);
}

#[test]
fn early_data_is_protected_under_the_remembered_settings() {
    let (client, server) = (client().build().unwrap(), server().build().unwrap());
    Pair::shake(&client, &server);
    let mut pair = Pair::new(&client, &server);
    pair.start();
    assert_eq!(pair.client.log, ["crypto", "0-RTT keys"]);
    pair.run().unwrap();
    pair.check();
    let (ours, remembered) = pair.client.early_data.as_ref().unwrap();
    let remembered = remembered.as_ref().unwrap();
    assert_eq!(&*remembered.transport_parameters, SERVER_PARAMETERS);
    assert_eq!(remembered.alpn.as_deref(), Some(&b"h3"[..]));
    let (theirs, of_server) = pair.server.early_data.as_ref().unwrap();
    assert!(of_server.is_none());
    let mut payload = *b"request----------------";
    ours.packet.seal(0, b"header", &mut payload).unwrap();
    let length = theirs.packet.open(0, b"header", &mut payload).unwrap();
    assert_eq!(&payload[..length], b"request");
    let summary = pair.client.connection.summary().unwrap();
    assert_eq!(summary.tls13().unwrap().early_data, EarlyData::Accepted);
    assert!(!pair.client.log.contains(&"0-RTT rejected"));
}

/// RFC 9000 section 7.4.1.
#[test]
fn early_data_is_rejected_under_other_limits() {
    let (client, server) = (client().build().unwrap(), server().build().unwrap());
    Pair::shake(&client, &server);
    let mut pair = Pair::with(&client, &server, Version::V1, &[4, 1, 8]);
    pair.start();
    pair.run().unwrap();
    pair.check();
    assert!(pair.server.early_data.is_none());
    assert_eq!(pair.client.log.iter().filter(|event| **event == "0-RTT rejected").count(), 1);
    assert!(pair.client.connection.summary().unwrap().is_resumed());
}

#[test]
fn early_data_is_rejected_by_a_retry() {
    let client = client().build().unwrap();
    Pair::shake(&client, &server().build().unwrap());
    let other = server().groups(&[cairn_wire::NamedGroup::SECP384R1]).build().unwrap();
    let mut pair = Pair::new(&client, &other);
    pair.start();
    pair.run().unwrap();
    pair.check();
    assert_eq!(pair.client.log.iter().filter(|event| **event == "0-RTT rejected").count(), 1);
    assert_eq!(pair.server.log.iter().filter(|event| **event == "transport parameters").count(), 1);
}

#[test]
fn client_authenticates_with_a_certificate() {
    let template = Template::client("client").valid(0, 4_000_000_000);
    let ours = template.issue(&default_provider(), KeySpec::EcP256, authority()).unwrap();
    let chain: Vec<&[u8]> = ours.chain().collect();
    let client = client().credential(&chain, ours.signing_key().clone()).unwrap().build().unwrap();
    let server = server().require_client_certificates(roots()).build().unwrap();
    let pair = Pair::shake(&client, &server);
    let summary = pair.server.connection.summary().unwrap();
    assert_eq!(summary.peer_certificate(), Some(ours.certificate()));
    assert_eq!(pair.client.connection.summary().unwrap().peer_certificate(), Some(identity().certificate()));
}

/// 1-RTT packets with all rules of RFC 9001 section 6.
#[test]
fn one_rtt_packets_pass_between_the_sides() {
    let pair = Pair::shake(&client().build().unwrap(), &server().build().unwrap());
    let keys = |end: &crate::pair::End| end.one_rtt.as_ref().unwrap().keys().unwrap();
    let (mut client, mut server) = (keys(&pair.client), keys(&pair.server));
    client.confirm_handshake();
    server.confirm_handshake();
    let mut pass = |number, now| {
        let time = Time { now, pto: 10 };
        let mut packet = [&[0x40, 0][..], b"frames", &[0; 16]].concat();
        client.seal(time, number, 1, &mut packet).unwrap();
        let opened = server.open(time, 1, &mut packet).unwrap();
        assert_eq!((opened.packet_number, &packet[opened.payload]), (number, &b"frames"[..]));
        opened.generation
    };
    assert_eq!((pass(0, 0), pass(1, 1)), (0, 0));
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(16))]

    /// CRYPTO frames of any length, in any order.
    #[test]
    fn handshake_succeeds_with_any_frames(cuts in proptest::collection::vec(any::<Index>(), 1..20)) {
        let mut pair = Pair::new(&client().build().unwrap(), &server().build().unwrap());
        pair.start();
        let mut streams: [[CryptoStream; 4]; 2] = Default::default();
        let mut offsets = [[0_u64; 4]; 2];
        loop {
            let from_client = !pair.client.out.is_empty();
            let (from, to) = if from_client {
                (&mut pair.client, &mut pair.server)
            } else {
                (&mut pair.server, &mut pair.client)
            };
            let Some((level, bytes)) = from.out.pop_front() else { break };
            let side = usize::from(from_client);
            let place = match level {
                Level::Initial => 0,
                Level::EarlyData => 1,
                Level::Handshake => 2,
                Level::OneRtt => 3,
            };
            let mut ends: Vec<usize> = cuts.iter().map(|cut| cut.index(bytes.len())).collect();
            ends.extend([0, bytes.len()]);
            ends.sort_unstable();
            // The last frame comes first.
            for frame in ends.windows(2).rev() {
                let offset = offsets[side][place] + u64::try_from(frame[0]).unwrap();
                let read = streams[side][place].receive(offset, &bytes[frame[0]..frame[1]], |bytes| {
                    to.read(level, bytes)
                });
                if let Some(outcome) = read.unwrap() {
                    outcome.unwrap();
                }
            }
            offsets[side][place] += u64::try_from(bytes.len()).unwrap();
        }
        pair.check();
    }
}
