//! Two pairs of a reader and a writer. Orders are lost, held back and passed to the wrong writer.

use super::told::{MAX_STEPS, Told, byte_at};
use crate::script::Script;
use crate::world::Scenario;
use cairn_tls::{ErrorKind, Orders, Progress, Reader, Side, Writer};
use std::collections::VecDeque;

/// The steps, one byte each. The lowest bit selects the side.
pub(super) const DEEDS: core::ops::RangeInclusive<u8> = 0..=31;
/// Both sides receive, obey, write and receive, repeatedly.
pub(super) const GOOD: &[u8] = &[0, 2, 1, 3, 0, 2, 1, 3, 4, 5];

/// One side.
#[derive(Debug)]
struct End {
    reader: Reader,
    writer: Writer,
    /// Orders that have not been executed.
    orders: VecDeque<Orders>,
    inbox: Vec<u8>,
    told: Told,
    read: usize,
}

/// The connection: see the module documentation.
#[derive(Debug)]
pub(super) struct Pair<'s> {
    script: Script<'s>,
    ends: [End; 2],
    /// Whether records may contain plaintext: the suite has no encryption.
    in_the_clear: bool,
}

impl<'s> Pair<'s> {
    pub(super) fn new(scenario: &Scenario, script: Script<'s>) -> Self {
        let ends = [Side::Client, Side::Server].map(|side| {
            let (mut reader, writer) = scenario.connection(side).into_halves();
            reader.start().expect("a reader begins");
            let orders = reader.take_orders().into_iter().collect();
            End { reader, writer, orders, inbox: Vec::new(), told: Told::default(), read: 0 }
        });
        Self { script, ends, in_the_clear: scenario.name.contains("NULL") }
    }

    /// Executes the script.
    pub(super) fn run(&mut self) {
        for _ in 0..MAX_STEPS {
            let Some(deed) = self.script.step() else { return };
            self.step(usize::from(deed & 1), deed >> 1 & 15);
            for (from, to) in [(0, 1), (1, 0)] {
                let (from, to) = (&self.ends[from], &self.ends[to]);
                assert!(to.read <= from.told.written, "{} read, {} written", to.read, from.told.written);
            }
        }
    }

    /// Whether data has been exchanged in both directions.
    pub(super) fn has_exchanged(&self) -> bool {
        self.ends.iter().all(|end| end.read > 0)
    }

    fn step(&mut self, which: usize, deed: u8) {
        let mut out = Vec::new();
        let end = &mut self.ends[which];
        match deed {
            0 => end.receive_all(),
            // All orders in their order, which is correct use.
            1 => {
                while let Some(orders) = end.orders.pop_front() {
                    end.obey(orders, &mut out);
                }
            }
            2 => end.write(64, &mut out),
            3 => end.receive_one(),
            4 => {
                if let Some(orders) = end.orders.pop_front() {
                    end.obey(orders, &mut out);
                }
            }
            // The last one first.
            5 => {
                if let Some(orders) = end.orders.pop_back() {
                    end.obey(orders, &mut out);
                }
            }
            // Lost.
            6 => drop(end.orders.pop_front()),
            // To the other writer, which refuses them and leaves them unchanged.
            7 | 14 => {
                if let Some(mut orders) = end.orders.pop_front() {
                    let refused = self.ends[1 - which].writer.obey(&mut orders, &mut out);
                    assert!(refused.is_err_and(|error| error.kind == ErrorKind::ForeignOrders));
                    assert!(out.is_empty() && !orders.is_empty());
                    self.ends[which].orders.push_front(orders);
                }
            }
            8 => end.write(usize::from(self.script.byte()) << 7, &mut out),
            9 => {
                let _failed = end.writer.close(&mut out);
            }
            10 => {
                let refused = end.reader.renegotiate().is_err();
                let orders = end.reader.take_orders();
                assert!(!refused || orders.is_none(), "misuse changes nothing");
                end.orders.extend(orders);
            }
            11 => {
                let _truncated = end.reader.transport_ended();
            }
            12 => {
                // Started twice.
                let _refused = end.reader.start();
                end.orders.extend(end.reader.take_orders());
            }
            13 => end.seal(usize::from(self.script.byte()), &mut out),
            // Orders that are executed twice: the second time they are empty.
            _ => {
                if let Some(mut orders) = end.orders.pop_front() {
                    let _first = end.writer.obey(&mut orders, &mut out);
                    let before = out.len();
                    let _second = end.writer.obey(&mut orders, &mut out);
                    assert_eq!(out.len(), before, "obeyed twice");
                }
            }
        }
        self.send(which, &out);
    }

    /// Sends the writer's output, which must not contain application data in plaintext.
    fn send(&mut self, from: usize, out: &[u8]) {
        if !self.in_the_clear {
            let shown = (0..self.ends[from].told.written).step_by(64).take(8).find(|place| {
                let plain: Vec<u8> = (*place..*place + 16).map(byte_at).collect();
                out.windows(16).any(|window| window == plain)
            });
            assert_eq!(shown, None, "application data in the clear");
        }
        self.ends[1 - from].inbox.extend_from_slice(out);
    }
}

impl End {
    fn receive_all(&mut self) {
        for _ in 0..MAX_STEPS {
            let before = self.inbox.len();
            self.receive_one();
            if self.inbox.len() == before {
                return;
            }
        }
    }

    fn receive_one(&mut self) {
        let was_failed = self.reader.error().is_some();
        let received = self.reader.receive(&mut self.inbox);
        let orders = self.reader.take_orders();
        assert!(!was_failed || (received.is_err() && orders.is_none()), "an error is final");
        self.orders.extend(orders);
        let Ok(received) = received else {
            self.inbox.clear();
            return;
        };
        match received.progress {
            Progress::Data(range) => {
                assert!(self.reader.is_complete());
                for (place, byte) in (self.read..).zip(&self.inbox[range.clone()]) {
                    assert_eq!(*byte, byte_at(place), "byte {place} is another");
                }
                self.read += range.len();
            }
            Progress::Closed => self.inbox.clear(),
            Progress::EarlyData(_) => unreachable!("no early data is accepted"),
            Progress::NeedMore { .. } | Progress::Handled => {}
            Progress::Question(_) => unreachable!("all is configured"),
            Progress::ClientAuthentication => unreachable!("no certificate is requested"),
        }
        self.inbox.drain(..received.consumed.min(self.inbox.len()));
    }

    fn obey(&mut self, mut orders: Orders, out: &mut Vec<u8>) {
        let _failed = self.writer.obey(&mut orders, out);
    }

    fn write(&mut self, length: usize, out: &mut Vec<u8>) {
        let data = self.told.next(length);
        let before = out.len();
        match self.writer.write(&data, out) {
            Ok(()) => self.told.written += length,
            // Records that were sealed before the error are sent.
            Err(_) if out.len() > before => self.told.written += length,
            Err(_) => {}
        }
    }

    /// Seals a record in the caller's buffer, which may have the wrong size.
    fn seal(&mut self, length: usize, out: &mut Vec<u8>) {
        let data = self.told.next(length);
        let mut record = vec![0; self.writer.payload_offset()];
        record.extend_from_slice(&data);
        record.resize(record.len() + self.writer.suffix_len(), 0);
        if let Ok(sealed) = self.writer.seal_in_place(&mut record) {
            out.extend_from_slice(&record[..sealed]);
            self.told.written += length;
        }
    }
}
