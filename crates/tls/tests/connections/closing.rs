//! The end of a connection (RFC 5246 section 7.2.1).

use crate::support::{Kind, Pair, client, records, server};
use cairn_tls::{ErrorKind, Progress};

fn ready() -> Pair {
    Pair::ready(&client().build().unwrap(), &server(Kind::P256).build().unwrap())
}

#[test]
fn close_notify_is_answered_at_once_and_ends_both_directions() {
    let mut pair = ready();
    pair.client.write(b"last words");
    pair.client.close();
    pair.client.close();
    assert_eq!(records(&pair.client.outbox).len(), 2, "sent only once");
    pair.server.take(&core::mem::take(&mut pair.client.outbox));
    assert_eq!(pair.server.data, b"last words");
    assert!(pair.server.closed && pair.server.error.is_none());
    assert_eq!(records(&pair.server.outbox).len(), 1);

    let mut out = Vec::new();
    let error = pair.server.conn.write(b"too late", &mut out).unwrap_err();
    assert_eq!((error.kind, error.alert), (ErrorKind::WriteAfterClose, None));
    pair.server.conn.close(&mut out).unwrap();
    assert!(out.is_empty());

    pair.run();
    assert!(pair.client.closed);
    assert_eq!(pair.client.conn.transport_ended(), Ok(()));
    assert_eq!(pair.server.conn.transport_ended(), Ok(()));
}

#[test]
fn reading_continues_after_close_write() {
    let mut pair = ready();
    pair.client.close();
    pair.server.write(b"what was on its way");
    let sent = core::mem::take(&mut pair.server.outbox);
    pair.client.take(&sent);
    assert_eq!(pair.client.data, b"what was on its way");
    assert!(!pair.client.closed);
    pair.run();
    assert!(pair.client.closed && pair.server.closed);
}

#[test]
fn both_ends_can_close_at_the_same_time() {
    let mut pair = ready();
    pair.client.close();
    pair.server.close();
    pair.run();
    assert!(pair.client.closed && pair.server.closed);
    assert_eq!((pair.client.error, pair.server.error), (None, None));
}

#[test]
fn bytes_after_close_notify_are_ignored() {
    let mut pair = ready();
    pair.client.close();
    let mut sent = core::mem::take(&mut pair.client.outbox);
    sent.extend_from_slice(b"anything at all, GET / HTTP/1.0");
    pair.server.take(&sent);
    assert!(pair.server.closed && pair.server.error.is_none());
    let received = pair.server.conn.receive(&mut b"and more".to_vec(), &mut vec![]).unwrap();
    assert_eq!((received.consumed, received.progress), (8, Progress::Closed));
}

#[test]
fn transport_end_without_close_notify_is_a_truncation() {
    let mut pair = ready();
    pair.client.write(b"half of it");
    pair.client.write(b"the other half");
    let sent = core::mem::take(&mut pair.client.outbox);
    // The end of the first record, then the middle of the second.
    let first = records(&sent)[0].len();
    for cut in [first, first + 3, sent.len() - 1] {
        let mut pair = ready();
        pair.client.write(b"half of it");
        pair.client.write(b"the other half");
        pair.server.take(&pair.client.outbox[..cut]);
        assert_eq!(pair.server.data, b"half of it");
        let error = pair.server.conn.transport_ended().unwrap_err();
        assert!(error.is_truncation());
        assert_eq!(
            error.to_string(),
            "the peer ended the transport without close_notify: data may be missing at the end (in state \
             Established; RFC 5246 section 7.2.1)"
        );
        assert_eq!(pair.server.conn.receive(&mut [], &mut vec![]), Err(error));
        // The other direction is not the reader's: a peer may have shut down its own only.
        assert!(pair.server.conn.is_complete());
        assert!(pair.server.conn.write(b"did you mean that?", &mut vec![]).is_ok());
    }
}

#[test]
fn empty_application_data_is_accepted() {
    let mut pair = ready();
    pair.client.write(b"");
    assert!(pair.client.outbox.is_empty());
    let log = std::sync::Arc::new(crate::support::Secrets::default());
    let client = client().key_log(log.clone()).build().unwrap();
    let (mut pair, forger) =
        crate::support::Forger::watch(&client, &server(Kind::P256).build().unwrap(), &log);
    pair.server.take(&forger.record(cairn_tls::Side::Client, 1, 23, b""));
    pair.server.take(&forger.record(cairn_tls::Side::Client, 2, 23, b"x"));
    assert_eq!((pair.server.data.as_slice(), pair.server.error), (&b"x"[..], None));
}
