//! The dialect of QUIC (RFC 9001).

use super::pair::{NOW, Pair, Sent, resuming_policies};
use cairn_handshake::{
    ClientAuthentication, ClientPolicy, EarlyData, EarlyDataPolicy, Flight, HandshakeErrorKind as Kind,
    Input, KnownPsk, Machine, Misuse, NotResumed, QuicParameters, QuicSession, ServerPolicy, Session,
    Tls13Reference, Tls13Session,
};
use cairn_schedule::{Direction, Epoch};
use cairn_wire::{
    AlertDescription as A, ClientExtension, ClientHello, Decode, ExtensionType as X, HandshakeType as T,
    KeyUpdateRequest, NamedGroup, ProtocolVersion,
};
use core::num::NonZeroU32;
use std::sync::Arc;

const CONTEXT: &[u8] = b"the limits of the server";

fn parameters(bytes: &[u8], context: &[u8]) -> QuicParameters {
    QuicParameters {
        version: NonZeroU32::MIN,
        transport_parameters: bytes.into(),
        early_data_context: context.into(),
    }
}

/// Policies for both transports: of TLS 1.3 and 1.2, with records and the compatibility mode.
fn policies() -> (ClientPolicy, ServerPolicy) {
    let (mut client, mut server) = resuming_policies();
    client.tls13.early_data = true;
    client.tls13.post_handshake_auth = true;
    client.record_size_limit = Some(1000);
    client.alpn_protocols = vec![b"h3".to_vec()];
    server.tls13.early_data = Some(EarlyDataPolicy::new(1000));
    server.tls13.post_handshake_authentication = ClientAuthentication::Request { authorities: Vec::new() };
    server.record_size_limit = Some(1000);
    server.alpn_protocols = vec![b"h3".to_vec()];
    (client, server)
}

/// Makes both sides those of QUIC.
fn over_quic(mut pair: Pair) -> Pair {
    let [client, server] = [&mut pair.client, &mut pair.server].map(|end| &mut end.machine);
    for (machine, bytes) in [(client, b"client"), (server, b"server")] {
        let tls = core::mem::replace(machine, Machine::server(Arc::new(policies().1)));
        *machine = tls.for_quic(parameters(bytes, CONTEXT));
    }
    pair
}

fn pair() -> Pair {
    let (client, server) = policies();
    over_quic(Pair::new(client, server))
}

/// A pair after a handshake.
fn shaken() -> Pair {
    let mut pair = pair();
    pair.start();
    pair.run();
    pair.check();
    pair
}

/// A pair whose client has the newest ticket of `first`.
fn resuming(first: &Pair, mut pair: Pair) -> Pair {
    pair.client.offers = first.client.saved.last().cloned();
    let known = first.server.saved.iter().map(|session| {
        let Tls13Reference::Stored(id) = &session.tls13().unwrap().reference else { panic!("a ticket") };
        (id.as_bytes().to_vec(), KnownPsk::Session(Arc::clone(session)))
    });
    pair.server.known = known.collect();
    pair
}

fn epochs(keys: Vec<(Epoch, Vec<u8>)>) -> Vec<Epoch> {
    keys.into_iter().map(|(epoch, _)| epoch).collect()
}

const HANDSHAKE: Epoch = Epoch::Handshake;
const APPLICATION: Epoch = Epoch::Application(0);

#[test]
fn handshake_has_no_change_cipher_spec_and_exchanges_transport_parameters() {
    let pair = shaken();
    assert_eq!((pair.client.ccs, pair.server.ccs), (0, 0));
    assert_eq!(pair.client.transport_parameters, [b"server"[..].into()]);
    assert_eq!(pair.server.transport_parameters, [b"client"[..].into()]);
    assert_eq!(pair.client.sent, [(Epoch::Initial, T::CLIENT_HELLO), (HANDSHAKE, T::FINISHED)]);
    assert_eq!(
        (&pair.client.limits[..], &pair.server.limits[..]),
        (&[][..], &[][..]),
        "no limits of records"
    );
    let summary = pair.server.summary.unwrap();
    assert_eq!(summary.version(), ProtocolVersion::TLS_1_3);
    assert_eq!(summary.alpn.as_deref(), Some(&b"h3"[..]));
}

