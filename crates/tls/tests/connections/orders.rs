//! The orders that a reader gives its writer.

use crate::support::{End, Kind, client, name, server};
use cairn_tls::{Connection, ErrorKind, Progress, Reader, Renegotiation, Writer};

/// A client in halves, and its server.
struct Halves {
    reader: Reader,
    writer: Writer,
    server: End,
}

impl Halves {
    /// The server's Finished is on the way.
    fn last_flight() -> Self {
        let client = client().renegotiation(Renegotiation::Allowed).build().unwrap();
        let server = server(Kind::P256).renegotiation(Renegotiation::Allowed).build().unwrap();
        let (reader, writer) = Reader::client(&client, name());
        let server = End::new(Connection::server(&server));
        let mut halves = Self { reader, writer, server };
        halves.reader.start().unwrap();
        halves.obey();
        halves.receive();
        halves.obey();
        assert!(halves.server.conn.is_complete() && !halves.reader.is_complete());
        halves
    }

    fn obey(&mut self) {
        let mut out = Vec::new();
        if let Some(mut orders) = self.reader.take_orders() {
            self.writer.obey(&mut orders, &mut out).unwrap();
            assert!(orders.is_empty());
        }
        self.server.take(&out);
    }

    /// Receives everything that the server has sent.
    fn receive(&mut self) {
        let mut input = core::mem::take(&mut self.server.outbox);
        while !input.is_empty() {
            let received = self.reader.receive(&mut input).unwrap();
            assert!(!matches!(received.progress, Progress::NeedMore { .. }));
            input.drain(..received.consumed);
        }
    }
}

#[test]
fn orders_of_another_connection_are_refused_and_nothing_changes() {
    let client = client().build().unwrap();
    let (mut reader, mut writer) = Reader::client(&client, name());
    let (mut other_reader, mut other) = Reader::client(&client, name());
    reader.start().unwrap();
    other_reader.start().unwrap();
    let mut orders = reader.take_orders().unwrap();
    assert!(reader.take_orders().is_none(), "they are taken once");
    let mut out = Vec::new();
    let error = other.obey(&mut orders, &mut out).unwrap_err();
    assert_eq!((error.kind, error.alert), (ErrorKind::ForeignOrders, None));
    assert!(out.is_empty() && !orders.is_empty());
    // The refused call has changed neither writer.
    let mut own = other_reader.take_orders().unwrap();
    for (writer, orders) in [(&mut writer, &mut orders), (&mut other, &mut own)] {
        let mut out = Vec::new();
        writer.obey(orders, &mut out).unwrap();
        assert!(out.starts_with(&[22, 3, 1]) && orders.is_empty());
    }
}

#[test]
fn whole_connection_executes_its_orders_itself() {
    let client = client().build().unwrap();
    let mut whole = Connection::client(&client, name());
    // Through its reader, a caller can cause orders, but cannot take them.
    whole.reader_mut().start().unwrap();
    assert!(whole.reader_mut().take_orders().is_none());
    // Its writer refuses the orders of others.
    let (mut reader, _) = Reader::client(&client, name());
    reader.start().unwrap();
    let mut foreign = reader.take_orders().unwrap();
    let mut out = Vec::new();
    let error = whole.writer_mut().obey(&mut foreign, &mut out).unwrap_err();
    assert_eq!(error.kind, ErrorKind::ForeignOrders);
    assert!(out.is_empty() && !foreign.is_empty());
    // The next call executes its own.
    whole.receive(&mut [], &mut out).unwrap();
    assert!(out.starts_with(&[22, 3, 1]));
}

#[test]
fn orders_of_a_connection_that_is_split_go_to_its_writer() {
    let mut whole = Connection::client(&client().build().unwrap(), name());
    whole.reader_mut().start().unwrap();
    let (mut reader, mut writer) = whole.into_halves();
    let mut orders = reader.take_orders().unwrap();
    let mut out = Vec::new();
    writer.obey(&mut orders, &mut out).unwrap();
    assert!(out.starts_with(&[22, 3, 1]) && orders.is_empty());
}

#[test]
fn orders_that_permit_data_do_not_open_the_writer_of_another_connection() {
    let mut halves = Halves::last_flight();
    halves.receive();
    let (_, mut other) = Reader::client(&client().build().unwrap(), name());
    let mut orders = halves.reader.take_orders().unwrap();
    let mut out = Vec::new();
    assert_eq!(other.obey(&mut orders, &mut out).unwrap_err().kind, ErrorKind::ForeignOrders);
    assert!(!other.is_open());
    assert_eq!(other.write(b"in the clear", &mut out).unwrap_err().kind, ErrorKind::WriteBeforeComplete);
    assert_eq!(out, b"");
    assert!(!halves.writer.is_open());
    halves.writer.obey(&mut orders, &mut out).unwrap();
    assert!(halves.writer.is_open());
}

#[test]
fn gate_is_in_order_with_messages() {
    let mut halves = Halves::last_flight();
    halves.receive();
    assert!(halves.reader.is_complete());
    // The end of one handshake and the start of the next are in the same orders.
    halves.reader.renegotiate().unwrap();
    halves.obey();
    assert!(!halves.writer.is_open());
    let error = halves.writer.write(b"after our hello", &mut Vec::new()).unwrap_err();
    assert_eq!(error.kind, ErrorKind::WriteBeforeComplete);
    while halves.reader.is_renegotiating() {
        halves.receive();
        halves.obey();
    }
    let mut out = Vec::new();
    halves.writer.write(b"after the renegotiation", &mut out).unwrap();
    halves.server.take(&out);
    assert_eq!(halves.server.data, b"after the renegotiation");
}
