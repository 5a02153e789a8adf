//! Alerts, and the end of a connection of TLS 1.3 (RFC 9846 section 6).

use super::support::{End, Kind, Pair, client, server};
use cairn_tls::{
    Direction, Epoch, ErrorKind, HandshakeErrorKind, SaidBy, Side, Trace, Traced, Versions,
    wire::{Alert, AlertDescription, AlertLevel},
};
use std::sync::{Arc, Mutex};

/// The alerts that an end sends and receives.
#[derive(Default)]
struct Alerts(Mutex<Vec<(Direction, Alert)>>);

impl Trace for Alerts {
    fn trace(&self, direction: Direction, _: Epoch, message: Traced<'_>) {
        if let Traced::Alert(alert) = message {
            self.0.lock().unwrap().push((direction, alert));
        }
    }
}

/// A connection after the handshake, and the alerts of both ends.
fn ready() -> (Pair, [Arc<Alerts>; 2]) {
    let client = client().versions(Versions::Tls13).build().unwrap();
    let mut pair = Pair::ready(&client, &server(Kind::P256).versions(Versions::Tls13).build().unwrap());
    let alerts = [&mut pair.client, &mut pair.server].map(|end| {
        let alerts = Arc::new(Alerts::default());
        let trace: Arc<dyn Trace> = alerts.clone();
        end.conn.set_trace(&trace);
        alerts
    });
    (pair, alerts)
}

fn ends(pair: &mut Pair, side: Side) -> (&mut End, &mut End) {
    match side {
        Side::Client => (&mut pair.client, &mut pair.server),
        Side::Server => (&mut pair.server, &mut pair.client),
    }
}

const CLOSE: AlertDescription = AlertDescription::CLOSE_NOTIFY;

/// RFC 9846 section 6.1: "Any data received after a closure alert has been received MUST be ignored. This
/// alert MUST be sent with AlertLevel=warning."
#[test]
fn close_notify_is_a_warning_and_what_follows_it_is_ignored() {
    for side in [Side::Client, Side::Server] {
        let (mut pair, alerts) = ready();
        let (from, to) = ends(&mut pair, side);
        from.write(b"last");
        from.close();
        let bytes = core::mem::take(&mut from.outbox);
        to.take(&bytes);
        to.take(b"no record at all");
        assert_eq!((to.error, to.closed, &to.data[..]), (None, true, &b"last"[..]));
        let sent = alerts[usize::from(side == Side::Server)].0.lock().unwrap();
        assert_eq!(sent[0], (Direction::Write, Alert { level: AlertLevel::WARNING, description: CLOSE }));
    }
}

/// "Upon transmission or receipt of a fatal alert message, both parties MUST immediately close the
/// connection", and "All the alerts listed in section 6.2 MUST be sent with AlertLevel=fatal". Both ends
/// forget their keys.
#[test]
fn fatal_alert_ends_the_connection_of_both_sides() {
    for side in [Side::Client, Side::Server] {
        let (mut pair, alerts) = ready();
        let (wrong, right) = ends(&mut pair, side);
        let keyless = |end: &End| format!("{:?}", end.conn).matches("keys: None").count();
        assert_eq!((keyless(wrong), keyless(right)), (0, 0));
        // A record that was not protected with the keys of the connection.
        wrong.take(&[&[23, 3, 3, 0, 32][..], &[7; 32]].concat());
        let error = wrong.error.unwrap();
        assert_eq!(error.alert, Some(AlertDescription::BAD_RECORD_MAC));
        let bytes = core::mem::take(&mut wrong.outbox);
        right.take(&bytes);
        let theirs = right.error.unwrap();
        let ErrorKind::Handshake(ended) = theirs.kind else { panic!("{theirs}") };
        assert_eq!(ended.kind, HandshakeErrorKind::PeerAlert(AlertDescription::BAD_RECORD_MAC));
        assert_eq!((theirs.said_by, theirs.alert), (SaidBy::Peer, None));
        for end in [&mut *wrong, &mut *right] {
            let error = end.conn.write(b"x", &mut end.outbox).unwrap_err();
            assert_eq!(error.kind, ErrorKind::WriteAfterClose);
            assert!(end.outbox.is_empty() && !end.conn.is_complete());
            assert!(end.conn.receive(&mut [23, 3, 3, 0, 1, 0], &mut Vec::new()).is_err());
            assert!(end.conn.reader().export_keying_material(b"EXPERIMENTAL", None, &mut [0; 32]).is_err());
            // Those of both directions, and those from which the next ones are derived.
            assert_eq!(keyless(end), 3, "{:?}", end.conn);
        }
        let fatal = Alert { level: AlertLevel::FATAL, description: AlertDescription::BAD_RECORD_MAC };
        let (ours, others) = if side == Side::Client { (0, 1) } else { (1, 0) };
        assert_eq!(*alerts[ours].0.lock().unwrap(), [(Direction::Write, fatal)]);
        assert_eq!(*alerts[others].0.lock().unwrap(), [(Direction::Read, fatal)]);
    }
}