#[test]
fn client_hello_has_nothing_of_records_or_of_tls_1_2() {
    let mut pair = pair();
    pair.start();
    let Some(Sent::Message(Epoch::Initial, bytes)) = pair.client.queue.front() else { panic!("no hello") };
    let hello = ClientHello::decode_exact(&bytes[4..]).unwrap();
    assert!(hello.session_id.is_empty());
    assert!(hello.cipher_suites.iter().all(|suite| suite.0 >> 8 == 0x13 || suite.is_grease()));
    let extensions = hello.extensions.unwrap();
    let Some(ClientExtension::SupportedVersions(versions)) = extensions.get(X::SUPPORTED_VERSIONS) else {
        panic!("no versions")
    };
    let versions: Vec<_> = versions.iter().filter(|version| !version.is_grease()).collect();
    assert_eq!(versions, [ProtocolVersion::TLS_1_3]);
    for absent in [
        X::RECORD_SIZE_LIMIT,
        X::MAX_FRAGMENT_LENGTH,
        X::POST_HANDSHAKE_AUTH,
        X::EXTENDED_MASTER_SECRET,
        X::ENCRYPT_THEN_MAC,
        X::RENEGOTIATION_INFO,
        X::SESSION_TICKET,
        X::EC_POINT_FORMATS,
    ] {
        assert!(!extensions.contains(absent), "{absent}");
    }
    assert_eq!(
        extensions.get(X::QUIC_TRANSPORT_PARAMETERS),
        Some(ClientExtension::QuicTransportParameters(b"client"))
    );
}

#[test]
fn retried_handshake_reports_transport_parameters_once() {
    let (client, mut server) = policies();
    server.groups = vec![NamedGroup::SECP384R1];
    let mut pair = over_quic(Pair::new(client, server));
    pair.start();
    pair.run();
    pair.check();
    assert!(pair.client.summary.as_ref().unwrap().tls13().unwrap().retried);
    assert_eq!(pair.server.transport_parameters, [b"client"[..].into()]);
    assert_eq!((pair.client.ccs, pair.server.ccs), (0, 0));
}

/// The settings of QUIC in a session.
fn settings(session: &Tls13Session) -> Option<&[u8]> {
    session.quic.as_ref().map(|quic| &*quic.settings)
}

#[test]
fn accepted_early_data_ends_without_a_message() {
    let first = shaken();
    let session = first.client.saved.last().unwrap().tls13().unwrap();
    assert_eq!(session.max_early_data, u32::MAX, "RFC 9001 section 4.6.1");
    assert_eq!(settings(session), Some(&b"server"[..]), "the client remembers the parameters");
    let stored = first.server.saved.last().unwrap().tls13().unwrap();
    assert_eq!(settings(stored), Some(CONTEXT));

    let mut pair = resuming(&first, pair());
    pair.start();
    assert_eq!(epochs(pair.client.secrets(Direction::Write)), [Epoch::EarlyData]);
    pair.pass(&mut |_, _| {});
    assert_eq!(
        epochs(pair.server.secrets(Direction::Read)),
        [Epoch::EarlyData, HANDSHAKE, APPLICATION],
        "the server reads two kinds of packets, and has the keys of the third"
    );
    pair.pass(&mut |_, _| {});
    assert_eq!(
        epochs(pair.client.secrets(Direction::Write)),
        [Epoch::EarlyData, HANDSHAKE],
        "the client can acknowledge the server's packets while it sends early data"
    );
    pair.run();
    pair.check();
    for end in [&pair.client, &pair.server] {
        assert_eq!(end.summary.as_ref().unwrap().tls13().unwrap().early_data, EarlyData::Accepted);
    }
    assert_eq!(pair.client.sent, [(Epoch::Initial, T::CLIENT_HELLO), (HANDSHAKE, T::FINISHED)]);
    assert_eq!(epochs(pair.client.secrets(Direction::Write)), [Epoch::EarlyData, HANDSHAKE, APPLICATION]);
}

#[test]
fn early_data_is_accepted_only_under_the_settings_of_the_session() {
    let first = shaken();
    let mut pair = resuming(&first, pair());
    let (_, server) = policies();
    pair.server.machine = Machine::server(Arc::new(server)).for_quic(parameters(b"server", b"lower limits"));
    pair.start();
    pair.run();
    pair.check();
    let summary = pair.client.summary.as_ref().unwrap();
    assert!(summary.is_resumed());
    assert_eq!(summary.tls13().unwrap().early_data, EarlyData::Rejected);
    assert_eq!(epochs(pair.client.secrets(Direction::Write)), [Epoch::EarlyData, HANDSHAKE, APPLICATION]);
}

#[test]
fn early_data_is_rejected_by_a_retry() {
    let first = shaken();
    let (client, mut server) = policies();
    server.groups.retain(|group| !client.tls13.key_shares.contains(group));
    let mut pair = resuming(&first, over_quic(Pair::new(client, server)));
    pair.start();
    pair.run();
    pair.check();
    let tls13 = pair.client.summary.as_ref().unwrap().tls13().unwrap().clone();
    assert_eq!((tls13.retried, tls13.early_data), (true, EarlyData::Rejected));
}

/// RFC 9369 section 5.
#[test]
fn session_is_not_resumed_with_another_version_of_quic() {
    let first = shaken();
    let mut second = resuming(&first, pair());
    for end in [&mut second.client, &mut second.server] {
        let tls = core::mem::replace(&mut end.machine, Machine::server(Arc::new(policies().1)));
        let version = NonZeroU32::new(0x6b33_43cf).unwrap();
        end.machine = tls.for_quic(QuicParameters { version, ..parameters(b"", CONTEXT) });
    }
    second.start();
    assert_eq!(second.client.not_resumed, [NotResumed::OtherTransport]);
    second.run();
    second.check();
}

#[test]
fn session_is_not_resumed_over_another_transport() {
    let of_quic = shaken();
    let (client, server) = policies();
    let of_tcp = Pair::shake(client, server);
    let tcp = || {
        let (client, server) = policies();
        Pair::new(client, server)
    };
    for (first, mut second) in [(&of_quic, tcp()), (&of_tcp, pair())] {
        second = resuming(first, second);
        second.start();
        assert_eq!(second.client.not_resumed, [NotResumed::OtherTransport]);
        second.run();
        second.check();
        assert!(!second.client.summary.unwrap().is_resumed());
    }
    // A client that does not check it.
    for (first, mut second) in [(&of_quic, tcp()), (&of_tcp, pair())] {
        second = resuming(first, second);
        let mut session = Session::clone(second.client.offers.as_ref().unwrap());
        let cairn_handshake::SessionState::Tls13(tls13) = &mut session.state else { panic!("TLS 1.2") };
        tls13.quic = match tls13.quic {
            Some(_) => None,
            None => Some(QuicSession { version: NonZeroU32::MIN, settings: [].into() }),
        };
        second.client.offers = Some(Arc::new(session));
        second.start();
        second.run();
        second.check();
        assert_eq!(second.server.not_resumed, [NotResumed::OtherTransport]);
    }
}

/// The pair after `change` has seen each message.
fn changed(mut pair: Pair, mut change: impl FnMut(bool, &mut Vec<u8>)) -> Pair {
    pair.start();
    while pair.pass(&mut |from_client, sent| {
        if let Sent::Message(_, bytes) = sent {
            change(from_client, bytes);
        }
    }) {}
    pair
}

#[test]
fn transport_parameters_are_required_of_both_sides() {
    let missing = Kind::MissingExtension(X::QUIC_TRANSPORT_PARAMETERS);
    // A client of TLS over TCP, without its session ID.
    let (mut client, server) = policies();
    client.tls13.middlebox_compatibility = false;
    let mut with_tcp_client = over_quic(Pair::new(client, server));
    let (mut client, _) = policies();
    client.tls13.middlebox_compatibility = false;
    with_tcp_client.client.machine = Machine::client(Arc::new(client), None, None);
    with_tcp_client.start();
    with_tcp_client.run();
    assert_eq!(with_tcp_client.server.error, Some(missing));
    assert_eq!(missing.alert(), Some(A::MISSING_EXTENSION));

    let with_other_type = changed(pair(), |from_client, bytes| {
        if !from_client && bytes[0] == T::ENCRYPTED_EXTENSIONS.0 {
            *bytes = without_parameters(bytes);
        }
    });
    assert_eq!(with_other_type.client.error, Some(missing));
}

/// EncryptedExtensions without quic_transport_parameters.
fn without_parameters(message: &[u8]) -> Vec<u8> {
    let (mut rest, mut kept) = (&message[6..], Vec::new());
    while let [t1, t0, l1, l0, ..] = *rest {
        let length = 4 + usize::from(u16::from_be_bytes([l1, l0]));
        if u16::from_be_bytes([t1, t0]) != X::QUIC_TRANSPORT_PARAMETERS.0 {
            kept.extend_from_slice(&rest[..length]);
        }
        rest = &rest[length..];
    }
    let length = u16::try_from(kept.len()).unwrap();
    [&[T::ENCRYPTED_EXTENSIONS.0, 0][..], &(length + 2).to_be_bytes(), &length.to_be_bytes(), &kept].concat()
}

#[test]
fn transport_parameters_over_tcp_are_refused() {
    let mut pair = pair();
    let (_, server) = policies();
    pair.server.machine = Machine::server(Arc::new(server));
    pair.start();
    pair.run();
    assert_eq!(pair.server.error, Some(Kind::TransportParametersWithoutQuic));
    assert_eq!(pair.server.error.unwrap().alert(), Some(A::UNSUPPORTED_EXTENSION));
}

#[test]
fn application_protocol_is_required_of_both_sides() {
    for side in ["client", "server"] {
        let (mut client, mut server) = policies();
        let protocols =
            if side == "client" { &mut client.alpn_protocols } else { &mut server.alpn_protocols };
        protocols.clear();
        let mut pair = over_quic(Pair::new(client, server));
        pair.start();
        pair.run();
        assert_eq!(pair.server.error, Some(Kind::NoApplicationProtocol), "no protocols of the {side}");
        assert_eq!(pair.server.error.unwrap().alert(), Some(A::NO_APPLICATION_PROTOCOL));
    }
    // A server that does not answer, and one that selects a protocol that was not offered.
    for other in [None, Some([0, 16, 0, 5, 0, 3, 2, b'h', b'9'])] {
        let mut found = false;
        let pair = changed(pair(), |from_client, bytes| {
            let alpn = [0, 16, 0, 5, 0, 3, 2, b'h', b'3'];
            if !from_client
                && bytes[0] == T::ENCRYPTED_EXTENSIONS.0
                && let Some(place) = bytes.windows(alpn.len()).position(|window| window == alpn)
            {
                bytes.splice(place..place + alpn.len(), other.into_iter().flatten());
                if other.is_none() {
                    for length in [3, 5] {
                        bytes[length] -= 9;
                    }
                }
                found = true;
            }
        });
        assert!(found);
        assert_eq!(pair.client.error, Some(Kind::NoApplicationProtocol), "{other:?}");
    }
}

#[test]
fn compatibility_mode_is_refused() {
    let mut pair = pair();
    let (client, _) = policies();
    pair.client.machine = Machine::client(Arc::new(client), None, None);
    pair.start();
    pair.run();
    assert_eq!(pair.server.error, Some(Kind::SessionIdInQuic));
}

#[test]
fn tls_1_2_is_not_negotiated() {
    let (mut client, _) = policies();
    client.tls13.suites.clear();
    let mut with_old_client = pair();
    with_old_client.client.machine = Machine::client(Arc::new(client), None, None);
    let (_, mut server) = policies();
    server.tls13.suites.clear();
    let mut with_old_server = pair();
    with_old_server.server.machine = Machine::server(Arc::new(server));
    for (mut pair, by_client) in [(with_old_client, true), (with_old_server, false)] {
        pair.start();
        pair.run();
        let error = if by_client { pair.server.error } else { pair.server.error.or(pair.client.error) };
        assert_eq!(error.unwrap().alert(), Some(A::PROTOCOL_VERSION), "{error:?}");
    }
}

#[test]
fn keys_are_not_updated_by_messages() {
    let mut pair = shaken();
    for end in [&mut pair.client, &mut pair.server] {
        let update = Input::UpdateKeys { request_update: KeyUpdateRequest::UpdateNotRequested };
        assert_eq!(end.machine.step(update, &mut Flight::new()), Err(Misuse::NoKeyUpdate));
        let bytes = [T::KEY_UPDATE.0, 0, 0, 1, 0];
        let message = cairn_handshake::RawMessage { msg_type: T::KEY_UPDATE, bytes: &bytes };
        end.step(Input::Message { epoch: APPLICATION, message });
        assert_eq!(end.error, Some(Kind::UnexpectedMessage { got: "KeyUpdate" }));
    }
}

#[test]
fn end_of_early_data_is_unexpected() {
    let first = shaken();
    let mut pair = resuming(&first, pair());
    pair.start();
    pair.pass(&mut |_, _| {});
    let bytes = [T::END_OF_EARLY_DATA.0, 0, 0, 0];
    let message = cairn_handshake::RawMessage { msg_type: T::END_OF_EARLY_DATA, bytes: &bytes };
    pair.server.step(Input::Message { epoch: HANDSHAKE, message });
    assert_eq!(pair.server.error.unwrap().alert(), Some(A::UNEXPECTED_MESSAGE));
}

#[test]
fn no_certificate_is_requested_after_the_handshake() {
    let mut pair = shaken();
    let refused = pair.server.machine.step(Input::RequestCertificate, &mut Flight::new());
    assert_eq!(refused, Err(Misuse::NoPostHandshakeAuthentication));
    let bytes = [T::CERTIFICATE_REQUEST.0, 0, 0, 11, 0, 0, 8, 0, 13, 0, 4, 0, 2, 4, 3];
    let message = cairn_handshake::RawMessage { msg_type: T::CERTIFICATE_REQUEST, bytes: &bytes };
    pair.client.step(Input::Message { epoch: APPLICATION, message });
    assert_eq!(pair.client.error.unwrap().alert(), Some(A::UNEXPECTED_MESSAGE));
}

#[test]
fn ticket_for_a_limited_amount_of_early_data_is_refused() {
    for (size, refused) in [(u32::MAX, false), (u32::MAX - 1, true), (0, true)] {
        let pair = changed(pair(), |from_client, bytes| {
            if !from_client && bytes[0] == T::NEW_SESSION_TICKET.0 {
                let end = bytes.len() - 4;
                assert_eq!(bytes[end..], [0xff; 4]);
                bytes[end..].copy_from_slice(&size.to_be_bytes());
            }
        });
        assert_eq!(pair.client.error, refused.then_some(Kind::EarlyDataSizeInQuic(size)), "{size}");
    }
    let (client, mut server) = policies();
    server.tls13.early_data = None;
    let mut without = over_quic(Pair::new(client, server));
    without.start();
    without.run();
    without.check();
    assert_eq!(without.client.saved.last().unwrap().tls13().unwrap().max_early_data, 0);
    assert_eq!(without.client.now, NOW);
}
